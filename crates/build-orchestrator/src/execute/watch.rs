//! Waits for files to change, or for the user to end it. What changed is for others to find out:
//! all that is known here is that something did.

pub(crate) mod replace;

use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout};

use super::interrupt::Interrupt;

/// How long nothing may happen until a change counts as done.
///
/// Chosen: editors write a file in several steps within some milliseconds, and a person does not
/// notice a tenth of a second.
const QUIET: Duration = Duration::from_millis(100);

/// How long is waited at most for it to be quiet.
///
/// Chosen: so that a log file in a watched folder does not keep builds off.
const QUIET_WAIT_MAX: Duration = Duration::from_secs(2);

/// How often files are looked at with `--poll`.
///
/// Chosen: as often as a person saves a file.
const POLL_INTERVAL: Duration = Duration::from_secs(1);

/// The folders to watch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Folders {
    /// With all that is in them.
    pub(crate) whole: BTreeSet<PathBuf>,
    /// Only what is directly in them.
    pub(crate) flat: BTreeSet<PathBuf>,
}

/// Why a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wake {
    /// Something may have changed.
    Changed,
    /// The user ended it.
    Interrupted,
}

/// What waits. Changes from its making on are noticed, even while nobody waits.
pub(crate) struct Waiter {
    interrupt: Interrupt,
    polls: bool,
    folders: Folders,
    watcher: Option<RecommendedWatcher>,
    send: mpsc::Sender<()>,
    changes: mpsc::Receiver<()>,
}

impl Waiter {
    /// Starts to listen for the user.
    pub(crate) fn new(runtime: &Runtime, polls: bool) -> Self {
        let _entered = runtime.enter();
        // One is enough: it is only asked whether there was any.
        let (send, changes) = mpsc::channel(1);
        Self {
            interrupt: Interrupt::listen(),
            polls,
            folders: Folders::default(),
            watcher: None,
            send,
            changes,
        }
    }

    /// Watches these folders instead of those before.
    ///
    /// # Errors
    ///
    /// The system does not watch that many folders, or one cannot be read.
    pub(crate) fn watch(&mut self, folders: Folders) -> notify::Result<()> {
        if self.polls || folders == self.folders {
            return Ok(());
        }
        let send = self.send.clone();
        let mut watcher = notify::recommended_watcher(move |event| {
            if is_change(&event) {
                // When there is one already, another says nothing more.
                let _ = send.try_send(());
            }
        })?;
        for folder in &folders.whole {
            watcher.watch(folder, RecursiveMode::Recursive)?;
        }
        for folder in folders.flat.difference(&folders.whole) {
            watcher.watch(folder, RecursiveMode::NonRecursive)?;
        }
        self.watcher = Some(watcher);
        self.folders = folders;
        // What changed before they were watched is found by one more look.
        let _ = self.send.try_send(());
        Ok(())
    }

    /// Whether the user ended it.
    pub(crate) fn is_interrupted(&self) -> bool {
        self.interrupt.is_raised()
    }

    /// Waits for a change that is done, or for the user.
    pub(crate) async fn wait(&mut self) -> Wake {
        tokio::select! {
            () = self.interrupt.raised() => return Wake::Interrupted,
            _ = self.changes.recv(), if !self.polls => {}
            () = sleep(POLL_INTERVAL), if self.polls => return Wake::Changed,
        }
        let end = Instant::now() + QUIET_WAIT_MAX;
        while Instant::now() < end && timeout(QUIET, self.changes.recv()).await.is_ok() {}
        Wake::Changed
    }
}

/// Our own reading is an event too, and would never end.
fn is_change(event: &notify::Result<notify::Event>) -> bool {
    event.as_ref().map_or(true, |event| !event.kind.is_access())
}
