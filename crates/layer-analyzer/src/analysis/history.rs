//! The instruction behind each layer, as the image's own history tells.

use crate::model::image::HistoryEntry;
use crate::model::secret::redacted;

/// What builders put before the command of a `RUN` in shell form.
///
/// The default shell, and those that `SHELL` is commonly set to.
const SHELLS: [&str; 6] = [
    "/bin/sh -c ",
    "/bin/bash -c ",
    "/bin/bash -o pipefail -c ",
    "/bin/bash -eo pipefail -c ",
    "/bin/ash -c ",
    "/bin/ash -eo pipefail -c ",
];

/// Returns the instruction of each layer, lowest first, without secrets.
///
/// `None` when the history does not say, and for all layers when it has not exactly one line for
/// each of them: a guess would blame the wrong instruction. Source: image-spec#872.
pub(crate) fn instructions(history: &[HistoryEntry], layer_count: usize) -> Vec<Option<String>> {
    let lines: Vec<&HistoryEntry> = history.iter().filter(|line| !line.is_empty_layer).collect();
    if lines.len() != layer_count {
        return vec![None; layer_count];
    }
    lines
        .into_iter()
        .map(|line| Some(redacted(&instruction(&line.created_by)?).into_owned()))
        .collect()
}

/// Writes a line of the history as the instruction that it was.
///
/// Source: BuildKit's dockerfile2llb/convert.go, and the legacy builder's `#(nop)` convention.
pub(super) fn instruction(created_by: &str) -> Option<String> {
    let text = created_by.trim();
    let text = text.strip_suffix("# buildkit").unwrap_or(text).trim_end();
    if text.is_empty() {
        return None;
    }
    let command = text.strip_prefix("RUN ").unwrap_or(text);
    if command.starts_with('|') {
        return Some(without_build_args(command));
    }
    Some(without_shell(command).unwrap_or_else(|| text.to_owned()))
}

/// `/bin/sh -c #(nop) COPY …` is `COPY …`, `/bin/sh -c x` is `RUN x`; anything else is `None`.
fn without_shell(command: &str) -> Option<String> {
    let command = SHELLS
        .iter()
        .find_map(|shell| command.strip_prefix(shell))?
        .trim();
    Some(match command.strip_prefix("#(nop)") {
        Some(instruction) => instruction.trim().to_owned(),
        None => format!("RUN {command}"),
    })
}

/// `|1 TOKEN=secret /bin/sh -c x` is `RUN x`. Where the arguments end cannot be told without the
/// shell, nor with two of them, and what may be a secret is not shown: then it is `RUN` alone.
fn without_build_args(command: &str) -> String {
    let mut shells = SHELLS
        .iter()
        .flat_map(|shell| command.match_indices(shell))
        .map(|(start, _)| start);
    match (shells.next(), shells.next()) {
        (Some(start), None) => without_shell(&command[start..]),
        _ => None,
    }
    .unwrap_or_else(|| "RUN".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_builders_form_reads_as_the_instruction() {
        let cases = [
            (
                "RUN /bin/sh -c apt-get update # buildkit",
                "RUN apt-get update",
            ),
            (
                "RUN |2 A=b TOKEN=c d /bin/sh -c make all # buildkit",
                "RUN make all",
            ),
            (
                "RUN |1 A=b /bin/bash -o pipefail -c a | b # buildkit",
                "RUN a | b",
            ),
            ("RUN |1 TOKEN=secret /app/init --now # buildkit", "RUN"),
            (
                "RUN |1 TOKEN=a /bin/sh -c secret /bin/sh -c make # buildkit",
                "RUN",
            ),
            ("RUN /app/init --now # buildkit", "RUN /app/init --now"),
            ("COPY app.py /srv/ # buildkit", "COPY app.py /srv/"),
            ("WORKDIR /srv", "WORKDIR /srv"),
            (
                "/bin/sh -c #(nop) COPY file:0a1b in /srv ",
                "COPY file:0a1b in /srv",
            ),
            ("/bin/sh -c #(nop)  ADD dir:0a1b in / ", "ADD dir:0a1b in /"),
            ("/bin/sh -c make", "RUN make"),
            ("|1 A=b /bin/sh -c make", "RUN make"),
            ("bazel build //:image", "bazel build //:image"),
        ];
        for (created_by, expected) in cases {
            assert_eq!(
                instruction(created_by).as_deref(),
                Some(expected),
                "{created_by}"
            );
        }
        assert_eq!(instruction(" "), None);
    }

    fn line(created_by: &str, is_empty_layer: bool) -> HistoryEntry {
        HistoryEntry {
            created_by: created_by.to_owned(),
            is_empty_layer,
        }
    }

    #[test]
    fn lines_without_a_layer_are_left_out() {
        let history = [
            line("COPY a /", false),
            line("ENV A=b", true),
            line("RUN x", false),
        ];
        let expected = [Some("COPY a /".to_owned()), Some("RUN x".to_owned())];
        assert_eq!(instructions(&history, 2), expected);
    }

    #[test]
    fn a_history_of_another_length_says_nothing() {
        let history = [line("COPY a /", false), line("RUN x", false)];
        assert_eq!(instructions(&history, 1), [None]);
        assert_eq!(instructions(&history, 3), [None, None, None]);
        assert_eq!(instructions(&[], 1), [None]);
    }
}
