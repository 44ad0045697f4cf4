//! The corridor: calls every room in turn, and turns what fails into the error that ends the tool.

use common::app;
use common::clock;
use common::error::CommandError;
use common::exit::Exit;
use common::pipe::Received;
use common::report::{BuildData, CacheData, Report, json_schema};
use common::terminal::Printer;
use std::path::Path;

use crate::analysis::rules::RULES;
use crate::cli::{AnalyzeArgs, Cli, Command};
use crate::input::{build, file_lists, recipe};
use crate::model::build::Build;
use crate::model::recipe::Recipe;
use crate::render;
use crate::report::{self, Sources};

pub(crate) fn run(cli: Cli, printer: &Printer) -> Result<Exit, CommandError> {
    match cli.command {
        Command::Analyze(args) => analyze(&args, printer),
        Command::Render(args) => app::render(&args, printer, render::document),
        Command::Rules => print_rules(printer),
        Command::Schema => printer
            .print(&json_schema::<CacheData>())
            .map(|()| Exit::Ok),
    }
}

fn analyze(args: &AnalyzeArgs, printer: &Printer) -> Result<Exit, CommandError> {
    let created_at = clock::created_at()?;
    let received = app::receive(&args.input.input, printer)?;
    let build = received.decode_last::<BuildData>()?;
    let build = build.map(|report| model(report, printer));
    if build.is_none() && args.dockerfiles.is_empty() {
        return Err(nothing_to_analyze());
    }
    let baseline = args.baseline.as_deref();
    let baseline = baseline.map(|file| read_baseline(file, printer));
    let baseline = baseline.transpose()?;
    let recipes = read_recipes(args, build.as_ref(), printer)?;
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

fn model(mut report: Report<BuildData>, printer: &Printer) -> Build {
    for error in file_lists::take_in(&mut report) {
        printer.warning(format_args!(
            "files that a step took are not known: {error}"
        ));
    }
    build::from_report(report)
}

/// Reads the Dockerfiles of the build, where they are still there, and those that were named.
fn read_recipes(
    args: &AnalyzeArgs,
    build: Option<&Build>,
    printer: &Printer,
) -> Result<Vec<Recipe>, CommandError> {
    let (mut recipes, errors) = build.map(recipe::read_of_build).unwrap_or_default();
    for error in errors {
        // The build report alone says how the cache did; only the rules need the file.
        let error = CommandError::input(error);
        printer.warning(format_args!("no rule is applied, because {error}"));
    }
    let named = recipe::read_named(&args.dockerfiles, args.context.as_deref());
    let named = named.map_err(CommandError::input)?;
    for named in named {
        if recipes.iter().all(|recipe| recipe.path != named.path) {
            recipes.push(named);
        }
    }
    Ok(recipes)
}

fn print_rules(printer: &Printer) -> Result<Exit, CommandError> {
    let rows = RULES.iter().map(|rule| [rule.id, rule.reason, rule.source]);
    let document = render::rules(rows);
    printer.print_document(&document)?;
    Ok(Exit::Ok)
}
