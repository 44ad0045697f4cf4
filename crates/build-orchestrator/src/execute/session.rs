//! The session of one target: what BuildKit may ask of us while it builds.
//!
//! A session turns the connection around: within the stream of a `Session` call BuildKit is the
//! client, and we serve files and credentials.

mod auth;
mod diff_copy;
mod file_send;
pub(super) mod file_sync;
mod receive;
mod secrets;
mod ssh;

use bollard_buildkit_proto::health::health_server::HealthServer;
use bollard_buildkit_proto::moby::buildkit::secrets::v1::secrets_server::SecretsServer;
use bollard_buildkit_proto::moby::buildkit::v1::BytesMessage;
use bollard_buildkit_proto::moby::buildkit::v1::control_client::ControlClient;
use bollard_buildkit_proto::moby::filesync::packet::file_send_server::FileSendServer as FolderServer;
use bollard_buildkit_proto::moby::filesync::v1::auth_server::AuthServer;
use bollard_buildkit_proto::moby::filesync::v1::file_send_server::FileSendServer as ArchiveServer;
use bollard_buildkit_proto::moby::filesync::v1::file_sync_server::FileSyncServer;
use bollard_buildkit_proto::moby::sshforward::v1::ssh_server::SshServer;
use std::io;
use std::path::PathBuf;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::metadata::AsciiMetadataValue;
use tonic::transport::{Channel, Server};
use tonic::{Request, Status, Streaming};

use super::registry_auth::RegistryAuth;
use crate::model::plan::Secret;
use auth::Alive;
use file_send::ArchiveReceiver;
use file_sync::FileSync;
use receive::FolderReceiver;
use secrets::SecretServer;
use ssh::AgentServer;

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

/// What BuildKit may call in every session. It asks for nothing that is not announced.
const METHODS: [&str; 3] = [
    "/moby.filesync.v1.FileSync/DiffCopy",
    "/moby.filesync.v1.Auth/Credentials",
    "/grpc.health.v1.Health/Check",
];

/// What it may call when there is something of the kind.
const SECRET_METHODS: [&str; 1] = ["/moby.buildkit.secrets.v1.Secrets/GetSecret"];
const AGENT_METHODS: [&str; 2] = [
    "/moby.sshforward.v1.SSH/CheckAgent",
    "/moby.sshforward.v1.SSH/ForwardAgent",
];
const RECEIVER_METHODS: [&str; 1] = ["/moby.filesync.v1.FileSend/DiffCopy"];

/// What a session offers.
#[derive(Clone)]
pub(super) struct Services {
    /// The build context and the Dockerfile.
    pub(super) files: FileSync,
    /// The secrets.
    pub(super) secrets: Vec<Secret>,
    /// The sockets of ssh agents by id.
    pub(super) agents: Vec<(String, PathBuf)>,
    /// The credentials for registries.
    pub(super) auth: RegistryAuth,
    /// Where the result goes to. `None` when it stays with the Engine.
    pub(super) receiver: Option<Receiver>,
}

/// What takes a result.
#[derive(Clone, Debug)]
pub(super) enum Receiver {
    /// A folder, as the exporter `local` sends it.
    Folder(PathBuf),
    /// An archive, as the exporter `tar` sends it.
    Archive(PathBuf),
}

impl Services {
    /// Files alone.
    pub(super) fn files(files: FileSync) -> Self {
        Self {
            files,
            secrets: Vec::new(),
            agents: Vec::new(),
            auth: RegistryAuth::default(),
            receiver: None,
        }
    }

    /// The same with what takes the result.
    pub(super) fn with_receiver(&self, receiver: Option<Receiver>) -> Self {
        Self {
            receiver,
            ..self.clone()
        }
    }

    fn methods(&self) -> Vec<&'static str> {
        let mut methods = METHODS.to_vec();
        if !self.secrets.is_empty() {
            methods.extend(SECRET_METHODS);
        }
        if !self.agents.is_empty() {
            methods.extend(AGENT_METHODS);
        }
        if self.receiver.is_some() {
            methods.extend(RECEIVER_METHODS);
        }
        methods
    }
}

/// A session that is being served. Dropping it ends it.
pub(super) struct Session {
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

impl Session {
    /// Whether both sides are still there.
    pub(super) fn is_open(&self) -> bool {
        // The third is done as soon as it has its one connection.
        let mut bridges = self.tasks.iter().take(2);
        !bridges.any(tokio::task::JoinHandle::is_finished)
    }
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
    services: Services,
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
    for method in services.methods() {
        metadata.append("x-docker-expose-session-grpc-method", header(method)?);
    }
    let incoming = client.session(request).await?.into_inner();
    let (reader, writer) = tokio::io::split(theirs);
    Ok(Session {
        tasks: vec![
            tokio::spawn(send(reader, outbox)),
            tokio::spawn(receive(incoming, writer)),
            tokio::spawn(serve(ours, services)),
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

async fn serve(stream: DuplexStream, services: Services) {
    let incoming = tokio_stream::once(Ok::<_, io::Error>(stream));
    let (folder, archive) = match services.receiver {
        Some(Receiver::Folder(dir)) => (Some(FolderServer::new(FolderReceiver(dir))), None),
        Some(Receiver::Archive(path)) => (None, Some(ArchiveServer::new(ArchiveReceiver(path)))),
        None => (None, None),
    };
    // A session that breaks shows as the failure of what BuildKit wanted from it.
    let _ = Server::builder()
        .initial_stream_window_size(CALL_WINDOW_BYTES)
        .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
        .add_service(FileSyncServer::new(services.files))
        .add_service(SecretsServer::new(SecretServer(services.secrets)))
        .add_service(SshServer::new(AgentServer(services.agents)))
        .add_optional_service(folder)
        .add_optional_service(archive)
        .add_service(AuthServer::new(services.auth))
        .add_service(HealthServer::new(Alive))
        .serve_with_incoming(incoming)
        .await;
}
