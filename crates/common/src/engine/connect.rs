//! An Engine that answers.

use bollard::errors::Error as ApiError;
use bollard::{API_DEFAULT_VERSION, BollardRequest, Docker};
use hyper::body::{Body, Incoming};
use hyper::header::{HOST, HeaderValue};
use hyper::{Request, Response, Uri};
use hyper_util::rt::TokioIo;
use std::error::Error;
use std::time::Duration;

use super::{Endpoint, EndpointError};
use crate::error::CommandError;
use crate::report::EngineInfo;

/// How long an Engine may take to say its version.
///
/// Chosen: an ssh login to the other side of the world fits.
const HELLO_TIMEOUT: Duration = Duration::from_secs(30);

/// How long an Engine may take until it begins to answer any other request, in seconds.
///
/// Chosen: `docker save` of a large image reads for minutes before its first byte.
const RESPONSE_TIMEOUT_S: u64 = 600;

/// The header with the credentials for a registry.
const REGISTRY_AUTH: &str = "x-registry-auth";

/// An Engine that has answered.
#[derive(Clone, Debug)]
pub struct Engine {
    /// Where it listens; for connections of one's own, such as BuildKit's.
    pub endpoint: Endpoint,
    /// The client of its API.
    pub api: Docker,
    /// What it says of itself.
    pub info: EngineInfo,
}

/// Why there is no Engine to talk to.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// It cannot be said which Engine is meant.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// Nobody answers there, or something that is no Engine.
    #[error("no Docker Engine answers at `{endpoint}`")]
    NoAnswer {
        /// Where it was sought.
        endpoint: Endpoint,
        /// What happened.
        source: Box<ApiError>,
    },
    /// It took too long to answer.
    #[error("the Docker Engine at `{endpoint}` did not say its version within {} s", HELLO_TIMEOUT.as_secs())]
    Timeout {
        /// Where it was sought.
        endpoint: Endpoint,
    },
}

impl From<EngineError> for CommandError {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Endpoint(_) => Self::usage(error),
            _ => Self::unavailable(error).hint(
                "start it with scripts/engine.sh, or name another one with --host or DOCKER_HOST",
            ),
        }
    }
}

impl Engine {
    /// Finds the Engine that `host` or the environment names, and asks for its version.
    ///
    /// # Errors
    ///
    /// It cannot be said which Engine is meant, or that one does not answer.
    pub async fn connect(host: Option<&str>) -> Result<Self, EngineError> {
        let endpoint = Endpoint::find(host)?;
        let hello = tokio::time::timeout(HELLO_TIMEOUT, hello(&endpoint)).await;
        match hello {
            Ok(Ok((api, info))) => Ok(Self {
                endpoint,
                api,
                info,
            }),
            Ok(Err(error)) => Err(EngineError::NoAnswer {
                endpoint,
                source: Box::new(error),
            }),
            Err(_) => Err(EngineError::Timeout { endpoint }),
        }
    }
}

async fn hello(endpoint: &Endpoint) -> Result<(Docker, EngineInfo), ApiError> {
    let dialled = endpoint.clone();
    let transport = move |request: BollardRequest| send(dialled.clone(), request);
    let api = Docker::connect_with_custom_transport(
        transport,
        Some("http://engine"),
        RESPONSE_TIMEOUT_S,
        API_DEFAULT_VERSION,
    )?;
    // bollard 0.21 asks for no version of the API, so the Engine answers with its newest: there is
    // nothing to negotiate.
    let version = api.version().await?;
    let info = EngineInfo {
        version: version.version.unwrap_or_default(),
        api_version: version.api_version.unwrap_or_default(),
        platform: format!(
            "{}/{}",
            version.os.unwrap_or_default(),
            version.arch.unwrap_or_default()
        ),
    };
    Ok((api, info))
}

/// Sends one request over a connection of its own, which ends with the answer's body.
///
/// The tools ask an Engine a handful of things; a pool would save less than it takes to read.
pub(super) async fn send<B>(
    endpoint: Endpoint,
    mut request: Request<B>,
) -> Result<Response<Incoming>, ApiError>
where
    B: Body<Data: Send, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static,
{
    let stream = endpoint.dial().await?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|err| ApiError::HyperResponseError { err })?;
    tokio::spawn(connection.with_upgrades());
    // bollard writes a full URL, as for a proxy; a server wants the path and a `Host`.
    let path = request
        .uri()
        .path_and_query()
        .map_or("/", |path| path.as_str());
    *request.uri_mut() = path
        .parse::<Uri>()
        .map_err(|err| ApiError::InvalidURIError { err })?;
    request
        .headers_mut()
        .insert(HOST, HeaderValue::from_static("engine"));
    if let Some(auth) = request.headers_mut().get_mut(REGISTRY_AUTH) {
        *auth = url_safe(auth);
    }
    sender
        .send_request(request)
        .await
        .map_err(|err| ApiError::HyperResponseError { err })
}

/// Base64 in the alphabet that the Engine reads. bollard 0.21 writes the other one, in which some
/// passwords arrive as none at all.
///
/// Source: `base64_url_encode` of bollard, and <https://docs.docker.com/reference/api/engine/>.
fn url_safe(base64: &HeaderValue) -> HeaderValue {
    let bytes = base64.as_bytes().iter().map(|byte| match byte {
        b'+' => b'-',
        b'/' => b'_',
        &byte => byte,
    });
    let bytes: Vec<u8> = bytes.collect();
    HeaderValue::from_bytes(&bytes).unwrap_or_else(|_| base64.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_written_in_the_alphabet_that_the_engine_reads() {
        let header = HeaderValue::from_static("eyJh+/8=");
        assert_eq!(url_safe(&header), "eyJh-_8=");
    }
}
