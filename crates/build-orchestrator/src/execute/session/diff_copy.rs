//! The transfer protocol of github.com/tonistiigi/fsutil, as its sender.
//!
//! The sender lists every entry in a `STAT` packet and ends the list with an empty one; an entry's
//! id is its place in the list. The receiver asks for the content of the files that it does not
//! have with `REQ`, gets it in `DATA` packets, the last of them empty, and ends with `FIN`.

use bollard_buildkit_proto::fsutil::types::packet::PacketType;
use bollard_buildkit_proto::fsutil::types::{Packet, Stat};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::mpsc;
use tokio_stream::{Stream, StreamExt};
use tonic::Status;

use crate::model::context::{ContextEntry, EntryKind};

/// Bytes of one `DATA` packet.
/// Source: `bufPool` in fsutil's send.go.
const CHUNK_BYTES: usize = 32 * 1024;

type Outbox = mpsc::Sender<Result<Packet, Status>>;

/// A folder and what of it is offered.
pub(super) struct Offer {
    pub(super) dir: PathBuf,
    pub(super) entries: Vec<ContextEntry>,
    /// The path and content of a file that is not in the folder.
    pub(super) text: Option<(String, Arc<str>)>,
}

/// Lists the entries and sends what is asked for at the same time, until the receiver is done.
pub(super) async fn copy(
    offer: Offer,
    requests: impl Stream<Item = Result<Packet, Status>> + Unpin,
    outbox: &Outbox,
    sent_bytes: &Arc<AtomicU64>,
) -> Result<(), Status> {
    // Without bound, because a receiver may ask for all files before it takes the first one.
    let (queue, queued) = mpsc::unbounded_channel();
    tokio::try_join!(
        list(&offer.entries, outbox),
        read_requests(requests, queue),
        send_files(&offer, queued, outbox, sent_bytes),
    )?;
    send(outbox, packet(PacketType::PacketFin, |_| ())).await
}

async fn list(entries: &[ContextEntry], outbox: &Outbox) -> Result<(), Status> {
    for stat in stats(entries) {
        let packet = packet(PacketType::PacketStat, |packet| packet.stat = Some(stat));
        send(outbox, packet).await?;
    }
    send(outbox, packet(PacketType::PacketStat, |_| ())).await
}

/// Queues the ids of the files that are asked for.
async fn read_requests(
    mut requests: impl Stream<Item = Result<Packet, Status>> + Unpin,
    queue: mpsc::UnboundedSender<u32>,
) -> Result<(), Status> {
    while let Some(request) = requests.next().await.transpose()? {
        match request.r#type() {
            PacketType::PacketReq => {
                // Who reads the queue has failed and says so.
                let _ = queue.send(request.id);
            }
            PacketType::PacketFin => return Ok(()),
            PacketType::PacketErr => {
                return Err(Status::aborted(String::from_utf8_lossy(&request.data)));
            }
            PacketType::PacketStat | PacketType::PacketData => {}
        }
    }
    Err(Status::cancelled("the receiver has left"))
}

async fn send_files(
    offer: &Offer,
    mut queued: mpsc::UnboundedReceiver<u32>,
    outbox: &Outbox,
    sent_bytes: &Arc<AtomicU64>,
) -> Result<(), Status> {
    while let Some(id) = queued.recv().await {
        let content = offer.content(id)?;
        let (outbox, sent_bytes) = (outbox.clone(), sent_bytes.clone());
        let sent =
            tokio::task::spawn_blocking(move || send_file(id, content, &outbox, &sent_bytes)).await;
        sent.map_err(|error| Status::internal(error.to_string()))?
            .map_err(|error| Status::failed_precondition(error.to_string()))?;
    }
    Ok(())
}

/// Where a file's content is.
enum Content {
    File(PathBuf),
    Text(Arc<str>),
}

impl Offer {
    fn content(&self, id: u32) -> Result<Content, Status> {
        let entry = self.entries.get(id as usize);
        let entry = entry
            .filter(|entry| entry.kind == EntryKind::File)
            .ok_or_else(|| Status::invalid_argument(format!("there is no file {id}")))?;
        Ok(match &self.text {
            Some((path, text)) if *path == entry.path => Content::Text(text.clone()),
            _ => Content::File(self.dir.join(&entry.path)),
        })
    }
}

fn send_file(id: u32, content: Content, outbox: &Outbox, sent_bytes: &AtomicU64) -> io::Result<()> {
    match content {
        Content::File(path) => send_content(id, fs_err::File::open(path)?, outbox, sent_bytes),
        Content::Text(text) => send_content(id, text.as_bytes(), outbox, sent_bytes),
    }
}

fn send_content(
    id: u32,
    mut file: impl Read,
    outbox: &Outbox,
    sent_bytes: &AtomicU64,
) -> io::Result<()> {
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

async fn send(outbox: &Outbox, packet: Packet) -> Result<(), Status> {
    outbox
        .send(Ok(packet))
        .await
        .map_err(|_| Status::cancelled("the receiver has left"))
}

pub(super) fn packet(kind: PacketType, fill: impl FnOnce(&mut Packet)) -> Packet {
    let mut packet = Packet::default();
    packet.set_type(kind);
    fill(&mut packet);
    packet
}

/// Describes the entries. A file that was listed by another name is a link to that one, with its
/// size all the same: the receiver compares it with that of the file that it has.
fn stats(entries: &[ContextEntry]) -> impl Iterator<Item = Stat> {
    let mut path_by_inode: HashMap<(u64, u64), &str> = HashMap::new();
    entries.iter().map(move |entry| {
        let mut stat = stat(entry);
        if let Some(inode) = entry.inode {
            match path_by_inode.entry(inode) {
                Entry::Vacant(first) => drop(first.insert(&entry.path)),
                Entry::Occupied(first) => (*first.get()).clone_into(&mut stat.linkname),
            }
        }
        stat
    })
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use tokio_stream::wrappers::ReceiverStream;

    fn entry(path: &str, kind: EntryKind, mode: u32) -> ContextEntry {
        ContextEntry {
            path: path.to_owned(),
            kind,
            mode,
            size_bytes: 0,
            modified_ns: 12,
            inode: None,
            digest: None,
        }
    }

    fn packet_of(kind: PacketType, id: u32) -> Packet {
        packet(kind, |packet| packet.id = id)
    }

    /// Receives an offer as BuildKit does: takes the list, asks for `wanted` at once, takes their
    /// content and ends.
    async fn receive(offer: Offer, wanted: &[u32]) -> (Vec<Stat>, BTreeMap<u32, Vec<u8>>, u64) {
        let (requests, incoming) = mpsc::channel(100);
        let (outbox, mut packets) = mpsc::channel(1);
        let sent_bytes = Arc::new(AtomicU64::new(0));
        let counter = sent_bytes.clone();
        let sender = tokio::spawn(async move {
            copy(offer, ReceiverStream::new(incoming), &outbox, &counter).await
        });
        let (mut stats, mut contents, mut open) = (Vec::new(), BTreeMap::new(), wanted.len());
        while let Some(packet) = packets.recv().await {
            let packet = packet.unwrap();
            let is_last = packet.stat.is_none() && packet.data.is_empty();
            match packet.r#type() {
                PacketType::PacketStat if is_last => {
                    for &id in wanted {
                        let request = packet_of(PacketType::PacketReq, id);
                        requests.send(Ok(request)).await.unwrap();
                    }
                }
                PacketType::PacketStat => stats.extend(packet.stat),
                PacketType::PacketData => {
                    assert!(packet.data.len() <= CHUNK_BYTES);
                    let content: &mut Vec<u8> = contents.entry(packet.id).or_default();
                    content.extend(packet.data);
                    open -= usize::from(is_last);
                    if open == 0 {
                        let end = packet_of(PacketType::PacketFin, 0);
                        requests.send(Ok(end)).await.unwrap();
                    }
                }
                PacketType::PacketFin => break,
                kind => panic!("a sender does not send {kind:?}"),
            }
        }
        sender.await.unwrap().unwrap();
        (stats, contents, sent_bytes.load(Ordering::Relaxed))
    }

    #[tokio::test]
    async fn the_list_comes_in_order_and_content_on_demand() {
        let dir = tempfile::tempdir().unwrap();
        let large = vec![7; CHUNK_BYTES * 2 + 1];
        fs_err::create_dir(dir.path().join("a")).unwrap();
        fs_err::write(dir.path().join("a/large"), &large).unwrap();
        fs_err::write(dir.path().join("empty"), "").unwrap();
        let entries = vec![
            entry("a", EntryKind::Directory, 0o1755),
            entry("a/large", EntryKind::File, 0o4755),
            entry("empty", EntryKind::File, 0o644),
        ];
        let offer = Offer {
            dir: dir.path().to_owned(),
            entries,
            text: None,
        };
        let (stats, contents, sent_bytes) = receive(offer, &[2, 1]).await;
        let paths: Vec<_> = stats.iter().map(|stat| stat.path.as_str()).collect();
        assert_eq!(paths, ["a", "a/large", "empty"]);
        assert_eq!(contents, BTreeMap::from([(1, large), (2, Vec::new())]));
        assert_eq!(sent_bytes, 65_537);
    }

    #[test]
    fn a_second_name_of_a_file_is_a_link_to_the_first() {
        let named = |path, inode| ContextEntry {
            inode,
            size_bytes: 3,
            ..entry(path, EntryKind::File, 0o644)
        };
        let entries = [
            named("a", Some((1, 7))),
            named("b", Some((1, 8))),
            named("c", Some((1, 7))),
            named("d", None),
        ];
        let links: Vec<_> = stats(&entries)
            .map(|stat| (stat.linkname, stat.size))
            .collect();
        let file = (String::new(), 3);
        assert_eq!(
            links,
            [file.clone(), file.clone(), ("a".to_owned(), 3), file]
        );
    }

    #[test]
    fn modes_are_those_of_go() {
        let link = EntryKind::Symlink {
            target: "b".to_owned(),
        };
        let cases = [
            (EntryKind::File, 0o644, 0x0000_01a4),
            (EntryKind::Directory, 0o1777, 0x8010_01ff),
            (EntryKind::File, 0o6755, 0x00c0_01ed),
            (link, 0o777, 0x0800_01ff),
        ];
        for (kind, mode, expected) in cases {
            assert_eq!(stat(&entry("a", kind, mode)).mode, expected);
        }
    }

    #[tokio::test]
    async fn a_file_that_cannot_be_read_is_named() {
        let offer = Offer {
            dir: PathBuf::from("/nonexistent"),
            entries: vec![entry("gone", EntryKind::File, 0o644)],
            text: None,
        };
        let requests = tokio_stream::iter([
            Ok(packet_of(PacketType::PacketReq, 0)),
            Ok(packet_of(PacketType::PacketFin, 0)),
        ]);
        let (outbox, _packets) = mpsc::channel(10);
        let error = copy(offer, requests, &outbox, &Arc::default()).await;
        let message = error.unwrap_err().message().to_owned();
        assert!(message.contains("/nonexistent/gone"), "{message}");
    }
}
