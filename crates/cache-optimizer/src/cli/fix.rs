//! Which patches are applied, and where to.

use clap::{Args, ValueEnum};
use common::cli::InputArgs;
use std::path::PathBuf;

#[derive(Args, Debug)]
pub(crate) struct FixArgs {
    /// Dockerfiles to mend, beside those of a build report if there is one
    #[arg(value_name = "DOCKERFILE")]
    pub(crate) dockerfiles: Vec<PathBuf>,

    /// The build context of the Dockerfiles [default: the folder of each]
    #[arg(long, value_name = "DIR", requires = "dockerfiles")]
    pub(crate) context: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) patches: PatchArgs,

    /// Change the files, instead of printing the change as a diff
    #[arg(long)]
    pub(crate) write: bool,

    #[command(flatten)]
    pub(crate) input: InputArgs,
}

/// Which of the patches that rules offer are meant.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Patches")]
pub(crate) struct PatchArgs {
    /// Only patches of the rule ID (can be repeated) [default: all rules]
    #[arg(long, value_name = "ID")]
    pub(crate) rule: Vec<String>,

    /// Only patches of findings in LINE (can be repeated) [default: all lines]
    #[arg(long, value_name = "LINE")]
    pub(crate) line: Vec<u32>,

    /// Only patches that are at least so sure to be safe
    #[arg(long, value_name = "LEVEL", value_enum, default_value = "likely")]
    pub(crate) confidence: ConfidenceArg,
}

/// How sure a patch is.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ConfidenceArg {
    /// It follows from what the builder documents, or was measured
    Certain,
    /// It holds for projects that keep to their tools' conventions
    Likely,
    /// It depends on what is not known here
    Possible,
}
