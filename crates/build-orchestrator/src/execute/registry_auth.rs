//! Who we are to registries, kept for one build.
//!
//! A registry for which docker's configuration says nothing is asked without a name. Secrets leave
//! this file only for the Engine.

use bollard::auth::DockerCredentials;
use common::engine::{Credential, registry_server};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::task;

/// The credentials of one build, each looked up once.
#[derive(Clone, Default)]
pub(super) struct RegistryAuth {
    known: Arc<tokio::sync::Mutex<HashMap<String, Credential>>>,
    warnings: Arc<Mutex<Vec<String>>>,
}

impl RegistryAuth {
    /// The credential for the registry at a host, such as `r.example:5000`.
    pub(super) async fn credential(&self, host: &str) -> Credential {
        let server = registry_server(host);
        let mut known = self.known.lock().await;
        if let Some(credential) = known.get(server) {
            return credential.clone();
        }
        let asked = server.to_owned();
        // A helper is a program that may take its time.
        let looked_up = task::spawn_blocking(move || Credential::for_registry(&asked)).await;
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

/// The credential for the registry at a host as the Engine's API takes it.
pub(super) fn for_engine(credential: Credential, host: &str) -> DockerCredentials {
    let serveraddress = Some(registry_server(host).to_owned());
    match credential {
        Credential::Anonymous => DockerCredentials::default(),
        Credential::Password { username, password } => DockerCredentials {
            username: Some(username),
            password: Some(password),
            serveraddress,
            ..DockerCredentials::default()
        },
        Credential::IdentityToken(token) => DockerCredentials {
            identitytoken: Some(token),
            serveraddress,
            ..DockerCredentials::default()
        },
    }
}

/// The host of an image's registry. Source: <https://github.com/distribution/reference>
pub(super) fn registry_host(image: &str) -> &str {
    match image.split_once('/') {
        Some((host, _)) if host.contains(['.', ':']) || host == "localhost" => host,
        _ => "docker.io",
    }
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
    }
}
