//! `validate` on images that are as they should be, and on one that is not.

use std::process::Command;
use tests::chain;
use tests::docker::{Example, docker};
use tests::report::{assert_valid, kind, parse_lines};
use tests::tool::Tool;

/// The containers that are left of an image.
fn containers(tag: &str) -> String {
    docker(&[
        "ps",
        "--all",
        "--quiet",
        "--filter",
        &format!("ancestor={tag}"),
    ])
}

#[test]
fn a_contract_is_held_by_the_images_of_a_build() {
    let example = Example::new("contract");
    let contract = example.path("contract.yml");
    let text = "\
stages:
  runtime:
    user: non-root
    package-manager: forbidden
    healthcheck: required
    ports: [8080]
    shell: forbidden
";
    fs_err::write(&contract, text).unwrap();
    let built = chain::build(&example, "glossary").expect_exit(0);
    let finished = Tool::new("build-orchestrator")
        .args("validate --contract")
        .arg(&contract)
        .stdin(built.clone())
        .run();
    let written = finished.expect_exit(1);
    assert!(written.starts_with(&built));
    let reports = parse_lines(&written);
    assert_eq!(
        reports.iter().map(kind).collect::<Vec<_>>(),
        ["build", "validation"]
    );
    let report = &reports[1];
    assert_valid(report);
    let image = &report["data"]["images"][0];
    assert_eq!(image["start"]["state"], "healthy");
    assert_eq!(image["contracts"][0], "stages.runtime");
    // busybox is the server of the pages, and a shell too.
    let findings = report["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert_eq!(findings[0]["rule"], "shell-presence");
    assert_eq!(findings[0]["subject"], "glossary");
    assert_eq!(containers(&example.tag("glossary")), "");
}

#[test]
fn an_image_that_ends_badly_fails_with_what_it_printed() {
    let example = Example::new("ends-badly");
    let from = "CMD [\"sh\", \"scripts/develop.sh\"]";
    let to = "CMD [\"sh\", \"-c\", \"echo no such table >&2; exit 3\"]";
    example.edit("Dockerfile", from, to);
    chain::build(&example, "glossary-development").expect_exit(0);
    let tag = example.tag("glossary-development");
    let validate = format!("validate --only {tag}");
    let report = Tool::new("build-orchestrator").args(&validate).run();
    let report = &parse_lines(&report.expect_exit(1))[0];
    let finding = &report["findings"][0];
    assert_eq!(finding["rule"], "start-failed");
    let message = finding["message"].as_str().unwrap();
    assert!(
        message.ends_with("with exit code 3; its last line is `no such table`"),
        "{message}"
    );
    assert_eq!(report["data"]["images"][0]["start"]["exit_code"], 3);
    let without = Tool::new("build-orchestrator")
        .args(&validate)
        .args("--no-start");
    without.run().expect_exit(0);
    assert_eq!(containers(&tag), "");
}

#[test]
fn an_interrupted_validation_leaves_no_container() {
    let example = Example::new("interrupted-validation");
    example.edit(
        "Dockerfile",
        "EXPOSE 8080\nHEALTHCHECK --interval=10s --timeout=2s \\\n    CMD [\"/bin/busybox\", \"wget\", \"-q\", \"-O\", \"/dev/null\", \"http://127.0.0.1:8080/health\"]",
        "HEALTHCHECK CMD [\"/bin/busybox\", \"false\"]",
    );
    chain::build(&example, "glossary").expect_exit(0);
    let tag = example.tag("glossary");
    let child = Tool::new("build-orchestrator")
        .args("validate --only")
        .arg(&tag)
        .spawn();
    while docker(&["ps", "--quiet", "--filter", &format!("ancestor={tag}")]).is_empty() {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let kill = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(kill.unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    let report = &parse_lines(&String::from_utf8(output.stdout).unwrap())[0];
    assert_eq!(report["verdict"], "incomplete");
    assert_eq!(containers(&tag), "");
}
