//! What one block says about a target, and how a later block or a heir goes over it.
//!
//! Source: `Merge` of `Target` in bake/bake.go of github.com/docker/buildx

use std::collections::BTreeMap;

use super::super::nearest::hint;
use super::syntax::{Fault, Place};
use super::value::Value;

/// Attributes by name, with their places. What is null is not there.
pub(super) type Layer = BTreeMap<String, (Value, Place)>;

/// The attributes of a target, beside `inherits`, `matrix` and `name`.
const ATTRIBUTES: [&str; 26] = [
    "annotations",
    "args",
    "attest",
    "cache-from",
    "cache-to",
    "call",
    "context",
    "contexts",
    "description",
    "dockerfile",
    "dockerfile-inline",
    "entitlements",
    "extra-hosts",
    "labels",
    "network",
    "no-cache",
    "no-cache-filter",
    "output",
    "platforms",
    "pull",
    "secret",
    "shm-size",
    "ssh",
    "tags",
    "target",
    "ulimits",
];

/// Attributes whose lists grow.
const GROWING: [&str; 8] = [
    "annotations",
    "attest",
    "cache-from",
    "entitlements",
    "no-cache-filter",
    "secret",
    "ssh",
    "ulimits",
];

/// Checks that a target has an attribute of a name.
pub(super) fn check_attribute(name: &str, place: Place) -> Result<(), Fault> {
    if ATTRIBUTES.contains(&name) || name.starts_with("x-") {
        return Ok(());
    }
    let valid = ATTRIBUTES.iter().chain(&["inherits", "matrix", "name"]);
    let valid: Vec<String> = valid.map(|&name| name.to_owned()).collect();
    Err(place.fault(format!(
        "`target` has no attribute `{name}`{}",
        hint(name, &valid)
    )))
}

/// Puts a layer over another.
pub(super) fn merge(below: &mut Layer, above: Layer) {
    for (name, (value, place)) in above {
        let old = below.remove(&name).map_or(Value::Null, |(value, _)| value);
        below.insert(name.clone(), (merged(&name, old, value), place));
    }
}

/// The value of an attribute that is set twice.
pub(super) fn merged(name: &str, below: Value, above: Value) -> Value {
    match (below, above) {
        (below, Value::Null) => below,
        (Value::Map(mut entries), Value::Map(more)) => {
            for (key, value) in more {
                // Nothing says nothing: what was said before stands.
                if value != Value::Null {
                    entries.insert(key, value);
                }
            }
            Value::Map(entries)
        }
        (Value::List(mut items), Value::List(more)) if GROWING.contains(&name) => {
            items.extend(more);
            Value::List(items)
        }
        (_, above) => above,
    }
}
