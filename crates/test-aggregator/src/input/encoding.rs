//! The bytes of an XML file as UTF-8, whatever encoding it is written in.
//!
//! Broken bytes become `U+FFFD`: output of a test is often cut within a character, and that costs
//! no results. quick-xml's own `DecodingReader` is not used, because it refuses such a file.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use encoding_rs_io::DecodeReaderBytesBuilder;
use memchr::memmem;
use std::io::{self, Cursor, Read};

/// How much of the file is looked at for its encoding.
const HEAD_BYTES: u64 = 1 << 10;

/// Chosen: larger buffers did not read faster.
const BUFFER_BYTES: usize = 64 << 10;

/// Returns a reader of `bytes` in UTF-8, without a byte order mark.
///
/// Read it at least four bytes at a time: where a file ends within a character, `encoding_rs_io`
/// 0.1.8 loses a part of the replacement in smaller reads.
///
/// # Errors
///
/// The head of the file cannot be read.
pub(crate) fn utf8(mut bytes: impl Read) -> io::Result<impl Read> {
    let mut head = Vec::new();
    bytes.by_ref().take(HEAD_BYTES).read_to_end(&mut head)?;
    DecodeReaderBytesBuilder::new()
        .encoding(Some(encoding_without_mark(&head)))
        .bom_override(true)
        .build_with_buffer(Cursor::new(head).chain(bytes), vec![0; BUFFER_BYTES])
}

/// The encoding of a file that begins with `head`, unless a byte order mark says otherwise.
fn encoding_without_mark(head: &[u8]) -> &'static Encoding {
    if head.starts_with(b"<\0") {
        UTF_16LE
    } else if head.starts_with(b"\0<") {
        UTF_16BE
    } else {
        declared_encoding(head).unwrap_or(UTF_8)
    }
}

/// The encoding that the XML declaration names. `None` when it names none that can be meant: a
/// declaration that can be read as ASCII is not in UTF-16.
fn declared_encoding(head: &[u8]) -> Option<&'static Encoding> {
    let declaration = head.strip_prefix(b"<?xml")?;
    let declaration = &declaration[..memmem::find(declaration, b"?>")?];
    let value = &declaration[memmem::find(declaration, b"encoding")? + b"encoding".len()..];
    let mut quoted = value.split(|byte| matches!(byte, b'"' | b'\''));
    let label = quoted.nth(1)?;
    Encoding::for_label(label).filter(|encoding| encoding.is_ascii_compatible())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decoded(bytes: &[u8]) -> String {
        let mut text = Vec::new();
        let mut utf8 = utf8(bytes).unwrap();
        let mut buffer = [0; 100];
        loop {
            match utf8.read(&mut buffer).unwrap() {
                0 => return String::from_utf8(text).unwrap(),
                length => text.extend_from_slice(&buffer[..length]),
            }
        }
    }

    #[test]
    fn a_byte_order_mark_decides_and_is_no_text() {
        assert_eq!(decoded(b"\xff\xfea\0\xe9\0"), "aé");
        assert_eq!(decoded(b"\xfe\xff\0a\0\xe9"), "aé");
        assert_eq!(decoded(b"\xef\xbb\xbfa"), "a");
        let marked = b"\xef\xbb\xbf<?xml encoding='latin1'?>\xc3\xa9";
        assert_eq!(decoded(marked), "<?xml encoding='latin1'?>é");
    }

    #[test]
    fn without_a_mark_the_first_bytes_or_the_declaration_decide() {
        assert_eq!(decoded(b"<\0\xe9\0"), "<é");
        assert_eq!(decoded(b"\0<\0\xe9"), "<é");
        let declaring = |label: &str| {
            let declaration = format!("<?xml version='1.0' encoding='{label}'?>");
            let decoded = decoded(&[declaration.as_bytes(), b"\xe9"].concat());
            decoded[declaration.len()..].to_owned()
        };
        assert_eq!(declaring("ISO-8859-1"), "é");
        assert_eq!(declaring("UTF-16"), "\u{fffd}");
        assert_eq!(declaring("klingon"), "\u{fffd}");
        assert_eq!(decoded(b"\xe9"), "\u{fffd}");
    }

    proptest! {
        #[test]
        fn any_bytes_become_text(bytes in proptest::collection::vec(any::<u8>(), 0..3000)) {
            let _ = decoded(&bytes);
        }
    }
}
