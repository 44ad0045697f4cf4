//! Has `build-orchestrator` build copies of a context, and `layer-analyzer` compare what comes out.

use bollard::query_parameters::RemoveImageOptions;
use common::engine::{Engine, EngineError};
use common::report::{
    BuildData, DifferenceCause, DifferenceData, PathChange, PathDifference, Report, StepKind,
    TargetBuild,
};
use std::io;
use std::path::PathBuf;
use std::process::Output;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::process::Command;

use super::children::{Limits, Stop};
use super::copies::ContextCopy;
use super::programs::{self, MissingProgram};
use crate::input::answer::{self, AnswerError};
use crate::model::trial::{Difference, Ran, Rebuild, Settings};

const BUILDER: &str = "build-orchestrator";
const COMPARER: &str = "layer-analyzer";

/// Variables that would have a build do something else than what is measured.
const MISLEADING: [&str; 6] = [
    "BUILD_CACHE_STRATEGY",
    "BUILD_VALIDATION",
    "IMAGE_NAME",
    "NO_CACHE",
    "OPTIMIZE_LAYERS",
    "PUSH_IMAGES",
];

/// Why nothing can be measured.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BenchError {
    /// A program is missing.
    #[error(transparent)]
    Missing(#[from] MissingProgram),
    /// A program cannot be run.
    #[error("failed to run `{program}`")]
    Run {
        /// Its name.
        program: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// A program could not do its job.
    #[error("`{program}` failed: {message}")]
    Failed {
        /// Its name.
        program: &'static str,
        /// What it says.
        message: String,
    },
    /// No Engine answers.
    #[error("`{program}` finds no Engine: {message}")]
    Unavailable {
        /// The program's name.
        program: &'static str,
        /// What it says.
        message: String,
    },
    /// A program wrote what is no report.
    #[error(transparent)]
    Answer(#[from] AnswerError),
}

/// What became of a build.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// There is an image.
    Built(Box<Built>),
    /// A step failed: why.
    Failed(String),
    /// There was no time.
    Stopped,
}

/// A build that succeeded.
#[derive(Debug)]
pub(crate) struct Built {
    /// The image's name.
    pub(crate) image: String,
    /// How long it took, and what ran.
    pub(crate) rebuild: Rebuild,
    /// All that was reported.
    pub(crate) report: Report<BuildData>,
}

/// The programs that measure, and the images that they made.
#[derive(Debug)]
pub(crate) struct Bench {
    builder: PathBuf,
    comparer: PathBuf,
    host: Option<String>,
    limits: Limits,
    /// What the names of the images begin with, which no other run has.
    prefix: String,
    image_count: u32,
}

impl Bench {
    /// Finds the programs, and begins to listen for what ends the work.
    ///
    /// # Errors
    ///
    /// A program is missing, or the system refuses to tell of signals.
    pub(crate) fn new(host: Option<&str>, max_time: Option<Duration>) -> Result<Self, BenchError> {
        let limits = Limits::new(max_time).map_err(|source| BenchError::Run {
            program: BUILDER,
            source,
        })?;
        Ok(Self {
            builder: programs::find(BUILDER)?,
            comparer: programs::find(COMPARER)?,
            host: host.map(str::to_owned),
            limits,
            prefix: format!("cache-optimizer-verify:{:x}", serial()),
            image_count: 0,
        })
    }

    /// Why no more is measured. `None` while there is time.
    pub(crate) fn stop(&self) -> Option<Stop> {
        self.limits.stop()
    }

    /// Builds a copy. With `is_cold` every step runs.
    ///
    /// # Errors
    ///
    /// `build-orchestrator` cannot be run, or could not do its job; a step that fails is an outcome.
    pub(crate) async fn build(
        &mut self,
        copy: &ContextCopy,
        settings: &Settings,
        is_cold: bool,
    ) -> Result<Outcome, BenchError> {
        let image = self.next_image();
        let mut command = Command::new(&self.builder);
        command
            .args([
                "build",
                "--only",
                "--format",
                "json",
                "--cache-strategy",
                "local",
            ])
            .args(["--progress", "plain", "--tag", &image, "--file"])
            .arg(copy.dockerfile_path())
            .arg("--context")
            .arg(copy.context_dir());
        if is_cold {
            command.arg("--no-cache");
        }
        if let Some(stage) = &settings.stage {
            command.args(["--target", stage]);
        }
        for (option, value) in &settings.options {
            command.args([option, value.as_str()]);
        }
        let Some(output) = self.run(command, BUILDER).await? else {
            return Ok(Outcome::Stopped);
        };
        let report = answer::read::<BuildData>(&output.stdout, BUILDER)?;
        let Some(report) = report else {
            return Err(failed(BUILDER, &output));
        };
        Ok(outcome(report, image))
    }

    /// What differs between two images: paths without their times, and settings. `None` when there
    /// was no time.
    ///
    /// # Errors
    ///
    /// `layer-analyzer` cannot be run, or could not do its job.
    pub(crate) async fn compare(
        &mut self,
        before: &str,
        after: &str,
    ) -> Result<Option<Vec<Difference>>, BenchError> {
        let mut command = Command::new(&self.comparer);
        command.args([
            "diff",
            "--only",
            "--format",
            "json",
            "--top",
            ALL_PATHS,
            "--verify=always",
        ]);
        command.args([before, after]);
        let Some(output) = self.run(command, COMPARER).await? else {
            return Ok(None);
        };
        let report = answer::read::<DifferenceData>(&output.stdout, COMPARER)?;
        match report {
            Some(report) => Ok(Some(differences(report.data))),
            None => Err(failed(COMPARER, &output)),
        }
    }

    /// The output of a program. `None` when it was stopped.
    async fn run(
        &mut self,
        mut command: Command,
        program: &'static str,
    ) -> Result<Option<Output>, BenchError> {
        if let Some(host) = &self.host {
            command.args(["--host", host]);
        }
        for name in MISLEADING {
            command.env_remove(name);
        }
        let ended = self.limits.run(&mut command).await;
        let ended = ended.map_err(|source| BenchError::Run { program, source })?;
        let Some(output) = ended else {
            return Ok(None);
        };
        match output.status.code() {
            Some(0 | 1) => Ok(Some(output)),
            Some(3) => Err(BenchError::Unavailable {
                program,
                message: said(&output),
            }),
            _ => Err(failed(program, &output)),
        }
    }

    fn next_image(&mut self) -> String {
        self.image_count += 1;
        self.image(self.image_count)
    }

    fn image(&self, number: u32) -> String {
        format!("{}-{number}", self.prefix)
    }

    /// Removes the images that were made, by their names. Returns which stay, and why.
    ///
    /// # Errors
    ///
    /// The Engine does not answer.
    pub(crate) async fn remove_images(self) -> Result<Vec<String>, EngineError> {
        if self.image_count == 0 {
            return Ok(Vec::new());
        }
        let engine = Engine::connect(self.host.as_deref()).await?;
        let mut kept = Vec::new();
        for number in 1..=self.image_count {
            let image = self.image(number);
            let removed = engine
                .api
                .remove_image(&image, None::<RemoveImageOptions>, None)
                .await;
            match removed {
                // A build that failed or was stopped made none.
                Ok(_)
                | Err(bollard::errors::Error::DockerResponseServerError {
                    status_code: 404, ..
                }) => {}
                Err(error) => kept.push(format!("`{image}` stays: {error}")),
            }
        }
        Ok(kept)
    }
}

/// More than there are paths in any image.
const ALL_PATHS: &str = "100000000";

/// A number that no other run has.
pub(crate) fn serial() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now_ns = now.unwrap_or_default().as_nanos();
    // The low bits are those that differ.
    u64::try_from(now_ns & u128::from(u64::MAX)).unwrap_or_default()
}

fn failed(program: &'static str, output: &Output) -> BenchError {
    BenchError::Failed {
        program,
        message: said(output),
    }
}

/// The last lines that a program wrote to standard error.
fn said(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<_> = text.lines().collect();
    let tail = &lines[lines.len().saturating_sub(LINES_MAX)..];
    let tail = tail.join("\n");
    tail.trim_start_matches("error: ").to_owned()
}

/// Chosen: an error with its causes and hints fits.
const LINES_MAX: usize = 10;

fn outcome(report: Report<BuildData>, image: String) -> Outcome {
    let failed = report.data.targets.iter().find_map(error);
    match failed {
        Some(message) => Outcome::Failed(message),
        None => Outcome::Built(Box::new(Built {
            image,
            rebuild: rebuild(&report.data),
            report,
        })),
    }
}

fn error(target: &TargetBuild) -> Option<String> {
    let error = target.error.clone()?;
    let step = target.steps.iter().find(|step| step.error.is_some());
    let tail = step
        .map(|step| step.log_tail.join("\n"))
        .unwrap_or_default();
    Some(format!("{error}\n{tail}").trim_end().to_owned())
}

fn rebuild(build: &BuildData) -> Rebuild {
    let steps = build.targets.iter().flat_map(|target| &target.steps);
    let ran = steps.filter(|step| step.kind == StepKind::Instruction && step.cached == Some(false));
    Rebuild {
        duration_ms: build.totals.duration_ms,
        ran: ran
            .map(|step| Ran {
                name: step.name.clone(),
                line: step.location.as_ref().map(|location| location.line),
                duration_ms: step.duration_ms,
            })
            .collect(),
    }
}

fn differences(data: DifferenceData) -> Vec<Difference> {
    let paths = data.paths.into_iter().filter_map(path_difference);
    let settings = data.settings.into_iter().map(|setting| {
        let value = |value: Option<String>| value.unwrap_or_else(|| "not set".to_owned());
        Difference {
            is_setting: true,
            name: setting.name,
            detail: format!("{}, now {}", value(setting.before), value(setting.after)),
        }
    });
    paths.chain(settings).collect()
}

/// `None` when nothing but times differs.
fn path_difference(path: PathDifference) -> Option<Difference> {
    let is_time = |cause: &DifferenceCause| *cause == DifferenceCause::Times;
    let has_both = matches!(path.change, PathChange::Changed | PathChange::Metadata);
    if has_both && path.causes.iter().all(is_time) {
        return None;
    }
    let detail = match (path.change, path.detail) {
        (PathChange::Added, _) => "only the patched image has it".to_owned(),
        (PathChange::Removed, _) => "only the original image has it".to_owned(),
        (_, Some(detail)) => detail,
        (PathChange::Changed, None) => "another content".to_owned(),
        (PathChange::Metadata, None) => "other metadata".to_owned(),
    };
    Some(Difference {
        is_setting: false,
        name: path.path,
        detail,
    })
}
