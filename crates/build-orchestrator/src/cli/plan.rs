//! How to show what would be built.

use clap::{Args, ValueEnum};
use common::cli::{Format, InputArgs};

use super::project::ProjectArgs;
use super::what_if::WhatIfArgs;

#[derive(Args, Debug)]
pub(crate) struct PlanArgs {
    #[command(flatten)]
    pub(crate) project: ProjectArgs,

    #[command(flatten)]
    pub(crate) what_if: WhatIfArgs,

    #[command(flatten)]
    pub(crate) input: InputArgs,

    /// How to write the plan [default: table on a terminal, else json]
    #[arg(long, value_name = "FORMAT", help_heading = "Reports")]
    pub(crate) format: Option<PlanFormat>,

    /// Write this tool's report only, not the reports that were read
    #[arg(long, help_heading = "Reports")]
    pub(crate) only: bool,
}

#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PlanFormat {
    /// Tables for people
    Table,
    /// JSON Lines for programs: the reports that were read, then the plan
    Json,
    /// Markdown, as for a CI job's summary
    Markdown,
    /// One page for a browser, with pictures, that needs no other file
    Html,
    /// A graph of targets and stages for Graphviz
    Dot,
    /// The same for Mermaid, which code hosts show inside Markdown
    Mermaid,
    /// The findings alone as SARIF 2.1.0
    Sarif,
}

impl PlanFormat {
    /// The format that all reports have. `None` for graphs, which only plans have.
    pub(crate) fn common(self) -> Option<Format> {
        match self {
            Self::Table => Some(Format::Table),
            Self::Json => Some(Format::Json),
            Self::Markdown => Some(Format::Markdown),
            Self::Html => Some(Format::Html),
            Self::Sarif => Some(Format::Sarif),
            Self::Dot | Self::Mermaid => None,
        }
    }
}
