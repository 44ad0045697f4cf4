//! The build contexts of a build, each read once however many targets use it.

use std::collections::HashMap;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::OnceCell;
use tokio::task::JoinHandle;

use crate::input::context::{hash_files, ignore_path, scan};
use crate::model::context::ContextScan;
use crate::model::outcome::{TargetError, TargetErrorKind};
use crate::model::plan::{Plan, Target};

/// A folder, and the ignore file that decides what of it is offered.
type Key = (PathBuf, Option<PathBuf>);

/// The build contexts of a build.
pub(super) struct Contexts {
    keys: HashMap<String, Key>,
    cells: HashMap<Key, OnceCell<Result<Context, TargetError>>>,
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
    /// Why files have no digest.
    pub(super) errors: Vec<io::Error>,
}

impl Contexts {
    pub(super) fn new(plan: &Plan) -> Self {
        let targets = plan.targets.iter();
        let keys: HashMap<_, _> = targets
            .map(|target| (target.name.clone(), key(target)))
            .collect();
        Self {
            cells: keys
                .values()
                .map(|key| (key.clone(), OnceCell::new()))
                .collect(),
            keys,
            is_given_up: Arc::new(AtomicBool::new(false)),
        }
    }

    /// The context of a target, without digests. The first to ask reads it.
    pub(super) async fn read(&self, target: &Target) -> Result<Arc<ContextScan>, TargetError> {
        let key = &self.keys[&target.name];
        let context = self.cells[key].get_or_init(|| self.open(key)).await;
        match context {
            Ok(context) => Ok(context.scan.clone()),
            Err(error) => Err(error.clone()),
        }
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

    /// The contexts of all targets that asked for theirs and got it, by the target's name. Errors
    /// are told once for each context.
    pub(super) async fn hashed(self) -> HashMap<String, Hashed> {
        let mut by_key = HashMap::new();
        for (key, cell) in self.cells {
            if let Some(Ok(context)) = cell.into_inner() {
                let (scan, errors) = context.hashing.await.expect("hashing does not panic");
                by_key.insert(key, (Arc::new(scan), errors));
            }
        }
        let keys = self.keys.into_iter();
        keys.filter_map(|(name, key)| {
            let (scan, errors) = by_key.get_mut(&key)?;
            let hashed = Hashed {
                scan: scan.clone(),
                errors: std::mem::take(errors),
            };
            Some((name, hashed))
        })
        .collect()
    }
}

fn key(target: &Target) -> Key {
    let dir = &target.context_dir;
    // A folder that does not exist is named as it was given when it is read.
    let dir = fs_err::canonicalize(dir).unwrap_or_else(|_| dir.clone());
    let ignore_path = ignore_path(&dir, &target.dockerfile_path);
    (dir, ignore_path)
}
