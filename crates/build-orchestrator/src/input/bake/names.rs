//! Where the values of names come from: variables, the environment, functions and other targets.
//!
//! A variable is evaluated when it is first needed, so their order in the files does not matter. The
//! environment wins over defaults. Source: `resolveValue` in bake/hclparser/hclparser.go of
//! github.com/docker/buildx

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::super::nearest::hint;
use super::super::project::Variables;
use super::definitions::{Definitions, Function, Variable};
use super::evaluate::{Evaluator, Scope};
use super::json::parse_value;
use super::layer;
use super::stdlib;
use super::syntax::{Fault, Place};
use super::types::Type;
use super::value::Value;

/// The names of a project.
#[derive(Debug)]
pub(super) struct Names<'a> {
    definitions: &'a Definitions,
    environment: &'a Variables,
    known: RefCell<BTreeMap<String, Value>>,
    /// What is being evaluated, outermost first.
    open: RefCell<Vec<String>>,
}

impl<'a> Names<'a> {
    pub(super) fn new(definitions: &'a Definitions, environment: &'a Variables) -> Self {
        // What bake itself knows; a `variable` block cannot change it.
        let builtin = [
            ("BAKE_CMD_CONTEXT", "cwd://".to_owned()),
            ("BAKE_LOCAL_PLATFORM", local_platform()),
        ];
        let known = builtin.map(|(name, value)| (name.to_owned(), Value::Text(value)));
        Self {
            definitions,
            environment,
            known: RefCell::new(known.into()),
            open: RefCell::default(),
        }
    }

    /// What is said about a function that is not there.
    pub(super) fn unknown_function(&self, name: &str) -> String {
        let own = self.definitions.functions.keys().cloned();
        let names: Vec<String> = own.chain(stdlib::names().map(str::to_owned)).collect();
        // The list of all would fill the screen.
        let hint = hint(name, &names);
        let hint = if hint.starts_with("; did") {
            hint
        } else {
            String::new()
        };
        format!("unknown function `{name}`{hint}")
    }

    fn unknown_variable(&self, name: &str) -> String {
        let definitions = self.definitions;
        let own = definitions
            .variables
            .keys()
            .chain(definitions.attributes.keys());
        let builtin = ["BAKE_CMD_CONTEXT", "BAKE_LOCAL_PLATFORM"].map(str::to_owned);
        let names: BTreeSet<String> = own.cloned().chain(builtin).collect();
        let names: Vec<String> = names.into_iter().collect();
        format!("unknown variable `{name}`{}", hint(name, &names))
    }

    /// Marks something as being evaluated, which it must not be already.
    fn enter(&self, name: &str, place: Place) -> Result<(), Fault> {
        let mut open = self.open.borrow_mut();
        if let Some(start) = open.iter().position(|open| open == name) {
            let chain = open[start..].join("` -> `");
            let message = format!("`{chain}` -> `{name}` refer to each other");
            return Err(place.fault(message));
        }
        open.push(name.to_owned());
        Ok(())
    }

    fn leave(&self) {
        self.open.borrow_mut().pop();
    }
}

impl Evaluator<'_> {
    /// The value of a name of the project.
    pub(super) fn global(&self, name: &str, place: Place) -> Result<Value, Fault> {
        if let Some(value) = self.names.known.borrow().get(name) {
            return Ok(value.clone());
        }
        let definitions = self.names.definitions;
        let variable = definitions.variables.get(name);
        let attribute = definitions.attributes.get(name);
        if variable.is_none() && attribute.is_none() {
            return Err(place.fault(self.names.unknown_variable(name)));
        }
        self.names.enter(name, place)?;
        let default = attribute.or(variable.and_then(|variable| variable.default.as_ref()));
        let default = default.map(|expr| self.value(expr, &Scope::default()));
        let value = default.transpose().and_then(|default| match variable {
            Some(variable) => self.variable(name, variable, default),
            None => Ok(default.unwrap_or(Value::Null)),
        });
        self.names.leave();
        let value = value?;
        let mut known = self.names.known.borrow_mut();
        known.insert(name.to_owned(), value.clone());
        Ok(value)
    }

    /// The value of a `variable` block.
    fn variable(
        &self,
        name: &str,
        variable: &Variable,
        default: Option<Value>,
    ) -> Result<Value, Fault> {
        let place = variable.place;
        let here = |message: String| place.fault(format!("variable `{name}`: {message}"));
        let declared = variable.kind.as_ref().map(Type::read).transpose()?;
        let kind = match (&declared, &default) {
            (Some(declared), _) => declared.clone(),
            (None, Some(default)) => Type::of(default),
            (None, None) => Type::Text,
        };
        let environment = self.names.environment;
        let is_plain = matches!(kind, Type::Text | Type::Number | Type::Bool | Type::Any);
        let json = environment.get(&format!("{name}_JSON"));
        if let Some(json) = json.filter(|_| declared.is_some() || !is_plain) {
            let value = parse_value(json, place).map_err(|fault| Fault {
                message: format!("variable `{name}`: `{name}_JSON` is {}", fault.message),
                ..fault
            })?;
            let value = self.value(&value, &Scope::default())?;
            return kind.convert(value).map_err(here);
        }
        if let Some(text) = environment.get(name) {
            return from_environment(name, text, &kind).map_err(here);
        }
        match (default, declared) {
            (Some(value), Some(kind)) => kind.convert(value).map_err(here),
            (Some(value), None) => Ok(value),
            (None, Some(_)) => Ok(Value::Null),
            (None, None) => Ok(Value::Text(String::new())),
        }
    }

    /// Checks what `validation` blocks ask of all variables.
    pub(super) fn validate(&self) -> Result<(), Fault> {
        for (name, variable) in &self.names.definitions.variables {
            self.global(name, variable.place)?;
            for (condition, message) in &variable.validations {
                let value = self.value(condition, &Scope::default())?;
                if value
                    .into_bool()
                    .map_err(|message| condition.place.fault(message))?
                {
                    continue;
                }
                let message = match message {
                    Some(message) => self.text(message, &Scope::default())?,
                    None => "the condition does not hold".to_owned(),
                };
                return Err(condition
                    .place
                    .fault(format!("variable `{name}`: {message}")));
            }
        }
        Ok(())
    }

    /// Calls a function that the project defines. `None` when it defines none of that name.
    pub(super) fn call_defined(
        &self,
        name: &str,
        arguments: &[Value],
        place: Place,
    ) -> Option<Result<Value, Fault>> {
        let function = self.names.definitions.functions.get(name)?;
        Some(self.call_function(name, function, arguments, place))
    }

    fn call_function(
        &self,
        name: &str,
        function: &Function,
        arguments: &[Value],
        place: Place,
    ) -> Result<Value, Fault> {
        let (needed, given) = (function.parameters.len(), arguments.len());
        if given < needed || (given > needed && function.variadic.is_none()) {
            let least = if function.variadic.is_some() {
                "at least "
            } else {
                ""
            };
            let line = function.place.line;
            return Err(place.fault(format!(
                "the function `{name}` of line {line} takes {least}{needed} arguments, not {given}"
            )));
        }
        let (own, more) = arguments.split_at(needed);
        let parameters = function.parameters.iter().cloned();
        let mut values: Vec<_> = parameters.zip(own.iter().cloned()).collect();
        if let Some(variadic) = &function.variadic {
            values.push((variadic.clone(), Value::List(more.to_vec())));
        }
        self.names.enter(&format!("{name}()"), place)?;
        let scope = Scope {
            values,
            outer: None,
        };
        let value = self.value(&function.result, &scope);
        self.names.leave();
        value
    }

    /// What another target's own blocks say, without what it inherits.
    pub(super) fn target_attribute(
        &self,
        target: &str,
        attribute: &str,
        place: Place,
    ) -> Result<Value, Fault> {
        let key = format!("target.{target}.{attribute}");
        if let Some(value) = self.names.known.borrow().get(&key) {
            return Ok(value.clone());
        }
        let targets = &self.names.definitions.targets;
        let Some(blocks) = targets.get(target) else {
            let names: Vec<String> = targets.keys().cloned().collect();
            return Err(place.fault(format!("unknown target `{target}`{}", hint(target, &names))));
        };
        let mut attributes = blocks.iter().map(|block| &block.body.attributes);
        if attributes.any(|attributes| attributes.contains_key("matrix")) {
            let message = format!(
                "`{target}` has a matrix, and so many values of `{attribute}`: nothing can refer to them"
            );
            return Err(place.fault(message));
        }
        layer::check_attribute(attribute, place)?;
        self.names.enter(&key, place)?;
        let mut value = Value::Null;
        for block in blocks {
            if let Some(expr) = block.body.attributes.get(attribute) {
                let next = self.value(expr, &Scope::default());
                value = layer::merged(attribute, value, next.inspect_err(|_| self.names.leave())?);
            }
        }
        self.names.leave();
        self.names.known.borrow_mut().insert(key, value.clone());
        Ok(value)
    }
}

/// What a text in the environment means to a variable of a type.
fn from_environment(name: &str, text: &str, kind: &Type) -> Result<Value, String> {
    match kind {
        Type::Bool => go_bool(text).map(Value::Bool),
        Type::Number => Value::Text(text.to_owned())
            .into_number()
            .map(Value::Number),
        Type::Text | Type::Any => Ok(Value::Text(text.to_owned())),
        Type::List(_) | Type::Set(_) | Type::Tuple(_) => {
            let fields = if text.is_empty() {
                Vec::new()
            } else {
                stdlib::csv_fields(text)?
            };
            kind.convert(Value::texts(fields))
        }
        Type::Map(_) | Type::Object(_) => Err(format!(
            "a map cannot be set by `{name}`, only by `{name}_JSON`, as JSON"
        )),
    }
}

/// A bool as Go's `strconv.ParseBool` reads it.
pub(super) fn go_bool(text: &str) -> Result<bool, String> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(false),
        _ => Err(format!("`{text}` is neither `true` nor `false`")),
    }
}

/// The platform of this machine, as BuildKit calls it.
fn local_platform() -> String {
    let architecture = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "arm" => "arm/v7",
        "x86" => "386",
        "powerpc64" => "ppc64le",
        other => other,
    };
    format!("linux/{architecture}")
}
