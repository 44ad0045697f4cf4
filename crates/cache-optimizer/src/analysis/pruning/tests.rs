//! What goes and what stays.

use proptest::collection::vec;
use proptest::prelude::*;

use super::sample::{cache, layer, made, run, step, used};
use super::*;
use crate::model::build_cache::{CacheRecord, RecordKind};

fn keep(keep_bytes: u64) -> Budget {
    Budget {
        keep_bytes: Some(keep_bytes),
        ..Budget::default()
    }
}

/// The ids of what goes, in order.
fn gone(cache: &BuildCache, steps: &[PastStep], budget: Budget, order: Order) -> Vec<String> {
    let plan = plan(cache, steps, budget, order);
    let id = |&at: &usize| cache.records[at].id.clone();
    plan.evicted.iter().map(id).collect()
}

fn gone_by_value(cache: &BuildCache, steps: &[PastStep], keep_bytes: u64) -> Vec<String> {
    gone(cache, steps, keep(keep_bytes), Order::Value)
}

#[test]
fn the_cheap_step_goes_although_it_was_used_last() {
    let cache = cache([
        made(60, run("dear", &[], 100, "compile")),
        made(80, run("cheap", &[], 100, "unpack")),
    ]);
    let steps = [
        step("RUN compile", None, 60, 60_000),
        step("RUN unpack", None, 80, 500),
    ];
    assert_eq!(gone_by_value(&cache, &steps, 100), ["cheap"]);
    let by_last_use = gone(&cache, &steps, keep(100), Order::LeastRecentlyUsed);
    assert_eq!(by_last_use, ["dear"]);
}

#[test]
fn of_equal_cost_the_one_that_is_never_used_goes() {
    let cache = cache([
        used(5, 90, run("used", &[], 100, "a")),
        run("unused", &[], 100, "b"),
    ]);
    let steps = [step("RUN a", None, 0, 9000), step("RUN b", None, 0, 9000)];
    assert_eq!(gone_by_value(&cache, &steps, 100), ["unused"]);
}

#[test]
fn a_large_parent_is_weighed_with_the_small_children_that_hold_it_up() {
    // The leaf alone costs much for its one byte; with its parent it is the cheapest.
    let cache = cache([
        run("base", &[], 1000, "a"),
        run("leaf", &["base"], 1, "b"),
        run("other", &[], 1000, "c"),
    ]);
    let steps = [
        step("RUN a", None, 0, 1000),
        step("RUN b", Some(0), 0, 2000),
        step("RUN c", None, 0, 50_000),
    ];
    assert_eq!(gone_by_value(&cache, &steps, 1001), ["leaf", "base"]);
}

#[test]
fn one_record_goes_where_many_cheaper_ones_would_cost_more() {
    let cache = cache([
        run("a", &[], 60, "a"),
        run("b", &[], 60, "b"),
        run("large", &[], 110, "large"),
    ]);
    let steps = [
        step("RUN a", None, 0, 1000),
        step("RUN b", None, 0, 1000),
        step("RUN large", None, 0, 1900),
    ];
    assert_eq!(gone_by_value(&cache, &steps, 120), ["large"]);
}

#[test]
fn what_need_not_go_stays() {
    let cache = cache([run("small", &[], 10, "a"), run("large", &[], 100, "b")]);
    let steps = [step("RUN a", None, 0, 10), step("RUN b", None, 0, 900)];
    assert_eq!(gone_by_value(&cache, &steps, 10), ["large"]);
}

#[test]
fn shared_and_used_records_stay_with_all_that_they_lie_upon() {
    let mut shared = layer("shared", &["below"], 10);
    shared.is_shared = true;
    let mut in_use = layer("in-use", &[], 10);
    in_use.is_in_use = true;
    let mut internal = layer("internal", &[], 10);
    internal.kind = RecordKind::Internal;
    let cache = cache([layer("below", &[], 10), shared, in_use, internal]);
    let plan = plan(&cache, &[], keep(0), Order::Value);
    let locks: Vec<_> = plan.judged.iter().map(|judged| judged.lock).collect();
    let expected = [Lock::HoldsUp, Lock::Shared, Lock::InUse, Lock::Internal];
    assert_eq!(locks, expected.map(Some));
    assert!(plan.evicted.is_empty());
    // What images share is not counted.
    assert_eq!(plan.missing_bytes(&cache), 30);
}

#[test]
fn without_a_size_all_goes_that_is_old_enough() {
    let cache = cache([
        made(10, layer("old", &[], 10)),
        made(95, layer("new", &[], 10)),
    ]);
    let budget = Budget {
        keep_newer_than_ms: Some(50_000),
        ..Budget::default()
    };
    assert_eq!(gone(&cache, &[], budget, Order::Value), ["old"]);
    let plan = plan(&cache, &[], budget, Order::Value);
    assert_eq!((plan.needed_bytes, plan.missing_bytes(&cache)), (None, 0));
}

#[test]
fn room_that_is_there_need_not_be_made() {
    let cache = cache([layer("a", &[], 10)]);
    let with = |wanted_bytes| Budget {
        min_free: Some(Room {
            wanted_bytes,
            free_bytes: 50,
        }),
        ..Budget::default()
    };
    assert!(gone(&cache, &[], with(50), Order::Value).is_empty());
    assert_eq!(gone(&cache, &[], with(51), Order::Value), ["a"]);
}

/// Any cache whose records lie upon earlier ones, with steps that made some of them.
fn any_cache() -> impl Strategy<Value = (BuildCache, Vec<PastStep>)> {
    let flag = || prop::bool::weighted(0.1);
    let record = (
        0..1000_u64,
        0..100_i64,
        0..5_u64,
        0..5000_u64,
        any::<u8>(),
        flag(),
        flag(),
    );
    vec(record, 0..25).prop_map(|drawn| {
        let mut records: Vec<CacheRecord> = Vec::new();
        let mut steps = Vec::new();
        for (size_bytes, second, uses, cost_ms, parent, is_shared, is_in_use) in drawn {
            let at = records.len();
            let parent = usize::from(parent) % (at + 1);
            let parents: Vec<&str> = records
                .get(parent)
                .map(|r| r.id.as_str())
                .into_iter()
                .collect();
            let command = format!("command {at}");
            let mut record = run(&format!("r{at}"), &parents, size_bytes, &command);
            record.is_shared = is_shared;
            record.is_in_use = is_in_use;
            records.push(used(uses, second, record));
            steps.push(step(&format!("RUN {command}"), None, 0, cost_ms));
        }
        let cache = BuildCache {
            records,
            ..cache([])
        };
        (cache, steps)
    })
}

proptest! {
    #[test]
    fn no_plan_breaks_a_rule((cache, steps) in any_cache(), keep_bytes in 0..8000_u64, newer in 0..100_000_u64) {
        for order in [Order::Value, Order::LeastRecentlyUsed] {
            let budget = Budget { keep_newer_than_ms: Some(newer), ..keep(keep_bytes) };
            let plan = plan(&cache, &steps, budget, order);
            let mut is_gone = vec![false; cache.records.len()];
            for &at in &plan.evicted {
                let record = &cache.records[at];
                prop_assert!(!is_gone[at] && !record.is_shared && !record.is_in_use);
                prop_assert!(cache.now_ms - record.last_used_ms >= i64::try_from(newer).unwrap());
                for (child, other) in cache.records.iter().enumerate() {
                    prop_assert!(!other.parents.contains(&record.id) || is_gone[child]);
                }
                is_gone[at] = true;
            }
            // Enough is free, or all that may go goes.
            let rest = plan.judged.iter().zip(&is_gone).zip(&cache.records);
            let may_go = rest.filter(|((judged, gone), record)| {
                judged.lock.is_none() && !**gone && record.size_bytes > 0
            });
            prop_assert!(plan.missing_bytes(&cache) == 0 || may_go.count() == 0);
        }
    }

    #[test]
    fn by_value_never_loses_more_than_by_last_use((cache, steps) in any_cache(), keep_bytes in 0..8000_u64) {
        let lost = |order| {
            let plan = plan(&cache, &steps, keep(keep_bytes), order);
            let lost: f64 = plan.evicted.iter().map(|&at| plan.judged[at].loss_ms()).sum();
            lost
        };
        prop_assert!(lost(Order::Value) <= lost(Order::LeastRecentlyUsed) + 0.1);
    }
}
