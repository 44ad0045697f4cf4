//! An image's configuration, from what the Engine says of it.

use bollard::models::{ImageConfig, ImageInspect};

use crate::model::image::BuiltImage;

/// The image that the Engine describes.
pub(crate) fn built_image(inspected: ImageInspect) -> BuiltImage {
    let config = inspected.config.unwrap_or_default();
    let mut tags = inspected.repo_tags.unwrap_or_default();
    tags.sort();
    let mut ports = config.exposed_ports.clone().unwrap_or_default();
    ports.sort();
    BuiltImage {
        id: inspected.id.unwrap_or_default(),
        tags,
        size_bytes: inspected.size.unwrap_or_default().try_into().unwrap_or(0),
        os: inspected.os.unwrap_or_default(),
        architecture: inspected.architecture.unwrap_or_default(),
        has_health_check: has_health_check(&config),
        command: config
            .entrypoint
            .into_iter()
            .chain(config.cmd)
            .flatten()
            .collect(),
        user: config.user.unwrap_or_default(),
        env: config.env.unwrap_or_default(),
        working_dir: config.working_dir.unwrap_or_default(),
        labels: config.labels.unwrap_or_default().into_iter().collect(),
        ports,
    }
}

/// `HEALTHCHECK NONE` declares that there is none.
fn has_health_check(config: &ImageConfig) -> bool {
    let test = config
        .healthcheck
        .as_ref()
        .and_then(|check| check.test.as_ref());
    test.and_then(|words| words.first())
        .is_some_and(|word| word != "NONE")
}

#[cfg(test)]
mod tests {
    use super::*;
    use bollard::models::HealthConfig;

    #[test]
    fn the_command_follows_the_entrypoint() {
        let config = ImageConfig {
            entrypoint: Some(vec!["/a".to_owned()]),
            cmd: Some(vec!["b".to_owned()]),
            ..ImageConfig::default()
        };
        let image = built_image(ImageInspect {
            config: Some(config),
            ..ImageInspect::default()
        });
        assert_eq!(image.command, ["/a", "b"]);
    }

    #[test]
    fn a_health_check_of_none_is_none() {
        let with = |test: &[&str]| {
            has_health_check(&ImageConfig {
                healthcheck: Some(HealthConfig {
                    test: Some(test.iter().map(|&word| word.to_owned()).collect()),
                    ..HealthConfig::default()
                }),
                ..ImageConfig::default()
            })
        };
        assert!(with(&["CMD", "/check"]));
        assert!(!with(&["NONE"]));
        assert!(!has_health_check(&ImageConfig::default()));
    }
}
