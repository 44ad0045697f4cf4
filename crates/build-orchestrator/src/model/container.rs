//! A container as the Engine describes it. What it uses is in `usage`.

/// A container.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Container {
    /// The Engine's id.
    pub(crate) id: String,
    /// Its name, without the slash that the Engine writes before it.
    pub(crate) name: String,
    /// The image as it was asked for.
    pub(crate) image: String,
    /// The compose project. `None` when compose did not start it.
    pub(crate) project: Option<String>,
    /// The compose service. `None` when compose did not start it.
    pub(crate) service: Option<String>,
    /// What it may use.
    pub(crate) limits: Limits,
    /// Whether its process runs.
    pub(crate) is_running: bool,
    /// Whether the Engine is about to start it again.
    pub(crate) is_restarting: bool,
    /// When its process last started, as the Engine writes it.
    pub(crate) started_at: String,
    /// How its process last ended. 0 while it has not.
    pub(crate) exit_code: i64,
    /// How often its restart policy started it again.
    pub(crate) restart_count: u64,
    /// Whether the kernel killed it for want of memory.
    pub(crate) is_oom_killed: bool,
    /// What its health check says. `None` without a health check.
    pub(crate) health: Option<Health>,
}

/// What a container may use. `None` stands for no limit.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Limits {
    /// Bytes of memory.
    pub(crate) memory_bytes: Option<u64>,
    /// Bytes of memory that it keeps when the host runs short.
    pub(crate) memory_reservation_bytes: Option<u64>,
    /// Processors, such as 0.5.
    pub(crate) cpus: Option<f64>,
    /// Processes and threads.
    pub(crate) pids: Option<u64>,
}

/// What a health check says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Health {
    /// It has not yet decided.
    Starting,
    /// All is well.
    Healthy,
    /// It failed several times in a row.
    Unhealthy,
}
