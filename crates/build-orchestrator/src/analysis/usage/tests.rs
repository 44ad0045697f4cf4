//! The figures and remarks on histories that are written by hand.

use super::*;
use crate::model::container::{Container, Limits};

fn reading(at_ms: u64, cpu_ns: u64, host_cpu_ns: u64) -> Reading {
    Reading {
        at_ms,
        cpu_ns,
        host_cpu_ns,
        host_cpu_count: 4,
        ..Reading::default()
    }
}

/// A container with these limits, of which each value of memory was seen a second after another.
fn history(memory_limit: Option<u64>, cpus: Option<f64>, memory: &[u64]) -> History {
    let container = Container {
        limits: Limits {
            memory_bytes: memory_limit,
            cpus,
            ..Limits::default()
        },
        ..Container::default()
    };
    let mut history = History::new(container, 0);
    for (second, &memory_bytes) in (0_u64..).zip(memory) {
        let reading = Reading {
            at_ms: second * 1000,
            memory_bytes,
            ..Reading::default()
        };
        history.read(reading, Some(0.5));
    }
    history
}

fn rules(history: &History) -> Vec<&'static str> {
    remarks(history).iter().map(|remark| remark.rule).collect()
}

#[test]
fn processors_are_the_containers_share_of_the_hosts_time() {
    // 4 processors for 1 s are 4 s of the host's time; 1 s of it is one processor.
    let second = 1_000_000_000;
    let before = reading(0, 7, 100);
    assert_eq!(
        cpus(&before, &reading(0, 7 + second, 100 + 4 * second)),
        Some(1.0)
    );
    assert_eq!(
        cpus(&before, &reading(0, 7 + second / 2, 100 + 4 * second)),
        Some(0.5)
    );
    assert_eq!(cpus(&before, &reading(0, 9, 100)), None);
    assert_eq!(cpus(&before, &reading(0, 6, 200)), None);
}

#[test]
fn a_spread_is_taken_from_the_nearest_rank() {
    let mut series = Series::default();
    assert_eq!(spread(&series), None);
    for value in 1..=40 {
        series.push(f64::from(value));
    }
    let expected = Spread {
        peak: 40.0,
        p95: 38.0,
        mean: 20.5,
    };
    assert_eq!(spread(&series), Some(expected));
}

#[test]
fn a_peak_near_the_limit_is_warned_of() {
    assert_eq!(
        rules(&history(Some(1000), Some(1.0), &[10, 901])),
        ["memory-limit-near"]
    );
    assert!(rules(&history(Some(1000), Some(1.0), &[10, 900])).is_empty());
}

#[test]
fn a_limit_is_generous_only_when_it_was_looked_at_long_enough() {
    assert_eq!(
        rules(&history(Some(1000), Some(1.0), &[249; 60])),
        ["memory-limit-generous"]
    );
    assert!(rules(&history(Some(1000), Some(1.0), &[249; 59])).is_empty());
    assert!(rules(&history(Some(1000), Some(1.0), &[250; 60])).is_empty());
}

#[test]
fn missing_limits_are_noted() {
    assert_eq!(
        rules(&history(None, None, &[10])),
        ["no-memory-limit", "no-cpu-limit"]
    );
    assert!(rules(&history(None, None, &[])).is_empty());
}

#[test]
fn throttling_is_warned_of_by_its_share_of_the_time() {
    let throttled = |throttled_ns| {
        let mut history = history(Some(100), Some(0.5), &[50]);
        let last = Reading {
            at_ms: 10_000,
            throttled_ns,
            ..Reading::default()
        };
        history.read(last, None);
        rules(&history)
    };
    assert_eq!(throttled(600_000_000), ["cpu-throttled"]);
    assert!(throttled(400_000_000).is_empty());
}

#[test]
fn what_went_wrong_is_said_with_its_count() {
    let mut history = history(Some(100), Some(1.0), &[50]);
    history.oom_kill_count = 2;
    history.restart_count = 3;
    history.health = vec![(0, Health::Unhealthy), (9, Health::Healthy)];
    let remarks = remarks(&history);
    let said: Vec<_> = remarks
        .iter()
        .map(|remark| (remark.rule, remark.weight, remark.message.as_str()))
        .collect();
    let expected = [
        (
            "oom-killed",
            Weight::Error,
            "the kernel killed processes of it 2 times for want of memory",
        ),
        ("restarts", Weight::Warning, "it was started again 3 times"),
        (
            "unhealthy",
            Weight::Warning,
            "its health check failed, and passed again later",
        ),
    ];
    assert_eq!(said, expected);
    history.health.push((12, Health::Unhealthy));
    assert_eq!(unhealthy(&history).unwrap().weight, Weight::Error);
}
