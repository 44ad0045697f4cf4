//! Where in an image the files of the context are put by `COPY` and `ADD`.

use common::build_context::expression;
use common::dockerfile::Copy;
use regex::Regex;

use crate::analysis::stage_state::State;
use crate::model::files::Files;

/// Stands for a working directory that the base image sets.
pub(super) const UNKNOWN_DIR: &str = "/?";

/// What one instruction puts where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Placement {
    /// Each file, by its paths in the context and in the image.
    pub(super) files: Vec<(String, String)>,
    /// The folders whose content is copied, by their paths in the context and in the image.
    pub(super) folders: Vec<(String, String)>,
    /// The destination in the image.
    pub(super) destination: String,
}

/// The path in the image that a path means before an instruction. Below [`UNKNOWN_DIR`] when the base
/// image sets the working directory, and `None` when a variable in it is not known.
pub(super) fn image_path(state: &State, path: &str, escape: char) -> Option<String> {
    if state.workdir.is_some() {
        return state.absolute(path, escape);
    }
    let state = State {
        workdir: Some(UNKNOWN_DIR.to_owned()),
        ..state.clone()
    };
    let expanded = state.expand(path, escape)?;
    let absolute = state.absolute(path, escape)?;
    let is_known = expanded.starts_with('/') || absolute.starts_with(UNKNOWN_DIR);
    is_known.then_some(absolute)
}

/// What an instruction takes from the context, and where to. `None` when that is not known.
pub(super) fn placement(
    copy: &Copy,
    state: &State,
    escape: char,
    files: &Files,
) -> Option<Placement> {
    let has_other_flags = copy
        .flags
        .iter()
        .any(|flag| !matches!(flag.name.as_str(), "chown" | "chmod" | "link"));
    let is_of_context = |source: &String| !source.contains("://") && !source.starts_with("git@");
    if has_other_flags || copy.sources.is_empty() || !copy.sources.iter().all(is_of_context) {
        return None;
    }
    let written = state.expand(&copy.destination, escape)?;
    let destination = image_path(state, &copy.destination, escape)?;
    let is_folder = written.ends_with('/')
        || matches!(written.as_str(), "." | "..")
        || written.ends_with("/.")
        || copy.sources.len() > 1
        || image_path(state, ".", escape).as_ref() == Some(&destination);
    let mut placement = Placement {
        destination,
        ..Placement::default()
    };
    for source in &copy.sources {
        let source = source_path(&state.expand(source, escape)?);
        for path in matching(&source, files)? {
            place(&mut placement, path, is_folder, files)?;
        }
    }
    Some(placement)
}

/// A source's path in the context, without slashes around it.
fn source_path(source: &str) -> String {
    let mut parts = Vec::new();
    for part in source.split('/') {
        match part {
            "" | "." => {}
            // The context is its own parent.
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

fn matching<'a>(source: &'a str, files: &'a Files) -> Option<Vec<&'a str>> {
    if !source.contains(['*', '?', '[', '\\']) {
        return Some(vec![source]);
    }
    let expression = Regex::new(&expression(source)?).ok()?;
    let paths = files.sizes_bytes.keys().chain(&files.folders);
    let matching = paths.filter(|path| expression.is_match(path));
    Some(matching.map(String::as_str).collect())
}

/// Adds a file, or what is in a folder. `None` for a folder that nobody looked into.
fn place(placement: &mut Placement, path: &str, is_folder: bool, files: &Files) -> Option<()> {
    let destination = placement.destination.clone();
    if files.has_file(path) {
        let name = path.rsplit('/').next().unwrap_or(path);
        let image = if is_folder {
            below(&destination, name)
        } else {
            destination
        };
        placement.files.push((path.to_owned(), image));
        return Some(());
    }
    let prefix = if path.is_empty() {
        String::new()
    } else {
        format!("{path}/")
    };
    let within = files.sizes_bytes.range(prefix.clone()..);
    let within = within
        .map(|(path, _)| path)
        .take_while(|path| path.starts_with(&prefix));
    let count = placement.files.len();
    for file in within {
        let image = below(&destination, &file[prefix.len()..]);
        placement.files.push((file.clone(), image));
    }
    placement.folders.push((path.to_owned(), destination));
    (placement.files.len() > count).then_some(())
}

/// A path below a folder of the image.
pub(super) fn below(folder: &str, path: &str) -> String {
    match (folder.trim_end_matches('/'), path) {
        ("", "") => "/".to_owned(),
        (folder, "") => folder.to_owned(),
        (folder, path) => format!("{folder}/{path}"),
    }
}

/// Whether one of two folders of the image holds the other, or may do so.
pub(super) fn overlaps(one: &str, other: &str) -> bool {
    let holds = |outer: &str, inner: &str| {
        let outer = outer.trim_end_matches('/');
        inner
            .strip_prefix(outer)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let is_unknown = |folder: &str| folder.starts_with(UNKNOWN_DIR);
    is_unknown(one) != is_unknown(other) || holds(one, other) || holds(other, one)
}

#[cfg(test)]
mod tests {
    use common::dockerfile::Detail;

    use super::*;
    use crate::analysis::rules::sample::context_of;
    use crate::analysis::stage_state::states;

    fn placed(copy: &str) -> Vec<(String, String)> {
        let text = format!("FROM a\nWORKDIR /app\nARG X\n{copy}\n");
        let dockerfile = common::dockerfile::parse(&text).unwrap();
        let context = context_of(&[("a.txt", ""), ("web/b.txt", ""), ("web/src/c.txt", "")]);
        let Detail::Copy(copy) = &dockerfile.stages[0].instructions[2].detail else {
            panic!("it is a COPY");
        };
        let states = states(&dockerfile);
        let placement = placement(copy, &states[0][2], '\\', &context.files);
        placement.map_or(Vec::new(), |placement| placement.files)
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        let owned = |(a, b): &(&str, &str)| ((*a).to_owned(), (*b).to_owned());
        pairs.iter().map(owned).collect()
    }

    #[test]
    fn a_folder_gives_its_content_and_a_file_itself() {
        let expected = [
            ("web/b.txt", "/app/w/b.txt"),
            ("web/src/c.txt", "/app/w/src/c.txt"),
        ];
        assert_eq!(placed("COPY web w"), pairs(&expected));
        assert_eq!(placed("COPY ./web/ ./w/"), pairs(&expected));
        assert_eq!(placed("COPY a.txt b"), pairs(&[("a.txt", "/app/b")]));
        assert_eq!(placed("COPY a.txt ."), pairs(&[("a.txt", "/app/a.txt")]));
        assert_eq!(placed("COPY a.txt b/"), pairs(&[("a.txt", "/app/b/a.txt")]));
    }

    #[test]
    fn several_folders_are_flattened_into_one() {
        let expected = [("a.txt", "/x/a.txt"), ("web/src/c.txt", "/x/c.txt")];
        assert_eq!(placed("COPY a.txt web/src /x/"), pairs(&expected));
        let expected = [
            ("a.txt", "/app/a.txt"),
            ("web/b.txt", "/app/b.txt"),
            ("web/src/c.txt", "/app/src/c.txt"),
        ];
        assert_eq!(placed("COPY * ./"), pairs(&expected));
    }

    #[test]
    fn what_is_not_known_places_nothing() {
        for copy in [
            "COPY . $X",
            "COPY --exclude=*.md . .",
            "COPY $X .",
            "COPY node_modules .",
        ] {
            assert!(placed(copy).is_empty(), "{copy}");
        }
    }

    #[test]
    fn folders_overlap_when_one_holds_the_other() {
        assert!(overlaps("/app", "/app/web") && overlaps("/app/web", "/app"));
        assert!(overlaps("/", "/app") && overlaps("/app", "/app"));
        assert!(!overlaps("/app", "/apps"));
        assert!(overlaps("/?/web", "/app") && !overlaps("/?/a", "/?/b"));
    }
}
