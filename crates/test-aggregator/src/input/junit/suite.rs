//! A suite while it is being read, and the audit of what it says of itself.

use quick_xml::events::BytesStart;

use crate::input::text::unescaped;
use crate::model::case::Tally;
use crate::model::file::{Remark, RemarkKind, Suite};

/// How much is kept of a suite's own name, and of the names of the suites around it, in bytes.
///
/// Chosen: longer than the names of classes and folders; every suite within repeats it.
const NAME_BYTES_MAX: usize = 512;

/// A suite whose end was not read yet.
#[derive(Debug)]
pub(super) struct OpenSuite {
    /// Its index in the file's suites.
    pub(super) index: usize,
    /// Where its tag begins.
    pub(super) line: u32,
    pub(super) declared: Declared,
    /// The cases read so far, those of inner suites too.
    pub(super) case_count: u64,
}

/// What the counters of a suite say. Never believed: Surefire and Gradle count attempts, pytest
/// counts some cases once that it writes twice, Node counts suites as tests of their parents.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Declared {
    tests: Option<u64>,
    failures: Option<u64>,
    errors: Option<u64>,
}

impl Declared {
    /// The most cases that any counter speaks of.
    fn case_count(self) -> u64 {
        let counts = [self.tests, self.failures, self.errors];
        counts.into_iter().flatten().max().unwrap_or(0)
    }
}

/// Begins a suite. The name of a `testsuites` is that of the run, not of a suite.
pub(super) fn start(tag: &BytesStart<'_>, parent_name: &str) -> Result<(Suite, Declared), String> {
    let mut own_name = String::new();
    let mut declared = Declared::default();
    for attribute in tag.attributes().with_checks(false) {
        let attribute = attribute.map_err(|error| error.to_string())?;
        let value = attribute.value.as_ref();
        let count = || value.trim().parse().ok();
        match attribute.key.as_ref() {
            "name" if tag.local_name().as_ref() == "testsuite" => {
                own_name = unescaped(value).into_owned();
            }
            "tests" => declared.tests = count(),
            "failures" => declared.failures = count(),
            "errors" => declared.errors = count(),
            _ => {}
        }
    }
    let suite = Suite {
        name: joined(parent_name, &own_name),
        tally: Tally::default(),
    };
    Ok((suite, declared))
}

fn joined(parent_name: &str, own_name: &str) -> String {
    match (cut(parent_name), cut(own_name)) {
        (name, "") | ("", name) => name.to_owned(),
        (parent_name, own_name) => format!("{parent_name} > {own_name}"),
    }
}

fn cut(name: &str) -> &str {
    &name[..name.floor_char_boundary(NAME_BYTES_MAX)]
}

/// Compares what suites declare with what was counted.
#[derive(Debug, Default)]
pub(super) struct Audit {
    /// The outermost difference, and how deep its suite lies. One says it all: the suites around a
    /// wrong one are mostly wrong too.
    difference: Option<(usize, Remark)>,
    /// Whether a suite was found empty, which is said once: its parents are mostly empty too.
    has_empty_suite: bool,
}

impl Audit {
    /// Looks at a suite when it ends, which lies in `depth` others. Returns a remark when it says
    /// that it has cases, but has none.
    pub(super) fn close(&mut self, suite: &OpenSuite, name: &str, depth: usize) -> Option<Remark> {
        if suite.case_count == 0 {
            let declared = suite.declared.case_count();
            if declared == 0 || self.has_empty_suite {
                return None;
            }
            self.has_empty_suite = true;
            let kind = RemarkKind::NoCases {
                suite: name.to_owned(),
                declared,
            };
            return Some(Remark {
                line: suite.line,
                kind,
            });
        }
        self.note_difference(suite, depth);
        None
    }

    fn note_difference(&mut self, suite: &OpenSuite, depth: usize) {
        let counted = suite.case_count;
        let is_outermost = self
            .difference
            .as_ref()
            .is_none_or(|(known, _)| depth < *known);
        match suite.declared.tests {
            Some(declared) if declared != counted && is_outermost => {
                let kind = RemarkKind::DeclaredCountDiffers { declared, counted };
                let line = suite.line;
                self.difference = Some((depth, Remark { line, kind }));
            }
            _ => {}
        }
    }

    /// The remark on the outermost difference.
    pub(super) fn into_remark(self) -> Option<Remark> {
        self.difference.map(|(_, remark)| remark)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_do_not_grow_with_every_level() {
        let kept = "é".repeat(256);
        let long = format!("{kept}x");
        assert_eq!(joined(&long, "own"), format!("{kept} > own"));
        assert_eq!(joined("", &long), kept);
    }
}
