//! Bytes of an image that are traced through its stages to the lines that made them.

use serde_json::{Value, json};
use tests::docker::docker;
use tests::project::Made;
use tests::report::{assert_valid, parse_lines};
use tests::tool::Tool;

const DOCKERFILE: &str = r#"FROM scratch AS deps
COPY busybox own /bin/
SHELL ["/bin/busybox", "sh", "-c"]
RUN /bin/busybox yes NAME | /bin/busybox head -c 3000000 > /lib.bin
RUN /bin/busybox yes mounted | /bin/busybox head -c 500000 > /mounted.bin

FROM scratch
WORKDIR /app
COPY --from=deps /bin /bin
COPY --from=deps /lib.bin lib/
SHELL ["/bin/busybox", "sh", "-c"]
RUN /bin/busybox yes made | \
    /bin/busybox head -c 1000000 > made.bin && \
    /bin/busybox chmod 600 lib/lib.bin && \
    /bin/busybox touch empty
RUN --mount=type=bind,from=deps,target=/deps \
    /bin/busybox cp /deps/mounted.bin mounted

FROM scratch AS app
COPY --from=1 /app /srv
COPY own /srv/own
"#;

/// Builds, and gives the report. Its stages' images are `deps` and that of the stage without a name.
fn built(made: &Made) -> (String, Value) {
    let args = "build --stage-images --file Dockerfile --tag NAME:app";
    let run = made.tool(&args.replace("NAME", made.name())).run();
    let text = run.expect_exit(0);
    let report = parse_lines(&text).remove(0);
    assert_valid(&report);
    (text, report)
}

fn stage_image(report: &Value, position: usize) -> String {
    let image = &report["data"]["targets"][0]["stage_images"][position];
    image["image_id"].as_str().unwrap().to_owned()
}

/// The parts of the only image, each with where it comes from, how large it is and how it came.
fn traced(report: &Value) -> Vec<Value> {
    let image = &report["data"]["images"][0];
    let traced = image["traced"].as_array().unwrap();
    let sum = |field: &str| {
        traced
            .iter()
            .map(|it| it[field].as_u64().unwrap())
            .sum::<u64>()
    };
    assert_eq!(image["live_bytes"], sum("size_bytes"));
    assert_eq!(image["file_count"], sum("file_count"));
    let lines = |locations: &Value| -> Vec<Value> {
        let locations = locations.as_array().unwrap().iter();
        locations.map(|location| location["line"].clone()).collect()
    };
    let row = |it: &Value| {
        json!([
            it["stage"],
            it["location"]["line"],
            it["size_bytes"],
            it["file_count"],
            it["largest_paths"],
            lines(&it["through"])
        ])
    };
    traced.iter().map(row).collect()
}

fn analyzed(made: &Made, builds: &str, args: &str) -> (Value, String) {
    let tool = Tool::new("layer-analyzer")
        .args("analyze --only")
        .args(args);
    let run = tool.current_dir(made.dir()).stdin(builds).run();
    let warnings = run.stderr.clone();
    let report = parse_lines(&run.expect_exit(0)).remove(0);
    assert_valid(&report);
    (report, warnings)
}

#[test]
fn bytes_come_from_the_lines_that_made_them() {
    let made = Made::new(
        "layer-trace",
        &[("Dockerfile", DOCKERFILE), ("own", "NAME")],
    );
    let (builds, build) = built(&made);
    let own_bytes = made.name().len();
    let context = json!(["app", 21, own_bytes, 1, ["srv/own"], []]);
    let copied = |size: u32, paths: &[&str]| json!(["app", 20, size, paths.len(), paths, []]);
    let all = [
        json!(["deps", 4, 3_000_000, 1, ["srv/lib/lib.bin"], [20, 10]]),
        json!(["stage-1", 12, 1_000_000, 1, ["srv/made.bin"], [20]]),
        json!(["deps", 5, 500_000, 1, ["srv/mounted"], [20, 16]]),
        context.clone(),
        copied(0, &["srv/empty"]),
    ];
    let (report, warnings) = analyzed(&made, &builds, "");
    assert_eq!((traced(&report), warnings), (all.to_vec(), String::new()));
    let layers = &report["data"]["images"][0]["layers"];
    assert_eq!(layers[0]["instruction"], "COPY --from=1 /app /srv");
    let archive = made.path("app.tar");
    let tag = format!("{}:app", made.name());
    docker(&["save", "--output", &archive.display().to_string(), &tag]);
    let (from_archive, _) = analyzed(&made, &builds, "app.tar");
    assert_eq!(traced(&from_archive), all);

    let shown = Tool::new("layer-analyzer").args("render --format table");
    let shown = shown.stdin(report.to_string()).run().expect_exit(0);
    let sentence = "\n3.00 MB of the final image come from deps's `RUN /bin/busybox yes ";
    assert!(shown.contains(sentence), "{shown}");

    // Without the image of `deps`, nothing is known of what lies before.
    docker(&["rmi", &stage_image(&build, 0)]);
    let (report, warnings) = analyzed(&made, &builds, "");
    let known = [
        json!(["stage-1", 10, 3_000_000, 1, ["srv/lib/lib.bin"], [20]]),
        json!(["stage-1", 12, 1_000_000, 1, ["srv/made.bin"], [20]]),
        json!(["stage-1", 16, 500_000, 1, ["srv/mounted"], [20]]),
        context,
        copied(0, &["srv/empty"]),
    ];
    assert_eq!(traced(&report), known);
    assert!(
        warnings.contains("can be traced to its stage `deps`: no image"),
        "{warnings}"
    );
    docker(&["rmi", &stage_image(&build, 1)]);
    let (report, _) = analyzed(&made, &builds, "");
    assert_eq!(report["data"]["images"][0]["traced"], json!([]));
}
