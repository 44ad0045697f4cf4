//! The transfer protocol of github.com/tonistiigi/fsutil, as its receiver: takes the folder that
//! BuildKit's `local` exporter sends. `diff_copy` describes the packets.
//!
//! An image is made by others, so nothing is written but below the folder that was asked for: no
//! path may lead out of it, neither by name nor by a symbolic link.

use bollard_buildkit_proto::fsutil::types::packet::PacketType;
use bollard_buildkit_proto::fsutil::types::{Packet, Stat};
use bollard_buildkit_proto::moby::filesync::packet::file_send_server;
use std::collections::{HashMap, VecDeque};
use std::fs::Permissions;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Component, Path, PathBuf};
use std::time::{Duration, SystemTime};
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tokio_stream::{Stream, StreamExt};
use tonic::{Request, Response, Status, Streaming};

use super::diff_copy::packet;
use crate::execute::whole_file::WholeFile;

/// How many files are received at a time.
///
/// Chosen: keeps the connection busy with small files, and needs few open files.
const OPEN_FILES_MAX: usize = 16;

/// The bits of Go's `os.FileMode` that say what an entry is. Source: <https://pkg.go.dev/io/fs#FileMode>
const GO_DIR: u32 = 1 << 31;
const GO_SYMLINK: u32 = 1 << 27;
const GO_TYPES: u32 = GO_DIR | GO_SYMLINK | 1 << 26 | 1 << 25 | 1 << 24 | 1 << 21 | 1 << 19;

/// Where the folder's content goes to.
#[derive(Clone, Debug)]
pub(super) struct FolderReceiver(pub(super) PathBuf);

#[tonic::async_trait]
impl file_send_server::FileSend for FolderReceiver {
    type DiffCopyStream = ReceiverStream<Result<Packet, Status>>;

    async fn diff_copy(
        &self,
        request: Request<Streaming<Packet>>,
    ) -> Result<Response<Self::DiffCopyStream>, Status> {
        let dir = self.0.clone();
        // Holds the requests for all open files.
        let (outbox, outgoing) = mpsc::channel(OPEN_FILES_MAX + 2);
        tokio::task::spawn_blocking(move || {
            let received = receive(dir, request.into_inner(), &outbox);
            if let Err(status) = Handle::current().block_on(received) {
                let _ = outbox.blocking_send(Err(status));
            }
        });
        Ok(Response::new(ReceiverStream::new(outgoing)))
    }
}

type Outbox = mpsc::Sender<Result<Packet, Status>>;

/// Writes what comes below `dir`, until the sender has nothing more.
async fn receive(
    dir: PathBuf,
    mut packets: impl Stream<Item = Result<Packet, Status>> + Unpin,
    outbox: &Outbox,
) -> Result<(), Status> {
    let mut folder = Folder::open(dir).map_err(|error| failed(&error))?;
    while let Some(packet) = packets.next().await.transpose()? {
        match packet.r#type() {
            PacketType::PacketStat => folder.list(packet.stat),
            PacketType::PacketData => folder.data(packet.id, &packet.data),
            PacketType::PacketFin => return Ok(()),
            PacketType::PacketErr => {
                return Err(Status::aborted(String::from_utf8_lossy(&packet.data)));
            }
            PacketType::PacketReq => Ok(()),
        }
        .map_err(|error| failed(&error))?;
        for request in folder.requests().map_err(|error| failed(&error))? {
            let sent = outbox.send(Ok(request)).await;
            sent.map_err(|_| Status::cancelled("the sender has left"))?;
        }
    }
    Err(Status::cancelled("the sender has left"))
}

fn failed(error: &io::Error) -> Status {
    Status::aborted(error.to_string())
}

/// A folder that is being written.
struct Folder {
    dir: PathBuf,
    /// The id of the next entry.
    next_id: u32,
    is_listed: bool,
    is_finished: bool,
    waiting: VecDeque<(u32, Stat)>,
    open: HashMap<u32, (Stat, WholeFile)>,
    /// Folders get their modes last: nothing could be written into one that is read-only.
    modes: Vec<(PathBuf, u32)>,
}

impl Folder {
    fn open(dir: PathBuf) -> io::Result<Self> {
        fs_err::create_dir_all(&dir)?;
        Ok(Self {
            dir,
            next_id: 0,
            is_listed: false,
            is_finished: false,
            waiting: VecDeque::new(),
            open: HashMap::new(),
            modes: Vec::new(),
        })
    }

    /// Takes the next entry of the list, or its end.
    fn list(&mut self, stat: Option<Stat>) -> io::Result<()> {
        let Some(stat) = stat else {
            self.is_listed = true;
            return Ok(());
        };
        let id = self.next_id;
        self.next_id += 1;
        match stat.mode & GO_TYPES {
            GO_DIR => self.make_dir(&stat),
            GO_SYMLINK => self.link(&stat),
            0 => {
                self.waiting.push_back((id, stat));
                Ok(())
            }
            _ => Err(io::Error::other(format!(
                "`{}` of the result is neither file, folder nor link, which no folder can hold here",
                stat.path
            ))),
        }
    }

    fn make_dir(&mut self, stat: &Stat) -> io::Result<()> {
        let path = self.place(&stat.path)?;
        match fs_err::symlink_metadata(&path) {
            Ok(metadata) if metadata.is_dir() => {}
            _ => fs_err::create_dir(&path)?,
        }
        self.modes.push((path, unix_mode(stat.mode)));
        Ok(())
    }

    fn link(&self, stat: &Stat) -> io::Result<()> {
        let path = self.place(&stat.path)?;
        remove_file(&path)?;
        fs_err::os::unix::fs::symlink(&stat.linkname, path)
    }

    /// The requests for those files that may be opened now, or that all is there.
    fn requests(&mut self) -> io::Result<Vec<Packet>> {
        let mut requests = Vec::new();
        while self.open.len() < OPEN_FILES_MAX
            && let Some((id, stat)) = self.waiting.pop_front()
        {
            let path = self.place(&stat.path)?;
            if stat.linkname.is_empty() {
                self.open.insert(id, (stat, WholeFile::create(&path)?));
                requests.push(packet(PacketType::PacketReq, |packet| packet.id = id));
            } else if self.open.is_empty() {
                // A further name of a file, which has to be there.
                remove_file(&path)?;
                fs_err::hard_link(self.place(&stat.linkname)?, path)?;
            } else {
                self.waiting.push_front((id, stat));
                break;
            }
        }
        let is_done = self.is_listed && self.waiting.is_empty() && self.open.is_empty();
        if is_done && !self.is_finished {
            self.is_finished = true;
            for (path, mode) in self.modes.drain(..).rev() {
                fs_err::set_permissions(path, Permissions::from_mode(mode))?;
            }
            requests.push(packet(PacketType::PacketFin, |_| ()));
        }
        Ok(requests)
    }

    /// Takes a piece of a file; an empty one is its end.
    fn data(&mut self, id: u32, data: &[u8]) -> io::Result<()> {
        if let Some((_, file)) = self.open.get_mut(&id)
            && !data.is_empty()
        {
            return file.write_all(data);
        }
        let Some((stat, file)) = self.open.remove(&id) else {
            return Err(io::Error::other(format!("nobody asked for file {id}")));
        };
        let mode = Permissions::from_mode(unix_mode(stat.mode));
        file.file().set_permissions(mode)?;
        let modified = Duration::from_nanos(stat.mod_time.try_into().unwrap_or_default());
        file.file()
            .set_modified(SystemTime::UNIX_EPOCH + modified)?;
        file.finish()
    }

    /// Where an entry goes.
    ///
    /// # Errors
    ///
    /// That is not below the folder.
    fn place(&self, path: &str) -> io::Result<PathBuf> {
        let refuse = |why: &str| {
            let dir = self.dir.display();
            Err(io::Error::other(format!(
                "`{path}` of the result is not written, because it {why} `{dir}`"
            )))
        };
        let mut place = self.dir.clone();
        let mut components = Path::new(path).components().peekable();
        if components.peek().is_none() {
            return refuse("names nothing in");
        }
        while let Some(component) = components.next() {
            let Component::Normal(name) = component else {
                return refuse("leads out of");
            };
            place.push(name);
            let is_last = components.peek().is_none();
            let is_dir = || fs_err::symlink_metadata(&place).is_ok_and(|found| found.is_dir());
            if !is_last && !is_dir() {
                return refuse("goes through what is no folder of");
            }
        }
        Ok(place)
    }
}

/// Makes room for a link.
fn remove_file(path: &Path) -> io::Result<()> {
    match fs_err::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}

/// Permissions from Go's `os.FileMode`.
fn unix_mode(go: u32) -> u32 {
    let special = [(0o4000, 1 << 23), (0o2000, 1 << 22), (0o1000, 1 << 20)];
    let special = special.iter().filter(|(_, bit)| go & bit != 0);
    special.map(|(unix, _)| unix).sum::<u32>() | go & 0o777
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stat(path: &str, mode: u32, linkname: &str) -> Stat {
        Stat {
            path: path.to_owned(),
            mode,
            linkname: linkname.to_owned(),
            mod_time: 1_000_000_000,
            ..Stat::default()
        }
    }

    /// Sends a list and, for each file asked for, its id as content.
    fn send(dir: &Path, stats: Vec<Stat>) -> io::Result<()> {
        let mut folder = Folder::open(dir.to_owned())?;
        let mut open = Vec::new();
        for stat in stats.into_iter().map(Some).chain([None]) {
            folder.list(stat)?;
            open.extend(folder.requests()?);
        }
        while let Some(request) = open.pop() {
            if request.r#type() == PacketType::PacketFin {
                return Ok(());
            }
            folder.data(request.id, format!("file {}", request.id).as_bytes())?;
            folder.data(request.id, &[])?;
            open.extend(folder.requests()?);
        }
        panic!("the receiver has not finished");
    }

    #[test]
    fn a_folder_is_written_with_modes_and_links() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join("out").join(name);
        let stats = vec![
            stat("ro", GO_DIR | 0o555, ""),
            stat("ro/tool", 1 << 23 | 0o755, ""),
            stat("ro/tool-2", 0o755, "ro/tool"),
            stat("to", GO_SYMLINK | 0o777, "/etc/passwd"),
        ];
        send(&path(""), stats).unwrap();
        let mode = |name: &str| fs_err::metadata(path(name)).unwrap().permissions().mode() & 0o7777;
        assert_eq!((mode("ro"), mode("ro/tool")), (0o555, 0o4755));
        assert_eq!(fs_err::read_to_string(path("ro/tool-2")).unwrap(), "file 1");
        assert_eq!(
            fs_err::read_link(path("to")).unwrap(),
            Path::new("/etc/passwd")
        );
        let modified = fs_err::metadata(path("ro/tool"))
            .unwrap()
            .modified()
            .unwrap();
        assert_eq!(modified, SystemTime::UNIX_EPOCH + Duration::from_secs(1));
        fs_err::set_permissions(path("ro"), Permissions::from_mode(0o755)).unwrap();
    }

    #[test]
    fn nothing_is_written_outside() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("out");
        let link = || stat("link", GO_SYMLINK | 0o777, "..");
        let cases = [
            vec![stat("../escaped", 0o644, "")],
            vec![stat("/escaped", 0o644, "")],
            vec![link(), stat("link/escaped", 0o644, "")],
            vec![link(), stat("link/escaped", GO_DIR | 0o755, "")],
            vec![stat("hard", 0o644, "../outside")],
            vec![stat("", 0o644, "")],
        ];
        fs_err::write(dir.path().join("outside"), "").unwrap();
        for stats in cases {
            let shown = format!("{stats:?}");
            let error = send(&out, stats).unwrap_err().to_string();
            assert!(
                error.contains("of the result is not written"),
                "{shown}: {error}"
            );
            assert!(!dir.path().join("escaped").exists(), "{shown}");
        }
    }

    #[test]
    fn a_link_that_was_there_is_replaced_and_not_followed() {
        let dir = tempfile::tempdir().unwrap();
        fs_err::write(dir.path().join("outside"), "mine").unwrap();
        let out = dir.path().join("out");
        fs_err::create_dir(&out).unwrap();
        fs_err::os::unix::fs::symlink("../outside", out.join("file")).unwrap();
        send(&out, vec![stat("file", 0o644, "")]).unwrap();
        assert_eq!(fs_err::read_to_string(out.join("file")).unwrap(), "file 0");
        assert_eq!(
            fs_err::read_to_string(dir.path().join("outside")).unwrap(),
            "mine"
        );
    }
}
