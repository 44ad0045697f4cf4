//! From a build report to the model, without judging it.

use common::report::{
    self, BuildData, ContextFiles, Report, StageBase, StagePlan, StepBuild, StepKind, TargetBuild,
    TargetOptions, TargetStatus,
};

use crate::model::build::{
    Arg, Build, File, FileSet, Place, RunInputs, Settings, Stage, Step, Target,
};

/// What a build report says about the cache.
pub(crate) fn from_report(report: Report<BuildData>) -> Build {
    Build {
        id: report.id,
        no_cache: report.data.no_cache,
        targets: report.data.targets.into_iter().map(target).collect(),
    }
}

fn target(built: TargetBuild) -> Target {
    let plan = built.plan;
    let steps = built.steps.into_iter();
    Target {
        steps: steps.map(|built| step(built, &plan.stages)).collect(),
        stages: plan.stages.iter().map(stage).collect(),
        name: plan.name,
        dockerfile_path: plan.dockerfile_path,
        context_dir: plan.context_path,
        platform: plan.platform,
        context_size_bytes: built.context.size_bytes,
        build_args: plan.build_args,
        settings: settings(plan.options),
        is_built: built.status == TargetStatus::Built,
    }
}

fn settings(options: TargetOptions) -> Settings {
    Settings {
        no_cache: options.no_cache,
        no_cache_stages: options.no_cache_stages,
        network: options.network,
        extra_hosts: options.extra_hosts,
    }
}

fn stage(plan: &StagePlan) -> Stage {
    let args = plan.instructions.iter().filter(|i| i.keyword == "ARG");
    Stage {
        index: plan.index,
        label: plan.label(),
        base_index: match plan.base {
            StageBase::Stage { index } => Some(index),
            StageBase::Scratch | StageBase::Image { .. } => None,
        },
        args: args
            .flat_map(|instruction| declared(&instruction.text, instruction.line))
            .collect(),
        texts: plan
            .instructions
            .iter()
            .map(|instruction| (instruction.line, instruction.text.clone()))
            .collect(),
    }
}

/// The variables that an `ARG` instruction declares. A value with blanks in it is cut within its quotes,
/// and adds words that are no build argument's name, which does no harm.
fn declared(text: &str, line: u32) -> impl Iterator<Item = Arg> {
    text.split_whitespace().skip(1).map(move |word| {
        let (name, default) = match word.split_once('=') {
            Some((name, default)) => (name, Some(default.to_owned())),
            None => (word, None),
        };
        Arg {
            name: name.to_owned(),
            default,
            line,
        }
    })
}

fn step(built: StepBuild, stages: &[StagePlan]) -> Step {
    Step {
        text: written_text(&built, stages).unwrap_or_else(|| built.name.clone()),
        is_instruction: built.kind == StepKind::Instruction,
        id: built.id,
        name: built.name,
        stage: built.stage,
        place: built.location.map(|location| Place {
            path: location.path,
            line: location.line,
        }),
        cached: built.cached,
        shared_with: built.shared_with,
        is_failed: built.error.is_some(),
        started_ms: built.started_ms,
        duration_ms: built.duration_ms,
        depends_on: built.depends_on,
        files: built.context_files.map(file_set),
        run: built.run.map(run_inputs),
        is_base: built.kind == StepKind::Base,
        base_digest: built.base_digest,
    }
}

fn written_text(built: &StepBuild, stages: &[StagePlan]) -> Option<String> {
    let label = built.stage.as_deref()?;
    let line = built.location.as_ref()?.line;
    let stage = stages.iter().find(|stage| stage.label() == label)?;
    let instruction = stage.instructions.iter().find(|i| i.line == line)?;
    Some(instruction.text.clone())
}

fn run_inputs(run: report::RunInputs) -> RunInputs {
    RunInputs {
        args: run.args,
        env: run.env,
        mounts: run.mounts,
        network: run.network,
    }
}

fn file_set(taken: ContextFiles) -> FileSet {
    let is_listed = taken.files.len() as u64 == taken.file_count;
    let are_folders_listed = taken.folder_count == Some(taken.folders.len() as u64);
    let folders = taken.folders.into_iter().map(|it| (it.path, it.mode));
    let files = taken.files.into_iter().map(|file| {
        let content = File {
            mode: file.mode,
            digest: file.digest,
            size_bytes: file.size_bytes,
            modified_ns: file.modified_ns,
        };
        (file.path, content)
    });
    FileSet {
        digest: taken.digest,
        files: is_listed.then(|| files.collect()),
        folders: are_folders_listed.then(|| folders.collect()),
    }
}

#[cfg(test)]
mod tests {
    use common::report::{ContextFile, InstructionPlan, Location};

    use super::*;

    fn plan(instructions: &[(&str, u32)]) -> StagePlan {
        let instruction = |&(text, line): &(&str, u32)| InstructionPlan {
            keyword: text.split(' ').next().unwrap().to_owned(),
            text: text.to_owned(),
            line,
            end_line: line,
        };
        StagePlan {
            index: 1,
            name: None,
            location: location(1),
            base: StageBase::Stage { index: 0 },
            copies_from: Vec::new(),
            instructions: instructions.iter().map(instruction).collect(),
        }
    }

    fn location(line: u32) -> Location {
        Location {
            path: "Dockerfile".to_owned(),
            line,
        }
    }

    fn built(name: &str, line: u32) -> StepBuild {
        StepBuild {
            id: "app/stage-1/1".to_owned(),
            kind: StepKind::Instruction,
            stage: Some("stage-1".to_owned()),
            name: name.to_owned(),
            location: Some(location(line)),
            cached: Some(false),
            shared_with: None,
            started_ms: None,
            duration_ms: 0,
            depends_on: Vec::new(),
            context_files: None,
            log_tail: Vec::new(),
            error: None,
            run: None,
            base_digest: None,
        }
    }

    #[test]
    fn a_step_is_known_by_its_text_as_written() {
        let stages = [plan(&[("ARG V", 2), ("RUN make $V", 3)])];
        let step = step(built("RUN make 1.2", 3), &stages);
        assert_eq!(step.text, "RUN make $V");
        assert_eq!(step.name, "RUN make 1.2");
    }

    #[test]
    fn from_is_no_instruction_that_could_hit_or_miss() {
        let mut from = built("FROM debian@sha256:00", 1);
        from.kind = StepKind::Base;
        assert!(!step(from, &[]).is_instruction);
        assert!(step(built("RUN FROM=1 make", 2), &[]).is_instruction);
    }

    #[test]
    fn all_variables_of_an_arg_are_declared_at_its_line() {
        let stage = stage(&plan(&[("ARG A=1 B", 2), ("RUN make", 3)]));
        let names: Vec<_> = stage
            .args
            .iter()
            .map(|a| (a.name.as_str(), a.default.as_deref(), a.line))
            .collect();
        assert_eq!(names, [("A", Some("1"), 2), ("B", None, 2)]);
        assert_eq!(stage.label, "stage-1");
        assert_eq!(stage.base_index, Some(0));
    }

    #[test]
    fn a_list_of_files_that_was_cut_is_no_list() {
        let mut taken = ContextFiles {
            digest: "sha256:1".to_owned(),
            file_count: 1,
            size_bytes: 3,
            files: vec![ContextFile {
                path: "a".to_owned(),
                mode: 0o644,
                size_bytes: 3,
                digest: "sha256:2".to_owned(),
                is_link: false,
                modified_ns: None,
            }],
            list_path: None,
            folders: Vec::new(),
            folder_count: None,
        };
        assert_eq!(file_set(taken.clone()).files.unwrap()["a"].mode, 0o644);
        taken.files.clear();
        assert_eq!(file_set(taken).files, None);
    }
}
