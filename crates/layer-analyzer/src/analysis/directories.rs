//! Which directories of a layer take up most space.
//!
//! A directory's bytes are those of all contents that the layer stores below it, seen or not. One
//! that is deeper than [`DEPTH_MAX`] is counted in the one above it.

use super::tree::Content;
use crate::model::map::Map;

/// How many parts the path of a directory has at most.
///
/// Chosen: `usr/lib/python3` and `opt/app/node_modules` say what is large; one more part says it in
/// pieces too small to matter.
const DEPTH_MAX: usize = 3;

/// What a layer stores below a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Directory<'a> {
    /// The path, which is not the root.
    pub(crate) path: &'a [u8],
    /// What is stored there.
    pub(crate) sum: Sum,
}

/// Contents added up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sum {
    /// Bytes of the contents.
    pub(crate) size_bytes: u64,
    /// How many of these no container sees.
    pub(crate) wasted_bytes: u64,
    /// How many contents there are.
    pub(crate) file_count: u64,
}

/// The `top` largest directories of each of `layer_count` layers, largest first, then by path. As a
/// directory is at least as large as each one in it, the one above a listed one is listed too.
///
/// `contents` are in the order of the layers, as a tree has them.
pub(crate) fn directories<'a>(
    contents: &[Content<'a>],
    layer_count: usize,
    top: usize,
) -> Vec<Vec<Directory<'a>>> {
    let mut layers = vec![Vec::new(); layer_count];
    for contents in contents.chunk_by(|a, b| a.layer == b.layer) {
        layers[contents[0].layer as usize] = largest(sums(contents), top);
    }
    layers
}

/// What is stored below each directory.
fn sums<'a>(contents: &[Content<'a>]) -> Map<&'a [u8], Sum> {
    let mut deepest: Map<&[u8], Sum> = Map::default();
    // Archives are written folder by folder, so that a whole run of contents needs one look-up.
    for run in contents.chunk_by(|a, b| directory(a.path) == directory(b.path)) {
        let sum = deepest.entry(directory(run[0].path)).or_default();
        for content in run {
            sum.add(Sum::of(content));
        }
    }
    let mut sums: Map<&[u8], Sum> = Map::default();
    for (path, sum) in deepest {
        for end in ends(path) {
            sums.entry(&path[..end]).or_default().add(sum);
        }
    }
    sums
}

fn largest(sums: Map<&[u8], Sum>, top: usize) -> Vec<Directory<'_>> {
    let sums = sums.into_iter().filter(|(_, sum)| sum.size_bytes > 0);
    let mut all: Vec<Directory> = sums.map(|(path, sum)| Directory { path, sum }).collect();
    let by_size =
        |a: &Directory, b: &Directory| (b.sum.size_bytes, a.path).cmp(&(a.sum.size_bytes, b.path));
    if top < all.len() {
        all.select_nth_unstable_by(top, by_size);
        all.truncate(top);
    }
    all.sort_unstable_by(by_size);
    all
}

/// The directory that a file's content is counted in. Empty for a file in the root.
fn directory(path: &[u8]) -> &[u8] {
    let slashes = path.iter().enumerate().filter(|(_, byte)| **byte == b'/');
    let last = slashes.take(DEPTH_MAX).last();
    &path[..last.map_or(0, |(index, _)| index)]
}

/// Where the path of each directory above `path` ends, and `path` itself. None for the root.
fn ends(path: &[u8]) -> impl Iterator<Item = usize> {
    let slashes = (0..path.len()).filter(|index| path[*index] == b'/');
    slashes.chain((!path.is_empty()).then_some(path.len()))
}

impl Sum {
    fn of(content: &Content) -> Self {
        Self {
            size_bytes: content.size_bytes,
            wasted_bytes: content.loss.map_or(0, |_| content.size_bytes),
            file_count: 1,
        }
    }

    fn add(&mut self, other: Self) {
        self.size_bytes += other.size_bytes;
        self.wasted_bytes += other.wasted_bytes;
        self.file_count += other.file_count;
    }
}

#[cfg(test)]
mod tests;
