//! What eStargz adds to a layer for its own use, which are no files of the image.
//!
//! Source: containerd/stargz-snapshotter `docs/estargz.md`, sections "Footer" and "Landmark entries".

use std::io::{self, Read};

use super::layer_tar::LayerEntries;
use crate::model::entry::Entry;

/// The names of entries at the root that are for whoever pulls the layer lazily.
const OWN_NAMES: [&[u8]; 3] = [
    b"stargz.index.json",
    b".prefetch.landmark",
    b".no.prefetch.landmark",
];

/// How long the footer is: an empty gzip member with an extra field.
const FOOTER_BYTES: usize = 51;

/// How a footer starts: a gzip header whose extra field is 26 bytes, of subfield `SG` with 22.
const FOOTER_START: [u8; 4] = [0x1f, 0x8b, 8, 4];
const FOOTER_EXTRA: [u8; 6] = [26, 0, b'S', b'G', 22, 0];
const FOOTER_MAGIC: &[u8] = b"STARGZ";

/// Whether some entry could be eStargz's own: only the footer tells.
pub(super) fn has_own_names(entries: &[Entry]) -> bool {
    entries.iter().any(is_own)
}

/// Takes out the entries that are eStargz's own, and what was noticed in them.
pub(super) fn remove_own(layer: &mut LayerEntries) {
    let indexed = layer.entries.iter().enumerate();
    let own = indexed.filter(|(_, entry)| is_own(entry));
    let own: Vec<usize> = own.map(|(index, _)| index).collect();
    layer.entries.retain(|entry| !is_own(entry));
    layer.marks.retain_mut(|mark| {
        let place = own.binary_search(&mark.entry);
        mark.entry -= place.unwrap_or_else(|before| before);
        place.is_err()
    });
}

fn is_own(entry: &Entry) -> bool {
    OWN_NAMES.contains(&&*entry.path)
}

/// A reader that remembers the last bytes, as many as a footer has.
#[derive(Debug)]
pub(super) struct Tail<R> {
    reader: R,
    last: Vec<u8>,
}

impl<R> Tail<R> {
    pub(super) fn new(reader: R) -> Self {
        Self {
            reader,
            last: Vec::with_capacity(2 * FOOTER_BYTES),
        }
    }

    /// Whether what was read ends with a footer.
    pub(super) fn is_estargz(&self) -> bool {
        let footer = self.last.last_chunk::<FOOTER_BYTES>();
        footer.is_some_and(|footer| {
            footer.starts_with(&FOOTER_START)
                && footer[10..].starts_with(&FOOTER_EXTRA)
                && footer[32..].starts_with(FOOTER_MAGIC)
        })
    }
}

impl<R: Read> Read for Tail<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        let read = &buffer[..count];
        let new = &read[count.saturating_sub(FOOTER_BYTES)..];
        let surplus = (self.last.len() + new.len()).saturating_sub(FOOTER_BYTES);
        self.last.drain(..surplus);
        self.last.extend_from_slice(new);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::mark::{Mark, MarkKind};

    #[test]
    fn what_was_noticed_stays_with_its_file() {
        let mark = |entry| Mark {
            entry,
            kind: MarkKind::CoreDump,
        };
        let paths = [".prefetch.landmark", "a", "stargz.index.json", "b"];
        let mut layer = LayerEntries {
            entries: paths.map(|path| Entry::file(path, 1)).to_vec(),
            marks: [0, 1, 2, 3].map(mark).to_vec(),
            ..LayerEntries::default()
        };
        remove_own(&mut layer);
        assert_eq!(layer.entries, ["a", "b"].map(|path| Entry::file(path, 1)));
        assert_eq!(layer.marks, [0, 1].map(mark));
    }
}
