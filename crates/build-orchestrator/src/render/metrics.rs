//! What containers use as metrics that Prometheus collects.
//!
//! Source: <https://prometheus.io/docs/specs/om/open_metrics_spec/>

use common::report::{HealthState, ResourceSample};
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};
use std::sync::atomic::AtomicU64;

type Labels = Vec<(String, String)>;
type Gauges = Family<Labels, Gauge<f64, AtomicU64>>;
type Counters = Family<Labels, Counter<f64, AtomicU64>>;

/// The last sample of each container as text in the format `OpenMetrics`.
///
/// The names begin with `container_`; `cpu_cores` and `health` have no unit: the first is a number
/// of processors, the second 1 for the state that holds and 0 for the two others.
pub(crate) fn text(samples: &[ResourceSample]) -> String {
    let mut registry = Registry::with_prefix("container");
    gauges(&mut registry, samples);
    counters(&mut registry, samples);
    health(&mut registry, samples);
    let mut text = String::new();
    encode(&mut text, &registry).expect("writing to a string succeeds");
    text
}

fn gauges(registry: &mut Registry, samples: &[ResourceSample]) {
    type Value = fn(&ResourceSample) -> Option<f64>;
    let metrics: [(&str, &str, Option<Unit>, Value); 6] = [
        ("cpu_cores", "Processors in use", None, |s| s.cpus),
        ("cpu_limit_cores", "Processors that it may use", None, |s| {
            s.limits.cpus
        }),
        (
            "memory_working_set",
            "Memory in use without inactive file cache",
            Some(Unit::Bytes),
            |s| Some(s.memory_bytes as f64),
        ),
        (
            "memory_limit",
            "Memory that it may use",
            Some(Unit::Bytes),
            |s| s.limits.memory_bytes.map(|bytes| bytes as f64),
        ),
        (
            "memory_reservation",
            "Memory that it keeps when the host runs short",
            Some(Unit::Bytes),
            |s| s.limits.memory_reservation_bytes.map(|bytes| bytes as f64),
        ),
        ("processes", "Processes and threads", None, |s| {
            Some(s.pids as f64)
        }),
    ];
    for (name, help, unit, value) in metrics {
        let family = Gauges::default();
        for sample in samples {
            if let Some(value) = value(sample) {
                family.get_or_create(&labels(sample)).set(value);
            }
        }
        match unit {
            Some(unit) => registry.register_with_unit(name, help, unit, family),
            None => registry.register(name, help, family),
        }
    }
}

fn counters(registry: &mut Registry, samples: &[ResourceSample]) {
    type Value = fn(&ResourceSample) -> f64;
    let metrics: [(&str, &str, Option<Unit>, Value); 8] = [
        ("cpu", "Processor time", Some(Unit::Seconds), |s| {
            s.cpu_time_ms as f64 / 1000.0
        }),
        (
            "cpu_throttled",
            "Time that threads waited because of the limit on processors",
            Some(Unit::Seconds),
            |s| s.throttled_ms as f64 / 1000.0,
        ),
        (
            "network_received",
            "What came from networks",
            Some(Unit::Bytes),
            |s| s.network_received_bytes as f64,
        ),
        (
            "network_sent",
            "What went to networks",
            Some(Unit::Bytes),
            |s| s.network_sent_bytes as f64,
        ),
        (
            "block_read",
            "What came from block devices",
            Some(Unit::Bytes),
            |s| s.block_read_bytes as f64,
        ),
        (
            "block_written",
            "What went to block devices",
            Some(Unit::Bytes),
            |s| s.block_written_bytes as f64,
        ),
        (
            "restarts",
            "How often it was started again while it was followed",
            None,
            |s| s.restart_count as f64,
        ),
        (
            "oom_kills",
            "How often the kernel killed a process of it for want of memory",
            None,
            |s| s.oom_kill_count as f64,
        ),
    ];
    for (name, help, unit, value) in metrics {
        let family = Counters::default();
        for sample in samples {
            family.get_or_create(&labels(sample)).inc_by(value(sample));
        }
        match unit {
            Some(unit) => registry.register_with_unit(name, help, unit, family),
            None => registry.register(name, help, family),
        }
    }
}

fn health(registry: &mut Registry, samples: &[ResourceSample]) {
    let family = Gauges::default();
    for sample in samples {
        let Some(now) = sample.health else { continue };
        for (state, name) in [
            (HealthState::Starting, "starting"),
            (HealthState::Healthy, "healthy"),
            (HealthState::Unhealthy, "unhealthy"),
        ] {
            let mut labels = labels(sample);
            labels.push(("state".to_owned(), name.to_owned()));
            let value = f64::from(u8::from(state == now));
            family.get_or_create(&labels).set(value);
        }
    }
    registry.register("health", "Whether the health check says so", family);
}

fn labels(sample: &ResourceSample) -> Labels {
    let label = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let mut labels = vec![
        label("container", &sample.container),
        label("id", &sample.id),
    ];
    labels.extend(sample.project.iter().map(|name| label("project", name)));
    labels.extend(sample.service.iter().map(|name| label("service", name)));
    labels
}
