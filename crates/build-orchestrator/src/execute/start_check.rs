//! Starts a container of an image, cut off from the network, and sees what becomes of it.

use bollard::Docker;
use bollard::errors::Error as ApiError;
use bollard::models::{
    ContainerCreateBody, ContainerState, HealthConfig, HealthStatusEnum, HostConfig,
};
use bollard::query_parameters::{
    InspectContainerOptions, LogsOptionsBuilder, StartContainerOptions,
};
use futures_util::StreamExt;
use std::time::{Duration, Instant};

use super::container::with_container;
use crate::model::contract::{StartTerm, Terms};
use crate::model::image::{BuiltImage, StartState, Started};

/// How long a process without a health check has to run to have started.
///
/// Chosen: what is misconfigured mostly ends within a second.
const SETTLED: Duration = Duration::from_secs(2);

/// How often the Engine is asked, and the most often that it probes the container's health.
///
/// Chosen: a tenth of what a person notices as waiting.
const ASK_EVERY: Duration = Duration::from_millis(100);
const PROBE_EVERY: Duration = Duration::from_secs(1);

/// What a container may use.
///
/// Chosen: a fraction of the smallest CI runner, and enough for a service that nobody asks.
const MEMORY_BYTES_MAX: i64 = 1 << 30;
const PIDS_MAX: i64 = 1024;

/// How many of its last lines are kept.
///
/// Chosen: a stack trace fits.
const LOG_LINES: &str = "20";

/// Starts a container of the image, and removes it. `timeout` holds if the terms have none. `None`
/// when it was interrupted before it was clear what becomes of it.
pub(super) async fn start_check(
    api: &Docker,
    image: &BuiltImage,
    terms: &Terms,
    timeout: Duration,
    interrupted: impl Future<Output = ()>,
) -> Result<Option<Started>, ApiError> {
    let timeout = terms.start_timeout.unwrap_or(timeout);
    let term = terms.start.unwrap_or_default();
    let config = config(image, terms, timeout);
    with_container(api, config, async |id| {
        let clock = Instant::now();
        let state = match api.start_container(id, None::<StartContainerOptions>).await {
            Ok(()) => tokio::select! {
                () = interrupted => return Ok(None),
                state = watch(api, id, image, term, timeout) => state?,
            },
            Err(ApiError::DockerResponseServerError { message, .. }) => {
                StartState::Refused(message.trim().to_owned())
            }
            Err(error) => return Err(error),
        };
        let elapsed_ms = u64::try_from(clock.elapsed().as_millis()).unwrap_or(u64::MAX);
        let is_fine = matches!(state, StartState::Healthy | StartState::Exited(0));
        Ok(Some(Started {
            log_tail: if is_fine {
                Vec::new()
            } else {
                log_tail(api, id).await
            },
            state,
            duration_ms: elapsed_ms,
        }))
    })
    .await
}

fn config(image: &BuiltImage, terms: &Terms, timeout: Duration) -> ContainerCreateBody {
    let nanoseconds = |duration: Duration| i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX);
    // The test itself is the image's. Failures count only after the start period.
    let health_check = HealthConfig {
        interval: Some(nanoseconds(PROBE_EVERY)),
        start_period: Some(nanoseconds(timeout)),
        ..HealthConfig::default()
    };
    ContainerCreateBody {
        image: Some(image.id.clone()),
        healthcheck: image.has_health_check.then_some(health_check),
        host_config: Some(HostConfig {
            network_mode: Some(terms.network.clone().unwrap_or_else(|| "none".to_owned())),
            memory: Some(MEMORY_BYTES_MAX),
            pids_limit: Some(PIDS_MAX),
            ..HostConfig::default()
        }),
        ..ContainerCreateBody::default()
    }
}

/// Waits until it is clear what becomes of a container.
async fn watch(
    api: &Docker,
    id: &str,
    image: &BuiltImage,
    term: StartTerm,
    timeout: Duration,
) -> Result<StartState, ApiError> {
    let waits_for_health = image.has_health_check && term == StartTerm::Start;
    let waits_for_end = term == StartTerm::ExitZero;
    let limit = if waits_for_health || waits_for_end {
        timeout
    } else {
        timeout.min(SETTLED)
    };
    let clock = Instant::now();
    loop {
        let options = None::<InspectContainerOptions>;
        let state = api.inspect_container(id, options).await?.state;
        let state = state.unwrap_or_default();
        if state.running == Some(false) {
            return Ok(StartState::Exited(state.exit_code.unwrap_or_default()));
        }
        if waits_for_health && is_healthy(&state) {
            return Ok(StartState::Healthy);
        }
        if clock.elapsed() >= limit {
            return Ok(if waits_for_health {
                StartState::Unhealthy
            } else {
                StartState::Running
            });
        }
        tokio::time::sleep(ASK_EVERY).await;
    }
}

fn is_healthy(state: &ContainerState) -> bool {
    let status = state.health.as_ref().and_then(|health| health.status);
    status == Some(HealthStatusEnum::HEALTHY)
}

/// The last lines. Advice, so failing to read them is none.
async fn log_tail(api: &Docker, id: &str) -> Vec<String> {
    let options = LogsOptionsBuilder::default()
        .stdout(true)
        .stderr(true)
        .tail(LOG_LINES)
        .build();
    let mut output = Vec::new();
    let mut stream = api.logs(id, Some(options));
    while let Some(Ok(part)) = stream.next().await {
        output.extend(part.into_bytes());
    }
    let text = String::from_utf8_lossy(&output);
    text.lines().map(str::to_owned).collect()
}
