//! A treemap as a drawing and, for those who cannot see it, as a list of the same areas.

mod place;

use super::escape::escape;
use super::squarify::Rectangle;
use crate::render::Treemap;
use crate::units::format_bytes;
use place::{Placed, place};

/// The drawing's own units; it is as wide as the page.
const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 540.0;

/// How many colours there are: classes `g0` and so on in the style.
const COLORS: usize = 6;

/// How wide a character is taken for, generously, and how high a line, at the style's 11 units.
const CHAR_WIDTH: f64 = 7.0;
const LINE_HEIGHT: f64 = 14.0;

/// Writes a treemap with its title, its drawing and its list.
pub(super) fn write(treemap: &Treemap, id: &str) -> String {
    let space = Rectangle {
        x: 0.0,
        y: 0.0,
        width: WIDTH,
        height: HEIGHT,
    };
    let root = place(&treemap.root, space);
    let hatching = &treemap.hatching;
    let drawing: Vec<String> = (0..)
        .zip(&root.children)
        .map(|(index, tile)| {
            let drawn = draw(tile, &root.label, hatching);
            format!("<g class=\"g{}\">{drawn}</g>\n", index % COLORS)
        })
        .collect();
    let title = escape(&treemap.title);
    format!(
        "<figure id=\"{id}\">\n<figcaption>{title}. Areas are bytes; <svg class=\"swatch\" \
        aria-hidden=\"true\"><rect class=\"hatched\" width=\"100%\" height=\"100%\"/></svg> is {}.\
        </figcaption>\n<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{title} ({}); \
        the list below says the same\">\n{}</svg>\n<details><summary>The same as a list\
        </summary>{}</details>\n</figure>\n",
        escape(hatching),
        said(&root, hatching),
        drawing.concat(),
        list(&root, hatching)
    )
}

/// What an area is, in words.
fn said(tile: &Placed, hatching: &str) -> String {
    let label = escape(&tile.label);
    let size = format_bytes(tile.size_bytes);
    match tile.hatched_bytes {
        0 => format!("{label}: {size}"),
        bytes => format!(
            "{label}: {size}, {} {}",
            format_bytes(bytes),
            escape(hatching)
        ),
    }
}

fn draw(tile: &Placed, parent: &str, hatching: &str) -> String {
    let strip = Some(tile).filter(|tile| tile.children.is_empty() && tile.hatched_bytes > 0);
    let text = fitting(shortened(&tile.label, parent), tile.space);
    let children = tile.children.iter();
    let children: Vec<String> = children
        .map(|child| draw(child, &tile.label, hatching))
        .collect();
    format!(
        "<g><title>{}</title>{}{}{}{}</g>",
        said(tile, hatching),
        rectangle("tile", tile.space),
        strip.map_or_else(String::new, hatched_strip),
        text.filter(|_| tile.has_line())
            .map_or_else(String::new, |text| write_text(&text, tile.space)),
        children.concat()
    )
}

/// The hatched part of a tile, along its lower edge.
fn hatched_strip(tile: &Placed) -> String {
    let share = tile.hatched_bytes as f64 / tile.size_bytes.max(1) as f64;
    let height = tile.space.height * share.min(1.0);
    let strip = Rectangle {
        y: tile.space.y + tile.space.height - height,
        height,
        ..tile.space
    };
    rectangle("hatched", strip)
}

fn write_text(text: &str, space: Rectangle) -> String {
    format!(
        "<text x=\"{:.1}\" y=\"{:.1}\">{}</text>",
        space.x + 4.0,
        space.y + 11.5,
        escape(text)
    )
}

fn rectangle(class: &str, space: Rectangle) -> String {
    format!(
        "<rect class=\"{class}\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\"/>",
        space.x, space.y, space.width, space.height
    )
}

/// A label without the start that it shares with its parent's.
fn shortened<'a>(label: &'a str, parent: &str) -> &'a str {
    let below = label.strip_prefix(parent);
    let below = below.and_then(|rest| rest.strip_prefix('/'));
    below.filter(|rest| !rest.is_empty()).unwrap_or(label)
}

/// As much of a text as fits into one line of `space`. `None` when that tells nothing.
fn fitting(text: &str, space: Rectangle) -> Option<String> {
    let width = |c: char| {
        if c.is_ascii() {
            CHAR_WIDTH
        } else {
            2.0 * CHAR_WIDTH
        }
    };
    let mut left = space.width - 8.0;
    if space.height < LINE_HEIGHT {
        return None;
    }
    let mut fitting = String::new();
    for c in text.chars() {
        left -= width(c);
        if left < 0.0 {
            fitting.pop();
            fitting.push('…');
            break;
        }
        fitting.push(c);
    }
    (fitting.chars().count() > 2 || fitting == text).then_some(fitting)
}

/// The children as a list, with theirs.
fn list(tile: &Placed, hatching: &str) -> String {
    if tile.children.is_empty() {
        return String::new();
    }
    let items: Vec<String> = tile
        .children
        .iter()
        .map(|child| {
            format!(
                "<li>{}{}</li>\n",
                said(child, hatching),
                list(child, hatching)
            )
        })
        .collect();
    format!("\n<ul>\n{}</ul>\n", items.concat())
}

#[cfg(test)]
mod tests;
