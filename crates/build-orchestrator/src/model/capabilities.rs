//! What a builder can do, as far as Engines differ in it.

/// What the BuildKit within an Engine can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Capabilities {
    /// The Engine, for errors: `Engine 20.10.24 at unix:///var/run/docker.sock`.
    pub(crate) engine: String,
    /// Whether it keeps images in containerd's store. The older kind of store holds one platform an
    /// image, and no manifests.
    pub(crate) has_containerd_store: bool,
    /// Whether it passes `/dev/shm` sizes and limits on to `RUN` steps.
    pub(crate) has_run_limits: bool,
}
