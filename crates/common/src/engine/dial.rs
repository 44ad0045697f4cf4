//! A byte stream to an Engine, whatever lies between.

use std::io;
use std::path::Path;
use std::pin::Pin;
use std::process::Stdio;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, UnixStream};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::Endpoint;

/// A stream of bytes to and from an Engine.
pub trait Connection: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Connection for T {}

impl Endpoint {
    /// Opens a connection. Each call makes a new one.
    ///
    /// # Errors
    ///
    /// Nobody listens, or the TLS or ssh session cannot be set up.
    pub async fn dial(&self) -> io::Result<Box<dyn Connection>> {
        Ok(match self {
            Self::Unix(path) => Box::new(UnixStream::connect(path).await?),
            Self::Tcp { host, port } => Box::new(dial_tcp(host, *port).await?),
            Self::Tls {
                host,
                port,
                cert_dir,
            } => {
                let config = tls_config(cert_dir)?;
                let name = ServerName::try_from(host.clone()).map_err(io::Error::other)?;
                let stream = dial_tcp(host, *port).await?;
                Box::new(
                    TlsConnector::from(Arc::new(config))
                        .connect(name, stream)
                        .await?,
                )
            }
            Self::Ssh { destination, port } => Box::new(SshConnection::open(destination, *port)?),
        })
    }
}

async fn dial_tcp(host: &str, port: u16) -> io::Result<TcpStream> {
    let stream = TcpStream::connect((host, port)).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// The client side of docker's TLS: `ca.pem`, else the system's roots, says whom to trust;
/// `cert.pem` and `key.pem`, where both are there, say who we are.
fn tls_config(cert_dir: &Path) -> io::Result<ClientConfig> {
    let file = |name: &str| Some(cert_dir.join(name)).filter(|path| path.exists());
    let mut roots = RootCertStore::empty();
    match file("ca.pem") {
        Some(path) => roots.add_parsable_certificates(read_certificates(&path)?),
        None => roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs),
    };
    let config = ClientConfig::builder().with_root_certificates(roots);
    let (Some(cert_path), Some(key_path)) = (file("cert.pem"), file("key.pem")) else {
        return Ok(config.with_no_client_auth());
    };
    let key = PrivateKeyDer::from_pem_slice(&fs_err::read(&key_path)?)
        .map_err(|error| bad_pem(&key_path, &error))?;
    config
        .with_client_auth_cert(read_certificates(&cert_path)?, key)
        .map_err(io::Error::other)
}

fn read_certificates(path: &Path) -> io::Result<Vec<CertificateDer<'static>>> {
    let pem = fs_err::read(path)?;
    CertificateDer::pem_slice_iter(&pem)
        .collect::<Result<_, _>>()
        .map_err(|error| bad_pem(path, &error))
}

fn bad_pem(path: &Path, error: &pem::Error) -> io::Error {
    io::Error::other(format!(
        "`{}` is not a PEM file of the expected kind: {error}",
        path.display()
    ))
}

/// The streams of an `ssh` that runs `docker system dial-stdio` on the other side, as the docker
/// client does it. Dropping it ends the program.
struct SshConnection {
    _ssh: Child,
    from: ChildStdout,
    to: ChildStdin,
}

impl SshConnection {
    fn open(destination: &str, port: Option<u16>) -> io::Result<Self> {
        let mut command = Command::new("ssh");
        if let Some(port) = port {
            command.arg("-p").arg(port.to_string());
        }
        let mut ssh = command
            .args(["-o", "ConnectTimeout=30", "-T", "--", destination])
            .args(["docker", "system", "dial-stdio"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let from = ssh.stdout.take().expect("standard output is piped");
        let to = ssh.stdin.take().expect("standard input is piped");
        Ok(Self {
            _ssh: ssh,
            from,
            to,
        })
    }
}

impl AsyncRead for SshConnection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.from).poll_read(context, buffer)
    }
}

impl AsyncWrite for SshConnection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.to).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.to).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.to).poll_shutdown(context)
    }
}
