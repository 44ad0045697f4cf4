//! The error that ends a tool: what kind it is, what caused it, and what may help.

use std::error::Error;
use std::fmt;
use std::io;

use crate::exit::Exit;

/// Why a tool could not do its job.
///
/// Messages are lower-case fragments without a full stop that name the thing in backticks; advice
/// goes into a hint.
#[derive(Debug)]
pub struct CommandError {
    kind: ErrorKind,
    source: Box<dyn Error + Send + Sync>,
    hints: Vec<String>,
}

/// What kind of error it is, which decides the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The arguments make no sense together.
    Usage,
    /// A file, report or answer cannot be used, or cannot be read or written.
    Input,
    /// No Engine or registry answers.
    Unavailable,
    /// The user interrupted the work before there was anything to report.
    Interrupted,
    /// Whoever reads our output has left; a quiet end, not a failure.
    ClosedPipe,
}

impl CommandError {
    /// Arguments that make no sense together.
    pub fn usage(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(ErrorKind::Usage, source)
    }

    /// A file, report or answer that cannot be used.
    pub fn input(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(ErrorKind::Input, source)
    }

    /// An Engine or registry that does not answer.
    pub fn unavailable(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(ErrorKind::Unavailable, source)
    }

    /// Work that the user interrupted before there was anything to report.
    pub fn interrupted() -> Self {
        Self::new(ErrorKind::Interrupted, "interrupted")
    }

    /// An error of writing to standard output, where a reader that left is a quiet end.
    pub fn stdout(error: io::Error) -> Self {
        let kind = match error.kind() {
            io::ErrorKind::BrokenPipe => ErrorKind::ClosedPipe,
            _ => ErrorKind::Input,
        };
        Self::new(kind, StdoutError(error))
    }

    fn new(kind: ErrorKind, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            kind,
            source: source.into(),
            hints: Vec::new(),
        }
    }

    /// Adds advice, shown on a line of its own after the error.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// What kind of error it is.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The exit that the error calls for.
    pub fn exit(&self) -> Exit {
        match self.kind {
            ErrorKind::Usage | ErrorKind::Input => Exit::Error,
            ErrorKind::Unavailable => Exit::Unavailable,
            ErrorKind::Interrupted => Exit::Interrupted,
            ErrorKind::ClosedPipe => Exit::Ok,
        }
    }

    /// The advice given with [`CommandError::hint`].
    pub fn hints(&self) -> &[String] {
        &self.hints
    }
}

impl fmt::Display for CommandError {
    /// Writes the error and, line by line, what caused it. A cause that its parent already quotes
    /// is left out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut said = self.source.to_string();
        write!(f, "{said}")?;
        let mut cause = self.source.source();
        while let Some(error) = cause {
            let text = error.to_string();
            if !said.contains(&text) {
                write!(f, "\n  caused by: {text}")?;
            }
            said = text;
            cause = error.source();
        }
        Ok(())
    }
}

impl Error for CommandError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.source()
    }
}

#[derive(Debug, thiserror::Error)]
#[error("failed to write to standard output")]
struct StdoutError(#[source] io::Error);

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("failed to read `a.yml`")]
    struct Outer(#[source] io::Error);

    #[test]
    fn a_cause_is_written_below_its_error() {
        let error = CommandError::input(Outer(io::Error::other("the disk is on fire")));
        assert_eq!(
            error.to_string(),
            "failed to read `a.yml`\n  caused by: the disk is on fire"
        );
        assert_eq!(error.exit().code(), 2);
    }

    #[test]
    fn a_reader_that_left_is_a_quiet_end() {
        let error = CommandError::stdout(io::Error::from(io::ErrorKind::BrokenPipe));
        assert_eq!(error.kind(), ErrorKind::ClosedPipe);
        assert_eq!(error.exit(), Exit::Ok);
    }
}
