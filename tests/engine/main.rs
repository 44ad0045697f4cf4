//! Tests against a real Docker Engine. They fail when none answers: `scripts/engine.sh` starts one.

mod break_it; // A broken Dockerfile, an interrupted build, no Engine.
mod demo; // scripts/demo.sh, as a user runs it.
mod pipeline; // The chain on the example: reports, digests, cache hits, an explained miss.
