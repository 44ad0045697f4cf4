//! Which commands install a project's dependencies, and what such an install reads.
//!
//! An install of packages by name, a global one and the build itself are not meant: they read none of
//! the project's manifests, or more than those. `cargo build` is a build; only `cargo fetch` counts.

mod pip;

use super::shell::Command;

/// A command that installs what the project's manifests ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Install {
    /// The program that installs, such as `npm`.
    pub(crate) tool: &'static str,
    /// The files of the project that it needs, as patterns.
    pub(crate) manifests: Vec<String>,
    /// How to call it so that it needs no more. `None` when it does not.
    pub(crate) only_with: Option<&'static str>,
}

struct Tool {
    name: &'static str,
    programs: &'static [&'static str],
    /// Whether these arguments, without flags, install from manifests.
    installs: fn(&[&str]) -> bool,
    manifests: &'static [&'static str],
    only_with: Option<&'static str>,
}

/// The install that a command is, if it is one.
pub(crate) fn install(command: &Command) -> Option<Install> {
    let arguments: Vec<&str> = command.arguments.iter().map(String::as_str).collect();
    if let Some(pip_arguments) = pip::arguments(&command.program, &arguments) {
        return pip::install(pip_arguments);
    }
    if is_question(&arguments) {
        return None;
    }
    let mut tools = TOOLS.iter();
    let tool = tools.find(|tool| tool.programs.contains(&command.program.as_str()))?;
    (tool.installs)(&without_flags(&arguments)).then(|| Install {
        tool: tool.name,
        manifests: tool.manifests.iter().map(|&name| name.to_owned()).collect(),
        only_with: tool.only_with,
    })
}

/// Whether a tool is asked for its version or its help. `-v` beside other arguments means verbose.
fn is_question(arguments: &[&str]) -> bool {
    let is_asking = |argument: &&str| matches!(*argument, "--help" | "--version");
    matches!(arguments, ["-h" | "-v"]) || arguments.iter().any(is_asking)
}

/// Flags whose next argument is their value, over all tools but pip. None of them is a switch in
/// another tool.
const VALUE_FLAGS: [&str; 16] = [
    "--cache",
    "--cache-folder",
    "--cwd",
    "--dir",
    "--directory",
    "--filter",
    "--include",
    "--loglevel",
    "--mutex",
    "--network-concurrency",
    "--network-timeout",
    "--omit",
    "--prefix",
    "--project",
    "--registry",
    "-C",
];

fn without_flags<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    let mut words = Vec::new();
    let mut arguments = arguments.iter();
    while let Some(&argument) = arguments.next() {
        if VALUE_FLAGS.contains(&argument) {
            arguments.next();
        } else if !argument.starts_with('-') {
            words.push(argument);
        }
    }
    words
}

const TOOLS: [Tool; 14] = [
    // Source: <https://docs.npmjs.com/cli/commands/npm-ci>
    Tool {
        name: "npm",
        programs: &["npm"],
        installs: |words| matches!(words, ["ci" | "clean-install", ..] | ["install" | "i"]),
        manifests: &["package.json", "package-lock.json"],
        only_with: None,
    },
    // Source: <https://classic.yarnpkg.com/lang/en/docs/cli/install/>
    Tool {
        name: "yarn",
        programs: &["yarn", "yarnpkg"],
        installs: |words| matches!(words, [] | ["install"]),
        manifests: &["package.json", "yarn.lock"],
        only_with: None,
    },
    // Source: <https://pnpm.io/docker>
    Tool {
        name: "pnpm",
        programs: &["pnpm"],
        installs: |words| matches!(words, ["install" | "i" | "fetch"]),
        manifests: &["package.json", "pnpm-lock.yaml"],
        only_with: None,
    },
    // Source: <https://bun.sh/guides/ecosystem/docker>
    Tool {
        name: "bun",
        programs: &["bun"],
        installs: |words| matches!(words, ["install" | "i"]),
        manifests: &["package.json", "bun.lock"],
        only_with: None,
    },
    // Source: <https://python-poetry.org/docs/cli/#install>
    Tool {
        name: "poetry",
        programs: &["poetry"],
        installs: |words| matches!(words, ["install" | "sync", ..]),
        manifests: &["pyproject.toml", "poetry.lock"],
        only_with: Some("--no-root"),
    },
    // Source: <https://docs.astral.sh/uv/guides/integration/docker/#intermediate-layers>
    Tool {
        name: "uv",
        programs: &["uv"],
        installs: |words| matches!(words, ["sync", ..]),
        manifests: &["pyproject.toml", "uv.lock"],
        only_with: Some("--no-install-project"),
    },
    // Source: <https://pipenv.pypa.io/en/latest/commands.html>
    Tool {
        name: "pipenv",
        programs: &["pipenv"],
        installs: |words| matches!(words, ["install" | "sync"]),
        manifests: &["Pipfile", "Pipfile.lock"],
        only_with: None,
    },
    // Source: <https://doc.rust-lang.org/cargo/commands/cargo-fetch.html>
    Tool {
        name: "cargo",
        programs: &["cargo"],
        installs: |words| matches!(words, ["fetch", ..]),
        manifests: &["Cargo.toml", "Cargo.lock"],
        only_with: None,
    },
    // `go get ./...` finds by the sources what `go.mod` lists.
    // Source: <https://go.dev/ref/mod#go-mod-download>
    Tool {
        name: "go",
        programs: &["go"],
        installs: |words| match words {
            ["mod", "download", ..] => true,
            ["get", packages @ ..] => packages.iter().all(|path| path.starts_with('.')),
            _ => false,
        },
        manifests: &["go.mod", "go.sum"],
        only_with: Some("go mod download"),
    },
    // Source: <https://maven.apache.org/plugins/maven-dependency-plugin/usage.html>
    Tool {
        name: "mvn",
        programs: &["mvn", "mvnw"],
        installs: |words| words.iter().any(|word| word.starts_with("dependency:")),
        manifests: &["pom.xml"],
        only_with: None,
    },
    // Source: <https://docs.gradle.org/current/userguide/viewing_debugging_dependencies.html>
    Tool {
        name: "gradle",
        programs: &["gradle", "gradlew"],
        installs: |words| words.contains(&"dependencies"),
        manifests: &["settings.gradle*", "build.gradle*"],
        only_with: None,
    },
    // Source: <https://learn.microsoft.com/dotnet/core/tools/dotnet-restore>
    Tool {
        name: "dotnet",
        programs: &["dotnet"],
        installs: |words| matches!(words, ["restore", ..]),
        manifests: &["*.sln", "*.csproj"],
        only_with: None,
    },
    // Source: <https://bundler.io/man/bundle-install.1.html>
    Tool {
        name: "bundle",
        programs: &["bundle", "bundler"],
        installs: |words| matches!(words, [] | ["install", ..]),
        manifests: &["Gemfile", "Gemfile.lock"],
        only_with: None,
    },
    // Source: <https://getcomposer.org/doc/03-cli.md#install-i>
    Tool {
        name: "composer",
        programs: &["composer", "composer.phar"],
        installs: |words| matches!(words, ["install" | "i"]),
        manifests: &["composer.json", "composer.lock"],
        only_with: Some("--no-scripts --no-autoloader"),
    },
];

#[cfg(test)]
mod tests {
    use super::super::shell;
    use super::*;

    fn tool(script: &str) -> Option<&'static str> {
        shell::commands(script)
            .iter()
            .find_map(install)
            .map(|i| i.tool)
    }

    #[test]
    fn installs_from_manifests_are_recognised_with_flags_anywhere() {
        for (script, name) in [
            ("npm ci", "npm"),
            ("npm --prefix web install --omit dev", "npm"),
            ("npm i --production", "npm"),
            ("npm ci --workspace web", "npm"),
            ("yarn", "yarn"),
            ("yarn --frozen-lockfile --network-timeout 100000", "yarn"),
            ("cd web && yarn install", "yarn"),
            ("pnpm -r install --frozen-lockfile", "pnpm"),
            ("bun install", "bun"),
            ("poetry install --no-root", "poetry"),
            ("poetry install --only main --no-interaction", "poetry"),
            ("uv sync --locked", "uv"),
            ("uv sync --group prod --extra web", "uv"),
            ("pipenv sync", "pipenv"),
            ("cargo fetch --locked", "cargo"),
            ("cargo fetch --target x86_64-unknown-linux-musl", "cargo"),
            ("go mod download -x", "go"),
            ("go get -d -v ./...", "go"),
            ("./mvnw -B dependency:go-offline", "mvn"),
            ("./gradlew --no-daemon dependencies", "gradle"),
            ("dotnet restore src/Web/Web.csproj", "dotnet"),
            ("bundle install --jobs 4", "bundle"),
            ("composer install --no-dev", "composer"),
        ] {
            assert_eq!(tool(script), Some(name), "{script}");
        }
    }

    #[test]
    fn what_is_no_install_from_manifests_is_left_alone() {
        for script in [
            "npm install -g typescript",
            "npm install express",
            "npm run build",
            "echo npm ci",
            "yarn build",
            "yarn --version",
            "yarn -v",
            "bundle --version",
            "npm ci --help",
            "yarn add left-pad",
            "pnpm add -g turbo",
            "cargo build --release",
            "cargo install sccache",
            "go build ./...",
            "go mod tidy",
            "go get github.com/spf13/cobra",
            "mvn package",
            "gradle build",
            "dotnet publish",
            "bundle exec rake",
            "composer dump-autoload",
            "my-npm ci",
        ] {
            assert_eq!(tool(script), None, "{script}");
        }
    }
}
