//! `analyze`: explains the misses of a build, and checks Dockerfiles.

use common::app;
use common::clock;
use common::error::CommandError;
use common::exit::Exit;
use common::pipe::Received;
use common::report::{BuildData, Report};
use common::terminal::Printer;
use std::path::Path;

use super::history;
use super::sources::{model, read_recipes, with_lists};
use crate::cli::AnalyzeArgs;
use crate::input::build;
use crate::model::build::Build;
use crate::render;
use crate::report::{self, Sources};

pub(super) fn analyze(args: &AnalyzeArgs, printer: &Printer) -> Result<Exit, CommandError> {
    let created_at = clock::created_at()?;
    let received = app::receive(&args.input.input, printer)?;
    let build = received.decode_last::<BuildData>()?;
    let build = build.map(|report| with_lists(report, printer));
    if build.is_none() && args.dockerfiles.is_empty() {
        return Err(nothing_to_analyze());
    }
    let baseline = baseline(args, build.as_ref(), printer)?;
    let build = build.map(build::from_report);
    let recipes = read_recipes(
        &args.dockerfiles,
        args.context.as_deref(),
        build.as_ref(),
        printer,
    )?;
    let sources = Sources {
        build: build.as_ref(),
        baseline: baseline.as_ref(),
        recipes: &recipes,
    };
    let report = report::report(sources, received.to_inputs(), created_at);
    printer.print_report(&args.output, &received, &report, render::document)?;
    Ok(report.verdict.into())
}

fn nothing_to_analyze() -> CommandError {
    CommandError::usage("there is neither a build report nor a Dockerfile to analyse")
        .hint("pipe the output of `build-orchestrator build` into this, or name it with `--input`")
        .hint("or name Dockerfiles, as in `cache-optimizer analyze Dockerfile`")
}

/// The earlier build: that of `--baseline`, else the last in the history, which this one is added to.
fn baseline(
    args: &AnalyzeArgs,
    report: Option<&Report<BuildData>>,
    printer: &Printer,
) -> Result<Option<Build>, CommandError> {
    let mut baseline = None;
    if let Some((dir, report)) = args.history.as_deref().zip(report) {
        baseline = history::last_before(dir, report)?.map(|report| model(report, printer));
        history::add(dir, report)?;
    }
    match &args.baseline {
        Some(file) => read_baseline(file, printer).map(Some),
        None => Ok(baseline),
    }
}

fn read_baseline(file: &Path, printer: &Printer) -> Result<Build, CommandError> {
    let received = Received::read_files(&[file.to_owned()])?;
    match received.decode_last::<BuildData>()? {
        Some(report) => Ok(model(report, printer)),
        None => Err(CommandError::input(format!(
            "`{}`, the baseline, holds no build report",
            file.display()
        ))),
    }
}
