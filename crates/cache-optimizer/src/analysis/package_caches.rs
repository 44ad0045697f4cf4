//! Where package managers and compilers keep what they have downloaded or compiled before, and which
//! commands use it.
//!
//! One table for each family of tools. A path is only given when the Dockerfile proves it, or the
//! documentation of an official image does; else the answer is why it is not known.

mod clean_ups;
mod compiled;
mod javascript;
mod php_ruby;
mod places;
mod python;
mod removal;
mod steps;
mod system;

use super::shell::Command;

pub(crate) use clean_ups::{CleanUp, clean_ups, hides_results};
pub(crate) use places::{Surroundings, image_name, is_within, unexpanded_prefix};
pub(crate) use removal::without_clean_ups;
pub(crate) use steps::{Step, shown, steps};

/// What a command keeps for the next time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PackageCache {
    /// The tool, such as `npm`.
    pub(crate) tool: &'static str,
    /// Where it keeps that.
    ///
    /// # Errors
    ///
    /// Why that is not known, or why no mount may be there: goes on from "because".
    pub(crate) folders: Result<Vec<Folder>, String>,
    /// How the step needs the tool's downloads of steps before it.
    pub(crate) reads: Reads,
}

/// What of earlier steps a command finds in the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reads {
    /// Nothing that it misses: what it installs lies elsewhere.
    Nothing,
    /// What it would download again.
    Downloads,
    /// What it fails without.
    Needs,
}

/// A folder in which a tool keeps what it has downloaded or compiled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Folder {
    /// Its absolute path.
    pub(crate) path: String,
    /// Whether only one step at a time may use it.
    pub(crate) is_exclusive: bool,
}

impl Folder {
    fn shared(path: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            is_exclusive: false,
        }
    }

    fn exclusive(path: impl Into<String>) -> Self {
        Self {
            is_exclusive: true,
            ..Self::shared(path)
        }
    }
}

/// One row of a table.
struct Tool {
    name: &'static str,
    programs: &'static [&'static str],
    /// What a command reads from the cache, when it is one that fills it. The words are the arguments
    /// without flags.
    uses: fn(&Command, &[&str]) -> Option<Reads>,
    folders: fn(&Command, &Surroundings<'_>) -> Result<Vec<Folder>, String>,
}

/// The cache that a command fills, if it is one that downloads or compiles.
pub(crate) fn package_cache(command: &Command, around: &Surroundings<'_>) -> Option<PackageCache> {
    let command = &python::without_interpreter(command);
    let is_question = |argument: &String| matches!(argument.as_str(), "--help" | "--version");
    if command.arguments.iter().any(is_question) {
        return None;
    }
    let words = words(command);
    tools().find_map(|tool| {
        let is_called = tool.programs.contains(&command.program.as_str());
        let reads = is_called.then(|| (tool.uses)(command, &words)).flatten()?;
        Some(PackageCache {
            tool: tool.name,
            folders: (tool.folders)(command, around),
            reads,
        })
    })
}

/// Flags whose next argument is their value, and never what a tool is to do.
/// Source: the manuals of the tools
const VALUE_FLAGS: [&str; 12] = [
    "--cwd",
    "--directory",
    "--dir",
    "--filter",
    "--loglevel",
    "--mutex",
    "--network-concurrency",
    "--network-timeout",
    "--prefix",
    "--project",
    "--registry",
    "-C",
];

/// The arguments of a command without its flags.
fn words(command: &Command) -> Vec<&str> {
    let mut words = Vec::new();
    let mut arguments = command.arguments.iter().map(String::as_str);
    while let Some(argument) = arguments.next() {
        if VALUE_FLAGS.contains(&argument) {
            arguments.next();
        } else if !argument.starts_with('-') {
            words.push(argument);
        }
    }
    words
}

/// Whether a mount of a cache at `path` is meant for a tool, by the names in its path.
pub(crate) fn is_meant_for(tool: &str, path: &str) -> bool {
    let names: &[&str] = match tool {
        "npm" => &[".npm"],
        "yarn" => &["yarn", ".yarn"],
        "pnpm" => &["pnpm", ".pnpm", ".pnpm-store"],
        "bun" => &[".bun"],
        "pip" => &["pip"],
        "uv" => &["uv"],
        "poetry" => &["pypoetry"],
        "pipenv" => &["pipenv"],
        "cargo" => &["cargo", ".cargo"],
        "go" => &["go", "go-build"],
        "maven" => &[".m2"],
        "gradle" => &[".gradle"],
        "nuget" => &[".nuget"],
        "composer" => &["composer", ".composer"],
        "apt" => &["apt"],
        "apk" => &["apk"],
        "dnf" => &["dnf", "libdnf5", "yum"],
        _ => &[],
    };
    path.split('/').any(|part| names.contains(&part))
}

/// The names of all tools.
pub(crate) fn tool_names() -> impl Iterator<Item = &'static str> {
    tools().map(|tool| tool.name)
}

/// Whether a program is one of a tool's.
pub(crate) fn is_program_of(tool: &str, program: &str) -> bool {
    tools().any(|row| row.name == tool && row.programs.contains(&program))
}

fn tools() -> impl Iterator<Item = &'static Tool> {
    let families: [&'static [Tool]; 5] = [
        &javascript::TOOLS,
        &python::TOOLS,
        &compiled::TOOLS,
        &php_ruby::TOOLS,
        &system::TOOLS,
    ];
    families.into_iter().flatten()
}

fn has_flag(command: &Command, flags: &[&str]) -> bool {
    let mut arguments = command.arguments.iter();
    arguments.any(|argument| {
        let name = argument.split('=').next().unwrap_or(argument);
        flags.contains(&name)
    })
}

/// The refusal of a path that a flag of the command gives.
fn refuse_flag(command: &Command, flags: &[&str]) -> Result<(), String> {
    match flags.iter().find(|flag| has_flag(command, &[flag])) {
        Some(flag) => Err(format!("`{flag}` says where the cache is")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
