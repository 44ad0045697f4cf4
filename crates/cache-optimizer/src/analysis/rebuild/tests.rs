//! Predictions for small builds, with times that can be added up by hand.

use std::collections::BTreeMap;

use super::*;
use crate::model::build::Target;
use crate::model::change::{Commit, Commits, PathChange};
use crate::model::history::TargetTimes;
use crate::model::sample::{build, cached, file_set, in_stage, ran, stage, target, uses};
use common::build_context::IgnoreFile;

/// `COPY src src` and `RUN make` in one stage, and in another a copy of what was made.
fn app() -> Target {
    let mut copy = in_stage("make", ran("COPY src src", 100));
    copy.files = Some(file_set("1", &[("src/a", "2", 0o644)]));
    let make = in_stage("make", ran("RUN make", 3000));
    let make = uses(&["app/make/COPY src src"], make);
    let take = in_stage("run", ran("COPY --from=make /m /m", 50));
    let take = uses(&["app/make/RUN make"], take);
    let mut target = target([at(100, copy), at(200, make), at(3200, take)]);
    target.stages = vec![
        stage(0, "make", None, vec![]),
        stage(1, "run", None, vec![]),
    ];
    target
}

fn at(started_ms: u64, mut step: Step) -> Step {
    step.started_ms = Some(started_ms);
    step
}

/// The target under another name.
fn named(name: &str, mut target: Target) -> Target {
    name.clone_into(&mut target.name);
    for step in &mut target.steps {
        let rename = |id: &String| id.replacen("app/", &format!("{name}/"), 1);
        step.depends_on = step.depends_on.iter().map(rename).collect();
        step.id = rename(&step.id);
    }
    target
}

/// A build whose targets each take 100 ms to begin and 200 ms to write their image.
fn record<const N: usize>(id: &str, parallel_max: usize, targets: [Target; N]) -> Record {
    let times = TargetTimes {
        started_ms: 0,
        lead_ms: 100,
        export_ms: 200,
    };
    let names = targets.each_ref().map(|target| target.name.clone());
    let mut build = build(targets);
    id.clone_into(&mut build.id);
    Record {
        build,
        parallel_max,
        times: names.into_iter().map(|name| (name, times)).collect(),
        depends_on: BTreeMap::new(),
    }
}

fn changed(path: &str) -> Change {
    Change::one(
        ".",
        PathChange {
            path: path.to_owned(),
            is_folder: false,
        },
    )
}

fn offers(ignored: &str) -> Vec<Offer> {
    let offer = Offer {
        ignore: IgnoreFile::parse(ignored).unwrap(),
        recipe_paths: BTreeSet::from(["Dockerfile".to_owned()]),
    };
    vec![offer; 3]
}

fn predict(now: &Record, past: &[Record], path: &str, check: impl Fn(Prediction<'_>)) {
    let offers = offers("*.log\n");
    let basis = Basis {
        now,
        past,
        offers: &offers,
    };
    check(Predictor::new(basis).predict(&changed(path)));
}

fn likelihoods(prediction: &Prediction<'_>) -> Vec<Likelihood> {
    let steps = prediction.steps.iter();
    steps.map(|step| step.rerun.likelihood).collect()
}

#[test]
fn what_takes_a_change_runs_and_what_copies_from_it_may() {
    let now = record("1", 1, [app()]);
    predict(&now, &[], "src/a", |prediction| {
        use Likelihood::{Certain, Probable};
        assert_eq!(likelihoods(&prediction), [Certain, Certain, Probable]);
        // 100 to begin, 100, 3000 and 50 of steps, 200 to write the image.
        assert_eq!(prediction.predicted_ms, 3450);
        assert_eq!(prediction.certain_ms, 3200);
    });
}

#[test]
fn an_added_file_counts_where_a_source_names_it_and_no_ignore_file_leaves_it_out() {
    let now = record("1", 1, [app()]);
    for (path, count) in [("src/new", 3), ("other", 0), ("a.log", 0)] {
        predict(&now, &[], path, |prediction| {
            assert_eq!(prediction.steps.len(), count, "{path}");
        });
    }
}

#[test]
fn a_copy_that_came_from_the_cache_when_its_source_ran_is_improbable() {
    let first = record("1", 1, [app()]);
    let mut target = app();
    target.steps[2].cached = Some(true);
    target.steps[2].duration_ms = 0;
    let second = record("2", 1, [target]);
    predict(&second, &[first], "src/a", |prediction| {
        let last = &prediction.steps[2];
        assert_eq!(last.rerun.likelihood, Likelihood::Improbable);
        let Cause::FilesOfStep { step, seen } = &last.rerun.cause else {
            panic!("it copies from a step");
        };
        assert_eq!(
            (*step, seen.ran_count, seen.hit_count),
            ("app/make/RUN make", 0, 1)
        );
        assert_eq!(last.measured.unwrap().duration_ms, 50);
        // As the last build was, whose image was an old one: 200 ms to name it.
        assert_eq!(prediction.predicted_ms, 3400);
    });
}

#[test]
fn the_first_build_of_all_says_nothing_of_what_a_copy_depends_on() {
    let now = record("1", 1, [app()]);
    predict(&now, &[], "src/a", |prediction| {
        let Cause::FilesOfStep { seen, .. } = &prediction.steps[2].rerun.cause else {
            panic!("it copies from a step");
        };
        assert_eq!(seen.ran_count + seen.hit_count, 0);
    });
}

#[test]
fn a_step_that_never_ran_has_no_time() {
    let mut target = app();
    target.steps[1] = uses(
        &["app/make/COPY src src"],
        in_stage("make", cached("RUN make")),
    );
    let now = record("1", 1, [target]);
    predict(&now, &[], "src/a", |prediction| {
        assert_eq!(prediction.steps[1].measured, None);
    });
}

#[test]
fn the_last_time_that_a_step_ran_counts() {
    let old = record("1", 1, [app()]);
    let mut target = app();
    target.steps[1].duration_ms = 5000;
    let newer = record("2", 1, [target]);
    let mut target = app();
    target.steps[1].cached = Some(true);
    let now = record("3", 1, [target]);
    predict(&now, &[old, newer], "src/a", |prediction| {
        let measured = prediction.steps[1].measured.unwrap();
        assert_eq!((measured.duration_ms, measured.build), (5000, "2"));
    });
}

#[test]
fn a_step_that_targets_share_runs_once() {
    let now = record("1", 2, [app(), named("other", app())]);
    predict(&now, &[], "src/a", |prediction| {
        assert_eq!(prediction.ends_ms, [3450, 3450]);
        let shared: Vec<_> = prediction.steps.iter().map(|s| s.shared_with).collect();
        assert_eq!(shared[..3], [None; 3]);
        assert_eq!(shared[4], Some("app/make/RUN make"));
    });
}

#[test]
fn a_target_that_waits_for_a_slot_starts_when_one_is_free() {
    let now = record("1", 1, [app(), named("other", app())]);
    predict(&now, &[], "src/a", |prediction| {
        // The second begins and writes its image; the steps are done.
        assert_eq!(prediction.ends_ms, [3450, 3750]);
    });
}

#[test]
fn a_target_waits_for_those_that_it_depends_on() {
    let mut now = record("1", 2, [named("other", app()), app()]);
    let needs = BTreeMap::from([("other".to_owned(), vec!["app".to_owned()])]);
    now.depends_on = needs;
    predict(&now, &[], "src/a", |prediction| {
        assert_eq!(prediction.ends_ms, [3750, 3450]);
    });
}

#[test]
fn a_step_that_was_merged_with_one_of_another_stage_is_what_follows_starts_from() {
    let mut target = app();
    // The stage `late` starts like `make`, so that its first step has the name of the other.
    let late = uses(
        &["app/make/COPY src src"],
        in_stage("late", ran("RUN late", 7)),
    );
    target.steps[2] = late;
    let now = record("1", 1, [target]);
    predict(&now, &[], "src/a", |prediction| {
        assert_eq!(likelihoods(&prediction), [Likelihood::Certain; 3]);
    });
}

#[test]
fn files_share_the_time_of_what_they_make_run() {
    let now = record("1", 1, [app()]);
    let offers = offers("");
    let basis = Basis {
        now: &now,
        past: &[],
        offers: &offers,
    };
    let commit = |paths: &[&str]| {
        let mut change = Change::default();
        for path in paths {
            change.add(&changed(path));
        }
        Commit {
            id: "c".to_owned(),
            change,
        }
    };
    let commits = Commits {
        list: vec![
            commit(&["src/a"]),
            commit(&["src/a", "src/b", "other"]),
            commit(&["Dockerfile"]),
        ],
        count_max: 10,
        is_shallow: false,
    };
    let costs = Predictor::new(basis).commit_costs(&commits);
    let files = costs.files.iter();
    let files: Vec<_> = files
        .map(|it| (it.path.as_str(), it.commit_count, it.step_ms))
        .collect();
    assert_eq!(files, [("src/a", 2, 4725), ("src/b", 1, 1575)]);
    assert_eq!((costs.rebuild_count, costs.recipe_count), (2, 1));
    // Twice what runs, once what begins a build.
    assert_eq!((costs.wall_ms, costs.step_ms), (7000, 6300));
    let make = &costs.steps[0];
    assert_eq!(
        (make.step.name.as_str(), make.certain_count),
        ("RUN make", 2)
    );
    assert_eq!(costs.steps[1].certain_count, 2);
    assert_eq!(costs.steps[2].possible_count, 2);
}
