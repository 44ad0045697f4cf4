//! The table of the instructions that made an image's bytes.

use common::render::{Document, Table};
use common::report::{ImageLayers, Location, TracedBytes};
use common::units::format_bytes;

use super::layers::cut;

/// A sentence about the largest part and a row for each. Empty when nothing was traced.
pub(super) fn traced(image: &ImageLayers) -> Document {
    let Some(largest) = image.traced.first() else {
        return Document::new();
    };
    let titles = [
        "Made by", "Line", "Stage", "Size#", "Files#", "Largest", "Through",
    ];
    let mut table = Table::new(titles);
    for traced in &image.traced {
        let location = traced.location.as_ref();
        table.row([
            cut(&traced.instruction).into(),
            location.map_or("-".to_owned(), Location::to_string).into(),
            traced.stage.as_deref().unwrap_or("-").into(),
            format_bytes(traced.size_bytes).into(),
            traced.file_count.to_string().into(),
            traced
                .largest_paths
                .first()
                .map_or("-", String::as_str)
                .into(),
            through(traced).into(),
        ]);
    }
    Document::new().paragraph(sentence(largest)).table(table)
}

fn sentence(traced: &TracedBytes) -> String {
    let size = format_bytes(traced.size_bytes);
    let maker = cut(&traced.instruction);
    match (&traced.stage, &traced.location) {
        (Some(stage), Some(Location { path, line })) => {
            format!(
                "{size} of the final image come from {stage}'s `{maker}`, line {line} of {path}"
            )
        }
        _ => format!("{size} of the final image come from `{maker}`"),
    }
}

/// The lines that files came through, from the last to the first, with the Dockerfile's name where
/// the row has not said it.
fn through(traced: &TracedBytes) -> String {
    let mut said = traced.location.as_ref().map(|location| &location.path);
    let mut lines = Vec::new();
    for location in &traced.through {
        lines.push(if said == Some(&location.path) {
            location.line.to_string()
        } else {
            location.to_string()
        });
        said = Some(&location.path);
    }
    match lines.as_slice() {
        [] if is_copy(&traced.instruction) => "not traced".to_owned(),
        [] => "-".to_owned(),
        lines => lines.join(", "),
    }
}

fn is_copy(instruction: &str) -> bool {
    instruction.starts_with("COPY ") && instruction.contains(" --from=")
}
