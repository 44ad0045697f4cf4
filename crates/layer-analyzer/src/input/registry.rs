//! Images of a registry, whose layers are read while they stream.

mod error;
mod login;
mod name;
mod repository;

use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use oci_client::Client;
use oci_client::client::{ClientConfig, ClientProtocol};
use oci_client::errors::OciDistributionError;
use tokio::runtime::{Builder, Runtime};
use tokio_rustls::rustls::crypto::ring;

pub(crate) use error::RegistryError;
use login::Login;
pub(crate) use repository::{Blob, Failure, Repository};

/// How long a registry may take to answer. Chosen: as long as docker waits for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);

/// How long a registry may be silent within an answer.
///
/// Chosen: some registries take many seconds to fetch a blob from their own storage.
const READ_TIMEOUT: Duration = Duration::from_secs(60);

/// The registries that images are read from.
pub(crate) struct Registries {
    runtime: Runtime,
    /// The connection to each host, with who we are there.
    hosts: HashMap<String, (Client, Arc<Login>)>,
}

impl Registries {
    /// Prepares to speak to registries, without connecting to any.
    ///
    /// # Errors
    ///
    /// Asynchronous work cannot be started.
    pub(crate) fn new() -> io::Result<Self> {
        // An error says that there is a cryptography already, which is as good.
        let _ = ring::default_provider().install_default();
        let mut builder = Builder::new_multi_thread();
        let runtime = builder.worker_threads(1).enable_all().build()?;
        Ok(Self {
            runtime,
            hosts: HashMap::new(),
        })
    }

    /// Finds the repository of an image, logs in there, and reads what its name stands for.
    ///
    /// # Errors
    ///
    /// The name is malformed, or the registry does not answer, refuses, or has no such image.
    pub(crate) fn open(&mut self, name: &str) -> Result<Repository<'_>, RegistryError> {
        let image = name::reference(name)?;
        let host = image.registry().to_owned();
        if !self.hosts.contains_key(&host) {
            let connection = (client(&host)?, Arc::new(Login::look_up(&host)));
            self.hosts.insert(host.clone(), connection);
        }
        let (client, login) = self.hosts[&host].clone();
        Repository::open(&self.runtime, client, image, login)
    }
}

fn client(host: &str) -> Result<Client, RegistryError> {
    let protocol = if name::is_loopback(host) {
        ClientProtocol::Http
    } else {
        ClientProtocol::Https
    };
    let config = ClientConfig {
        protocol,
        connect_timeout: Some(CONNECT_TIMEOUT),
        read_timeout: Some(READ_TIMEOUT),
        user_agent: concat!("layer-analyzer/", env!("CARGO_PKG_VERSION")),
        ..ClientConfig::default()
    };
    Client::try_from(config).map_err(|error| RegistryError::Answer {
        host: host.to_owned(),
        what: "a connection".to_owned(),
        answer: error.to_string(),
        is_temporary: false,
    })
}
