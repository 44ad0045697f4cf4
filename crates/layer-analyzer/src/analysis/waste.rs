//! Counts the bytes that some layer stores and no container sees.
//!
//! Every content is counted once: live, or wasted in the layer that stores it.

use super::tree::{Cause, Content, Loss, Tree};
use crate::model::map::Map;

/// What of an image is wasted.
#[derive(Debug)]
pub(crate) struct Waste<'a> {
    /// Bytes of the contents that a container sees.
    pub(crate) live_bytes: u64,
    /// Bytes of the contents that it does not see.
    pub(crate) wasted_bytes: u64,
    /// What each layer wastes and makes others waste, lowest first.
    pub(crate) layers: Vec<LayerWaste>,
    /// The paths that waste most, most first, then by path.
    pub(crate) paths: Vec<WastedPath<'a>>,
    /// How many more paths waste bytes.
    pub(crate) paths_omitted: u64,
}

/// Bytes that are wasted in a layer, or by it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_field_names,
    reason = "units come last, also when all are bytes"
)]
pub(crate) struct LayerWaste {
    /// Bytes of lower layers that this layer's files replace.
    pub(crate) overwritten_bytes: u64,
    /// Bytes of lower layers that this layer deletes.
    pub(crate) deleted_bytes: u64,
    /// Bytes of this layer that no container sees.
    pub(crate) wasted_bytes: u64,
}

/// A path that wastes bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WastedPath<'a> {
    /// The path that the contents are stored under.
    pub(crate) path: &'a [u8],
    /// Bytes stored there that no container sees.
    pub(crate) wasted_bytes: u64,
    /// How many contents are stored there, a live one included.
    pub(crate) copy_count: u32,
    /// Whether there is nothing at the path in the end.
    pub(crate) is_deleted: bool,
    /// The layers that store a content there, or took its last name; sorted.
    pub(crate) layers: Vec<u32>,
}

/// Counts what is wasted in a tree of `layer_count` layers, and names the `top` worst paths.
pub(crate) fn waste<'a>(tree: &Tree<'a>, layer_count: usize, top: usize) -> Waste<'a> {
    let mut layers = vec![LayerWaste::default(); layer_count];
    let (mut live_bytes, mut wasted_bytes) = (0, 0);
    for content in tree.contents() {
        match content.loss {
            None => live_bytes += content.size_bytes,
            Some(loss) => {
                wasted_bytes += content.size_bytes;
                blame(&mut layers, content, loss);
            }
        }
    }
    let mut paths = wasted_paths(tree.contents());
    let paths_omitted = paths.len().saturating_sub(top) as u64;
    paths.truncate(top);
    for path in &mut paths {
        path.is_deleted = !tree.contains(path.path);
    }
    Waste {
        live_bytes,
        wasted_bytes,
        layers,
        paths,
        paths_omitted,
    }
}

fn blame(layers: &mut [LayerWaste], content: &Content, loss: Loss) {
    layers[content.layer as usize].wasted_bytes += content.size_bytes;
    if loss.layer == content.layer {
        return;
    }
    let taker = &mut layers[loss.layer as usize];
    match loss.cause {
        Cause::Deleted => taker.deleted_bytes += content.size_bytes,
        Cause::Overwritten => taker.overwritten_bytes += content.size_bytes,
    }
}

fn wasted_paths<'a>(contents: &[Content<'a>]) -> Vec<WastedPath<'a>> {
    let mut by_path: Map<&[u8], WastedPath> = Map::default();
    for (content, loss) in contents
        .iter()
        .filter_map(|content| Some((content, content.loss?)))
    {
        if content.size_bytes > 0 {
            let wasted = by_path
                .entry(content.path)
                .or_insert_with(|| unwasted(content.path));
            wasted.wasted_bytes += content.size_bytes;
            wasted.layers.push(loss.layer);
        }
    }
    for content in contents {
        if let Some(wasted) = by_path.get_mut(content.path) {
            wasted.copy_count += 1;
            wasted.layers.push(content.layer);
        }
    }
    let mut paths: Vec<WastedPath> = by_path.into_values().collect();
    for path in &mut paths {
        path.layers.sort_unstable();
        path.layers.dedup();
    }
    paths.sort_unstable_by(|a, b| (b.wasted_bytes, a.path).cmp(&(a.wasted_bytes, b.path)));
    paths
}

fn unwasted(path: &[u8]) -> WastedPath<'_> {
    WastedPath {
        path,
        wasted_bytes: 0,
        copy_count: 0,
        is_deleted: false,
        layers: Vec::new(),
    }
}

#[cfg(test)]
mod tests;
