//! Commands beside an install that read no file of the project and write none that is copied, so that
//! they may run before the sources are there.

use crate::analysis::install::install;
use crate::analysis::shell::Command;

/// Programs that are harmless whatever they are told.
const ALWAYS: [&str; 11] = [
    ":", "addgroup", "adduser", "echo", "enable", "export", "groupadd", "mkdir", "set", "true",
    "useradd",
];

/// What installs by name, configures or tidies: program and first arguments.
const WITH_ARGUMENTS: [(&str, &[&str]); 23] = [
    ("apk", &["add"]),
    ("apk", &["update"]),
    ("apt-get", &["clean"]),
    ("apt-get", &["install"]),
    ("apt-get", &["update"]),
    ("bundle", &["config"]),
    ("corepack", &["enable"]),
    ("dnf", &["install"]),
    ("gem", &["install"]),
    ("microdnf", &["install"]),
    ("npm", &["cache"]),
    ("npm", &["config"]),
    ("npm", &["i"]),
    ("npm", &["install"]),
    ("pip", &["config"]),
    ("pip", &["install"]),
    ("pnpm", &["config"]),
    ("pnpm", &["store"]),
    ("poetry", &["config"]),
    ("yarn", &["cache"]),
    ("yarn", &["config"]),
    ("yarn", &["global", "add"]),
    ("yum", &["install"]),
];

/// Whether a command that is no install by the project's manifests needs nothing of the project.
pub(super) fn needs_no_project(command: &Command) -> bool {
    let arguments: Vec<&str> = command.arguments.iter().map(String::as_str).collect();
    if install(command).is_some() {
        return false;
    }
    let program = match command.program.as_str() {
        program if program.starts_with("pip") && !program.contains("pipx") => "pip",
        program => program,
    };
    if program == "prepare" {
        // `corepack prepare` with a version of its own; without one it reads the manifest.
        return arguments
            .first()
            .is_some_and(|argument| argument.contains('@'));
    }
    if program == "rm" {
        return arguments.iter().all(|argument| is_of_system(argument));
    }
    if matches!(arguments.as_slice(), ["--version" | "-v" | "-V"]) {
        return true;
    }
    let is_global = || arguments.iter().any(|a| matches!(*a, "-g" | "--global"));
    if program == "npm" && matches!(arguments[..], ["install" | "i", ..]) && !is_global() {
        return false;
    }
    let words: Vec<&str> = arguments
        .iter()
        .copied()
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    let is_known = WITH_ARGUMENTS
        .iter()
        .any(|(name, start)| *name == program && words.starts_with(start));
    ALWAYS.contains(&program) || is_known && !arguments.iter().any(|a| is_of_project(a))
}

/// Whether a script reads from files, or writes to others than the null device, by redirections.
pub(super) fn redirects(script: &str) -> bool {
    let harmless = ["2>&1", ">&2", ">/dev/null", "> /dev/null"];
    let rest = harmless
        .iter()
        .fold(script.to_owned(), |rest, redirection| {
            rest.replace(redirection, "")
        });
    rest.contains(['<', '>'])
}

fn is_of_system(argument: &str) -> bool {
    let starts = ["-", "/root/", "/tmp/", "/usr/", "/var/", "~/"];
    starts.iter().any(|start| argument.starts_with(start)) && !argument.contains("..")
}

/// Whether an argument may name a file of the project, or have one written.
fn is_of_project(argument: &str) -> bool {
    let is_file = [".apk", ".deb", ".gem", ".rpm", ".tgz", ".txt", ".whl"]
        .iter()
        .any(|end| argument.ends_with(end));
    let is_option = [
        "--editable",
        "--local",
        "--location",
        "--requirement",
        "-e",
        "-r",
    ]
    .iter()
    .any(|option| argument.starts_with(option));
    let is_path = argument.contains('/') && !argument.contains("://") && !argument.starts_with('@');
    let is_local = argument.starts_with(['.', '$']) || argument.contains("file:");
    is_path || is_local || is_file || is_option
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::shell::commands;

    fn is_preparation(script: &str) -> bool {
        commands(script).iter().all(needs_no_project)
    }

    #[test]
    fn what_installs_by_name_or_configures_needs_no_project() {
        for script in [
            "apt-get update && apt-get install -y git && rm -rf /var/lib/apt/lists/*",
            "corepack enable && corepack prepare pnpm@9 --activate",
            "npm install -g pnpm@9",
            "pip install --upgrade pip poetry==1.8",
            "poetry config virtualenvs.create false",
            "yarn config set httpTimeout 1200000",
            "npm --version",
            "npm i -g @angular/cli",
            "pip install git+https://example.com/a/b.git",
        ] {
            assert!(is_preparation(script), "{script}");
        }
    }

    #[test]
    fn a_script_that_writes_a_file_is_told_from_one_that_is_silent() {
        assert!(!redirects("npm ci >/dev/null 2>&1"));
        assert!(redirects("echo a >> .npmrc") && redirects("xargs pip <a"));
    }

    #[test]
    fn what_may_read_or_write_the_project_is_no_preparation() {
        for script in [
            "npm run build",
            "npm ci",
            "npm install express",
            "rm -rf docs",
            "rm -rf /tmp/../app",
            "chown -R app /app",
            "apt-get install -y ./tool.deb",
            "pip install .",
            "pip install libs/a",
            "npm i -g tools/a",
            "pip install -r a.txt",
            "poetry config --local virtualenvs.create false",
            "corepack prepare",
            "sed -i s/a/b/ package.json",
        ] {
            assert!(!is_preparation(script), "{script}");
        }
    }
}
