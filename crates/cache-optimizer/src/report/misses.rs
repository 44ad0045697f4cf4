//! From what became of steps to the wire: misses with their causes, and suspicious hits.

use common::report::{
    ContextChange, ContextChangeKind, Finding, Location, Miss, MissCause, Severity,
    SuspicionReason, SuspiciousHit,
};

use crate::analysis::cause::Cause;
use crate::analysis::file_changes::{FileChange, FileChangeKind};
use crate::analysis::misses;
use crate::analysis::suspicion::{self, Suspicion};
use crate::model::build::Place;

pub(super) fn suspicious_hit(hit: suspicion::SuspiciousHit<'_>) -> SuspiciousHit {
    SuspiciousHit {
        step: hit.step.id.clone(),
        name: hit.step.name.clone(),
        location: hit.step.place.as_ref().map(location),
        changes: hit.changes.into_iter().map(context_change).collect(),
        reason: match hit.reason {
            Suspicion::SameSizeAndTime => SuspicionReason::SameSizeAndTime,
            Suspicion::FolderMode => SuspicionReason::FolderMode,
        },
    }
}

/// What a suspicious hit comes to: an image that perhaps holds an old file.
pub(super) fn stale_finding(hit: &SuspiciousHit) -> Finding {
    let first = hit.changes.first().map_or("", |change| &change.path);
    let (message, advice) = match hit.reason {
        SuspicionReason::SameSizeAndTime => (
            format!(
                "`{}` came from the cache although the content of `{first}` changed: its size and time \
                 did not, so the builder kept the old file",
                hit.name
            ),
            format!("`touch` the file, and build again: `touch {first}`"),
        ),
        SuspicionReason::FolderMode => (
            format!(
                "`{}` came from the cache although the permissions of `{first}` changed, which the \
                 builder does not look at in folders",
                hit.name
            ),
            "set the permissions in the Dockerfile (`RUN chmod`), or build with `--no-cache`"
                .to_owned(),
        ),
    };
    Finding {
        rule: "stale-hit".to_owned(),
        severity: Severity::Warning,
        message,
        advice: Some(advice),
        location: hit.location.clone(),
        subject: hit.step.split('/').next().map(str::to_owned),
        saving: None,
    }
}

pub(super) fn miss(miss: misses::Miss<'_>) -> Miss {
    Miss {
        step: miss.step.id.clone(),
        name: miss.step.name.clone(),
        location: miss.step.place.as_ref().map(location),
        duration_ms: miss.step.duration_ms,
        cause: cause(miss.cause),
    }
}

fn location(place: &Place) -> Location {
    Location {
        path: place.path.clone(),
        line: place.line,
    }
}

fn cause(cause: Cause) -> MissCause {
    match cause {
        Cause::NoCache => MissCause::NoCache,
        Cause::InstructionChanged { before } => MissCause::InstructionChanged { before },
        Cause::EnvChanged {
            name,
            before,
            after,
        } => MissCause::EnvChanged {
            name,
            before,
            after,
        },
        Cause::BaseChanged {
            image,
            before,
            after,
        } => MissCause::BaseChanged {
            image,
            before,
            after,
        },
        Cause::SettingChanged {
            name,
            before,
            after,
        } => MissCause::SettingChanged {
            name,
            before,
            after,
        },
        Cause::Evicted => MissCause::Evicted,
        Cause::FilesChanged(changes) => MissCause::FilesChanged {
            changes: changes.into_iter().map(context_change).collect(),
        },
        Cause::ArgChanged {
            name,
            before,
            after,
        } => MissCause::ArgChanged {
            name,
            before,
            after,
        },
        Cause::DependencyRan { step } => MissCause::DependencyRan { step },
        Cause::Unknown { missing } => MissCause::Unknown { missing },
    }
}

fn context_change(change: FileChange) -> ContextChange {
    ContextChange {
        path: change.path,
        change: match change.kind {
            FileChangeKind::Added => ContextChangeKind::Added,
            FileChangeKind::Removed => ContextChangeKind::Removed,
            FileChangeKind::Content => ContextChangeKind::Content,
            FileChangeKind::Mode => ContextChangeKind::Mode,
        },
    }
}
