//! Tests of the real binaries that need no Engine.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something is not as it should be"
)]

mod aggregate; // Test results through the chain's last tool.
mod arguments; // Help, version, wrong usage.
mod plan; // What will be built, without an Engine.
mod reports; // Passing on, refusing, rendering, schemas.
mod streams; // Closed pipes, colour, quiet.
