//! Reads JUnit XML, in whatever dialect, as a stream.
//!
//! There is no official schema; this reads what runners write, and only refuses what is not XML or
//! begins with another element. quick-junit is not used: it skips suites within suites, and wants
//! attributes that many runners leave out.
//! Source: <https://github.com/testmoapp/junitxml> for the common shape.

mod case;
mod element;
#[cfg(test)]
mod probes;
mod reason;
mod suite;
mod times;

use common::report::DETAILS_BYTES_MAX;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::io::{self, Read};

use self::case::CaseDraft;
use self::element::{Element, element};
use self::reason::Reason;
use self::suite::{Audit, OpenSuite};
use self::times::Times;
use super::details_room::DetailsRoom;
use super::encoding::utf8;
use super::source::Source;
use super::text::Text;
use crate::model::case::Outcome;
use crate::model::elapsed::Elapsed;
use crate::model::file::{Fault, FileResults, Place};

/// The deepest nesting that is read.
///
/// Chosen: `PHPUnit` nests suites by folder and data set, some ten deep.
const DEPTH_MAX: usize = 256;

/// How much of an element's text is collected: enough to fill the details of a case even if every
/// character is written as a reference.
const TEXT_BYTES_MAX: usize = 8 * DETAILS_BYTES_MAX;

/// Chosen: enough to show what a file that is not XML begins with.
const STRAY_TEXT_BYTES_MAX: usize = 40;

/// Reads a file of results into `results`. What was read before a fault stays. What is kept of the
/// texts of failures is taken from `details_room`.
///
/// # Errors
///
/// The file is empty, not XML, not JUnit, or broken on the way.
pub(crate) fn read_junit(
    bytes: impl Read,
    results: &mut FileResults,
    details_room: &mut DetailsRoom,
) -> Result<(), Fault> {
    let bytes = utf8(bytes).map_err(|error| Fault::unreadable(&error))?;
    let mut xml = Reader::from_reader(Source::new(bytes));
    let mut junit = JunitReader::new(results, details_room);
    let read = junit.read(&mut xml);
    junit.finish();
    read
}

/// What is known between two tags.
struct JunitReader<'a> {
    results: &'a mut FileResults,
    details_room: &'a mut DetailsRoom,
    /// The elements around the current place, from the root.
    elements: Vec<Element>,
    /// The suites among them.
    suites: Vec<OpenSuite>,
    /// The case that is open or was last.
    case: CaseDraft,
    /// The failure or the like that is open or was last.
    reason: Reason,
    /// How long that case ran.
    elapsed: Option<Elapsed>,
    /// The text of that failure, or what is outside of the root element.
    text: Text,
    /// All other text.
    unwanted: Text,
    /// Where the current tag or text begins.
    place: Place,
    has_root: bool,
    audit: Audit,
    times: Times,
}

impl<'a> JunitReader<'a> {
    fn new(results: &'a mut FileResults, details_room: &'a mut DetailsRoom) -> Self {
        Self {
            results,
            details_room,
            elements: Vec::new(),
            suites: Vec::new(),
            case: CaseDraft::default(),
            reason: Reason::default(),
            elapsed: None,
            text: Text::default(),
            unwanted: Text::default(),
            place: Place::START,
            has_root: false,
            audit: Audit::default(),
            times: Times::default(),
        }
    }

    fn read<R: Read>(&mut self, xml: &mut Reader<Source<R>>) -> Result<(), Fault> {
        let mut buffer = Vec::new();
        loop {
            let source = xml.get_mut();
            self.place = source.place();
            let read = source.read_text(self.text_here());
            self.check_text(read)?;
            self.place = source.place();
            source.start_tag();
            buffer.clear();
            match xml.read_event_into(&mut buffer) {
                Ok(Event::Start(tag)) => self.open(&tag)?,
                Ok(Event::Empty(tag)) => {
                    self.open(&tag)?;
                    self.close();
                }
                Ok(Event::End(_)) => self.close(),
                Ok(Event::Eof) => return self.check_end(),
                // Declarations, instructions and document types say nothing of tests.
                Ok(_) => {}
                Err(quick_xml::Error::Io(error)) => return Err(self.fault(error.to_string())),
                Err(error) => return Err(self.fault(error.to_string())),
            }
        }
    }

    /// Where the text that comes next belongs.
    fn text_here(&mut self) -> &mut Text {
        match self.elements.last() {
            None => {
                self.text.reset(STRAY_TEXT_BYTES_MAX);
                &mut self.text
            }
            Some(Element::Reason) => &mut self.text,
            Some(_) => &mut self.unwanted,
        }
    }

    /// Refuses text outside of the root element.
    fn check_text(&self, read: io::Result<()>) -> Result<(), Fault> {
        read.map_err(|error| self.fault(error.to_string()))?;
        if !self.elements.is_empty() {
            return Ok(());
        }
        let (text, _) = self.text.kept();
        let text = text.trim();
        if text.is_empty() {
            return Ok(());
        }
        Err(self.fault(if self.has_root {
            format!("text follows the root element: `{text}`")
        } else {
            format!("this is not XML; it begins with `{text}`")
        }))
    }

    fn open(&mut self, tag: &BytesStart<'_>) -> Result<(), Fault> {
        if self.elements.len() == DEPTH_MAX {
            let message = format!("elements are nested more than {DEPTH_MAX} deep");
            return Err(self.fault(message));
        }
        let name = tag.local_name();
        let element = self.element(name.as_ref())?;
        let read = match element {
            Element::Suite => self.open_suite(tag),
            Element::Case => self.open_case(tag),
            Element::Reason => self.open_reason(tag),
            Element::Ignored => Ok(()),
        };
        read.map_err(|error| self.fault(format!("`<{}>` is ill-formed: {error}", name.as_ref())))?;
        self.has_root = true;
        self.elements.push(element);
        Ok(())
    }

    /// What an element of this name is at the current place.
    fn element(&self, name: &str) -> Result<Element, Fault> {
        let parent = self.elements.last().copied();
        if parent.is_none() && self.has_root {
            return Err(self.fault("a second root element begins".to_owned()));
        }
        element(parent, name).ok_or_else(|| {
            self.fault(format!(
                "this is not JUnit XML; its root element is `<{name}>`, not `<testsuites>` or `<testsuite>`"
            ))
        })
    }

    fn open_suite(&mut self, tag: &BytesStart<'_>) -> Result<(), String> {
        let parent_name = match self.suites.last() {
            Some(parent) => self.results.suites[parent.index].name.as_str(),
            None => "",
        };
        let (suite, declared) = suite::start(tag, parent_name)?;
        self.suites.push(OpenSuite {
            index: self.results.suites.len(),
            line: self.place.line,
            declared,
            case_count: 0,
        });
        self.results.suites.push(suite);
        Ok(())
    }

    fn open_case(&mut self, tag: &BytesStart<'_>) -> Result<(), String> {
        self.case.start(tag)?;
        self.elapsed = self.times.read(self.case.time(), self.place.line);
        Ok(())
    }

    fn open_reason(&mut self, tag: &BytesStart<'_>) -> Result<(), String> {
        self.text.reset(TEXT_BYTES_MAX);
        self.reason = Reason::start(tag, self.place.line)?;
        Ok(())
    }

    fn close(&mut self) {
        match self.elements.pop() {
            Some(Element::Suite) => self.close_suite(),
            Some(Element::Case) => self.close_case(),
            Some(Element::Reason) => self.close_reason(),
            Some(Element::Ignored) | None => {}
        }
    }

    fn close_suite(&mut self) {
        let Some(suite) = self.suites.pop() else {
            return;
        };
        let name = &self.results.suites[suite.index].name;
        let remark = self.audit.close(&suite, name, self.suites.len());
        self.results.remarks.extend(remark);
        if let Some(parent) = self.suites.last_mut() {
            parent.case_count += suite.case_count;
        }
    }

    fn close_case(&mut self) {
        let Some(suite) = self.suites.last_mut() else {
            return;
        };
        suite.case_count += 1;
        let outcome = self.case.outcome();
        let tally = &mut self.results.suites[suite.index].tally;
        tally.count(outcome, self.elapsed.unwrap_or_default());
        if outcome != Outcome::Passed {
            let case = self
                .case
                .to_case(suite.index, self.elapsed, self.details_room);
            self.results.cases.push(case);
        }
    }

    fn close_reason(&mut self) {
        let mut reason = std::mem::take(&mut self.reason);
        reason.finish(&self.text);
        match (self.elements.last(), self.suites.last()) {
            (Some(Element::Case), _) => self.case.add(reason),
            (_, Some(suite)) => {
                let name = &self.results.suites[suite.index].name;
                self.results.remarks.push(reason.into_suite_remark(name));
            }
            (_, None) => {}
        }
    }

    /// Refuses a file that ends too early.
    fn check_end(&self) -> Result<(), Fault> {
        if !self.has_root {
            let is_empty = self.place == Place::START;
            let held = if is_empty {
                "is empty"
            } else {
                "holds no element"
            };
            return Err(self.fault(format!("the file {held}")));
        }
        if !self.elements.is_empty() {
            return Err(self.fault("the file ends before its elements do".to_owned()));
        }
        Ok(())
    }

    fn finish(mut self) {
        self.close_cut_case();
        self.results.has_decimal_comma = self.times.has_decimal_comma();
        self.results.remarks.extend(self.audit.into_remark());
        self.results.remarks.extend(self.times.into_remarks());
    }

    /// Counts a case within which the file broke off, if it is known by then that it did not pass.
    fn close_cut_case(&mut self) {
        if !self.elements.contains(&Element::Case) {
            return;
        }
        while self.elements.last() != Some(&Element::Case) {
            self.close();
        }
        if self.case.outcome() != Outcome::Passed {
            self.close();
        }
    }

    fn fault(&self, message: String) -> Fault {
        Fault {
            is_partial: self.has_root,
            place: Some(self.place),
            message,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(bytes: &[u8]) -> FileResults {
        let mut results = FileResults::default();
        results.fault = read_junit(bytes, &mut results, &mut DetailsRoom::default()).err();
        results
    }

    const WHOLE: &str = "<testsuites><testsuite name='s'><testcase name='a'/><testcase name='b'>\
        <failure message='&lt;'><![CDATA[x]]></failure></testcase></testsuite></testsuites>";

    #[test]
    fn text_around_elements_within_a_failure_is_kept() {
        let text = "<testsuite><testcase><failure>a <b>x</b> c</failure></testcase></testsuite>";
        let results = read(text.as_bytes());
        assert_eq!(results.cases[0].details.as_deref(), Some("a  c"));
    }

    #[test]
    fn only_a_skipped_test_is_still_to_do() {
        let outcome = |reasons: &str| {
            let text = format!("<testsuite><testcase>{reasons}</testcase></testsuite>");
            read(text.as_bytes()).cases[0].outcome
        };
        let still_to_do = "<skipped type='todo'/><failure/>";
        assert_eq!(outcome(still_to_do), Outcome::Skipped);
        assert_eq!(outcome("<failure type='TODO'/>"), Outcome::Failed);
    }

    #[test]
    fn of_an_attribute_that_is_there_twice_the_last_one_counts() {
        let text = "<testsuite><testcase name='a' time='1' name='b' time='2'><failure/>";
        let results = read(text.as_bytes());
        assert_eq!(results.cases[0].name, "b");
        assert_eq!(results.cases[0].elapsed, Some(Elapsed::certain(2_000_000)));
    }

    #[test]
    fn a_failure_counts_even_if_the_file_breaks_off_within_it() {
        let cut = |at: &str| read(&WHOLE.as_bytes()[..WHOLE.find(at).unwrap()]);
        let within_text = cut("]]>");
        assert_eq!(within_text.cases[0].message.as_deref(), Some("<"));
        assert_eq!(within_text.cases[0].details.as_deref(), Some("x"));
        assert_eq!(cut("</testcase>").case_count(), 2);
        assert_eq!(cut("<failure").case_count(), 1);
    }

    #[test]
    fn output_is_not_collected_however_long() {
        let output = io::repeat(b'x').take(100 << 20);
        let start = &b"<testsuite><testcase name='a'><system-out><![CDATA["[..];
        let end = &b"]]></system-out></testcase></testsuite>"[..];
        let mut results = FileResults::default();
        read_junit(
            start.chain(output).chain(end),
            &mut results,
            &mut DetailsRoom::default(),
        )
        .unwrap();
        assert_eq!(results.case_count(), 1);
    }

    #[test]
    fn a_device_that_fails_midway_leaves_what_came_before() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("the disk is on fire"))
            }
        }
        let start = &WHOLE.as_bytes()[..60];
        let padding = " ".repeat(100 << 10);
        let mut results = FileResults::default();
        let bytes = start.chain(padding.as_bytes()).chain(Broken);
        let fault = read_junit(bytes, &mut results, &mut DetailsRoom::default()).unwrap_err();
        assert_eq!(fault.message, "the disk is on fire");
        assert_eq!((fault.is_partial, results.case_count()), (true, 1));
    }

    proptest! {
        #[test]
        fn any_bytes_are_results_or_a_fault(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            prop_assert!(read(&bytes).fault.is_some());
        }

        #[test]
        fn any_mix_of_markup_is_read(
            parts in proptest::collection::vec(
                prop_oneof![
                    Just("<testsuite name='s' tests='2'>"), Just("</testsuite>"), Just("<testcase time='1,0'>"),
                    Just("</testcase>"), Just("<failure>"), Just("</failure>"), Just("<skipped type='todo'/>"),
                    Just("<![CDATA["), Just("]]>"), Just("<!--"), Just("-->"), Just("<!DOCTYPE"), Just("<?"),
                    Just("&#x;"), Just("\u{0}<"), Just("é>"), Just("<system-out>"), Just("</system-out>"),
                ],
                0..30,
            )
        ) {
            let _ = read(parts.concat().as_bytes());
        }

        #[test]
        fn any_cut_of_a_file_is_a_fault(cut in 0..WHOLE.len()) {
            let results = read(&WHOLE.as_bytes()[..cut]);
            prop_assert!(results.fault.is_some());
            prop_assert!(results.case_count() <= 2);
        }
    }
}
