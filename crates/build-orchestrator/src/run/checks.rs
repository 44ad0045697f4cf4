//! What `build` checks beside building: layers before, images after.

use common::cli::OutputArgs;
use common::error::CommandError;
use common::exit::Exit;
use common::pipe::{Received, json_line};
use common::report::{BuildData, Finding, Report, Verdict};
use common::terminal::Printer;

use super::validate::validation;
use crate::analysis::layer_advice::layer_advice;
use crate::cli::checks::BuildChecksArgs;
use crate::model::plan::Plan;
use crate::render;
use crate::report::plan::plan_data;
use crate::report::validation::{built_subjects, finding};

/// Advice on the layers of the plan's images, if it is asked for.
pub(super) fn layer_findings(args: &BuildChecksArgs, plan: &Plan) -> Vec<Finding> {
    if !args.optimize_layers {
        return Vec::new();
    }
    let plans = plan_data(plan).targets;
    let targets = plan.targets.iter().zip(&plans);
    targets
        .flat_map(|(target, plan)| {
            let advice = layer_advice(target).into_iter();
            advice.map(|(rule, fault)| finding(rule, &fault, &target.name, Some(plan)))
        })
        .collect()
}

/// Validates the images of a build that succeeded, if it is asked for, and writes the report behind
/// the build's.
pub(super) fn validate_built(
    args: &BuildChecksArgs,
    output: &OutputArgs,
    build: Report<BuildData>,
    host: Option<&str>,
    printer: &Printer,
) -> Result<Exit, CommandError> {
    if !args.validate || build.verdict != Verdict::Pass {
        return Ok(Exit::Ok);
    }
    let origin = json_line(&build);
    let built = Received::parse(origin.as_bytes(), "the build")?;
    let subjects = built_subjects(&[build]);
    let report = validation(&built, &subjects, &[], &args.checks, host, printer)?;
    printer.print_view(output.format, &report, render::validation::document)?;
    Ok(report.verdict.into())
}
