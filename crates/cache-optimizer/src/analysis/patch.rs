//! Applies edits to a text, and shows them as a unified diff. All but the edited lines stays as it is,
//! byte for byte: line ends, blanks and a missing last line end too.

use similar::TextDiff;

use crate::model::edit::Edit;

/// Lines of context around a change. Source: what `diff -u` and Git show.
const CONTEXT_LINES: usize = 3;

/// The text with edits of one file applied. `None` when two of them touch the same line.
pub(crate) fn patched<'a>(text: &str, edits: impl IntoIterator<Item = &'a Edit>) -> Option<String> {
    let mut edits: Vec<_> = edits.into_iter().collect();
    edits.sort_by_key(|edit| (edit.line, edit.removed_count));
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let line_end = if lines.first().is_some_and(|line| line.ends_with("\r\n")) {
        "\r\n"
    } else {
        "\n"
    };
    let mut patched = String::with_capacity(text.len());
    let mut next = 0;
    for edit in edits {
        let first = edit.line.saturating_sub(1) as usize;
        let kept = lines.get(next..first.min(lines.len()))?;
        patched.extend(kept.iter().copied());
        if !patched.is_empty() && !patched.ends_with('\n') && !edit.lines.is_empty() {
            patched.push_str(line_end);
        }
        for line in &edit.lines {
            patched.push_str(line);
            patched.push_str(line_end);
        }
        next = first + edit.removed_count as usize;
        if next > lines.len() {
            return None;
        }
    }
    patched.extend(lines[next..].iter().copied());
    // A file that ended without a line end still does.
    if next == lines.len() && !text.is_empty() && !text.ends_with('\n') {
        patched.truncate(patched.trim_end_matches(['\n', '\r']).len());
    }
    Some(patched)
}

/// The difference of two states of the file at `path`, as `patch -p1` and `git apply` read it: in the
/// working directory, or in `/` for a path that begins there. Empty when they are equal.
pub(crate) fn unified_diff(path: &str, before: &str, after: &str) -> String {
    let path = path.trim_start_matches("./").trim_start_matches('/');
    let diff = TextDiff::from_lines(before, after);
    let mut unified = diff.unified_diff();
    let unified = unified.context_radius(CONTEXT_LINES);
    // A file that is not there yet is told by its name.
    let old = if before.is_empty() {
        "/dev/null".to_owned()
    } else {
        format!("a/{path}")
    };
    unified.header(&old, &format!("b/{path}")).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::edit::EditedFile;

    fn edit(line: u32, removed_count: u32, lines: &[&str]) -> Edit {
        Edit {
            file: EditedFile::Dockerfile,
            line,
            removed_count,
            lines: lines.iter().map(|&line| line.to_owned()).collect(),
        }
    }

    #[test]
    fn lines_are_replaced_inserted_and_removed() {
        let edits = [edit(3, 1, &[]), edit(2, 0, &["x", "y"]), edit(4, 1, &["D"])];
        let patched = patched("a\nb\nc\nd\n", &edits);
        assert_eq!(patched.as_deref(), Some("a\nx\ny\nb\nD\n"));
    }

    #[test]
    fn line_ends_and_a_missing_last_one_stay() {
        let crlf = patched("a\r\nb\r\nc", &[edit(2, 1, &["x"])]);
        assert_eq!(crlf.as_deref(), Some("a\r\nx\r\nc"));
        let last = patched("a\nb", &[edit(2, 1, &["x"])]);
        assert_eq!(last.as_deref(), Some("a\nx"));
        let appended = patched("a\nb", &[edit(3, 0, &["c"])]);
        assert_eq!(appended.as_deref(), Some("a\nb\nc"));
        assert_eq!(patched("", &[edit(1, 0, &["a"])]).as_deref(), Some("a\n"));
    }

    #[test]
    fn edits_of_the_same_line_or_past_the_end_are_refused() {
        assert_eq!(
            patched("a\nb\n", &[edit(1, 2, &[]), edit(2, 1, &["x"])]),
            None
        );
        assert_eq!(patched("a\n", &[edit(1, 2, &[])]), None);
    }

    #[test]
    fn a_diff_has_the_names_that_patch_expects() {
        let diff = unified_diff("./web/Dockerfile", "a\nb\n", "a\nc\n");
        let expected = "--- a/web/Dockerfile\n+++ b/web/Dockerfile\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n";
        assert_eq!(diff, expected);
        assert!(
            unified_diff("/web/Dockerfile", "a\n", "b\n").starts_with("--- a/web/Dockerfile\n")
        );
        assert_eq!(unified_diff("a", "x\n", "x\n"), "");
        assert!(unified_diff("a", "", "x\n").starts_with("--- /dev/null\n+++ b/a\n"));
    }
}
