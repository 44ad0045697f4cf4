//! Tells the layers of the base image from those above, and what either side wastes.

use super::origin::{Origin, planned_layers, stages_down};
use super::tree::Content;
use crate::model::build::BuiltTarget;
use crate::model::image::Image;

/// The layers of an image that were there before its own instructions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Base {
    /// What the base image is called.
    pub(crate) name: Option<String>,
    /// How many layers are its, from the bottom.
    pub(crate) layer_count: u32,
}

impl Base {
    /// The base that all layers of `image` are.
    pub(crate) fn of_image(image: &Image) -> Self {
        Self {
            name: Some(image.name.clone()),
            layer_count: u32::try_from(image.layers.len()).unwrap_or(u32::MAX),
        }
    }
}

/// What either side of an image's layers has and wastes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_field_names,
    reason = "units come last, also when all are bytes"
)]
pub(crate) struct Shares {
    /// Bytes of the base's layers.
    pub(crate) base_bytes: u64,
    /// Bytes of the base's layers that no container sees.
    pub(crate) base_wasted_bytes: u64,
    /// Bytes of the layers above.
    pub(crate) own_bytes: u64,
    /// Bytes that no container sees because of the layers above: theirs, and what they take away
    /// from the base's.
    pub(crate) own_wasted_bytes: u64,
}

/// The base of an image by the target that made it. `None` when it is not known which layers are
/// its own: `origins` are those of its layers, lowest first.
pub(crate) fn base_of_target(target: &BuiltTarget, origins: &[Option<Origin>]) -> Option<Base> {
    let has_own_layers = !planned_layers(target).is_empty();
    let layer_count = match origins.iter().position(Option::is_some) {
        None if has_own_layers => return None,
        None => origins.len(),
        Some(lowest_own) => lowest_own,
    };
    let lowest_stage = stages_down(target).pop()?;
    Some(Base {
        name: lowest_stage.base_image.clone(),
        layer_count: u32::try_from(layer_count).unwrap_or(u32::MAX),
    })
}

/// How many of the lowest layers two images have in common.
pub(crate) fn common_layer_count(a: &Image, b: &Image) -> usize {
    let layers = a.layers.iter().zip(&b.layers);
    layers.take_while(|(a, b)| a.diff_id == b.diff_id).count()
}

/// Counts what either side of the layers has and wastes.
pub(crate) fn shares(contents: &[Content], base: &Base) -> Shares {
    let mut shares = Shares::default();
    for content in contents {
        let is_own = content.layer >= base.layer_count;
        let is_own_waste = content
            .loss
            .is_some_and(|loss| is_own || loss.layer >= base.layer_count);
        if is_own {
            shares.own_bytes += content.size_bytes;
        } else {
            shares.base_bytes += content.size_bytes;
        }
        if content.loss.is_some() && !is_own {
            shares.base_wasted_bytes += content.size_bytes;
        }
        if is_own_waste {
            shares.own_wasted_bytes += content.size_bytes;
        }
    }
    shares
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::analysis::stack::stack;
    use crate::model::build::{Instruction, Stage};
    use crate::model::entry::{Entry, EntryKind};
    use crate::model::image::Layer;

    fn target(instructions: &[&str]) -> BuiltTarget {
        let instruction = |keyword: &&str| Instruction {
            keyword: (*keyword).to_owned(),
            text: (*keyword).to_owned(),
            line: 2,
        };
        let stage = |index, base, base_image: Option<&str>, instructions| Stage {
            index,
            label: String::new(),
            base,
            base_image: base_image.map(str::to_owned),
            dockerfile_path: String::new(),
            instructions,
        };
        let own = instructions.iter().map(instruction).collect();
        BuiltTarget {
            name: "app".to_owned(),
            image_id: String::new(),
            tags: Vec::new(),
            stages: vec![
                stage(0, None, Some("debian:12"), Vec::new()),
                stage(1, Some(0), None, own),
            ],
            stage_images: Vec::new(),
        }
    }

    fn base(layer_count: u32) -> Base {
        Base {
            name: Some("debian:12".to_owned()),
            layer_count,
        }
    }

    #[test]
    fn the_base_is_what_lies_below_the_first_own_layer() {
        let own = || {
            Some(Origin {
                stage: "",
                stage_index: 1,
                path: "",
                line: 2,
                text: "",
            })
        };
        let found = base_of_target(&target(&["RUN"]), &[None, None, own(), own()]);
        assert_eq!(found, Some(base(2)));
        assert_eq!(base_of_target(&target(&["RUN"]), &[None, None]), None);
        assert_eq!(
            base_of_target(&target(&["CMD"]), &[None, None]),
            Some(base(2))
        );
    }

    #[test]
    fn what_a_layer_takes_from_the_base_is_its_own_waste() {
        let gone = |path| Entry::of(path, EntryKind::Whiteout);
        let layers = [
            vec![
                Entry::file("a", 1),
                Entry::file("b", 2),
                Entry::file("c", 4),
            ],
            vec![gone("a"), Entry::file("d", 8)],
            vec![gone("b"), Entry::file("d", 16)],
        ];
        let layers = layers.map(|entries| Arc::new(Layer::of(entries)));
        let stack = stack(&layers, 0);
        let expected = Shares {
            base_bytes: 7,
            base_wasted_bytes: 3,
            own_bytes: 24,
            own_wasted_bytes: 11,
        };
        assert_eq!(shares(stack.tree.contents(), &base(1)), expected);
        let expected = Shares {
            base_bytes: 15,
            base_wasted_bytes: 11,
            own_bytes: 16,
            own_wasted_bytes: 10,
        };
        assert_eq!(shares(stack.tree.contents(), &base(2)), expected);
    }
}
