//! The bytes of an XML file as UTF-8, with the place in the file, and without what is too large.
//!
//! This sits below the XML parser, which wants UTF-8 and holds whatever it reads in memory: here
//! encodings are converted, broken bytes become `U+FFFD`, and character data, which may be
//! gigabytes of output, is passed over without being collected. Only tags reach the parser.

use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE};
use memchr::{memchr, memchr_iter, memmem, memrchr};
use std::io::{self, BufRead, Read};

use super::text::Text;
use crate::model::file::Place;

/// The longest tag that is read.
///
/// Chosen: some runners put a whole assertion message into an attribute, but no one megabytes.
pub(crate) const TAG_BYTES_MAX: usize = 8 << 20;

/// Chosen: larger buffers did not read faster.
const BUFFER_BYTES: usize = 64 << 10;

/// How much of the file is looked at for its encoding.
const HEAD_BYTES: usize = 1 << 10;

const CDATA_START: &[u8] = b"<![CDATA[";
const COMMENT_START: &[u8] = b"<!--";

/// A file that is read from its start to its end.
pub(crate) struct Source<R> {
    reader: R,
    /// `None` until the head of the file was seen.
    decoder: Option<Decoder>,
    encoded: Buffer,
    decoded: Buffer,
    is_at_end: bool,
    place: Place,
    /// Bytes that the parser took since [`Source::start_tag`].
    tag_bytes: usize,
}

impl<R: Read> Source<R> {
    pub(crate) fn new(reader: R) -> Self {
        Self {
            reader,
            decoder: None,
            encoded: Buffer::new(),
            decoded: Buffer::new(),
            is_at_end: false,
            place: Place::START,
            tag_bytes: 0,
        }
    }

    /// Where the next byte is.
    pub(crate) fn place(&self) -> Place {
        self.place
    }

    /// Says that the parser reads a tag next, which starts the count against [`TAG_BYTES_MAX`].
    pub(crate) fn start_tag(&mut self) {
        self.tag_bytes = 0;
    }

    /// Reads character data and comments into `text`, up to the next tag or the end of the file.
    pub(crate) fn read_text(&mut self, text: &mut Text) -> io::Result<()> {
        loop {
            let bytes = self.peek(CDATA_START.len())?;
            match memchr(b'<', bytes) {
                _ if bytes.is_empty() => break,
                Some(0) if bytes.starts_with(CDATA_START) => {
                    text.end_escaped();
                    self.advance(CDATA_START.len());
                    self.read_until(b"]]>", |bytes| text.push(bytes))?;
                    text.end_literal();
                }
                Some(0) if bytes.starts_with(COMMENT_START) => {
                    self.advance(COMMENT_START.len());
                    self.read_until(b"-->", |_| {})?;
                }
                Some(0) => break,
                Some(length) => {
                    text.push(&bytes[..length]);
                    self.advance(length);
                }
                None => {
                    let length = bytes.len();
                    text.push(bytes);
                    self.advance(length);
                }
            }
        }
        text.end_escaped();
        Ok(())
    }

    /// Gives `keep` all bytes up to `end`, which is passed over, or to the end of the file.
    fn read_until(&mut self, end: &[u8], mut keep: impl FnMut(&[u8])) -> io::Result<()> {
        loop {
            let bytes = self.peek(end.len())?;
            if bytes.is_empty() {
                return Ok(());
            }
            if let Some(length) = memmem::find(bytes, end) {
                keep(&bytes[..length]);
                self.advance(length + end.len());
                return Ok(());
            }
            // The last bytes may be the first of `end`, unless the file ends with them.
            let length = match bytes.len() {
                short if short < end.len() => short,
                long => long - (end.len() - 1),
            };
            keep(&bytes[..length]);
            self.advance(length);
        }
    }

    /// The bytes that come next: at least `length_min`, unless the file ends before.
    fn peek(&mut self, length_min: usize) -> io::Result<&[u8]> {
        while self.decoded.bytes().len() < length_min && !self.is_at_end {
            self.decode_more()?;
        }
        Ok(self.decoded.bytes())
    }

    fn decode_more(&mut self) -> io::Result<()> {
        let is_last = match self.decoder {
            None => self.read_head()?,
            Some(_) if self.encoded.bytes().is_empty() => self.encoded.fill(&mut self.reader)? == 0,
            Some(_) => false,
        };
        let decoder = self
            .decoder
            .get_or_insert_with(|| new_decoder(&mut self.encoded));
        let (result, read, written, _) =
            decoder.decode_to_utf8(self.encoded.bytes(), self.decoded.room(), is_last);
        self.encoded.start += read;
        self.decoded.end += written;
        self.is_at_end = is_last && result == CoderResult::InputEmpty;
        Ok(())
    }

    /// Reads the head of the file. Returns whether that is all of it.
    fn read_head(&mut self) -> io::Result<bool> {
        while self.encoded.bytes().len() < HEAD_BYTES {
            if self.encoded.fill(&mut self.reader)? == 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn advance(&mut self, length: usize) {
        let bytes = &self.decoded.bytes()[..length];
        if let Some(line_end) = memrchr(b'\n', bytes) {
            let lines = memchr_iter(b'\n', bytes).count();
            self.place.line = self.place.line.saturating_add(saturating_u32(lines));
            self.place.column = saturating_u32(length - line_end);
        } else {
            self.place.column = self.place.column.saturating_add(saturating_u32(length));
        }
        self.decoded.start += length;
    }
}

fn saturating_u32(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

impl<R: Read> BufRead for Source<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.tag_bytes > TAG_BYTES_MAX {
            let message = format!("a tag is longer than {TAG_BYTES_MAX} bytes");
            return Err(io::Error::other(message));
        }
        self.peek(1)
    }

    fn consume(&mut self, length: usize) {
        self.tag_bytes += length;
        self.advance(length);
    }
}

impl<R: Read> Read for Source<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = self.fill_buf()?.read(into)?;
        self.consume(length);
        Ok(length)
    }
}

/// Bytes that were read and not yet used.
struct Buffer {
    all: Box<[u8]>,
    start: usize,
    end: usize,
}

impl Buffer {
    fn new() -> Self {
        Self {
            all: vec![0; BUFFER_BYTES].into(),
            start: 0,
            end: 0,
        }
    }

    fn bytes(&self) -> &[u8] {
        &self.all[self.start..self.end]
    }

    /// The free part behind the bytes, which are moved to the front.
    fn room(&mut self) -> &mut [u8] {
        self.all.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        &mut self.all[self.end..]
    }

    /// Reads once, and returns how much; 0 is the end of the file.
    fn fill(&mut self, reader: &mut impl Read) -> io::Result<usize> {
        loop {
            match reader.read(self.room()) {
                Ok(length) => {
                    self.end += length;
                    return Ok(length);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

/// Makes the decoder that the head of a file calls for, and removes its byte order mark.
fn new_decoder(head: &mut Buffer) -> Decoder {
    let encoding = match Encoding::for_bom(head.bytes()) {
        Some((encoding, mark_bytes)) => {
            head.start += mark_bytes;
            encoding
        }
        None if head.bytes().starts_with(b"<\0") => UTF_16LE,
        None if head.bytes().starts_with(b"\0<") => UTF_16BE,
        None => declared_encoding(head.bytes()).unwrap_or(UTF_8),
    };
    encoding.new_decoder_without_bom_handling()
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

    /// Reads all text before the first tag.
    fn text_of(bytes: &[u8]) -> String {
        let mut text = Text::default();
        text.reset(1000);
        Source::new(bytes).read_text(&mut text).unwrap();
        text.kept().0.into_owned()
    }

    #[test]
    fn encodings_are_converted() {
        let latin1 = b"\xe9";
        let with = |label: &str| [b"<?xml encoding='", label.as_bytes(), b"'?>"].concat();
        assert_eq!(
            declared_encoding(&with("ISO-8859-1")).unwrap().name(),
            "windows-1252"
        );
        assert_eq!(declared_encoding(&with("UTF-16")), None);
        assert_eq!(declared_encoding(&with("klingon")), None);
        assert_eq!(text_of(latin1), "\u{fffd}");
        assert_eq!(text_of(b"\xff\xfea\0\xe9\0"), "aé");
        assert_eq!(text_of(b"\xfe\xff\0a\0\xe9"), "aé");
        assert_eq!(text_of(b"\xef\xbb\xbfa"), "a");
    }

    #[test]
    fn text_ends_at_a_tag_and_comments_are_no_text() {
        assert_eq!(
            text_of(b"a&lt;<!-- <b> -->c<![CDATA[<d>&lt;]]]>e<f>g"),
            "a<c<d>&lt;]e"
        );
    }

    #[test]
    fn the_place_is_that_of_the_next_byte() {
        let mut source = Source::new(&b"a\nbc\n<![CDATA[\n]]> <d>"[..]);
        source.read_text(&mut Text::default()).unwrap();
        assert_eq!(source.place(), Place { line: 4, column: 5 });
    }

    #[test]
    fn a_marker_may_be_torn_anywhere() {
        let whole = b"a<![CDATA[b]]]]>c<!-- - -->d";
        for first in 1..whole.len() {
            let torn = whole[..first].chain(&whole[first..]);
            let mut text = Text::default();
            text.reset(100);
            Source::new(torn).read_text(&mut text).unwrap();
            assert_eq!(text.kept().0, "ab]]cd", "torn at {first}");
        }
    }

    #[test]
    fn a_tag_without_end_is_refused_before_it_fills_the_memory() {
        let mut source = Source::new(io::repeat(b'a'));
        source.start_tag();
        let copied = io::copy(&mut source, &mut io::sink());
        let expected = "a tag is longer than 8388608 bytes";
        assert_eq!(copied.unwrap_err().to_string(), expected);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_to_their_end(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = text_of(&bytes);
        }
    }
}
