//! The subcommand `plan --from-report`.

use common::cli::OutputArgs;
use common::clock;
use common::error::CommandError;
use common::exit::Exit;
use common::pipe::Received;
use common::report::{Report, Verdict};
use common::terminal::Printer;
use std::path::Path;

use super::compare::{input, read_build};
use crate::cli::plan::{PlanArgs, PlanFormat};
use crate::input::recorded::{Change, changed_durations, recorded};
use crate::render;
use crate::report::prediction::prediction_data;
use crate::report::tool;

pub(super) fn predict(
    args: &PlanArgs,
    file: &Path,
    printer: &Printer,
) -> Result<Exit, CommandError> {
    if args.format.is_some_and(|format| format.common().is_none()) {
        return Err(CommandError::usage(
            "a prediction cannot be written as a graph",
        ));
    }
    let received = Received::read_files(&args.input.input)?;
    let created_at = clock::created_at()?;
    let build = read_build(file)?;
    let recorded = recorded(&build.data);
    if let Some(target) = recorded.targets.iter().find(|target| !target.is_built) {
        return Err(CommandError::input(format!(
            "`{}`: the target `{}` was not built, and a build can only be predicted from a whole one",
            file.display(),
            target.name
        )));
    }
    let what_if = &args.what_if;
    let speed_ups = what_if.speed_up.iter();
    let speed_ups = speed_ups.map(|change| Change {
        step: &change.step,
        factor: change.factor,
    });
    let cached = what_if.cached.iter().map(|step| Change {
        step,
        factor: f64::INFINITY,
    });
    let durations_ms = changed_durations(&recorded, speed_ups.chain(cached))
        .map_err(|error| CommandError::input(format!("`{}`: {error}", file.display())))?;
    let parallel = what_if.parallel;
    let parallel_max = parallel.map_or(recorded.parallel_max, |parallel| {
        usize::try_from(parallel.get()).unwrap_or(usize::MAX)
    });
    let data = prediction_data(build.id.clone(), &recorded, parallel_max, durations_ms);
    let mut inputs = received.to_inputs();
    inputs.push(input(&build));
    let report = Report::new(tool(), created_at, Verdict::Pass, inputs, Vec::new(), data);
    let output = OutputArgs {
        format: args.format.and_then(PlanFormat::common),
        only: args.only,
    };
    printer.print_report(&output, &received, &report, render::prediction::document)?;
    Ok(Exit::Ok)
}
