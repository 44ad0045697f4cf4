//! Files that cost space, in groups: one for each rule and layer.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use super::matcher::Matcher;
use super::paths::{CRASH_DUMP, UNWANTED};
use crate::analysis::rules::{Rule, UNSTRIPPED, Weight};
use crate::analysis::tree::{Cause, Content, Loss, Tree};
use crate::model::ignore::Ignore;
use crate::model::image::Layer;
use crate::model::mark::MarkKind;

/// How many paths of a group are told. Chosen: a reader gets the idea.
const EXAMPLE_COUNT_MAX: usize = 3;

/// How many bytes of symbols in one layer are more than a note. Chosen: as for paths.
const SYMBOLS_BYTES_MIN: u64 = 1_000_000;

static MATCHER: LazyLock<Matcher> = LazyLock::new(|| Matcher::new(&UNWANTED));

/// What one rule finds in one layer.
#[derive(Clone, Debug)]
pub(crate) struct Group<'a> {
    /// The rule.
    pub(crate) rule: &'static Rule,
    /// How grave it is.
    pub(crate) weight: Weight,
    /// The layer, by index.
    pub(crate) layer: u32,
    /// How many files there are.
    pub(crate) file_count: u64,
    /// Their bytes; of programs the bytes that they do not need.
    pub(crate) size_bytes: u64,
    /// The largest of them, largest first.
    pub(crate) examples: Vec<&'a [u8]>,
    /// What becomes of them above.
    pub(crate) fate: Fate,
}

/// How many bytes of symbols a file has to have to be counted.
///
/// Chosen: a stripped static program can keep some dozens, which are not worth a word.
const FILE_SYMBOLS_MIN: u64 = 10_000;

/// What becomes of files in the layers above.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fate {
    /// How many of them no container sees.
    pub(crate) lost_count: u64,
    /// What took them. `None` for more than one layer or way.
    pub(crate) loss: Option<Loss>,
}

/// Returns what the rules find in all layers, by layer, then in the order of the rules.
pub(crate) fn groups<'a>(
    tree: &Tree<'a>,
    layers: &'a [Arc<Layer>],
    ignore: &Ignore,
) -> Vec<Group<'a>> {
    let symbols = noticed(layers);
    let mut cursor = MATCHER.cursor();
    let mut found: BTreeMap<(u32, usize), Counting> = BTreeMap::new();
    for content in tree.contents() {
        if content.size_bytes == 0 {
            continue;
        }
        let by_path = cursor.rule(content.path);
        let by_content = symbols.get(&(content.layer, content.index as usize));
        let (rule, size_bytes) = match (by_path, by_content) {
            (Some(rule), _) => (rule, content.size_bytes),
            (None, Some(MarkKind::Symbols { size_bytes })) if *size_bytes >= FILE_SYMBOLS_MIN => {
                (UNWANTED.len(), *size_bytes)
            }
            (None, Some(MarkKind::CoreDump)) => (CRASH_DUMP, content.size_bytes),
            (None, _) => continue,
        };
        if !ignore.has(content.path) {
            let counting = found.entry((content.layer, rule)).or_default();
            counting.add(content, size_bytes);
        }
    }
    found
        .into_iter()
        .map(|((layer, rule), counting)| counting.into_group(layer, rule))
        .collect()
}

/// What was noticed in contents besides credentials, by layer and entry.
fn noticed(layers: &[Arc<Layer>]) -> HashMap<(u32, usize), &MarkKind> {
    let marks = (0..)
        .zip(layers)
        .flat_map(|(layer, read)| read.marks.iter().map(move |mark| (layer, mark)));
    marks
        .filter(|(_, mark)| !matches!(mark.kind, MarkKind::Secret(_)))
        .map(|(layer, mark)| ((layer, mark.entry), &mark.kind))
        .collect()
}

/// A group that is being counted.
#[derive(Debug, Default)]
struct Counting<'a> {
    file_count: u64,
    size_bytes: u64,
    /// Bytes and path, largest first.
    examples: Vec<(u64, &'a [u8])>,
    lost_count: u64,
    /// What took the first one that was lost.
    loss: Option<Loss>,
    /// Whether something else took another one.
    is_lost_otherwise: bool,
}

impl<'a> Counting<'a> {
    fn add(&mut self, content: &Content<'a>, size_bytes: u64) {
        self.file_count += 1;
        self.size_bytes += size_bytes;
        let example = (size_bytes, content.path);
        let place = self
            .examples
            .partition_point(|other| (example.0, other.1) < (other.0, example.1));
        if place < EXAMPLE_COUNT_MAX {
            self.examples.insert(place, example);
            self.examples.truncate(EXAMPLE_COUNT_MAX);
        }
        if let Some(loss) = content.loss {
            self.lost_count += 1;
            self.is_lost_otherwise |= *self.loss.get_or_insert(loss) != loss;
        }
    }

    fn into_group(self, layer: u32, rule: usize) -> Group<'a> {
        let (rule, bytes_min) = match UNWANTED.get(rule) {
            Some(path_rule) => (&path_rule.rule, path_rule.bytes_min),
            None => (&UNSTRIPPED, SYMBOLS_BYTES_MIN),
        };
        let weight = if self.size_bytes < bytes_min {
            Weight::Note
        } else {
            rule.weight
        };
        Group {
            rule,
            weight,
            layer,
            file_count: self.file_count,
            size_bytes: self.size_bytes,
            examples: self.examples.into_iter().map(|(_, path)| path).collect(),
            fate: Fate {
                lost_count: self.lost_count,
                loss: self.loss.filter(|_| !self.is_lost_otherwise),
            },
        }
    }
}

impl Fate {
    /// What becomes of one file.
    pub(crate) fn of(loss: Option<Loss>) -> Self {
        Self {
            lost_count: loss.iter().count() as u64,
            loss,
        }
    }

    /// What becomes of the files, for the end of a sentence about `file_count` files in `layer`.
    pub(crate) fn told(self, file_count: u64, layer: u32) -> String {
        let did = |cause| match cause {
            Cause::Deleted => "deleted",
            Cause::Overwritten => "replaced",
        };
        match (self.lost_count, self.loss) {
            (0, _) => String::new(),
            (lost, Some(loss)) if lost == file_count && loss.layer == layer => {
                format!(
                    "; {} later in the same layer, still stored",
                    did(loss.cause)
                )
            }
            (lost, Some(loss)) if lost == file_count => format!(
                "; {} in layer {}, still stored in layer {layer}",
                did(loss.cause),
                loss.layer
            ),
            (lost, None) if lost == file_count => {
                format!("; deleted or replaced above, still stored in layer {layer}")
            }
            (lost, _) => {
                format!("; {lost} of them deleted or replaced above, still stored in layer {layer}")
            }
        }
    }
}

#[cfg(test)]
mod tests;
