//! Serves the build context and the Dockerfile: what a builder's request is offered, and nothing
//! beside it. How it is transferred is `diff_copy`'s.

use bollard_buildkit_proto::fsutil::types::Packet;
use bollard_buildkit_proto::moby::filesync::v1::file_sync_server;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::metadata::MetadataMap;
use tonic::{Request, Response, Status, Streaming};

use super::diff_copy::{Offer, copy};
use crate::input::context::entry;
use crate::model::context::{ContextEntry, ContextScan, EntryKind};
use crate::model::selection::select;

/// How many packets may wait for the connection.
///
/// Chosen: 2 MiB of file content.
const QUEUE_PACKETS: usize = 64;

/// What a target's builder may read.
#[derive(Clone, Debug)]
pub(in crate::execute) struct FileSync {
    /// The build context.
    pub(in crate::execute) context: Arc<ContextScan>,
    /// What of the context is offered to a request that does not say. Empty means everything.
    pub(in crate::execute) paths: Vec<String>,
    /// The Dockerfile.
    pub(in crate::execute) dockerfile_path: PathBuf,
    /// What is offered in place of the Dockerfile's content. `None` offers the file as it is.
    pub(in crate::execute) dockerfile_text: Option<Arc<str>>,
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
        let paths = if paths.is_empty() { &self.paths } else { paths };
        let selected = select(&self.context.entries, paths);
        let both = self.context.entries.iter().zip(selected);
        Ok(Offer {
            dir: self.context.dir.clone(),
            entries: both
                .filter(|(_, selected)| *selected)
                .map(|(entry, _)| entry.clone())
                .collect(),
            text: None,
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
        let dir = dockerfile_dir(&self.dockerfile_path);
        let Some(text) = &self.dockerfile_text else {
            return offer_files(dir, &names);
        };
        let is_asked = names.contains(&name);
        names.retain(|other| *other != name);
        let mut offer = offer_files(dir, &names)?;
        if is_asked {
            offer.entries.push(text_entry(name, text));
            offer.entries.sort_by(|a, b| a.path.cmp(&b.path));
            offer.text = Some((name.to_owned(), text.clone()));
        }
        Ok(offer)
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
        text: None,
    })
}

/// A file that is only in memory. A receiver takes a file of the same size and time for the same
/// one, so the time is made of the content. Source: moby/buildkit#4950.
fn text_entry(name: &str, text: &str) -> ContextEntry {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    ContextEntry {
        path: name.to_owned(),
        kind: EntryKind::File,
        mode: 0o644,
        size_bytes: text.len() as u64,
        // Half of the range, so that it is no time before 1970.
        modified_ns: i64::try_from(hasher.finish() >> 2).unwrap_or_default(),
        inode: None,
        digest: None,
    }
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
        .map(|value| {
            if is_encoded {
                decode(value.as_bytes())
            } else {
                String::from_utf8_lossy(value.as_bytes()).into_owned()
            }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::context::scan;

    /// What requests with these options are offered, of a project with a Dockerfile of its own name.
    fn offered(options: &[(&'static str, &str)]) -> Vec<String> {
        let dir = tempfile::tempdir().unwrap();
        let context_dir = dir.path().join("app");
        fs_err::create_dir_all(context_dir.join("src")).unwrap();
        for name in [
            "app/.dockerignore",
            "app/src/ü b",
            "app/z",
            "web.Dockerfile",
            "secret",
        ] {
            fs_err::write(dir.path().join(name), "*\n!src\n!z\n").unwrap();
        }
        let ignore_path = context_dir.join(".dockerignore");
        let files = FileSync {
            context: Arc::new(scan(&context_dir, Some(&ignore_path)).unwrap()),
            paths: Vec::new(),
            dockerfile_path: dir.path().join("web.Dockerfile"),
            dockerfile_text: None,
            sent_bytes: Arc::default(),
        };
        let mut metadata = MetadataMap::new();
        for (key, value) in options {
            metadata.append(*key, value.parse().unwrap());
        }
        let offer = files.offer(&metadata).unwrap();
        offer.entries.into_iter().map(|entry| entry.path).collect()
    }

    #[test]
    fn the_context_is_offered_without_what_is_ignored() {
        assert_eq!(offered(&[("dir-name", "context")]), ["src", "src/ü b", "z"]);
    }

    #[test]
    fn only_the_paths_that_are_asked_for_are_offered() {
        let options = [("dir-name", "context"), ("followpaths", "z")];
        assert_eq!(offered(&options), ["z"]);
        let options = [
            ("dir-name", "context"),
            ("followpaths", "src%2F%C3%BC+b"),
            ("followpaths-encoded", "1"),
        ];
        assert_eq!(offered(&options), ["src", "src/ü b"]);
    }

    #[test]
    fn an_ignored_ignore_file_can_still_be_read() {
        let options = [("dir-name", "context"), ("followpaths", ".dockerignore")];
        assert_eq!(offered(&options), [".dockerignore"]);
    }

    #[test]
    fn nothing_beside_the_dockerfile_is_offered() {
        let options = [("dir-name", "dockerfile")];
        assert_eq!(offered(&options), ["web.Dockerfile"]);
        let options = [("dir-name", "dockerfile"), ("followpaths", "secret")];
        assert_eq!(offered(&options), [""; 0]);
    }
}
