//! Dockerfiles that hadolint or BuildKit's own checks parse or judge wrongly, parsed and judged right.
//!
//! Each case is one of research/cache.md section 7, whose numbers the tests have.

use serde_json::Value;
use std::path::Path;
use tests::report::{assert_valid, parse_lines};
use tests::tool::Tool;

/// A folder with a Dockerfile and other files.
fn project(dockerfile: &str, files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (path, text) in files.iter().chain(&[("Dockerfile", dockerfile)]) {
        let path = dir.path().join(path);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, text).unwrap();
    }
    dir
}

fn report(tool: &str, args: &str, dir: &Path) -> Value {
    let finished = Tool::new(tool).args(args).current_dir(dir).run();
    assert_eq!(finished.exit, Some(0), "{}", finished.stderr);
    let report = parse_lines(&finished.expect_exit(0)).remove(0);
    assert_valid(&report);
    report
}

/// The rule and line of each finding in a folder's Dockerfile.
fn found_in(dir: &Path) -> Vec<(String, u64)> {
    let report = report("cache-optimizer", "analyze Dockerfile", dir);
    let findings = report["findings"].as_array().unwrap().iter();
    findings
        // That a mount could be added holds for every install, and is no wrong advice.
        .filter(|finding| finding["rule"] != "missing-cache-mount")
        .map(|finding| {
            let rule = finding["rule"].as_str().unwrap().to_owned();
            (rule, finding["location"]["line"].as_u64().unwrap())
        })
        .collect()
}

/// Those in a Dockerfile of which nothing else is known.
fn found(dockerfile: &str) -> Vec<(String, u64)> {
    found_in(project(dockerfile, &[]).path())
}

fn rules(dockerfile: &str) -> Vec<String> {
    found(dockerfile)
        .into_iter()
        .map(|(rule, _)| rule)
        .collect()
}

/// The stages of the plan for a Dockerfile, each instruction as `LINE-END KEYWORD`.
fn planned(dockerfile: &str, args: &str) -> Vec<Vec<String>> {
    let dir = project(dockerfile, &[]);
    let args = format!("plan --file Dockerfile {args}");
    let report = report("build-orchestrator", &args, dir.path());
    let stages = report["data"]["targets"][0]["stages"].as_array().unwrap();
    let instruction = |instruction: &Value| {
        let keyword = instruction["keyword"].as_str().unwrap();
        format!(
            "{}-{} {keyword}",
            instruction["line"], instruction["end_line"]
        )
    };
    let instructions = |stage: &Value| {
        let instructions = stage["instructions"].as_array().unwrap();
        instructions.iter().map(instruction).collect()
    };
    stages.iter().map(instructions).collect()
}

#[test]
fn an_instruction_or_comment_right_after_a_here_document_is_one_of_its_own() {
    // 1
    let text =
        "FROM a:1\nRUN <<EOF\ntrue\nEOF\nUSER b\nCOPY <<A <<B /c/\n1\nA\n2\nB\n# comment\nCMD d\n";
    let expected = ["2-4 RUN", "5-5 USER", "6-10 COPY", "12-12 CMD"];
    assert_eq!(planned(text, ""), [expected]);
    assert_eq!(found(text), []);
}

#[test]
fn a_mount_without_a_target_is_one_of_the_working_directory() {
    // 2
    let text = "FROM scratch AS binaries\nFROM a:1\nWORKDIR /b\nRUN --mount=from=binaries cp c /d\n\
                RUN --mount=type=bind cp e /f\n";
    let stages = planned(text, "");
    assert_eq!(
        stages[stages.len() - 1],
        ["3-3 WORKDIR", "4-4 RUN", "5-5 RUN"]
    );
    assert_eq!(found(text), []);
}

#[test]
fn a_delimiter_may_be_quoted_by_a_backslash() {
    // 3
    let text = "FROM a:1\nRUN <<-\\EOT\n\techo $a\n\tEOT\nUSER b\n";
    assert_eq!(planned(text, ""), [["2-4 RUN", "5-5 USER"]]);
    assert_eq!(found(text), []);
}

#[test]
fn a_script_for_another_shell_is_a_script() {
    // 4
    let text = "FROM a:1\nCOPY . .\nRUN <<EOF bash\nset -o pipefail\nnpm ci\nEOF\n";
    assert_eq!(planned(text, ""), [["2-2 COPY", "3-6 RUN"]]);
    assert!(rules(text).contains(&"copy-before-install".to_owned()));
}

#[test]
fn what_a_cache_mount_holds_needs_no_cleanup() {
    // 5
    for folder in ["/var/cache/dnf", "/var/cache/yum", "/var/cache/libdnf5"] {
        let text = format!("FROM a:1\nRUN --mount=type=cache,target={folder} dnf install -y git\n");
        assert_eq!(found(&text), [], "{folder}");
    }
}

#[test]
fn versions_of_packages_are_the_users_own_choice() {
    // 6
    let text = "FROM a:1\nRUN buildDeps='gcc=4:10.2.1-1' && apt-get update && apt-get install -y $buildDeps\n";
    assert_eq!(found(text), []);
}

#[test]
fn a_stage_that_a_variable_or_a_named_context_gives_is_no_fault() {
    // 7
    let text = "ARG SOURCE=a:1\nFROM a:1\nARG SOURCE\nCOPY --from=project /b /c\nCOPY --from=$SOURCE /b /d\n";
    assert_eq!(found(text), []);
}

#[test]
fn steps_in_a_row_of_a_stage_that_does_not_ship_are_as_they_should_be() {
    // 8
    let text = "FROM a:1 AS b\nRUN apk add --no-cache c\nRUN apk add --no-cache d\nRUN apk add --no-cache e\n\
                RUN make f\nRUN make g\nFROM a:1\nCOPY --from=b /f /g /h/\n";
    assert_eq!(found(text), []);
}

#[test]
fn an_escape_character_of_windows_continues_lines() {
    // 9
    let text = "# escape=`\nFROM a:1\nRUN dir `\n  c:\\\nCOPY b c:\\d\\\nRUN Get-Item `\n  # comment\n  $env:TEMP\n";
    assert_eq!(planned(text, ""), [["3-4 RUN", "5-5 COPY", "6-8 RUN"]]);
    assert_eq!(found(text), []);
}

#[test]
fn an_update_alone_is_to_be_joined_and_never_to_be_emptied() {
    // 10
    let text = "FROM a:1\nRUN apt-get update\nRUN apt-get install -y git\n";
    assert_eq!(found(text), [("apt-update-alone".to_owned(), 2)]);
    let dir = project(text, &[]);
    let fixed = Tool::new("cache-optimizer").args("fix --write Dockerfile");
    let _ = fixed.current_dir(dir.path()).run().expect_exit(0);
    let after = fs_err::read_to_string(dir.path().join("Dockerfile")).unwrap();
    assert_eq!(
        after,
        "FROM a:1\nRUN apt-get update && apt-get install -y git\n"
    );
}

#[test]
fn patterns_of_an_ignore_file_are_tried_in_order_for_each_path() {
    // 11 and 12
    let text = "FROM a:1\nCOPY . .\n";
    let history = "x".repeat(3_000_000);
    let files = |ignore: &'static str| {
        [
            (".dockerignore", ignore),
            (".git/pack", history.as_str()),
            ("src/a", "a"),
        ]
    };
    let is_found = |ignore| {
        let rules = found_in(project(text, &files(ignore)).path());
        rules.iter().any(|(rule, _)| rule == "missing-dockerignore")
    };
    assert!(!is_found("*\n!src\n"));
    assert!(!is_found("*\n!src\n!.git\n.git\n"));
    assert!(is_found("docs\n!src\n"));
    assert!(is_found("*\n!src\n!.git\n"));
}

#[test]
fn a_name_that_only_looks_like_a_secret_is_no_finding() {
    // 13
    let text = "FROM a:1\nARG KMS_KEY_ALIAS\nENV PASSWORD_FILE=/run/secrets/password\nCMD b\n";
    assert_eq!(found(text), []);
}

#[test]
fn a_default_within_a_variable_is_a_base() {
    // 14
    let text = "ARG BASE\nFROM ${BASE:-scratch} AS a\nFROM ${OTHER:-a}\nCOPY b c\n";
    assert_eq!(found(text), []);
    let dir = project(text, &[]);
    let report = report("build-orchestrator", "plan --file Dockerfile", dir.path());
    let stages = &report["data"]["targets"][0]["stages"];
    assert_eq!(stages[0]["base"]["kind"], "scratch");
    assert_eq!(stages[1]["base"]["kind"], "stage");
}

#[test]
fn add_takes_here_documents_as_copy_does() {
    // 15
    let text = "FROM a:1\nADD <<-EOT /b\n\tRUN no instruction\n\tEOT\nUSER c\n";
    assert_eq!(planned(text, ""), [["2-4 ADD", "5-5 USER"]]);
    assert_eq!(found(text), []);
}
