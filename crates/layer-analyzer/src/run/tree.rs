//! `tree`: draws the files of images, or what a layer does to them.

use common::error::CommandError;
use common::exit::Exit;
use common::terminal::Printer;
use std::os::unix::ffi::OsStrExt;

use super::named::with_images;
use crate::analysis::file_tree::{
    Cut, Item, ItemKind, Mark, Row, What, file_tree, final_items, layer_items,
};
use crate::analysis::history::instructions;
use crate::cli::tree::{Order, TreeArgs};
use crate::model::entry::Special;
use crate::model::image::Image;
use crate::model::path;
use crate::render::tree::{Drawing, Line, Look, text};

/// Draws images one after the other.
///
/// # Errors
///
/// There is nothing to draw, an image cannot be read, it has no such layer or path, or standard
/// output is closed.
pub(super) fn tree(args: &TreeArgs, printer: &Printer) -> Result<Exit, CommandError> {
    with_images(&args.images, &args.image, &args.input, printer, |images| {
        for (position, (image, _)) in images.iter().enumerate() {
            if position > 0 {
                printer.print("\n")?;
            }
            let drawing = drawing(image, args)?;
            printer.print(&text(&drawing, printer.has_color()))?;
        }
        Ok(())
    })?;
    Ok(Exit::Ok)
}

fn drawing(image: &Image, args: &TreeArgs) -> Result<Drawing, CommandError> {
    let cut = Cut {
        start: path::normal(args.path.as_bytes()),
        depth: args.depth,
        min_bytes: args.min_size,
        is_by_size: args.sort == Order::Size,
    };
    let items = match args.layer {
        None => final_items(&image.layers, args.wasted),
        Some(layer) => layer_items(&image.layers, layer).ok_or_else(|| no_layer(image, layer))?,
    };
    let tree = file_tree(items, &cut).ok_or_else(|| nothing_at(image, &cut.start))?;
    let start = path::to_place(&cut.start);
    Ok(Drawing {
        title: title(image, args.layer),
        gone_title: match args.layer {
            Some(_) => Some("Removed"),
            None => args.wasted.then_some("Wasted"),
        },
        lines: tree.rows.iter().map(|row| line(row, &start)).collect(),
        directory_count: tree.directory_count,
        file_count: tree.file_count,
    })
}

fn title(image: &Image, layer: Option<u32>) -> String {
    let Some(layer) = layer else {
        return image.name.clone();
    };
    let mut instructions = instructions(&image.history, image.layers.len());
    let instruction = instructions.get_mut(layer as usize).and_then(Option::take);
    let first_line = instruction.as_deref().and_then(|text| text.lines().next());
    let instruction = first_line.map(|text| format!(": {text}"));
    format!(
        "{}, layer {layer}{}",
        image.name,
        instruction.unwrap_or_default()
    )
}

fn no_layer(image: &Image, layer: u32) -> CommandError {
    let (name, count) = (&image.name, image.layers.len());
    CommandError::usage(format!(
        "`{name}` has no layer {layer}, but {count}, counted from 0"
    ))
}

fn nothing_at(image: &Image, start: &[u8]) -> CommandError {
    let (name, start) = (&image.name, path::to_place(start));
    CommandError::usage(format!(
        "there is nothing at `{start}` in what is shown of `{name}`"
    ))
}

fn line(row: &Row, start: &str) -> Line {
    let (look, name, note) = match &row.what {
        What::Omitted(count) => (Look::Omitted, format!("… {count} more"), None),
        What::Named(name, item) => {
            let name = match row.depth {
                0 => start.to_owned(),
                _ => path::to_text(name),
            };
            let is_directory = item
                .as_ref()
                .is_none_or(|item| item.kind == ItemKind::Directory);
            let slash = if is_directory && name != "/" { "/" } else { "" };
            let look = item.as_ref().map_or(Look::Directory, |item| look(item));
            (look, format!("{name}{slash}"), item.as_ref().and_then(note))
        }
    };
    Line {
        depth: row.depth,
        is_last: row.is_last,
        size_bytes: row.size_bytes,
        gone_bytes: row.gone_bytes,
        look,
        name,
        note,
    }
}

fn look(item: &Item) -> Look {
    match item.mark {
        Mark::None if item.kind == ItemKind::Directory => Look::Directory,
        Mark::None => Look::Plain,
        Mark::Added => Look::Added,
        Mark::Modified => Look::Modified,
        Mark::Removed | Mark::Gone { .. } => Look::Gone,
    }
}

fn note(item: &Item) -> Option<String> {
    if let Mark::Gone { stored_in, gone_in } = item.mark {
        return Some(format!("(of layer {stored_in}, gone in layer {gone_in})"));
    }
    Some(match &item.kind {
        ItemKind::File | ItemKind::Directory => return None,
        ItemKind::Symlink(target) => format!("-> {}", path::to_text(target)),
        ItemKind::FurtherName(first) => format!("= {}", path::to_text(first)),
        ItemKind::Special(Special::CharDevice { major, minor }) => {
            format!("(character device {major}:{minor})")
        }
        ItemKind::Special(Special::BlockDevice { major, minor }) => {
            format!("(block device {major}:{minor})")
        }
        ItemKind::Special(Special::Fifo) => "(pipe)".to_owned(),
    })
}
