//! Frames of terminals of all sizes.

use super::*;
use proptest::prelude::*;
use std::time::Duration;

fn after(start: Instant, seconds: u64) -> Instant {
    start + Duration::from_secs(seconds)
}

fn event<'a>(name: &'a str, progress: StepProgress<'a>) -> StepEvent<'a> {
    StepEvent {
        number: 4,
        name,
        progress,
    }
}

/// So many targets, each of which runs a step, the first one since a second longer.
fn running(target_count: usize) -> (State, Instant) {
    let start = Instant::now();
    let mut state = State::new(20, start);
    for index in 0..target_count {
        let target = format!("t{index:02}");
        state.running.insert(target.clone());
        let since = after(start, u64::from(index > 0));
        let name = "[build 2/4] RUN make -j8 all install check";
        state.step(&target, &event(name, StepProgress::Started), since);
    }
    (state, start)
}

#[test]
fn a_frame_has_a_line_for_each_step_and_one_that_sums_up() {
    let (mut state, start) = running(2);
    let transfer = StepProgress::Transfer {
        current_bytes: 1_500_000,
        total_bytes: Some(45_000_000),
    };
    state.step("t01", &event("", transfer), start);
    state.done_count = 3;
    state.failed_count = 1;
    let expected = [
        "   65s targets 4/20: 3 done, 2 running, 1 failed, 14 waiting; steps: 0 cached, 0 done",
        "   65s [t00] [build 2/4] RUN make -j8 all install check",
        "   64s [t01] [build 2/4] RUN make -j8 all install check  1.50 MB / 45.0 MB",
    ]
    .map(|line| line.replace("65s", "1m05s").replace("64s", "1m04s"));
    let frame = state.frame(after(start, 65), 100, 24);
    let trimmed: Vec<&str> = frame.iter().map(|line| line.trim_start()).collect();
    let expected: Vec<&str> = expected.iter().map(|line| line.trim_start()).collect();
    assert_eq!(trimmed, expected);
}

#[test]
fn twenty_targets_in_ten_rows_show_those_that_run_longest() {
    let (state, start) = running(20);
    let frame = state.frame(after(start, 9), 60, 10);
    assert_eq!(frame.len(), 9);
    assert!(frame[1].starts_with("    9s [t00]"), "{frame:?}");
    assert!(frame[2].starts_with("    8s [t01]"), "{frame:?}");
    assert_eq!(frame[8], "       … and 13 more");
}

#[test]
fn a_name_is_cut_before_its_transfer_is() {
    let (mut state, start) = running(1);
    let transfer = StepProgress::Transfer {
        current_bytes: 5,
        total_bytes: None,
    };
    state.step("t00", &event("", transfer), start);
    let line = |columns| state.frame(start, columns, 24).remove(1);
    assert_eq!(line(40), "    0s [t00] [build 2/4] RUN make …  5 B");
    assert_eq!(line(24), "    0s [t00] [build 2/4…");
}

#[test]
fn a_cached_step_is_counted_and_gone() {
    let (mut state, start) = running(1);
    state.step("t00", &event("", StepProgress::Cached), start);
    let frame = state.frame(start, 100, 24);
    assert_eq!(frame.len(), 1);
    assert!(frame[0].ends_with("steps: 1 cached, 0 done"), "{frame:?}");
}

#[test]
fn what_steers_a_terminal_is_shown_and_what_is_wide_counts_double() {
    let start = Instant::now();
    let mut state = State::new(1, start);
    let name = "RUN \x1b[2J\nécho 日本語";
    state.step("a", &event(name, StepProgress::Started), start);
    let line = state.frame(start, 100, 24).remove(1);
    assert_eq!(line, "    0s [a] RUN \\u{1b}[2J écho 日本語");
    let line = state.frame(start, line.width() - 1, 24).remove(1);
    assert_eq!(line, "    0s [a] RUN \\u{1b}[2J écho 日本…");
}

proptest! {
    #[test]
    fn a_frame_fits_any_terminal(
        targets in 0usize..25,
        columns in 0usize..120,
        rows in 0usize..40,
        name in any::<String>(),
    ) {
        let (mut state, start) = running(targets);
        state.step("x", &event(&name, StepProgress::Started), start);
        let frame = state.frame(start, columns, rows);
        prop_assert!(frame.len() < rows.max(2));
        for line in frame {
            prop_assert!(line.width() <= columns, "{:?}", line);
            prop_assert!(!line.contains('\n'));
        }
    }
}
