//! Commands and flags that empty a cache or turn it off: right where the cache would be part of the
//! image, wrong where it is mounted.

use super::{Folder, Surroundings, is_within, python, unexpanded_prefix};
use crate::analysis::shell::Command;

/// What of a command works against a cache mount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum CleanUp {
    /// The whole command.
    Command,
    /// These of its arguments.
    Arguments(Vec<usize>),
    /// This argument, in whose place another one goes.
    Replaced(usize, &'static str),
    /// It does, or may, in a way that cannot be taken out: why.
    Unclear(String),
}

/// Commands that empty the cache of a tool: programs, and the words after them.
/// Source: the manuals of the tools
const EMPTYING: [(&str, &[&str], &[&str]); 16] = [
    ("npm", &["npm"], &["cache", "clean"]),
    ("npm", &["npm"], &["cache", "clear"]),
    ("npm", &["npm"], &["cache", "rm"]),
    ("yarn", &["yarn"], &["cache", "clean"]),
    ("pnpm", &["pnpm"], &["store", "prune"]),
    ("bun", &["bun"], &["pm", "cache", "rm"]),
    ("pip", &["pip", "pip3"], &["cache", "purge"]),
    ("uv", &["uv"], &["cache", "clean"]),
    ("uv", &["uv"], &["cache", "prune"]),
    ("poetry", &["poetry"], &["cache", "clear"]),
    ("composer", &["composer"], &["clear-cache"]),
    ("composer", &["composer"], &["clearcache"]),
    ("apt", &["apt-get", "apt"], &["clean"]),
    ("apt", &["apt-get", "apt"], &["autoclean"]),
    ("dnf", &["dnf", "microdnf", "yum"], &["clean", "all"]),
    ("nuget", &["dotnet"], &["nuget", "locals"]),
];

/// Flags that turn the cache of a tool off, for one command.
const DISABLING: [(&str, &[&str], &str); 4] = [
    ("pip", &["pip", "pip3"], "--no-cache-dir"),
    ("uv", &["uv"], "--no-cache"),
    ("poetry", &["poetry"], "--no-cache"),
    ("apk", &["apk"], "--no-cache"),
];

/// What of a command works against mounts of a tool's cache at `folders`.
pub(crate) fn clean_ups(
    command: &Command,
    tool: &str,
    folders: &[Folder],
    around: &Surroundings<'_>,
) -> Option<CleanUp> {
    // The interpreter's arguments shift those of pip.
    let shift = usize::from(command.program.starts_with("python")) * 2;
    let pip = python::without_interpreter(command);
    if command.program == "rm" {
        return removal(command, folders, around);
    }
    if empties(&pip, tool) {
        return Some(CleanUp::Command);
    }
    if let Some(index) = disabling_flag(&pip, tool) {
        return Some(if tool == "apk" {
            // It also fetched the index, which nothing else does.
            CleanUp::Replaced(index, "--update-cache")
        } else {
            CleanUp::Arguments(vec![index + shift])
        });
    }
    go_clean(command, tool)
}

fn empties(command: &Command, tool: &str) -> bool {
    let arguments = command.arguments.iter().map(String::as_str);
    let words: Vec<&str> = arguments
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    EMPTYING.iter().any(|(name, programs, start)| {
        *name == tool && programs.contains(&command.program.as_str()) && words.starts_with(start)
    })
}

fn disabling_flag(command: &Command, tool: &str) -> Option<usize> {
    let mut rows = DISABLING.iter();
    let (.., flag) = rows.find(|(name, programs, _)| {
        *name == tool && programs.contains(&command.program.as_str())
    })?;
    let mut arguments = command.arguments.iter();
    arguments.position(|argument| argument.split('=').next() == Some(flag))
}

/// `go clean` can do several things at once.
/// Source: <https://pkg.go.dev/cmd/go#hdr-Remove_object_files_and_cached_files>
fn go_clean(command: &Command, tool: &str) -> Option<CleanUp> {
    let [first, flags @ ..] = command.arguments.as_slice() else {
        return None;
    };
    if tool != "go" || command.program != "go" || first != "clean" {
        return None;
    }
    let is_of_cache =
        |flag: &String| matches!(flag.as_str(), "-cache" | "-modcache" | "-testcache");
    if !flags.is_empty() && flags.iter().all(is_of_cache) {
        return Some(CleanUp::Command);
    }
    flags
        .iter()
        .any(is_of_cache)
        .then(|| CleanUp::Unclear("`go clean` also removes other things".to_owned()))
}

/// The arguments of `rm` that lie in a mount. A folder around one cannot be removed at all.
fn removal(command: &Command, folders: &[Folder], around: &Surroundings<'_>) -> Option<CleanUp> {
    let mut inside = Vec::new();
    let mut path_count = 0;
    for (index, argument) in command.arguments.iter().enumerate() {
        if argument.starts_with('-') {
            continue;
        }
        path_count += 1;
        match removed(argument, folders, around) {
            Removed::Inside => inside.push(index),
            Removed::Elsewhere => {}
            Removed::Around => {
                return Some(CleanUp::Unclear(format!(
                    "`rm` removes `{argument}`, which would hold the mount"
                )));
            }
        }
    }
    match inside.len() {
        0 => None,
        count if count == path_count => Some(CleanUp::Command),
        _ => Some(CleanUp::Arguments(inside)),
    }
}

enum Removed {
    Inside,
    Around,
    Elsewhere,
}

fn removed(argument: &str, folders: &[Folder], around: &Surroundings<'_>) -> Removed {
    let known = around
        .absolute(argument)
        .unwrap_or_else(|| argument.to_owned());
    let prefix = unexpanded_prefix(&known);
    let is_pattern = prefix.len() < known.len();
    let starts = |folder: &Folder| format!("{}/", folder.path).starts_with(prefix);
    if folders
        .iter()
        .any(|folder| is_within(prefix.trim_end_matches('/'), &folder.path))
    {
        Removed::Inside
    } else if known.starts_with(['$', '`'])
        || is_pattern && prefix.starts_with('/') && folders.iter().any(starts)
        || !is_pattern && folders.iter().any(|folder| is_within(&folder.path, prefix))
    {
        Removed::Around
    } else {
        Removed::Elsewhere
    }
}

/// Whether a word of a command, other than one that removes, names something in these folders or
/// around them: what it does there is not known.
pub(crate) fn hides_results(
    command: &Command,
    folders: &[Folder],
    around: &Surroundings<'_>,
) -> bool {
    let names = |argument: &String| {
        let value = argument.rsplit('=').next().unwrap_or(argument);
        let Some(path) = around.absolute(value) else {
            return false;
        };
        let is_path = value.starts_with(['/', '~', '$']);
        is_path && folders.iter().any(|folder| is_within(&path, &folder.path))
    };
    // Whoever makes the folder, or gives it to someone, takes nothing out of it.
    let is_harmless = matches!(command.program.as_str(), "chmod" | "chown" | "mkdir" | "rm");
    !is_harmless && command.arguments.iter().any(names)
}
