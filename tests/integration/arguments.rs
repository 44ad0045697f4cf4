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
