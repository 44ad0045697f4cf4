//! Compares how containers of two images run.

use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

use crate::model::image::Image;

/// Settings that describe the container that an image was made from, and no container of it.
///
/// Source: moby's `image/spec`, which keeps them for old clients.
const MEANINGLESS: [&str; 3] = ["Domainname", "Hostname", "Image"];

/// A setting that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Setting {
    /// Its name, such as `Cmd`, and that of a part of it, such as a variable's.
    pub(crate) name: (String, Option<String>),
    /// Its value in the first image, as JSON. `None` when it is not set.
    pub(crate) before: Option<String>,
    /// Its value in the second image.
    pub(crate) after: Option<String>,
}

/// The settings that differ, by name, the platform among them.
pub(crate) fn settings(before: &Image, after: &Image) -> Vec<Setting> {
    let [before, after] = [before, after].map(all);
    let names: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    let settings = names.into_iter().map(|name| Setting {
        name: name.clone(),
        before: before.get(name).cloned(),
        after: after.get(name).cloned(),
    });
    settings
        .filter(|setting| setting.before != setting.after)
        .collect()
}

fn all(image: &Image) -> BTreeMap<(String, Option<String>), String> {
    let mut all = BTreeMap::new();
    if let Some(platform) = &image.platform {
        let platform = Value::from(platform.as_str());
        all.insert(("Platform".to_owned(), None), platform.to_string());
    }
    let none = Map::new();
    for (name, value) in image.settings.as_object().unwrap_or(&none) {
        if MEANINGLESS.contains(&name.as_str()) || is_unset(value) {
            continue;
        }
        let parts: Vec<(String, String)> = match (name.as_str(), value) {
            ("Env", Value::Array(variables)) => variables.iter().map(variable).collect(),
            ("Labels" | "ExposedPorts" | "Volumes", Value::Object(parts)) => {
                let part = |(name, value): (&String, &Value)| (name.clone(), value.to_string());
                parts.iter().map(part).collect()
            }
            _ => {
                all.insert((name.clone(), None), value.to_string());
                continue;
            }
        };
        for (part, value) in parts {
            all.insert((name.clone(), Some(part)), value);
        }
    }
    all
}

fn variable(variable: &Value) -> (String, String) {
    let text = variable.as_str().unwrap_or_default();
    let (name, value) = text.split_once('=').unwrap_or((text, ""));
    (name.to_owned(), Value::from(value).to_string())
}

/// Builders write a setting that is not set as nothing, as null or as empty.
fn is_unset(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(values) => values.is_empty(),
        Value::Object(values) => values.is_empty(),
        Value::Bool(true) | Value::Number(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn image(platform: &str, settings: Value) -> Image {
        Image {
            name: String::new(),
            id: String::new(),
            engine_id: None,
            tags: Vec::new(),
            platform: Some(platform.to_owned()),
            settings,
            created: None,
            history: Vec::new(),
            layers: Vec::new(),
        }
    }

    #[test]
    fn variables_labels_and_ports_are_compared_one_by_one() {
        let before = json!({
            "Env": ["PATH=/bin", "A=1", "GONE="], "Cmd": ["a"], "Hostname": "x",
            "Labels": {"one": "1", "two": "2"}, "ExposedPorts": {"80/tcp": {}}, "Volumes": null,
        });
        let after = json!({
            "Env": ["A=2=3", "PATH=/bin"], "Cmd": ["a", "b"], "User": "app", "Hostname": "y",
            "Labels": {"one": "1", "two": "3"}, "ExposedPorts": {"81/tcp": {}}, "Volumes": {},
            "Entrypoint": [], "WorkingDir": "",
        });
        let found = settings(&image("linux/amd64", before), &image("linux/arm64", after));
        let found: Vec<_> = found
            .iter()
            .map(|s| {
                let (name, part) = (&s.name.0, s.name.1.as_deref().unwrap_or("-"));
                let side = |value: &Option<String>| value.clone().unwrap_or_default();
                format!("{name} {part} {} {}", side(&s.before), side(&s.after))
            })
            .collect();
        let expected = [
            r#"Cmd - ["a"] ["a","b"]"#,
            r#"Env A "1" "2=3""#,
            r#"Env GONE "" "#,
            "ExposedPorts 80/tcp {} ",
            "ExposedPorts 81/tcp  {}",
            r#"Labels two "2" "3""#,
            r#"Platform - "linux/amd64" "linux/arm64""#,
            r#"User -  "app""#,
        ];
        assert_eq!(found, expected);
    }
}
