//! The connection to a Docker Engine.

mod connect;
mod credential;
mod dial;
mod endpoint;
mod get;

pub use connect::{Engine, EngineError};
pub use credential::{Credential, CredentialError, registry_server};
pub use dial::Connection;
pub use endpoint::{Endpoint, EndpointError, docker_config_dir};
