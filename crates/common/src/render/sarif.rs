//! The findings of a report as SARIF.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::report::{
    Finding, Location, Report, SarifDriver, SarifFile, SarifLocation, SarifLog, SarifPlace,
    SarifRegion, SarifResult, SarifRule, SarifRun, SarifText, SarifTool, Severity, sha256_hex,
};

/// The findings as a log with one run.
pub fn sarif<T>(report: &Report<T>) -> SarifLog {
    let ids: BTreeSet<&String> = report.findings.iter().map(|found| &found.rule).collect();
    SarifLog {
        version: "2.1.0",
        runs: [SarifRun {
            tool: SarifTool {
                driver: SarifDriver {
                    name: report.tool.name.clone(),
                    version: report.tool.version.clone(),
                    rules: ids
                        .into_iter()
                        .map(|id| SarifRule { id: id.clone() })
                        .collect(),
                },
            },
            results: report.findings.iter().map(result).collect(),
        }],
    }
}

fn result(found: &Finding) -> SarifResult {
    let path = found.location.as_ref().map(|place| place.path.as_str());
    let subject = found.subject.as_deref();
    // Without the line, so that a finding stays the same when lines are put in above it.
    let key = [
        &found.rule,
        path.unwrap_or(""),
        subject.unwrap_or(""),
        &found.message,
    ]
    .join("\0");
    let text = [Some(&found.message), found.advice.as_ref()];
    let text: Vec<&str> = text.into_iter().flatten().map(String::as_str).collect();
    SarifResult {
        rule_id: found.rule.clone(),
        level: match found.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        },
        message: SarifText {
            text: text.join("\n"),
        },
        locations: found.location.iter().map(location).collect(),
        partial_fingerprints: BTreeMap::from([("finding/v1", sha256_hex(key.as_bytes()))]),
    }
}

fn location(place: &Location) -> SarifLocation {
    SarifLocation {
        physical_location: SarifPlace {
            artifact_location: SarifFile {
                uri: uri(&place.path),
            },
            region: SarifRegion {
                start_line: place.line.max(1),
            },
        },
    }
}

/// A path as a URI reference, relative if the path is.
fn uri(path: &str) -> String {
    let mut uri = String::new();
    if path.starts_with('/') {
        uri.push_str("file://");
    }
    for byte in path.trim_start_matches("./").bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            write!(uri, "%{byte:02X}").expect("writing to a string succeeds");
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_has_level_place_and_a_fingerprint_without_its_line() {
        let finding = |line| Finding {
            rule: "too-early".to_owned(),
            severity: Severity::Note,
            message: "it comes too early".to_owned(),
            advice: Some("move it".to_owned()),
            location: Some(Location {
                path: "./a b/Dockerfile".to_owned(),
                line,
            }),
            subject: None,
            saving: None,
        };
        let json = serde_json::to_value(result(&finding(7))).unwrap();
        assert_eq!(json["level"], "note");
        assert_eq!(json["message"]["text"], "it comes too early\nmove it");
        let place = &json["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "a%20b/Dockerfile");
        assert_eq!(place["region"]["startLine"], 7);
        let other = serde_json::to_value(result(&finding(9))).unwrap();
        assert_eq!(json["partialFingerprints"], other["partialFingerprints"]);
        assert_eq!(uri("/w/Dockerfile"), "file:///w/Dockerfile");
    }
}
