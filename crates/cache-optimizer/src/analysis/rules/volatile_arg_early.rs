//! Finds variables whose value is another one in each build, such as a commit, above steps that do not
//! use them: those run again in each build.
//!
//! Only a `RUN` has all variables above it in its cache key; other instructions have what they name.
//! Source: research/cache.md sections 2.3, 2.6 and 5, rules 1 and 2.

mod group;
mod names;

use common::dockerfile::{Instruction, Stage};

use super::{Confidence, Found, Remedy, Subject};
use crate::analysis::raw_lines::{between, first_line, inserted, raw_lines, replaced};
use crate::model::edit::Edit;
use group::Group;

pub(super) fn check(subject: &Subject<'_>) -> Vec<Found> {
    let stages = &subject.recipe.dockerfile.stages;
    (0..stages.len())
        .flat_map(|index| check_stage(subject, index))
        .collect()
}

fn check_stage(subject: &Subject<'_>, stage_index: usize) -> Vec<Found> {
    let stage = &subject.recipe.dockerfile.stages[stage_index];
    let states = &subject.states[stage_index];
    let groups = group::groups(stage, |at: &Instruction| names::volatile(subject, at));
    let mut found = Vec::new();
    for group in groups {
        let passage = group.passage(stage, states);
        if passage.runs.is_empty() {
            found.extend(leaked(subject, stage_index, &group, &passage));
        } else {
            found.push(misplaced(subject, stage, &group, &passage));
        }
    }
    found
}

/// What a group can be moved past.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Passage {
    /// The `RUN`s that use nothing of the group, by their place in the stage.
    runs: Vec<usize>,
    /// The members that stand above the last of those.
    members: Vec<usize>,
    /// Whether one of those installs packages, whose code could read a variable.
    is_likely: bool,
    /// What they have to stand above: the first use, or what of the group needs no move. `None` when
    /// the stage has neither.
    before: Option<usize>,
}

fn misplaced(subject: &Subject<'_>, stage: &Stage, group: &Group, passage: &Passage) -> Found {
    let at = &stage.instructions[group.members[0]];
    let lines: Vec<u32> = passage
        .runs
        .iter()
        .map(|&run| stage.instructions[run].line)
        .collect();
    let saved_ms: Option<u64> = lines
        .iter()
        .filter_map(|line| subject.durations_ms.get(line).copied())
        .reduce(|sum, ms| sum + ms);
    let destination = match passage.before {
        Some(before) => format!("above line {}", stage.instructions[before].line),
        None => format!("below line {}", lines[lines.len() - 1]),
    };
    Found {
        saved_ms,
        confidence: if passage.is_likely {
            Confidence::Likely
        } else {
            Confidence::Possible
        },
        remedy: remedy(subject, stage, passage),
        ..Found::new(
            at.line,
            format!(
                "a new value of `{}` runs {} again, which {} not use it",
                group.variable,
                named_lines(&lines),
                if lines.len() == 1 { "does" } else { "do" },
            ),
            format!("declare it {destination}"),
        )
    }
}

fn named_lines(lines: &[u32]) -> String {
    let lines: Vec<String> = lines.iter().map(u32::to_string).collect();
    match lines.as_slice() {
        [one] => format!("line {one}"),
        [rest @ .., last] => format!("lines {} and {last}", rest.join(", ")),
        [] => String::new(),
    }
}

fn remedy(subject: &Subject<'_>, stage: &Stage, passage: &Passage) -> Remedy {
    let recipe = subject.recipe;
    let members = passage.members.iter();
    let is_whole = |&index: &usize| raw_lines(recipe, &stage.instructions[index]).is_some();
    if !members.clone().all(is_whole) {
        return Remedy::Withheld("the Dockerfile is written inside another file".to_owned());
    }
    let last_run = passage.runs[passage.runs.len() - 1];
    let line = match passage.before {
        Some(before) => first_line(recipe, stage, before),
        None => stage.instructions[last_run].end_line + 1,
    };
    let mut moved: Vec<String> = Vec::new();
    let mut edits: Vec<Edit> = Vec::new();
    for &index in &passage.members {
        let first = first_line(recipe, stage, index);
        let last = stage.instructions[index].end_line;
        let lines = between(recipe, first, last);
        moved.extend(lines.into_iter().map(str::to_owned));
        edits.push(replaced(first, last, Vec::new()));
    }
    edits.insert(0, inserted(line, moved));
    Remedy::Patch(edits)
}

/// What a group that stands below all of its stage's steps makes stages run that start from it.
fn leaked(
    subject: &Subject<'_>,
    stage_index: usize,
    group: &Group,
    passage: &Passage,
) -> Option<Found> {
    if passage.before.is_some() {
        return None;
    }
    let dockerfile = &subject.recipe.dockerfile;
    let base = &dockerfile.stages[stage_index];
    let child = (stage_index + 1..dockerfile.stages.len()).find_map(|index| {
        let stage = &dockerfile.stages[index];
        let is_child = dockerfile.stage_index(&stage.base, index) == Some(stage_index);
        let run = is_child.then(|| group.first_idle_run(base, stage, &subject.states[index]));
        Some((stage, run.flatten()?))
    });
    let (child, run) = child?;
    let at = &base.instructions[group.members[0]];
    let run_line = child.instructions[run].line;
    let message = format!(
        "a new value of `{}` runs line {run_line} again, whose stage starts from this one and does not \
         use it",
        group.variable
    );
    let advice = format!("declare it below line {run_line}, in each stage that needs it");
    Some(Found {
        saved_ms: subject.durations_ms.get(&run_line).copied(),
        remedy: Remedy::Withheld(format!(
            "the stages that start from this one in line {} and below may need it too",
            child.line
        )),
        ..Found::new(at.line, message, advice)
    })
}

#[cfg(test)]
mod tests;
