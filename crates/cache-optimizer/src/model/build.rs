//! A build as far as its cache is concerned. Not a copy of the build report: what neither explains a
//! miss nor counts as one is left out.

use std::collections::BTreeMap;

/// What was built, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Build {
    /// The id of the build's report.
    pub(crate) id: String,
    /// Whether the cache was switched off for all steps.
    pub(crate) no_cache: bool,
    /// The targets, in the plan's order.
    pub(crate) targets: Vec<Target>,
}

/// One image of the build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// The target's name, by which it is found in an earlier build.
    pub(crate) name: String,
    /// The Dockerfile, as a path that can be opened from the working directory.
    pub(crate) dockerfile_path: String,
    /// The folder that is offered to the builder.
    pub(crate) context_dir: String,
    /// The platform asked for. `None` leaves it to the builder.
    pub(crate) platform: Option<String>,
    /// Bytes of the files offered to the builder, after `.dockerignore`.
    pub(crate) context_size_bytes: u64,
    /// Build arguments that were given. Values of secret-looking names are all [`REDACTED`].
    pub(crate) build_args: BTreeMap<String, String>,
    /// What else of how it is built is in the key of its steps.
    pub(crate) settings: Settings,
    /// The stages that the target needs, in the Dockerfile's order.
    pub(crate) stages: Vec<Stage>,
    /// Whether the image was made. If not, steps that did not start may have been needed.
    pub(crate) is_built: bool,
    /// The steps, in the order in which they started; steps that never started come last.
    pub(crate) steps: Vec<Step>,
}

impl Target {
    /// The stage with this label, and those that it starts from, nearest first.
    pub(crate) fn stage_chain(&self, label: &str) -> impl Iterator<Item = &Stage> {
        let first = self.stages.iter().find(|stage| stage.label == label);
        std::iter::successors(first, |stage| {
            let base_index = stage
                .base_index
                .filter(|base_index| *base_index < stage.index)?;
            self.stages.iter().find(|stage| stage.index == base_index)
        })
    }

    /// The instructions that came from the cache. Once a step has failed, the builder also calls those
    /// cached that it merely skipped, so steps after the failure are left out.
    /// Source: <https://github.com/moby/buildkit/issues/5644>
    pub(crate) fn hits(&self) -> impl Iterator<Item = &Step> {
        let trusted = self.steps.iter().take_while(|step| !step.is_failed);
        trusted.filter(|step| step.is_hit())
    }

    /// The instructions that ran, the failed one among them.
    pub(crate) fn misses(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(|step| step.is_miss())
    }
}

/// How a target is built, as far as the cache is concerned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Settings {
    /// Whether all of its steps had to run.
    pub(crate) no_cache: bool,
    /// The stages whose steps had to run.
    pub(crate) no_cache_stages: Vec<String>,
    /// The network of `RUN` steps. `None` leaves it to the builder.
    pub(crate) network: Option<String>,
    /// Names that `RUN` steps can resolve, as `NAME=ADDRESS`; the names alone are in the key.
    pub(crate) extra_hosts: Vec<String>,
}

/// What build reports write for a value that must not be shown.
pub(crate) const REDACTED: &str = common::secrets::REDACTED;

/// What a stage contributes to the cache keys of its steps, beside the steps themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stage {
    /// The stage's position in the Dockerfile, from 0.
    pub(crate) index: u32,
    /// The name that its steps carry: that of `AS`, else `stage-N`.
    pub(crate) label: String,
    /// The position of the stage that it starts from. `None` for an image and for `scratch`.
    pub(crate) base_index: Option<u32>,
    /// The variables that `ARG` declares in it, in order.
    pub(crate) args: Vec<Arg>,
    /// The instructions as they were when the target was built, by their first line.
    pub(crate) texts: BTreeMap<u32, String>,
}

/// A variable that `ARG` declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Arg {
    /// Its name.
    pub(crate) name: String,
    /// Its default, as written. `None` when it has none of its own; a global `ARG` may have one.
    pub(crate) default: Option<String>,
    /// The line of the declaration, from 1.
    pub(crate) line: u32,
}

/// One step of a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// Names the step within its build.
    pub(crate) id: String,
    /// The step as the builder prints it, with variables put in.
    pub(crate) name: String,
    /// The instruction as written where it is known, else `name`. Two builds' steps are the same
    /// when stage and text are: a changed `ARG` alters the name, but not the text.
    pub(crate) text: String,
    /// Whether the step is an instruction that makes something of its own: not a `FROM`, which only
    /// reads its base, and not internal work.
    pub(crate) is_instruction: bool,
    /// The label of the step's stage. `None` for internal work.
    pub(crate) stage: Option<String>,
    /// The instruction's place. `None` for internal work.
    pub(crate) place: Option<Place>,
    /// Whether the result came from the cache. `None` when the step neither ran nor was taken from
    /// the cache.
    pub(crate) cached: Option<bool>,
    /// The step of another target that did the work in the same build. `None` when none did.
    pub(crate) shared_with: Option<String>,
    /// Whether the step ended in an error.
    pub(crate) is_failed: bool,
    /// Milliseconds from the build's start. `None` when the step never started.
    pub(crate) started_ms: Option<u64>,
    /// Milliseconds that the step ran. 0 when it was cached.
    pub(crate) duration_ms: u64,
    /// Ids of the steps whose results it uses.
    pub(crate) depends_on: Vec<String>,
    /// What it takes from the build context. `None` when it takes nothing.
    pub(crate) files: Option<FileSet>,
    /// What a `RUN` sees. `None` for all other steps, and in older reports.
    pub(crate) run: Option<RunInputs>,
    /// Whether it is a `FROM` that reads an image.
    pub(crate) is_base: bool,
    /// The image that a `FROM` starts from, by digest or id. `None` for all other steps, and when the
    /// builder did not say.
    pub(crate) base_digest: Option<String>,
}

/// What decides, beside its text and its parent, whether a `RUN` comes from the cache.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RunInputs {
    /// The build arguments that it sees. Values of secret-looking names are digests.
    pub(crate) args: BTreeMap<String, String>,
    /// The environment that it sees, hidden in the same way.
    pub(crate) env: BTreeMap<String, String>,
    /// Its `--mount`s, as written, in order.
    pub(crate) mounts: Vec<String>,
    /// Its `--network`. `None` when it does not say.
    pub(crate) network: Option<String>,
}

impl Step {
    /// Whether the step is an instruction that ran, in this target.
    pub(crate) fn is_miss(&self) -> bool {
        self.is_instruction && self.cached == Some(false) && self.shared_with.is_none()
    }

    /// Whether the step is a `RUN`, which has the whole environment in its cache key.
    pub(crate) fn is_run(&self) -> bool {
        keyword(&self.text).eq_ignore_ascii_case("RUN")
    }

    /// Whether the step is an instruction that came from the cache.
    pub(crate) fn is_hit(&self) -> bool {
        self.is_instruction && self.cached == Some(true)
    }
}

/// The keyword of an instruction as written.
pub(crate) fn keyword(text: &str) -> &str {
    text.split_whitespace().next().unwrap_or_default()
}

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// The file, as the build report names it.
    pub(crate) path: String,
    /// The line, from 1.
    pub(crate) line: u32,
}

/// The files of the context that a step takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FileSet {
    /// Covers path, mode, type and content of every file.
    pub(crate) digest: String,
    /// The files by path. `None` when there were too many to list.
    pub(crate) files: Option<BTreeMap<String, File>>,
    /// The permission bits of the folders by path. `None` when they are not known.
    pub(crate) folders: Option<BTreeMap<String, u32>>,
}

/// One file of the context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct File {
    /// The permission bits.
    pub(crate) mode: u32,
    /// Covers the content.
    pub(crate) digest: String,
    /// Bytes of content.
    pub(crate) size_bytes: u64,
    /// When it was last written, in nanoseconds since 1970. `None` when that is not known.
    pub(crate) modified_ns: Option<i64>,
}
