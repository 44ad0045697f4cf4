//! What became of a build. Times are milliseconds since the build's start, on the Engine's clock.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::context::ContextScan;

/// What became of a whole build.
#[derive(Clone, Debug)]
pub(crate) struct BuildOutcome {
    /// From the start of the first target to the end of the last.
    pub(crate) duration_ms: u64,
    /// Whether the user ended the build before all targets were done.
    pub(crate) interrupted: bool,
    /// The targets, in the plan's order.
    pub(crate) targets: Vec<TargetOutcome>,
}

/// What became of one target.
#[derive(Clone, Debug)]
pub(crate) struct TargetOutcome {
    /// How it ended.
    pub(crate) status: Status,
    /// When it started. `None` when it never did.
    pub(crate) started_ms: Option<u64>,
    /// How long it took. `None` when it never started.
    pub(crate) duration_ms: Option<u64>,
    /// The image. `None` when none was made.
    pub(crate) image: Option<Image>,
    /// Bytes of file content that the builder asked for.
    pub(crate) sent_bytes: u64,
    /// The build context as it was offered. `None` when the target never started, or the context
    /// cannot be read.
    pub(crate) context: Option<Arc<ContextScan>>,
    /// The builder's steps, in the order in which they first appeared.
    pub(crate) vertexes: Vec<Vertex>,
    /// Why it failed, was skipped, or was given up for another's failure. `None` when it was built, or
    /// cancelled by the user.
    pub(crate) error: Option<TargetError>,
    /// How often it was tried. 0 when it never started.
    pub(crate) attempt_count: u32,
    /// Where the image was pushed to.
    pub(crate) pushed: Vec<Pushed>,
    /// What was written beside the image.
    pub(crate) exported: Vec<Exported>,
    /// What the Dockerfile's frontend warns of.
    pub(crate) warnings: Vec<Warning>,
    /// When the last of the targets that it depends on was built. `None` when it never could start.
    pub(crate) ready_ms: Option<u64>,
    /// The images that its stages start from and that the Engine has, by the name that the builder
    /// gives them.
    pub(crate) bases: BTreeMap<String, BaseImage>,
    /// The stages that were kept as images of their own, in the Dockerfile's order.
    pub(crate) stage_images: Vec<StageImage>,
}

/// A stage as an image without a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StageImage {
    /// The stage's position in the Dockerfile, from 0.
    pub(crate) stage: usize,
    /// What the Engine's API gives as `Id`.
    pub(crate) image_id: String,
}

/// An image that a stage starts from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct BaseImage {
    /// What the Engine's API gives as `Id`.
    pub(crate) id: String,
    /// Its environment.
    pub(crate) env: BTreeMap<String, String>,
}

/// An image in a registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pushed {
    /// Its name with tag.
    pub(crate) name: String,
    /// The digest of its manifest in the registry.
    pub(crate) digest: String,
}

/// A file or folder that was written beside the image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Exported {
    /// What it is: `local`, `tar`, `docker` or `oci`.
    pub(crate) kind: String,
    /// Where it is.
    pub(crate) path: PathBuf,
    /// Bytes of the file, of a folder those of all its files.
    pub(crate) size_bytes: u64,
}

/// Something that the builder warns of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Warning {
    /// Who warns.
    pub(crate) kind: WarningKind,
    /// What it warns of, as the frontend says it.
    pub(crate) message: String,
    /// More about it, a line each.
    pub(crate) detail: Vec<String>,
    /// Where it is explained. `None` when the frontend does not say.
    pub(crate) url: Option<String>,
    /// The Dockerfile, as the frontend calls it. `None` when it does not say.
    pub(crate) file: Option<String>,
    /// The line of the Dockerfile, from 1. `None` when the frontend does not say.
    pub(crate) line: Option<u32>,
}

/// Who warns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WarningKind {
    /// The Dockerfile's frontend: of something in the Dockerfile.
    Frontend,
    /// The builder: it drops a part of what a step prints.
    OutputClipped,
}

impl TargetOutcome {
    /// The outcome of a target of which nothing is known but how it ended.
    pub(crate) fn not_started(status: Status) -> Self {
        Self {
            status,
            started_ms: None,
            duration_ms: None,
            image: None,
            sent_bytes: 0,
            context: None,
            vertexes: Vec::new(),
            error: None,
            attempt_count: 0,
            pushed: Vec::new(),
            exported: Vec::new(),
            warnings: Vec::new(),
            ready_ms: None,
            bases: BTreeMap::new(),
            stage_images: Vec::new(),
        }
    }
}

/// How a target ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// The image is there.
    Built,
    /// A step, the export or the connection failed.
    Failed,
    /// A target that it depends on was not built.
    Skipped,
    /// The user, or the failure of another target, ended the build first.
    Cancelled,
}

/// An image as the Engine knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Image {
    /// What the Engine's API gives as `Id`.
    pub(crate) id: String,
    /// What the Engine's API gives as `Size`.
    pub(crate) size_bytes: u64,
    /// The platform that it is for, such as `linux/amd64`.
    pub(crate) platform: String,
}

/// Why a target was not built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TargetError {
    /// What kind of error it is.
    pub(crate) kind: TargetErrorKind,
    /// What happened, as a lower-case fragment or the builder's own words.
    pub(crate) message: String,
}

/// What kind of error kept a target from being built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TargetErrorKind {
    /// The build itself failed: trying again gives the same.
    Build,
    /// The network or a registry failed: trying again may help.
    Transient,
    /// It took longer than it was allowed to.
    Timeout,
    /// The builder lacks what the target needs.
    Unsupported,
    /// The builder could not be reached or was lost: trying again may help.
    Unavailable,
}

/// One step of the builder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Vertex {
    /// The builder's name for it, which other vertexes' `inputs` refer to. It changes from build
    /// to build.
    pub(crate) digest: String,
    /// What it does, such as `[builder 2/4] COPY a b`.
    pub(crate) name: String,
    /// Digests of the vertexes whose results it uses.
    pub(crate) inputs: Vec<String>,
    /// Whether its result came from the cache.
    pub(crate) cached: bool,
    /// When it ran, in order. A step that waits for something can have several; one that never
    /// started has none.
    pub(crate) intervals: Vec<Interval>,
    /// Whether it came to its end, good or bad. Not when it was given up because another step
    /// failed, or broken off with its target.
    pub(crate) is_ended: bool,
    /// What went wrong. `None` also for a step that was given up because another one failed.
    pub(crate) error: Option<String>,
    /// The last lines that it printed.
    pub(crate) log_tail: Vec<String>,
}

/// A span of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Interval {
    /// Its start.
    pub(crate) started_ms: u64,
    /// Its end; of a step that was still running, the end of its target.
    pub(crate) ended_ms: u64,
}
