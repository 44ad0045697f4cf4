//! Which records lie upon which.

use std::collections::HashMap;

use crate::model::build_cache::CacheRecord;

/// The records' places in their list, by who lies upon whom. Most have one parent at most; the results
/// of merges have several.
#[derive(Debug)]
pub(super) struct Tree {
    /// The parents of each record, as far as they are in the list.
    pub(super) parents: Vec<Vec<usize>>,
    /// The records that lie directly upon each.
    pub(super) children: Vec<Vec<usize>>,
    /// All records, each after its parents.
    pub(super) downwards: Vec<usize>,
}

impl Tree {
    /// Sorts out a list of records.
    pub(super) fn new(records: &[CacheRecord]) -> Self {
        let places: HashMap<&str, usize> = records
            .iter()
            .enumerate()
            .map(|(at, record)| (record.id.as_str(), at))
            .collect();
        let mut parents = vec![Vec::new(); records.len()];
        let mut children = vec![Vec::new(); records.len()];
        for (at, record) in records.iter().enumerate() {
            for parent in &record.parents {
                if let Some(&parent) = places.get(parent.as_str()) {
                    parents[at].push(parent);
                    children[parent].push(at);
                }
            }
        }
        let downwards = downwards(&parents, &children);
        Self {
            parents,
            children,
            downwards,
        }
    }

    /// All records that a record lies upon, each once.
    pub(super) fn ancestors(&self, at: usize) -> Vec<usize> {
        closure(&self.parents, at)
    }

    /// All records that lie upon a record, each once.
    pub(super) fn descendants(&self, at: usize) -> Vec<usize> {
        closure(&self.children, at)
    }
}

/// All records that a step or several lead to, but for the first.
fn closure(steps: &[Vec<usize>], at: usize) -> Vec<usize> {
    let mut found = steps[at].clone();
    let mut next = 0;
    while let Some(&one) = found.get(next) {
        for &further in &steps[one] {
            if further != at && !found.contains(&further) {
                found.push(further);
            }
        }
        next += 1;
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// Sorts so that parents come first. Records that would be each other's parents, which no Engine has,
/// are left out.
fn downwards(parents: &[Vec<usize>], children: &[Vec<usize>]) -> Vec<usize> {
    let mut waiting: Vec<usize> = parents.iter().map(Vec::len).collect();
    let mut sorted: Vec<usize> = (0..parents.len()).filter(|&at| waiting[at] == 0).collect();
    let mut next = 0;
    while let Some(&one) = sorted.get(next) {
        for &child in &children[one] {
            waiting[child] -= 1;
            if waiting[child] == 0 {
                sorted.push(child);
            }
        }
        next += 1;
    }
    sorted
}
