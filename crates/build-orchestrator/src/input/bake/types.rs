//! The types that `variable` blocks and `convert` name.
//!
//! Source: <https://pkg.go.dev/github.com/hashicorp/hcl/v2/ext/typeexpr>

use std::collections::BTreeMap;

use super::super::nearest::hint;
use super::syntax::{Expr, Fault, Kind};
use super::value::Value;

/// The names of types.
const NAMES: [&str; 9] = [
    "any", "bool", "list", "map", "number", "object", "set", "string", "tuple",
];

/// A type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Type {
    /// Any.
    Any,
    /// A text.
    Text,
    /// A number.
    Number,
    /// A bool.
    Bool,
    /// A list of one type.
    List(Box<Type>),
    /// A list of one type, sorted and without doubles.
    Set(Box<Type>),
    /// A map of one type.
    Map(Box<Type>),
    /// A list of one type for each element.
    Tuple(Vec<Type>),
    /// A map with a type for each entry, and whether the entry may be missing.
    Object(BTreeMap<String, (Type, bool)>),
}

impl Type {
    /// Reads a type as it is written.
    pub(super) fn read(expr: &Expr) -> Result<Self, Fault> {
        match &expr.kind {
            Kind::Variable(name) => match name.as_str() {
                "any" => Ok(Self::Any),
                "string" => Ok(Self::Text),
                "number" => Ok(Self::Number),
                "bool" => Ok(Self::Bool),
                "list" => Ok(Self::List(Box::new(Self::Any))),
                "set" => Ok(Self::Set(Box::new(Self::Any))),
                "map" => Ok(Self::Map(Box::new(Self::Any))),
                _ => Err(unknown(name, expr)),
            },
            Kind::Call(call) => match (call.name.as_str(), &call.arguments[..]) {
                ("list", [inner]) => Ok(Self::List(Box::new(Self::read(inner)?))),
                ("set", [inner]) => Ok(Self::Set(Box::new(Self::read(inner)?))),
                ("map", [inner]) => Ok(Self::Map(Box::new(Self::read(inner)?))),
                ("tuple", [inner]) => match &inner.kind {
                    Kind::List(items) => {
                        let items = items.iter().map(Self::read);
                        Ok(Self::Tuple(items.collect::<Result<_, _>>()?))
                    }
                    _ => Err(inner.place.fault("`tuple` takes a list of types")),
                },
                ("object", [inner]) => Self::object(inner),
                (name, _) => Err(unknown(name, expr)),
            },
            _ => Err(expr
                .place
                .fault("a type is a name such as `string` or `list(string)`")),
        }
    }

    fn object(expr: &Expr) -> Result<Self, Fault> {
        let Kind::Object(entries) = &expr.kind else {
            return Err(expr.place.fault("`object` takes a map of types"));
        };
        let entries = entries.iter().map(|(key, kind)| {
            let Kind::Text(name) = &key.kind else {
                return Err(key.place.fault("the names in `object` are plain"));
            };
            let (kind, is_optional) = match &kind.kind {
                Kind::Call(call) if call.name == "optional" && !call.arguments.is_empty() => {
                    (&call.arguments[0], true)
                }
                _ => (kind, false),
            };
            Ok((name.clone(), (Self::read(kind)?, is_optional)))
        });
        Ok(Self::Object(entries.collect::<Result<_, _>>()?))
    }

    /// The type that a value has by itself.
    pub(super) fn of(value: &Value) -> Self {
        match value {
            Value::Bool(_) => Self::Bool,
            Value::Number(_) => Self::Number,
            Value::Null | Value::Text(_) => Self::Text,
            Value::List(items) => {
                let inner = items.first().map_or(Self::Text, Self::of);
                Self::List(Box::new(inner))
            }
            Value::Map(_) => Self::Map(Box::new(Self::Any)),
        }
    }

    /// The value as this type. Nothing is of every type.
    pub(super) fn convert(&self, value: Value) -> Result<Value, String> {
        if value == Value::Null {
            return Ok(Value::Null);
        }
        match self {
            Self::Any => Ok(value),
            Self::Text => Ok(Value::Text(value.into_text()?)),
            Self::Number => Ok(Value::Number(value.into_number()?)),
            Self::Bool => Ok(Value::Bool(value.into_bool()?)),
            Self::List(inner) => inner.convert_all(value),
            Self::Set(inner) => {
                let items = inner.convert_all(value)?.into_list()?;
                Ok(Value::List(super::stdlib::as_set(items)))
            }
            Self::Map(inner) => {
                let entries = value.into_map()?.into_iter();
                let entries = entries.map(|(key, value)| Ok((key, inner.convert(value)?)));
                Ok(Value::Map(entries.collect::<Result<_, String>>()?))
            }
            Self::Tuple(kinds) => {
                let items = value.into_list()?;
                if items.len() != kinds.len() {
                    let (needed, given) = (kinds.len(), items.len());
                    return Err(format!(
                        "{needed} elements are needed, and there are {given}"
                    ));
                }
                let items = kinds
                    .iter()
                    .zip(items)
                    .map(|(kind, item)| kind.convert(item));
                Ok(Value::List(items.collect::<Result<_, _>>()?))
            }
            Self::Object(kinds) => {
                let mut entries = value.into_map()?;
                let entries =
                    kinds
                        .iter()
                        .map(|(name, (kind, is_optional))| match entries.remove(name) {
                            Some(value) => Ok((name.clone(), kind.convert(value)?)),
                            None if *is_optional => Ok((name.clone(), Value::Null)),
                            None => Err(format!("`{name}` is missing")),
                        });
                Ok(Value::Map(entries.collect::<Result<_, _>>()?))
            }
        }
    }

    fn convert_all(&self, value: Value) -> Result<Value, String> {
        let items = value.into_list()?.into_iter();
        let items = items.map(|item| self.convert(item));
        Ok(Value::List(items.collect::<Result<_, _>>()?))
    }
}

fn unknown(name: &str, expr: &Expr) -> Fault {
    let hint = hint(name, &NAMES.map(str::to_owned));
    expr.place.fault(format!("there is no type `{name}`{hint}"))
}
