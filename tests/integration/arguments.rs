//! Help, version and wrong usage.

use tests::tool::{TOOLS, Tool};

#[test]
fn every_tool_says_its_name_and_version() {
    for tool in TOOLS {
        let stdout = Tool::new(tool).args("--version").run().expect_exit(0);
        assert_eq!(stdout, format!("{tool} {}\n", env!("CARGO_PKG_VERSION")));
    }
}

#[test]
fn help_names_the_tool_as_the_user_typed_it() {
    for tool in TOOLS {
        let help = Tool::new(tool).args("--help").run().expect_exit(0);
        assert!(help.contains(&format!("Usage: {tool} ")), "{help}");
        for command in ["render", "schema"] {
            assert!(help.contains(command), "{tool} {command}: {help}");
        }
    }
}

#[test]
fn a_wrong_argument_is_a_usage_error_and_writes_no_report() {
    for tool in TOOLS {
        let finished = Tool::new(tool).args("--no-such-flag").run();
        assert!(
            finished.stderr.contains("--no-such-flag"),
            "{}",
            finished.stderr
        );
        assert_eq!(finished.expect_exit(2), "");
    }
}

#[test]
fn nothing_to_do_is_a_usage_error_that_says_what_to_give() {
    for (tool, args) in [
        ("layer-analyzer", "analyze"),
        ("cache-optimizer", "analyze"),
        ("test-aggregator", "aggregate"),
    ] {
        let finished = Tool::new(tool).args(args).run();
        assert!(!finished.stderr.is_empty());
        assert_eq!(finished.expect_exit(2), "", "{tool}");
    }
}

#[test]
fn a_pinned_time_that_is_none_is_refused() {
    let finished = Tool::new("build-orchestrator")
        .args("plan --file examples/glossary/compose.yml")
        .env("SOURCE_DATE_EPOCH", "yesterday")
        .run();
    assert!(
        finished.stderr.contains("`yesterday`"),
        "{}",
        finished.stderr
    );
    assert_eq!(finished.expect_exit(2), "");
}

#[test]
fn the_environment_says_how_much_to_say() {
    let stderr = |variables: &[(&str, &str)], args: &str| {
        let mut tool =
            Tool::new("cache-optimizer").args("render tests/fixtures/reports/v1/cache.json");
        for (name, value) in variables {
            tool = tool.env(name, value);
        }
        let finished = tool.args(args).run();
        let stderr = finished.stderr.clone();
        finished.expect_exit(0);
        stderr
    };
    let says_more = "reports read: cache";
    assert!(!stderr(&[], "").contains(says_more));
    assert!(!stderr(&[("LOG_LEVEL", ""), ("DEBUG_MODE", "false")], "").contains(says_more));
    assert!(stderr(&[("LOG_LEVEL", "DEBUG")], "").contains(says_more));
    assert!(stderr(&[("DEBUG_MODE", "true"), ("LOG_LEVEL", "error")], "").contains(says_more));
    assert!(!stderr(&[("DEBUG_MODE", "true")], "--quiet").contains(says_more));
}

#[test]
fn a_level_that_is_none_is_refused_with_those_that_there_are() {
    let finished = Tool::new("layer-analyzer")
        .args("schema")
        .env("LOG_LEVEL", "loud")
        .run();
    assert!(
        finished
            .stderr
            .contains("there are error, warn, info, debug and trace"),
        "{}",
        finished.stderr
    );
    assert_eq!(finished.expect_exit(2), "");
}

#[test]
fn nothing_is_pushed_before_it_is_validated() {
    let finished = Tool::new("build-orchestrator")
        .args("build --push --file examples/glossary/compose.yml glossary")
        .env("BUILD_VALIDATION", "true")
        .run();
    assert!(
        finished.stderr.contains("pushed before `--validate`"),
        "{}",
        finished.stderr
    );
    assert_eq!(finished.expect_exit(2), "");
}
