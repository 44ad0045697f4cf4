//! Files that run as somebody else, and files that anybody can change.

use super::{check, fault, list};
use crate::model::check::{Check, Outcome, Severity};
use crate::model::contract::Terms;
use crate::model::image::{FileKind, ImageFile, ImageFiles};

/// Setuid and setgid.
const SETUID_SETGID: u32 = 0o6000;
/// Nobody may delete what is another's: the mark of a folder that all share.
const STICKY: u32 = 0o1000;
const WRITABLE_BY_OTHERS: u32 = 0o002;

pub(super) fn checks(files: &ImageFiles, terms: &Terms) -> [Check; 2] {
    [
        check("setuid-file", setuid(files, terms)),
        check("world-writable-file", world_writable(files)),
    ]
}

fn setuid(files: &ImageFiles, terms: &Terms) -> Outcome {
    let is_allowed = |path: &str| {
        terms
            .setuid
            .as_ref()
            .is_some_and(|allowed| allowed.contains(path))
    };
    let is_setuid = |path: &str, file: &ImageFile| {
        matches!(file.kind, FileKind::File(_))
            && file.mode & SETUID_SETGID != 0
            && !is_allowed(path)
    };
    let severity = if terms.setuid.is_some() {
        Severity::Error
    } else {
        Severity::Warning
    };
    let found = paths(files, is_setuid);
    if found.is_empty() {
        return Outcome::Passed;
    }
    let message = format!("setuid or setgid is set on {}", list(&found));
    let advice = "take it off (`chmod a-s`), or allow the file in the contract's `setuid`";
    Outcome::Failed(vec![fault(severity, message).advise(advice).nowhere()])
}

fn world_writable(files: &ImageFiles) -> Outcome {
    let is_open = |path: &str, file: &ImageFile| {
        let is_shared = file.kind == FileKind::Directory && file.mode & STICKY != 0;
        let is_plain = matches!(file.kind, FileKind::File(_) | FileKind::Directory);
        is_plain && !is_shared && file.mode & WRITABLE_BY_OTHERS != 0 && !is_temporary(path)
    };
    let found = paths(files, is_open);
    if found.is_empty() {
        return Outcome::Passed;
    }
    let message = format!("anybody can change {}", list(&found));
    let advice = "take the permission off (`chmod o-w`)";
    Outcome::Failed(vec![
        fault(Severity::Warning, message).advise(advice).nowhere(),
    ])
}

fn is_temporary(path: &str) -> bool {
    ["tmp", "var/tmp"].iter().any(|dir| {
        path == *dir
            || path
                .strip_prefix(dir)
                .is_some_and(|rest| rest.starts_with('/'))
    })
}

fn paths(files: &ImageFiles, is_wanted: impl Fn(&str, &ImageFile) -> bool) -> Vec<&str> {
    let files = files.entries.iter();
    files
        .filter(|(path, file)| is_wanted(path, file))
        .map(|(path, _)| path.as_str())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::image::Program;

    fn files(modes: &[(&str, u32)]) -> ImageFiles {
        let entry = |&(path, mode): &(&str, u32)| {
            let kind = match path.strip_suffix('/') {
                Some(_) => FileKind::Directory,
                None => FileKind::File(Program::Unknown),
            };
            (
                path.trim_end_matches('/').to_owned(),
                ImageFile { kind, mode },
            )
        };
        ImageFiles {
            entries: modes.iter().map(entry).collect(),
            passwd: None,
        }
    }

    fn message(outcome: Outcome) -> (Severity, String) {
        match outcome {
            Outcome::Failed(mut faults) => {
                let fault = faults.remove(0);
                (fault.severity, fault.message)
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn setuid_is_a_warning_and_what_a_contract_does_not_allow_an_error() {
        let files = files(&[("bin/su", 0o4755), ("bin/wall", 0o2755), ("srv/", 0o2775)]);
        let expected = "setuid or setgid is set on `/bin/su`, `/bin/wall`";
        let found = message(setuid(&files, &Terms::default()));
        assert_eq!(found, (Severity::Warning, expected.to_owned()));
        let with = |allowed: &[&str]| Terms {
            setuid: Some(allowed.iter().map(|&path| path.to_owned()).collect()),
            ..Terms::default()
        };
        let found = message(setuid(&files, &with(&["bin/su"])));
        let expected = "setuid or setgid is set on `/bin/wall`";
        assert_eq!(found, (Severity::Error, expected.to_owned()));
        assert_eq!(
            setuid(&files, &with(&["bin/su", "bin/wall"])),
            Outcome::Passed
        );
    }

    #[test]
    fn temporary_folders_may_be_changed_by_anybody() {
        let fine = files(&[("tmp/", 0o777), ("tmp/x", 0o666), ("run/lock/", 0o1777)]);
        assert_eq!(world_writable(&fine), Outcome::Passed);
        let open = files(&[("tmpfiles", 0o666), ("srv/", 0o777), ("etc/x", 0o644)]);
        let expected = "anybody can change `/srv`, `/tmpfiles`";
        assert_eq!(message(world_writable(&open)).1, expected);
    }
}
