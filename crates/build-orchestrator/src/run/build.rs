//! The subcommand `build`.

use common::clock;
use common::engine::Engine;
use common::error::CommandError;
use common::exit::Exit;
use common::pipe::Received;
use common::report::{EngineInfo, Input, Report, Verdict};
use common::terminal::Printer;
use std::collections::BTreeMap;

use super::files::write_files;
use super::inputs::store_lists;
use super::plan::read_plan;
use super::{artifacts, checks};
use crate::analysis::cache_strategy::{CacheStrategy, set_caches};
use crate::analysis::stages::copied_stages;
use crate::analysis::support::unsupported;
use crate::cli::build::{BuildArgs, CacheStrategyArg};
use crate::cli::progress::ProgressMode;
use crate::execute::capabilities::capabilities;
use crate::execute::progress::{Display, Progress};
use crate::execute::push::pushed_names;
use crate::execute::{self, BuildOptions};
use crate::model::outcome::{BuildOutcome, TargetErrorKind};
use crate::model::plan::{Plan, Target};
use crate::render;
use crate::report::build::{FileLists, Settings, build_data, verdict};
use crate::report::plan::plan_data;
use crate::report::tool;

pub(super) fn build(args: &BuildArgs, printer: &Printer) -> Result<Exit, CommandError> {
    let received = Received::read_files(&args.input.input)?;
    let (plan, files) = read_plan(args.project.clone(), printer)?;
    let (_, exit) = build_plan(args, plan, files, &received, printer)?;
    Ok(exit)
}

/// Builds a plan, writes the report, and says how it ended.
pub(super) fn build_plan(
    args: &BuildArgs,
    mut plan: Plan,
    files: Vec<Input>,
    received: &Received,
    printer: &Printer,
) -> Result<(BuildOutcome, Exit), CommandError> {
    let created_at = clock::created_at()?;
    let mut options = options(args);
    let display = display(args.progress.progress);
    let settings = |engine| Settings {
        engine,
        parallel_max: args.parallel.get(),
        no_cache: options.no_cache,
        lists: match args.inputs.inputs_dir {
            Some(_) => FileLists::All,
            None => FileLists::Short,
        },
    };
    execute::check(&plan).map_err(CommandError::input)?;
    if args.stage_images {
        let stages = |target: &Target| (target.name.clone(), copied_stages(target));
        options.stage_images = plan.targets.iter().map(stages).collect();
    }
    if let Some(strategy) = strategy(args.cache_strategy) {
        set_caches(&mut plan, strategy);
    }
    check_tags(&plan, options.push)?;
    check_order(&plan, options.push, args.checks.validate)?;
    let host = args.engine.host.as_deref();
    let (engine, outcome) = execute(host, &plan, options.clone(), display, printer)?;
    let settings = settings(engine);
    let (mut data, mut findings) = build_data(&plan, plan_data(&plan).targets, &outcome, settings);
    findings.extend(checks::layer_findings(&args.checks, &plan));
    if let Some(dir) = &args.inputs.inputs_dir {
        store_lists(&mut data, dir).map_err(CommandError::input)?;
    }
    let mut read = received.to_inputs();
    read.extend(files);
    let report = Report::new(tool(), created_at, verdict(&outcome), read, findings, data);
    printer.print_report(&args.output, received, &report, render::build::document)?;
    write_files(&args.files, &report.data)?;
    artifacts::store(&args.artifacts, &report, host)?;
    let exit = match exit(&outcome, report.verdict) {
        Exit::Ok => checks::validate_built(&args.checks, &args.output, report, host, printer)?,
        exit => exit,
    };
    Ok((outcome, exit))
}

fn options(args: &BuildArgs) -> BuildOptions {
    BuildOptions {
        parallel_max: usize::try_from(args.parallel.get()).unwrap_or(usize::MAX),
        no_cache: args.no_cache || args.cache_strategy == CacheStrategyArg::None,
        fail_fast: args.fail_fast,
        timeout: args.timeout,
        retries_max: args.retries,
        push: args.push,
        unsupported: BTreeMap::new(),
        stage_images: BTreeMap::new(),
    }
}

fn strategy(arg: CacheStrategyArg) -> Option<CacheStrategy> {
    match arg {
        CacheStrategyArg::Local | CacheStrategyArg::None => None,
        CacheStrategyArg::Inline => Some(CacheStrategy::Inline),
        CacheStrategyArg::Registry => Some(CacheStrategy::Registry),
    }
}

/// Refuses to push what has no name, before anything is built.
fn check_tags(plan: &Plan, pushes_all: bool) -> Result<(), CommandError> {
    let asked = |target: &&Target| plan.is_asked(&target.name);
    let mut targets = plan.targets.iter().filter(asked);
    let nameless = |target: &&Target| pushed_names(plan, target, true).is_empty();
    match targets.find(nameless) {
        Some(target) if pushes_all => Err(CommandError::usage(format!(
            "`--push`: `{}` has no name to push it under",
            target.name
        ))
        .hint("give it one with `tags` or `image` in its file, or with `--tag`")),
        _ => Ok(()),
    }
}

/// Refuses to validate what is pushed already by then.
fn check_order(plan: &Plan, pushes_all: bool, validates: bool) -> Result<(), CommandError> {
    let pushes = |target: &Target| !pushed_names(plan, target, pushes_all).is_empty();
    if validates && plan.targets.iter().any(pushes) {
        return Err(CommandError::usage(
            "the images would be pushed before `--validate` (or `BUILD_VALIDATION`) has checked them",
        )
        .hint("build with `--validate` first, and then again with `--push`, which takes all steps from the cache"));
    }
    Ok(())
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

fn display(mode: ProgressMode) -> Display {
    match mode {
        ProgressMode::Auto | ProgressMode::Bars => Display::Auto,
        ProgressMode::Plain => Display::Plain,
        ProgressMode::Quiet => Display::Quiet,
        ProgressMode::Json => Display::Json,
    }
}

fn execute(
    host: Option<&str>,
    plan: &Plan,
    mut options: BuildOptions,
    display: Display,
    printer: &Printer,
) -> Result<(EngineInfo, BuildOutcome), CommandError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(CommandError::input)?;
    runtime.block_on(async {
        let engine = Engine::connect(host).await?;
        printer.detail(format_args!(
            "building on Docker Engine {} at {}",
            engine.info.version, engine.endpoint
        ));
        options.unsupported = unsupported_targets(&engine, plan).await?;
        let progress = Progress::new(printer, display, plan.targets.len());
        let outcome = execute::build(&engine, plan, &options, &|event| progress.show(event)).await;
        Ok((engine.info, outcome))
    })
}

/// The targets that the Engine cannot build as asked, and why.
async fn unsupported_targets(
    engine: &Engine,
    plan: &Plan,
) -> Result<BTreeMap<String, String>, CommandError> {
    let capabilities = capabilities(engine)
        .await
        .map_err(|error| CommandError::unavailable(error.message))?;
    let targets = plan.targets.iter().filter_map(|target| {
        let why = unsupported(target, &capabilities)?;
        Some((target.name.clone(), why))
    });
    Ok(targets.collect())
}
