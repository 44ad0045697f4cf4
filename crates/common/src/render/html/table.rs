//! Tables: in a box that scrolls when they are wide, with what a sorting script needs.

use super::escape::escape;
use super::toned;
use crate::render::{Bar, Cell, Table};
use crate::units::magnitude;

/// Writes a table. `about` is what it belongs to: with the first column's title it makes the
/// caption, which only screen readers say.
pub(super) fn write(table: &Table, id: &str, about: &str) -> String {
    let first = table.columns.first().map_or("", |column| &column.title);
    let caption = escape(&format!("{about}: {first}"));
    let titles: Vec<String> = table
        .columns
        .iter()
        .map(|column| {
            let class = class(column.is_numeric);
            format!("<th scope=\"col\"{class}>{}</th>", escape(&column.title))
        })
        .collect();
    let rows: Vec<String> = table.rows.iter().map(|row| write_row(table, row)).collect();
    format!(
        "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-labelledby=\"{id}\">\n\
        <table>\n<caption id=\"{id}\" class=\"unseen\">{caption}</caption>\n\
        <thead><tr>{}</tr></thead>\n<tbody>\n{}</tbody>\n</table>\n</div>\n",
        titles.concat(),
        rows.concat()
    )
}

fn write_row(table: &Table, row: &[Cell]) -> String {
    let cells: Vec<String> = row
        .iter()
        .zip(&table.columns)
        .enumerate()
        .map(|(index, (cell, column))| {
            let class = class(column.is_numeric);
            let value = value(cell, column.is_numeric);
            let text = format!("{}{}", toned(cell), cell.bar.map(bar).unwrap_or_default());
            // The first cell says what the row is about.
            if index == 0 {
                format!("<th scope=\"row\"{class}{value}>{text}</th>")
            } else {
                format!("<td{class}{value}>{text}</td>")
            }
        })
        .collect();
    format!("<tr>{}</tr>\n", cells.concat())
}

fn class(is_numeric: bool) -> &'static str {
    if is_numeric { " class=\"number\"" } else { "" }
}

/// The number to sort by, where the text alone would sort wrong.
fn value(cell: &Cell, is_numeric: bool) -> String {
    let number = magnitude(&cell.text).filter(|_| is_numeric);
    number.map_or_else(String::new, |number| format!(" data-value=\"{number}\""))
}

fn bar(bar: Bar) -> String {
    let percent = |part: u64| part.min(bar.whole) as f64 * 100.0 / bar.whole.max(1) as f64;
    let (length, hatched) = (percent(bar.length), percent(bar.hatched.min(bar.length)));
    format!(
        "<svg class=\"bar\" aria-hidden=\"true\"><rect class=\"live\" width=\"{length:.1}%\" \
        height=\"100%\"/><rect class=\"hatched\" x=\"{:.1}%\" width=\"{hatched:.1}%\" \
        height=\"100%\"/></svg>",
        length - hatched
    )
}
