//! The functions of bake's standard library, by theme.
//!
//! `try`, `can` and `convert` are not here: they do not take values but expressions.
//! Source: bake/hclparser/stdlib.go of github.com/docker/buildx, and
//! <https://pkg.go.dev/github.com/zclconf/go-cty/cty/function/stdlib> for what each does

mod collection;
mod encoding;
mod format;
mod hash;
mod number;
mod set;
mod text;
mod time;

pub(super) use encoding::csv_fields;
pub(super) use set::as_set;

use super::value::Value;

/// What a function makes of its arguments; a fault is a fragment without a place.
type Function = fn(&mut Arguments) -> Result<Value, String>;

const THEMES: [&[(&str, Function)]; 7] = [
    collection::FUNCTIONS,
    encoding::FUNCTIONS,
    hash::FUNCTIONS,
    number::FUNCTIONS,
    set::FUNCTIONS,
    text::FUNCTIONS,
    time::FUNCTIONS,
];

/// Functions of bake that are left out: a build has no use for them that is safe.
const UNSUPPORTED: [&str; 6] = [
    "bcrypt",
    "cidrhost",
    "cidrnetmask",
    "cidrsubnet",
    "cidrsubnets",
    "rsadecrypt",
];

/// The longest list or text that a function makes of short arguments.
///
/// Source: the limit of `range` in go-cty; for the others chosen to be the same.
const GROWTH_MAX: usize = 1024;

/// Calls a function. `None` when there is none of that name.
pub(super) fn call(name: &str, arguments: Vec<Value>) -> Option<Result<Value, String>> {
    if UNSUPPORTED.contains(&name) {
        return Some(Err("this function of bake is not supported".to_owned()));
    }
    let (_, function) = all().find(|(known, _)| *known == name)?;
    let mut arguments = Arguments(arguments.into_iter());
    let value = function(&mut arguments).and_then(|value| match arguments.0.len() {
        0 => Ok(value),
        more => Err(format!("there are {more} arguments too many")),
    });
    Some(value)
}

/// The names of all functions.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    all()
        .map(|(name, _)| *name)
        .chain(["can", "convert", "try"])
}

fn all() -> impl Iterator<Item = &'static (&'static str, Function)> {
    THEMES.into_iter().flatten()
}

/// The arguments of a call that are not yet taken.
struct Arguments(std::vec::IntoIter<Value>);

impl Arguments {
    fn value(&mut self) -> Result<Value, String> {
        self.0
            .next()
            .ok_or_else(|| "an argument is missing".to_owned())
    }

    fn optional(&mut self) -> Option<Value> {
        self.0.next()
    }

    fn rest(&mut self) -> Vec<Value> {
        self.0.by_ref().collect()
    }

    fn text(&mut self) -> Result<String, String> {
        self.value()?.into_text()
    }

    fn number(&mut self) -> Result<f64, String> {
        self.value()?.into_number()
    }

    fn bool(&mut self) -> Result<bool, String> {
        self.value()?.into_bool()
    }

    fn list(&mut self) -> Result<Vec<Value>, String> {
        self.value()?.into_list()
    }

    fn count(&mut self) -> Result<usize, String> {
        self.value()?.into_count()
    }
}
