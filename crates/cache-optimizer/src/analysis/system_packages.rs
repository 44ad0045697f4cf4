//! Commands that install packages of the distribution.

use super::shell::Command;

/// The package managers, and what makes them install.
/// Source: apt-get(8), apk(8), dnf(8), yum(8), zypper(8)
const PACKAGE_MANAGERS: [(&str, &str); 7] = [
    ("apk", "add"),
    ("apt", "install"),
    ("apt-get", "install"),
    ("dnf", "install"),
    ("microdnf", "install"),
    ("yum", "install"),
    ("zypper", "install"),
];

/// The package manager and its verb when a command installs packages of the distribution.
pub(crate) fn installer(command: &Command) -> Option<(&'static str, &'static str)> {
    let mut managers = PACKAGE_MANAGERS.into_iter();
    managers.find(|(manager, verb)| {
        command.program == *manager && command.arguments.iter().any(|argument| argument == verb)
    })
}

/// Whether a program is a package manager of a distribution.
pub(crate) fn is_manager(program: &str) -> bool {
    PACKAGE_MANAGERS
        .iter()
        .any(|(manager, _)| *manager == program)
}

/// Whether a command is of a package manager, and takes packages from its repositories alone.
pub(crate) fn uses_repositories_only(command: &Command) -> bool {
    let is_file = |argument: &String| is_package_file(argument);
    is_manager(&command.program) && !command.arguments.iter().any(is_file)
}

/// Whether commands only install, update or remove packages of repositories, and perhaps delete what
/// that leaves.
pub(crate) fn only_manage(commands: &[Command]) -> bool {
    let is_known = |command: &Command| {
        uses_repositories_only(command) || command.program == "rm" && removes_leftovers(command)
    };
    commands.iter().any(|command| is_manager(&command.program)) && commands.iter().all(is_known)
}

/// Whether a `rm` removes only what programs leave behind.
pub(crate) fn removes_leftovers(command: &Command) -> bool {
    let is_leftover = |argument: &String| {
        ["-", "/var/", "/tmp/"]
            .iter()
            .any(|start| argument.starts_with(start))
    };
    command.arguments.iter().all(is_leftover)
}

fn is_package_file(argument: &str) -> bool {
    argument == "."
        || argument.starts_with(['/', '$'])
        || argument.starts_with("./")
        || [".apk", ".deb", ".rpm"]
            .iter()
            .any(|end| argument.ends_with(end))
}
