//! Programs that are run, and ended when time is over or the user wants to leave.

use rustix::process::{Pid, Signal, kill_process};
use std::io;
use std::pin::pin;
use std::process::{Output, Stdio};
use std::time::Duration;
use tokio::process::Command;
use tokio::signal::unix::{Signal as Listener, SignalKind, signal};
use tokio::time::{Instant, sleep_until, timeout};

/// How long a program may take to end once it was asked to.
///
/// Chosen: longer than a build needs to give up its steps.
const GRACE: Duration = Duration::from_secs(10);

/// Why no more is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The time limit is reached.
    TimeIsOver,
    /// The user wants to leave.
    Interrupted,
}

/// What ends programs early: Ctrl-C, SIGTERM, and a time limit.
#[derive(Debug)]
pub(crate) struct Limits {
    deadline: Option<Instant>,
    interrupt: Listener,
    terminate: Listener,
    /// What has happened already.
    stop: Option<Stop>,
}

impl Limits {
    /// Begins to listen: from now on a signal no longer ends the process.
    ///
    /// # Errors
    ///
    /// The system refuses to tell of signals.
    pub(crate) fn new(max_time: Option<Duration>) -> io::Result<Self> {
        Ok(Self {
            // A limit that is past what clocks can hold is none.
            deadline: max_time.and_then(|span| Instant::now().checked_add(span)),
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            stop: None,
        })
    }

    /// Why no more is measured. `None` while there is time.
    pub(crate) fn stop(&self) -> Option<Stop> {
        self.stop
    }

    /// Runs a program, and returns its output. `None` when it was stopped, or not even started.
    ///
    /// # Errors
    ///
    /// It cannot be started, or its output cannot be read.
    pub(crate) async fn run(&mut self, command: &mut Command) -> io::Result<Option<Output>> {
        if self.stop.is_some() {
            return Ok(None);
        }
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // A Ctrl-C on the terminal is for us alone: asked twice, the program would not tidy up.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()?;
        let pid = child.id();
        let mut output = pin!(child.wait_with_output());
        let stop = tokio::select! {
            output = &mut output => return Ok(Some(output?)),
            stop = self.over() => stop,
        };
        self.stop = Some(stop);
        ask_to_end(pid);
        // Dropped, the program is killed.
        let _ = timeout(GRACE, output).await;
        Ok(None)
    }

    async fn over(&mut self) -> Stop {
        let deadline = self.deadline;
        let time = async move {
            match deadline {
                Some(deadline) => sleep_until(deadline).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = self.interrupt.recv() => Stop::Interrupted,
            _ = self.terminate.recv() => Stop::Interrupted,
            () = time => Stop::TimeIsOver,
        }
    }
}

fn ask_to_end(pid: Option<u32>) {
    let pid = pid
        .and_then(|pid| i32::try_from(pid).ok())
        .and_then(Pid::from_raw);
    if let Some(pid) = pid {
        // It may have ended just now.
        let _ = kill_process(pid, Signal::TERM);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        runtime.unwrap().block_on(future)
    }

    #[test]
    fn a_program_that_ends_gives_its_output() {
        let ended = block_on(async {
            let mut limits = Limits::new(None).unwrap();
            limits.run(Command::new("echo").arg("a")).await.unwrap()
        });
        assert_eq!(ended.expect("nobody stopped it").stdout, b"a\n");
    }

    #[test]
    fn nothing_is_started_once_the_time_is_over() {
        block_on(async {
            let mut limits = Limits::new(Some(Duration::from_millis(1))).unwrap();
            let slow = limits.run(Command::new("sleep").arg("600")).await.unwrap();
            assert_eq!(slow, None);
            let next = limits
                .run(&mut Command::new("no-such-program"))
                .await
                .unwrap();
            assert_eq!(next, None);
            assert_eq!(limits.stop(), Some(Stop::TimeIsOver));
        });
    }
}
