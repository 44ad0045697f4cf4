//! Writes down what of an image comes from its base.

use common::report::{BaseShare, Layer};

use crate::analysis::base::{Base, shares};
use crate::analysis::tree::Content;

/// The share of the base in the contents of an image.
pub(super) fn base_share(base: &Base, contents: &[Content]) -> BaseShare {
    let shares = shares(contents, base);
    BaseShare {
        name: base.name.clone(),
        layer_count: base.layer_count,
        size_bytes: shares.base_bytes,
        wasted_bytes: shares.base_wasted_bytes,
        own_bytes: shares.own_bytes,
        own_wasted_bytes: shares.own_wasted_bytes,
    }
}

/// Says of each layer whether it is the base's, if that is known.
pub(super) fn mark_base(layers: &mut [Layer], base: Option<&Base>) {
    for layer in layers {
        layer.is_from_base = base.map(|base| layer.index < base.layer_count);
    }
}
