//! SARIF 2.1.0, which code hosts show beside the lines of a change.
//!
//! Only what findings fill. Source: <https://docs.oasis-open.org/sarif/sarif/v2.1.0/>

use serde::Serialize;
use std::collections::BTreeMap;

/// A log with one run.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the fields are those of the standard")]
pub struct SarifLog {
    pub version: &'static str,
    pub runs: [SarifRun; 1],
}

/// What one tool found.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the fields are those of the standard")]
pub struct SarifRun {
    pub tool: SarifTool,
    pub results: Vec<SarifResult>,
}

/// The tool.
#[derive(Serialize)]
#[expect(missing_docs, reason = "the fields are those of the standard")]
pub struct SarifTool {
    pub driver: SarifDriver,
}

/// The tool's name and rules.
#[derive(Serialize)]
#[expect(missing_docs, reason = "the fields are those of the standard")]
pub struct SarifDriver {
    pub name: String,
    pub version: String,
    pub rules: Vec<SarifRule>,
}

/// A rule.
#[derive(Serialize)]
#[expect(missing_docs, reason = "the fields are those of the standard")]
pub struct SarifRule {
    pub id: String,
}

/// A finding.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the fields are those of the standard")]
pub struct SarifResult {
    pub rule_id: String,
    pub level: &'static str,
    pub message: SarifText,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub locations: Vec<SarifLocation>,
    pub partial_fingerprints: BTreeMap<&'static str, String>,
}

/// A text.
#[derive(Serialize)]
#[expect(missing_docs, reason = "the fields are those of the standard")]
pub struct SarifText {
    pub text: String,
}

/// A place.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the fields are those of the standard")]
pub struct SarifLocation {
    pub physical_location: SarifPlace,
}

/// A file and a line in it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the fields are those of the standard")]
pub struct SarifPlace {
    pub artifact_location: SarifFile,
    pub region: SarifRegion,
}

/// A file.
#[derive(Serialize)]
#[expect(missing_docs, reason = "the fields are those of the standard")]
pub struct SarifFile {
    pub uri: String,
}

/// A line.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the fields are those of the standard")]
pub struct SarifRegion {
    pub start_line: u32,
}
