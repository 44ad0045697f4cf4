//! The patches that are measured: those that rules offer, each by itself or all together, or a
//! Dockerfile made by hand.

use common::error::CommandError;
use common::report::{BuildData, Report};

use crate::analysis::chosen_change::chosen_change;
use crate::analysis::findings::{Finding, findings};
use crate::analysis::patch::unified_diff;
use crate::analysis::selection::{Mended, Wanted, mended, mended_alone};
use crate::cli::verify::VerifyArgs;
use crate::input::build;
use crate::model::recipe::Recipe;
use crate::model::trial::{Change, Patch};
use crate::run::fix;

/// What is measured.
#[derive(Debug)]
pub(super) enum Choice {
    /// What rules offer.
    Rules {
        /// Which of it.
        wanted: Wanted,
        /// Whether all is measured as one.
        is_together: bool,
    },
    /// A Dockerfile made by hand.
    ByHand {
        /// Its path.
        path: String,
        /// Its text.
        text: String,
    },
}

impl Choice {
    /// What the arguments ask for.
    pub(super) fn new(args: &VerifyArgs) -> Result<Self, CommandError> {
        let Some(path) = &args.patched else {
            return Ok(Self::Rules {
                wanted: fix::wanted(&args.patches)?,
                is_together: args.together,
            });
        };
        let text = fs_err::read_to_string(path).map_err(CommandError::input)?;
        let path = path.display().to_string();
        match common::dockerfile::parse(&text) {
            Ok(_) => Ok(Self::ByHand { path, text }),
            Err(error) => Err(CommandError::input(format!(
                "`{path}` is not a Dockerfile: {error}"
            ))),
        }
    }
}

/// The patches of a Dockerfile. With the report of a build in which every step ran, findings say
/// what each is expected to save.
pub(super) fn patches(
    recipe: &Recipe,
    cold: Option<&Report<BuildData>>,
    choice: &Choice,
    changes: Option<&[Change]>,
) -> Vec<Patch> {
    match choice {
        Choice::ByHand { path, text } => vec![by_hand(recipe, (path, text), changes)],
        Choice::Rules {
            wanted,
            is_together,
        } => of_rules(recipe, cold, (wanted, *is_together), changes),
    }
}

fn by_hand(recipe: &Recipe, (path, text): (&str, &str), changes: Option<&[Change]>) -> Patch {
    let chosen = || chosen_change(recipe, 0).into_iter().collect();
    Patch {
        mends: Vec::new(),
        made_by_hand: Some(path.to_owned()),
        dockerfile: text.to_owned(),
        ignore_text: recipe.context.ignore_text.clone().unwrap_or_default(),
        diff: unified_diff(&recipe.path, &recipe.text, text),
        expected_ms: None,
        changes: changes.map_or_else(chosen, <[_]>::to_vec),
    }
}

fn of_rules(
    recipe: &Recipe,
    cold: Option<&Report<BuildData>>,
    (wanted, is_together): (&Wanted, bool),
    changes: Option<&[Change]>,
) -> Vec<Patch> {
    let build = cold.map(|report| build::from_report(report.clone()));
    // The build was of a copy, whose target has a name of its own.
    let built = build.iter().flat_map(|build| &build.targets);
    let recipes = [Recipe {
        targets: built.map(|target| target.name.clone()).collect(),
        ..recipe.clone()
    }];
    let findings = findings(&recipes, build.as_ref());
    let mended = if is_together {
        mended(&recipes[0], &findings, wanted).into_iter().collect()
    } else {
        mended_alone(&recipes[0], &findings, wanted)
    };
    let patch = |mended| of_mended(mended, &findings, changes);
    mended.into_iter().map(patch).collect()
}

fn of_mended(mended: Mended<'_>, findings: &[Finding<'_>], changes: Option<&[Change]>) -> Patch {
    let recipe = mended.recipe;
    let is_applied = |finding: &&Finding<'_>| {
        let name = (finding.rule.id, finding.found.line);
        mended.applied.contains(&name)
    };
    let applied = findings.iter().filter(is_applied);
    let expected_ms: Vec<u64> = applied.filter_map(|one| one.found.saved_ms).collect();
    let chosen = || {
        let lines = mended.applied.iter().map(|(_, line)| *line);
        let mut chosen: Vec<_> = lines
            .filter_map(|line| chosen_change(recipe, line))
            .collect();
        chosen.sort();
        chosen.dedup();
        chosen
    };
    let ignore_text = recipe.context.ignore_text.as_deref().unwrap_or_default();
    let files = [
        (&recipe.path, recipe.text.as_str(), &mended.dockerfile),
        (
            &recipe.context.ignore_path,
            ignore_text,
            &mended.ignore_file,
        ),
    ];
    let diff = files.map(|(path, before, after)| unified_diff(path, before, after));
    Patch {
        changes: changes.map_or_else(chosen, <[_]>::to_vec),
        diff: diff.concat(),
        expected_ms: (!expected_ms.is_empty()).then(|| expected_ms.iter().sum()),
        made_by_hand: None,
        mends: mended.applied,
        dockerfile: mended.dockerfile,
        ignore_text: mended.ignore_file,
    }
}
