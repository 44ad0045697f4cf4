//! Reports as one HTML page that needs no other file and no network.
//!
//! Everything that a report says is text on the page: it is escaped, and a policy in the page's head
//! lets the browser run and load nothing but the page's own style and script. The page can be read
//! without either.

mod escape;
mod squarify;
mod table;
mod treemap;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};

use super::{Block, Cell, Document, Tone};
use crate::report::{Input, Report, ReportData, Verdict};
use escape::escape;

const STYLE: &str = include_str!("html/page.css");

/// Sorts a table by a column whose title is pressed.
const SCRIPT: &str = include_str!("html/sort.js");

/// What hatched areas are filled with. Not hidden by `display`, or some browsers fill nothing.
const HATCH: &str = "<svg class=\"unseen\" width=\"0\" height=\"0\" aria-hidden=\"true\">\
    <pattern id=\"hatch\" width=\"8\" height=\"8\" patternUnits=\"userSpaceOnUse\" \
    patternTransform=\"rotate(45)\"><rect class=\"line\" width=\"2\" height=\"8\"/></pattern></svg>\n";

/// How many of a report's inputs are named.
///
/// Chosen: a build has a handful; whoever has a thousand test files does not read their names here.
const INPUTS_MAX: usize = 5;

/// With how many headings a page begins with a list of them.
///
/// Chosen: three fit a screen.
const CONTENTS_MIN: usize = 4;

/// One report on a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    title: String,
    verdict: Verdict,
    created_at: String,
    id: String,
    inputs: Vec<Input>,
    document: Document,
}

impl Section {
    /// A report, and the document that shows it.
    pub fn new<T: ReportData>(report: &Report<T>, document: Document) -> Self {
        Self {
            title: format!("{}: {} report", report.tool.name, T::KIND),
            verdict: report.verdict,
            created_at: report.created_at.clone(),
            id: report.id.clone(),
            inputs: report.inputs.clone(),
            document,
        }
    }
}

/// Writes reports as one page, in their order.
pub fn write(sections: &[Section]) -> String {
    let (title, heading, level) = match sections {
        [only] => (only.title.clone(), String::new(), 1),
        all => {
            let title = format!("{} reports", all.len());
            let heading = format!("<h1>{title}</h1>\n");
            (title, heading, 2)
        }
    };
    let articles = (0..).zip(sections);
    let articles: Vec<String> = articles
        .map(|(index, section)| article(section, &section_id(index), level))
        .collect();
    format!(
        "{}{HATCH}<main>\n{heading}{}{}</main>\n<script>{SCRIPT}</script>\n</body>\n</html>\n",
        head(&title),
        contents(sections),
        articles.concat()
    )
}

fn head(title: &str) -> String {
    let policy = format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    );
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
        <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
        <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
        <meta name=\"color-scheme\" content=\"light dark\">\n\
        <meta name=\"referrer\" content=\"no-referrer\">\n\
        <title>{}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n",
        escape(title)
    )
}

/// The hash by which a policy allows an element with this text.
/// Source: <https://www.w3.org/TR/CSP3/#grammardef-hash-source>
fn hash(text: &str) -> String {
    format!("sha256-{}", BASE64_STANDARD.encode(Sha256::digest(text)))
}

fn section_id(index: usize) -> String {
    format!("report-{index}")
}

fn block_id(section_id: &str, index: usize) -> String {
    format!("{section_id}-{index}")
}

/// Links to the reports, or to the headings of the only one.
fn contents(sections: &[Section]) -> String {
    let links: Vec<(String, &str)> = match sections {
        [only] => headings(only),
        all => (0..)
            .zip(all)
            .map(|(index, section)| (section_id(index), section.title.as_str()))
            .collect(),
    };
    if sections.len() == 1 && links.len() < CONTENTS_MIN {
        return String::new();
    }
    let items: Vec<String> = links
        .iter()
        .map(|(id, text)| format!("<li><a href=\"#{id}\">{}</a></li>\n", escape(text)))
        .collect();
    format!(
        "<nav aria-label=\"Contents\">\n<ul>\n{}</ul>\n</nav>\n",
        items.concat()
    )
}

fn headings(section: &Section) -> Vec<(String, &str)> {
    let blocks = section.document.blocks.iter().enumerate();
    let headings = blocks.filter_map(|(index, block)| match block {
        Block::Heading(text) => Some((block_id(&section_id(0), index), text.as_str())),
        _ => None,
    });
    headings.collect()
}

fn article(section: &Section, id: &str, level: usize) -> String {
    let title = escape(&section.title);
    let mut html = format!(
        "<article id=\"{id}\">\n<h{level}>{title}</h{level}>\n{}",
        facts(section)
    );
    let mut about = section.title.as_str();
    for (index, block) in section.document.blocks.iter().enumerate() {
        if let Block::Heading(text) = block {
            about = text;
        }
        html.push_str(&write_block(block, &block_id(id, index), level + 1, about));
    }
    html.push_str("</article>\n");
    html
}

/// What every report has, whatever it is about.
fn facts(section: &Section) -> String {
    let verdict = match section.verdict {
        Verdict::Pass => Cell::toned("pass", Tone::Good),
        Verdict::Fail => Cell::toned("fail", Tone::Bad),
        Verdict::Incomplete => Cell::toned("incomplete", Tone::Warning),
    };
    let inputs = section.inputs.iter().take(INPUTS_MAX);
    let mut inputs: Vec<String> = inputs
        .map(|input| format!("{} <code>{}</code>", escape(&input.kind), escape(&input.id)))
        .collect();
    let omitted = section.inputs.len() - inputs.len();
    if omitted > 0 {
        inputs.push(format!("{omitted} more"));
    }
    let facts = [
        ("Verdict", toned(&verdict)),
        ("Made", escape(&section.created_at)),
        ("From", inputs.join("<br>")),
        ("Report", format!("<code>{}</code>", escape(&section.id))),
    ];
    let facts: Vec<String> = facts
        .iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(name, text)| format!("<div><dt>{name}</dt><dd>{text}</dd></div>\n"))
        .collect();
    format!("<dl>\n{}</dl>\n", facts.concat())
}

fn write_block(block: &Block, id: &str, level: usize, about: &str) -> String {
    match block {
        Block::Heading(text) => format!("<h{level} id=\"{id}\">{}</h{level}>\n", escape(text)),
        Block::Paragraph(cell) => format!("<p>{}</p>\n", toned(cell)),
        Block::Table(table) => table::write(table, id, about),
        Block::Preformatted(text) => format!("<pre tabindex=\"0\">{}</pre>\n", escape(text)),
        Block::Figure(treemap) => treemap::write(treemap, id),
    }
}

/// A text with its meaning as a sign, a word for screen readers, and a colour.
fn toned(cell: &Cell) -> String {
    let (class, sign, word) = match cell.tone {
        Tone::Plain => return escape(&cell.text),
        Tone::Good => ("good", '✓', "good"),
        Tone::Warning => ("warning", '▲', "warning"),
        Tone::Bad => ("bad", '✗', "bad"),
    };
    let text = escape(&cell.text);
    format!(
        "<span class=\"{class}\"><span role=\"img\" aria-label=\"{word}\">{sign}</span> {text}</span>"
    )
}

#[cfg(test)]
mod tests;
