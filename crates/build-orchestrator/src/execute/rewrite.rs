//! Puts images in the place of named contexts into a Dockerfile, for frontends that know none.
//!
//! Every line stays where it is, so that lines in errors and reports hold.

use crate::model::plan::{ContextUse, UsePlace};

/// The Dockerfile's text with an image in the place of each use.
pub(super) fn rewrite(text: &str, uses: &[(&ContextUse, &str)]) -> String {
    let mut lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
    for (used, image) in uses {
        let first = usize::try_from(used.line.saturating_sub(1)).unwrap_or(usize::MAX);
        match &used.place {
            UsePlace::Base => replace_base(&mut lines, first, image),
            UsePlace::Files => replace_files(&mut lines, first, &used.written, image),
            UsePlace::Stage { instructions } => {
                replace_base(&mut lines, first, image);
                for &(line, end_line) in instructions {
                    for line in line..=end_line {
                        let index = usize::try_from(line.saturating_sub(1)).unwrap_or(usize::MAX);
                        if let Some(line) = lines.get_mut(index) {
                            "#".clone_into(line);
                        }
                    }
                }
            }
        }
    }
    lines.join("\n")
}

/// Replaces the first word of a `FROM` that is no flag.
fn replace_base(lines: &mut [String], first: usize, image: &str) {
    let mut is_keyword_seen = false;
    for line in lines.iter_mut().skip(first) {
        let mut rest = words(line).skip_while(|(_, word)| {
            let is_passed = !is_keyword_seen || word.starts_with("--");
            is_keyword_seen = true;
            is_passed
        });
        let base = rest.next().map(|(start, word)| start..start + word.len());
        drop(rest);
        if let Some(base) = base {
            line.replace_range(base, image);
            return;
        }
    }
}

/// Replaces a name in the flags of an instruction.
fn replace_files(lines: &mut [String], first: usize, written: &str, image: &str) {
    let mut is_keyword_seen = false;
    for line in lines.iter_mut().skip(first) {
        let found: Vec<(usize, String)> = words(line)
            .map(|(start, word)| (start, word.to_owned()))
            .collect();
        // From the end, so that places before it stay where they are.
        let mut replaced = Vec::new();
        for (start, word) in found {
            if !is_keyword_seen || word.eq_ignore_ascii_case("copy") {
                is_keyword_seen = true;
            } else if let Some(flag) = word.strip_prefix("--") {
                replaced
                    .extend(replaced_flag(flag, written, image).map(|flag| (start, word, flag)));
            } else {
                replace_words(line, &replaced);
                return;
            }
        }
        replace_words(line, &replaced);
    }
}

fn replace_words(line: &mut String, replaced: &[(usize, String, String)]) {
    for (start, word, flag) in replaced.iter().rev() {
        line.replace_range(*start..start + word.len(), &format!("--{flag}"));
    }
}

/// A flag with the image in place of the name. `None` when it does not have the name.
fn replaced_flag(flag: &str, written: &str, image: &str) -> Option<String> {
    let (name, value) = flag.split_once('=')?;
    let is_name = |text: &str| text.trim_matches(['"', '\'']) == written;
    match name {
        "from" if is_name(value) => Some(format!("from={image}")),
        "mount" => {
            let options = value.split(',').map(|option| match option.split_once('=') {
                Some((key, value)) if key.eq_ignore_ascii_case("from") && is_name(value) => {
                    format!("from={image}")
                }
                _ => option.to_owned(),
            });
            Some(format!("mount={}", options.collect::<Vec<_>>().join(",")))
        }
        _ => None,
    }
}

/// The words of a line with the bytes at which they start, without what continues a line and
/// without a comment.
fn words(line: &str) -> impl Iterator<Item = (usize, &str)> {
    let start = line.as_ptr() as usize;
    let text = if line.trim_start().starts_with('#') {
        ""
    } else {
        line
    };
    text.split_whitespace()
        .map(move |word| (word.as_ptr() as usize - start, word))
        .filter(|(_, word)| !matches!(*word, "\\" | "`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(line: u32, written: &str, place: UsePlace) -> ContextUse {
        ContextUse {
            name: "base".to_owned(),
            written: written.to_owned(),
            line,
            place,
        }
    }

    #[test]
    fn names_are_replaced_and_nothing_else() {
        let text = "# FROM base\nFROM --platform=linux/amd64 \\\n  base AS base\nCOPY --chown=1 --from=base base /from=base\nRUN --mount=type=bind,from=base,target=/b \\\n # a comment\n --mount=from=\"base\",target=/c \\\n  cp --from=base /b\nONBUILD COPY --from=base /a /b\n";
        let uses = [
            used(2, "base", UsePlace::Base),
            used(4, "base", UsePlace::Files),
            used(5, "base", UsePlace::Files),
            used(9, "base", UsePlace::Files),
        ];
        let uses: Vec<_> = uses.iter().map(|used| (used, "i:1")).collect();
        let expected = "# FROM base\nFROM --platform=linux/amd64 \\\n  i:1 AS base\nCOPY --chown=1 --from=i:1 base /from=base\nRUN --mount=type=bind,from=i:1,target=/b \\\n # a comment\n --mount=from=i:1,target=/c \\\n  cp --from=base /b\nONBUILD COPY --from=i:1 /a /b\n";
        assert_eq!(rewrite(text, &uses), expected);
    }

    #[test]
    fn a_stage_that_a_context_stands_for_loses_its_instructions() {
        let text = "FROM x AS base\nRUN a \\\n  b\n\nFROM base\n";
        let instructions = vec![(2, 3)];
        let used = used(1, "x", UsePlace::Stage { instructions });
        assert_eq!(
            rewrite(text, &[(&used, "i:1")]),
            "FROM i:1 AS base\n#\n#\n\nFROM base\n"
        );
    }
}
