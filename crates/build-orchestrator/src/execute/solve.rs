//! One target's build: the call that solves it, and the status that is followed meanwhile.

use bollard_buildkit_proto::moby::buildkit::v1::control_client::ControlClient;
use bollard_buildkit_proto::moby::buildkit::v1::{SolveRequest, StatusRequest};
use common::engine::Engine;
use std::error::Error as _;
use std::time::Duration;
use tonic::transport::Channel;
use tonic::{Code, Status};

use super::client::ConnectError;
use super::identity::shared_key;
use super::registry_auth::RegistryAuth;
use super::request::solve_request;
use super::session;
use super::session::file_sync::FileSync;
use super::status::{Steps, Tell};
use super::{BuildOptions, client, failure};
use crate::model::outcome::{Image, TargetError, TargetErrorKind};
use crate::model::plan::Target;

/// How long the status may go on after the solve has ended.
///
/// Chosen: it ends as soon as all is said, which takes a busy Engine a while; this only bounds one
/// that hangs.
const STATUS_GRACE: Duration = Duration::from_secs(10);

/// How often the status is asked for while the Engine does not know the solve yet.
///
/// Chosen: each time it waits 3 s for the solve to begin, 6 s in newer versions, which an Engine
/// under load can exceed. Source: research/build.md section 3.1, docker/buildx#3486.
const STATUS_TRIES: u32 = 5;

/// Builds a target, which `steps` follows.
pub(super) async fn build(
    engine: &Engine,
    target: &Target,
    options: &BuildOptions,
    files: FileSync,
    auth: &RegistryAuth,
    steps: &mut Steps,
    tell: &mut Tell<'_>,
) -> Result<Image, TargetError> {
    let request = solve_request(target, options)?;
    let mut client = client::connect(&engine.endpoint).await?;
    let shared_key = shared_key(&target.context_dir, &target.name);
    let _session = session::open(
        &mut client,
        &request.session,
        &shared_key,
        files,
        auth.clone(),
    )
    .await?;
    let digest = solve(client, request, steps, tell).await?;
    inspect(engine, &digest).await
}

/// Runs a solve to its end. Returns the image's digest.
async fn solve(
    client: ControlClient<Channel>,
    request: SolveRequest,
    steps: &mut Steps,
    tell: &mut Tell<'_>,
) -> Result<String, Status> {
    let status = StatusRequest {
        r#ref: request.r#ref.clone(),
    };
    let follow = follow(client.clone(), status, steps, tell);
    let mut follow = std::pin::pin!(follow);
    let mut solver = client;
    let mut solve = std::pin::pin!(solver.solve(request));
    let response = tokio::select! {
        response = &mut solve => {
            // The last messages say what came from the cache.
            let _ = tokio::time::timeout(STATUS_GRACE, follow).await;
            response
        }
        () = &mut follow => solve.await,
    };
    let mut response = response?.into_inner().exporter_response;
    response
        .remove("containerimage.digest")
        .ok_or_else(|| Status::internal("BuildKit did not say the image's digest"))
}

/// Reads the status stream to its end. A stream that breaks is no failure of its own: the solve
/// says what happened.
async fn follow(
    mut client: ControlClient<Channel>,
    request: StatusRequest,
    steps: &mut Steps,
    tell: &mut Tell<'_>,
) {
    for _ in 0..STATUS_TRIES {
        let Ok(stream) = client.status(request.clone()).await else {
            continue;
        };
        let mut stream = stream.into_inner();
        let mut is_known = false;
        while let Ok(Some(response)) = stream.message().await {
            is_known = true;
            steps.apply(&response, tell);
        }
        if is_known {
            return;
        }
    }
}

async fn inspect(engine: &Engine, digest: &str) -> Result<Image, TargetError> {
    let image = engine.api.inspect_image(digest).await.map_err(|error| {
        unavailable(format!(
            "failed to inspect the image `{digest}` that was built: {error}"
        ))
    })?;
    let platform = [image.os, image.architecture, image.variant]
        .into_iter()
        .flatten()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("/");
    Ok(Image {
        id: image.id.unwrap_or_default(),
        size_bytes: image.size.unwrap_or_default().try_into().unwrap_or(0),
        platform,
    })
}

impl From<ConnectError> for TargetError {
    fn from(error: ConnectError) -> Self {
        unavailable(error.to_string())
    }
}

impl From<Status> for TargetError {
    /// Tells a builder that refuses from one that is gone: only the latter's status has a cause
    /// within this process.
    fn from(status: Status) -> Self {
        let error = failure::described(status.message());
        let says_nothing = error.kind == TargetErrorKind::Build;
        if status.source().is_some() || (says_nothing && status.code() == Code::Unavailable) {
            let cause = client::cause(&status);
            return unavailable(format!("the connection to BuildKit was lost: {cause}"));
        }
        error
    }
}

fn unavailable(message: String) -> TargetError {
    TargetError {
        kind: TargetErrorKind::Unavailable,
        message,
    }
}
