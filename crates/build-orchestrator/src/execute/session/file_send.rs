//! Receives an archive that BuildKit's `tar` exporter sends.

use bollard_buildkit_proto::moby::filesync::v1::BytesMessage;
use bollard_buildkit_proto::moby::filesync::v1::file_send_server;
use std::io::{self, Write};
use std::path::PathBuf;
use tokio::sync::mpsc;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status, Streaming};

use crate::execute::whole_file::WholeFile;

/// Where the archive goes to.
#[derive(Clone, Debug)]
pub(super) struct ArchiveReceiver(pub(super) PathBuf);

#[tonic::async_trait]
impl file_send_server::FileSend for ArchiveReceiver {
    type DiffCopyStream = ReceiverStream<Result<BytesMessage, Status>>;

    async fn diff_copy(
        &self,
        request: Request<Streaming<BytesMessage>>,
    ) -> Result<Response<Self::DiffCopyStream>, Status> {
        let path = self.0.clone();
        // The stream's end tells BuildKit that the archive is there.
        let (outbox, outgoing) = mpsc::channel(1);
        tokio::spawn(async move {
            if let Err(status) = receive(path, request.into_inner()).await {
                let _ = outbox.send(Err(status)).await;
            }
        });
        Ok(Response::new(ReceiverStream::new(outgoing)))
    }
}

async fn receive(path: PathBuf, mut chunks: Streaming<BytesMessage>) -> Result<(), Status> {
    let mut file = WholeFile::create(&path).map_err(|error| failed(&error))?;
    while let Some(chunk) = chunks.next().await.transpose()? {
        file.write_all(&chunk.data)
            .map_err(|error| failed(&error))?;
    }
    file.finish().map_err(|error| failed(&error))
}

fn failed(error: &io::Error) -> Status {
    Status::aborted(error.to_string())
}
