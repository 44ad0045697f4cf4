//! Says why a step ran, back to the cause that no other step explains.

use common::report::{ContextChange, ContextChangeKind, Miss, MissCause};
use common::units::format_count;
use std::collections::HashMap;

/// Chosen: three links of a chain fit in a table's cell; the ones in the middle say least.
const LINKS_MAX: usize = 3;

/// Chosen: enough to tell one instruction from another.
const NAME_CHARS_MAX: usize = 48;

/// The misses of a report, to follow causes from one to the next.
pub(super) struct Chains<'a> {
    misses: HashMap<&'a str, &'a Miss>,
}

impl<'a> Chains<'a> {
    pub(super) fn new(misses: &'a [Miss]) -> Self {
        Self {
            misses: misses
                .iter()
                .map(|miss| (miss.step.as_str(), miss))
                .collect(),
        }
    }

    /// What follows "ran because": `COPY src ran, because src/main.rs changed (content)`.
    pub(super) fn because(&self, miss: &'a Miss) -> String {
        let (links, last) = self.links(miss);
        let mut parts: Vec<_> = links
            .iter()
            .map(|link| format!("{} ran", shortened(link)))
            .collect();
        if parts.len() > LINKS_MAX {
            let left_out = parts.len() - 2;
            let note = format!("{} between ran", format_count(left_out as u64, "step"));
            parts.splice(1..=left_out, [note]);
        }
        parts.push(last);
        parts.join(", because ")
    }

    /// The names of the steps that led to `miss`, nearest first, and what started it all.
    fn links(&self, miss: &'a Miss) -> (Vec<&'a str>, String) {
        let mut links = Vec::new();
        let mut cause = &miss.cause;
        // A chain in a report that goes in circles is followed once around.
        while let MissCause::DependencyRan { step } = cause
            && links.len() < self.misses.len()
        {
            let Some(dependency) = self.misses.get(step.as_str()) else {
                return (links, format!("`{step}` ran"));
            };
            links.push(dependency.name.as_str());
            cause = &dependency.cause;
        }
        let last = match cause {
            // What is missing is said where the step itself is shown.
            MissCause::Unknown { .. } if !links.is_empty() => "of an unknown cause".to_owned(),
            cause => own_cause(cause),
        };
        (links, last)
    }
}

fn own_cause(cause: &MissCause) -> String {
    match cause {
        MissCause::NoCache => "the cache was switched off".to_owned(),
        MissCause::InstructionChanged {
            before: Some(before),
        } => format!("the instruction was `{}`", shortened(before)),
        MissCause::InstructionChanged { before: None } => {
            "the instruction or its stage is new, or stands elsewhere".to_owned()
        }
        MissCause::FilesChanged { changes } => files_changed(changes),
        MissCause::ArgChanged {
            name,
            before,
            after,
        } => arg_changed(name, before.as_deref(), after.as_deref()),
        MissCause::EnvChanged {
            name,
            before,
            after,
        } => set_changed(&format!("ENV {name}"), before.as_deref(), after.as_deref()),
        MissCause::BaseChanged { image, .. } => format!("the base image `{image}` is another one"),
        MissCause::SettingChanged {
            name,
            before,
            after,
        } => set_changed(&format!("its {name}"), before.as_deref(), after.as_deref()),
        MissCause::Evicted => "the builder does not have its result any more".to_owned(),
        MissCause::DependencyRan { step } => format!("`{step}` ran"),
        MissCause::Unknown { missing } => format!("unknown without {missing}"),
    }
}

fn files_changed(changes: &[ContextChange]) -> String {
    let Some((first, rest)) = changes.split_first() else {
        return "its files changed".to_owned();
    };
    let kind = match first.change {
        ContextChangeKind::Added => "added",
        ContextChangeKind::Removed => "removed",
        ContextChangeKind::Content => "content",
        ContextChangeKind::Mode => "mode",
    };
    let first = format!("{} changed ({kind})", first.path);
    if rest.is_empty() {
        first
    } else {
        format!(
            "{first}, and {}",
            format_count(rest.len() as u64, "more file")
        )
    }
}

fn arg_changed(name: &str, before: Option<&str>, after: Option<&str>) -> String {
    match (before, after) {
        (Some(before), Some(after)) => format!("ARG {name} changed from `{before}` to `{after}`"),
        (None, Some(after)) => format!("ARG {name} was given as `{after}`"),
        (Some(before), None) => format!("ARG {name} is not given any more, it was `{before}`"),
        (None, None) => format!("ARG {name} changed"),
    }
}

/// A setting that changed, or that is there in one build only.
fn set_changed(what: &str, before: Option<&str>, after: Option<&str>) -> String {
    match (before, after) {
        (Some(before), Some(after)) => format!("{what} changed from `{before}` to `{after}`"),
        (None, Some(after)) => format!("{what} was set to `{after}`"),
        (Some(before), None) => format!("{what} is not set any more, it was `{before}`"),
        (None, None) => format!("{what} changed"),
    }
}

/// A step's name in one line, cut where it is long.
pub(super) fn shortened(name: &str) -> String {
    let line = name.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(NAME_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn miss(step: &str, name: &str, cause: MissCause) -> Miss {
        Miss {
            step: step.to_owned(),
            name: name.to_owned(),
            location: None,
            duration_ms: 0,
            cause,
        }
    }

    fn after(step: &str) -> MissCause {
        MissCause::DependencyRan {
            step: step.to_owned(),
        }
    }

    fn files(changes: &[(&str, ContextChangeKind)]) -> MissCause {
        let change = |&(path, change): &(&str, ContextChangeKind)| ContextChange {
            path: path.to_owned(),
            change,
        };
        MissCause::FilesChanged {
            changes: changes.iter().map(change).collect(),
        }
    }

    #[test]
    fn a_chain_is_followed_to_the_file_that_started_it() {
        let misses = [
            miss("a/3", "RUN build", after("a/2")),
            miss(
                "a/2",
                "COPY src",
                files(&[("src/main.rs", ContextChangeKind::Content)]),
            ),
        ];
        assert_eq!(
            Chains::new(&misses).because(&misses[0]),
            "COPY src ran, because src/main.rs changed (content)"
        );
    }

    #[test]
    fn what_is_missing_is_said_once_where_the_chain_starts() {
        let unknown = MissCause::Unknown {
            missing: "the base digest".to_owned(),
        };
        let misses = [miss("2", "RUN b", after("1")), miss("1", "RUN a", unknown)];
        let chains = Chains::new(&misses);
        let expected = [
            "RUN a ran, because of an unknown cause",
            "unknown without the base digest",
        ];
        assert_eq!(misses.each_ref().map(|miss| chains.because(miss)), expected);
    }

    #[test]
    fn a_long_chain_keeps_its_ends() {
        let mut misses: Vec<_> = (1..=5)
            .map(|n| {
                miss(
                    &n.to_string(),
                    &format!("RUN {n}"),
                    after(&(n - 1).to_string()),
                )
            })
            .collect();
        misses.push(miss(
            "0",
            "RUN 0",
            MissCause::InstructionChanged { before: None },
        ));
        assert_eq!(
            Chains::new(&misses).because(&misses[4]),
            "RUN 4 ran, because 3 steps between ran, because RUN 0 ran, because the instruction or its \
             stage is new, or stands elsewhere"
        );
    }

    #[test]
    fn a_circle_and_a_step_that_is_not_there_end() {
        let misses = [
            miss("1", "RUN 1", after("2")),
            miss("2", "RUN 2", after("1")),
        ];
        let text = Chains::new(&misses).because(&misses[0]);
        assert_eq!(text, "RUN 2 ran, because RUN 1 ran, because `2` ran");
        let misses = [miss("1", "RUN 1", after("gone"))];
        assert_eq!(Chains::new(&misses).because(&misses[0]), "`gone` ran");
    }

    #[test]
    fn every_cause_is_said_in_words() {
        let mode = ("b", ContextChangeKind::Mode);
        let arg = |before: Option<&str>, after: Option<&str>| MissCause::ArgChanged {
            name: "V".to_owned(),
            before: before.map(str::to_owned),
            after: after.map(str::to_owned),
        };
        let unknown = MissCause::Unknown {
            missing: "an earlier build report".to_owned(),
        };
        for (cause, text) in [
            (MissCause::NoCache, "the cache was switched off"),
            (files(&[]), "its files changed"),
            (files(&[mode, mode]), "b changed (mode), and 1 more file"),
            (
                files(&[mode, mode, mode]),
                "b changed (mode), and 2 more files",
            ),
            (arg(Some("1"), Some("2")), "ARG V changed from `1` to `2`"),
            (arg(None, Some("2")), "ARG V was given as `2`"),
            (
                arg(Some("1"), None),
                "ARG V is not given any more, it was `1`",
            ),
            (unknown, "unknown without an earlier build report"),
        ] {
            assert_eq!(own_cause(&cause), text);
        }
    }

    #[test]
    fn a_name_of_many_lines_is_shown_in_one() {
        let name = format!("RUN set -e\n  make {}", "x".repeat(100));
        let shown = shortened(&name);
        assert!(shown.starts_with("RUN set -e make xxx"));
        assert_eq!(shown.chars().count(), NAME_CHARS_MAX + 1);
    }
}
