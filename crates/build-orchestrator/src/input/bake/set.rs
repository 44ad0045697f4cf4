//! What `--set TARGET.KEY=VALUE` changes.
//!
//! Source: `newOverrides` and `AddOverrides` in bake/bake.go of github.com/docker/buildx

use common::build_context::expression;
use std::collections::BTreeMap;

use super::super::nearest::hint;
use super::super::project::Variables;
use super::layer::{Layer, merged};
use super::names::go_bool;
use super::syntax::Place;
use super::value::Value;

/// Keys whose values are lists, and what the attribute is called.
const LISTS: [(&str, &str); 11] = [
    ("annotations", "annotations"),
    ("attest", "attest"),
    ("cache-from", "cache-from"),
    ("cache-to", "cache-to"),
    ("entitlements", "entitlements"),
    ("no-cache-filter", "no-cache-filter"),
    ("output", "output"),
    ("platform", "platforms"),
    ("secrets", "secret"),
    ("ssh", "ssh"),
    ("tags", "tags"),
];

/// Keys with a name of their own behind them.
const MAPS: [&str; 4] = ["args", "contexts", "extra-hosts", "labels"];

/// Keys of one value.
const SINGLE: [&str; 7] = [
    "call",
    "context",
    "dockerfile",
    "network",
    "no-cache",
    "pull",
    "shm-size",
];

/// Why an override cannot be applied.
#[derive(Debug, thiserror::Error)]
#[error("`--set {text}`: {message}")]
pub(crate) struct SetError {
    text: String,
    message: String,
}

/// What is changed of each target, in order.
#[derive(Debug, Default)]
pub(super) struct Settings(BTreeMap<String, Vec<Setting>>);

#[derive(Clone, Debug)]
struct Setting {
    attribute: String,
    value: Value,
    is_added: bool,
}

impl Settings {
    /// Whether anything of a target is changed.
    pub(super) fn concerns(&self, target: &str) -> bool {
        self.0.contains_key(target)
    }

    /// Changes what is said about a target.
    pub(super) fn apply(&self, target: &str, layer: &mut Layer) {
        for setting in self.0.get(target).into_iter().flatten() {
            let (old, place) = layer
                .remove(&setting.attribute)
                .unwrap_or((Value::Null, Place::default()));
            let value = match (old, setting.value.clone()) {
                (Value::List(mut items), Value::List(more)) if setting.is_added => {
                    items.extend(more);
                    Value::List(items)
                }
                (old @ Value::Map(_), more) => merged(&setting.attribute, old, more),
                (_, value) => value,
            };
            layer.insert(setting.attribute.clone(), (value, place));
        }
    }
}

/// Reads all overrides.
pub(super) fn read(
    texts: &[String],
    targets: &[String],
    variables: &Variables,
) -> Result<Settings, SetError> {
    let mut settings = Settings::default();
    // A list that is set twice has both values.
    let mut seen: Vec<(String, String)> = Vec::new();
    for text in texts {
        let fault = |message: String| SetError {
            text: text.clone(),
            message,
        };
        let (pattern, setting) = setting(text, variables).map_err(fault)?;
        let names = matching(&pattern, targets).map_err(fault)?;
        let Some(setting) = setting else { continue };
        for name in names {
            let key = (name.clone(), setting.attribute.clone());
            let mut setting = setting.clone();
            setting.is_added |= seen.contains(&key);
            seen.push(key);
            settings.0.entry(name).or_default().push(setting);
        }
    }
    Ok(settings)
}

/// The pattern and what is set; nothing for an argument that the environment does not have either.
fn setting(text: &str, variables: &Variables) -> Result<(String, Option<Setting>), String> {
    let (key, value) = match text.split_once('=') {
        Some((key, value)) => (key, Some(value)),
        None => (text, None),
    };
    let (key, mut is_added) = match key.strip_suffix('+') {
        Some(key) => (key, true),
        None => (key, false),
    };
    let (pattern, key) = key.split_once('.').ok_or("it is not `TARGET.KEY=VALUE`")?;
    let (key, name) = key
        .split_once('.')
        .map_or((key, None), |(key, name)| (key, Some(name)));
    let value = match (value, key, name) {
        (Some(value), _, _) => value,
        (None, "args", Some(name)) => match variables.get(name) {
            Some(value) => value,
            None => return Ok((pattern.to_owned(), None)),
        },
        _ => return Err("it is not `TARGET.KEY=VALUE`".to_owned()),
    };
    let text = Value::Text(value.to_owned());
    let (attribute, value) = if let Some((_, attribute)) = LISTS.iter().find(|(k, _)| *k == key) {
        // buildx adds these in any case.
        is_added |= matches!(key, "annotations" | "attest" | "entitlements");
        (*attribute, Value::List(vec![text]))
    } else if key == "ulimits" {
        (key, Value::List(vec![text]))
    } else if MAPS.contains(&key) {
        let name = name.ok_or_else(|| format!("`{key}` needs a name, as in `{key}.NAME`"))?;
        (key, Value::Map([(name.to_owned(), text)].into()))
    } else if matches!(key, "no-cache" | "pull") {
        (key, Value::Bool(go_bool(value)?))
    } else if SINGLE.contains(&key) || key == "target" {
        (key, text)
    } else {
        return Err(unknown(key));
    };
    let setting = Setting {
        attribute: attribute.to_owned(),
        value,
        is_added,
    };
    Ok((pattern.to_owned(), Some(setting)))
}

fn unknown(key: &str) -> String {
    let lists = LISTS.iter().map(|(key, _)| *key);
    let keys = lists.chain(MAPS).chain(SINGLE).chain(["target", "ulimits"]);
    let keys: Vec<String> = keys.map(str::to_owned).collect();
    format!("there is no key `{key}`{}", hint(key, &keys))
}

fn matching(pattern: &str, targets: &[String]) -> Result<Vec<String>, String> {
    let expression = expression(pattern).ok_or_else(|| format!("`{pattern}` is no pattern"))?;
    let expression = regex::Regex::new(&expression).map_err(|error| error.to_string())?;
    let names = targets.iter().filter(|name| expression.is_match(name));
    let names: Vec<String> = names.cloned().collect();
    if names.is_empty() {
        return Err(format!(
            "there is no target `{pattern}`{}",
            hint(pattern, targets)
        ));
    }
    Ok(names)
}
