//! What a step takes from the build context: whether a path is in its cache key.
//!
//! For a file that was there, the list that the build recorded says so. For any other path the sources
//! of the instruction do, as the builder prints it, with variables put in.

use common::build_context::expression;
use common::dockerfile::{Copy, Detail, Flag, parse};
use regex::Regex;
use std::collections::{BTreeMap, BTreeSet};

use crate::model::build::{File, Step, keyword};
use crate::model::change::PathChange;

/// Whether a step takes a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Takes {
    /// A change of it is in its cache key.
    Surely,
    /// It may be.
    Perhaps,
    /// It is not.
    Not,
}

/// What a step takes.
#[derive(Debug)]
pub(super) struct Sources<'a> {
    patterns: Vec<Pattern>,
    excludes: Vec<Exclude>,
    /// Whether the instruction could not be understood.
    is_unclear: bool,
    /// The files that it took. `None` when they are not listed.
    files: Option<&'a BTreeMap<String, File>>,
    /// The folders of files that it took without a source that names them, so that a link led there.
    linked_folders: BTreeSet<&'a str>,
}

/// A source: what matches it, and all below that.
#[derive(Debug)]
enum Pattern {
    /// A path; empty for the whole context.
    Path(String),
    /// With wildcards.
    Wild(Regex),
}

/// What `--exclude` leaves out of what the sources name.
#[derive(Debug)]
struct Exclude(Regex);

impl<'a> Sources<'a> {
    /// What a step takes. `None` when it takes nothing from the context.
    pub(super) fn of(step: &'a Step) -> Option<Self> {
        if !step.is_instruction {
            return None;
        }
        let files = step.files.as_ref();
        let instruction = Instruction::parse(&step.name);
        if matches!(instruction, Instruction::TakesNothing) && files.is_none() {
            return None;
        }
        let mut sources = Self {
            patterns: Vec::new(),
            excludes: Vec::new(),
            is_unclear: matches!(instruction, Instruction::Unclear),
            files: files.and_then(|files| files.files.as_ref()),
            linked_folders: BTreeSet::new(),
        };
        if let Instruction::Takes {
            sources: paths,
            excludes,
        } = instruction
        {
            for path in &paths {
                match Pattern::parse(path) {
                    Some(pattern) => sources.patterns.push(pattern),
                    None => sources.is_unclear = true,
                }
            }
            let excludes = excludes
                .iter()
                .filter_map(|pattern| Exclude::parse(pattern));
            sources.excludes = excludes.collect();
        }
        let listed = sources.files.into_iter().flat_map(|files| files.keys());
        let unnamed = listed.filter(|path| !sources.is_named(path));
        let folders = unnamed.filter_map(|path| path.rsplit_once('/'));
        sources.linked_folders = folders.map(|(folder, _)| folder).collect();
        Some(sources)
    }

    /// Whether a change of a path is in the step's key. That an ignore file leaves it out is for the
    /// caller to know.
    pub(super) fn takes(&self, change: &PathChange) -> Takes {
        let path = change.path.as_str();
        if change.is_folder {
            return self.takes_folder(path);
        }
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let takes = if self.is_listed(path) || self.is_named(path) {
            Takes::Surely
        } else if self.is_unclear || self.linked_folders.contains(folder) {
            Takes::Perhaps
        } else {
            Takes::Not
        };
        takes.max(self.unless_excluded(path))
    }

    /// Something in a folder is surely taken if all of it is.
    fn takes_folder(&self, folder: &str) -> Takes {
        if self.is_named(folder) && self.excludes.is_empty() {
            return Takes::Surely;
        }
        let start = if folder.is_empty() {
            String::new()
        } else {
            format!("{folder}/")
        };
        let mut listed = self.files.into_iter().flat_map(|files| files.keys());
        let is_below = listed.any(|path| path.starts_with(&start));
        let is_source_below = self.patterns.iter().any(|pattern| match pattern {
            Pattern::Path(path) => path.starts_with(&start),
            Pattern::Wild(_) => true,
        });
        if is_below || is_source_below || self.is_unclear || self.is_named(folder) {
            Takes::Perhaps
        } else {
            Takes::Not
        }
    }

    fn is_listed(&self, path: &str) -> bool {
        self.files.is_some_and(|files| files.contains_key(path))
    }

    /// Whether a source names the path or a folder above it.
    fn is_named(&self, path: &str) -> bool {
        self.patterns.iter().any(|pattern| pattern.names(path))
    }

    /// The most that can be said of a path that `--exclude` may leave out.
    fn unless_excluded(&self, path: &str) -> Takes {
        let mut least = Takes::Surely;
        for Exclude(pattern) in &self.excludes {
            if above(path).any(|path| pattern.is_match(path)) {
                return Takes::Not;
            }
            // A pattern counts from what is copied, which for a folder is not the context.
            let mut ends = path.match_indices('/').map(|(at, _)| &path[at + 1..]);
            if ends.any(|end| above(end).any(|path| pattern.is_match(path))) {
                least = Takes::Perhaps;
            }
        }
        least
    }
}

impl Pattern {
    fn parse(source: &str) -> Option<Self> {
        let path = clean(source);
        if path.contains(['*', '?', '[', '\\']) {
            let expression = Regex::new(&expression(&path)?).ok()?;
            return Some(Self::Wild(expression));
        }
        (!path.contains('$')).then_some(Self::Path(path))
    }

    fn names(&self, path: &str) -> bool {
        match self {
            Self::Path(source) if source.is_empty() => true,
            Self::Path(source) => above(path).any(|path| path == source),
            Self::Wild(source) => above(path).any(|path| source.is_match(path)),
        }
    }
}

impl Exclude {
    fn parse(pattern: &str) -> Option<Self> {
        let expression = expression(&clean(pattern))?;
        Regex::new(&expression).ok().map(Self)
    }
}

/// The folders above a path, and the path itself.
fn above(path: &str) -> impl Iterator<Item = &str> {
    let ends = path.match_indices('/').map(|(at, _)| at);
    ends.chain([path.len()]).map(|end| &path[..end])
}

/// The path without `.`, `..` and needless slashes. Nothing leads out of the context.
fn clean(source: &str) -> String {
    let mut parts = Vec::new();
    for part in source.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// Whether a step takes files from other stages or images. What cannot be understood may.
pub(super) fn takes_from_others(step: &Step) -> bool {
    match detail(&step.name) {
        Parsed::Detail(Detail::Copy(copy) | Detail::Add(copy)) => copy.from.is_some(),
        Parsed::Detail(Detail::Run(run)) => run.mounts.iter().any(|mount| mount.from.is_some()),
        Parsed::Detail(_) | Parsed::Other => false,
        Parsed::Unclear => step.name.contains("from="),
    }
}

/// What an instruction says of the context.
enum Instruction {
    Takes {
        sources: Vec<String>,
        excludes: Vec<String>,
    },
    TakesNothing,
    Unclear,
}

/// An instruction as a builder prints it.
enum Parsed {
    Detail(Detail),
    /// One that never takes files.
    Other,
    Unclear,
}

fn detail(text: &str) -> Parsed {
    let text = text.strip_prefix("ONBUILD ").unwrap_or(text);
    let keyword = keyword(text).to_ascii_uppercase();
    if !matches!(keyword.as_str(), "COPY" | "ADD" | "RUN") {
        return Parsed::Other;
    }
    let is_run = keyword == "RUN";
    let text = without_here_documents(text, is_run);
    if !is_run && text.split_whitespace().count() < 3 {
        // Here-documents were its only sources.
        return Parsed::Other;
    }
    let parsed = parse(&format!("FROM scratch\n{text}\n"));
    let stage = parsed.ok().and_then(|mut parsed| parsed.stages.pop());
    let instruction = stage.and_then(|mut stage| stage.instructions.pop());
    instruction.map_or(Parsed::Unclear, |it| Parsed::Detail(it.detail))
}

impl Instruction {
    fn parse(text: &str) -> Self {
        match detail(text) {
            Parsed::Detail(Detail::Copy(copy) | Detail::Add(copy)) => Self::copy(copy),
            Parsed::Detail(Detail::Run(run)) => {
                let mounts = run.mounts.into_iter();
                let binds = mounts.filter(|mount| mount.kind == "bind" && mount.from.is_none());
                let sources = binds.map(|mount| mount.source.unwrap_or_default());
                Self::of(sources, Vec::new())
            }
            Parsed::Detail(_) | Parsed::Unclear => Self::Unclear,
            Parsed::Other => Self::TakesNothing,
        }
    }

    fn copy(copy: Copy) -> Self {
        if copy.from.is_some() {
            return Self::TakesNothing;
        }
        let is_exclude = |flag: &Flag| flag.name == "exclude";
        let excludes = copy.flags.into_iter().filter(is_exclude);
        let excludes = excludes.filter_map(|flag| flag.value).collect();
        Self::of(
            copy.sources.into_iter().filter(|source| !is_remote(source)),
            excludes,
        )
    }

    fn of(sources: impl Iterator<Item = String>, excludes: Vec<String>) -> Self {
        let sources: Vec<_> = sources.collect();
        if sources.is_empty() {
            Self::TakesNothing
        } else {
            Self::Takes { sources, excludes }
        }
    }
}

/// The instruction as it would be without here-documents, whose bodies a builder does not print. Of a
/// `RUN` the flags are all that matters.
fn without_here_documents(text: &str, is_run: bool) -> String {
    let is_here_document = |word: &&str| {
        let rest = word.trim_start_matches(|c: char| c.is_ascii_digit());
        rest.starts_with("<<") && !rest.starts_with("<<<")
    };
    let mut words = text.split_whitespace();
    if is_run {
        let mut words: Vec<_> = words.take_while(|word| !is_here_document(word)).collect();
        words.push("true");
        return words.join(" ");
    }
    if words.any(|word| is_here_document(&word)) {
        let words = text.split_whitespace();
        let words: Vec<_> = words.filter(|word| !is_here_document(word)).collect();
        return words.join(" ");
    }
    text.to_owned()
}

/// What `ADD` fetches instead of copying.
fn is_remote(source: &str) -> bool {
    ["http://", "https://", "git://", "git@"]
        .iter()
        .any(|prefix| source.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample::{file_set, ran};

    fn takes(name: &str, path: &str) -> Takes {
        let step = ran(name, 0);
        let Some(sources) = Sources::of(&step) else {
            return Takes::Not;
        };
        sources.takes(&PathChange {
            path: path.trim_end_matches('/').to_owned(),
            is_folder: path.ends_with('/'),
        })
    }

    #[test]
    fn sources_name_files_folders_and_patterns() {
        for (name, path, expected) in [
            ("COPY a b /x/", "b", Takes::Surely),
            ("COPY ./src/ /x/", "src/a/b", Takes::Surely),
            ("COPY src /x/", "src2/a", Takes::Not),
            ("COPY . /x", "any/where", Takes::Surely),
            ("COPY ../src /x", "src/a", Takes::Surely),
            ("COPY *.toml /x/", "b.toml", Takes::Surely),
            ("COPY *.toml /x/", "b.lock", Takes::Not),
            ("COPY *.toml /x/", "a/b.toml", Takes::Not),
            ("COPY a*/conf /x/", "ab/conf/c", Takes::Surely),
            (r#"COPY ["a b", "/x"]"#, "a b", Takes::Surely),
            (
                "ADD --chown=1 https://example.org/y a /x/",
                "a",
                Takes::Surely,
            ),
            ("COPY --from=build src /x", "src", Takes::Not),
            ("ONBUILD COPY src /x", "src/a", Takes::Surely),
            ("WORKDIR /src", "src/a", Takes::Not),
            ("COPY $DIR /x", "src/a", Takes::Perhaps),
        ] {
            assert_eq!(takes(name, path), expected, "{name}: {path}");
        }
    }

    #[test]
    fn a_run_takes_what_it_mounts_from_the_context() {
        for (name, path, expected) in [
            (
                "RUN --mount=source=src,target=/s make",
                "src/a",
                Takes::Surely,
            ),
            ("RUN --mount=source=src,target=/s make", "b", Takes::Not),
            ("RUN --mount=target=/s,rw make", "b", Takes::Surely),
            (
                "RUN --mount=from=x,source=b,target=/s make",
                "b",
                Takes::Not,
            ),
            ("RUN --mount=type=cache,target=/c make", "c", Takes::Not),
            (
                "RUN --mount=source=b,target=/b <<EOF (make, test)",
                "b",
                Takes::Surely,
            ),
            ("RUN cat <<EOF > /x (b)", "b", Takes::Not),
        ] {
            assert_eq!(takes(name, path), expected, "{name}: {path}");
        }
    }

    #[test]
    fn a_here_document_is_no_path() {
        assert_eq!(takes("COPY <<EOF /x/", "EOF"), Takes::Not);
        assert_eq!(takes("COPY <<-\"EOF\" b /x/", "b"), Takes::Surely);
        assert_eq!(takes("COPY <<EOF b /x/", "c"), Takes::Not);
    }

    #[test]
    fn what_is_excluded_is_not_taken_and_what_may_be_perhaps() {
        let name = "COPY --exclude=*.md --exclude=gen src /x/";
        for (path, expected) in [
            ("src/a.c", Takes::Surely),
            ("src/a.md", Takes::Perhaps),
            ("src/gen/a.c", Takes::Perhaps),
            ("src/", Takes::Perhaps),
        ] {
            assert_eq!(takes(name, path), expected, "{path}");
        }
        assert_eq!(
            takes("COPY --exclude=**/*.md . /x/", "docs/a.md"),
            Takes::Not
        );
    }

    #[test]
    fn something_in_a_folder_is_surely_taken_if_all_of_it_is() {
        for (name, folder, expected) in [
            ("COPY src /x/", "src/", Takes::Surely),
            ("COPY src /x/", "src/a/", Takes::Surely),
            ("COPY src/a /x/", "src/", Takes::Perhaps),
            ("COPY src/a /x/", "docs/", Takes::Not),
        ] {
            assert_eq!(takes(name, folder), expected, "{name}: {folder}");
        }
    }

    #[test]
    fn a_file_that_was_taken_through_a_link_is_and_its_neighbour_may_be() {
        let mut step = ran("COPY link /x/", 0);
        step.files = Some(file_set(
            "1",
            &[("link", "2", 0o777), ("real/a", "3", 0o644)],
        ));
        let sources = Sources::of(&step).unwrap();
        let takes = |path: &str| {
            sources.takes(&PathChange {
                path: path.to_owned(),
                is_folder: false,
            })
        };
        assert_eq!(takes("real/a"), Takes::Surely);
        assert_eq!(takes("real/b"), Takes::Perhaps);
        assert_eq!(takes("other"), Takes::Not);
    }
}
