//! Reports on their way between tools: JSON Lines in, JSON Lines out.
//!
//! A report is read header first: its kind and version are known before its body is looked at, so
//! "too new" is said as such and never as a missing field. What was read is passed on as it was.

mod error;
mod list;

use serde::Serialize;
use serde_json::value::RawValue;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::report::{Header, Input, Report, ReportData, SchemaName};

pub use error::PipeError;
pub use list::{ListError, read_list};

/// The most that is read from one file or stream.
///
/// Chosen: a hundred times the largest report seen, and still far from exhausting a CI runner.
pub const INPUT_BYTES_MAX: u64 = 1 << 30;

/// The reports that a tool read, in their order.
#[derive(Debug, Default)]
pub struct Received {
    reports: Vec<ReceivedReport>,
}

/// One report that was read: its header, and the text it came as.
#[derive(Debug)]
pub struct ReceivedReport {
    header: Header,
    schema: SchemaName,
    raw: Box<RawValue>,
    origin: String,
    offset: usize,
}

impl Received {
    /// Reads the reports of the files named, or of standard input when none is.
    ///
    /// Standard input is left alone when nobody can have piped a report into it: on a terminal,
    /// and on a device such as `/dev/null`.
    ///
    /// # Errors
    ///
    /// A file cannot be read, or holds something other than whole reports.
    pub fn read(files: &[PathBuf]) -> Result<Self, PipeError> {
        if files.is_empty() {
            return if stdin_may_hold_reports() {
                Self::read_stdin()
            } else {
                Ok(Self::default())
            };
        }
        Self::read_files(files)
    }

    /// Reads the reports of the files named, and of none when none is; `-` is standard input.
    ///
    /// # Errors
    ///
    /// As [`Received::read`].
    pub fn read_files(files: &[PathBuf]) -> Result<Self, PipeError> {
        let mut received = Self::default();
        for file in files {
            let more = if file == Path::new("-") {
                Self::read_stdin()?
            } else {
                Self::read_file(file)?
            };
            received.reports.extend(more.reports);
        }
        Ok(received)
    }

    fn read_file(path: &Path) -> Result<Self, PipeError> {
        let origin = format!("`{}`", path.display());
        match fs_err::File::open(path) {
            Ok(file) => Self::read_all(file, &origin),
            Err(source) => Err(PipeError::Read { origin, source }),
        }
    }

    fn read_stdin() -> Result<Self, PipeError> {
        Self::read_all(io::stdin().lock(), "standard input")
    }

    fn read_all(reader: impl Read, origin: &str) -> Result<Self, PipeError> {
        let mut bytes = Vec::new();
        reader
            .take(INPUT_BYTES_MAX + 1)
            .read_to_end(&mut bytes)
            .map_err(|source| PipeError::Read {
                origin: origin.to_owned(),
                source,
            })?;
        if bytes.len() as u64 > INPUT_BYTES_MAX {
            return Err(PipeError::TooLarge {
                origin: origin.to_owned(),
            });
        }
        Self::parse(&bytes, origin)
    }

    /// Parses a text of whole reports, one after another; line breaks between and within them do
    /// not matter. `origin` names the text in errors.
    ///
    /// # Errors
    ///
    /// The text is cut off, is not JSON, or holds something other than reports.
    pub fn parse(text: &[u8], origin: &str) -> Result<Self, PipeError> {
        let mut reports = Vec::new();
        let mut stream = serde_json::Deserializer::from_slice(text).into_iter::<Box<RawValue>>();
        loop {
            let start = skip_blanks(text, stream.byte_offset());
            match stream.next() {
                None => return Ok(Self { reports }),
                Some(Ok(raw)) => reports.push(ReceivedReport::new(raw, origin, start)?),
                Some(Err(error)) => return Err(syntax_error(text, start, origin, error)),
            }
        }
    }

    /// The bodies of all reports of kind `T`, in their order.
    ///
    /// # Errors
    ///
    /// A report of that kind has a major version that is not readable, or a wrong field.
    pub fn decode<T: ReportData>(&self) -> Result<Vec<Report<T>>, PipeError> {
        self.of_kind(T::KIND).map(ReceivedReport::decode).collect()
    }

    /// The last report of kind `T`, which is what a chain's newest stage said.
    ///
    /// # Errors
    ///
    /// As [`Received::decode`].
    pub fn decode_last<T: ReportData>(&self) -> Result<Option<Report<T>>, PipeError> {
        self.of_kind(T::KIND)
            .last()
            .map(ReceivedReport::decode)
            .transpose()
    }

    /// The kinds of all reports, in their order.
    pub fn kinds(&self) -> impl Iterator<Item = &str> {
        self.reports
            .iter()
            .map(|report| report.schema.kind.as_str())
    }

    /// What a report that was made from these lists as its inputs.
    pub fn to_inputs(&self) -> Vec<Input> {
        let input = |r: &ReceivedReport| Input {
            kind: "report".to_owned(),
            id: r.header.id.clone(),
        };
        self.reports.iter().map(input).collect()
    }

    /// The reports as they came, each on a line of its own.
    pub fn to_json_lines(&self) -> String {
        let mut lines = String::new();
        for report in &self.reports {
            push_without_line_breaks(&mut lines, report.raw.get());
            lines.push('\n');
        }
        lines
    }

    fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a ReceivedReport> {
        self.reports
            .iter()
            .filter(move |report| report.schema.kind == kind)
    }
}

impl ReceivedReport {
    fn new(raw: Box<RawValue>, origin: &str, offset: usize) -> Result<Self, PipeError> {
        let not_a_report = |source| PipeError::NotAReport {
            origin: origin.to_owned(),
            offset,
            source,
        };
        let header: Header =
            serde_json::from_str(raw.get()).map_err(|error| not_a_report(error.into()))?;
        let schema = header
            .schema
            .parse::<SchemaName>()
            .map_err(|error| not_a_report(error.into()))?;
        Ok(Self {
            header,
            schema,
            raw,
            origin: origin.to_owned(),
            offset,
        })
    }

    fn decode<T: ReportData>(&self) -> Result<Report<T>, PipeError> {
        if !T::VERSION.reads(self.schema.version) {
            return Err(PipeError::WrongVersion {
                origin: self.origin.clone(),
                offset: self.offset,
                schema: self.schema.clone(),
                kind: T::KIND,
                readable: T::VERSION,
            });
        }
        let mut json = serde_json::Deserializer::from_str(self.raw.get());
        serde_path_to_error::deserialize(&mut json).map_err(|error| PipeError::WrongField {
            origin: self.origin.clone(),
            offset: self.offset,
            kind: T::KIND,
            field: error.path().to_string(),
            source: error.into_inner(),
        })
    }
}

/// A report as one line of JSON, with its line break.
pub fn json_line(report: &impl Serialize) -> String {
    let mut line = serde_json::to_string(report).expect("report types have string keys only");
    line.push('\n');
    line
}

/// Within JSON a raw line break is always white space between tokens: in strings it is escaped.
fn push_without_line_breaks(lines: &mut String, json: &str) {
    lines.extend(json.split(['\n', '\r']).map(str::trim_start));
}

fn skip_blanks(text: &[u8], from: usize) -> usize {
    let blanks = text[from..]
        .iter()
        .take_while(|byte| byte.is_ascii_whitespace())
        .count();
    from + blanks
}

fn syntax_error(text: &[u8], start: usize, origin: &str, error: serde_json::Error) -> PipeError {
    let origin = origin.to_owned();
    if error.is_eof() {
        return PipeError::Truncated {
            origin,
            start,
            end: text.len(),
        };
    }
    // The parser counts lines and columns from where the failed value's stream began: the text's.
    let (line, column) = (error.line(), error.column());
    let offset = byte_offset(text, line, column);
    PipeError::NotJson {
        origin,
        offset,
        line,
        column,
        source: error,
    }
}

fn byte_offset(text: &[u8], line: usize, column: usize) -> usize {
    let line_start: usize = text
        .split_inclusive(|byte| *byte == b'\n')
        .take(line.saturating_sub(1))
        .map(<[u8]>::len)
        .sum();
    line_start + column.saturating_sub(1)
}

/// A report can only come through a pipe, a socket or a redirected file.
fn stdin_may_hold_reports() -> bool {
    use std::os::unix::fs::FileTypeExt;

    fs_err::metadata("/dev/stdin").is_ok_and(|stdin| {
        let kind = stdin.file_type();
        kind.is_fifo() || kind.is_socket() || kind.is_file()
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::report::{LayerData, PlanData, Tool, Verdict};

    fn parse(text: &str) -> Result<Received, PipeError> {
        Received::parse(text.as_bytes(), "standard input")
    }

    /// A report as another tool, perhaps a newer one, would write it.
    fn line(schema: &str, data: &str) -> String {
        format!(
            r#"{{"schema":"urn:lucid:report/{schema}","tool":{{"name":"t","version":"1"}},"id":"sha256:0","created_at":"2026-01-01T00:00:00Z","verdict":"pass","inputs":[],"findings":[],"data":{data}}}"#
        )
    }

    #[test]
    fn reports_are_passed_on_as_they_came() {
        let text = format!(
            "{}\n{}\n",
            line("plan/1.0", r#"{"targets":[]}"#),
            line("future/7.3", r#"{"b":1.50,"a":"\u00e9"}"#)
        );
        assert_eq!(parse(&text).unwrap().to_json_lines(), text);
    }

    #[test]
    fn a_pretty_printed_report_becomes_one_line() {
        let text = line(
            "plan/1.0",
            "{\n  \"targets\": [\n  ],\r\n  \"a b\": \"x  y\"}",
        );
        let lines = parse(&text).unwrap().to_json_lines();
        assert_eq!(
            lines,
            line("plan/1.0", r#"{"targets": [],"a b": "x  y"}"#) + "\n"
        );
    }

    #[test]
    fn only_the_kind_asked_for_is_decoded() {
        let text =
            line("plan/1.4", r#"{"targets":[],"added_in_1_4":true}"#) + &line("layer/9.0", "{}");
        let received = parse(&text).unwrap();
        let plans = received.decode::<PlanData>().unwrap();
        assert_eq!(plans.len(), 1);
        assert_eq!(received.to_inputs()[1].id, "sha256:0");
    }

    #[test]
    fn a_report_cut_in_half_is_refused_with_the_byte_where_it_ends() {
        let whole = line("plan/1.0", r#"{"targets":[]}"#);
        let text = format!("{whole}\n{}", &whole[..50]);
        let error = parse(&text).unwrap_err().to_string();
        let expected = format!(
            "standard input is cut off at byte {}, within the report that starts at byte {}",
            whole.len() + 1 + 50,
            whole.len() + 1
        );
        assert_eq!(error, expected);
    }

    #[test]
    fn a_newer_major_is_refused_by_name() {
        let received = parse(&line("layer/2.0", "{}")).unwrap();
        let error = received.decode::<LayerData>().unwrap_err().to_string();
        assert_eq!(
            error,
            "standard input holds a report of schema `urn:lucid:report/layer/2.0` at byte 0, but this tool reads layer/1.1"
        );
    }

    #[test]
    fn a_wrong_field_is_named_by_its_path() {
        let received = parse(&line("layer/1.0", r#"{"images":[{"name":3}]}"#)).unwrap();
        let error = received.decode::<LayerData>().unwrap_err().to_string();
        assert_eq!(
            error,
            "standard input holds a layer report at byte 0 whose field `data.images[0].name` is wrong"
        );
    }

    #[test]
    fn what_is_not_json_is_refused_with_its_place() {
        let error = parse("{\"a\": 1}\n<html>").unwrap_err().to_string();
        assert_eq!(
            error,
            "standard input holds something other than a report at byte 0"
        );
        let text = line("plan/1.0", r#"{"targets":[]}"#) + "\n<html>";
        let error = parse(&text).unwrap_err().to_string();
        let offset = text.len() - "<html>".len();
        assert_eq!(
            error,
            format!("standard input is not JSON at byte {offset} (line 2, column 1)")
        );
    }

    #[test]
    fn what_is_written_can_be_read_back() {
        let tool = Tool {
            name: "t".to_owned(),
            version: "1".to_owned(),
        };
        let report = Report::new(
            tool,
            "2026-01-01T00:00:00Z".to_owned(),
            Verdict::Pass,
            Vec::new(),
            Vec::new(),
            PlanData::default(),
        );
        assert_eq!(
            parse(&json_line(&report))
                .unwrap()
                .decode::<PlanData>()
                .unwrap(),
            [report]
        );
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Received::parse(&bytes, "standard input");
        }

        #[test]
        fn any_cut_of_a_stream_of_reports_is_refused_or_a_whole_number_of_reports(cut in 0usize..600) {
            let whole = line("plan/1.0", r#"{"targets":[]}"#) + "\n";
            let text = whole.repeat(3);
            let cut = cut.min(text.len());
            match Received::parse(&text.as_bytes()[..cut], "standard input") {
                Ok(received) => prop_assert_eq!(received.reports.len(), (cut + 1) / whole.len()),
                Err(error) => {
                    let is_truncated = matches!(error, PipeError::Truncated { .. });
                    prop_assert!(is_truncated);
                }
            }
        }
    }
}
