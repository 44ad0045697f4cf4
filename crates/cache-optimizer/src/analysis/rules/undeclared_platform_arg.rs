//! Finds variables of the platform in a stage that does not declare them: they are empty there.

use common::dockerfile::{ArgDeclaration, Detail, Instruction, Stage};

use super::{Confidence, Found, Remedy, Subject};
use crate::analysis::raw_lines::{first_line, inserted, raw_lines};

/// Source: <https://docs.docker.com/reference/dockerfile/#automatic-platform-args-in-the-global-scope>
const PLATFORM_ARGS: [&str; 8] = [
    "BUILDARCH",
    "BUILDOS",
    "BUILDPLATFORM",
    "BUILDVARIANT",
    "TARGETARCH",
    "TARGETOS",
    "TARGETPLATFORM",
    "TARGETVARIANT",
];

pub(super) fn check(subject: &Subject<'_>) -> Vec<Found> {
    let stages = subject.recipe.dockerfile.stages.iter().enumerate();
    let found = stages.flat_map(|(index, stage)| {
        PLATFORM_ARGS
            .iter()
            .filter_map(move |name| check_stage(subject, index, stage, name))
    });
    found.collect()
}

fn check_stage(
    subject: &Subject<'_>,
    stage_index: usize,
    stage: &Stage,
    name: &str,
) -> Option<Found> {
    let states = &subject.states[stage_index];
    let first = stage
        .instructions
        .iter()
        .enumerate()
        .find(|(index, at)| !states[*index].variables.contains_key(name) && expands(at, name));
    let (index, at) = first?;
    Some(Found {
        confidence: Confidence::Likely,
        remedy: declared(subject, stage, index, name),
        ..Found::new(
            at.line,
            format!(
                "`{}` uses `{name}`, which its stage does not declare",
                shown(at)
            ),
            format!("declare it by `ARG {name}` in the stage"),
        )
    })
}

fn shown(at: &Instruction) -> String {
    let text: String = at.text.chars().take(60).collect();
    if text.len() < at.text.len() {
        format!("{text}…")
    } else {
        text
    }
}

/// Whether the builder or its shell puts a variable into an instruction.
fn expands(at: &Instruction, name: &str) -> bool {
    let value_of = |arg: &ArgDeclaration| arg.default.clone().unwrap_or_default();
    match &at.detail {
        Detail::Run(run) => {
            let assigns = format!("{name}=");
            has_variable(&run.command, name)
                && !run.command.contains(&assigns)
                && !run.command.contains(&format!("read {name}"))
                && !run.command.contains(&format!("for {name} "))
        }
        Detail::Copy(_) | Detail::Add(_) => has_variable(&at.text, name),
        Detail::Arg(args) => args.iter().any(|arg| has_variable(&value_of(arg), name)),
        Detail::Env(pairs) => pairs.iter().any(|(_, value)| has_variable(value, name)),
        Detail::Onbuild(_) => false,
        Detail::Other => {
            let keywords = ["EXPOSE", "LABEL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"];
            keywords.contains(&at.keyword.as_str()) && has_variable(&at.text, name)
        }
    }
}

/// Whether a text has `$NAME` or `${NAME…}`, neither escaped nor in single quotes.
fn has_variable(text: &str, name: &str) -> bool {
    let mut quote = None;
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match (quote, c) {
            (Some('\''), '\'') | (Some('"'), '"') => quote = None,
            (Some('\''), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (_, '\\') => drop(chars.next()),
            (_, '$') => {
                let rest = &text[at + 1..];
                let rest = rest.strip_prefix('{').unwrap_or(rest);
                let after = rest.strip_prefix(name);
                let is_in_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
                if after.is_some_and(|after| !after.starts_with(is_in_name)) {
                    return true;
                }
            }
            _ => {}
        }
    }
    false
}

fn declared(subject: &Subject<'_>, stage: &Stage, index: usize, name: &str) -> Remedy {
    let recipe = subject.recipe;
    let at = &stage.instructions[index];
    let Some(lines) = raw_lines(recipe, at) else {
        return Remedy::Withheld("the Dockerfile is written inside another file".to_owned());
    };
    let first = lines[0];
    let indent = &first[..first.len() - first.trim_start().len()];
    let is_lower = first.trim_start().starts_with(char::is_lowercase);
    let keyword = if is_lower { "arg" } else { "ARG" };
    let line = format!("{indent}{keyword} {name}");
    Remedy::Patch(vec![inserted(first_line(recipe, stage, index), vec![line])])
}

#[cfg(test)]
mod tests {
    use super::super::sample::{found, lines, mended};
    use super::*;

    #[test]
    fn a_variable_that_is_not_declared_is_declared_above_its_first_use() {
        // excalidraw/excalidraw, reduced.
        let text = "\
FROM --platform=${BUILDPLATFORM} node:24 AS build
WORKDIR /opt/node_app
COPY . .
# Installs.
RUN --mount=type=cache,target=/root/.cache/yarn \\
    npm_config_target_arch=${TARGETARCH} yarn
RUN npm_config_target_arch=${TARGETARCH} yarn build:app:docker
FROM scratch
COPY --from=build /a-$TARGETOS /a
";
        let found = found(check, text);
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].line, found[1].line), (5, 9));
        assert_eq!(
            found[1].message,
            "`COPY --from=build /a-$TARGETOS /a` uses `TARGETOS`, which its stage does not declare"
        );
        let after = mended(check, text, &[]);
        assert!(
            after.contains("COPY . .\nARG TARGETARCH\n# Installs.\nRUN"),
            "{after}"
        );
        assert!(after.ends_with("FROM scratch\nARG TARGETOS\nCOPY --from=build /a-$TARGETOS /a\n"));
    }

    #[test]
    fn what_is_declared_or_set_or_not_expanded_is_fine() {
        for body in [
            "ARG TARGETARCH\nRUN echo $TARGETARCH",
            "ENV TARGETARCH=a\nRUN echo $TARGETARCH",
            "RUN TARGETARCH=$(uname -m) && echo $TARGETARCH",
            "RUN echo '$TARGETARCH' \\$TARGETARCH $TARGETARCHES TARGETARCH",
            "CMD echo $TARGETARCH",
            "ONBUILD RUN echo $TARGETARCH",
        ] {
            assert!(
                found(check, &format!("FROM a\n{body}\n")).is_empty(),
                "{body}"
            );
        }
        let leaks = "FROM a AS b\nARG TARGETARCH\nFROM b\nRUN echo $TARGETARCH\n";
        assert!(found(check, leaks).is_empty());
    }

    #[test]
    fn a_declaration_before_the_first_stage_is_none_in_the_stage() {
        let text = "ARG TARGETARCH\nFROM a\nrun <<EOF\necho ${TARGETARCH:-amd64}\nEOF\n";
        assert_eq!(lines(check, text), [3]);
        assert!(
            mended(check, text, &[]).starts_with("ARG TARGETARCH\nFROM a\narg TARGETARCH\nrun")
        );
    }
}
