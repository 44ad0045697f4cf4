//! What containers used while they were followed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{EngineInfo, ReportData, SchemaVersion};

/// Body of a resource report, written by `build-orchestrator monitor`.
///
/// Processors are counted as such: 1.0 is one processor busy all the time. Memory is what cannot be
/// given back without loss: all that is charged to the container but its inactive file cache.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ResourceData {
    /// The Engine that ran the containers.
    pub engine: EngineInfo,
    /// The names that were asked for, in their order. Empty stands for all that the labels allow.
    pub names: Vec<String>,
    /// The labels that were asked for, as `NAME=VALUE` or `NAME`.
    pub labels: Vec<String>,
    /// Milliseconds between two samples of a container.
    pub interval_ms: u64,
    /// How long was looked.
    pub duration_ms: u64,
    /// Why it ended.
    pub ended_by: MonitorEnd,
    /// The containers, by name, then by id.
    pub containers: Vec<ContainerUsage>,
}

impl ReportData for ResourceData {
    const KIND: &'static str = "resources";
    const VERSION: SchemaVersion = SchemaVersion { major: 1, minor: 0 };
}

/// Why a monitor ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MonitorEnd {
    /// The user ended it.
    Interrupted,
    /// The time that was asked for was over.
    TimeOver,
    /// None of the containers ran any longer.
    AllGone,
    /// The Engine did not answer any longer.
    EngineLost,
}

/// What one container used.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ContainerUsage {
    /// The container's name.
    pub name: String,
    /// The container's id.
    pub id: String,
    /// The image as the container asks for it.
    pub image: String,
    /// The compose project. `None` when compose did not start it.
    pub project: Option<String>,
    /// The compose service. `None` when compose did not start it.
    pub service: Option<String>,
    /// What it may use.
    pub limits: ResourceLimits,
    /// Whether it ran in the end.
    pub running: bool,
    /// How its process ended. `None` while it runs.
    pub exit_code: Option<i64>,
    /// How many samples the figures are made from.
    pub sample_count: u64,
    /// Processors in use. `None` with fewer than two samples.
    pub cpus: Option<Spread>,
    /// `cpus.peak / limits.cpus`. `None` without a limit.
    pub cpu_peak_ratio: Option<f64>,
    /// Milliseconds of processor time.
    pub cpu_time_ms: u64,
    /// Milliseconds that its threads waited because the limit on processors was used up, all
    /// threads added.
    pub throttled_ms: u64,
    /// Bytes of memory in use. `None` without samples.
    pub memory_bytes: Option<Spread>,
    /// `memory_bytes.peak / limits.memory_bytes`. `None` without a limit.
    pub memory_peak_ratio: Option<f64>,
    /// `memory_bytes.peak / limits.memory_reservation_bytes`. `None` without a reservation.
    pub memory_reservation_peak_ratio: Option<f64>,
    /// Bytes that came from networks.
    pub network_received_bytes: u64,
    /// Bytes that went to networks.
    pub network_sent_bytes: u64,
    /// Bytes that came from block devices.
    pub block_read_bytes: u64,
    /// Bytes that went to block devices.
    pub block_written_bytes: u64,
    /// The most processes and threads at once.
    pub pids_peak: u64,
    /// How often it was started again.
    pub restart_count: u64,
    /// How often the kernel killed one of its processes for want of memory.
    pub oom_kill_count: u64,
    /// What the health check said, each time that it changed. Empty without a health check.
    pub health: Vec<HealthChange>,
}

/// What a container may use. `None` stands for no limit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ResourceLimits {
    /// Bytes of memory.
    pub memory_bytes: Option<u64>,
    /// Bytes of memory that it keeps when the host runs short.
    pub memory_reservation_bytes: Option<u64>,
    /// Processors, such as 0.5.
    pub cpus: Option<f64>,
    /// Processes and threads.
    pub pids: Option<u64>,
}

/// How values are spread.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Spread {
    /// The largest value.
    pub peak: f64,
    /// The value that 95 of 100 do not exceed. Of more than 4096 values it is taken from evenly
    /// chosen ones.
    pub p95: f64,
    /// The mean.
    pub mean: f64,
}

/// A health check that came to another result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HealthChange {
    /// When it did, in milliseconds since the monitor's start.
    pub at_ms: u64,
    /// What it says from then on.
    pub health: HealthState,
}

/// What a health check says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum HealthState {
    /// It has not yet decided.
    Starting,
    /// All is well.
    Healthy,
    /// It failed several times in a row.
    Unhealthy,
}

/// What one container used at one moment: a line of what `monitor --samples` writes.
///
/// Not a report: it has no header, and no tool reads it as one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ResourceSample {
    /// When it was measured, by the Engine's clock, RFC 3339.
    pub at: String,
    /// The container's name.
    pub container: String,
    /// The container's id.
    pub id: String,
    /// The compose project. `None` when compose did not start it.
    pub project: Option<String>,
    /// The compose service. `None` when compose did not start it.
    pub service: Option<String>,
    /// What it may use.
    pub limits: ResourceLimits,
    /// Processors in use since the sample before: 1.0 is one busy all the time. `None` in a
    /// container's first sample.
    pub cpus: Option<f64>,
    /// `cpus / limits.cpus`. `None` without a limit.
    pub cpu_ratio: Option<f64>,
    /// Milliseconds of processor time since the container's start.
    pub cpu_time_ms: u64,
    /// Milliseconds that its threads waited because of the limit, since the container's start.
    pub throttled_ms: u64,
    /// Bytes of memory in use.
    pub memory_bytes: u64,
    /// `memory_bytes / limits.memory_bytes`. `None` without a limit.
    pub memory_ratio: Option<f64>,
    /// `memory_bytes / limits.memory_reservation_bytes`. `None` without a reservation.
    pub memory_reservation_ratio: Option<f64>,
    /// Bytes that came from networks since the container's start.
    pub network_received_bytes: u64,
    /// Bytes that went to networks since the container's start.
    pub network_sent_bytes: u64,
    /// Bytes that came from block devices since the container's start.
    pub block_read_bytes: u64,
    /// Bytes that went to block devices since the container's start.
    pub block_written_bytes: u64,
    /// Processes and threads.
    pub pids: u64,
    /// How often it was started again while it was followed.
    pub restart_count: u64,
    /// How often the kernel killed one of its processes for want of memory.
    pub oom_kill_count: u64,
    /// What the health check says. `None` without a health check.
    pub health: Option<HealthState>,
}
