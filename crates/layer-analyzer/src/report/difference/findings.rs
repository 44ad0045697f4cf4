//! What differs between two images, and what makes builds come out the same.

use common::report::{Finding, Location, Severity};
use common::units::format_count;

use crate::analysis::difference::{Cause, Difference, PathDifference};
use crate::analysis::history::instructions;
use crate::analysis::origin::origins;
use crate::model::build::ImageOrigin;
use crate::model::path::to_place;

/// How many paths a finding names.
///
/// Chosen: they fit on a line or two; the report has more.
const PATHS_MAX: usize = 3;

/// One finding for each cause.
pub(super) fn findings(images: [&ImageOrigin<'_>; 2], found: &Difference) -> Vec<Finding> {
    let causes = found.causes.iter();
    causes.map(|cause| finding(*cause, images, found)).collect()
}

fn finding(cause: Cause, images: [&ImageOrigin<'_>; 2], found: &Difference) -> Finding {
    let paths: Vec<&PathDifference> = found.paths.iter().filter(|path| has(path, cause)).collect();
    let place = paths.first().map(|path| place(path, images));
    Finding {
        rule: format!("difference-{}", rule(cause)),
        severity: if cause.is_seen() {
            Severity::Warning
        } else {
            Severity::Note
        },
        message: match paths.as_slice() {
            [] => message(cause, images, found),
            paths => of_paths(
                cause,
                paths,
                place.as_ref().and_then(|place| place.0.as_deref()),
            ),
        },
        advice: Some(advice(cause).to_owned()),
        location: place.and_then(|place| place.1),
        subject: Some(images[1].0.name.clone()),
        saving: None,
    }
}

fn has(path: &PathDifference, cause: Cause) -> bool {
    let is_in_one = path.before.is_none() || path.after.is_none();
    path.causes.contains(&cause) || (cause == Cause::Files && is_in_one)
}

/// The instruction of the layer that has a path, and where that is in a Dockerfile.
fn place(
    found: &PathDifference,
    images: [&ImageOrigin<'_>; 2],
) -> (Option<String>, Option<Location>) {
    let (image, target) = images[usize::from(found.after.is_some())];
    let (layer, count) = (found.layer as usize, image.layers.len());
    let mut instructions = instructions(&image.history, count);
    let instruction = instructions.get_mut(layer).and_then(Option::take);
    let origin = target.and_then(|target| {
        let mut origins = origins(target, &image.history, count);
        origins.get_mut(layer).and_then(Option::take)
    });
    let location = origin.map(|origin| Location {
        path: origin.path.to_owned(),
        line: origin.line,
    });
    (instruction, location)
}

fn of_paths(cause: Cause, paths: &[&PathDifference], instruction: Option<&str>) -> String {
    let one = paths.len() == 1;
    let what = match cause {
        Cause::Files if one => "is in one image only",
        Cause::Files => "are in one image only",
        Cause::Content if one => "has another content",
        Cause::Content => "have other contents",
        Cause::Kind if one => "is of another kind",
        Cause::Kind => "are of another kind",
        Cause::Permissions if one => "has other permissions",
        Cause::Permissions => "have other permissions",
        Cause::Ownership if one => "has another owner",
        Cause::Ownership => "have other owners",
        Cause::Attributes if one => "has other attributes",
        Cause::Attributes => "have other attributes",
        _ if one => "has another time of change",
        _ => "have other times of change",
    };
    let names = paths.iter().take(PATHS_MAX);
    let names: Vec<String> = names.map(|p| format!("`{}`", to_place(&p.path))).collect();
    let more = match paths.len().saturating_sub(PATHS_MAX) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let first_line = instruction.and_then(|text| text.lines().next());
    let from =
        first_line.map(|text| format!("; `{}` comes from `{text}`", to_place(&paths[0].path)));
    format!(
        "{} {what}: {}{more}{}",
        format_count(paths.len() as u64, "path"),
        names.join(", "),
        from.unwrap_or_default()
    )
}

/// The message of a cause that no path has that a container sees.
fn message(cause: Cause, images: [&ImageOrigin<'_>; 2], found: &Difference) -> String {
    let layers = found.layer_causes.iter().enumerate();
    let layers = layers.filter(|(_, causes)| causes.contains(&cause));
    let layers: Vec<String> = layers.map(|(index, _)| index.to_string()).collect();
    let plural = if layers.len() == 1 { "" } else { "s" };
    let layers = format!("layer{plural} {}", layers.join(", "));
    let [before, after] = images.map(|(image, _)| image);
    match cause {
        Cause::Settings => {
            let names = found.settings.iter().map(|setting| match &setting.name {
                (name, Some(part)) => format!("`{name}.{part}`"),
                (name, None) => format!("`{name}`"),
            });
            format!("settings differ: {}", names.collect::<Vec<_>>().join(", "))
        }
        Cause::Order => format!("{layers}: the same entries come in another order"),
        Cause::Packing => {
            format!("{layers}: the same entries in the same order are written with other bytes")
        }
        Cause::Layers if before.layers.len() != after.layers.len() => format!(
            "what is seen is spread over {} instead of {}",
            format_count(after.layers.len() as u64, "layer"),
            before.layers.len()
        ),
        Cause::Layers => match found.hidden_path {
            Some(hidden) => format!(
                "layers differ in what no container sees, such as `{}` of layer {}",
                to_place(hidden.0),
                hidden.1
            ),
            None => "the same is spread over other layers".to_owned(),
        },
        Cause::Times => format!("{layers}: what upper layers cover has other times of change"),
        Cause::History => history(images),
        _ => format!("{layers} differ"),
    }
}

fn history(images: [&ImageOrigin<'_>; 2]) -> String {
    let [before, after] = images.map(|(image, _)| image);
    let lines = before.history.iter().zip(&after.history);
    let is_other =
        before.history.len() != after.history.len() || lines.clone().any(|(a, b)| a != b);
    match (&before.created, &after.created) {
        _ if is_other => "the histories of commands differ".to_owned(),
        (Some(before), Some(after)) if before != after => {
            format!("the images were made at {before} and at {after}")
        }
        _ => "the configurations differ in what no container sees".to_owned(),
    }
}

fn rule(cause: Cause) -> &'static str {
    match cause {
        Cause::Files => "files",
        Cause::Content => "content",
        Cause::Kind => "kind",
        Cause::Permissions => "permissions",
        Cause::Ownership => "ownership",
        Cause::Attributes => "attributes",
        Cause::Times => "times",
        Cause::Settings => "settings",
        Cause::Order => "order",
        Cause::Layers => "layers",
        Cause::Packing => "packing",
        Cause::History => "history",
    }
}

/// Source: <https://reproducible-builds.org/docs/> and BuildKit's docs/build-repro.md.
fn advice(cause: Cause) -> &'static str {
    match cause {
        Cause::Files => {
            "pin base images by digest and packages by version, and delete logs and caches in the \
             instruction that makes them"
        }
        Cause::Content => {
            "keep times, random values and the order of directories out of what is made: give \
             tools `SOURCE_DATE_EPOCH`, sort their input, pin packages by version"
        }
        Cause::Kind => "make links and directories the same way in each build",
        Cause::Permissions => {
            "set permissions with `COPY --chmod`: those of a checkout depend on its umask"
        }
        Cause::Ownership => "give users and groups fixed numbers when they are created",
        Cause::Attributes => "set attributes in the build, on a file system that keeps them",
        Cause::Times => {
            "give the build `SOURCE_DATE_EPOCH`, and BuildKit's exporter `rewrite-timestamp=true`"
        }
        Cause::Settings => "build with the same arguments, labels and base image",
        Cause::Order | Cause::Packing => {
            "build with the same version of the builder and the same storage driver"
        }
        Cause::Layers => {
            "build from the same Dockerfile, and delete caches and logs in the instruction that \
             makes them"
        }
        Cause::History => "give the build `SOURCE_DATE_EPOCH`, and the same instructions",
    }
}
