//! Shows a layer report to people.

use common::render::{Cell, Document, Table, Tone};
use common::report::{FileChange, ImageLayers, Layer, LayerData, LayerFile, Location, Report};
use common::units::{format_bytes, format_count, format_ratio};

/// How much of an instruction a table shows, in characters.
///
/// Chosen: with the other columns it fits a terminal of 120.
const INSTRUCTION_CHARS_MAX: usize = 60;

/// How many of the largest files a table shows.
const LARGEST_FILES_MAX: usize = 10;

/// The whole report as a document.
pub(crate) fn document(report: &Report<LayerData>) -> Document {
    let findings = report
        .findings
        .iter()
        .fold(Document::new(), |document, finding| {
            let subject = finding.subject.as_deref().unwrap_or_default();
            let text = format!("warning: `{subject}`: {}", finding.message);
            document.paragraph(Cell::toned(text, Tone::Warning))
        });
    let images = report.data.images.iter().map(image);
    images
        .fold(Document::new(), Document::append)
        .append(findings)
}

fn image(image: &ImageLayers) -> Document {
    let document = Document::new()
        .heading(heading(image))
        .paragraph(summary(image))
        .table(layers(image))
        .table(wasted_paths(image));
    let document = match image.wasted_paths_omitted {
        0 => document,
        omitted => document.paragraph(format!("{} more", format_count(omitted, "wasted path"))),
    };
    document.table(largest_files(image))
}

fn heading(image: &ImageLayers) -> String {
    let other_tags: Vec<&str> = image
        .tags
        .iter()
        .map(String::as_str)
        .filter(|tag| *tag != image.name)
        .collect();
    if other_tags.is_empty() {
        image.name.clone()
    } else {
        format!("{} ({})", image.name, other_tags.join(", "))
    }
}

fn summary(image: &ImageLayers) -> String {
    format!(
        "{} in {} and {}, {} wasted, efficiency {}",
        format_bytes(image.size_bytes),
        format_count(image.layers.len() as u64, "layer"),
        format_count(image.file_count, "file"),
        format_bytes(image.wasted_bytes),
        format_ratio(image.efficiency_ratio),
    )
}

fn layers(image: &ImageLayers) -> Table {
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
    for layer in &image.layers {
        table.row([
            layer.index.to_string().into(),
            format_bytes(layer.size_bytes).into(),
            layer.file_count.to_string().into(),
            wasted(layer.wasted_bytes),
            layer
                .instruction
                .as_deref()
                .map_or("-".to_owned(), cut)
                .into(),
            layer.location.as_ref().map_or("-".to_owned(), place).into(),
            layer.stage.as_deref().unwrap_or("-").into(),
        ]);
    }
    table
}

fn wasted_paths(image: &ImageLayers) -> Table {
    let mut table = Table::new(["Wasted path", "Wasted#", "Copies#", "Layers", "In the end"]);
    for path in &image.wasted_paths {
        let layers: Vec<String> = path.layers.iter().map(u32::to_string).collect();
        table.row([
            path.path.as_str().into(),
            wasted(path.wasted_bytes),
            path.copy_count.to_string().into(),
            layers.join(", ").into(),
            if path.deleted { "deleted" } else { "there" }.into(),
        ]);
    }
    table
}

fn largest_files(image: &ImageLayers) -> Table {
    let of_layer = |layer: &'_ Layer| layer.index;
    let mut files: Vec<(u32, &LayerFile)> = image
        .layers
        .iter()
        .flat_map(|layer| {
            layer
                .largest_files
                .iter()
                .map(move |file| (of_layer(layer), file))
        })
        .collect();
    files.sort_by(|(_, a), (_, b)| (b.size_bytes, &a.path).cmp(&(a.size_bytes, &b.path)));
    let mut table = Table::new(["Largest file", "Size#", "Layer#", "Change"]);
    for (layer, file) in files.into_iter().take(LARGEST_FILES_MAX) {
        let change = match file.change {
            FileChange::Added => "added",
            FileChange::Modified => "modified",
        };
        table.row([
            file.path.as_str().into(),
            format_bytes(file.size_bytes).into(),
            layer.to_string().into(),
            change.into(),
        ]);
    }
    table
}

fn wasted(bytes: u64) -> Cell {
    let tone = if bytes > 0 {
        Tone::Warning
    } else {
        Tone::Plain
    };
    Cell::toned(format_bytes(bytes), tone)
}

fn place(location: &Location) -> String {
    format!("{}:{}", location.path, location.line)
}

/// The start of the first line, with an ellipsis when that is not all.
fn cut(instruction: &str) -> String {
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
