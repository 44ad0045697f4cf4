//! The order in which a Dockerfile and its patches are built, compared, changed and built again.
//!
//! Source: research/cache.md section 5, "Verification protocol".

use common::error::CommandError;
use common::terminal::Printer;
use common::units::format_duration;
use std::path::Path;

use super::command_error;
use super::patches::{Choice, patches};
use crate::analysis::proof::without_noise;
use crate::execute::builds::{Bench, Built, Outcome, serial};
use crate::execute::copies::ContextCopy;
use crate::execute::marks;
use crate::model::recipe::Recipe;
use crate::model::trial::{
    Baseline, Change, Difference, Measured, Origin, Patch, Rebuild, Replay, Settings, Trial,
};

/// One Dockerfile that is to be measured.
#[derive(Debug)]
pub(super) struct Job<'a> {
    /// The Dockerfile.
    pub(super) recipe: &'a Recipe,
    /// How it is built.
    pub(super) settings: Settings,
    /// The changes that were asked for. `None` when none were.
    pub(super) changes: Option<Vec<Change>>,
    /// Which patches.
    pub(super) choice: &'a Choice,
    /// How often each rebuild is measured.
    pub(super) run_count: u32,
}

/// A copy of a context with its Dockerfile, and what is said of it.
struct Side<'a> {
    name: &'static str,
    copy: &'a ContextCopy,
}

/// What a trial works with.
struct Work<'a> {
    bench: &'a mut Bench,
    settings: &'a Settings,
    run_count: u32,
    printer: &'a Printer,
}

/// Measures a Dockerfile and its patches.
pub(super) async fn measured<'a>(
    bench: &mut Bench,
    job: &Job<'a>,
    printer: &Printer,
) -> Result<Measured<'a>, CommandError> {
    let recipe = job.recipe;
    printer.status(format_args!("{}: the Dockerfile as it is", recipe.path));
    let ignore_text = recipe.context.ignore_text.as_deref();
    let copy = ContextCopy::new(Path::new(&recipe.context.dir), ignore_text);
    let copy = copy.map_err(CommandError::input)?;
    copy.write_recipe(&recipe.text, ignore_text.unwrap_or_default())
        .map_err(CommandError::input)?;
    let mut work = Work {
        bench,
        settings: &job.settings,
        run_count: job.run_count,
        printer,
    };
    let original = Side {
        name: "original",
        copy: &copy,
    };
    let (baseline, first) = baseline(&mut work, &original).await?;
    let cold = first.as_ref().map(|built| &built.report);
    let mut measured = Vec::new();
    for patch in patches(recipe, cold, job.choice, job.changes.as_deref()) {
        let trial = match &first {
            Some(first) => {
                printer.status(format_args!("{}: {}", recipe.path, title(&patch)));
                let noise = baseline.noise.as_deref();
                trial(&mut work, &original, (&first.image, noise), &patch).await?
            }
            None => nothing_measured(),
        };
        measured.push((patch, trial));
    }
    Ok(Measured {
        recipe,
        stage: job.settings.stage.clone(),
        baseline,
        patches: measured,
    })
}

fn title(patch: &Patch) -> String {
    let mends = patch
        .mends
        .iter()
        .map(|(rule, line)| format!("{rule} in line {line}"));
    let by_hand = patch.made_by_hand.iter().cloned();
    mends.chain(by_hand).collect::<Vec<_>>().join(", ")
}

fn nothing_measured() -> Trial {
    Trial {
        not_measured: vec!["the builds of the patched Dockerfile".to_owned()],
        ..Trial::default()
    }
}

/// Builds the Dockerfile as it is: twice cold, to see what differs by itself, and once warm.
async fn baseline(
    work: &mut Work<'_>,
    original: &Side<'_>,
) -> Result<(Baseline, Option<Box<Built>>), CommandError> {
    let mut baseline = Baseline::default();
    let first = match work.build(original, true).await? {
        Outcome::Built(first) => first,
        Outcome::Failed(error) => {
            baseline.error = Some(error);
            return Ok((baseline, None));
        }
        Outcome::Stopped => return Ok((baseline, None)),
    };
    baseline.cold.push(first.rebuild.clone());
    match work.build(original, true).await? {
        Outcome::Built(second) => {
            baseline.noise = work.compare(&first.image, &second.image).await?;
            baseline.cold.push(second.rebuild);
        }
        // What fails now and then is not known to be the same.
        Outcome::Failed(error) => {
            baseline.error = Some(format!("built again, it failed: {error}"));
            return Ok((baseline, None));
        }
        Outcome::Stopped => return Ok((baseline, Some(first))),
    }
    if let Outcome::Built(warm) = work.build(original, false).await? {
        baseline.warm = Some(warm.rebuild);
    }
    Ok((baseline, Some(first)))
}

/// Builds a patched Dockerfile cold and warm, compares its image, and replays changes.
async fn trial(
    work: &mut Work<'_>,
    original: &Side<'_>,
    (image, noise): (&str, Option<&[Difference]>),
    patch: &Patch,
) -> Result<Trial, CommandError> {
    let mut trial = Trial::default();
    let copy = ContextCopy::new(&original.copy.context_dir(), None).map_err(CommandError::input)?;
    copy.write_recipe(&patch.dockerfile, &patch.ignore_text)
        .map_err(CommandError::input)?;
    let patched = Side {
        name: "patched",
        copy: &copy,
    };
    let cold = match work.build(&patched, true).await? {
        Outcome::Built(cold) => cold,
        Outcome::Failed(error) => {
            trial.error = Some(error);
            return Ok(trial);
        }
        Outcome::Stopped => return Ok(nothing_measured()),
    };
    trial.cold = Some(cold.rebuild);
    trial.differences = work.compare(image, &cold.image).await?;
    let (Some(found), Some(noise)) = (&trial.differences, noise) else {
        trial
            .not_measured
            .push("whether the image is the same".to_owned());
        return Ok(trial);
    };
    if !without_noise(found, noise).is_empty() {
        // What another image would save is of no use.
        return Ok(trial);
    }
    match work.build(&patched, false).await? {
        Outcome::Built(warm) => trial.warm = Some(warm.rebuild),
        Outcome::Failed(error) => trial.error = Some(error),
        Outcome::Stopped => trial.not_measured.push("a warm build".to_owned()),
    }
    for change in &patch.changes {
        replay(work, (original, &patched), change, &mut trial).await?;
    }
    Ok(trial)
}

/// Changes both copies, and builds them by turns.
async fn replay(
    work: &mut Work<'_>,
    (original, patched): (&Side<'_>, &Side<'_>),
    change: &Change,
    trial: &mut Trial,
) -> Result<(), CommandError> {
    let paths = marks::markable(&original.copy.context_dir(), &change.paths);
    let paths = paths.map_err(CommandError::input)?;
    let named = change.paths.join(", ");
    if paths.is_empty() {
        if change.origin == Origin::Given {
            let message = format!("the build context offers no text file at `{named}`");
            return Err(CommandError::usage(message));
        }
        return Ok(());
    }
    let mut replay = Replay {
        change: Change {
            paths,
            ..change.clone()
        },
        original: Vec::new(),
        patched: Vec::new(),
        differences: None,
    };
    let after = format!("after a change of `{}`", replay.change.paths.join(", "));
    for run in 1..=work.run_count {
        let step = format!("run {run} of {} {after}", work.run_count);
        let paths = &replay.change.paths;
        match work.rebuild(original, paths, serial()).await? {
            Outcome::Built(built) => replay.original.push(built.rebuild),
            Outcome::Failed(error) => {
                work.printer.warning(format_args!(
                    "{after}, the original does not build: {error}"
                ));
                trial
                    .not_measured
                    .push(format!("{step}: the original does not build"));
                return Ok(());
            }
            Outcome::Stopped => {
                trial.not_measured.push(step);
                break;
            }
        }
        let mark = serial();
        match work.rebuild(patched, paths, mark).await? {
            Outcome::Built(built) => {
                replay.patched.push(built.rebuild);
                if run == work.run_count {
                    let same = work.rebuild(original, paths, mark).await?;
                    if let Outcome::Built(same) = same {
                        replay.differences = work.compare(&same.image, &built.image).await?;
                    }
                    if replay.differences.is_none() {
                        trial
                            .not_measured
                            .push(format!("whether the image is the same {after}"));
                    }
                }
            }
            Outcome::Failed(error) => {
                trial.error = Some(format!("{after}: {error}"));
                return Ok(());
            }
            Outcome::Stopped => {
                trial.not_measured.push(step);
                break;
            }
        }
    }
    trial.replays.push(replay);
    Ok(())
}

impl Work<'_> {
    async fn build(&mut self, side: &Side<'_>, is_cold: bool) -> Result<Outcome, CommandError> {
        let outcome = self.bench.build(side.copy, self.settings, is_cold).await;
        let outcome = outcome.map_err(command_error)?;
        if let Outcome::Built(built) = &outcome {
            let how = if is_cold { "cold" } else { "from the cache" };
            self.say(side, how, &built.rebuild);
        }
        Ok(outcome)
    }

    /// Builds once with files changed, and puts them back.
    async fn rebuild(
        &mut self,
        side: &Side<'_>,
        paths: &[String],
        serial: u64,
    ) -> Result<Outcome, CommandError> {
        let marked = marks::mark(&side.copy.context_dir(), paths, serial);
        let marked = marked.map_err(CommandError::input)?;
        let outcome = self.bench.build(side.copy, self.settings, false).await;
        for marked in marked {
            marked.restore().map_err(CommandError::input)?;
        }
        let outcome = outcome.map_err(command_error)?;
        if let Outcome::Built(built) = &outcome {
            self.say(side, "after a change", &built.rebuild);
        }
        Ok(outcome)
    }

    async fn compare(
        &mut self,
        before: &str,
        after: &str,
    ) -> Result<Option<Vec<Difference>>, CommandError> {
        self.bench
            .compare(before, after)
            .await
            .map_err(command_error)
    }

    fn say(&self, side: &Side<'_>, how: &str, rebuild: &Rebuild) {
        self.printer.status(format_args!(
            "  {} {how}: {}",
            side.name,
            format_duration(rebuild.duration_ms)
        ));
    }
}
