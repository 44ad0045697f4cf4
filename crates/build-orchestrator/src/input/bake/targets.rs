//! From definitions to targets: matrices spread out, names given, inheritance followed.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::super::nearest::hint;
use super::BakeError;
use super::compose_target;
use super::definitions::{Definitions, check_name};
use super::evaluate::{Evaluator, Scope};
use super::fields;
use super::layer::{self, Layer};
use super::set::Settings;
use super::syntax::{Block, Expr, Fault, Place};
use super::value::Value;
use crate::model::plan::Target;

/// How many targets a matrix may make.
///
/// Chosen: thirty times the largest that is known, the 300 of buildx#3810.
const MATRIX_MAX: usize = 10_000;

/// The targets before inheritance, and the groups.
#[derive(Debug, Default)]
pub(super) struct Expanded {
    /// What the blocks of each target say.
    pub(super) layers: BTreeMap<String, Own>,
    /// The members of each group, matrices included.
    pub(super) groups: BTreeMap<String, Vec<String>>,
}

/// What a target's own blocks say.
#[derive(Debug, Default)]
pub(super) struct Own {
    layer: Layer,
    inherits: Vec<(String, Place)>,
}

/// Evaluates all blocks.
pub(super) fn expand(
    definitions: &Definitions,
    evaluator: &Evaluator<'_>,
) -> Result<Expanded, Fault> {
    let mut expanded = Expanded::default();
    for (label, blocks) in &definitions.targets {
        let mut members = Vec::new();
        for block in blocks {
            for (name, scope) in named_rounds(label, block, evaluator)? {
                let own = expanded.layers.entry(name.clone()).or_default();
                add_block(own, block, &scope, evaluator)?;
                if name != *label && !members.contains(&name) {
                    members.push(name);
                }
            }
        }
        if !members.is_empty() {
            expanded.groups.insert(label.clone(), members);
        }
    }
    for (name, block) in &definitions.groups {
        let members = match block.body.attributes.get("targets") {
            Some(targets) => texts(targets, &Scope::default(), evaluator)?,
            None => Vec::new(),
        };
        expanded.groups.insert(name.clone(), members);
    }
    Ok(expanded)
}

/// The names of the targets that a block makes, and what each sees of the matrix.
fn named_rounds<'a>(
    label: &str,
    block: &Block,
    evaluator: &Evaluator<'_>,
) -> Result<Vec<(String, Scope<'a>)>, Fault> {
    let attributes = &block.body.attributes;
    let (matrix, name) = (attributes.get("matrix"), attributes.get("name"));
    let Some(matrix) = matrix else {
        return match name {
            Some(name) => Err(name.place.fault("`name` needs a `matrix`")),
            None => Ok(vec![(label.to_owned(), Scope::default())]),
        };
    };
    let Some(name) = name else {
        return Err(matrix
            .place
            .fault("a `matrix` needs a `name`, so that its targets differ"));
    };
    let mut rounds = Vec::new();
    for values in combinations(matrix, evaluator)? {
        let scope = Scope {
            values,
            outer: None,
        };
        let target = evaluator.text(name, &scope)?;
        check_name(&target, name.place)?;
        if rounds.iter().any(|(other, _)| *other == target) {
            let message = format!("the matrix makes two targets called `{target}`");
            return Err(name.place.fault(message));
        }
        rounds.push((target, scope));
    }
    Ok(rounds)
}

fn combinations(
    matrix: &Expr,
    evaluator: &Evaluator<'_>,
) -> Result<Vec<Vec<(String, Value)>>, Fault> {
    let here = |message: String| matrix.place.fault(format!("`matrix`: {message}"));
    let axes = evaluator
        .value(matrix, &Scope::default())?
        .into_map()
        .map_err(here)?;
    let mut rounds = vec![Vec::new()];
    for (axis, values) in axes {
        let values = values.into_list().map_err(here)?;
        if rounds.len() * values.len() > MATRIX_MAX {
            return Err(here(format!("more than {MATRIX_MAX} targets")));
        }
        let with = |round: &Vec<(String, Value)>| {
            let all = values.iter().map(|value| {
                let mut round = round.clone();
                round.push((axis.clone(), value.clone()));
                round
            });
            all.collect::<Vec<_>>()
        };
        rounds = rounds.iter().flat_map(with).collect();
    }
    Ok(rounds)
}

fn add_block(
    own: &mut Own,
    block: &Block,
    scope: &Scope<'_>,
    evaluator: &Evaluator<'_>,
) -> Result<(), Fault> {
    if let Some(inner) = block.body.blocks.first() {
        // `args { … }` is a slip for `args = { … }`.
        let message = format!(
            "`{0}` is set with `{0} = …` here, not as a block",
            inner.kind
        );
        return Err(inner.place.fault(message));
    }
    let mut layer = Layer::new();
    for (name, expr) in &block.body.attributes {
        match name.as_str() {
            "matrix" | "name" => continue,
            "inherits" => {
                let parents = texts(expr, scope, evaluator)?;
                own.inherits
                    .extend(parents.into_iter().map(|name| (name, expr.place)));
                continue;
            }
            _ => layer::check_attribute(name, expr.place)?,
        }
        let value = evaluator.value(expr, scope)?;
        if value != Value::Null {
            layer.insert(name.clone(), (value, fields::text_place(name, expr)));
        }
    }
    layer::merge(&mut own.layer, layer);
    Ok(())
}

fn texts(expr: &Expr, scope: &Scope<'_>, evaluator: &Evaluator<'_>) -> Result<Vec<String>, Fault> {
    let here = |message: String| expr.place.fault(message);
    let value = evaluator.value(expr, scope)?;
    if value == Value::Null {
        return Ok(Vec::new());
    }
    let items = value.into_list().map_err(here)?.into_iter();
    items.map(|item| item.into_text().map_err(here)).collect()
}

/// Follows inheritance, applies `--set`, and makes targets of the result.
pub(super) fn resolve(
    expanded: &Expanded,
    compose: &BTreeMap<String, Target>,
    set: &Settings,
    bakes: &[PathBuf],
    at: impl Fn(Fault) -> BakeError,
) -> Result<Vec<Target>, BakeError> {
    let resolver = Resolver {
        expanded,
        compose,
        set,
    };
    let mut targets = Vec::new();
    for (name, target) in compose {
        if !expanded.layers.contains_key(name) && !set.concerns(name) {
            targets.push(target.clone());
        }
    }
    let names = expanded.layers.keys();
    let set_ones = compose
        .keys()
        .filter(|name| set.concerns(name) && !expanded.layers.contains_key(*name));
    for name in names.chain(set_ones) {
        let layer = resolver.layer(name, &mut Vec::new(), Place::default());
        let layer = layer.map_err(&at)?;
        let path = |place: Place| bakes[place.file].clone();
        let mut target = fields::target(name, layer, path).map_err(&at)?;
        if let Some(below) = compose.get(name) {
            compose_target::keep(below, &mut target);
        }
        targets.push(target);
    }
    targets.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(targets)
}

struct Resolver<'a> {
    expanded: &'a Expanded,
    compose: &'a BTreeMap<String, Target>,
    set: &'a Settings,
}

impl Resolver<'_> {
    /// All that is said about a target: by its parents, then by itself, then by `--set`.
    fn layer(&self, name: &str, open: &mut Vec<String>, place: Place) -> Result<Layer, Fault> {
        if open.iter().any(|open| open == name) {
            let chain = open.join("` -> `");
            return Err(place.fault(format!("`{chain}` -> `{name}` inherit from each other")));
        }
        let own = self.expanded.layers.get(name);
        let below = self.compose.get(name);
        if own.is_none() && below.is_none() {
            return Err(place.fault(self.no_parent(name)));
        }
        open.push(name.to_owned());
        let mut layer = Layer::new();
        if let Some(below) = below {
            layer = compose_target::layer(below);
        }
        if let Some(own) = own {
            for (parent, place) in &own.inherits {
                layer::merge(&mut layer, self.layer(parent, open, *place)?);
            }
            layer::merge(&mut layer, own.layer.clone());
        }
        self.set.apply(name, &mut layer);
        open.pop();
        Ok(layer)
    }

    fn no_parent(&self, name: &str) -> String {
        if self.expanded.groups.contains_key(name) {
            return format!("`{name}` stands for several targets: inherit from one of them");
        }
        let names = self.expanded.layers.keys().chain(self.compose.keys());
        let names: Vec<String> = names.cloned().collect();
        format!(
            "there is no target `{name}` to inherit from{}",
            hint(name, &names)
        )
    }
}
