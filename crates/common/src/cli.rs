//! The arguments that mean the same in every tool.

use clap::builder::FalseyValueParser;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

use crate::env_vars;

/// How much the tool says, and how.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Terminal")]
pub struct TerminalArgs {
    /// Say nothing but errors on standard error
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    pub quiet: bool,

    /// Say more on standard error
    #[arg(long, short, global = true)]
    pub verbose: bool,

    /// How much to say, where neither `--quiet` nor `--verbose` does: error and warn are quiet, debug
    /// and trace verbose
    #[arg(
        long,
        global = true,
        value_name = "LEVEL",
        env = env_vars::LOG_LEVEL,
        value_parser = log_level,
        default_value = "info"
    )]
    pub log_level: LogLevel,

    /// The same as `--log-level debug`
    #[arg(
        long,
        global = true,
        env = env_vars::DEBUG_MODE,
        value_parser = FalseyValueParser::new()
    )]
    pub debug: bool,

    /// When to use colour; `NO_COLOR` switches `auto` off
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: ColorChoice,
}

/// How much to say on standard error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogLevel {
    /// Errors only.
    Quiet,
    /// What a person wants to know.
    #[default]
    Normal,
    /// Everything.
    Verbose,
}

/// A level as logging libraries call it. A variable that is set to nothing, as compose files leave
/// it, asks for the default.
fn log_level(text: &str) -> Result<LogLevel, String> {
    match text.to_ascii_lowercase().as_str() {
        "error" | "warn" | "warning" => Ok(LogLevel::Quiet),
        "" | "info" => Ok(LogLevel::Normal),
        "debug" | "trace" => Ok(LogLevel::Verbose),
        _ => Err("there are error, warn, info, debug and trace".to_owned()),
    }
}

/// When to use colour.
#[derive(ValueEnum, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ColorChoice {
    /// When the stream is a terminal and `NO_COLOR` is not set
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// Which reports are read.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Reports")]
pub struct InputArgs {
    /// Read reports from FILE (can be repeated; `-` is standard input)
    #[arg(long, value_name = "FILE")]
    pub input: Vec<PathBuf>,
}

/// How the report is written.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Reports")]
pub struct OutputArgs {
    /// How to write the report [default: table on a terminal, else json]
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<Format>,

    /// Write this tool's report only, not the reports that were read
    #[arg(long)]
    pub only: bool,
}

/// How a report is written.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Tables for people
    Table,
    /// JSON Lines for programs: the reports that were read, then this tool's
    Json,
    /// Markdown, as for a CI job's summary
    Markdown,
    /// One page for a browser, with pictures, that needs no other file
    Html,
    /// The findings alone as SARIF 2.1.0, a line for each report
    Sarif,
}

/// Which Engine is used.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Engine")]
pub struct EngineArgs {
    /// Talk to the Engine at URL: unix, tcp, or ssh [default: `DOCKER_HOST`, else docker's context]
    #[arg(long, short = 'H', value_name = "URL")]
    pub host: Option<String>,
}

/// Arguments of `render`, which shows a saved report as a fresh one.
#[derive(Args, Clone, Debug)]
pub struct RenderArgs {
    /// The files with reports; `-` is standard input [default: standard input]
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,

    /// How to write the reports [default: table on a terminal, else json]
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<Format>,
}
