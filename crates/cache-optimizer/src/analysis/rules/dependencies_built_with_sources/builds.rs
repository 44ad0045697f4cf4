//! Which commands build a project, and which care for its dependencies alone.

use super::{Build, State};
use crate::analysis::install::install;
use crate::analysis::install_inputs::go::has_requirements;
use crate::analysis::rules::Subject;
use crate::analysis::shell::Command;

/// A tool that downloads, and most often compiles, dependencies when it builds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tool {
    Cargo,
    Dotnet,
    Go,
    Gradle,
    Maven,
}

impl Tool {
    /// What a build does with dependencies, as the end of a sentence.
    pub(super) fn does(self) -> &'static str {
        match self {
            Tool::Cargo => "downloads and compiles all dependencies",
            Tool::Dotnet => "restores all packages",
            Tool::Go => "downloads and compiles all modules",
            Tool::Gradle | Tool::Maven => "downloads all dependencies and plugins",
        }
    }
}

/// Tasks of Gradle that build. Source: <https://docs.gradle.org/current/userguide/java_plugin.html#sec:java_tasks>,
/// <https://docs.spring.io/spring-boot/gradle-plugin/packaging.html>
const GRADLE_TASKS: [&str; 9] = [
    "assemble",
    "bootJar",
    "bootWar",
    "build",
    "classes",
    "installDist",
    "jar",
    "shadowJar",
    "war",
];

/// Phases of Maven that compile, from `compile` on.
/// Source: <https://maven.apache.org/guides/introduction/introduction-to-the-lifecycle.html>
const MAVEN_PHASES: [&str; 6] = ["compile", "deploy", "install", "package", "test", "verify"];

/// The tool that builds the project with a command. `None` also where it is told to download nothing.
pub(super) fn build_tool(command: &Command) -> Option<Tool> {
    let arguments: Vec<&str> = command.arguments.iter().map(String::as_str).collect();
    let has = |flag: &str| arguments.contains(&flag);
    let verb = arguments.iter().find(|a| !a.starts_with(['-', '+']));
    let verb = verb.copied().unwrap_or_default();
    match command.program.as_str() {
        "cargo" if has("--offline") || has("--frozen") => None,
        "cargo" => match verb {
            "b" | "build" => Some(Tool::Cargo),
            "install" => has("--path").then_some(Tool::Cargo),
            _ => None,
        },
        "go" => {
            let is_of_project = !arguments
                .iter()
                .any(|a| a.contains('@') || *a == "-mod=vendor");
            (is_of_project && matches!(verb, "build" | "install")).then_some(Tool::Go)
        }
        "dotnet" => {
            let is_build = matches!(verb, "build" | "pack" | "publish");
            (is_build && !has("--no-restore")).then_some(Tool::Dotnet)
        }
        "mvn" | "mvnw" if has("-o") || has("--offline") => None,
        "mvn" | "mvnw" => {
            let is_phase = |a: &&str| MAVEN_PHASES.contains(a);
            arguments.iter().any(is_phase).then_some(Tool::Maven)
        }
        "gradle" | "gradlew" if has("--offline") => None,
        "gradle" | "gradlew" => {
            let task = |a: &str| a.rsplit(':').next().map(str::to_owned);
            let is_task = |a: &&str| task(a).is_some_and(|t| GRADLE_TASKS.contains(&t.as_str()));
            arguments.iter().any(is_task).then_some(Tool::Gradle)
        }
        _ => None,
    }
}

/// The tool whose dependencies a command cares for, alone or by name.
pub(super) fn dependency_tool(command: &Command) -> Option<Tool> {
    let arguments: Vec<&str> = command.arguments.iter().map(String::as_str).collect();
    match (command.program.as_str(), arguments.as_slice()) {
        ("cargo", ["chef", "cook", ..] | ["build-deps" | "fetch" | "vendor", ..]) => {
            return Some(Tool::Cargo);
        }
        ("go", ["get", ..] | ["mod", "download" | "vendor", ..]) => return Some(Tool::Go),
        _ => {}
    }
    match install(command)?.tool {
        "dotnet" => Some(Tool::Dotnet),
        "gradle" => Some(Tool::Gradle),
        "mvn" => Some(Tool::Maven),
        _ => None,
    }
}

/// Whether a build has anything to download, as far as its environment and the context say.
pub(super) fn loads_dependencies(subject: &Subject<'_>, build: &Build<'_>, state: &State) -> bool {
    let value = |name: &str| {
        state
            .variables
            .get(name)
            .cloned()
            .flatten()
            .unwrap_or_default()
    };
    let files = &subject.recipe.context.files;
    let mut paths = files.sizes_bytes.keys();
    match build.tool {
        // A compiler cache of its own keeps what is compiled.
        Tool::Cargo => {
            let mut manifests = files
                .texts
                .iter()
                .filter(|(path, _)| is_named(path, "Cargo.toml"));
            let is_alone = manifests.clone().next().is_some()
                && !manifests
                    .any(|(_, text)| text.contains("dependencies") || text.contains("[workspace"));
            !value("RUSTC_WRAPPER").contains("sccache") && !is_alone
        }
        Tool::Go => {
            let is_vendored = value("GOFLAGS").contains("-mod=vendor")
                || paths.any(|path| {
                    path == "vendor/modules.txt" || path.ends_with("/vendor/modules.txt")
                });
            let mut modules = files
                .texts
                .iter()
                .filter(|(path, _)| is_named(path, "go.mod"));
            let is_alone = modules.clone().next().is_some()
                && !modules.any(|(_, text)| has_requirements(text));
            !is_vendored && !is_alone
        }
        Tool::Dotnet | Tool::Gradle | Tool::Maven => true,
    }
}

fn is_named(path: &str, name: &str) -> bool {
    path.rsplit('/').next() == Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::shell::commands;

    fn tool(script: &str) -> Option<Tool> {
        commands(script).iter().find_map(build_tool)
    }

    #[test]
    fn builds_that_download_are_known() {
        for (script, expected) in [
            ("cargo build --release", Tool::Cargo),
            ("cargo +nightly --locked build", Tool::Cargo),
            ("cargo install --path .", Tool::Cargo),
            ("CGO_ENABLED=0 go build -o app ./cmd/app", Tool::Go),
            ("go install ./...", Tool::Go),
            ("./mvnw -B clean package -DskipTests", Tool::Maven),
            ("./gradlew --no-daemon :app:bootJar", Tool::Gradle),
            ("dotnet publish -c Release -o out", Tool::Dotnet),
        ] {
            assert_eq!(tool(script), Some(expected), "{script}");
        }
    }

    #[test]
    fn other_commands_and_builds_that_download_nothing_are_not() {
        for script in [
            "cargo build --offline",
            "cargo install cargo-chef",
            "cargo chef cook --release",
            "go build -mod=vendor ./...",
            "go install example.com/tool@latest",
            "go test ./...",
            "mvn -o package",
            "mvn dependency:go-offline",
            "gradle --offline build",
            "gradle tasks",
            "dotnet publish --no-restore",
            "dotnet restore",
        ] {
            assert_eq!(tool(script), None, "{script}");
        }
    }
}
