//! Sets, which are lists here: sorted, without doubles.

use super::super::value::Value;
use super::{Arguments, Function, GROWTH_MAX};

pub(super) const FUNCTIONS: &[(&str, Function)] = &[
    ("sethaselement", |a| {
        let (items, value) = (a.list()?, a.value()?);
        Ok(Value::Bool(items.contains(&value)))
    }),
    ("setintersection", |a| {
        combine(a, |first, second| {
            first
                .into_iter()
                .filter(|item| second.contains(item))
                .collect()
        })
    }),
    ("setproduct", product),
    ("setsubtract", |a| {
        combine(a, |first, second| {
            first
                .into_iter()
                .filter(|item| !second.contains(item))
                .collect()
        })
    }),
    ("setsymmetricdifference", |a| {
        combine(a, |first, second| {
            let only_first = first.iter().filter(|item| !second.contains(item));
            let only_second = second.iter().filter(|item| !first.contains(item));
            only_first.chain(only_second).cloned().collect()
        })
    }),
    ("setunion", |a| {
        combine(a, |mut first, second| {
            first.extend(second);
            first
        })
    }),
];

/// The elements as a set.
pub(in super::super) fn as_set(items: Vec<Value>) -> Vec<Value> {
    let key = |item: &Value| match item {
        Value::Number(number) => (0, *number, String::new()),
        Value::Text(text) => (1, 0.0, text.clone()),
        other => (2, 0.0, other.to_json()),
    };
    let mut keyed: Vec<_> = items.into_iter().map(|item| (key(&item), item)).collect();
    keyed.sort_by(|(a, _), (b, _)| {
        a.0.cmp(&b.0)
            .then(a.1.total_cmp(&b.1))
            .then_with(|| a.2.cmp(&b.2))
    });
    keyed.dedup_by(|(_, a), (_, b)| a == b);
    keyed.into_iter().map(|(_, item)| item).collect()
}

fn combine(
    arguments: &mut Arguments,
    with: fn(Vec<Value>, Vec<Value>) -> Vec<Value>,
) -> Result<Value, String> {
    let mut set = arguments.list()?;
    for more in arguments.rest() {
        set = with(set, more.into_list()?);
    }
    Ok(Value::List(as_set(set)))
}

/// All combinations of one element of each list, in order.
fn product(arguments: &mut Arguments) -> Result<Value, String> {
    let lists = arguments.rest().into_iter().map(Value::into_list);
    let lists: Vec<Vec<Value>> = lists.collect::<Result<_, _>>()?;
    if lists.len() < 2 {
        return Err("two lists at least are needed".to_owned());
    }
    let mut rows: Vec<Vec<Value>> = vec![Vec::new()];
    for list in lists {
        if rows.len() * list.len() > GROWTH_MAX * 16 {
            return Err(format!("more than {} combinations", GROWTH_MAX * 16));
        }
        let with = |row: Vec<Value>| {
            let rows = list
                .iter()
                .map(|item| [row.clone(), vec![item.clone()]].concat());
            rows.collect::<Vec<_>>()
        };
        rows = rows.into_iter().flat_map(with).collect();
    }
    Ok(Value::List(rows.into_iter().map(Value::List).collect()))
}
