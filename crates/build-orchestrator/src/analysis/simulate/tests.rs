//! Small builds, replayed by hand.

use super::*;
use crate::model::recorded::{RecordedStep, RecordedTarget};

fn step(id: &str, started_ms: u64, duration_ms: u64, depends_on: &[&str]) -> RecordedStep {
    RecordedStep {
        id: id.to_owned(),
        cached: Some(false),
        started_ms: Some(started_ms),
        duration_ms,
        depends_on: depends_on.iter().map(|&id| id.to_owned()).collect(),
        ..RecordedStep::default()
    }
}

fn target(name: &str, span: (u64, u64), steps: Vec<RecordedStep>) -> RecordedTarget {
    RecordedTarget {
        name: name.to_owned(),
        is_built: true,
        started_ms: span.0,
        ended_ms: span.1,
        steps,
        ..RecordedTarget::default()
    }
}

/// Two targets side by side, the second of which took a step of the first, as the builder says at
/// its end; then a third one, which waited for a slot.
fn build() -> RecordedBuild {
    let mut export = step("a/export", 330, 20, &[]);
    export.is_export = true;
    let a = vec![
        step("a/1", 10, 100, &[]),
        step("a/2", 130, 200, &["a/1"]),
        export,
    ];
    let mut shared = step("b/1", 165, 0, &[]);
    shared.shared_with = Some("a/1".to_owned());
    let b = vec![shared, step("b/2", 120, 40, &["b/1"])];
    RecordedBuild {
        parallel_max: 2,
        duration_ms: 360,
        targets: vec![
            target("a", (0, 360), a),
            target("b", (0, 170), b),
            target("c", (170, 260), vec![step("c/1", 180, 80, &[])]),
        ],
    }
}

fn replayed(parallel_max: usize, durations_ms: &[(&str, u64)]) -> Simulation {
    let durations_ms = durations_ms.iter();
    let conditions = Conditions {
        parallel_max,
        durations_ms: durations_ms
            .map(|&(id, duration_ms)| (id.to_owned(), duration_ms))
            .collect(),
    };
    simulate(&build(), &conditions)
}

fn path(simulation: &Simulation) -> Vec<(&str, u64, u64)> {
    let links = simulation.critical_path.iter();
    links
        .map(|link| (link.step.as_str(), link.waited_ms, link.duration_ms))
        .collect()
}

#[test]
fn under_the_recorded_conditions_a_build_goes_as_recorded() {
    let simulation = replayed(2, &[]);
    assert_eq!(simulation.duration_ms, 360);
    assert_eq!(simulation.targets, [(0, 360), (0, 170), (170, 260)]);
    assert_eq!(
        path(&simulation),
        [("a/1", 10, 100), ("a/2", 20, 200), ("a/export", 0, 20)]
    );
}

#[test]
fn with_one_slot_targets_follow_each_other_and_share_what_is_done() {
    let simulation = replayed(1, &[]);
    // b finds the shared step's result at once, and runs for 10 + 40 + 10 ms.
    assert_eq!(simulation.targets, [(0, 360), (360, 420), (420, 510)]);
    let ids: Vec<&str> = path(&simulation).iter().map(|link| link.0).collect();
    assert_eq!(ids, ["a/1", "a/2", "a/export", "b/2", "c/1"]);
}

#[test]
fn with_a_slot_for_each_none_waits() {
    let simulation = replayed(3, &[]);
    assert_eq!(simulation.targets[2], (0, 90));
}

#[test]
fn a_faster_step_moves_the_path_elsewhere() {
    let simulation = replayed(2, &[("a/2", 0)]);
    // a: 10 + 100 + 20 + 0 + 20 + 10 ms; then c takes a's slot and its own 90 ms.
    assert_eq!(simulation.targets, [(0, 160), (0, 170), (160, 250)]);
    assert_eq!(simulation.duration_ms, 250);
    let ids: Vec<&str> = path(&simulation).iter().map(|link| link.0).collect();
    assert_eq!(ids, ["a/1", "a/export", "c/1"]);
}

#[test]
fn whoever_needs_a_shared_step_waits_until_it_is_done() {
    let simulation = replayed(2, &[("a/1", 300)]);
    assert_eq!(simulation.targets[1], (0, 370));
}

#[test]
fn a_target_starts_after_those_that_it_depends_on() {
    let mut build = build();
    build.targets[1].depends_on = vec!["a".to_owned()];
    let conditions = Conditions {
        parallel_max: 3,
        ..Conditions::default()
    };
    let simulation = simulate(&build, &conditions);
    assert_eq!(simulation.targets, [(0, 360), (360, 420), (0, 90)]);
}

#[test]
fn what_uses_nothing_follows_the_builders_own_work() {
    let mut load = step("a/load", 0, 50, &[]);
    load.is_internal = true;
    let steps = vec![load, step("a/1", 60, 10, &[])];
    let build = RecordedBuild {
        parallel_max: 1,
        duration_ms: 70,
        targets: vec![target("a", (0, 70), steps)],
    };
    let conditions = Conditions {
        parallel_max: 1,
        durations_ms: BTreeMap::from([("a/load".to_owned(), 10)]),
    };
    assert_eq!(simulate(&build, &conditions).duration_ms, 30);
}

/// The second target loads a context that the first has loaded, with the times of then.
#[test]
fn work_with_times_before_its_target_delays_nothing_after_it() {
    let internal = |id, started_ms| RecordedStep {
        is_internal: true,
        ..step(id, started_ms, 30, &[])
    };
    let build = RecordedBuild {
        parallel_max: 1,
        duration_ms: 2100,
        targets: vec![
            target("a", (0, 1000), vec![step("a/1", 10, 990, &[])]),
            target(
                "b",
                (1000, 2100),
                vec![
                    internal("b/context", 10),
                    internal("b/file", 1050),
                    step("b/1", 1090, 1010, &[]),
                ],
            ),
        ],
    };
    let conditions = Conditions {
        parallel_max: 1,
        durations_ms: BTreeMap::new(),
    };
    // Loading the context again, as it may have to, takes 30 ms: no second is waited for.
    let simulation = simulate(&build, &conditions);
    assert_eq!(simulation.targets, [(0, 1000), (1000, 2130)]);
}
