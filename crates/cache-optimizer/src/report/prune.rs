//! From a plan for the build cache to the wire: the prune report.

use common::report::{
    EngineInfo, Finding, Input, PruneBudget, PruneData, PruneOutcome, PruneRecord, PruneStep,
    PruneStrategy, PruneTotals, RebuildBasis, RecordFate, Report, Saving, Severity, Tool, Verdict,
};
use common::units::{format_bytes, format_count};
use std::collections::BTreeSet;

use crate::analysis::pruning::{Basis, Budget, Judged, Lock, Order, Plan, unshared_bytes};
use crate::model::build_cache::{BuildCache, StepName};

/// What a prune report is made from.
#[derive(Debug)]
pub(crate) struct Pruning<'a> {
    /// The Engine whose build cache it is.
    pub(crate) engine: EngineInfo,
    /// What the build cache held.
    pub(crate) cache: &'a BuildCache,
    /// What was asked for.
    pub(crate) budget: Budget,
    /// In which order records go.
    pub(crate) order: Order,
    /// What becomes of each record.
    pub(crate) plan: &'a Plan,
    /// What came of deleting. `None` for a dry run.
    pub(crate) outcome: Option<Outcome>,
}

/// What came of deleting.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    /// Bytes that the Engine says it freed.
    pub(crate) engine_freed_bytes: u64,
    /// What the build cache holds then.
    pub(crate) after: BuildCache,
}

/// Writes the report. The verdict is `fail` when the budget is not met, or something that was to go is
/// still there.
pub(crate) fn report(
    pruning: Pruning<'_>,
    received: Vec<Input>,
    created_at: String,
) -> Report<PruneData> {
    let tool = Tool {
        name: env!("CARGO_PKG_NAME").to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    let outcome = pruning.outcome.as_ref();
    let outcome = outcome.map(|outcome| self::outcome(pruning.cache, pruning.plan, outcome));
    let totals = totals(pruning.cache, pruning.plan);
    let findings = findings(&pruning, &totals, outcome.as_ref());
    let is_short = totals.missing_bytes > 0;
    let is_left = outcome
        .as_ref()
        .is_some_and(|outcome| !outcome.left.is_empty());
    let data = PruneData {
        strategy: match pruning.order {
            Order::Value => PruneStrategy::Value,
            Order::LeastRecentlyUsed => PruneStrategy::Lru,
        },
        budget: budget(&pruning),
        totals,
        records: records(pruning.cache, pruning.plan),
        outcome,
        engine: pruning.engine,
    };
    let verdict = if is_short || is_left {
        Verdict::Fail
    } else {
        Verdict::Pass
    };
    Report::new(tool, created_at, verdict, received, findings, data)
}

fn budget(pruning: &Pruning<'_>) -> PruneBudget {
    let budget = pruning.budget;
    PruneBudget {
        keep_bytes: budget.keep_bytes,
        keep_newer_than_ms: budget.keep_newer_than_ms,
        min_free_bytes: budget.min_free.map(|room| room.wanted_bytes),
        free_bytes: pruning.cache.disk.map(|disk| disk.free_bytes),
        needed_bytes: pruning.plan.needed_bytes,
    }
}

fn totals(cache: &BuildCache, plan: &Plan) -> PruneTotals {
    let unshared_bytes = unshared_bytes(cache);
    let all_bytes: u64 = cache.records.iter().map(|record| record.size_bytes).sum();
    let evicted = || plan.evicted.iter().map(|&at| &plan.judged[at]);
    PruneTotals {
        record_count: cache.records.len() as u64,
        unshared_bytes,
        shared_bytes: all_bytes - unshared_bytes,
        evicted_count: plan.evicted.len() as u64,
        evicted_bytes: plan.evicted_bytes(cache),
        rebuild_ms: evicted().map(|judged| judged.cost.duration_ms).sum(),
        expected_loss_ms: whole_ms(evicted().map(Judged::loss_ms).sum()),
        missing_bytes: plan.missing_bytes(cache),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a time that is lost is positive, and shorter than centuries"
)]
fn whole_ms(duration_ms: f64) -> u64 {
    duration_ms.round() as u64
}

/// The records that go, in order; then those that stay, least worth first.
fn records(cache: &BuildCache, plan: &Plan) -> Vec<PruneRecord> {
    let gone: BTreeSet<usize> = plan.evicted.iter().copied().collect();
    let stays = |at: &usize| !gone.contains(at);
    let mut staying: Vec<usize> = (0..cache.records.len()).filter(stays).collect();
    staying.sort_by(|&a, &b| {
        let (one, other) = (&plan.judged[a], &plan.judged[b]);
        let id = |at: usize| &cache.records[at].id;
        one.loss_ms()
            .total_cmp(&other.loss_ms())
            .then_with(|| id(a).cmp(id(b)))
    });
    let evicted = plan.evicted.iter();
    let evicted = evicted.map(|&at| record(cache, at, &plan.judged[at], RecordFate::Evicted));
    let staying = staying.into_iter().map(|at| {
        let judged = &plan.judged[at];
        record(cache, at, judged, fate(judged.lock))
    });
    evicted.chain(staying).collect()
}

fn record(cache: &BuildCache, at: usize, judged: &Judged, fate: RecordFate) -> PruneRecord {
    let record = &cache.records[at];
    PruneRecord {
        id: record.id.clone(),
        parents: record.parents.clone(),
        description: record.description.clone(),
        step: judged.step.as_ref().map(step),
        size_bytes: record.size_bytes,
        use_count: record.use_count,
        idle_ms: u64::try_from(cache.now_ms - record.last_used_ms).unwrap_or(0),
        rebuild_ms: judged.cost.duration_ms,
        rebuild_basis: match judged.cost.basis {
            Basis::Measured => RebuildBasis::Measured,
            Basis::Times => RebuildBasis::Times,
            Basis::Assumed => RebuildBasis::Assumed,
        },
        // Three digits say all that is known.
        need_ratio: (judged.need_ratio * 1000.0).round() / 1000.0,
        fate,
    }
}

fn step(name: &StepName) -> PruneStep {
    PruneStep {
        target: name.target.clone(),
        stage: name.stage.clone(),
        text: name.text.clone(),
    }
}

fn fate(lock: Option<Lock>) -> RecordFate {
    match lock {
        None => RecordFate::Kept,
        Some(Lock::Shared) => RecordFate::Shared,
        Some(Lock::InUse) => RecordFate::InUse,
        Some(Lock::Internal) => RecordFate::Internal,
        Some(Lock::Newer) => RecordFate::Newer,
        Some(Lock::HoldsUp) => RecordFate::HoldsUp,
    }
}

fn outcome(cache: &BuildCache, plan: &Plan, outcome: &Outcome) -> PruneOutcome {
    let after = &outcome.after;
    let still: BTreeSet<&str> = after
        .records
        .iter()
        .map(|record| record.id.as_str())
        .collect();
    let planned = plan.evicted.iter().map(|&at| &cache.records[at]);
    let (left, gone): (Vec<_>, Vec<_>) =
        planned.partition(|record| still.contains(record.id.as_str()));
    let mut left: Vec<String> = left.iter().map(|record| record.id.clone()).collect();
    left.sort();
    PruneOutcome {
        deleted_count: gone.len() as u64,
        freed_bytes: gone.iter().map(|record| record.size_bytes).sum(),
        engine_freed_bytes: outcome.engine_freed_bytes,
        unshared_bytes: unshared_bytes(after),
        free_bytes: after.disk.map(|disk| disk.free_bytes),
        left,
    }
}

fn findings(
    pruning: &Pruning<'_>,
    totals: &PruneTotals,
    outcome: Option<&PruneOutcome>,
) -> Vec<Finding> {
    let cache = pruning.cache;
    let mut findings = Vec::new();
    if totals.missing_bytes > 0 {
        findings.push(budget_not_met(pruning.plan, totals));
    }
    if cache.dangling_image_count > 0 && totals.shared_bytes > 0 {
        findings.push(dangling_images(cache.dangling_image_count));
    }
    let judged = pruning.plan.judged.iter();
    let (known, unknown): (Vec<_>, Vec<_>) = judged
        .filter(|judged| judged.lock.is_none())
        .partition(|judged| judged.cost.basis == Basis::Measured);
    if !unknown.is_empty() {
        findings.push(unknown_costs(unknown.len(), known.len()));
    }
    let left_count = outcome.map_or(0, |outcome| outcome.left.len() as u64);
    if left_count > 0 {
        let still = format!("{} still there", format_count(left_count, "record"));
        findings.push(finding(
            "records-left",
            Severity::Warning,
            format!("{still} that were to go"),
            "a build took them up meanwhile; prune again when it has ended",
        ));
    }
    findings
}

fn finding(rule: &str, severity: Severity, message: String, advice: &str) -> Finding {
    Finding {
        rule: rule.to_owned(),
        severity,
        message,
        advice: Some(advice.to_owned()),
        location: None,
        subject: None,
        saving: None,
    }
}

fn budget_not_met(plan: &Plan, totals: &PruneTotals) -> Finding {
    let count = |wanted: Lock| {
        let locks = plan
            .judged
            .iter()
            .filter(|judged| judged.lock == Some(wanted));
        locks.count() as u64
    };
    let reasons = [
        (Lock::InUse, "in use"),
        (Lock::Newer, "newer than what may go"),
        (Lock::Internal, "the builder's own"),
        (Lock::HoldsUp, "below one that stays"),
        (Lock::Shared, "shared with images, which is not counted"),
    ];
    let why: Vec<String> = reasons
        .into_iter()
        .filter(|&(lock, _)| count(lock) > 0)
        .map(|(lock, what)| format!("{} {what}", count(lock)))
        .collect();
    let why = if why.is_empty() {
        "all that may go goes".to_owned()
    } else {
        format!("of the records that stay are {}", why.join(", "))
    };
    let missing = format_bytes(totals.missing_bytes);
    let mut finding = finding(
        "budget-not-met",
        Severity::Warning,
        format!("{missing} more than may go would have to go: {why}"),
        "delete images that nobody needs, spare less, or ask for less",
    );
    finding.saving = Some(Saving {
        duration_ms: None,
        size_bytes: Some(totals.missing_bytes),
    });
    finding
}

/// Source: research/cache.md section 1.7, point 5
fn dangling_images(count: u64) -> Finding {
    let images = format_count(count, "image");
    finding(
        "dangling-images",
        Severity::Warning,
        format!(
            "{images} without a name may hold records, which cannot go as long as they are shared"
        ),
        "run `docker image prune` first",
    )
}

fn unknown_costs(unknown_count: usize, known_count: usize) -> Finding {
    let records = format_count((unknown_count + known_count) as u64, "record");
    finding(
        "cost-not-measured",
        Severity::Note,
        format!(
            "of {records} that may go, {unknown_count} were made by no step of the builds given: what they cost is taken from the times of the records, or assumed"
        ),
        "give the reports of more builds, with `--input` or `--history`",
    )
}

#[cfg(test)]
mod tests {
    use common::report::Verdict;

    use super::*;
    use crate::analysis::pruning::plan;
    use crate::model::build_cache::{CacheRecord, Disk, RecordKind};

    fn record(id: &str, parents: &[&str], size_bytes: u64) -> CacheRecord {
        CacheRecord {
            id: id.to_owned(),
            parents: parents.iter().map(|&parent| parent.to_owned()).collect(),
            kind: RecordKind::Layer,
            description: "fileop target".to_owned(),
            is_in_use: false,
            is_shared: false,
            size_bytes,
            created_ms: 0,
            last_used_ms: 0,
            use_count: 1,
        }
    }

    fn cache() -> BuildCache {
        let mut shared = record("shared", &[], 500);
        shared.is_shared = true;
        BuildCache {
            records: vec![record("a", &[], 100), record("b", &["a"], 10), shared],
            now_ms: 1000,
            dangling_image_count: 2,
            disk: Some(Disk {
                size_bytes: 1000,
                free_bytes: 300,
            }),
        }
    }

    fn written(keep_bytes: u64, after: Option<BuildCache>) -> Report<PruneData> {
        let cache = cache();
        let budget = Budget {
            keep_bytes: Some(keep_bytes),
            ..Budget::default()
        };
        let plan = plan(&cache, &[], budget, Order::Value);
        let pruning = Pruning {
            engine: EngineInfo {
                version: "1".to_owned(),
                api_version: "1".to_owned(),
                platform: "linux/amd64".to_owned(),
            },
            cache: &cache,
            budget,
            order: Order::Value,
            plan: &plan,
            outcome: after.map(|after| Outcome {
                engine_freed_bytes: 7,
                after,
            }),
        };
        report(pruning, Vec::new(), "2026-01-01T00:00:00.000Z".to_owned())
    }

    fn rules(report: &Report<PruneData>) -> Vec<&str> {
        report.findings.iter().map(|f| f.rule.as_str()).collect()
    }

    #[test]
    fn records_that_go_come_first_and_sums_leave_out_what_is_shared() {
        let report = written(0, None);
        let fates: Vec<_> = report
            .data
            .records
            .iter()
            .map(|r| (r.id.as_str(), r.fate))
            .collect();
        let expected = [
            ("b", RecordFate::Evicted),
            ("a", RecordFate::Evicted),
            ("shared", RecordFate::Shared),
        ];
        assert_eq!(fates, expected);
        let totals = report.data.totals;
        assert_eq!((totals.unshared_bytes, totals.shared_bytes), (110, 500));
        assert_eq!((totals.evicted_count, totals.evicted_bytes), (2, 110));
        assert_eq!(report.data.budget.needed_bytes, Some(110));
        assert_eq!(report.data.outcome, None);
    }

    #[test]
    fn what_pins_and_what_is_not_known_is_said() {
        let report = written(0, None);
        assert_eq!(rules(&report), ["dangling-images", "cost-not-measured"]);
        assert_eq!(report.verdict, Verdict::Pass);
    }

    #[test]
    fn what_is_still_there_was_not_freed() {
        let mut after = cache();
        after.records.retain(|record| record.id != "b");
        let report = written(0, Some(after));
        let outcome = report.data.outcome.as_ref().unwrap();
        assert_eq!((outcome.deleted_count, outcome.freed_bytes), (1, 10));
        assert_eq!(outcome.left, ["a"]);
        assert!(rules(&report).contains(&"records-left"));
        assert_eq!(report.verdict, Verdict::Fail);
    }
}
