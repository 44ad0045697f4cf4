//! A container for as long as something is done with it.

use bollard::Docker;
use bollard::errors::Error as ApiError;
use bollard::models::ContainerCreateBody;
use bollard::query_parameters::{CreateContainerOptions, RemoveContainerOptions};

/// Makes a container, gives its id to `body`, and removes it, whatever `body` says. Volumes that
/// the image declares go with it.
///
/// # Errors
///
/// It cannot be made or removed, or `body` fails.
pub(super) async fn with_container<T, E: From<ApiError>>(
    api: &Docker,
    config: ContainerCreateBody,
    body: impl AsyncFnOnce(&str) -> Result<T, E>,
) -> Result<T, E> {
    let created = api
        .create_container(None::<CreateContainerOptions>, config)
        .await?;
    let result = body(&created.id).await;
    let options = RemoveContainerOptions {
        v: true,
        force: true,
        link: false,
    };
    api.remove_container(&created.id, Some(options)).await?;
    result
}
