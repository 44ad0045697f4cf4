//! Shows a layer report to people.

mod treemap;

use common::render::{Bar, Cell, Document, Table, Tone, findings};
use common::report::{FileChange, ImageLayers, LayerData, LayerFile, Location, Report};
use common::units::{format_bytes, format_count, format_ratio};

/// How much of an instruction a table shows, in characters.
///
/// Chosen: with the other columns it fits a terminal of 120.
const INSTRUCTION_CHARS_MAX: usize = 60;

/// How many of an image's largest files a table shows at least: those of a layer are all shown.
///
/// Chosen: as many as the report has of each layer by default.
const LARGEST_FILES_MIN: usize = 10;

/// The whole report as a document.
pub(crate) fn document(report: &Report<LayerData>) -> Document {
    let images = report.data.images.iter().map(image);
    images
        .fold(Document::new(), Document::append)
        .append(findings(&report.findings))
}

fn image(image: &ImageLayers) -> Document {
    let document = Document::new()
        .heading(heading(image))
        .paragraph(summary(image))
        .figure(treemap::treemap(image))
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
            layer.file_count.to_string().into(),
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
    let mut files: Vec<(u32, &LayerFile)> = image
        .layers
        .iter()
        .flat_map(|layer| {
            layer
                .largest_files
                .iter()
                .map(move |file| (layer.index, file))
        })
        .collect();
    files.sort_by(|(_, a), (_, b)| (b.size_bytes, &a.path).cmp(&(a.size_bytes, &b.path)));
    let longest = image.layers.iter().map(|layer| layer.largest_files.len());
    let count = longest.max().unwrap_or(0).max(LARGEST_FILES_MIN);
    let mut table = Table::new(["Largest file", "Size#", "Layer#", "Change"]);
    for (layer, file) in files.into_iter().take(count) {
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

#[cfg(test)]
mod tests {
    use common::render::{markdown, table};
    use common::report::{Finding, Layer, Severity, Tool, Verdict};

    use super::*;

    fn report() -> Report<LayerData> {
        let layer = Layer {
            index: 0,
            diff_id: "sha256:0".to_owned(),
            instruction: Some("RUN first\nsecond".to_owned()),
            stage: Some("runtime".to_owned()),
            location: Some(Location {
                path: "Dockerfile".to_owned(),
                line: 12,
            }),
            size_bytes: 2000,
            file_count: 1,
            overwritten_bytes: 0,
            deleted_bytes: 0,
            wasted_bytes: 0,
            largest_files: vec![LayerFile {
                path: "srv/a".to_owned(),
                size_bytes: 2000,
                change: FileChange::Added,
                wasted: false,
            }],
            ..Layer::default()
        };
        let image = ImageLayers {
            name: "app:1".to_owned(),
            id: "sha256:0".to_owned(),
            tags: vec!["app:1".to_owned(), "app:2".to_owned()],
            platform: None,
            target: None,
            size_bytes: 2000,
            live_bytes: 2000,
            wasted_bytes: 0,
            efficiency_ratio: 1.0,
            file_count: 1,
            layers: vec![layer],
            wasted_paths: Vec::new(),
            wasted_paths_omitted: 0,
            ..ImageLayers::default()
        };
        let tool = Tool {
            name: "layer-analyzer".to_owned(),
            version: "0".to_owned(),
        };
        let data = LayerData {
            images: vec![image],
            ..LayerData::default()
        };
        Report::new(
            tool,
            String::new(),
            Verdict::Pass,
            Vec::new(),
            Vec::new(),
            data,
        )
    }

    #[test]
    fn an_image_is_a_summary_its_layers_and_its_files() {
        let expected = "\
## app:1 (app:2)

2.00 kB in 1 layer and 1 file, 0 B wasted, efficiency 100.0 %

| Layer | Size | Files | Wasted | Instruction | Line | Stage |
| ---: | ---: | ---: | ---: | --- | --- | --- |
| 0 | 2.00 kB | 1 | 0 B | RUN first… | Dockerfile:12 | runtime |

| Largest file | Size | Layer | Change |
| --- | ---: | ---: | --- |
| srv/a | 2.00 kB | 0 | added |
";
        assert_eq!(markdown::write(&document(&report())), expected);
    }

    #[test]
    fn as_many_files_are_shown_as_the_report_has_of_a_layer() {
        let mut report = report();
        let files = &mut report.data.images[0].layers[0].largest_files;
        *files = vec![files[0].clone(); 30];
        let shown = markdown::write(&document(&report));
        assert_eq!(shown.matches("| srv/a |").count(), 30);
    }

    #[test]
    fn findings_come_after_the_images() {
        let mut report = report();
        report.findings = vec![Finding {
            rule: "wasted-bytes".to_owned(),
            severity: Severity::Warning,
            message: "2.00 MB are wasted".to_owned(),
            advice: Some("delete less".to_owned()),
            location: Some(Location {
                path: "Dockerfile".to_owned(),
                line: 12,
            }),
            subject: Some("app:1".to_owned()),
            saving: None,
        }];
        let shown = table::write(&document(&report), table::Width::Unlimited, false);
        let expected =
            "\n\nwarning: Dockerfile:12: app:1: 2.00 MB are wasted [wasted-bytes]\n  delete less\n";
        assert!(shown.ends_with(expected), "{shown}");
    }

    #[test]
    fn a_long_instruction_is_cut() {
        assert_eq!(cut(&"x".repeat(60)), "x".repeat(60));
        assert_eq!(cut(&"é".repeat(61)), format!("{}…", "é".repeat(60)));
    }
}
