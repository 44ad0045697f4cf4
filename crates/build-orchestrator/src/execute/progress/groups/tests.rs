//! Blocks of steps that run at the same time.

use super::*;
use crate::model::outcome::{Status, TargetOutcome};
use proptest::prelude::*;

const NAMES: [&str; 4] = ["", "RUN one", "RUN two", "RUN three"];

fn step(
    groups: &mut Groups,
    target: &str,
    number: usize,
    progress: StepProgress<'_>,
    now_ms: u64,
) -> Vec<String> {
    let name = NAMES[number];
    let event = StepEvent {
        number,
        name,
        progress,
    };
    let what = What::Step(event);
    groups.push(&Event { target, what }, now_ms)
}

fn line(groups: &mut Groups, number: usize, text: &str, now_ms: u64) -> Vec<String> {
    step(groups, "app", number, StepProgress::Line(text), now_ms)
}

const DONE: StepProgress<'_> = StepProgress::Done { duration_ms: 1000 };

#[test]
fn steps_that_run_at_the_same_time_are_printed_one_after_the_other() {
    let mut groups = Groups::default();
    let out = [
        step(&mut groups, "app", 1, StepProgress::Started, 0),
        step(&mut groups, "app", 2, StepProgress::Started, 0),
        line(&mut groups, 2, "b1", 1),
        line(&mut groups, 1, "a1", 1),
        line(&mut groups, 2, "b2", 1),
        step(&mut groups, "app", 3, StepProgress::Cached, 2),
        line(&mut groups, 1, "a2", 2),
        step(&mut groups, "app", 1, DONE, 3),
        line(&mut groups, 2, "b3", 4),
    ];
    let expected = [
        "#app 1 RUN one",
        "#app 1 | a1",
        "#app 1 | a2",
        "#app 1 DONE 1.00 s",
        "#app 3 RUN three",
        "#app 3 CACHED",
        "#app 2 RUN two",
        "#app 2 | b1",
        "#app 2 | b2",
        "#app 2 | b3",
    ];
    assert_eq!(out.concat(), expected);
}

#[test]
fn a_silent_step_makes_room_for_one_that_prints() {
    let mut groups = Groups::default();
    line(&mut groups, 1, "a1", 0);
    assert!(line(&mut groups, 2, "b1", 1000).is_empty());
    assert!(groups.tick(4999).is_empty());
    assert_eq!(groups.tick(5000), ["#app 2 RUN two", "#app 2 | b1"]);
    assert!(line(&mut groups, 1, "a2", 5001).is_empty());
    let out = step(&mut groups, "app", 2, DONE, 5002);
    let expected = ["#app 2 DONE 1.00 s", "#app 1 RUN one", "#app 1 | a2"];
    assert_eq!(out, expected);
}

#[test]
fn a_step_that_prints_without_end_keeps_nobody_waiting() {
    let mut groups = Groups::default();
    line(&mut groups, 1, "a1", 0);
    line(&mut groups, 2, "b1", 0);
    for now_ms in (1000..10_000).step_by(1000) {
        assert_eq!(line(&mut groups, 1, "a", now_ms).len(), 1);
        assert!(groups.tick(now_ms).is_empty());
    }
    assert_eq!(groups.tick(10_000), ["#app 2 RUN two", "#app 2 | b1"]);
}

#[test]
fn an_owner_with_nobody_waiting_keeps_the_output() {
    let mut groups = Groups::default();
    line(&mut groups, 1, "a1", 0);
    assert!(groups.tick(60_000).is_empty());
    assert_eq!(line(&mut groups, 1, "a2", 60_001), ["#app 1 | a2"]);
}

#[test]
fn too_much_that_is_held_is_printed_oldest_first() {
    let mut groups = Groups::default();
    line(&mut groups, 1, "a1", 0);
    let long = "x".repeat(HELD_BYTES_MAX / 2);
    assert!(line(&mut groups, 2, &long, 0).is_empty());
    assert!(line(&mut groups, 3, "c1", 0).is_empty());
    let out = line(&mut groups, 3, &long, 0);
    let heads: Vec<&str> = out.iter().map(|line| &line[..8]).collect();
    assert_eq!(heads, ["#app 2 R", "#app 2 |"]);
    assert!(groups.held_bytes() < HELD_BYTES_MAX);
    // The owner has to say again who it is.
    assert_eq!(line(&mut groups, 1, "a2", 0)[0], "#app 1 RUN one");
}

#[test]
fn a_target_that_ends_is_printed_to_its_end() {
    let mut groups = Groups::default();
    line(&mut groups, 1, "a1", 0);
    step(&mut groups, "web", 2, StepProgress::Line("b1"), 0);
    step(&mut groups, "web", 2, DONE, 0);
    let outcome = TargetOutcome::not_started(Status::Built);
    let what = What::Finished(&outcome);
    let target = "web";
    let out = groups.push(&Event { target, what }, 1);
    let expected = [
        "#web 2 RUN two",
        "#web 2 | b1",
        "#web 2 DONE 1.00 s",
        "[web] built",
    ];
    assert_eq!(out, expected);
    let out = line(&mut groups, 1, "a2", 2);
    assert_eq!(out, ["#app 1 RUN one", "#app 1 | a2"]);
}

#[test]
fn what_a_step_transferred_is_said_at_its_end() {
    let mut groups = Groups::default();
    let transfer = |current_bytes| StepProgress::Transfer {
        current_bytes,
        total_bytes: None,
    };
    let out = [
        step(&mut groups, "app", 1, StepProgress::Started, 0),
        step(&mut groups, "app", 1, transfer(10), 0),
        step(&mut groups, "app", 1, transfer(2500), 0),
        step(&mut groups, "app", 1, DONE, 0),
    ];
    let expected = ["#app 1 RUN one", "#app 1 DONE 1.00 s, 2.50 kB transferred"];
    assert_eq!(out.concat(), expected);
}

proptest! {
    /// Whatever runs at the same time, each line is printed once, in its step's order, below the
    /// header of its step.
    #[test]
    fn no_line_is_lost_or_under_the_wrong_header(
        events in proptest::collection::vec((1usize..4, 0u64..4000, any::<bool>()), 0..60),
    ) {
        let mut groups = Groups::default();
        let mut out = Vec::new();
        let mut now_ms = 0;
        for (index, (number, after_ms, is_end)) in events.iter().enumerate() {
            now_ms += after_ms;
            out.extend(groups.tick(now_ms));
            let text = index.to_string();
            out.extend(line(&mut groups, *number, &text, now_ms));
            if *is_end {
                out.extend(step(&mut groups, "app", *number, DONE, now_ms));
            }
        }
        let outcome = TargetOutcome::not_started(Status::Built);
        let what = What::Finished(&outcome);
        out.extend(groups.push(&Event { target: "app", what }, now_ms));
        let mut header = String::new();
        for number in 1..4 {
            let prefix = format!("#app {number} | ");
            let printed: Vec<&str> = out.iter().filter_map(|line| line.strip_prefix(&prefix)).collect();
            let said = events.iter().enumerate().filter(|(_, event)| event.0 == number);
            let said: Vec<String> = said.map(|(index, _)| index.to_string()).collect();
            prop_assert_eq!(printed, said);
        }
        for line in &out {
            let number = line.strip_prefix("#app ").map(|rest| &rest[..1]);
            if line.contains(" RUN ") {
                line.clone_into(&mut header);
            } else if let Some(number) = number {
                let start = format!("#app {number} RUN ");
                prop_assert!(header.starts_with(&start), "{}", out.join("\n"));
            }
        }
    }
}
