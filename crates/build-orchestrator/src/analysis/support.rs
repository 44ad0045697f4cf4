//! Whether a builder can do what a target asks for.

use crate::model::capabilities::Capabilities;
use crate::model::plan::{Attributes, Target};

/// Something that a target asks for and that a builder may lack.
struct Demand {
    /// What it asks for, after the target's name.
    asks: String,
    /// What the Engine does instead, after its name.
    but: &'static str,
    /// What has it.
    instead: &'static str,
}

/// Why a builder cannot build a target as asked. `None` when nothing is known to stand in the way.
///
/// Source: research/build.md sections 3.1 and 3.3, and builder/builder-next of github.com/moby/moby.
pub(crate) fn unsupported(target: &Target, capabilities: &Capabilities) -> Option<String> {
    let mut demands = Vec::new();
    if !capabilities.has_containerd_store {
        demands.extend(store_demands(target));
    }
    if !capabilities.has_run_limits {
        demands.extend(limit_demands(target));
    }
    let Demand { asks, but, instead } = demands.into_iter().next()?;
    let (name, engine) = (&target.name, &capabilities.engine);
    Some(format!(
        "`{name}` {asks}, but the {engine} {but}; {instead}"
    ))
}

/// What needs containerd's image store.
fn store_demands(target: &Target) -> Vec<Demand> {
    let mut demands = Vec::new();
    let mut demand = |asks: String, but, instead| demands.push(Demand { asks, but, instead });
    if let Some(platforms) = target.platform.as_ref().filter(|list| list.contains(',')) {
        demand(
            format!("asks for the platforms {platforms}"),
            "builds for one platform at a time",
            "an Engine with the containerd image store builds for several",
        );
    }
    if target.outputs.iter().any(|output| output.kind == "oci") {
        demand(
            "asks for an output of type `oci`".to_owned(),
            "writes no OCI archives",
            "an Engine with the containerd image store does, and `type=docker` works here",
        );
    }
    let cache_to = |cache: &&Attributes| cache.kind != "inline";
    if let Some(cache) = target.cache_to.iter().find(cache_to) {
        demand(
            format!("writes its cache to `type={}`", cache.kind),
            "only writes it into images",
            "an Engine with the containerd image store can, and `type=inline` works here",
        );
    }
    let cache_from = |cache: &&Attributes| cache.kind != "registry";
    if let Some(cache) = target.cache_from.iter().find(cache_from) {
        demand(
            format!("reads its cache from `type={}`", cache.kind),
            "only reads caches out of images",
            "an Engine with the containerd image store can, and `type=registry` works here",
        );
    }
    if let Some(annotation) = target.annotations.first() {
        let (name, _) = annotation.split_once('=').unwrap_or((annotation, ""));
        demand(
            format!("has the annotation `{name}`"),
            "keeps no manifests that could hold it",
            "an Engine with the containerd image store does, and labels work here",
        );
    }
    if let Some(attestation) = target.attestations.iter().find(|it| is_wanted(it)) {
        demand(
            format!("asks for the attestation `{}`", attestation.kind),
            "keeps none",
            "an Engine with the containerd image store does",
        );
    }
    demands
}

/// Whether an attestation is asked for rather than switched off, as in `type=provenance,disabled=true`.
fn is_wanted(attestation: &Attributes) -> bool {
    let value = |name| attestation.values.get(name).map(String::as_str);
    value("disabled") != Some("true")
        && value("mode") != Some("false")
        && value(&attestation.kind) != Some("false")
}

/// What needs BuildKit 0.10.
fn limit_demands(target: &Target) -> Vec<Demand> {
    let demand = |asks: &str| Demand {
        asks: asks.to_owned(),
        but: "does not pass it on to the build",
        instead: "Engine 23.0 and later do",
    };
    let shm_size = target.shm_size_bytes.map(|_| demand("sets `shm_size`"));
    let ulimits = target.ulimits.first().map(|_| demand("sets `ulimits`"));
    shm_size.into_iter().chain(ulimits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn old() -> Capabilities {
        Capabilities {
            engine: "Engine 20.10.24 at unix:///d.sock".to_owned(),
            has_containerd_store: false,
            has_run_limits: false,
        }
    }

    fn app(change: impl FnOnce(&mut Target)) -> Target {
        let mut target = Target::sample("app", "FROM scratch\n");
        change(&mut target);
        target
    }

    fn of_kind(kind: &str, value: Option<(&str, &str)>) -> Attributes {
        Attributes {
            kind: kind.to_owned(),
            values: value
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into_iter()
                .collect(),
        }
    }

    #[test]
    fn the_error_names_the_daemon_what_it_lacks_and_what_has_it() {
        let target = app(|it| it.platform = Some("linux/amd64,linux/arm64".to_owned()));
        assert_eq!(
            unsupported(&target, &old()).unwrap(),
            "`app` asks for the platforms linux/amd64,linux/arm64, but the Engine 20.10.24 at \
             unix:///d.sock builds for one platform at a time; an Engine with the containerd image \
             store builds for several"
        );
    }

    #[test]
    fn an_old_engine_refuses_what_it_would_ignore_or_fail_at() {
        let refused = [
            app(|it| it.outputs.push(of_kind("oci", None))),
            app(|it| it.cache_to.push(of_kind("registry", None))),
            app(|it| it.cache_from.push(of_kind("gha", None))),
            app(|it| it.annotations.push("a=b".to_owned())),
            app(|it| it.attestations.push(of_kind("sbom", None))),
            app(|it| it.shm_size_bytes = Some(1)),
            app(|it| it.ulimits.push("nofile=1".to_owned())),
        ];
        let new = Capabilities {
            has_containerd_store: true,
            has_run_limits: true,
            ..old()
        };
        for target in refused {
            assert!(unsupported(&target, &old()).is_some(), "{target:?}");
            assert_eq!(unsupported(&target, &new), None, "{target:?}");
        }
    }

    #[test]
    fn an_old_engine_takes_what_it_can_do() {
        let taken = [
            app(|it| it.platform = Some("linux/arm64".to_owned())),
            app(|it| it.outputs.push(of_kind("docker", None))),
            app(|it| it.cache_to.push(of_kind("inline", None))),
            app(|it| it.cache_from.push(of_kind("registry", None))),
            app(|it| {
                let off = of_kind("provenance", Some(("disabled", "true")));
                it.attestations.push(off);
            }),
        ];
        for target in taken {
            assert_eq!(unsupported(&target, &old()), None, "{target:?}");
        }
    }
}
