//! Bytes that arrive from afar, as a reader that waits for them.

use std::io::{self, Read};

use futures_util::stream::{BoxStream, StreamExt};
use tokio::runtime::Runtime;

/// A stream as a reader.
pub(super) struct Download<'a, B> {
    /// Moves the bytes on a thread of its own while this one parses them.
    runtime: &'a Runtime,
    /// `None` once it has ended: a stream need not say so twice.
    stream: Option<BoxStream<'a, io::Result<B>>>,
    chunk: Chunk<B>,
}

/// The bytes that came last, and how many of them were read.
#[derive(Default)]
struct Chunk<B> {
    bytes: B,
    read: usize,
}

impl<'a, B: Default> Download<'a, B> {
    pub(super) fn new(runtime: &'a Runtime, stream: BoxStream<'a, io::Result<B>>) -> Self {
        Self {
            runtime,
            stream: Some(stream),
            chunk: Chunk::default(),
        }
    }
}

impl<B: AsRef<[u8]>> Read for Download<'_, B> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.chunk.read == self.chunk.bytes.as_ref().len() {
            let Some(stream) = &mut self.stream else {
                return Ok(0);
            };
            match self.runtime.block_on(stream.next()) {
                Some(Ok(bytes)) => self.chunk = Chunk { bytes, read: 0 },
                Some(Err(error)) => return Err(error),
                None => self.stream = None,
            }
        }
        let left = &self.chunk.bytes.as_ref()[self.chunk.read..];
        let count = left.len().min(buffer.len());
        buffer[..count].copy_from_slice(&left[..count]);
        self.chunk.read += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::stream;

    use super::*;

    #[test]
    fn chunks_of_any_size_are_read_to_the_end_and_no_further() {
        let mut left = vec!["", "lo", "", "hel"];
        // A stream that cannot be asked again after its end.
        let mut is_ended = false;
        let chunks = stream::poll_fn(move |_| {
            assert!(!is_ended, "the end was told");
            let chunk = left.pop();
            is_ended = chunk.is_none();
            std::task::Poll::Ready(chunk.map(Ok))
        });
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let mut download = Download::new(&runtime, chunks.boxed());
        let mut text = String::new();
        download.read_to_string(&mut text).unwrap();
        assert_eq!(text, "hello");
        assert_eq!(download.read(&mut [0]).unwrap(), 0);
    }
}
