//! What a solve asks of BuildKit's Dockerfile frontend, for one target.

use bollard_buildkit_proto::moby::buildkit::v1::{
    CacheOptions, CacheOptionsEntry, Exporter, SolveRequest,
};
use bollard_buildkit_proto::pb::Definition;
use std::collections::HashMap;
use tonic::Status;

use super::clock::Clock;
use super::identity::unique_id;
use super::outputs::Output;
use super::session::Services;
use super::session::file_sync::dockerfile_name;
use super::shared::dockerfile;
use crate::model::plan::{Attributes, Target};

/// The folder in which a target's session has the Dockerfile.
const DOCKERFILE_DIR: &str = "dockerfile";

/// The build argument that asks for a cache within the image. Source: moby's builder-next, which
/// turns it into a cache export.
const INLINE_CACHE_ARG: &str = "BUILDKIT_INLINE_CACHE";

/// What a build is given beside its target.
#[derive(Clone)]
pub(super) struct Given {
    /// What its session offers.
    pub(super) services: Services,
    /// The build context, when it is one that several targets share. `None` lets the frontend ask
    /// for what it needs.
    pub(super) context: Option<Definition>,
    /// The name under which the Engine keeps what the session offers. Of what it knows already, only
    /// what changed is transferred.
    pub(super) shared_key: String,
    /// A repository or archive in place of the build context. `None` when that is a folder.
    pub(super) remote: Option<String>,
    /// Whether every step runs again, whatever the cache holds.
    pub(super) no_cache: bool,
    /// What becomes of the result.
    pub(super) outputs: Vec<Output>,
    /// The names that the image gets.
    pub(super) names: Vec<String>,
    /// Whether the frontend looks images up in their registries. That holds for all of them, so not
    /// when one was made by another target.
    pub(super) pull: bool,
    /// The build's clock.
    pub(super) clock: Clock,
}

/// The request that builds a target and makes one output of it.
pub(super) fn solve_request(
    target: &Target,
    given: &Given,
    output: &Output,
) -> Result<SolveRequest, Status> {
    let (exporter, attrs) = output.exporter(&given.names);
    let exporters = match exporter {
        "" => Vec::new(),
        exporter => vec![Exporter {
            r#type: exporter.to_owned(),
            attrs: attrs.clone(),
        }],
    };
    let session = unique_id();
    let name = dockerfile_name(&target.dockerfile_path)?;
    let inputs = given.context.iter().flat_map(|context| {
        let dockerfile = dockerfile(target, &session, name);
        [("context", context.clone()), (DOCKERFILE_DIR, dockerfile)]
    });
    let inputs = inputs.map(|(name, definition)| (name.to_owned(), definition));
    Ok(SolveRequest {
        r#ref: unique_id(),
        frontend_inputs: inputs.collect(),
        session,
        frontend: "dockerfile.v0".to_owned(),
        frontend_attrs: frontend_attrs(target, given)?,
        cache: Some(CacheOptions {
            exports: cache_exports(target),
            ..CacheOptions::default()
        }),
        entitlements: entitlements(target),
        // Engines before 28 read the deprecated pair, later ones the list.
        // Source: research/build.md section 3.3.
        exporter_deprecated: exporter.to_owned(),
        exporter_attrs_deprecated: attrs,
        exporters,
        ..SolveRequest::default()
    })
}

fn frontend_attrs(target: &Target, given: &Given) -> Result<HashMap<String, String>, Status> {
    let name = dockerfile_name(&target.dockerfile_path)?;
    let mut attrs = HashMap::from([("filename".to_owned(), name.to_owned())]);
    let mut set = |name: &str, value: String| drop(attrs.insert(name.to_owned(), value));
    if let Some(url) = &given.remote {
        set("context", url.clone());
        set("dockerfilekey", DOCKERFILE_DIR.to_owned());
    }
    if let Some(stage) = &target.stage {
        set("target", stage_name(target, stage).to_owned());
    }
    if let Some(platform) = &target.platform {
        set("platform", platform.clone());
    }
    if given.no_cache {
        // A list of stages; an empty one means all.
        set("no-cache", String::new());
    } else if !target.no_cache_stages.is_empty() {
        set("no-cache", target.no_cache_stages.join(","));
    }
    if given.pull {
        set("image-resolve-mode", "pull".to_owned());
    }
    match target.network.as_deref() {
        None | Some("default") => {}
        Some(mode) => set("force-network-mode", mode.to_owned()),
    }
    if let Some(size_bytes) = target.shm_size_bytes {
        set("shm-size", size_bytes.to_string());
    }
    if !target.ulimits.is_empty() {
        set("ulimit", target.ulimits.join(","));
    }
    if !target.extra_hosts.is_empty() {
        set("add-hosts", target.extra_hosts.join(","));
    }
    cache_imports(target, &mut set);
    for (name, value) in &target.build_args {
        set(&format!("build-arg:{name}"), value.clone());
    }
    for (name, value) in &target.labels {
        set(&format!("label:{name}"), value.clone());
    }
    Ok(attrs)
}

/// Sets where caches are read from. Images alone are what all frontends read, also by the name that
/// was there before other kinds were.
///
/// Source: `keyCacheFrom` and `keyCacheImports` in frontend/dockerfile/builder/build.go of
/// github.com/moby/buildkit v0.8.
fn cache_imports(target: &Target, set: &mut impl FnMut(&str, String)) {
    let is_image =
        |cache: &&Attributes| cache.kind == "registry" && cache.values.keys().eq(["ref"]);
    let (images, others): (Vec<_>, Vec<_>) = target.cache_from.iter().partition(is_image);
    if !images.is_empty() {
        let names: Vec<&str> = images
            .iter()
            .map(|cache| cache.values["ref"].as_str())
            .collect();
        set("cache-from", names.join(","));
    }
    if !others.is_empty() {
        let entries = others
            .iter()
            .map(|cache| serde_json::json!({"Type": cache.kind, "Attrs": cache.values}));
        let entries: serde_json::Value = entries.collect();
        set("cache-imports", entries.to_string());
    }
}

fn cache_exports(target: &Target) -> Vec<CacheOptionsEntry> {
    let entry = |cache: &Attributes| CacheOptionsEntry {
        r#type: cache.kind.clone(),
        attrs: cache.values.clone().into_iter().collect(),
    };
    let mut exports: Vec<_> = target.cache_to.iter().map(entry).collect();
    let asked = target.build_args.get(INLINE_CACHE_ARG).map(String::as_str);
    let is_there = exports.iter().any(|export| export.r#type == "inline");
    if matches!(asked, Some("1" | "t" | "T" | "true" | "TRUE" | "True")) && !is_there {
        exports.push(CacheOptionsEntry {
            r#type: "inline".to_owned(),
            ..CacheOptionsEntry::default()
        });
    }
    exports
}

/// What the target may do: what it says, and what its network implies.
fn entitlements(target: &Target) -> Vec<String> {
    let mut entitlements = target.entitlements.clone();
    let host = "network.host";
    if target.network.as_deref() == Some("host") && !entitlements.iter().any(|all| all == host) {
        entitlements.push(host.to_owned());
    }
    entitlements
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

    fn attrs(target: &Target) -> HashMap<String, String> {
        let mut attrs = HashMap::new();
        cache_imports(target, &mut |name: &str, value| {
            attrs.insert(name.to_owned(), value);
        });
        attrs
    }

    fn cache(kind: &str, values: &[(&str, &str)]) -> Attributes {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Attributes {
            kind: kind.to_owned(),
            values: values.iter().map(owned).collect(),
        }
    }

    #[test]
    fn caches_are_read_from_images_by_their_old_name_and_from_others_by_json() {
        let target = Target {
            cache_from: vec![
                cache("registry", &[("ref", "r.example/a")]),
                cache("local", &[("src", "b")]),
                cache("registry", &[("ref", "r.example/c")]),
            ],
            ..Target::default()
        };
        let attrs = attrs(&target);
        assert_eq!(attrs["cache-from"], "r.example/a,r.example/c");
        let others = r#"[{"Attrs":{"src":"b"},"Type":"local"}]"#;
        assert_eq!(attrs["cache-imports"], others);
    }

    #[test]
    fn a_cache_in_the_image_can_be_asked_for_by_argument() {
        let mut target = Target::default().with_args(&[("BUILDKIT_INLINE_CACHE", "1")]);
        assert_eq!(cache_exports(&target)[0].r#type, "inline");
        target.cache_to = vec![cache("inline", &[])];
        assert_eq!(cache_exports(&target).len(), 1);
        target = Target::default().with_args(&[("BUILDKIT_INLINE_CACHE", "0")]);
        assert!(cache_exports(&target).is_empty());
    }

    #[test]
    fn the_hosts_network_is_something_that_a_build_has_to_be_allowed() {
        let target = Target {
            network: Some("host".to_owned()),
            ..Target::default()
        };
        assert_eq!(entitlements(&target), ["network.host"]);
    }
}
