//! What a solve asks of BuildKit's Dockerfile frontend, for one target.

use bollard_buildkit_proto::moby::buildkit::v1::{Exporter, SolveRequest};
use std::collections::HashMap;
use tonic::Status;

use super::BuildOptions;
use super::identity::unique_id;
use super::session::file_sync::dockerfile_name;
use crate::model::plan::Target;

/// The exporter that puts an image into the Engine's own store.
const EXPORTER: &str = "moby";

/// The request that builds a target.
pub(super) fn solve_request(
    target: &Target,
    options: &BuildOptions,
) -> Result<SolveRequest, Status> {
    let mut attrs = HashMap::new();
    if !target.tags.is_empty() {
        attrs.insert("name".to_owned(), target.tags.join(","));
    }
    Ok(SolveRequest {
        r#ref: unique_id(),
        session: unique_id(),
        frontend: "dockerfile.v0".to_owned(),
        frontend_attrs: frontend_attrs(target, options)?,
        // Engines before 28 read the deprecated pair, later ones the list.
        // Source: research/build.md section 3.3.
        exporter_deprecated: EXPORTER.to_owned(),
        exporter_attrs_deprecated: attrs.clone(),
        exporters: vec![Exporter {
            r#type: EXPORTER.to_owned(),
            attrs,
        }],
        ..SolveRequest::default()
    })
}

fn frontend_attrs(
    target: &Target,
    options: &BuildOptions,
) -> Result<HashMap<String, String>, Status> {
    let name = dockerfile_name(&target.dockerfile_path)?;
    let mut attrs = HashMap::from([("filename".to_owned(), name.to_owned())]);
    if let Some(stage) = &target.stage {
        attrs.insert("target".to_owned(), stage_name(target, stage).to_owned());
    }
    if let Some(platform) = &target.platform {
        attrs.insert("platform".to_owned(), platform.clone());
    }
    if options.no_cache {
        // A list of stages; an empty one means all.
        attrs.insert("no-cache".to_owned(), String::new());
    }
    for (name, value) in &target.build_args {
        attrs.insert(format!("build-arg:{name}"), value.clone());
    }
    for (name, value) in &target.labels {
        attrs.insert(format!("label:{name}"), value.clone());
    }
    Ok(attrs)
}

/// The name of the stage asked for: older frontends take no number. Source: research/build.md
/// section 3.5.
fn stage_name<'a>(target: &'a Target, stage: &'a str) -> &'a str {
    let stages = &target.dockerfile.stages;
    let index = target.dockerfile.stage_index(stage, stages.len());
    let name = index.and_then(|index| stages[index].name.as_deref());
    name.unwrap_or(stage)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_asked_for_by_number_is_given_by_name() {
        let target = Target::sample("app", "FROM scratch AS build\nFROM scratch\n");
        assert_eq!(stage_name(&target, "0"), "build");
        assert_eq!(stage_name(&target, "BUILD"), "build");
        assert_eq!(stage_name(&target, "1"), "1");
    }
}
