//! The whole chain on a copy of the example.

use serde_json::Value;
use tests::chain;
use tests::docker::{Example, docker};
use tests::report::{assert_valid, kind, parse_lines};

fn target<'a>(report: &'a Value, name: &str) -> &'a Value {
    let targets = report["data"]["targets"].as_array().unwrap();
    targets
        .iter()
        .find(|target| target["plan"]["name"] == name)
        .unwrap()
}

fn instruction_steps(target: &Value) -> Vec<&Value> {
    let steps = target["steps"].as_array().unwrap();
    steps
        .iter()
        .filter(|step| step["kind"] == "instruction")
        .collect()
}

#[test]
fn one_stream_carries_the_reports_of_all_four_tools() {
    let example = Example::new("chain");
    let results = example.path("results");
    fs_err::create_dir(&results).unwrap();
    let junit = r#"<testsuite name="s"><testcase name="a"/><testcase name="b"/></testsuite>"#;
    fs_err::write(results.join("junit.xml"), junit).unwrap();

    let built = chain::build(&example, "").expect_exit(0);
    let layered = chain::next("layer-analyzer", "analyze", &built).expect_exit(0);
    let cached = chain::next("cache-optimizer", "analyze", &layered).expect_exit(0);
    let aggregate = format!("aggregate {}", results.display());
    let tested = chain::next("test-aggregator", &aggregate, &cached).expect_exit(0);

    assert!(tested.starts_with(&cached) && cached.starts_with(&layered));
    let reports = parse_lines(&tested);
    assert_eq!(
        reports.iter().map(kind).collect::<Vec<_>>(),
        ["build", "layer", "cache", "test"]
    );
    reports.iter().for_each(assert_valid);
    let last_inputs = reports[3]["inputs"].as_array().unwrap();
    for earlier in &reports[..3] {
        assert!(last_inputs.iter().any(|input| input["id"] == earlier["id"]));
    }
    assert_eq!(reports[3]["data"]["totals"]["case_count"], 2);
}

#[test]
fn the_image_in_the_report_is_the_one_that_the_engine_has_under_the_tag() {
    let example = Example::new("digest");
    let built = chain::build(&example, "").expect_exit(0);
    let report = &parse_lines(&built)[0];
    for service in ["glossary", "glossary-development", "glossary-test"] {
        let image = &target(report, service)["image"];
        let tag = example.tag(service);
        assert_eq!(
            image["id"],
            docker(&["inspect", "--format", "{{.Id}}", &tag])
        );
        let size = docker(&["inspect", "--format", "{{.Size}}", &tag]);
        assert_eq!(image["size_bytes"].to_string(), size);
        assert_eq!(
            image["platform"],
            docker(&["inspect", "--format", "{{.Os}}/{{.Architecture}}", &tag])
        );
    }

    let layered = chain::next("layer-analyzer", "analyze --only", &built).expect_exit(0);
    let images = parse_lines(&layered)[0]["data"]["images"].clone();
    let runtime = images
        .as_array()
        .unwrap()
        .iter()
        .find(|i| i["target"] == "glossary")
        .unwrap();
    let tag = example.tag("glossary");
    let diff_ids = docker(&["inspect", "--format", "{{join .RootFS.Layers \" \"}}", &tag]);
    let layers = runtime["layers"].as_array().unwrap();
    let reported: Vec<&str> = layers
        .iter()
        .map(|l| l["diff_id"].as_str().unwrap())
        .collect();
    assert_eq!(reported.join(" "), diff_ids);
}

#[test]
fn every_step_is_at_its_line_and_the_second_build_takes_them_from_the_cache() {
    let example = Example::new("cache");
    let cold = chain::build(&example, "--no-cache glossary").expect_exit(0);
    let cold = &parse_lines(&cold)[0];
    let dockerfile = fs_err::read_to_string(example.path("Dockerfile")).unwrap();
    let lines: Vec<&str> = dockerfile.lines().collect();
    let steps = instruction_steps(target(cold, "glossary"));
    // base-scratch 1, base 2, deps 5, builder 4, runtime 2: counted in the Dockerfile by hand.
    assert_eq!(steps.len(), 14);
    for step in &steps {
        let line: usize = step["location"]["line"].to_string().parse().unwrap();
        let keyword = step["name"].as_str().unwrap().split(' ').next().unwrap();
        assert!(lines[line - 1].starts_with(keyword), "{step}");
        assert_eq!(step["cached"], false, "{step}");
    }

    let warm = chain::build(&example, "glossary").expect_exit(0);
    let warm = &parse_lines(&warm)[0];
    for step in instruction_steps(target(warm, "glossary")) {
        assert_eq!(step["cached"], true, "{step}");
    }
    assert_eq!(warm["data"]["totals"]["cached_count"], 14);
    assert_eq!(
        target(warm, "glossary")["image"]["id"],
        target(cold, "glossary")["image"]["id"]
    );
}

#[test]
fn an_edited_file_is_named_as_the_cause_of_each_step_that_ran_again() {
    let example = Example::new("miss");
    let before = chain::build(&example, "glossary").expect_exit(0);
    let baseline = example.path("before.jsonl");
    fs_err::write(&baseline, before).unwrap();
    // A line that no other run wrote: `COPY --from` is cached by content.
    example.append("terms/stage.txt", example.version());
    let after = chain::build(&example, "glossary").expect_exit(0);

    let analyze = format!("analyze --only --baseline {}", baseline.display());
    let cache = chain::next("cache-optimizer", &analyze, &after).expect_exit(0);
    let cache = &parse_lines(&cache)[0];
    let cause = |name: &str| {
        let misses = cache["data"]["misses"].as_array().unwrap();
        let miss = misses.iter().find(|miss| miss["name"] == name);
        miss.unwrap_or_else(|| panic!("{name} missed")).clone()
    };
    let copy = cause("COPY terms/ terms/");
    let changed = serde_json::json!([{ "path": "terms/stage.txt", "change": "content" }]);
    assert_eq!(copy["cause"]["kind"], "files-changed");
    assert_eq!(copy["cause"]["changes"], changed);
    let run = cause("RUN sh scripts/build.sh /site");
    assert_eq!(run["cause"]["kind"], "dependency-ran");
    assert_eq!(run["cause"]["step"], copy["step"]);
    assert!(
        cache["data"]["misses"].as_array().unwrap().len() >= 3,
        "COPY --from=builder ran too"
    );
}

#[test]
fn an_unchanged_context_is_not_sent_again() {
    let example = Example::new("context");
    let first = chain::build(&example, "glossary").expect_exit(0);
    let first_sent = parse_lines(&first)[0]["data"]["totals"]["sent_bytes"]
        .as_u64()
        .unwrap();
    let busybox = fs_err::metadata(example.path("rootfs/bin/busybox"))
        .unwrap()
        .len();
    assert!(
        first_sent >= busybox,
        "{first_sent} bytes were sent, busybox alone has {busybox}"
    );
    let second = chain::build(&example, "glossary").expect_exit(0);
    let second_sent = parse_lines(&second)[0]["data"]["totals"]["sent_bytes"]
        .as_u64()
        .unwrap();
    // The Dockerfile and its ignore file are read each time.
    assert!(
        second_sent < busybox / 10,
        "{second_sent} bytes were sent again"
    );
}
