//! The gates of `analyze`: what images have to keep, and whether they do.

use common::error::CommandError;
use common::pipe::Received;
use common::report::{Finding, ImageLayers, Input, LayerData, Report, Verdict};
use common::terminal::Printer;
use std::io;
use std::path::Path;

use crate::cli::gates::{GateArgs, GrowthArg};
use crate::input::dive_ci::{DiveCiError, read_dive_ci};
use crate::model::limits::{DiveLimits, Growth, Limits};
use crate::report::gates::{Policy, judge};
use crate::report::rules::rules;

/// The file that dive reads in the working directory.
const DIVE_CI: &str = ".dive-ci";

/// What images have to keep.
pub(super) struct Gates<'a> {
    policy: Policy,
    fail_on: &'a [String],
    /// What the limits were read from.
    pub(super) inputs: Vec<Input>,
}

/// Finds out what images have to keep, before any is read.
///
/// # Errors
///
/// There is no such rule; the baseline or the rules of dive cannot be read.
pub(super) fn gates<'a>(args: &'a GateArgs, printer: &Printer) -> Result<Gates<'a>, CommandError> {
    for rule in &args.fail_on {
        check_rule(rule)?;
    }
    let mut inputs = Vec::new();
    let baseline = match &args.baseline {
        Some(path) => Some(read_baseline(path, &mut inputs)?),
        None => None,
    };
    let limits = Limits {
        min_efficiency: args.min_efficiency,
        max_wasted_bytes: args.max_wasted_bytes,
        max_wasted_ratio: args.max_wasted_ratio,
        max_size_bytes: args.max_size,
        max_layer_bytes: args.max_layer_size,
        max_growth: args.max_growth.map(|growth| match growth {
            GrowthArg::Bytes(bytes) => Growth::Bytes(bytes),
            GrowthArg::Ratio(ratio) => Growth::Ratio(ratio),
        }),
        dive: dive_limits(args, printer)?,
    };
    Ok(Gates {
        policy: Policy {
            limits,
            is_own_only: args.own,
            baseline,
        },
        fail_on: &args.fail_on,
        inputs,
    })
}

impl Gates<'_> {
    /// Judges the images: fills the report's gates, adds to its findings, and gives the verdict.
    ///
    /// # Errors
    ///
    /// Only an image's own layers are to be judged, and it is not known which they are.
    pub(super) fn judge(
        &self,
        data: &mut LayerData,
        findings: &mut Vec<Finding>,
        printer: &Printer,
    ) -> Result<Verdict, CommandError> {
        let without_base = data.images.iter().find(|image| image.base.is_none());
        if let Some(image) = without_base.filter(|_| self.policy.is_own_only) {
            return Err(unknown_base(image));
        }
        findings.extend(judge(data, &self.policy));
        let mut verdict = Verdict::Pass;
        for rule in self.fail_on {
            let count = findings
                .iter()
                .filter(|finding| finding.rule == *rule)
                .count();
            if count > 0 {
                printer.warning(format!("failed by `--fail-on {rule}`: {count} found"));
                verdict = Verdict::Fail;
            }
        }
        if data.gates.iter().any(|gate| !gate.passed) {
            verdict = Verdict::Fail;
        }
        Ok(verdict)
    }
}

fn check_rule(rule: &str) -> Result<(), CommandError> {
    if rules().any(|known| known == rule) {
        return Ok(());
    }
    let error = CommandError::usage(format!("there is no rule `{rule}`"));
    let nearest = rules().min_by_key(|known| strsim::damerau_levenshtein(known, rule));
    Err(match nearest {
        Some(nearest) => error.hint(format!("the most similar is `{nearest}`")),
        None => error,
    })
}

fn read_baseline(path: &Path, inputs: &mut Vec<Input>) -> Result<Vec<ImageLayers>, CommandError> {
    let received = Received::read_files(&[path.to_owned()])?;
    let reports: Vec<Report<LayerData>> = received.decode()?;
    if reports.is_empty() {
        let path = path.display();
        return Err(
            CommandError::input(format!("there is no layer report in `{path}`"))
                .hint("save one with `layer-analyzer analyze --format json`"),
        );
    }
    inputs.extend(reports.iter().map(|report| Input {
        kind: "report".to_owned(),
        id: report.id.clone(),
    }));
    Ok(reports
        .into_iter()
        .flat_map(|report| report.data.images)
        .collect())
}

fn dive_limits(args: &GateArgs, printer: &Printer) -> Result<Option<DiveLimits>, CommandError> {
    if let Some(path) = &args.dive_ci {
        return Ok(Some(read_dive_ci(path)?));
    }
    match read_dive_ci(Path::new(DIVE_CI)) {
        Ok(limits) => {
            printer.detail(format_args!("keeping the rules of `{DIVE_CI}`"));
            Ok(Some(limits))
        }
        Err(DiveCiError::Read(error)) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn unknown_base(image: &ImageLayers) -> CommandError {
    let message = format!(
        "it is not known which layers of `{}` are its own",
        image.name
    );
    CommandError::input(message)
        .hint("name its base image with `--base`, or pipe the report of its build here")
}
