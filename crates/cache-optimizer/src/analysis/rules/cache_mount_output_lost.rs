//! Finds what a later instruction takes out of a folder that was a cache mount when it was written:
//! the image does not have it.

use common::dockerfile::{Detail, Instruction};

use super::{Found, Remedy, Subject};
use crate::analysis::package_caches::{Step, is_within, steps};
use crate::analysis::stage_state::State;

pub(super) fn check(subject: &Subject<'_>) -> Vec<Found> {
    let steps = steps(subject.recipe, subject.states);
    let mut found = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        for (_, path) in step.cache_mounts() {
            // The first step with a mount stands for all.
            let is_first = |other: &Step<'_>| {
                let mut mounts = other.cache_mounts().into_iter();
                other.root == step.root && mounts.any(|(_, other)| other == path)
            };
            if !steps[..index].iter().any(is_first) {
                found.extend(lost(subject, &steps, step, &path));
            }
        }
    }
    found
}

fn lost(subject: &Subject<'_>, steps: &[Step<'_>], step: &Step<'_>, path: &str) -> Option<Found> {
    let (user, what) = user(subject, steps, step, path)?;
    let line = user.line;
    let mut found = Found::new(
        step.instruction.line,
        format!(
            "what this step leaves in the cache mount at `{path}` is not in the image, but line {line} \
             uses `{what}`"
        ),
        format!("copy what line {line} needs out of `{path}` in the same `RUN`, and use the copy"),
    );
    found.remedy = Remedy::Withheld(
        "where to copy it, and whether it is there by other means, only its author knows"
            .to_owned(),
    );
    Some(found)
}

/// The first instruction after a step that uses something in a folder, and what.
fn user<'a>(
    subject: &Subject<'a>,
    steps: &[Step<'_>],
    step: &Step<'_>,
    path: &str,
) -> Option<(&'a Instruction, String)> {
    let dockerfile = &subject.recipe.dockerfile;
    let mut roots: Vec<usize> = Vec::new();
    for (index, stage) in dockerfile.stages.iter().enumerate() {
        let base = dockerfile.stage_index(&stage.base, index);
        roots.push(base.map_or(index, |base| roots[base]));
        let states = &subject.states[index];
        for (instruction, state) in stage.instructions.iter().zip(states) {
            if instruction.line <= step.instruction.line {
                continue;
            }
            let is_family = roots[index] == step.root;
            let taken = match &instruction.detail {
                Detail::Copy(copy) => copy.from.as_deref().and_then(|from| {
                    let from = dockerfile.stage_index(from, index)?;
                    let mut sources = copy.sources.iter();
                    let source = sources.find(|source| is_inside(source, path))?;
                    (roots[from] == step.root).then(|| source.clone())
                }),
                Detail::Run(_) if is_family => used_by_run(steps, instruction, path),
                Detail::Other if is_family => used_by_start(instruction, state, path),
                _ => None,
            };
            if let Some(taken) = taken {
                return Some((instruction, taken));
            }
        }
    }
    None
}

fn is_inside(source: &str, path: &str) -> bool {
    let source = source.trim_start_matches("./").trim_start_matches('/');
    is_within(&format!("/{}", source.trim_end_matches('/')), path)
}

/// What a later step uses without that mount. One that removes is no use.
fn used_by_run(steps: &[Step<'_>], instruction: &Instruction, path: &str) -> Option<String> {
    let step = steps
        .iter()
        .find(|step| step.instruction.line == instruction.line)?;
    if step.is_mounted(path) || step.has_unclear_mount() {
        return None;
    }
    let mut commands = step.commands.iter();
    commands.find_map(|command| {
        let reads = !matches!(
            command.program.as_str(),
            "rm" | "mkdir" | "echo" | "chown" | "chmod"
        );
        let words = command.arguments.iter().filter(|_| reads);
        words
            .filter(|word| word.contains('/') && !word.contains("://"))
            .find(|word| {
                let absolute = step.around.state.absolute(word, step.around.escape);
                absolute.is_some_and(|absolute| is_within(&absolute, path) && absolute != path)
            })
            .cloned()
    })
}

/// What the container starts with.
fn used_by_start(instruction: &Instruction, state: &State, path: &str) -> Option<String> {
    if !matches!(instruction.keyword.as_str(), "CMD" | "ENTRYPOINT") {
        return None;
    }
    let is_end = |c: char| c.is_whitespace() || matches!(c, '"' | '[' | ']' | ',' | '\'');
    let mut words = instruction
        .text
        .split(is_end)
        .filter(|word| word.contains('/'));
    let is_used = |word: &&str| {
        let absolute = state.absolute(word, '\\');
        absolute.is_some_and(|absolute| is_within(&absolute, path) && absolute != path)
    };
    words.find(is_used).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::super::sample::{found, lines, withheld};
    use super::*;

    #[test]
    fn a_copy_out_of_a_cache_mount_is_found_with_both_lines() {
        let text = "\
FROM rust AS build
WORKDIR /app
RUN --mount=type=cache,target=/app/target cargo build --release
FROM debian
COPY --from=build /app/target/release/app /usr/bin/
";
        let found = found(check, text);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].line, 3);
        assert_eq!(
            found[0].message,
            "what this step leaves in the cache mount at `/app/target` is not in the image, but line 5 \
             uses `/app/target/release/app`"
        );
        assert_eq!(withheld(check, text, &[]).len(), 1);
    }

    #[test]
    fn every_later_use_is_found() {
        for end in [
            "RUN cp target/release/app /usr/bin/",
            "RUN --mount=type=cache,target=/other strip /app/target/release/app",
            "CMD [\"/app/target/release/app\"]",
            "ENTRYPOINT ./target/release/app --serve",
            "FROM build AS more\nRUN cp ./target/x /x",
            "FROM a\nCOPY --from=0 app/target/x /x",
        ] {
            let text = format!(
                "FROM rust AS build\nWORKDIR /app\nRUN --mount=type=cache,target=target make\n{end}\n"
            );
            assert_eq!(lines(check, &text), [3], "{end}");
        }
    }

    #[test]
    fn what_is_copied_out_in_the_same_step_is_as_it_should_be() {
        for end in [
            "COPY --from=build /app/app /usr/bin/",
            "RUN --mount=type=cache,target=/app/target cp target/x /x",
            "RUN rm -rf target/debug",
            "RUN wget https://example.com/app/target/x",
            "CMD [\"/app/targets\"]",
            "FROM a\nRUN cp /app/target/x /x",
            "FROM a\nCOPY --from=other /app/target/x /x",
            "FROM a\nCOPY target/x /app/target/x",
        ] {
            let text = format!(
                "FROM rust AS build\nWORKDIR /app\nRUN --mount=type=cache,target=target cargo build && \
                 cp target/release/app app\n{end}\n"
            );
            assert_eq!(lines(check, &text), [] as [u32; 0], "{end}");
        }
    }

    #[test]
    fn two_steps_with_the_same_mount_are_one_fault() {
        let text = "FROM a AS b\nRUN --mount=type=cache,target=/c make\nRUN --mount=type=cache,target=/c \
                    make x\nFROM d\nCOPY --from=b /c/x /x\n";
        assert_eq!(lines(check, text), [2]);
    }
}
