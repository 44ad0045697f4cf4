//! Which Engine is meant: by flag, environment or docker's configuration.

use serde::Deserialize;
use std::io;
use std::path::{Path, PathBuf};

use crate::env_vars;
use crate::report::sha256_hex;

const DEFAULT_SOCKET: &str = "/var/run/docker.sock";

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

/// Why it cannot be said which Engine is meant.
#[derive(Debug, thiserror::Error)]
pub enum EndpointError {
    /// The URL has a scheme that no Engine is reached by.
    #[error(
        "`{url}` is not the URL of an Engine: it has to start with unix://, tcp://, http://, https:// or ssh://"
    )]
    Scheme {
        /// The URL, as given.
        url: String,
    },
    /// The URL's host or port is malformed.
    #[error("`{url}` is not the URL of an Engine: {fault}")]
    Malformed {
        /// The URL, as given.
        url: String,
        /// What is wrong with it.
        fault: &'static str,
    },
    /// A file of docker's configuration cannot be read.
    #[error("failed to read docker's configuration")]
    Read(#[source] io::Error),
    /// A file of docker's configuration is not what docker writes.
    #[error("`{path}` is not a docker configuration")]
    Json {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// There is no such docker context.
    #[error("there is no docker context `{name}`: `{path}` does not exist")]
    NoContext {
        /// The context.
        name: String,
        /// The file that would describe it.
        path: PathBuf,
    },
    /// The context asks for TLS without verification.
    #[error("docker context `{name}` skips the verification of TLS, which is not supported")]
    UnverifiedTls {
        /// The context.
        name: String,
    },
}

/// What decides which Engine is meant, taken from the process's environment.
#[derive(Clone, Debug, Default)]
struct Environment {
    host: Option<String>,
    context: Option<String>,
    config_dir: PathBuf,
    cert_dir: Option<PathBuf>,
    uses_tls: bool,
}

impl Environment {
    fn read() -> Self {
        let text = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        Self {
            host: text(env_vars::DOCKER_HOST),
            context: text(env_vars::DOCKER_CONTEXT),
            config_dir: docker_config_dir(),
            cert_dir: text(env_vars::DOCKER_CERT_PATH).map(PathBuf::from),
            uses_tls: text(env_vars::DOCKER_TLS_VERIFY).is_some(),
        }
    }
}

/// The folder of docker's client configuration: `DOCKER_CONFIG`, else `~/.docker`.
pub fn docker_config_dir() -> PathBuf {
    match std::env::var_os(env_vars::DOCKER_CONFIG) {
        Some(dir) if !dir.is_empty() => dir.into(),
        _ => std::env::home_dir().unwrap_or_default().join(".docker"),
    }
}

impl Endpoint {
    /// Finds the Engine: `host` (the `--host` flag), else `DOCKER_HOST`, else the docker context
    /// of `DOCKER_CONTEXT` or docker's configuration, else `/var/run/docker.sock`.
    ///
    /// Source: <https://docs.docker.com/engine/manage-resources/contexts/>
    ///
    /// # Errors
    ///
    /// The URL is malformed, or the context does not exist or cannot be read.
    pub fn find(host: Option<&str>) -> Result<Self, EndpointError> {
        Self::find_in(&Environment::read(), host)
    }

    fn find_in(environment: &Environment, host: Option<&str>) -> Result<Self, EndpointError> {
        if let Some(url) = host.or(environment.host.as_deref()) {
            let cert_dir = environment
                .cert_dir
                .clone()
                .unwrap_or(environment.config_dir.clone());
            return Self::parse(url, environment.uses_tls.then_some(cert_dir));
        }
        let context = match &environment.context {
            Some(name) => Some(name.clone()),
            None => current_context(&environment.config_dir)?,
        };
        match context.as_deref() {
            None | Some("default") => Ok(Self::Unix(DEFAULT_SOCKET.into())),
            Some(name) => Self::of_context(&environment.config_dir, name),
        }
    }

    /// Parses an Engine's URL; TCP goes through TLS when there is a folder with certificates.
    fn parse(url: &str, cert_dir: Option<PathBuf>) -> Result<Self, EndpointError> {
        let malformed = |fault| EndpointError::Malformed {
            url: url.to_owned(),
            fault,
        };
        let (scheme, rest) = url.split_once("://").ok_or_else(|| EndpointError::Scheme {
            url: url.to_owned(),
        })?;
        match scheme {
            "unix" if rest.is_empty() => Err(malformed("the socket's path is missing")),
            "unix" => Ok(Self::Unix(rest.into())),
            "tcp" | "http" | "https" => {
                let default_port = if cert_dir.is_some() { 2376 } else { 2375 };
                let (host, port) = split_port(rest.trim_end_matches('/')).map_err(malformed)?;
                let (host, port) = (host.to_owned(), port.unwrap_or(default_port));
                match cert_dir {
                    Some(cert_dir) => Ok(Self::Tls {
                        host,
                        port,
                        cert_dir,
                    }),
                    None if scheme == "https" => {
                        Err(malformed("https needs DOCKER_TLS_VERIFY and certificates"))
                    }
                    None => Ok(Self::Tcp { host, port }),
                }
            }
            "ssh" => {
                let (destination, port) = split_port(rest).map_err(malformed)?;
                // `ssh` would take it for an option.
                if destination.starts_with('-') {
                    return Err(malformed("the host starts with a dash"));
                }
                Ok(Self::Ssh {
                    destination: destination.to_owned(),
                    port,
                })
            }
            _ => Err(EndpointError::Scheme {
                url: url.to_owned(),
            }),
        }
    }

    fn of_context(config_dir: &Path, name: &str) -> Result<Self, EndpointError> {
        // Docker names a context's folder after the digest of its name.
        let digest = sha256_hex(name.as_bytes());
        let folder = digest.trim_start_matches("sha256:");
        let path = config_dir
            .join("contexts/meta")
            .join(folder)
            .join("meta.json");
        let Some(meta) = read_json::<ContextMeta>(&path)? else {
            return Err(EndpointError::NoContext {
                name: name.to_owned(),
                path,
            });
        };
        let endpoint = meta.endpoints.docker;
        if endpoint.skip_tls_verify {
            return Err(EndpointError::UnverifiedTls {
                name: name.to_owned(),
            });
        }
        let cert_dir = config_dir.join("contexts/tls").join(folder).join("docker");
        Self::parse(&endpoint.host, cert_dir.is_dir().then_some(cert_dir))
    }
}

impl std::fmt::Display for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unix(path) => write!(f, "unix://{}", path.display()),
            Self::Tcp { host, port } | Self::Tls { host, port, .. } => {
                write!(f, "tcp://{host}:{port}")
            }
            Self::Ssh {
                destination,
                port: Some(port),
            } => write!(f, "ssh://{destination}:{port}"),
            Self::Ssh {
                destination,
                port: None,
            } => write!(f, "ssh://{destination}"),
        }
    }
}

/// Splits `host:port`, `[v6]:port` or a host alone.
fn split_port(address: &str) -> Result<(&str, Option<u16>), &'static str> {
    if address.contains('/') {
        return Err("a path after the host is not supported");
    }
    let (host, port) = match address.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => (host, Some(port)),
        _ => (address, None),
    };
    if host.is_empty() {
        return Err("the host is missing");
    }
    let port = port
        .map(str::parse)
        .transpose()
        .map_err(|_| "the port is not a number up to 65535")?;
    Ok((host.trim_start_matches('[').trim_end_matches(']'), port))
}

fn current_context(config_dir: &Path) -> Result<Option<String>, EndpointError> {
    let config = read_json::<ClientConfig>(&config_dir.join("config.json"))?;
    Ok(config
        .and_then(|config| config.current_context)
        .filter(|name| !name.is_empty()))
}

/// Reads a JSON file, and `None` when there is none.
fn read_json<T: for<'de> Deserialize<'de>>(path: &Path) -> Result<Option<T>, EndpointError> {
    let text = match fs_err::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(EndpointError::Read(error)),
    };
    serde_json::from_slice(&text)
        .map(Some)
        .map_err(|source| EndpointError::Json {
            path: path.to_owned(),
            source,
        })
}

#[derive(Deserialize)]
struct ClientConfig {
    #[serde(rename = "currentContext")]
    current_context: Option<String>,
}

#[derive(Deserialize)]
struct ContextMeta {
    #[serde(rename = "Endpoints")]
    endpoints: ContextEndpoints,
}

#[derive(Deserialize)]
struct ContextEndpoints {
    docker: ContextEndpoint,
}

#[derive(Deserialize)]
struct ContextEndpoint {
    #[serde(rename = "Host")]
    host: String,
    #[serde(rename = "SkipTLSVerify", default)]
    skip_tls_verify: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unix(path: &str) -> Endpoint {
        Endpoint::Unix(path.into())
    }

    #[test]
    fn urls_of_all_kinds_are_understood() {
        let tcp = |host: &str, port| Endpoint::Tcp {
            host: host.to_owned(),
            port,
        };
        let ssh = |to: &str, port| Endpoint::Ssh {
            destination: to.to_owned(),
            port,
        };
        let cases = [
            ("unix:///run/docker.sock", unix("/run/docker.sock")),
            ("tcp://10.0.0.1:1234", tcp("10.0.0.1", 1234)),
            ("tcp://build", tcp("build", 2375)),
            ("http://build:80/", tcp("build", 80)),
            ("tcp://[::1]:2375", tcp("::1", 2375)),
            ("ssh://me@build", ssh("me@build", None)),
            ("ssh://build:2222", ssh("build", Some(2222))),
        ];
        for (url, endpoint) in cases {
            assert_eq!(Endpoint::parse(url, None).unwrap(), endpoint, "{url}");
        }
    }

    #[test]
    fn anything_else_is_refused_with_the_url() {
        let urls = [
            "",
            "build:2375",
            "ftp://x",
            "unix://",
            "tcp://:1",
            "tcp://h:99999",
            "https://h",
            "ssh://-oProxyCommand=x",
            "ssh://h/sock",
        ];
        for url in urls {
            let error = Endpoint::parse(url, None).unwrap_err();
            assert!(error.to_string().contains(&format!("`{url}`")), "{error}");
        }
    }

    #[test]
    fn tcp_goes_through_tls_when_asked_to() {
        let environment = Environment {
            host: Some("tcp://build".to_owned()),
            config_dir: "/home/me/.docker".into(),
            uses_tls: true,
            ..Environment::default()
        };
        let endpoint = Endpoint::find_in(&environment, None).unwrap();
        let cert_dir = "/home/me/.docker".into();
        assert_eq!(
            endpoint,
            Endpoint::Tls {
                host: "build".to_owned(),
                port: 2376,
                cert_dir
            }
        );
    }

    #[test]
    fn the_flag_wins_over_the_environment_and_that_over_the_context() {
        let folder = tempfile::tempdir().unwrap();
        let config_dir = folder.path().to_owned();
        let mut environment = Environment {
            config_dir: config_dir.clone(),
            ..Environment::default()
        };
        assert_eq!(
            Endpoint::find_in(&environment, None).unwrap(),
            unix(DEFAULT_SOCKET)
        );

        // The digest of `ci`, as `printf ci | sha256sum` prints it.
        let digest = "1b158839f8aa339e89bb50b1603e90ec68e0fd5565fe10a7cb32729fddf7070a";
        let meta_dir = config_dir.join("contexts/meta").join(digest);
        fs_err::create_dir_all(&meta_dir).unwrap();
        let meta = r#"{"Name":"ci","Endpoints":{"docker":{"Host":"unix:///ci.sock","SkipTLSVerify":false}}}"#;
        fs_err::write(meta_dir.join("meta.json"), meta).unwrap();
        fs_err::write(config_dir.join("config.json"), r#"{"currentContext":"ci"}"#).unwrap();
        assert_eq!(
            Endpoint::find_in(&environment, None).unwrap(),
            unix("/ci.sock")
        );

        environment.host = Some("unix:///env.sock".to_owned());
        assert_eq!(
            Endpoint::find_in(&environment, None).unwrap(),
            unix("/env.sock")
        );
        let flag = Some("unix:///flag.sock");
        assert_eq!(
            Endpoint::find_in(&environment, flag).unwrap(),
            unix("/flag.sock")
        );
    }

    #[test]
    fn a_context_that_does_not_exist_is_named() {
        let environment = Environment {
            context: Some("nowhere".to_owned()),
            config_dir: "/nonexistent".into(),
            ..Environment::default()
        };
        let error = Endpoint::find_in(&environment, None).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("there is no docker context `nowhere`")
        );
    }
}
