//! What every report has, whatever it is about.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::borrow::Cow;

use super::{Finding, SchemaName, SchemaVersion};

/// The body of one kind of report.
pub trait ReportData: Serialize + DeserializeOwned + JsonSchema {
    /// The kind in the schema's name, such as `build`.
    const KIND: &'static str;
    /// The version that this workspace writes.
    const VERSION: SchemaVersion;
}

/// The schema name that reports with the body `T` carry.
pub fn schema_name<T: ReportData>() -> SchemaName {
    SchemaName {
        kind: T::KIND.to_owned(),
        version: T::VERSION,
    }
}

/// The JSON Schema of reports with the body `T`, as `TOOL schema` prints it.
pub fn json_schema<T: ReportData>() -> String {
    type_schema::<Report<T>>()
}

/// The JSON Schema of values of type `T`.
pub fn type_schema<T: JsonSchema>() -> String {
    let schema = schemars::schema_for!(T);
    let mut text = serde_json::to_string_pretty(&schema).expect("a schema is plain JSON");
    text.push('\n');
    text
}

/// One report: the header that all kinds share, and the body of its kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report<T> {
    /// The schema that the report follows, such as `urn:lucid:report/build/1.0`.
    pub schema: String,
    /// The program that wrote the report.
    pub tool: Tool,
    /// `sha256:` and the digest of the report written with an empty `id`.
    pub id: String,
    /// When the report was made, RFC 3339 in UTC. `SOURCE_DATE_EPOCH` pins it.
    pub created_at: String,
    /// What the report says in one word.
    pub verdict: Verdict,
    /// What the report was made from, sorted.
    pub inputs: Vec<Input>,
    /// What a reader should look at, most severe first.
    pub findings: Vec<Finding>,
    /// What this kind of report is about.
    pub data: T,
}

impl<T: ReportData> Report<T> {
    /// Makes a report and gives it its `id`; sorts `inputs` and `findings`.
    pub fn new(
        tool: Tool,
        created_at: String,
        verdict: Verdict,
        mut inputs: Vec<Input>,
        mut findings: Vec<Finding>,
        data: T,
    ) -> Self {
        inputs.sort();
        inputs.dedup();
        findings.sort_by(Finding::cmp_by_severity);
        let mut report = Self {
            schema: schema_name::<T>().to_string(),
            tool,
            id: String::new(),
            created_at,
            verdict,
            inputs,
            findings,
            data,
        };
        let bytes = serde_json::to_vec(&report).expect("report types have string keys only");
        report.id = sha256_hex(&bytes);
        report
    }
}

/// The digest of `bytes` as reports write it: `sha256:` and 64 hexadecimal digits.
pub fn sha256_hex(bytes: &[u8]) -> String {
    format_sha256(Sha256::digest(bytes).as_slice())
}

/// Writes a finished SHA-256 as reports do: `sha256:` and its hexadecimal digits.
pub fn format_sha256(digest: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::from("sha256:");
    for byte in digest {
        write!(text, "{byte:02x}").expect("writing to a string succeeds");
    }
    text
}

// By hand, because the derive would leave `schema` any string, and a validator should tell a build
// report from a layer report.
impl<T: ReportData> JsonSchema for Report<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("{}-report", T::KIND).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let major = T::VERSION.major;
        let id = schema_name::<T>().to_string();
        let family = id.rsplit_once('/').map_or("", |(family, _)| family);
        json_schema!({
            "$id": id,
            "type": "object",
            "required": ["schema", "tool", "id", "created_at", "verdict", "inputs", "findings", "data"],
            "properties": {
                "schema": { "type": "string", "pattern": format!("^{family}/{major}\\.[0-9]+$") },
                "tool": generator.subschema_for::<Tool>(),
                "id": { "type": "string", "pattern": "^sha256:[0-9a-f]{64}$" },
                "created_at": { "type": "string", "format": "date-time" },
                "verdict": generator.subschema_for::<Verdict>(),
                "inputs": generator.subschema_for::<Vec<Input>>(),
                "findings": generator.subschema_for::<Vec<Finding>>(),
                "data": generator.subschema_for::<T>(),
            }
        })
    }
}

/// The part of a report that can be read without knowing its kind.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Header {
    /// The schema that the report follows.
    pub schema: String,
    /// The program that wrote the report.
    pub tool: Tool,
    /// The digest that names the report.
    pub id: String,
    /// What the report says in one word.
    pub verdict: Verdict,
}

/// The program that wrote a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tool {
    /// Its name, such as `build-orchestrator`.
    pub name: String,
    /// Its version, as `--version` prints it.
    pub version: String,
}

/// What a report says in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Nothing to object to.
    Pass,
    /// The build failed, a test failed, or a gate was not met.
    Fail,
    /// The work was interrupted; what is in the report is true, but it is not all.
    Incomplete,
}

/// Something that a report was made from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Input {
    /// What it is: `report`, `image`, `archive`, `compose-file`, `env-file`, `dockerfile` or
    /// `test-results`.
    pub kind: String,
    /// What names it: a report's id, an image's id, or a path as it was given.
    pub id: String,
}
