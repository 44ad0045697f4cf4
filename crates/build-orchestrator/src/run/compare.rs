//! The subcommand `compare`.

use common::clock;
use common::error::CommandError;
use common::exit::Exit;
use common::pipe::Received;
use common::report::{BuildData, Input, Report, Verdict};
use common::terminal::Printer;
use std::path::Path;

use crate::cli::compare::CompareArgs;
use crate::input::recorded::recorded;
use crate::render;
use crate::report::comparison::comparison_data;
use crate::report::tool;

pub(super) fn compare(args: &CompareArgs, printer: &Printer) -> Result<Exit, CommandError> {
    let created_at = clock::created_at()?;
    let before = read_build(&args.before)?;
    let after = read_build(&args.after)?;
    let (data, findings) = comparison_data(
        [&before, &after],
        [&recorded(&before.data), &recorded(&after.data)],
    );
    let verdict = if args.fail_on_regression && !findings.is_empty() {
        Verdict::Fail
    } else {
        Verdict::Pass
    };
    let inputs = [&before, &after].map(input).into();
    let report = Report::new(tool(), created_at, verdict, inputs, findings, data);
    printer.print_view(args.format, &report, render::comparison::document)?;
    Ok(verdict.into())
}

/// The last build report of a file.
pub(super) fn read_build(file: &Path) -> Result<Report<BuildData>, CommandError> {
    let received = Received::read_files(&[file.to_owned()])?;
    received.decode_last::<BuildData>()?.ok_or_else(|| {
        let kinds: Vec<&str> = received.kinds().collect();
        let kinds = match kinds.as_slice() {
            [] => "none".to_owned(),
            kinds => kinds.join(", "),
        };
        CommandError::input(format!(
            "`{}` holds no build report; reports read: {kinds}",
            file.display()
        ))
    })
}

/// What a report that was made from a build's names as its input.
pub(super) fn input(report: &Report<BuildData>) -> Input {
    Input {
        kind: "report".to_owned(),
        id: report.id.clone(),
    }
}
