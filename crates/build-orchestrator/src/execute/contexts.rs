//! The build contexts of a build, each read once however many targets use it.

use common::build_context::ignore_path;
use common::engine::Engine;
use std::collections::HashMap;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::{Mutex, OnceCell};
use tokio::task::JoinHandle;

use super::shared::{self, Shared};
use crate::input::context::{hash_files, scan};
use crate::model::context::ContextScan;
use crate::model::outcome::{TargetError, TargetErrorKind};
use crate::model::plan::{Plan, Target};

/// A folder, and the ignore file that decides what of it is offered.
type Key = (PathBuf, Option<PathBuf>);

/// The build contexts of a build.
pub(super) struct Contexts {
    /// The contexts of the targets, in the plan's order.
    keys: Vec<Key>,
    cells: HashMap<Key, OnceCell<Result<Context, TargetError>>>,
    /// Contexts of several targets, as they are offered to the Engine.
    shared: HashMap<Key, Mutex<Option<Arc<Shared>>>>,
    is_given_up: Arc<AtomicBool>,
}

/// A build context that has been read.
struct Context {
    scan: Arc<ContextScan>,
    /// Reads the content of every file, beside the build.
    hashing: JoinHandle<(ContextScan, Vec<io::Error>)>,
}

/// A build context with digests, as far as files can be read.
pub(super) struct Hashed {
    /// The context.
    pub(super) scan: Arc<ContextScan>,
    /// What its owner should know about it.
    pub(super) warnings: Vec<String>,
}

impl Contexts {
    pub(super) fn new(plan: &Plan) -> Self {
        let keys: Vec<_> = plan.targets.iter().map(key).collect();
        let cells = keys.iter().map(|key| (key.clone(), OnceCell::new()));
        Self {
            cells: cells.collect(),
            shared: shared_keys(&keys)
                .map(|key| (key.clone(), Mutex::new(None)))
                .collect(),
            keys,
            is_given_up: Arc::new(AtomicBool::new(false)),
        }
    }

    /// The context of the target at `index`, without digests. The first to ask reads it.
    pub(super) async fn read(&self, index: usize) -> Result<Arc<ContextScan>, TargetError> {
        let key = &self.keys[index];
        let context = self.cells[key].get_or_init(|| self.open(key)).await;
        match context {
            Ok(context) => Ok(context.scan.clone()),
            Err(error) => Err(error.clone()),
        }
    }

    /// The context of the target at `index` as one source for all targets that use it. `None` when
    /// no other does. The first to ask offers it, again when the Engine has lost it.
    pub(super) async fn share(
        &self,
        engine: &Engine,
        plan: &Plan,
        index: usize,
    ) -> Result<Option<Arc<Shared>>, TargetError> {
        let key = &self.keys[index];
        let Some(shared) = self.shared.get(key) else {
            return Ok(None);
        };
        let mut shared = shared.lock().await;
        if let Some(open) = shared.as_ref().filter(|shared| shared.is_open()) {
            return Ok(Some(open.clone()));
        }
        let context = self.read(index).await?;
        let both = plan.targets.iter().zip(&self.keys);
        let targets: Vec<&Target> = both
            .filter(|(_, other)| *other == key)
            .map(|(target, _)| target)
            .collect();
        let paths = shared::paths(engine, &targets).await;
        let opened = Arc::new(Shared::open(engine, context, paths).await?);
        *shared = Some(opened.clone());
        Ok(Some(opened))
    }

    /// Bytes that were sent of the context of the target at `index` for all who use it, since the
    /// last call.
    pub(super) async fn take_sent_bytes(&self, index: usize) -> u64 {
        let Some(shared) = self.shared.get(&self.keys[index]) else {
            return 0;
        };
        let shared = shared.lock().await;
        shared.as_ref().map_or(0, |shared| shared.take_sent_bytes())
    }

    async fn open(&self, (dir, ignore_path): &Key) -> Result<Context, TargetError> {
        let (dir, ignore_path) = (dir.clone(), ignore_path.clone());
        let scan = tokio::task::spawn_blocking(move || scan(&dir, ignore_path.as_deref()))
            .await
            .expect("reading a folder does not panic")
            .map_err(|error| TargetError {
                kind: TargetErrorKind::Build,
                message: error.to_string(),
            })?;
        let scan = Arc::new(scan);
        let mut hashed = ContextScan::clone(&scan);
        let is_given_up = self.is_given_up.clone();
        let hashing = tokio::task::spawn_blocking(move || {
            let errors = hash_files(&mut hashed, || is_given_up.load(Ordering::Relaxed));
            (hashed, errors)
        });
        Ok(Context { scan, hashing })
    }

    /// Stops reading the content of files.
    pub(super) fn give_up(&self) {
        self.is_given_up.store(true, Ordering::Relaxed);
    }

    /// The contexts of all targets in the plan's order, once their files are read. `None` stands
    /// for one that nobody asked for, or that cannot be read. The first target that has a context
    /// gets the warnings about it.
    pub(super) async fn hashed(self) -> Vec<Option<Hashed>> {
        let mut by_key = HashMap::new();
        for (key, cell) in self.cells {
            if let Some(Ok(context)) = cell.into_inner() {
                let (scan, errors) = context.hashing.await.expect("hashing does not panic");
                let hashed = Hashed {
                    warnings: warnings(&scan, &errors),
                    scan: Arc::new(scan),
                };
                by_key.insert(key, hashed);
            }
        }
        let take = |key| {
            let hashed: &mut Hashed = by_key.get_mut(key)?;
            Some(Hashed {
                scan: hashed.scan.clone(),
                warnings: std::mem::take(&mut hashed.warnings),
            })
        };
        self.keys.iter().map(take).collect()
    }
}

/// The contexts that more than one target uses.
fn shared_keys(keys: &[Key]) -> impl Iterator<Item = &Key> {
    let count = |key: &Key| keys.iter().filter(|other| *other == key).count();
    keys.iter().filter(move |key| count(key) > 1)
}

fn warnings(scan: &ContextScan, errors: &[io::Error]) -> Vec<String> {
    let skipped = scan.skipped.iter().map(|path| {
        format!("`{path}` is left out of the build context: it is neither file, folder nor link")
    });
    let unread = errors
        .iter()
        .map(|error| format!("a file of the build context cannot be read: {error}"));
    skipped.chain(unread).collect()
}

fn key(target: &Target) -> Key {
    let dir = &target.context_dir;
    // A folder that does not exist is named as it was given when it is read.
    let dir = fs_err::canonicalize(dir).unwrap_or_else(|_| dir.clone());
    let ignore_path = ignore_path(&dir, &target.dockerfile_path);
    (dir, ignore_path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn target(name: &str, context_dir: &Path) -> Target {
        Target {
            context_dir: context_dir.to_owned(),
            dockerfile_path: context_dir.join(name),
            ..Target::sample(name, "FROM scratch\n")
        }
    }

    #[tokio::test]
    async fn a_context_is_read_once_for_all_targets_with_the_same_ignore_file() {
        let dir = tempfile::tempdir().unwrap();
        fs_err::write(dir.path().join("c.dockerignore"), "c*").unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(dir.path().join("socket")).unwrap();
        let missing = dir.path().join("missing");
        let contexts = Contexts::new(&Plan {
            targets: vec![
                target("a", dir.path()),
                target("b", &dir.path().join(".")),
                target("c", dir.path()),
                target("d", dir.path()),
                target("e", &missing),
            ],
            ..Plan::default()
        });
        let a = contexts.read(0).await.unwrap();
        let b = contexts.read(1).await.unwrap();
        let c = contexts.read(2).await.unwrap();
        assert!(Arc::ptr_eq(&a, &b));
        assert_eq!((a.entries.len(), c.entries.len()), (1, 0));
        assert!(
            contexts
                .read(4)
                .await
                .unwrap_err()
                .message
                .contains("missing")
        );

        let hashed = contexts.hashed().await;
        let warning_counts = hashed.iter().map(|context| {
            let context = context.as_ref()?;
            Some(context.warnings.len())
        });
        let expected = [Some(1), Some(0), Some(1), Some(0), None];
        assert_eq!(warning_counts.collect::<Vec<_>>(), expected);
        let scan = &hashed[0].as_ref().unwrap().scan;
        assert!(scan.entries[0].digest.is_some());
    }
}
