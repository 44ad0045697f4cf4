//! Which file is changed to measure a patch when nobody said which: a source file that the
//! instruction of the finding takes from the context.

use common::build_context::IgnoreFile;
use common::dockerfile::{Copy, Detail, Instruction};
use std::collections::BTreeMap;

use crate::model::recipe::Recipe;
use crate::model::trial::{Change, Origin};

/// The endings of source files that people edit.
const SOURCE_ENDINGS: [&str; 29] = [
    "c", "cc", "cpp", "cs", "css", "dart", "ex", "exs", "fs", "go", "h", "html", "java", "js",
    "jsx", "kt", "lua", "mjs", "php", "py", "rb", "rs", "scala", "scss", "swift", "ts", "tsx",
    "vue", "zig",
];

/// The change that a finding in `line` is measured with. `None` when the Dockerfile takes no file
/// from the context.
pub(crate) fn chosen_change(recipe: &Recipe, line: u32) -> Option<Change> {
    let path = source_file(recipe, copy_of(recipe, line)?)?;
    Some(Change {
        origin: Origin::Chosen,
        paths: vec![path],
    })
}

/// The `COPY` or `ADD` from the context that a finding is about: its own, else the nearest above it
/// in its stage, else the first of the file.
fn copy_of(recipe: &Recipe, line: u32) -> Option<&Copy> {
    let stages = &recipe.dockerfile.stages;
    let stage = stages.iter().rfind(|stage| stage.line <= line);
    let above = stage.into_iter().flat_map(|stage| &stage.instructions);
    let above = above.filter(|instruction| instruction.line <= line);
    let nearest = above.filter_map(from_context).next_back();
    let mut all = stages.iter().flat_map(|stage| &stage.instructions);
    nearest.or_else(|| all.find_map(from_context))
}

fn from_context(instruction: &Instruction) -> Option<&Copy> {
    match &instruction.detail {
        Detail::Copy(copy) | Detail::Add(copy) if copy.from.is_none() => Some(copy),
        _ => None,
    }
}

/// Of the files that a `COPY` takes, the first of the kind of source file that there is most of; else
/// the first of all.
fn source_file(recipe: &Recipe, copy: &Copy) -> Option<String> {
    let sources: Vec<_> = copy.sources.iter().map(|source| taken(source)).collect();
    let files = &recipe.context.files;
    let is_taken = |path: &str| {
        let is_taken = |taken: &Option<IgnoreFile>| match taken {
            Some(taken) => taken.ignores_path(path),
            None => true,
        };
        sources.iter().any(is_taken) && !files.links.contains_key(path)
    };
    let taken = files.sizes_bytes.iter().filter(|(path, _)| is_taken(path));
    let mut kinds = BTreeMap::<&str, (u64, &str)>::new();
    let mut first = None;
    for (path, size_bytes) in taken {
        first = first.or(Some(path));
        let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
        if SOURCE_ENDINGS.contains(&ending) {
            kinds.entry(ending).or_insert((0, path)).0 += size_bytes;
        }
    }
    let largest = kinds
        .into_values()
        .max_by_key(|(size_bytes, _)| *size_bytes);
    largest.map(|(_, path)| path.to_owned()).or(first.cloned())
}

/// What a source takes, as the patterns of ignore files, which hold for a path and all below it.
/// `None` is everything.
fn taken(source: &str) -> Option<IgnoreFile> {
    let path = source.trim_start_matches("./").trim_matches('/');
    if matches!(path, "" | ".") {
        return None;
    }
    // What is no pattern takes nothing that could be known.
    Some(IgnoreFile::parse(path).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::files::Files;
    use crate::model::sample;

    fn chosen(dockerfile: &str, line: u32, files: &[(&str, u64)]) -> Option<String> {
        let mut recipe = sample::recipe(dockerfile);
        let files = files.iter().map(|&(path, size)| (path.to_owned(), size));
        recipe.context.files = Arc::new(Files {
            sizes_bytes: files.collect(),
            ..Files::default()
        });
        let change = chosen_change(&recipe, line)?;
        assert_eq!(change.origin, Origin::Chosen);
        change.paths.into_iter().next()
    }

    const FILES: [(&str, u64); 5] = [
        ("README.md", 9000),
        ("package.json", 500),
        ("scripts/a.py", 10),
        ("src/a.js", 300),
        ("src/b.js", 300),
    ];

    #[test]
    fn the_kind_of_source_file_that_there_is_most_of_is_changed() {
        let found = chosen("FROM a\nCOPY . .\nRUN npm ci\n", 2, &FILES);
        assert_eq!(found.as_deref(), Some("src/a.js"));
    }

    #[test]
    fn only_what_the_findings_instruction_takes_is_changed() {
        let dockerfile = "FROM a\nCOPY src /src\nCOPY ./scripts/*.py /x/\nRUN apt\nFROM b\nRUN c\n";
        let at = |line| chosen(dockerfile, line, &FILES);
        assert_eq!(at(3).as_deref(), Some("scripts/a.py"));
        assert_eq!(at(4).as_deref(), Some("scripts/a.py"));
        assert_eq!(at(2).as_deref(), Some("src/a.js"));
        assert_eq!(at(6).as_deref(), Some("src/a.js"));
    }

    #[test]
    fn without_sources_any_file_is_changed_and_without_files_none() {
        let dockerfile = "FROM a\nCOPY package.json README.md ./\n";
        assert_eq!(chosen(dockerfile, 2, &FILES).as_deref(), Some("README.md"));
        assert_eq!(chosen(dockerfile, 2, &[]), None);
        assert_eq!(chosen("FROM a\nCOPY --from=b c d\n", 2, &FILES), None);
    }
}
