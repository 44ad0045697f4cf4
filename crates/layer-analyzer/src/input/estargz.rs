//! What eStargz adds to a layer for its own use, which are no files of the image.
//!
//! Source: containerd/stargz-snapshotter `docs/estargz.md`, sections "Footer" and "Landmark entries".

use std::io::{self, Read};

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

/// Takes out the entries that are eStargz's own.
pub(super) fn remove_own(entries: &mut Vec<Entry>) {
    entries.retain(|entry| !is_own(entry));
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
