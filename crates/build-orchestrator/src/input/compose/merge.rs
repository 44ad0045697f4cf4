//! Merging two trees: what several files, or a service and the one that it extends, say together.
//!
//! Values are merged as written, before variables are put in. That a name stands in a list twice is
//! left to whoever reads the list: the later one wins.
//! Source: <https://docs.docker.com/reference/compose-file/merge/>

use crate::input::yaml::{Entry, Node, Tag, Value};

/// A tree with another merged over it.
pub(super) fn merge(base: Node, over: Node) -> Node {
    let is_nothing = base.tag == Tag::Reset || base.value == Value::Null;
    if is_nothing || over.tag != Tag::Merge {
        return over;
    }
    if over.value == Value::Null {
        return base;
    }
    let (base_place, over_place) = (base.with(Value::Null), over.with(Value::Null));
    let value = match (base.value, over.value) {
        (Value::Map(base), Value::Map(over)) => Value::Map(merge_entries(base, over)),
        (Value::List(mut items), Value::List(over)) => {
            items.extend(over);
            Value::List(items)
        }
        (base, over) if has_many(&base) || has_many(&over) => {
            let mut layers = layers(&base_place, base);
            layers.extend(self::layers(&over_place, over));
            Value::Layers(layers)
        }
        (_, over) => over,
    };
    over_place.with(value)
}

fn merge_entries(base: Vec<Entry>, over: Vec<Entry>) -> Vec<Entry> {
    let mut merged = base;
    for entry in over {
        match merged.iter_mut().find(|known| known.key == entry.key) {
            None => merged.push(entry),
            Some(known) => {
                let base = std::mem::replace(&mut known.node, Node::empty(0));
                known.node = merge(
                    long_form(&entry.key, base),
                    long_form(&entry.key, entry.node),
                );
            }
        }
    }
    merged
}

/// `build: folder` as `build: {context: folder}`, so that it merges with a mapping.
fn long_form(key: &str, node: Node) -> Node {
    match node.value {
        Value::Text(_) if key == "build" => {
            let place = node.with(Value::Null);
            let context = Entry {
                key: "context".to_owned(),
                line: place.line,
                node,
            };
            place.with(Value::Map(vec![context]))
        }
        _ => node,
    }
}

fn has_many(value: &Value) -> bool {
    matches!(value, Value::List(_) | Value::Layers(_))
}

fn layers(place: &Node, value: Value) -> Vec<Node> {
    match value {
        Value::Layers(layers) => layers,
        value => vec![place.with(value)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::yaml::parse_numbered;

    fn merged(texts: &[&str]) -> Node {
        let roots = texts.iter().enumerate();
        let mut roots = roots.map(|(file, text)| parse_numbered(text, file).unwrap());
        let first = roots.next().unwrap();
        roots.fold(first, merge)
    }

    fn texts(node: &Node) -> Vec<String> {
        match &node.value {
            Value::Text(text) => vec![text.clone()],
            Value::List(items) | Value::Layers(items) => items.iter().flat_map(texts).collect(),
            Value::Map(entries) => {
                let pair = |entry: &Entry| format!("{}={}", entry.key, texts(&entry.node).concat());
                entries.iter().map(pair).collect()
            }
            Value::Null => Vec::new(),
        }
    }

    #[test]
    fn mappings_merge_lists_grow_and_texts_are_replaced() {
        let cases = [
            (
                "a: {b: 1, c: 2}",
                "a: {c: 3, d: 4}",
                vec!["b=1", "c=3", "d=4"],
            ),
            ("a: [1, 2]", "a: [2]", vec!["1", "2", "2"]),
            ("a: 1", "a: 2", vec!["2"]),
            ("a: {b: 1}", "a: [c=2]", vec!["b=1", "c=2"]),
            ("a: [b=1]", "a: {c: 2}", vec!["b=1", "c=2"]),
            ("a: 1", "a: ", vec!["1"]),
            ("a: ", "a: 1", vec!["1"]),
            ("a: {soft: 1}", "a: 2", vec!["2"]),
        ];
        for (base, over, expected) in cases {
            let node = merged(&[base, over]);
            assert_eq!(texts(node.get("a").unwrap()), expected, "{base} + {over}");
        }
    }

    #[test]
    fn a_layer_on_layers_comes_last() {
        let node = merged(&["a: {b: 1}", "a: [c=2]", "a: {d: 3}"]);
        assert_eq!(texts(node.get("a").unwrap()), ["b=1", "c=2", "d=3"]);
    }

    #[test]
    fn override_takes_the_place_and_reset_removes() {
        let node = merged(&["a: [1]\nb: {c: 1}\n", "a: !override [2]\nb: !reset null\n"]);
        assert_eq!(texts(node.get("a").unwrap()), ["2"]);
        assert_eq!(node.get("b"), None);
        let node = merged(&["a: {b: 1, c: 2}", "a: {b: !reset }", "a: {b: 3}"]);
        assert_eq!(texts(node.get("a").unwrap()), ["b=3", "c=2"]);
    }

    #[test]
    fn the_short_form_of_a_build_is_its_context() {
        let node = merged(&["build: here", "build: {target: x}", "build: there"]);
        assert_eq!(
            texts(node.get("build").unwrap()),
            ["context=there", "target=x"]
        );
    }

    #[test]
    fn values_know_the_file_that_they_come_from() {
        let node = merged(&["a: {b: 1}", "a: {c: 2}"]);
        let a = node.get("a").unwrap();
        let files = ["b", "c"].map(|key| a.get(key).unwrap().file);
        assert_eq!(files, [0, 1]);
    }
}
