//! Reads JSON into the tree of bake files.
//!
//! As HCL's JSON syntax has it: texts are templates, and blocks are objects whose keys are labels.
//! The crate `jsonc-parser` parses, because it keeps where everything stands; its liberties are off.
//! Source: <https://github.com/hashicorp/hcl/blob/main/json/spec.md>

use jsonc_parser::ast::{Object, Value};
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use super::hcl::{parse_expression, parse_template};
use super::syntax::{Block, Body, Expr, Fault, Kind, Place};

/// The blocks of a file: what they are and whether they have a name.
const BLOCKS: [(&str, bool); 5] = [
    ("function", true),
    ("group", true),
    ("target", true),
    ("variable", true),
    ("validation", false),
];

/// Attributes that hold names of parameters or a type, not values.
const NAMES: [&str; 3] = ["params", "type", "variadic_params"];

const STRICT: ParseOptions = ParseOptions {
    allow_comments: false,
    allow_loose_object_property_names: false,
    allow_trailing_commas: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

/// Parses a file.
pub(super) fn parse(text: &str, file: usize) -> Result<Body, Fault> {
    let place = |line| Place { file, line };
    let parsed = parse_to_ast(text, &CollectOptions::default(), &STRICT).map_err(|error| {
        place(error.line_display()).fault(format!("this is not JSON: {}", error.kind()))
    })?;
    let reader = Reader { text, file };
    match parsed.value {
        Some(Value::Object(object)) => reader.body(&object, true),
        _ => Err(place(1).fault("a bake file in JSON is an object")),
    }
}

/// A value of its own, such as a variable's in the environment, whose texts are no templates.
pub(super) fn parse_value(text: &str, place: Place) -> Result<Expr, Fault> {
    let parsed = parse_to_ast(text, &CollectOptions::default(), &STRICT);
    let parsed = parsed.map_err(|error| place.fault(format!("not JSON: {}", error.kind())))?;
    let value = parsed
        .value
        .ok_or_else(|| place.fault("not JSON: nothing is there"))?;
    plain(&value, place)
}

struct Reader<'a> {
    text: &'a str,
    file: usize,
}

impl Reader<'_> {
    fn place(&self, item: &impl Ranged) -> Place {
        let before = &self.text.as_bytes()[..item.start().min(self.text.len())];
        let line = memchr::memchr_iter(b'\n', before).count() + 1;
        Place {
            file: self.file,
            line,
        }
    }

    /// A body, at the top of the file or in a block.
    fn body(&self, object: &Object<'_>, is_top: bool) -> Result<Body, Fault> {
        let mut body = Body::default();
        for property in &object.properties {
            let name = property.name.as_str();
            let place = self.place(&property.name);
            // A target has an attribute `target` too.
            let block = BLOCKS
                .iter()
                .find(|(kind, is_named)| *kind == name && *is_named == is_top);
            if let Some((kind, is_named)) = block {
                self.blocks(kind, *is_named, &property.value, &mut body.blocks)?;
                continue;
            }
            let mut expr = if NAMES.contains(&name) && !is_top {
                self.names(&property.value)?
            } else {
                self.expr(&property.value)?
            };
            expr.place = place;
            if body.attributes.insert(name.to_owned(), expr).is_some() {
                return Err(place.fault(format!("`{name}` is set twice")));
            }
        }
        Ok(body)
    }

    fn blocks(
        &self,
        kind: &str,
        is_named: bool,
        value: &Value<'_>,
        blocks: &mut Vec<Block>,
    ) -> Result<(), Fault> {
        match value {
            Value::Array(items) => {
                for item in &items.elements {
                    self.blocks(kind, is_named, item, blocks)?;
                }
                Ok(())
            }
            Value::Object(names) if is_named => {
                for property in &names.properties {
                    let before = blocks.len();
                    self.blocks(kind, false, &property.value, blocks)?;
                    for block in &mut blocks[before..] {
                        block.labels = vec![property.name.as_str().to_owned()];
                        block.place = self.place(&property.name);
                    }
                }
                Ok(())
            }
            Value::Object(object) => {
                blocks.push(Block {
                    place: self.place(value),
                    kind: kind.to_owned(),
                    labels: Vec::new(),
                    body: self.body(object, false)?,
                });
                Ok(())
            }
            _ => Err(self.place(value).fault(format!("`{kind}` takes an object"))),
        }
    }

    /// Texts that are read as expressions, which gives names.
    fn names(&self, value: &Value<'_>) -> Result<Expr, Fault> {
        let place = self.place(value);
        match value {
            Value::StringLit(text) => parse_expression(&text.value, place),
            Value::Array(items) => {
                let items = items.elements.iter().map(|item| self.names(item));
                let kind = Kind::List(items.collect::<Result<_, _>>()?);
                Ok(Expr { place, kind })
            }
            _ => self.expr(value),
        }
    }

    fn expr(&self, value: &Value<'_>) -> Result<Expr, Fault> {
        let place = self.place(value);
        let kind = match value {
            Value::StringLit(text) => return parse_template(&text.value, place),
            Value::Array(items) => {
                let items = items.elements.iter().map(|item| self.expr(item));
                Kind::List(items.collect::<Result<_, _>>()?)
            }
            Value::Object(object) => {
                let entries = object.properties.iter().map(|property| {
                    let key = parse_template(property.name.as_str(), self.place(&property.name))?;
                    Ok((key, self.expr(&property.value)?))
                });
                Kind::Object(entries.collect::<Result<_, _>>()?)
            }
            _ => return plain(value, place),
        };
        Ok(Expr { place, kind })
    }
}

fn plain(value: &Value<'_>, place: Place) -> Result<Expr, Fault> {
    let kind = match value {
        Value::NullKeyword(_) => Kind::Null,
        Value::BooleanLit(value) => Kind::Bool(value.value),
        Value::NumberLit(number) => match number.value.parse::<f64>() {
            Ok(number) if number.is_finite() => Kind::Number(number),
            _ => return Err(place.fault(format!("`{}` is not a number", number.value))),
        },
        Value::StringLit(text) => Kind::Text(text.value.to_string()),
        Value::Array(items) => {
            let items = items.elements.iter().map(|item| plain(item, place));
            Kind::List(items.collect::<Result<_, _>>()?)
        }
        Value::Object(object) => {
            let entries = object.properties.iter().map(|property| {
                let kind = Kind::Text(property.name.as_str().to_owned());
                Ok((Expr { place, kind }, plain(&property.value, place)?))
            });
            Kind::Object(entries.collect::<Result<_, _>>()?)
        }
    };
    Ok(Expr { place, kind })
}
