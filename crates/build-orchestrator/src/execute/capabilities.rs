//! Asks an Engine what its BuildKit can do. What follows from that is decided elsewhere.

use bollard_buildkit_proto::moby::buildkit::v1::ListWorkersRequest;
use common::engine::Engine;

use super::client;
use crate::model::capabilities::Capabilities;
use crate::model::outcome::TargetError;

/// The label of a worker that keeps images in containerd's store.
///
/// Source: driver/docker/driver.go of github.com/docker/buildx, which asks in the same way.
const SNAPSHOTTER_LABEL: &str = "org.mobyproject.buildkit.worker.snapshotter";

/// The first Engine whose BuildKit, 0.10, passes limits on to `RUN` steps.
/// Source: research/build.md sections 3.1 and 3.4.
const RUN_LIMITS_SINCE: u32 = 23;

/// Asks what an Engine can do.
///
/// # Errors
///
/// Its BuildKit cannot be reached.
pub(crate) async fn capabilities(engine: &Engine) -> Result<Capabilities, TargetError> {
    let mut client = client::connect(&engine.endpoint).await?;
    let request = ListWorkersRequest::default();
    let workers = client.list_workers(request).await?.into_inner().record;
    let version = &engine.info.version;
    Ok(Capabilities {
        engine: format!("Engine {version} at {}", engine.endpoint),
        has_containerd_store: workers
            .iter()
            .any(|worker| worker.labels.contains_key(SNAPSHOTTER_LABEL)),
        has_run_limits: major(version).is_none_or(|major| major >= RUN_LIMITS_SINCE),
    })
}

/// The first number of a version. `None` for an Engine that counts in another way, such as one that
/// was built from a branch.
fn major(version: &str) -> Option<u32> {
    version.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_begins_with_its_major_number() {
        assert_eq!(major("20.10.24+dfsg1"), Some(20));
        assert_eq!(major("master-dockerproject"), None);
    }
}
