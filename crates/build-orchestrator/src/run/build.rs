//! The subcommand `build`.

use common::clock;
use common::engine::Engine;
use common::error::CommandError;
use common::exit::Exit;
use common::pipe::Received;
use common::report::{EngineInfo, Report, Verdict};
use common::terminal::Printer;

use super::files::write_files;
use super::inputs::store_lists;
use super::plan::read_plan;
use crate::cli::build::BuildArgs;
use crate::cli::progress::ProgressMode;
use crate::execute::progress::{Display, Progress};
use crate::execute::{self, BuildOptions};
use crate::model::outcome::{BuildOutcome, TargetErrorKind};
use crate::model::plan::Plan;
use crate::render;
use crate::report::build::{FileLists, Settings, build_data, verdict};
use crate::report::plan::plan_data;
use crate::report::tool;

pub(super) fn build(args: BuildArgs, printer: &Printer) -> Result<Exit, CommandError> {
    let received = Received::read_files(&args.input.input)?;
    let created_at = clock::created_at()?;
    let (plan, files) = read_plan(args.project, printer)?;
    execute::check(&plan).map_err(CommandError::input)?;
    let options = BuildOptions {
        parallel_max: usize::try_from(args.parallel.get()).unwrap_or(usize::MAX),
        no_cache: args.no_cache,
    };
    let display = display(args.progress.progress);
    let host = args.engine.host.as_deref();
    let (engine, outcome) = execute(host, &plan, options, display, printer)?;
    let settings = Settings {
        engine,
        parallel_max: args.parallel.get(),
        no_cache: args.no_cache,
        lists: match args.inputs.inputs_dir {
            Some(_) => FileLists::All,
            None => FileLists::Short,
        },
    };
    let (mut data, findings) = build_data(&plan, plan_data(&plan).targets, &outcome, settings);
    if let Some(dir) = &args.inputs.inputs_dir {
        store_lists(&mut data, dir).map_err(CommandError::input)?;
    }
    let mut read = received.to_inputs();
    read.extend(files);
    let report = Report::new(tool(), created_at, verdict(&outcome), read, findings, data);
    printer.print_report(&args.output, &received, &report, render::build::document)?;
    write_files(&args.files, &report.data)?;
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
    options: BuildOptions,
    display: Display,
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
        let progress = Progress::new(printer, display, plan.targets.len());
        let outcome = execute::build(&engine, plan, &options, &|event| progress.show(event)).await;
        Ok((engine.info, outcome))
    })
}
