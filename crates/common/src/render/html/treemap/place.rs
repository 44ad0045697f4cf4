//! Where each area of a treemap is, and which are too small to be seen.

use std::borrow::Cow;

use crate::render::Tile;
use crate::render::html::squarify::{Rectangle, squarify};

/// The smallest area that is drawn by itself, in square units of the drawing.
///
/// Chosen: about 7 by 7, which can still be pointed at.
const AREA_MIN: f64 = 50.0;

/// How far children stay from their parent's edge.
const MARGIN: f64 = 1.5;

/// The height of the line with a parent's label.
const HEADER_HEIGHT: f64 = 14.0;

/// The least height and width at which a parent has its label; below it, its children have it all.
const HEADER_SPACE_MIN: f64 = 34.0;

/// An area and where it is.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Placed {
    pub(super) label: String,
    pub(super) size_bytes: u64,
    pub(super) hatched_bytes: u64,
    pub(super) space: Rectangle,
    /// Largest first; last, what is too small or has no tile.
    pub(super) children: Vec<Placed>,
}

impl Placed {
    /// Whether nothing is drawn over its first line.
    pub(super) fn has_line(&self) -> bool {
        self.children.is_empty() || has_header(self.space)
    }
}

/// Gives `space` to the children of `root`, and theirs to their children, as far as they can be
/// seen.
pub(super) fn place(root: &Tile, space: Rectangle) -> Placed {
    fill(root, space, space)
}

/// A tile in `space`, whose children are in the part of it that is `inside`.
fn fill(tile: &Tile, space: Rectangle, inside: Rectangle) -> Placed {
    let parts = parts(tile, inside.area());
    let sizes: Vec<f64> = parts.iter().map(|part| part.size_bytes as f64).collect();
    let spaces = squarify(&sizes, inside);
    let children = parts.iter().zip(spaces);
    Placed {
        label: tile.label.clone(),
        size_bytes: tile.size_bytes,
        hatched_bytes: tile.hatched_bytes,
        space,
        children: children
            .map(|(part, space)| fill(part, space, inside_of(space)))
            .collect(),
    }
}

/// The children that can be seen in this area, largest first, and one tile for all else. None when
/// no child can be seen.
fn parts(tile: &Tile, area: f64) -> Vec<Cow<'_, Tile>> {
    let mut children: Vec<&Tile> = tile.children.iter().collect();
    children.sort_by(|a, b| (b.size_bytes, &a.label).cmp(&(a.size_bytes, &b.label)));
    let known_bytes = sum(&children, |child| child.size_bytes);
    let total_bytes = known_bytes.max(tile.size_bytes);
    let is_seen = |child: &&Tile| {
        child.size_bytes > 0 && child.size_bytes as f64 / total_bytes as f64 * area >= AREA_MIN
    };
    let seen_count = children.partition_point(is_seen);
    let (seen, small) = children.split_at(seen_count);
    if seen.is_empty() {
        return Vec::new();
    }
    let mut parts: Vec<Cow<Tile>> = seen.iter().map(|child| Cow::Borrowed(*child)).collect();
    let size_bytes = total_bytes - sum(seen, |child| child.size_bytes);
    if size_bytes > 0 {
        let hatched = sum(seen, |child| child.hatched_bytes);
        parts.push(Cow::Owned(Tile {
            // What has no tile at all cannot be counted.
            label: if total_bytes == known_bytes {
                format!("{} more", small.len())
            } else {
                "all else".to_owned()
            },
            size_bytes,
            hatched_bytes: tile.hatched_bytes.saturating_sub(hatched).min(size_bytes),
            children: Vec::new(),
        }));
    }
    parts
}

fn sum(tiles: &[&Tile], bytes: impl Fn(&Tile) -> u64) -> u64 {
    tiles
        .iter()
        .fold(0, |sum: u64, tile| sum.saturating_add(bytes(tile)))
}

fn has_header(space: Rectangle) -> bool {
    space.width >= HEADER_SPACE_MIN && space.height >= HEADER_SPACE_MIN
}

/// What a tile in `space` has for its children.
fn inside_of(space: Rectangle) -> Rectangle {
    let top = if has_header(space) {
        HEADER_HEIGHT
    } else {
        MARGIN
    };
    Rectangle {
        x: space.x + MARGIN,
        y: space.y + top,
        width: (space.width - 2.0 * MARGIN).max(0.0),
        height: (space.height - top - MARGIN).max(0.0),
    }
}
