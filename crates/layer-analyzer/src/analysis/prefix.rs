//! Paths that are looked for among those that lead to another one.

use super::tree::parts;
use crate::model::map::Map;

/// A set of normal paths, each with a value.
#[derive(Debug)]
pub(super) struct Prefixes<'a, T> {
    /// The root first.
    nodes: Vec<Node<'a, T>>,
}

#[derive(Debug)]
struct Node<'a, T> {
    children: Map<&'a [u8], usize>,
    value: Option<T>,
}

impl<T> Node<'_, T> {
    fn new() -> Self {
        Self {
            children: Map::default(),
            value: None,
        }
    }
}

impl<'a, T> Prefixes<'a, T> {
    /// An empty set.
    pub(super) fn new() -> Self {
        Self {
            nodes: vec![Node::new()],
        }
    }

    /// Whether nothing was put in.
    pub(super) fn is_empty(&self) -> bool {
        self.nodes[0].children.is_empty() && self.nodes[0].value.is_none()
    }

    /// Puts a path in; its value is the last one.
    pub(super) fn insert(&mut self, path: &'a [u8], value: T) {
        let mut node = 0;
        for part in parts(path) {
            let next = self.nodes.len();
            node = *self.nodes[node].children.entry(part).or_insert(next);
            if node == next {
                self.nodes.push(Node::new());
            }
        }
        self.nodes[node].value = Some(value);
    }

    /// The value of a path that was put in.
    pub(super) fn get(&self, path: &[u8]) -> Option<&T> {
        let node =
            parts(path).try_fold(0, |node, part| self.nodes[node].children.get(part).copied())?;
        self.nodes[node].value.as_ref()
    }

    /// Hands out the value of each path that is `path` or above it, highest first, and whether it
    /// is above it. Costs the length of `path` at most.
    pub(super) fn visit(&mut self, path: &[u8], mut visitor: impl FnMut(&mut T, bool)) {
        let mut node = 0;
        let mut left = parts(path).peekable();
        loop {
            if let Some(value) = &mut self.nodes[node].value {
                visitor(value, left.peek().is_some());
            }
            let next = left
                .next()
                .and_then(|part| self.nodes[node].children.get(part));
            match next {
                Some(next) => node = *next,
                None => return,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_found_with_those_above_it() {
        let mut prefixes = Prefixes::new();
        assert!(prefixes.is_empty());
        prefixes.insert(b"a", 'a');
        prefixes.insert(b"a/b/c", 'c');
        prefixes.insert(b"ab", 'x');
        let mut found = Vec::new();
        prefixes.visit(b"a/b/c/d", |value, is_above| found.push((*value, is_above)));
        prefixes.visit(b"a/b", |value, is_above| found.push((*value, is_above)));
        prefixes.visit(b"ab", |value, is_above| found.push((*value, is_above)));
        assert_eq!(found, [('a', true), ('c', true), ('a', true), ('x', false)]);
        assert_eq!(prefixes.get(b"a/b/c"), Some(&'c'));
        assert_eq!(prefixes.get(b"a/b"), None);
    }
}
