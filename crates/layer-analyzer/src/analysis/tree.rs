//! The files that a container sees, as layer after layer changes them.
//!
//! Files are stored contents with names. A content is lost when it loses its last name, and then
//! remembers to which layer and how; a hard link is one more name. Every change costs the length of
//! its path and the number of names that it takes away, never the size of the tree.

mod walk;

pub(crate) use walk::{Visible, cmp_by_parts};

use crate::model::map::Map;
use crate::model::path::split_last;

const ROOT: usize = 0;

/// The files of all layers so far.
#[derive(Debug)]
pub(crate) struct Tree<'a> {
    /// The root first. Nodes that were taken away stay, so that an index never changes its meaning.
    nodes: Vec<Node<'a>>,
    /// The entry that made each node. `None` for directories that no layer lists.
    makers: Vec<Option<EntryId>>,
    contents: Vec<Content<'a>>,
    file_count: u64,
    /// The entries that are seen no more, in the order in which they went.
    gone: Vec<GoneEntry>,
}

/// One entry of a stack of layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EntryId {
    /// The layer's position, from 0 at the bottom.
    pub(crate) layer: u32,
    /// The entry's position in it.
    pub(crate) index: u32,
}

/// An entry whose path is gone, or has another entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct GoneEntry {
    /// The entry.
    pub(crate) entry: EntryId,
    /// The layer that takes its place, or deletes it.
    pub(crate) layer: u32,
}

/// The content of one file, as one layer stores it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Content<'a> {
    /// The path that it is stored under.
    pub(crate) path: &'a [u8],
    /// The layer that stores it.
    pub(crate) layer: u32,
    /// The position of the entry in that layer.
    pub(crate) index: u32,
    /// Its bytes.
    pub(crate) size_bytes: u64,
    /// How many names it has.
    name_count: u32,
    /// What took its last name. `None` while a container sees it.
    pub(crate) loss: Option<Loss>,
}

/// Why names go away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Loss {
    /// The layer that takes them.
    pub(crate) layer: u32,
    /// How it does.
    pub(crate) cause: Cause,
}

/// How a layer takes a name away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// By a whiteout or an opaque directory.
    Deleted,
    /// By something else at the same path.
    Overwritten,
}

#[derive(Debug)]
enum Node<'a> {
    Directory(Map<&'a [u8], usize>),
    /// A name of the content with this index.
    File(usize),
    Other,
}

impl<'a> Tree<'a> {
    /// A tree with an empty root.
    pub(crate) fn new() -> Self {
        let root = Node::Directory(Map::default());
        Self {
            nodes: vec![root],
            makers: vec![None],
            contents: Vec::new(),
            file_count: 0,
            gone: Vec::new(),
        }
    }

    /// How many names of files there are.
    pub(crate) fn file_count(&self) -> u64 {
        self.file_count
    }

    /// All contents that were ever stored, in the order in which they were.
    pub(crate) fn contents(&self) -> &[Content<'a>] {
        &self.contents
    }

    /// Whether there is anything at `path`.
    pub(crate) fn contains(&self, path: &[u8]) -> bool {
        self.find(path).is_some()
    }

    /// The position among the contents of what is seen at `path`. `None` when there is no file.
    pub(crate) fn content_at(&self, path: &[u8]) -> Option<usize> {
        match self.nodes[self.find(path)?] {
            Node::File(content) => Some(content),
            Node::Directory(_) | Node::Other => None,
        }
    }

    /// The entries that are seen no more, each once.
    pub(crate) fn gone(&self) -> &[GoneEntry] {
        &self.gone
    }

    /// The entry that is seen at `path`. `None` when there is none, or only others lie below it.
    pub(crate) fn entry(&self, path: &[u8]) -> Option<EntryId> {
        self.makers[self.find(path)?]
    }

    /// Whether there is a directory at `path` that holds anything.
    pub(crate) fn has_children(&self, path: &[u8]) -> bool {
        match self.find(path).map(|id| &self.nodes[id]) {
            Some(Node::Directory(children)) => !children.is_empty(),
            _ => false,
        }
    }

    /// Puts a file at `path`, in place of whatever is there.
    pub(crate) fn put_file(&mut self, path: &'a [u8], size_bytes: u64, entry: EntryId) {
        let content = Content {
            path,
            layer: entry.layer,
            index: entry.index,
            size_bytes,
            name_count: 0,
            loss: None,
        };
        self.contents.push(content);
        self.put_name(path, self.contents.len() - 1, entry);
    }

    /// Puts one more name of the file at `target` at `path`. A target that is no file, which no
    /// container engine would unpack, makes it something without content.
    pub(crate) fn put_link(&mut self, path: &'a [u8], target: &[u8], entry: EntryId) {
        match self.find(target).map(|id| &self.nodes[id]) {
            Some(Node::File(content)) => self.put_name(path, *content, entry),
            _ => self.put(path, Node::Other, entry),
        }
    }

    /// Puts something without content at `path`, in place of whatever is there.
    pub(crate) fn put_other(&mut self, path: &'a [u8], entry: EntryId) {
        self.put(path, Node::Other, entry);
    }

    /// Makes sure that there is a directory at `path`; one that is there keeps what it holds.
    pub(crate) fn put_directory(&mut self, path: &'a [u8], entry: EntryId) {
        let directory = self.directory(path, entry.layer);
        self.set_maker(directory, entry);
    }

    /// Takes away what is at `path`.
    pub(crate) fn delete(&mut self, path: &[u8], layer: u32) {
        let (folder, name) = split_last(path);
        let Some(Node::Directory(children)) = self.find(folder).map(|id| &mut self.nodes[id])
        else {
            return;
        };
        if let Some(child) = children.remove(name) {
            self.lose(
                child,
                Loss {
                    layer,
                    cause: Cause::Deleted,
                },
            );
        }
    }

    /// Takes away what the directory at `path` holds.
    pub(crate) fn delete_children(&mut self, path: &[u8], layer: u32) {
        if let Some(id) = self.find(path)
            && let Node::Directory(children) = &mut self.nodes[id]
        {
            for child in std::mem::take(children).into_values() {
                self.lose(
                    child,
                    Loss {
                        layer,
                        cause: Cause::Deleted,
                    },
                );
            }
        }
    }

    fn put_name(&mut self, path: &'a [u8], content: usize, entry: EntryId) {
        // Counted first, so that a link onto its own target does not lose the content.
        self.contents[content].name_count += 1;
        self.file_count += 1;
        self.put(path, Node::File(content), entry);
    }

    fn put(&mut self, path: &'a [u8], node: Node<'a>, entry: EntryId) {
        let (folder, name) = split_last(path);
        let folder = self.directory(folder, entry.layer);
        let id = match self.child(folder, name) {
            Some(old) => {
                self.lose(
                    old,
                    Loss {
                        layer: entry.layer,
                        cause: Cause::Overwritten,
                    },
                );
                self.nodes[old] = node;
                old
            }
            None => self.add_child(folder, name, node),
        };
        self.set_maker(id, entry);
    }

    fn set_maker(&mut self, id: usize, entry: EntryId) {
        if let Some(old) = self.makers[id].replace(entry) {
            self.gone.push(GoneEntry {
                entry: old,
                layer: entry.layer,
            });
        }
    }

    /// The directory at `path`; what is missing of it is made, and what is in its way replaced.
    fn directory(&mut self, path: &'a [u8], layer: u32) -> usize {
        let mut folder = ROOT;
        for name in parts(path) {
            folder = match self.child(folder, name) {
                Some(child) => {
                    if !matches!(self.nodes[child], Node::Directory(_)) {
                        self.lose(
                            child,
                            Loss {
                                layer,
                                cause: Cause::Overwritten,
                            },
                        );
                        self.nodes[child] = Node::Directory(Map::default());
                    }
                    child
                }
                None => self.add_child(folder, name, Node::Directory(Map::default())),
            };
        }
        folder
    }

    fn child(&self, folder: usize, name: &[u8]) -> Option<usize> {
        match &self.nodes[folder] {
            Node::Directory(children) => children.get(name).copied(),
            Node::File(_) | Node::Other => None,
        }
    }

    fn add_child(&mut self, folder: usize, name: &'a [u8], node: Node<'a>) -> usize {
        let id = self.nodes.len();
        self.nodes.push(node);
        self.makers.push(None);
        if let Node::Directory(children) = &mut self.nodes[folder] {
            children.insert(name, id);
        }
        id
    }

    fn find(&self, path: &[u8]) -> Option<usize> {
        parts(path).try_fold(ROOT, |folder, name| self.child(folder, name))
    }

    /// Takes away the names at and below a node. A loop, because paths can be as deep as a hostile
    /// archive wants.
    fn lose(&mut self, id: usize, loss: Loss) {
        let mut left = vec![id];
        while let Some(id) = left.pop() {
            if let Some(entry) = self.makers[id].take() {
                self.gone.push(GoneEntry {
                    entry,
                    layer: loss.layer,
                });
            }
            match std::mem::replace(&mut self.nodes[id], Node::Other) {
                Node::Directory(children) => left.extend(children.into_values()),
                Node::File(content) => self.lose_name(content, loss),
                Node::Other => {}
            }
        }
    }

    fn lose_name(&mut self, content: usize, loss: Loss) {
        self.file_count -= 1;
        let content = &mut self.contents[content];
        content.name_count -= 1;
        if content.name_count == 0 {
            content.loss = Some(loss);
        }
    }
}

/// The names in a normal path, the root having none.
pub(super) fn parts(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    path.split(|byte| *byte == b'/')
        .filter(|part| !part.is_empty())
}
