//! What a step prints, cut into lines.
//!
//! Output arrives in pieces that can end in the middle of a line or character. What is kept is
//! bounded, however long a line or the output gets.

use std::collections::{BTreeMap, VecDeque};

/// How many of a step's last lines are kept.
///
/// Chosen: a compiler's last error with its notes fits, and a hundred failed steps stay readable.
const TAIL_LINES: usize = 50;

/// How many bytes of a line are awaited before it is taken for one.
///
/// Chosen: no person reads a longer one, and bundlers do print such.
const LINE_BYTES_MAX: usize = 64 * 1024;

/// How the builder says that it drops the rest of a step's output.
/// Source: moby/buildkit util/progress/logs/logs.go
const CLIPPED: &str = "[output clipped, log limit ";

/// Whether a line is the builder's, which drops what follows.
pub(super) fn is_clipped(line: &str) -> bool {
    line.starts_with(CLIPPED)
}

/// What a step printed.
#[derive(Default)]
pub(super) struct Output {
    tail: VecDeque<String>,
    /// The builder's last word on what it dropped.
    clipped: Option<String>,
    /// Lines that have not ended, by output stream.
    partial: BTreeMap<i64, Vec<u8>>,
}

impl Output {
    /// Takes in a piece of a stream and tells the lines that end in it.
    pub(super) fn print(&mut self, stream: i64, piece: &[u8], tell: &mut dyn FnMut(&str)) {
        let mut bytes = self.partial.remove(&stream).unwrap_or_default();
        bytes.extend_from_slice(piece);
        let mut rest = bytes.as_slice();
        while let Some(end) = rest.iter().position(|&byte| byte == b'\n') {
            self.end_line(&rest[..end], tell);
            rest = &rest[end + 1..];
        }
        if rest.len() > LINE_BYTES_MAX {
            rest = shown(rest);
        }
        if rest.len() > LINE_BYTES_MAX {
            self.end_line(rest, tell);
            rest = &[];
        }
        self.partial.insert(stream, rest.to_vec());
    }

    /// Tells the lines that will not be ended any more.
    pub(super) fn end(&mut self, tell: &mut dyn FnMut(&str)) {
        for line in std::mem::take(&mut self.partial).into_values() {
            if !line.is_empty() {
                self.end_line(&line, tell);
            }
        }
    }

    fn end_line(&mut self, bytes: &[u8], tell: &mut dyn FnMut(&str)) {
        let line = String::from_utf8_lossy(shown(bytes));
        tell(&line);
        if is_clipped(&line) {
            self.clipped = Some(line.clone().into_owned());
        }
        if self.tail.len() == TAIL_LINES {
            self.tail.pop_front();
        }
        self.tail.push_back(line.into_owned());
    }

    /// The last lines, and before them that something was dropped, if the builder said so earlier.
    pub(super) fn into_tail(mut self) -> Vec<String> {
        if let Some(clipped) = self.clipped
            && !self.tail.contains(&clipped)
        {
            self.tail.push_front(clipped);
        }
        self.tail.into()
    }
}

/// What is left of a line on a terminal. A progress display overwrites its line; what it wrote last
/// is what stays.
fn shown(line: &[u8]) -> &[u8] {
    let end = line.iter().rposition(|&byte| byte != b'\r');
    let line = &line[..end.map_or(0, |end| end + 1)];
    let start = line.iter().rposition(|&byte| byte == b'\r');
    &line[start.map_or(0, |start| start + 1)..]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn print(output: &mut Output, piece: &[u8]) -> Vec<String> {
        let mut told = Vec::new();
        output.print(1, piece, &mut |line| told.push(line.to_owned()));
        told
    }

    #[test]
    fn of_a_progress_display_the_last_state_stays() {
        let mut output = Output::default();
        assert_eq!(print(&mut output, b"1%\r50%\r99%\r\nend\n"), ["99%", "end"]);
        assert_eq!(print(&mut output, b"\r\r\n"), [""]);
    }

    #[test]
    fn a_line_without_an_end_is_not_kept_for_ever() {
        let mut output = Output::default();
        assert!(print(&mut output, &b"99%\r".repeat(100_000)).is_empty());
        assert_eq!(output.partial[&1], b"99%");
        let told = print(&mut output, &vec![b'x'; LINE_BYTES_MAX]);
        assert_eq!(told[0].len(), LINE_BYTES_MAX + 3);
    }

    #[test]
    fn what_the_builder_dropped_is_remembered() {
        let mut output = Output::default();
        let clipped = "[output clipped, log limit 100KiB/s reached]";
        print(&mut output, format!("{clipped}\n").as_bytes());
        print(&mut output, &b"line\n".repeat(60));
        let tail = output.into_tail();
        assert_eq!((tail.len(), tail[0].as_str()), (51, clipped));
    }

    proptest! {
        #[test]
        fn no_line_break_gets_into_a_line(pieces in proptest::collection::vec(any::<Vec<u8>>(), 0..8)) {
            let mut output = Output::default();
            for piece in pieces {
                let told = print(&mut output, &piece);
                prop_assert!(told.iter().all(|line| !line.contains(['\n', '\r'])));
            }
        }
    }
}
