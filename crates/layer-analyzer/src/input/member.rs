//! What the members of an image archive that streams can hold, told by their first bytes.
//!
//! By content and not by name, because a stream holds its layers before the manifest that names
//! them, and because names lie: a `layer.tar` can be compressed.

use std::io::{self, BufRead, Cursor, Read};
use std::sync::{Arc, Mutex};

use super::blobs::Reading;
use super::bytes::Stream;
use super::compression::Compression;
use super::layer::{LayerError, ReadLayer, read_layer};
use super::tar::{self, BLOCK_BYTES};

/// What a regular file of an image archive holds.
#[derive(Debug)]
pub(super) enum Content {
    /// A document such as the manifest.
    Json(Vec<u8>),
    /// A document that is larger than one that is kept.
    LargeDocument,
    /// A layer.
    Layer {
        /// What it holds, until it is taken.
        read: Mutex<Option<ReadLayer>>,
        /// Bytes of its blob.
        size_bytes: u64,
    },
    /// Why a layer cannot be read: an archive can hold broken things that no image uses.
    Broken(Arc<LayerError>),
    /// Anything else.
    Unknown,
}

impl Content {
    /// Reads a file of an image archive to its end, as far as it is of use.
    ///
    /// # Errors
    ///
    /// The file cannot be read. That its content is broken is no error of this kind.
    pub(super) fn read(mut body: impl BufRead, reading: Reading) -> io::Result<Self> {
        let mut head = Vec::with_capacity(BLOCK_BYTES);
        body.by_ref()
            .take(BLOCK_BYTES as u64)
            .read_to_end(&mut head)?;
        let kind = Kind::of(&head);
        let mut whole = Counted {
            reader: Cursor::new(head).chain(&mut body),
            byte_count: 0,
        };
        let content = match kind {
            Kind::Layer => read_layer(Stream(&mut whole), reading).map_err(Arc::new),
            Kind::Json => return read_json(&mut whole, reading.budget.limits.document_bytes),
            Kind::Unknown => {
                io::copy(&mut whole, &mut io::sink())?;
                return Ok(Self::Unknown);
            }
        };
        // When the layer broke off because the archive does, this says so.
        io::copy(&mut whole, &mut io::sink())?;
        Ok(match content {
            Ok(layer) => Self::Layer {
                read: Mutex::new(Some(layer)),
                size_bytes: whole.byte_count,
            },
            Err(error) => Self::Broken(error),
        })
    }

    /// How many bytes of JSON are kept.
    pub(super) fn json_bytes(&self) -> u64 {
        match self {
            Self::Json(bytes) => bytes.len() as u64,
            _ => 0,
        }
    }
}

enum Kind {
    Layer,
    Json,
    Unknown,
}

impl Kind {
    fn of(head: &[u8]) -> Self {
        // No bytes, and nothing but zeros, is how an empty layer can look.
        let is_empty_tar = head.iter().all(|byte| *byte == 0);
        match head {
            _ if is_empty_tar || tar::is_header(head) => Self::Layer,
            [b'{' | b'[', ..] => Self::Json,
            _ if Compression::of(head).is_some() => Self::Layer,
            _ => Self::Unknown,
        }
    }
}

fn read_json(whole: &mut impl Read, document_bytes_max: u64) -> io::Result<Content> {
    let mut json = Vec::new();
    whole.take(document_bytes_max + 1).read_to_end(&mut json)?;
    io::copy(whole, &mut io::sink())?;
    let fits = json.len() as u64 <= document_bytes_max;
    Ok(if fits {
        Content::Json(json)
    } else {
        Content::LargeDocument
    })
}

/// A reader that knows how much was read.
struct Counted<R> {
    reader: R,
    byte_count: u64,
}

impl<R: BufRead> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        self.byte_count += count as u64;
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.reader.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.reader.consume(amount);
        self.byte_count += amount as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::super::layer_tar::Depth;
    use super::super::limits::Budget;
    use super::*;

    #[test]
    fn a_document_is_kept_up_to_four_mebibytes() {
        let (depth, budget) = (Depth::Content, &Budget::default());
        let reading = Reading { depth, budget };
        let mut document = vec![b' '; 4 << 20];
        document[0] = b'[';
        let kept = Content::read(document.as_slice(), reading).unwrap();
        assert!(matches!(kept, Content::Json(json) if json == document));
        document.push(b' ');
        let refused = Content::read(document.as_slice(), reading).unwrap();
        assert!(matches!(refused, Content::LargeDocument));
    }
}
