//! Bake files as trees, whichever syntax they are written in.
//!
//! A tree of our own, because HCL and JSON then share everything behind it, and because every
//! expression has to know its line. What the names mean is not known here.

use std::collections::BTreeMap;

/// Where something is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    /// The file, as its position among the files that are read.
    pub(super) file: usize,
    /// The line, from 1.
    pub(super) line: usize,
}

impl Place {
    /// A fault here.
    pub(super) fn fault(self, message: impl Into<String>) -> Fault {
        Fault {
            place: self,
            message: message.into(),
        }
    }
}

/// What is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// Where.
    pub(super) place: Place,
    /// What, as a lower-case fragment.
    pub(super) message: String,
}

/// The content of a file or a block.
#[derive(Clone, Debug, Default)]
pub(super) struct Body {
    /// The attributes by name.
    pub(super) attributes: BTreeMap<String, Expr>,
    /// The blocks in order.
    pub(super) blocks: Vec<Block>,
}

/// A block such as `target "app" { … }`.
#[derive(Clone, Debug)]
pub(super) struct Block {
    /// Where it starts.
    pub(super) place: Place,
    /// What it is, such as `target`.
    pub(super) kind: String,
    /// Its labels: names that stand before the brace.
    pub(super) labels: Vec<String>,
    /// What is in it.
    pub(super) body: Body,
}

/// An expression and its place.
#[derive(Clone, Debug)]
pub(super) struct Expr {
    /// Where it starts.
    pub(super) place: Place,
    /// What it is.
    pub(super) kind: Kind,
}

/// What an expression is.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(f64),
    /// A text without variables.
    Text(String),
    /// A text with variables or directives, and whether it is a here-document.
    Template(Vec<Part>, bool),
    /// `[…]`.
    List(Vec<Expr>),
    /// `{…}`, as pairs of key and value.
    Object(Vec<(Expr, Expr)>),
    /// A name.
    Variable(String),
    /// `condition ? yes : no`.
    Conditional(Box<[Expr; 3]>),
    /// A call of a function.
    Call(Call),
    /// A value from which steps lead on.
    Steps(Box<Expr>, Vec<Step>),
    /// `!x`.
    Not(Box<Expr>),
    /// `-x`.
    Negative(Box<Expr>),
    /// `x + y` and the like.
    Binary(Box<[Expr; 2]>, Operator),
    /// `[for …]` or `{for …}`.
    For(Box<For>),
}

/// A call of a function.
#[derive(Clone, Debug)]
pub(super) struct Call {
    /// The function.
    pub(super) name: String,
    /// What it is given.
    pub(super) arguments: Vec<Expr>,
    /// Whether the last argument is a list whose elements are arguments.
    pub(super) is_spread: bool,
}

/// One step into a value.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// `.name`.
    Attribute(String),
    /// `[index]` or `.0`.
    Index(Expr),
    /// `.*`, which goes on with the attributes that follow.
    AttributeSplat,
    /// `[*]`, which goes on with all steps that follow.
    FullSplat,
}

/// An operator between two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    /// `&&`.
    And,
    /// `||`.
    Or,
    /// `==`.
    Equal,
    /// `!=`.
    NotEqual,
    /// `<`.
    Less,
    /// `<=`.
    LessOrEqual,
    /// `>`.
    Greater,
    /// `>=`.
    GreaterOrEqual,
    /// `+`.
    Add,
    /// `-`.
    Subtract,
    /// `*`.
    Multiply,
    /// `/`.
    Divide,
    /// `%`.
    Modulo,
}

/// A `for` expression.
#[derive(Clone, Debug)]
pub(super) struct For {
    /// The names of key and value, and what is gone through.
    pub(super) intro: Intro,
    /// The key of each entry. `None` gives a list.
    pub(super) key: Option<Expr>,
    /// The value of each entry.
    pub(super) value: Expr,
    /// Whether values of the same key are collected, which `...` asks for.
    pub(super) is_grouping: bool,
    /// Which entries count. `None` is all.
    pub(super) condition: Option<Expr>,
}

/// `for KEY, VALUE in COLLECTION`.
#[derive(Clone, Debug)]
pub(super) struct Intro {
    /// The name of the key. `None` when it has none.
    pub(super) key: Option<String>,
    /// The name of the value.
    pub(super) value: String,
    /// What is gone through.
    pub(super) collection: Expr,
}

/// A part of a template. The blanks that `~` takes away are gone already.
#[derive(Clone, Debug)]
pub(super) enum Part {
    /// Text as it is.
    Literal(String),
    /// `${…}`.
    Value(Expr),
    /// `%{ if … }`, with what is there if so and if not.
    If(Expr, Vec<Part>, Vec<Part>),
    /// `%{ for … }`.
    For(Box<Intro>, Vec<Part>),
}
