//! What of the context the instructions of a Dockerfile take or mount, and what other Dockerfiles of
//! the same context name.

use common::build_context::IgnoreFile;
use common::dockerfile::{Copy, Detail, Dockerfile, Instruction, Run};

use super::rules::Subject;
use super::stage_state::State;

/// One source of one instruction.
#[derive(Clone, Debug)]
pub(crate) struct Taken<'a> {
    /// The position of the instruction's stage.
    pub(crate) stage: usize,
    /// The instruction.
    pub(crate) instruction: &'a Instruction,
    /// The path in the context, without slashes around it; empty is all of it. `None` when it has a
    /// variable that is not known.
    pub(crate) path: Option<String>,
    /// The patterns of `--exclude`.
    excludes: Vec<&'a str>,
}

impl Taken<'_> {
    /// Whether it is all of the context.
    pub(crate) fn is_whole(&self) -> bool {
        self.path.as_deref() == Some("")
    }

    /// Whether it certainly takes a path: as a part of what it names.
    pub(crate) fn takes(&self, path: &str) -> bool {
        let is_part = self
            .path
            .as_deref()
            .is_some_and(|own| own.is_empty() || is_in(path, own));
        is_part && !self.excludes(path)
    }

    /// Whether it may name a path, or something below it. All of the context names nothing.
    pub(crate) fn may_name(&self, path: &str) -> bool {
        match self.path.as_deref() {
            None => true,
            Some("") => false,
            Some(own) => is_in(own, path) || matches_glob(own, path),
        }
    }

    fn excludes(&self, path: &str) -> bool {
        let own = self.path.as_deref().unwrap_or_default();
        let below = path.strip_prefix(own).unwrap_or(path);
        !self.excludes.is_empty()
            && IgnoreFile::parse(&self.excludes.join("\n"))
                .is_ok_and(|file| file.ignores_path(below.trim_start_matches('/')))
    }
}

/// Whether a path is a folder or something below it.
pub(crate) fn is_in(path: &str, folder: &str) -> bool {
    let below = path.strip_prefix(folder);
    below.is_some_and(|below| below.is_empty() || below.starts_with('/') || folder == "/")
}

/// Whether a source with wildcards takes a path, or a folder that it is in.
fn matches_glob(source: &str, path: &str) -> bool {
    source.contains(['*', '?', '['])
        && IgnoreFile::parse(source).is_ok_and(|file| file.ignores_path(path))
}

/// All sources of a recipe's Dockerfile, in order.
pub(crate) fn taken<'a>(subject: &Subject<'a>) -> Vec<Taken<'a>> {
    let dockerfile = &subject.recipe.dockerfile;
    let mut taken = Vec::new();
    for (stage, states) in subject.states.iter().enumerate() {
        let instructions = &dockerfile.stages[stage].instructions;
        for (instruction, state) in instructions.iter().zip(states) {
            taken.extend(of_instruction(instruction, stage, state, dockerfile.escape));
        }
    }
    taken
}

fn of_instruction<'a>(
    instruction: &'a Instruction,
    stage: usize,
    state: &State,
    escape: char,
) -> Vec<Taken<'a>> {
    let one = |source: &str, excludes: &[&'a str]| Taken {
        stage,
        instruction,
        path: state.expand(source, escape).map(|path| in_context(&path)),
        excludes: excludes.to_vec(),
    };
    match &instruction.detail {
        Detail::Copy(copy) | Detail::Add(copy) => {
            let excludes = excludes(copy);
            let sources = copied(copy).into_iter();
            sources.map(|source| one(source, &excludes)).collect()
        }
        Detail::Run(run) => {
            let sources = mounted(run).into_iter();
            sources.map(|source| one(source, &[])).collect()
        }
        _ => Vec::new(),
    }
}

fn excludes(copy: &Copy) -> Vec<&str> {
    let flags = copy.flags.iter().filter(|flag| flag.name == "exclude");
    flags.filter_map(|flag| flag.value.as_deref()).collect()
}

fn copied(copy: &Copy) -> Vec<&str> {
    if copy.from.is_some() {
        return Vec::new();
    }
    let sources = copy.sources.iter().map(String::as_str);
    sources
        .filter(|source| !source.contains("://") && !source.starts_with("git@"))
        .collect()
}

fn mounted(run: &Run) -> Vec<&str> {
    let mounts = run.mounts.iter();
    let of_context = mounts.filter(|mount| mount.kind == "bind" && mount.from.is_none());
    of_context
        .map(|mount| mount.source.as_deref().unwrap_or("."))
        .collect()
}

/// A path as it is written in the context: without `.`, and without slashes around it. `*` at the top
/// is all of it.
fn in_context(source: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in source.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    match parts.as_slice() {
        ["*"] => String::new(),
        parts => parts.join("/"),
    }
}

/// The other Dockerfiles in the context, by path. They may be built with the same ignore file.
pub(crate) fn other_dockerfiles<'a>(subject: &Subject<'a>) -> Vec<(&'a str, &'a Dockerfile)> {
    let files = &subject.recipe.context.files;
    let all = files.dockerfiles().iter();
    let others = all.filter(|(path, _)| files.text(path) != Some(&subject.recipe.text));
    others
        .map(|(path, dockerfile)| (path.as_str(), dockerfile))
        .collect()
}

/// Whether a Dockerfile of which no more is known may name a path, or something below it.
pub(crate) fn may_be_named(dockerfile: &Dockerfile, path: &str) -> bool {
    let stages = dockerfile.stages.iter();
    let instructions = stages.flat_map(|stage| &stage.instructions);
    let unknown = State::default();
    let mut taken = instructions
        .flat_map(|instruction| of_instruction(instruction, 0, &unknown, dockerfile.escape));
    taken.any(|taken| taken.may_name(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn last(text: &str) -> (Option<String>, Vec<String>) {
        let dockerfile = common::dockerfile::parse(text).unwrap();
        let states = super::super::stage_state::states(&dockerfile);
        let stage = dockerfile.stages.len() - 1;
        let instruction = dockerfile.stages[stage].instructions.last().unwrap();
        let state = states[stage].last().unwrap();
        let taken = of_instruction(instruction, stage, state, dockerfile.escape);
        let last = taken.last().and_then(|taken| taken.path.clone());
        let names = ["web", "web/dist", "a.md"];
        let named = names
            .into_iter()
            .filter(|path| taken.iter().any(|taken| taken.may_name(path)));
        (last, named.map(str::to_owned).collect())
    }

    #[test]
    fn sources_are_paths_of_the_context() {
        let path = |line: &str| last(&format!("FROM a\nARG D=web\n{line}\n")).0;
        assert_eq!(path("COPY ./web/ /x").as_deref(), Some("web"));
        assert_eq!(path("COPY $D/dist /x").as_deref(), Some("web/dist"));
        assert_eq!(path("COPY * /x").as_deref(), Some(""));
        assert_eq!(path("COPY /a/../b /x").as_deref(), Some("b"));
        assert_eq!(path("COPY $OTHER /x"), None);
        assert_eq!(path("RUN --mount=target=. make").as_deref(), Some(""));
        assert_eq!(path("COPY --from=b /a /b"), None);
    }

    #[test]
    fn a_source_names_what_it_is_and_what_is_above_it() {
        let named = |line: &str| last(&format!("FROM a\n{line}\n")).1;
        assert_eq!(named("COPY web/dist /x"), ["web", "web/dist"]);
        assert_eq!(named("COPY *.md /x"), ["a.md"]);
        assert_eq!(named("COPY . /x"), Vec::<String>::new());
        assert_eq!(named("COPY webs /x"), Vec::<String>::new());
        assert_eq!(named("COPY $X /x").len(), 3);
    }

    #[test]
    fn what_is_excluded_from_a_copy_is_not_taken() {
        let text = "FROM a\nCOPY --exclude=**/node_modules . /x\n";
        let dockerfile = common::dockerfile::parse(text).unwrap();
        let instruction = &dockerfile.stages[0].instructions[0];
        let taken = of_instruction(instruction, 0, &State::default(), '\\');
        assert!(taken[0].takes("web/src"));
        assert!(!taken[0].takes("web/node_modules"));
    }
}
