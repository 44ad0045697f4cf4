//! The subcommand `artifacts`, and what `build` keeps.

use common::clock;
use common::engine::Engine;
use common::error::CommandError;
use common::exit::Exit;
use common::report::{
    Artifact, ArtifactsData, BuildData, Finding, Input, Pruned, Report, StoredBuild, TargetBuild,
    TargetStatus, Verdict,
};
use common::terminal::Printer;
use jiff::Timestamp;
use std::path::Path;

use crate::analysis::retention::{Kept, Limits, kept_count};
use crate::cli::artifacts::{ArtifactsArgs, ArtifactsCommand, PruneArgs, StoreArgs};
use crate::execute::artifacts::{Pruning, Store};
use crate::input::artifacts::{ContentFault, Folder, Manifest, content_fault, read_folder};
use crate::render;
use crate::report::artifacts::{artifacts_data, corrupted, missing, unreadable};
use crate::report::tool;

pub(super) fn artifacts(args: &ArtifactsArgs, printer: &Printer) -> Result<Exit, CommandError> {
    let (folder, pruned, faults) = match &args.command {
        ArtifactsCommand::List { dir } => (read(dir)?, None, Vec::new()),
        ArtifactsCommand::Verify { dir } => {
            let folder = read(dir)?;
            let faults = faults(dir, &folder)?;
            (folder, None, faults)
        }
        ArtifactsCommand::Prune(args) => {
            let (folder, pruned) = prune(args)?;
            (folder, Some(pruned), Vec::new())
        }
    };
    let manifests = folder.unreadable.iter();
    let mut findings: Vec<Finding> = manifests
        .map(|(path, error)| unreadable(&path.display().to_string(), error))
        .collect();
    findings.extend(faults);
    let verdict = if findings.is_empty() {
        Verdict::Pass
    } else {
        Verdict::Fail
    };
    let builds = folder.builds.into_iter().map(|one| one.build).collect();
    let data = artifacts_data(builds, pruned);
    let created_at = clock::created_at()?;
    let report = Report::new(tool(), created_at, verdict, Vec::new(), findings, data);
    printer.print_view(args.format, &report, render::artifacts::document)?;
    Ok(verdict.into())
}

fn read(dir: &Path) -> Result<Folder, CommandError> {
    read_folder(dir).map_err(CommandError::input)
}

fn faults(dir: &Path, folder: &Folder) -> Result<Vec<Finding>, CommandError> {
    let mut faults = Vec::new();
    for Manifest { build, .. } in &folder.builds {
        for artifact in &build.artifacts {
            match content_fault(dir, &artifact.digest).map_err(CommandError::input)? {
                None => {}
                Some(ContentFault::Missing) => faults.push(missing(build, artifact)),
                Some(ContentFault::Corrupted) => faults.push(corrupted(build, artifact)),
            }
        }
    }
    Ok(faults)
}

fn prune(args: &PruneArgs) -> Result<(Folder, Pruned), CommandError> {
    let now = Timestamp::now();
    // The lock comes first: what is read afterwards stays as it is.
    let pruning = Pruning::begin(&args.dir).map_err(CommandError::input)?;
    let mut folder = read(&args.dir)?;
    let limits = Limits {
        age_max_seconds: args.max_age.map(|age| age.as_secs()),
        size_max_bytes: args.max_size,
    };
    let ages: Vec<Kept> = folder
        .builds
        .iter()
        .map(|one| kept(&one.build, now))
        .collect();
    let removed = folder.builds.split_off(kept_count(&ages, limits));
    let sum = pruning.remove(&removed, &folder.builds, args.dry_run);
    let sum = sum.map_err(CommandError::input)?;
    let ids = removed.iter().rev().map(|one| one.build.build.clone());
    let pruned = Pruned {
        dry_run: args.dry_run,
        builds: ids.collect(),
        file_count: sum.file_count,
        size_bytes: sum.size_bytes,
    };
    Ok((folder, pruned))
}

/// A time that cannot be read is as old as can be.
fn kept(build: &StoredBuild, now: Timestamp) -> Kept {
    let created: Option<Timestamp> = build.created_at.parse().ok();
    let artifacts = build.artifacts.iter();
    Kept {
        age_seconds: created.map_or(i64::MAX, |created| now.as_second() - created.as_second()),
        sizes_bytes: artifacts
            .map(|artifact| (artifact.digest.clone(), artifact.size_bytes))
            .collect(),
    }
}

/// Keeps what a build has made, if it is asked for.
pub(super) fn store(
    args: &StoreArgs,
    build: &Report<BuildData>,
    host: Option<&str>,
) -> Result<(), CommandError> {
    let Some(dir) = &args.artifacts else {
        return Ok(());
    };
    let store = Store::open(dir).map_err(CommandError::input)?;
    let is_built = |target: &&TargetBuild| target.status == TargetStatus::Built;
    let mut artifacts = Vec::new();
    for target in build.data.targets.iter().filter(is_built) {
        artifacts.extend(files(&store, target)?);
        if args.artifact_images {
            artifacts.extend(image(&store, target, host)?);
        }
    }
    let data = artifacts_data(
        vec![StoredBuild {
            build: build.id.clone(),
            created_at: build.created_at.clone(),
            artifacts,
        }],
        None,
    );
    let input = Input {
        kind: "report".to_owned(),
        id: build.id.clone(),
    };
    let created_at = build.created_at.clone();
    let report: Report<ArtifactsData> = Report::new(
        tool(),
        created_at,
        build.verdict,
        vec![input],
        Vec::new(),
        data,
    );
    store.finish(&report).map_err(CommandError::input)
}

fn files(store: &Store, target: &TargetBuild) -> Result<Vec<Artifact>, CommandError> {
    let mut artifacts = Vec::new();
    for exported in &target.exported {
        let path = Path::new(&exported.path);
        let (digest, size_bytes) = store.add(path).map_err(CommandError::input)?;
        let name = path.file_name().unwrap_or(path.as_os_str());
        artifacts.push(Artifact {
            name: name.to_string_lossy().into_owned(),
            target: target.plan.name.clone(),
            kind: exported.kind.clone(),
            size_bytes,
            digest,
            tags: Vec::new(),
        });
    }
    Ok(artifacts)
}

fn image(
    store: &Store,
    target: &TargetBuild,
    host: Option<&str>,
) -> Result<Option<Artifact>, CommandError> {
    let Some(image) = &target.image else {
        return Ok(None);
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(CommandError::input)?;
    let (digest, size_bytes) = runtime.block_on(async {
        let engine = Engine::connect(host).await?;
        let added = store.add_image(&engine, &image.id, &target.plan.tags).await;
        added.map_err(CommandError::input)
    })?;
    Ok(Some(Artifact {
        name: target.plan.name.clone(),
        target: target.plan.name.clone(),
        kind: "image".to_owned(),
        size_bytes,
        digest,
        tags: target.plan.tags.clone(),
    }))
}
