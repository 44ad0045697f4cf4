//! npm, Yarn, pnpm and Bun.

use super::{Folder, Reads, Surroundings, Tool, has_flag, refuse_flag};
use crate::analysis::shell::Command;

pub(super) const TOOLS: [Tool; 4] = [
    // Source: <https://docs.npmjs.com/cli/using-npm/config#cache>
    Tool {
        name: "npm",
        programs: &["npm"],
        uses: |command, words| {
            installs(
                command,
                words,
                &["add", "ci", "clean-install", "i", "install"],
            )
        },
        folders: |command, around| {
            refuse_flag(command, &["--cache"])?;
            let variables = [("npm_config_cache", ""), ("NPM_CONFIG_CACHE", "")];
            Ok(vec![Folder::shared(
                around.below_home(&variables, "/.npm")?,
            )])
        },
    },
    Tool {
        name: "yarn",
        programs: &["yarn", "yarnpkg"],
        uses: |command, words| match words {
            [] => installs(command, &["install"], &["install"]),
            words => installs(command, words, &["add", "install"]),
        },
        folders: yarn,
    },
    // What `pnpm fetch` puts into the store, `pnpm install --offline` takes from there.
    // Source: <https://pnpm.io/settings#storedir> and <https://pnpm.io/docker>
    Tool {
        name: "pnpm",
        programs: &["pnpm"],
        uses: |command, words| {
            let reads = installs(command, words, &["add", "fetch", "i", "install"])?;
            Some(if reads == Reads::Needs {
                reads
            } else {
                Reads::Downloads
            })
        },
        folders: |command, around| {
            refuse_flag(command, &["--store-dir"])?;
            let variables = [
                ("npm_config_store_dir", ""),
                ("PNPM_HOME", "/store"),
                ("XDG_DATA_HOME", "/pnpm/store"),
            ];
            let path = around.below_home(&variables, "/.local/share/pnpm/store")?;
            Ok(vec![Folder::shared(path)])
        },
    },
    // Source: <https://bun.sh/docs/install/cache>
    Tool {
        name: "bun",
        programs: &["bun"],
        uses: |command, words| installs(command, words, &["add", "i", "install"]),
        folders: |command, around| {
            refuse_flag(command, &["--cache-dir", "--no-cache"])?;
            let variables = [
                ("BUN_INSTALL_CACHE_DIR", ""),
                ("BUN_INSTALL", "/install/cache"),
                ("XDG_CACHE_HOME", "/.bun/install/cache"),
            ];
            let path = around.below_home(&variables, "/.bun/install/cache")?;
            Ok(vec![Folder::shared(path)])
        },
    },
];

/// Arguments after which another command follows.
const OTHERS: [&str; 8] = [
    "cache",
    "config",
    "dlx",
    "exec",
    "explore",
    "run",
    "run-script",
    "x",
];

fn installs(command: &Command, words: &[&str], verbs: &[&str]) -> Option<Reads> {
    let is_other = words.first().is_some_and(|word| OTHERS.contains(word));
    let is_install = !is_other && words.iter().take(2).any(|word| verbs.contains(word));
    let is_offline = has_flag(command, &["--offline"]);
    is_install.then_some(if is_offline {
        Reads::Needs
    } else {
        Reads::Nothing
    })
}

/// Yarn 1 as root does not use the home folder. Later versions run programs from the cache unless they
/// link `node_modules`, and before version 4 keep it within the project.
///
/// Source: <https://classic.yarnpkg.com/lang/en/docs/cli/cache/>,
/// <https://yarnpkg.com/configuration/yarnrc#enableGlobalCache>, research/cache.md section 4, row 8
fn yarn(command: &Command, around: &Surroundings<'_>) -> Result<Vec<Folder>, String> {
    refuse_flag(command, &["--cache-folder"])?;
    if is_later_yarn(command, around) {
        return Err(
            "Yarn from version 2 on may run programs out of its cache, and keep it in the project"
                .to_owned(),
        );
    }
    let variables = [("YARN_CACHE_FOLDER", ""), ("XDG_CACHE_HOME", "/yarn")];
    if let Some(path) = around.first_set(&variables)? {
        return Ok(vec![Folder::shared(path)]);
    }
    if around.state.is_root() {
        return Ok(vec![Folder::shared("/usr/local/share/.cache/yarn")]);
    }
    Ok(vec![Folder::shared(format!(
        "{}/.cache/yarn",
        around.home()?
    ))])
}

fn is_later_yarn(command: &Command, around: &Surroundings<'_>) -> bool {
    let mut files = around.files.sizes_bytes.keys();
    let mut manifests = around.files.texts.iter();
    let asks_for_later = |text: &str| {
        let version = text
            .split("\"yarn@")
            .nth(1)
            .map(|rest| rest.trim_start_matches('^'));
        version.is_some_and(|version| !version.starts_with("1."))
    };
    has_flag(
        command,
        &["--immutable", "--inline-builds", "--immutable-cache"],
    ) || around.script.contains("set version")
        || files.any(|path| path.rsplit('/').next() == Some(".yarnrc.yml"))
        || manifests.any(|(path, text)| path.ends_with("package.json") && asks_for_later(text))
}
