//! From what is said about a target to the target itself.
//!
//! Paths are relative to the working directory, and the Dockerfile's to the context.
//! Source: `toBuildOpt` in bake/bake.go of github.com/docker/buildx

use common::dockerfile::parse_inline;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::super::attributes::{cache, named_context, output, secret, ssh};
use super::layer::Layer;
use super::syntax::{Expr, Fault, Kind, Place};
use super::value::Value;
use crate::model::plan::{Attributes, Secret, SecretSource, SshAgent, Target};

/// Where the value of an attribute starts: the text of a here-document is on the next line.
pub(super) fn text_place(name: &str, expr: &Expr) -> Place {
    let is_heredoc = matches!(&expr.kind, Kind::Template(_, true));
    let line = expr.place.line + usize::from(name == "dockerfile-inline" && is_heredoc);
    Place { line, ..expr.place }
}

/// Makes a target. `path` names the file of a place.
pub(super) fn target(
    name: &str,
    layer: Layer,
    path: impl Fn(Place) -> PathBuf,
) -> Result<Target, Fault> {
    let mut fields = Fields(layer);
    let context = fields.text("context")?.unwrap_or_else(|| ".".to_owned());
    let context_dir = PathBuf::from(from_working_dir(&context));
    let dockerfile = fields.text("dockerfile")?;
    let dockerfile = dockerfile.unwrap_or_else(|| "Dockerfile".to_owned());
    let mut target = Target {
        name: name.to_owned(),
        dockerfile_path: match dockerfile.strip_prefix("cwd://") {
            Some(path) => path.into(),
            None => below(&context_dir, &dockerfile),
        },
        context_dir,
        stage: fields.text("target")?,
        tags: fields.texts("tags")?,
        build_args: fields.map("args")?,
        labels: fields.map("labels")?,
        annotations: fields.texts("annotations")?,
        entitlements: fields.texts("entitlements")?,
        network: fields.text("network")?,
        ulimits: fields.texts("ulimits")?,
        no_cache: fields.bool("no-cache")?,
        no_cache_stages: fields.texts("no-cache-filter")?,
        pull: fields.bool("pull")?,
        cache_from: fields.all("cache-from", |value| attributes(value, cache))?,
        cache_to: fields.all("cache-to", |value| attributes(value, cache))?,
        outputs: fields.all("output", |value| attributes(value, output))?,
        ..Target::default()
    };
    fields.rest(&mut target)?;
    if let Some((_, place)) = fields.0.get("dockerfile-inline") {
        let place = *place;
        inline(&mut target, &mut fields, place, path(place))?;
    }
    Ok(target)
}

fn inline(
    target: &mut Target,
    fields: &mut Fields,
    place: Place,
    path: PathBuf,
) -> Result<(), Fault> {
    let Some(text) = fields.text("dockerfile-inline")? else {
        return Ok(());
    };
    let first_line = u32::try_from(place.line.max(1)).unwrap_or(u32::MAX);
    let parsed = parse_inline(&text, first_line).map_err(|error| {
        let line = error.line as usize;
        Place { line, ..place }.fault(format!("`dockerfile-inline`: {}", error.message))
    })?;
    target.dockerfile = parsed;
    target.dockerfile_inline = Some(text);
    target.dockerfile_path = path;
    Ok(())
}

struct Fields(Layer);

impl Fields {
    /// What is not one field alone.
    fn rest(&mut self, target: &mut Target) -> Result<(), Fault> {
        let platforms = self.texts("platforms")?;
        target.platform = (!platforms.is_empty()).then(|| platforms.join(","));
        let hosts = self.map("extra-hosts")?.into_iter();
        target.extra_hosts = hosts
            .map(|(name, address)| format!("{name}={address}"))
            .collect();
        for (name, source) in self.map("contexts")? {
            let source = from_working_dir(&source);
            let context = named_context(source, Path::new(""));
            target.named_contexts.insert(name, context);
        }
        // The later of two with the same id or type wins.
        for secret in self.all("secret", secret_of)? {
            target.secrets.retain(|old| old.id != secret.id);
            target.secrets.push(secret);
        }
        for agent in self.all("ssh", agent_of)? {
            target.ssh.retain(|old| old.id != agent.id);
            target.ssh.push(agent);
        }
        for attestation in self.all("attest", |value| attributes(value, cache))? {
            target
                .attestations
                .retain(|old| old.kind != attestation.kind);
            target.attestations.push(attestation);
        }
        let host = "network.host".to_owned();
        if target.network.as_deref() == Some("host") && !target.entitlements.contains(&host) {
            target.entitlements.push(host);
        }
        if let Some((value, place)) = self.0.remove("shm-size") {
            target.shm_size_bytes = Some(size_bytes(value).map_err(in_field("shm-size", place))?);
        }
        if let Some((value, place)) = self.0.remove("call") {
            let call = value.into_text().map_err(in_field("call", place))?;
            if call != "build" {
                return Err(
                    place.fault(format!("`call` is `{call}`, but targets can only be built"))
                );
            }
        }
        Ok(())
    }

    fn text(&mut self, name: &str) -> Result<Option<String>, Fault> {
        let found = self.0.remove(name);
        let text = found.map(|(value, place)| value.into_text().map_err(in_field(name, place)));
        text.transpose()
    }

    fn bool(&mut self, name: &str) -> Result<bool, Fault> {
        match self.0.remove(name) {
            Some((value, place)) => value.into_bool().map_err(in_field(name, place)),
            None => Ok(false),
        }
    }

    /// A list; what is empty or there already is left out.
    fn texts(&mut self, name: &str) -> Result<Vec<String>, Fault> {
        let mut texts: Vec<String> = Vec::new();
        for text in self.all(name, Value::into_text)? {
            if !text.is_empty() && !texts.contains(&text) {
                texts.push(text);
            }
        }
        Ok(texts)
    }

    /// A map; what is null is left out, and what is empty in `contexts`.
    fn map(&mut self, name: &str) -> Result<BTreeMap<String, String>, Fault> {
        let Some((value, place)) = self.0.remove(name) else {
            return Ok(BTreeMap::new());
        };
        let entries = value.into_map().map_err(in_field(name, place))?.into_iter();
        let entries = entries.filter(|(_, value)| *value != Value::Null);
        let texts = entries.map(|(key, value)| {
            let text = value
                .into_text()
                .map_err(in_field(&format!("{name}.{key}"), place))?;
            Ok((key, text))
        });
        let mut texts: BTreeMap<String, String> = texts.collect::<Result<_, Fault>>()?;
        texts.retain(|_, text| name != "contexts" || !text.is_empty());
        Ok(texts)
    }

    /// A list of whatever `read` makes of each value; what is null or empty is left out.
    fn all<T: PartialEq>(
        &mut self,
        name: &str,
        read: impl Fn(Value) -> Result<T, String>,
    ) -> Result<Vec<T>, Fault> {
        let Some((value, place)) = self.0.remove(name) else {
            return Ok(Vec::new());
        };
        let mut all = Vec::new();
        for item in value.into_list().map_err(in_field(name, place))? {
            if item == Value::Null || item == Value::Text(String::new()) {
                continue;
            }
            let item = read(item).map_err(in_field(name, place))?;
            if !all.contains(&item) {
                all.push(item);
            }
        }
        Ok(all)
    }
}

fn in_field(name: &str, place: Place) -> impl Fn(String) -> Fault {
    move |message| place.fault(format!("`{name}`: {message}"))
}

fn from_working_dir(path: &str) -> &str {
    match path.strip_prefix("cwd://") {
        Some("") => ".",
        Some(path) => path,
        None => path,
    }
}

/// A path below a folder, which is not written when it is the working directory.
fn below(dir: &Path, path: &str) -> PathBuf {
    if dir == Path::new(".") {
        path.into()
    } else {
        dir.join(path)
    }
}

/// Attributes as one text, or as an object.
fn attributes(
    value: Value,
    read: impl Fn(&str) -> Result<Attributes, String>,
) -> Result<Attributes, String> {
    let Value::Map(entries) = value else {
        return read(&value.into_text()?);
    };
    let mut values = texts_of(entries)?;
    let kind = values.remove("type").ok_or("an object without `type`")?;
    Ok(Attributes { kind, values })
}

fn secret_of(value: Value) -> Result<Secret, String> {
    let Value::Map(entries) = value else {
        return secret(&value.into_text()?);
    };
    let mut values = texts_of(entries)?;
    let id = values.remove("id").ok_or("an object without `id`")?;
    let source = match (values.remove("env"), values.remove("src")) {
        (Some(variable), _) => SecretSource::Variable(variable),
        (None, Some(path)) => SecretSource::File(path.into()),
        (None, None) => return secret(&format!("id={id}")),
    };
    Ok(Secret { id, source })
}

fn agent_of(value: Value) -> Result<SshAgent, String> {
    let Value::Map(mut entries) = value else {
        return ssh(&value.into_text()?);
    };
    let id = entries.remove("id").unwrap_or(Value::Null);
    let id = if id == Value::Null {
        "default".to_owned()
    } else {
        id.into_text()?
    };
    let paths = match entries.remove("paths") {
        None | Some(Value::Null) => Vec::new(),
        Some(paths) => paths.into_list()?,
    };
    let paths = paths.into_iter().map(|path| Ok(path.into_text()?.into()));
    Ok(SshAgent {
        id,
        paths: paths.collect::<Result<_, String>>()?,
    })
}

fn texts_of(entries: BTreeMap<String, Value>) -> Result<BTreeMap<String, String>, String> {
    let entries = entries
        .into_iter()
        .filter(|(_, value)| *value != Value::Null);
    entries
        .map(|(key, value)| Ok((key, value.into_text()?)))
        .collect()
}

/// A size such as `64m`. Source: `RAMInBytes` of github.com/docker/go-units
fn size_bytes(value: Value) -> Result<u64, String> {
    let text = value.into_text()?.to_lowercase();
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == ' ');
    let unit = text[digits.len()..]
        .trim()
        .trim_end_matches('b')
        .trim_end_matches('i');
    let power = ["", "k", "m", "g", "t", "p"]
        .iter()
        .position(|known| *known == unit);
    let number = digits.parse::<f64>().ok().filter(|number| *number >= 0.0);
    let bytes = power.zip(number).map(|(power, number)| {
        number * 1024_f64.powi(i32::try_from(power).expect("there are six"))
    });
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is not negative and below 2^63"
    )]
    match bytes {
        Some(bytes) if bytes < 9.0e18 => Ok(bytes as u64),
        _ => Err(format!("`{text}` is no size such as `64m`")),
    }
}
