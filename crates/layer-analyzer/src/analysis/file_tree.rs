//! The files of an image or of one layer as a tree with sums, cut to what is of interest.

mod items;

use std::cmp::Reverse;

use crate::model::path::{join, split_last};
pub(crate) use items::{Item, ItemKind, Mark, final_items, layer_items};

/// What of a tree is of interest.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cut {
    /// The normal path that the tree starts at.
    pub(crate) start: Vec<u8>,
    /// How many levels below the start there are. `None` for all.
    pub(crate) depth: Option<usize>,
    /// Bytes that a file or directory has at least, those that are gone counted.
    pub(crate) min_bytes: u64,
    /// Whether the largest comes first, not the first name.
    pub(crate) is_by_size: bool,
}

/// A tree from its start on.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FileTree<'a> {
    /// The lines, the start first.
    pub(crate) rows: Vec<Row<'a>>,
    /// What is below the start, shown or not: directories, and everything else.
    pub(crate) directory_count: u64,
    /// See `directory_count`.
    pub(crate) file_count: u64,
}

/// One line of a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row<'a> {
    /// The level, 0 at the start.
    pub(crate) depth: usize,
    /// Whether no other line of its directory follows.
    pub(crate) is_last: bool,
    /// Bytes of the files, those below for a directory.
    pub(crate) size_bytes: u64,
    /// Bytes of files that are gone, likewise.
    pub(crate) gone_bytes: u64,
    /// What the line is about.
    pub(crate) what: What<'a>,
}

/// What a line of a tree is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum What<'a> {
    /// Something with a name, the last part of its path. `None` is a directory that is not listed.
    Named(Vec<u8>, Option<Item<'a>>),
    /// So many files and directories are too small to be shown.
    Omitted(u64),
}

/// The arena of a tree: parents come before their children.
#[derive(Debug)]
struct Node<'a> {
    path: Vec<u8>,
    parent: Option<usize>,
    item: Option<Item<'a>>,
    children: Vec<usize>,
    size_bytes: u64,
    gone_bytes: u64,
}

/// Makes a tree of what is there, which has to be in the order of a walk, with directories after
/// other things of the same path. `None` when nothing is at the start.
pub(crate) fn file_tree<'a>(items: Vec<Item<'a>>, cut: &Cut) -> Option<FileTree<'a>> {
    let nodes = nodes(items);
    let start = (0..nodes.len())
        .rev()
        .find(|id| nodes[*id].path == cut.start)?;
    let mut tree = FileTree {
        rows: vec![row(&nodes[start], 0, true)],
        directory_count: 0,
        file_count: 0,
    };
    count(&nodes, start, &mut tree);
    // A loop, because paths can be as deep as a hostile archive wants.
    let mut left = below(&nodes, start, 1, cut);
    while let Some((id, row)) = left.pop() {
        let depth = row.depth + 1;
        tree.rows.push(row);
        if let Some(id) = id {
            left.extend(below(&nodes, id, depth, cut));
        }
    }
    Some(tree)
}

/// The rows of what is in a directory, the last one first, each with its node.
fn below<'a>(
    nodes: &[Node<'a>],
    id: usize,
    depth: usize,
    cut: &Cut,
) -> Vec<(Option<usize>, Row<'a>)> {
    if cut.depth.is_some_and(|most| depth > most) {
        return Vec::new();
    }
    let bytes = |id: &usize| nodes[*id].size_bytes + nodes[*id].gone_bytes;
    let is_large = |id: &usize| bytes(id) >= cut.min_bytes;
    let (mut large, small): (Vec<usize>, Vec<usize>) =
        nodes[id].children.iter().partition(|id| is_large(id));
    if cut.is_by_size {
        large.sort_by_key(|id| Reverse(bytes(id)));
    }
    let named = large
        .into_iter()
        .map(|id| (Some(id), row(&nodes[id], depth, false)));
    let mut rows: Vec<(Option<usize>, Row)> = named.collect();
    if !small.is_empty() {
        let omitted = Row {
            depth,
            is_last: false,
            size_bytes: small.iter().map(|id| nodes[*id].size_bytes).sum(),
            gone_bytes: small.iter().map(|id| nodes[*id].gone_bytes).sum(),
            what: What::Omitted(small.len() as u64),
        };
        rows.push((None, omitted));
    }
    if let Some((_, last)) = rows.last_mut() {
        last.is_last = true;
    }
    rows.reverse();
    rows
}

fn row<'a>(node: &Node<'a>, depth: usize, is_last: bool) -> Row<'a> {
    Row {
        depth,
        is_last,
        size_bytes: node.size_bytes,
        gone_bytes: node.gone_bytes,
        what: What::Named(split_last(&node.path).1.to_vec(), node.item.clone()),
    }
}

fn count(nodes: &[Node], start: usize, tree: &mut FileTree) {
    let mut left = nodes[start].children.clone();
    while let Some(id) = left.pop() {
        left.extend(&nodes[id].children);
        match &nodes[id].item {
            Some(item) if item.kind != ItemKind::Directory => tree.file_count += 1,
            _ => tree.directory_count += 1,
        }
    }
}

fn nodes(items: Vec<Item<'_>>) -> Vec<Node<'_>> {
    let mut nodes = vec![Node {
        path: Vec::new(),
        parent: None,
        item: None,
        children: Vec::new(),
        size_bytes: 0,
        gone_bytes: 0,
    }];
    // The directories that lead to the last item.
    let mut open = vec![0];
    for item in items {
        if item.path.is_empty() {
            nodes[0].item = Some(item);
            continue;
        }
        let folder = split_last(&item.path).0.to_vec();
        while !is_within(&folder, &nodes[open[open.len() - 1]].path) {
            open.pop();
        }
        let known = nodes[open[open.len() - 1]].path.len();
        for name in folder[known..]
            .split(|byte| *byte == b'/')
            .filter(|name| !name.is_empty())
        {
            let parent = open[open.len() - 1];
            let path = join(&nodes[parent].path, name);
            open.push(add(&mut nodes, parent, path, None));
        }
        let is_directory = item.kind == ItemKind::Directory;
        let id = add(
            &mut nodes,
            open[open.len() - 1],
            item.path.to_vec(),
            Some(item),
        );
        if is_directory {
            open.push(id);
        }
    }
    for id in (1..nodes.len()).rev() {
        let (size_bytes, gone_bytes) = (nodes[id].size_bytes, nodes[id].gone_bytes);
        if let Some(parent) = nodes[id].parent {
            nodes[parent].size_bytes += size_bytes;
            nodes[parent].gone_bytes += gone_bytes;
        }
    }
    nodes
}

fn add<'a>(
    nodes: &mut Vec<Node<'a>>,
    parent: usize,
    path: Vec<u8>,
    item: Option<Item<'a>>,
) -> usize {
    let id = nodes.len();
    nodes[parent].children.push(id);
    nodes.push(Node {
        path,
        parent: Some(parent),
        children: Vec::new(),
        size_bytes: item.as_ref().map_or(0, |item| item.size_bytes),
        gone_bytes: item.as_ref().map_or(0, |item| item.gone_bytes),
        item,
    });
    id
}

/// Whether a normal path is `folder` or below it.
fn is_within(path: &[u8], folder: &[u8]) -> bool {
    match path.strip_prefix(folder) {
        Some(rest) => folder.is_empty() || rest.is_empty() || rest.starts_with(b"/"),
        None => false,
    }
}

#[cfg(test)]
mod tests;
