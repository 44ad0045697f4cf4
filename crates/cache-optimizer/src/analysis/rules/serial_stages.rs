//! Finds builds that wait for one another though they work with other tools in other folders: two in
//! one stage, or a stage on top of another.
//!
//! Folders within one another are left alone, since the outer build may take what the inner one made,
//! as Go does with `//go:embed`.

use common::dockerfile::{Detail, Dockerfile, Instruction};

use super::{Confidence, Found, Remedy, Subject};
use crate::analysis::context_sources::is_in;
use crate::analysis::stage_uses::StageUses;
use crate::analysis::work_folders::{Work, family, works};

/// Builds of one family of tools in one folder.
#[derive(Debug)]
struct Build<'a> {
    family: &'static str,
    folder: String,
    first: &'a Instruction,
    /// How many steps it has.
    count: usize,
    /// Milliseconds of its steps. `None` when one was not measured.
    duration_ms: Option<u64>,
}

pub(super) fn check(subject: &Subject<'_>) -> Vec<Found> {
    let dockerfile = &subject.recipe.dockerfile;
    let uses = StageUses::of(dockerfile);
    let builds: Vec<_> = (0..dockerfile.stages.len())
        .map(|stage| builds(subject, stage))
        .collect();
    let mut found = Vec::new();
    for (index, own) in builds.iter().enumerate() {
        for (position, second) in own.iter().enumerate() {
            let first = own[..position].iter().find(|first| is_apart(first, second));
            let first = first.filter(|first| !is_mentioned(dockerfile, index, first, second));
            found.extend(first.map(|first| in_one_stage(first, second)));
        }
        found.extend(on_top(dockerfile, &uses, &builds, index));
    }
    found
}

/// The builds of a stage. A `RUN` with anything else in it is none of them.
fn builds<'a>(subject: &Subject<'a>, stage: usize) -> Vec<Build<'a>> {
    let dockerfile = &subject.recipe.dockerfile;
    let mut builds: Vec<Build<'a>> = Vec::new();
    let instructions = dockerfile.stages[stage].instructions.iter();
    for (instruction, state) in instructions.zip(&subject.states[stage]) {
        let Detail::Run(run) = &instruction.detail else {
            continue;
        };
        let Some(works) = works(run, state, dockerfile.escape) else {
            continue;
        };
        let Some(first) = works.first() else { continue };
        let Some(own) = family(&first.command) else {
            continue;
        };
        let is_same =
            |work: &Work| family(&work.command) == Some(own) && work.folder == first.folder;
        if !works.iter().all(is_same) {
            continue;
        }
        let duration_ms = subject.durations_ms.get(&instruction.line).copied();
        match builds
            .iter_mut()
            .find(|it| it.family == own && it.folder == first.folder)
        {
            Some(build) => {
                build.count += 1;
                build.duration_ms = build.duration_ms.zip(duration_ms).map(|(a, b)| a + b);
            }
            None => builds.push(Build {
                family: own,
                folder: first.folder.clone(),
                first: instruction,
                count: 1,
                duration_ms,
            }),
        }
    }
    builds
}

fn is_apart(a: &Build<'_>, b: &Build<'_>) -> bool {
    let is_root = |build: &Build<'_>| build.folder == "/";
    a.family != b.family
        && !is_root(a)
        && !is_root(b)
        && !is_in(&a.folder, &b.folder)
        && !is_in(&b.folder, &a.folder)
}

/// Whether an instruction of the stage has to do with the folders of both, or one of a build names the
/// folder of the other.
fn is_mentioned(dockerfile: &Dockerfile, stage: usize, a: &Build<'_>, b: &Build<'_>) -> bool {
    let name = |build: &Build<'_>| {
        build
            .folder
            .rsplit('/')
            .next()
            .unwrap_or_default()
            .to_owned()
    };
    let (first, second) = (name(a), name(b));
    let mut runs = dockerfile.stages[stage]
        .instructions
        .iter()
        .filter(|it| it.keyword == "RUN");
    let has = |text: &str, name: &str| {
        let mut words =
            text.split(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_' | '.')));
        words.any(|word| word == name)
    };
    runs.any(|run| has(&run.text, &first) && has(&run.text, &second))
}

fn in_one_stage(first: &Build<'_>, second: &Build<'_>) -> Found {
    let message = format!(
        "`{}` works in `{}`, and waits for `{}` in line {}, which works in `{}`",
        second.first.text, second.folder, first.first.text, first.first.line, first.folder
    );
    let advice = "give each a stage of its own and copy what it makes, so that both run at the same \
                  time, and an edit of one does not run the other again";
    finding(second, first, message, advice)
}

fn finding(at: &Build<'_>, other: &Build<'_>, message: String, advice: &str) -> Found {
    let why = "that neither build reads what the other makes is not proven";
    Found {
        saved_ms: at.duration_ms.zip(other.duration_ms).map(|(a, b)| a.min(b)),
        confidence: Confidence::Possible,
        remedy: Remedy::Withheld(why.to_owned()),
        ..Found::new(at.first.line, message, advice.to_owned())
    }
}

/// A stage on top of another, which does nothing but a build of its own: neither is an image.
fn on_top(
    dockerfile: &Dockerfile,
    uses: &StageUses,
    builds: &[Vec<Build<'_>>],
    index: usize,
) -> Option<Found> {
    let stage = &dockerfile.stages[index];
    let base = dockerfile.stage_index(&stage.base, index)?;
    let ([below], [own]) = (builds[base].as_slice(), builds[index].as_slice()) else {
        return None;
    };
    let is_image = index + 1 == dockerfile.stages.len() || is_base(dockerfile, index);
    let do_no_more = builds_alone(dockerfile, base, below) && builds_alone(dockerfile, index, own);
    if is_image || uses.is_open || !is_apart(below, own) || !do_no_more {
        return None;
    }
    if hands_on(dockerfile, index, &below.folder) || is_mentioned(dockerfile, index, below, own) {
        return None;
    }
    let message = format!(
        "this stage starts from `{}`, whose work in `{}` it does not use, and waits for it",
        stage.base, below.folder
    );
    let image = &dockerfile.stages[base].base;
    let advice = format!("start it from `{image}`, so that both run at the same time");
    let found = finding(own, below, message, &advice);
    Some(Found {
        line: stage.line,
        ..found
    })
}

/// Whether a later stage takes something out of a folder of the stage at `index`, or mounts it.
fn hands_on(dockerfile: &Dockerfile, index: usize, folder: &str) -> bool {
    let later = dockerfile.stages.iter().enumerate().skip(index + 1);
    let mut instructions =
        later.flat_map(|(at, stage)| stage.instructions.iter().map(move |it| (at, it)));
    instructions.any(|(at, instruction)| {
        let is_own = |from: &String| dockerfile.stage_index(from, at) == Some(index);
        match &instruction.detail {
            Detail::Copy(copy) if copy.from.as_ref().is_some_and(is_own) => {
                let takes = |source: &String| is_in(source, folder) || is_in(folder, source);
                copy.sources.iter().any(takes)
            }
            Detail::Run(run) => run
                .mounts
                .iter()
                .any(|mount| mount.from.as_ref().is_some_and(is_own)),
            _ => false,
        }
    })
}

fn is_base(dockerfile: &Dockerfile, index: usize) -> bool {
    let later = dockerfile.stages.iter().enumerate().skip(index + 1);
    let mut bases = later.map(|(at, stage)| dockerfile.stage_index(&stage.base, at));
    bases.any(|base| base == Some(index))
}

/// Whether a stage does nothing but one build.
fn builds_alone(dockerfile: &Dockerfile, stage: usize, build: &Build<'_>) -> bool {
    let mut instructions = dockerfile.stages[stage].instructions.iter();
    let runs = instructions
        .clone()
        .filter(|it| it.keyword == "RUN")
        .count();
    let is_plain = |it: &Instruction| matches!(it.keyword.as_str(), "RUN" | "COPY" | "WORKDIR");
    instructions.all(is_plain) && runs == build.count
}

#[cfg(test)]
mod tests {
    use super::super::sample::{found, lines, with_durations};
    use super::*;

    const ONE_STAGE: &str = "\
FROM tools AS build
WORKDIR /src
COPY . .
RUN cd web && npm ci
RUN cd web && npm run build
RUN cd api && go build -o /out/api
FROM scratch
COPY --from=build /out /
";

    #[test]
    fn two_builds_of_one_stage_are_found_with_the_shorter_time() {
        let times = [(4, 3000), (5, 2000), (6, 4000)];
        let found = with_durations(check, ONE_STAGE, &times);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].line, found[0].saved_ms), (6, Some(4000)));
        let message = "`RUN cd api && go build -o /out/api` works in `/src/api`, and waits for \
                       `RUN cd web && npm ci` in line 4, which works in `/src/web`";
        assert_eq!(found[0].message, message);
        assert_eq!(
            with_durations(check, ONE_STAGE, &times[1..])[0].saved_ms,
            None
        );
    }

    #[test]
    fn builds_that_may_need_one_another_are_left_alone() {
        for run in [
            // The outer one may embed what the inner one made.
            "go build",
            "cd web && npx tsc",
            "cd api && cp ../web/dist . && go build",
            "cd api && go build -ldflags ../web",
            "(cd api && go build)",
            "cd $API && go build",
            "cd / && go build",
        ] {
            let text = format!("FROM a\nWORKDIR /src\nCOPY . .\nRUN cd web && npm ci\nRUN {run}\n");
            assert!(found(check, &text).is_empty(), "{run}");
        }
    }

    const ON_TOP: &str = "\
FROM tools AS web
WORKDIR /web
COPY web .
RUN npm ci
FROM web AS api
WORKDIR /api
COPY api .
RUN go build -o /out/api
FROM scratch
COPY --from=web /web/dist /web
COPY --from=api /out/api /
";

    #[test]
    fn a_stage_on_top_of_one_that_it_does_not_use_is_found() {
        let found = with_durations(check, ON_TOP, &[(4, 900), (8, 400)]);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].line, found[0].saved_ms), (5, Some(400)));
        assert_eq!(
            found[0].advice,
            "start it from `tools`, so that both run at the same time"
        );
    }

    #[test]
    fn a_stage_that_is_an_image_or_hands_on_what_is_below_it_uses_it() {
        assert!(
            found(
                check,
                "FROM a AS build\nWORKDIR /a\nRUN npm ci\nFROM build AS test\nRUN npm test\n"
            )
            .is_empty()
        );
        let handed_on = ON_TOP.replace("--from=web", "--from=api");
        assert!(lines(check, &handed_on).is_empty());
        let installs = ON_TOP.replace("RUN npm ci", "RUN npm ci\nRUN apk add go");
        assert!(lines(check, &installs).is_empty());
    }
}
