//! Who we are to registries: what docker's configuration and its credential helpers say.
//!
//! A registry for which they say nothing is asked without a name. Secrets leave this file only for
//! the Engine.

use bollard::auth::DockerCredentials;
use common::engine::docker_config_dir;
use docker_credential::{CredentialRetrievalError, DockerCredential, get_credential_from_reader};
use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::task;

/// What docker's configuration calls Docker Hub. Source: `IndexServer` of github.com/docker/docker.
const DOCKER_HUB: &str = "https://index.docker.io/v1/";

/// What credential helpers answer when they know nothing of a registry.
/// Source: github.com/docker/docker-credential-helpers, credentials/error.go.
const UNKNOWN_TO_HELPER: &str = "credentials not found in native keychain";

/// The credentials of one build, each looked up once.
#[derive(Clone, Default)]
pub(super) struct RegistryAuth {
    known: Arc<tokio::sync::Mutex<HashMap<String, Credential>>>,
    warnings: Arc<Mutex<Vec<String>>>,
}

/// What a registry is told.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) enum Credential {
    /// Nothing.
    #[default]
    Anonymous,
    /// A name and a password.
    Password { username: String, password: String },
    /// A token that stands for both.
    IdentityToken(String),
}

impl RegistryAuth {
    /// The credential for the registry at a host, such as `r.example:5000`.
    pub(super) async fn credential(&self, host: &str) -> Credential {
        let server = server(host);
        let mut known = self.known.lock().await;
        if let Some(credential) = known.get(server) {
            return credential.clone();
        }
        let asked = server.to_owned();
        // A helper is a program that may take its time.
        let looked_up = task::spawn_blocking(move || look_up(&asked)).await;
        let credential = match looked_up {
            Ok(Ok(credential)) => credential,
            Ok(Err(fault)) => {
                let warning = format!("{fault}; asking the registry `{host}` without a login");
                self.warnings
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(warning);
                Credential::Anonymous
            }
            Err(_) => Credential::Anonymous,
        };
        known.insert(server.to_owned(), credential.clone());
        credential
    }

    /// What went wrong since the last call.
    pub(super) fn take_warnings(&self) -> Vec<String> {
        std::mem::take(&mut *self.warnings.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Credential {
    /// The credential as the Engine's API takes it.
    pub(super) fn for_engine(self, host: &str) -> DockerCredentials {
        let serveraddress = Some(server(host).to_owned());
        match self {
            Self::Anonymous => DockerCredentials::default(),
            Self::Password { username, password } => DockerCredentials {
                username: Some(username),
                password: Some(password),
                serveraddress,
                ..DockerCredentials::default()
            },
            Self::IdentityToken(token) => DockerCredentials {
                identitytoken: Some(token),
                serveraddress,
                ..DockerCredentials::default()
            },
        }
    }
}

/// The host of an image's registry. Source: <https://github.com/distribution/reference>
pub(super) fn registry_host(image: &str) -> &str {
    match image.split_once('/') {
        Some((host, _)) if host.contains(['.', ':']) || host == "localhost" => host,
        _ => "docker.io",
    }
}

/// What docker's configuration calls the registry at a host.
///
/// Source: session/auth/authprovider of github.com/moby/buildkit.
fn server(host: &str) -> &str {
    match host {
        "docker.io" | "index.docker.io" | "registry-1.docker.io" => DOCKER_HUB,
        host => host,
    }
}

/// The credential that docker's configuration has for a server, or what is wrong with it.
fn look_up(server: &str) -> Result<Credential, String> {
    let path = docker_config_dir().join("config.json");
    let file = match fs_err::File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Credential::Anonymous),
        Err(error) => return Err(error.to_string()),
    };
    match get_credential_from_reader(io::BufReader::new(file), server) {
        Ok(DockerCredential::UsernamePassword(username, password)) => {
            Ok(Credential::Password { username, password })
        }
        Ok(DockerCredential::IdentityToken(token)) => Ok(Credential::IdentityToken(token)),
        Err(error) => match fault(&error) {
            None => Ok(Credential::Anonymous),
            Some(fault) => Err(format!("`{}`: {fault}", path.display())),
        },
    }
}

/// What is wrong, without what a helper printed: that may hold a secret. `None` when nothing is.
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
    fn the_registry_of_an_image_is_its_host() {
        let cases = [
            ("debian", "docker.io"),
            ("library/debian:12", "docker.io"),
            ("localhost/app", "localhost"),
            ("127.0.0.1:5000/a/b:1", "127.0.0.1:5000"),
            ("ghcr.io/a/b", "ghcr.io"),
        ];
        for (image, host) in cases {
            assert_eq!(registry_host(image), host, "{image}");
        }
        assert_eq!(
            server("registry-1.docker.io"),
            "https://index.docker.io/v1/"
        );
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
