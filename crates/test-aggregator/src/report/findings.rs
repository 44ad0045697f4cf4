//! What is wrong with the result files. Failed cases are no findings: the report lists them itself.

use common::report::{Finding, Location, Severity};
use common::units::format_count;

use crate::analysis::merge::Run;
use crate::model::file::{Fault, FileResults, Place, Remark, RemarkKind};

/// The findings on all files.
pub(super) fn findings(files: &[FileResults], run: &Run) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files {
        findings.extend(file.fault.as_ref().map(|fault| on_fault(file, fault)));
        findings.extend(file.remarks.iter().map(|remark| on_remark(file, remark)));
    }
    if run.total.case_count() == 0 {
        findings.push(nothing_ran(files));
    }
    findings
}

/// A fault in one line, with its place in the file.
pub(super) fn fault_text(fault: &Fault) -> String {
    let message = &fault.message;
    match fault.place {
        Some(Place { line, column }) => format!("line {line}, column {column}: {message}"),
        None => message.clone(),
    }
}

fn on_fault(file: &FileResults, fault: &Fault) -> Finding {
    let (rule, message) = if fault.is_partial {
        let count = format_count(file.case_count(), "case");
        let text = fault_text(fault);
        (
            "partial-file",
            format!("only {count} could be read: {text}"),
        )
    } else {
        ("unreadable-file", fault_text(fault))
    };
    Finding {
        location: Some(location(file, fault.place.unwrap_or(Place::START).line)),
        ..finding(rule, Severity::Error, message)
    }
}

fn on_remark(file: &FileResults, remark: &Remark) -> Finding {
    let finding = match &remark.kind {
        RemarkKind::DeclaredCountDiffers { declared, counted } => finding(
            "declared-count-differs",
            Severity::Note,
            format!(
                "the file declares {}, but holds {counted}",
                format_count(*declared, "case")
            ),
        ),
        RemarkKind::NoCases { suite, declared } => Finding {
            advice: Some("see how the runner ended: results may have been lost".to_owned()),
            subject: subject(suite),
            ..finding(
                "no-cases",
                Severity::Error,
                format!(
                    "a suite declares {}, but holds none",
                    format_count(*declared, "case")
                ),
            )
        },
        RemarkKind::SuiteFailed { suite, message } => Finding {
            subject: subject(suite),
            ..finding(
                "suite-failed",
                Severity::Error,
                suite_failed(message.as_deref()),
            )
        },
        RemarkKind::UnusableTimes { first, count } => finding(
            "unusable-time",
            Severity::Warning,
            format!("{} left out, the first is `{first}`", times_are(*count)),
        ),
        RemarkKind::AmbiguousTimes { first, count } => finding(
            "ambiguous-time",
            Severity::Warning,
            format!(
                "{} read with a comma for thousands, the first is `{first}`",
                times_are(*count)
            ),
        ),
    };
    Finding {
        location: Some(location(file, remark.line)),
        ..finding
    }
}

fn nothing_ran(files: &[FileResults]) -> Finding {
    let count = format_count(files.len() as u64, "file");
    finding(
        "nothing-ran",
        Severity::Error,
        format!("no case was found in {count}"),
    )
}

fn suite_failed(message: Option<&str>) -> String {
    match message {
        Some(message) => format!("a suite failed outside of its cases: {message}"),
        None => "a suite failed outside of its cases".to_owned(),
    }
}

fn times_are(count: u64) -> String {
    let verb = if count == 1 { "was" } else { "were" };
    format!("{} {verb}", format_count(count, "time"))
}

fn subject(suite: &str) -> Option<String> {
    (!suite.is_empty()).then(|| suite.to_owned())
}

fn location(file: &FileResults, line: u32) -> Location {
    Location {
        path: file.path.clone(),
        line,
    }
}

fn finding(rule: &str, severity: Severity, message: String) -> Finding {
    Finding {
        rule: rule.to_owned(),
        severity,
        message,
        advice: None,
        location: None,
        subject: None,
        saving: None,
    }
}
