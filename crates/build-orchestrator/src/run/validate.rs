//! The subcommand `validate`.
