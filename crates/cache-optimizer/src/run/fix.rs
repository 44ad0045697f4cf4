//! `fix`: applies the patches of rules, in place or as a diff.

use common::app;
use common::error::CommandError;
use common::exit::Exit;
use common::report::BuildData;
use common::terminal::Printer;
use common::units::format_count;
use std::path::Path;

use super::sources::{model, read_recipes};
use crate::analysis::findings::findings;
use crate::analysis::patch::unified_diff;
use crate::analysis::rules::{Confidence, RULES};
use crate::analysis::selection::{Mended, Wanted, mended};
use crate::cli::fix::{ConfidenceArg, FixArgs, PatchArgs};
use crate::execute::files::replace;

pub(super) fn fix(args: &FixArgs, printer: &Printer) -> Result<Exit, CommandError> {
    let wanted = wanted(&args.patches)?;
    let received = app::receive(&args.input.input, printer)?;
    let build = received.decode_last::<BuildData>()?;
    let build = build.map(|report| model(report, printer));
    if build.is_none() && args.dockerfiles.is_empty() {
        return Err(CommandError::usage(
            "there is neither a build report nor a Dockerfile to mend",
        )
        .hint("name Dockerfiles, as in `cache-optimizer fix Dockerfile`"));
    }
    let context_dir = args.context.as_deref();
    let recipes = read_recipes(&args.dockerfiles, context_dir, build.as_ref(), printer)?;
    let findings = findings(&recipes, build.as_ref());
    let mut count = 0;
    for recipe in &recipes {
        if let Some(mended) = mended(recipe, &findings, &wanted) {
            count += mended.applied.len();
            write(&mended, args.write, printer)?;
        }
    }
    if count == 0 {
        printer.status("no patch is offered for what was asked");
    } else if args.write {
        let patches = format_count(count as u64, "patch");
        printer.status(format_args!("{patches} applied"));
    }
    Ok(Exit::Ok)
}

/// What of the patches is meant.
pub(super) fn wanted(args: &PatchArgs) -> Result<Wanted, CommandError> {
    let is_rule = |id: &&String| RULES.iter().any(|rule| rule.id == *id);
    if let Some(unknown) = args.rule.iter().find(|id| !is_rule(id)) {
        let error = CommandError::usage(format!("there is no rule `{unknown}`"));
        return Err(error.hint("`cache-optimizer rules` lists them"));
    }
    Ok(Wanted {
        rules: args.rule.clone(),
        lines: args.line.clone(),
        confidence: match args.confidence {
            ConfidenceArg::Certain => Confidence::Certain,
            ConfidenceArg::Likely => Confidence::Likely,
            ConfidenceArg::Possible => Confidence::Possible,
        },
    })
}

fn write(mended: &Mended<'_>, is_in_place: bool, printer: &Printer) -> Result<(), CommandError> {
    let recipe = mended.recipe;
    let context = &recipe.context;
    let ignore_text = context.ignore_text.as_deref().unwrap_or_default();
    for (path, before, after) in [
        (&recipe.path, recipe.text.as_str(), &mended.dockerfile),
        (&context.ignore_path, ignore_text, &mended.ignore_file),
    ] {
        if before == after {
            continue;
        }
        if is_in_place {
            replace(Path::new(path), after).map_err(CommandError::input)?;
        } else {
            printer.print(&unified_diff(path, before, after))?;
        }
    }
    for (rule, line) in &mended.applied {
        printer.status(format_args!("{}:{line}: {rule}", recipe.path));
    }
    for (rule, line) in &mended.postponed {
        printer.status(format_args!(
            "{}:{line}: {rule} touches the same lines; run again after this",
            recipe.path
        ));
    }
    Ok(())
}
