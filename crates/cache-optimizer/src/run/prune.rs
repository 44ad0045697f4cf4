//! `prune`: plans what of the build cache goes, and deletes it when asked to.

use common::app;
use common::clock;
use common::engine::Engine;
use common::error::CommandError;
use common::exit::Exit;
use common::terminal::Printer;

use super::sources::past_builds;
use crate::analysis::pruning::{self, Budget, Order, Plan, Room};
use crate::cli::prune::{PruneArgs, RoomArg, StrategyArg};
use crate::execute::prune::{delete, is_plain};
use crate::input::build_cache::{self, BuildCacheError};
use crate::input::past_steps;
use crate::model::build_cache::{BuildCache, Disk};
use crate::render;
use crate::report::prune::{self as report, Outcome, Pruning};

/// How old records may get when neither size nor age is asked for, in milliseconds.
///
/// Chosen: a week spares what was used since the last working day of the same name.
const OLD_MS: u64 = 7 * 24 * 3_600_000;

pub(super) fn prune(args: &PruneArgs, printer: &Printer) -> Result<Exit, CommandError> {
    let created_at = clock::created_at()?;
    let received = app::receive(&args.input.input, printer)?;
    let reports = past_builds(args.history.as_deref(), &received)?;
    let steps = past_steps::from_reports(&reports);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(CommandError::input)?;
    let report = runtime.block_on(async {
        let engine = Engine::connect(args.engine.host.as_deref()).await?;
        let cache = build_cache::read(&engine).await.map_err(unreadable)?;
        let budget = budget(args, &cache)?;
        let order = match args.strategy {
            StrategyArg::Value => Order::Value,
            StrategyArg::Lru => Order::LeastRecentlyUsed,
        };
        let plan = pruning::plan(&cache, &steps, budget, order);
        let outcome = if args.apply && !args.dry_run {
            Some(apply(&engine, &cache, &plan, printer).await?)
        } else {
            None
        };
        let inputs = received.to_inputs();
        let pruning = Pruning {
            engine: engine.info,
            cache: &cache,
            budget,
            order,
            plan: &plan,
            outcome,
        };
        Ok::<_, CommandError>(report::report(pruning, inputs, created_at))
    })?;
    printer.print_report(&args.output, &received, &report, render::prune::document)?;
    Ok(report.verdict.into())
}

fn unreadable(error: BuildCacheError) -> CommandError {
    match error {
        BuildCacheError::Answer(_) => CommandError::unavailable(error),
        BuildCacheError::Time(_) => CommandError::input(error),
    }
}

fn budget(args: &PruneArgs, cache: &BuildCache) -> Result<Budget, CommandError> {
    let has_size = args.keep_bytes.is_some() || args.min_free.is_some();
    let age = args.keep_newer_than.map(|age| age.as_millis());
    let age_ms = age.map(|age| u64::try_from(age).unwrap_or(u64::MAX));
    let room = args.min_free.map(|wanted| room(wanted, cache.disk));
    Ok(Budget {
        keep_bytes: args.keep_bytes,
        keep_newer_than_ms: age_ms.or((!has_size).then_some(OLD_MS)),
        min_free: room.transpose()?,
    })
}

fn room(wanted: RoomArg, disk: Option<Disk>) -> Result<Room, CommandError> {
    let disk = disk.ok_or_else(|| {
        CommandError::usage("the Engine's disk is not known to be one of this machine's")
            .hint("say with `--keep-bytes` how large the build cache may be instead")
    })?;
    Ok(Room {
        wanted_bytes: match wanted {
            RoomArg::Bytes(bytes) => bytes,
            RoomArg::Percent(percent) => disk.size_bytes / 100 * u64::from(percent),
        },
        free_bytes: disk.free_bytes,
    })
}

/// Deletes what the plan says, and looks at what is left.
async fn apply(
    engine: &Engine,
    cache: &BuildCache,
    plan: &Plan,
    printer: &Printer,
) -> Result<Outcome, CommandError> {
    let ids = plan.evicted.iter().map(|&at| cache.records[at].id.as_str());
    let (plain, odd): (Vec<_>, Vec<_>) = ids.partition(|id| is_plain(id));
    for id in odd {
        printer.warning(format_args!("the record `{id}` stays: its id is none"));
    }
    let deleted = delete(engine, &plain).await;
    Ok(Outcome {
        engine_freed_bytes: deleted.map_err(CommandError::unavailable)?,
        after: build_cache::read(engine).await.map_err(unreadable)?,
    })
}
