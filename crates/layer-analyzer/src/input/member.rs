//! What the members of an image archive can hold, told by their first bytes.
//!
//! By content and not by name, because a stream holds its layers before the manifest that names
//! them, and because names lie: a `layer.tar` can be compressed.

use std::io::{self, BufReader, Cursor, Read};
use std::sync::Arc;

use super::bytes::Stream;
use super::layer::read_layer;
use super::layer_tar::Depth;
use super::tar::{self, BLOCK_BYTES, TarError};
use crate::model::image::Layer;

/// The largest JSON document that is kept.
///
/// Chosen: containerd and Docker refuse manifests above 4 MiB; configurations are smaller.
pub(super) const DOCUMENT_BYTES_MAX: u64 = 4 << 20;

/// What a regular file of an image archive holds.
#[derive(Debug)]
pub(super) enum Content {
    /// A document such as the manifest.
    Json(Vec<u8>),
    /// A document that is larger than one that is kept.
    LargeDocument,
    /// A layer, or why it cannot be read: an archive can hold broken things that no image uses.
    Layer(Result<Arc<Layer>, Arc<TarError>>),
    /// A layer compressed in a way that is not read.
    Compressed(&'static str),
    /// Anything else.
    Unknown,
}

impl Content {
    /// Reads a file of an image archive to its end, as far as it is of use.
    ///
    /// # Errors
    ///
    /// The file cannot be read. That its content is broken is no error of this kind.
    pub(super) fn read(mut body: impl Read) -> io::Result<Self> {
        let mut head = Vec::with_capacity(BLOCK_BYTES);
        body.by_ref()
            .take(BLOCK_BYTES as u64)
            .read_to_end(&mut head)?;
        let kind = Kind::of(&head);
        let whole = Cursor::new(head).chain(&mut body);
        let content = match kind {
            Kind::Tar | Kind::Gzip => Self::layer(whole),
            Kind::Json => read_json(whole)?,
            Kind::Compressed(name) => Self::Compressed(name),
            Kind::Unknown => Self::Unknown,
        };
        // When the layer broke off because the archive does, this says so.
        io::copy(&mut body, &mut io::sink())?;
        Ok(content)
    }

    fn layer(blob: impl Read) -> Self {
        let blob = Stream(BufReader::new(blob));
        let layer = read_layer(blob, Depth::Content).map(|read| {
            let diff_id = read.diff_id.clone().unwrap_or_default();
            Arc::new(read.into_layer(diff_id, 0))
        });
        Self::Layer(layer.map_err(Arc::new))
    }
}

enum Kind {
    Tar,
    Gzip,
    Json,
    Compressed(&'static str),
    Unknown,
}

impl Kind {
    fn of(head: &[u8]) -> Self {
        // No bytes, and nothing but zeros, is how an empty layer can look.
        let is_empty_tar = head.iter().all(|byte| *byte == 0);
        match head {
            _ if is_empty_tar || tar::is_header(head) => Self::Tar,
            [b'{' | b'[', ..] => Self::Json,
            [0x1f, 0x8b, ..] => Self::Gzip,
            _ => unread_compression(head).map_or(Self::Unknown, Self::Compressed),
        }
    }
}

/// The name of a compression that is known, by the first bytes, but not read.
pub(super) fn unread_compression(head: &[u8]) -> Option<&'static str> {
    match head {
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Some("zstd"),
        [b'B', b'Z', b'h', ..] => Some("bzip2"),
        [0xfd, b'7', b'z', b'X', b'Z', ..] => Some("xz"),
        _ => None,
    }
}

fn read_json(whole: impl Read) -> io::Result<Content> {
    let mut json = Vec::new();
    whole.take(DOCUMENT_BYTES_MAX + 1).read_to_end(&mut json)?;
    let fits = json.len() as u64 <= DOCUMENT_BYTES_MAX;
    Ok(if fits {
        Content::Json(json)
    } else {
        Content::LargeDocument
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_kept_up_to_four_mebibytes() {
        let mut document = vec![b' '; 4 << 20];
        document[0] = b'[';
        let kept = Content::read(document.as_slice()).unwrap();
        assert!(matches!(kept, Content::Json(json) if json == document));
        document.push(b' ');
        let refused = Content::read(document.as_slice()).unwrap();
        assert!(matches!(refused, Content::LargeDocument));
    }
}
