//! Ctrl-C and SIGTERM, which CI runners send when a job is cancelled.

use std::io;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Whether the user wants the build to end.
pub(super) struct Interrupt {
    raised: watch::Receiver<bool>,
    listener: JoinHandle<io::Result<()>>,
}

impl Drop for Interrupt {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

impl Interrupt {
    /// Starts to listen: from now on the first signal no longer ends the process.
    pub(super) fn listen() -> Self {
        let (raise, raised) = watch::channel(false);
        Self {
            raised,
            listener: tokio::spawn(listen(raise)),
        }
    }

    pub(super) fn is_raised(&self) -> bool {
        *self.raised.borrow()
    }

    /// Waits until the user wants the build to end.
    pub(super) async fn raised(&self) {
        if self
            .raised
            .clone()
            .wait_for(|&raised| raised)
            .await
            .is_err()
        {
            // Nobody listens for signals, so none will come.
            std::future::pending::<()>().await;
        }
    }
}

async fn listen(raise: watch::Sender<bool>) -> io::Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    raise.send_replace(true);
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    end_process()
}

#[expect(
    clippy::exit,
    reason = "whoever asks twice does not want to wait for us"
)]
fn end_process() -> ! {
    std::process::exit(130)
}
