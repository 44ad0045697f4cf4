//! The text between tags, passed over as it streams by, with the place in the file.
//!
//! This sits below quick-xml, which collects a text, a section or a comment as a whole before it
//! hands it out, and cannot pass over one. A test's output is such a text, and may be gigabytes.
//! So it is read here, up to the next tag, and only tags reach quick-xml, none without a limit.

use memchr::{memchr, memchr_iter, memmem, memrchr};
use std::io::{self, BufRead, Read};

use super::text::Text;
use crate::model::file::Place;

/// The longest tag that is read.
///
/// Chosen: some runners put a whole assertion message into an attribute, but no one megabytes.
const TAG_BYTES_MAX: usize = 8 << 20;

/// Chosen: larger buffers did not read faster.
const BUFFER_BYTES: usize = 64 << 10;

const CDATA_START: &[u8] = b"<![CDATA[";
const COMMENT_START: &[u8] = b"<!--";

/// A file in UTF-8 that is read from its start to its end.
pub(crate) struct Source<R> {
    reader: R,
    buffer: Buffer,
    is_at_end: bool,
    place: Place,
    /// Bytes that the parser took since [`Source::start_tag`].
    tag_bytes: usize,
}

impl<R: Read> Source<R> {
    pub(crate) fn new(reader: R) -> Self {
        Self {
            reader,
            buffer: Buffer::new(),
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
        while self.buffer.bytes().len() < length_min && !self.is_at_end {
            self.is_at_end = self.buffer.fill(&mut self.reader)? == 0;
        }
        Ok(self.buffer.bytes())
    }

    fn advance(&mut self, length: usize) {
        let bytes = &self.buffer.bytes()[..length];
        if let Some(line_end) = memrchr(b'\n', bytes) {
            let lines = memchr_iter(b'\n', bytes).count();
            self.place.line = self.place.line.saturating_add(saturating_u32(lines));
            self.place.column = saturating_u32(length - line_end);
        } else {
            self.place.column = self.place.column.saturating_add(saturating_u32(length));
        }
        self.buffer.start += length;
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

    /// Reads once behind the bytes, and returns how much; 0 is the end of the file.
    fn fill(&mut self, reader: &mut impl Read) -> io::Result<usize> {
        self.all.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        loop {
            match reader.read(&mut self.all[self.end..]) {
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
