//! Finds patterns of an ignore file that are written as in `.gitignore`, where a bare name holds at any
//! depth, and so miss what lies in a subfolder.
//!
//! Only names that mean a leftover wherever they stand are meant: `docs` or `*.md` may well be about
//! the top alone. A pattern that misses nothing is no finding.

use common::build_context::IgnoreFile;
use common::units::format_bytes;

use super::{Confidence, Found, Remedy, Subject};
use crate::analysis::context_sources::{Taken, may_be_named, other_dockerfiles, taken};
use crate::analysis::ignore_edit::{IgnoreLine, ignore_lines, replacement};
use crate::analysis::leftover_needs::{Need, need};
use crate::model::context::is_nested_leftover;
use crate::model::files::Files;

/// Patterns of files that nobody keeps, at any depth.
/// Source: the templates of <https://github.com/github/gitignore> (Global, Node, Python).
const FILE_PATTERNS: [&str; 14] = [
    "*.bak",
    "*.class",
    "*.egg-info",
    "*.log",
    "*.o",
    "*.pyc",
    "*.pyd",
    "*.pyo",
    "*.swo",
    "*.swp",
    "*.tmp",
    "*~",
    ".DS_Store",
    ".env",
];

/// Those of them that no build reads.
const LITTER: [&str; 6] = ["*.pyc", "*.pyo", "*.swo", "*.swp", "*~", ".DS_Store"];

pub(super) fn check(subject: &Subject<'_>) -> Vec<Found> {
    let context = &subject.recipe.context;
    let lines = ignore_lines(context);
    if !lines.iter().any(is_bare) {
        return Vec::new();
    }
    let taken = taken(subject);
    lines
        .iter()
        .filter(|line| is_bare(line))
        .filter_map(|line| check_line(subject, &taken, line))
        .collect()
}

/// Whether a pattern has no slash but a last one: a first one says that the top is meant.
fn is_bare(line: &IgnoreLine<'_>) -> bool {
    let name = line.pattern;
    let is_known = is_nested_leftover(name) || FILE_PATTERNS.contains(&name);
    is_known && !line.is_exception && line.text.trim().trim_end_matches('/') == name
}

fn check_line(subject: &Subject<'_>, taken: &[Taken<'_>], line: &IgnoreLine<'_>) -> Option<Found> {
    let context = &subject.recipe.context;
    let anywhere = format!("**/{}", line.pattern);
    let file = IgnoreFile::parse(&anywhere).ok()?;
    let is_missed = |path: &str| file.ignores_path(path);
    let paths = missed(&context.files, is_missed);
    let is_taken = |path: &&String| taken.iter().any(|it| it.takes(path));
    let first = paths.iter().copied().find(is_taken)?;
    let is_named = |path: &String| taken.iter().any(|it| !it.is_whole() && it.may_name(path));
    if paths.iter().any(|path| is_named(path)) {
        return None;
    }
    let taking = taken.iter().find(|it| it.takes(first))?.instruction;
    let sizes = paths.iter().map(|path| bytes(&context.files, path));
    let size_bytes: u64 = sizes.sum();
    let text = line.text.trim();
    let message = format!(
        "`{text}` in line {} of `{}` holds at the top alone, so line {} takes `{first}` ({})",
        line.line,
        context.ignore_path,
        taking.line,
        format_bytes(size_bytes)
    );
    let slash = if text.ends_with('/') { "/" } else { "" };
    let pattern = format!("{anywhere}{slash}");
    let (confidence, remedy) = remedy(subject, line, &pattern, &paths, is_missed);
    Some(Found {
        saved_bytes: Some(size_bytes),
        confidence,
        remedy,
        ..Found::new(taking.line, message, format!("write `{pattern}`"))
    })
}

/// What is offered though the pattern holds for it at another depth: files, and folders that were not
/// looked into.
fn missed(files: &Files, is_missed: impl Fn(&str) -> bool) -> Vec<&String> {
    let unread = files
        .unread
        .iter()
        .filter(|(_, size_bytes)| **size_bytes > 0);
    let paths = files.sizes_bytes.keys().chain(unread.map(|(path, _)| path));
    paths
        .filter(|path| path.contains('/') && is_missed(path))
        .collect()
}

fn bytes(files: &Files, path: &str) -> u64 {
    let own = files.sizes_bytes.get(path).or(files.unread.get(path));
    own.copied().unwrap_or_default()
}

fn remedy(
    subject: &Subject<'_>,
    line: &IgnoreLine<'_>,
    pattern: &str,
    paths: &[&String],
    is_missed: impl Fn(&str) -> bool,
) -> (Confidence, Remedy) {
    let name = line.pattern;
    let folders: Vec<_> = paths.iter().map(|path| path.as_str()).collect();
    let confidence = match need(&folders, subject) {
        _ if LITTER.contains(&name) => Confidence::Likely,
        // A build may read one of them, such as `.env`.
        _ if FILE_PATTERNS.contains(&name) => Confidence::Possible,
        Need::Not(confidence) => confidence,
        Need::Reads(why) | Need::Maybe(why) => return (Confidence::Likely, Remedy::Withheld(why)),
    };
    let others = other_dockerfiles(subject);
    let mut others = others.iter();
    if let Some((path, _)) =
        others.find(|(_, other)| paths.iter().any(|path| may_be_named(other, path)))
    {
        let why = format!("`{path}` may copy what it excludes, and use the same ignore file");
        return (confidence, Remedy::Withheld(why));
    }
    match replacement(&subject.recipe.context, line, pattern, is_missed) {
        Ok(edit) => (confidence, Remedy::Patch(vec![edit])),
        Err(why) => (confidence, Remedy::Withheld(why)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{found_in, ignore_file_after};
    use super::*;

    const NODE: &str = "FROM node\nCOPY . .\nRUN npm ci\n";
    const NESTED: [(&str, &str); 2] = [("web/node_modules/a.js", "12345"), ("web/b.js", "1")];

    #[test]
    fn a_bare_name_that_misses_a_subfolder_is_found_and_mended_in_its_line() {
        let found = found_in(check, NODE, &NESTED, Some("# deps\nnode_modules/\n*.md\n"));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].line, 2);
        let message = "`node_modules/` in line 2 of `.dockerignore` holds at the top alone, so line 2 \
                       takes `web/node_modules` (5 B)";
        assert_eq!(found[0].message, message);
        let after = ignore_file_after(check, NODE, &NESTED, Some("# deps\nnode_modules/\n*.md\n"));
        assert_eq!(after, "# deps\n**/node_modules/\n*.md\n");
    }

    #[test]
    fn a_pattern_that_misses_nothing_or_means_the_top_is_left_alone() {
        for ignore in [
            "**/node_modules",
            "node_modules\n**/node_modules",
            "/node_modules",
        ] {
            let found = found_in(check, NODE, &NESTED, Some(ignore));
            assert!(found.is_empty(), "{ignore}");
        }
        let top = [("a.js", "1"), ("docs/a.md", "1"), ("web/docs/b", "1")];
        for ignore in ["node_modules", "*.md", "docs", ".env"] {
            assert!(
                found_in(check, NODE, &top, Some(ignore)).is_empty(),
                "{ignore}"
            );
        }
    }

    #[test]
    fn files_are_missed_too() {
        let files = [("api/.env", "SECRET=1"), ("api/a.py", "1")];
        let text = "FROM python\nCOPY api /api\n";
        let found = found_in(check, text, &files, Some(".env\n"));
        assert_eq!(found[0].line, 2);
        assert_eq!(found[0].confidence, Confidence::Possible);
        assert_eq!(
            ignore_file_after(check, text, &files, Some(".env")),
            "**/.env"
        );
    }

    #[test]
    fn an_exception_that_would_undo_it_and_a_copy_that_names_it_keep_it() {
        let excepted = "node_modules\n!web\n";
        let after = ignore_file_after(check, NODE, &NESTED, Some(excepted));
        assert_eq!(after, excepted);
        let found = found_in(check, NODE, &NESTED, Some(excepted));
        assert!(matches!(&found[0].remedy, Remedy::Withheld(why) if why.contains("an exception")));
        let named = "FROM node\nCOPY web/node_modules /n\nCOPY . .\nRUN npm ci\n";
        assert!(found_in(check, named, &NESTED, Some("node_modules")).is_empty());
    }

    #[test]
    fn what_no_step_fills_again_is_found_without_a_patch() {
        let text = "FROM node\nCOPY . .\nCMD [\"node\", \"web/b.js\"]\n";
        let found = found_in(check, text, &NESTED, Some("node_modules"));
        assert!(matches!(found[0].remedy, Remedy::Withheld(_)));
    }
}
