//! Pushes images, once every target is built: a registry never holds half of a build.
//!
//! Source: docker/buildx#1089.

use bollard::errors::Error as ApiError;
use bollard::query_parameters::{PushImageOptionsBuilder, TagImageOptionsBuilder};
use futures_util::StreamExt;

use super::attempt::back_off;
use super::event::What;
use super::registry_auth::{for_engine, registry_host};
use super::{Build, failure};
use crate::model::outcome::{Pushed, Status, TargetError, TargetErrorKind, TargetOutcome};
use crate::model::plan::{Plan, Target};

impl Build<'_> {
    /// Pushes the images of the targets asked for, one after the other, up to the first failure.
    pub(super) async fn push(&self, plan: &Plan, outcomes: &mut [TargetOutcome]) {
        if outcomes.iter().any(|it| it.status != Status::Built) {
            return;
        }
        for (target, outcome) in plan.targets.iter().zip(outcomes) {
            for name in pushed_names(plan, target, self.options.push) {
                let pushed = tokio::select! {
                    () = self.interrupt.raised() => {
                        outcome.status = Status::Cancelled;
                        return;
                    }
                    pushed = self.push_name(target, outcome, &name) => pushed,
                };
                match pushed {
                    Ok(digest) => {
                        self.tell(target, What::Note(&format!("pushed {name}@{digest}")));
                        outcome.pushed.push(Pushed { name, digest });
                    }
                    Err(error) => {
                        self.tell(target, What::Warning(&error.message));
                        outcome.status = Status::Failed;
                        outcome.error = Some(error);
                        return;
                    }
                }
            }
        }
    }

    /// Pushes an image under one name, again when that may help. Returns the manifest's digest.
    async fn push_name(
        &self,
        target: &Target,
        outcome: &TargetOutcome,
        name: &str,
    ) -> Result<String, TargetError> {
        let image_id = outcome.image.as_ref().map_or("", |image| &image.id);
        let (repository, tag) = repository_and_tag(name);
        if !target.tags.iter().any(|it| it == name) {
            let options = TagImageOptionsBuilder::new().repo(repository).tag(tag);
            let tagged = self.engine.api.tag_image(image_id, Some(options.build()));
            tagged.await.map_err(|error| push_error(name, error))?;
        }
        let mut count = 1;
        loop {
            match self.push_once(target, repository, tag).await {
                Err(error)
                    if error.kind == TargetErrorKind::Transient
                        && count <= self.options.retries_max =>
                {
                    self.wait_to_retry(target, &error, count).await;
                    count += 1;
                }
                result => return result,
            }
        }
    }

    async fn push_once(
        &self,
        target: &Target,
        repository: &str,
        tag: &str,
    ) -> Result<String, TargetError> {
        let name = format!("{repository}:{tag}");
        let host = registry_host(repository);
        let credential = for_engine(self.registry_auth.credential(host).await, host);
        self.tell_warnings(target);
        let options = PushImageOptionsBuilder::new().tag(tag).build();
        let api = &self.engine.api;
        let mut progress = api.push_image(repository, Some(options), Some(credential));
        let mut digest = None;
        while let Some(message) = progress.next().await {
            let message = message.map_err(|error| push_error(&name, error))?;
            digest = message.status.as_deref().and_then(pushed_digest).or(digest);
        }
        digest.ok_or_else(|| TargetError {
            kind: TargetErrorKind::Build,
            message: format!("the Engine did not say the digest of `{name}` in its registry"),
        })
    }

    /// Says that something is tried again, and waits until then.
    pub(super) async fn wait_to_retry(&self, target: &Target, error: &TargetError, count: u32) {
        let wait = back_off(count);
        self.tell(
            target,
            What::Warning(&format!(
                "attempt {count} of {} failed: {}; trying again in {} s",
                self.options.retries_max.saturating_add(1),
                error.message,
                wait.as_secs()
            )),
        );
        tokio::time::sleep(wait).await;
    }
}

/// The names under which a target's image is pushed: those of its outputs that say so, and all of
/// its tags when all is pushed. Targets that are only there for others stay where they are.
pub(crate) fn pushed_names(plan: &Plan, target: &Target, pushes_all: bool) -> Vec<String> {
    if !plan.is_asked(&target.name) {
        return Vec::new();
    }
    let mut names = if pushes_all {
        target.tags.clone()
    } else {
        Vec::new()
    };
    for output in &target.outputs {
        let value = |name| output.values.get(name).map(String::as_str);
        let pushes = match output.kind.as_str() {
            "registry" => true,
            "image" => value("push") == Some("true"),
            _ => false,
        };
        if pushes {
            match value("name") {
                Some(list) => names.extend(list.split(',').map(str::to_owned)),
                None => names.extend_from_slice(&target.tags),
            }
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    names.retain(|name| seen.insert(name.clone()));
    names
}

/// The parts of an image's name: without a tag it is `latest`.
fn repository_and_tag(name: &str) -> (&str, &str) {
    match name.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => (repository, tag),
        _ => (name, "latest"),
    }
}

/// The digest in the line that ends a push: `1.0: digest: sha256:… size: 528`.
///
/// Source: `pushV2Tag` in `distribution/push_v2.go` of github.com/docker/docker.
fn pushed_digest(status: &str) -> Option<String> {
    let (_, rest) = status.split_once(": digest: ")?;
    rest.split_whitespace().next().map(str::to_owned)
}

fn push_error(name: &str, error: ApiError) -> TargetError {
    let registry = registry_host(name);
    let described = match error {
        ApiError::DockerStreamError { error: message }
        | ApiError::DockerResponseServerError { message, .. } => failure::described(&message),
        error => TargetError {
            kind: TargetErrorKind::Unavailable,
            message: error.to_string(),
        },
    };
    TargetError {
        message: format!(
            "failed to push `{name}` to the registry `{registry}`: {}",
            described.message
        ),
        ..described
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::plan::Attributes;

    #[test]
    fn a_port_is_no_tag() {
        assert_eq!(repository_and_tag("r:5000/app"), ("r:5000/app", "latest"));
        assert_eq!(repository_and_tag("r:5000/app:1"), ("r:5000/app", "1"));
        assert_eq!(repository_and_tag("app"), ("app", "latest"));
    }

    #[test]
    fn the_digest_is_in_the_last_line() {
        let line = "1.0: digest: sha256:abc size: 528";
        assert_eq!(pushed_digest(line).as_deref(), Some("sha256:abc"));
        assert_eq!(pushed_digest("5f70bf18a086: Pushed"), None);
    }

    #[test]
    fn outputs_say_what_is_pushed_and_under_which_names() {
        let output = |kind: &str, values: &[(&str, &str)]| Attributes {
            kind: kind.to_owned(),
            values: values
                .iter()
                .map(|&(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        };
        let names = |outputs: Vec<Attributes>, pushes_all, asked: &str| {
            let target = Target {
                tags: vec!["r/app:1".to_owned()],
                outputs,
                ..Target::sample("app", "FROM scratch\n")
            };
            let plan = Plan {
                targets: vec![target.clone()],
                asked: vec![asked.to_owned()],
            };
            pushed_names(&plan, &target, pushes_all)
        };
        let registry = || output("registry", &[]);
        assert_eq!(names(vec![], false, "app"), [""; 0]);
        assert_eq!(names(vec![], true, "app"), ["r/app:1"]);
        assert_eq!(names(vec![], true, "other"), [""; 0]);
        assert_eq!(names(vec![registry()], true, "app"), ["r/app:1"]);
        let named = output("image", &[("push", "true"), ("name", "r/a:2,r/b")]);
        assert_eq!(names(vec![named], false, "app"), ["r/a:2", "r/b"]);
        let kept = output("image", &[("push", "false")]);
        assert_eq!(names(vec![kept], false, "app"), [""; 0]);
    }

    #[test]
    fn a_failed_push_names_the_image_and_the_registry() {
        let error = ApiError::DockerStreamError {
            error: "no basic auth credentials".to_owned(),
        };
        let error = push_error("127.0.0.1:5000/app:1", error);
        assert_eq!(error.kind, TargetErrorKind::Build);
        assert_eq!(
            error.message,
            "failed to push `127.0.0.1:5000/app:1` to the registry `127.0.0.1:5000`: no basic auth \
             credentials"
        );
    }
}
