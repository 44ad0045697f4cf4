//! What a person and a CI log see while it builds.

use serde_json::Value;
use std::collections::HashMap;
use tests::project::Made;
use tests::report::parse_lines;
use tests::tool::Tool;

const LINE_COUNT: usize = 40;

/// Two targets whose steps print at the same time: forty lines, a moment apart.
fn noisy(name: &str) -> Made {
    let dockerfile = "FROM scratch\nARG WHO\nCOPY busybox own /bin/\nRUN [\"/bin/busybox\", \"sh\", \"-c\", \"for i in $(/bin/busybox seq 1 40); do echo $WHO line $i; /bin/busybox usleep 50000; done\"]\n";
    let compose = "services:\n  left:\n    image: NAME:left\n    build: {context: ., args: {WHO: left}}\n  right:\n    image: NAME:right\n    build: {context: ., args: {WHO: right}}\n";
    Made::new(
        name,
        &[
            ("Dockerfile", dockerfile),
            ("compose.yml", compose),
            ("own", "NAME"),
        ],
    )
}

#[test]
fn plain_lines_of_parallel_targets_come_in_blocks() {
    let made = noisy("plain");
    let run = made.tool("build --parallel 2 --progress plain").run();
    assert_eq!(run.exit, Some(0), "{run:?}");
    let mut headed = "";
    let mut next = HashMap::from([("left", 1), ("right", 1)]);
    let mut switch_count = 0;
    let mut last = "";
    for line in run.stderr.lines() {
        let Some((key, text)) = line.split_once(" | ") else {
            if line.starts_with('#') {
                headed = line;
            }
            continue;
        };
        assert!(
            headed.starts_with(&format!("{key} ")),
            "`{line}` below `{headed}`:\n{}",
            run.stderr
        );
        let who = text.split(' ').next().unwrap();
        assert!(key.starts_with(&format!("#{who} ")), "{line}");
        let number = next.get_mut(who).unwrap();
        assert_eq!(text, format!("{who} line {number}"));
        *number += 1;
        switch_count += usize::from(who != last);
        last = who;
    }
    let past_last = LINE_COUNT + 1;
    assert_eq!(
        next,
        HashMap::from([("left", past_last), ("right", past_last)]),
        "{}",
        run.stderr
    );
    // Both print for two seconds, in which the first keeps the output.
    assert_eq!(switch_count, 2, "{}", run.stderr);
}

#[test]
fn json_lines_are_events_as_the_schema_says() {
    let made = noisy("events");
    let run = made.tool("build --parallel 2 --progress json").run();
    assert_eq!(run.exit, Some(0), "{run:?}");
    let schema = Tool::new("build-orchestrator").args("schema events").run();
    let schema: Value = serde_json::from_str(&schema.expect_exit(0)).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let events = parse_lines(&run.stderr);
    for event in &events {
        let faults: Vec<String> = validator
            .iter_errors(event)
            .map(|f| f.to_string())
            .collect();
        assert!(faults.is_empty(), "{event}: {}", faults.join("\n"));
    }
    let times: Vec<u64> = events
        .iter()
        .map(|event| event["at_ms"].as_u64().unwrap())
        .collect();
    assert!(times.is_sorted(), "{times:?}");
    for who in ["left", "right"] {
        let own: Vec<&Value> = events.iter().filter(|e| e["target"] == who).collect();
        assert_eq!(own[0]["kind"], "target-started");
        assert_eq!(own.last().unwrap()["kind"], "target-finished");
        assert_eq!(own.last().unwrap()["status"], "built");
        let log = own.iter().find(|e| e["kind"] == "step-log").unwrap();
        let of_step: Vec<&str> = own
            .iter()
            .filter(|event| event["step"] == log["step"])
            .map(|event| event["kind"].as_str().unwrap())
            .collect();
        let mut expected = vec!["step-started"];
        expected.extend(["step-log"; LINE_COUNT]);
        expected.push("step-done");
        assert_eq!(of_step, expected);
    }
    // Whatever starts comes to an end.
    let count = |kinds: &[&str]| {
        let named = events
            .iter()
            .filter(|e| kinds.contains(&e["kind"].as_str().unwrap()));
        named.count()
    };
    assert_eq!(
        count(&["step-started"]),
        count(&["step-done", "step-failed", "step-given-up"])
    );
}

#[test]
fn quiet_says_nothing_but_errors() {
    let made = noisy("quiet");
    for args in ["--progress quiet", "--quiet"] {
        let run = made.tool(&format!("build left {args}")).run();
        assert_eq!(run.stderr, "");
        assert_eq!(parse_lines(&run.expect_exit(0)).len(), 1);
    }
    made.write("Dockerfile", "FROM scratch\nCOPY busybox nothing /\n");
    let run = made.tool("build left --progress quiet").run();
    assert_eq!(run.stderr, "");
    assert_eq!(parse_lines(&run.expect_exit(1))[0]["verdict"], "fail");
}
