//! Which images a target's stages start from, in the builder's own words: `FROM NAME[@DIGEST]`.

use std::collections::BTreeMap;

use crate::model::outcome::BaseImage;
use crate::model::step::{Step, StepKind};

/// Puts into each `FROM` the digest that the builder names, else the image's id in the Engine.
pub(crate) fn add_base_digests(steps: &mut [Step], bases: &BTreeMap<String, BaseImage>) {
    for step in steps.iter_mut().filter(|step| step.kind == StepKind::Base) {
        step.base_digest = match step.name.split_once('@') {
            Some((_, digest)) => Some(digest.to_owned()),
            None => base_image(&step.name, bases).map(|image| image.id.clone()),
        };
    }
}

/// The image that a `FROM`, or a name in a Dockerfile, means. `None` when the Engine has none.
pub(super) fn base_image<'a>(
    from: &str,
    bases: &'a BTreeMap<String, BaseImage>,
) -> Option<&'a BaseImage> {
    let name = short_name(from.strip_prefix("FROM ").unwrap_or(from));
    let mut known = bases.iter();
    known
        .find(|(known, _)| short_name(known) == name)
        .map(|(_, image)| image)
}

/// A name without what the builder adds to it.
///
/// Source: <https://pkg.go.dev/github.com/distribution/reference#FamiliarString>
fn short_name(name: &str) -> &str {
    let name = name.strip_prefix("docker.io/").unwrap_or(name);
    let name = name.strip_prefix("library/").unwrap_or(name);
    name.strip_suffix(":latest").unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(name: &str) -> Step {
        Step {
            kind: StepKind::Base,
            ..Step::sample("app/build/1", name, (0, 1))
        }
    }

    #[test]
    fn a_base_has_the_builders_digest_else_the_engines_id() {
        let image = BaseImage {
            id: "sha256:1d".to_owned(),
            ..BaseImage::default()
        };
        let bases = BTreeMap::from([("docker.io/library/tools:latest".to_owned(), image)]);
        let mut steps = [
            from("FROM docker.io/library/debian:12@sha256:d1"),
            from("FROM docker.io/library/tools:latest"),
            from("FROM docker.io/library/other:latest"),
        ];
        add_base_digests(&mut steps, &bases);
        let digests = steps.map(|step| step.base_digest);
        let expected = [Some("sha256:d1"), Some("sha256:1d"), None];
        assert_eq!(digests.each_ref().map(Option::as_deref), expected);
        assert_eq!(base_image("tools", &bases).unwrap().id, "sha256:1d");
    }
}
