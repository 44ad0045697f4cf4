//! Which elements say something of tests, and where they have to be.

/// What an element is to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Element {
    /// `testsuites` or `testsuite`.
    Suite,
    Case,
    /// `failure`, `error` or `skipped`, of a case or a suite.
    Reason,
    /// Output, properties and whatever else; nothing in it is looked at.
    Ignored,
}

/// What an element of this name is within `parent`. `None` when no results begin with it.
pub(super) fn element(parent: Option<Element>, name: &str) -> Option<Element> {
    let element = match (parent, name) {
        (None | Some(Element::Suite), "testsuites" | "testsuite") => Element::Suite,
        (None, _) => return None,
        (Some(Element::Suite), "testcase") => Element::Case,
        (Some(Element::Suite | Element::Case), "failure" | "error")
        | (Some(Element::Case), "skipped" | "disabled") => Element::Reason,
        // With what Surefire says of earlier attempts: `flakyFailure` of a case that passed in the
        // end, `rerunFailure` beside the `failure` of one that did not.
        (Some(_), _) => Element::Ignored,
    };
    Some(element)
}
