//! Which variables have another value in each build.

use common::dockerfile::{Detail, Instruction};

use super::super::Subject;

/// Names of what identifies one build or one commit.
///
/// Source: <https://github.com/opencontainers/image-spec/blob/main/annotations.md>, the variables of
/// GitLab CI and GitHub Actions, and research/cache.md section 4.
const OF_A_BUILD: [&str; 21] = [
    "BUILD_DATE",
    "BUILD_ID",
    "BUILD_NUMBER",
    "BUILD_REF",
    "BUILD_REV",
    "BUILD_SHA",
    "BUILD_TIME",
    "BUILD_TIMESTAMP",
    "BUILDTIME",
    "CACHEBUST",
    "CACHE_BUST",
    "COMMIT",
    "COMMIT_DATE",
    "COMMIT_HASH",
    "COMMIT_ID",
    "COMMIT_REF",
    "COMMIT_SHA",
    "REVISION",
    "SOURCE_COMMIT",
    "VCS_REF",
    "VCS_REVISION",
];

/// Beginnings of such names.
const OF_A_BUILD_STARTS: [&str; 10] = [
    "CI_COMMIT_",
    "CI_JOB_",
    "CI_PIPELINE_",
    "GIT_BRANCH",
    "GIT_COMMIT",
    "GIT_DESCRIBE",
    "GIT_HASH",
    "GIT_REF",
    "GIT_REV",
    "GIT_SHA",
];

/// Ends of such names.
const OF_A_BUILD_ENDS: [&str; 6] = [
    "_BUILD_DATE",
    "_BUILD_NUMBER",
    "_COMMIT_SHA",
    "_GIT_SHA",
    "_REVISION",
    "_VCS_REF",
];

/// Names that a project gives its own version. One of a tool, such as `GO_VERSION`, is edited rarely.
const OF_A_RELEASE: [&str; 4] = ["APP_VERSION", "BUILD_VERSION", "RELEASE_VERSION", "VERSION"];

/// Defaults that stand for a value that is given to the build.
const PLACEHOLDERS: [&str; 13] = [
    "",
    "0.0.0",
    "0.0.0-dev",
    "dev",
    "devel",
    "development",
    "latest",
    "local",
    "main",
    "master",
    "none",
    "unknown",
    "unset",
];

/// The variable that an `ARG` declares whose value is another one in each build. A default that is
/// written down means that builds seldom give another one, unless the name says what it is.
pub(super) fn volatile(subject: &Subject<'_>, at: &Instruction) -> Option<String> {
    let Detail::Arg(args) = &at.detail else {
        return None;
    };
    let found = args.iter().take_while(|arg| arg.name != "#").find(|arg| {
        let default = arg.default.as_deref();
        let is_given = default.or_else(|| global_default(subject, &arg.name));
        let is_placeholder = is_given.is_none_or(|default| {
            let default = default.trim_matches(['"', '\'']);
            PLACEHOLDERS.contains(&default.to_ascii_lowercase().as_str())
        });
        let name = arg.name.to_ascii_uppercase();
        is_of_a_build(&name) && !is_pinned(default)
            || is_placeholder && OF_A_RELEASE.contains(&name.as_str())
            || name.ends_with("_VERSION")
                && (is_given.is_none_or(is_branch) || is_argument(subject, &arg.name))
            || has_several_values(subject, &arg.name)
    });
    found.map(|arg| arg.name.clone())
}

fn is_of_a_build(name: &str) -> bool {
    OF_A_BUILD.contains(&name)
        || OF_A_BUILD_STARTS
            .iter()
            .any(|start| name.starts_with(start))
        || OF_A_BUILD_ENDS.iter().any(|end| name.ends_with(end))
}

/// Whether a default is a commit that someone wrote down, as for a dependency.
fn is_pinned(default: Option<&str>) -> bool {
    default.is_some_and(|default| {
        let default = default.trim_matches(['"', '\'']);
        default.len() >= 7 && default.chars().all(|c| c.is_ascii_hexdigit())
            || default.starts_with('v') && default.contains('.')
            || default.starts_with(|c: char| c.is_ascii_digit()) && default.contains('.')
    })
}

fn global_default<'a>(subject: &Subject<'a>, name: &str) -> Option<&'a str> {
    let mut globals = subject.recipe.dockerfile.global_args.iter().rev();
    let global = globals.find(|arg| arg.name == name)?;
    global.default.as_deref()
}

/// Whether a default names a branch, which goes on.
fn is_branch(default: &str) -> bool {
    default.contains('/') && !default.contains("://")
}

/// Whether a build was given a value for a variable.
fn is_argument(subject: &Subject<'_>, name: &str) -> bool {
    let mut targets = subject.targets.iter();
    targets.any(|target| target.build_args.contains_key(name))
}

/// Whether targets of one build, made from the same Dockerfile, have different values.
fn has_several_values(subject: &Subject<'_>, name: &str) -> bool {
    let mut values = subject
        .targets
        .iter()
        .map(|target| target.build_args.get(name));
    let first = values.next();
    first.is_some_and(|first| values.any(|value| value != first))
}
