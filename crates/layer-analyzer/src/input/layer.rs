//! Reads the blob of a layer: finds out its compression, digests it on both sides, and lists what
//! its archive holds.

use flate2::bufread::MultiGzDecoder;
use std::io::{self, BufReader, Read};

use super::bytes::{Bytes, Digested, Stream};
use super::layer_tar::{Depth, LayerEntries, read_entries};
use super::tar::TarError;
use crate::model::image::{Blob, Layer};

/// Chosen: large enough that digests are not fed by the header, small beside a layer's entries.
const BUFFER_BYTES: usize = 128 * 1024;

/// What a layer's blob holds, and the digests that its bytes have.
#[derive(Debug)]
pub(crate) struct ReadLayer {
    entries: LayerEntries,
    /// Digest of the uncompressed archive. `None` when only the structure was read.
    pub(crate) diff_id: Option<String>,
    /// Digest of the blob. `None` when only the structure was read.
    pub(crate) digest: Option<String>,
    /// How the blob is compressed.
    pub(crate) compression: Option<&'static str>,
}

impl ReadLayer {
    /// The layer, once it is known that its digests are those that it should have; `blob_bytes` is
    /// the size of its blob.
    pub(crate) fn into_layer(self, diff_id: String, blob_bytes: u64) -> Layer {
        let blob = Blob {
            digest: self.digest.filter(|_| self.compression.is_some()),
            size_bytes: blob_bytes,
            compression: self.compression,
        };
        Layer {
            is_verified: self.diff_id.is_some(),
            diff_id,
            blob,
            entries: self.entries.entries,
            marks: self.entries.marks,
            nameless_whiteouts: self.entries.nameless_whiteouts,
        }
    }
}

/// Reads the blob of a layer, to its end where its content is wanted.
///
/// # Errors
///
/// The blob is cut off, malformed or compressed in a way that is not known, or cannot be read.
pub(crate) fn read_layer<R: Bytes>(mut reader: R, depth: Depth) -> Result<ReadLayer, TarError> {
    let head = reader
        .fill_buf()
        .map_err(|source| TarError::Read { offset: 0, source })?;
    match (is_gzip(head), depth) {
        (false, Depth::Structure) => {
            let (entries, _) = read_entries(reader, depth)?;
            Ok(structure(entries, None))
        }
        (true, Depth::Structure) => {
            let uncompressed = buffered(MultiGzDecoder::new(reader));
            let (entries, _) = read_entries(uncompressed, depth)?;
            Ok(structure(entries, Some("gzip")))
        }
        (false, Depth::Content) => {
            let (entries, reader) = read_entries(buffered(Digested::new(reader)), depth)?;
            let (diff_id, _) = reader.0.into_inner().finish();
            Ok(ReadLayer {
                entries,
                digest: Some(diff_id.clone()),
                diff_id: Some(diff_id),
                compression: None,
            })
        }
        (true, Depth::Content) => {
            let compressed = BufReader::with_capacity(BUFFER_BYTES, Digested::new(reader));
            let uncompressed = Digested::new(MultiGzDecoder::new(compressed));
            let (entries, reader) = read_entries(buffered(uncompressed), depth)?;
            let (diff_id, decoder) = reader.0.into_inner().finish();
            let digest = digest_to_end(decoder.into_inner())?;
            Ok(ReadLayer {
                entries,
                diff_id: Some(diff_id),
                digest: Some(digest),
                compression: Some("gzip"),
            })
        }
    }
}

fn structure(entries: LayerEntries, compression: Option<&'static str>) -> ReadLayer {
    ReadLayer {
        entries,
        diff_id: None,
        digest: None,
        compression,
    }
}

fn is_gzip(head: &[u8]) -> bool {
    head.starts_with(&[0x1f, 0x8b])
}

fn buffered<R: Read>(reader: R) -> Stream<BufReader<R>> {
    Stream(BufReader::with_capacity(BUFFER_BYTES, reader))
}

fn digest_to_end<R: Read>(mut reader: BufReader<Digested<R>>) -> Result<String, TarError> {
    let offset = reader.get_ref().byte_count();
    io::copy(&mut reader, &mut io::sink()).map_err(|source| TarError::Read { offset, source })?;
    Ok(reader.into_inner().finish().0)
}
