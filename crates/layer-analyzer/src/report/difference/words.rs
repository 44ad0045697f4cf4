//! What differs at a path, in words.

use common::units::format_timestamp;

use crate::analysis::difference::{Cause, PathDifference, Thing, ThingKind};
use crate::model::entry::{Metadata, Special, Xattr};
use crate::model::path;

/// What differs between the two, such as `mode 644, now 755`. `None` when the causes say it all.
pub(super) fn detail(found: &PathDifference) -> Option<String> {
    let (before, after) = (found.before?, found.after?);
    let words = found
        .causes
        .iter()
        .filter_map(|cause| words(*cause, before, after));
    let words: Vec<String> = words.collect();
    (!words.is_empty()).then(|| words.join("; "))
}

fn words(cause: Cause, before: Thing, after: Thing) -> Option<String> {
    if cause == Cause::Kind {
        return Some(format!("{}, now {}", kind(before.kind), kind(after.kind)));
    }
    let (before, after) = (before.metadata?, after.metadata?);
    match cause {
        Cause::Permissions => Some(format!("mode {:o}, now {:o}", before.mode, after.mode)),
        Cause::Ownership => {
            let owner = |m: &Metadata| format!("{}:{}", m.user_id, m.group_id);
            Some(format!("owner {}, now {}", owner(before), owner(after)))
        }
        Cause::Attributes => Some(attributes(&before.xattrs, &after.xattrs)),
        Cause::Times => {
            let time = |m: &Metadata| format_timestamp(m.mtime_s, m.mtime_ns);
            Some(format!("of {}, now of {}", time(before)?, time(after)?))
        }
        _ => None,
    }
}

fn kind(kind: ThingKind) -> String {
    match kind {
        ThingKind::File(_) => "file".to_owned(),
        ThingKind::Directory => "directory".to_owned(),
        ThingKind::Symlink(target) => format!("link to `{}`", path::to_text(target)),
        ThingKind::Special(Special::CharDevice { major, minor }) => {
            format!("character device {major}:{minor}")
        }
        ThingKind::Special(Special::BlockDevice { major, minor }) => {
            format!("block device {major}:{minor}")
        }
        ThingKind::Special(Special::Fifo) => "pipe".to_owned(),
        ThingKind::DeadLink(target) => {
            format!("name of `{}`, which is no file", path::to_text(target))
        }
        ThingKind::Marker => "whiteout".to_owned(),
    }
}

fn attributes(before: &[Xattr], after: &[Xattr]) -> String {
    let value = |xattrs: &'_ [Xattr], name: &[u8]| {
        let mut named = xattrs.iter().filter(|xattr| &*xattr.name == name);
        named.next().map(|xattr| xattr.value.clone())
    };
    let mut names: Vec<&[u8]> = before
        .iter()
        .chain(after)
        .map(|xattr| &*xattr.name)
        .collect();
    names.sort_unstable();
    names.dedup();
    let words = names.into_iter().filter_map(|name| {
        let what = match (value(before, name), value(after, name)) {
            (None, _) => "added",
            (_, None) => "gone",
            (a, b) if a != b => "changed",
            _ => return None,
        };
        Some(format!("attribute `{}` {what}", path::to_text(name)))
    });
    words.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn xattr(name: &str, value: &str) -> Xattr {
        Xattr {
            name: name.as_bytes().into(),
            value: value.as_bytes().into(),
        }
    }

    #[test]
    fn each_cause_has_its_words() {
        let before = Metadata {
            mode: 0o644,
            ..Metadata::default()
        };
        let after = Metadata {
            mode: 0o4755,
            user_id: 1000,
            mtime_s: 1_700_000_000,
            xattrs: [xattr("security.capability", "x")].into(),
            ..Metadata::default()
        };
        let thing = |metadata, kind| Thing {
            kind,
            metadata: Some(metadata),
            is_further_name: false,
        };
        let found = PathDifference {
            path: b"f".to_vec(),
            before: Some(thing(&before, ThingKind::Symlink(b"a"))),
            after: Some(thing(&after, ThingKind::Directory)),
            causes: vec![
                Cause::Kind,
                Cause::Permissions,
                Cause::Ownership,
                Cause::Attributes,
                Cause::Times,
            ],
            layer: 0,
        };
        let expected = "link to `a`, now directory; mode 644, now 4755; owner 0:0, now 1000:0; \
            attribute `security.capability` added; \
            of 1970-01-01T00:00:00Z, now of 2023-11-14T22:13:20Z";
        assert_eq!(detail(&found).as_deref(), Some(expected));
        let only_content = PathDifference {
            causes: vec![Cause::Content],
            ..found
        };
        assert_eq!(detail(&only_content), None);
    }

    #[test]
    fn attributes_that_are_the_same_are_not_named() {
        let before = [xattr("a", "1"), xattr("b", "1"), xattr("c", "1")];
        let after = [xattr("a", "1"), xattr("b", "2")];
        let expected = "attribute `b` changed, attribute `c` gone";
        assert_eq!(attributes(&before, &after), expected);
    }
}
