//! From reports of builds, layers and build caches to what a cache between CI runs would hold.

use common::report::{
    BuildData, LayerData, PruneData, Report, RunInputs, StageBase, StagePlan, StepBuild, StepKind,
    TargetBuild,
};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::model::build_cache::StepName;
use crate::model::ci_build::{CiStep, CiTarget, Sizes};

/// The targets of the last report, with what all reports, oldest first, say of them.
pub(crate) fn from_reports(reports: &[Report<BuildData>]) -> Vec<CiTarget> {
    let Some(newest) = reports.last() else {
        return Vec::new();
    };
    let targets = newest.data.targets.iter();
    targets.map(|target| ci_target(target, reports)).collect()
}

/// The sizes of layers. What the build cache holds of a step counts where it is largest.
pub(crate) fn sizes(layers: &[Report<LayerData>], caches: &[Report<PruneData>]) -> Sizes {
    let mut sizes = Sizes::default();
    for image in layers.iter().flat_map(|report| &report.data.images) {
        if let Some(target) = &image.target {
            sizes.images.insert(target.clone(), image.size_bytes);
        }
    }
    for record in caches.iter().flat_map(|report| &report.data.records) {
        // What a cache mount holds is no layer.
        let is_layer = !record.description.starts_with("cached mount ");
        if let Some(step) = record.step.as_ref().filter(|_| is_layer) {
            let name = StepName {
                target: step.target.clone(),
                stage: step.stage.clone(),
                text: step.text.clone(),
            };
            let size_bytes = sizes.steps.entry(name).or_default();
            *size_bytes = record.size_bytes.max(*size_bytes);
        }
    }
    sizes
}

fn ci_target(target: &TargetBuild, reports: &[Report<BuildData>]) -> CiTarget {
    let plan = &target.plan;
    let builds: Vec<&TargetBuild> = reports
        .iter()
        .flat_map(|report| &report.data.targets)
        .filter(|other| other.plan.name == plan.name)
        .collect();
    let past = Past::new(&builds);
    let in_image = stages_in_image(&plan.stages, plan.stage.as_deref());
    let steps = instructions(target).map(|step| {
        let name = step_name(target, step);
        CiStep {
            place: step
                .location
                .as_ref()
                .map(|place| (place.path.clone(), place.line)),
            is_in_image: in_image.contains(name.stage.as_str()),
            duration_ms: past.durations_ms.get(&name).copied(),
            reused_count: past.reused_counts.get(&name).copied().unwrap_or(0),
            cache_mounts: step.run.as_ref().map(cache_mounts).unwrap_or_default(),
            name,
        }
    });
    CiTarget {
        steps: steps.collect(),
        name: plan.name.clone(),
        tags: plan.tags.clone(),
        stage: plan.stage.clone(),
        platform: plan.platform.clone(),
        context_dir: plan.context_path.clone(),
        dockerfile_path: plan.dockerfile_path.clone(),
        image_bytes: target.image.as_ref().map(|image| image.size_bytes),
        build_count: u32::try_from(builds.len()).unwrap_or(u32::MAX),
    }
}

fn instructions(target: &TargetBuild) -> impl Iterator<Item = &StepBuild> {
    let steps = target.steps.iter();
    steps.filter(|step| step.kind == StepKind::Instruction && step.stage.is_some())
}

fn step_name(target: &TargetBuild, step: &StepBuild) -> StepName {
    let label = step.stage.clone().unwrap_or_default();
    let line = step.location.as_ref().map(|place| place.line);
    let stage = target
        .plan
        .stages
        .iter()
        .find(|stage| stage.label() == label);
    let mut instructions = stage.iter().flat_map(|stage| &stage.instructions);
    let written = instructions.find(|instruction| Some(instruction.line) == line);
    StepName {
        target: target.plan.name.clone(),
        stage: label,
        text: written.map_or_else(|| step.name.clone(), |written| written.text.clone()),
    }
}

/// The labels of the stage that becomes the image, and of those that it is based on.
fn stages_in_image(stages: &[StagePlan], wanted: Option<&str>) -> HashSet<String> {
    let is_wanted = |stage: &&StagePlan| Some(stage.label().as_str()) == wanted;
    let last = stages.iter().find(is_wanted).or(stages.last());
    let chain = std::iter::successors(last, |stage| match stage.base {
        StageBase::Stage { index } if index < stage.index => {
            stages.iter().find(|base| base.index == index)
        }
        _ => None,
    });
    chain.map(StagePlan::label).collect()
}

fn cache_mounts(run: &RunInputs) -> BTreeSet<String> {
    let is_cache = |mount: &&String| mount.split(',').any(|part| part == "type=cache");
    let target = |mount: &String| {
        let named = |part: &str| {
            let (key, value) = part.split_once('=')?;
            matches!(key, "target" | "dst" | "destination").then(|| value.to_owned())
        };
        mount.split(',').find_map(named)
    };
    run.mounts
        .iter()
        .filter(is_cache)
        .filter_map(target)
        .collect()
}

/// What all builds of a target say of its steps.
#[derive(Default)]
struct Past {
    durations_ms: HashMap<StepName, u64>,
    reused_counts: HashMap<StepName, u32>,
}

impl Past {
    /// A step that ran in a CI run without a cache would have come from one if all that it is made from
    /// had been seen before; so what it is made from is compared, not what became of it.
    fn new(builds: &[&TargetBuild]) -> Self {
        let mut past = Self::default();
        let mut seen: HashSet<u64> = HashSet::new();
        for (number, target) in builds.iter().enumerate() {
            let prints = fingerprints(target);
            for step in instructions(target) {
                let name = step_name(target, step);
                let is_known = prints
                    .get(step.id.as_str())
                    .is_some_and(|print| seen.contains(print));
                if number > 0 && (is_known || step.cached == Some(true)) {
                    *past.reused_counts.entry(name.clone()).or_default() += 1;
                }
                let has_run = step.cached == Some(false) && step.shared_with.is_none();
                if has_run && step.error.is_none() {
                    past.durations_ms.insert(name, step.duration_ms);
                }
            }
            seen.extend(prints.values());
        }
        past
    }
}

/// What each step is made from, as far as a report tells.
fn fingerprints(target: &TargetBuild) -> BTreeMap<&str, u64> {
    let steps: HashMap<&str, &StepBuild> = target
        .steps
        .iter()
        .map(|step| (step.id.as_str(), step))
        .collect();
    let mut prints = BTreeMap::new();
    for step in &target.steps {
        fingerprint(&step.id, &steps, &mut prints);
    }
    prints
}

fn fingerprint<'a>(
    id: &'a str,
    steps: &HashMap<&str, &'a StepBuild>,
    prints: &mut BTreeMap<&'a str, u64>,
) -> u64 {
    if let Some(print) = prints.get(id) {
        return *print;
    }
    // A report whose steps depend on each other in a circle ends here.
    prints.insert(id, 0);
    let mut hasher = DefaultHasher::new();
    if let Some(step) = steps.get(id).filter(|step| step.kind != StepKind::Internal) {
        step.name.hash(&mut hasher);
        step.base_digest.hash(&mut hasher);
        let files = step.context_files.as_ref();
        files.map(|files| &files.digest).hash(&mut hasher);
        if let Some(run) = &step.run {
            (&run.args, &run.env, &run.mounts, &run.network).hash(&mut hasher);
        }
        for dependency in &step.depends_on {
            fingerprint(dependency, steps, prints).hash(&mut hasher);
        }
    }
    let print = hasher.finish();
    prints.insert(id, print);
    print
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUILD: &str = include_str!("../../../../tests/fixtures/reports/v1/build.json");

    fn saved() -> Report<BuildData> {
        serde_json::from_str(BUILD).unwrap()
    }

    #[test]
    fn a_step_is_reused_when_all_that_it_is_made_from_was_seen_before() {
        let first = saved();
        let mut second = first.clone();
        for step in &mut second.data.targets[0].steps {
            step.cached = Some(false);
            if let Some(files) = &mut step.context_files {
                "sha256:other".clone_into(&mut files.digest);
            }
        }
        let counts = |reports: &[Report<BuildData>]| -> Vec<u32> {
            let targets = from_reports(reports);
            targets[0]
                .steps
                .iter()
                .map(|step| step.reused_count)
                .collect()
        };
        // All instructions of the saved build lie upon a `COPY`.
        let unchanged = counts(&[first.clone(), first.clone()]);
        assert!(!unchanged.is_empty() && unchanged.iter().all(|&count| count == 1));
        assert!(counts(&[first, second]).iter().all(|&count| count == 0));
    }

    #[test]
    fn a_cache_mount_is_known_by_its_target() {
        let run = RunInputs {
            mounts: vec![
                "type=cache,target=/root/.cache".to_owned(),
                "type=bind,target=/x".to_owned(),
            ],
            ..RunInputs::default()
        };
        assert_eq!(
            cache_mounts(&run),
            BTreeSet::from(["/root/.cache".to_owned()])
        );
    }
}
