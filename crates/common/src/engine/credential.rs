//! Who we are to registries: what docker's configuration and its credential helpers say.
//!
//! No error repeats what a helper printed or a configuration holds, because that may be a secret.

use docker_credential::{CredentialRetrievalError, DockerCredential, get_credential_from_reader};
use std::io;
use std::path::PathBuf;

use super::endpoint::docker_config_dir;

/// What docker's configuration calls Docker Hub. Source: `IndexServer` of github.com/docker/docker.
const DOCKER_HUB: &str = "https://index.docker.io/v1/";

/// What credential helpers answer when they know nothing of a registry.
/// Source: github.com/docker/docker-credential-helpers, credentials/error.go.
const UNKNOWN_TO_HELPER: &str = "credentials not found in native keychain";

/// What a registry is told. Has no `Debug`, so that no secret is written by accident.
#[derive(Clone, Default, PartialEq, Eq)]
pub enum Credential {
    /// Nothing.
    #[default]
    Anonymous,
    /// A name and a password.
    Password {
        /// The name.
        username: String,
        /// The password.
        password: String,
    },
    /// A token that stands for both.
    IdentityToken(String),
}

/// Why it is not known who we are to a registry.
#[derive(Debug, thiserror::Error)]
pub enum CredentialError {
    /// Docker's configuration cannot be opened; the error names it.
    #[error(transparent)]
    Open(io::Error),
    /// Docker's configuration or a helper says something that makes no sense.
    #[error("`{path}`: {fault}")]
    Malformed {
        /// Docker's configuration.
        path: PathBuf,
        /// What is wrong with it.
        fault: String,
    },
}

impl Credential {
    /// The credential that docker's configuration has for the registry at a host, such as
    /// `r.example:5000`. May run a program, and so take its time.
    ///
    /// # Errors
    ///
    /// The configuration cannot be read, or the helper that it names fails.
    pub fn for_registry(host: &str) -> Result<Self, CredentialError> {
        let path = docker_config_dir().join("config.json");
        let file = match fs_err::File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::Anonymous),
            Err(error) => return Err(CredentialError::Open(error)),
        };
        match get_credential_from_reader(io::BufReader::new(file), registry_server(host)) {
            Ok(DockerCredential::UsernamePassword(username, password)) => {
                Ok(Self::Password { username, password })
            }
            Ok(DockerCredential::IdentityToken(token)) => Ok(Self::IdentityToken(token)),
            Err(error) => match fault(&error) {
                None => Ok(Self::Anonymous),
                Some(fault) => Err(CredentialError::Malformed { path, fault }),
            },
        }
    }
}

/// What docker's configuration calls the registry at a host.
///
/// Source: session/auth/authprovider of github.com/moby/buildkit.
pub fn registry_server(host: &str) -> &str {
    match host {
        "docker.io" | "index.docker.io" | "registry-1.docker.io" => DOCKER_HUB,
        host => host,
    }
}

/// What is wrong, without what a helper printed. `None` when nothing is.
fn fault(error: &CredentialRetrievalError) -> Option<String> {
    use CredentialRetrievalError as Error;
    let fault = match error {
        Error::NoCredentialConfigured | Error::ConfigNotFound => return None,
        Error::HelperFailure { stdout, .. } if stdout.contains(UNKNOWN_TO_HELPER) => return None,
        Error::HelperFailure { helper, .. } => format!("the credential helper `{helper}` failed"),
        Error::HelperCommunicationError => "a credential helper cannot be run".to_owned(),
        Error::MalformedHelperResponse => {
            "a credential helper's answer is no credential".to_owned()
        }
        Error::CredentialDecodingError => "`auth` is not base64 of `NAME:PASSWORD`".to_owned(),
        Error::CredentialMismatchError => "`auth` and `username` with `password` differ".to_owned(),
        Error::ConfigReadError => "it is not a docker configuration".to_owned(),
    };
    Some(fault)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn docker_hub_has_a_name_of_its_own() {
        assert_eq!(
            registry_server("registry-1.docker.io"),
            "https://index.docker.io/v1/"
        );
        assert_eq!(registry_server("ghcr.io"), "ghcr.io");
    }

    #[test]
    fn what_a_broken_helper_printed_is_not_repeated() {
        let failure = |stdout: &str| CredentialRetrievalError::HelperFailure {
            helper: "docker-credential-x".to_owned(),
            stdout: stdout.to_owned(),
            stderr: "hunter22".to_owned(),
        };
        assert_eq!(
            fault(&failure("hunter22")).unwrap(),
            "the credential helper `docker-credential-x` failed"
        );
        assert_eq!(
            fault(&failure("credentials not found in native keychain\n")),
            None
        );
    }
}
