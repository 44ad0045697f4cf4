//! Writes down how the layers of images are stored, and what the images of a set share.

use common::report::{ImageLayers, Layer, LayerBlob, SharedLayer, Sharing, sha256_hex};

use crate::analysis::sharing::{self, StoredLayer, sharing};
use crate::model::image;

/// Says of each layer of an image what nodes and registries know it by.
pub(super) fn with_identities(mut written: ImageLayers, read: &image::Image) -> ImageLayers {
    let ids = chain_ids(read.layers.iter().map(|layer| layer.diff_id.as_str()));
    for ((layer, id), read) in written.layers.iter_mut().zip(ids).zip(&read.layers) {
        layer.chain_id = id;
        layer.blob = Some(blob(&read.blob));
    }
    written
}

/// What a node knows each layer by: a digest of its own `diff_id` and of all below it.
/// Source: image-spec config.md, "Layer `ChainID`".
fn chain_ids<'a>(diff_ids: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut chain: Vec<String> = Vec::new();
    for diff_id in diff_ids {
        let id = match chain.last() {
            None => diff_id.to_owned(),
            Some(below) => sha256_hex(format!("{below} {diff_id}").as_bytes()),
        };
        chain.push(id);
    }
    chain
}

fn blob(read: &image::Blob) -> LayerBlob {
    LayerBlob {
        digest: read.digest.clone(),
        size_bytes: read.size_bytes,
        compression: read.compression.map(str::to_owned),
    }
}

/// What the images share. An image that is there several times counts once; `None` when there are
/// not two.
pub(super) fn set_sharing(images: &[ImageLayers]) -> Option<Sharing> {
    let is_first = |(index, image): &(usize, &ImageLayers)| {
        images[..*index].iter().all(|other| other.id != image.id)
    };
    let images: Vec<&ImageLayers> = images
        .iter()
        .enumerate()
        .filter(is_first)
        .map(|(_, image)| image)
        .collect();
    if images.len() < 2 {
        return None;
    }
    let stored: Vec<Vec<StoredLayer>> = images
        .iter()
        .map(|image| image.layers.iter().map(stored_layer).collect())
        .collect();
    let found = sharing(&stored);
    let shared_layer = |layer: &sharing::SharedLayer| SharedLayer {
        diff_id: layer.diff_id.to_owned(),
        size_bytes: layer.size_bytes,
        images: layer
            .images
            .iter()
            .map(|image| images[*image].name.clone())
            .collect(),
        node_copy_count: layer.node_copy_count,
        instruction: images[layer.images[0]].layers[layer.first_index]
            .instruction
            .clone(),
    };
    Some(Sharing {
        registry_bytes: found.registry_bytes,
        registry_sum_bytes: found.registry_sum_bytes,
        node_bytes: found.node_bytes,
        node_sum_bytes: found.node_sum_bytes,
        layers: found.layers.iter().map(shared_layer).collect(),
    })
}

fn stored_layer(layer: &Layer) -> StoredLayer<'_> {
    let blob = layer.blob.as_ref();
    let blob_digest = blob.and_then(|blob| blob.digest.as_deref());
    StoredLayer {
        diff_id: &layer.diff_id,
        chain_id: &layer.chain_id,
        blob_digest: blob_digest.unwrap_or(&layer.diff_id),
        blob_bytes: blob.map_or(0, |blob| blob.size_bytes),
        size_bytes: layer.size_bytes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_id_is_a_digest_of_all_below() {
        // By `printf '%s' 'sha256:a sha256:b' | sha256sum`, and of that with ` sha256:c`.
        let ids = chain_ids(["sha256:a", "sha256:b", "sha256:c"]);
        let expected = [
            "sha256:a",
            "sha256:970a948bffa8de94d6e22d747ba8c95030e6e546909f98f54e99a13005e173a8",
            "sha256:dee159b33409cefa3f6eda71539f006014283e9d9130c18a1dea7bd8a33c9b1b",
        ];
        assert_eq!(ids, expected);
        assert!(chain_ids([]).is_empty());
    }

    #[test]
    fn an_image_under_two_names_is_no_set() {
        let image = |name: &str, id: &str| ImageLayers {
            name: name.to_owned(),
            id: id.to_owned(),
            ..ImageLayers::default()
        };
        let twice = [image("a:1", "sha256:0"), image("a:2", "sha256:0")];
        assert_eq!(set_sharing(&twice), None);
        let two = [image("a:1", "sha256:0"), image("b:1", "sha256:1")];
        assert_eq!(set_sharing(&two).unwrap().layers, []);
    }
}
