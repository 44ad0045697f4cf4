//! Which target needs which, and in what order they can be built.

use std::collections::{BTreeSet, HashMap};

use super::stages::{Base, needed_stages};
use crate::model::plan::{Plan, Target};

/// Targets in an order in which they can be built, or why there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// The plan: each target after those that it depends on, else by name.
    Plan(Plan),
    /// Targets of which each needs the next, and the last one the first.
    Cycle(Vec<String>),
}

/// Orders the targets asked for, all if none is, with those that they depend on.
///
/// A target depends on another when its `FROM`, `COPY --from` or a mount names an image that the
/// other one tags. `depends_on` of compose says in what order containers start, so it is not asked.
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
    let sorted = walk
        .done
        .iter()
        .map(|&position| targets[position].clone())
        .collect();
    Order::Plan(Plan {
        targets: sorted,
        asked: asked.to_vec(),
    })
}

/// Fills in what each target depends on.
fn link(targets: &mut [Target]) {
    let mut owners: HashMap<String, String> = HashMap::new();
    for target in targets.iter() {
        for tag in &target.tags {
            owners.entry(full_name(tag)).or_insert(target.name.clone());
        }
    }
    for target in targets {
        let owners: BTreeSet<String> = images(target)
            .iter()
            .filter_map(|image| owners.get(&full_name(image)).cloned())
            .collect();
        // A target may well start from the image that it replaces.
        target.depends_on = owners
            .into_iter()
            .filter(|owner| *owner != target.name)
            .collect();
    }
}

fn images(target: &Target) -> Vec<String> {
    let mut images = Vec::new();
    for stage in needed_stages(target) {
        images.extend(stage.images);
        if let Base::Image(name) = stage.base {
            images.push(name);
        }
    }
    images
}

/// An image's name with what docker fills in: `debian` is `docker.io/library/debian:latest`.
///
/// Source: <https://github.com/distribution/reference>
fn full_name(image: &str) -> String {
    let (host, path) = match image.split_once('/') {
        Some((host, path)) if host.contains(['.', ':']) || host == "localhost" => (host, path),
        _ => ("docker.io", image),
    };
    let library = if host == "docker.io" && !path.contains('/') {
        "library/"
    } else {
        ""
    };
    let has_tag = path
        .rsplit('/')
        .next()
        .is_some_and(|last| last.contains([':', '@']));
    let tag = if has_tag { "" } else { ":latest" };
    format!("{host}/{library}{path}{tag}")
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
            Order::Cycle(cycle) => panic!("there is a cycle: {cycle:?}"),
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

    #[test]
    fn names_are_compared_as_docker_completes_them() {
        let cases = [
            ("debian", "docker.io/library/debian:latest"),
            ("debian:12", "docker.io/library/debian:12"),
            ("acme/app", "docker.io/acme/app:latest"),
            ("docker.io/debian", "docker.io/library/debian:latest"),
            ("localhost:5000/app", "localhost:5000/app:latest"),
            ("r.example/app@sha256:00", "r.example/app@sha256:00"),
        ];
        for (image, full) in cases {
            assert_eq!(full_name(image), full);
        }
    }
}
