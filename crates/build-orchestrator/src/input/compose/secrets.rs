//! Secrets and ssh agents of a build.
//!
//! Source: <https://docs.docker.com/reference/compose-file/secrets/>

use std::path::PathBuf;

use super::files::Files;
use super::values::{check_keys, entries, items};
use crate::input::attributes;
use crate::input::nearest::hint;
use crate::input::yaml::{Fault, Node, Value};
use crate::model::plan::{Secret, SecretSource, SshAgent};

/// What a container's copy of a secret may have beside its value, and a build's has not.
const FILE_KEYS: [&str; 3] = ["uid", "gid", "mode"];

/// The secrets of a build, each of those that the project defines. A later one of the same id wins.
pub(super) fn secrets(
    files: &mut Files,
    list: &Node,
    all: Option<&Node>,
) -> Result<Vec<Secret>, Fault> {
    let mut secrets: Vec<Secret> = Vec::new();
    for node in items(list, "secrets")? {
        let secret = secret(files, node, all)?;
        secrets.retain(|known| known.id != secret.id);
        secrets.push(secret);
    }
    Ok(secrets)
}

fn secret(files: &mut Files, node: &Node, all: Option<&Node>) -> Result<Secret, Fault> {
    if !matches!(node.value, Value::Map(_)) {
        let name = files.text(node, "secrets")?;
        let source = source(files, node, &name, all)?;
        return Ok(Secret { id: name, source });
    }
    check_keys(node, "secrets", &["source", "target", "uid", "gid", "mode"])?;
    let name = node
        .get("source")
        .ok_or_else(|| node.fault("the secret does not say of which `source` it is"))?;
    let name = files.text(name, "source")?;
    let id = match node.get("target") {
        Some(target) => files.text(target, "target")?,
        None => name.clone(),
    };
    if let Some(key) = FILE_KEYS.iter().find(|key| node.get(key).is_some()) {
        files.warn(node, &format!("a build passes over `{key}` of a secret"));
    }
    let source = source(files, node, &name, all)?;
    Ok(Secret { id, source })
}

/// Where the value of a secret is that the project defines.
fn source(
    files: &mut Files,
    node: &Node,
    name: &str,
    all: Option<&Node>,
) -> Result<SecretSource, Fault> {
    let Some(secret) = all.and_then(|all| all.get(name)) else {
        let mut names = Vec::new();
        if let Some(all) = all {
            names.extend(entries(all, "secrets")?.map(|entry| entry.key.clone()));
        }
        let message = format!(
            "the project defines no secret `{name}`{}",
            hint(name, &names)
        );
        return Err(node.fault(message));
    };
    if let Some(file) = secret.get("file") {
        let text = files.text(file, "file")?;
        return Ok(SecretSource::File(files.path_of(file, &text)));
    }
    if let Some(variable) = secret.get("environment") {
        let variable = files.text(variable, "environment")?;
        let is_known = files.scope(secret.file).variables.contains_key(&variable);
        if is_known && std::env::var_os(&variable).is_none() {
            // Its value would have to be kept until the build asks for it.
            let message = format!(
                "the secret `{name}` is read from the environment, and `{variable}` is in an env file only"
            );
            files.warn(secret, &message);
        }
        return Ok(SecretSource::Variable(variable));
    }
    if secret.get("external").is_some() {
        let message = format!(
            "the secret `{name}` is external: only `file` and `environment` are there for a build"
        );
        return Err(node.fault(message));
    }
    Err(secret.fault(format!(
        "the secret `{name}` has neither `file` nor `environment`"
    )))
}

/// The ssh agents of a build: `default`, or names with or without a socket or keys.
pub(super) fn ssh(files: &mut Files, node: &Node) -> Result<Vec<SshAgent>, Fault> {
    let mut agents: Vec<SshAgent> = Vec::new();
    for (text, node) in ssh_texts(files, node)? {
        let mut agent = attributes::ssh(&text).map_err(|message| node.fault(message))?;
        let from_file = |path: &PathBuf| files.path_of(node, &path.to_string_lossy());
        agent.paths = agent.paths.iter().map(from_file).collect();
        agents.retain(|known| known.id != agent.id);
        agents.push(agent);
    }
    Ok(agents)
}

fn ssh_texts<'a>(files: &mut Files, node: &'a Node) -> Result<Vec<(String, &'a Node)>, Fault> {
    if let Value::Text(_) = node.value {
        return Ok(vec![(files.text(node, "ssh")?, node)]);
    }
    if let Value::Layers(layers) = &node.value {
        let texts = layers.iter().map(|layer| ssh_texts(files, layer));
        return Ok(texts.collect::<Result<Vec<_>, _>>()?.concat());
    }
    let pairs = files.pair_list(node, "ssh", &['='])?.into_iter();
    let text = |name: String, value: Option<String>| match value {
        Some(value) => format!("{name}={value}"),
        None => name,
    };
    Ok(pairs
        .map(|pair| (text(pair.name, pair.value), pair.node))
        .collect())
}
