//! Which stages of a Dockerfile use which, and which of them an image needs.

use common::dockerfile::{Detail, Dockerfile, Instruction, expand};
use std::collections::BTreeSet;

/// What the stages of a Dockerfile use of one another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StageUses {
    /// By stage, the positions of the stages that it starts from, copies from or mounts.
    pub(crate) uses: Vec<BTreeSet<usize>>,
    /// Whether a variable that is not known decides on a stage, so that there may be more uses.
    pub(crate) is_open: bool,
    /// The lines that name a stage by its number.
    pub(crate) numbered: Vec<u32>,
}

impl StageUses {
    /// The stages of a Dockerfile.
    pub(crate) fn of(dockerfile: &Dockerfile) -> Self {
        let mut found = Self {
            uses: Vec::with_capacity(dockerfile.stages.len()),
            is_open: false,
            numbered: Vec::new(),
        };
        for (index, stage) in dockerfile.stages.iter().enumerate() {
            let mut uses = BTreeSet::new();
            let base = (stage.base.as_str(), stage.line);
            let instructions = stage.instructions.iter();
            let others = instructions.flat_map(|instruction| {
                let references = references(instruction).into_iter();
                references.map(|reference| (reference, instruction.line))
            });
            for (reference, line) in std::iter::once(base).chain(others) {
                uses.extend(found.resolve(dockerfile, reference, index, line));
            }
            found.uses.push(uses);
        }
        found
    }

    fn resolve(
        &mut self,
        dockerfile: &Dockerfile,
        reference: &str,
        before: usize,
        line: u32,
    ) -> Option<usize> {
        if reference.parse::<usize>().is_ok() {
            self.numbered.push(line);
        }
        if !reference.contains('$') {
            return dockerfile.stage_index(reference, before);
        }
        // Names of stages have none of these.
        if reference.contains([':', '/', '@']) && !reference.contains("${") {
            return None;
        }
        let value = |name: &str| {
            let mut args = dockerfile.global_args.iter();
            args.find(|arg| arg.name == name)?.default.clone()
        };
        let expanded = expand(reference, dockerfile.escape, value).ok()?;
        let expanded = expanded.trim_matches(['"', '\'']);
        let is_image = expanded.contains([':', '/', '@']);
        let stage = dockerfile.stage_index(expanded, before);
        self.is_open |= !is_image || stage.is_some();
        stage
    }

    /// The stages that an image of one of `roots` needs, those themselves among them.
    pub(crate) fn needed(&self, roots: impl IntoIterator<Item = usize>) -> BTreeSet<usize> {
        let mut needed = BTreeSet::new();
        let mut open: Vec<usize> = roots.into_iter().collect();
        while let Some(stage) = open.pop() {
            if let Some(uses) = self.uses.get(stage)
                && needed.insert(stage)
            {
                open.extend(uses);
            }
        }
        needed
    }
}

/// What an instruction copies from or mounts, as written.
fn references(instruction: &Instruction) -> Vec<&str> {
    match &instruction.detail {
        Detail::Copy(copy) | Detail::Add(copy) => copy.from.as_deref().into_iter().collect(),
        Detail::Run(run) => {
            let mounts = run.mounts.iter();
            mounts.filter_map(|mount| mount.from.as_deref()).collect()
        }
        Detail::Onbuild(inner) => references(inner),
        _ => Vec::new(),
    }
}

/// The stages from the one at `stage` to the one that starts from an image: its own first.
pub(crate) fn chain(dockerfile: &Dockerfile, stage: usize) -> Vec<usize> {
    let base = |&index: &usize| dockerfile.stage_index(&dockerfile.stages[index].base, index);
    std::iter::successors(Some(stage), base).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uses(text: &str) -> StageUses {
        StageUses::of(&common::dockerfile::parse(text).unwrap())
    }

    fn sets(uses: &StageUses) -> Vec<Vec<usize>> {
        let sets = uses.uses.iter();
        sets.map(|set| set.iter().copied().collect()).collect()
    }

    #[test]
    fn bases_copies_and_mounts_are_uses() {
        let text = "FROM x AS a\nFROM a AS b\nFROM x AS c\nCOPY --from=A /1 /\n\
                    RUN --mount=from=b,target=/b make\nONBUILD COPY --from=0 /2 /\n";
        let uses = uses(text);
        assert_eq!(sets(&uses), [vec![], vec![0], vec![0, 1]]);
        assert_eq!(uses.numbered, [6]);
        assert!(!uses.is_open);
        assert_eq!(uses.needed([1]), BTreeSet::from([0, 1]));
    }

    #[test]
    fn a_variable_that_may_name_a_stage_leaves_uses_open() {
        let open = |from: &str| {
            uses(&format!(
                "ARG BASE=a\nARG I=x:1\nFROM x AS a\nFROM {from}\n"
            ))
        };
        assert_eq!(sets(&open("$BASE")), [vec![], vec![0]]);
        assert!(open("$BASE").is_open);
        assert!(open("${OTHER}-base").is_open);
        assert!(!open("python:$V").is_open);
        assert!(!open("${I}").is_open);
        assert!(!open("python:${V}").is_open);
    }
}
