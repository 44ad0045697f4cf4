//! Documents as GitHub-flavoured Markdown, for job summaries and comments.
//!
//! Source: <https://github.github.com/gfm/>

use super::{Block, Document, Table, escape_control};

/// Writes a document as Markdown in which nothing from a report is taken for markup.
pub fn write(document: &Document) -> String {
    let mut blocks = Vec::new();
    for block in &document.blocks {
        blocks.push(match block {
            Block::Heading(text) => format!("## {}", inline(text)),
            Block::Paragraph(cell) => inline(&cell.text),
            Block::Table(table) => write_table(table),
            Block::Preformatted(text) => fence(&escape_control(text)),
            Block::Figure(_) => continue,
        });
    }
    let mut text = blocks.join("\n\n");
    text.push('\n');
    text
}

fn write_table(table: &Table) -> String {
    let line = |cells: Vec<String>| format!("| {} |", cells.join(" | "));
    let rule = |is_numeric| if is_numeric { "---:" } else { "---" }.to_owned();
    let mut lines = vec![
        line(
            table
                .columns
                .iter()
                .map(|column| inline(&column.title))
                .collect(),
        ),
        line(
            table
                .columns
                .iter()
                .map(|column| rule(column.is_numeric))
                .collect(),
        ),
    ];
    for row in &table.rows {
        lines.push(line(row.iter().map(|cell| inline(&cell.text)).collect()));
    }
    lines.join("\n")
}

/// Escapes every character that Markdown or HTML could take for markup, and keeps to one line.
fn inline(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in escape_control(text).chars() {
        match c {
            '\n' => escaped.push_str("<br>"),
            '\t' => escaped.push(' '),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '$' | '@' => {
                escaped.push('\\');
                escaped.push(c);
            }
            c => escaped.push(c),
        }
    }
    escaped
}

/// Fences text with more backticks than it holds in a row, so that it cannot end the fence.
fn fence(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat((longest + 1).max(3));
    format!("{fence}\n{text}\n{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::Table;

    #[test]
    fn nothing_from_a_report_is_taken_for_markup() {
        let mut table = Table::new(["Test", "Time#"]);
        table.row(["<script>|a_b*\n".into(), "1 ms".into()]);
        let document = Document::new()
            .heading("Tests")
            .table(table)
            .preformatted("x\n```\ny");
        let expected = "\
## Tests

| Test | Time |
| --- | ---: |
| &lt;script&gt;\\|a\\_b\\*<br> | 1 ms |

````
x
```
y
````
";
        assert_eq!(write(&document), expected);
    }
}
