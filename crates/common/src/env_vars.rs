//! The names of all environment variables that more than one tool reads.

/// Seconds since 1970 that `created_at` of every report is set to.
pub const SOURCE_DATE_EPOCH: &str = "SOURCE_DATE_EPOCH";

/// Set to anything but the empty text, it switches colour off. Source: <https://no-color.org>
pub const NO_COLOR: &str = "NO_COLOR";

/// What kind of terminal it is; `dumb` is one that cannot move its cursor.
pub const TERM: &str = "TERM";

/// The Engine to talk to, such as `unix:///var/run/docker.sock`.
pub const DOCKER_HOST: &str = "DOCKER_HOST";

/// The docker context to use when neither `--host` nor `DOCKER_HOST` is given.
pub const DOCKER_CONTEXT: &str = "DOCKER_CONTEXT";

/// The folder of docker's client configuration, by default `~/.docker`.
pub const DOCKER_CONFIG: &str = "DOCKER_CONFIG";

/// Set to anything but the empty text, a `tcp://` host is reached through TLS.
pub const DOCKER_TLS_VERIFY: &str = "DOCKER_TLS_VERIFY";

/// The folder with `ca.pem`, `cert.pem` and `key.pem`, by default that of docker's configuration.
pub const DOCKER_CERT_PATH: &str = "DOCKER_CERT_PATH";
