//! Tests against a real Docker Engine. They fail when none answers: `scripts/engine.sh` starts one.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something is not as it should be"
)]

mod break_it; // A broken Dockerfile, an interrupted build, no Engine.
mod demo; // scripts/demo.sh, as a user runs it.
mod explain; // Why steps ran, and which should have.
mod failures; // Failing siblings, retries, time limits, an Engine that goes away.
mod fixes; // Dockerfiles that are mended, and built before and after.
mod fixes_context; // Ignore files and copies that are mended.
mod fixes_dependencies; // Manifests before sources.
mod fixes_languages; // Dependencies of compiled languages in a layer of their own.
mod fixes_mounts; // Mounts that are added and mended, and what they keep.
mod fixes_order; // Instructions in a wrong order, mended.
mod inputs; // What of its inputs a step records.
mod layer_diff; // Comparing two builds of the same source.
mod layer_registry; // Images of a registry, and the same image from every source.
mod layer_trace; // Bytes traced through stages.
mod monitor; // Following containers.
mod names; // Images that builds start from, and names that last as long as a build.
mod outputs; // Files, archives and images that a build writes.
mod pipeline; // The chain on the example: reports, digests, cache hits, an explained miss.
mod predict; // What a change makes run again, against what really ran.
mod progress; // What a person and a CI log see while it builds.
mod prune; // Pruning the build cache of an Engine of its own.
mod registry; // Pushing, pulling with credentials, caches in a registry.
mod session; // Secrets, ssh agents, named contexts, contexts that are sent once.
mod settings; // How steps run: network, hosts, which stages run again, inline caches.
mod stage_images; // Stages that a build keeps as images.
mod terminal; // The live display and tables of a person at a terminal.
mod transports; // TCP, TLS, docker contexts, ssh.
mod validate; // Checks of built images.
mod verify; // Patches proven by building before and after.
mod watch; // Rebuilding when files change.
