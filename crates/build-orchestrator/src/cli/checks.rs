//! What `build` checks beside building.

use clap::Args;
use clap::builder::FalseyValueParser;

use super::validate::CheckArgs;

#[derive(Args, Debug)]
pub(crate) struct BuildChecksArgs {
    /// Validate the images after a build that succeeded; the validation's report follows the build's
    #[arg(long, env = "BUILD_VALIDATION", value_parser = FalseyValueParser::new(), help_heading = "Checks")]
    pub(crate) validate: bool,

    /// Give advice on the layers of the stages that become images
    #[arg(long, env = "OPTIMIZE_LAYERS", value_parser = FalseyValueParser::new(), help_heading = "Checks")]
    pub(crate) optimize_layers: bool,

    #[command(flatten)]
    pub(crate) checks: CheckArgs,
}
