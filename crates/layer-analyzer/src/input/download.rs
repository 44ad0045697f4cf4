//! Bytes that arrive from afar, as a reader that waits for them.

use std::io::{self, Read};

use futures_util::stream::{BoxStream, StreamExt};
use tokio::runtime::Runtime;

/// A stream as a reader.
pub(super) struct Download<'a, B> {
    /// Moves the bytes on a thread of its own while this one parses them.
    runtime: &'a Runtime,
    stream: BoxStream<'a, io::Result<B>>,
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
            stream,
            chunk: Chunk::default(),
        }
    }
}

impl<B: AsRef<[u8]>> Read for Download<'_, B> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.chunk.read == self.chunk.bytes.as_ref().len() {
            match self.runtime.block_on(self.stream.next()) {
                Some(Ok(bytes)) => self.chunk = Chunk { bytes, read: 0 },
                Some(Err(error)) => return Err(error),
                None => return Ok(0),
            }
        }
        let left = &self.chunk.bytes.as_ref()[self.chunk.read..];
        let count = left.len().min(buffer.len());
        buffer[..count].copy_from_slice(&left[..count]);
        self.chunk.read += count;
        Ok(count)
    }
}
