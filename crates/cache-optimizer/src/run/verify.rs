//! `verify`: proves patches by building.

mod patches;
mod settings;
mod trials;

use common::app;
use common::clock;
use common::error::CommandError;
use common::exit::Exit;
use common::report::BuildData;
use common::terminal::Printer;
use std::path::Path;
use std::time::Instant;

use self::patches::Choice;
use self::settings::settings;
use self::trials::Job;
use super::sources::{model, read_recipes};
use crate::cli::verify::VerifyArgs;
use crate::execute::builds::{Bench, BenchError};
use crate::execute::children::Stop;
use crate::input::commits;
use crate::model::recipe::Recipe;
use crate::model::trial::{Change, Measured, Origin};
use crate::render;
use crate::report::verification::{self, Bounds};

pub(super) fn verify(args: &VerifyArgs, printer: &Printer) -> Result<Exit, CommandError> {
    let created_at = clock::created_at()?;
    let started = Instant::now();
    let choice = Choice::new(args)?;
    let received = app::receive(&args.input.input, printer)?;
    let build = received.decode_last::<BuildData>()?;
    let plans = build.iter().flat_map(|report| &report.data.targets);
    let plans: Vec<_> = plans.map(|target| target.plan.clone()).collect();
    let build = build.map(|report| model(report, printer));
    let context_dir = args.context.as_deref();
    let recipes = read_recipes(&args.dockerfiles, context_dir, build.as_ref(), printer)?;
    check(&recipes, &choice)?;
    let mut jobs = Vec::new();
    for recipe in &recipes {
        jobs.push(Job {
            recipe,
            settings: settings(recipe, &plans, &args.build, printer),
            changes: changes(args, recipe)?,
            choice: &choice,
            run_count: args.replay.runs.get(),
        });
    }
    let (measured, stop) = measure(&jobs, args, printer)?;
    let bounds = Bounds {
        run_count: args.replay.runs.get(),
        time_limit: args.replay.max_time,
        duration: started.elapsed(),
        is_stopped: stop.is_some(),
    };
    let report = verification::report(&measured, bounds, received.to_inputs(), created_at);
    let view = render::verification::document;
    printer.print_report(&args.output, &received, &report, view)?;
    Ok(if stop == Some(Stop::Interrupted) {
        Exit::Interrupted
    } else {
        report.verdict.into()
    })
}

fn check(recipes: &[Recipe], choice: &Choice) -> Result<(), CommandError> {
    if recipes.is_empty() {
        return Err(CommandError::usage(
            "there is neither a build report nor a Dockerfile to verify",
        )
        .hint("name Dockerfiles, as in `cache-optimizer verify Dockerfile`"));
    }
    if matches!(choice, Choice::ByHand { .. }) && recipes.len() > 1 {
        let message = "`--patched` is one Dockerfile, but there are several to compare it with";
        return Err(CommandError::usage(message));
    }
    let is_folder = |recipe: &&Recipe| Path::new(&recipe.context.dir).is_dir();
    match recipes.iter().find(|recipe| !is_folder(recipe)) {
        None => Ok(()),
        Some(recipe) => Err(CommandError::input(format!(
            "the build context of `{}` is no folder here, so it cannot be copied",
            recipe.path
        ))),
    }
}

/// The changes that were asked for. `None` when none were.
fn changes(args: &VerifyArgs, recipe: &Recipe) -> Result<Option<Vec<Change>>, CommandError> {
    let given = args.replay.change.iter().map(|paths| Change {
        origin: Origin::Given,
        paths: paths.split(',').map(str::to_owned).collect(),
    });
    let mut changes: Vec<_> = given.collect();
    if let Some(count) = args.replay.commits {
        let commits = commits::read(Path::new(&recipe.context.dir), count.get());
        changes.extend(commits.map_err(CommandError::input)?);
    }
    let is_asked = !args.replay.change.is_empty() || args.replay.commits.is_some();
    Ok(is_asked.then_some(changes))
}

/// Measures all, and removes the images that were made, whatever happened.
fn measure<'a>(
    jobs: &[Job<'a>],
    args: &VerifyArgs,
    printer: &Printer,
) -> Result<(Vec<Measured<'a>>, Option<Stop>), CommandError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(CommandError::input)?;
    runtime.block_on(async {
        let host = args.engine.host.as_deref();
        let mut bench = Bench::new(host, args.replay.max_time).map_err(command_error)?;
        let mut measured = Vec::new();
        let mut failed = None;
        for job in jobs {
            match trials::measured(&mut bench, job, printer).await {
                Ok(one) => measured.push(one),
                Err(error) => {
                    failed = Some(error);
                    break;
                }
            }
        }
        let stop = bench.stop();
        match bench.remove_images().await {
            Ok(kept) => kept.iter().for_each(|kept| printer.warning(kept)),
            Err(error) => printer.warning(format_args!("images that were made stay: {error}")),
        }
        failed.map_or(Ok((measured, stop)), Err)
    })
}

fn command_error(error: BenchError) -> CommandError {
    match error {
        BenchError::Missing(_) => CommandError::input(error).hint(
            "`cache-optimizer verify` has it build and compare images: install it beside this",
        ),
        BenchError::Unavailable { .. } => CommandError::unavailable(error),
        _ => CommandError::input(error),
    }
}
