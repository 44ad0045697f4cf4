//! Targets of compose files, where bake files say more about them.

use std::collections::BTreeMap;
use std::path::Path;

use super::layer::Layer;
use super::syntax::Place;
use super::value::Value;
use crate::model::plan::{Attributes, NamedContext, SecretSource, Target};

/// What a target of a compose file says, as a bake file would.
pub(super) fn layer(target: &Target) -> Layer {
    let text = |text: &str| Value::Text(text.to_owned());
    let path = |path: &Path| Value::Text(path.display().to_string());
    let texts = |texts: &[String]| Value::texts(texts.iter().cloned());
    let map = |entries: &BTreeMap<String, String>| {
        let entries = entries
            .iter()
            .map(|(key, value)| (key.clone(), text(value)));
        Value::Map(entries.collect())
    };
    let contexts = target.named_contexts.iter();
    let contexts = contexts.map(|(name, context)| (name.clone(), text(&context_text(context))));
    let secrets = target.secrets.iter().map(|secret| match &secret.source {
        SecretSource::File(path) => format!("id={},src={}", secret.id, path.display()),
        SecretSource::Variable(name) => format!("id={},env={name}", secret.id),
    });
    let agents = target.ssh.iter().map(|agent| {
        let paths = agent.paths.iter().map(|path| path.display().to_string());
        format!("{}={}", agent.id, paths.collect::<Vec<_>>().join(","))
    });
    let hosts = target
        .extra_hosts
        .iter()
        .filter_map(|host| host.split_once('='));
    let hosts = hosts.map(|(name, address)| (name.to_owned(), text(address)));
    let attributes = |list: &[Attributes]| Value::List(list.iter().map(object).collect());
    let mut layer: BTreeMap<&str, Value> = BTreeMap::from([
        ("context", path(&target.context_dir)),
        (
            "dockerfile",
            text(&format!("cwd://{}", target.dockerfile_path.display())),
        ),
        ("args", map(&target.build_args)),
        ("labels", map(&target.labels)),
        ("contexts", Value::Map(contexts.collect())),
        ("tags", texts(&target.tags)),
        ("annotations", texts(&target.annotations)),
        ("secret", Value::texts(secrets)),
        ("ssh", Value::texts(agents)),
        ("cache-from", attributes(&target.cache_from)),
        ("cache-to", attributes(&target.cache_to)),
        ("output", attributes(&target.outputs)),
        ("attest", attributes(&target.attestations)),
        ("ulimits", texts(&target.ulimits)),
        ("extra-hosts", Value::Map(hosts.collect())),
        ("entitlements", texts(&target.entitlements)),
        ("no-cache", Value::Bool(target.no_cache)),
        ("no-cache-filter", texts(&target.no_cache_stages)),
        ("pull", Value::Bool(target.pull)),
    ]);
    let optional = [
        ("target", &target.stage),
        ("dockerfile-inline", &target.dockerfile_inline),
        ("network", &target.network),
    ];
    for (name, value) in optional {
        layer.extend(value.as_ref().map(|value| (name, text(value))));
    }
    let platforms = target
        .platform
        .iter()
        .map(|all| Value::texts(all.split(',')));
    layer.extend(platforms.map(|platforms| ("platforms", platforms)));
    let size = target.shm_size_bytes.map(|size| text(&size.to_string()));
    layer.extend(size.map(|size| ("shm-size", size)));
    let placed = |(name, value): (&str, Value)| (name.to_owned(), (value, Place::default()));
    layer.into_iter().map(placed).collect()
}

/// Keeps the lines of a Dockerfile that the compose file holds.
pub(super) fn keep(below: &Target, target: &mut Target) {
    if target.dockerfile_inline.is_some() && target.dockerfile_inline == below.dockerfile_inline {
        target.dockerfile_path.clone_from(&below.dockerfile_path);
        target.dockerfile.clone_from(&below.dockerfile);
    }
}

fn object(attributes: &Attributes) -> Value {
    let kind = ("type".to_owned(), attributes.kind.clone());
    let values = attributes.values.clone().into_iter().chain([kind]);
    Value::Map(
        values
            .map(|(name, value)| (name, Value::Text(value)))
            .collect(),
    )
}

fn context_text(context: &NamedContext) -> String {
    match context {
        NamedContext::Target(name) => format!("target:{name}"),
        NamedContext::Image(name) => format!("docker-image://{name}"),
        NamedContext::Folder(path) => path.display().to_string(),
        NamedContext::Remote(url) => url.clone(),
    }
}
