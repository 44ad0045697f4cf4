//! The subcommand `artifacts`.
