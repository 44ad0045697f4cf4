//! The tables of an image's paths: those that waste most, and the largest.

use common::render::Table;
use common::report::{FileChange, ImageLayers, LayerFile};
use common::units::format_bytes;

use super::layers::wasted;

/// How many of an image's largest files a table shows at least: those of a layer are all shown.
///
/// Chosen: as many as the report has of each layer by default.
const LARGEST_FILES_MIN: usize = 10;

/// The paths that are stored more often than they are seen, worst first.
pub(super) fn wasted_paths(image: &ImageLayers) -> Table {
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

/// The contents that are stored several times, those first that repeat most bytes.
pub(super) fn duplicates(image: &ImageLayers) -> Table {
    let mut table = Table::new([
        "Repeated content",
        "Repeated#",
        "Copies#",
        "Size#",
        "Layers",
    ]);
    for content in &image.duplicates {
        let layers: Vec<String> = content.layers.iter().map(u32::to_string).collect();
        let first = content.paths.first().map_or("-", String::as_str);
        table.row([
            first.into(),
            format_bytes(content.duplicate_bytes).into(),
            content.copy_count.to_string().into(),
            format_bytes(content.size_bytes).into(),
            layers.join(", ").into(),
        ]);
    }
    table
}

/// The largest files of all layers, largest first.
pub(super) fn largest_files(image: &ImageLayers) -> Table {
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
