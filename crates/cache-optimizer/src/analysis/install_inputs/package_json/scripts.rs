//! The scripts of a manifest that run with an install, and whether they read sources.

use serde_json::Value;

use super::super::paths::{Gathered, join};
use crate::analysis::shell::{Command, commands};
use crate::model::files::Files;

/// Scripts that an install runs.
/// Source: <https://docs.npmjs.com/cli/using-npm/scripts#life-cycle-operation-order>,
/// <https://pnpm.io/scripts>
const WITH_INSTALL: [&str; 9] = [
    "dependencies",
    "install",
    "pnpm:devPreinstall",
    "postinstall",
    "postprepare",
    "preinstall",
    "prepare",
    "preprepare",
    "prepublish",
];

/// Programs that read no more than manifests and do not write either.
const HARMLESS: [&str; 8] = [
    ":",
    "cd",
    "check-node-version",
    "echo",
    "exit",
    "is-ci",
    "only-allow",
    "true",
];

/// Programs that set up Git hooks, and do nothing where there is no repository.
/// Source: <https://typicode.github.io/husky/how-to.html#ci-server-and-docker>
const GIT_HOOKS: [&str; 4] = ["husky", "husky-run", "lefthook", "simple-git-hooks"];

/// Programs that run another one.
const RUNNERS: [&str; 4] = ["bunx", "npx", "pnpm", "yarn"];

pub(super) fn check(
    files: &Files,
    gathered: &mut Gathered<'_>,
    folder: &str,
    manifest: &Value,
) -> Result<(), String> {
    let path = join(folder, "package.json").unwrap_or_default();
    for name in WITH_INSTALL {
        let Some(script) = manifest["scripts"][name].as_str() else {
            continue;
        };
        for command in commands(script) {
            check_command(files, gathered, folder, &command)
                .map_err(|why| format!("the script `{name}` of `{path}` {why}"))?;
        }
    }
    if join(folder, "binding.gyp").is_some_and(|path| files.has_file(&path)) {
        return Err(format!(
            "the package of `{path}` is compiled when it is installed"
        ));
    }
    check_dependencies(files, &path, manifest)
}

fn check_command(
    files: &Files,
    gathered: &mut Gathered<'_>,
    folder: &str,
    command: &Command,
) -> Result<(), String> {
    let mut words = std::iter::once(&command.program).chain(&command.arguments);
    let mut words = words
        .by_ref()
        .map(String::as_str)
        .skip_while(|word| RUNNERS.contains(word) || matches!(*word, "--yes" | "-y" | "exec"));
    let program = words.next().unwrap_or_default();
    match program {
        _ if HARMLESS.contains(&program) => Ok(()),
        _ if GIT_HOOKS.contains(&program) && files.folders.contains(".git") => {
            Err("sets up Git hooks, and the context holds `.git`".to_owned())
        }
        _ if GIT_HOOKS.contains(&program) => Ok(()),
        "patch-package" => {
            let rest: Vec<&str> = words.collect();
            let at = rest.iter().position(|word| *word == "--patch-dir");
            let dir = at.and_then(|at| rest.get(at + 1)).unwrap_or(&"patches");
            gathered.add_present(folder, &[dir]);
            Ok(())
        }
        _ => Err(format!("runs `{program}`, which may read sources")),
    }
}

/// Dependencies whose own scripts read the project.
fn check_dependencies(files: &Files, path: &str, manifest: &Value) -> Result<(), String> {
    let has = |name: &str| {
        let sections = ["dependencies", "devDependencies", "optionalDependencies"];
        sections
            .iter()
            .any(|section| !manifest[*section][name].is_null())
    };
    // Source: <https://www.prisma.io/docs/orm/prisma-client/setup-and-configuration/generating-prisma-client>
    let has_schema = || {
        files
            .sizes_bytes
            .keys()
            .any(|path| path.ends_with(".prisma"))
    };
    if has("@prisma/client") && has_schema() {
        return Err(format!(
            "`@prisma/client` of `{path}` generates code from the project's schema"
        ));
    }
    // Source: <https://mswjs.io/docs/cli/init>
    if has("msw") && !manifest["msw"].is_null() {
        return Err(format!("`msw` of `{path}` writes a file into the sources"));
    }
    Ok(())
}
