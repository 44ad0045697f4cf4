//! From what was seen of containers to samples and the report.

use common::report::{
    ContainerUsage, EngineInfo, Finding, HealthChange, HealthState, MonitorEnd, ResourceData,
    ResourceLimits, ResourceSample, Severity, Spread, Verdict,
};

use crate::analysis::usage::{Weight, remarks, share, spread};
use crate::model::container::{Container, Health, Limits};
use crate::model::usage::{History, Reading, Series};

/// How the monitor was asked for, and how it ended.
#[derive(Clone, Debug)]
pub(crate) struct Monitored {
    /// The Engine that ran the containers.
    pub(crate) engine: EngineInfo,
    /// The names that were asked for.
    pub(crate) names: Vec<String>,
    /// The labels that were asked for.
    pub(crate) labels: Vec<String>,
    /// Milliseconds between two samples.
    pub(crate) interval_ms: u64,
    /// How long was looked, in milliseconds.
    pub(crate) duration_ms: u64,
    /// Why it ended.
    pub(crate) ended_by: MonitorEnd,
}

/// The verdict on a monitor: whoever ends it has seen what there was to see.
pub(crate) fn verdict(ended_by: MonitorEnd) -> Verdict {
    match ended_by {
        MonitorEnd::EngineLost => Verdict::Incomplete,
        MonitorEnd::Interrupted | MonitorEnd::TimeOver | MonitorEnd::AllGone => Verdict::Pass,
    }
}

/// The body of the report, and what its reader should look at.
pub(crate) fn resource_data(
    histories: &[History],
    monitored: Monitored,
) -> (ResourceData, Vec<Finding>) {
    let mut containers: Vec<ContainerUsage> = histories.iter().map(container).collect();
    containers.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
    let data = ResourceData {
        engine: monitored.engine,
        names: monitored.names,
        labels: monitored.labels,
        interval_ms: monitored.interval_ms,
        duration_ms: monitored.duration_ms,
        ended_by: monitored.ended_by,
        containers,
    };
    (data, histories.iter().flat_map(findings).collect())
}

fn container(history: &History) -> ContainerUsage {
    let Container { limits, .. } = &history.container;
    let totals = history.totals();
    let cpus = spread_of(&history.cpus);
    let memory = spread_of(&history.memory_bytes);
    let memory_share = |limit: Option<u64>| share(memory?.peak, limit.map(|bytes| bytes as f64));
    let is_running = history.container.is_running && !history.is_removed;
    ContainerUsage {
        name: history.container.name.clone(),
        id: history.container.id.clone(),
        image: history.container.image.clone(),
        project: history.container.project.clone(),
        service: history.container.service.clone(),
        running: is_running,
        exit_code: (!is_running).then_some(history.container.exit_code),
        sample_count: history.memory_bytes.count,
        cpu_peak_ratio: cpus.and_then(|cpus| share(cpus.peak, limits.cpus)),
        cpus,
        cpu_time_ms: totals.cpu_ns / 1_000_000,
        throttled_ms: totals.throttled_ns / 1_000_000,
        memory_peak_ratio: memory_share(limits.memory_bytes),
        memory_reservation_peak_ratio: memory_share(limits.memory_reservation_bytes),
        memory_bytes: memory,
        limits: resource_limits(limits),
        network_received_bytes: totals.received_bytes,
        network_sent_bytes: totals.sent_bytes,
        block_read_bytes: totals.read_bytes,
        block_written_bytes: totals.written_bytes,
        pids_peak: history.pids_peak,
        restart_count: history.restart_count,
        oom_kill_count: history.oom_kill_count,
        health: history
            .health
            .iter()
            .map(|&(at_ms, health)| HealthChange {
                at_ms,
                health: health_state(health),
            })
            .collect(),
    }
}

/// The last reading of a container as a sample; `cpus` are the processors in use since the one
/// before.
pub(crate) fn sample(history: &History, reading: &Reading, cpus: Option<f64>) -> ResourceSample {
    let container = &history.container;
    let limits = &container.limits;
    let memory_share =
        |limit: Option<u64>| share(reading.memory_bytes as f64, limit.map(|bytes| bytes as f64));
    ResourceSample {
        at: reading.at.clone(),
        container: container.name.clone(),
        id: container.id.clone(),
        project: container.project.clone(),
        service: container.service.clone(),
        limits: resource_limits(limits),
        cpus,
        cpu_ratio: cpus.and_then(|cpus| share(cpus, limits.cpus)),
        cpu_time_ms: reading.cpu_ns / 1_000_000,
        throttled_ms: reading.throttled_ns / 1_000_000,
        memory_bytes: reading.memory_bytes,
        memory_ratio: memory_share(limits.memory_bytes),
        memory_reservation_ratio: memory_share(limits.memory_reservation_bytes),
        network_received_bytes: reading.received_bytes,
        network_sent_bytes: reading.sent_bytes,
        block_read_bytes: reading.read_bytes,
        block_written_bytes: reading.written_bytes,
        pids: reading.pids,
        restart_count: history.restart_count,
        oom_kill_count: history.oom_kill_count,
        health: container.health.map(health_state),
    }
}

fn findings(history: &History) -> Vec<Finding> {
    let finding = |remark: crate::analysis::usage::Remark| Finding {
        rule: remark.rule.to_owned(),
        severity: match remark.weight {
            Weight::Error => Severity::Error,
            Weight::Warning => Severity::Warning,
            Weight::Note => Severity::Note,
        },
        message: remark.message,
        advice: Some(remark.advice.to_owned()),
        location: None,
        subject: Some(history.container.name.clone()),
        saving: None,
    };
    remarks(history).into_iter().map(finding).collect()
}

fn spread_of(series: &Series) -> Option<Spread> {
    spread(series).map(|spread| Spread {
        peak: spread.peak,
        p95: spread.p95,
        mean: spread.mean,
    })
}

fn resource_limits(limits: &Limits) -> ResourceLimits {
    ResourceLimits {
        memory_bytes: limits.memory_bytes,
        memory_reservation_bytes: limits.memory_reservation_bytes,
        cpus: limits.cpus,
        pids: limits.pids,
    }
}

fn health_state(health: Health) -> HealthState {
    match health {
        Health::Starting => HealthState::Starting,
        Health::Healthy => HealthState::Healthy,
        Health::Unhealthy => HealthState::Unhealthy,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_those_of_the_peak_and_a_running_container_has_no_exit_code() {
        let seen = Container {
            name: "b".to_owned(),
            is_running: true,
            exit_code: 0,
            limits: Limits {
                memory_bytes: Some(400),
                ..Limits::default()
            },
            ..Container::default()
        };
        let mut first = History::new(seen.clone(), 0);
        for memory_bytes in [300, 100] {
            let reading = Reading {
                memory_bytes,
                ..Reading::default()
            };
            first.read(reading, Some(0.5));
        }
        let mut second = History::new(seen, 0);
        second.container.name = "a".to_owned();
        second.container.exit_code = 137;
        second.is_removed = true;
        let monitored = Monitored {
            engine: EngineInfo {
                version: String::new(),
                api_version: String::new(),
                platform: String::new(),
            },
            names: Vec::new(),
            labels: Vec::new(),
            interval_ms: 1000,
            duration_ms: 2000,
            ended_by: MonitorEnd::AllGone,
        };
        let (data, _) = resource_data(&[first, second], monitored);
        let [a, b] = &data.containers[..] else {
            panic!("there are two");
        };
        assert_eq!(
            (a.name.as_str(), a.running, a.exit_code),
            ("a", false, Some(137))
        );
        assert_eq!((b.running, b.exit_code), (true, None));
        assert_eq!(
            (a.memory_peak_ratio, b.memory_peak_ratio),
            (None, Some(0.75))
        );
        assert_eq!(b.cpu_peak_ratio, None);
    }
}
