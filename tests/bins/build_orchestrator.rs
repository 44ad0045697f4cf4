//! The same program as `build-orchestrator`, built here so that the tests can run it.

fn main() -> std::process::ExitCode {
    build_orchestrator::main()
}
