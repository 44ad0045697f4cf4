//! The Engine's counters for a container, from its stream of them.

use bollard::models::{
    ContainerBlkioStats, ContainerMemoryStats, ContainerNetworkStats, ContainerStatsResponse,
};

use crate::model::usage::Reading;

/// What a message of the stream says. `None` for one without counters, as it comes when the
/// process has ended or has not yet begun.
pub(crate) fn reading(stats: &ContainerStatsResponse, at_ms: u64) -> Option<Reading> {
    let cpu = stats.cpu_stats.as_ref()?;
    let usage = cpu.cpu_usage.as_ref()?;
    let throttling = cpu.throttling_data.as_ref();
    let networks = || stats.networks.iter().flat_map(|networks| networks.values());
    let network = |bytes: fn(&ContainerNetworkStats) -> Option<u64>| {
        networks().filter_map(bytes).sum::<u64>()
    };
    let processes = usage.percpu_usage.as_ref().map_or(0, Vec::len);
    Some(Reading {
        at_ms,
        at: stats.read.clone().unwrap_or_default(),
        cpu_ns: usage.total_usage.filter(|&ns| ns > 0)?,
        host_cpu_ns: cpu.system_cpu_usage?,
        // Source: `calculateCPUPercentUnix` of github.com/docker/cli
        host_cpu_count: cpu
            .online_cpus
            .filter(|&count| count > 0)
            .unwrap_or(u32::try_from(processes).unwrap_or(u32::MAX)),
        throttled_ns: throttling
            .and_then(|data| data.throttled_time)
            .unwrap_or_default(),
        memory_bytes: memory_bytes(stats.memory_stats.as_ref()?),
        received_bytes: network(|network| network.rx_bytes),
        sent_bytes: network(|network| network.tx_bytes),
        read_bytes: block_bytes(stats.blkio_stats.as_ref(), "read"),
        written_bytes: block_bytes(stats.blkio_stats.as_ref(), "write"),
        pids: stats
            .pids_stats
            .as_ref()
            .and_then(|pids| pids.current)
            .unwrap_or_default(),
    })
}

/// Memory without the file cache that nobody used lately. Its counter is called
/// `total_inactive_file` with the first version of control groups and `inactive_file` with the
/// second.
///
/// Source: `calculateMemUsageUnixNoCache` of github.com/docker/cli
fn memory_bytes(memory: &ContainerMemoryStats) -> u64 {
    let usage = memory.usage.unwrap_or_default();
    let counters = memory.stats.as_ref();
    let inactive = counters.and_then(|counters| {
        counters
            .get("total_inactive_file")
            .or_else(|| counters.get("inactive_file"))
    });
    let inactive = inactive.copied().unwrap_or_default();
    if inactive < usage {
        usage - inactive
    } else {
        usage
    }
}

/// Bytes of one direction. `Read` and `Write` with the first version of control groups, `read` and
/// `write` with the second.
fn block_bytes(block: Option<&ContainerBlkioStats>, direction: &str) -> u64 {
    let entries = block.and_then(|block| block.io_service_bytes_recursive.as_ref());
    let of_direction = entries.into_iter().flatten().filter(|entry| {
        let op = entry.op.as_deref().unwrap_or_default();
        op.eq_ignore_ascii_case(direction)
    });
    of_direction.filter_map(|entry| entry.value).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use bollard::models::{
        ContainerBlkioStatEntry, ContainerCpuStats, ContainerCpuUsage, ContainerThrottlingData,
    };
    use std::collections::HashMap;

    fn memory(usage: u64, counters: &[(&str, u64)]) -> ContainerMemoryStats {
        let counters = counters
            .iter()
            .map(|&(name, value)| (name.to_owned(), value));
        ContainerMemoryStats {
            usage: Some(usage),
            stats: Some(counters.collect()),
            ..ContainerMemoryStats::default()
        }
    }

    fn block(op: &str, value: u64) -> ContainerBlkioStatEntry {
        ContainerBlkioStatEntry {
            op: Some(op.to_owned()),
            value: Some(value),
            ..ContainerBlkioStatEntry::default()
        }
    }

    #[test]
    fn memory_is_what_the_cache_leaves_in_both_versions_of_control_groups() {
        let first = memory(100, &[("total_inactive_file", 30), ("inactive_file", 1)]);
        assert_eq!(memory_bytes(&first), 70);
        assert_eq!(memory_bytes(&memory(100, &[("inactive_file", 40)])), 60);
        assert_eq!(memory_bytes(&memory(100, &[])), 100);
        assert_eq!(memory_bytes(&memory(100, &[("inactive_file", 200)])), 100);
    }

    #[test]
    fn all_devices_and_networks_are_added() {
        let network = |received| ContainerNetworkStats {
            rx_bytes: Some(received),
            tx_bytes: Some(1),
            ..ContainerNetworkStats::default()
        };
        let stats = ContainerStatsResponse {
            read: Some("2026-01-01T00:00:00Z".to_owned()),
            cpu_stats: Some(ContainerCpuStats {
                cpu_usage: Some(ContainerCpuUsage {
                    total_usage: Some(5),
                    percpu_usage: Some(vec![1, 4]),
                    ..ContainerCpuUsage::default()
                }),
                system_cpu_usage: Some(50),
                online_cpus: None,
                throttling_data: Some(ContainerThrottlingData {
                    throttled_time: Some(9),
                    ..ContainerThrottlingData::default()
                }),
            }),
            memory_stats: Some(memory(100, &[])),
            networks: Some(HashMap::from([
                ("eth0".to_owned(), network(3)),
                ("eth1".to_owned(), network(4)),
            ])),
            blkio_stats: Some(ContainerBlkioStats {
                io_service_bytes_recursive: Some(vec![
                    block("Read", 1),
                    block("Write", 2),
                    block("read", 10),
                    block("Total", 100),
                ]),
                ..ContainerBlkioStats::default()
            }),
            ..ContainerStatsResponse::default()
        };
        let expected = Reading {
            at_ms: 8,
            at: "2026-01-01T00:00:00Z".to_owned(),
            cpu_ns: 5,
            host_cpu_ns: 50,
            host_cpu_count: 2,
            throttled_ns: 9,
            memory_bytes: 100,
            received_bytes: 7,
            sent_bytes: 2,
            read_bytes: 11,
            written_bytes: 2,
            pids: 0,
        };
        assert_eq!(reading(&stats, 8), Some(expected));
    }

    #[test]
    fn a_message_without_counters_is_no_reading() {
        assert_eq!(reading(&ContainerStatsResponse::default(), 0), None);
    }
}
