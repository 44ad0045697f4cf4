//! The same program as `layer-analyzer`, built here so that the tests can run it.

fn main() -> std::process::ExitCode {
    layer_analyzer::main()
}
