//! Compares what containers of two images see, path by path.

use std::cmp::Ordering;

use super::thing::{Cause, Comparison, Thing, ThingKind};
use crate::analysis::tree::{Content, Tree, Visible, cmp_by_parts};
use crate::model::entry::{EntryKind, FileContent, Metadata};
use crate::model::image::Image;

/// A path that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PathDifference<'a> {
    /// The normal path.
    pub(crate) path: Vec<u8>,
    /// What the first image has there, if anything.
    pub(crate) before: Option<Thing<'a>>,
    /// What the second image has there, if anything.
    pub(crate) after: Option<Thing<'a>>,
    /// What differs, sorted. Empty for paths that one image only has.
    pub(crate) causes: Vec<Cause>,
    /// The layer of the second image that has it, of the first for removed paths.
    pub(crate) layer: u32,
}

/// The final file systems of two images, compared.
#[derive(Debug, Default)]
pub(crate) struct Paths<'a> {
    /// The paths that differ, in the order of a walk.
    pub(crate) different: Vec<PathDifference<'a>>,
    /// Whether contents that were not read could differ.
    pub(crate) is_unread: bool,
    /// Whether something that is in both comes from a layer at another place.
    pub(crate) has_moved: bool,
}

/// An image and what a container of it sees.
pub(crate) struct Side<'a> {
    pub(crate) image: &'a Image,
    pub(crate) tree: Tree<'a>,
}

/// One path of one image.
struct Found<'a> {
    path: Vec<u8>,
    thing: Thing<'a>,
    layer: Option<u32>,
    /// Where the content is stored: the layer's digest and the entry's position in it.
    stored: Option<(&'a str, u32)>,
}

/// Compares all paths.
pub(crate) fn paths<'a>(before: &Side<'a>, after: &Side<'a>) -> Paths<'a> {
    let mut paths = Paths::default();
    let mut left = before.found().peekable();
    let mut right = after.found().peekable();
    loop {
        let order = match (left.peek(), right.peek()) {
            (Some(a), Some(b)) => cmp_by_parts(&a.path, &b.path),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => return paths,
        };
        let a = left.next_if(|_| order.is_le());
        let b = right.next_if(|_| order.is_ge());
        paths.add(a, b);
    }
}

impl<'a> Paths<'a> {
    fn add(&mut self, before: Option<Found<'a>>, after: Option<Found<'a>>) {
        let compared = match (&before, &after) {
            (Some(a), Some(b)) => {
                let compared = a.compare(b);
                self.is_unread |= compared.is_unread;
                let is_same = compared.causes.is_empty();
                self.has_moved |=
                    is_same && a.layer.is_some() && b.layer.is_some() && a.layer != b.layer;
                if is_same {
                    return;
                }
                compared
            }
            _ => Comparison::default(),
        };
        let things = [&before, &after].map(|found| found.as_ref().map(|found| found.thing));
        let layer = after
            .as_ref()
            .or(before.as_ref())
            .and_then(|found| found.layer);
        let Some(found) = after.or(before) else {
            return;
        };
        let [before, after] = things;
        self.different.push(PathDifference {
            path: found.path,
            before,
            after,
            causes: compared.causes,
            layer: layer.unwrap_or(0),
        });
    }
}

impl Found<'_> {
    fn compare(&self, other: &Found<'_>) -> Comparison {
        let mut compared = self.thing.compare(&other.thing);
        // The same entry of the same layer has the same content, read or not.
        compared.is_unread &= self.stored != other.stored;
        compared
    }
}

impl<'a> Side<'a> {
    fn found(&self) -> impl Iterator<Item = Found<'a>> {
        let visible = self.tree.visible().into_iter();
        let mut is_named = vec![false; self.tree.contents().len()];
        visible.map(move |seen| {
            let content = seen.content;
            let mut found = self.find(seen);
            if let Some(content) = content {
                found.thing.is_further_name = std::mem::replace(&mut is_named[content], true);
            }
            found
        })
    }

    fn find(&self, seen: Visible) -> Found<'a> {
        let content = seen.content.map(|content| &self.tree.contents()[content]);
        let thing = match seen.entry {
            Some(id) => Thing::of(
                &self.image.layers[id.layer as usize].entries[id.index as usize],
                content.and_then(|content| self.content(content)),
            ),
            None => Thing {
                kind: ThingKind::Directory,
                metadata: None,
                is_further_name: false,
            },
        };
        let stored = |content: &Content| {
            let layer = &self.image.layers[content.layer as usize];
            (layer.diff_id.as_str(), content.index)
        };
        Found {
            path: seen.path,
            thing,
            layer: seen.entry.map(|id| id.layer),
            stored: content.map(stored),
        }
    }

    /// The file that a content was read from.
    fn content(&self, content: &Content) -> Option<(FileContent, &'a Metadata)> {
        let layer = &self.image.layers[content.layer as usize];
        let entry = &layer.entries[content.index as usize];
        match entry.kind {
            EntryKind::File(file) => Some((file, &entry.metadata)),
            _ => None,
        }
    }
}
