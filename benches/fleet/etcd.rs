//! etcd with as many watchers as there are replicas, each over a TLS connection of its own.

use super::figures::{Figures, computed_millis, settled_kib};
use super::{Failure, REST, proto};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto::ring};

/// How long one round may take before the bench gives up.
const PATIENCE: Duration = Duration::from_secs(60);
const KEY: &[u8] = b"reeve/bench";

/// A server that ends with this value.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Puts `rounds` values of `size` bytes before so many watchers.
pub async fn run(watchers: usize, rounds: usize, size: usize) -> Result<Figures, Failure> {
    let folder = tempfile::tempdir()?;
    let (config, port, server) = start(folder.path())?;
    let pid = server.0.id();
    let putter = connect_patiently(&config, port).await?;
    let mut figures = Figures::default();
    let before = settled_kib(pid).await;
    let (received, mut arrivals) = mpsc::channel::<(usize, Instant)>(watchers.max(1) * 2);
    for _ in 0..watchers {
        let client = connect(&config, port).await?;
        watch(client, received.clone()).await?;
    }
    figures.number("memory_each", (settled_kib(pid).await - before) / watchers.max(1) as f64);
    let mut computed = computed_millis(pid);
    for round in 0..=rounds {
        let mut value = vec![b'x'; size];
        value[..8].copy_from_slice(&(round as u64).to_be_bytes());
        let mut of_round = Figures::default();
        let start = Instant::now();
        put(&putter, &value).await?;
        of_round.time("acknowledged", start.elapsed());
        for _ in 0..watchers {
            let arrival = tokio::time::timeout(PATIENCE, arrivals.recv()).await?;
            let (got, at) = arrival.ok_or("a watcher ended")?;
            if got != round {
                return Err(format!("round {round}: a watcher got {got}").into());
            }
            of_round.time("delivered", at.duration_since(start));
        }
        if round == 0 {
            computed = computed_millis(pid);
        } else {
            figures.merge(of_round);
        }
        tokio::time::sleep(REST).await;
    }
    figures.number("server_computed", (computed_millis(pid) - computed) / rounds.max(1) as f64);
    Ok(figures)
}

fn start(folder: &Path) -> Result<(Arc<ClientConfig>, u16, Server), Failure> {
    let mut params = CertificateParams::new(Vec::<String>::new())?;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
    let key = KeyPair::generate()?;
    let certificate = CertificateParams::new(vec!["localhost".to_string()])?.signed_by(&key, &authority)?;
    let file = |name: &str, text: String| -> Result<String, Failure> {
        let path = folder.join(name);
        std::fs::write(&path, text)?;
        Ok(path.display().to_string())
    };
    let free = || -> Result<u16, Failure> { Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port()) };
    let (port, peers) = (free()?, free()?);
    let (url, peer_url) = (format!("https://127.0.0.1:{port}"), format!("http://127.0.0.1:{peers}"));
    let process = Command::new("etcd")
        .args(["--data-dir", &folder.join("data").display().to_string()])
        .args(["--listen-client-urls", &url, "--advertise-client-urls", &url])
        .args(["--listen-peer-urls", &peer_url, "--initial-advertise-peer-urls", &peer_url])
        .args(["--initial-cluster", &format!("default={peer_url}")])
        .args(["--cert-file", &file("server.crt", certificate.pem())?])
        .args(["--key-file", &file("server.key", key.serialize_pem())?])
        .args(["--log-level", "error"])
        .env("ETCD_UNSUPPORTED_ARCH", std::env::consts::ARCH)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("etcd does not start ({error}): apt-get install etcd-server"))?;
    let mut roots = RootCertStore::empty();
    roots.add(authority.der().clone())?;
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec()];
    Ok((Arc::new(config), port, Server(process)))
}

type Client = h2::client::SendRequest<bytes::Bytes>;

async fn connect_patiently(config: &Arc<ClientConfig>, port: u16) -> Result<Client, Failure> {
    let start = Instant::now();
    loop {
        match connect(config, port).await {
            Ok(client) if put(&client, b"ready   ").await.is_ok() => return Ok(client),
            _ if start.elapsed() > Duration::from_secs(20) => return Err("etcd does not answer".into()),
            _ => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

async fn connect(config: &Arc<ClientConfig>, port: u16) -> Result<Client, Failure> {
    let stream = TcpStream::connect(("127.0.0.1", port)).await?;
    stream.set_nodelay(true)?;
    let stream = TlsConnector::from(config.clone()).connect(ServerName::try_from("localhost")?, stream).await?;
    let (client, connection) = h2::client::handshake(stream).await?;
    tokio::spawn(async move {
        let _ = connection.await;
    });
    Ok(client)
}

fn request(path: &str) -> Result<http::Request<()>, Failure> {
    let uri = format!("https://localhost/etcdserverpb.{path}");
    let request = http::Request::post(uri).header("content-type", "application/grpc").header("te", "trailers");
    Ok(request.body(())?)
}

async fn put(client: &Client, value: &[u8]) -> Result<(), Failure> {
    let mut client = client.clone().ready().await?;
    let (response, mut body) = client.send_request(request("KV/Put")?, false)?;
    body.send_data(proto::put(KEY, value), true)?;
    let mut answer = response.await?.into_body();
    while let Some(data) = answer.data().await {
        answer.flow_control().release_capacity(data?.len())?;
    }
    let status = answer.trailers().await?.and_then(|t| t.get("grpc-status").cloned());
    match status {
        Some(status) if status == "0" => Ok(()),
        other => Err(format!("etcd refused a put: {other:?}").into()),
    }
}

/// Opens a watch; when it stands, what comes is told to `received` by the round that its value names.
async fn watch(client: Client, received: mpsc::Sender<(usize, Instant)>) -> Result<(), Failure> {
    let mut client = client.ready().await?;
    let (response, mut body) = client.send_request(request("Watch/Watch")?, false)?;
    body.send_data(proto::watch(KEY), false)?;
    let mut answer = response.await?.into_body();
    let mut buffer = Vec::new();
    let mut stands = false;
    while !stands {
        let data = answer.data().await.ok_or("etcd ended a watch")??;
        answer.flow_control().release_capacity(data.len())?;
        buffer.extend_from_slice(&data);
        while let Some(message) = proto::take(&mut buffer) {
            stands |= proto::created(&message);
        }
    }
    tokio::spawn(async move {
        // Kept open: its end would end the watch.
        let (_client, _body) = (client, body);
        while let Some(Ok(data)) = answer.data().await {
            if answer.flow_control().release_capacity(data.len()).is_err() {
                return;
            }
            buffer.extend_from_slice(&data);
            while let Some(message) = proto::take(&mut buffer) {
                for value in proto::values(&message) {
                    let at = Instant::now();
                    let round = value.first_chunk::<8>().map_or(0, |head| u64::from_be_bytes(*head) as usize);
                    if received.send((round, at)).await.is_err() {
                        return;
                    }
                }
            }
        }
    });
    Ok(())
}
