//! What stands in a report in the place of a secret.

/// What stands in a report instead of a value that must not be shown.
pub const REDACTED: &str = "<redacted>";
