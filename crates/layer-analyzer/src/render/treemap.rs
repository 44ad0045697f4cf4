//! An image as areas: its layers, in them their largest directories, in these their largest files.

use common::render::{Tile, Treemap};
use common::report::{ImageLayers, Layer};
use std::collections::HashMap;

use super::layers::cut;

/// How many directories are drawn within one another at most.
///
/// Chosen: reports list no deeper ones; one that was not written by this tool may.
const NESTING_MAX: usize = 8;

/// What takes up the space of an image, and what of it is wasted.
pub(super) fn treemap(image: &ImageLayers) -> Treemap {
    Treemap {
        title: format!("What takes up space in the layers of {}", image.name),
        hatching: "wasted".to_owned(),
        root: Tile {
            label: image.name.clone(),
            size_bytes: image.size_bytes,
            hatched_bytes: image.wasted_bytes,
            children: image.layers.iter().map(layer_tile).collect(),
        },
    }
}

fn layer_tile(layer: &Layer) -> Tile {
    let label = match &layer.instruction {
        Some(instruction) => format!("layer {}: {}", layer.index, cut(instruction)),
        None => format!("layer {}", layer.index),
    };
    Tile {
        label,
        size_bytes: layer.size_bytes,
        hatched_bytes: layer.wasted_bytes,
        children: directory_tiles(layer),
    }
}

/// The layer's directories and files, each within the lowest of the directories that it is in.
fn directory_tiles(layer: &Layer) -> Vec<Tile> {
    let directories = layer.directories.iter();
    let directories = directories.map(|it| tile(&it.path, it.size_bytes, it.wasted_bytes));
    let files = layer.largest_files.iter().map(|file| {
        let wasted_bytes = if file.wasted { file.size_bytes } else { 0 };
        tile(&file.path, file.size_bytes, wasted_bytes)
    });
    let listed = layer.directories.iter();
    let indices: HashMap<&str, usize> = (0..).zip(listed).map(|(i, it)| (&*it.path, i)).collect();
    let mut tiles: Vec<Tile> = directories.chain(files).collect();
    let parents: Vec<Option<usize>> = tiles
        .iter()
        .map(|tile| {
            above(&tile.label)
                .rev()
                .find_map(|path| indices.get(path).copied())
        })
        .collect();
    // The lowest first, so that each is whole when it is put into the one above.
    let mut order: Vec<usize> = (0..tiles.len()).collect();
    order.sort_by_key(|index| std::cmp::Reverse(tiles[*index].label.len()));
    let mut top = Vec::new();
    for index in order {
        let tile = std::mem::take(&mut tiles[index]);
        match parents[index] {
            Some(parent) => tiles[parent].children.push(tile),
            None => top.push(tile),
        }
    }
    top
}

fn tile(path: &str, size_bytes: u64, hatched_bytes: u64) -> Tile {
    Tile {
        label: path.to_owned(),
        size_bytes,
        hatched_bytes,
        children: Vec::new(),
    }
}

/// The directories that a path is in, highest first.
fn above(path: &str) -> impl DoubleEndedIterator<Item = &str> {
    let ends: Vec<usize> = path
        .match_indices('/')
        .map(|(index, _)| index)
        .take(NESTING_MAX)
        .collect();
    ends.into_iter().map(|end| &path[..end])
}

#[cfg(test)]
mod tests {
    use common::report::{DirectorySize, FileChange, LayerFile};

    use super::*;

    fn directory(path: &str, size_bytes: u64, wasted_bytes: u64) -> DirectorySize {
        DirectorySize {
            path: path.to_owned(),
            size_bytes,
            wasted_bytes,
            file_count: 1,
        }
    }

    fn file(path: &str, size_bytes: u64, wasted: bool) -> LayerFile {
        LayerFile {
            path: path.to_owned(),
            size_bytes,
            change: FileChange::Added,
            wasted,
        }
    }

    fn inner(path: &str, size_bytes: u64, hatched_bytes: u64, children: Vec<Tile>) -> Tile {
        Tile {
            children,
            ..tile(path, size_bytes, hatched_bytes)
        }
    }

    #[test]
    fn files_are_in_directories_and_these_in_their_layer() {
        let layer = Layer {
            index: 3,
            instruction: Some("RUN a\nb".to_owned()),
            size_bytes: 100,
            wasted_bytes: 30,
            directories: vec![
                directory("usr", 90, 30),
                directory("usr/lib", 70, 30),
                directory("usr-x", 5, 0),
            ],
            largest_files: vec![
                file("usr/lib/a/b.so", 30, true),
                file("usr/c", 20, false),
                file("root", 5, false),
            ],
            ..Layer::default()
        };
        let library = inner("usr/lib", 70, 30, vec![tile("usr/lib/a/b.so", 30, 30)]);
        let expected = Tile {
            label: "layer 3: RUN a…".to_owned(),
            size_bytes: 100,
            hatched_bytes: 30,
            children: vec![
                tile("usr-x", 5, 0),
                tile("root", 5, 0),
                inner("usr", 90, 30, vec![library, tile("usr/c", 20, 0)]),
            ],
        };
        assert_eq!(layer_tile(&layer), expected);
    }

    #[test]
    fn a_report_cannot_nest_more_deeply_than_can_be_drawn() {
        let path = "a/".repeat(50_000);
        let depths = (1..50_000).map(|depth| &path[..depth * 2 - 1]);
        let layer = Layer {
            directories: depths.take(2_000).map(|it| directory(it, 1, 0)).collect(),
            ..Layer::default()
        };
        let mut depth = 0;
        let mut tiles = directory_tiles(&layer);
        while let Some(tile) = tiles.pop() {
            depth += 1;
            tiles = tile.children;
        }
        assert_eq!(depth, NESTING_MAX + 1);
    }
}
