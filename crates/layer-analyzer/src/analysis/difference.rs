//! Tells how two images differ, and what has to be left out of account until they are the same.

mod layers;
mod paths;
mod settings;
mod thing;

use std::collections::{BTreeSet, HashSet};

use super::stack::stack;
use crate::model::image::Image;
use layers::{LayerPair, layer_pair};
pub(crate) use paths::PathDifference;
use paths::{Side, paths};
pub(crate) use settings::Setting;
pub(crate) use thing::{Cause, Thing, ThingKind};

/// How two images differ.
#[derive(Debug)]
pub(crate) struct Difference<'a> {
    /// How much alike they are.
    pub(crate) verdict: Verdict,
    /// What differs, sorted; empty for identical images.
    pub(crate) causes: Vec<Cause>,
    /// What each image has in sum.
    pub(crate) figures: [Figures; 2],
    /// The paths that differ in what a container sees, in the order of a walk.
    pub(crate) paths: Vec<PathDifference<'a>>,
    /// The settings that differ, by name.
    pub(crate) settings: Vec<Setting>,
    /// What differs between the layers at each place, lowest first; nothing where only one is.
    pub(crate) layer_causes: Vec<Vec<Cause>>,
    /// The first path that differs in more than times where no container sees it, and its layer.
    /// `None` as well when what is seen comes from other layers.
    pub(crate) hidden_path: Option<(&'a [u8], u32)>,
}

/// How much alike two images are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The same, bit for bit.
    Identical,
    /// A container sees the same, times apart.
    Equivalent,
    /// A container sees something else.
    Different,
    /// Contents were not read, and what was read does not differ.
    Unknown,
}

/// What an image has in sum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Figures {
    /// Bytes of each layer's files, lowest first.
    pub(crate) layer_bytes: Vec<u64>,
    /// Bytes of the files that a container sees.
    pub(crate) live_bytes: u64,
    /// Files that a container sees.
    pub(crate) file_count: u64,
}

/// Compares two images.
pub(crate) fn difference<'a>(before: &'a Image, after: &'a Image) -> Difference<'a> {
    let sides = [before, after].map(|image| Side {
        image,
        tree: stack(&image.layers, 0).tree,
    });
    let [left, right] = &sides;
    let paths = paths(left, right);
    let pairs: Vec<LayerPair> = before
        .layers
        .iter()
        .zip(&after.layers)
        .map(|(before, after)| layer_pair(before, after))
        .collect();
    let settings = settings::settings(before, after);

    let mut causes = causes_of_paths(&paths.different);
    let seen: HashSet<&[u8]> = paths
        .different
        .iter()
        .map(|path| path.path.as_slice())
        .collect();
    causes.extend(pairs.iter().flat_map(|pair| hidden_causes(pair, &seen)));
    let hidden_path = (0..).zip(&pairs).find_map(|(layer, pair)| {
        let hidden = hidden(pair, &seen).filter(|(_, causes)| causes != &[Cause::Times]);
        Some((hidden.map(|(path, _)| *path).min()?, layer))
    });
    if paths.has_moved || before.layers.len() != after.layers.len() {
        causes.insert(Cause::Layers);
    }
    if !settings.is_empty() {
        causes.insert(Cause::Settings);
    }
    if has_other_history(before, after)
        || (causes.is_empty() && before.id != after.id && !paths.is_unread)
    {
        causes.insert(Cause::History);
    }
    let place_count = before.layers.len().max(after.layers.len());
    let mut layer_causes: Vec<Vec<Cause>> = pairs.into_iter().map(|pair| pair.causes).collect();
    layer_causes.resize(place_count, Vec::new());
    Difference {
        verdict: verdict(before.id == after.id, &causes, paths.is_unread),
        causes: causes.into_iter().collect(),
        figures: sides.each_ref().map(figures),
        paths: paths.different,
        settings,
        layer_causes,
        hidden_path: hidden_path.filter(|_| !paths.has_moved),
    }
}

fn verdict(is_same_id: bool, causes: &BTreeSet<Cause>, is_unread: bool) -> Verdict {
    if is_same_id {
        Verdict::Identical
    } else if causes.iter().any(|cause| cause.is_seen()) {
        Verdict::Different
    } else if is_unread {
        Verdict::Unknown
    } else {
        Verdict::Equivalent
    }
}

fn causes_of_paths(paths: &[PathDifference]) -> BTreeSet<Cause> {
    let is_in_both = |path: &PathDifference| path.before.is_some() && path.after.is_some();
    let mut causes: BTreeSet<Cause> = paths
        .iter()
        .flat_map(|path| &path.causes)
        .copied()
        .collect();
    if !paths.iter().all(is_in_both) {
        causes.insert(Cause::Files);
    }
    causes
}

/// What differs between two layers beside the paths that a container sees differ: it may not make
/// images seem other than they are for a container.
fn hidden_causes(pair: &LayerPair, seen: &HashSet<&[u8]>) -> BTreeSet<Cause> {
    let of_layer = |cause: &&Cause| matches!(cause, Cause::Order | Cause::Packing);
    let mut causes: BTreeSet<Cause> = pair.causes.iter().filter(of_layer).copied().collect();
    causes.extend(hidden(pair, seen).map(|(_, found)| match found.as_slice() {
        [Cause::Times] => Cause::Times,
        _ => Cause::Layers,
    }));
    causes
}

/// The paths that differ between two layers, and not in what a container sees.
fn hidden<'a, 'b>(
    pair: &'b LayerPair<'a>,
    seen: &'b HashSet<&[u8]>,
) -> impl Iterator<Item = &'b (&'a [u8], Vec<Cause>)> {
    pair.paths.iter().filter(|(path, _)| !seen.contains(path))
}

fn has_other_history(before: &Image, after: &Image) -> bool {
    before.created != after.created || before.history != after.history
}

fn figures(side: &Side) -> Figures {
    let mut layer_bytes = vec![0; side.image.layers.len()];
    let mut live_bytes = 0;
    for content in side.tree.contents() {
        layer_bytes[content.layer as usize] += content.size_bytes;
        if content.loss.is_none() {
            live_bytes += content.size_bytes;
        }
    }
    Figures {
        layer_bytes,
        live_bytes,
        file_count: side.tree.file_count(),
    }
}

#[cfg(test)]
mod tests;
