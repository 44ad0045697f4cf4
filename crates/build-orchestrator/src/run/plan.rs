//! The subcommand `plan`, and what `build` shares with it: reading the project.

use common::cli::OutputArgs;
use common::clock;
use common::error::CommandError;
use common::exit::Exit;
use common::pipe::Received;
use common::report::{Input, Report, Verdict};
use common::terminal::Printer;

use super::predict::predict;
use crate::analysis::environment::{BUILD_ENVIRONMENT, set_build_environment};
use crate::analysis::graph::{Order, order};
use crate::cli::plan::{PlanArgs, PlanFormat};
use crate::cli::project::ProjectArgs;
use crate::input::lone::Lone;
use crate::input::nearest::hint;
use crate::input::overrides::Overrides;
use crate::input::project::{ProjectError, ProjectFiles, asked_targets, read_project};
use crate::model::plan::Plan;
use crate::render;
use crate::report::plan::plan_data;
use crate::report::{inputs, tool};

pub(super) fn plan(args: PlanArgs, printer: &Printer) -> Result<Exit, CommandError> {
    if let Some(file) = &args.what_if.from_report {
        return predict(&args, file, printer);
    }
    // A chain starts here: standard input belongs to whoever called, not to us.
    let received = Received::read_files(&args.input.input)?;
    let created_at = clock::created_at()?;
    let (plan, files) = read_plan(args.project, printer)?;
    let mut read = received.to_inputs();
    read.extend(files);
    let report = Report::new(
        tool(),
        created_at,
        Verdict::Pass,
        read,
        Vec::new(),
        plan_data(&plan),
    );
    if args.format == Some(PlanFormat::Dot) {
        printer.print(&render::dot::dot(&report.data))?;
    } else {
        let format = args.format.and_then(PlanFormat::common);
        let output = OutputArgs {
            format,
            only: args.only,
        };
        printer.print_report(&output, &received, &report, render::plan::document)?;
    }
    Ok(Exit::Ok)
}

/// Reads the project and orders the targets that are asked for.
pub(super) fn read_plan(
    args: ProjectArgs,
    printer: &Printer,
) -> Result<(Plan, Vec<Input>), CommandError> {
    let names = args.targets.clone();
    let project = read_project(&files(args))?;
    let asked = asked_targets(&project, &names)?;
    for warning in &project.warnings {
        printer.warning(warning);
    }
    let names: Vec<String> = project
        .targets
        .iter()
        .map(|target| target.name.clone())
        .collect();
    let mut plan = match order(project.targets, &asked) {
        Order::Plan(plan) => plan,
        Order::NoTarget {
            target,
            context,
            missing,
        } => {
            return Err(CommandError::input(format!(
                "{}: the context `{context}` of `{target}` is the target `{missing}`, which is not there{}",
                project.files[0].1,
                hint(&missing, &names)
            )));
        }
        Order::Cycle(names) => {
            return Err(CommandError::input(format!(
                "{}: targets start from each other's images: `{}` -> `{}`",
                project.files[0].1,
                names.join("` -> `"),
                names[0]
            )));
        }
    };
    if let Some(value) = std::env::var(BUILD_ENVIRONMENT)
        .ok()
        .filter(|it| !it.is_empty())
    {
        set_build_environment(&mut plan, &value);
    }
    let is_planned = |name: &String| plan.targets.iter().any(|target| target.name == *name);
    let mut unreadable = project.unreadable.into_iter();
    match unreadable.find(|(name, _)| is_planned(name)) {
        Some((_, error)) => Err(ProjectError::from(error).into()),
        None => Ok((plan, inputs(&project.files))),
    }
}

fn files(args: ProjectArgs) -> ProjectFiles {
    ProjectFiles {
        files: args.file,
        env_files: args.env_file,
        profiles: args.profile,
        set: args.set,
        lone: Lone {
            context_dir: args.context,
            stage: args.target,
            all_stages: args.all_stages,
            tags: args.tag,
            default_tag: default_tag(&|name| std::env::var(name).ok()),
        },
        overrides: Overrides {
            build_args: args.build_arg,
            platform: args.platform.filter(|platform| !platform.is_empty()),
            labels: args.label,
            build_contexts: args.build_context,
            secrets: args.secret,
            ssh: args.ssh,
            cache_from: args.cache_from,
            cache_to: args.cache_to,
            outputs: args.output,
            pull: args.pull,
            no_cache_stages: args.no_cache_filter,
            network: args.network,
            extra_hosts: args.add_host,
        },
    }
}

/// The image's name from the variables of the shipped configurations.
fn default_tag(variable: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let set = |name| variable(name).filter(|value| !value.is_empty());
    let name = set("IMAGE_NAME")?;
    let registry = set("REGISTRY").map_or(String::new(), |registry| format!("{registry}/"));
    let version = set("VERSION").map_or(String::new(), |version| format!(":{version}"));
    Some(format!("{registry}{name}{version}"))
}

impl From<ProjectError> for CommandError {
    fn from(error: ProjectError) -> Self {
        match error {
            ProjectError::NoFile => Self::usage(error).hint("name one with `--file`"),
            ProjectError::WrongKind { .. }
            | ProjectError::Mixed { .. }
            | ProjectError::Override(_) => Self::usage(error),
            _ => Self::input(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_image_is_named_by_registry_name_and_version() {
        let tag = |set: &[(&str, &str)]| {
            default_tag(&|name| {
                let found = set.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            })
        };
        assert_eq!(tag(&[("VERSION", "1")]), None);
        assert_eq!(
            tag(&[("IMAGE_NAME", "app"), ("REGISTRY", "")]).unwrap(),
            "app"
        );
        let all = [
            ("IMAGE_NAME", "app"),
            ("REGISTRY", "r.example"),
            ("VERSION", "1"),
        ];
        assert_eq!(tag(&all).unwrap(), "r.example/app:1");
    }
}
