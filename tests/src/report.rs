//! Reports as any other program sees them: as JSON, with the schemas that the tools print.

use serde_json::Value;

use crate::tool::Tool;

/// Parses JSON Lines.
#[track_caller]
pub fn parse_lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).expect("each line is JSON"))
        .collect()
}

/// The kind of a report, as its schema's name says: `build`, `layer`, `cache` or `test`.
#[track_caller]
pub fn kind(report: &Value) -> &str {
    let schema = report["schema"]
        .as_str()
        .expect("a report names its schema");
    schema
        .rsplit('/')
        .nth(1)
        .expect("a schema name ends in KIND/VERSION")
}

/// The JSON Schema that a report of this kind has to follow, from the tool that writes it.
#[track_caller]
pub fn schema(kind: &str) -> Value {
    let (tool, args) = match kind {
        "layer" | "difference" => ("layer-analyzer", format!("schema {kind}")),
        "cache" | "rebuild" | "verification" | "prune" | "cache-setup" => {
            ("cache-optimizer", format!("schema {kind}"))
        }
        "test" => ("test-aggregator", "schema".to_owned()),
        kind => ("build-orchestrator", format!("schema {kind}")),
    };
    let text = Tool::new(tool).args(&args).run().expect_exit(0);
    serde_json::from_str(&text).expect("a schema is JSON")
}

/// Asserts that a report follows its own schema.
#[track_caller]
pub fn assert_valid(report: &Value) {
    let validator = jsonschema::validator_for(&schema(kind(report))).expect("the schema is valid");
    let faults: Vec<String> = validator
        .iter_errors(report)
        .map(|fault| format!("{} at {}", fault, fault.instance_path()))
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
