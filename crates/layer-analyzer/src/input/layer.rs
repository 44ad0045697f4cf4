//! Reads the blob of a layer: finds out its compression, digests it on both sides, and lists what
//! its archive holds.

use std::io::{self, BufReader, Read};

use super::blobs::Reading;
use super::bytes::{Bytes, Digested, Stream};
use super::compression::{Compression, Decoder, Format};
use super::estargz::{self, Tail};
use super::layer_tar::{Depth, LayerEntries, read_entries};
use super::limits::LimitError;
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

/// Why a layer cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LayerError {
    #[error(transparent)]
    Tar(#[from] TarError),
    #[error("it is compressed with {compression}, which is not read")]
    Compressed { compression: &'static str },
    #[error(transparent)]
    Limit(#[from] LimitError),
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
/// The blob is cut off, malformed or compressed in a way that is not known, holds more entries than
/// are kept, or cannot be read.
pub(crate) fn read_layer<R: Bytes>(
    mut reader: R,
    reading: Reading,
) -> Result<ReadLayer, LayerError> {
    let head = reader.fill_buf().map_err(|source| read_error(0, source))?;
    match (Compression::of(head), reading.depth) {
        (None, Depth::Structure) => {
            let (entries, _) = read_entries(reader, reading)?;
            Ok(structure(entries, None))
        }
        (None, Depth::Content) => {
            let (entries, reader) = read_entries(buffered(Digested::new(reader)), reading)?;
            let (diff_id, _) = reader.0.into_inner().finish();
            Ok(ReadLayer {
                entries,
                digest: Some(diff_id.clone()),
                diff_id: Some(diff_id),
                compression: None,
            })
        }
        (Some(Compression::Read(format)), Depth::Structure) => {
            read_compressed_structure(format, reader, reading)
        }
        (Some(Compression::Read(format)), Depth::Content) => {
            read_compressed_content(format, reader, reading)
        }
        (Some(Compression::Unread(compression)), _) => Err(LayerError::Compressed { compression }),
    }
}

fn read_compressed_structure<R: Bytes>(
    format: Format,
    reader: R,
    reading: Reading,
) -> Result<ReadLayer, LayerError> {
    let compressed = BufReader::with_capacity(BUFFER_BYTES, Tail::new(reader));
    let decoder = Decoder::new(format, compressed).map_err(|source| read_error(0, source))?;
    let (mut entries, reader) = read_entries(buffered(decoder), reading)?;
    if format == Format::Gzip && estargz::has_own_names(&entries.entries) {
        let mut compressed = reader.0.into_inner().into_inner();
        read_to_end(&mut compressed)?;
        if compressed.get_ref().is_estargz() {
            estargz::remove_own(&mut entries);
        }
    }
    Ok(structure(entries, Some(format.name())))
}

fn read_compressed_content<R: Bytes>(
    format: Format,
    reader: R,
    reading: Reading,
) -> Result<ReadLayer, LayerError> {
    let digested = Digested::new(Tail::new(reader));
    let compressed = BufReader::with_capacity(BUFFER_BYTES, digested);
    let decoder = Decoder::new(format, compressed).map_err(|source| read_error(0, source))?;
    let (mut entries, reader) = read_entries(buffered(Digested::new(decoder)), reading)?;
    let (diff_id, decoder) = reader.0.into_inner().finish();
    let mut compressed = decoder.into_inner();
    read_to_end(&mut compressed)?;
    let (digest, tail) = compressed.into_inner().finish();
    if format == Format::Gzip && tail.is_estargz() {
        estargz::remove_own(&mut entries);
    }
    Ok(ReadLayer {
        entries,
        diff_id: Some(diff_id),
        digest: Some(digest),
        compression: Some(format.name()),
    })
}

fn structure(entries: LayerEntries, compression: Option<&'static str>) -> ReadLayer {
    ReadLayer {
        entries,
        diff_id: None,
        digest: None,
        compression,
    }
}

fn buffered<R: Read>(reader: R) -> Stream<BufReader<R>> {
    Stream(BufReader::with_capacity(BUFFER_BYTES, reader))
}

fn read_to_end(reader: &mut impl Read) -> Result<(), TarError> {
    // How far the archive had got is of no help where the rest of the blob cannot be read.
    let result = io::copy(reader, &mut io::sink());
    result.map(drop).map_err(|source| read_error(0, source))
}

fn read_error(offset: u64, source: io::Error) -> TarError {
    TarError::Read { offset, source }
}

#[cfg(test)]
mod tests;
