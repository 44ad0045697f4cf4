//! Secrets in what an image's configuration says: variables, labels, and how it was made.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::rules::{CONFIG_SECRET, HISTORY_SECRET, Rule, Weight};
use super::unwanted::secrets::weight;
use crate::model::image::{HistoryEntry, Image};
use crate::model::secret::{
    Assignment, Secret, assignments, is_secret_variable, redacted_password, scan,
};

/// How long an assigned value is that is taken out of a line before the rest is looked at.
///
/// Chosen: no credential has as few characters, and a shorter value is part of other words.
const VALUE_LENGTH_MIN: usize = 4;

/// A secret in a configuration.
#[derive(Clone, Debug)]
pub(crate) struct Exposed {
    /// The rule.
    pub(crate) rule: &'static Rule,
    /// How grave it is.
    pub(crate) weight: Weight,
    /// Where it is, such as "variable `NPM_TOKEN`".
    pub(crate) place: String,
    /// What it is, and what of it may be shown.
    pub(crate) what: String,
    /// The layer that the line of the history made, by index. `None` when it made none, or when that
    /// is not known.
    pub(crate) layer: Option<u32>,
}

/// Returns the secrets in an image's configuration: variables first, then labels, then history.
///
/// What a variable has is not told again for the line of the history that sets it.
pub(crate) fn exposed(image: &Image) -> Vec<Exposed> {
    let variables = image.settings["Env"].as_array().into_iter().flatten();
    let variables: Vec<(&str, &str)> = variables
        .filter_map(|variable| variable.as_str()?.split_once('='))
        .collect();
    let labels = image.settings["Labels"].as_object().into_iter().flatten();
    let labels = labels.filter_map(|(name, value)| Some(("label", name.as_str(), value.as_str()?)));
    let named = variables
        .iter()
        .map(|(name, value)| ("variable", *name, *value));
    let mut found: Vec<Exposed> = named
        .chain(labels)
        .filter_map(|(kind, name, value)| {
            let place = format!("{kind} `{name}`");
            value_exposed(&CONFIG_SECRET, place, None, (name, value))
        })
        .collect();
    let mut known: BTreeSet<(&str, &str)> = variables.into_iter().collect();
    let layers = line_layers(&image.history, image.layers.len());
    for (number, (line, layer)) in (1..).zip(image.history.iter().zip(layers)) {
        found.extend(line_exposed(number, &line.created_by, layer, &mut known));
    }
    found
}

/// What the value of a variable or label shows, by its form or its name.
fn value_exposed(
    rule: &'static Rule,
    place: String,
    layer: Option<u32>,
    (name, value): (&str, &str),
) -> Option<Exposed> {
    let by_form = scan(value.as_bytes()).into_iter().next();
    let (weight, what) = match by_form {
        Some(secret) => (weight(secret.kind), told(&secret)),
        None if is_secret_variable(name, value) => {
            let excerpt = redacted_password(value.as_bytes());
            (
                rule.weight,
                format!("a secret, as its name says ({excerpt})"),
            )
        }
        None => return None,
    };
    Some(Exposed {
        rule,
        weight,
        place,
        what,
        layer,
    })
}

fn told(secret: &Secret) -> String {
    format!("{} ({})", secret.what, secret.excerpt)
}

/// What a line of the history shows, besides what is known already.
fn line_exposed<'a>(
    number: usize,
    created_by: &'a str,
    layer: Option<u32>,
    known: &mut BTreeSet<(&'a str, &'a str)>,
) -> Vec<Exposed> {
    let rule = &HISTORY_SECRET;
    let line = format!("line {number} of the history");
    let mut found = Vec::new();
    // What is assigned is looked at by itself, the rest without it.
    let mut rest = Cow::Borrowed(created_by);
    for Assignment { name, value, .. } in assignments(created_by) {
        let place = format!("`{name}` in {line}");
        if known.insert((name, value)) {
            found.extend(value_exposed(rule, place, layer, (name, value)));
        }
        if value.len() >= VALUE_LENGTH_MIN {
            rest = Cow::Owned(rest.replace(value, ""));
        }
    }
    found.extend(scan(rest.as_bytes()).iter().map(|secret| Exposed {
        rule,
        weight: weight(secret.kind),
        place: line.clone(),
        what: told(secret),
        layer,
    }));
    found
}

/// The layer that each line of a history made.
fn line_layers(history: &[HistoryEntry], layer_count: usize) -> Vec<Option<u32>> {
    let mut next = 0;
    let made = history.iter().map(|line| {
        let layer = (!line.is_empty_layer).then_some(next);
        next += u32::from(!line.is_empty_layer);
        layer
    });
    let layers: Vec<Option<u32>> = made.collect();
    if next as usize == layer_count {
        layers
    } else {
        vec![None; history.len()]
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn image(settings: serde_json::Value, history: &[(&str, bool)]) -> Image {
        let line = |(created_by, is_empty_layer): &(&str, bool)| HistoryEntry {
            created_by: (*created_by).to_owned(),
            is_empty_layer: *is_empty_layer,
        };
        Image {
            name: "app".to_owned(),
            id: String::new(),
            engine_id: None,
            tags: Vec::new(),
            platform: None,
            settings,
            created: None,
            history: history.iter().map(line).collect(),
            layers: Vec::new(),
        }
    }

    fn told(settings: serde_json::Value, history: &[(&str, bool)]) -> Vec<String> {
        let found = exposed(&image(settings, history)).into_iter();
        found
            .map(|exposed| format!("{} {} {}", exposed.rule.id, exposed.place, exposed.what))
            .collect()
    }

    #[test]
    fn variables_and_labels_expose_by_name_and_by_form() {
        let settings = json!({
            "Env": ["PATH=/bin", "DB_PASSWORD=tr0ub4dor", "DB=pg://app:tr0ub4dor@db.corp/x"],
            "Labels": {"maintainer": "me", "api_token": "tr0ub4dor"},
        });
        assert_eq!(
            told(settings, &[]),
            [
                "config-secret variable `DB_PASSWORD` a secret, as its name says (9 characters)",
                "config-secret variable `DB` a password in a URL (9 characters)",
                "config-secret label `api_token` a secret, as its name says (9 characters)",
            ]
        );
    }

    #[test]
    fn build_arguments_in_the_history_are_told_once() {
        let history = [
            ("ARG NPM_TOKEN", true),
            (
                "RUN |1 NPM_TOKEN=tr0ub4dor /bin/sh -c npm ci # buildkit",
                false,
            ),
            (
                "RUN |1 NPM_TOKEN=tr0ub4dor /bin/sh -c npm test # buildkit",
                false,
            ),
            ("/bin/sh -c curl https://app:tr0ub4dor@db.corp/", false),
        ];
        assert_eq!(
            told(json!({}), &history),
            [
                "history-secret `NPM_TOKEN` in line 2 of the history a secret, as its name says (9 characters)",
                "history-secret line 4 of the history a password in a URL (9 characters)",
            ]
        );
    }

    #[test]
    fn a_variable_is_not_told_again_for_its_line() {
        let settings = json!({"Env": ["TOKEN=tr0ub4dor"]});
        let found = told(settings, &[("ENV TOKEN=tr0ub4dor", true)]);
        assert_eq!(
            found,
            ["config-secret variable `TOKEN` a secret, as its name says (9 characters)"]
        );
        assert_eq!(told(json!(null), &[]), [""; 0]);
    }

    #[test]
    fn a_line_has_a_layer_where_the_counts_agree() {
        let line = |is_empty_layer| HistoryEntry {
            created_by: String::new(),
            is_empty_layer,
        };
        let history = [line(false), line(true), line(false)];
        assert_eq!(line_layers(&history, 2), [Some(0), None, Some(1)]);
        assert_eq!(line_layers(&history, 3), [None, None, None]);
    }
}
