//! `fix`: applies the patches of rules, in place or as a diff.

use common::app;
use common::error::CommandError;
use common::exit::Exit;
use common::report::BuildData;
use common::terminal::Printer;
use common::units::format_count;
use std::collections::BTreeMap;
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
    let mut writing = Writing {
        is_in_place: args.write,
        printer,
        texts: BTreeMap::new(),
    };
    let mut count = 0;
    for recipe in &recipes {
        if let Some(mended) = mended(recipe, &findings, &wanted) {
            count += mended.applied.len();
            writing.write(&mended)?;
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
        return Err(match nearest_rule(unknown) {
            Some(nearest) => error.hint(format!("did you mean `{nearest}`?")),
            None => error.hint("`cache-optimizer rules` lists them"),
        });
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

/// How alike a name and a rule's have to be, from 0 to 1, to take one for a slip of the other.
///
/// Chosen: a letter or a word too many is, another rule is not.
const LIKENESS_MIN: f64 = 0.85;

fn nearest_rule(name: &str) -> Option<&'static str> {
    let likeness = |id: &str| strsim::jaro_winkler(name, id);
    let ids = RULES.iter().map(|rule| rule.id);
    let nearest = ids.max_by(|a, b| likeness(a).total_cmp(&likeness(b)))?;
    (likeness(nearest) >= LIKENESS_MIN).then_some(nearest)
}

/// Files that are being mended.
struct Writing<'a> {
    is_in_place: bool,
    printer: &'a Printer,
    /// The texts of the files that are mended already: Dockerfiles may share an ignore file.
    texts: BTreeMap<String, String>,
}

impl Writing<'_> {
    fn write(&mut self, mended: &Mended<'_>) -> Result<(), CommandError> {
        let recipe = mended.recipe;
        let context = &recipe.context;
        let ignore_text = context.ignore_text.as_deref().unwrap_or_default();
        for (path, before, after) in [
            (&recipe.path, recipe.text.as_str(), &mended.dockerfile),
            (&context.ignore_path, ignore_text, &mended.ignore_file),
        ] {
            if before != after {
                self.write_file(path, before, after)?;
            }
        }
        let printer = self.printer;
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

    fn write_file(&mut self, path: &str, before: &str, after: &str) -> Result<(), CommandError> {
        match self.texts.get(path) {
            Some(text) if text == after => return Ok(()),
            Some(_) => {
                self.printer.status(format_args!(
                    "`{path}` is mended for another Dockerfile already; run again after this"
                ));
                return Ok(());
            }
            None => {}
        }
        self.texts.insert(path.to_owned(), after.to_owned());
        if self.is_in_place {
            replace(Path::new(path), after).map_err(CommandError::input)
        } else {
            self.printer.print(&unified_diff(path, before, after))
        }
    }
}
