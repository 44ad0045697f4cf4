//! Values of a compose file with the variables put in, in the forms in which lists and mappings may
//! be written.

use std::collections::BTreeMap;

use super::files::Files;
use crate::input::interpolate::interpolate;
use crate::input::nearest::hint;
use crate::input::yaml::{Entry, Fault, Node, Tag, Value};

/// A name with or without a value, and where it stands.
pub(super) struct Pair<'a> {
    /// The name.
    pub(super) name: String,
    /// The value. `None` when there is none.
    pub(super) value: Option<String>,
    /// The place.
    pub(super) node: &'a Node,
}

impl Files {
    /// A scalar with its variables put in. Nothing is an empty text.
    pub(super) fn text(&mut self, node: &Node, key: &str) -> Result<String, Fault> {
        let text = match &node.value {
            Value::Null => return Ok(String::new()),
            Value::Text(text) => text,
            _ => return Err(node.fault(format!("`{key}` takes a text"))),
        };
        let variables = &self.scope(node.file).variables;
        let lookup = |name: &str| match variables.get(name) {
            None if name == "COMPOSE_PROJECT_NAME" && !self.project_name.is_empty() => {
                Some(self.project_name.clone())
            }
            value => value.cloned(),
        };
        let done = interpolate(text, &lookup).map_err(|message| node.fault(message))?;
        for name in done.unset {
            self.warn(node, &format!("`{name}` is not set, and taken to be empty"));
        }
        Ok(done.text)
    }

    /// A scalar that says yes or no.
    pub(super) fn boolean(&mut self, node: &Node, key: &str) -> Result<bool, Fault> {
        let text = self.text(node, key)?;
        match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "y" | "1" => Ok(true),
            "false" | "no" | "off" | "n" | "0" => Ok(false),
            _ => Err(node.fault(format!("`{key}` takes `true` or `false`, not `{text}`"))),
        }
    }

    /// A list of scalars, or one alone, each only once.
    pub(super) fn list(&mut self, node: &Node, key: &str) -> Result<Vec<String>, Fault> {
        let mut list = Vec::new();
        for item in items(node, key)? {
            let text = self.text(item, key)?;
            if !list.contains(&text) {
                list.push(text);
            }
        }
        Ok(list)
    }

    /// A mapping, or a list of `NAME=VALUE`, whose later entries replace earlier ones.
    pub(super) fn pairs(
        &mut self,
        node: &Node,
        key: &str,
    ) -> Result<BTreeMap<String, Option<String>>, Fault> {
        let pairs = self.pair_list(node, key, &['='])?;
        Ok(pairs
            .into_iter()
            .map(|pair| (pair.name, pair.value))
            .collect())
    }

    /// A mapping, or a list of `NAME=VALUE` with one of several characters in the middle.
    pub(super) fn pair_list<'a>(
        &mut self,
        node: &'a Node,
        key: &str,
        middles: &[char],
    ) -> Result<Vec<Pair<'a>>, Fault> {
        let mut pairs = Vec::new();
        match &node.value {
            Value::Null => {}
            Value::Map(_) => {
                for Entry { key, node, .. } in entries(node, key)? {
                    // A name may have several values where that makes sense: a host's addresses.
                    let values = match &node.value {
                        Value::List(items) => items.as_slice(),
                        _ => std::slice::from_ref(node),
                    };
                    for node in values {
                        pairs.push(Pair {
                            name: key.clone(),
                            value: match node.value {
                                Value::Null => None,
                                _ => Some(self.text(node, key)?),
                            },
                            node,
                        });
                    }
                }
            }
            Value::List(items) => {
                for node in items {
                    let text = self.text(node, key)?;
                    let (name, value) = match text.split_once(middles) {
                        Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
                        None => (text, None),
                    };
                    pairs.push(Pair { name, value, node });
                }
            }
            Value::Layers(layers) => {
                for layer in layers {
                    pairs.extend(self.pair_list(layer, key, middles)?);
                }
            }
            Value::Text(_) => return Err(node.fault(format!("`{key}` takes a mapping or a list"))),
        }
        Ok(pairs)
    }
}

/// The entries of a mapping, without those that were reset.
pub(super) fn entries<'a>(
    node: &'a Node,
    key: &str,
) -> Result<impl Iterator<Item = &'a Entry> + use<'a>, Fault> {
    let entries = match &node.value {
        Value::Null => &[],
        Value::Map(entries) => entries.as_slice(),
        _ => return Err(node.fault(format!("`{key}` takes a mapping"))),
    };
    Ok(entries.iter().filter(|entry| entry.node.tag != Tag::Reset))
}

/// The items of a list, or the value alone. A mapping is no list.
pub(super) fn items<'a>(node: &'a Node, key: &str) -> Result<Vec<&'a Node>, Fault> {
    match &node.value {
        Value::Null => Ok(Vec::new()),
        Value::Text(_) => Ok(vec![node]),
        Value::List(items) => Ok(items.iter().collect()),
        Value::Layers(layers) => {
            let lists = layers.iter().map(|layer| items(layer, key));
            Ok(lists.collect::<Result<Vec<_>, _>>()?.concat())
        }
        Value::Map(_) => Err(node.fault(format!("`{key}` takes a list"))),
    }
}

/// Checks that a mapping has only keys that it may have. Those that start with `x-` are the user's.
pub(super) fn check_keys(node: &Node, name: &str, known: &[&str]) -> Result<(), Fault> {
    for entry in entries(node, name)? {
        let key = entry.key.as_str();
        if !known.contains(&key) && !key.starts_with("x-") {
            let valid: Vec<String> = known.iter().map(|&key| key.to_owned()).collect();
            return Err(Fault {
                file: node.file,
                line: entry.line,
                message: format!("`{name}` has no key `{key}`{}", hint(key, &valid)),
            });
        }
    }
    Ok(())
}
