//! Files that readers trip over, and files of real runners, with the right numbers by hand.
//!
//! `testdata/README.md` says where the files come from.

use std::path::{Path, PathBuf};

use crate::input::details_room::DetailsRoom;
use crate::input::file::read_file;
use crate::model::case::{Case, Tally};
use crate::model::file::{FileResults, RemarkKind};

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("testdata")
        .join(name)
}

fn read(name: &str) -> FileResults {
    read_file(&path(name), &mut DetailsRoom::default())
}

fn total(results: &FileResults) -> Tally {
    let mut total = Tally::default();
    for suite in &results.suites {
        total.add(&suite.tally);
    }
    total
}

/// Cases that passed, failed, errored, and were skipped.
fn counts(results: &FileResults) -> [u64; 4] {
    let total = total(results);
    [
        total.passed_count,
        total.failed_count,
        total.errored_count,
        total.skipped_count,
    ]
}

fn case<'a>(results: &'a FileResults, name: &str) -> &'a Case {
    results.cases.iter().find(|case| case.name == name).unwrap()
}

#[test]
fn cases_are_counted_whatever_the_shape() {
    let probes = [
        ("nested.xml", [2, 1, 0, 0]),
        ("bare-suite.xml", [2, 0, 0, 0]),
        ("cases-below-root.xml", [1, 0, 1, 0]),
        ("suites-in-suites.xml", [1, 0, 0, 0]),
        ("no-attributes.xml", [1, 1, 0, 0]),
        ("byte-order-mark.xml", [1, 0, 0, 0]),
        ("doctype.xml", [1, 0, 0, 0]),
        ("output-with-tags.xml", [2, 0, 0, 0]),
        ("two-failures.xml", [0, 1, 0, 0]),
        ("failure-and-error.xml", [0, 0, 1, 0]),
        ("skipped-and-failure.xml", [0, 1, 0, 0]),
        ("todo.xml", [0, 0, 0, 1]),
        ("gtest-not-run.xml", [1, 0, 0, 2]),
        ("surefire-attempts.xml", [1, 1, 0, 0]),
        ("wrong-counters.xml", [1, 1, 0, 0]),
        ("counters-only.xml", [0, 0, 0, 0]),
        ("suite-error.xml", [1, 0, 0, 0]),
        ("nothing.xml", [0, 0, 0, 0]),
    ];
    for (name, expected) in probes {
        let results = read(&format!("probes/{name}"));
        assert_eq!(results.fault, None, "{name}");
        assert_eq!(counts(&results), expected, "{name}");
    }
}

#[test]
fn no_character_costs_the_file() {
    let probes = [
        ("raw-control.xml", "red \u{1b}[31m, null \0, \u{fffe}"),
        ("control-references.xml", "red \u{1b}[31m, null \0"),
        ("invalid-utf8.xml", "caf\u{fffd}"),
        ("ampersands.xml", "a & b && c &nbsp; &amp;"),
        ("utf16.xml", "café"),
        ("utf16-without-mark.xml", "café"),
        ("latin1.xml", "café"),
        ("external-entity.xml", "&x;"),
        ("billion-laughs.xml", "&a8;"),
    ];
    for (name, message) in probes {
        let results = read(&format!("probes/{name}"));
        assert_eq!(results.fault, None, "{name}");
        assert_eq!(counts(&results), [1, 1, 0, 0], "{name}");
        assert_eq!(
            case(&results, "b").message.as_deref(),
            Some(message),
            "{name}"
        );
    }
}

#[test]
fn times_are_read_as_their_runner_meant_them() {
    let probes = [
        ("thousands.xml", 1_234_500_000),
        ("decimal-comma.xml", 1_394_000),
        ("ambiguous-comma.xml", 1_234_500_000),
        ("nanoseconds.xml", 0),
        ("negative-time.xml", 0),
    ];
    for (name, us) in probes {
        let results = read(&format!("probes/{name}"));
        let elapsed = total(&results).elapsed;
        assert_eq!(elapsed.total_us(results.has_decimal_comma), us, "{name}");
    }
}

#[test]
fn what_is_odd_is_remarked_once_with_its_line() {
    let unusable = |first: &str, count| RemarkKind::UnusableTimes {
        first: first.to_owned(),
        count,
    };
    let ambiguous = RemarkKind::AmbiguousTimes {
        first: "1,234".to_owned(),
        count: 1,
    };
    let differs = |declared, counted| RemarkKind::DeclaredCountDiffers { declared, counted };
    let no_cases = RemarkKind::NoCases {
        suite: "s".to_owned(),
        declared: 6,
    };
    let suite_failed = RemarkKind::SuiteFailed {
        suite: "s".to_owned(),
        message: Some("no fixture".to_owned()),
    };
    let probes = [
        ("nanoseconds.xml", 4, unusable("999638317", 1)),
        ("negative-time.xml", 4, unusable("-345345", 2)),
        ("ambiguous-comma.xml", 5, ambiguous),
        ("wrong-counters.xml", 3, differs(99, 2)),
        ("surefire-attempts.xml", 3, differs(7, 2)),
        ("counters-only.xml", 3, no_cases),
        ("suite-error.xml", 4, suite_failed),
    ];
    for (name, line, kind) in probes {
        let remarks = read(&format!("probes/{name}")).remarks;
        let [remark] = remarks.as_slice() else {
            panic!("{name}: {remarks:?}");
        };
        assert_eq!((remark.line, &remark.kind), (line, &kind), "{name}");
    }
    for quiet in ["nested.xml", "decimal-comma.xml", "nothing.xml"] {
        assert_eq!(read(&format!("probes/{quiet}")).remarks, [], "{quiet}");
    }
}

#[test]
fn what_comes_before_a_fault_is_kept() {
    let probes = [
        ("truncated.xml", 2, (5, 1), "tag not closed"),
        (
            "cut-between-tags.xml",
            2,
            (5, 1),
            "ends before its elements do",
        ),
        (
            "wrong-end.xml",
            1,
            (5, 1),
            "expected `</testcase>`, but `</testsuite>`",
        ),
        ("unquoted.xml", 1, (3, 1), "`<testcase>` is ill-formed"),
        ("second-root.xml", 1, (8, 1), "second root"),
        ("trailing-text.xml", 1, (6, 14), "`Killed`"),
        // `<testsuites>`, `<testsuite name="s">` and 254 of the 300 are 256; each has 20 bytes.
        ("deep.xml", 1, (5, 254 * 20 + 1), "more than 256 deep"),
    ];
    for (name, case_count, place, message) in probes {
        let results = read(&format!("probes/{name}"));
        assert_eq!(results.case_count(), case_count, "{name}");
        let fault = results.fault.unwrap();
        assert!(fault.is_partial, "{name}");
        let fault_place = fault.place.unwrap();
        assert_eq!((fault_place.line, fault_place.column), place, "{name}");
        assert!(fault.message.contains(message), "{name}: {}", fault.message);
    }
}

#[test]
fn what_is_no_result_file_is_said_to_be_none() {
    let probes = [
        ("empty.xml", Some(1), "the file is empty"),
        ("comment-only.xml", Some(2), "the file holds no element"),
        (
            "text.xml",
            Some(1),
            "it begins with `Error: no tests were run`",
        ),
        ("html.xml", Some(2), "its root element is `<html>`"),
        ("coverage.xml", Some(2), "its root element is `<coverage>`"),
        ("not-there.xml", None, "not-there.xml"),
    ];
    for (name, line, message) in probes {
        let results = read(&format!("probes/{name}"));
        assert_eq!(results.case_count(), 0, "{name}");
        let fault = results.fault.unwrap();
        assert!(!fault.is_partial, "{name}");
        assert_eq!(fault.place.map(|place| place.line), line, "{name}");
        assert!(fault.message.contains(message), "{name}: {}", fault.message);
    }
}

#[test]
fn suites_are_named_by_their_path_and_runs_are_no_suites() {
    let names = |results: FileResults| -> Vec<String> {
        let with_cases = results.suites.into_iter();
        let with_cases = with_cases.filter(|suite| suite.tally.case_count() > 0);
        with_cases.map(|suite| suite.name).collect()
    };
    assert_eq!(
        names(read("probes/nested.xml")),
        ["s", "s > t", "s > t > u"]
    );
    assert_eq!(names(read("probes/suites-in-suites.xml")), ["s > t"]);
    assert_eq!(names(read("probes/cases-below-root.xml")), [""]);
}

#[test]
fn reports_of_pytest_are_read() {
    let results = read("runners/pytest.xml");
    assert_eq!((counts(&results), results.remarks.len()), ([3, 2, 2, 2], 0));
    let failed = case(&results, "test_prices_a_cart");
    assert_eq!(failed.class_name.as_deref(), Some("test_shop"));
    assert_eq!(failed.message.as_deref(), Some("assert (3 * 7) == 22"));
    let source = failed.source.as_ref().unwrap();
    assert_eq!(
        (source.path.as_str(), source.line),
        ("test_shop.py", Some(7))
    );
}

/// Attempts are cases of the same name here, the earlier ones looking as if they had passed.
#[test]
fn reports_of_pytest_rerunfailures_are_read() {
    let results = read("runners/pytest-rerunfailures.xml");
    assert_eq!(counts(&results), [4, 1, 0, 0]);
    let differs = RemarkKind::DeclaredCountDiffers {
        declared: 2,
        counted: 5,
    };
    assert_eq!(results.remarks[0].kind, differs);
}

#[test]
fn reports_of_node_are_read() {
    let results = read("runners/node.xml");
    assert_eq!(counts(&results), [2, 2, 0, 2]);
    assert_eq!(
        case(&results, "rounds").message.as_deref(),
        Some("known bug")
    );
    let failed = case(&results, "finds nobody");
    assert_eq!(results.suites[failed.suite_index].name, "names");
    assert!(
        failed
            .details
            .as_deref()
            .unwrap()
            .starts_with("Error [ERR_TEST_FAILURE]")
    );
}

#[test]
fn reports_of_nextest_are_read() {
    let results = read("runners/nextest.xml");
    assert_eq!((counts(&results), results.remarks.len()), ([2, 1, 0, 1], 0));
    assert_eq!(total(&results).elapsed.certain_us, 67_000);
}
