//! Builds in pairs, and why a step of the second one ran.

use super::*;
use crate::analysis::misses::misses;
use crate::model::build::REDACTED;
use crate::model::sample::{
    arg, at_line, build, cached, failed, file_set, in_stage, internal, ran, stage, target, uses,
};

fn cause_of(name: &str, before: &Target, after: &Target) -> Cause {
    let (before, after) = (build([before.clone()]), build([after.clone()]));
    let misses = misses(&after, Some(&before));
    let miss = misses.into_iter().find(|miss| miss.step.name == name);
    miss.unwrap().cause
}

fn dependency(step: &str) -> Cause {
    Cause::DependencyRan {
        step: step.to_owned(),
    }
}

fn missing(cause: Cause) -> String {
    match cause {
        Cause::Unknown { missing } => missing,
        other => panic!("{other:?} is known"),
    }
}

fn copying(digest: &str, mut step: Step) -> Step {
    step.files = Some(file_set(digest, &[]));
    step
}

#[test]
fn a_step_that_was_not_there_is_a_changed_instruction() {
    let before = target([cached("RUN make")]);
    let after = target([ran("RUN make all", 1)]);
    let cause = cause_of("RUN make all", &before, &after);
    assert_eq!(cause, Cause::InstructionChanged { before: None });
}

#[test]
fn changed_files_go_before_a_parent_that_ran() {
    let before = target([cached("RUN a"), copying("1", cached("COPY src src"))]);
    let copy = uses(&["app/build/RUN a"], copying("2", ran("COPY src src", 1)));
    let after = target([ran("RUN a", 1), copy]);
    let cause = cause_of("COPY src src", &before, &after);
    assert_eq!(cause, Cause::FilesChanged(Vec::new()));
}

#[test]
fn a_copy_of_unchanged_files_ran_because_its_parent_did() {
    let before = target([cached("RUN a"), copying("1", cached("COPY src src"))]);
    let copy = uses(&["app/build/RUN a"], copying("1", ran("COPY src src", 1)));
    let after = target([ran("RUN a", 1), copy]);
    let cause = cause_of("COPY src src", &before, &after);
    assert_eq!(cause, dependency("app/build/RUN a"));
}

#[test]
fn a_cached_step_shields_from_what_ran_behind_it() {
    let steps = || {
        [
            ran("RUN planner", 1),
            uses(&["app/build/RUN planner"], cached("COPY --from=p a a")),
            uses(&["app/build/COPY --from=p a a"], ran("RUN make", 1)),
        ]
    };
    let cause = cause_of("RUN make", &target(steps()), &target(steps()));
    assert_eq!(missing(cause), NOT_RECORDED);
}

#[test]
fn a_step_that_another_target_ran_is_a_cause() {
    let mut shared = ran("RUN make", 0);
    shared.shared_with = Some("other/build/RUN make".to_owned());
    let copy = in_stage("runtime", ran("COPY --from=build a a", 1));
    let after = target([shared, uses(&["app/build/RUN make"], copy)]);
    let cause = cause_of("COPY --from=build a a", &after, &after);
    assert_eq!(cause, dependency("other/build/RUN make"));
}

#[test]
fn internal_work_that_another_target_did_is_no_cause() {
    let mut context = internal("load build context");
    context.shared_with = Some("other/load build context".to_owned());
    let run = uses(
        &["app/build/load build context", "app/build/RUN a"],
        ran("RUN b", 1),
    );
    let after = target([context, ran("RUN a", 1), run]);
    assert_eq!(
        cause_of("RUN b", &after, &after),
        dependency("app/build/RUN a")
    );
}

#[test]
fn internal_work_is_looked_through_and_is_no_cause() {
    let steps = || {
        [
            ran("RUN a", 1),
            uses(&["app/build/RUN a"], internal("merge")),
            uses(&["app/build/merge", "app/gone"], ran("RUN b", 1)),
        ]
    };
    let cause = cause_of("RUN b", &target(steps()), &target(steps()));
    assert_eq!(cause, dependency("app/build/RUN a"));
}

#[test]
fn the_parent_in_the_own_stage_goes_before_a_copied_stage() {
    let mut other = in_stage("deps", ran("RUN deps", 1));
    other.started_ms = Some(1);
    let mut parent = ran("RUN parent", 1);
    parent.started_ms = Some(5);
    let copy = ran("COPY --from=deps a a", 1);
    let copy = uses(&["app/deps/RUN deps", "app/build/RUN parent"], copy);
    let after = target([other, parent, copy]);
    let cause = cause_of("COPY --from=deps a a", &after, &after);
    assert_eq!(cause, dependency("app/build/RUN parent"));
}

#[test]
fn a_circle_of_steps_ends() {
    let a = uses(&["app/build/b"], internal("a"));
    let b = uses(&["app/build/a"], internal("b"));
    let run = uses(&["app/build/a"], ran("RUN c", 1));
    let after = target([a, b, run]);
    assert_eq!(missing(cause_of("RUN c", &after, &after)), NOT_RECORDED);
}

/// A target with one `RUN` below an `ARG`, which was given this value.
fn given(name: &str, value: &str) -> Target {
    let mut target = target([at_line(5, ran("RUN make", 1))]);
    target.stages = vec![stage(0, "build", None, vec![arg(name, 3)])];
    target.build_args.insert(name.to_owned(), value.to_owned());
    target
}

#[test]
fn a_changed_argument_is_a_cause_with_both_values() {
    let expected = Cause::ArgChanged {
        name: "SHA".to_owned(),
        before: Some("1".to_owned()),
        after: Some("2".to_owned()),
    };
    let cause = cause_of("RUN make", &given("SHA", "1"), &given("SHA", "2"));
    assert_eq!(cause, expected);
}

#[test]
fn an_argument_that_is_not_declared_is_no_cause() {
    let before = given("SHA", "1");
    let mut after = before.clone();
    after.build_args.insert("OTHER".to_owned(), "2".to_owned());
    assert_eq!(missing(cause_of("RUN make", &before, &after)), NOT_RECORDED);
}

#[test]
fn an_argument_that_is_redacted_in_both_builds_settles_nothing() {
    let both = given("API_TOKEN", REDACTED);
    assert_eq!(
        missing(cause_of("RUN make", &both, &both)),
        "the value of `API_TOKEN`, which is redacted"
    );
}

#[test]
fn a_step_that_failed_or_was_skipped_before_left_nothing_to_compare_with() {
    let mut skipped = copying("1", cached("COPY a a"));
    skipped.cached = None;
    let before = target([failed("RUN make", 1), skipped]);
    let after = target([ran("RUN make", 1), copying("2", ran("COPY a a", 1))]);
    for name in ["RUN make", "COPY a a"] {
        assert_eq!(missing(cause_of(name, &before, &after)), NO_RESULT);
    }
}

#[test]
fn a_step_that_was_planned_but_never_announced_is_no_changed_instruction() {
    let mut before = target([]);
    before.stages = vec![stage(0, "build", None, Vec::new())];
    before.stages[0].texts.insert(2, "RUN make".to_owned());
    let after = target([ran("RUN make", 1)]);
    assert_eq!(missing(cause_of("RUN make", &before, &after)), NO_RESULT);
}

#[test]
fn a_step_that_a_good_build_did_not_need_can_be_compared_with() {
    let mut unneeded = copying("1", cached("COPY a a"));
    unneeded.cached = None;
    let after = target([copying("2", ran("COPY a a", 1))]);
    let cause = cause_of("COPY a a", &target([unneeded]), &after);
    assert_eq!(cause, Cause::FilesChanged(Vec::new()));
}

#[test]
fn a_build_that_was_broken_off_left_a_result_only_of_what_was_used() {
    let mut user = uses(&["app/build/RUN a"], ran("RUN b", 1));
    user.started_ms = Some(1);
    let mut before = target([ran("RUN a", 1), user, copying("1", ran("COPY c c", 1))]);
    before.is_built = false;
    let copy = copying("2", ran("COPY c c", 1));
    let after = target([ran("RUN a", 1), ran("RUN b", 1), copy]);
    for (name, expected) in [
        ("RUN a", NOT_RECORDED),
        ("RUN b", NO_RESULT),
        ("COPY c c", NO_RESULT),
    ] {
        assert_eq!(missing(cause_of(name, &before, &after)), expected, "{name}");
    }
}

/// A target of one stage of this name with these instructions from line 2, the last of which ran.
fn written(label: &str, texts: &[&str]) -> Target {
    let mut target = target([]);
    let mut stage = stage(0, label, None, Vec::new());
    let lines = (2..).zip(texts);
    stage.texts = lines.map(|(n, &text)| (n, text.to_owned())).collect();
    target.stages = vec![stage];
    let line = u32::try_from(texts.len()).unwrap() + 1;
    let last = in_stage(label, ran(texts[texts.len() - 1], 1));
    target.steps = vec![at_line(line, last)];
    target
}

#[test]
fn a_step_above_which_one_was_removed_is_in_an_edited_stage() {
    let before = written("build", &["RUN a", "RUN b", "RUN c"]);
    let after = written("build", &["RUN a", "RUN c"]);
    let cause = cause_of("RUN c", &before, &after);
    assert_eq!(cause, Cause::InstructionChanged { before: None });
}

#[test]
fn an_edit_that_may_change_nothing_is_named_as_what_is_missing() {
    let before = written("build", &["ENV A=1", "RUN c"]);
    let after = written("build", &["ENV A=2", "RUN c"]);
    assert_eq!(
        missing(cause_of("RUN c", &before, &after)),
        "the effect of the edited `ENV` in line 2"
    );
}

#[test]
fn the_steps_of_a_renamed_stage_are_compared_with_what_they_were() {
    let mut before = written("builder", &["RUN a", "COPY c c"]);
    before.steps[0].files = Some(file_set("1", &[]));
    let mut after = written("maker", &["RUN a", "COPY c c"]);
    after.steps[0].files = Some(file_set("2", &[]));
    let cause = cause_of("COPY c c", &before, &after);
    assert_eq!(cause, Cause::FilesChanged(Vec::new()));
}

#[test]
fn another_text_is_no_cause_where_a_step_that_it_uses_ran() {
    let before = target([ran("RUN a", 1), ran("COPY --from=builder a a", 1)]);
    let renamed = uses(&["app/build/RUN a"], ran("COPY --from=maker a a", 1));
    let after = target([ran("RUN a", 1), renamed]);
    let cause = cause_of("COPY --from=maker a a", &before, &after);
    assert_eq!(cause, dependency("app/build/RUN a"));
}

#[test]
fn an_argument_that_was_given_in_one_build_only_settles_nothing_without_a_default() {
    let mut before = given("SHA", "1");
    before.build_args.clear();
    assert_eq!(
        missing(cause_of("RUN make", &before, &given("SHA", "1"))),
        "the default of `SHA`, given in one build only"
    );
}
