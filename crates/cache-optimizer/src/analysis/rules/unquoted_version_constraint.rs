//! Finds version constraints that the shell takes for redirections: `apk add sqlite>3.38` installs any
//! version, and writes what is printed to the file `3.38`.

use common::dockerfile::{Detail, Instruction};

use super::{Confidence, Found, Remedy, Subject};
use crate::analysis::chain::{Link, Redirection, chain};
use crate::analysis::raw_lines::{raw_lines, replaced};
use crate::analysis::system_packages::installer;

pub(super) fn check(subject: &Subject<'_>) -> Vec<Found> {
    let stages = subject.recipe.dockerfile.stages.iter();
    let instructions = stages.flat_map(|stage| &stage.instructions);
    let runs = instructions.filter(|at| matches!(at.detail, Detail::Run(_)));
    runs.flat_map(|at| check_run(subject, at)).collect()
}

fn check_run(subject: &Subject<'_>, at: &Instruction) -> Vec<Found> {
    let Some(chain) = chain(subject.recipe, at) else {
        return Vec::new();
    };
    let installs = chain.links.iter().filter(|link| installs(link));
    let redirections = installs.flat_map(|link| &link.redirections);
    redirections
        .filter_map(|redirection| found(subject, at, redirection))
        .collect()
}

fn installs(link: &Link) -> bool {
    link.commands().iter().any(|command| {
        let has = |wanted: &str| command.arguments.iter().any(|argument| argument == wanted);
        let program = command.program.as_str();
        installer(command).is_some()
            || matches!(program, "pip" | "pip3" | "uv" | "conda" | "mamba" | "gem")
                && has("install")
            || program.starts_with("python") && has("pip") && has("install")
    })
}

fn found(subject: &Subject<'_>, at: &Instruction, redirection: &Redirection) -> Option<Found> {
    let onto = redirection.onto.as_ref()?;
    let operator = redirection.operator.as_str();
    let target = redirection.target.text.as_str();
    let is_version = target
        .trim_start_matches('=')
        .starts_with(|c: char| c.is_ascii_digit());
    let is_name = onto.text.starts_with(|c: char| c.is_ascii_alphanumeric());
    if !redirection.is_attached || !is_version || !is_name || !matches!(operator, ">" | "<") {
        return None;
    }
    let constraint = format!("{}{operator}{target}", onto.text);
    let file = if operator == ">" {
        "writes to"
    } else {
        "reads"
    };
    Some(Found {
        confidence: Confidence::Likely,
        remedy: quoted(subject, at, redirection, &constraint),
        ..Found::new(
            onto.spot.line,
            format!(
                "the shell {file} the file `{target}` for `{constraint}`, and installs any version of `{}`",
                onto.text
            ),
            format!("quote it: `\"{constraint}\"`"),
        )
    })
}

fn quoted(
    subject: &Subject<'_>,
    at: &Instruction,
    redirection: &Redirection,
    constraint: &str,
) -> Remedy {
    let Some(spot) = redirection.onto.as_ref().map(|onto| onto.spot) else {
        return Remedy::None;
    };
    let lines = raw_lines(subject.recipe, at).unwrap_or_default();
    let index = (spot.line - at.line) as usize;
    let line = lines
        .get(index)
        .and_then(|line| line.split_at_checked(spot.offset));
    let after = line.and_then(|(before, after)| Some((before, after.strip_prefix(constraint)?)));
    match after {
        Some((before, after)) if !constraint.contains(['"', '\'', '\\', '`']) => {
            let line = format!("{before}\"{constraint}\"{after}");
            Remedy::Patch(vec![replaced(spot.line, spot.line, vec![line])])
        }
        _ => Remedy::Withheld("the constraint has quotes of its own, or several lines".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{found, lines, mended, withheld};
    use super::*;

    #[test]
    fn a_constraint_without_quotes_is_quoted() {
        // go-gitea/gitea, reduced.
        let text = "FROM alpine:3\nRUN apk add \\\n    git \\\n    sqlite>3.38 2>&1\n";
        let found = found(check, text);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].line, 4);
        assert_eq!(
            found[0].message,
            "the shell writes to the file `3.38` for `sqlite>3.38`, and installs any version of `sqlite`"
        );
        let expected = "FROM alpine:3\nRUN apk add \\\n    git \\\n    \"sqlite>3.38\" 2>&1\n";
        assert_eq!(mended(check, text, &[]), expected);
    }

    #[test]
    fn constraints_of_other_tools_are_known_too() {
        let text = "FROM a\nRUN pip install flask>=2.0 \"b>1\" && python3 -m pip install c<3\n";
        let expected =
            "FROM a\nRUN pip install \"flask>=2.0\" \"b>1\" && python3 -m pip install \"c<3\"\n";
        assert_eq!(found(check, text).len(), 2);
        assert_eq!(
            found(check, text)[1].message,
            "the shell reads the file `3` for `c<3`, and installs any version of `c`"
        );
        let once = text.replace(" && python3 -m pip install c<3", "");
        assert_eq!(
            mended(check, &once, &[]),
            expected.replace(" && python3 -m pip install \"c<3\"", "")
        );
    }

    #[test]
    fn redirections_that_are_meant_are_fine() {
        for run in [
            "apk add git>/dev/null",
            "apk add git > 3.txt",
            "apk add git 2>1",
            "apk add 'sqlite>3.38' \"a<2\" b=1.2 c~=3 d\\>4",
            "echo sqlite>3.38",
            "<<EOF\napk add git > 3\nEOF",
            "[\"apk\", \"add\", \"sqlite>3.38\"]",
        ] {
            assert_eq!(
                lines(check, &format!("FROM a\nRUN {run}\n")),
                [] as [u32; 0],
                "{run}"
            );
        }
    }

    #[test]
    fn a_constraint_with_quotes_in_it_is_left_to_a_person() {
        assert_eq!(
            withheld(check, "FROM a\nRUN apk add \"a\">3\n", &[]).len(),
            0
        );
        assert_eq!(withheld(check, "FROM a\nRUN apk add a>'3'\n", &[]).len(), 0);
        assert_eq!(
            withheld(check, "FROM a\nRUN apk add a\\-b>3\n", &[]).len(),
            1
        );
    }
}
