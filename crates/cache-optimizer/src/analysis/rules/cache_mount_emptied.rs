//! Finds commands and flags that empty a cache mount, or leave it unused: right where the cache would
//! be part of the image, but what is in a mount never is.

use super::{Confidence, Found, Remedy, Subject};
use crate::analysis::package_caches::{
    CleanUp, Folder, Step, clean_ups, is_meant_for, is_within, shown, steps, tool_names,
    without_clean_ups,
};
use crate::analysis::run_source::{Change, RunSource};
use crate::analysis::shell::Command;
use crate::model::recipe::Recipe;

pub(super) fn check(subject: &Subject<'_>) -> Vec<Found> {
    let steps = steps(subject.recipe, subject.states);
    let found = steps
        .iter()
        .filter_map(|step| check_step(subject.recipe, step));
    found.collect()
}

fn check_step(recipe: &Recipe, step: &Step<'_>) -> Option<Found> {
    let mounts = mounts(step);
    let mut emptying = Vec::new();
    for command in &step.commands {
        let path = mounts
            .iter()
            .find_map(|(tool, folders)| emptied(command, tool, folders, step));
        if let Some(path) = path.or_else(|| cleaned_target(command, step)) {
            emptying.push((command, path));
        }
    }
    let (first, path) = emptying.first()?;
    let cleans_target = emptying
        .iter()
        .any(|(command, _)| command.program == "cargo");
    let others: Vec<_> = emptying[1..]
        .iter()
        .map(|(command, _)| format!("`{}`", shown(command)))
        .collect();
    let others = if others.is_empty() {
        String::new()
    } else {
        format!(", as does {}", others.join(" and "))
    };
    Some(Found {
        confidence: if cleans_target {
            Confidence::Possible
        } else {
            Confidence::Certain
        },
        remedy: match edit(recipe, step, &mounts) {
            Ok(changed) => Remedy::Patch(vec![changed]),
            Err(why) => Remedy::Withheld(why),
        },
        ..Found::new(
            step.instruction.line,
            format!(
                "`{}` leaves nothing in the cache mount at `{path}` for the next build{others}",
                shown(first)
            ),
            "leave it out: what is in a mount is not part of the image".to_owned(),
        )
    })
}

/// The folders of the cache mounts by the tool that they are for, and all of them for no tool.
fn mounts(step: &Step<'_>) -> Vec<(&'static str, Vec<Folder>)> {
    let paths: Vec<String> = step
        .cache_mounts()
        .into_iter()
        .map(|(_, path)| path)
        .collect();
    let uses = |tool: &str, path: &str| {
        let caches = step.caches.iter().filter(|cache| cache.tool == tool);
        let mut folders = caches
            .filter_map(|cache| cache.folders.as_ref().ok())
            .flatten();
        is_meant_for(tool, path) || folders.any(|folder| is_within(&folder.path, path))
    };
    let folder = |path: &String| Folder {
        path: path.clone(),
        is_exclusive: false,
    };
    let tools = tool_names().chain([""]);
    let by_tool = tools.map(|tool| {
        let of_tool = paths
            .iter()
            .filter(|path| tool.is_empty() || uses(tool, path));
        (tool, of_tool.map(folder).collect::<Vec<_>>())
    });
    by_tool.filter(|(_, folders)| !folders.is_empty()).collect()
}

/// The mount that a command empties or leaves unused.
fn emptied(command: &Command, tool: &str, folders: &[Folder], step: &Step<'_>) -> Option<String> {
    if tool == "apk"
        && !folders
            .iter()
            .any(|folder| is_within("/etc/apk/cache", &folder.path))
    {
        return None;
    }
    let is_removal = command.program == "rm";
    match clean_ups(command, tool, folders, &step.around)? {
        // A pattern that may also mean the mount hardly does, or the build would fail.
        CleanUp::Unclear(_) if is_removal => None,
        _ => {
            let emptied = folders.iter().find(|folder| {
                let folder = std::slice::from_ref(*folder);
                clean_ups(command, tool, folder, &step.around).is_some()
            });
            Some(emptied?.path.clone())
        }
    }
}

/// The mounted `target` folder that `cargo clean` empties.
fn cleaned_target(command: &Command, step: &Step<'_>) -> Option<String> {
    let arguments = &command.arguments;
    let is_of_one_package =
        |argument: &String| argument.starts_with("-p") || argument.starts_with("--package");
    if command.program != "cargo"
        || arguments.first().is_none_or(|first| first != "clean")
        || arguments.iter().any(is_of_one_package)
    {
        return None;
    }
    let mounts = step.cache_mounts().into_iter();
    mounts
        .map(|(_, path)| path)
        .find(|path| path.ends_with("/target"))
}

fn edit(
    recipe: &Recipe,
    step: &Step<'_>,
    mounts: &[(&'static str, Vec<Folder>)],
) -> Result<crate::model::edit::Edit, String> {
    let source = RunSource::new(&recipe.text, step.instruction, recipe.dockerfile.escape)
        .ok_or("the Dockerfile stands within another file")?;
    let links = source.chain().ok_or("the step is no plain chain of `&&`")?;
    let mut changes: Vec<Change> = Vec::new();
    for (tool, folders) in mounts {
        let more = without_clean_ups(&step.around, &source, &links, (tool, folders))?;
        changes.extend(
            more.into_iter()
                .filter(|change| !changes.contains(change))
                .collect::<Vec<_>>(),
        );
    }
    for (index, link) in links.iter().enumerate() {
        if cleaned_target(&link.command, step).is_some() {
            changes.push(
                source
                    .remove_link(&links, index)
                    .ok_or("the step does nothing else")?,
            );
        }
    }
    source
        .edit(changes)
        .ok_or_else(|| "what has to be taken out of the step stands too close together".to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::sample::{found, lines, mended, withheld};
    use super::*;

    #[test]
    fn what_empties_a_mount_is_taken_out() {
        for (mount, before, after) in [
            ("/root/.npm", "npm ci && npm cache clean --force", "npm ci"),
            (
                "/root/.cache/pip",
                "pip install --no-cache-dir -r a",
                "pip install -r a",
            ),
            (
                "/root/.cache/pip",
                "pip install x && pip cache purge",
                "pip install x",
            ),
            (
                "/root/.cache",
                "pip install --no-cache-dir x",
                "pip install x",
            ),
            (
                "/root/.cache/go-build",
                "go build && go clean -cache",
                "go build",
            ),
            (
                "/usr/local/share/.cache/yarn",
                "yarn && yarn cache clean && ls",
                "yarn && ls",
            ),
            (
                "/var/cache/dnf",
                "dnf install -y x && dnf clean all",
                "dnf install -y x",
            ),
            (
                "/var/lib/apt",
                "apt-get update && rm -rf /var/lib/apt/lists/*",
                "apt-get update",
            ),
            (
                "/var/lib/apt",
                "a && rm -rf /var/lib/apt/lists/* /tmp/x",
                "a && rm -rf /tmp/x",
            ),
            ("/cache", "make && rm -rf /cache/*", "make"),
            ("/app/target", "cargo clean && cargo build", "cargo build"),
            (
                "/etc/apk/cache",
                "apk add --no-cache git",
                "apk add --update-cache git",
            ),
        ] {
            let text = |run| format!("FROM a\nRUN --mount=type=cache,target={mount} {run}\n");
            assert_eq!(mended(check, &text(before), &[]), text(after), "{before}");
        }
    }

    #[test]
    fn what_is_found_names_every_command_and_the_mount() {
        let text = "FROM a\nRUN --mount=type=cache,target=/var/cache/apt \\\n    apt-get update && apt-get \
                    install -y x \\\n    && apt-get clean \\\n    && rm -rf /var/cache/apt/*\n";
        let found = found(check, text);
        assert_eq!(found.len(), 1);
        assert_eq!(
            (found[0].line, found[0].confidence),
            (2, Confidence::Certain)
        );
        assert_eq!(
            found[0].message,
            "`apt-get clean` leaves nothing in the cache mount at `/var/cache/apt` for the next build, \
             as does `rm -rf /var/cache/apt/*`"
        );
        let expected = "FROM a\nRUN --mount=type=cache,target=/var/cache/apt \\\n    apt-get update && \
                        apt-get install -y x\n";
        assert_eq!(mended(check, text, &[]), expected);
    }

    #[test]
    fn a_clean_up_of_something_else_is_left_alone() {
        for run in [
            "--mount=type=cache,target=/root/.npm npm ci && rm -rf /tmp/*",
            "--mount=type=cache,target=/root/.npm pip install --no-cache-dir x",
            "--mount=type=cache,target=/var/cache/apt apt-get update && rm -rf /var/lib/apt/lists/*",
            "--mount=type=bind,target=/root/.npm npm cache clean --force",
            "--mount=type=cache,target=/app/target cargo clean -p app",
            "--mount=type=cache,target=/var/cache/apk apk add --no-cache x",
            "npm ci && npm cache clean --force",
            "--mount=type=cache,target=/var/cache/apt rm -rf /var/[log,tmp]/*",
            "--mount=type=cache,target=/root/.npm echo npm cache clean",
        ] {
            let text = format!("FROM a\nWORKDIR /w\nRUN {run}\n");
            assert_eq!(lines(check, &text), [] as [u32; 0], "{run}");
        }
    }

    /// After Dockerfile 7 of research/cache.md section 4.
    #[test]
    fn lemmy_empties_its_target_in_a_script_that_has_no_patch() {
        let text = "\
FROM rust AS build
WORKDIR /lemmy
RUN --mount=type=cache,target=./target,uid=10001,gid=10001 set -ex; \\
    if [ \"${MODE}\" = \"release\" ]; then \\
        cargo clean --release; \\
        cargo build --release; \\
    fi
";
        let found = found(check, text);
        assert_eq!(
            (found[0].line, found[0].confidence),
            (3, Confidence::Possible)
        );
        assert_eq!(
            found[0].message,
            "`cargo clean --release` leaves nothing in the cache mount at `/lemmy/target` for the next build"
        );
        assert_eq!(
            withheld(check, text, &[]),
            ["the step is no plain chain of `&&`"]
        );
    }

    #[test]
    fn a_clean_up_that_does_more_or_stands_alone_has_no_patch() {
        for (run, why) in [
            (
                "--mount=type=cache,target=/go/pkg/mod go build && go clean -modcache -i",
                "`go clean` also removes other things",
            ),
            (
                "--mount=type=cache,target=/c rm -rf /c/x",
                "`rm` would empty the mount",
            ),
            (
                "--mount=type=cache,target=/c make; rm -rf /c/x",
                "the step is no plain chain of `&&`",
            ),
        ] {
            let text = format!("FROM a\nRUN {run}\n");
            assert_eq!(withheld(check, &text, &[]), [why], "{run}");
        }
    }
}
