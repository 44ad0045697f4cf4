//! Which Engine is meant: by flag, environment or docker's configuration.

use std::path::PathBuf;

/// Where an Engine listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// A Unix socket.
    Unix(PathBuf),
    /// A TCP port without encryption.
    Tcp {
        /// Host name or address.
        host: String,
        /// Port.
        port: u16,
    },
    /// A TCP port behind TLS.
    Tls {
        /// Host name or address, which the certificate has to be for.
        host: String,
        /// Port.
        port: u16,
        /// The folder with `ca.pem`, `cert.pem` and `key.pem`.
        cert_dir: PathBuf,
    },
    /// Docker on another machine, reached by the `ssh` program.
    Ssh {
        /// What `ssh` connects to: `host` or `user@host`.
        destination: String,
        /// The port, when it is not `ssh`'s own default.
        port: Option<u16>,
    },
}

impl Endpoint {
    /// Finds the Engine: `host` (the `--host` flag), else `DOCKER_HOST`, else the docker context
    /// of `DOCKER_CONTEXT` or docker's configuration, else `/var/run/docker.sock`.
    ///
    /// # Errors
    ///
    /// The URL is malformed, or the context does not exist or cannot be read.
    pub fn find(_host: Option<&str>) -> Result<Self, EndpointError> {
        unimplemented!("being written by the owner of common")
    }
}

/// Why it cannot be said which Engine is meant.
#[derive(Debug, thiserror::Error)]
pub enum EndpointError {}
