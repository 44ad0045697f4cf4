//! Documents for a terminal.

use comfy_table::{Attribute, CellAlignment, Color, ContentArrangement, LineStyle, TableStyle};

use super::{Block, Cell, Document, Table, Tone, escape_control};

/// How wide a table may get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// As wide as the terminal on standard output; longer cells are wrapped.
    Terminal,
    /// As wide as its content, for files and pipes.
    Unlimited,
}

/// One rule below the titles: it survives being copied, searched and cut with `awk`.
const STYLE: TableStyle =
    TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// Writes a document as text with tables.
pub fn write(document: &Document, width: Width, has_color: bool) -> String {
    let mut blocks = Vec::new();
    for block in &document.blocks {
        blocks.push(match block {
            Block::Heading(text) => paint(&Cell::from(text.as_str()), has_color, true),
            Block::Paragraph(cell) => paint(cell, has_color, false),
            Block::Table(table) => draw(table, width, has_color),
            Block::Preformatted(text) => indent(&escape_control(text)),
            Block::Figure(_) => continue,
        });
    }
    let mut text = blocks.join("\n\n");
    text.push('\n');
    text
}

fn draw(table: &Table, width: Width, has_color: bool) -> String {
    let mut drawn = comfy_table::Table::new();
    drawn.load_style(STYLE);
    drawn.set_content_arrangement(match width {
        Width::Terminal => ContentArrangement::Dynamic,
        Width::Unlimited => ContentArrangement::Disabled,
    });
    if has_color {
        drawn.enforce_styling();
    } else {
        drawn.force_no_tty();
    }
    // `force_no_tty` also stops comfy-table from asking the terminal how wide it is.
    if width == Width::Terminal
        && let Some(columns) = terminal_columns()
    {
        drawn.set_width(columns);
    }
    drawn.set_header(table.columns.iter().map(|column| {
        comfy_table::Cell::new(&column.title)
            .add_attribute(Attribute::Bold)
            .set_alignment(alignment(column.is_numeric))
    }));
    for row in &table.rows {
        let cells = row.iter().zip(&table.columns);
        drawn.add_row(cells.map(|(cell, column)| {
            // A line break from a report must not look like another row.
            let text = escape_control(&cell.text).replace('\n', "\\n");
            let drawn = comfy_table::Cell::new(text).set_alignment(alignment(column.is_numeric));
            match color(cell.tone) {
                Some(color) => drawn.fg(color),
                None => drawn,
            }
        }));
    }
    drawn.trim_fmt()
}

fn terminal_columns() -> Option<u16> {
    comfy_table::Table::new().width()
}

fn alignment(is_numeric: bool) -> CellAlignment {
    if is_numeric {
        CellAlignment::Right
    } else {
        CellAlignment::Left
    }
}

fn color(tone: Tone) -> Option<Color> {
    match tone {
        Tone::Plain => None,
        Tone::Good => Some(Color::Green),
        Tone::Warning => Some(Color::Yellow),
        Tone::Bad => Some(Color::Red),
    }
}

fn paint(cell: &Cell, has_color: bool, is_bold: bool) -> String {
    let text = escape_control(&cell.text);
    let code = match cell.tone {
        Tone::Plain if is_bold => "1",
        Tone::Plain => return text,
        Tone::Good => "32",
        Tone::Warning => "33",
        Tone::Bad => "31",
    };
    if has_color {
        format!("\x1b[{code}m{text}\x1b[0m")
    } else {
        text
    }
}

fn indent(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(|line| format!("  {line}")).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Document {
        let mut table = Table::new(["Step", "Time#"]);
        table.row(["RUN a\x1b[2J".into(), "1.25 s".into()]);
        table.row(["COPY b".into(), Cell::toned("10 ms", Tone::Good)]);
        Document::new()
            .heading("Build")
            .paragraph("2 steps")
            .table(table)
            .table(Table::new(["Empty"]))
            .preformatted("one\ntwo")
    }

    #[test]
    fn numbers_are_aligned_right_and_nothing_steers_the_terminal() {
        let expected = "\
Build

2 steps

 Step               Time 
─────────────────────────
 RUN a\\u{1b}[2J   1.25 s 
 COPY b            10 ms 

  one
  two
";
        let drawn = write(&sample(), Width::Unlimited, false);
        let trimmed: Vec<&str> = drawn.lines().map(str::trim_end).collect();
        let expected: Vec<&str> = expected.lines().map(str::trim_end).collect();
        assert_eq!(trimmed, expected);
    }

    #[test]
    fn a_line_break_in_a_cell_makes_no_row() {
        let mut table = Table::new(["Path"]);
        table.row(["a\nb".into()]);
        let drawn = write(&Document::new().table(table), Width::Unlimited, false);
        assert!(drawn.contains("a\\nb"), "{drawn}");
    }

    #[test]
    fn colour_is_written_only_when_asked_for() {
        assert!(!write(&sample(), Width::Unlimited, false).contains('\x1b'));
        assert!(write(&sample(), Width::Unlimited, true).contains('\x1b'));
    }
}
