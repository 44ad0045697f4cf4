//! `analyze`: reads images and reports their layers.

use common::clock;
use common::error::CommandError;
use common::exit::Exit;
use common::report::Report;
use common::terminal::Printer;
use globset::GlobSet;

use super::base::read_base;
use super::gates::gates;
use super::sources::{image_options, read_asked_images, receive, source_inputs, warn_unverified};
use super::tool;
use crate::cli::analyze::AnalyzeArgs;
use crate::input::builds::Builds;
use crate::input::images::LazyEngine;
use crate::input::source::Source;
use crate::input::stage_images::{Unread, read_stage_images};
use crate::model::build::ImageOrigin;
use crate::model::ignore::Ignore;
use crate::model::path;
use crate::render;
use crate::report::trace::add_traced;
use crate::report::{findings as other_findings, layer_data};

/// Analyses images.
///
/// # Errors
///
/// There is nothing to analyse, or an image cannot be read.
pub(super) fn analyze(args: &AnalyzeArgs, printer: &Printer) -> Result<Exit, CommandError> {
    let created_at = clock::created_at()?;
    let gates = gates(&args.gates, printer)?;
    let sources: Vec<Source> = args
        .images
        .iter()
        .map(|image| Source::find(image))
        .collect();
    let options = image_options(&args.image)?;
    let received = receive(&args.input, &sources, printer)?;
    let builds = Builds::from_received(&received)?;
    let mut engine = LazyEngine::new(args.image.engine.host.as_deref(), &options);
    let images = read_asked_images(&sources, &builds, &mut engine)?;
    if images.is_empty() {
        printer.warning("no target of the build reports has an image");
    }
    warn_of_markers(&images, printer);
    warn_unverified(&images, &options, printer);
    let base = match &args.base {
        Some(base) => Some(read_base(base, &images, &mut engine)?),
        None => None,
    };

    let mut inputs = received.to_inputs();
    inputs.extend(source_inputs(&sources, &images));
    inputs.extend(gates.inputs.iter().cloned());
    let (stages, unread) = read_stage_images(&images, &mut engine);
    warn_of_stages(&unread, printer);
    let ignore = ignore(args)?;
    let (mut data, mut findings) = layer_data(&images, base.as_ref(), &ignore, args.top);
    add_traced(&mut data, &images, &stages);
    findings.extend(other_findings(&data));
    let verdict = gates.judge(&mut data, &mut findings, printer)?;
    let report = Report::new(tool(), created_at, verdict, inputs, findings, data);

    printer.print_report(&args.output, &received, &report, render::document)?;
    // To give back the memory of a million entries one by one takes longer than to exit.
    std::mem::forget((images, stages));
    Ok(report.verdict.into())
}

fn ignore(args: &AnalyzeArgs) -> Result<Ignore, CommandError> {
    let mut set = GlobSet::builder();
    for glob in &args.ignore {
        set.add(glob.clone());
    }
    set.build().map(Ignore).map_err(CommandError::usage)
}

fn warn_of_markers(images: &[ImageOrigin], printer: &Printer) {
    for (image, _) in images {
        let layers = image.layers.iter();
        let mut markers = layers.flat_map(|layer| &layer.nameless_whiteouts);
        if let Some(first) = markers.next() {
            let (name, first) = (&image.name, path::to_text(first));
            let more = match markers.count() {
                0 => String::new(),
                count => format!(", nor do {count} more"),
            };
            printer.warning(format!("`{name}`: whiteout `{first}` names no file{more}"));
        }
    }
}

fn warn_of_stages(unread: &[Unread], printer: &Printer) {
    for Unread {
        target,
        stage,
        error,
    } in unread
    {
        printer.warning(format!(
            "nothing of `{target}` can be traced to its stage `{stage}`: {error}"
        ));
    }
}

#[cfg(test)]
mod tests;
