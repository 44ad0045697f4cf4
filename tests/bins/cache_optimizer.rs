//! The same program as `cache-optimizer`, built here so that the tests can run it.

fn main() -> std::process::ExitCode {
    cache_optimizer::main()
}
