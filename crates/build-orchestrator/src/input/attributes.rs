//! The short forms of secrets, ssh agents, caches and outputs: `type=registry,ref=r.example/app`.
//!
//! Compose files, bake files and the command line share them. Paths are left as written: whoever
//! reads the file knows what they are relative to. Errors are lower-case fragments.
//! Source: <https://docs.docker.com/reference/cli/docker/buildx/build/>

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::model::plan::{Attributes, NamedContext, Secret, SecretSource, SshAgent};

/// `id=ID[,src=FILE]` or `id=ID,env=NAME`; with neither, the environment variable or else the file
/// that is called like the id.
pub(super) fn secret(text: &str) -> Result<Secret, String> {
    let mut fields = fields(text)?;
    if let Some(kind) = fields.remove("type")
        && !matches!(kind.as_str(), "file" | "env")
    {
        return Err(format!("a secret is of type `file` or `env`, not `{kind}`"));
    }
    let id = fields
        .remove("id")
        .filter(|id| !id.is_empty())
        .ok_or_else(|| format!("the secret `{text}` has no `id`"))?;
    let file = fields.remove("src").or_else(|| fields.remove("source"));
    let variable = fields.remove("env");
    if let Some(key) = fields.keys().next() {
        return Err(format!(
            "a secret has no `{key}`; there are `id`, `src` and `env`"
        ));
    }
    let source = match (file, variable) {
        (_, Some(variable)) => SecretSource::Variable(variable),
        (Some(file), None) => SecretSource::File(file.into()),
        (None, None) if std::env::var_os(&id).is_some() => SecretSource::Variable(id.clone()),
        (None, None) => SecretSource::File(id.clone().into()),
    };
    Ok(Secret { id, source })
}

/// `default`, `ID`, `ID=SOCKET` or `ID=KEY,…`.
pub(super) fn ssh(text: &str) -> Result<SshAgent, String> {
    let (id, paths) = text.split_once('=').unwrap_or((text, ""));
    if id.is_empty() {
        return Err(format!("the ssh agent `{text}` has no id"));
    }
    let paths = paths.split(',').filter(|path| !path.is_empty());
    Ok(SshAgent {
        id: id.to_owned(),
        paths: paths.map(PathBuf::from).collect(),
    })
}

/// `type=KIND,NAME=VALUE,…`, or an image's name alone.
pub(super) fn cache(text: &str) -> Result<Attributes, String> {
    if !text.contains('=') {
        let values = BTreeMap::from([("ref".to_owned(), text.to_owned())]);
        return Ok(Attributes {
            kind: "registry".to_owned(),
            values,
        });
    }
    kind_and_values(text)
}

/// `type=KIND,NAME=VALUE,…`, or a folder alone, or `-` for a tar archive on standard output.
pub(super) fn output(text: &str) -> Result<Attributes, String> {
    if !text.contains('=') {
        let kind = if text == "-" { "tar" } else { "local" };
        let values = BTreeMap::from([("dest".to_owned(), text.to_owned())]);
        return Ok(Attributes {
            kind: kind.to_owned(),
            values,
        });
    }
    kind_and_values(text)
}

/// What a name in `FROM` is to mean: `target:NAME`, `docker-image://NAME`, a URL or a folder, which
/// is sought in `dir`.
pub(super) fn named_context(text: &str, dir: &Path) -> NamedContext {
    if let Some(name) = text.strip_prefix("target:") {
        NamedContext::Target(name.to_owned())
    } else if let Some(name) = text.strip_prefix("docker-image://") {
        NamedContext::Image(name.to_owned())
    } else if text.contains("://") || text.starts_with("git@") {
        NamedContext::Remote(text.to_owned())
    } else {
        NamedContext::Folder(dir.join(text))
    }
}

fn kind_and_values(text: &str) -> Result<Attributes, String> {
    let mut values = fields(text)?;
    match values.remove("type") {
        Some(kind) => Ok(Attributes { kind, values }),
        None => Err(format!("`{text}` has no `type`")),
    }
}

/// The fields of one line of comma-separated values, in which quotes keep commas together.
fn fields(text: &str) -> Result<BTreeMap<String, String>, String> {
    let mut fields = BTreeMap::new();
    for field in split(text) {
        let (name, value) = field
            .split_once('=')
            .ok_or_else(|| format!("`{field}` in `{text}` is not `NAME=VALUE`"))?;
        fields.insert(name.trim().to_lowercase(), value.to_owned());
    }
    Ok(fields)
}

fn split(text: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut is_quoted = false;
    for c in text.chars() {
        match c {
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => fields.push(String::new()),
            c => fields.last_mut().expect("there is one").push(c),
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_a_file_or_a_variable() {
        let file = |path: &str| SecretSource::File(path.into());
        assert_eq!(secret("id=a,src=b/c").unwrap().source, file("b/c"));
        assert_eq!(secret("type=file,id=a,source=b").unwrap().source, file("b"));
        assert_eq!(
            secret("id=not_set_anywhere").unwrap().source,
            file("not_set_anywhere")
        );
        assert_eq!(
            secret("id=PATH").unwrap().source,
            SecretSource::Variable("PATH".to_owned())
        );
        let named = secret("id=a,env=TOKEN").unwrap();
        assert_eq!(named.source, SecretSource::Variable("TOKEN".to_owned()));
        assert_eq!(
            secret("src=b").unwrap_err(),
            "the secret `src=b` has no `id`"
        );
        assert_eq!(
            secret("id=a,path=b").unwrap_err(),
            "a secret has no `path`; there are `id`, `src` and `env`"
        );
    }

    #[test]
    fn an_ssh_agent_may_be_a_socket_or_keys() {
        assert_eq!(ssh("default").unwrap().paths, Vec::<PathBuf>::new());
        let keys = ssh("git=a,b").unwrap();
        assert_eq!((keys.id.as_str(), keys.paths.len()), ("git", 2));
    }

    #[test]
    fn a_name_alone_is_a_registry_cache_and_a_folder_alone_a_local_output() {
        let found = cache("r.example/app:cache").unwrap();
        assert_eq!(
            (found.kind.as_str(), found.values["ref"].as_str()),
            ("registry", "r.example/app:cache")
        );
        let found = output("out").unwrap();
        assert_eq!(
            (found.kind.as_str(), found.values["dest"].as_str()),
            ("local", "out")
        );
        assert_eq!(output("-").unwrap().kind, "tar");
    }

    #[test]
    fn quotes_keep_commas_together() {
        let found = output("type=image,\"annotation=a,b\",push=true").unwrap();
        assert_eq!(found.values["annotation"], "a,b");
        assert_eq!(found.values["push"], "true");
        assert_eq!(cache("ref=x").unwrap_err(), "`ref=x` has no `type`");
    }
}
