//! `predict`: says what a change, or a commit as they have been, would make run again.

use common::app;
use common::clock;
use common::error::CommandError;
use common::exit::Exit;
use common::report::{BuildData, Report};
use common::terminal::Printer;
use std::path::PathBuf;

use super::sources::model;
use crate::analysis::rebuild::{Basis, Predictor};
use crate::cli::predict::PredictArgs;
use crate::input::offer::{self, OfferError};
use crate::input::{git, history, timing};
use crate::model::build::Build;
use crate::model::change::{Asked, Commits};
use crate::model::history::Record;
use crate::render;
use crate::report::rebuild::{self, Questions};

pub(super) fn predict(args: &PredictArgs, printer: &Printer) -> Result<Exit, CommandError> {
    let created_at = clock::created_at()?;
    let received = app::receive(&args.input.input, printer)?;
    let report = received.decode_last::<BuildData>()?;
    let now = record(report.ok_or_else(nothing_to_predict)?, printer);
    for target in now.build.targets.iter().filter(|target| !target.is_built) {
        printer.warning(format_args!(
            "`{}` was not built to its end: not all of its steps are known",
            target.name
        ));
    }
    let past = past(args, &now, printer)?;
    let offers = offer::offers(&now.build).map_err(CommandError::input)?;
    let asked = asked(&args.if_changed, &now.build)?;
    let commits = commits(args, &now.build)?;
    if let Err(reason) = &commits {
        printer.status(format_args!("commits are left out: {reason}"));
    }
    let basis = Basis {
        now: &now,
        past: &past,
        offers: &offers,
    };
    let questions = Questions {
        asked: &asked,
        commits: commits.as_ref(),
    };
    let predictor = Predictor::new(basis);
    let report = rebuild::report(
        &predictor,
        basis,
        questions,
        received.to_inputs(),
        created_at,
    );
    printer.print_report(&args.output, &received, &report, render::rebuild::document)?;
    Ok(report.verdict.into())
}

fn nothing_to_predict() -> CommandError {
    CommandError::usage("there is no build report to predict from")
        .hint("pipe the output of `build-orchestrator build` into this, or name it with `--input`")
}

fn record(report: Report<BuildData>, printer: &Printer) -> Record {
    let times = timing::times(&report);
    timing::record(model(report, printer), times)
}

/// The builds of the history but the last one itself, oldest first.
fn past(args: &PredictArgs, now: &Record, printer: &Printer) -> Result<Vec<Record>, CommandError> {
    let reports = args.history.as_deref().map(history::read).transpose()?;
    let reports = reports.unwrap_or_default().into_iter();
    let others = reports.filter(|report| report.id != now.build.id);
    Ok(others.map(|report| record(report, printer)).collect())
}

fn asked(paths: &[PathBuf], build: &Build) -> Result<Vec<Asked>, CommandError> {
    let asked = paths.iter().map(|path| offer::asked(path, build));
    asked.map(|asked| asked.map_err(offer_error)).collect()
}

fn offer_error(error: OfferError) -> CommandError {
    let hint = match &error {
        OfferError::Outside { contexts, .. } => {
            let contexts: Vec<_> = contexts.iter().map(|dir| format!("`{dir}`")).collect();
            Some(format!(
                "paths are relative to the working directory; the build contexts are {}",
                contexts.join(", ")
            ))
        }
        OfferError::Path { .. } | OfferError::Ignore(_) => None,
    };
    let error = CommandError::input(error);
    match hint {
        Some(hint) => error.hint(hint),
        None => error,
    }
}

/// The commits, or why they are not known, which is an error only where nothing else was asked.
fn commits(args: &PredictArgs, build: &Build) -> Result<Result<Commits, String>, CommandError> {
    let is_all = args.if_changed.is_empty();
    if args.commits == 0 {
        return if is_all {
            let error = CommandError::usage("neither paths nor commits are asked about");
            Err(error.hint("name paths with `--if-changed`, or leave out `--commits 0`"))
        } else {
            Ok(Err("they were not asked for".to_owned()))
        };
    }
    match git::commits(build, args.commits) {
        Ok(commits) => Ok(Ok(commits)),
        Err(error) if is_all => Err(CommandError::input(error)
            .hint("name paths with `--if-changed` to ask about them without commits")),
        Err(error) => Ok(Err(error.to_string())),
    }
}
