//! Cargo, Go, Maven, Gradle, `NuGet` and ccache.

use super::{Folder, Reads, Surroundings, Tool, has_flag, is_within};
use crate::analysis::shell::Command;

pub(super) const TOOLS: [Tool; 6] = [
    // Its `target` folder is left out: Cargo compares times, so what another branch built there can
    // pass for new, and the results are needed. Programs lie in `bin`, which must stay visible.
    // Source: <https://doc.rust-lang.org/cargo/guide/cargo-home.html#caching-the-cargo-home-in-ci>
    Tool {
        name: "cargo",
        programs: &["cargo"],
        uses: |command, words| {
            let word = words.iter().find(|word| !word.starts_with('+'))?;
            let builds = [
                "build", "b", "check", "c", "chef", "clippy", "doc", "fetch", "install", "run",
                "test",
            ];
            let prepares = *word == "chef" && words.contains(&"prepare");
            let is_build = builds.contains(word) && !prepares;
            let is_offline = has_flag(command, &["--offline", "--frozen"]);
            is_build.then_some(if is_offline {
                Reads::Needs
            } else {
                Reads::Downloads
            })
        },
        folders: |_, around| {
            let home = cargo_home(around)?;
            let parts = ["registry", "git/db"].into_iter();
            Ok(parts
                .map(|part| Folder::shared(format!("{home}/{part}")))
                .collect())
        },
    },
    // Source: <https://go.dev/ref/mod#module-cache>,
    // <https://pkg.go.dev/cmd/go#hdr-Build_and_test_caching>
    Tool {
        name: "go",
        programs: &["go"],
        uses: |_, words| match words {
            ["build" | "get" | "install" | "run" | "test" | "vet", ..]
            | ["mod", "download", ..] => Some(Reads::Downloads),
            _ => None,
        },
        folders: go,
    },
    // Source: <https://maven.apache.org/settings.html#simple-values>
    Tool {
        name: "maven",
        programs: &["mvn", "mvnw"],
        uses: |command, words| {
            let is_offline = has_flag(command, &["-o", "--offline"]);
            let goes = !words.is_empty();
            goes.then_some(if is_offline {
                Reads::Needs
            } else {
                Reads::Downloads
            })
        },
        folders: |command, around| {
            let arguments = &command.arguments;
            if arguments
                .iter()
                .any(|argument| argument.starts_with("-Dmaven.repo.local"))
            {
                return Err("`-Dmaven.repo.local` says where the cache is".to_owned());
            }
            if arguments.iter().any(|argument| argument == "install") {
                return Err("`install` puts the project's own results there".to_owned());
            }
            Ok(vec![Folder::shared(format!(
                "{}/.m2/repository",
                around.home()?
            ))])
        },
    },
    // Its locks do not reach into another container.
    // Source: <https://docs.gradle.org/current/userguide/directory_layout.html#dir:gradle_user_home>
    Tool {
        name: "gradle",
        programs: &["gradle", "gradlew"],
        uses: |command, words| {
            let is_offline = has_flag(command, &["--offline"]);
            let goes = !words.is_empty();
            goes.then_some(if is_offline {
                Reads::Needs
            } else {
                Reads::Downloads
            })
        },
        folders: |_, around| {
            let home = around.below_home(&[("GRADLE_USER_HOME", "")], "/.gradle")?;
            Ok(vec![Folder::exclusive(format!("{home}/caches"))])
        },
    },
    // Source: <https://learn.microsoft.com/nuget/consume-packages/managing-the-global-packages-and-cache-folders>
    Tool {
        name: "nuget",
        programs: &["dotnet"],
        uses: |command, words| match words {
            ["restore" | "build" | "publish" | "test" | "pack", ..] => {
                // Without a restore it fails when a package is not there.
                let is_offline = has_flag(command, &["--no-restore", "--no-build"]);
                Some(if is_offline {
                    Reads::Needs
                } else {
                    Reads::Downloads
                })
            }
            _ => None,
        },
        folders: |_, around| {
            let path = around.below_home(&[("NUGET_PACKAGES", "")], "/.nuget/packages")?;
            Ok(vec![Folder::shared(path)])
        },
    },
    // Only where the Dockerfile says that it is in use.
    // Source: <https://ccache.dev/manual/latest.html#config_cache_dir>
    Tool {
        name: "ccache",
        programs: &["ccache"],
        uses: |_, words| (!words.is_empty()).then_some(Reads::Nothing),
        folders: |_, around| match around.first_set(&[("CCACHE_DIR", "")])? {
            Some(path) => Ok(vec![Folder::shared(path)]),
            None => Err("no `CCACHE_DIR` says where ccache keeps its results".to_owned()),
        },
    },
];

/// Source: <https://github.com/rust-lang/docker-rust> and
/// <https://github.com/LukeMathWalker/cargo-chef/blob/main/docker/Dockerfile>
fn cargo_home(around: &Surroundings<'_>) -> Result<String, String> {
    if let Some(home) = around.first_set(&[("CARGO_HOME", "")])? {
        return Ok(home);
    }
    match around.image.as_deref() {
        Some("rust" | "cargo-chef") => Ok("/usr/local/cargo".to_owned()),
        _ => Err("the base image decides where `CARGO_HOME` is".to_owned()),
    }
}

/// Source: <https://github.com/docker-library/golang>
fn go(command: &Command, around: &Surroundings<'_>) -> Result<Vec<Folder>, String> {
    let compiled = around.below_home(
        &[("GOCACHE", ""), ("XDG_CACHE_HOME", "/go-build")],
        "/.cache/go-build",
    )?;
    let is_vendored = command
        .arguments
        .iter()
        .any(|argument| argument == "-mod=vendor");
    let downloads = matches!(command.arguments.as_slice(), [first, ..] if first == "mod");
    let mut folders = Vec::new();
    if !is_vendored {
        let modules = around.first_set(&[("GOMODCACHE", ""), ("GOPATH", "/pkg/mod")])?;
        let modules = match (modules, around.image.as_deref()) {
            (Some(modules), _) => modules,
            (None, Some("golang")) => "/go/pkg/mod".to_owned(),
            (None, _) => return Err("the base image decides where `GOPATH` is".to_owned()),
        };
        folders.push(Folder::shared(modules));
    }
    // A download compiles nothing.
    if !downloads
        && !folders
            .iter()
            .any(|folder| is_within(&compiled, &folder.path))
    {
        folders.push(Folder::shared(compiled));
    }
    Ok(folders)
}
