//! One entry of one layer, one JSON object a line.
//!
//! Not a report: a list for `jq`, that no other tool reads. `layer` reports have sums instead.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

use super::Location;

/// One line of `layer-analyzer files`. Borrows its texts, because there can be millions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LayerFileEntry<'a> {
    /// What the image was asked for as.
    pub image: Cow<'a, str>,
    /// The layer's position, from 0 at the bottom.
    pub layer: u32,
    /// The path in the image, from its root, without a leading `/`; the root is `/`. Bytes that are
    /// not UTF-8 are written as `\xNN`. For a whiteout what it hides, for an opaque marker the
    /// directory whose content it hides.
    pub path: Cow<'a, str>,
    /// What it is.
    pub kind: LayerEntryKind,
    /// What it does to the layers below.
    pub change: LayerEntryChange,
    /// Whether a container sees it: no later entry replaces or deletes it. `false` for whiteouts
    /// and opaque markers.
    pub visible: bool,
    /// The layer that replaces or deletes it; its own when that has the path again. `None` for what
    /// is visible, and for whiteouts and opaque markers.
    pub gone_in_layer: Option<u32>,
    /// Bytes of a file as stored, without the holes of a sparse one; 0 for what is no file, and for
    /// hard links.
    pub size_bytes: u64,
    /// Bytes of a file as a program reads it, with holes.
    pub logical_bytes: u64,
    /// Permissions in octal with set-user-id, set-group-id and sticky bits, such as `0755`. `None`
    /// for whiteouts and opaque markers.
    pub mode: Option<String>,
    /// The owner's number. `None` for whiteouts and opaque markers.
    pub user_id: Option<u32>,
    /// The group's number. `None` for whiteouts and opaque markers.
    pub group_id: Option<u32>,
    /// The time of last change, RFC 3339 in UTC. `None` for whiteouts and opaque markers, and for
    /// years that have not four digits.
    pub mtime: Option<String>,
    /// Where a symbolic link leads, as written, or the path that a hard link is another name of.
    pub target: Option<Cow<'a, str>>,
    /// BLAKE3 of the bytes as stored, in hexadecimal. `None` for what is no file, and when contents
    /// were not read.
    pub blake3: Option<String>,
    /// The instruction that made the layer, where the image's history tells.
    pub instruction: Option<Cow<'a, str>>,
    /// The stage of the Dockerfile. `None` without a build report that knows the image.
    pub stage: Option<Cow<'a, str>>,
    /// The line of the Dockerfile. `None` without a build report that knows the image.
    pub location: Option<Location>,
}

/// What an entry of a layer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LayerEntryKind {
    /// A regular file.
    File,
    /// One more name for a file.
    HardLink,
    /// A directory.
    Directory,
    /// A symbolic link.
    Symlink,
    /// A character device.
    CharDevice,
    /// A block device.
    BlockDevice,
    /// A named pipe.
    Pipe,
    /// A mark that the path of lower layers is gone.
    Whiteout,
    /// A mark that what lower layers have in the directory is gone.
    Opaque,
}

/// What an entry does to the layers below.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LayerEntryChange {
    /// The path was not there.
    Added,
    /// The path was there, and is replaced.
    Modified,
    /// The path was there with the same metadata, target and content, and is stored again.
    Unchanged,
    /// A whiteout or opaque marker that hides something.
    Removed,
    /// A whiteout or opaque marker that hides nothing, because nothing was there.
    RemovedNothing,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_one_flat_object() {
        let entry = LayerFileEntry {
            image: "app:1".into(),
            layer: 2,
            path: "etc/app".into(),
            kind: LayerEntryKind::Symlink,
            change: LayerEntryChange::Added,
            visible: true,
            gone_in_layer: None,
            size_bytes: 0,
            logical_bytes: 0,
            mode: Some("0777".to_owned()),
            user_id: Some(0),
            group_id: Some(0),
            mtime: Some("1970-01-01T00:00:00Z".to_owned()),
            target: Some("/srv/app".into()),
            blake3: None,
            instruction: Some("COPY app /etc/".into()),
            stage: None,
            location: None,
        };
        let expected = concat!(
            r#"{"image":"app:1","layer":2,"path":"etc/app","kind":"symlink","change":"added","#,
            r#""visible":true,"gone_in_layer":null,"size_bytes":0,"logical_bytes":0,"#,
            r#""mode":"0777","user_id":0,"group_id":0,"mtime":"1970-01-01T00:00:00Z","#,
            r#""target":"/srv/app","blake3":null,"instruction":"COPY app /etc/","#,
            r#""stage":null,"location":null}"#
        );
        assert_eq!(serde_json::to_string(&entry).unwrap(), expected);
        let read: LayerFileEntry = serde_json::from_str(expected).unwrap();
        assert_eq!(read, entry);
    }
}
