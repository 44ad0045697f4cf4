//! Tests of the real binaries that need no Engine.

mod aggregate; // Test results through the chain's last tool.
mod arguments; // Help, version, wrong usage.
mod plan; // What will be built, without an Engine.
mod reports; // Passing on, refusing, rendering, schemas.
mod streams; // Closed pipes, colour, quiet.
