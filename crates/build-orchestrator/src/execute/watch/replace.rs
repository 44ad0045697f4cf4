//! Replaces a container by one of the same configuration when the image of its name is another.
//! The old one is kept until the new one has started, and comes back if it does not.

use bollard::Docker;
use bollard::errors::Error as ApiError;
use bollard::models::{
    ContainerConfig, ContainerCreateBody, ContainerInspectResponse, EndpointSettings, HostConfig,
    ImageConfig, MountPoint, NetworkConnectRequest, NetworkingConfig,
};
use bollard::query_parameters::{
    CreateContainerOptions, InspectContainerOptions, RemoveContainerOptions,
    RenameContainerOptions, StartContainerOptions, StopContainerOptions,
};
use common::engine::Engine;
use std::collections::HashMap;

/// How many letters of an id name a container by default.
const SHORT_ID: usize = 12;

/// Why a container was not replaced.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReplaceError {
    /// The Engine refused something before the old container was touched.
    #[error("failed to replace `{name}`: {error}")]
    Untouched {
        /// The container.
        name: String,
        /// What the Engine says.
        error: ApiError,
    },
    /// A stopped container would be gone.
    #[error("`{name}` was started with `--rm`, so it could not come back if its successor fails")]
    RemovedAtEnd {
        /// The container.
        name: String,
    },
    /// The new one failed, and the old one is back.
    #[error("the new `{name}` failed to start, so the old one runs again: {error}")]
    Restored {
        /// The container.
        name: String,
        /// Why the new one failed.
        error: ApiError,
    },
    /// The new one failed, and the old one did not come back.
    #[error("the new `{name}` failed to start ({error}), and so did the old one: {second}")]
    Lost {
        /// The container.
        name: String,
        /// Why the new one failed.
        error: ApiError,
        /// Why the old one failed.
        second: ApiError,
    },
}

/// Replaces a container if its image's name stands for another image by now. Returns whether it
/// was replaced.
///
/// # Errors
///
/// See [`ReplaceError`].
pub(crate) async fn replace(engine: &Engine, name: &str) -> Result<bool, ReplaceError> {
    let api = &engine.api;
    let untouched = |error| ReplaceError::Untouched {
        name: name.to_owned(),
        error,
    };
    let old = api.inspect_container(name, None::<InspectContainerOptions>);
    let old = old.await.map_err(untouched)?;
    let image = old.config.as_ref().and_then(|config| config.image.clone());
    let image = api.inspect_image(&image.unwrap_or_default()).await;
    if image.map_err(untouched)?.id == old.image {
        return Ok(false);
    }
    let host = old.host_config.as_ref();
    if host.and_then(|host| host.auto_remove).unwrap_or_default() {
        return Err(ReplaceError::RemovedAtEnd {
            name: name.to_owned(),
        });
    }
    let old_image = api.inspect_image(old.image.as_deref().unwrap_or_default());
    let old_image = old_image.await.map_err(untouched)?.config;
    let next = Successor::of(&old, &old_image.unwrap_or_default());
    let old_id = old.id.unwrap_or_default();
    let own_name = old.name.unwrap_or_default();
    let own_name = own_name.trim_start_matches('/');
    swap(api, own_name, &old_id, next).await?;
    Ok(true)
}

async fn swap(api: &Docker, name: &str, old_id: &str, next: Successor) -> Result<(), ReplaceError> {
    let kept_name = format!("{name}-before-{}", short(old_id));
    let untouched = |error| ReplaceError::Untouched {
        name: name.to_owned(),
        error,
    };
    rename(api, old_id, &kept_name).await.map_err(untouched)?;
    match start(api, name, old_id, next).await {
        Ok(()) => {
            let forced = RemoveContainerOptions {
                force: true,
                ..RemoveContainerOptions::default()
            };
            let removed = api.remove_container(old_id, Some(forced)).await;
            removed.map_err(untouched)
        }
        Err(error) => match restore(api, name, old_id).await {
            Ok(()) => Err(ReplaceError::Restored {
                name: name.to_owned(),
                error,
            }),
            Err(second) => Err(ReplaceError::Lost {
                name: name.to_owned(),
                error,
                second,
            }),
        },
    }
}

/// Makes the new container, then ends the old one, whose ports it needs, and starts the new one.
async fn start(api: &Docker, name: &str, old_id: &str, next: Successor) -> Result<(), ApiError> {
    let options = CreateContainerOptions {
        name: Some(name.to_owned()),
        ..CreateContainerOptions::default()
    };
    let created = api.create_container(Some(options), next.body).await?;
    for (network, endpoint) in next.networks {
        let request = NetworkConnectRequest {
            container: created.id.clone(),
            endpoint_config: Some(endpoint),
        };
        api.connect_network(&network, request).await?;
    }
    api.stop_container(old_id, None::<StopContainerOptions>)
        .await?;
    api.start_container(&created.id, None::<StartContainerOptions>)
        .await
}

async fn restore(api: &Docker, name: &str, old_id: &str) -> Result<(), ApiError> {
    let forced = RemoveContainerOptions {
        force: true,
        ..RemoveContainerOptions::default()
    };
    // If it could not even be made, there is none of the name.
    let _ = api.remove_container(name, Some(forced)).await;
    rename(api, old_id, name).await?;
    api.start_container(old_id, None::<StartContainerOptions>)
        .await
}

async fn rename(api: &Docker, id: &str, name: &str) -> Result<(), ApiError> {
    let options = RenameContainerOptions {
        name: name.to_owned(),
    };
    api.rename_container(id, options).await
}

fn short(id: &str) -> &str {
    id.get(..SHORT_ID).unwrap_or(id)
}

/// What the new container is made from.
struct Successor {
    body: ContainerCreateBody,
    /// The networks that it is connected to after its making: the Engine takes one with it.
    /// Source: `verifyNetworkingConfig` of github.com/moby/moby 20.10, daemon/create.go.
    networks: Vec<(String, EndpointSettings)>,
}

impl Successor {
    fn of(old: &ContainerInspectResponse, image: &ImageConfig) -> Self {
        let id = old.id.as_deref().unwrap_or_default();
        let config = own_config(old.config.clone().unwrap_or_default(), image, id);
        let mounts = old.mounts.as_deref().unwrap_or_default();
        let host = old.host_config.clone().unwrap_or_default();
        let settings = old.network_settings.as_ref();
        let networks = settings.and_then(|settings| settings.networks.clone());
        let mut networks: Vec<(String, EndpointSettings)> = networks
            .unwrap_or_default()
            .into_iter()
            .map(|(name, endpoint)| (name, own_endpoint(endpoint, id)))
            .collect();
        let mode = host.network_mode.clone().unwrap_or_default();
        networks.sort_by_key(|(name, _)| (*name != mode, name.clone()));
        let later = networks.split_off(networks.len().min(1));
        let body = ContainerCreateBody {
            host_config: Some(with_volumes(host, mounts)),
            networking_config: Some(NetworkingConfig {
                endpoints_config: Some(networks.into_iter().collect()),
            }),
            ..body(config)
        };
        Self {
            body,
            networks: later,
        }
    }
}

fn body(config: ContainerConfig) -> ContainerCreateBody {
    ContainerCreateBody {
        hostname: config.hostname,
        domainname: config.domainname,
        user: config.user,
        attach_stdin: config.attach_stdin,
        attach_stdout: config.attach_stdout,
        attach_stderr: config.attach_stderr,
        exposed_ports: config.exposed_ports,
        tty: config.tty,
        open_stdin: config.open_stdin,
        stdin_once: config.stdin_once,
        env: config.env,
        cmd: config.cmd,
        healthcheck: config.healthcheck,
        image: config.image,
        volumes: config.volumes,
        working_dir: config.working_dir,
        entrypoint: config.entrypoint,
        network_disabled: config.network_disabled,
        labels: config.labels,
        stop_signal: config.stop_signal,
        stop_timeout: config.stop_timeout,
        ..ContainerCreateBody::default()
    }
}

/// What was asked for when the container was made: what its image said is left to the new image.
fn own_config(config: ContainerConfig, image: &ImageConfig, id: &str) -> ContainerConfig {
    ContainerConfig {
        hostname: config.hostname.filter(|hostname| hostname != short(id)),
        user: own(config.user, image.user.as_ref()),
        env: Some(without(config.env, image.env.as_deref())),
        cmd: own(config.cmd, image.cmd.as_ref()),
        healthcheck: own(config.healthcheck, image.healthcheck.as_ref()),
        working_dir: own(config.working_dir, image.working_dir.as_ref()),
        entrypoint: own(config.entrypoint, image.entrypoint.as_ref()),
        labels: config.labels.map(|labels| own_labels(labels, image)),
        stop_signal: own(config.stop_signal, image.stop_signal.as_ref()),
        exposed_ports: Some(without(
            config.exposed_ports,
            image.exposed_ports.as_deref(),
        )),
        volumes: Some(without(config.volumes, image.volumes.as_deref())),
        ..config
    }
}

fn own<T: PartialEq>(value: Option<T>, of_image: Option<&T>) -> Option<T> {
    value.filter(|value| Some(value) != of_image)
}

fn without(values: Option<Vec<String>>, of_image: Option<&[String]>) -> Vec<String> {
    let of_image = of_image.unwrap_or_default();
    let values = values.unwrap_or_default().into_iter();
    values.filter(|value| !of_image.contains(value)).collect()
}

fn own_labels(mut labels: HashMap<String, String>, image: &ImageConfig) -> HashMap<String, String> {
    for (name, value) in image.labels.iter().flatten() {
        if labels.get(name) == Some(value) {
            labels.remove(name);
        }
    }
    labels
}

/// What was asked for of a network, without what the Engine made of it.
fn own_endpoint(endpoint: EndpointSettings, id: &str) -> EndpointSettings {
    let aliases = endpoint.aliases.unwrap_or_default().into_iter();
    EndpointSettings {
        ipam_config: endpoint.ipam_config,
        links: endpoint.links,
        // The Engine adds the container's own short id.
        aliases: Some(aliases.filter(|alias| alias != short(id)).collect()),
        driver_opts: endpoint.driver_opts,
        ..EndpointSettings::default()
    }
}

/// Takes over the volumes that have no name of the user's, with the data in them.
fn with_volumes(mut host: HostConfig, mounts: &[MountPoint]) -> HostConfig {
    let mut binds = host.binds.unwrap_or_default();
    let of_mounts = host.mounts.iter().flatten();
    let mounted: Vec<&str> = of_mounts.filter_map(|it| it.target.as_deref()).collect();
    for mount in mounts {
        let (Some(name), Some(destination)) = (&mount.name, &mount.destination) else {
            continue;
        };
        let is_bound = binds
            .iter()
            .any(|bind| bind.split(':').nth(1) == Some(destination));
        if !is_bound && !mounted.contains(&destination.as_str()) {
            binds.push(format!("{name}:{destination}"));
        }
    }
    host.binds = Some(binds);
    host
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|&text| text.to_owned()).collect()
    }

    #[test]
    fn what_came_from_the_image_is_left_to_the_new_image() {
        let image = ImageConfig {
            env: Some(texts(&["PATH=/bin", "MODE=image"])),
            cmd: Some(texts(&["serve"])),
            ..ImageConfig::default()
        };
        let config = ContainerConfig {
            hostname: Some("0123456789ab".to_owned()),
            env: Some(texts(&["PATH=/bin", "MODE=own"])),
            cmd: Some(texts(&["serve"])),
            entrypoint: Some(texts(&["/init"])),
            ..ContainerConfig::default()
        };
        let own = own_config(config, &image, "0123456789abcdef");
        assert_eq!(own.hostname, None);
        assert_eq!(own.env, Some(texts(&["MODE=own"])));
        assert_eq!(own.cmd, None);
        assert_eq!(own.entrypoint, Some(texts(&["/init"])));
    }

    #[test]
    fn volumes_without_a_name_are_taken_over() {
        let mount = |name: &str, destination: &str| MountPoint {
            name: Some(name.to_owned()),
            destination: Some(destination.to_owned()),
            ..MountPoint::default()
        };
        let host = HostConfig {
            binds: Some(texts(&["data:/data:ro"])),
            ..HostConfig::default()
        };
        let host = with_volumes(host, &[mount("data", "/data"), mount("f00", "/cache")]);
        assert_eq!(host.binds, Some(texts(&["data:/data:ro", "f00:/cache"])));
    }
}
