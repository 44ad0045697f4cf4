//! From a simulation to the report of it.

use common::report::{CriticalStep, PredictionData, StepChange, TargetPrediction};
use std::collections::BTreeMap;

use crate::analysis::critical_path::Link;
use crate::analysis::simulate::{Conditions, simulate};
use crate::model::recorded::RecordedBuild;

/// What a build, recorded in the report of this id, would take: with other durations of steps by
/// id, and with at most `parallel_max` targets at once.
pub(crate) fn prediction_data(
    report: String,
    build: &RecordedBuild,
    parallel_max: usize,
    durations_ms: BTreeMap<String, u64>,
) -> PredictionData {
    let recorded = Conditions {
        parallel_max: build.parallel_max,
        ..Conditions::default()
    };
    let baseline_ms = simulate(build, &recorded).duration_ms;
    let conditions = Conditions {
        parallel_max,
        durations_ms,
    };
    let predicted = simulate(build, &conditions);
    let targets = build.targets.iter().zip(&predicted.targets);
    PredictionData {
        report,
        recorded_ms: build.duration_ms,
        recorded_parallel_max: number(build.parallel_max),
        baseline_ms,
        parallel_max: number(parallel_max),
        changes: changes(build, &conditions),
        predicted_ms: predicted.duration_ms,
        saving_ms: signed(baseline_ms) - signed(predicted.duration_ms),
        targets: targets
            .map(|(target, &(started_ms, ended_ms))| TargetPrediction {
                target: target.name.clone(),
                recorded_started_ms: target.started_ms,
                recorded_duration_ms: target.ended_ms - target.started_ms,
                started_ms,
                duration_ms: ended_ms.saturating_sub(started_ms),
            })
            .collect(),
        critical_path: predicted.critical_path.into_iter().map(link).collect(),
    }
}

fn changes(build: &RecordedBuild, conditions: &Conditions) -> Vec<StepChange> {
    let steps = build.targets.iter().flat_map(|target| &target.steps);
    let changed = steps.filter_map(|step| {
        Some(StepChange {
            step: step.id.clone(),
            recorded_ms: step.duration_ms,
            predicted_ms: *conditions.durations_ms.get(&step.id)?,
        })
    });
    changed.collect()
}

fn link(link: Link) -> CriticalStep {
    CriticalStep {
        step: link.step,
        duration_ms: link.duration_ms,
        waited_ms: link.waited_ms,
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn signed(duration_ms: u64) -> i64 {
    i64::try_from(duration_ms).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::recorded::{RecordedStep, RecordedTarget};

    #[test]
    fn a_prediction_says_what_is_saved_beside_what_was_recorded() {
        let step = RecordedStep {
            id: "a/1".to_owned(),
            started_ms: Some(10),
            duration_ms: 90,
            ..RecordedStep::default()
        };
        let build = RecordedBuild {
            parallel_max: 2,
            duration_ms: 105,
            targets: vec![RecordedTarget {
                name: "a".to_owned(),
                ended_ms: 100,
                steps: vec![step],
                ..RecordedTarget::default()
            }],
        };
        let faster = BTreeMap::from([("a/1".to_owned(), 30)]);
        let data = prediction_data("sha256:0".to_owned(), &build, 1, faster);
        assert_eq!((data.recorded_ms, data.baseline_ms), (105, 100));
        assert_eq!((data.predicted_ms, data.saving_ms), (40, 60));
        assert_eq!(data.changes[0].predicted_ms, 30);
        assert_eq!(data.targets[0].duration_ms, 40);
        assert_eq!(data.critical_path[0].duration_ms, 30);
        let slower = BTreeMap::from([("a/1".to_owned(), 95)]);
        let data = prediction_data(String::new(), &build, 1, slower);
        assert_eq!(data.saving_ms, -5);
    }
}
