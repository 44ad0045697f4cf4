//! Draws a tree of files as text.

use common::render::escape_control;
use common::units::{format_bytes, format_count};
use std::fmt::Write as _;

/// What is drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Drawing {
    /// What the tree is of.
    pub(crate) title: String,
    /// What the second column of sizes is about. `None` when there is none.
    pub(crate) gone_title: Option<&'static str>,
    /// The lines, the start first.
    pub(crate) lines: Vec<Line>,
    /// How many directories are below the start, shown or not.
    pub(crate) directory_count: u64,
    /// How many other things are.
    pub(crate) file_count: u64,
}

/// One line of a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// The level, 0 at the start.
    pub(crate) depth: usize,
    /// Whether no other line of its directory follows.
    pub(crate) is_last: bool,
    /// Bytes of files.
    pub(crate) size_bytes: u64,
    /// Bytes of files that are gone.
    pub(crate) gone_bytes: u64,
    /// How the line looks.
    pub(crate) look: Look,
    /// What it is called.
    pub(crate) name: String,
    /// What there is to say about it.
    pub(crate) note: Option<String>,
}

/// How a line looks; each look has a sign, so that nothing depends on colour alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    /// Something that is no directory.
    Plain,
    /// A directory.
    Directory,
    /// Something that a layer adds.
    Added,
    /// Something that a layer replaces.
    Modified,
    /// Something that is there no more.
    Gone,
    /// What is left out.
    Omitted,
}

/// Writes a tree, with colour for a terminal that has it.
pub(crate) fn text(drawing: &Drawing, has_color: bool) -> String {
    let mut text = format!("{}\n\n", one_line(&drawing.title));
    let columns = columns("Size", drawing.gone_title, str::to_owned);
    let _ = writeln!(text, "{columns}   Path");
    let mut is_last = Vec::new();
    for line in &drawing.lines {
        is_last.truncate(line.depth);
        is_last.push(line.is_last);
        let gone = drawing.gone_title.map(|_| line.gone_bytes);
        let sizes = self::columns(line.size_bytes, gone, format_bytes);
        let sign = sign(line.look);
        let name = paint(&one_line(&line.name), line.look, has_color);
        let note = line
            .note
            .as_ref()
            .map(|note| format!(" {}", one_line(note)));
        let _ = writeln!(
            text,
            "{sizes} {sign} {}{name}{}",
            branches(&is_last),
            note.unwrap_or_default()
        );
    }
    let _ = writeln!(
        text,
        "\n{}, {}",
        directories(drawing.directory_count),
        format_count(drawing.file_count, "file")
    );
    text
}

fn columns<T>(size: T, gone: Option<T>, write: impl Fn(T) -> String) -> String {
    let mut columns = format!("{:>8}", write(size));
    if let Some(gone) = gone {
        let _ = write!(columns, " {:>8}", write(gone));
    }
    columns
}

fn directories(count: u64) -> String {
    match count {
        1 => "1 directory".to_owned(),
        count => format!("{count} directories"),
    }
}

/// The lines that lead from the directories above to this one's name.
fn branches(is_last: &[bool]) -> String {
    let Some((own, above)) = is_last.get(1..).and_then(|below| below.split_last()) else {
        return String::new();
    };
    let mut branches = String::new();
    for is_last in above {
        branches.push_str(if *is_last { "    " } else { "│   " });
    }
    branches.push_str(if *own { "└── " } else { "├── " });
    branches
}

fn sign(look: Look) -> char {
    match look {
        Look::Added => '+',
        Look::Modified => '~',
        Look::Gone => '-',
        Look::Plain | Look::Directory | Look::Omitted => ' ',
    }
}

fn paint(name: &str, look: Look, has_color: bool) -> String {
    let code = match look {
        Look::Directory => "1;34",
        Look::Added => "32",
        Look::Modified => "33",
        Look::Gone => "31",
        Look::Omitted => "2",
        Look::Plain => return name.to_owned(),
    };
    if has_color {
        format!("\x1b[{code}m{name}\x1b[0m")
    } else {
        name.to_owned()
    }
}

/// A name that holds a line break must not look like another line.
fn one_line(text: &str) -> String {
    escape_control(text)
        .replace('\n', "\\n")
        .replace('\t', "\\t")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(depth: usize, is_last: bool, look: Look, name: &str) -> Line {
        Line {
            depth,
            is_last,
            size_bytes: 1000,
            gone_bytes: 20,
            look,
            name: name.to_owned(),
            note: None,
        }
    }

    fn drawing() -> Drawing {
        Drawing {
            title: "app:1".to_owned(),
            gone_title: Some("Removed"),
            lines: vec![
                line(0, true, Look::Directory, "/"),
                line(1, false, Look::Directory, "d/"),
                line(2, true, Look::Added, "x\n\x1b[2J"),
                line(1, true, Look::Directory, "e/"),
                Line {
                    note: Some("-> x".to_owned()),
                    ..line(2, true, Look::Plain, "y")
                },
            ],
            directory_count: 2,
            file_count: 1,
        }
    }

    #[test]
    fn lines_lead_from_a_directory_to_what_it_holds() {
        let expected = "\
app:1

    Size  Removed   Path
 1.00 kB     20 B   /
 1.00 kB     20 B   ├── d/
 1.00 kB     20 B + │   └── x\\n\\u{1b}[2J
 1.00 kB     20 B   └── e/
 1.00 kB     20 B       └── y -> x

2 directories, 1 file
";
        assert_eq!(text(&drawing(), false), expected);
    }

    #[test]
    fn one_column_is_enough_where_nothing_is_gone() {
        let drawing = Drawing {
            gone_title: None,
            lines: vec![line(0, true, Look::Directory, "/")],
            ..drawing()
        };
        let expected = "app:1\n\n    Size   Path\n 1.00 kB   /\n\n2 directories, 1 file\n";
        assert_eq!(text(&drawing, false), expected);
        assert!(text(&drawing, true).contains("\x1b[1;34m/\x1b[0m"));
    }
}
