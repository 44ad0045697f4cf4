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
    let unknown = |judged: &&Judged| judged.cost.basis != Basis::Measured;
    let unknown_count = pruning.plan.judged.iter().filter(unknown).count();
    if unknown_count > 0 {
        findings.push(unknown_costs(unknown_count as u64, totals.record_count));
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

fn unknown_costs(unknown_count: u64, record_count: u64) -> Finding {
    finding(
        "cost-not-measured",
        Severity::Note,
        format!(
            "of {}, {unknown_count} were made by no step of the builds given: what they cost is taken from the times of the records, or assumed",
            format_count(record_count, "record")
        ),
        "give the reports of more builds, with `--input` or `--history`",
    )
}
