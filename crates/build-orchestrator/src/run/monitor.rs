//! The subcommand `monitor`.
