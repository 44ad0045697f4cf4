//! Shows how two images differ.

use common::render::{Cell, Document, Table, Tone, findings};
use common::report::{
    DifferenceCause, DifferenceData, DifferenceLayer, LayerDifference, PathChange, Report,
    Reproducibility, ReproducibilityVerdict,
};
use common::units::{format_bytes, format_count};

use super::layers::cut;

/// The whole report as a document: the verdict, what differs, then path by path.
pub(crate) fn document(report: &Report<DifferenceData>) -> Document {
    let data = &report.data;
    let document = Document::new()
        .heading(format!("{} and {}", data.before.name, data.after.name))
        .paragraph(verdict(&data.reproducibility))
        .paragraph(totals(data))
        .table(images(data))
        .append(findings(&report.findings))
        .table(paths(data));
    let document = match data.paths_omitted {
        0 => document,
        omitted => document.paragraph(format!("{} more", format_count(omitted, "path"))),
    };
    document.table(settings(data)).table(layers(&data.layers))
}

fn verdict(found: &Reproducibility) -> Cell {
    let (text, tone) = match found.verdict {
        ReproducibilityVerdict::Identical => ("identical: the same, bit for bit", Tone::Good),
        ReproducibilityVerdict::Equivalent => (
            "equivalent: a container sees the same files and settings",
            Tone::Good,
        ),
        ReproducibilityVerdict::Different => {
            ("different: a container sees something else", Tone::Warning)
        }
        ReproducibilityVerdict::Unknown => (
            "unknown: nothing differs of what was read, but contents were not read",
            Tone::Warning,
        ),
    };
    match causes(&found.causes) {
        causes if causes.is_empty() => Cell::toned(text, tone),
        causes => Cell::toned(format!("{text}; what differs: {causes}"), tone),
    }
}

fn totals(data: &DifferenceData) -> String {
    let totals = &data.totals;
    format!(
        "{} added ({}), {} removed ({}), {} changed ({}), {} with other metadata only",
        format_count(totals.added_count, "path"),
        format_bytes(totals.added_bytes),
        totals.removed_count,
        format_bytes(totals.removed_bytes),
        totals.changed_count,
        format_bytes(totals.changed_bytes),
        totals.metadata_count,
    )
}

fn images(data: &DifferenceData) -> Table {
    let mut table = Table::new([
        "", "Image", "Platform", "Size#", "Seen#", "Files#", "Layers#", "Id",
    ]);
    for (side, image) in [("before", &data.before), ("after", &data.after)] {
        table.row([
            side.into(),
            image.name.as_str().into(),
            image.platform.as_deref().unwrap_or("-").into(),
            format_bytes(image.size_bytes).into(),
            format_bytes(image.live_bytes).into(),
            image.file_count.to_string().into(),
            image.layer_count.to_string().into(),
            short(&image.id).into(),
        ]);
    }
    table
}

fn paths(data: &DifferenceData) -> Table {
    let mut table = Table::new(["Path", "Change", "Before#", "After#", "Layer#", "What"]);
    for path in &data.paths {
        let (word, tone) = match path.change {
            PathChange::Added => ("added", Tone::Good),
            PathChange::Removed => ("removed", Tone::Bad),
            PathChange::Changed => ("changed", Tone::Warning),
            PathChange::Metadata => ("metadata", Tone::Plain),
        };
        let causes = causes(&path.causes);
        let what = match &path.detail {
            Some(detail) if path.causes.contains(&DifferenceCause::Content) => {
                format!("content; {detail}")
            }
            Some(detail) => detail.clone(),
            None => causes,
        };
        table.row([
            path.path.as_str().into(),
            Cell::toned(word, tone),
            bytes(path.before_bytes).into(),
            bytes(path.after_bytes).into(),
            path.layer.to_string().into(),
            what.into(),
        ]);
    }
    table
}

fn settings(data: &DifferenceData) -> Table {
    let mut table = Table::new(["Setting", "Before", "After"]);
    for setting in &data.settings {
        let side = |value: &Option<String>| value.as_deref().unwrap_or("-").to_owned();
        table.row([
            setting.name.as_str().into(),
            side(&setting.before).into(),
            side(&setting.after).into(),
        ]);
    }
    table
}

fn layers(layers: &[LayerDifference]) -> Table {
    let mut table = Table::new(["Layer#", "Before#", "After#", "Differs in", "Instruction"]);
    for layer in layers {
        let sides = [&layer.before, &layer.after];
        let [before, after] = sides.map(|side| bytes(side.as_ref().map(|side| side.size_bytes)));
        table.row([
            layer.index.to_string().into(),
            before.into(),
            after.into(),
            differs_in(layer),
            instruction(layer).into(),
        ]);
    }
    table
}

fn differs_in(layer: &LayerDifference) -> Cell {
    match (&layer.before, &layer.after) {
        (None, _) => Cell::toned("only after", Tone::Warning),
        (_, None) => Cell::toned("only before", Tone::Warning),
        (Some(a), Some(b)) if a.diff_id == b.diff_id => Cell::toned("the same", Tone::Good),
        _ if layer.causes.is_empty() => Cell::toned("not read", Tone::Warning),
        _ => Cell::toned(causes(&layer.causes), Tone::Warning),
    }
}

fn instruction(layer: &LayerDifference) -> String {
    let told = |side: &'_ Option<DifferenceLayer>| {
        let instruction = side.as_ref()?.instruction.as_deref();
        instruction.map(cut)
    };
    match (told(&layer.before), told(&layer.after)) {
        (Some(before), Some(after)) if before != after => format!("{before} → {after}"),
        (before, after) => after.or(before).unwrap_or_else(|| "-".to_owned()),
    }
}

fn bytes(bytes: Option<u64>) -> String {
    bytes.map_or("-".to_owned(), format_bytes)
}

/// As much of a digest as tells it from others.
fn short(id: &str) -> String {
    let digits = id.strip_prefix("sha256:").unwrap_or(id);
    digits.chars().take(12).collect()
}

fn causes(causes: &[DifferenceCause]) -> String {
    let words: Vec<&str> = causes.iter().map(|cause| word(*cause)).collect();
    words.join(", ")
}

fn word(cause: DifferenceCause) -> &'static str {
    match cause {
        DifferenceCause::Files => "files",
        DifferenceCause::Content => "content",
        DifferenceCause::Kind => "kind",
        DifferenceCause::Permissions => "permissions",
        DifferenceCause::Ownership => "ownership",
        DifferenceCause::Attributes => "attributes",
        DifferenceCause::Times => "times",
        DifferenceCause::Settings => "settings",
        DifferenceCause::Order => "order",
        DifferenceCause::Layers => "layers",
        DifferenceCause::Packing => "packing",
        DifferenceCause::History => "history",
    }
}
