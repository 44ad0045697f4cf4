//! The `build` section of a service.
//!
//! Source: <https://docs.docker.com/reference/compose-file/build/>

use common::dockerfile::parse_inline;
use std::collections::BTreeMap;

use super::files::{Files, tidy};
use super::secrets::{secrets, ssh};
use super::settings::{attestations, caches, settings};
use super::values::check_keys;
use crate::input::attributes::named_context;
use crate::input::dockerfile::ReadError;
use crate::input::project::Variables;
use crate::input::yaml::{Fault, Node, Value};
use crate::model::plan::{NamedContext, Target};

/// The keys that a `build` section may have.
const KEYS: [&str; 24] = [
    "additional_contexts",
    "args",
    "cache_from",
    "cache_to",
    "context",
    "dockerfile",
    "dockerfile_inline",
    "entitlements",
    "extra_hosts",
    "isolation",
    "labels",
    "network",
    "no_cache",
    "platforms",
    "privileged",
    "provenance",
    "pull",
    "sbom",
    "secrets",
    "shm_size",
    "ssh",
    "tags",
    "target",
    "ulimits",
];

/// Reads a section into a target. `all_secrets` are those that the project defines.
///
/// # Errors
///
/// It has an unknown key, or a value cannot be what it is given as.
pub(super) fn build(
    files: &mut Files,
    target: &mut Target,
    section: &Node,
    all_secrets: Option<&Node>,
) -> Result<(), Fault> {
    if let Value::Text(_) = section.value {
        return locate(files, target, section, Some(section));
    }
    if !matches!(section.value, Value::Map(_)) {
        return Err(section.fault("`build` takes a path or a mapping"));
    }
    check_keys(section, "build", &KEYS)?;
    locate(files, target, section, section.get("context"))?;
    inline(files, target, section)?;
    names(files, target, section)?;
    if let Some(node) = section.get("args") {
        target.build_args = args(files, node)?;
    }
    if let Some(node) = section.get("additional_contexts") {
        target.named_contexts = contexts(files, node)?;
    }
    if let Some(node) = section.get("secrets") {
        target.secrets = secrets(files, node, all_secrets)?;
    }
    if let Some(node) = section.get("ssh") {
        target.ssh = ssh(files, node)?;
    }
    caches(files, target, section)?;
    attestations(files, target, section)?;
    settings(files, target, section)
}

/// Sets the paths of the context, and of the Dockerfile, which is sought in it.
fn locate(
    files: &mut Files,
    target: &mut Target,
    section: &Node,
    context: Option<&Node>,
) -> Result<(), Fault> {
    let node = context.unwrap_or(section);
    let text = match context {
        Some(node) => files.text(node, "context")?,
        None => ".".to_owned(),
    };
    if text.contains("://") || text.starts_with("git@") {
        return Err(node.fault(format!(
            "the context `{text}` is not a folder of this machine"
        )));
    }
    target.context_dir = files.path_of(node, &text);
    let dockerfile = match section.get("dockerfile") {
        Some(node) => files.text(node, "dockerfile")?,
        None => "Dockerfile".to_owned(),
    };
    target.dockerfile_path = tidy(&target.context_dir.join(dockerfile));
    Ok(())
}

/// Reads a Dockerfile that stands in the compose file. One that cannot be read matters only if it is
/// to be built.
fn inline(files: &mut Files, target: &mut Target, section: &Node) -> Result<(), Fault> {
    let Some(node) = section.get("dockerfile_inline") else {
        return Ok(());
    };
    if section.get("dockerfile").is_some() {
        return Err(node.fault("there are both `dockerfile` and `dockerfile_inline`"));
    }
    let text = files.text(node, "dockerfile_inline")?;
    files
        .path(node.file)
        .clone_into(&mut target.dockerfile_path);
    // A block starts at its first line with text; the empty ones above it are in the text.
    let empty_lines = text.chars().take_while(|&c| c == '\n').count();
    let line = u32::try_from(node.line - empty_lines).expect("files have fewer lines");
    match parse_inline(&text, line) {
        Ok(dockerfile) => target.dockerfile = dockerfile,
        Err(fault) => {
            let path = target.dockerfile_path.clone();
            let error = ReadError::Parse { path, fault };
            files.unreadable.push((target.name.clone(), error));
        }
    }
    target.dockerfile_inline = Some(text);
    Ok(())
}

/// Reads what is built of it, and what it is called.
fn names(files: &mut Files, target: &mut Target, section: &Node) -> Result<(), Fault> {
    if let Some(node) = section.get("target") {
        target.stage = Some(files.text(node, "target")?).filter(|stage| !stage.is_empty());
    }
    if let Some(node) = section.get("tags") {
        target.tags = files.list(node, "tags")?;
    }
    if let Some(node) = section.get("labels") {
        let pairs = files.pairs(node, "labels")?.into_iter();
        target.labels = pairs
            .map(|(name, value)| (name, value.unwrap_or_default()))
            .collect();
    }
    if let Some(node) = section.get("platforms") {
        let platforms = files.list(node, "platforms")?.join(",");
        target.platform = Some(platforms).filter(|platforms| !platforms.is_empty());
    }
    Ok(())
}

/// The build arguments; one without a value is the variable of its name, and left out when there is
/// none.
fn args(files: &mut Files, node: &Node) -> Result<BTreeMap<String, String>, Fault> {
    let mut args = BTreeMap::new();
    for pair in files.pair_list(node, "args", &['='])? {
        let variables: &Variables = &files.scope(pair.node.file).variables;
        match pair.value.or_else(|| variables.get(&pair.name).cloned()) {
            Some(value) => args.insert(pair.name, value),
            None => args.remove(&pair.name),
        };
    }
    Ok(args)
}

fn contexts(files: &mut Files, node: &Node) -> Result<BTreeMap<String, NamedContext>, Fault> {
    let mut contexts = BTreeMap::new();
    for pair in files.pair_list(node, "additional_contexts", &['='])? {
        let source = pair.value.unwrap_or_default();
        let context = match source.strip_prefix("service:") {
            Some(service) => NamedContext::Target(service.to_owned()),
            None => match named_context(&source, &files.scope(pair.node.file).dir) {
                NamedContext::Folder(_) => NamedContext::Folder(files.path_of(pair.node, &source)),
                other => other,
            },
        };
        contexts.insert(pair.name, context);
    }
    Ok(contexts)
}
