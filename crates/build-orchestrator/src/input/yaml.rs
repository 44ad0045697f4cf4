//! YAML as a tree of text with lines, for files whose errors have to name their place.
//!
//! Scalars stay text as written: `1.10` is a version, not a number, and variables are put in only
//! where a text is used. Anchors are resolved by the crate `saphyr`, which bounds what they may grow
//! to; merge keys (`<<`) are resolved here. A tree, and not types by `serde-saphyr`, because most of
//! a compose file is of no concern to a build, whatever its shape.
//! Source: <https://yaml.org/type/merge.html>

use saphyr::{MarkedYaml, ScalarStyle, ScanError, YamlData, YamlLoader};
use saphyr_parser::Parser;

/// A value and the place where it starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Node {
    /// The number that `parse_numbered` was given for the file.
    pub(super) file: usize,
    /// The line, from 1.
    pub(super) line: usize,
    /// What it does to a value that it is merged over.
    pub(super) tag: Tag,
    /// The value.
    pub(super) value: Value,
}

/// What a value does to one that it is merged over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    /// What is usual for its kind.
    Merge,
    /// `!override`: takes its place.
    Override,
    /// `!reset`: removes it, and is itself nothing.
    Reset,
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
    /// Values of different kinds that were merged, of which later ones win. No file holds this.
    Layers(Vec<Node>),
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
    /// The number that `parse_numbered` was given for the file.
    pub(super) file: usize,
    /// The line, from 1.
    pub(super) line: usize,
    /// What is wrong, as a lower-case fragment.
    pub(super) message: String,
}

impl Node {
    /// An empty value at the start of a file.
    pub(super) fn empty(file: usize) -> Self {
        Self {
            file,
            line: 1,
            tag: Tag::Merge,
            value: Value::Null,
        }
    }

    /// The value at the same place as this one.
    pub(super) fn with(&self, value: Value) -> Self {
        Self {
            value,
            ..Self::empty(self.file).at(self.line)
        }
    }

    fn at(self, line: usize) -> Self {
        Self { line, ..self }
    }

    /// The value of a mapping's key. `None` when this is no mapping, has no such key, or the key
    /// was reset.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        let Value::Map(entries) = &self.value else {
            return None;
        };
        let entry = entries.iter().find(|entry| entry.key == key)?;
        (entry.node.tag != Tag::Reset).then_some(&entry.node)
    }

    /// A fault of this value. The message is a lower-case fragment.
    pub(super) fn fault(&self, message: impl Into<String>) -> Fault {
        Fault {
            file: self.file,
            line: self.line,
            message: message.into(),
        }
    }
}

impl Fault {
    /// A fault in the only file that is read.
    pub(super) fn new(line: usize, message: impl Into<String>) -> Self {
        Node::empty(0).at(line).fault(message)
    }
}

/// Parses a file of one document. An empty file is an empty value.
pub(super) fn parse(text: &str) -> Result<Node, Fault> {
    parse_numbered(text, 0)
}

/// Parses a file whose values are going to be merged with those of others. `file` is a number of
/// the caller's, by which they can be told apart.
pub(super) fn parse_numbered(text: &str, file: usize) -> Result<Node, Fault> {
    let fault = |line: usize, message: &str| Node::empty(file).at(line).fault(message);
    // What is missing at the end is reported on the line behind the last one.
    let last_line = text.lines().count().max(1);
    let mut documents = load(text).map_err(|error| {
        let line = error.marker().line().min(last_line);
        fault(line, error.info())
    })?;
    match documents.len() {
        0 => Ok(Node::empty(file)),
        1 => node(&documents.remove(0), file),
        _ => Err(fault(line(&documents[1]), "a second document starts here")),
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

fn node(yaml: &MarkedYaml<'_>, file: usize) -> Result<Node, Fault> {
    let place = Node::empty(file).at(line(yaml));
    let (value, tag) = match &yaml.data {
        YamlData::Representation(text, style, tag) => {
            (scalar(text, *style), meaning(tag.as_deref()))
        }
        YamlData::Sequence(items) => {
            let items = items.iter().map(|item| node(item, file));
            (Value::List(items.collect::<Result<_, _>>()?), Tag::Merge)
        }
        YamlData::Mapping(entries) => {
            let entries = entries.iter().map(|(key, value)| entry(key, value, file));
            let entries = entries.collect::<Result<_, _>>()?;
            (Value::Map(merge(entries)?), Tag::Merge)
        }
        YamlData::Tagged(tag, inner) => (node(inner, file)?.value, meaning(Some(tag))),
        YamlData::Value(_) | YamlData::Alias(_) | YamlData::BadValue => {
            return Err(place.fault("a value that cannot be read"));
        }
    };
    Ok(Node {
        tag,
        value,
        ..place
    })
}

/// What a tag of compose's own means. Source: <https://docs.docker.com/reference/compose-file/merge/>
fn meaning(tag: Option<&saphyr_parser::Tag>) -> Tag {
    match tag {
        Some(tag) if tag.handle == "!" && tag.suffix == "reset" => Tag::Reset,
        Some(tag) if tag.handle == "!" && tag.suffix == "override" => Tag::Override,
        _ => Tag::Merge,
    }
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

fn entry(key: &MarkedYaml<'_>, value: &MarkedYaml<'_>, file: usize) -> Result<Entry, Fault> {
    let key = node(key, file)?;
    match key.value {
        Value::Text(text) => Ok(Entry {
            key: text,
            line: key.line,
            node: node(value, file)?,
        }),
        _ => Err(key.fault("a key that is not text")),
    }
}

/// Puts the mappings of `<<` behind the mapping's own keys, which win, as the earlier of several do.
fn merge(entries: Vec<Entry>) -> Result<Vec<Entry>, Fault> {
    let (merges, mut merged): (Vec<_>, Vec<_>) =
        entries.into_iter().partition(|entry| entry.key == "<<");
    for merge in merges {
        let sources = match &merge.node.value {
            Value::List(items) => items.as_slice(),
            _ => std::slice::from_ref(&merge.node),
        };
        for source in sources {
            let Value::Map(more) = &source.value else {
                return Err(source.fault("`<<` takes a mapping or a list of them"));
            };
            for entry in more {
                if merged.iter().all(|own| own.key != entry.key) {
                    merged.push(entry.clone());
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
    fn tags_of_compose_are_kept_and_a_reset_key_is_not_there() {
        let node = parse("a: !reset null\nb: !override [x]\nc: !reset {d: 1}\n").unwrap();
        assert!(node.get("a").is_none() && node.get("c").is_none());
        assert_eq!(node.get("b").unwrap().tag, Tag::Override);
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
