//! Steps that came from the cache although what they copy changed in a way that the builder cannot see.
//!
//! A file whose content, size or time the builder could see may be back to a state that it knows from
//! before; then nothing is suspicious. Source: research/cache.md section 2.4.

use super::earlier::{Earlier, keyed_instructions};
use super::file_changes::{FileChange, FileChangeKind, file_changes};
use crate::model::build::{Build, FileSet, Step, Target};

/// A hit, and why it perhaps should not have been one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SuspiciousHit<'a> {
    pub(crate) step: &'a Step,
    /// What changed. All of it is of the kind that `reason` says.
    pub(crate) changes: Vec<FileChange>,
    pub(crate) reason: Suspicion,
}

/// Why a builder does not see a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Suspicion {
    /// Size and time of the file are as they were.
    SameSizeAndTime,
    /// It is the permissions of a folder.
    FolderMode,
}

/// The suspicious hits of a build, in the order of its targets and steps.
pub(crate) fn suspicious_hits<'a>(build: &'a Build, baseline: &Build) -> Vec<SuspiciousHit<'a>> {
    let pairs = build.targets.iter().filter_map(|target| {
        let mut earlier = baseline.targets.iter();
        Some((target, earlier.find(|it| it.name == target.name)?))
    });
    pairs
        .flat_map(|(target, before)| target_hits(target, before))
        .collect()
}

fn target_hits<'a>(target: &'a Target, before: &Target) -> Vec<SuspiciousHit<'a>> {
    let earlier = Earlier::new(before, target);
    let hits: Vec<_> = target.hits().map(|hit| hit.id.as_str()).collect();
    let keyed = keyed_instructions(target).into_iter();
    keyed
        .filter(|(_, step)| hits.contains(&step.id.as_str()))
        .filter_map(|(key, step)| {
            let before = earlier.step(key).filter(|it| earlier.has_result(it))?;
            let (before, after) = (before.files.as_ref()?, step.files.as_ref()?);
            let changes = file_changes(before, after)?;
            let reason = reason(&changes, before, after)?;
            Some(SuspiciousHit {
                step,
                changes,
                reason,
            })
        })
        .collect()
}

/// What all of the changes are. `None` when one of them is another, which the builder saw.
fn reason(changes: &[FileChange], before: &FileSet, after: &FileSet) -> Option<Suspicion> {
    let mut reasons = changes.iter().map(|change| unseen(change, before, after));
    let first = reasons.next()??;
    // Both kinds at once are named by what is graver.
    let mut gravest = first;
    for reason in reasons {
        if reason? == Suspicion::SameSizeAndTime {
            gravest = Suspicion::SameSizeAndTime;
        }
    }
    Some(gravest)
}

fn unseen(change: &FileChange, before: &FileSet, after: &FileSet) -> Option<Suspicion> {
    match change.kind {
        FileChangeKind::Mode => change.path.ends_with('/').then_some(Suspicion::FolderMode),
        FileChangeKind::Content => {
            let file = |set: &'_ FileSet| set.files.as_ref()?.get(&change.path).cloned();
            let (before, after) = (file(before)?, file(after)?);
            let is_unseen = before.size_bytes == after.size_bytes
                && before.mode == after.mode
                && before.modified_ns.is_some()
                && before.modified_ns == after.modified_ns;
            is_unseen.then_some(Suspicion::SameSizeAndTime)
        }
        FileChangeKind::Added | FileChangeKind::Removed => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::build::File;
    use crate::model::sample::{build, cached, file_set, ran, target};

    /// A copy of one file of this content and time, and of one folder with this mode.
    fn copy(mut step: Step, content: &str, modified_ns: Option<i64>, mode: u32) -> Build {
        let mut set = file_set(content, &[]);
        let file = File {
            mode: 0o644,
            digest: content.to_owned(),
            size_bytes: 3,
            modified_ns,
        };
        set.files = Some([("a".to_owned(), file)].into());
        set.folders = Some([("dir".to_owned(), mode)].into());
        step.files = Some(set);
        build([target([step])])
    }

    fn suspicion(before: &Build, after: &Build) -> Option<(String, Suspicion)> {
        let hit = suspicious_hits(after, before).pop()?;
        Some((hit.changes[0].path.clone(), hit.reason))
    }

    #[test]
    fn other_bytes_of_the_same_size_and_time_are_suspicious() {
        let before = copy(ran("COPY . .", 1), "1", Some(5), 0o755);
        let hit = |content, modified_ns| copy(cached("COPY . ."), content, modified_ns, 0o755);
        let expected = Some(("a".to_owned(), Suspicion::SameSizeAndTime));
        assert_eq!(suspicion(&before, &hit("2", Some(5))), expected);
        assert_eq!(suspicion(&before, &hit("2", Some(6))), None);
        assert_eq!(suspicion(&before, &hit("1", Some(5))), None);
        let ran = copy(ran("COPY . .", 1), "2", Some(5), 0o755);
        assert_eq!(suspicion(&before, &ran), None);
    }

    #[test]
    fn times_that_are_not_known_settle_nothing() {
        let before = copy(ran("COPY . .", 1), "1", None, 0o755);
        let after = copy(cached("COPY . ."), "2", None, 0o755);
        assert_eq!(suspicion(&before, &after), None);
    }

    #[test]
    fn another_mode_of_a_folder_is_suspicious_unless_something_visible_changed_too() {
        let before = copy(ran("COPY . .", 1), "1", Some(5), 0o755);
        let after = |content, modified_ns| copy(cached("COPY . ."), content, modified_ns, 0o700);
        let expected = Some(("dir/".to_owned(), Suspicion::FolderMode));
        assert_eq!(suspicion(&before, &after("1", Some(5))), expected);
        assert_eq!(suspicion(&before, &after("2", Some(6))), None);
    }
}
