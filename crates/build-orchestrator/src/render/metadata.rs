//! What buildx writes about the images of a build.
//!
//! Source: github.com/docker/buildx/pull/989: an image that was pushed has the digest of its
//! manifest as `containerimage.digest`, and its id as `containerimage.config.digest`.

use common::report::{BuildData, ImageMetadata, TargetBuild};
use std::collections::BTreeMap;

/// The images by target. Targets without one are left out.
pub(crate) fn metadata(data: &BuildData) -> BTreeMap<String, ImageMetadata> {
    let target = |target: &TargetBuild| Some((target.plan.name.clone(), image(target)?));
    data.targets.iter().filter_map(target).collect()
}

fn image(target: &TargetBuild) -> Option<ImageMetadata> {
    let id = target.image.as_ref()?.id.clone();
    let pushed = target.pushed.first().map(|pushed| pushed.digest.clone());
    let tags = target.plan.tags.join(",");
    Some(ImageMetadata {
        digest: pushed.unwrap_or_else(|| id.clone()),
        config_digest: id,
        name: (!tags.is_empty()).then_some(tags),
    })
}
