//! Forwards what a `RUN --mount=type=ssh` asks of an ssh agent to the agent, byte for byte.

use bollard_buildkit_proto::moby::sshforward::v1::ssh_server;
use bollard_buildkit_proto::moby::sshforward::v1::{
    BytesMessage, CheckAgentRequest, CheckAgentResponse,
};
use std::path::PathBuf;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status, Streaming};

/// The metadata that names the agent.
/// Source: `KeySSHID` in session/sshforward/ssh.go of github.com/moby/buildkit.
const ID_KEY: &str = "buildkit.ssh.id";

/// The agent that an empty id means. Source: `DefaultID` in the same file.
const DEFAULT_ID: &str = "default";

/// Bytes of one message.
///
/// Chosen: an agent's answers are a few hundred bytes.
const MESSAGE_BYTES: usize = 32 * 1024;

/// The sockets of a target's agents by id.
#[derive(Clone, Debug)]
pub(super) struct AgentServer(pub(super) Vec<(String, PathBuf)>);

impl AgentServer {
    fn socket(&self, id: &str) -> Result<&PathBuf, Status> {
        let id = if id.is_empty() { DEFAULT_ID } else { id };
        let agent = self.0.iter().find(|(known, _)| known == id);
        agent
            .map(|(_, socket)| socket)
            .ok_or_else(|| Status::not_found(format!("the target has no ssh agent `{id}`")))
    }
}

#[tonic::async_trait]
impl ssh_server::Ssh for AgentServer {
    async fn check_agent(
        &self,
        request: Request<CheckAgentRequest>,
    ) -> Result<Response<CheckAgentResponse>, Status> {
        self.socket(&request.into_inner().id)?;
        Ok(Response::new(CheckAgentResponse {}))
    }

    type ForwardAgentStream = ReceiverStream<Result<BytesMessage, Status>>;

    async fn forward_agent(
        &self,
        request: Request<Streaming<BytesMessage>>,
    ) -> Result<Response<Self::ForwardAgentStream>, Status> {
        let id = request.metadata().get(ID_KEY);
        let id = id.and_then(|id| id.to_str().ok()).unwrap_or_default();
        let socket = self.socket(id)?;
        let agent = UnixStream::connect(socket).await.map_err(|error| {
            let socket = socket.display();
            Status::unavailable(format!("no ssh agent answers at `{socket}`: {error}"))
        })?;
        let (reader, writer) = agent.into_split();
        let (outbox, outgoing) = mpsc::channel(4);
        tokio::spawn(to_agent(request.into_inner(), writer));
        tokio::spawn(from_agent(reader, outbox));
        Ok(Response::new(ReceiverStream::new(outgoing)))
    }
}

// Whichever side leaves first ends both: dropping a half of the socket closes it.

async fn to_agent(mut requests: Streaming<BytesMessage>, mut agent: OwnedWriteHalf) {
    while let Ok(Some(message)) = requests.message().await {
        if agent.write_all(&message.data).await.is_err() {
            break;
        }
    }
}

async fn from_agent(mut agent: OwnedReadHalf, outbox: mpsc::Sender<Result<BytesMessage, Status>>) {
    let mut buffer = vec![0; MESSAGE_BYTES];
    while let Ok(count @ 1..) = agent.read(&mut buffer).await {
        let data = buffer[..count].to_vec();
        if outbox.send(Ok(BytesMessage { data })).await.is_err() {
            break;
        }
    }
}
