//! Which paths of its build context a Dockerfile takes, before anything is built.

use common::dockerfile::{Detail, Instruction};

use super::context_files::copied;
use super::stages::{needed_stages, replacement};
use crate::model::plan::Target;

/// The paths that a target takes from its build context; none when it takes nothing. `None` when
/// that cannot be said, as where variables are in them.
pub(super) fn context_paths(target: &Target) -> Option<Vec<String>> {
    let mut paths = Vec::new();
    for needed in needed_stages(target) {
        let stage = target.dockerfile.stages.get(needed.index)?;
        if replacement(target, stage).is_none() {
            for instruction in &stage.instructions {
                paths.extend(taken(instruction)?);
            }
        }
    }
    paths.sort();
    paths.dedup();
    let is_known = |path: &String| !path.contains('$');
    paths.iter().all(is_known).then_some(paths)
}

fn taken(instruction: &Instruction) -> Option<Vec<String>> {
    match &instruction.detail {
        Detail::Run(run) => {
            let mounts = run.mounts.iter();
            let binds = mounts.filter(|mount| mount.kind == "bind" && mount.from.is_none());
            let path = |source: &Option<String>| source.clone().unwrap_or_else(|| "/".to_owned());
            Some(binds.map(|mount| path(&mount.source)).collect())
        }
        // It is for images that start from this one, but one of them may be of this Dockerfile.
        Detail::Onbuild(_) => None,
        detail => Some(copied(detail).unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(text: &str) -> Option<Vec<String>> {
        context_paths(&Target::sample("app", text))
    }

    #[test]
    fn paths_are_those_of_needed_stages() {
        let text = "FROM scratch AS a\nCOPY b a /x/\nFROM scratch AS not\nCOPY c /\nFROM a\nADD https://x/y d /\nCOPY --from=a e /\nRUN --mount=source=f,target=/f --mount=type=cache,target=/g true\n";
        let expected = ["a", "b", "d", "f"].map(str::to_owned);
        assert_eq!(paths(text), Some(expected.to_vec()));
        assert_eq!(paths("FROM scratch\n"), Some(Vec::new()));
    }

    #[test]
    fn what_cannot_be_known_is_not_guessed() {
        assert_eq!(paths("FROM scratch\nARG A\nCOPY a$A /\n"), None);
        assert_eq!(paths("FROM scratch\nONBUILD COPY a /\n"), None);
        let all = paths("FROM scratch\nRUN --mount=target=/src true\n");
        assert_eq!(all, Some(vec!["/".to_owned()]));
    }
}
