//! What an instruction takes from stages and images, and where a copied file can have been.
//!
//! Source: <https://docs.docker.com/reference/dockerfile/#copy>

use common::dockerfile::{Copy, Detail, parse};

use crate::model::build::Stage;
use crate::model::path::{join, normal, split_last};

/// A stage or image that an instruction takes files from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Taking {
    /// The stage or image, as written.
    pub(super) from: String,
    /// Which paths become which. `None` for a mount, of which a command copies what it likes.
    pub(super) mapping: Option<Mapping>,
}

/// Which paths a `COPY` puts where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mapping {
    /// The normal paths that are copied; the last part can be a pattern.
    sources: Vec<Vec<u8>>,
    /// The normal path that they are copied to. `None` when a variable is in it.
    destination: Option<Vec<u8>>,
}

/// What an instruction takes, `text` being it on one line, and `directory` the one it runs in.
/// Nothing when it cannot be understood.
pub(super) fn takings(text: &str, directory: Option<&[u8]>) -> Vec<Taking> {
    let parsed = parse(&format!("FROM scratch\n{text}\n")).ok();
    let instruction = parsed.and_then(|mut file| file.stages.pop()?.instructions.pop());
    match instruction.map(|instruction| instruction.detail) {
        Some(Detail::Copy(copy)) => taking(copy, directory).into_iter().collect(),
        Some(Detail::Run(run)) => {
            let from = run.mounts.into_iter().filter_map(|mount| mount.from);
            let taking = |from| Taking {
                from,
                mapping: None,
            };
            from.map(taking).collect()
        }
        _ => Vec::new(),
    }
}

fn taking(copy: Copy, directory: Option<&[u8]>) -> Option<Taking> {
    let sources = copy.sources.iter().map(|source| normal(source.as_bytes()));
    Some(Taking {
        from: copy.from?,
        mapping: Some(Mapping {
            sources: sources.collect(),
            destination: below(directory, &copy.destination),
        }),
    })
}

/// The directory in which the instruction at `line` runs, given the stage's own and those that it
/// is based on, lowest first. `None` when a variable decides.
pub(super) fn directory(stages: &[&Stage], line: u32) -> Option<Vec<u8>> {
    let instructions = stages.iter().flat_map(|stage| &stage.instructions);
    let before = instructions.take_while(|instruction| instruction.line != line);
    let mut directory = Some(Vec::new());
    for instruction in before.filter(|instruction| instruction.keyword == "WORKDIR") {
        let (_, path) = instruction.text.split_once(' ').unwrap_or_default();
        directory = below(directory.as_deref(), path.trim().trim_matches(['"', '\'']));
    }
    directory
}

fn below(directory: Option<&[u8]>, path: &str) -> Option<Vec<u8>> {
    if path.contains('$') {
        None
    } else if path.starts_with('/') {
        Some(normal(path.as_bytes()))
    } else {
        Some(normal(&join(directory?, path.as_bytes())))
    }
}

impl Mapping {
    /// Where the file that is at `path` now can have been, most likely first.
    pub(super) fn origins(&self, path: &[u8]) -> Vec<Vec<u8>> {
        let Some(destination) = &self.destination else {
            return Vec::new();
        };
        if path == destination.as_slice() {
            return self.sources.clone();
        }
        let Some(rest) = rest_below(path, destination) else {
            return Vec::new();
        };
        // A folder's content is copied, a file under its own name; with `--parents` the whole path.
        let in_folder = self.sources.iter().map(|source| join(source, rest));
        let beside = |source: &Vec<u8>| join(split_last(source).0, rest);
        let beside = self.sources.iter().map(beside);
        in_folder.chain(beside).chain([rest.to_vec()]).collect()
    }
}

/// The part of `path` that is below `folder`, empty for the root.
fn rest_below<'a>(path: &'a [u8], folder: &[u8]) -> Option<&'a [u8]> {
    if folder.is_empty() {
        return Some(path);
    }
    path.strip_prefix(folder)?.strip_prefix(b"/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::build::Instruction;
    use crate::model::path::to_text;

    fn origins(text: &str, path: &str) -> Vec<String> {
        let taking = takings(text, Some(b"srv")).pop().unwrap();
        let origins = taking.mapping.unwrap().origins(path.as_bytes());
        origins.iter().map(|origin| to_text(origin)).collect()
    }

    #[test]
    fn a_copied_file_was_where_the_instruction_says() {
        let cases = [
            ("COPY --from=b /app /srv", "srv/lib/a.js", "app/lib/a.js"),
            ("COPY --from=b --chown=1 /app/ .", "srv/a.js", "app/a.js"),
            ("COPY --from=b /app/a.js x.js", "srv/x.js", "app/a.js"),
            (
                "COPY --from=b /app/a.js /app/b.js ./",
                "srv/b.js",
                "app/b.js",
            ),
            ("COPY --from=b /app/*.js /srv/", "srv/c.js", "app/c.js"),
            (
                "COPY --from=b --parents /app/lib /",
                "app/lib/d",
                "app/lib/d",
            ),
            ("COPY --from=b [\"/a b\", \"/c d/\"]", "c d/a b", "a b"),
            ("COPY --from=b / /", "bin/sh", "bin/sh"),
        ];
        for (text, path, origin) in cases {
            let found = origins(text, path);
            assert!(found.iter().any(|it| it == origin), "{text}: {found:?}");
        }
        assert!(origins("COPY --from=b /app $X/a", "srv/a").is_empty());
        assert!(origins("COPY --from=b /app /srv", "srvlib/a").is_empty());
    }

    #[test]
    fn what_is_taken_is_told_by_flags() {
        let from = |text| {
            let takings = takings(text, None).into_iter();
            takings.map(|taking| taking.from).collect::<Vec<_>>()
        };
        assert_eq!(from("COPY --from=nginx:1 /a /b"), ["nginx:1"]);
        assert_eq!(
            from("RUN --mount=from=b,target=/b --mount=type=cache,target=/c cp -r /b /a"),
            ["b"]
        );
        assert!(from("COPY /a --from=b").is_empty());
        assert!(from("RUN <<EOF").is_empty());
    }

    #[test]
    fn the_directory_is_that_of_all_instructions_before() {
        let stage = |index, texts: &[&str]| Stage {
            index,
            label: String::new(),
            base: None,
            base_image: None,
            dockerfile_path: String::new(),
            instructions: (index * 10..)
                .zip(texts)
                .map(|(line, text)| Instruction {
                    keyword: text.split(' ').next().unwrap().to_owned(),
                    text: (*text).to_owned(),
                    line,
                })
                .collect(),
        };
        let base = stage(0, &["WORKDIR /a", "WORKDIR b"]);
        let own = stage(1, &["RUN x", "WORKDIR \"../c\"", "WORKDIR $D", "WORKDIR d"]);
        let at = |line| directory(&[&base, &own], line);
        assert_eq!(at(10).as_deref(), Some(b"a/b".as_slice()));
        assert_eq!(at(12).as_deref(), Some(b"a/c".as_slice()));
        assert_eq!(at(13), None);
        assert_eq!(at(14), None);
    }
}
