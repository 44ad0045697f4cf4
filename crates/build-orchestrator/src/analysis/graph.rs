//! Which target needs which, and in what order they can be built.

use common::dockerfile::Detail;
use std::collections::{BTreeSet, HashMap};

use super::context_paths::context_paths;
use super::context_uses::context_uses;
use super::stages::{Base, Source, needed_stages, references};
use crate::model::plan::{NamedContext, Plan, Target};
use crate::model::reference::full_name;

/// Targets in an order in which they can be built, or why there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// The plan: each target after those that it depends on, else by name.
    Plan(Plan),
    /// Targets of which each needs the next, and the last one the first.
    Cycle(Vec<String>),
    /// A named context stands for the result of a target that is not there.
    NoTarget {
        /// The target whose context it is.
        target: String,
        /// The context's name.
        context: String,
        /// What it stands for.
        missing: String,
    },
}

/// Orders the targets asked for, all if none is, with those that they depend on.
///
/// A target depends on another when one of its named contexts is the other's result, or when its
/// `FROM`, `COPY --from` or a mount names an image that the other one tags. `depends_on` of compose says in what order containers start, so it is not asked.
pub(crate) fn order(mut targets: Vec<Target>, asked: &[String]) -> Order {
    link(&mut targets);
    targets.sort_by(|a, b| a.name.cmp(&b.name));
    let index: HashMap<String, usize> = targets
        .iter()
        .enumerate()
        .map(|(index, target)| (target.name.clone(), index))
        .collect();
    let mut walk = Walk {
        targets: &targets,
        index: &index,
        done: Vec::new(),
        path: Vec::new(),
    };
    for (position, target) in targets.iter().enumerate() {
        let is_asked = asked.is_empty() || asked.contains(&target.name);
        if is_asked && let Some(cycle) = walk.visit(position) {
            return Order::Cycle(cycle);
        }
    }
    let planned = walk.done.iter().map(|&position| &targets[position]);
    if let Some(missing) = planned.clone().find_map(|target| no_target(target, &index)) {
        return missing;
    }
    Order::Plan(Plan {
        targets: planned.cloned().collect(),
        asked: asked.to_vec(),
    })
}

/// A target's context that no target stands for.
fn no_target(target: &Target, index: &HashMap<String, usize>) -> Option<Order> {
    target
        .named_contexts
        .iter()
        .find_map(|(name, context)| match context {
            NamedContext::Target(missing) if !index.contains_key(missing) => {
                Some(Order::NoTarget {
                    target: target.name.clone(),
                    context: name.clone(),
                    missing: missing.clone(),
                })
            }
            _ => None,
        })
}

/// Fills in what each target takes from others, from images and from its context.
fn link(targets: &mut [Target]) {
    let mut owners: HashMap<String, String> = HashMap::new();
    for target in targets.iter() {
        for tag in &target.tags {
            owners.entry(full_name(tag)).or_insert(target.name.clone());
        }
    }
    let triggers: HashMap<String, Vec<String>> = targets
        .iter()
        .map(|target| (target.name.clone(), trigger_images(target)))
        .collect();
    for target in targets {
        let needs = needs(target);
        // A target may well start from the image that it replaces.
        let owner = |image: &String| {
            let owner = owners.get(&full_name(image))?;
            (*owner != target.name).then(|| owner.clone())
        };
        let mut depends_on = needs.targets;
        depends_on.extend(needs.images.iter().filter_map(owner));
        let bases = depends_on.iter().filter_map(|name| triggers.get(name));
        let triggered: BTreeSet<String> = bases.flatten().filter_map(owner).collect();
        depends_on.extend(triggered);
        let images = needs.images.iter().filter(|image| owner(image).is_none());
        target.images = images.cloned().collect();
        target.depends_on = depends_on.into_iter().collect();
        target.context_uses = context_uses(target);
        target.context_paths = context_paths(target);
    }
}

/// What a target takes from outside its Dockerfile and context.
#[derive(Default)]
struct Needs {
    targets: BTreeSet<String>,
    images: BTreeSet<String>,
}

fn needs(target: &Target) -> Needs {
    let mut needs = Needs::default();
    for stage in needed_stages(target) {
        let base = match stage.base {
            Base::Source(source) => Some(source),
            Base::Scratch | Base::Stage(_) => None,
        };
        for source in stage.sources.into_iter().chain(base) {
            match source {
                Source::Image(name)
                | Source::Context {
                    context: NamedContext::Image(name),
                    ..
                } => drop(needs.images.insert(name)),
                Source::Context {
                    context: NamedContext::Target(name),
                    ..
                } => drop(needs.targets.insert(name)),
                Source::Context { .. } => {}
            }
        }
    }
    needs
}

/// The images that the `ONBUILD` instructions of a target's result take files from.
fn trigger_images(target: &Target) -> Vec<String> {
    let stages = needed_stages(target);
    let Some(last) = stages.iter().max_by_key(|stage| stage.index) else {
        return Vec::new();
    };
    let stage = &target.dockerfile.stages[last.index];
    let inner = stage.instructions.iter().filter_map(|i| match &i.detail {
        Detail::Onbuild(inner) => Some(inner),
        _ => None,
    });
    inner
        .flat_map(|inner| references(inner))
        .map(str::to_owned)
        .collect()
}

struct Walk<'a> {
    targets: &'a [Target],
    index: &'a HashMap<String, usize>,
    done: Vec<usize>,
    path: Vec<usize>,
}

impl Walk<'_> {
    /// Visits what a target depends on, then the target. Returns a cycle when there is one.
    fn visit(&mut self, position: usize) -> Option<Vec<String>> {
        if self.done.contains(&position) {
            return None;
        }
        if let Some(start) = self.path.iter().position(|&open| open == position) {
            let cycle = self.path[start..].iter();
            return Some(cycle.map(|&open| self.targets[open].name.clone()).collect());
        }
        self.path.push(position);
        for name in &self.targets[position].depends_on {
            let cycle = self
                .index
                .get(name)
                .and_then(|&dependency| self.visit(dependency));
            if cycle.is_some() {
                return cycle;
            }
        }
        self.path.pop();
        self.done.push(position);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(name: &str, tag: &str, dockerfile: &str) -> Target {
        Target {
            tags: vec![tag.to_owned()],
            ..Target::sample(name, dockerfile)
        }
    }

    fn names(targets: Vec<Target>, asked: &[&str]) -> Vec<String> {
        let asked: Vec<String> = asked.iter().map(|&name| name.to_owned()).collect();
        match order(targets, &asked) {
            Order::Plan(plan) => plan.targets.into_iter().map(|target| target.name).collect(),
            other => panic!("there is no order: {other:?}"),
        }
    }

    fn three() -> Vec<Target> {
        vec![
            target("api", "acme/api", "FROM acme/base\n"),
            target("base", "docker.io/acme/base:latest", "FROM scratch\n"),
            target(
                "web",
                "acme/web:2",
                "FROM scratch\nCOPY --from=acme/api /a /a\n",
            ),
            target("alone", "alone", "FROM alone\n"),
        ]
    }

    #[test]
    fn an_image_that_another_target_tags_is_built_first() {
        assert_eq!(names(three(), &[]), ["alone", "base", "api", "web"]);
    }

    #[test]
    fn a_target_brings_what_it_depends_on_and_nothing_else() {
        assert_eq!(names(three(), &["web"]), ["base", "api", "web"]);
    }

    #[test]
    fn targets_that_need_each_other_are_named() {
        let targets = vec![target("a", "a", "FROM b\n"), target("b", "b", "FROM a\n")];
        let cycle = Order::Cycle(vec!["a".to_owned(), "b".to_owned()]);
        assert_eq!(order(targets, &[]), cycle);
    }

    fn linked(name: &str, dockerfile: &str, to: &str) -> Target {
        let context = NamedContext::Target(to.to_owned());
        Target {
            named_contexts: [("base".to_owned(), context)].into(),
            ..target(name, name, dockerfile)
        }
    }

    #[test]
    fn links_to_targets_are_followed_to_their_end() {
        let targets = || {
            vec![
                linked("a", "FROM base\n", "b"),
                linked("b", "FROM scratch\nCOPY --from=base /a /a\n", "c"),
                target("c", "x", "FROM scratch\n"),
            ]
        };
        assert_eq!(names(targets(), &["a"]), ["c", "b", "a"]);
        let mut cycle = targets();
        cycle[2] = linked("c", "FROM base\n", "a");
        let names = ["a", "b", "c"].map(str::to_owned).to_vec();
        assert_eq!(order(cycle, &[]), Order::Cycle(names));
    }

    #[test]
    fn a_link_to_no_target_is_named() {
        let missing = Order::NoTarget {
            target: "a".to_owned(),
            context: "base".to_owned(),
            missing: "nowhere".to_owned(),
        };
        let targets = vec![linked("a", "FROM base\n", "nowhere")];
        assert_eq!(order(targets, &[]), missing);
    }

    #[test]
    fn what_a_bases_triggers_copy_from_is_built_first() {
        let targets = vec![
            target("app", "app", "FROM acme/base\n"),
            target(
                "base",
                "acme/base",
                "FROM scratch\nONBUILD COPY --from=zlib / /\n",
            ),
            target("zlib", "zlib", "FROM scratch\n"),
        ];
        assert_eq!(names(targets, &["app"]), ["base", "zlib", "app"]);
    }
}
