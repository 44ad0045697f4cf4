//! The corridor: calls every room in turn.

use common::clock;
use common::engine::Engine;
use common::error::CommandError;
use common::exit::Exit;
use common::pipe::Received;
use common::report::{BuildData, EngineInfo, Input, PlanData, Report, Verdict, json_schema};
use common::terminal::Printer;
use common::{app, cli::OutputArgs, cli::RenderArgs};

use crate::analysis::graph::{Order, order};
use crate::cli::{BuildArgs, Cli, Command, PlanArgs, PlanFormat, ProjectArgs, ReportKind};
use crate::execute::progress::Progress;
use crate::execute::{self, BuildOptions};
use crate::input::project::{ProjectError, ProjectFiles, check_targets, read_project};
use crate::model::outcome::{BuildOutcome, TargetErrorKind};
use crate::model::plan::Plan;
use crate::render;
use crate::report::build::{Settings, build_data, verdict};
use crate::report::plan::plan_data;
use crate::report::{inputs, tool};

pub(crate) fn run(cli: Cli, printer: &Printer) -> Result<Exit, CommandError> {
    match cli.command {
        Command::Plan(args) => plan(args, printer),
        Command::Build(args) => build(args, printer),
        Command::Render(args) => render(&args, printer),
        Command::Schema { kind } => {
            printer.print(&match kind {
                ReportKind::Plan => json_schema::<PlanData>(),
                ReportKind::Build => json_schema::<BuildData>(),
            })?;
            Ok(Exit::Ok)
        }
    }
}

fn plan(args: PlanArgs, printer: &Printer) -> Result<Exit, CommandError> {
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

fn build(args: BuildArgs, printer: &Printer) -> Result<Exit, CommandError> {
    let received = Received::read_files(&args.input.input)?;
    let created_at = clock::created_at()?;
    let (plan, files) = read_plan(args.project, printer)?;
    let options = BuildOptions {
        parallel_max: usize::try_from(args.parallel.get()).unwrap_or(usize::MAX),
        no_cache: args.no_cache,
    };
    let (engine, outcome) = execute(args.engine.host.as_deref(), &plan, options, printer)?;
    let settings = Settings {
        engine,
        parallel_max: args.parallel.get(),
        no_cache: args.no_cache,
    };
    let (data, findings) = build_data(&plan, plan_data(&plan).targets, &outcome, settings);
    let mut read = received.to_inputs();
    read.extend(files);
    let report = Report::new(tool(), created_at, verdict(&outcome), read, findings, data);
    printer.print_report(&args.output, &received, &report, render::build::document)?;
    Ok(exit(&outcome, report.verdict))
}

/// A build that failed because the Engine went away may work when tried again.
fn exit(outcome: &BuildOutcome, verdict: Verdict) -> Exit {
    let mut errors = outcome
        .targets
        .iter()
        .filter_map(|target| target.error.as_ref());
    if verdict == Verdict::Fail && errors.any(|error| error.kind == TargetErrorKind::Unavailable) {
        Exit::Unavailable
    } else {
        verdict.into()
    }
}

/// Reads the project and orders the targets that are asked for.
fn read_plan(args: ProjectArgs, printer: &Printer) -> Result<(Plan, Vec<Input>), CommandError> {
    let asked = args.targets.clone();
    let project = read_project(&files(args))?;
    check_targets(&project, &asked)?;
    for warning in &project.warnings {
        printer.warning(warning);
    }
    match order(project.targets, &asked) {
        Order::Plan(plan) => Ok((plan, inputs(&project.files))),
        Order::Cycle(names) => Err(CommandError::input(format!(
            "{}: targets start from each other's images: `{}` -> `{}`",
            project.files[0].1,
            names.join("` -> `"),
            names[0]
        ))),
    }
}

fn files(args: ProjectArgs) -> ProjectFiles {
    ProjectFiles {
        file: args.file,
        env_file: args.env_file,
        build_args: args.build_arg,
        platform: args.platform,
        context_dir: args.context,
        stage: args.target,
        tags: args.tag,
    }
}

fn execute(
    host: Option<&str>,
    plan: &Plan,
    options: BuildOptions,
    printer: &Printer,
) -> Result<(EngineInfo, BuildOutcome), CommandError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(CommandError::input)?;
    runtime.block_on(async {
        let engine = Engine::connect(host).await?;
        printer.detail(format_args!(
            "building on Docker Engine {} at {}",
            engine.info.version, engine.endpoint
        ));
        let progress = Progress::new(printer, plan.targets.len());
        let outcome = execute::build(&engine, plan, &options, &|event| progress.show(event)).await;
        Ok((engine.info, outcome))
    })
}

fn render(args: &RenderArgs, printer: &Printer) -> Result<Exit, CommandError> {
    let received = app::receive(&args.files, printer)?;
    let plans = app::show::<PlanData>(&received, args.format, printer, render::plan::document)?;
    let builds = app::show::<BuildData>(&received, args.format, printer, render::build::document)?;
    match plans + builds {
        0 => Err(app::nothing_to_show(&received, "plan or build")),
        _ => Ok(Exit::Ok),
    }
}

impl From<ProjectError> for CommandError {
    fn from(error: ProjectError) -> Self {
        match error {
            ProjectError::NoFile => Self::usage(error).hint("name one with `--file`"),
            ProjectError::DockerfileOnly { .. } => Self::usage(error),
            _ => Self::input(error),
        }
    }
}
