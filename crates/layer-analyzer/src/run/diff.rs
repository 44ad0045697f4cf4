//! `diff`: reads two images and reports how they differ.

use common::clock;
use common::error::CommandError;
use common::exit::Exit;
use common::report::{DifferenceCause, Report, Reproducibility, ReproducibilityVerdict, Verdict};
use common::terminal::Printer;
use std::ffi::OsStr;

use super::sources::{image_options, receive, source_inputs};
use super::tool;
use crate::cli::diff::{CauseArg, DiffArgs};
use crate::cli::image::ImageArgs;
use crate::input::builds::Builds;
use crate::input::images::{LazyEngine, read_images};
use crate::input::read::Verification;
use crate::input::source::{ImageOptions, Source};
use crate::model::build::ImageOrigin;
use crate::model::path;
use crate::render;
use crate::report::difference::difference_data;

/// Compares two images.
///
/// # Errors
///
/// An image cannot be read, or an archive holds several.
pub(super) fn diff(args: &DiffArgs, printer: &Printer) -> Result<Exit, CommandError> {
    let created_at = clock::created_at()?;
    let sources = [&args.before, &args.after].map(|image| Source::find(image));
    let options = options(&args.image)?;
    let received = receive(&args.input, &sources, printer)?;
    let builds = Builds::from_received(&received)?;
    let mut engine = LazyEngine::new(args.image.engine.host.as_deref(), &options);
    let mut read = |image: &OsStr, source: &Source| {
        let images = read_images(std::slice::from_ref(source), &builds.targets, &mut engine)?;
        only(image, images)
    };
    let before = read(&args.before, &sources[0])?;
    let after = read(&args.after, &sources[1])?;

    let (data, findings) = difference_data(&before, &after, args.top);
    let verdict = match &args.fail_on_difference {
        Some(causes) if fails(&data.reproducibility, causes) => Verdict::Fail,
        _ => Verdict::Pass,
    };
    let mut inputs = received.to_inputs();
    inputs.extend(source_inputs(&sources, &[before, after]));
    let report = Report::new(tool(), created_at, verdict, inputs, findings, data);
    let view = render::difference::document;
    printer.print_report(&args.output, &received, &report, view)?;
    Ok(report.verdict.into())
}

/// How images are read that are compared: contents matter, so only a clear no leaves them out.
fn options(args: &ImageArgs) -> Result<ImageOptions, CommandError> {
    let mut options = image_options(args)?;
    if options.verification == Verification::Auto {
        options.verification = Verification::Always;
    }
    Ok(options)
}

/// The image of an archive that holds one.
fn only<'a>(
    argument: &OsStr,
    mut images: Vec<ImageOrigin<'a>>,
) -> Result<ImageOrigin<'a>, CommandError> {
    match (images.pop(), images.len()) {
        (Some(image), 0) => Ok(image),
        (_, others) => {
            let name = path::to_text(argument.as_encoded_bytes());
            let count = others + 1;
            Err(CommandError::usage(format!(
                "`{name}` holds {count} images, and one is compared with one"
            )))
        }
    }
}

/// Whether images are too different: in one of the causes named, in any when none is. Contents
/// that were not read could differ.
fn fails(found: &Reproducibility, causes: &[CauseArg]) -> bool {
    if causes.is_empty() {
        return found.verdict != ReproducibilityVerdict::Identical;
    }
    let is_unread = found.verdict == ReproducibilityVerdict::Unknown;
    causes.iter().any(|cause| {
        found.causes.contains(&to_report(*cause)) || (is_unread && *cause == CauseArg::Content)
    })
}

fn to_report(cause: CauseArg) -> DifferenceCause {
    match cause {
        CauseArg::Files => DifferenceCause::Files,
        CauseArg::Content => DifferenceCause::Content,
        CauseArg::Kind => DifferenceCause::Kind,
        CauseArg::Permissions => DifferenceCause::Permissions,
        CauseArg::Ownership => DifferenceCause::Ownership,
        CauseArg::Attributes => DifferenceCause::Attributes,
        CauseArg::Times => DifferenceCause::Times,
        CauseArg::Settings => DifferenceCause::Settings,
        CauseArg::Order => DifferenceCause::Order,
        CauseArg::Layers => DifferenceCause::Layers,
        CauseArg::Packing => DifferenceCause::Packing,
        CauseArg::History => DifferenceCause::History,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_fail_for_the_causes_named_or_for_any() {
        let found = |verdict, causes: &[DifferenceCause]| Reproducibility {
            verdict,
            causes: causes.to_vec(),
        };
        let times = found(
            ReproducibilityVerdict::Equivalent,
            &[DifferenceCause::Times],
        );
        assert!(fails(&times, &[]));
        assert!(fails(&times, &[CauseArg::Content, CauseArg::Times]));
        assert!(!fails(&times, &[CauseArg::Content]));
        assert!(!fails(&found(ReproducibilityVerdict::Identical, &[]), &[]));
        let unread = found(ReproducibilityVerdict::Unknown, &[]);
        assert!(fails(&unread, &[CauseArg::Content]));
        assert!(!fails(&unread, &[CauseArg::Times]));
    }
}
