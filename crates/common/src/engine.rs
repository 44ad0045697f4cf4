//! The connection to a Docker Engine.

mod connect;
mod dial;
mod endpoint;

pub use connect::{Engine, EngineError};
pub use dial::Connection;
pub use endpoint::{Endpoint, EndpointError, docker_config_dir};
