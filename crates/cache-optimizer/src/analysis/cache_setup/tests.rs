//! Which mode where, and what the snippets say.

use std::collections::BTreeSet;

use super::snippets::{Place, snippets};
use super::*;
use crate::model::build_cache::StepName;

fn step(text: &str, is_in_image: bool, duration_ms: u64, reused_count: u32) -> CiStep {
    CiStep {
        name: StepName {
            target: "app".to_owned(),
            stage: if is_in_image { "runtime" } else { "build" }.to_owned(),
            text: text.to_owned(),
        },
        place: None,
        is_in_image,
        duration_ms: Some(duration_ms),
        reused_count,
        cache_mounts: BTreeSet::new(),
    }
}

/// A target of three builds.
fn target<const N: usize>(steps: [CiStep; N]) -> CiTarget {
    CiTarget {
        name: "app".to_owned(),
        tags: vec!["registry.example/team/app:1".to_owned()],
        stage: None,
        platform: None,
        context_dir: ".".to_owned(),
        dockerfile_path: "Dockerfile".to_owned(),
        image_bytes: Some(100_000_000),
        steps: steps.into(),
        build_count: 3,
    }
}

/// The setup where 50 MB move in a second.
fn set_up(target: &CiTarget, sizes: &Sizes) -> Setup {
    setup(target, sizes, 50_000_000)
}

#[test]
fn an_expensive_step_before_the_image_asks_for_all_stages() {
    let target = target([
        step("RUN deps", false, 60_000, 2),
        step("COPY a a", true, 100, 0),
    ]);
    let setup = set_up(&target, &Sizes::default());
    assert_eq!((setup.mode, setup.why), (Mode::Max, Why::OtherStages));
    assert_eq!((setup.max.saved_ms, setup.min.saved_ms), (60_000, 0));
    assert!(!setup.are_sizes_known);
}

#[test]
fn expensive_steps_of_the_image_alone_are_kept_within_it() {
    let mut target = target([step("RUN apt", true, 60_000, 2)]);
    assert_eq!(set_up(&target, &Sizes::default()).mode, Mode::Inline);
    target.tags.clear();
    let setup = set_up(&target, &Sizes::default());
    assert_eq!((setup.mode, setup.why), (Mode::Min, Why::ImageStages));
}

#[test]
fn where_nothing_is_expensive_or_nothing_is_ever_reused_there_is_no_cache() {
    let quick = target([step("RUN quick", false, 4000, 2)]);
    let changing = target([step("RUN slow", false, 600_000, 0)]);
    for target in [quick, changing] {
        let setup = set_up(&target, &Sizes::default());
        assert_eq!((setup.mode, setup.why), (Mode::None, Why::NothingExpensive));
    }
}

#[test]
fn a_cache_that_takes_longer_on_its_way_than_it_saves_is_refused() {
    let step = step("RUN deps", false, 20_000, 1);
    let sizes = Sizes {
        steps: [(step.name.clone(), 900_000_000)].into(),
        images: [("app".to_owned(), 600_000_000)].into(),
    };
    let setup = set_up(&target([step]), &sizes);
    assert_eq!((setup.mode, setup.why), (Mode::None, Why::CostsMore));
    // Half of 20 s is reused; 1.5 GB take 30 s.
    assert_eq!(
        (setup.max.saved_ms, setup.max.transfer_ms),
        (10_000, 30_000)
    );
    assert_eq!(setup.reuse_ratio, Some(0.5));
}

#[test]
fn with_one_build_reuse_is_assumed_and_said_not_to_be_known() {
    let mut target = target([step("RUN deps", false, 60_000, 0)]);
    target.build_count = 1;
    let setup = set_up(&target, &Sizes::default());
    assert_eq!((setup.max.saved_ms, setup.reuse_ratio), (30_000, None));
}

#[test]
fn each_platform_has_a_scope_of_its_own() {
    let mut target = target([]);
    target.platform = Some("linux/arm64".to_owned());
    assert_eq!(set_up(&target, &Sizes::default()).scope, "app-linux-arm64");
}

fn texts(targets: &[CiTarget]) -> Vec<(Place, String)> {
    let targets: Vec<_> = targets
        .iter()
        .map(|target| (target, set_up(target, &Sizes::default())))
        .collect();
    let snippets = snippets(&targets).into_iter();
    snippets
        .map(|snippet| (snippet.place, snippet.text))
        .collect()
}

#[test]
fn a_dockerfile_is_built_by_the_action_for_one() {
    let texts = texts(&[target([step("RUN deps", false, 60_000, 2)])]);
    let github = "\
- uses: docker/setup-buildx-action@v3
- uses: docker/build-push-action@v6
  with:
    context: .
    file: Dockerfile
    cache-from: type=gha,scope=app
    cache-to: type=gha,scope=app,mode=max
";
    assert_eq!(texts[0], (Place::GitHubActions, github.to_owned()));
    let shell = "\
build-orchestrator build --cache-from type=registry,ref=registry.example/team/app-buildcache:app \
--cache-to type=registry,ref=registry.example/team/app-buildcache:app,mode=max --file Dockerfile
# or: docker buildx build --file Dockerfile \
--cache-from \"type=registry,ref=registry.example/team/app-buildcache:app\" \
--cache-to \"type=registry,ref=registry.example/team/app-buildcache:app,mode=max\" .
";
    assert_eq!(texts[2], (Place::Shell, shell.to_owned()));
}

#[test]
fn several_targets_have_caches_side_by_side() {
    let app = target([step("RUN deps", false, 60_000, 2)]);
    let mut tests = app.clone();
    tests.name = "tests".to_owned();
    let mut idle = target([]);
    idle.name = "idle".to_owned();
    let texts = texts(&[app, tests, idle]);
    let github = &texts[0].1;
    assert!(github.contains("docker/bake-action"), "{github}");
    assert!(
        github.contains("tests.cache-to=type=gha,scope=tests,mode=max"),
        "{github}"
    );
    assert!(!github.contains("idle"), "{github}");
}

#[test]
fn without_any_cache_there_is_nothing_to_paste() {
    assert!(texts(&[target([])]).is_empty());
}

#[test]
fn odd_paths_stay_one_word() {
    let mut target = target([step("RUN deps", false, 60_000, 2)]);
    target.context_dir = "my app: $(id)".to_owned();
    let texts = texts(&[target]);
    assert!(
        texts[0].1.contains("context: \"my app: $(id)\""),
        "{}",
        texts[0].1
    );
    assert!(texts[2].1.contains(" 'my app: $(id)'"), "{}", texts[2].1);
}
