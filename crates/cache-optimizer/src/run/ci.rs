//! `ci`: recommends where the build cache is kept between CI runs.

use common::app;
use common::clock;
use common::error::CommandError;
use common::exit::Exit;
use common::report::{LayerData, PruneData};
use common::terminal::Printer;

use super::sources::past_builds;
use crate::analysis::cache_setup::setup;
use crate::cli::ci::CiArgs;
use crate::input::ci_builds;
use crate::render;
use crate::report::cache_setup as report;

pub(super) fn ci(args: &CiArgs, printer: &Printer) -> Result<Exit, CommandError> {
    let created_at = clock::created_at()?;
    let received = app::receive(&args.input.input, printer)?;
    let builds = past_builds(args.history.as_deref(), &received)?;
    let targets = ci_builds::from_reports(&builds);
    if targets.is_empty() {
        let error = CommandError::usage("there is no build report to take times from");
        return Err(error.hint(
            "pipe the output of `build-orchestrator build` into this, or name it with `--input`",
        ));
    }
    let layers = received.decode::<LayerData>()?;
    let sizes = ci_builds::sizes(&layers, &received.decode::<PruneData>()?);
    let targets: Vec<_> = targets
        .iter()
        .map(|target| (target, setup(target, &sizes, args.bandwidth)))
        .collect();
    let report = report::report(&targets, args.bandwidth, received.to_inputs(), created_at);
    let view = render::cache_setup::document;
    printer.print_report(&args.output, &received, &report, view)?;
    Ok(report.verdict.into())
}
