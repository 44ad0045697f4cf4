//! What to watch, and which containers get the new images.

use clap::{ArgAction, Args};

use super::build::BuildArgs;

#[derive(Args, Debug)]
pub(crate) struct WatchArgs {
    #[command(flatten)]
    pub(crate) build: BuildArgs,

    /// Replace a container by one of the same configuration when its image was rebuilt (can be
    /// repeated)
    #[arg(long, value_name = "CONTAINER", help_heading = "Watch")]
    pub(crate) recreate: Vec<String>,

    /// Look at all files every second instead of waiting to be told, for network folders
    #[arg(long, help_heading = "Watch")]
    pub(crate) poll: bool,

    /// Whether to go on after the first build
    #[arg(
        long,
        value_name = "BOOL",
        env = "HOT_RELOAD",
        default_value = "true",
        action = ArgAction::Set,
        value_parser = hot_reload,
        help_heading = "Watch"
    )]
    pub(crate) hot_reload: bool,
}

/// An environment variable that is set to nothing asks for the default.
fn hot_reload(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "" | "true" | "1" | "yes" | "on" => Ok(true),
        "false" | "0" | "no" | "off" => Ok(false),
        _ => Err("there are true and false".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hot_reload_is_on_unless_it_is_switched_off() {
        assert_eq!(hot_reload(""), Ok(true));
        assert_eq!(hot_reload("True"), Ok(true));
        assert_eq!(hot_reload("false"), Ok(false));
        assert_eq!(hot_reload("0"), Ok(false));
        assert!(hot_reload("maybe").is_err());
    }
}
