//! What the command line changes of all targets.

use std::path::Path;

use super::attributes::{cache, named_context, output, secret, ssh};
use crate::model::plan::Target;

/// What is changed of all targets, as given.
#[derive(Clone, Debug, Default)]
pub(crate) struct Overrides {
    /// `NAME=VALUE`, or `NAME` for the environment's value.
    pub(crate) build_args: Vec<String>,
    /// The platform. `None` leaves the target's.
    pub(crate) platform: Option<String>,
    /// `NAME=VALUE`.
    pub(crate) labels: Vec<String>,
    /// `NAME=SOURCE`.
    pub(crate) build_contexts: Vec<String>,
    /// `id=ID,src=FILE` or `id=ID,env=NAME`.
    pub(crate) secrets: Vec<String>,
    /// `ID` or `ID=PATH,…`.
    pub(crate) ssh: Vec<String>,
    /// `type=KIND,…` or an image's name.
    pub(crate) cache_from: Vec<String>,
    /// `type=KIND,…`.
    pub(crate) cache_to: Vec<String>,
    /// `type=KIND,…` or a folder.
    pub(crate) outputs: Vec<String>,
    /// Whether images are looked up in their registries.
    pub(crate) pull: bool,
    /// Stages whose steps run again.
    pub(crate) no_cache_stages: Vec<String>,
    /// The network of `RUN` steps. `None` leaves the target's.
    pub(crate) network: Option<String>,
    /// `NAME=ADDRESS`.
    pub(crate) extra_hosts: Vec<String>,
}

/// Why an override cannot be applied.
#[derive(Debug, thiserror::Error)]
#[error("`{argument}`: {message}")]
pub(crate) struct OverrideError {
    argument: &'static str,
    message: String,
}

/// Applies the overrides to a target.
pub(super) fn apply(overrides: &Overrides, target: &mut Target) -> Result<(), OverrideError> {
    if overrides.platform.is_some() {
        target.platform.clone_from(&overrides.platform);
    }
    if overrides.network.is_some() {
        target.network.clone_from(&overrides.network);
    }
    target.pull |= overrides.pull;
    target
        .no_cache_stages
        .extend_from_slice(&overrides.no_cache_stages);
    target.extra_hosts.extend_from_slice(&overrides.extra_hosts);
    target.build_args.extend(given_args(&overrides.build_args));
    for text in &overrides.labels {
        let (name, value) = text.split_once('=').unwrap_or((text, ""));
        target.labels.insert(name.to_owned(), value.to_owned());
    }
    for text in &overrides.build_contexts {
        let (name, source) = text
            .split_once('=')
            .ok_or_else(|| fault("--build-context")(format!("`{text}` is not `NAME=SOURCE`")))?;
        let context = named_context(source, Path::new(""));
        target.named_contexts.insert(name.to_owned(), context);
    }
    let secrets = parsed("--secret", &overrides.secrets, secret)?;
    target
        .secrets
        .retain(|old| secrets.iter().all(|new| new.id != old.id));
    target.secrets.extend(secrets);
    let agents = parsed("--ssh", &overrides.ssh, ssh)?;
    target
        .ssh
        .retain(|old| agents.iter().all(|new| new.id != old.id));
    target.ssh.extend(agents);
    target
        .cache_from
        .extend(parsed("--cache-from", &overrides.cache_from, cache)?);
    target
        .cache_to
        .extend(parsed("--cache-to", &overrides.cache_to, cache)?);
    if !overrides.outputs.is_empty() {
        target.outputs = parsed("--output", &overrides.outputs, output)?;
    }
    Ok(())
}

fn parsed<T>(
    argument: &'static str,
    texts: &[String],
    parse: impl Fn(&str) -> Result<T, String>,
) -> Result<Vec<T>, OverrideError> {
    let all = texts
        .iter()
        .map(|text| parse(text).map_err(fault(argument)));
    all.collect()
}

fn fault(argument: &'static str) -> impl Fn(String) -> OverrideError {
    move |message| OverrideError { argument, message }
}

/// The build arguments of the command line; one without a value is taken from the environment, and
/// left out when it is not there either.
fn given_args(args: &[String]) -> impl Iterator<Item = (String, String)> {
    args.iter().filter_map(|arg| match arg.split_once('=') {
        Some((name, value)) => Some((name.to_owned(), value.to_owned())),
        None => Some((arg.clone(), std::env::var(arg).ok()?)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::plan::SecretSource;

    #[test]
    fn a_secret_of_the_command_line_replaces_the_one_of_the_same_id() {
        let mut target = Target::sample("app", "FROM scratch\n");
        target.secrets = vec![
            secret("id=a,src=old").unwrap(),
            secret("id=b,src=kept").unwrap(),
        ];
        let overrides = Overrides {
            secrets: vec!["id=a,env=NEW".to_owned()],
            ..Overrides::default()
        };
        apply(&overrides, &mut target).unwrap();
        let ids: Vec<_> = target
            .secrets
            .iter()
            .map(|secret| secret.id.as_str())
            .collect();
        assert_eq!(ids, ["b", "a"]);
        assert_eq!(
            target.secrets[1].source,
            SecretSource::Variable("NEW".to_owned())
        );
    }

    #[test]
    fn faults_name_the_argument() {
        let mut target = Target::sample("app", "FROM scratch\n");
        let overrides = Overrides {
            cache_to: vec!["ref=x".to_owned()],
            ..Overrides::default()
        };
        let error = apply(&overrides, &mut target).unwrap_err().to_string();
        assert_eq!(error, "`--cache-to`: `ref=x` has no `type`");
    }
}
