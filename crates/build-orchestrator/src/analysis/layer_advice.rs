//! Advice on the layers of a stage that becomes an image, from its Dockerfile alone.
//!
//! Only the stage's own lines are looked at: layers of stages that are copied from are not kept.

use common::dockerfile::{Detail, Instruction, Run};

use super::stages::needed_stages;
use crate::model::check::{Fault, Place, Severity};
use crate::model::plan::Target;

/// Programs that only take away.
const DELETERS: [&str; 4] = ["rm", "rmdir", "unlink", "find"];

/// Commands of package managers that only take away.
const CLEANERS: [&str; 7] = [
    "apt-get clean",
    "apt-get autoclean",
    "apt-get autoremove",
    "apt clean",
    "yum clean",
    "dnf clean",
    "apk cache clean",
];

/// A rule and what it says of a target.
pub(crate) type Advice = (&'static str, Fault);

/// What the final stage of a target could do better.
pub(crate) fn layer_advice(target: &Target) -> Vec<Advice> {
    let last = needed_stages(target).into_iter().next_back();
    let stage = last.and_then(|stage| target.dockerfile.stages.get(stage.index));
    let instructions = stage.map_or(&[][..], |stage| &stage.instructions);
    adjacent_runs(instructions)
        .into_iter()
        .chain(cleanups(instructions))
        .collect()
}

fn adjacent_runs(instructions: &[Instruction]) -> Vec<Advice> {
    let groups = instructions.chunk_by(|a, b| run(a).is_some() && run(b).is_some());
    let advice = |group: &[Instruction]| {
        let fault = Fault {
            severity: Severity::Note,
            message: format!("{} `RUN` in a row make as many layers", group.len()),
            advice: Some(
                "join them with `&&`: one layer, in which what a later command deletes is gone"
                    .to_owned(),
            ),
            place: Place::Line(group[0].line),
        };
        ("adjacent-runs", fault)
    };
    groups.filter(|group| group.len() > 1).map(advice).collect()
}

fn cleanups(instructions: &[Instruction]) -> Vec<Advice> {
    let advice = |instruction: &Instruction| {
        let fault = Fault {
            severity: Severity::Warning,
            message: format!(
                "`{}` frees nothing: what it deletes stays in the layers below",
                instruction.text
            ),
            advice: Some("delete it in the `RUN` that makes it".to_owned()),
            place: Place::Line(instruction.line),
        };
        ("cleanup-in-own-layer", fault)
    };
    instructions
        .iter()
        .filter(|instruction| run(instruction).is_some_and(only_deletes))
        .map(advice)
        .collect()
}

fn run(instruction: &Instruction) -> Option<&Run> {
    match &instruction.detail {
        Detail::Run(run) => Some(run),
        _ => None,
    }
}

/// Whether each command takes away and does nothing else. What is deleted from a mount was never in
/// a layer.
fn only_deletes(run: &Run) -> bool {
    let separated = run
        .command
        .replace("&&", ";")
        .replace("||", ";")
        .replace('\n', ";");
    let mut commands = separated
        .split(';')
        .map(str::trim)
        .filter(|text| !text.is_empty());
    run.mounts.is_empty() && commands.clone().next().is_some() && commands.all(is_deletion)
}

fn is_deletion(command: &str) -> bool {
    let words: Vec<&str> = command.split_whitespace().collect();
    let name = words[0].rsplit('/').next().unwrap_or_default();
    let is_cleaner = CLEANERS.iter().any(|cleaner| command.starts_with(cleaner));
    match name {
        "find" => words.contains(&"-delete"),
        name => DELETERS.contains(&name) || is_cleaner,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn advice(dockerfile: &str) -> Vec<(&'static str, Place)> {
        let found = layer_advice(&Target::sample("app", dockerfile));
        found
            .into_iter()
            .map(|(rule, fault)| (rule, fault.place))
            .collect()
    }

    #[test]
    fn runs_in_a_row_are_found_once_at_the_first() {
        let dockerfile = "FROM a\nRUN a\nRUN b\nRUN c\nCOPY a b\nRUN d\nUSER x\nRUN e\n";
        assert_eq!(advice(dockerfile), [("adjacent-runs", Place::Line(2))]);
    }

    #[test]
    fn only_the_stage_that_becomes_the_image_matters() {
        let dockerfile = "FROM a AS build\nRUN a\nRUN b\nFROM scratch\nCOPY --from=build /a /a\n";
        assert_eq!(advice(dockerfile), []);
    }

    #[test]
    fn a_run_that_only_deletes_frees_nothing() {
        let own = |command: &str| advice(&format!("FROM a\nCOPY a b\nRUN {command}\n"));
        let expected = [("cleanup-in-own-layer", Place::Line(3))];
        for command in [
            "rm -rf /var/lib/apt/lists/*",
            "apt-get clean && rm -rf /var/cache",
            "[\"/bin/rm\", \"-r\", \"/src\"]",
            "find / -name '*.pyc' -delete",
        ] {
            assert_eq!(own(command), expected, "{command}");
        }
        for command in [
            "apt-get install -y a && rm -rf /var/lib/apt/lists/*",
            "find / -name '*.pyc'",
            "--mount=type=cache,target=/c rm -rf /c",
        ] {
            assert_eq!(own(command), [], "{command}");
        }
    }
}
