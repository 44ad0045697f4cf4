//! Tests against a real Docker Engine. They fail when none answers: `scripts/engine.sh` starts one.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something is not as it should be"
)]

mod break_it; // A broken Dockerfile, an interrupted build, no Engine.
mod demo; // scripts/demo.sh, as a user runs it.
mod pipeline; // The chain on the example: reports, digests, cache hits, an explained miss.
mod terminal; // The live display and tables of a person at a terminal.
mod transports; // TCP, TLS, docker contexts, ssh.
