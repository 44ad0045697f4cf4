//! What should not ship, found in an image archive that `make_unwanted.py` made.

use serde_json::Value;
use tests::tool::Tool;

const ARCHIVE: &str = "crates/layer-analyzer/testdata/archives/unwanted.tar.gz";

/// The secrets of the archive, none of which may be in what is written.
const SECRETS: [&str; 4] = ["q7Zk2Mx5", "MC4CAQAw", "tr0ub4dor", "correcthorse"];

fn analyzed(args: &str) -> String {
    let written = Tool::new("layer-analyzer")
        .args(&format!("analyze {args} {ARCHIVE}"))
        .run()
        .expect_exit(0);
    for secret in SECRETS {
        assert!(!written.contains(secret), "{secret} in {written}");
    }
    written
}

fn findings(args: &str) -> Vec<String> {
    let report: Value = serde_json::from_str(&analyzed(args)).unwrap();
    let text = |finding: &Value, name: &str| finding[name].as_str().unwrap().to_owned();
    let findings = report["findings"].as_array().unwrap().iter();
    let rules = findings.filter(|finding| finding["rule"] != "wasted-bytes");
    let mut lines: Vec<String> = rules
        .map(|finding| {
            let [rule, severity, message] =
                ["rule", "severity", "message"].map(|name| text(finding, name));
            format!("{severity} {rule}: {message}")
        })
        .collect();
    lines.sort();
    lines
}

#[test]
fn each_thing_is_found_once_with_what_becomes_of_it() {
    let expected = [
        "error access-token: `srv/app/.env` in layer 0 holds a GitHub token (ghp_…, 40 characters) in line 2",
        "error history-secret: line 3 of the history is a password in a URL (9 characters)",
        "error private-key: `srv/app/tls.pem` in layer 0 holds a private key (PRIVATE KEY) in line 1; deleted in layer 1, still stored in layer 0",
        "note private-key: `srv/app/tests/tls.pem` in layer 0 holds a private key (PRIVATE KEY) in line 1",
        "note temporary-file: layer 0 has temporary files: 1 file with 300 B, such as `tmp/notes`",
        "warning apt-cache: layer 0 has lists and archives of apt: 1 file with 1.20 MB, such as `var/lib/apt/lists/packages`; deleted in layer 1, still stored in layer 0",
        "warning config-secret: variable `DB_PASSWORD` is a secret, as its name says (12 characters)",
        "warning history-secret: `NPM_TOKEN` in line 1 of the history is a secret, as its name says (9 characters)",
        "warning unstripped-program: layer 0 has programs and libraries with symbols that no run needs: 1 file with 2.00 MB, such as `srv/bin/app`",
        "warning version-control: layer 0 has the history of the sources: 1 file with 7 B, such as `srv/app/.git/config`",
    ];
    assert_eq!(findings("--format json"), expected);
}

#[test]
fn no_view_shows_a_secret() {
    for format in ["table", "markdown", "sarif"] {
        assert!(
            analyzed(&format!("--format {format}")).contains("private-key"),
            "{format}"
        );
    }
}

#[test]
fn ignored_paths_are_not_looked_at() {
    let left = findings("--format json --ignore srv/** --ignore /var/** --ignore tmp/*");
    let rules: Vec<&str> = left
        .iter()
        .map(|line| line.split(':').next().unwrap())
        .collect();
    let expected = [
        "error history-secret",
        "warning config-secret",
        "warning history-secret",
    ];
    assert_eq!(rules, expected);
    let refused = Tool::new("layer-analyzer")
        .args(&format!("analyze --ignore a[ {ARCHIVE}"))
        .run();
    assert_eq!(refused.exit, Some(2));
    assert!(refused.stderr.contains("a["), "{}", refused.stderr);
}

#[test]
fn every_rule_of_a_finding_is_listed() {
    let listed = Tool::new("layer-analyzer")
        .args("rules")
        .run()
        .expect_exit(0);
    for finding in findings("--format json") {
        let rule = finding.split([' ', ':']).nth(1).unwrap();
        assert!(listed.contains(rule), "{rule}");
    }
}
