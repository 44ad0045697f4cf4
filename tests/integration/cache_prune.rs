//! `cache-optimizer prune` without an Engine: what it refuses, and how.

use tests::tool::Tool;

fn prune(args: &str) -> Tool {
    let tool = Tool::new("cache-optimizer").args("prune");
    tool.args(args)
        .env("DOCKER_HOST", "unix:///nonexistent/docker.sock")
}

#[test]
fn an_engine_that_does_not_answer_is_an_exit_of_its_own() {
    let finished = prune("--keep-bytes 1GB").run();
    let named = finished.stderr.contains("/nonexistent/docker.sock");
    assert!(named, "{}", finished.stderr);
    assert_eq!(finished.expect_exit(3), "");
}

#[test]
fn what_is_no_size_age_or_strategy_is_refused_with_an_example() {
    for (args, example) in [
        ("--keep-bytes much", "500MB"),
        ("--min-free 101%", "0% to 100%"),
        ("--keep-newer-than yesterday", "7d"),
        ("--strategy best", "value and lru"),
    ] {
        let finished = prune(args).run();
        assert!(
            finished.stderr.contains(example),
            "{args}: {}",
            finished.stderr
        );
        assert_eq!(finished.expect_exit(2), "", "{args}");
    }
}

#[test]
fn a_strategy_of_the_environment_is_checked_too() {
    let finished = prune("").env("CACHE_STRATEGY", "inline").run();
    assert!(
        finished.stderr.contains("value and lru"),
        "{}",
        finished.stderr
    );
    finished.expect_exit(2);
}
