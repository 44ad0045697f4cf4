//! Writes down the entries of layers one by one, as `common::report` has them.

use common::report::{LayerEntryChange, LayerEntryKind, LayerFileEntry, Location};
use common::units::format_timestamp;
use std::borrow::Cow;

use crate::analysis::fate::{Change, Fate, fates};
use crate::analysis::history::instructions;
use crate::analysis::origin::{Origin, origins};
use crate::model::build::ImageOrigin;
use crate::model::entry::{ContentDigest, Entry, EntryKind, FileContent, Special};
use crate::model::path::{to_place, to_text};

/// All entries of an image, layer by layer in the archives' order.
pub(crate) fn layer_file_entries<'a>(
    (image, target): &'a ImageOrigin<'_>,
) -> impl Iterator<Item = LayerFileEntry<'a>> {
    let count = image.layers.len();
    let origins = match target {
        Some(target) => origins(target, &image.history, count),
        None => vec![None; count],
    };
    let told = instructions(&image.history, count).into_iter().zip(origins);
    let fated = image.layers.iter().zip(fates(&image.layers));
    let layers = (0..).zip(told.zip(fated));
    layers.flat_map(move |(index, ((instruction, origin), (layer, fates)))| {
        let entries = layer.entries.iter().zip(fates);
        entries.map(move |(entry, fate)| LayerFileEntry {
            image: image.name.as_str().into(),
            layer: index,
            instruction: instruction.clone().map(Cow::Owned),
            stage: origin.as_ref().map(|origin| origin.stage.into()),
            location: origin.as_ref().map(location),
            ..line(entry, fate)
        })
    })
}

fn location(origin: &Origin) -> Location {
    Location {
        path: origin.path.to_owned(),
        line: origin.line,
    }
}

/// What the entry itself tells.
fn line(entry: &Entry, fate: Fate) -> LayerFileEntry<'_> {
    let is_marker = matches!(entry.kind, EntryKind::Whiteout | EntryKind::Opaque);
    let metadata = (!is_marker).then_some(&entry.metadata);
    let content = match entry.kind {
        EntryKind::File(content) => content,
        _ => FileContent::default(),
    };
    LayerFileEntry {
        image: "".into(),
        layer: 0,
        path: to_place(&entry.path),
        kind: kind(&entry.kind),
        change: change(fate.change),
        visible: !is_marker && fate.gone_in.is_none(),
        gone_in_layer: fate.gone_in,
        size_bytes: content.size_bytes,
        logical_bytes: content.logical_bytes,
        mode: metadata.map(|metadata| format!("{:04o}", metadata.mode)),
        user_id: metadata.map(|metadata| metadata.user_id),
        group_id: metadata.map(|metadata| metadata.group_id),
        mtime: metadata.and_then(|m| format_timestamp(m.mtime_s, m.mtime_ns)),
        target: match &entry.kind {
            EntryKind::HardLink { target } => Some(to_place(target)),
            EntryKind::Symlink { target } => Some(to_text(target).into()),
            _ => None,
        },
        blake3: content.digest.as_ref().map(hexadecimal),
        instruction: None,
        stage: None,
        location: None,
    }
}

fn kind(kind: &EntryKind) -> LayerEntryKind {
    match kind {
        EntryKind::File(_) => LayerEntryKind::File,
        EntryKind::HardLink { .. } => LayerEntryKind::HardLink,
        EntryKind::Directory => LayerEntryKind::Directory,
        EntryKind::Symlink { .. } => LayerEntryKind::Symlink,
        EntryKind::Special(Special::CharDevice { .. }) => LayerEntryKind::CharDevice,
        EntryKind::Special(Special::BlockDevice { .. }) => LayerEntryKind::BlockDevice,
        EntryKind::Special(Special::Fifo) => LayerEntryKind::Pipe,
        EntryKind::Whiteout => LayerEntryKind::Whiteout,
        EntryKind::Opaque => LayerEntryKind::Opaque,
    }
}

fn change(change: Change) -> LayerEntryChange {
    match change {
        Change::Added => LayerEntryChange::Added,
        Change::Modified => LayerEntryChange::Modified,
        Change::Unchanged => LayerEntryChange::Unchanged,
        Change::Removed => LayerEntryChange::Removed,
        Change::RemovedNothing => LayerEntryChange::RemovedNothing,
    }
}

fn hexadecimal(digest: &ContentDigest) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| char::from(DIGITS[usize::from(value)]);
    let digits = digest.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_written_in_hexadecimal() {
        let mut digest = [0; 32];
        (digest[0], digest[31]) = (0x0f, 0xa1);
        assert_eq!(hexadecimal(&digest), format!("0f{}a1", "0".repeat(60)));
    }
}
