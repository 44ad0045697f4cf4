//! Finds a `COPY` at the end of a stage that could be a layer of its own with `--link`: when only what
//! is below it changes, its layer stays as it is.
//!
//! Says nothing without a `# syntax=` that is known to have `--link`: which frontend an Engine brings
//! with it is not known here, and an old one would not build the file.

use common::dockerfile::{Copy, Detail, Flag, Instruction};

use super::{Confidence, Found, Remedy, Subject};
use crate::analysis::package_caches::{image_name, is_within};
use crate::analysis::run_source::RunSource;

/// Folders that distributions have, where parts of a path may be links and modes matter.
/// Source: Filesystem Hierarchy Standard 3.0, section 3.2
const OF_THE_SYSTEM: [&str; 20] = [
    "bin", "boot", "dev", "etc", "home", "lib", "lib32", "lib64", "libx32", "media", "mnt", "opt",
    "proc", "root", "run", "sbin", "srv", "sys", "tmp", "usr",
];

pub(super) fn check(subject: &Subject<'_>) -> Vec<Found> {
    let dockerfile = &subject.recipe.dockerfile;
    if !dockerfile.syntax.as_deref().is_some_and(has_link) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (index, stage) in dockerfile.stages.iter().enumerate() {
        let last_run = stage
            .instructions
            .iter()
            .rposition(|one| one.keyword == "RUN");
        let is_base = (index + 1..dockerfile.stages.len()).any(|later| {
            dockerfile.stage_index(&dockerfile.stages[later].base, later) == Some(index)
        });
        if is_base {
            continue;
        }
        let first = last_run.map_or(0, |run| run + 1);
        for at in first..stage.instructions.len() {
            found.extend(check_copy(subject, index, at));
        }
    }
    found
}

/// Source: <https://docs.docker.com/reference/dockerfile/#copy---link>, from version 1.4 on.
fn has_link(syntax: &str) -> bool {
    let image = syntax.split('@').next().unwrap_or_default();
    let image = image.trim_start_matches("docker.io/");
    let Some(version) = image.strip_prefix("docker/dockerfile:") else {
        return false;
    };
    let version = version.split('-').next().unwrap_or_default();
    let mut parts = version.split('.').map(str::parse::<u32>);
    match (parts.next(), parts.next()) {
        (Some(Ok(1)), None) => true,
        (Some(Ok(1)), Some(Ok(minor))) => minor >= 4,
        _ => false,
    }
}

fn check_copy(subject: &Subject<'_>, stage_index: usize, at: usize) -> Option<Found> {
    let stage = &subject.recipe.dockerfile.stages[stage_index];
    let instruction = &stage.instructions[at];
    let Detail::Copy(copy) = &instruction.detail else {
        return None;
    };
    let escape = subject.recipe.dockerfile.escape;
    let state = &subject.states[stage_index][at];
    let destination = state.absolute(&copy.destination, escape)?;
    let top = destination
        .split('/')
        .nth(1)
        .filter(|top| !top.is_empty())?;
    let is_scratch = stage.base == "scratch";
    let is_of_system = OF_THE_SYSTEM.contains(&top) || top == "var";
    if !copy.flags.iter().all(is_harmless)
        || !copy.destination.starts_with('/')
        || is_of_system && !is_scratch
        || !is_new(&stage.instructions[..at], copy, &format!("/{top}"))
        // A base that is a stage has been looked at by its own instructions only.
        || subject.recipe.dockerfile.stage_index(&stage.base, stage_index).is_some()
    {
        return None;
    }
    let source = RunSource::new(&subject.recipe.text, instruction, escape);
    let edit = source.and_then(|source| {
        let change = source.insert_flags(&["--link".to_owned()]);
        source.edit(vec![change])
    });
    let image = image_name(&subject.recipe.dockerfile, stage_index);
    let below = image.map_or_else(|| "the base image".to_owned(), |image| format!("`{image}`"));
    Some(Found {
        confidence: if is_scratch {
            Confidence::Likely
        } else {
            Confidence::Possible
        },
        remedy: edit.map_or_else(
            || Remedy::Withheld("the Dockerfile stands within another file".to_owned()),
            |edit| Remedy::Patch(vec![edit]),
        ),
        ..Found::new(
            instruction.line,
            format!(
                "`{}` is copied anew when only {below} or an instruction above changes",
                instruction.text
            ),
            "copy it with `--link`, which makes a layer that depends on nothing below it"
                .to_owned(),
        )
    })
}

/// `--chown` by name needs a file of users, and `--chmod` turns `--link` off.
fn is_harmless(flag: &Flag) -> bool {
    let value = flag.value.as_deref().unwrap_or_default();
    match flag.name.as_str() {
        "from" => true,
        "chown" => !value.is_empty() && value.chars().all(|c| c.is_ascii_digit() || c == ':'),
        _ => false,
    }
}

/// Whether no instruction before makes or changes anything in a top folder but what `COPY` itself
/// could have made there: a link, or a mode that `--link` would reset.
fn is_new(before: &[Instruction], copy: &Copy, top: &str) -> bool {
    let names_top = |text: &str| {
        text.match_indices(top).any(|(at, _)| {
            let rest = &text[at + top.len()..];
            rest.is_empty()
                || !rest.starts_with(|c: char| c.is_alphanumeric() || c == '-' || c == '_')
        })
    };
    let touches = |instruction: &Instruction| match &instruction.detail {
        Detail::Copy(other) | Detail::Add(other) => {
            is_within(&other.destination, top)
                && other.flags != copy.flags
                && other.from == copy.from
                || other.destination == "/"
        }
        Detail::Arg(_) | Detail::Env(_) => false,
        Detail::Run(_) | Detail::Onbuild(_) => names_top(&instruction.text),
        // `WORKDIR` makes a folder for the user.
        Detail::Other => {
            instruction.keyword == "USER"
                || instruction.keyword == "VOLUME" && names_top(&instruction.text)
        }
    };
    !before.iter().any(touches)
}

#[cfg(test)]
mod tests {
    use super::super::sample::{found, lines, mended};
    use super::*;

    #[test]
    fn a_copy_into_a_new_folder_at_the_end_gets_link() {
        let text = "\
# syntax=docker/dockerfile:1
FROM golang AS build
RUN go build -o /out/app
FROM alpine:3.20
WORKDIR /app
RUN apk add ca-certificates
copy  --from=build \\
  /out/app /app/
CMD [\"/app/app\"]
";
        let found = found(check, text);
        assert_eq!(found.len(), 1);
        assert_eq!(
            (found[0].line, found[0].confidence),
            (7, Confidence::Possible)
        );
        assert_eq!(
            found[0].message,
            "`copy  --from=build /out/app /app/` is copied anew when only `alpine` or an instruction \
             above changes"
        );
        assert_eq!(
            mended(check, text, &[]),
            text.replace("copy  --from", "copy --link --from")
        );
    }

    #[test]
    fn an_empty_base_has_no_links() {
        let text = "# syntax=docker/dockerfile:1.7\nFROM scratch\nCOPY --from=x /a /usr/bin/a\n";
        assert_eq!(found(check, text)[0].confidence, Confidence::Likely);
    }

    #[test]
    fn frontends_that_may_lack_it_are_left_alone() {
        for (syntax, is_found) in [
            ("# syntax=docker/dockerfile:1\n", true),
            ("# syntax=docker.io/docker/dockerfile:1.4.1-labs\n", true),
            ("# syntax=docker/dockerfile:1.10@sha256:ab\n", true),
            ("# syntax=docker/dockerfile:1.3\n", false),
            ("# syntax=docker/dockerfile:experimental\n", false),
            ("# syntax=example.com/frontend:1\n", false),
            ("", false),
        ] {
            let text = format!("{syntax}FROM a\nCOPY . /app/\n");
            assert_eq!(!lines(check, &text).is_empty(), is_found, "{syntax}");
        }
    }

    #[test]
    fn a_copy_for_which_it_may_change_the_image_is_left_alone() {
        for rest in [
            "COPY . .",
            "COPY a /usr/bin/a",
            "COPY a /",
            "COPY --chown=app:app . /app/",
            "COPY --chmod=755 . /app/",
            "COPY --link . /app/",
            "RUN ln -s /data /app\nCOPY . /app/",
            "RUN mkdir -m 700 /app\nCOPY . /app/",
            "USER app\nWORKDIR /app\nCOPY . /app/",
            "VOLUME /app\nCOPY . /app/",
            "COPY . /app/\nRUN make",
            "COPY $X /$X/",
            "ADD . /app/",
            "ONBUILD COPY . /app/",
        ] {
            let text = format!("# syntax=docker/dockerfile:1\nFROM a\n{rest}\n");
            assert_eq!(lines(check, &text), [] as [u32; 0], "{rest}");
        }
        let base =
            "# syntax=docker/dockerfile:1\nFROM a AS b\nCOPY . /app/\nFROM b\nCOPY . /app/\n";
        assert_eq!(lines(check, base), [] as [u32; 0]);
    }
}
