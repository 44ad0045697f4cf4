//! The session of one target: what BuildKit may ask of us while it builds.
//!
//! A session turns the connection around: within the stream of a `Session` call BuildKit is the
//! client, and we serve files and credentials.

mod auth;
mod diff_copy;
pub(super) mod file_sync;

use bollard_buildkit_proto::health::health_server::HealthServer;
use bollard_buildkit_proto::moby::buildkit::v1::BytesMessage;
use bollard_buildkit_proto::moby::buildkit::v1::control_client::ControlClient;
use bollard_buildkit_proto::moby::filesync::v1::auth_server::AuthServer;
use bollard_buildkit_proto::moby::filesync::v1::file_sync_server::FileSyncServer;
use std::io;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::metadata::AsciiMetadataValue;
use tonic::transport::{Channel, Server};
use tonic::{Request, Status, Streaming};

use super::registry_auth::RegistryAuth;
use auth::Alive;
use file_sync::FileSync;

/// Bytes of one message of the session's stream.
///
/// Chosen: a file's chunk with its frames fits.
const MESSAGE_BYTES: usize = 64 * 1024;

/// How many bytes BuildKit may have on its way to us, in one call and in all of them.
///
/// h2 ends a connection that holds too many small frames, by an estimate of 256 bytes for each and
/// a limit of half the connection's window. BuildKit asks for files in frames of 9 bytes and more,
/// so a call of this size holds 7282 of them at most, and the limit is above 16 000.
/// Source: `DataFrameBudget` of h2 0.4.20.
const CALL_WINDOW_BYTES: u32 = 65_535;
const CONNECTION_WINDOW_BYTES: u32 = 8 << 20;

/// What BuildKit may call. It asks for nothing that is not announced.
const METHODS: [&str; 3] = [
    "/moby.filesync.v1.FileSync/DiffCopy",
    "/moby.filesync.v1.Auth/Credentials",
    "/grpc.health.v1.Health/Check",
];

/// A session that is being served. Dropping it ends it.
pub(super) struct Session {
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

impl Drop for Session {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// Opens a session and serves it.
///
/// `shared_key` names the folder across builds: of a folder that BuildKit knows already, only what
/// changed is transferred.
pub(super) async fn open(
    client: &mut ControlClient<Channel>,
    id: &str,
    shared_key: &str,
    files: FileSync,
    auth: RegistryAuth,
) -> Result<Session, Status> {
    let (ours, theirs) = tokio::io::duplex(MESSAGE_BYTES);
    let (outbox, outgoing) = mpsc::channel(16);
    let mut request = Request::new(ReceiverStream::new(outgoing));
    let metadata = request.metadata_mut();
    metadata.insert("x-docker-expose-session-uuid", header(id)?);
    metadata.insert(
        "x-docker-expose-session-name",
        header("build-orchestrator")?,
    );
    metadata.insert("x-docker-expose-session-sharedkey", header(shared_key)?);
    for method in METHODS {
        metadata.append("x-docker-expose-session-grpc-method", header(method)?);
    }
    let incoming = client.session(request).await?.into_inner();
    let (reader, writer) = tokio::io::split(theirs);
    Ok(Session {
        tasks: vec![
            tokio::spawn(send(reader, outbox)),
            tokio::spawn(receive(incoming, writer)),
            tokio::spawn(serve(ours, files, auth)),
        ],
    })
}

fn header(text: &str) -> Result<AsciiMetadataValue, Status> {
    text.parse()
        .map_err(|_| Status::invalid_argument("the session's headers have to be ASCII"))
}

/// Moves what we answer into the stream, until either side is closed.
async fn send(mut from: impl AsyncReadExt + Unpin, to: mpsc::Sender<BytesMessage>) {
    let mut buffer = vec![0; MESSAGE_BYTES];
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        let data = buffer[..count].to_vec();
        if to.send(BytesMessage { data }).await.is_err() {
            break;
        }
    }
}

/// Moves what BuildKit asks out of the stream, until either side is closed.
async fn receive(mut from: Streaming<BytesMessage>, mut to: impl AsyncWriteExt + Unpin) {
    while let Ok(Some(message)) = from.message().await {
        if to.write_all(&message.data).await.is_err() {
            break;
        }
    }
}

async fn serve(stream: DuplexStream, files: FileSync, auth: RegistryAuth) {
    let incoming = tokio_stream::once(Ok::<_, io::Error>(stream));
    // A session that breaks shows as the failure of what BuildKit wanted from it.
    let _ = Server::builder()
        .initial_stream_window_size(CALL_WINDOW_BYTES)
        .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
        .add_service(FileSyncServer::new(files))
        .add_service(AuthServer::new(auth))
        .add_service(HealthServer::new(Alive))
        .serve_with_incoming(incoming)
        .await;
}
