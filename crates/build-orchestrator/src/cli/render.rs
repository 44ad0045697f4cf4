//! How to show saved reports.

use clap::{Args, ValueEnum};
use common::cli::Format;
use std::path::PathBuf;

#[derive(Args, Debug)]
pub(crate) struct RenderArgs {
    /// The files with reports; `-` is standard input [default: standard input]
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,

    /// How to write the reports [default: table on a terminal, else json]
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<RenderFormat>,
}

/// How saved reports are written.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RenderFormat {
    /// Tables for people
    Table,
    /// JSON Lines for programs
    Json,
    /// Markdown, as for a CI job's summary
    Markdown,
    /// One page for a browser, with pictures, that needs no other file
    Html,
    /// The findings alone as SARIF 2.1.0, a line for each report
    Sarif,
    /// A graph of targets and stages for Graphviz, of a plan or build
    Dot,
    /// The same for Mermaid, which code hosts show inside Markdown
    Mermaid,
    /// A trace for <https://ui.perfetto.dev> or Chrome, of a build
    Trace,
}

/// How a report is written, by what can be written so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rendering {
    /// Any report. `None` leaves the format to whoever reads.
    Report(Option<Format>),
    /// A plan, or what a build planned.
    Graph(Graph),
    /// A build.
    Trace,
}

/// The languages of graphs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Graph {
    Dot,
    Mermaid,
}

impl RenderArgs {
    /// What was asked for.
    pub(crate) fn rendering(&self) -> Rendering {
        let Some(format) = self.format else {
            return Rendering::Report(None);
        };
        match format {
            RenderFormat::Table => Rendering::Report(Some(Format::Table)),
            RenderFormat::Json => Rendering::Report(Some(Format::Json)),
            RenderFormat::Markdown => Rendering::Report(Some(Format::Markdown)),
            RenderFormat::Html => Rendering::Report(Some(Format::Html)),
            RenderFormat::Sarif => Rendering::Report(Some(Format::Sarif)),
            RenderFormat::Dot => Rendering::Graph(Graph::Dot),
            RenderFormat::Mermaid => Rendering::Graph(Graph::Mermaid),
            RenderFormat::Trace => Rendering::Trace,
        }
    }
}
