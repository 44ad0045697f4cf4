//! Which containers an Engine has, and how it describes them.

use bollard::Docker;
use bollard::errors::Error as ApiError;
use bollard::models::{ContainerInspectResponse, HealthStatusEnum, HostConfig};
use bollard::query_parameters::{InspectContainerOptions, ListContainersOptions};
use std::collections::HashMap;

use super::nearest::hint;
use crate::model::container::{Container, Health, Limits};

/// The label that compose gives to the containers of a project.
/// Source: <https://docs.docker.com/reference/compose-file/services/#labels>
pub(crate) const PROJECT_LABEL: &str = "com.docker.compose.project";

/// The label that says which service of its project a container is.
const SERVICE_LABEL: &str = "com.docker.compose.service";

/// Which containers are meant: those with one of the names, if there are any, and all the labels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Choice {
    /// Names or ids.
    pub(crate) names: Vec<String>,
    /// Labels as `NAME=VALUE` or `NAME`.
    pub(crate) labels: Vec<String>,
}

/// Why it cannot be said which containers are meant.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ContainersError {
    /// The Engine does not answer.
    #[error(transparent)]
    Engine(#[from] ApiError),
    /// There is no container of a name.
    #[error("there is no container `{name}`{hint}")]
    Missing {
        /// The name.
        name: String,
        /// Which one may have been meant.
        hint: String,
    },
}

/// The containers that are meant, in no order: those of the names, running or not, else those that
/// run and have the labels.
///
/// # Errors
///
/// The Engine does not answer, or there is no container of a name.
pub(crate) async fn containers(
    api: &Docker,
    choice: &Choice,
) -> Result<Vec<Container>, ContainersError> {
    let mut found = Vec::new();
    for name in &choice.names {
        match container(api, name).await? {
            Some(container) => found.push(container),
            None => return Err(missing(api, name).await?),
        }
    }
    if choice.names.is_empty() {
        for id in running(api, choice).await? {
            found.extend(container(api, &id).await?);
        }
    }
    Ok(found)
}

/// The ids of the containers that run and have the labels.
///
/// # Errors
///
/// The Engine does not answer.
pub(crate) async fn running(api: &Docker, choice: &Choice) -> Result<Vec<String>, ApiError> {
    let filters = HashMap::from([("label".to_owned(), choice.labels.clone())]);
    let options = ListContainersOptions {
        filters: Some(filters),
        ..ListContainersOptions::default()
    };
    let listed = api.list_containers(Some(options)).await?;
    Ok(listed.into_iter().filter_map(|found| found.id).collect())
}

async fn missing(api: &Docker, name: &str) -> Result<ContainersError, ApiError> {
    let options = ListContainersOptions {
        all: true,
        ..ListContainersOptions::default()
    };
    let listed = api.list_containers(Some(options)).await?;
    let names = listed.into_iter().filter_map(|found| found.names).flatten();
    let names: Vec<String> = names
        .map(|name| name.trim_start_matches('/').to_owned())
        .collect();
    Ok(ContainersError::Missing {
        name: name.to_owned(),
        hint: hint(name, &names),
    })
}

/// A container by its name or id. `None` when there is none.
///
/// # Errors
///
/// The Engine does not answer.
pub(crate) async fn container(api: &Docker, id: &str) -> Result<Option<Container>, ApiError> {
    let described = api.inspect_container(id, None::<InspectContainerOptions>);
    match described.await {
        Ok(described) => Ok(Some(describe(described))),
        Err(error) if is_not_found(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether the Engine says that there is no such thing.
pub(crate) fn is_not_found(error: &ApiError) -> bool {
    matches!(
        error,
        ApiError::DockerResponseServerError {
            status_code: 404,
            ..
        }
    )
}

fn describe(described: ContainerInspectResponse) -> Container {
    let config = described.config.unwrap_or_default();
    let state = described.state.unwrap_or_default();
    let mut labels = config.labels.unwrap_or_default();
    let health = state.health.and_then(|health| health.status);
    Container {
        id: described.id.unwrap_or_default(),
        name: described
            .name
            .unwrap_or_default()
            .trim_start_matches('/')
            .to_owned(),
        image: config.image.unwrap_or_default(),
        project: labels.remove(PROJECT_LABEL),
        service: labels.remove(SERVICE_LABEL),
        limits: described
            .host_config
            .as_ref()
            .map(limits)
            .unwrap_or_default(),
        is_running: state.running.unwrap_or_default(),
        is_restarting: state.restarting.unwrap_or_default(),
        started_at: state.started_at.unwrap_or_default(),
        exit_code: state.exit_code.unwrap_or_default(),
        restart_count: count(described.restart_count).unwrap_or_default(),
        is_oom_killed: state.oom_killed.unwrap_or_default(),
        health: health.and_then(|health| match health {
            HealthStatusEnum::STARTING => Some(Health::Starting),
            HealthStatusEnum::HEALTHY => Some(Health::Healthy),
            HealthStatusEnum::UNHEALTHY => Some(Health::Unhealthy),
            HealthStatusEnum::EMPTY | HealthStatusEnum::NONE => None,
        }),
    }
}

/// The limits of a configuration, in which 0 stands for none.
///
/// Source: `docker run --help`: `--cpus` is `NanoCpus`, `--cpu-quota` and `--cpu-period` are
/// microseconds, and the period is 100 ms unless it is set.
fn limits(config: &HostConfig) -> Limits {
    let quota = count(config.cpu_quota).map(|quota_us| {
        let period_us = count(config.cpu_period).unwrap_or(100_000);
        quota_us as f64 / period_us as f64
    });
    Limits {
        memory_bytes: count(config.memory),
        memory_reservation_bytes: count(config.memory_reservation),
        cpus: count(config.nano_cpus)
            .map(|nano| nano as f64 / 1e9)
            .or(quota),
        pids: count(config.pids_limit),
    }
}

/// A number of which the Engine writes 0, and sometimes -1, for none.
fn count(number: Option<i64>) -> Option<u64> {
    number
        .and_then(|number| u64::try_from(number).ok())
        .filter(|&number| number > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_of_nothing_is_no_limit() {
        let none = HostConfig {
            memory: Some(0),
            pids_limit: Some(-1),
            ..HostConfig::default()
        };
        assert_eq!(limits(&none), Limits::default());
    }

    #[test]
    fn processors_are_limited_by_number_or_by_quota() {
        let by_number = HostConfig {
            nano_cpus: Some(1_500_000_000),
            ..HostConfig::default()
        };
        assert_eq!(limits(&by_number).cpus, Some(1.5));
        let by_quota = HostConfig {
            cpu_quota: Some(25_000),
            ..HostConfig::default()
        };
        assert_eq!(limits(&by_quota).cpus, Some(0.25));
    }
}
