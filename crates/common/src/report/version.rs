//! Names and versions of report schemas, and the one rule for who can read what.

use std::fmt;
use std::str::FromStr;

/// The part of a schema name that says whose it is.
///
/// A URN (RFC 8141), because a name must not depend on a host that answers.
const PREFIX: &str = "urn:lucid:report/";

/// The schema of a report: its kind and version, as in `urn:lucid:report/build/1.0`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SchemaName {
    /// What the report is about, such as `build` or `layer`.
    pub kind: String,
    /// Which version of that kind's schema it follows.
    pub version: SchemaVersion,
}

impl fmt::Display for SchemaName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}{}/{}", self.kind, self.version)
    }
}

impl FromStr for SchemaName {
    type Err = SchemaNameError;

    fn from_str(text: &str) -> Result<Self, SchemaNameError> {
        let error = || SchemaNameError(text.to_owned());
        let (kind, version) = text
            .strip_prefix(PREFIX)
            .and_then(|rest| rest.split_once('/'))
            .ok_or_else(error)?;
        let (major, minor) = version.split_once('.').ok_or_else(error)?;
        Ok(Self {
            kind: kind.to_owned(),
            version: SchemaVersion {
                major: major.parse().map_err(|_| error())?,
                minor: minor.parse().map_err(|_| error())?,
            },
        })
    }
}

/// A text that is not the name of a report schema.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not a schema name such as `{PREFIX}build/1.0`")]
pub struct SchemaNameError(String);

/// A schema's version. Within one major number, fields are only added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SchemaVersion {
    /// Changes when a reader of the previous version would misunderstand the report.
    pub major: u32,
    /// Changes when something was added that a reader may ignore.
    pub minor: u32,
}

impl SchemaVersion {
    /// Says whether a reader made for `self` understands a report written as `written`.
    ///
    /// It does when the major numbers agree: a newer minor only adds fields, which are ignored.
    pub fn reads(self, written: Self) -> bool {
        self.major == written.major
    }
}

impl fmt::Display for SchemaVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_survives_the_round_trip() {
        let name: SchemaName = "urn:lucid:report/build/1.0".parse().unwrap();
        assert_eq!(name.kind, "build");
        assert_eq!(name.version, SchemaVersion { major: 1, minor: 0 });
        assert_eq!(name.to_string(), "urn:lucid:report/build/1.0");
    }

    #[test]
    fn anything_else_is_refused_with_its_text() {
        for text in [
            "",
            "build/1.0",
            "urn:lucid:report/build",
            "urn:lucid:report/build/1",
        ] {
            let error = text.parse::<SchemaName>().unwrap_err();
            assert!(error.to_string().contains(text));
        }
    }

    #[test]
    fn a_newer_minor_is_readable_and_a_newer_major_is_not() {
        let reader = SchemaVersion { major: 1, minor: 0 };
        assert!(reader.reads(SchemaVersion { major: 1, minor: 9 }));
        assert!(!reader.reads(SchemaVersion { major: 2, minor: 0 }));
    }
}
