//! Applies every rule to every Dockerfile.

use std::collections::HashMap;
use std::num::NonZero;
use std::thread;

use super::rules::{Found, RULES, Rule, Subject};
use super::stage_state::states;
use crate::model::build::{Build, Target};
use crate::model::recipe::Recipe;

/// What a rule found, and where.
#[derive(Debug)]
pub(crate) struct Finding<'a> {
    /// The rule that found it.
    pub(crate) rule: &'static Rule,
    /// The Dockerfile and its context.
    pub(crate) recipe: &'a Recipe,
    /// What it is.
    pub(crate) found: Found,
}

/// What the rules find in `recipes`, with times as `build` measured them. Works on as many at once as
/// the machine has cores.
pub(crate) fn findings<'a>(recipes: &'a [Recipe], build: Option<&Build>) -> Vec<Finding<'a>> {
    let core_count = thread::available_parallelism().map_or(1, NonZero::get);
    let part_len = recipes.len().div_ceil(core_count).max(1);
    thread::scope(|scope| {
        let parts = recipes.chunks(part_len);
        let workers: Vec<_> = parts
            .map(|part| scope.spawn(move || findings_of(part, build)))
            .collect();
        let found = workers
            .into_iter()
            .map(|worker| worker.join().expect("a rule does not panic"));
        found.flatten().collect()
    })
}

fn findings_of<'a>(recipes: &'a [Recipe], build: Option<&Build>) -> Vec<Finding<'a>> {
    let mut findings = Vec::new();
    for recipe in recipes {
        let targets = targets(recipe, build);
        let subject = Subject {
            recipe,
            durations_ms: &durations_ms(&targets),
            targets: &targets,
            states: &states(&recipe.dockerfile),
        };
        for rule in RULES {
            let found = (rule.check)(&subject).into_iter();
            findings.extend(found.map(|found| Finding {
                rule,
                recipe,
                found,
            }));
        }
    }
    findings
}

/// The targets of a build that are made from a Dockerfile.
fn targets<'a>(recipe: &Recipe, build: Option<&'a Build>) -> Vec<&'a Target> {
    let targets = build.iter().flat_map(|build| &build.targets);
    targets
        .filter(|target| recipe.targets.contains(&target.name))
        .collect()
}

/// Milliseconds of the steps of a Dockerfile that ran and succeeded, by line; the longest where
/// several targets ran one.
fn durations_ms(targets: &[&Target]) -> HashMap<u32, u64> {
    let mut durations_ms = HashMap::new();
    let steps = targets.iter().flat_map(|target| target.misses());
    for step in steps.filter(|step| !step.is_failed) {
        if let Some(place) = &step.place {
            let longest = durations_ms.entry(place.line).or_insert(0);
            *longest = step.duration_ms.max(*longest);
        }
    }
    durations_ms
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample::{self, at_line, build, cached, failed, ran, target};

    fn recipe(text: &str, targets: &[&str]) -> Recipe {
        Recipe {
            targets: targets.iter().map(|&target| target.to_owned()).collect(),
            ..sample::recipe(text)
        }
    }

    const FAULTY: &str =
        "FROM node:18\nCOPY . .\nRUN --mount=type=cache,target=/root/.npm npm ci\n";

    #[test]
    fn the_longest_run_over_all_targets_is_what_mending_saves() {
        let one = target([at_line(3, ran("RUN npm ci", 10))]);
        let mut two = target([at_line(3, ran("RUN npm ci", 90))]);
        two.name = "two".to_owned();
        let build = build([one, two]);
        let recipes = [recipe(FAULTY, &["app", "two"])];
        let found = findings(&recipes, Some(&build));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].rule.id, "copy-before-install");
        assert_eq!(found[0].found.saved_ms, Some(90));
    }

    #[test]
    fn steps_that_were_cached_or_failed_measure_nothing() {
        for step in [cached("RUN npm ci"), failed("RUN npm ci", 10)] {
            let build = build([target([at_line(3, step)])]);
            let recipes = [recipe(FAULTY, &["app"])];
            assert_eq!(findings(&recipes, Some(&build))[0].found.saved_ms, None);
        }
    }

    /// The rule and line of what two rules find in a Dockerfile of `testdata`, whose context has these
    /// folders.
    fn found_in(name: &str, folders: &[&str]) -> Vec<(&'static str, u32)> {
        let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/dockerfiles");
        let text = fs_err::read_to_string(format!("{dir}/{name}.Dockerfile")).unwrap();
        let mut recipe = recipe(&text, &[]);
        recipe.context.folders = folders.iter().map(|&folder| folder.to_owned()).collect();
        let recipes = [recipe];
        let found = findings(&recipes, None).into_iter();
        found
            .map(|finding| (finding.rule.id, finding.found.line))
            .filter(|(id, _)| ["copy-before-install", "system-packages-after-copy"].contains(id))
            .collect()
    }

    #[test]
    fn the_faults_of_real_dockerfiles_are_found_at_their_lines() {
        let install = "copy-before-install";
        let system = "system-packages-after-copy";
        assert_eq!(found_in("juice-shop", &[]), [(install, 2)]);
        assert_eq!(
            found_in("calcom", &[".yarn", "apps/web", "packages"]),
            [(install, 6)]
        );
        assert_eq!(found_in("chatwoot", &[]), [(system, 5)]);
        assert_eq!(found_in("qdrant", &[]), [(system, 9)]);
        assert_eq!(found_in("excalidraw", &[]), [(install, 3)]);
        assert_eq!(found_in("autogpt", &["platform/libs"]), [(install, 3)]);
        assert_eq!(found_in("eshop", &[]), [(install, 4)]);
        assert_eq!(found_in("hugo", &[]), [(install, 4)]);
    }

    #[test]
    fn real_dockerfiles_without_these_faults_are_clean() {
        assert_eq!(
            found_in("superset", &["./superset-frontend", "superset"]),
            []
        );
        assert_eq!(found_in("atsea", &[]), []);
        assert_eq!(found_in("voting-worker", &[]), []);
        assert_eq!(found_in("searxng", &[]), []);
    }
}
