//! The same program as `test-aggregator`, built here so that the tests can run it.

fn main() -> std::process::ExitCode {
    test_aggregator::main()
}
