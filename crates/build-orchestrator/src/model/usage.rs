//! What containers use, moment by moment, and what is kept of it.
//!
//! A container may be followed for weeks, so what is kept of it does not grow with time.

use super::container::{Container, Health};

/// How many values a series keeps.
///
/// Chosen: at one a second more than an hour is kept whole, and a percentile of longer spans rests
/// on two thousand values or more.
const KEPT_MAX: usize = 4096;

/// The Engine's counters for one container at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reading {
    /// When it was read, in milliseconds since the monitor's start.
    pub(crate) at_ms: u64,
    /// When it was read by the Engine's clock, RFC 3339.
    pub(crate) at: String,
    /// Processor time of the container, in nanoseconds since its start.
    pub(crate) cpu_ns: u64,
    /// Processor time of the whole host, idle time too, in nanoseconds.
    pub(crate) host_cpu_ns: u64,
    /// How many processors the host has.
    pub(crate) host_cpu_count: u32,
    /// For how long the container wanted a processor and was kept from it by its limit, all its
    /// threads added, in nanoseconds.
    pub(crate) throttled_ns: u64,
    /// Bytes of memory that cannot be given back without loss.
    pub(crate) memory_bytes: u64,
    /// Bytes that were received from all networks.
    pub(crate) received_bytes: u64,
    /// Bytes that were sent to all networks.
    pub(crate) sent_bytes: u64,
    /// Bytes that were read from block devices.
    pub(crate) read_bytes: u64,
    /// Bytes that were written to block devices.
    pub(crate) written_bytes: u64,
    /// Processes and threads.
    pub(crate) pids: u64,
}

/// Something that was seen of a container.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Seen {
    /// It is there, or something about it changed.
    Container(Box<Container>),
    /// Its counters.
    Reading(String, Reading),
    /// The kernel killed one of its processes for want of memory.
    OomKill(String),
    /// It was removed.
    Removed(String),
}

/// What is known of a container that is or was followed.
#[derive(Clone, Debug)]
pub(crate) struct History {
    /// The container as it was last seen.
    pub(crate) container: Container,
    /// Whether it was removed.
    pub(crate) is_removed: bool,
    /// The first counters since the process last started. `None` before there are any.
    pub(crate) first: Option<Reading>,
    /// The last counters. `None` before there are any.
    pub(crate) last: Option<Reading>,
    /// Counters of earlier runs of the process, added.
    pub(crate) earlier: Totals,
    /// Processors in use, such as 0.5.
    pub(crate) cpus: Series,
    /// Bytes of memory in use.
    pub(crate) memory_bytes: Series,
    /// The most processes and threads.
    pub(crate) pids_peak: u64,
    /// How often it was started again.
    pub(crate) restart_count: u64,
    /// How often the kernel killed one of its processes for want of memory.
    pub(crate) oom_kill_count: u64,
    /// What the health check said, and since when in milliseconds, whenever it changed.
    pub(crate) health: Vec<(u64, Health)>,
    restart_count_at_first: u64,
    oom_events: u64,
}

/// What was counted between two readings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    /// For how long it was counted, in milliseconds.
    pub(crate) watched_ms: u64,
    /// Processor time, in nanoseconds.
    pub(crate) cpu_ns: u64,
    /// Time without the processor because of the limit, in nanoseconds.
    pub(crate) throttled_ns: u64,
    /// Bytes from networks.
    pub(crate) received_bytes: u64,
    /// Bytes to networks.
    pub(crate) sent_bytes: u64,
    /// Bytes from block devices.
    pub(crate) read_bytes: u64,
    /// Bytes to block devices.
    pub(crate) written_bytes: u64,
}

impl History {
    /// The history of a container that is seen for the first time.
    pub(crate) fn new(container: Container, at_ms: u64) -> Self {
        Self {
            is_removed: false,
            first: None,
            last: None,
            earlier: Totals::default(),
            cpus: Series::default(),
            memory_bytes: Series::default(),
            pids_peak: 0,
            restart_count: 0,
            oom_kill_count: 0,
            oom_events: 0,
            health: container
                .health
                .iter()
                .map(|&health| (at_ms, health))
                .collect(),
            restart_count_at_first: container.restart_count,
            container,
        }
    }

    /// Takes up how the container is now.
    pub(crate) fn see(&mut self, container: Container, at_ms: u64) {
        let before = &self.container;
        let is_new_run = container.started_at != before.started_at;
        // The Engine counts what its policy started, but forgets that when a person does it; what
        // starts and dies between two looks is in its count only.
        let counted = container
            .restart_count
            .saturating_sub(self.restart_count_at_first);
        self.restart_count = (self.restart_count + u64::from(is_new_run)).max(counted);
        if container.is_oom_killed && (is_new_run || !before.is_oom_killed) {
            // The kernel's word comes separately, and may come later.
            self.oom_kill_count = self.oom_kill_count.max(1);
        }
        if let Some(health) = container.health
            && before.health != Some(health)
        {
            self.health.push((at_ms, health));
        }
        if is_new_run {
            self.end_run();
        }
        self.container = container;
    }

    /// Takes up that the kernel killed one of its processes for want of memory.
    pub(crate) fn count_oom_kill(&mut self) {
        self.oom_events += 1;
        self.oom_kill_count = self.oom_kill_count.max(self.oom_events);
    }

    /// Takes up a reading; `cpus` are the processors in use since the one before.
    pub(crate) fn read(&mut self, reading: Reading, cpus: Option<f64>) {
        if self
            .last
            .as_ref()
            .is_some_and(|last| reading.cpu_ns < last.cpu_ns)
        {
            // The counters began anew before we heard of the restart.
            self.end_run();
        }
        if let Some(cpus) = cpus {
            self.cpus.push(cpus);
        }
        self.memory_bytes.push(reading.memory_bytes as f64);
        self.pids_peak = self.pids_peak.max(reading.pids);
        self.first.get_or_insert_with(|| reading.clone());
        self.last = Some(reading);
    }

    /// What was counted while the container was followed.
    pub(crate) fn totals(&self) -> Totals {
        match (&self.first, &self.last) {
            (Some(first), Some(last)) => self.earlier.plus(Totals::between(first, last)),
            _ => self.earlier,
        }
    }

    fn end_run(&mut self) {
        self.earlier = self.totals();
        self.first = None;
        self.last = None;
    }
}

impl Totals {
    fn between(first: &Reading, last: &Reading) -> Self {
        Self {
            watched_ms: last.at_ms - first.at_ms,
            cpu_ns: last.cpu_ns.saturating_sub(first.cpu_ns),
            throttled_ns: last.throttled_ns.saturating_sub(first.throttled_ns),
            received_bytes: last.received_bytes.saturating_sub(first.received_bytes),
            sent_bytes: last.sent_bytes.saturating_sub(first.sent_bytes),
            read_bytes: last.read_bytes.saturating_sub(first.read_bytes),
            written_bytes: last.written_bytes.saturating_sub(first.written_bytes),
        }
    }

    fn plus(self, other: Self) -> Self {
        Self {
            watched_ms: self.watched_ms + other.watched_ms,
            cpu_ns: self.cpu_ns + other.cpu_ns,
            throttled_ns: self.throttled_ns + other.throttled_ns,
            received_bytes: self.received_bytes + other.received_bytes,
            sent_bytes: self.sent_bytes + other.sent_bytes,
            read_bytes: self.read_bytes + other.read_bytes,
            written_bytes: self.written_bytes + other.written_bytes,
        }
    }
}

/// Values over time: the exact peak and mean, and evenly thinned values for percentiles.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Series {
    /// How many values there were.
    pub(crate) count: u64,
    /// The largest one; 0 when there was none.
    pub(crate) peak: f64,
    /// All of them added.
    pub(crate) sum: f64,
    /// Every so many values, in their order.
    pub(crate) kept: Vec<f64>,
    /// One value of so many, as a power of two, is kept.
    thinned: u32,
}

impl Series {
    /// Adds a value.
    pub(crate) fn push(&mut self, value: f64) {
        if self.count.is_multiple_of(1 << self.thinned) {
            if self.kept.len() == KEPT_MAX {
                let mut is_odd = true;
                self.kept.retain(|_| {
                    is_odd = !is_odd;
                    !is_odd
                });
                self.thinned += 1;
            }
            self.kept.push(value);
        }
        self.count += 1;
        self.sum += value;
        self.peak = self.peak.max(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_series_keeps_its_peak_and_mean_and_thins_the_rest() {
        let mut series = Series::default();
        for value in 0..10_000 {
            series.push(f64::from(value));
        }
        assert_eq!((series.count, series.peak), (10_000, 9_999.0));
        assert!((series.sum - 49_995_000.0).abs() < 1e-6);
        // 0, 4, 8, ... 9996
        assert_eq!(series.kept.len(), 2_500);
        assert!((series.kept[1] - 4.0).abs() < 1e-9);
        assert!((series.kept[2_499] - 9_996.0).abs() < 1e-9);
    }

    fn reading(cpu_ns: u64, sent_bytes: u64) -> Reading {
        Reading {
            cpu_ns,
            sent_bytes,
            ..Reading::default()
        }
    }

    #[test]
    fn what_was_counted_before_a_restart_is_not_lost() {
        let mut history = History::new(Container::default(), 0);
        history.read(reading(100, 5), None);
        history.read(reading(150, 6), None);
        history.read(reading(10, 0), None);
        history.read(reading(30, 7), None);
        let totals = history.totals();
        assert_eq!((totals.cpu_ns, totals.sent_bytes), (70, 8));
    }

    #[test]
    fn restarts_are_counted_whoever_starts_the_container() {
        let seen = |started_at: &str, restart_count| Container {
            started_at: started_at.to_owned(),
            restart_count,
            ..Container::default()
        };
        let mut history = History::new(seen("1", 3), 0);
        history.see(seen("1", 3), 1);
        assert_eq!(history.restart_count, 0);
        history.see(seen("2", 3), 2);
        assert_eq!(history.restart_count, 1);
        history.see(seen("9", 8), 3);
        assert_eq!(history.restart_count, 5);
    }

    #[test]
    fn only_changes_of_health_are_kept() {
        let seen = |health| Container {
            health: Some(health),
            ..Container::default()
        };
        let mut history = History::new(seen(Health::Starting), 0);
        history.see(seen(Health::Starting), 5);
        history.see(seen(Health::Healthy), 9);
        let expected = [(0, Health::Starting), (9, Health::Healthy)];
        assert_eq!(history.health, expected);
    }
}
