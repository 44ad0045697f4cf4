//! Doors to the Engine's socket, so that transports other than the socket can be tested.

use rcgen::{BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

const SOCKET: &str = "/var/run/docker.sock";

/// A TCP port that leads to the Engine's socket until it is dropped.
pub struct Proxy {
    /// Where it listens, on loopback.
    pub address: SocketAddr,
    _runtime: Runtime,
}

impl Proxy {
    /// Opens a plain TCP port.
    pub fn tcp() -> Self {
        Self::listen(None)
    }

    /// Opens a port behind TLS that only lets in who has the client certificate. Writes `ca.pem`,
    /// `cert.pem` and `key.pem` for the client into `cert_dir`.
    pub fn tls(cert_dir: &Path) -> Self {
        Self::listen(Some(TlsAcceptor::from(Arc::new(server_config(cert_dir)))))
    }

    fn listen(tls: Option<TlsAcceptor>) -> Self {
        let runtime = Runtime::new().expect("a runtime starts");
        let listener = runtime
            .block_on(TcpListener::bind("127.0.0.1:0"))
            .expect("a port is free");
        let address = listener.local_addr().expect("a bound port has an address");
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, tls.clone()));
            }
        });
        Self {
            address,
            _runtime: runtime,
        }
    }
}

async fn serve(stream: TcpStream, tls: Option<TlsAcceptor>) {
    match tls {
        None => forward(stream).await,
        // A client that is not let in ends here; the test sees it on the client's side.
        Some(tls) => {
            if let Ok(stream) = tls.accept(stream).await {
                forward(stream).await;
            }
        }
    }
}

async fn forward(mut stream: impl AsyncRead + AsyncWrite + Unpin) {
    let mut engine = UnixStream::connect(SOCKET)
        .await
        .expect("the Engine listens on its socket");
    // Either side may simply leave.
    let _ = copy_bidirectional(&mut stream, &mut engine).await;
}

fn server_config(cert_dir: &Path) -> ServerConfig {
    let mut ca_params = CertificateParams::new(Vec::new()).expect("no names are valid names");
    ca_params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca_key = KeyPair::generate().expect("a key is made");
    let ca = ca_params
        .self_signed(&ca_key)
        .expect("the authority signs itself");
    let issuer = Issuer::new(ca_params, ca_key);

    let certificate = |name: &str, usage| {
        let mut params = CertificateParams::new(vec![name.to_owned()]).expect("a valid name");
        params.extended_key_usages = vec![usage];
        let key = KeyPair::generate().expect("a key is made");
        (
            params
                .signed_by(&key, &issuer)
                .expect("the authority signs"),
            key,
        )
    };
    let (client, client_key) = certificate("client", ExtendedKeyUsagePurpose::ClientAuth);
    let write = |name: &str, pem: String| {
        fs_err::write(cert_dir.join(name), pem).expect("the folder can be written");
    };
    write("ca.pem", ca.pem());
    write("cert.pem", client.pem());
    write("key.pem", client_key.serialize_pem());

    let (server, server_key) = certificate("localhost", ExtendedKeyUsagePurpose::ServerAuth);
    let mut roots = RootCertStore::empty();
    roots.add(ca.der().clone()).expect("the authority is one");
    let verifier = WebPkiClientVerifier::builder(Arc::new(roots))
        .build()
        .expect("a verifier");
    let key = server_key
        .serialize_der()
        .try_into()
        .expect("a private key");
    ServerConfig::builder()
        .with_client_cert_verifier(verifier)
        .with_single_cert(vec![server.der().clone()], key)
        .expect("the certificate fits its key")
}
