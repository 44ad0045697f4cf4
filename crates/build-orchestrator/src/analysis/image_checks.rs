//! What is checked of a built image: the rules, and which promises hold for it.
//!
//! Without a contract only what holds for any image is asked for.

mod command;
mod config;
mod permissions;
mod software;
mod start;
mod terms;
mod user;

pub(crate) use terms::{HeldTerms, held_terms};

use crate::model::check::{Check, Fault, Outcome, Place, Severity};
use crate::model::contract::Terms;
use crate::model::image::Examined;

/// The rules and what each is about, in the order in which images are checked.
pub(crate) const RULES: [(&str, &str); 20] = [
    ("runs-as-root", "the image does not run as root"),
    (
        "unknown-user",
        "the name in `USER` is in the image's `/etc/passwd`",
    ),
    ("user-differs", "it runs as the contract's `user`"),
    (
        "shell-presence",
        "there is a shell or none, as the contract's `shell` says",
    ),
    (
        "package-manager-presence",
        "there is a package manager or none, as the contract's `package-manager` says",
    ),
    ("health-check-missing", "there is a health check"),
    ("labels-differ", "it has the contract's `labels`"),
    (
        "ports-differ",
        "it exposes the contract's `ports` and no others",
    ),
    (
        "image-too-large",
        "it is no larger than the contract's `max-size`",
    ),
    (
        "setuid-file",
        "no file but the contract's `setuid` has setuid or setgid",
    ),
    (
        "world-writable-file",
        "nobody but its owner can change a file outside temporary folders",
    ),
    ("command-missing", "it has an entrypoint or a command"),
    ("command-not-found", "the program that it runs is in it"),
    ("command-not-executable", "that program can be executed"),
    (
        "command-wrong-platform",
        "that program is for the image's platform",
    ),
    (
        "interpreter-missing",
        "what that program needs to run, as its `#!` or ELF header says, is in the image",
    ),
    (
        "start-failed",
        "a container of it starts, as the contract's `start` says",
    ),
    (
        "health-check-failed",
        "its health check passes within the time limit",
    ),
    (
        "adjacent-runs",
        "a stage that becomes an image has no two `RUN` in a row",
    ),
    (
        "cleanup-in-own-layer",
        "no `RUN` only deletes what an earlier layer keeps",
    ),
];

/// How many paths a message lists.
///
/// Chosen: a line or two of a terminal.
const PATHS_MAX: usize = 8;

/// Checks an image against the terms that hold for it.
pub(crate) fn image_checks(examined: &Examined, terms: &Terms) -> Vec<Check> {
    let (image, files) = (&examined.image, &examined.files);
    let mut checks = Vec::new();
    checks.extend(user::checks(image, files, terms));
    checks.extend(software::checks(image, files, terms));
    checks.extend(config::checks(image, terms));
    checks.extend(permissions::checks(files, terms));
    checks.extend(command::checks(image, files, terms));
    checks.extend(start::checks(image, examined.start.as_ref(), terms));
    checks
}

fn check(rule: &'static str, outcome: Outcome) -> Check {
    Check { rule, outcome }
}

/// A fault without advice, at the `FROM` of the stage unless it is put elsewhere.
fn fault(severity: Severity, message: impl Into<String>) -> Fault {
    Fault {
        severity,
        message: message.into(),
        advice: None,
        place: Place::Instruction(&[]),
    }
}

impl Fault {
    fn advise(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }

    fn at(mut self, keywords: &'static [&'static str]) -> Self {
        self.place = Place::Instruction(keywords);
        self
    }

    fn nowhere(mut self) -> Self {
        self.place = Place::Nowhere;
        self
    }
}

/// Paths in backticks, as many as a message holds.
fn list(paths: &[&str]) -> String {
    let shown = paths.iter().take(PATHS_MAX);
    let shown: Vec<String> = shown.map(|path| format!("`/{path}`")).collect();
    match paths.len().saturating_sub(PATHS_MAX) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    use crate::model::image::{BuiltImage, ImageFiles};

    #[test]
    fn every_check_has_its_place_among_the_rules() {
        let examined = Examined {
            image: BuiltImage::default(),
            files: ImageFiles::default(),
            start: None,
        };
        let checks = image_checks(&examined, &Terms::default());
        let checked: Vec<&str> = checks.iter().map(|check| check.rule).collect();
        let rules: Vec<&str> = RULES.iter().map(|(rule, _)| *rule).collect();
        assert_eq!(checked, rules[..18]);
        assert_eq!(rules.iter().collect::<BTreeSet<_>>().len(), RULES.len());
    }

    #[test]
    fn a_long_list_is_cut() {
        assert_eq!(list(&["a", "b"]), "`/a`, `/b`");
        assert!(list(&["a"; 10]).ends_with("`/a` and 2 more"));
    }
}
