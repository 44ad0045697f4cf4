//! Lists and maps.

use std::collections::BTreeMap;

use super::super::value::Value;
use super::{Arguments, Function, GROWTH_MAX};

pub(super) const FUNCTIONS: &[(&str, Function)] = &[
    ("chunklist", |a| {
        let (items, size) = (a.list()?, a.count()?);
        let size = if size == 0 { items.len().max(1) } else { size };
        Ok(Value::List(
            items
                .chunks(size)
                .map(|chunk| Value::List(chunk.to_vec()))
                .collect(),
        ))
    }),
    ("coalesce", |a| {
        let found = a.rest().into_iter().find(|value| *value != Value::Null);
        found.ok_or_else(|| "all arguments are null".to_owned())
    }),
    ("coalescelist", |a| {
        let is_full = |value: &Value| matches!(value, Value::List(items) if !items.is_empty());
        let found = a.rest().into_iter().find(is_full);
        found.ok_or_else(|| "all lists are empty".to_owned())
    }),
    ("compact", |a| {
        let mut items = a.list()?;
        items.retain(|item| *item != Value::Null && *item != Value::Text(String::new()));
        Ok(Value::List(items))
    }),
    ("concat", |a| {
        let lists = a.rest().into_iter().map(Value::into_list);
        Ok(Value::List(lists.collect::<Result<Vec<_>, _>>()?.concat()))
    }),
    ("contains", |a| {
        let (items, value) = (a.list()?, a.value()?);
        Ok(Value::Bool(items.contains(&value)))
    }),
    ("distinct", |a| {
        let mut distinct = Vec::new();
        for item in a.list()? {
            if !distinct.contains(&item) {
                distinct.push(item);
            }
        }
        Ok(Value::List(distinct))
    }),
    ("element", |a| {
        let (mut items, index) = (a.list()?, a.count()?);
        if items.is_empty() {
            return Err("the list is empty".to_owned());
        }
        let index = index % items.len();
        Ok(items.swap_remove(index))
    }),
    ("flatten", |a| {
        let mut flat = Vec::new();
        flatten(a.list()?, &mut flat);
        Ok(Value::List(flat))
    }),
    ("hasindex", |a| {
        let (collection, key) = (a.value()?, a.value()?);
        Ok(Value::Bool(indexed(collection, key).is_ok()))
    }),
    ("index", |a| {
        let (collection, key) = (a.value()?, a.value()?);
        indexed(collection, key)
    }),
    ("indexof", |a| {
        let (items, value) = (a.list()?, a.value()?);
        let index = items.iter().position(|item| *item == value);
        let index = index.ok_or_else(|| "it is not in the list".to_owned())?;
        Ok(Value::Number(index as f64))
    }),
    ("keys", |a| {
        Ok(Value::texts(a.value()?.into_map()?.into_keys()))
    }),
    ("length", |a| match a.value()? {
        Value::Text(text) => Ok(Value::Number(text.chars().count() as f64)),
        other => Ok(Value::Number(other.into_entries()?.len() as f64)),
    }),
    ("lookup", |a| {
        let (mut entries, key) = (a.value()?.into_map()?, a.text()?);
        let default = a.optional();
        let found = entries.remove(&key).or(default);
        found.ok_or_else(|| format!("there is no `{key}` in the map"))
    }),
    ("merge", |a| {
        let mut merged = BTreeMap::new();
        for value in a.rest() {
            if value != Value::Null {
                merged.extend(value.into_map()?);
            }
        }
        Ok(Value::Map(merged))
    }),
    ("range", range),
    ("reverselist", |a| {
        Ok(Value::List(a.list()?.into_iter().rev().collect()))
    }),
    ("slice", |a| {
        let (items, start, end) = (a.list()?, a.count()?, a.count()?);
        let slice = items.get(start..end);
        let slice = slice.ok_or_else(|| format!("the list has {} elements", items.len()))?;
        Ok(Value::List(slice.to_vec()))
    }),
    ("sort", |a| {
        let texts = a.list()?.into_iter().map(Value::into_text);
        let mut texts: Vec<String> = texts.collect::<Result<_, _>>()?;
        texts.sort();
        Ok(Value::texts(texts))
    }),
    ("values", |a| {
        Ok(Value::List(a.value()?.into_map()?.into_values().collect()))
    }),
    ("zipmap", |a| {
        let (keys, values) = (a.list()?, a.list()?);
        if keys.len() != values.len() {
            return Err("there are not as many keys as values".to_owned());
        }
        let keys = keys.into_iter().map(Value::into_text);
        let keys: Vec<String> = keys.collect::<Result<_, _>>()?;
        Ok(Value::Map(keys.into_iter().zip(values).collect()))
    }),
];

fn flatten(items: Vec<Value>, flat: &mut Vec<Value>) {
    for item in items {
        match item {
            Value::List(items) => flatten(items, flat),
            item => flat.push(item),
        }
    }
}

fn indexed(collection: Value, key: Value) -> Result<Value, String> {
    match collection {
        Value::Map(mut entries) => {
            let key = key.into_text()?;
            entries
                .remove(&key)
                .ok_or_else(|| format!("there is no `{key}` in the map"))
        }
        other => {
            let (items, index) = (other.into_list()?, key.into_count()?);
            let found = items.into_iter().nth(index);
            found.ok_or_else(|| format!("there is no element {index}"))
        }
    }
}

/// Numbers from a start up to an end, which is not among them.
fn range(arguments: &mut Arguments) -> Result<Value, String> {
    let numbers = arguments.rest().into_iter().map(Value::into_number);
    let numbers: Vec<f64> = numbers.collect::<Result<_, _>>()?;
    let down = |start: f64, end: f64| if end < start { -1.0 } else { 1.0 };
    let (start, end, step) = match numbers[..] {
        [end] => (0.0, end, down(0.0, end)),
        [start, end] => (start, end, down(start, end)),
        [start, end, step] => (start, end, step),
        _ => return Err("one to three numbers are needed".to_owned()),
    };
    let leads_away = if step > 0.0 { end < start } else { end > start };
    if step == 0.0 || leads_away {
        return Err("the step leads away from the end".to_owned());
    }
    let mut range = Vec::new();
    let mut next = start;
    while if step > 0.0 { next < end } else { next > end } {
        if range.len() == GROWTH_MAX {
            return Err(format!("more than {GROWTH_MAX} numbers"));
        }
        range.push(Value::Number(next));
        next += step;
    }
    Ok(Value::List(range))
}
