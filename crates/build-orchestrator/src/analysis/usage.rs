//! How much containers used, and what their limits should have been.

use common::units::{format_bytes, format_ratio};

use crate::model::container::Health;
use crate::model::usage::{History, Reading, Series};

/// From which share of its limit on a container's memory is close to being killed for.
///
/// Chosen: the kernel begins to reclaim well before the limit, and the last tenth is what one
/// larger request takes.
const MEMORY_NEAR_RATIO: f64 = 0.9;

/// Below which share of its limit a container's peak shows that the limit is too large.
///
/// Chosen: even twice the peak would be half of the limit.
const MEMORY_GENEROUS_RATIO: f64 = 0.25;

/// For how many samples a container has to be followed before its limit is called too large.
///
/// Chosen: a minute at one sample a second; the first seconds of a service say little of its peak.
const GENEROUS_SAMPLES_MIN: u64 = 60;

/// Which share of the time in which it was followed a container may be throttled.
///
/// Chosen: below it, what waits a tenth of a second longer is rarely noticed.
const THROTTLED_RATIO: f64 = 0.05;

/// How values are spread.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Spread {
    /// The largest value.
    pub(crate) peak: f64,
    /// The value that 95 of 100 do not exceed.
    pub(crate) p95: f64,
    /// The mean.
    pub(crate) mean: f64,
}

/// Something to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Remark {
    /// The rule's name.
    pub(crate) rule: &'static str,
    /// How much it matters.
    pub(crate) weight: Weight,
    /// What was found.
    pub(crate) message: String,
    /// What to do about it.
    pub(crate) advice: &'static str,
}

/// How much a remark matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weight {
    /// Something is broken.
    Error,
    /// Something will break, or is slower than it need be.
    Warning,
    /// Something is worth knowing.
    Note,
}

/// Processors in use between two readings; `None` when the host's clock stood still, or the
/// container was started again in between.
///
/// Source: `calculateCPUPercentUnix` of github.com/docker/cli, which multiplies by 100.
pub(crate) fn cpus(before: &Reading, after: &Reading) -> Option<f64> {
    let own_ns = after.cpu_ns.checked_sub(before.cpu_ns)?;
    let host_ns = after.host_cpu_ns.checked_sub(before.host_cpu_ns)?;
    (host_ns > 0).then(|| own_ns as f64 / host_ns as f64 * f64::from(after.host_cpu_count))
}

/// How the values of a series are spread; `None` when it has none.
pub(crate) fn spread(series: &Series) -> Option<Spread> {
    let mut sorted = series.kept.clone();
    sorted.sort_by(f64::total_cmp);
    // The nearest rank: the smallest value that 95 of 100 do not exceed.
    let rank = (sorted.len() * 95).div_ceil(100);
    let p95 = *sorted.get(rank.checked_sub(1)?)?;
    Some(Spread {
        peak: series.peak,
        p95,
        mean: series.sum / series.count as f64,
    })
}

/// `used / limit`; `None` without a limit.
pub(crate) fn share(used: f64, limit: Option<f64>) -> Option<f64> {
    limit.filter(|&limit| limit > 0.0).map(|limit| used / limit)
}

/// What should be looked at.
pub(crate) fn remarks(history: &History) -> Vec<Remark> {
    let mut remarks = Vec::new();
    remarks.extend(oom_killed(history));
    remarks.extend(memory(history));
    remarks.extend(processors(history));
    remarks.extend(restarts(history));
    remarks.extend(unhealthy(history));
    remarks
}

fn oom_killed(history: &History) -> Option<Remark> {
    (history.oom_kill_count > 0).then(|| Remark {
        rule: "oom-killed",
        weight: Weight::Error,
        message: match history.oom_kill_count {
            1 => "the kernel killed it for want of memory".to_owned(),
            count => format!("the kernel killed processes of it {count} times for want of memory"),
        },
        advice: "raise the memory limit, or find what grows",
    })
}

fn memory(history: &History) -> Option<Remark> {
    let peak = spread(&history.memory_bytes)?.peak;
    let Some(limit) = history.container.limits.memory_bytes else {
        return Some(Remark {
            rule: "no-memory-limit",
            weight: Weight::Note,
            message: format!("it has no memory limit, and used up to {}", bytes(peak)),
            advice: "set one, so that it cannot take the memory of the others",
        });
    };
    let ratio = share(peak, Some(limit as f64))?;
    let used = || {
        let (peak, limit, ratio) = (bytes(peak), format_bytes(limit), format_ratio(ratio));
        format!("it used up to {peak} of its memory limit of {limit} ({ratio})")
    };
    if ratio > MEMORY_NEAR_RATIO {
        Some(Remark {
            rule: "memory-limit-near",
            weight: Weight::Warning,
            message: used(),
            advice: "raise the limit before it is killed for want of memory",
        })
    } else if ratio < MEMORY_GENEROUS_RATIO && history.memory_bytes.count >= GENEROUS_SAMPLES_MIN {
        Some(Remark {
            rule: "memory-limit-generous",
            weight: Weight::Note,
            message: used(),
            advice: "lower the limit to twice the peak, if this was a usual load",
        })
    } else {
        None
    }
}

fn processors(history: &History) -> Option<Remark> {
    if history.container.limits.cpus.is_none() {
        let peak = spread(&history.cpus)?.peak;
        return Some(Remark {
            rule: "no-cpu-limit",
            weight: Weight::Note,
            message: format!("it has no limit on processors, and used up to {peak:.2}"),
            advice: "set one, so that it cannot take the processors of the others",
        });
    }
    let totals = history.totals();
    let throttled_ns = totals.throttled_ns as f64;
    let watched_ns = totals.watched_ms as f64 * 1e6;
    let ratio = share(throttled_ns, Some(watched_ns))?;
    (ratio > THROTTLED_RATIO).then(|| Remark {
        rule: "cpu-throttled",
        weight: Weight::Warning,
        message: format!(
            "its threads waited {:.1} s within {:.1} s because its limit on processors was used up",
            throttled_ns / 1e9,
            watched_ns / 1e9
        ),
        advice: "raise the limit, or start fewer threads",
    })
}

fn restarts(history: &History) -> Option<Remark> {
    let count = history.restart_count;
    (count > 0).then(|| Remark {
        rule: "restarts",
        weight: Weight::Warning,
        message: format!(
            "it was started again {}",
            if count == 1 {
                "once".to_owned()
            } else {
                format!("{count} times")
            }
        ),
        advice: "look at its log for why it ended",
    })
}

fn unhealthy(history: &History) -> Option<Remark> {
    let is_bad = |(_, health): &&(u64, Health)| *health == Health::Unhealthy;
    let count = history.health.iter().filter(is_bad).count();
    let is_now = history.health.last().as_ref().is_some_and(is_bad);
    (count > 0).then(|| Remark {
        rule: "unhealthy",
        weight: if is_now {
            Weight::Error
        } else {
            Weight::Warning
        },
        message: if is_now {
            "its health check fails".to_owned()
        } else {
            "its health check failed, and passed again later".to_owned()
        },
        advice: "run the check in the container to see what it says",
    })
}

fn bytes(value: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it was a count of bytes before it was averaged"
    )]
    format_bytes(value as u64)
}

#[cfg(test)]
mod tests;
