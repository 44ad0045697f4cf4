//! The rules that Dockerfiles are checked by, one file each.

mod apt_update_alone;
mod build_tools_in_runtime;
mod build_work_in_runtime;
mod cache_mount_emptied;
mod cache_mount_output_lost;
mod cache_mount_unused_path;
mod cleanup_in_later_layer;
#[cfg(test)]
mod controls;
mod copied_file_ignored;
mod copy_before_install;
mod copy_instead_of_bind;
mod copy_link;
mod copy_too_broad;
mod copy_whole_stage;
mod dependencies_built_with_sources;
mod dockerignore_pattern_misses;
mod install_ignores_failure;
mod missing_cache_mount;
mod missing_dockerignore;
mod redundant_rebuild_flag;
#[cfg(test)]
pub(crate) mod sample;
mod serial_stages;
mod split_system_packages;
mod system_packages_after_copy;
mod undeclared_platform_arg;
mod unpinned_add_url;
mod unpinned_base;
mod unquoted_version_constraint;
mod unused_file_copied;
mod unused_stage;
mod volatile_arg_early;

use std::collections::HashMap;

use super::stage_state::State;
use crate::model::build::Target;
use crate::model::edit::Edit;
use crate::model::recipe::Recipe;

/// One rule.
#[derive(Debug)]
pub(crate) struct Rule {
    /// Names the rule in reports: kebab-case, never reused for something else.
    pub(crate) id: &'static str,
    /// Why what it finds costs time or space.
    pub(crate) reason: &'static str,
    /// Where that is written down.
    pub(crate) source: &'static str,
    /// How much what it finds matters.
    pub(crate) weight: Weight,
    /// Looks for it.
    pub(crate) check: fn(&Subject<'_>) -> Vec<Found>,
}

/// What a rule looks at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subject<'a> {
    /// The Dockerfile and its context.
    pub(crate) recipe: &'a Recipe,
    /// Milliseconds of the steps that ran, by the line of their instruction.
    pub(crate) durations_ms: &'a HashMap<u32, u64>,
    /// What the build made of it. Empty without a build report.
    pub(crate) targets: &'a [&'a Target],
    /// The state before each instruction, by stage, then by instruction.
    pub(crate) states: &'a [Vec<State>],
}

/// How much it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weight {
    /// It costs time, space or trust.
    Warning,
    /// It is worth knowing.
    Note,
}

/// What a rule found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// The line in the Dockerfile, from 1.
    pub(crate) line: u32,
    /// What is there, in one sentence without a full stop.
    pub(crate) message: String,
    /// What to do about it.
    pub(crate) advice: String,
    /// Milliseconds saved by each rebuild that meets the fault. `None` when that was not measured.
    pub(crate) saved_ms: Option<u64>,
    /// Bytes that need not be sent. `None` when that is not what mending saves.
    pub(crate) saved_bytes: Option<u64>,
    /// How sure it is that mending it is safe and helps.
    pub(crate) confidence: Confidence,
    /// The change that mends it.
    pub(crate) remedy: Remedy,
}

impl Found {
    /// What is found in a line, with nothing measured and no change to offer.
    pub(crate) fn new(line: u32, message: String, advice: String) -> Self {
        Self {
            line,
            message,
            advice,
            saved_ms: None,
            saved_bytes: None,
            confidence: Confidence::Likely,
            remedy: Remedy::None,
        }
    }
}

/// How sure advice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Confidence {
    /// It follows from what the builder documents, or was measured.
    Certain,
    /// It holds for projects that keep to the tool's conventions.
    Likely,
    /// It depends on what is not known here.
    Possible,
}

/// The change that mends what was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Remedy {
    /// The rule never offers one.
    None,
    /// These edits, which belong together.
    Patch(Vec<Edit>),
    /// None is offered, because it is not known to be safe: why.
    Withheld(String),
}

/// All rules, by id.
pub(crate) static RULES: &[Rule] = &[
    Rule {
        id: "apt-update-alone",
        reason: "lists from the cache go out of date, and then the install fails or installs old packages",
        source: "https://docs.docker.com/build/building/best-practices/#apt-get",
        weight: Weight::Warning,
        check: apt_update_alone::check,
    },
    Rule {
        id: "build-tools-in-runtime",
        reason: "compilers and headers make the image larger, and are rarely needed to run it",
        source: "https://docs.docker.com/build/building/multi-stage/#use-multi-stage-builds",
        weight: Weight::Warning,
        check: build_tools_in_runtime::check,
    },
    Rule {
        id: "build-work-in-runtime",
        reason: "what only a build needs is installed again whenever its step runs",
        source: "https://docs.docker.com/build/building/best-practices/#use-multi-stage-builds",
        weight: Weight::Note,
        check: build_work_in_runtime::check,
    },
    Rule {
        id: "cache-mount-emptied",
        reason: "what is in a cache mount is not part of the image, so cleaning up only takes it from the next build",
        source: "https://docs.docker.com/build/cache/optimize/#use-cache-mounts",
        weight: Weight::Warning,
        check: cache_mount_emptied::check,
    },
    Rule {
        id: "cache-mount-output-lost",
        reason: "what is written to a cache mount is not part of the image, and may be gone at any time",
        source: "https://docs.docker.com/reference/dockerfile/#run---mounttypecache",
        weight: Weight::Warning,
        check: cache_mount_output_lost::check,
    },
    Rule {
        id: "cache-mount-unused-path",
        reason: "a cache mount that its tool does not use, or cannot write to, keeps nothing",
        source: "https://docs.docker.com/reference/dockerfile/#run---mounttypecache",
        weight: Weight::Warning,
        check: cache_mount_unused_path::check,
    },
    Rule {
        id: "cleanup-in-later-layer",
        reason: "a layer keeps what a later one deletes, so that the image does not shrink",
        source: "https://docs.docker.com/build/building/best-practices/#apt-get",
        weight: Weight::Warning,
        check: cleanup_in_later_layer::check,
    },
    Rule {
        id: "copied-file-ignored",
        reason: "what the ignore file excludes is not there for the builder, so the step fails",
        source: "https://docs.docker.com/reference/build-checks/copy-ignored-file/",
        weight: Weight::Warning,
        check: copied_file_ignored::check,
    },
    Rule {
        id: "copy-before-install",
        reason: "a step runs again when a step before it does, so any edit installs all dependencies",
        source: "https://docs.docker.com/build/cache/optimize/#order-your-layers",
        weight: Weight::Warning,
        check: copy_before_install::check,
    },
    Rule {
        id: "copy-instead-of-bind",
        reason: "files that one step alone reads need no layer and no step of their own",
        source: "https://docs.docker.com/build/cache/optimize/#use-bind-mounts",
        weight: Weight::Note,
        check: copy_instead_of_bind::check,
    },
    Rule {
        id: "copy-link",
        reason: "a layer that depends on nothing below it stays as it is when the base image changes",
        source: "https://docs.docker.com/reference/dockerfile/#benefits-of-using---link",
        weight: Weight::Note,
        check: copy_link::check,
    },
    Rule {
        id: "copy-too-broad",
        reason: "a copy runs again, and all after it, when anything of what it takes changes",
        source: "https://docs.docker.com/build/cache/optimize/#keep-the-context-small",
        weight: Weight::Warning,
        check: copy_too_broad::check,
    },
    Rule {
        id: "copy-whole-stage",
        reason: "a copy runs again when anything of what it takes changes, and the image keeps all of it",
        source: "https://docs.docker.com/build/building/best-practices/#use-multi-stage-builds",
        weight: Weight::Note,
        check: copy_whole_stage::check,
    },
    Rule {
        id: "dependencies-built-with-sources",
        reason: "dependencies change far less often than sources, and building them takes most of the time",
        source: "https://docs.docker.com/build/cache/optimize/#order-your-layers",
        weight: Weight::Warning,
        check: dependencies_built_with_sources::check,
    },
    Rule {
        id: "dockerignore-pattern-misses",
        reason: "a bare name holds at the top of the context alone, not at any depth as in `.gitignore`",
        source: "https://docs.docker.com/build/concepts/context/#syntax",
        weight: Weight::Warning,
        check: dockerignore_pattern_misses::check,
    },
    Rule {
        id: "install-ignores-failure",
        reason: "a step that fails halfway is cached as if it were done",
        source: "https://docs.docker.com/build/building/best-practices/#using-pipes",
        weight: Weight::Warning,
        check: install_ignores_failure::check,
    },
    Rule {
        id: "missing-cache-mount",
        reason: "what a package manager or compiler keeps for the next time is gone when its step runs again, unless a cache mount holds it",
        source: "https://docs.docker.com/build/cache/optimize/#use-cache-mounts",
        weight: Weight::Note,
        check: missing_cache_mount::check,
    },
    Rule {
        id: "missing-dockerignore",
        reason: "what is in the context is read, sent and copied, and its changes miss the cache",
        source: "https://docs.docker.com/build/concepts/context/#dockerignore-files",
        weight: Weight::Warning,
        check: missing_dockerignore::check,
    },
    Rule {
        id: "redundant-rebuild-flag",
        reason: "what is done again gives what was there before",
        source: "https://pkg.go.dev/cmd/go#hdr-Compile_packages_and_dependencies",
        weight: Weight::Warning,
        check: redundant_rebuild_flag::check,
    },
    Rule {
        id: "serial-stages",
        reason: "the builder runs stages that need nothing of each other at the same time",
        source: "https://docs.docker.com/build/building/best-practices/#use-multi-stage-builds",
        weight: Weight::Note,
        check: serial_stages::check,
    },
    Rule {
        id: "split-system-packages",
        reason: "each step is a layer, and they get their lists at different times",
        source: "https://docs.docker.com/build/building/best-practices/#apt-get",
        weight: Weight::Note,
        check: split_system_packages::check,
    },
    Rule {
        id: "system-packages-after-copy",
        reason: "packages of the distribution need no file of the project, but wait for all of them",
        source: "https://docs.docker.com/build/cache/optimize/#order-your-layers",
        weight: Weight::Warning,
        check: system_packages_after_copy::check,
    },
    Rule {
        id: "undeclared-platform-arg",
        reason: "a variable of the platform is empty in a stage that does not declare it",
        source: "https://docs.docker.com/reference/dockerfile/#automatic-platform-args-in-the-global-scope",
        weight: Weight::Warning,
        check: undeclared_platform_arg::check,
    },
    Rule {
        id: "unpinned-add-url",
        reason: "the server is asked in each build, and what it answers decides on the cache",
        source: "https://docs.docker.com/reference/dockerfile/#add---checksum",
        weight: Weight::Warning,
        check: unpinned_add_url::check,
    },
    Rule {
        id: "unpinned-base",
        reason: "what the tag means changes without notice, and then all steps run again",
        source: "https://docs.docker.com/build/building/best-practices/#pin-base-image-versions",
        weight: Weight::Note,
        check: unpinned_base::check,
    },
    Rule {
        id: "unquoted-version-constraint",
        reason: "the shell takes `>` for a redirection, so that the constraint is a file name",
        source: "https://www.gnu.org/software/bash/manual/html_node/Redirections.html",
        weight: Weight::Warning,
        check: unquoted_version_constraint::check,
    },
    Rule {
        id: "unused-file-copied",
        reason: "what no step reads still makes the steps after its copy run again",
        source: "https://docs.docker.com/build/cache/optimize/#keep-the-context-small",
        weight: Weight::Note,
        check: unused_file_copied::check,
    },
    Rule {
        id: "unused-stage",
        reason: "a stage that nothing uses is kept up for nothing, and the classic builder runs it",
        source: "https://docs.docker.com/build/building/multi-stage/#differences-between-legacy-builder-and-buildkit",
        weight: Weight::Note,
        check: unused_stage::check,
    },
    Rule {
        id: "volatile-arg-early",
        reason: "a step has all variables above it in its cache key, whether it uses them or not",
        source: "https://docs.docker.com/reference/dockerfile/#impact-on-build-caching",
        weight: Weight::Warning,
        check: volatile_arg_early::check,
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_sorted_and_distinct() {
        assert!(RULES.is_sorted_by(|a, b| a.id < b.id));
    }
}
