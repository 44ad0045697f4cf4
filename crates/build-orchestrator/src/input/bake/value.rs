//! The values that expressions have, and how one kind becomes another.
//!
//! As HCL has them, but for three things: a number is a 64-bit float, a set is a sorted list, and
//! lists and maps may mix kinds. Errors are fragments without a place, which the caller knows.

use std::collections::BTreeMap;
use std::fmt::Write;

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    /// Nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, always finite.
    Number(f64),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Value>),
    /// A map or object.
    Map(BTreeMap<String, Value>),
}

impl Value {
    /// What it is, as messages name it.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a bool",
            Self::Number(_) => "a number",
            Self::Text(_) => "a string",
            Self::List(_) => "a list",
            Self::Map(_) => "a map",
        }
    }

    /// How much it holds, in characters and entries.
    pub(super) fn weight(&self) -> usize {
        match self {
            Self::Null | Self::Bool(_) | Self::Number(_) => 1,
            Self::Text(text) => 1 + text.len(),
            Self::List(items) => 1 + items.iter().map(Self::weight).sum::<usize>(),
            Self::Map(entries) => {
                let weights = entries
                    .iter()
                    .map(|(key, value)| key.len() + value.weight());
                1 + weights.sum::<usize>()
            }
        }
    }

    /// The text that it is, or that a number or bool reads as.
    pub(super) fn into_text(self) -> Result<String, String> {
        match self {
            Self::Text(text) => Ok(text),
            Self::Number(number) => Ok(number_text(number)),
            Self::Bool(value) => Ok(value.to_string()),
            other => Err(format!("a string is needed, and this is {}", other.kind())),
        }
    }

    /// The number that it is, or that a text says.
    pub(super) fn into_number(self) -> Result<f64, String> {
        match self {
            Self::Number(number) => Ok(number),
            Self::Text(text) => match text.trim().parse::<f64>() {
                Ok(number) if number.is_finite() => Ok(number),
                _ => Err(format!("`{text}` is not a number")),
            },
            other => Err(format!("a number is needed, and this is {}", other.kind())),
        }
    }

    /// The bool that it is, or that a text says.
    pub(super) fn into_bool(self) -> Result<bool, String> {
        match self {
            Self::Bool(value) => Ok(value),
            Self::Text(text) => match text.as_str() {
                "true" | "1" => Ok(true),
                "false" | "0" => Ok(false),
                _ => Err(format!("`{text}` is neither `true` nor `false`")),
            },
            other => Err(format!("a bool is needed, and this is {}", other.kind())),
        }
    }

    /// The list that it is.
    pub(super) fn into_list(self) -> Result<Vec<Value>, String> {
        match self {
            Self::List(items) => Ok(items),
            other => Err(format!("a list is needed, and this is {}", other.kind())),
        }
    }

    /// The map that it is.
    pub(super) fn into_map(self) -> Result<BTreeMap<String, Value>, String> {
        match self {
            Self::Map(entries) => Ok(entries),
            other => Err(format!("a map is needed, and this is {}", other.kind())),
        }
    }

    /// The whole number, not below zero, that it is.
    pub(super) fn into_count(self) -> Result<usize, String> {
        let number = self.into_number()?;
        if number < 0.0 || number.fract() != 0.0 || number > f64::from(u32::MAX) {
            return Err(format!("`{}` is not a count", number_text(number)));
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it is whole, not negative, and small"
        )]
        Ok(number as usize)
    }

    /// Keys and values, those of a list counted from 0.
    pub(super) fn into_entries(self) -> Result<Vec<(Value, Value)>, String> {
        match self {
            Self::List(items) => Ok(items
                .into_iter()
                .enumerate()
                .map(|(index, value)| (Self::Number(index as f64), value))
                .collect()),
            Self::Map(entries) => Ok(entries
                .into_iter()
                .map(|(key, value)| (Self::Text(key), value))
                .collect()),
            other => Err(format!(
                "a list or map is needed, and this is {}",
                other.kind()
            )),
        }
    }

    /// A number, or the fault that it is none.
    pub(super) fn number(number: f64) -> Result<Self, String> {
        if number.is_finite() {
            Ok(Self::Number(number))
        } else {
            Err("the result is not a number".to_owned())
        }
    }

    /// A list of texts.
    pub(super) fn texts(texts: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let texts = texts.into_iter().map(|text| Self::Text(text.into()));
        Self::List(texts.collect())
    }

    /// The value as JSON, keys sorted.
    pub(super) fn to_json(&self) -> String {
        let mut json = String::new();
        self.write_json(&mut json);
        json
    }

    fn write_json(&self, json: &mut String) {
        match self {
            Self::Null => json.push_str("null"),
            Self::Bool(value) => json.push_str(if *value { "true" } else { "false" }),
            Self::Number(number) => json.push_str(&number_text(*number)),
            Self::Text(text) => write_quoted(text, json),
            Self::List(items) => {
                json.push('[');
                for (index, item) in items.iter().enumerate() {
                    json.push_str(if index > 0 { "," } else { "" });
                    item.write_json(json);
                }
                json.push(']');
            }
            Self::Map(entries) => {
                json.push('{');
                for (index, (key, value)) in entries.iter().enumerate() {
                    json.push_str(if index > 0 { "," } else { "" });
                    write_quoted(key, json);
                    json.push(':');
                    value.write_json(json);
                }
                json.push('}');
            }
        }
    }
}

/// A text in quotes, escaped as Go does it, which also keeps it harmless in HTML.
fn write_quoted(text: &str, json: &mut String) {
    json.push('"');
    for c in text.chars() {
        match c {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\n' => json.push_str("\\n"),
            '\r' => json.push_str("\\r"),
            '\t' => json.push_str("\\t"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                write!(json, "\\u{:04x}", c as u32).expect("a string takes all");
            }
            c => json.push(c),
        }
    }
    json.push('"');
}

/// A number as it is written: without a fraction when it has none.
pub(super) fn number_text(number: f64) -> String {
    // `-0` is 0.
    format!("{}", if number == 0.0 { 0.0 } else { number })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_short_as_they_are() {
        let texts = [1.0, -2.5, 0.1, -0.0, 1e15].map(number_text);
        assert_eq!(texts, ["1", "-2.5", "0.1", "0", "1000000000000000"]);
    }

    #[test]
    fn texts_become_numbers_and_bools_but_lists_do_not() {
        assert_eq!(Value::Text("1.5".to_owned()).into_number(), Ok(1.5));
        assert_eq!(Value::Text("1".to_owned()).into_bool(), Ok(true));
        assert!(Value::Text("yes".to_owned()).into_bool().is_err());
        assert!(Value::Text("inf".to_owned()).into_number().is_err());
        assert!(Value::List(Vec::new()).into_text().is_err());
    }

    #[test]
    fn json_has_its_keys_sorted_and_its_texts_escaped() {
        let entries = [
            ("b".to_owned(), Value::texts(["x\"y", "<\n"])),
            ("a".to_owned(), Value::Null),
        ];
        assert_eq!(
            Value::Map(entries.into()).to_json(),
            r#"{"a":null,"b":["x\"y","\u003c\n"]}"#
        );
    }
}
