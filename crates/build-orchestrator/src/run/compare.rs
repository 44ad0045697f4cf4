//! The subcommand `compare`.
