//! What commands install and remove of the distribution's packages, and which packages are for building.

use super::shell::Command;
use super::system_packages::installer;

/// What makes the package managers remove.
/// Source: apt-get(8), apk(8), dnf(8), yum(8), zypper(8)
const REMOVAL_VERBS: [(&str, &[&str]); 7] = [
    ("apk", &["del"]),
    ("apt", &["autoremove", "purge", "remove"]),
    ("apt-get", &["autoremove", "purge", "remove"]),
    ("dnf", &["erase", "remove"]),
    ("microdnf", &["remove"]),
    ("yum", &["erase", "remove"]),
    ("zypper", &["remove"]),
];

/// Packages that compile, configure or link, and that no program needs to run.
/// Source: the package indexes of Debian, Alpine and Fedora.
const BUILD_PACKAGES: [&str; 25] = [
    "autoconf",
    "automake",
    "bison",
    "build-base",
    "build-essential",
    "cargo",
    "clang",
    "cmake",
    "flex",
    "g++",
    "gcc",
    "gcc-c++",
    "golang",
    "golang-go",
    "gradle",
    "libtool",
    "linux-headers",
    "make",
    "maven",
    "nasm",
    "ninja-build",
    "pkg-config",
    "pkgconf",
    "rust",
    "rustc",
];

/// What a command installs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Installed<'a> {
    /// The packages, without versions.
    pub(crate) packages: Vec<&'a str>,
    /// The name that apk gives to all of them, by which they are removed.
    pub(crate) group: Option<&'a str>,
}

/// What a command installs of the distribution. `None` when it installs nothing.
pub(crate) fn installed(command: &Command) -> Option<Installed<'_>> {
    let (_, verb) = installer(command)?;
    let mut installed = Installed {
        packages: Vec::new(),
        group: None,
    };
    let mut arguments = command.arguments.iter().map(String::as_str);
    while let Some(argument) = arguments.next() {
        match argument {
            "-t" | "--virtual" if command.program == "apk" => installed.group = arguments.next(),
            "-t" | "--target-release" | "--repository" | "-X" | "-o" => drop(arguments.next()),
            _ if argument == verb => {}
            _ if argument.starts_with("--virtual=") => {
                installed.group = argument.strip_prefix("--virtual=");
            }
            _ if argument.starts_with(['-', '$']) => {}
            _ => installed.packages.push(name(argument)),
        }
    }
    Some(installed)
}

/// What a command removes of the distribution: packages, and groups of apk.
pub(crate) fn removed(command: &Command) -> Vec<&str> {
    let mut managers = REMOVAL_VERBS.iter();
    let Some((_, verbs)) = managers.find(|(name, _)| command.program == *name) else {
        return Vec::new();
    };
    let mut words = command.arguments.iter().map(String::as_str);
    if !words.clone().any(|word| verbs.contains(&word)) {
        return Vec::new();
    }
    let is_name = |word: &&str| !word.starts_with('-') && !verbs.contains(word);
    words.by_ref().filter(is_name).map(name).collect()
}

/// The name of a package without its version.
fn name(package: &str) -> &str {
    package
        .split(['=', '<', '>', '~'])
        .next()
        .unwrap_or(package)
}

/// Whether a package is for building alone: a compiler, a build tool, headers.
pub(crate) fn is_for_building(package: &str) -> bool {
    let is_headers = package.ends_with("-dev") || package.ends_with("-devel");
    let is_compiler = package
        .strip_prefix("gcc-")
        .or(package.strip_prefix("g++-"));
    let is_versioned = is_compiler.is_some_and(|it| it.chars().all(|c| c.is_ascii_digit()));
    is_headers || is_versioned || BUILD_PACKAGES.contains(&package)
}

#[cfg(test)]
mod tests {
    use super::super::shell::commands;
    use super::*;

    #[test]
    fn packages_are_told_from_flags_versions_and_groups() {
        let command = &commands("apk add --no-cache --virtual .deps gcc 'musl-dev>1' git=2")[0];
        let installed = installed(command).unwrap();
        assert_eq!(installed.packages, ["gcc", "musl-dev", "git"]);
        assert_eq!(installed.group, Some(".deps"));
        assert_eq!(super::installed(&commands("apt-get update")[0]), None);
        assert_eq!(super::installed(&commands("pip install gcc")[0]), None);
    }

    #[test]
    fn removals_name_packages_and_groups() {
        let removals = |script| {
            let commands = commands(script);
            removed(&commands[0]).join(" ")
        };
        assert_eq!(removals("apk del .deps"), ".deps");
        assert_eq!(
            removals("apt-get autoremove -yqq --purge build-essential"),
            "build-essential"
        );
        assert_eq!(removals("apt-get install gcc"), "");
    }

    #[test]
    fn compilers_and_headers_are_for_building() {
        for package in [
            "build-essential",
            "libpq-dev",
            "openssl-devel",
            "gcc-12",
            "make",
        ] {
            assert!(is_for_building(package), "{package}");
        }
        for package in ["curl", "git", "libpq5", "gcc-libs", "python3"] {
            assert!(!is_for_building(package), "{package}");
        }
    }
}
