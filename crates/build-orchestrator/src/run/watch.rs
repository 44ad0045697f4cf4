//! The subcommand `watch`.
