//! Reads Dockerfiles.

use common::dockerfile::{Dockerfile, DockerfileError, parse};
use std::io;
use std::path::{Path, PathBuf};

use super::nearest::hint;

/// Why a Dockerfile cannot be built from.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError {
    /// It cannot be read; the error names it.
    #[error(transparent)]
    Read(#[from] io::Error),
    /// It is not a Dockerfile.
    #[error("{path}:{}:{}: {}", .fault.line, .fault.column, .fault.message)]
    Parse {
        /// The file.
        path: PathBuf,
        /// The fault and its place.
        fault: DockerfileError,
    },
    /// It does not have the stage that is asked for.
    #[error("`{path}` has no stage `{stage}`{}", hint(.stage, .stages))]
    NoStage {
        /// The file.
        path: PathBuf,
        /// The stage.
        stage: String,
        /// The names of the stages that there are.
        stages: Vec<String>,
    },
}

/// Reads a Dockerfile.
///
/// # Errors
///
/// The file cannot be read or parsed.
pub(crate) fn read_dockerfile(path: &Path) -> Result<Dockerfile, ReadError> {
    let text = fs_err::read_to_string(path)?;
    parse(&text).map_err(|fault| ReadError::Parse {
        path: path.to_owned(),
        fault,
    })
}

/// Checks that a Dockerfile has the stage that is to be built, if one is asked for.
///
/// # Errors
///
/// It does not; the error names the nearest that it has.
pub(crate) fn check_stage(
    path: &Path,
    dockerfile: &Dockerfile,
    stage: Option<&str>,
) -> Result<(), ReadError> {
    let stages = &dockerfile.stages;
    match stage {
        Some(stage) if dockerfile.stage_index(stage, stages.len()).is_none() => {
            Err(ReadError::NoStage {
                path: path.to_owned(),
                stage: stage.to_owned(),
                stages: stages
                    .iter()
                    .filter_map(|stage| stage.name.clone())
                    .collect(),
            })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str, stage: Option<&str>) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("Dockerfile");
        fs_err::write(&path, text).unwrap();
        let read = read_dockerfile(&path);
        let error = read.and_then(|dockerfile| check_stage(&path, &dockerfile, stage));
        let error = error.unwrap_err().to_string();
        error.replace(path.to_str().unwrap(), "Dockerfile")
    }

    #[test]
    fn a_fault_is_named_with_its_place() {
        let message = error("FROM scratch\nCOPY a\n", None);
        assert!(message.starts_with("Dockerfile:2:1: "), "{message}");
    }

    #[test]
    fn a_stage_that_is_not_there_is_named_with_the_nearest() {
        let text = "FROM scratch AS builder\nFROM scratch AS runtime\n";
        assert_eq!(
            error(text, Some("biulder")),
            "`Dockerfile` has no stage `biulder`; did you mean `builder`?"
        );
        assert_eq!(
            error(text, Some("x")),
            "`Dockerfile` has no stage `x`; there are `builder`, `runtime`"
        );
    }
}
