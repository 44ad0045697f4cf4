//! What moves together: a volatile variable, and the variables and labels that are made of it.

use common::dockerfile::{Detail, Instruction, Stage};

use super::Passage;
use crate::analysis::effects::{Use, label_keys, mentions, usage, written};
use crate::analysis::stage_state::State;

/// Instructions of a stage that depend on the same volatile variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Group {
    /// The variables that started it, as text.
    pub(super) variable: String,
    /// Places in the stage, in order.
    pub(super) members: Vec<usize>,
}

/// The groups of a stage. Those that share an instruction are one.
pub(super) fn groups(
    stage: &Stage,
    volatile: impl Fn(&Instruction) -> Option<String>,
) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (index, at) in stage.instructions.iter().enumerate() {
        let Some(variable) = volatile(at) else {
            continue;
        };
        let mut group = Group {
            variable,
            members: dependents(stage, index),
        };
        let is_shared = |other: &Group| other.members.iter().any(|m| group.members.contains(m));
        if let Some(at) = groups.iter().position(is_shared) {
            let other = groups.remove(at);
            let is_named = other
                .variable
                .split("`, `")
                .any(|name| name == group.variable);
            group.variable = if is_named {
                other.variable
            } else {
                format!("{}`, `{}", other.variable, group.variable)
            };
            group.members.extend(other.members);
            group.members.sort_unstable();
            group.members.dedup();
        }
        groups.push(group);
    }
    groups
}

/// An instruction that sets a variable, and those below it that only pass its value on.
fn dependents(stage: &Stage, first: usize) -> Vec<usize> {
    let mut names = written(&stage.instructions[first]);
    let mut members = vec![first];
    for (index, at) in stage.instructions.iter().enumerate().skip(first + 1) {
        let passes_on = matches!(at.keyword.as_str(), "ARG" | "ENV" | "LABEL");
        let is_own = written(at).iter().any(|name| names.contains(name));
        if passes_on && (is_own || names.iter().any(|name| mentions(at, name))) {
            members.push(index);
            names.extend(written(at));
        }
    }
    members
}

impl Group {
    /// What the group can be moved past, without a change of what any instruction sees.
    pub(super) fn passage(&self, stage: &Stage, states: &[State]) -> Passage {
        let mut seen: Vec<&Instruction> = Vec::new();
        let (mut runs, mut is_likely) = (Vec::new(), true);
        let mut used_at = None;
        for (index, at) in stage.instructions.iter().enumerate() {
            if self.members.contains(&index) {
                seen.push(at);
                continue;
            }
            if !seen.iter().any(|member| !written(member).is_empty()) {
                continue;
            }
            let use_here = use_of(&seen, at, &states[index]);
            if use_here == Use::Yes || conflicts(&seen, at) {
                used_at = Some(index);
                break;
            }
            if matches!(at.detail, Detail::Run(_)) {
                runs.push(index);
                is_likely &= use_here == Use::No;
            }
        }
        let Some(&last_run) = runs.last() else {
            return Passage {
                runs,
                members: Vec::new(),
                is_likely,
                before: used_at,
            };
        };
        let end = used_at.unwrap_or(usize::MAX);
        let (members, below): (Vec<_>, Vec<_>) = self
            .members
            .iter()
            .copied()
            .filter(|member| *member < end)
            .partition(|member| *member < last_run);
        Passage {
            runs,
            members,
            is_likely,
            before: below.first().copied().or(used_at),
        }
    }

    /// The first `RUN` of a stage that starts from the group's, when nothing above it uses the group,
    /// nor it itself.
    pub(super) fn first_idle_run(
        &self,
        base: &Stage,
        stage: &Stage,
        states: &[State],
    ) -> Option<usize> {
        let members: Vec<_> = self
            .members
            .iter()
            .map(|&member| &base.instructions[member])
            .collect();
        for (index, at) in stage.instructions.iter().enumerate() {
            if use_of(&members, at, &states[index]) != Use::No || conflicts(&members, at) {
                return None;
            }
            if matches!(at.detail, Detail::Run(_)) {
                return Some(index);
            }
        }
        None
    }
}

/// How an instruction uses what others set.
fn use_of(members: &[&Instruction], at: &Instruction, state: &State) -> Use {
    let names = members.iter().flat_map(|member| written(member));
    names
        .map(|name| usage(at, state, name))
        .max()
        .unwrap_or(Use::No)
}

/// Whether moving instructions past another one changes what one of them says: it sets a variable that
/// they name or set, or a label that they set.
fn conflicts(members: &[&Instruction], at: &Instruction) -> bool {
    let sets_theirs = written(at).iter().any(|name| {
        members
            .iter()
            .any(|member| mentions(member, name) || written(member).contains(name))
    });
    let keys = label_keys(at);
    sets_theirs
        || members
            .iter()
            .flat_map(|member| label_keys(member))
            .any(|key| keys.contains(&key))
}
