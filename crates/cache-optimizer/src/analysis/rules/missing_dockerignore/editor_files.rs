//! Files that editors and file managers leave beside the sources, and rewrite while one works.

use common::units::format_count;

use super::super::{Found, Remedy, Subject};
use super::base_name;
use crate::analysis::context_sources::Taken;
use crate::analysis::ignore_edit::exclusion;

/// Whether a name is that of such a file.
type IsOne = fn(&str) -> bool;

/// The end of the name of a swap file of Vim.
const SWAP: &str = ".swp";

/// What ignores such a file, and how its name is known.
/// Source: the templates Vim, Emacs, macOS and Windows of <https://github.com/github/gitignore>.
const PATTERNS: [(&str, IsOne); 5] = [
    ("**/*.swp", |name| {
        name.starts_with('.') && name.ends_with(SWAP)
    }),
    ("**/*~", |name| name.ends_with('~')),
    ("**/.#*", |name| name.starts_with(".#")),
    ("**/.DS_Store", |name| name == ".DS_Store"),
    ("**/Thumbs.db", |name| name == "Thumbs.db"),
];

pub(super) fn check(subject: &Subject<'_>, taken: &[Taken<'_>]) -> Vec<Found> {
    let patterns = PATTERNS.into_iter();
    patterns
        .filter_map(|(pattern, is_one)| check_pattern(subject, taken, pattern, is_one))
        .collect()
}

fn check_pattern(
    subject: &Subject<'_>,
    taken: &[Taken<'_>],
    pattern: &str,
    is_one: IsOne,
) -> Option<Found> {
    let context = &subject.recipe.context;
    let is_taken = |path: &str| taken.iter().any(|it| it.takes(path));
    let is_named = |path: &str| taken.iter().any(|it| it.path.as_deref() == Some(path));
    let meant = |path: &str| is_one(base_name(path)) && !is_named(path);
    let paths = context.files.sizes_bytes.keys();
    let files: Vec<_> = paths.filter(|path| meant(path) && is_taken(path)).collect();
    let first = files.first()?;
    let line = taken.iter().find(|it| it.takes(first))?.instruction.line;
    let others = match files.len() - 1 {
        0 => String::new(),
        count => format!(" and {} like it", format_count(count as u64, "file")),
    };
    let message = format!(
        "`{first}`{others} is an editor's, and comes and goes while one works: line {line} then runs \
         again"
    );
    let advice = format!("add the line `{pattern}` to `{}`", context.ignore_path);
    let remedy = match exclusion(context, pattern, meant) {
        Ok(edit) => Remedy::Patch(vec![edit]),
        Err(why) => Remedy::Withheld(why),
    };
    Some(Found {
        remedy,
        ..Found::new(line, message, advice)
    })
}
