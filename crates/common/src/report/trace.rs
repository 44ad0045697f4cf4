//! Files of formats that others define: traces, and what buildx writes about images.

use serde::Serialize;
use std::collections::BTreeMap;

/// A trace in the Trace Event Format, which Perfetto and Chrome read. Source:
/// <https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU>
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Trace {
    /// The unit that times are shown in.
    pub display_time_unit: String,
    /// The events.
    pub trace_events: Vec<TraceEvent>,
}

/// A span, or the name of a process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TraceEvent {
    /// What it is called.
    pub name: String,
    /// Categories, separated by commas.
    pub cat: String,
    /// `X` for a span, `M` for a name.
    pub ph: String,
    /// Microseconds from the build's start.
    pub ts: u64,
    /// Microseconds that it took.
    pub dur: u64,
    /// The process: a target, from 1.
    pub pid: usize,
    /// The thread: a lane in which nothing overlaps, from 1.
    pub tid: usize,
    /// More about it.
    pub args: BTreeMap<String, String>,
}

/// What `docker buildx bake --metadata-file` writes about a target.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ImageMetadata {
    /// The digest of the image's configuration: its id.
    #[serde(rename = "containerimage.config.digest")]
    pub config_digest: String,
    /// The digest of its manifest if it was pushed, else its id.
    #[serde(rename = "containerimage.digest")]
    pub digest: String,
    /// Its names, separated by commas. `None` when it has none.
    #[serde(rename = "image.name", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}
