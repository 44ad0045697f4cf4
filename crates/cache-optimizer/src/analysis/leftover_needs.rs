//! Whether a build needs what lies in its context from earlier work: history that a step asks for,
//! folders that no step fills again.

use common::dockerfile::{Detail, Dockerfile, Instruction};

use super::build_packages;
use super::context_sources::other_dockerfiles;
use super::install::install;
use super::rules::{Confidence, Subject};
use super::run_commands::run_commands;
use super::shell::Command;
use super::work_folders::works;
use crate::model::files::Files;

/// What the build does with something in its context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// Nothing, as far as can be told.
    Not(Confidence),
    /// It reads it: where.
    Reads(String),
    /// It may need it: why.
    Maybe(String),
}

/// Verbs of Git that do not look at the project's history.
const ASKS_NO_HISTORY: [&str; 7] = [
    "--version",
    "clone",
    "config",
    "help",
    "init",
    "lfs",
    "version",
];

/// Programs that handle files and users, and those of which the texts were looked at.
const PLAIN: [&str; 32] = [
    "addgroup", "adduser", "apk", "apt", "apt-get", "bash", "cat", "cd", "chmod", "chown", "cp",
    "curl", "echo", "export", "find", "git", "grep", "groupadd", "ln", "ls", "make", "mkdir", "mv",
    "rm", "sed", "set", "sh", "tar", "test", "touch", "true", "useradd",
];

/// What reads the history when a project is built with it, by a word in the project's manifests.
/// Source: the documentation of each.
const READS_HISTORY: [&str; 21] = [
    "GitVersion",
    "MinVer",
    "Nerdbank.GitVersioning",
    "SourceLink",
    "axion-release",
    "git-commit-id",
    "git-rev",
    "git-version",
    "git2",
    "git_version",
    "git describe",
    "git log",
    "git rev-",
    "hatch-vcs",
    "jgitver",
    "poetry-dynamic-versioning",
    "setuptools-scm",
    "setuptools_scm",
    "shadow-rs",
    "vergen",
    "versioneer",
];

/// Folders that a tool fills for itself and that no image needs.
const CACHES: [&str; 13] = [
    ".gradle",
    ".hg",
    ".idea",
    ".mypy_cache",
    ".nyc_output",
    ".pytest_cache",
    ".ruff_cache",
    ".svn",
    ".terraform",
    ".tox",
    ".vscode",
    "__pycache__",
    "coverage",
];

/// Whether the build needs the folders at these paths, all of which have one name.
pub(crate) fn need(paths: &[&str], subject: &Subject<'_>) -> Need {
    let commands = commands(&subject.recipe.dockerfile);
    let name = paths
        .first()
        .map_or("", |path| path.rsplit('/').next().unwrap_or(path));
    match name {
        ".git" => history(subject, &commands),
        "node_modules" => modules(paths, subject, &commands),
        ".venv" | "venv" => filled(name, &commands, &["pip", "poetry", "uv", "pipenv"]),
        name if CACHES.contains(&name) => Need::Not(Confidence::Likely),
        ".cache" => Need::Not(Confidence::Possible),
        name => built(name, subject, &commands),
    }
}

/// The end of the name of a shell script.
const SHELL_SCRIPT: &str = ".sh";

const NODE_INSTALLERS: [&str; 4] = ["npm", "yarn", "pnpm", "bun"];

/// Installed packages: each package of the project has its own, unless it is part of a workspace.
fn modules(paths: &[&str], subject: &Subject<'_>, commands: &[(&Instruction, Command)]) -> Need {
    let files = &subject.recipe.context.files;
    let root = files.text("package.json").unwrap_or_default();
    let is_workspace = root.contains("\"workspaces\"") || files.has_file("pnpm-workspace.yaml");
    let mut confidence = Confidence::Likely;
    for folder in paths
        .iter()
        .filter_map(|path| path.rsplit_once('/'))
        .map(|(folder, _)| folder)
    {
        if !files.has_file(&format!("{folder}/package.json")) {
            confidence = Confidence::Possible;
        } else if !is_workspace && !installs_in(folder, subject) {
            return not_filled(&format!("{folder}/node_modules"));
        }
    }
    match filled("node_modules", commands, &NODE_INSTALLERS) {
        Need::Not(filled) => Need::Not(filled.max(confidence)),
        need => need,
    }
}

/// Whether a step installs in the copy of a folder of the context, which has its name.
fn installs_in(folder: &str, subject: &Subject<'_>) -> bool {
    let dockerfile = &subject.recipe.dockerfile;
    let stages = dockerfile.stages.iter().zip(subject.states);
    let mut with_states = stages.flat_map(|(stage, states)| stage.instructions.iter().zip(states));
    with_states.any(|(instruction, state)| {
        let Detail::Run(run) = &instruction.detail else {
            return false;
        };
        let works = works(run, state, dockerfile.escape).unwrap_or_default();
        works.iter().any(|work| {
            let is_there = work.folder.ends_with(&format!("/{folder}"));
            is_there && install(&work.command).is_some_and(|it| NODE_INSTALLERS.contains(&it.tool))
        })
    })
}

fn not_filled(path: &str) -> Need {
    Need::Maybe(format!(
        "no step is known to fill `{path}` again, so the image may need that of the context"
    ))
}

/// All commands of a Dockerfile, with the instructions that run them.
fn commands(dockerfile: &Dockerfile) -> Vec<(&Instruction, Command)> {
    let stages = dockerfile.stages.iter();
    let instructions = stages.flat_map(|stage| &stage.instructions);
    let runs = instructions.filter_map(|instruction| match &instruction.detail {
        Detail::Run(run) => Some((instruction, run)),
        _ => None,
    });
    runs.flat_map(|(instruction, run)| {
        let commands = run_commands(run).into_iter();
        commands.map(move |command| (instruction, command))
    })
    .collect()
}

fn filled(name: &str, commands: &[(&Instruction, Command)], tools: &[&str]) -> Need {
    let fills = |command: &Command| install(command).is_some_and(|it| tools.contains(&it.tool));
    if commands.iter().any(|(_, command)| fills(command)) {
        Need::Not(Confidence::Likely)
    } else {
        not_filled(name)
    }
}

/// What a build tool makes.
fn built(name: &str, subject: &Subject<'_>, commands: &[(&Instruction, Command)]) -> Need {
    if !commands.iter().any(|(_, command)| is_build(name, command)) {
        return Need::Maybe(format!(
            "no step is known to make `{name}` again, so the image may need that of the context"
        ));
    }
    let is_certainly_made = is_git_ignored(name, &subject.recipe.context.files);
    Need::Not(if is_certainly_made {
        Confidence::Likely
    } else {
        Confidence::Possible
    })
}

/// Whether a command makes a folder of results of this name.
fn is_build(name: &str, command: &Command) -> bool {
    let has = |word: &str| command.arguments.iter().any(|argument| argument == word);
    match (name, command.program.as_str()) {
        ("target", "cargo" | "mvn" | "mvnw" | "sbt") | ("build" | "out", "gradle" | "gradlew") => {
            true
        }
        ("build" | "dist", "python" | "python3" | "poetry" | "uv") => has("build"),
        (name, "npm" | "pnpm" | "yarn" | "bun" | "npx") if name != "target" => {
            let mut arguments = command.arguments.iter();
            has("run") || arguments.any(|argument| argument.starts_with("build"))
        }
        _ => false,
    }
}

/// Whether the project's `.gitignore` names the folder, so that it is made, not kept.
fn is_git_ignored(name: &str, files: &Files) -> bool {
    let lines = files.text(".gitignore").unwrap_or_default().lines();
    let pattern = |line: &str| line.trim().trim_start_matches("**/").trim_matches('/') == name;
    lines.into_iter().any(pattern)
}

/// Whether the build asks Git.
fn history(subject: &Subject<'_>, commands: &[(&Instruction, Command)]) -> Need {
    if let Some((instruction, command)) = commands.iter().find(|(_, it)| asks_history(it)) {
        let verb = command.arguments.first().map_or("", String::as_str);
        let line = instruction.line;
        return Need::Reads(format!("`git {verb}` in line {line} reads it"));
    }
    let files = &subject.recipe.context.files;
    for (path, text) in &files.texts {
        // Of Dockerfiles the commands are looked at.
        if is_dockerfile(path) {
            continue;
        }
        if let Some(word) = READS_HISTORY.into_iter().find(|word| text.contains(word)) {
            return Need::Maybe(format!("`{path}` has `{word}`, which may read it"));
        }
    }
    if let Some((path, _)) = other_dockerfiles(subject)
        .iter()
        .find(|(_, other)| self::commands(other).iter().any(|(_, it)| asks_history(it)))
    {
        return Need::Maybe(format!(
            "`{path}` asks Git, and may use the same ignore file"
        ));
    }
    let mut commands = commands.iter().map(|(_, command)| command);
    if let Some(command) = commands.clone().find(|it| stamps_commit(it)) {
        let why = format!(
            "`{} {}` writes the commit into what it makes",
            command.program, command.arguments[0]
        );
        return Need::Maybe(why);
    }
    if let Some(command) = commands.clone().find(|command| is_script(command, files)) {
        return Need::Maybe(format!("what `{}` reads is not known", command.program));
    }
    Need::Not(if commands.all(asks_nothing) {
        Confidence::Likely
    } else {
        Confidence::Possible
    })
}

fn is_dockerfile(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.starts_with("Dockerfile") || name.to_lowercase().ends_with(".dockerfile")
}

/// Whether a command asks Git about the project, as for a version; to clone another one is not that.
fn asks_history(command: &Command) -> bool {
    let verb = command.arguments.first().map(String::as_str);
    command.program == "git" && !verb.is_some_and(|verb| ASKS_NO_HISTORY.contains(&verb))
}

/// Source: <https://pkg.go.dev/cmd/go#hdr-Compile_packages_and_dependencies>, `-buildvcs`;
/// <https://learn.microsoft.com/dotnet/core/compatibility/sdk/8.0/source-link>.
fn stamps_commit(command: &Command) -> bool {
    let verb = command.arguments.first().map(String::as_str);
    let is_off = |argument: &String| argument == "-buildvcs=false";
    match command.program.as_str() {
        "go" => matches!(verb, Some("build" | "install")) && !command.arguments.iter().any(is_off),
        "dotnet" => matches!(verb, Some("build" | "pack" | "publish")),
        _ => false,
    }
}

/// Whether a command certainly asks Git nothing: an install by manifests, which were looked at, and
/// what only handles files and packages. The scripts of a project, such as those of `npm run`, may.
fn asks_nothing(command: &Command) -> bool {
    let is_plain = PLAIN.contains(&command.program.as_str());
    is_plain || install(command).is_some() || build_packages::installed(command).is_some()
}

/// Whether a command is one whose own text decides what it reads, and that text is not known.
fn is_script(command: &Command, files: &Files) -> bool {
    let has_text = |name: &str| {
        let mut paths = files.texts.keys();
        paths.any(|path| path == name || path.ends_with(&format!("/{name}")))
    };
    let first = command.arguments.iter().find(|it| !it.starts_with('-'));
    match command.program.as_str() {
        "make" => !["Makefile", "makefile", "GNUmakefile"]
            .into_iter()
            .any(has_text),
        "just" => !has_text("justfile"),
        "rake" | "task" | "bazel" | "nix" | "earthly" => true,
        "bash" | "sh" => first.is_some_and(|script| {
            let name = script.rsplit('/').next().unwrap_or(script);
            script.ends_with(SHELL_SCRIPT) && !has_text(name)
        }),
        program => program.ends_with(SHELL_SCRIPT) && !has_text(program),
    }
}

#[cfg(test)]
mod tests {
    use super::super::rules::sample::with_subject;
    use super::*;

    fn need_of(name: &str, run: &str, files: &[(&str, &str)]) -> Need {
        let text = format!("FROM a\nCOPY . .\nRUN {run}\n");
        with_subject(&text, files, |subject| need(&[name], subject))
    }

    #[test]
    fn history_is_read_where_a_step_asks_git() {
        let asked = need_of(".git", "make V=\"$(git describe --tags)\"", &[]);
        assert_eq!(
            asked,
            Need::Reads("`git describe` in line 3 reads it".to_owned())
        );
        let cloned = need_of(".git", "git clone https://example.com/a", &[]);
        assert_eq!(cloned, Need::Not(Confidence::Likely));
    }

    #[test]
    fn history_may_be_read_by_what_the_project_says_or_does_not_say() {
        for (run, files) in [
            (
                "pip install .",
                [("pyproject.toml", "[tool.setuptools_scm]")],
            ),
            ("make", [("Makefile", "V := $(shell git describe)")]),
            ("make", [("a", "")]),
            ("./scripts/build.sh", [("a", "")]),
            ("go build ./...", [("go.mod", "")]),
            ("dotnet publish", [("a.csproj", "")]),
            ("true", [("test.Dockerfile", "FROM a\nRUN git log\n")]),
        ] {
            let need = need_of(".git", run, &files);
            assert!(matches!(need, Need::Maybe(_)), "{run}: {need:?}");
        }
        for (run, files) in [
            ("npm ci", [("package.json", "{}")]),
            ("make", [("Makefile", "all:\n\tcc a.c\n")]),
            ("sh scripts/build.sh", [("scripts/build.sh", "cc a.c\n")]),
        ] {
            assert_eq!(
                need_of(".git", run, &files),
                Need::Not(Confidence::Likely),
                "{run}"
            );
        }
        for run in ["go build -buildvcs=false ./...", "npm run build", "tool"] {
            let need = need_of(".git", run, &[("go.mod", "")]);
            assert_eq!(need, Need::Not(Confidence::Possible), "{run}");
        }
    }

    #[test]
    fn packages_of_a_subfolder_are_filled_there_or_by_a_workspace() {
        let package = ("web/package.json", "{}");
        let need = |run: &str, files: &[(&str, &str)]| {
            let text = format!("FROM a\nWORKDIR /app\nCOPY . .\nRUN {run}\n");
            with_subject(&text, files, |subject| need(&["web/node_modules"], subject))
        };
        assert!(matches!(need("npm ci", &[package]), Need::Maybe(_)));
        assert!(matches!(
            need("(cd web && npm ci)", &[package]),
            Need::Maybe(_)
        ));
        let likely = Need::Not(Confidence::Likely);
        assert_eq!(need("cd web && npm ci", &[package]), likely);
        assert_eq!(need("npm --prefix web ci", &[package]), likely);
        let workspace = ("package.json", "{\"workspaces\": [\"web\"]}");
        assert_eq!(need("npm ci", &[package, workspace]), likely);
        assert_eq!(
            need("npm ci", &[("web/a.js", "1")]),
            Need::Not(Confidence::Possible)
        );
    }

    #[test]
    fn a_folder_is_needed_unless_a_step_fills_it_again() {
        let likely = Need::Not(Confidence::Likely);
        assert_eq!(need_of("node_modules", "npm ci", &[]), likely);
        assert!(matches!(
            need_of("node_modules", "npm run build", &[]),
            Need::Maybe(_)
        ));
        assert!(matches!(
            need_of("target", "cp target/app.jar /", &[]),
            Need::Maybe(_)
        ));
        assert_eq!(
            need_of("dist", "npm run build", &[]),
            Need::Not(Confidence::Possible)
        );
        let ignored = [(".gitignore", "/dist/\n")];
        assert_eq!(need_of("dist", "yarn build", &ignored), likely);
        assert_eq!(need_of("__pycache__", "true", &[]), likely);
    }
}
