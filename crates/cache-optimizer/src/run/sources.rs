//! What several commands read: builds as the model has them, and Dockerfiles.

use common::error::CommandError;
use common::pipe::Received;
use common::report::{BuildData, Report};
use common::terminal::Printer;
use std::path::{Path, PathBuf};

use crate::input::{build, file_lists, history, recipe};
use crate::model::build::Build;
use crate::model::recipe::Recipe;

/// What a build report says about the cache, with the lists of files that are beside it.
pub(super) fn model(report: Report<BuildData>, printer: &Printer) -> Build {
    build::from_report(with_lists(report, printer))
}

/// The report with the lists of files that are beside it, each missing one warned of.
pub(super) fn with_lists(mut report: Report<BuildData>, printer: &Printer) -> Report<BuildData> {
    for error in file_lists::take_in(&mut report) {
        printer.warning(format_args!(
            "files that a step took are not known: {error}"
        ));
    }
    report
}

/// Reads the Dockerfiles of the build, where they are still there, and those that were named.
pub(super) fn read_recipes(
    dockerfiles: &[PathBuf],
    context_dir: Option<&Path>,
    build: Option<&Build>,
    printer: &Printer,
) -> Result<Vec<Recipe>, CommandError> {
    let (mut recipes, errors) = build.map(recipe::read_of_build).unwrap_or_default();
    for error in errors {
        // The build report alone says how the cache did; only the rules need the file.
        let error = CommandError::input(error);
        printer.warning(format_args!("no rule is applied, because {error}"));
    }
    let named = recipe::read_named(dockerfiles, context_dir);
    let named = named.map_err(CommandError::input)?;
    for named in named {
        if recipes.iter().all(|recipe| recipe.path != named.path) {
            recipes.push(named);
        }
    }
    Ok(recipes)
}

/// The build reports of the history, and then those that were received.
pub(super) fn past_builds(
    history_dir: Option<&Path>,
    received: &Received,
) -> Result<Vec<Report<BuildData>>, CommandError> {
    let mut reports = match history_dir {
        Some(dir) => history::read(dir)?,
        None => Vec::new(),
    };
    for report in received.decode::<BuildData>()? {
        if reports.iter().all(|known| known.id != report.id) {
            reports.push(report);
        }
    }
    Ok(reports)
}
