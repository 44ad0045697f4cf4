//! Tests of the real binaries that need no Engine.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something is not as it should be"
)]

mod aggregate; // Test results through the chain's last tool.
mod arguments; // Help, version, wrong usage.
mod artifacts; // Folders of artifacts.
mod bake; // Bake files, resolved as buildx would.
mod bake_faults; // What is wrong with bake files.
mod bake_library; // The functions of bake.
mod cache_ci; // Recommending where CI runs keep the cache.
mod cache_fix; // Patches as diffs and in place.
mod cache_parsing; // Dockerfiles that others parse or judge wrongly.
mod cache_predict; // What a change makes run again, without an Engine.
mod cache_prune; // Pruning without an Engine.
mod compare; // Comparing and predicting builds.
mod compose; // Compose files, resolved as compose would.
mod compose_faults; // What is wrong with compose files.
mod compose_files; // Several compose files: merged, extended, included.
mod compose_settings; // Every key of a build section.
mod compose_variables; // Interpolation and env files.
mod compose_world; // Shapes of compose files that projects have.
mod html; // Reports as pages for a browser.
mod layer_faults; // Image archives that are not whole, or lie.
mod layer_gates; // Limits that images have to keep.
mod layer_oracle; // Image archives as another program counts them.
mod layer_rules; // What should not ship in an image.
mod layer_sources; // Images in archives, layouts and streams.
mod layer_traps; // Image archives with traps, and the right numbers.
mod layer_views; // Comparing images, drawing their trees, listing their files.
mod plan; // What will be built, without an Engine.
mod reports; // Passing on, refusing, rendering, schemas.
mod streams; // Closed pipes, colour, quiet.
mod views; // Graphs, traces and metadata files.
