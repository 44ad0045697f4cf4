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
    check_given(&copy, job.changes.as_deref().unwrap_or_default())?;
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

/// Refuses a change that was asked for and of which the copy holds nothing, before anything is built.
fn check_given(copy: &ContextCopy, changes: &[Change]) -> Result<(), CommandError> {
    let given = changes.iter().filter(|one| one.origin == Origin::Given);
    for change in given {
        let paths = marks::markable(&copy.context_dir(), &change.paths);
        if paths.map_err(CommandError::input)?.is_empty() {
            let paths = change.paths.join(", ");
            let message = format!("the build context offers no text file at `{paths}`");
            let hint = "paths are those within the build context, after its ignore file";
            return Err(CommandError::usage(message).hint(hint));
        }
    }
    Ok(())
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
    if trial.replays.is_empty() && trial.not_measured.is_empty() {
        let why = "a rebuild after a change: there is none of a text file that the context offers";
        trial.not_measured.push(why.to_owned());
    }
    Ok(trial)
}

/// Why a change was not measured.
enum Broken {
    /// There was no time.
    NoTime,
    /// The unchanged Dockerfile does not build after the change.
    Original(String),
    /// The patched one does not.
    Patched(String),
}

/// Changes both copies, and builds them by turns.
async fn replay(
    work: &mut Work<'_>,
    sides: (&Side<'_>, &Side<'_>),
    change: &Change,
    trial: &mut Trial,
) -> Result<(), CommandError> {
    let paths = marks::markable(&sides.0.copy.context_dir(), &change.paths);
    let paths = paths.map_err(CommandError::input)?;
    if paths.is_empty() {
        // A commit that touched nothing of this context.
        return Ok(());
    }
    let after = format!("after a change of `{}`", paths.join(", "));
    let mut replay = Replay {
        change: Change {
            paths,
            ..change.clone()
        },
        original: Vec::new(),
        patched: Vec::new(),
        differences: None,
    };
    for run in 1..=work.run_count {
        let is_last = run == work.run_count;
        let Err(broken) = turn(work, sides, &mut replay, is_last).await? else {
            continue;
        };
        let missing = format!("run {run} of {} {after}", work.run_count);
        match broken {
            Broken::NoTime => trial.not_measured.push(missing),
            Broken::Original(error) => {
                let missing = format!("{missing}: the original does not build then: {error}");
                trial.not_measured.push(missing);
            }
            Broken::Patched(error) => trial.error = Some(format!("{after}: {error}")),
        }
        break;
    }
    trial.replays.push(replay);
    Ok(())
}

/// Builds the unchanged Dockerfile and then the patched one, each after a change that no build has
/// seen: else one would find the other's steps in the cache. With `is_last` their images are compared,
/// after the same change.
async fn turn(
    work: &mut Work<'_>,
    (original, patched): (&Side<'_>, &Side<'_>),
    replay: &mut Replay,
    is_last: bool,
) -> Result<Result<(), Broken>, CommandError> {
    let paths = &replay.change.paths;
    match work.rebuild(original, paths, serial()).await? {
        Outcome::Built(built) => replay.original.push(built.rebuild),
        Outcome::Failed(error) => return Ok(Err(Broken::Original(error))),
        Outcome::Stopped => return Ok(Err(Broken::NoTime)),
    }
    let mark = serial();
    let built = match work.rebuild(patched, paths, mark).await? {
        Outcome::Built(built) => built,
        Outcome::Failed(error) => return Ok(Err(Broken::Patched(error))),
        Outcome::Stopped => return Ok(Err(Broken::NoTime)),
    };
    replay.patched.push(built.rebuild);
    if !is_last {
        return Ok(Ok(()));
    }
    let same = match work.rebuild(original, paths, mark).await? {
        Outcome::Built(same) => same,
        Outcome::Failed(error) => return Ok(Err(Broken::Original(error))),
        Outcome::Stopped => return Ok(Err(Broken::NoTime)),
    };
    replay.differences = work.compare(&same.image, &built.image).await?;
    Ok(match replay.differences {
        Some(_) => Ok(()),
        None => Err(Broken::NoTime),
    })
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
