//! Reports for people: a neutral document, and the formats it can be written in.
//!
//! A tool's `render` room turns its report into a [`Document`]; how a table looks is decided here,
//! once for all tools.

mod finding;
pub mod html;
pub mod markdown;
pub mod sarif;
pub mod table;
mod treemap;

pub use finding::findings;
pub use treemap::{Tile, Treemap};

/// What a tool wants to show, without a word on how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    blocks: Vec<Block>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Block {
    Heading(String),
    Paragraph(Cell),
    Table(Table),
    Preformatted(String),
    /// Only where pictures can be drawn.
    Figure(Treemap),
}

impl Document {
    /// An empty document.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a heading.
    #[must_use]
    pub fn heading(mut self, text: impl Into<String>) -> Self {
        self.blocks.push(Block::Heading(text.into()));
        self
    }

    /// Adds a paragraph.
    #[must_use]
    pub fn paragraph(mut self, text: impl Into<Cell>) -> Self {
        self.blocks.push(Block::Paragraph(text.into()));
        self
    }

    /// Adds a table; one without rows is left out.
    #[must_use]
    pub fn table(mut self, table: Table) -> Self {
        if !table.rows.is_empty() {
            self.blocks.push(Block::Table(table));
        }
        self
    }

    /// Adds text whose line breaks and blanks matter, such as a log.
    #[must_use]
    pub fn preformatted(mut self, text: impl Into<String>) -> Self {
        self.blocks.push(Block::Preformatted(text.into()));
        self
    }

    /// Adds a picture; one of nothing is left out. Formats without pictures leave all out, so it
    /// should say what tables say too.
    #[must_use]
    pub fn figure(mut self, treemap: Treemap) -> Self {
        if treemap.root.size_bytes > 0 {
            self.blocks.push(Block::Figure(treemap));
        }
        self
    }

    /// Adds all of another document.
    #[must_use]
    pub fn append(mut self, other: Self) -> Self {
        self.blocks.extend(other.blocks);
        self
    }
}

/// Rows of cells below column titles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Column {
    title: String,
    is_numeric: bool,
}

impl Table {
    /// A table with columns of these titles. A title that ends in `#` is a column of numbers,
    /// aligned to the right; the `#` is not shown.
    pub fn new<const N: usize>(titles: [&str; N]) -> Self {
        let column = |title: &str| Column {
            title: title.trim_end_matches('#').to_owned(),
            is_numeric: title.ends_with('#'),
        };
        Self {
            columns: titles.map(column).into(),
            rows: Vec::new(),
        }
    }

    /// Adds a row, which has to have a cell for each column.
    pub fn row<const N: usize>(&mut self, cells: [Cell; N]) {
        assert_eq!(N, self.columns.len(), "a row has a cell for each column");
        self.rows.push(cells.into());
    }
}

/// A piece of text and what it means. Meaning never depends on colour alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    text: String,
    tone: Tone,
    bar: Option<Bar>,
}

/// A number as the length of a bar, where pictures can be drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bar {
    /// How long the bar is, in the unit of `whole`.
    pub length: u64,
    /// How much of the length is drawn hatched.
    pub hatched: u64,
    /// What a bar over the whole width would be.
    pub whole: u64,
}

/// What a text means to its reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Nothing special.
    Plain,
    /// As it should be.
    Good,
    /// Worth a look.
    Warning,
    /// Broken.
    Bad,
}

impl Cell {
    /// A text with a meaning.
    pub fn toned(text: impl Into<String>, tone: Tone) -> Self {
        Self {
            text: text.into(),
            tone,
            bar: None,
        }
    }

    /// Adds a bar that shows the same as the text.
    #[must_use]
    pub fn with_bar(mut self, bar: Bar) -> Self {
        self.bar = Some(bar);
        self
    }
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::toned(text, Tone::Plain)
    }
}

/// Writes control characters visibly, so that nothing in a report can steer a terminal.
///
/// Line breaks and tabs stay. Direction overrides, which make text read other than it is, go too.
/// Source: <https://trojansource.codes>
pub fn escape_control(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\t' => escaped.push(c),
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => escaped.extend(c.escape_unicode()),
            c if c.is_control() => escaped.extend(c.escape_unicode()),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_become_visible_and_line_breaks_stay() {
        assert_eq!(escape_control("a\x1b[31mb\n\tc"), "a\\u{1b}[31mb\n\tc");
        assert_eq!(
            escape_control("user\u{202e}gpj.exe"),
            "user\\u{202e}gpj.exe"
        );
    }
}
