//! Strategies for caches beside the Engine's own, turned into the settings of targets.

use std::collections::BTreeMap;

use crate::model::plan::{Attributes, Plan};

/// The tag of a cache in a registry.
///
/// Chosen: the name that docker's documentation and its users give it.
/// Source: <https://docs.docker.com/build/cache/backends/registry/>
const CACHE_TAG: &str = "buildcache";

/// Where caches are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CacheStrategy {
    /// Inside the images, whose tags are also read.
    Inline,
    /// In the registry, beside the image of the target's first tag.
    Registry,
}

/// Adds a strategy's caches to all targets. One without tags has no place for a cache, and stays as
/// it is.
pub(crate) fn set_caches(plan: &mut Plan, strategy: CacheStrategy) {
    for target in &mut plan.targets {
        let Some(first) = target.tags.first() else {
            continue;
        };
        match strategy {
            CacheStrategy::Inline => {
                target.cache_to.push(attributes("inline", &[]));
                for tag in &target.tags {
                    let cache = attributes("registry", &[("ref", tag)]);
                    target.cache_from.push(cache);
                }
            }
            CacheStrategy::Registry => {
                let place = format!("{}:{CACHE_TAG}", repository(first));
                let from = attributes("registry", &[("ref", &place)]);
                let to = attributes("registry", &[("ref", &place), ("mode", "max")]);
                target.cache_from.push(from);
                target.cache_to.push(to);
            }
        }
    }
}

/// An image's name without its tag.
fn repository(name: &str) -> &str {
    match name.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => repository,
        _ => name,
    }
}

fn attributes(kind: &str, values: &[(&str, &str)]) -> Attributes {
    let owned = |&(name, value): &(&str, &str)| (name.to_owned(), value.to_owned());
    Attributes {
        kind: kind.to_owned(),
        values: values.iter().map(owned).collect::<BTreeMap<_, _>>(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::plan::Target;

    fn with(tags: &[&str], strategy: CacheStrategy) -> Target {
        let target = Target {
            tags: tags.iter().map(|&tag| tag.to_owned()).collect(),
            ..Target::sample("app", "FROM scratch\n")
        };
        let mut plan = Plan {
            targets: vec![target],
            ..Plan::default()
        };
        set_caches(&mut plan, strategy);
        plan.targets.remove(0)
    }

    #[test]
    fn an_inline_cache_is_written_into_the_image_and_read_from_its_tags() {
        let target = with(&["r:5000/app:1", "r:5000/app:2"], CacheStrategy::Inline);
        assert_eq!(target.cache_to, [attributes("inline", &[])]);
        let from = |tag| attributes("registry", &[("ref", tag)]);
        let all = [from("r:5000/app:1"), from("r:5000/app:2")];
        assert_eq!(target.cache_from, all);
    }

    #[test]
    fn a_cache_in_a_registry_lies_beside_the_image() {
        let target = with(&["r:5000/app:1"], CacheStrategy::Registry);
        let place = ("ref", "r:5000/app:buildcache");
        assert_eq!(target.cache_from, [attributes("registry", &[place])]);
        let to = attributes("registry", &[place, ("mode", "max")]);
        assert_eq!(target.cache_to, [to]);
    }

    #[test]
    fn a_target_without_a_name_has_no_place_for_a_cache() {
        let target = with(&[], CacheStrategy::Registry);
        assert_eq!((target.cache_from, target.cache_to), (vec![], vec![]));
    }
}
