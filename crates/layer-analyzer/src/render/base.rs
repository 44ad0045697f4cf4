//! The line on what of an image comes from its base.

use common::report::{BaseShare, ImageLayers};
use common::units::{format_bytes, format_count, format_ratio, ratio};

/// What the base has, and what the layers above it have and waste. `None` for an image that starts
/// from nothing, or of which it is not known.
pub(super) fn base(image: &ImageLayers) -> Option<String> {
    let base = image.base.as_ref().filter(|base| base.layer_count > 0)?;
    let name = base
        .name
        .as_deref()
        .map_or(String::new(), |name| format!(" `{name}`"));
    let layers = format_count(u64::from(base.layer_count), "layer");
    Some(format!(
        "{} in {layers} of the base image{name}; own layers: {}, {} wasted, efficiency {}",
        format_bytes(base.size_bytes),
        format_bytes(base.own_bytes),
        format_bytes(base.own_wasted_bytes),
        format_ratio(own_efficiency(image, base)),
    ))
}

/// As the gates count it, see docs/layer-analyzer/gates.md.
fn own_efficiency(image: &ImageLayers, base: &BaseShare) -> f64 {
    let own_lost = image.wasted_bytes.saturating_sub(base.wasted_bytes);
    let own_live = base.own_bytes.saturating_sub(own_lost);
    ratio(own_live, own_live.saturating_add(base.own_wasted_bytes)).unwrap_or(1.0)
}
