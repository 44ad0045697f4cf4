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

/// Reads a Dockerfile and checks that it has the stage that is to be built.
///
/// # Errors
///
/// The file cannot be read or parsed, or does not have the stage.
pub(crate) fn read_dockerfile(path: &Path, stage: Option<&str>) -> Result<Dockerfile, ReadError> {
    let text = fs_err::read_to_string(path)?;
    let path = || path.to_owned();
    let dockerfile = parse(&text).map_err(|fault| ReadError::Parse {
        path: path(),
        fault,
    })?;
    match stage {
        Some(stage)
            if dockerfile
                .stage_index(stage, dockerfile.stages.len())
                .is_none() =>
        {
            let stages = dockerfile
                .stages
                .into_iter()
                .filter_map(|stage| stage.name)
                .collect();
            Err(ReadError::NoStage {
                path: path(),
                stage: stage.to_owned(),
                stages,
            })
        }
        _ => Ok(dockerfile),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str, stage: Option<&str>) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("Dockerfile");
        fs_err::write(&path, text).unwrap();
        let error = read_dockerfile(&path, stage).unwrap_err().to_string();
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
