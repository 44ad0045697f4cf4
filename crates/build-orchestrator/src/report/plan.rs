//! From a plan to its report.

use common::dockerfile::{Instruction, Stage};
use common::report::{
    InstructionPlan, Location, PlanData, StageBase, StagePlan, TargetOptions, TargetPlan,
};
use common::secrets::{REDACTED, looks_secret};
use std::collections::BTreeMap;

use crate::analysis::stages::{Base, NeededStage, Source, needed_stages};
use crate::model::plan::{Attributes, NamedContext, Plan, Secret, SecretSource, SshAgent, Target};

/// The body of a plan report.
pub(crate) fn plan_data(plan: &Plan) -> PlanData {
    PlanData {
        targets: plan.targets.iter().map(target_plan).collect(),
    }
}

fn target_plan(target: &Target) -> TargetPlan {
    let path = target.dockerfile_path.display().to_string();
    TargetPlan {
        name: target.name.clone(),
        context_path: target.context_dir.display().to_string(),
        stage: target.stage.clone(),
        platform: target.platform.clone(),
        tags: target.tags.clone(),
        build_args: shown_args(&target.build_args),
        labels: target.labels.clone(),
        depends_on: target.depends_on.clone(),
        stages: needed_stages(target)
            .into_iter()
            .map(|needed| stage_plan(&path, &target.dockerfile.stages[needed.index], needed))
            .collect(),
        dockerfile_path: path,
        dockerfile_inline: target.dockerfile_inline.clone(),
        named_contexts: target
            .named_contexts
            .iter()
            .map(|(name, context)| (name.clone(), context_text(context)))
            .collect(),
        options: options(target),
    }
}

fn context_text(context: &NamedContext) -> String {
    match context {
        NamedContext::Target(name) => format!("target:{name}"),
        NamedContext::Image(name) => format!("docker-image://{name}"),
        NamedContext::Folder(path) => path.display().to_string(),
        NamedContext::Remote(url) => url.clone(),
    }
}

fn options(target: &Target) -> TargetOptions {
    let list = |all: &[Attributes]| all.iter().map(attributes_text).collect();
    TargetOptions {
        annotations: target.annotations.clone(),
        secrets: target.secrets.iter().map(secret_text).collect(),
        ssh: target.ssh.iter().map(ssh_text).collect(),
        cache_from: list(&target.cache_from),
        cache_to: list(&target.cache_to),
        outputs: list(&target.outputs),
        network: target.network.clone(),
        shm_size_bytes: target.shm_size_bytes,
        ulimits: target.ulimits.clone(),
        extra_hosts: target.extra_hosts.clone(),
        entitlements: target.entitlements.clone(),
        attestations: list(&target.attestations),
        no_cache: target.no_cache,
        no_cache_stages: target.no_cache_stages.clone(),
        pull: target.pull,
    }
}

fn attributes_text(attributes: &Attributes) -> String {
    let values = attributes.values.iter().map(|(name, value)| {
        let value = if looks_secret(name) { REDACTED } else { value };
        format!(",{name}={value}")
    });
    format!("type={}{}", attributes.kind, values.collect::<String>())
}

fn secret_text(secret: &Secret) -> String {
    match &secret.source {
        SecretSource::File(path) => format!("id={},src={}", secret.id, path.display()),
        SecretSource::Variable(name) => format!("id={},env={name}", secret.id),
    }
}

fn ssh_text(agent: &SshAgent) -> String {
    let paths: Vec<String> = agent
        .paths
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    match &paths[..] {
        [] => agent.id.clone(),
        _ => format!("{}={}", agent.id, paths.join(",")),
    }
}

fn shown_args(args: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let shown = |(name, value): (&String, &String)| {
        let value = if looks_secret(name) {
            REDACTED.to_owned()
        } else {
            value.clone()
        };
        (name.clone(), value)
    };
    args.iter().map(shown).collect()
}

fn stage_plan(dockerfile_path: &str, stage: &Stage, needed: NeededStage) -> StagePlan {
    StagePlan {
        index: position(needed.index),
        name: stage.name.clone(),
        location: Location {
            path: dockerfile_path.to_owned(),
            line: stage.line,
        },
        base: match needed.base {
            Base::Scratch => StageBase::Scratch,
            Base::Stage(index) => StageBase::Stage {
                index: position(index),
            },
            Base::Source(Source::Image(name)) => StageBase::Image { name },
            Base::Source(Source::Context { context, .. }) => StageBase::Image {
                name: context_text(&context),
            },
        },
        copies_from: needed.copies_from.into_iter().map(position).collect(),
        instructions: stage.instructions.iter().map(instruction_plan).collect(),
    }
}

fn instruction_plan(instruction: &Instruction) -> InstructionPlan {
    InstructionPlan {
        keyword: instruction.keyword.clone(),
        text: instruction.text.clone(),
        line: instruction.line,
        end_line: instruction.end_line,
    }
}

fn position(index: usize) -> u32 {
    u32::try_from(index).expect("a Dockerfile has fewer than four billion stages")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_values_of_secret_arguments_are_not_shown() {
        let args = [("NPM_TOKEN", "hunter22"), ("VERSION", "7")];
        let plan = target_plan(&Target::sample("app", "FROM scratch\n").with_args(&args));
        assert_eq!(plan.build_args["NPM_TOKEN"], "<redacted>");
        assert_eq!(plan.build_args["VERSION"], "7");
    }

    #[test]
    fn a_plan_has_the_stages_that_the_target_needs_with_their_lines() {
        let text = "FROM debian AS build\nRUN make \\\n  all\nFROM alpine\nFROM scratch\nCOPY --from=build /a /a\n";
        let plan = target_plan(&Target::sample("app", text));
        assert_eq!(plan.dockerfile_path, "Dockerfile");
        let lines: Vec<u32> = plan
            .stages
            .iter()
            .map(|stage| stage.location.line)
            .collect();
        assert_eq!(lines, [1, 5]);
        let run = &plan.stages[0].instructions[0];
        assert_eq!(
            (run.text.as_str(), run.line, run.end_line),
            ("RUN make all", 2, 3)
        );
        assert_eq!(plan.stages[1].copies_from, [0]);
    }
}
