//! Edits of an ignore file, each proven on the files of the context: what is meant goes, all else that
//! was offered still is.

use common::build_context::IgnoreFile;

use super::patch::patched;
use crate::model::context::Context;
use crate::model::edit::{Edit, EditedFile};

/// A pattern of an ignore file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct IgnoreLine<'a> {
    /// Its line, from 1.
    pub(crate) line: u32,
    /// The line as written.
    pub(crate) text: &'a str,
    /// The pattern without `!`, blanks and slashes around it.
    pub(crate) pattern: &'a str,
    /// Whether it is an exception, which begins with `!`.
    pub(crate) is_exception: bool,
}

/// The patterns of an ignore file, in order.
pub(crate) fn ignore_lines(context: &Context) -> Vec<IgnoreLine<'_>> {
    let text = context.ignore_text.as_deref().unwrap_or_default();
    let lines = text.strip_prefix('\u{feff}').unwrap_or(text).lines();
    lines
        .zip(1..)
        .filter(|(text, _)| !text.starts_with('#') && !text.trim().is_empty())
        .map(|(text, line)| {
            let exception = text.trim().strip_prefix('!');
            let pattern = exception.unwrap_or(text).trim();
            IgnoreLine {
                line,
                text,
                pattern: pattern.trim_start_matches("./").trim_matches('/'),
                is_exception: exception.is_some(),
            }
        })
        .collect()
}

/// The edit that excludes what a pattern matches, which must be what is `meant` and no more. Exceptions
/// that name something of it stay in force.
///
/// # Errors
///
/// Why there is none: a lower-case fragment.
pub(crate) fn exclusion(
    context: &Context,
    pattern: &str,
    meant: impl Fn(&str) -> bool,
) -> Result<Edit, String> {
    let lines = ignore_lines(context);
    let is_kept = |line: &&IgnoreLine<'_>| line.is_exception && meant(line.pattern);
    let after = context.ignore_text.as_deref().unwrap_or_default();
    let end = u32::try_from(after.lines().count()).unwrap_or(u32::MAX - 1) + 1;
    // An exception in what is meant must come after the new line, or it is undone.
    let line = lines.iter().find(is_kept).map_or(end, |line| line.line);
    let edit = Edit {
        file: EditedFile::IgnoreFile,
        line,
        removed_count: 0,
        lines: vec![pattern.to_owned()],
    };
    prove(context, &edit, pattern, meant)?;
    Ok(edit)
}

/// The edit that puts `pattern` in the place of a line.
///
/// # Errors
///
/// As [`exclusion`].
pub(crate) fn replacement(
    context: &Context,
    line: &IgnoreLine<'_>,
    pattern: &str,
    meant: impl Fn(&str) -> bool,
) -> Result<Edit, String> {
    let indent = &line.text[..line.text.len() - line.text.trim_start().len()];
    let edit = Edit {
        file: EditedFile::IgnoreFile,
        line: line.line,
        removed_count: 1,
        lines: vec![format!("{indent}{pattern}")],
    };
    prove(context, &edit, pattern, meant)?;
    Ok(edit)
}

/// What is offered of the context: its files, and of each folder that was not looked into a stand-in.
fn offered(context: &Context) -> impl Iterator<Item = String> {
    let files = &context.files;
    let unread = files.unread.keys().map(|folder| format!("{folder}/x"));
    files.sizes_bytes.keys().cloned().chain(unread)
}

fn prove(
    context: &Context,
    edit: &Edit,
    pattern: &str,
    meant: impl Fn(&str) -> bool,
) -> Result<(), String> {
    let before = context.ignore_text.as_deref().unwrap_or_default();
    if before.contains(char::REPLACEMENT_CHARACTER) {
        return Err("the ignore file is not UTF-8".to_owned());
    }
    let after = patched(before, [edit]).unwrap_or_default();
    let parse = |text: &str| IgnoreFile::parse(text);
    let (Ok(alone), Ok(before), Ok(after)) = (parse(pattern), parse(before), parse(&after)) else {
        return Err(format!("`{pattern}` is not a pattern"));
    };
    let is_excepted = |path: &str| {
        let lines = ignore_lines(context);
        lines
            .iter()
            .any(|line| line.is_exception && meant(line.pattern) && path == line.pattern)
    };
    for path in offered(context) {
        let is_meant = meant(&path) && !is_excepted(&path);
        // A pattern more changes nothing of a path that it does not match.
        if !is_meant && !alone.ignores_path(&path) || before.ignores_path(&path) {
            continue;
        }
        if !is_meant && after.ignores_path(&path) {
            return Err(format!("`{pattern}` would exclude `{path}` too"));
        }
        if is_meant && !after.ignores_path(&path) {
            return Err(format!("an exception in the ignore file keeps `{path}`"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::analysis::context_sources::is_in;
    use crate::model::files::Files;

    fn context(ignore: Option<&str>, files: &[&str], unread: &[&str]) -> Context {
        let mut known = Files::default();
        for path in files {
            known.sizes_bytes.insert((*path).to_owned(), 1);
        }
        for path in unread {
            known.unread.insert((*path).to_owned(), 1);
        }
        Context {
            ignore_text: ignore.map(str::to_owned),
            files: Arc::new(known),
            ..Context::default()
        }
    }

    fn excluded(ignore: Option<&str>, pattern: &str, folder: &str) -> Result<String, String> {
        let files = ["src/a", "web/src/b", "node_modules_of_mine"];
        let context = context(ignore, &files, &["node_modules", "web/node_modules"]);
        let meant = |path: &str| {
            is_in(path, folder) || pattern.starts_with("**/") && path.contains("/node_modules/")
        };
        let edit = exclusion(&context, pattern, meant)?;
        Ok(patched(ignore.unwrap_or_default(), [&edit]).unwrap())
    }

    #[test]
    fn a_pattern_is_appended_or_begins_a_file() {
        let plain = |ignore| excluded(ignore, "node_modules", "node_modules").unwrap();
        assert_eq!(plain(None), "node_modules\n");
        assert_eq!(plain(Some("# a\n*.log\n")), "# a\n*.log\nnode_modules\n");
        assert_eq!(plain(Some("*.log")), "*.log\nnode_modules");
        assert_eq!(plain(Some("a\r\n")), "a\r\nnode_modules\r\n");
    }

    #[test]
    fn exceptions_around_a_folder_stand_before_the_pattern_those_in_it_after() {
        let around = "*\n!src\n!web\n";
        let edited = excluded(Some(around), "web/node_modules", "web/node_modules");
        assert_eq!(edited.unwrap(), "*\n!src\n!web\nweb/node_modules\n");
        let within = "*.log\n!node_modules/keep\nb\n";
        let edited = excluded(Some(within), "node_modules", "node_modules");
        assert_eq!(
            edited.unwrap(),
            "*.log\nnode_modules\n!node_modules/keep\nb\n"
        );
    }

    #[test]
    fn a_pattern_that_is_undone_or_does_more_is_refused() {
        let undone = "!web/node_modules/keep\n*\n!web\n";
        let refused = excluded(Some(undone), "web/node_modules", "web/node_modules");
        assert_eq!(
            refused.unwrap_err(),
            "an exception in the ignore file keeps `web/node_modules/x`"
        );
        let refused = excluded(None, "node_modules*", "node_modules");
        assert_eq!(
            refused.unwrap_err(),
            "`node_modules*` would exclude `node_modules_of_mine` too"
        );
    }

    #[test]
    fn a_line_is_replaced_in_its_place_with_its_indent() {
        let ignore = "a\n  node_modules\n!b\n";
        let context = context(Some(ignore), &["src/a"], &["web/node_modules"]);
        let lines = ignore_lines(&context);
        let meant = |path: &str| is_in(path, "web/node_modules");
        let edit = replacement(&context, &lines[1], "**/node_modules", meant).unwrap();
        assert_eq!(
            patched(ignore, [&edit]).unwrap(),
            "a\n  **/node_modules\n!b\n"
        );
    }

    #[test]
    fn what_is_not_utf_8_is_left_alone() {
        let refused = excluded(Some("\u{fffd}\n"), "node_modules", "node_modules");
        assert_eq!(refused.unwrap_err(), "the ignore file is not UTF-8");
    }
}
