//! Events as lines in groups, for logs that are kept.

use common::terminal::Printer;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::groups::Groups;
use crate::execute::event::Event;

/// How often is looked whether held lines are due.
///
/// Chosen: they are due after seconds.
const TICK: Duration = Duration::from_millis(500);

/// A log.
pub(super) struct Plain {
    log: Arc<Log>,
    /// Ends the clock when it is dropped.
    stop: Option<Sender<()>>,
    clock: Option<JoinHandle<()>>,
}

struct Log {
    groups: Mutex<Groups>,
    start: Instant,
}

impl Plain {
    pub(super) fn new(printer: &Printer) -> Self {
        let log = Arc::new(Log {
            groups: Mutex::default(),
            start: Instant::now(),
        });
        let (stop, stopped) = channel();
        let (ticking, printer) = (log.clone(), printer.clone());
        let clock = std::thread::spawn(move || {
            while stopped.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
                ticking.print(&printer, Groups::tick);
            }
        });
        Self {
            log,
            stop: Some(stop),
            clock: Some(clock),
        }
    }

    pub(super) fn show(&self, event: &Event<'_>, printer: &Printer) {
        self.log
            .print(printer, |groups, now_ms| groups.push(event, now_ms));
    }
}

impl Drop for Plain {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(clock) = self.clock.take() {
            // It only prints; whatever it panicked about was said then.
            let _ = clock.join();
        }
    }
}

impl Log {
    /// Prints while it holds the groups, so that lines keep their order.
    fn print(&self, printer: &Printer, lines: impl FnOnce(&mut Groups, u64) -> Vec<String>) {
        let mut groups = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        let now_ms = u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX);
        for line in lines(&mut groups, now_ms) {
            printer.status(line.replace('\n', " "));
        }
    }
}
