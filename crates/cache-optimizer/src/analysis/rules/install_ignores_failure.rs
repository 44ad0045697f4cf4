//! Finds installs whose failure does not fail their step: what is not installed is then cached.

use common::dockerfile::{Detail, Instruction};

use super::{Confidence, Found, Remedy, Subject};
use crate::analysis::chain::{Chain, Link, Separator, Spot, chain};
use crate::analysis::raw_lines::{raw_lines, replaced};
use crate::analysis::shell::Command;
use crate::analysis::stage_state::State;
use crate::analysis::system_packages::{installer, is_manager};

pub(super) fn check(subject: &Subject<'_>) -> Vec<Found> {
    let stages = subject.recipe.dockerfile.stages.iter();
    let instructions = stages.zip(subject.states).flat_map(|(stage, states)| {
        let instructions = stage.instructions.iter().zip(states);
        instructions.filter(|(at, state)| is_plain_run(at) && !ends_at_failures(state))
    });
    instructions
        .filter_map(|(at, _)| check_run(subject, at))
        .collect()
}

fn is_plain_run(at: &Instruction) -> bool {
    matches!(&at.detail, Detail::Run(run) if !run.is_exec_form)
}

/// Whether the shell itself ends at the first failure, as `SHELL ["bash", "-ec"]` makes it.
fn ends_at_failures(state: &State) -> bool {
    let shell = state.shell.as_deref().unwrap_or_default();
    shell.split('"').any(is_flag_of_failures)
}

fn is_flag_of_failures(flag: &str) -> bool {
    flag.starts_with('-') && !flag.starts_with("--") && flag.contains('e')
}

fn check_run(subject: &Subject<'_>, at: &Instruction) -> Option<Found> {
    let chain = chain(subject.recipe, at)?;
    if sets_failures(&chain) {
        return None;
    }
    let count = chain.links.len();
    let faulty: Vec<(usize, &Link)> = chain
        .links
        .iter()
        .enumerate()
        .filter(|(index, link)| {
            let ignored = is_ignored(&chain, *index);
            ignored && index + 1 < count && link.commands().iter().any(installs)
        })
        .collect();
    let (first, link) = faulty.first()?;
    let is_by_semicolon = faulty
        .iter()
        .all(|(_, link)| matches!(link.separator, Some(Separator::Semicolon(_))));
    let next = chain.links[first + 1].text();
    Some(Found {
        confidence: Confidence::Likely,
        remedy: remedy(subject, at, &chain, &faulty),
        ..Found::new(
            at.line,
            format!(
                "when `{}` fails, the step goes on with `{next}`, and is cached as if it had succeeded",
                link.text()
            ),
            if is_by_semicolon {
                "join the commands by `&&`".to_owned()
            } else {
                format!("leave out `|| {next}`, or say what may be missing")
            },
        )
    })
}

fn sets_failures(chain: &Chain) -> bool {
    let sets = |command: &Command| {
        command.program == "set"
            && command
                .arguments
                .iter()
                .any(|flag| is_flag_of_failures(flag))
    };
    chain
        .links
        .first()
        .is_some_and(|link| link.commands().iter().any(sets))
}

fn installs(command: &Command) -> bool {
    let is_update = |argument: &String| argument == "update";
    installer(command).is_some()
        || is_manager(&command.program) && command.arguments.iter().any(is_update)
}

/// Whether the failure of a command leads to no failure of the step.
fn is_ignored(chain: &Chain, index: usize) -> bool {
    match chain.links[index].separator {
        Some(Separator::Semicolon(_)) => true,
        Some(Separator::Or) => chain.links.get(index + 1).is_some_and(|next| {
            matches!(next.text().as_str(), "true" | ":" | "exit 0")
                || next.text().starts_with("echo ")
        }),
        // A failure ends the whole list, unless what comes after that list goes on.
        Some(Separator::And) => {
            let rest = chain.links[index..].iter();
            let separators = rest.filter_map(|link| link.separator);
            let next = separators
                .clone()
                .find(|separator| *separator != Separator::And);
            matches!(next, Some(Separator::Semicolon(_))) && has_more(chain, index)
        }
        Some(Separator::Pipe) | None => false,
    }
}

/// Whether there is a command after the list that a command is in.
fn has_more(chain: &Chain, index: usize) -> bool {
    let is_end = |link: &Link| !matches!(link.separator, Some(Separator::And));
    let end = chain.links[index..].iter().position(is_end);
    end.is_some_and(|end| index + end + 1 < chain.links.len())
}

fn remedy(
    subject: &Subject<'_>,
    at: &Instruction,
    chain: &Chain,
    faulty: &[(usize, &Link)],
) -> Remedy {
    let is_list = |link: &Link| {
        matches!(
            link.separator,
            None | Some(Separator::And | Separator::Semicolon(_))
        )
    };
    if !chain.links.iter().all(is_list) {
        return Remedy::Withheld("whether its failure may be ignored is not known".to_owned());
    }
    let first = faulty[0].0;
    // All that comes after a failed install is of no use, so all of it waits.
    let spots: Vec<Spot> = chain.links[first..chain.links.len() - 1]
        .iter()
        .filter_map(|link| match link.separator {
            Some(Separator::Semicolon(spot)) => Some(spot),
            _ => None,
        })
        .collect();
    let others = &chain.links[first + 1..];
    let is_install = |link: &Link| link.commands().iter().any(installs);
    if let Some(other) =
        others.iter().rev().skip(1).find(|link| {
            matches!(link.separator, Some(Separator::Semicolon(_))) && !is_install(link)
        })
    {
        return Remedy::Withheld(format!("`{}` may be meant to fail", other.text()));
    }
    let Some(lines) = raw_lines(subject.recipe, at) else {
        return Remedy::Withheld("the Dockerfile is written inside another file".to_owned());
    };
    let mut lines: Vec<String> = lines.into_iter().map(str::to_owned).collect();
    for spot in spots.iter().rev() {
        let line = &mut lines[(spot.line - at.line) as usize];
        let is_after_blank = line[..spot.offset].ends_with([' ', '\t']);
        let joined = if is_after_blank { "&&" } else { " &&" };
        line.replace_range(spot.offset..=spot.offset, joined);
    }
    Remedy::Patch(vec![replaced(at.line, at.end_line, lines)])
}

#[cfg(test)]
mod tests {
    use super::super::sample::{found, lines, mended, withheld};
    use super::*;

    #[test]
    fn an_install_after_a_semicolon_is_joined() {
        // qdrant/qdrant, reduced.
        let text = "\
FROM rust
RUN apt-get update ; apt-get install -y clang cmake; \\
    rustup component add rustfmt
";
        let found = found(check, text);
        assert_eq!(found.len(), 1);
        assert_eq!(
            found[0].message,
            "when `apt-get update` fails, the step goes on with `apt-get install -y clang cmake`, and is \
             cached as if it had succeeded"
        );
        let expected = "\
FROM rust
RUN apt-get update && apt-get install -y clang cmake && \\
    rustup component add rustfmt
";
        assert_eq!(mended(check, text, &[]), expected);
    }

    #[test]
    fn a_list_before_a_semicolon_is_ignored_as_a_whole() {
        let text = "FROM a\nRUN apk update && apk add git; rm -rf /var/cache/apk/*\n";
        let expected = "FROM a\nRUN apk update && apk add git && rm -rf /var/cache/apk/*\n";
        assert_eq!(mended(check, text, &[]), expected);
    }

    #[test]
    fn a_step_that_ends_at_failures_is_fine() {
        for body in [
            "RUN set -ex; apt-get update; apt-get install -y git",
            "RUN apt-get update && apt-get install -y git",
            "RUN apt-get update && apt-get install -y git;",
            "SHELL [\"/bin/bash\", \"-euo\", \"pipefail\", \"-c\"]\nRUN apt-get update; apt-get install -y a",
            "RUN make; make install",
            "RUN echo a; apt-get install -y git",
            "RUN [\"sh\", \"-c\", \"apt-get update; apt-get install -y git\"]",
            "RUN if a; then apt-get update; fi",
            "RUN apk add git || apk add git2",
        ] {
            assert!(
                found(check, &format!("FROM a\n{body}\n")).is_empty(),
                "{body}"
            );
        }
    }

    #[test]
    fn no_patch_is_offered_when_failing_may_be_meant() {
        for run in [
            "apt-get install -y git || true",
            "apk add git; grep a /b; make",
        ] {
            let text = format!("FROM a\nRUN {run}\n");
            assert_eq!(lines(check, &text), [2], "{run}");
            assert_eq!(withheld(check, &text, &[]).len(), 1, "{run}");
        }
    }
}
