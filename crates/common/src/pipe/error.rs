//! Why reports could not be read, with the byte where the fault is.

use std::io;

use super::INPUT_BYTES_MAX;
use crate::error::CommandError;
use crate::report::{SchemaName, SchemaVersion};

/// Why reports could not be read.
#[derive(Debug, thiserror::Error)]
pub enum PipeError {
    /// The file or stream cannot be read.
    #[error("failed to read reports from {origin}")]
    Read {
        /// The file's path in backticks, or `standard input`.
        origin: String,
        /// What the system said.
        source: io::Error,
    },
    /// There is more of it than a tool reads.
    #[error("{origin} holds more than {INPUT_BYTES_MAX} bytes of reports")]
    TooLarge {
        /// The file's path in backticks, or `standard input`.
        origin: String,
    },
    /// The text ends in the middle of a report.
    #[error("{origin} is cut off at byte {end}, within the report that starts at byte {start}")]
    Truncated {
        /// The file's path in backticks, or `standard input`.
        origin: String,
        /// Where the report starts, in bytes from 0.
        start: usize,
        /// Where the text ends, in bytes from 0.
        end: usize,
    },
    /// The text is not JSON.
    #[error("{origin} is not JSON at byte {offset} (line {line}, column {column})")]
    NotJson {
        /// The file's path in backticks, or `standard input`.
        origin: String,
        /// Where the fault is, in bytes from 0.
        offset: usize,
        /// The line of the fault, from 1.
        line: usize,
        /// The column of the fault, from 1.
        column: usize,
        /// What the parser said.
        source: serde_json::Error,
    },
    /// The JSON is not a report.
    #[error("{origin} holds something other than a report at byte {offset}")]
    NotAReport {
        /// The file's path in backticks, or `standard input`.
        origin: String,
        /// Where it starts, in bytes from 0.
        offset: usize,
        /// What is missing or wrong.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The report's schema has a major version that this tool does not know.
    #[error(
        "{origin} holds a report of schema `{schema}` at byte {offset}, but this tool reads {kind}/{readable}"
    )]
    WrongVersion {
        /// The file's path in backticks, or `standard input`.
        origin: String,
        /// Where the report starts, in bytes from 0.
        offset: usize,
        /// The report's schema.
        schema: SchemaName,
        /// The kind that was looked for.
        kind: &'static str,
        /// The version that this tool reads.
        readable: SchemaVersion,
    },
    /// A field of the report is not as its schema says.
    #[error("{origin} holds a {kind} report at byte {offset} whose field `{field}` is wrong")]
    WrongField {
        /// The file's path in backticks, or `standard input`.
        origin: String,
        /// Where the report starts, in bytes from 0.
        offset: usize,
        /// The kind of the report.
        kind: &'static str,
        /// The path of the field, such as `data.targets[0].steps`.
        field: String,
        /// What is wrong with it.
        source: serde_json::Error,
    },
}

impl From<PipeError> for CommandError {
    fn from(error: PipeError) -> Self {
        let hint = match &error {
            PipeError::WrongVersion { .. } => Some("use tools of the same release in one pipeline"),
            PipeError::Truncated { .. } => {
                Some("the tool that wrote it may have been stopped; see its output")
            }
            PipeError::NotJson { .. } | PipeError::NotAReport { .. } => {
                Some("only reports are read like this; any other file is named as an argument")
            }
            _ => None,
        };
        let error = Self::input(error);
        match hint {
            Some(hint) => error.hint(hint),
            None => error,
        }
    }
}
