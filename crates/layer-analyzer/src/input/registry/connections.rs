//! The registries that are spoken to, and who we are there.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use oci_client::Client;
use oci_client::client::{ClientConfig, ClientProtocol};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Semaphore;
use tokio_rustls::rustls::crypto::ring;

use super::login::Login;
use super::repository::{Repository, Way};
use super::{RegistryError, name};

/// How long a registry may take to answer. Chosen: as long as docker waits for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);

/// How long a registry may be silent within an answer.
///
/// Chosen: some registries take many seconds to fetch a blob from their own storage.
const READ_TIMEOUT: Duration = Duration::from_mins(1);

/// How many layers are fetched at once.
///
/// Chosen: one is parsed while the next arrives; docker takes three.
const DOWNLOAD_COUNT_MAX: usize = 2;

/// The connections to registries.
pub(super) struct Connections {
    /// Moves the bytes on a thread of its own while others parse them.
    runtime: Arc<Runtime>,
    /// Who may fetch a layer.
    downloads: Arc<Semaphore>,
    /// The connection to each host, with who we are there.
    hosts: HashMap<String, (Client, Arc<Login>)>,
}

impl Connections {
    /// Prepares to speak to registries, without connecting to any.
    ///
    /// # Errors
    ///
    /// Asynchronous work cannot be started.
    pub(super) fn new() -> io::Result<Self> {
        // An error says that there is a cryptography already, which is as good.
        let _ = ring::default_provider().install_default();
        let mut builder = Builder::new_multi_thread();
        let runtime = builder.worker_threads(1).enable_all().build()?;
        Ok(Self {
            runtime: Arc::new(runtime),
            downloads: Arc::new(Semaphore::new(DOWNLOAD_COUNT_MAX)),
            hosts: HashMap::new(),
        })
    }

    /// Logs in to the repository of an image, and reads what the image's name stands for.
    ///
    /// # Errors
    ///
    /// The name is malformed, or the registry does not answer, refuses, or has no such image.
    pub(super) fn open(&mut self, name: &str) -> Result<Repository, RegistryError> {
        let image = name::reference(name)?;
        let host = image.registry().to_owned();
        if !self.hosts.contains_key(&host) {
            let connection = (client(&host)?, Arc::new(Login::look_up(&host)));
            self.hosts.insert(host.clone(), connection);
        }
        let (client, login) = self.hosts[&host].clone();
        let way = Way {
            runtime: Arc::clone(&self.runtime),
            downloads: Arc::clone(&self.downloads),
            client,
            login,
        };
        Repository::open(way, image)
    }
}

fn client(host: &str) -> Result<Client, RegistryError> {
    let is_loopback = name::is_loopback(host);
    let protocol = if is_loopback {
        ClientProtocol::Http
    } else {
        ClientProtocol::Https
    };
    // A proxy that is used for nothing takes the place of the environment's, which would look for
    // this machine elsewhere. Docker's HTTP library asks none for a loopback address either.
    let no_proxy = is_loopback.then(|| "*".to_owned());
    let http_proxy = is_loopback.then(|| format!("http://{host}"));
    let config = ClientConfig {
        protocol,
        http_proxy,
        no_proxy,
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
