//! The connection to the BuildKit within an Engine.
//!
//! Each target has a connection of its own: a connection that is lost takes one target along, not
//! its siblings. Source: docker/buildx#4063.

use bollard_buildkit_proto::moby::buildkit::v1::control_client::ControlClient;
use common::engine::Endpoint;
use hyper::header::{CONNECTION, HOST, UPGRADE};
use hyper::upgrade::Upgraded;
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use std::io;
use tonic::transport::Channel;

/// The longest message that BuildKit sends.
/// Source: `DefaultMaxRecvMsgSize` of github.com/containerd/containerd, which BuildKit uses.
const MESSAGE_BYTES_MAX: usize = 16 << 20;

/// How many bytes BuildKit may have on its way to us, in one call and in all of them; see
/// `session` for why the second has to be so much larger. A session's messages have 20 bytes and
/// more.
const CALL_WINDOW_BYTES: u32 = 256 << 10;
const CONNECTION_WINDOW_BYTES: u32 = 16 << 20;

/// Why BuildKit cannot be reached.
#[derive(Debug, thiserror::Error)]
#[error("failed to connect to the BuildKit of the Engine: {}", cause(.0))]
pub(super) struct ConnectError(#[from] tonic::transport::Error);

/// The innermost cause of an error, which is the only one that says what happened.
pub(super) fn cause(error: &dyn std::error::Error) -> String {
    error.source().map_or_else(|| error.to_string(), cause)
}

/// Opens a connection to an Engine's BuildKit.
pub(super) async fn connect(endpoint: &Endpoint) -> Result<ControlClient<Channel>, ConnectError> {
    let endpoint = endpoint.clone();
    let connector = tower::service_fn(move |_| {
        let endpoint = endpoint.clone();
        async move { hijack(&endpoint).await }
    });
    // The name is not looked up: the connector knows where the Engine is.
    let channel = tonic::transport::Endpoint::from_static("http://buildkit")
        .initial_stream_window_size(CALL_WINDOW_BYTES)
        .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
        .connect_with_connector(connector)
        .await?;
    Ok(ControlClient::new(channel).max_decoding_message_size(MESSAGE_BYTES_MAX))
}

/// Asks the Engine to turn a connection over to BuildKit.
///
/// Source: research/build.md section 3.3.
async fn hijack(endpoint: &Endpoint) -> io::Result<Upgraded> {
    let stream = TokioIo::new(endpoint.dial().await?);
    let (mut sender, connection) = hyper::client::conn::http1::handshake(stream)
        .await
        .map_err(io::Error::other)?;
    tokio::spawn(connection.with_upgrades());
    let request = Request::post("/grpc")
        .header(HOST, "engine")
        .header(CONNECTION, "Upgrade")
        .header(UPGRADE, "h2c")
        .body(String::new())
        .map_err(io::Error::other)?;
    let response = sender
        .send_request(request)
        .await
        .map_err(io::Error::other)?;
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        let status = response.status();
        return Err(io::Error::other(format!(
            "the Engine answered `POST /grpc` with {status}"
        )));
    }
    hyper::upgrade::on(response).await.map_err(io::Error::other)
}
