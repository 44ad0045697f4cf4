//! What the files of a project define, collected before anything is evaluated.

use std::collections::BTreeMap;

use super::super::nearest::hint;
use super::syntax::{Block, Body, Expr, Fault, Kind, Place};

/// The kinds of blocks at the top of a file.
const BLOCKS: [&str; 4] = ["function", "group", "target", "variable"];

/// Everything that is defined, later files winning.
#[derive(Debug, Default)]
pub(super) struct Definitions {
    /// `variable` blocks by name.
    pub(super) variables: BTreeMap<String, Variable>,
    /// Attributes at the top, which are variables that the environment cannot set.
    pub(super) attributes: BTreeMap<String, Expr>,
    /// `function` blocks by name.
    pub(super) functions: BTreeMap<String, Function>,
    /// `target` blocks by label, in the order in which they are merged.
    pub(super) targets: BTreeMap<String, Vec<Block>>,
    /// `group` blocks by name.
    pub(super) groups: BTreeMap<String, Block>,
    /// What the user should know, and where it is.
    pub(super) warnings: Vec<Fault>,
}

/// A `variable` block.
#[derive(Debug)]
pub(super) struct Variable {
    /// Where it is.
    pub(super) place: Place,
    /// The value when the environment has none.
    pub(super) default: Option<Expr>,
    /// The type, as written. `None` leaves it to the default.
    pub(super) kind: Option<Expr>,
    /// Conditions that the value has to meet, with what is said when it does not.
    pub(super) validations: Vec<(Expr, Option<Expr>)>,
}

/// A `function` block.
#[derive(Debug)]
pub(super) struct Function {
    /// Where it is.
    pub(super) place: Place,
    /// The names of its parameters.
    pub(super) parameters: Vec<String>,
    /// The name of the list of all further arguments. `None` when there may be none.
    pub(super) variadic: Option<String>,
    /// What it gives.
    pub(super) result: Expr,
}

impl Definitions {
    /// Adds what a file defines.
    pub(super) fn add(&mut self, body: Body) -> Result<(), Fault> {
        self.attributes.extend(body.attributes);
        for block in body.blocks {
            if !BLOCKS.contains(&block.kind.as_str()) {
                // buildx passes over such blocks; a slip in the name should not be that silent.
                let valid = BLOCKS.map(str::to_owned);
                let message = format!(
                    "the block `{}` is passed over{}",
                    block.kind,
                    hint(&block.kind, &valid)
                );
                if !block.kind.starts_with("x-") {
                    self.warnings.push(block.place.fault(message));
                }
                continue;
            }
            self.add_block(block)?;
        }
        Ok(())
    }

    fn add_block(&mut self, block: Block) -> Result<(), Fault> {
        let [name] = &block.labels[..] else {
            let message = format!(
                "`{}` takes one name, in quotes, before the brace",
                block.kind
            );
            return Err(block.place.fault(message));
        };
        let name = name.clone();
        match block.kind.as_str() {
            "variable" => {
                self.variables.insert(name, variable(block)?);
            }
            "function" => {
                self.functions
                    .insert(name, function(&name_of(&block), block)?);
            }
            "group" => {
                check_name(&name, block.place)?;
                only(&block, &["targets", "description"], &[])?;
                self.groups.insert(name, block);
            }
            _ => {
                check_name(&name, block.place)?;
                self.targets.entry(name).or_default().push(block);
            }
        }
        Ok(())
    }
}

fn name_of(block: &Block) -> String {
    block.labels.concat()
}

/// Checks the name of a target or group.
///
/// Source: `targetNamePattern` in bake/bake.go of github.com/docker/buildx.
pub(super) fn check_name(name: &str, place: Place) -> Result<(), Fault> {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if !name.is_empty() && name.chars().all(is_allowed) {
        return Ok(());
    }
    let message = format!(
        "`{name}` is no name for a target: letters, digits, `_` and `-` are, and `sanitize()` makes one"
    );
    Err(place.fault(message))
}

/// Checks that a block has no other attributes and blocks.
pub(super) fn only(block: &Block, attributes: &[&str], blocks: &[&str]) -> Result<(), Fault> {
    let unknown = |what: &str, name: &str, valid: &[&str], place: Place| {
        let valid: Vec<String> = valid.iter().map(|&name| name.to_owned()).collect();
        let hint = hint(name, &valid);
        place.fault(format!("`{}` has no {what} `{name}`{hint}", block.kind))
    };
    for (name, expr) in &block.body.attributes {
        if !attributes.contains(&name.as_str()) && !name.starts_with("x-") {
            return Err(unknown("attribute", name, attributes, expr.place));
        }
    }
    for inner in &block.body.blocks {
        if !blocks.contains(&inner.kind.as_str()) && !inner.kind.starts_with("x-") {
            let valid = if blocks.is_empty() {
                attributes
            } else {
                blocks
            };
            return Err(unknown("block", &inner.kind, valid, inner.place));
        }
    }
    Ok(())
}

fn variable(block: Block) -> Result<Variable, Fault> {
    only(&block, &["default", "type", "description"], &["validation"])?;
    let mut attributes = block.body.attributes;
    let mut validations = Vec::new();
    for mut validation in block.body.blocks {
        only(&validation, &["condition", "error_message"], &[])?;
        let attributes = &mut validation.body.attributes;
        if let Some(condition) = attributes.remove("condition") {
            validations.push((condition, attributes.remove("error_message")));
        }
    }
    Ok(Variable {
        place: block.place,
        default: attributes.remove("default"),
        kind: attributes.remove("type"),
        validations,
    })
}

fn function(name: &str, block: Block) -> Result<Function, Fault> {
    only(
        &block,
        &["params", "variadic_params", "result", "description"],
        &[],
    )?;
    let place = block.place;
    let mut attributes = block.body.attributes;
    let mut needed = |attribute: &str| {
        let found = attributes.remove(attribute);
        found.ok_or_else(|| place.fault(format!("the function `{name}` has no `{attribute}`")))
    };
    let (params, result) = (needed("params")?, needed("result")?);
    let parameters = match params.kind {
        Kind::List(items) => items.iter().map(parameter).collect::<Result<_, _>>()?,
        _ => return Err(params.place.fault("`params` takes a list of names")),
    };
    let variadic = attributes.remove("variadic_params");
    Ok(Function {
        place,
        parameters,
        variadic: variadic.as_ref().map(parameter).transpose()?,
        result,
    })
}

fn parameter(expr: &Expr) -> Result<String, Fault> {
    match &expr.kind {
        Kind::Variable(name) => Ok(name.clone()),
        _ => Err(expr.place.fault("a parameter is a name, without quotes")),
    }
}
