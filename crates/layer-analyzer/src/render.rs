//! Shows a layer report to people.

mod base;
pub(crate) mod difference;
mod files;
mod gates;
mod layers;
mod sharing;
mod trace;
pub(crate) mod tree;
mod treemap;

use common::render::{Cell, Document, Table, findings};
use common::report::{DiveMeasures, ImageLayers, LayerData, Report};
use common::units::{format_bytes, format_count, format_ratio};

use files::{duplicates, largest_files, wasted_paths};
use layers::layers;
use trace::traced;

/// The whole report as a document.
pub(crate) fn document(report: &Report<LayerData>) -> Document {
    let images = report.data.images.iter().map(image);
    images
        .fold(Document::new(), Document::append)
        .append(sharing::sharing(&report.data))
        .table(gates::gates(&report.data))
        .append(findings(&report.findings))
}

/// The document that lists rules: id, severity, what is found, advice and source of each.
pub(crate) fn rules(rules: impl IntoIterator<Item = [&'static str; 5]>) -> Document {
    let mut table = Table::new(["Rule", "Severity", "What is found", "Advice", "Source"]);
    for cells in rules {
        table.row(cells.map(Cell::from));
    }
    Document::new().table(table)
}

fn image(image: &ImageLayers) -> Document {
    let mut document = Document::new()
        .heading(heading(image))
        .paragraph(summary(image));
    for line in [base::base(image), duplicate_bytes(image), dive(image)] {
        document = match line {
            Some(line) => document.paragraph(line),
            None => document,
        };
    }
    let document = document
        .figure(treemap::treemap(image))
        .table(layers(image))
        .append(traced(image))
        .table(wasted_paths(image));
    let document = omitted(document, image.wasted_paths_omitted, "wasted path");
    let document = document.table(duplicates(image));
    omitted(document, image.duplicates_omitted, "repeated content").table(largest_files(image))
}

fn omitted(document: Document, count: u64, noun: &str) -> Document {
    match count {
        0 => document,
        count => document.paragraph(format!("{} more", format_count(count, noun))),
    }
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

fn duplicate_bytes(image: &ImageLayers) -> Option<String> {
    let bytes = image.duplicate_bytes.filter(|bytes| *bytes > 0)?;
    let count = image.duplicates.len() as u64 + image.duplicates_omitted;
    let verb = if count == 1 { "is" } else { "are" };
    Some(format!(
        "{} {verb} stored several times, at different paths: {} more than once would take",
        format_count(count, "content"),
        format_bytes(bytes),
    ))
}

fn dive(image: &ImageLayers) -> Option<String> {
    let DiveMeasures {
        efficiency_ratio,
        wasted_bytes,
        user_wasted_ratio,
    } = image.dive?;
    Some(format!(
        "In dive's terms: efficiency {}, {} wasted, {} of what the upper layers add",
        format_ratio(efficiency_ratio),
        format_bytes(wasted_bytes),
        format_ratio(user_wasted_ratio),
    ))
}

#[cfg(test)]
mod tests {
    use common::render::{markdown, table};
    use common::report::{
        FileChange, Finding, Layer, LayerFile, Location, Severity, Tool, Verdict,
    };

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
}
