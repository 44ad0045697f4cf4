//! What the images of a set share, and what the set costs a registry and a node.
//!
//! A registry keeps blobs, each digest once. A node keeps unpacked layers, each once for every
//! chain of layers below it. Source: image-spec config.md, "Layer `ChainID`".

use std::collections::{BTreeMap, BTreeSet};

/// A layer as it is stored, apart from what is in it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StoredLayer<'a> {
    /// Digest of the uncompressed archive.
    pub(crate) diff_id: &'a str,
    /// What stands for the layer and all below it.
    pub(crate) chain_id: &'a str,
    /// Digest of the blob.
    pub(crate) blob_digest: &'a str,
    /// Bytes of the blob.
    pub(crate) blob_bytes: u64,
    /// Bytes of the layer's files.
    pub(crate) size_bytes: u64,
}

/// What a set of images costs, and the layers that several of them have.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Sharing<'a> {
    /// Bytes of the blobs, each once.
    pub(crate) registry_bytes: u64,
    /// Bytes of the blobs of all images.
    pub(crate) registry_sum_bytes: u64,
    /// Bytes of the files of the layers, each chain once.
    pub(crate) node_bytes: u64,
    /// Bytes of the files of the layers of all images.
    pub(crate) node_sum_bytes: u64,
    /// The shared layers, those first that save most bytes.
    pub(crate) layers: Vec<SharedLayer<'a>>,
}

/// A layer that several images have.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SharedLayer<'a> {
    /// Digest of the uncompressed archive.
    pub(crate) diff_id: &'a str,
    /// Bytes of the layer's files.
    pub(crate) size_bytes: u64,
    /// The images that have it, by index, sorted.
    pub(crate) images: Vec<usize>,
    /// The layer's position in the first of them.
    pub(crate) first_index: usize,
    /// How many different chains of layers are below it.
    pub(crate) node_copy_count: u32,
}

/// Returns what the images, each a list of layers from the lowest, share and cost.
pub(crate) fn sharing<'a>(images: &[Vec<StoredLayer<'a>>]) -> Sharing<'a> {
    let all = || images.iter().flatten();
    let blobs: BTreeMap<&str, u64> = all()
        .map(|layer| (layer.blob_digest, layer.blob_bytes))
        .collect();
    let chains: BTreeMap<&str, u64> = all()
        .map(|layer| (layer.chain_id, layer.size_bytes))
        .collect();
    Sharing {
        registry_bytes: blobs.values().sum(),
        registry_sum_bytes: all().map(|layer| layer.blob_bytes).sum(),
        node_bytes: chains.values().sum(),
        node_sum_bytes: all().map(|layer| layer.size_bytes).sum(),
        layers: shared_layers(images),
    }
}

/// Where a layer is.
struct Places<'a> {
    size_bytes: u64,
    images: BTreeSet<usize>,
    first_index: usize,
    chains: BTreeSet<&'a str>,
}

fn shared_layers<'a>(images: &[Vec<StoredLayer<'a>>]) -> Vec<SharedLayer<'a>> {
    let mut places: BTreeMap<&str, Places> = BTreeMap::new();
    for (image, layers) in images.iter().enumerate() {
        for (index, layer) in layers.iter().enumerate() {
            let place = places.entry(layer.diff_id).or_insert_with(|| Places {
                size_bytes: layer.size_bytes,
                images: BTreeSet::new(),
                first_index: index,
                chains: BTreeSet::new(),
            });
            place.images.insert(image);
            place.chains.insert(layer.chain_id);
        }
    }
    let shared = places.into_iter().filter(|(_, at)| at.images.len() > 1);
    let mut layers: Vec<SharedLayer> = shared
        .map(|(diff_id, at)| SharedLayer {
            diff_id,
            size_bytes: at.size_bytes,
            images: at.images.into_iter().collect(),
            first_index: at.first_index,
            node_copy_count: u32::try_from(at.chains.len()).unwrap_or(u32::MAX),
        })
        .collect();
    layers.sort_by_key(|layer| {
        let saved_bytes = layer.size_bytes * (layer.images.len() as u64 - 1);
        (
            std::cmp::Reverse(saved_bytes),
            layer.images[0],
            layer.first_index,
        )
    });
    layers
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A layer named by one letter; its chain is the word of the letters up to it.
    fn layer<'a>(diff_id: &'a str, chain_id: &'a str, size_bytes: u64) -> StoredLayer<'a> {
        StoredLayer {
            diff_id,
            chain_id,
            blob_digest: diff_id,
            blob_bytes: size_bytes / 2,
            size_bytes,
        }
    }

    #[test]
    fn a_layer_at_the_same_place_is_kept_once_everywhere() {
        let images = [
            vec![layer("a", "a", 100), layer("b", "ab", 10)],
            vec![layer("a", "a", 100), layer("c", "ac", 20)],
        ];
        let found = sharing(&images);
        assert_eq!((found.node_sum_bytes, found.node_bytes), (230, 130));
        assert_eq!((found.registry_sum_bytes, found.registry_bytes), (115, 65));
        let a = SharedLayer {
            diff_id: "a",
            size_bytes: 100,
            images: vec![0, 1],
            first_index: 0,
            node_copy_count: 1,
        };
        assert_eq!(found.layers, [a]);
    }

    #[test]
    fn a_layer_above_others_is_pulled_once_and_kept_twice() {
        let images = [
            vec![layer("a", "a", 100), layer("t", "at", 40)],
            vec![layer("b", "b", 60), layer("t", "bt", 40)],
        ];
        let found = sharing(&images);
        assert_eq!((found.node_sum_bytes, found.node_bytes), (240, 240));
        assert_eq!((found.registry_sum_bytes, found.registry_bytes), (120, 100));
        let shared = &found.layers[0];
        assert_eq!((shared.diff_id, shared.node_copy_count), ("t", 2));
        assert_eq!(shared.first_index, 1);
    }

    #[test]
    fn a_layer_that_one_image_has_twice_is_not_shared() {
        let images = [
            vec![layer("e", "e", 10), layer("e", "ee", 10)],
            vec![layer("f", "f", 1)],
        ];
        let found = sharing(&images);
        assert_eq!(found.layers, []);
        assert_eq!((found.node_bytes, found.registry_bytes), (21, 5));
    }

    #[test]
    fn what_saves_most_comes_first() {
        let images = [
            vec![layer("a", "a", 30), layer("b", "ab", 20)],
            vec![layer("a", "a", 30), layer("b", "ab", 20)],
            vec![layer("b", "b", 20), layer("c", "bc", 1)],
        ];
        let found = sharing(&images);
        let order: Vec<&str> = found.layers.iter().map(|layer| layer.diff_id).collect();
        // `b` saves two times 20, `a` once 30.
        assert_eq!(order, ["b", "a"]);
    }

    #[test]
    fn the_same_content_compressed_in_two_ways_is_two_blobs() {
        let images = [
            vec![StoredLayer {
                blob_digest: "gzip",
                ..layer("a", "a", 100)
            }],
            vec![StoredLayer {
                blob_digest: "zstd",
                ..layer("a", "a", 100)
            }],
        ];
        let found = sharing(&images);
        assert_eq!((found.registry_bytes, found.node_bytes), (100, 100));
    }
}
