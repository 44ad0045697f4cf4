//! The end of a build at its first failure, for those who ask for it.

use tokio::sync::watch;

use crate::model::outcome::{TargetError, TargetErrorKind};

/// The first failure, once there is one.
pub(super) struct FirstFailure {
    error: watch::Sender<Option<TargetError>>,
}

impl FirstFailure {
    pub(super) fn new() -> Self {
        Self {
            error: watch::Sender::new(None),
        }
    }

    /// Ends the build because of a target. Only the first one counts.
    pub(super) fn raise(&self, target: &str, kind: TargetErrorKind) {
        self.error.send_if_modified(|error| {
            let is_first = error.is_none();
            error.get_or_insert_with(|| TargetError {
                kind,
                message: format!("`{target}` failed, and `--fail-fast` ends the build there"),
            });
            is_first
        });
    }

    /// Why targets are given up. `None` as long as they are not.
    pub(super) fn error(&self) -> Option<TargetError> {
        self.error.borrow().clone()
    }

    /// Waits until targets are given up, and says why.
    pub(super) async fn raised(&self) -> TargetError {
        let mut error = self.error.subscribe();
        match error.wait_for(Option::is_some).await {
            Ok(error) => error.clone(),
            Err(_) => None,
        }
        .expect("the sender lives as long as we do, and we waited for an error")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_first_failure_stays_the_first() {
        let failure = FirstFailure::new();
        assert_eq!(failure.error(), None);
        failure.raise("a", TargetErrorKind::Build);
        failure.raise("b", TargetErrorKind::Timeout);
        let error = failure.raised().await;
        assert_eq!(error.kind, TargetErrorKind::Build);
        assert_eq!(
            error.message,
            "`a` failed, and `--fail-fast` ends the build there"
        );
    }
}
