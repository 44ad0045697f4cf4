//! The subcommand `render`.

use common::app::{self, Show, nothing_to_show};
use common::cli::Format;
use common::error::CommandError;
use common::exit::Exit;
use common::pipe::{Received, json_line};
use common::report::{
    ArtifactsData, BuildData, ComparisonData, PlanData, PredictionData, ResourceData, TargetBuild,
    ValidationData,
};
use common::terminal::Printer;

use crate::cli::render::{Graph, RenderArgs, Rendering};
use crate::render;

pub(super) fn render(args: &RenderArgs, printer: &Printer) -> Result<Exit, CommandError> {
    let received = app::receive(&args.files, printer)?;
    match args.rendering() {
        Rendering::Report(format) => return reports(&received, format, printer),
        Rendering::Graph(graph) => {
            let plan = only(plans(&received)?, &received, "plan or build")?;
            printer.print(&match graph {
                Graph::Dot => render::dot::dot(&plan),
                Graph::Mermaid => render::mermaid::mermaid(&plan),
            })?;
        }
        Rendering::Trace => {
            let build = only(received.decode::<BuildData>()?, &received, "build")?;
            printer.print(&json_line(&render::trace::trace(&build.data)))?;
        }
    }
    Ok(Exit::Ok)
}

fn reports(
    received: &Received,
    format: Option<Format>,
    printer: &Printer,
) -> Result<Exit, CommandError> {
    let mut show = Show::new(received, format, printer);
    show.kind::<PlanData>(render::plan::document)?;
    show.kind::<BuildData>(render::build::document)?;
    show.kind::<PredictionData>(render::prediction::document)?;
    show.kind::<ComparisonData>(render::comparison::document)?;
    show.kind::<ValidationData>(render::validation::document)?;
    show.kind::<ResourceData>(render::resources::document)?;
    show.kind::<ArtifactsData>(render::artifacts::document)?;
    show.finish("plan, build, prediction, comparison, validation, resources or artifacts")
}

/// The plans that were received, and those of the builds.
fn plans(received: &Received) -> Result<Vec<PlanData>, CommandError> {
    let plans = received.decode::<PlanData>()?.into_iter();
    let mut plans: Vec<PlanData> = plans.map(|report| report.data).collect();
    for build in received.decode::<BuildData>()? {
        let targets = build.data.targets.into_iter();
        plans.push(PlanData {
            targets: targets.map(|target: TargetBuild| target.plan).collect(),
        });
    }
    Ok(plans)
}

/// The only one of its kind: graphs and traces that follow each other can be read by no program.
fn only<T>(mut found: Vec<T>, received: &Received, kinds: &str) -> Result<T, CommandError> {
    match (found.pop(), found.len()) {
        (None, _) => Err(nothing_to_show(received, kinds)),
        (Some(one), 0) => Ok(one),
        (Some(_), others) => Err(CommandError::usage(format!(
            "this format shows one {kinds} report, and {} were read",
            others + 1
        ))),
    }
}
