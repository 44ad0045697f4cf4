//! Shows what containers use: the live table and the report.

use common::render::{Cell, Document, Table, Tone, findings};
use common::report::{
    ContainerUsage, HealthState, MonitorEnd, Report, ResourceData, ResourceSample, Spread,
};
use common::units::{format_bytes, format_count, format_duration, format_ratio};

/// The report as a document: what each container used, then what to look at.
pub(crate) fn document(report: &Report<ResourceData>) -> Document {
    let data = &report.data;
    let end = match data.ended_by {
        MonitorEnd::Interrupted => "until it was ended",
        MonitorEnd::TimeOver => "as long as was asked for",
        MonitorEnd::AllGone => "until none of them ran",
        MonitorEnd::EngineLost => "until the Engine was lost",
    };
    Document::new()
        .heading("Resources")
        .paragraph(format!(
            "{} followed for {}, {end}",
            format_count(data.containers.len() as u64, "container"),
            format_duration(data.duration_ms)
        ))
        .table(usage_table(&data.containers))
        .table(traffic_table(&data.containers))
        .append(findings(&report.findings))
}

fn usage_table(containers: &[ContainerUsage]) -> Table {
    let mut table = Table::new([
        "Container",
        "CPU mean#",
        "p95#",
        "Peak#",
        "Of limit#",
        "Throttled#",
        "Memory mean#",
        "p95#",
        "Peak#",
        "Of limit#",
    ]);
    for used in containers {
        let cpu = |value: fn(Spread) -> f64| optional(used.cpus.map(value).map(cores));
        let memory = |value: fn(Spread) -> f64| optional(used.memory_bytes.map(value).map(bytes));
        table.row([
            used.name.clone().into(),
            cpu(|spread| spread.mean).into(),
            cpu(|spread| spread.p95).into(),
            cpu(|spread| spread.peak).into(),
            optional(used.cpu_peak_ratio.map(format_ratio)).into(),
            format_duration(used.throttled_ms).into(),
            memory(|spread| spread.mean).into(),
            memory(|spread| spread.p95).into(),
            memory(|spread| spread.peak).into(),
            share(used.memory_peak_ratio),
        ]);
    }
    table
}

fn traffic_table(containers: &[ContainerUsage]) -> Table {
    let mut table = Table::new([
        "Container",
        "State",
        "Health",
        "Restarts#",
        "OOM kills#",
        "Processes#",
        "Received#",
        "Sent#",
        "Read#",
        "Written#",
    ]);
    for used in containers {
        let state = match used.exit_code {
            None => "running".to_owned(),
            Some(code) => format!("ended with {code}"),
        };
        table.row([
            used.name.clone().into(),
            state.into(),
            health(used.health.last().map(|change| change.health)),
            bad_count(used.restart_count),
            bad_count(used.oom_kill_count),
            used.pids_peak.to_string().into(),
            format_bytes(used.network_received_bytes).into(),
            format_bytes(used.network_sent_bytes).into(),
            format_bytes(used.block_read_bytes).into(),
            format_bytes(used.block_written_bytes).into(),
        ]);
    }
    table
}

/// The last sample of each container as a table that is drawn again and again.
pub(crate) fn live(samples: &[ResourceSample]) -> Document {
    let mut table = Table::new([
        "Container",
        "CPU#",
        "Of limit#",
        "Memory#",
        "Limit#",
        "Of limit#",
        "Of reserved#",
        "Received#",
        "Sent#",
        "Read#",
        "Written#",
        "Pids#",
        "Restarts#",
        "OOM#",
        "Health",
    ]);
    for sample in samples {
        table.row([
            sample.container.clone().into(),
            optional(sample.cpus.map(cores)).into(),
            optional(sample.cpu_ratio.map(format_ratio)).into(),
            format_bytes(sample.memory_bytes).into(),
            optional(sample.limits.memory_bytes.map(format_bytes)).into(),
            share(sample.memory_ratio),
            optional(sample.memory_reservation_ratio.map(format_ratio)).into(),
            format_bytes(sample.network_received_bytes).into(),
            format_bytes(sample.network_sent_bytes).into(),
            format_bytes(sample.block_read_bytes).into(),
            format_bytes(sample.block_written_bytes).into(),
            sample.pids.to_string().into(),
            bad_count(sample.restart_count),
            bad_count(sample.oom_kill_count),
            health(sample.health),
        ]);
    }
    Document::new().table(table)
}

/// Processors as `docker stats` writes them: 100 % is one of them.
fn cores(cpus: f64) -> String {
    format_ratio(cpus)
}

fn bytes(value: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it was a count of bytes before it was averaged"
    )]
    format_bytes(value as u64)
}

fn optional(text: Option<String>) -> String {
    text.unwrap_or_else(|| "-".to_owned())
}

/// A share of a limit on memory.
///
/// Chosen: it is marked where the report's rule `memory-limit-near` warns.
fn share(ratio: Option<f64>) -> Cell {
    let tone = if ratio.is_some_and(|ratio| ratio > 0.9) {
        Tone::Warning
    } else {
        Tone::Plain
    };
    Cell::toned(optional(ratio.map(format_ratio)), tone)
}

fn bad_count(count: u64) -> Cell {
    let tone = if count > 0 {
        Tone::Warning
    } else {
        Tone::Plain
    };
    Cell::toned(count.to_string(), tone)
}

fn health(health: Option<HealthState>) -> Cell {
    match health {
        None => "-".into(),
        Some(HealthState::Starting) => "starting".into(),
        Some(HealthState::Healthy) => Cell::toned("healthy", Tone::Good),
        Some(HealthState::Unhealthy) => Cell::toned("unhealthy", Tone::Bad),
    }
}
