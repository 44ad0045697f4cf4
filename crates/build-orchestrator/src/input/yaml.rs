//! YAML as a tree of text with lines, for files whose errors have to name their place.
//!
//! Scalars stay text as written: `1.10` is a version, not a number, and variables are put in only
//! where a text is used. Anchors are resolved by the crate `saphyr`, which bounds what they may grow
//! to; merge keys (`<<`) are resolved here. A tree, and not types by `serde-saphyr`, because most of
//! a compose file is of no concern to a build, whatever its shape.
//! Source: <https://yaml.org/type/merge.html>

use saphyr::{MarkedYaml, ScalarStyle, ScanError, YamlData, YamlLoader};
use saphyr_parser::Parser;

/// A value and the line where it starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Node {
    /// The line, from 1.
    pub(super) line: usize,
    /// The value.
    pub(super) value: Value,
}

/// What a node holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// Nothing: `~`, `null`, or no text at all.
    Null,
    /// A scalar, as written.
    Text(String),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping, in the file's order.
    Map(Vec<Entry>),
}

/// One key of a mapping and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// The key.
    pub(super) key: String,
    /// The line of the key, from 1.
    pub(super) line: usize,
    /// The value.
    pub(super) node: Node,
}

/// A fault and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// The line, from 1.
    pub(super) line: usize,
    /// What is wrong, as a lower-case fragment.
    pub(super) message: String,
}

impl Fault {
    pub(super) fn new(line: usize, message: impl Into<String>) -> Self {
        Self {
            line,
            message: message.into(),
        }
    }
}

impl Node {
    /// The value of a mapping's key. `None` when this is no mapping or has no such key.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        match &self.value {
            Value::Map(entries) => entries.iter().find(|e| e.key == key).map(|e| &e.node),
            _ => None,
        }
    }
}

/// Parses a file of one document. An empty file is an empty value.
pub(super) fn parse(text: &str) -> Result<Node, Fault> {
    let empty = Node {
        line: 1,
        value: Value::Null,
    };
    // What is missing at the end is reported on the line behind the last one.
    let last_line = text.lines().count().max(1);
    let mut documents = load(text).map_err(|error| {
        let line = error.marker().line().min(last_line);
        Fault::new(line, error.info())
    })?;
    match documents.len() {
        0 => Ok(empty),
        1 => node(&documents.remove(0)),
        _ => Err(Fault::new(
            line(&documents[1]),
            "a second document starts here",
        )),
    }
}

/// Loads the text with scalars left as written, which `load_from_str` would turn into numbers.
fn load(text: &str) -> Result<Vec<MarkedYaml<'_>>, ScanError> {
    let mut loader = YamlLoader::default();
    loader.early_parse(false);
    Parser::new_from_str(text).load(&mut loader, true)?;
    match loader.error() {
        Some(error) => Err(error.clone()),
        None => Ok(loader.into_documents()),
    }
}

fn line(node: &MarkedYaml<'_>) -> usize {
    node.span.start.line()
}

fn node(yaml: &MarkedYaml<'_>) -> Result<Node, Fault> {
    let value = match &yaml.data {
        YamlData::Representation(text, style, _) => scalar(text, *style),
        YamlData::Sequence(items) => Value::List(items.iter().map(node).collect::<Result<_, _>>()?),
        YamlData::Mapping(entries) => Value::Map(merge(
            entries
                .iter()
                .map(|(key, value)| entry(key, value))
                .collect::<Result<_, _>>()?,
        )?),
        YamlData::Tagged(_, inner) => node(inner)?.value,
        YamlData::Value(_) | YamlData::Alias(_) | YamlData::BadValue => {
            return Err(Fault::new(line(yaml), "a value that cannot be read"));
        }
    };
    Ok(Node {
        line: line(yaml),
        value,
    })
}

fn scalar(text: &str, style: ScalarStyle) -> Value {
    let is_null =
        style == ScalarStyle::Plain && matches!(text, "" | "~" | "null" | "Null" | "NULL");
    if is_null {
        Value::Null
    } else {
        Value::Text(text.to_owned())
    }
}

fn entry(key: &MarkedYaml<'_>, value: &MarkedYaml<'_>) -> Result<Entry, Fault> {
    match node(key)?.value {
        Value::Text(text) => Ok(Entry {
            key: text,
            line: line(key),
            node: node(value)?,
        }),
        _ => Err(Fault::new(line(key), "a key that is not text")),
    }
}

/// Puts the mappings of `<<` behind the mapping's own keys, which win, as the earlier of several do.
fn merge(entries: Vec<Entry>) -> Result<Vec<Entry>, Fault> {
    let (merges, mut merged): (Vec<_>, Vec<_>) =
        entries.into_iter().partition(|entry| entry.key == "<<");
    for merge in merges {
        let sources = match merge.node.value {
            Value::List(items) => items,
            value => vec![Node {
                line: merge.node.line,
                value,
            }],
        };
        for source in sources {
            let Value::Map(more) = source.value else {
                return Err(Fault::new(
                    merge.line,
                    "`<<` takes a mapping or a list of them",
                ));
            };
            for entry in more {
                if merged.iter().all(|own| own.key != entry.key) {
                    merged.push(entry);
                }
            }
        }
    }
    Ok(merged)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text<'a>(node: &'a Node, path: &[&str]) -> &'a str {
        let found = path.iter().fold(node, |node, key| node.get(key).unwrap());
        match &found.value {
            Value::Text(text) => text,
            other => panic!("not text: {other:?}"),
        }
    }

    #[test]
    fn scalars_stay_as_written_and_know_their_line() {
        let node = parse("a: 1.10\nb:\n  c: \"yes\"\n  d: ~\n").unwrap();
        assert_eq!(text(&node, &["a"]), "1.10");
        assert_eq!(text(&node, &["b", "c"]), "yes");
        let d = node.get("b").unwrap().get("d").unwrap();
        assert_eq!((d.line, &d.value), (4, &Value::Null));
    }

    #[test]
    fn own_keys_win_over_merged_ones() {
        let node = parse("x: &x {a: 1, b: 2}\ny: &y {b: 3, c: 4}\nz:\n  <<: [*x, *y]\n  a: 0\n");
        let node = node.unwrap();
        let values = ["a", "b", "c"].map(|key| text(&node, &["z", key]).to_owned());
        assert_eq!(values, ["0", "2", "4"]);
    }

    #[test]
    fn faults_have_a_line() {
        assert_eq!(parse("a: 1\nb: [\n").unwrap_err().line, 2);
        assert_eq!(parse("a: 1\n<<: 2\n").unwrap_err().line, 2);
        assert_eq!(parse("a: 1\n---\nb: 2\n").unwrap_err().line, 3);
        assert!(
            parse("a: 1\na: 2\n")
                .unwrap_err()
                .message
                .contains("duplicate")
        );
    }

    #[test]
    fn aliases_that_grow_without_end_are_refused() {
        let mut lines = vec!["a0: &a0 [x, x, x, x, x, x, x, x, x, x]".to_owned()];
        for level in 1..12 {
            let previous = vec![format!("*a{}", level - 1); 10].join(", ");
            lines.push(format!("a{level}: &a{level} [{previous}]"));
        }
        assert!(parse(&lines.join("\n")).is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_a_tree_or_a_fault(text in "[a-c:\\-\\[\\]{}&*<>!|#'\" \n]{0,60}") {
            let _ = parse(&text);
        }
    }
}
