//! What programs leave behind, and how it is deleted.

use crate::analysis::shell::Command;

/// A part of a path, and the programs that leave something there.
///
/// Source: apt-get(8), apk(8), dnf(8); npm, yarn, pip, Bundler, Go and Cargo on their cache folders.
const LEFTOVERS: [(&str, &[&str]); 13] = [
    ("/var/lib/apt/", &["apt", "apt-get"]),
    ("/var/cache/apt", &["apt", "apt-get"]),
    ("/var/cache/apk", &["apk"]),
    ("/var/cache/dnf", &["dnf", "microdnf"]),
    ("/var/cache/yum", &["yum"]),
    ("/.npm", &["npm", "npx"]),
    ("/.cache/pip", &["pip", "pip3"]),
    ("/.cache/yarn", &["yarn"]),
    (".yarn/cache", &["yarn"]),
    ("node_modules/.cache", &["npm", "npx", "pnpm", "yarn"]),
    ("bundle/cache", &["bundle", "gem"]),
    ("/gems/cache", &["bundle", "gem"]),
    ("/cargo/registry", &["cargo"]),
];

/// The programs whose leftovers commands delete, when they do nothing else.
pub(super) fn makers(commands: &[Command]) -> Option<Vec<&'static str>> {
    let mut makers = Vec::new();
    for command in commands {
        makers.extend(deleted(command)?);
    }
    (!makers.is_empty()).then_some(makers)
}

fn deleted(command: &Command) -> Option<Vec<&'static str>> {
    let arguments: Vec<&str> = command
        .arguments
        .iter()
        .map(String::as_str)
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    match (command.program.as_str(), arguments.as_slice()) {
        ("rm", paths) => {
            let mut makers = Vec::new();
            for path in paths {
                let known = LEFTOVERS.iter().find(|(part, _)| path.contains(part));
                makers.extend_from_slice(known?.1);
            }
            Some(makers)
        }
        ("apt" | "apt-get", ["clean" | "autoclean"]) => Some(vec!["apt", "apt-get"]),
        ("apk", ["cache", "clean"]) => Some(vec!["apk"]),
        ("dnf" | "microdnf", ["clean", "all"]) => Some(vec!["dnf", "microdnf"]),
        ("yum", ["clean", "all"]) => Some(vec!["yum"]),
        ("npm", ["cache", "clean"]) => Some(vec!["npm", "npx"]),
        ("yarn", ["cache", "clean"]) => Some(vec!["yarn"]),
        ("pip" | "pip3", ["cache", "purge"]) => Some(vec!["pip", "pip3"]),
        _ => None,
    }
}
