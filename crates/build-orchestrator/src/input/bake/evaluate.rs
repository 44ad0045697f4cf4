//! What expressions are worth.
//!
//! An evaluator of our own, and not that of the crate `hcl-rs`: variables have to be evaluated when
//! they are first needed, `try` and `can` have to survive faults in their arguments, faults have to
//! have lines, and a file must not be able to keep us busy for ever. Where the values of names come
//! from is not known here, but in `names`.

use std::cell::Cell;
use std::collections::BTreeMap;

use super::names::Names;
use super::operators::operate;
use super::stdlib;
use super::syntax::{Call, Expr, Fault, For, Intro, Kind, Operator, Part, Place, Step};
use super::types::Type;
use super::value::Value;

/// How deep expressions, and the variables and functions that they use, may nest.
///
/// Chosen: ten times what real files need, and far less than fills the stack of a thread.
const DEPTH_MAX: usize = 200;

/// How much a project may evaluate, in expressions and characters.
///
/// Chosen: a matrix of 300 targets takes a hundredth of it, and using it all up takes seconds.
const EFFORT_MAX: usize = 20_000_000;

/// Evaluates the expressions of a project.
#[derive(Debug)]
pub(super) struct Evaluator<'a> {
    /// Where the values of names come from.
    pub(super) names: Names<'a>,
    depth: Cell<usize>,
    effort: Cell<usize>,
}

/// The names that an expression sees before those of the project.
#[derive(Debug, Default)]
pub(super) struct Scope<'a> {
    /// Names and values.
    pub(super) values: Vec<(String, Value)>,
    /// The scope around this one.
    pub(super) outer: Option<&'a Scope<'a>>,
}

impl Scope<'_> {
    fn get(&self, name: &str) -> Option<&Value> {
        let mut own = self.values.iter().rev();
        match own.find(|(own, _)| own == name) {
            Some((_, value)) => Some(value),
            None => self.outer?.get(name),
        }
    }
}

impl<'a> Evaluator<'a> {
    pub(super) fn new(names: Names<'a>) -> Self {
        Self {
            names,
            depth: Cell::new(0),
            effort: Cell::new(0),
        }
    }

    /// The value of an expression.
    pub(super) fn value(&self, expr: &Expr, scope: &Scope<'_>) -> Result<Value, Fault> {
        let depth = self.depth.get();
        if depth >= DEPTH_MAX {
            return Err(expr.place.fault("expressions are nested too deep"));
        }
        self.depth.set(depth + 1);
        let value = self.value_within(expr, scope);
        self.depth.set(depth);
        let value = value?;
        self.spend(value.weight(), expr.place)?;
        Ok(value)
    }

    /// A text, of which a number or bool makes one.
    pub(super) fn text(&self, expr: &Expr, scope: &Scope<'_>) -> Result<String, Fault> {
        let value = self.value(expr, scope)?;
        value
            .into_text()
            .map_err(|message| expr.place.fault(message))
    }

    fn spend(&self, effort: usize, place: Place) -> Result<(), Fault> {
        self.effort.set(self.effort.get() + effort);
        if self.effort.get() > EFFORT_MAX {
            return Err(place.fault("the expressions of this project take too much to evaluate"));
        }
        Ok(())
    }

    fn value_within(&self, expr: &Expr, scope: &Scope<'_>) -> Result<Value, Fault> {
        let place = expr.place;
        let here = |message: String| place.fault(message);
        match &expr.kind {
            Kind::Null => Ok(Value::Null),
            Kind::Bool(value) => Ok(Value::Bool(*value)),
            Kind::Number(number) => Value::number(*number).map_err(here),
            Kind::Text(text) => Ok(Value::Text(text.clone())),
            Kind::Template(parts, is_heredoc) => self.template(parts, *is_heredoc, scope),
            Kind::List(items) => {
                let items = items.iter().map(|item| self.value(item, scope));
                Ok(Value::List(items.collect::<Result<_, _>>()?))
            }
            Kind::Object(entries) => {
                let entries = entries
                    .iter()
                    .map(|(key, value)| Ok((self.text(key, scope)?, self.value(value, scope)?)));
                Ok(Value::Map(entries.collect::<Result<_, _>>()?))
            }
            Kind::Variable(name) => match scope.get(name) {
                Some(value) => Ok(value.clone()),
                None => self.global(name, place),
            },
            Kind::Conditional(parts) => {
                let [condition, yes, no] = parts.as_ref();
                let chosen = if self.condition(condition, scope)? {
                    yes
                } else {
                    no
                };
                self.value(chosen, scope)
            }
            Kind::Call(call) => self.call(call, place, scope),
            Kind::Steps(start, steps) => self.steps(start, steps, place, scope),
            Kind::Not(inner) => Ok(Value::Bool(!self.condition(inner, scope)?)),
            Kind::Negative(inner) => {
                let number = self.value(inner, scope)?.into_number().map_err(here)?;
                Ok(Value::Number(-number))
            }
            Kind::Binary(sides, operator) => self.binary(sides, *operator, place, scope),
            Kind::For(parsed) => self.for_value(parsed, place, scope),
        }
    }

    fn condition(&self, expr: &Expr, scope: &Scope<'_>) -> Result<bool, Fault> {
        let value = self.value(expr, scope)?;
        value
            .into_bool()
            .map_err(|message| expr.place.fault(message))
    }

    fn binary(
        &self,
        sides: &[Expr; 2],
        operator: Operator,
        place: Place,
        scope: &Scope<'_>,
    ) -> Result<Value, Fault> {
        let [left, right] = sides;
        match operator {
            Operator::And if !self.condition(left, scope)? => return Ok(Value::Bool(false)),
            Operator::Or if self.condition(left, scope)? => return Ok(Value::Bool(true)),
            Operator::And | Operator::Or => {
                return Ok(Value::Bool(self.condition(right, scope)?));
            }
            _ => {}
        }
        let (left, right) = (self.value(left, scope)?, self.value(right, scope)?);
        operate(operator, left, right).map_err(|message| place.fault(message))
    }

    fn call(&self, call: &Call, place: Place, scope: &Scope<'_>) -> Result<Value, Fault> {
        let here = |message: String| place.fault(format!("`{}`: {message}", call.name));
        match (call.name.as_str(), &call.arguments[..]) {
            ("try", arguments) => {
                let mut values = arguments.iter().map(|argument| self.value(argument, scope));
                let found = values.find_map(Result::ok);
                return found.ok_or_else(|| here("no argument can be evaluated".to_owned()));
            }
            ("can", [argument]) => {
                return Ok(Value::Bool(self.value(argument, scope).is_ok()));
            }
            ("convert", [value, kind]) => {
                let kind = Type::read(kind)?;
                return kind.convert(self.value(value, scope)?).map_err(here);
            }
            _ => {}
        }
        let mut arguments = Vec::new();
        for argument in &call.arguments {
            arguments.push(self.value(argument, scope)?);
        }
        if call.is_spread
            && let Some(last) = arguments.pop()
        {
            arguments.extend(last.into_list().map_err(here)?);
        }
        if let Some(value) = self.call_defined(&call.name, &arguments, place) {
            return value;
        }
        let effort = arguments.iter().map(Value::weight).sum();
        self.spend(effort, place)?;
        stdlib::call(&call.name, arguments)
            .unwrap_or_else(|| Err(self.names.unknown_function(&call.name)))
            .map_err(|message| {
                if message.starts_with("unknown function") {
                    place.fault(message)
                } else {
                    here(message)
                }
            })
    }

    fn template(
        &self,
        parts: &[Part],
        is_heredoc: bool,
        scope: &Scope<'_>,
    ) -> Result<Value, Fault> {
        // A value alone keeps its kind: `"${[1]}"` is a list.
        if let ([Part::Value(expr)], false) = (parts, is_heredoc) {
            return self.value(expr, scope);
        }
        let mut text = String::new();
        self.write_parts(parts, scope, &mut text)?;
        Ok(Value::Text(text))
    }

    fn write_parts(
        &self,
        parts: &[Part],
        scope: &Scope<'_>,
        text: &mut String,
    ) -> Result<(), Fault> {
        for part in parts {
            match part {
                Part::Literal(literal) => text.push_str(literal),
                Part::Value(expr) => text.push_str(&self.text(expr, scope)?),
                Part::If(condition, yes, no) => {
                    let parts = if self.condition(condition, scope)? {
                        yes
                    } else {
                        no
                    };
                    self.write_parts(parts, scope, text)?;
                }
                Part::For(intro, parts) => {
                    for inner in self.rounds(intro, scope)? {
                        let inner = Scope {
                            values: inner,
                            outer: Some(scope),
                        };
                        self.write_parts(parts, &inner, text)?;
                        self.spend(text.len(), intro.collection.place)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// The names and values of each round of a `for`.
    fn rounds(&self, intro: &Intro, scope: &Scope<'_>) -> Result<Vec<Vec<(String, Value)>>, Fault> {
        let collection = self.value(&intro.collection, scope)?;
        let entries = collection
            .into_entries()
            .map_err(|message| intro.collection.place.fault(message))?;
        let round = |(key, value): (Value, Value)| {
            let key = intro.key.clone().map(|name| (name, key));
            key.into_iter()
                .chain([(intro.value.clone(), value)])
                .collect()
        };
        Ok(entries.into_iter().map(round).collect())
    }

    fn for_value(&self, parsed: &For, place: Place, scope: &Scope<'_>) -> Result<Value, Fault> {
        let mut list = Vec::new();
        let mut map = BTreeMap::new();
        for values in self.rounds(&parsed.intro, scope)? {
            let inner = Scope {
                values,
                outer: Some(scope),
            };
            if let Some(condition) = &parsed.condition
                && !self.condition(condition, &inner)?
            {
                continue;
            }
            let value = self.value(&parsed.value, &inner)?;
            let Some(key) = &parsed.key else {
                list.push(value);
                continue;
            };
            let key = self.text(key, &inner)?;
            if parsed.is_grouping {
                match map.entry(key).or_insert_with(|| Value::List(Vec::new())) {
                    Value::List(values) => values.push(value),
                    _ => unreachable!("groups are lists"),
                }
            } else if map.insert(key.clone(), value).is_some() {
                let message = format!("the key `{key}` comes twice; `...` behind the value groups");
                return Err(place.fault(message));
            }
        }
        if parsed.key.is_some() {
            Ok(Value::Map(map))
        } else {
            Ok(Value::List(list))
        }
    }

    fn steps(
        &self,
        start: &Expr,
        steps: &[Step],
        place: Place,
        scope: &Scope<'_>,
    ) -> Result<Value, Fault> {
        if let (
            Kind::Variable(name),
            [
                Step::Attribute(target),
                Step::Attribute(attribute),
                rest @ ..,
            ],
        ) = (&start.kind, steps)
            && name == "target"
            && scope.get("target").is_none()
        {
            let value = self.target_attribute(target, attribute, place)?;
            return self.follow(value, rest, place, scope);
        }
        self.follow(self.value(start, scope)?, steps, place, scope)
    }

    fn follow(
        &self,
        value: Value,
        steps: &[Step],
        place: Place,
        scope: &Scope<'_>,
    ) -> Result<Value, Fault> {
        let Some((step, rest)) = steps.split_first() else {
            return Ok(value);
        };
        let here = |message: String| place.fault(message);
        let splat_end = match step {
            Step::Attribute(name) => {
                let next = entry(value, name).map_err(here)?;
                return self.follow(next, rest, place, scope);
            }
            Step::Index(index) => {
                let index = self.value(index, scope)?;
                let next = element(value, index).map_err(here)?;
                return self.follow(next, rest, place, scope);
            }
            Step::FullSplat => rest.len(),
            Step::AttributeSplat => {
                let is_attribute = |step: &Step| matches!(step, Step::Attribute(_));
                let end = rest.iter().position(|step| !is_attribute(step));
                end.unwrap_or(rest.len())
            }
        };
        let items = match value {
            Value::Null => Vec::new(),
            Value::List(items) => items,
            other => vec![other],
        };
        let (each, rest) = rest.split_at(splat_end);
        let items = items
            .into_iter()
            .map(|item| self.follow(item, each, place, scope));
        let list = Value::List(items.collect::<Result<_, _>>()?);
        self.follow(list, rest, place, scope)
    }
}

fn entry(value: Value, name: &str) -> Result<Value, String> {
    match value {
        Value::Map(mut entries) => entries.remove(name).ok_or_else(|| {
            let names: Vec<String> = entries.into_keys().collect();
            let hint = super::super::nearest::hint(name, &names);
            format!("there is no `{name}` in this map{hint}")
        }),
        other => Err(format!(
            "`.{name}` needs a map, and this is {}",
            other.kind()
        )),
    }
}

fn element(value: Value, index: Value) -> Result<Value, String> {
    match value {
        Value::List(mut items) => {
            let index = index.into_count()?;
            if index < items.len() {
                Ok(items.swap_remove(index))
            } else {
                Err(format!(
                    "the index {index} is past the end of a list of {}",
                    items.len()
                ))
            }
        }
        map @ Value::Map(_) => entry(map, &index.into_text()?),
        other => Err(format!(
            "an index needs a list or map, and this is {}",
            other.kind()
        )),
    }
}

/// The value of an expression without names and calls, such as JSON is.
pub(super) fn constant(expr: &Expr) -> Result<Value, String> {
    match &expr.kind {
        Kind::Null => Ok(Value::Null),
        Kind::Bool(value) => Ok(Value::Bool(*value)),
        Kind::Number(number) => Value::number(*number),
        Kind::Text(text) => Ok(Value::Text(text.clone())),
        Kind::List(items) => Ok(Value::List(
            items.iter().map(constant).collect::<Result<_, _>>()?,
        )),
        Kind::Object(entries) => {
            let entries = entries.iter();
            let entries =
                entries.map(|(key, value)| Ok((constant(key)?.into_text()?, constant(value)?)));
            Ok(Value::Map(entries.collect::<Result<_, String>>()?))
        }
        _ => Err("not a constant".to_owned()),
    }
}
