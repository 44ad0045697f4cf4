//! What a target needs from outside its files: values of secrets and sockets of ssh agents. It is
//! looked for before a build starts, so that a build does not fail late for want of it.

use std::io::{self, Read};
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

use crate::model::outcome::{TargetError, TargetErrorKind};
use crate::model::plan::{Secret, SecretSource, SshAgent, Target};
use crate::model::secrets::Secrets;

/// The largest secret, in bytes.
/// Source: `MaxSecretSize` in session/secrets/secrets.go of github.com/moby/buildkit.
const SECRET_BYTES_MAX: u64 = 500 * 1024;

/// The variable that names the socket of the user's agent. Source: ssh-agent(1)
const AGENT_VARIABLE: &str = "SSH_AUTH_SOCK";

/// Why a target cannot get what it needs.
#[derive(Debug, thiserror::Error)]
pub(super) enum SupplyError {
    /// A secret's variable is not set.
    #[error("the secret `{id}` comes from the environment variable `{variable}`, which is not set")]
    NoVariable {
        /// The secret.
        id: String,
        /// The variable.
        variable: String,
    },
    /// A secret's file cannot be read.
    #[error("the secret `{id}` cannot be read: {error}")]
    NoFile {
        /// The secret.
        id: String,
        /// Names the file.
        error: io::Error,
    },
    /// A secret is larger than BuildKit takes.
    #[error("the secret `{id}` is larger than {} KiB, the most that BuildKit takes", SECRET_BYTES_MAX / 1024)]
    TooLarge {
        /// The secret.
        id: String,
    },
    /// There is no agent.
    #[error(
        "the ssh agent `{id}` is the one of `SSH_AUTH_SOCK`, which is not set: start `ssh-agent` and `ssh-add` the key"
    )]
    NoAgent {
        /// What the Dockerfile calls the agent.
        id: String,
    },
    /// The agent's socket is not there, or something else is.
    #[error("the ssh agent `{id}` has no socket at `{path}`")]
    NoSocket {
        /// What the Dockerfile calls the agent.
        id: String,
        /// Where it should be.
        path: PathBuf,
    },
    /// A private key is named in place of an agent.
    #[error(
        "`{path}` of ssh agent `{id}` is a key, and only sockets of agents are forwarded: `ssh-add {path}` it to an agent"
    )]
    Key {
        /// What the Dockerfile calls the agent.
        id: String,
        /// The key.
        path: PathBuf,
    },
}

impl From<SupplyError> for TargetError {
    fn from(error: SupplyError) -> Self {
        Self {
            kind: TargetErrorKind::Build,
            message: error.to_string(),
        }
    }
}

/// Looks for everything that a target needs. Returns the sockets of its agents by id.
pub(super) fn check(target: &Target) -> Result<Vec<(String, PathBuf)>, SupplyError> {
    for secret in &target.secrets {
        secret_value(secret)?;
    }
    let agents = target.ssh.iter();
    let socket = |agent: &SshAgent| Ok((agent.id.clone(), socket(agent)?));
    agents.map(socket).collect()
}

/// What must not be shown of a target: the values of its secrets, and of build arguments whose
/// names look secret. Values that cannot be read are reported by [`check`].
pub(super) fn hidden(target: &Target) -> Secrets {
    let values = target
        .secrets
        .iter()
        .filter_map(|secret| secret_value(secret).ok());
    let texts = values.map(|value| String::from_utf8_lossy(&value).into_owned());
    Secrets::of(&target.build_args).with(texts)
}

/// Reads a secret's value.
///
/// # Errors
///
/// It is not there, or too large.
pub(super) fn secret_value(secret: &Secret) -> Result<Vec<u8>, SupplyError> {
    let id = || secret.id.clone();
    let value = match &secret.source {
        SecretSource::Variable(variable) => {
            let value = std::env::var_os(variable).ok_or_else(|| SupplyError::NoVariable {
                id: id(),
                variable: variable.clone(),
            })?;
            std::os::unix::ffi::OsStringExt::into_vec(value)
        }
        SecretSource::File(path) => {
            read(path).map_err(|error| SupplyError::NoFile { id: id(), error })?
        }
    };
    if value.len() as u64 > SECRET_BYTES_MAX {
        return Err(SupplyError::TooLarge { id: id() });
    }
    Ok(value)
}

/// Reads no more than is needed to see that a file is too large.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut value = Vec::new();
    let file = fs_err::File::open(path)?;
    file.take(SECRET_BYTES_MAX + 1).read_to_end(&mut value)?;
    Ok(value)
}

fn socket(agent: &SshAgent) -> Result<PathBuf, SupplyError> {
    let id = agent.id.clone();
    let path = match agent.paths.first() {
        Some(path) => path.clone(),
        None => match std::env::var_os(AGENT_VARIABLE).filter(|path| !path.is_empty()) {
            Some(path) => path.into(),
            None => return Err(SupplyError::NoAgent { id }),
        },
    };
    match fs_err::metadata(&path) {
        Ok(metadata) if metadata.file_type().is_socket() => Ok(path),
        Ok(metadata) if metadata.is_file() => Err(SupplyError::Key { id, path }),
        _ => Err(SupplyError::NoSocket { id, path }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(source: SecretSource) -> Secret {
        Secret {
            id: "token".to_owned(),
            source,
        }
    }

    fn agent(path: &Path) -> SshAgent {
        SshAgent {
            id: "default".to_owned(),
            paths: vec![path.to_owned()],
        }
    }

    #[test]
    fn a_secret_that_is_missing_is_named_with_its_place() {
        let message = |source| secret_value(&secret(source)).unwrap_err().to_string();
        assert_eq!(
            message(SecretSource::Variable("LUCID_NOT_SET".to_owned())),
            "the secret `token` comes from the environment variable `LUCID_NOT_SET`, which is not set"
        );
        let message = message(SecretSource::File("/nonexistent/token".into()));
        assert!(
            message.starts_with("the secret `token` cannot be read: "),
            "{message}"
        );
        assert!(message.contains("/nonexistent/token"), "{message}");
    }

    #[test]
    fn a_secret_may_have_500_kib_and_no_more() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("token");
        fs_err::write(&path, vec![b'x'; 512_000]).unwrap();
        let file = || secret(SecretSource::File(path.clone()));
        assert_eq!(secret_value(&file()).unwrap().len(), 512_000);
        fs_err::write(&path, vec![b'x'; 512_001]).unwrap();
        let message = secret_value(&file()).unwrap_err().to_string();
        assert_eq!(
            message,
            "the secret `token` is larger than 500 KiB, the most that BuildKit takes"
        );
    }

    #[test]
    fn an_agent_is_a_socket() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("agent");
        let message = |path| socket(&agent(path)).unwrap_err().to_string();
        assert!(message(&path).starts_with("the ssh agent `default` has no socket at "));
        let key = dir.path().join("id_ed25519");
        fs_err::write(&key, "key").unwrap();
        assert!(message(&key).contains("`ssh-add "), "{}", message(&key));
        let _listener = std::os::unix::net::UnixListener::bind(&path).unwrap();
        assert_eq!(socket(&agent(&path)).unwrap(), path);
    }
}
