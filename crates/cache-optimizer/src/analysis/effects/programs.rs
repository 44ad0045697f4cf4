//! Which variables programs read without being told to.

use super::Use;
use crate::analysis::install::install;
use crate::analysis::shell::Command;

/// Programs that run nothing of the project, and read no variables but those of [`EVERYWHERE`] and of
/// their own name.
const QUIET: [&str; 61] = [
    "addgroup",
    "adduser",
    "apk",
    "apt",
    "apt-get",
    "apt-key",
    "apt-mark",
    "awk",
    "cat",
    "cd",
    "chgrp",
    "chmod",
    "chown",
    "chsh",
    "cp",
    "curl",
    "cut",
    "date",
    "dnf",
    "dpkg",
    "echo",
    "false",
    "git",
    "gpg",
    "grep",
    "groupadd",
    "gunzip",
    "gzip",
    "head",
    "id",
    "install",
    "ldconfig",
    "ln",
    "locale-gen",
    "ls",
    "microdnf",
    "mkdir",
    "mv",
    "printf",
    "pwd",
    "rm",
    "rmdir",
    "sed",
    "sha256sum",
    "sha512sum",
    "sleep",
    "sort",
    "tail",
    "tar",
    "tdnf",
    "tee",
    "touch",
    "tr",
    "true",
    "uname",
    "unzip",
    "useradd",
    "usermod",
    "wget",
    "yum",
    "zypper",
];

/// Names, or their beginnings with `_`, that any program may read.
///
/// Source: environ(7), locale(7), ld.so(8), apt.conf(5), debconf(7), curl(1), wget(1).
const EVERYWHERE: [&str; 28] = [
    "APT_",
    "BASH_ENV",
    "CI",
    "CURL_",
    "DEBCONF_",
    "DEBIAN_",
    "DEB_",
    "DPKG_",
    "ENV",
    "GZIP",
    "HOME",
    "IFS",
    "LANG",
    "LANGUAGE",
    "LC_",
    "LD_",
    "LOGNAME",
    "PATH",
    "PWD",
    "SHELL",
    "SOURCE_DATE_EPOCH",
    "SSL_",
    "TAR_",
    "TMPDIR",
    "TZ",
    "UCF_",
    "USER",
    "WGETRC",
];

/// Beginnings of names that package managers of languages, and what they run, read.
///
/// Source: research/cache.md section 5, rule 2.
const TOOLS: [&str; 48] = [
    "AR",
    "BUNDLE",
    "CARGO",
    "CC",
    "CFLAGS",
    "CGO_",
    "CMAKE",
    "COMPOSER",
    "CPPFLAGS",
    "CXX",
    "CYPRESS_",
    "DEP_",
    "DOTNET",
    "ELECTRON",
    "GEM_",
    "GO",
    "GRADLE",
    "HUSKY",
    "JAVA",
    "JDK_",
    "LDFLAGS",
    "MAKE",
    "MAVEN",
    "MSBUILD",
    "MVN_",
    "NEXT_",
    "NODE_",
    "NPM_",
    "NUGET",
    "NUXT_",
    "PBR_",
    "PHP",
    "PIP",
    "PKG_",
    "PLAYWRIGHT_",
    "PNPM_",
    "POETRY",
    "PUPPETEER_",
    "PYTHON",
    "RACK_",
    "RAILS_",
    "RUBY",
    "RUST",
    "SENTRYCLI_",
    "SETUPTOOLS_",
    "UV_",
    "VERGEN_",
    "YARN_",
];

/// Beginnings of the names that Git itself reads; tools run it on their own.
///
/// Source: git(1), section Environment Variables
const GIT: [&str; 14] = [
    "GIT_ASKPASS",
    "GIT_AUTHOR",
    "GIT_CEILING",
    "GIT_COMMITTER",
    "GIT_CONFIG",
    "GIT_DIR",
    "GIT_EXEC",
    "GIT_INDEX",
    "GIT_LFS",
    "GIT_PROXY",
    "GIT_SSH",
    "GIT_SSL",
    "GIT_TERMINAL",
    "GIT_WORK",
];

/// Whether a command reads the variable `name`, which its text does not mention.
pub(super) fn usage(command: &Command, name: &str) -> Use {
    if is_read_everywhere(name) {
        return Use::Yes;
    }
    let upper = name.to_ascii_uppercase();
    let program = command.program.as_str();
    match program {
        // Without a name to set, these print all of the environment.
        "set" | "export" if !command.arguments.is_empty() => Use::No,
        "test" | "[" | ":" => Use::No,
        "find" if !runs_another_program(&command.arguments) => Use::No,
        _ if QUIET.contains(&program) => Use::No,
        _ if TOOLS.iter().any(|start| upper.starts_with(start)) => Use::Yes,
        _ => installed(command),
    }
}

fn is_read_everywhere(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    upper.ends_with("_PROXY")
        || GIT.iter().any(|start| upper.starts_with(start))
        || EVERYWHERE.iter().any(|known| {
            if known.ends_with('_') {
                upper.starts_with(known)
            } else {
                upper == *known
            }
        })
}

fn runs_another_program(arguments: &[String]) -> bool {
    let runs = |flag: &str| matches!(flag, "-exec" | "-execdir" | "-ok" | "-okdir");
    let mut arguments = arguments.iter();
    arguments.any(|argument| runs(argument))
        && arguments
            .next()
            .is_none_or(|program| !QUIET.contains(&program.as_str()))
}

/// Whether an install of packages reads a name that no tool is known to read.
fn installed(command: &Command) -> Use {
    let has = |wanted: &str| command.arguments.iter().any(|argument| argument == wanted);
    match (command.program.as_str(), install(command)) {
        ("go", _) if has("mod") && has("download") => Use::No,
        ("cargo", Some(_)) if has("fetch") => Use::No,
        // A property of the build may be called as any variable is.
        // Source: https://learn.microsoft.com/visualstudio/msbuild/how-to-use-environment-variables-in-a-build
        ("dotnet", _) => Use::Yes,
        (_, None) if installs_by_name(command) => Use::Unlikely,
        (_, None) => Use::Yes,
        // What is installed from the project's own folder runs the project's code.
        (_, Some(_)) if has(".") || has("-e") || has("--editable") => Use::Yes,
        ("npm" | "yarn" | "pnpm" | "bun", Some(_)) if has("--ignore-scripts") => Use::No,
        (_, Some(_)) => Use::Unlikely,
    }
}

/// Whether a command installs packages that it names, and nothing of the project.
fn installs_by_name(command: &Command) -> bool {
    let is_global = |argument: &String| matches!(argument.as_str(), "-g" | "--global");
    let verb = match command.program.as_str() {
        "gem" | "pip" | "pip3" => "install",
        "npm" if command.arguments.iter().any(is_global) => "install",
        _ => return false,
    };
    let is_name =
        |argument: &&String| !argument.starts_with(['.', '/', '$']) && !argument.contains("://");
    let words: Vec<_> = command
        .arguments
        .iter()
        .filter(|argument| !argument.starts_with('-') && !is_global(argument))
        .collect();
    words.len() > 1 && words[0] == verb && words.iter().all(is_name)
}
