//! Which stages of its Dockerfile a target needs, and what each is made from.

use common::dockerfile::{Detail, Instruction, Stage, expand};
use std::collections::{BTreeMap, BTreeSet};

use crate::model::plan::{NamedContext, Target};

/// A stage that a target needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NeededStage {
    /// Its position in the Dockerfile, from 0.
    pub(crate) index: usize,
    /// What it starts from.
    pub(crate) base: Base,
    /// The stages that it takes files from, by position, sorted.
    pub(crate) copies_from: Vec<usize>,
    /// What it takes files from beside stages, sorted.
    pub(crate) sources: Vec<Source>,
}

/// What a stage starts from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Base {
    /// Nothing.
    Scratch,
    /// Another stage, by position.
    Stage(usize),
    /// Something that is not of the Dockerfile.
    Source(Source),
}

/// Something that is not of the Dockerfile and has files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// An image.
    Image(String),
    /// A named context of the target.
    Context {
        /// Its name, as the target has it.
        name: String,
        /// What it stands for.
        context: NamedContext,
    },
}

/// The stages that a target needs, in the Dockerfile's order.
pub(crate) fn needed_stages(target: &Target) -> Vec<NeededStage> {
    let dockerfile = &target.dockerfile;
    let variables = from_variables(target);
    let last = dockerfile.stages.len().saturating_sub(1);
    let asked = target.stage.as_deref();
    let goal = asked.and_then(|stage| dockerfile.stage_index(stage, dockerfile.stages.len()));
    let mut needed = BTreeMap::new();
    let mut open = vec![goal.unwrap_or(last)];
    while let Some(index) = open.pop() {
        let Some(stage) = dockerfile.stages.get(index) else {
            continue;
        };
        if needed.contains_key(&index) {
            continue;
        }
        let stage = needed_stage(target, index, stage, &variables);
        open.extend(&stage.copies_from);
        if let Base::Stage(base) = stage.base {
            open.push(base);
        }
        needed.insert(index, stage);
    }
    needed.into_values().collect()
}

/// The stages that a target needs to take files from, directly or through others, by position,
/// sorted. Its own stage is none of them, and those that a named context stands for are not either.
pub(crate) fn copied_stages(target: &Target) -> Vec<usize> {
    let needed = needed_stages(target);
    let copied: BTreeSet<usize> = needed
        .iter()
        .flat_map(|it| &it.copies_from)
        .copied()
        .collect();
    let is_own = |index: &usize| {
        let stage = target.dockerfile.stages.get(*index);
        stage.is_some_and(|stage| replacement(target, stage).is_none())
    };
    copied.into_iter().filter(is_own).collect()
}

fn needed_stage(
    target: &Target,
    index: usize,
    stage: &Stage,
    variables: &BTreeMap<String, String>,
) -> NeededStage {
    if let Some(source) = replacement(target, stage) {
        return NeededStage {
            index,
            base: Base::Source(source),
            copies_from: Vec::new(),
            sources: Vec::new(),
        };
    }
    let mut copies_from = BTreeSet::new();
    let mut sources = BTreeMap::new();
    for reference in stage.instructions.iter().flat_map(references) {
        if let Some(index) = target.dockerfile.stage_index(reference, index) {
            copies_from.insert(index);
        } else if let Some(source) = source(target, reference) {
            sources.insert(reference, source);
        }
    }
    NeededStage {
        index,
        base: base(target, index, stage, variables),
        copies_from: copies_from.into_iter().collect(),
        sources: sources.into_values().collect(),
    }
}

/// The named context that stands for a whole stage, because it has the stage's name.
///
/// Source: `ContextByName` in frontend/dockerfile/dockerfile2llb/convert.go of
/// github.com/moby/buildkit.
pub(super) fn replacement(target: &Target, stage: &Stage) -> Option<Source> {
    let (name, context) = target.named_context(stage.name.as_deref()?)?;
    Some(Source::Context {
        name: name.clone(),
        context: context.clone(),
    })
}

/// What a name means that is not one of a stage. `None` when it means nothing at all.
pub(super) fn source(target: &Target, name: &str) -> Option<Source> {
    match target.named_context(name) {
        Some((name, context)) => Some(Source::Context {
            name: name.clone(),
            context: context.clone(),
        }),
        None if name.eq_ignore_ascii_case("scratch") => None,
        None => Some(Source::Image(name.to_owned())),
    }
}

fn base(
    target: &Target,
    index: usize,
    stage: &Stage,
    variables: &BTreeMap<String, String>,
) -> Base {
    let dockerfile = &target.dockerfile;
    let lookup = |name: &str| variables.get(name).cloned();
    // A malformed name is shown as written; the builder says what is wrong with it.
    let name = expand(&stage.base, dockerfile.escape, lookup).unwrap_or(stage.base.clone());
    // A base is found by name only: `FROM 0` is an image called `0`.
    let by_name = dockerfile
        .stage_index(&name, index)
        .filter(|_| name.parse::<usize>().is_err());
    match by_name {
        Some(index) => Base::Stage(index),
        None => source(target, &name).map_or(Base::Scratch, Base::Source),
    }
}

/// The stages and images that an instruction names as a source of files.
pub(super) fn references(instruction: &Instruction) -> Vec<&str> {
    match &instruction.detail {
        Detail::Copy(copy) | Detail::Add(copy) => copy.from.as_deref().into_iter().collect(),
        Detail::Run(run) => run
            .mounts
            .iter()
            .filter_map(|mount| mount.from.as_deref())
            .collect(),
        _ => Vec::new(),
    }
}

/// The variables that `FROM` sees: the global `ARG`s, as the target sets them, and the platforms.
pub(super) fn from_variables(target: &Target) -> BTreeMap<String, String> {
    let mut variables = platform_variables(target.platform.as_deref());
    for arg in &target.dockerfile.global_args {
        let default = arg.default.as_deref().and_then(|default| {
            let lookup = |name: &str| variables.get(name).cloned();
            expand(default, target.dockerfile.escape, lookup).ok()
        });
        if let Some(value) = target.build_args.get(&arg.name).cloned().or(default) {
            variables.insert(arg.name.clone(), value);
        }
    }
    variables
}

/// What BuildKit predefines. Without a platform asked for it is the builder's own, which is taken
/// to be like this machine's.
///
/// Source: <https://docs.docker.com/reference/dockerfile/#automatic-platform-args-in-the-global-scope>
fn platform_variables(target: Option<&str>) -> BTreeMap<String, String> {
    let own = format!("linux/{}", go_architecture(std::env::consts::ARCH));
    let mut variables = BTreeMap::new();
    for (prefix, platform) in [("TARGET", target.unwrap_or(&own)), ("BUILD", own.as_str())] {
        let mut parts = platform.splitn(3, '/');
        for (name, value) in [
            ("OS", parts.next()),
            ("ARCH", parts.next()),
            ("VARIANT", parts.next()),
        ] {
            variables.insert(
                format!("{prefix}{name}"),
                value.unwrap_or_default().to_owned(),
            );
        }
        variables.insert(format!("{prefix}PLATFORM"), platform.to_owned());
    }
    variables
}

/// Source: <https://go.dev/doc/install/source#environment>
fn go_architecture(rust: &str) -> &str {
    match rust {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "x86" => "386",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(text: &str, stage: Option<&str>, args: &[(&str, &str)]) -> Target {
        Target {
            stage: stage.map(str::to_owned),
            platform: Some("linux/arm64".to_owned()),
            ..Target::sample("app", text).with_args(args)
        }
    }

    fn image(name: &str) -> Base {
        Base::Source(Source::Image(name.to_owned()))
    }

    fn indexes(stages: &[NeededStage]) -> Vec<usize> {
        stages.iter().map(|stage| stage.index).collect()
    }

    const MANY: &str = "\
FROM debian AS deps
FROM deps AS build
FROM deps AS test
FROM alpine AS tools
FROM scratch
COPY --from=build /a /a
RUN --mount=from=tools,target=/t --mount=type=bind,from=busybox,target=/b true
COPY --from=0 /c /c
";

    #[test]
    fn only_what_the_last_stage_leads_to_is_needed() {
        let stages = needed_stages(&target(MANY, None, &[]));
        assert_eq!(indexes(&stages), [0, 1, 3, 4]);
        assert_eq!(stages[3].copies_from, [0, 1, 3]);
        assert_eq!(stages[3].sources, [Source::Image("busybox".to_owned())]);
        assert_eq!(stages[3].base, Base::Scratch);
        assert_eq!(stages[1].base, Base::Stage(0));
        assert_eq!(stages[0].base, image("debian"));
    }

    #[test]
    fn the_stages_that_files_are_taken_from_are_told_also_through_others() {
        let text = "FROM a AS deps\nFROM b AS base\nCOPY --from=deps / /\nFROM base AS build\nFROM c AS other\nFROM scratch\nCOPY --from=build / /\n";
        assert_eq!(copied_stages(&target(text, None, &[])), [0, 2]);
        assert_eq!(copied_stages(&target(text, Some("build"), &[])), [0]);
        assert!(copied_stages(&target(text, Some("other"), &[])).is_empty());
        let mut replaced = target(text, None, &[]);
        let remote = NamedContext::Remote("https://deps".to_owned());
        replaced.named_contexts.insert("deps".to_owned(), remote);
        assert_eq!(copied_stages(&replaced), [2]);
    }

    #[test]
    fn a_stage_can_be_asked_for_by_name_in_any_case_and_by_number() {
        assert_eq!(
            indexes(&needed_stages(&target(MANY, Some("TEST"), &[]))),
            [0, 2]
        );
        assert_eq!(
            indexes(&needed_stages(&target(MANY, Some("1"), &[]))),
            [0, 1]
        );
    }

    #[test]
    fn arguments_choose_the_base() {
        let text = "ARG V=1\nARG BASE=debian:$V\nFROM scratch AS base-arm64\nFROM base-$TARGETARCH AS a\nFROM ${BASE}-slim\nCOPY --from=a / /\n";
        let base = |args| needed_stages(&target(text, None, args)).pop().unwrap().base;
        assert_eq!(base(&[]), image("debian:1-slim"));
        assert_eq!(base(&[("V", "2")]), image("debian:2-slim"));
        assert_eq!(base(&[("BASE", "a")]), image("a-slim"));
        let stages = needed_stages(&target(text, Some("a"), &[]));
        assert_eq!(stages[1].base, Base::Stage(0));
    }

    #[test]
    fn of_stages_with_one_name_the_last_before_the_reference_counts() {
        let text = "FROM a AS x\nFROM b AS x\nFROM scratch\nCOPY --from=x / /\nFROM x AS x\n";
        let stages = needed_stages(&target(text, Some("x"), &[]));
        assert_eq!(indexes(&stages), [1, 3]);
    }

    #[test]
    fn a_named_context_stands_for_an_image_and_for_a_whole_stage() {
        let text = "FROM debian AS deps\nCOPY --from=debian /a /a\nFROM DEBIAN AS tools\nRUN x\nFROM deps\nCOPY --from=tools / /\n";
        let mut target = target(text, None, &[]);
        let context = |name: &str| Source::Context {
            name: name.to_owned(),
            context: NamedContext::Remote(format!("https://{name}")),
        };
        for name in ["debian", "tools"] {
            let remote = NamedContext::Remote(format!("https://{name}"));
            target.named_contexts.insert(name.to_owned(), remote);
        }
        let stages = needed_stages(&target);
        assert_eq!(indexes(&stages), [0, 1, 2]);
        assert_eq!(stages[0].base, Base::Source(context("debian")));
        assert_eq!(stages[0].sources, [context("debian")]);
        assert_eq!(stages[1].base, Base::Source(context("tools")));
        assert_eq!(stages[2].base, Base::Stage(0));
        assert_eq!(stages[2].copies_from, [1]);
    }
}
