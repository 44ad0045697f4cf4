//! One target's build: the call that solves it, and the status that is followed meanwhile.

use bollard_buildkit_proto::moby::buildkit::v1::control_client::ControlClient;
use bollard_buildkit_proto::moby::buildkit::v1::{SolveRequest, StatusRequest};
use common::engine::Engine;
use std::error::Error as _;
use std::time::Duration;
use tonic::transport::Channel;
use tonic::{Code, Status};

use super::client::ConnectError;
use super::event::StepEvent;
use super::outputs::{Output, save};
use super::request::{Given, solve_request};
use super::session;
use super::status::{Steps, Tell};
use super::{client, failure};
use crate::model::outcome::{Exported, Image, TargetError, TargetErrorKind};
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
    given: &Given,
    steps: &mut Steps,
    tell: &mut Tell<'_>,
) -> Result<Built, TargetError> {
    let mut client = client::connect(&engine.endpoint).await?;
    let mut built = Built::default();
    for (index, output) in given.outputs.iter().enumerate() {
        if !(output.is_image() && built.image.is_some()) {
            let request = solve_request(target, given, output)?;
            let services = given.services.with_receiver(output.receiver());
            let _session =
                session::open(&mut client, &request.session, &given.shared_key, services).await?;
            // Further outputs are made of what the first solve left in the cache, so their steps
            // say nothing new.
            let (mut silent_steps, mut silent) = (Steps::new(given.clock), |_: StepEvent<'_>| ());
            let (steps, tell): (&mut Steps, &mut Tell<'_>) = match index {
                0 => (&mut *steps, &mut *tell),
                _ => (&mut silent_steps, &mut silent),
            };
            let digest = solve(client.clone(), request, steps, tell).await?;
            if output.is_image() {
                let digest = digest
                    .ok_or_else(|| Status::internal("BuildKit did not say the image's digest"))?;
                built.image = Some(inspect(engine, &digest).await?);
            }
        }
        if let (Output::Saved(path), Some(image)) = (output, &built.image) {
            save(engine, &image.id, &given.names, path).await?;
        }
        built.exported.extend(output.exported()?);
    }
    Ok(built)
}

/// What a build has made.
#[derive(Debug, Default)]
pub(super) struct Built {
    /// The image. `None` when only files were asked for.
    pub(super) image: Option<Image>,
    /// What was written beside it.
    pub(super) exported: Vec<Exported>,
}

/// Runs a solve to its end. Returns the image's digest, if there is one.
async fn solve(
    client: ControlClient<Channel>,
    request: SolveRequest,
    steps: &mut Steps,
    tell: &mut Tell<'_>,
) -> Result<Option<String>, Status> {
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
    Ok(response.remove("containerimage.digest"))
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
