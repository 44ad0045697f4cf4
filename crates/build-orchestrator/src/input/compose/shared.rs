//! Services that are the same image built in the same way, which is built only once.
//!
//! Compose files often have one image for a server, its workers and its schedulers, such as
//! <https://github.com/getsentry/self-hosted>.

use std::collections::BTreeMap;

use crate::model::plan::{NamedContext, Target};

/// The targets without those that build what an earlier one does, whose names become groups of that
/// one.
pub(super) fn share(targets: Vec<Target>) -> (Vec<Target>, BTreeMap<String, Vec<String>>) {
    let mut kept: Vec<Target> = Vec::new();
    let mut groups = BTreeMap::new();
    for target in targets {
        match kept.iter().find(|kept| is_same(kept, &target)) {
            Some(same) => {
                groups.insert(target.name, vec![same.name.clone()]);
            }
            None => kept.push(target),
        }
    }
    for target in &mut kept {
        for context in target.named_contexts.values_mut() {
            if let NamedContext::Target(name) = context
                && let Some(same) = groups.get(name)
            {
                name.clone_from(&same[0]);
            }
        }
    }
    (kept, groups)
}

fn is_same(a: &Target, b: &Target) -> bool {
    let renamed = Target {
        name: a.name.clone(),
        ..b.clone()
    };
    *a == renamed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_builds_the_same_image_becomes_another_name_of_it() {
        let a = Target::sample("a", "FROM scratch\n");
        let b = Target::sample("b", "FROM scratch\n");
        let mut c = Target::sample("c", "FROM scratch\n").with_args(&[("X", "1")]);
        let context = NamedContext::Target("b".to_owned());
        c.named_contexts.insert("base".to_owned(), context);
        let (kept, groups) = share(vec![a, b, c]);
        let names: Vec<&str> = kept.iter().map(|target| target.name.as_str()).collect();
        assert_eq!(names, ["a", "c"]);
        assert_eq!(groups["b"], ["a"]);
        assert_eq!(
            kept[1].named_contexts["base"],
            NamedContext::Target("a".to_owned())
        );
    }
}
