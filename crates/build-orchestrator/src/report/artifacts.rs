//! From what a folder of artifacts keeps to the report that says so.

use common::report::{Artifact, ArtifactsData, Finding, Pruned, Severity, StoredBuild};
use std::collections::BTreeMap;

/// The rule of content that is not what its digest says.
const CORRUPTED: &str = "artifact-corrupted";
/// The rule of content that is not there.
const MISSING: &str = "artifact-missing";
/// The rule of a manifest that cannot be read.
const UNREADABLE: &str = "manifest-unreadable";

/// The body of the report.
pub(crate) fn artifacts_data(builds: Vec<StoredBuild>, pruned: Option<Pruned>) -> ArtifactsData {
    let artifacts = builds.iter().flat_map(|build| &build.artifacts);
    let sizes: BTreeMap<&str, u64> = artifacts
        .map(|artifact| (artifact.digest.as_str(), artifact.size_bytes))
        .collect();
    ArtifactsData {
        size_bytes: sizes.values().sum(),
        builds,
        pruned,
    }
}

/// Content that is not there.
pub(crate) fn missing(build: &StoredBuild, artifact: &Artifact) -> Finding {
    let message = format!(
        "the content of `{}` is not there: {}",
        artifact.name, artifact.digest
    );
    fault(MISSING, message, build, artifact)
}

/// Content that is not what its digest says.
pub(crate) fn corrupted(build: &StoredBuild, artifact: &Artifact) -> Finding {
    let message = format!(
        "the content of `{}` is not that of {}",
        artifact.name, artifact.digest
    );
    fault(CORRUPTED, message, build, artifact)
}

fn fault(rule: &str, message: String, build: &StoredBuild, artifact: &Artifact) -> Finding {
    Finding {
        rule: rule.to_owned(),
        severity: Severity::Error,
        message,
        advice: Some(format!(
            "build it again: it is of the build {}",
            build.build
        )),
        location: None,
        subject: Some(artifact.target.clone()),
        saving: None,
    }
}

/// A manifest that cannot be read.
pub(crate) fn unreadable(path: &str, error: &str) -> Finding {
    Finding {
        rule: UNREADABLE.to_owned(),
        severity: Severity::Error,
        message: format!("`{path}` cannot be read: {error}"),
        advice: None,
        location: None,
        subject: None,
        saving: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_builds_share_is_counted_once() {
        let artifact = |digest: &str| Artifact {
            name: "out".to_owned(),
            target: "app".to_owned(),
            kind: "tar".to_owned(),
            size_bytes: 10,
            digest: digest.to_owned(),
            tags: Vec::new(),
        };
        let build = |artifacts| StoredBuild {
            build: "sha256:1".to_owned(),
            created_at: String::new(),
            artifacts,
        };
        let builds = vec![
            build(vec![artifact("a"), artifact("b")]),
            build(vec![artifact("a")]),
        ];
        assert_eq!(artifacts_data(builds, None).size_bytes, 20);
    }
}
