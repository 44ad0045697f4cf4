//! Reads HCL into the tree of bake files.
//!
//! The crate `hcl-edit` parses, because it keeps where everything stands; it bounds how deep a file
//! may nest.

use hcl_edit::expr::{
    BinaryOperator, Expression, ForExpr, FuncCall, ObjectKey, TraversalOperator, UnaryOperator,
};
use hcl_edit::structure::{Body as HclBody, Structure};
use hcl_edit::template::{Directive, Element, ForDirective, IfDirective, Strip, Template};
use hcl_edit::{Ident, Span};

use super::syntax::{
    Block, Body, Call, Expr, Fault, For, Intro, Kind, Operator, Part, Place, Step,
};

/// Parses a file.
pub(super) fn parse(text: &str, file: usize) -> Result<Body, Fault> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let parsed = hcl_edit::parser::parse_body(text).map_err(|error| {
        let line = error.location().line();
        Place { file, line }.fault(format!("this is not HCL: {}", error.message()))
    })?;
    Ok(Reader::new(text, file).body(&parsed))
}

/// Parses an expression that stands on one line of a file.
pub(super) fn parse_expression(text: &str, place: Place) -> Result<Expr, Fault> {
    let parsed: Expression = text
        .parse()
        .map_err(|error: hcl_edit::parser::Error| place.fault(error.message()))?;
    Ok(Reader::at(place).expr(&parsed))
}

/// Parses a text with variables that stands on one line of a file.
pub(super) fn parse_template(text: &str, place: Place) -> Result<Expr, Fault> {
    let parsed: Template = text
        .parse()
        .map_err(|error: hcl_edit::parser::Error| place.fault(error.message()))?;
    let kind = text_kind(Reader::at(place).template(&parsed), false);
    Ok(Expr { place, kind })
}

struct Reader {
    /// Where each line starts; empty when everything is on one line.
    line_starts: Vec<usize>,
    first: Place,
}

impl Reader {
    fn new(text: &str, file: usize) -> Self {
        let newlines = text.match_indices('\n').map(|(index, _)| index + 1);
        Self {
            line_starts: newlines.collect(),
            first: Place { file, line: 1 },
        }
    }

    fn at(place: Place) -> Self {
        Self {
            line_starts: Vec::new(),
            first: place,
        }
    }

    fn place(&self, item: &impl Span) -> Place {
        let start = item.span().map_or(0, |span| span.start);
        let lines = self.line_starts.partition_point(|&line| line <= start);
        Place {
            line: self.first.line + lines,
            ..self.first
        }
    }

    fn body(&self, body: &HclBody) -> Body {
        let mut read = Body::default();
        for structure in body {
            match structure {
                Structure::Attribute(attribute) => {
                    let mut expr = self.expr(&attribute.value);
                    expr.place = self.place(&attribute.key);
                    read.attributes.insert(attribute.key.to_string(), expr);
                }
                Structure::Block(block) => read.blocks.push(Block {
                    place: self.place(&block.ident),
                    kind: block.ident.to_string(),
                    labels: block
                        .labels
                        .iter()
                        .map(|label| label.as_str().to_owned())
                        .collect(),
                    body: self.body(&block.body),
                }),
            }
        }
        read
    }

    fn expr(&self, expression: &Expression) -> Expr {
        let kind = match expression {
            Expression::Null(_) => Kind::Null,
            Expression::Bool(value) => Kind::Bool(*value.value()),
            Expression::Number(value) => Kind::Number(value.value().as_f64().unwrap_or(f64::NAN)),
            Expression::String(value) => Kind::Text(value.value().clone()),
            Expression::StringTemplate(template) => text_kind(self.template(template), false),
            Expression::HeredocTemplate(here) => text_kind(self.template(&here.template), true),
            Expression::Array(items) => Kind::List(items.iter().map(|i| self.expr(i)).collect()),
            Expression::Object(object) => Kind::Object(
                object
                    .iter()
                    .map(|(key, value)| (self.key(key), self.expr(value.expr())))
                    .collect(),
            ),
            Expression::Parenthesis(inner) => return self.expr(inner.inner()),
            Expression::Variable(name) => Kind::Variable(name.to_string()),
            Expression::Conditional(parts) => Kind::Conditional(Box::new([
                self.expr(&parts.cond_expr),
                self.expr(&parts.true_expr),
                self.expr(&parts.false_expr),
            ])),
            Expression::FuncCall(call) => self.call(call),
            Expression::Traversal(traversal) => Kind::Steps(
                Box::new(self.expr(&traversal.expr)),
                traversal.operators.iter().map(|o| self.step(o)).collect(),
            ),
            Expression::UnaryOp(unary) => {
                let inner = Box::new(self.expr(&unary.expr));
                match *unary.operator.value() {
                    UnaryOperator::Neg => Kind::Negative(inner),
                    UnaryOperator::Not => Kind::Not(inner),
                }
            }
            Expression::BinaryOp(binary) => {
                let sides = [self.expr(&binary.lhs_expr), self.expr(&binary.rhs_expr)];
                Kind::Binary(Box::new(sides), operator(*binary.operator.value()))
            }
            Expression::ForExpr(for_expr) => self.for_expr(for_expr),
        };
        Expr {
            place: self.place(expression),
            kind,
        }
    }

    /// A key, of which a name alone means itself.
    fn key(&self, key: &ObjectKey) -> Expr {
        match key {
            ObjectKey::Ident(name) | ObjectKey::Expression(Expression::Variable(name)) => Expr {
                place: self.place(name),
                kind: Kind::Text(name.to_string()),
            },
            ObjectKey::Expression(expression) => self.expr(expression),
        }
    }

    fn call(&self, call: &FuncCall) -> Kind {
        let spaces = call
            .name
            .namespace
            .iter()
            .map(|space| format!("{}::", space.as_str()));
        Kind::Call(Call {
            name: spaces.collect::<String>() + call.name.name.as_str(),
            arguments: call
                .args
                .iter()
                .map(|argument| self.expr(argument))
                .collect(),
            is_spread: call.args.expand_final(),
        })
    }

    fn step(&self, operator: &hcl_edit::Decorated<TraversalOperator>) -> Step {
        match operator.value() {
            TraversalOperator::AttrSplat(_) => Step::AttributeSplat,
            TraversalOperator::FullSplat(_) => Step::FullSplat,
            TraversalOperator::GetAttr(name) => Step::Attribute(name.to_string()),
            TraversalOperator::Index(index) => Step::Index(self.expr(index)),
            TraversalOperator::LegacyIndex(index) => Step::Index(Expr {
                place: self.place(operator),
                kind: Kind::Number(*index.value() as f64),
            }),
        }
    }

    fn for_expr(&self, parsed: &ForExpr) -> Kind {
        let intro = &parsed.intro;
        Kind::For(Box::new(For {
            intro: Intro {
                key: intro.key_var.as_ref().map(ToString::to_string),
                value: intro.value_var.to_string(),
                collection: self.expr(&intro.collection_expr),
            },
            key: parsed.key_expr.as_ref().map(|key| self.expr(key)),
            value: self.expr(&parsed.value_expr),
            is_grouping: parsed.grouping,
            condition: parsed.cond.as_ref().map(|cond| self.expr(&cond.expr)),
        }))
    }

    fn template(&self, template: &Template) -> Vec<Part> {
        let mut parts: Vec<Part> = Vec::new();
        let mut is_stripping = false;
        for element in template {
            let (before, part, after) = match element {
                Element::Literal(text) => {
                    let text = text.value();
                    let text = if is_stripping {
                        text.trim_start()
                    } else {
                        text
                    };
                    (Strip::None, Part::Literal(text.to_owned()), Strip::None)
                }
                Element::Interpolation(value) => (
                    value.strip,
                    Part::Value(self.expr(&value.expr)),
                    value.strip,
                ),
                Element::Directive(directive) => match directive.as_ref() {
                    Directive::If(directive) => self.if_directive(directive),
                    Directive::For(directive) => self.for_directive(directive),
                },
            };
            if strips_before(before) {
                strip_end(&mut parts);
            }
            is_stripping = strips_after(after);
            parts.push(part);
        }
        parts
    }

    fn if_directive(&self, directive: &IfDirective) -> (Strip, Part, Strip) {
        let (start, end) = (&directive.if_expr, &directive.endif_expr);
        let mut yes = self.template(&start.template);
        let mut no = Vec::new();
        strip_inside(&mut yes, start.strip, end.strip);
        if let Some(other) = &directive.else_expr {
            yes = self.template(&start.template);
            strip_inside(&mut yes, start.strip, other.strip);
            no = self.template(&other.template);
            strip_inside(&mut no, other.strip, end.strip);
        }
        let part = Part::If(self.expr(&start.cond_expr), yes, no);
        (start.strip, part, end.strip)
    }

    fn for_directive(&self, directive: &ForDirective) -> (Strip, Part, Strip) {
        let (start, end) = (&directive.for_expr, &directive.endfor_expr);
        let mut parts = self.template(&start.template);
        strip_inside(&mut parts, start.strip, end.strip);
        let name = |name: &hcl_edit::Decorated<Ident>| name.to_string();
        let intro = Intro {
            key: start.key_var.as_ref().map(name),
            value: name(&start.value_var),
            collection: self.expr(&start.collection_expr),
        };
        (start.strip, Part::For(Box::new(intro), parts), end.strip)
    }
}

/// A template without variables is a text; the parser gives both.
fn text_kind(parts: Vec<Part>, is_heredoc: bool) -> Kind {
    match &parts[..] {
        [] => Kind::Text(String::new()),
        [Part::Literal(text)] if !is_heredoc => Kind::Text(text.clone()),
        _ => Kind::Template(parts, is_heredoc),
    }
}

fn strips_before(strip: Strip) -> bool {
    matches!(strip, Strip::Start | Strip::Both)
}

fn strips_after(strip: Strip) -> bool {
    matches!(strip, Strip::End | Strip::Both)
}

fn strip_end(parts: &mut [Part]) {
    if let Some(Part::Literal(text)) = parts.last_mut() {
        text.truncate(text.trim_end().len());
    }
}

/// Takes away what the marks around parts ask for.
fn strip_inside(parts: &mut [Part], start: Strip, end: Strip) {
    if strips_after(start)
        && let Some(Part::Literal(text)) = parts.first_mut()
    {
        *text = text.trim_start().to_owned();
    }
    if strips_before(end) {
        strip_end(parts);
    }
}

fn operator(operator: BinaryOperator) -> Operator {
    match operator {
        BinaryOperator::Eq => Operator::Equal,
        BinaryOperator::NotEq => Operator::NotEqual,
        BinaryOperator::LessEq => Operator::LessOrEqual,
        BinaryOperator::GreaterEq => Operator::GreaterOrEqual,
        BinaryOperator::Less => Operator::Less,
        BinaryOperator::Greater => Operator::Greater,
        BinaryOperator::Plus => Operator::Add,
        BinaryOperator::Minus => Operator::Subtract,
        BinaryOperator::Mul => Operator::Multiply,
        BinaryOperator::Div => Operator::Divide,
        BinaryOperator::Mod => Operator::Modulo,
        BinaryOperator::And => Operator::And,
        BinaryOperator::Or => Operator::Or,
    }
}
