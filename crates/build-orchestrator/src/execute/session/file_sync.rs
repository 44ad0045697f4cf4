//! Serves the build context and the Dockerfile, by the protocol of github.com/tonistiigi/fsutil.
//!
//! The sender lists every entry in a `STAT` packet and ends the list with an empty one; an entry's
//! id is its place in the list. The receiver asks for the content of the files that it does not
//! have with `REQ`, gets it in `DATA` packets, the last of them empty, and ends with `FIN`.

use bollard_buildkit_proto::fsutil::types::packet::PacketType;
use bollard_buildkit_proto::fsutil::types::{Packet, Stat};
use bollard_buildkit_proto::moby::filesync::v1::file_sync_server;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tokio_stream::{Stream, StreamExt};
use tonic::metadata::MetadataMap;
use tonic::{Request, Response, Status, Streaming};

use crate::input::context::{entry, select};
use crate::model::context::{ContextEntry, ContextScan, EntryKind};

/// Bytes of one `DATA` packet.
/// Source: `bufPool` in fsutil's send.go.
const CHUNK_BYTES: usize = 32 * 1024;

/// How many packets may wait for the connection.
///
/// Chosen: 2 MiB of file content.
const QUEUE_PACKETS: usize = 64;

/// What a target's builder may read.
#[derive(Clone, Debug)]
pub(in crate::execute) struct FileSync {
    /// The build context.
    pub(in crate::execute) context: Arc<ContextScan>,
    /// The Dockerfile.
    pub(in crate::execute) dockerfile_path: PathBuf,
    /// Counts the bytes of file content that were asked for.
    pub(in crate::execute) sent_bytes: Arc<AtomicU64>,
}

#[tonic::async_trait]
impl file_sync_server::FileSync for FileSync {
    type DiffCopyStream = ReceiverStream<Result<Packet, Status>>;
    type TarStreamStream = tokio_stream::Empty<Result<Packet, Status>>;

    async fn diff_copy(
        &self,
        request: Request<Streaming<Packet>>,
    ) -> Result<Response<Self::DiffCopyStream>, Status> {
        let offer = self.offer(request.metadata())?;
        let (outbox, outgoing) = mpsc::channel(QUEUE_PACKETS);
        let sent_bytes = self.sent_bytes.clone();
        tokio::spawn(async move {
            if let Err(status) = copy(offer, request.into_inner(), &outbox, &sent_bytes).await {
                // The receiver has left when this fails.
                let _ = outbox.send(Err(status)).await;
            }
        });
        Ok(Response::new(ReceiverStream::new(outgoing)))
    }

    async fn tar_stream(
        &self,
        _request: Request<Streaming<Packet>>,
    ) -> Result<Response<Self::TarStreamStream>, Status> {
        Err(Status::unimplemented("TarStream"))
    }
}

/// A folder and what of it is offered.
struct Offer {
    dir: PathBuf,
    entries: Vec<ContextEntry>,
}

impl FileSync {
    /// What a request is offered. Its exclude patterns are those of the ignore file, which the
    /// scan has applied already.
    fn offer(&self, metadata: &MetadataMap) -> Result<Offer, Status> {
        let mut paths = values(metadata, "followpaths");
        paths.extend(values(metadata, "include-patterns"));
        match values(metadata, "dir-name").first().map(String::as_str) {
            Some("context") => self.offer_context(&paths),
            Some("dockerfile") => self.offer_dockerfile(&paths),
            name => Err(Status::not_found(format!(
                "this build has no folder `{}`",
                name.unwrap_or_default()
            ))),
        }
    }

    fn offer_context(&self, paths: &[String]) -> Result<Offer, Status> {
        // The frontend reads the ignore file from the context, also if that ignores itself.
        if let [path] = paths
            && path.trim_start_matches('/') == ".dockerignore"
        {
            return offer_files(&self.context.dir, &[".dockerignore"]);
        }
        let selected = select(&self.context.entries, paths);
        let both = self.context.entries.iter().zip(selected);
        Ok(Offer {
            dir: self.context.dir.clone(),
            entries: both
                .filter(|(_, selected)| *selected)
                .map(|(entry, _)| entry.clone())
                .collect(),
        })
    }

    /// Offers the Dockerfile and its ignore files, never anything else that lies beside them.
    fn offer_dockerfile(&self, paths: &[String]) -> Result<Offer, Status> {
        let name = dockerfile_name(&self.dockerfile_path)?;
        let own_ignore_name = format!("{name}.dockerignore");
        let mut names = vec![name, &own_ignore_name, ".dockerignore"];
        names.retain(|name| {
            paths.is_empty()
                || paths
                    .iter()
                    .any(|path| path.trim_start_matches('/') == *name)
        });
        names.sort_unstable();
        offer_files(dockerfile_dir(&self.dockerfile_path), &names)
    }
}

/// The folder that the builder knows as `dockerfile`.
fn dockerfile_dir(dockerfile_path: &Path) -> &Path {
    match dockerfile_path.parent() {
        Some(dir) if dir != Path::new("") => dir,
        _ => Path::new("."),
    }
}

/// The Dockerfile's name within its folder.
pub(in crate::execute) fn dockerfile_name(dockerfile_path: &Path) -> Result<&str, Status> {
    dockerfile_path
        .file_name()
        .and_then(|name| name.to_str())
        .ok_or_else(|| {
            Status::invalid_argument(format!(
                "`{}` has no name that a builder could ask for",
                dockerfile_path.display()
            ))
        })
}

/// Offers those of the files that exist.
fn offer_files(dir: &Path, names: &[&str]) -> Result<Offer, Status> {
    let mut entries = Vec::new();
    for name in names.iter().filter(|name| dir.join(name).is_file()) {
        let entry = entry(dir, name).map_err(|error| Status::internal(error.to_string()))?;
        entries.extend(entry);
    }
    Ok(Offer {
        dir: dir.to_owned(),
        entries,
    })
}

/// The values of a request's option. Newer builders encode them as in URLs when they are not
/// ASCII, and say so.
/// Source: `decodeOpts` in session/filesync/filesync.go of github.com/moby/buildkit.
fn values(metadata: &MetadataMap, key: &str) -> Vec<String> {
    let is_encoded = metadata
        .get(format!("{key}-encoded"))
        .is_some_and(|value| value == "1");
    let values = metadata.get_all(key).iter();
    values
        .map(|value| match is_encoded {
            true => decode(value.as_bytes()),
            false => String::from_utf8_lossy(value.as_bytes()).into_owned(),
        })
        .collect()
}

fn decode(encoded: &[u8]) -> String {
    let mut decoded = Vec::new();
    let mut rest = encoded;
    while let [byte, tail @ ..] = rest {
        rest = tail;
        match (byte, tail) {
            (b'+', _) => decoded.push(b' '),
            (b'%', [high, low, tail @ ..]) => {
                let digit = |byte: &u8| char::from(*byte).to_digit(16).unwrap_or_default();
                decoded.extend(u8::try_from(digit(high) * 16 + digit(low)));
                rest = tail;
            }
            _ => decoded.push(*byte),
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

/// Lists the entries and answers requests at the same time, until the receiver is done.
async fn copy(
    offer: Offer,
    requests: impl Stream<Item = Result<Packet, Status>> + Unpin,
    outbox: &mpsc::Sender<Result<Packet, Status>>,
    sent_bytes: &Arc<AtomicU64>,
) -> Result<(), Status> {
    let list = list(&offer.entries, outbox);
    let answer = answer(&offer, requests, outbox, sent_bytes);
    tokio::try_join!(list, answer).map(|_| ())
}

async fn list(
    entries: &[ContextEntry],
    outbox: &mpsc::Sender<Result<Packet, Status>>,
) -> Result<(), Status> {
    for entry in entries {
        send(
            outbox,
            packet(PacketType::PacketStat, |packet| {
                packet.stat = Some(stat(entry))
            }),
        )
        .await?;
    }
    send(outbox, packet(PacketType::PacketStat, |_| ())).await
}

async fn answer(
    offer: &Offer,
    mut requests: impl Stream<Item = Result<Packet, Status>> + Unpin,
    outbox: &mpsc::Sender<Result<Packet, Status>>,
    sent_bytes: &Arc<AtomicU64>,
) -> Result<(), Status> {
    while let Some(request) = requests.next().await.transpose()? {
        match request.r#type() {
            PacketType::PacketReq => {
                let path = offer.file_path(request.id)?;
                let (outbox, sent_bytes) = (outbox.clone(), sent_bytes.clone());
                let sent = tokio::task::spawn_blocking(move || {
                    send_file(request.id, &path, &outbox, &sent_bytes)
                });
                let sent = sent
                    .await
                    .map_err(|error| Status::internal(error.to_string()))?;
                sent.map_err(|error| Status::failed_precondition(error.to_string()))?;
            }
            PacketType::PacketFin => {
                return send(outbox, packet(PacketType::PacketFin, |_| ())).await;
            }
            PacketType::PacketErr => {
                return Err(Status::aborted(String::from_utf8_lossy(&request.data)));
            }
            PacketType::PacketStat | PacketType::PacketData => {}
        }
    }
    Ok(())
}

impl Offer {
    fn file_path(&self, id: u32) -> Result<PathBuf, Status> {
        let entry = self.entries.get(id as usize);
        entry
            .filter(|entry| entry.kind == EntryKind::File)
            .map(|entry| self.dir.join(&entry.path))
            .ok_or_else(|| Status::invalid_argument(format!("there is no file {id}")))
    }
}

fn send_file(
    id: u32,
    path: &Path,
    outbox: &mpsc::Sender<Result<Packet, Status>>,
    sent_bytes: &AtomicU64,
) -> io::Result<()> {
    let mut file = fs_err::File::open(path)?;
    loop {
        let mut data = vec![0; CHUNK_BYTES];
        let count = file.read(&mut data)?;
        data.truncate(count);
        sent_bytes.fetch_add(count as u64, Ordering::Relaxed);
        let chunk = packet(PacketType::PacketData, |packet| {
            packet.id = id;
            packet.data = data;
        });
        if outbox.blocking_send(Ok(chunk)).is_err() || count == 0 {
            return Ok(());
        }
    }
}

async fn send(outbox: &mpsc::Sender<Result<Packet, Status>>, packet: Packet) -> Result<(), Status> {
    outbox
        .send(Ok(packet))
        .await
        .map_err(|_| Status::cancelled("the receiver has left"))
}

fn packet(kind: PacketType, fill: impl FnOnce(&mut Packet)) -> Packet {
    let mut packet = Packet::default();
    packet.set_type(kind);
    fill(&mut packet);
    packet
}

/// An entry as the protocol describes it. Owners are left out: whoever checks out a project must
/// not decide about its cache.
fn stat(entry: &ContextEntry) -> Stat {
    Stat {
        path: entry.path.clone(),
        mode: go_mode(entry),
        size: i64::try_from(entry.size_bytes).unwrap_or(i64::MAX),
        mod_time: entry.modified_ns,
        linkname: match &entry.kind {
            EntryKind::Symlink { target } => target.clone(),
            _ => String::new(),
        },
        ..Stat::default()
    }
}

/// Type and permissions as Go's `os.FileMode` has them.
/// Source: <https://pkg.go.dev/io/fs#FileMode>
fn go_mode(entry: &ContextEntry) -> u32 {
    let kind = match entry.kind {
        EntryKind::File => 0,
        EntryKind::Directory => 1 << 31,
        EntryKind::Symlink { .. } => 1 << 27,
    };
    let special = [(0o4000, 1 << 23), (0o2000, 1 << 22), (0o1000, 1 << 20)];
    let special = special
        .iter()
        .filter(|(unix, _)| entry.mode & unix != 0)
        .map(|(_, go)| go)
        .sum::<u32>();
    kind | special | entry.mode & 0o777
}
