//! Pulls the images that a target starts from, where its frontend must not do it.
//!
//! BuildKit can only be told to look up all images of a Dockerfile in their registries, and then
//! does not find those that another target has just made. Source: docker/compose#12880.

use bollard::query_parameters::CreateImageOptionsBuilder;
use common::engine::Engine;
use futures_util::TryStreamExt;

use crate::model::outcome::{TargetError, TargetErrorKind};
use crate::model::plan::Target;

/// Whether the frontend can look up all of the target's images in their registries.
pub(super) fn frontend_can(target: &Target) -> bool {
    target.depends_on.is_empty() && target.context_uses.is_empty()
}

/// Pulls the images that no target makes.
pub(super) async fn pull(engine: &Engine, target: &Target) -> Result<(), TargetError> {
    for image in &target.images {
        let options = CreateImageOptionsBuilder::default()
            .from_image(image)
            .build();
        let progress = engine.api.create_image(Some(options), None, None);
        let pulled = progress.try_for_each(|_| async { Ok(()) }).await;
        pulled.map_err(|error| TargetError {
            kind: TargetErrorKind::Build,
            message: format!("failed to pull `{image}`: {error}"),
        })?;
    }
    Ok(())
}
