//! A case while it is being read.
//!
//! One draft serves all cases of a file, so that those that pass, nearly all, cost no allocation.

use quick_xml::events::BytesStart;

use super::reason::Reason;
use crate::input::details_room::DetailsRoom;
use crate::input::text::unescaped;
use crate::model::case::{Case, Outcome, Source};
use crate::model::elapsed::Elapsed;

/// What is known of a case so far. Empty texts are attributes that are missing or empty.
#[derive(Debug, Default)]
pub(super) struct CaseDraft {
    name: String,
    class_name: String,
    source_path: String,
    source_line: Option<u32>,
    time: String,
    /// What its own attributes say of its end.
    declared: Outcome,
    /// The gravest of its reasons, with the texts of equally grave ones.
    reason: Option<Reason>,
}

impl CaseDraft {
    /// Begins a case.
    pub(super) fn start(&mut self, tag: &BytesStart<'_>) -> Result<(), String> {
        self.reset();
        for attribute in tag.attributes().with_checks(false) {
            let attribute = attribute.map_err(|error| error.to_string())?;
            let value = attribute.value.as_ref();
            match attribute.key.as_ref() {
                "name" => set(&mut self.name, &unescaped(value)),
                "classname" => set(&mut self.class_name, &unescaped(value)),
                // PHPUnit writes both.
                "class" if self.class_name.is_empty() => {
                    set(&mut self.class_name, &unescaped(value));
                }
                "file" => set(&mut self.source_path, &unescaped(value)),
                "line" => self.source_line = value.trim().parse().ok(),
                "time" => set(&mut self.time, value.trim()),
                "status" | "result" => self.declared = self.declared.max(declared_outcome(value)),
                _ => {}
            }
        }
        Ok(())
    }

    fn reset(&mut self) {
        self.name.clear();
        self.class_name.clear();
        self.source_path.clear();
        self.source_line = None;
        self.time.clear();
        self.declared = Outcome::Passed;
        self.reason = None;
    }

    /// The `time` attribute.
    pub(super) fn time(&self) -> &str {
        &self.time
    }

    /// Adds a failure or the like. The gravest decides; of a test that is still to do, none does.
    pub(super) fn add(&mut self, reason: Reason) {
        match &mut self.reason {
            None => self.reason = Some(reason),
            Some(known) => known.merge(reason),
        }
    }

    /// How the case ended, by all that was read of it.
    pub(super) fn outcome(&self) -> Outcome {
        match &self.reason {
            Some(reason) if reason.is_todo() => Outcome::Skipped,
            Some(reason) => reason.outcome().max(self.declared),
            None => self.declared,
        }
    }

    /// The case as it is kept, its details taken from `details_room`.
    pub(super) fn to_case(
        &self,
        suite_index: usize,
        elapsed: Option<Elapsed>,
        details_room: &mut DetailsRoom,
    ) -> Case {
        let filled = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let reason = self.reason.as_ref();
        Case {
            suite_index,
            class_name: filled(&self.class_name),
            name: self.name.clone(),
            outcome: self.outcome(),
            elapsed,
            message: reason.and_then(Reason::message),
            details: reason.and_then(|reason| reason.details(details_room)),
            source: filled(&self.source_path).map(|path| Source {
                path,
                line: self.source_line,
            }),
        }
    }
}

/// Replaces a text, and keeps its memory. An attribute may be there twice; the last one counts.
fn set(text: &mut String, value: &str) {
    text.clear();
    text.push_str(value);
}

/// What a `status` or `result` attribute says. Google Test, `CTest` and others write it.
fn declared_outcome(value: &str) -> Outcome {
    let any_of = |words: &[&str]| words.iter().any(|word| value.eq_ignore_ascii_case(word));
    if any_of(&["disabled", "notrun", "skipped", "ignored", "suppressed"]) {
        Outcome::Skipped
    } else if any_of(&["failed", "failure", "fail"]) {
        Outcome::Failed
    } else if any_of(&["errored", "error"]) {
        Outcome::Errored
    } else {
        Outcome::Passed
    }
}
