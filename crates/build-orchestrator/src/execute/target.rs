//! One target, from its start to its end: attempts, time limit, and what stops it early.

use super::attempt::Attempts;
use super::event::{StepEvent, What};
use super::solve::Built;
use super::supplies::hidden;
use super::{Build, redact, solve, supplies};
use crate::model::outcome::{Status, TargetError, TargetErrorKind, TargetOutcome};
use crate::model::plan::Target;
use crate::model::secrets::Secrets;

impl Build<'_> {
    pub(super) async fn target(&self, index: usize, target: &Target) -> TargetOutcome {
        let mut outcome = TargetOutcome::not_started(Status::Cancelled);
        if let Some(error) = self.first_failure.error() {
            outcome.error = Some(error);
        } else if let Some(message) = self.options.unsupported.get(&target.name) {
            outcome.status = Status::Failed;
            outcome.error = Some(TargetError {
                kind: TargetErrorKind::Unsupported,
                message: message.clone(),
            });
        } else if !self.interrupt.is_raised() {
            self.tell(target, What::Started);
            self.run(index, target, &mut outcome).await;
        }
        if let (Status::Failed, Some(error)) = (outcome.status, &outcome.error)
            && self.options.fail_fast
        {
            self.first_failure.raise(&target.name, error.kind);
        }
        self.tell(target, What::Finished(&outcome));
        outcome
    }

    async fn run(&self, index: usize, target: &Target, outcome: &mut TargetOutcome) {
        let started_ms = self.clock.now_ms();
        let mut secrets = hidden(target);
        let mut attempts = Attempts::new(self.clock);
        let (status, result) = tokio::select! {
            () = self.interrupt.raised() => (Status::Cancelled, Ok(None)),
            error = self.first_failure.raised() => (Status::Cancelled, Err(error)),
            error = self.time_is_up() => (Status::Failed, Err(error)),
            result = self.attempts(index, target, &mut secrets, &mut attempts, outcome) => {
                match result {
                    Ok(built) => (Status::Built, Ok(Some(built))),
                    Err(error) => (Status::Failed, Err(error)),
                }
            }
        };
        let ended_ms = self.clock.now_ms();
        outcome.status = status;
        outcome.started_ms = Some(started_ms);
        outcome.duration_ms = Some(ended_ms - started_ms);
        outcome.attempt_count = attempts.count;
        let warnings = attempts.steps.take_warnings();
        let warnings = warnings.iter();
        outcome.warnings = warnings
            .map(|warning| redact::warning(&secrets, warning))
            .collect();
        let (vertexes, sent_bytes) = attempts.finish(ended_ms);
        outcome.sent_bytes =
            sent_bytes + self.named.take_sent_bytes() + self.contexts.take_sent_bytes(index).await;
        let vertexes = vertexes.into_iter();
        outcome.vertexes = vertexes
            .map(|vertex| redact::vertex(&secrets, vertex))
            .collect();
        match result {
            Ok(built) => {
                let built = built.unwrap_or_default();
                outcome.image = built.image;
                outcome.exported = built.exported;
            }
            Err(error) => outcome.error = Some(redact::error(&secrets, &error)),
        }
    }

    /// Tries a target until it is built, or fails in a way that does not pass.
    async fn attempts(
        &self,
        index: usize,
        target: &Target,
        secrets: &mut Secrets,
        attempts: &mut Attempts,
        outcome: &mut TargetOutcome,
    ) -> Result<Built, TargetError> {
        loop {
            attempts.next();
            let result = self
                .attempt(index, target, secrets, attempts, outcome)
                .await;
            self.tell_warnings(target);
            match result {
                Err(error)
                    if error.kind == TargetErrorKind::Transient
                        && attempts.count <= self.options.retries_max =>
                {
                    let error = redact::error(secrets, &error);
                    self.wait_to_retry(target, &error, attempts.count).await;
                }
                result => return result,
            }
        }
    }

    async fn attempt(
        &self,
        index: usize,
        target: &Target,
        secrets: &mut Secrets,
        attempts: &mut Attempts,
        outcome: &mut TargetOutcome,
    ) -> Result<Built, TargetError> {
        let agents = supplies::check(target)?;
        let context = self.contexts.read(index).await?;
        outcome.context = Some(context.clone());
        let sent_bytes = attempts.sent_bytes.clone();
        let given = self.given(index, target, agents, context, &sent_bytes, secrets);
        let given = given.await?;
        let mut tell = |event: StepEvent<'_>| {
            redact::tell(secrets, event, |event| {
                self.tell(target, What::Step(event));
            });
        };
        solve::build(self.engine, target, &given, &mut attempts.steps, &mut tell).await
    }

    /// Waits until a target that starts now has taken too long, and says so.
    pub(super) async fn time_is_up(&self) -> TargetError {
        let Some(timeout) = self.options.timeout else {
            return std::future::pending().await;
        };
        tokio::time::sleep(timeout).await;
        TargetError {
            kind: TargetErrorKind::Timeout,
            message: format!("it took longer than the {timeout:?} of `--timeout`"),
        }
    }

    /// What becomes of a target because of one that it depends on.
    pub(super) fn skipped(
        &self,
        target: &Target,
        dependency: &TargetOutcome,
    ) -> Option<TargetOutcome> {
        let outcome = match dependency.status {
            Status::Built => return None,
            Status::Cancelled => TargetOutcome {
                error: dependency.error.clone(),
                ..TargetOutcome::not_started(Status::Cancelled)
            },
            Status::Failed | Status::Skipped => TargetOutcome {
                error: Some(TargetError {
                    kind: dependency
                        .error
                        .as_ref()
                        .map_or(TargetErrorKind::Build, |error| error.kind),
                    message: "a target that it depends on was not built".to_owned(),
                }),
                ..TargetOutcome::not_started(Status::Skipped)
            },
        };
        self.tell(target, What::Finished(&outcome));
        Some(outcome)
    }

    /// Tells what was wrong with the credentials that were asked for meanwhile.
    pub(super) fn tell_warnings(&self, target: &Target) {
        for warning in self.registry_auth.take_warnings() {
            self.tell(target, What::Warning(&warning));
        }
    }
}
