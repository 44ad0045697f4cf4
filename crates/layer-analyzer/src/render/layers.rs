//! The table of an image's layers.

use common::render::{Bar, Cell, Table, Tone};
use common::report::{ImageLayers, Layer, Location};
use common::units::format_bytes;

/// How much of an instruction a table shows, in characters.
///
/// Chosen: with the other columns it fits a terminal of 120.
const INSTRUCTION_CHARS_MAX: usize = 40;

/// A row for each layer, lowest first.
pub(super) fn layers(image: &ImageLayers) -> Table {
    let titles = [
        "Layer#",
        "Size#",
        "Files#",
        "Wasted#",
        "Instruction",
        "Line",
        "Stage",
    ];
    let mut table = Table::new(titles);
    let largest = image.layers.iter().map(|layer| layer.size_bytes).max();
    for layer in &image.layers {
        let bar = Bar {
            length: layer.size_bytes,
            hatched: layer.wasted_bytes,
            whole: largest.unwrap_or(0),
        };
        table.row([
            layer.index.to_string().into(),
            Cell::from(format_bytes(layer.size_bytes)).with_bar(bar),
            files(layer).into(),
            wasted(layer.wasted_bytes),
            layer
                .instruction
                .as_deref()
                .map_or("-".to_owned(), cut)
                .into(),
            layer
                .location
                .as_ref()
                .map_or("-".to_owned(), Location::to_string)
                .into(),
            layer.stage.as_deref().unwrap_or("-").into(),
        ]);
    }
    table
}

/// The files that a layer adds, modifies and removes, or how many it has when that is not known.
fn files(layer: &Layer) -> String {
    let changes = &layer.changes;
    let counts = [
        ("+", changes.added_count),
        ("~", changes.modified_count),
        ("-", changes.removed_count),
    ];
    let parts: Vec<String> = counts
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(sign, count)| format!("{sign}{count}"))
        .collect();
    if parts.is_empty() {
        layer.file_count.to_string()
    } else {
        parts.join(" ")
    }
}

/// Bytes that are better none.
pub(super) fn wasted(bytes: u64) -> Cell {
    let tone = if bytes > 0 {
        Tone::Warning
    } else {
        Tone::Plain
    };
    Cell::toned(format_bytes(bytes), tone)
}

/// The start of the first line, with an ellipsis when that is not all.
pub(super) fn cut(instruction: &str) -> String {
    let mut chars = instruction.chars();
    let start: String = chars
        .by_ref()
        .take_while(|c| *c != '\n')
        .take(INSTRUCTION_CHARS_MAX)
        .collect();
    if start.len() == instruction.len() {
        start
    } else {
        format!("{start}…")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_instruction_is_cut() {
        assert_eq!(cut(&"x".repeat(40)), "x".repeat(40));
        assert_eq!(cut(&"é".repeat(41)), format!("{}…", "é".repeat(40)));
    }
}
