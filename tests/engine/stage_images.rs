//! Stages that a build keeps as images of their own, for files to be traced through them.

use serde_json::Value;
use std::io::{BufRead, BufReader, Read};
use tests::docker::docker;
use tests::project::{Made, target};
use tests::report::{assert_valid, parse_lines};

const DOCKERFILE: &str = "\
FROM scratch
COPY busybox own /bin/

FROM scratch AS deps
COPY --from=0 / /
RUN [\"/bin/busybox\", \"sh\", \"-c\", \"echo deps > /deps\"]

FROM deps AS other
COPY own /other

FROM scratch AS first
COPY --from=deps /deps /first

FROM deps AS second
COPY --from=deps /deps /second
";

const COMPOSE: &str = "\
services:
  first:
    image: NAME:first
    build: {context: ., target: first}
  second:
    image: NAME:second
    build: {context: ., target: second}
";

fn project(name: &str) -> Made {
    let files = [
        ("Dockerfile", DOCKERFILE),
        ("compose.yml", COMPOSE),
        ("own", "NAME"),
    ];
    Made::new(name, &files)
}

fn built(made: &Made, args: &str) -> Value {
    let args = format!("build --file compose.yml {args}");
    let report = parse_lines(&made.tool(&args).run().expect_exit(0)).remove(0);
    assert_valid(&report);
    report
}

/// The stages of a target that have an image, and the images.
fn stage_images(report: &Value, name: &str) -> Vec<(u64, String)> {
    let images = target(report, name)["stage_images"].as_array().unwrap();
    let image = |image: &Value| {
        let stage = image["stage"].as_u64().unwrap();
        (stage, image["image_id"].as_str().unwrap().to_owned())
    };
    images.iter().map(image).collect()
}

#[test]
fn a_stage_that_files_are_taken_from_is_an_image_without_a_name() {
    let made = project("stage-images");
    assert!(stage_images(&built(&made, ""), "first").is_empty());
    let report = built(&made, "--stage-images");
    let images = stage_images(&report, "first");
    // Both targets need the same two stages, so there are two images and not four.
    assert_eq!(stage_images(&report, "second"), images);
    let stages: Vec<u64> = images.iter().map(|(stage, _)| *stage).collect();
    assert_eq!(stages, [0, 1]);

    let inspect = |index: usize, format: &str| {
        let (_, id) = &images[index];
        docker(&["image", "inspect", "--format", format, id])
    };
    let label = r#"{{index .Config.Labels "build-orchestrator.stage"}}"#;
    assert_eq!(
        (inspect(0, label), inspect(1, label)),
        ("stage-0".to_owned(), "deps".to_owned())
    );
    assert_eq!(
        inspect(1, "{{len .RepoTags}} {{len .RootFS.Layers}}"),
        "0 2"
    );

    // Nothing of them is in what the report says of the build itself.
    let step_count = |name| target(&report, name)["steps"].as_array().unwrap().len();
    let again = built(&made, "");
    for name in ["first", "second"] {
        assert_eq!(
            step_count(name),
            target(&again, name)["steps"].as_array().unwrap().len()
        );
        assert_eq!(target(&report, name)["context"]["sent_bytes"], 0);
    }
    assert_eq!(
        report["data"]["totals"]["step_count"],
        again["data"]["totals"]["step_count"]
    );
    for (_, id) in &images {
        docker(&["rmi", id]);
    }
}

#[test]
fn a_stage_that_cannot_be_kept_is_a_warning() {
    let made = project("stage-images-warning");
    let wait = "RUN [\"/bin/busybox\", \"sleep\", \"3\"]\n";
    made.write(
        "Dockerfile",
        &DOCKERFILE.replace(
            "FROM deps AS second\n",
            &format!("FROM deps AS second\n{wait}"),
        ),
    );
    let args = "build --file compose.yml --progress plain --stage-images second";
    let mut build = made.tool(args).spawn();
    let mut lines = BufReader::new(build.stderr.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains("sleep")));
    fs_err::remove_file(made.path("Dockerfile")).unwrap();
    let rest: Vec<String> = lines.map(Result::unwrap).collect();
    let mut report = String::new();
    build
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut report)
        .unwrap();
    assert!(build.wait().unwrap().success());
    let report = parse_lines(&report).remove(0);
    assert_eq!(report["verdict"], "pass");
    assert!(stage_images(&report, "second").is_empty());
    let warning = "[second] WARNING stage `deps` is not kept as an image: ";
    assert!(rest.iter().any(|line| line.contains(warning)), "{rest:?}");
}
