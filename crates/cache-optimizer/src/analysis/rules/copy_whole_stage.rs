//! Finds copies out of another stage that take more than the image needs: its whole file system, what
//! is copied again later, and the sources and tools that a build there used.
//!
//! What of it a program reads when it runs is not known here, so only a copy of what is there already
//! is taken out.

use common::dockerfile::{Copy, Detail, Dockerfile, Instruction};

use super::{Confidence, Found, Remedy, Subject};
use crate::analysis::context_sources::is_in;
use crate::analysis::run_commands::run_commands;
use crate::analysis::shell::Command;
use crate::analysis::stage_state::State;
use crate::analysis::stage_uses::chain;
use crate::model::edit::{Edit, EditedFile};

/// A copy out of another stage of the file, with its paths made absolute.
#[derive(Debug)]
struct Whole<'a> {
    /// The position of the stage that it is in.
    stage: usize,
    /// Its position among the stage's instructions.
    position: usize,
    instruction: &'a Instruction,
    copy: &'a Copy,
    /// The position of the stage that it copies from.
    from: usize,
    source: String,
    destination: String,
}

pub(super) fn check(subject: &Subject<'_>) -> Vec<Found> {
    let copies = copies(subject);
    let mut found = Vec::new();
    for whole in &copies {
        found.extend(
            whole_system(subject, whole)
                .or_else(|| copied_again(subject, whole))
                .or_else(|| build_only(subject, whole)),
        );
        found.extend(twice(subject, whole, &copies));
    }
    found
}

/// The copies of one folder out of another stage.
fn copies<'a>(subject: &Subject<'a>) -> Vec<Whole<'a>> {
    let dockerfile = &subject.recipe.dockerfile;
    let mut copies = Vec::new();
    for (stage, states) in subject.states.iter().enumerate() {
        let instructions = dockerfile.stages[stage].instructions.iter();
        for (position, (instruction, state)) in instructions.zip(states).enumerate() {
            let Detail::Copy(copy) = &instruction.detail else {
                continue;
            };
            copies.extend(whole(
                dockerfile,
                (stage, position),
                instruction,
                copy,
                state,
            ));
        }
    }
    copies
}

fn whole<'a>(
    dockerfile: &Dockerfile,
    (stage, position): (usize, usize),
    instruction: &'a Instruction,
    copy: &'a Copy,
    state: &State,
) -> Option<Whole<'a>> {
    let from = dockerfile.stage_index(copy.from.as_deref()?, stage)?;
    let [source] = copy.sources.as_slice() else {
        return None;
    };
    let escape = dockerfile.escape;
    let root = State {
        workdir: Some("/".to_owned()),
        ..state.clone()
    };
    let source = root.absolute(source, escape)?;
    let is_plain = !source.contains(['*', '?', '[']);
    is_plain.then_some(Whole {
        stage,
        position,
        instruction,
        copy,
        from,
        source,
        destination: state.absolute(&copy.destination, escape)?,
    })
}

fn finding(whole: &Whole<'_>, message: String, advice: &str) -> Found {
    let why = "which of its files the image needs is not known";
    Found {
        remedy: Remedy::Withheld(why.to_owned()),
        ..Found::new(whole.instruction.line, message, advice.to_owned())
    }
}

/// `/` of another stage. Into `scratch` it is the known way to make one layer of an image, and a stage
/// from `scratch` holds what it was given alone.
fn whole_system(subject: &Subject<'_>, whole: &Whole<'_>) -> Option<Found> {
    let dockerfile = &subject.recipe.dockerfile;
    let is_scratch = |stage: usize| {
        let bottom = chain(dockerfile, stage).last().copied();
        bottom.is_some_and(|bottom| dockerfile.stages[bottom].base == "scratch")
    };
    if whole.source != "/" || is_scratch(whole.stage) || is_scratch(whole.from) {
        return None;
    }
    let message = format!(
        "`{}` takes the whole file system of another stage, so any change in it copies all of it again",
        whole.instruction.text
    );
    Some(finding(
        whole,
        message,
        "copy only what the image needs of it",
    ))
}

/// What the other stage took from the context, and what is copied from the context to the same place
/// later on: the first copy then misses the cache for files that the second one brings anyway.
fn copied_again(subject: &Subject<'_>, whole: &Whole<'_>) -> Option<Found> {
    let dockerfile = &subject.recipe.dockerfile;
    let taken: Vec<_> = chain(dockerfile, whole.from)
        .into_iter()
        .flat_map(|stage| from_context(subject, stage, 0))
        .filter(|(_, _, to)| is_in(to, &whole.source))
        .collect();
    let later = (whole.stage..dockerfile.stages.len())
        .filter(|&stage| chain(dockerfile, stage).contains(&whole.stage))
        .flat_map(|stage| {
            let skipped = if stage == whole.stage {
                whole.position + 1
            } else {
                0
            };
            from_context(subject, stage, skipped)
        });
    let (first, second) = later.into_iter().find_map(|(second, sources, to)| {
        let is_same = |(_, before, at): &&(&Instruction, &[String], String)| {
            let below = at
                .strip_prefix(whole.source.trim_end_matches('/'))
                .unwrap_or(at);
            let place = format!("{}{below}", whole.destination.trim_end_matches('/'));
            *before == sources && place == to
        };
        Some((taken.iter().find(is_same)?.0, second))
    })?;
    let message = format!(
        "`{}` takes along what line {} copied, which line {} copies again, so a change of it runs this \
         step and all after it",
        whole.instruction.text, first.line, second.line
    );
    Some(finding(
        whole,
        message,
        "copy only what the other stage made",
    ))
}

/// The copies of a stage from the context, from a position on, with their destinations.
fn from_context<'a>(
    subject: &Subject<'a>,
    stage: usize,
    skipped: usize,
) -> Vec<(&'a Instruction, &'a [String], String)> {
    let dockerfile = &subject.recipe.dockerfile;
    let instructions = dockerfile.stages[stage].instructions.iter();
    let with_states = instructions.zip(&subject.states[stage]).skip(skipped);
    with_states
        .filter_map(|(instruction, state)| match &instruction.detail {
            Detail::Copy(copy) if copy.from.is_none() => {
                let to = state.absolute(&copy.destination, dockerfile.escape)?;
                Some((instruction, copy.sources.as_slice(), to))
            }
            _ => None,
        })
        .collect()
}

/// What a build needs in the folder that it works in, beside what it makes.
fn build_only(subject: &Subject<'_>, whole: &Whole<'_>) -> Option<Found> {
    let dockerfile = &subject.recipe.dockerfile;
    let last = dockerfile.stages.len() - 1;
    if !chain(dockerfile, last).contains(&whole.stage)
        || chain(dockerfile, last).contains(&whole.from)
    {
        return None;
    }
    let stages = chain(dockerfile, whole.from);
    let sources = stages
        .iter()
        .flat_map(|&stage| from_context(subject, stage, 0));
    let is_tree = |sources: &[String]| {
        sources
            .iter()
            .any(|it| matches!(it.as_str(), "." | "./" | "*"))
    };
    let (_, _, tree) = sources
        .into_iter()
        .find(|(_, sources, to)| is_tree(sources) && is_in(to, &whole.source))?;
    let commands: Vec<_> = stages
        .iter()
        .flat_map(|&stage| commands(dockerfile, stage))
        .collect();
    let rest = build_rest(&commands)?;
    let message = format!(
        "`{}` brings the sources in `{tree}` and {rest} into the image",
        whole.instruction.text
    );
    Some(finding(whole, message, "copy only what the build made"))
}

fn commands(dockerfile: &Dockerfile, stage: usize) -> Vec<Command> {
    let instructions = dockerfile.stages[stage].instructions.iter();
    instructions
        .flat_map(|instruction| match &instruction.detail {
            Detail::Run(run) => run_commands(run),
            _ => Vec::new(),
        })
        .collect()
}

/// What tools leave in the folder of a build that nothing needs to run.
fn build_rest(commands: &[Command]) -> Option<&'static str> {
    let runs = |program: &str, words: &[&str]| {
        commands.iter().any(|command| {
            let has = |word: &&str| command.arguments.iter().any(|argument| argument == word);
            command.program == program && (words.is_empty() || words.iter().any(has))
        })
    };
    let drops_tools = commands.iter().any(|command| {
        let arguments = command.arguments.join(" ");
        ["prune", "--omit", "--production", "--prod", "autoclean"]
            .iter()
            .any(|word| arguments.contains(word))
    });
    let is_script = |program: &&str| runs(program, &["build", "compile"]);
    if runs("cargo", &["build"]) {
        Some("the compiler's `target` folder")
    } else if runs("mvn", &["package", "install", "verify"])
        || runs("mvnw", &["package", "install"])
    {
        Some("Maven's `target` folder")
    } else if runs("gradle", &[]) || runs("gradlew", &[]) {
        Some("Gradle's `build` folder")
    } else if runs("go", &["build"]) {
        Some("nothing that a Go program needs to run")
    } else if ["npm", "yarn", "pnpm"].iter().any(is_script) && !drops_tools {
        Some("the `node_modules` of the build, with what only the build needs")
    } else {
        None
    }
}

/// A copy of what an earlier copy of the same stage has brought already. Nothing between the two may
/// have changed it.
fn twice(subject: &Subject<'_>, whole: &Whole<'_>, copies: &[Whole<'_>]) -> Vec<Found> {
    let stage = &subject.recipe.dockerfile.stages[whole.stage];
    let repeats = copies.iter().filter(|other| {
        let below = other
            .source
            .strip_prefix(whole.source.trim_end_matches('/'));
        let place =
            below.map(|below| format!("{}{below}", whole.destination.trim_end_matches('/')));
        other.stage == whole.stage
            && other.position > whole.position
            && other.from == whole.from
            && other.source != whole.source
            && is_in(&other.source, &whole.source)
            && other.copy.flags == whole.copy.flags
            && !other.copy.destination.ends_with('/')
            && place.as_ref() == Some(&other.destination)
    });
    let writes = |it: &Instruction| matches!(it.keyword.as_str(), "RUN" | "COPY" | "ADD");
    repeats
        .map(|other| {
            let between = &stage.instructions[whole.position + 1..other.position];
            let message = format!(
                "`{}` copies what `{}` in line {} has brought already",
                other.instruction.text, whole.instruction.text, whole.instruction.line
            );
            let remedy = match between.iter().find(|it| writes(it)) {
                Some(it) => Remedy::Withheld(format!("line {} may have changed it", it.line)),
                None => Remedy::Patch(vec![Edit {
                    file: EditedFile::Dockerfile,
                    line: other.instruction.line,
                    removed_count: other.instruction.end_line - other.instruction.line + 1,
                    lines: Vec::new(),
                }]),
            };
            Found {
                confidence: Confidence::Likely,
                remedy,
                ..Found::new(
                    other.instruction.line,
                    message,
                    "remove it, or copy less in the first place".to_owned(),
                )
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::sample::{found, lines, mended, withheld};
    use super::*;

    #[test]
    fn the_whole_file_system_of_a_stage_is_found() {
        assert_eq!(
            lines(check, "FROM a AS x\nRUN b\nFROM c\nCOPY --from=x / /\n"),
            [4]
        );
        for text in [
            "FROM a AS x\nRUN b\nFROM scratch\nCOPY --from=x / /\n",
            "FROM scratch AS x\nADD root.tar /\nFROM c\nCOPY --from=x / /\n",
            "FROM c\nCOPY --from=docker.io/x / /\n",
        ] {
            assert!(found(check, text).is_empty(), "{text}");
        }
    }

    /// After `AutoGPT`.
    const AUTOGPT: &str = "\
FROM python:3.11 AS builder
WORKDIR /app
COPY platform/libs /app/platform/libs
COPY platform/server/poetry.lock platform/server/pyproject.toml /app/platform/server/
WORKDIR /app/platform/server
RUN poetry install
FROM python:3.11 AS dependencies
WORKDIR /app
COPY --from=builder /app /app
RUN mkdir -p /app/platform/libs
COPY platform/libs /app/platform/libs
FROM dependencies AS server
COPY platform/server /app/platform/server
CMD [\"poetry\", \"run\", \"rest\"]
";

    #[test]
    fn what_is_taken_along_and_copied_again_is_found() {
        let found = found(check, AUTOGPT);
        assert_eq!(found.len(), 1);
        let message = "`COPY --from=builder /app /app` takes along what line 3 copied, which line 11 \
                       copies again, so a change of it runs this step and all after it";
        assert_eq!((found[0].line, found[0].message.as_str()), (9, message));
        let why = "which of its files the image needs is not known";
        assert_eq!(withheld(check, AUTOGPT, &[]), [why]);
    }

    #[test]
    fn the_sources_and_tools_of_a_build_are_found() {
        let text = |build: &str, copy: &str| {
            format!(
                "FROM a AS build\nWORKDIR /app\nCOPY . .\nRUN {build}\nFROM b\n{copy}\nCMD [\"x\"]\n"
            )
        };
        for build in [
            "cargo build --release",
            "npm ci && npm run build",
            "mvn -B package",
        ] {
            let text = text(build, "COPY --from=build /app /app");
            assert_eq!(lines(check, &text), [6], "{build}");
        }
        for (build, copy) in [
            (
                "cargo build --release",
                "COPY --from=build /app/target/release/app /",
            ),
            (
                "npm ci && npm run build && npm prune --omit=dev",
                "COPY --from=build /app /app",
            ),
            (
                "pip install -r requirements.txt",
                "COPY --from=build /app /app",
            ),
            ("npm run build", "COPY --from=build /app/dist /app"),
        ] {
            assert!(found(check, &text(build, copy)).is_empty(), "{build}");
        }
    }

    #[test]
    fn results_in_a_folder_of_their_own_are_as_they_should_be() {
        // After example-voting-app's worker.
        let text = "FROM sdk AS build\nWORKDIR /source\nCOPY . .\nRUN dotnet publish -o /app\n\
                    FROM runtime\nWORKDIR /app\nCOPY --from=build /app .\n";
        assert!(found(check, text).is_empty());
    }

    #[test]
    fn a_copy_of_what_is_there_already_is_taken_out() {
        let text = "FROM a AS b\nRUN make\nFROM c\nCOPY --from=b /out /app\n# The binary.\n\
                    COPY --from=b \\\n  /out/bin /app/bin\nCMD [\"x\"]\n";
        let after =
            "FROM a AS b\nRUN make\nFROM c\nCOPY --from=b /out /app\n# The binary.\nCMD [\"x\"]\n";
        assert_eq!(mended(check, text, &[]), after);
        let changed = text.replace("# The binary.", "RUN rm -r /app/bin");
        assert_eq!(
            withheld(check, &changed, &[]),
            ["line 5 may have changed it"]
        );
        let owned = text.replace("COPY --from=b \\", "COPY --from=b --chown=1 \\");
        assert!(found(check, &owned).is_empty());
        let into = text.replace("/app/bin\n", "/app/bin/\n");
        assert!(found(check, &into).is_empty());
    }
}
