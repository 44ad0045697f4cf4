//! Reports what is in every layer of an image, what is wasted, and which instruction made it.

mod analysis;
mod cli;
mod input;
mod model;
mod render;
mod report;
mod run;

use std::process::ExitCode;

/// Runs the tool on this process's arguments and streams.
pub fn main() -> ExitCode {
    common::app::run::<cli::Cli>(run::run)
}

/// The door of the fuzz target: reads any bytes as an image archive, and as a layer that an image
/// has twice.
#[cfg(fuzzing)]
pub fn fuzz(bytes: &[u8]) {
    use input::layer_tar::Depth;

    let options = input::source::ImageOptions::default();
    let _ = input::source::read_archive_stream(bytes, "the input", &options);
    let budget = input::limits::Budget::default();
    let reading = input::blobs::Reading {
        depth: Depth::Content,
        budget: &budget,
    };
    let bytes = input::bytes::Stream(bytes);
    if let Ok(layer) = input::layer::read_layer(bytes, reading) {
        let layer = std::sync::Arc::new(layer.into_layer(String::new(), 0));
        let layers = [layer.clone(), layer];
        let stack = analysis::stack::stack(&layers, 3);
        analysis::waste::waste(&stack.tree, layers.len(), 3);
    }
}
