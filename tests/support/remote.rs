//! Sessions through a server: with `REEVE_TEST_SESSION=remote` the labs of tests are asked over a socket, not in process.

use reeve::access::Principal;
use reeve::cmdlet::registry::Registry;
use reeve::cmdlet::remote::{HttpLink, Lines, Link, Socket};
use reeve::cmdlet::run::Side;
use reeve::cmdlet::{Maker, Session};
use reeve::deployment::{Deployment, HostDirectory};
use reeve::env::SystemClock;
use reeve::error::ErrorRecord;
use reeve::host::calls::{Caller, Calls, Limits};
use reeve::net::http::{Answer, Request, Service, serve_connection};
use reeve::net::{Ends, Pending, unix};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;

/// Whether sessions go through a server.
pub fn is_on() -> bool {
    std::env::var("REEVE_TEST_SESSION").as_deref() == Ok("remote")
}

/// A server on a socket of its own, over a host directory that others may use too. Dropped, it ends with all that it runs.
pub struct Server {
    runtime: Option<Runtime>,
    /// Its socket.
    pub socket: PathBuf,
    /// What serves its calls.
    pub calls: Calls,
    _folder: tempfile::TempDir,
    _stop: watch::Sender<bool>,
}

struct Served {
    calls: Calls,
    known: Option<Principal>,
}

impl Service for Served {
    fn call(&self, request: Request) -> Pending<Answer> {
        let (calls, known) = (self.calls.clone(), self.known.clone());
        Box::pin(async move {
            match known {
                Some(principal) => calls.answer_to(Ok(Caller::Known(principal)), request).await,
                None => calls.answer(request).await,
            }
        })
    }
}

impl Server {
    /// Starts one. `known`: whoever calls is taken for this principal.
    pub fn start(host: &Path, known: Option<Principal>, limits: Limits) -> Server {
        Server::with(host, known, limits, Arc::new(Registry::default), None)
    }

    /// The same with cmdlets of the test's own, or on a socket that is named.
    pub fn with(
        host: &Path,
        known: Option<Principal>,
        limits: Limits,
        registry: Maker<Registry>,
        socket: Option<PathBuf>,
    ) -> Server {
        let host = host.to_path_buf();
        let open = move || Deployment::of(Arc::new(HostDirectory::open(&host)?), Arc::new(SystemClock));
        let calls = Calls::with_registry(Arc::new(open), Arc::new(|| Ok(())), limits, registry);
        let folder = tempfile::tempdir().expect("a folder");
        let socket = socket.unwrap_or_else(|| folder.path().join("reeve.sock"));
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        let (stop, stopped) = watch::channel(false);
        let service = Arc::new(Served { calls: calls.clone(), known });
        let listener = runtime.block_on(async { unix::bind(&socket) }).expect("a socket");
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let caller = unix::caller(&stream).expect("a caller");
                tokio::spawn(serve_connection(
                    stream,
                    caller,
                    Ends::with("a session"),
                    service.clone(),
                    stopped.clone(),
                ));
            }
        });
        Server { runtime: Some(runtime), socket, calls, _folder: folder, _stop: stop }
    }

    /// A link to it.
    pub fn link(&self) -> HttpLink {
        HttpLink::new(Arc::new(Socket(self.socket.clone())), true).expect("a thread")
    }

    /// Ends it in the middle of whatever it does.
    pub fn kill(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // What it has open is closed when this returns: the next test may put other files in its place.
        if let Some(runtime) = &self.runtime {
            runtime.block_on(self.calls.stop(Duration::from_secs(20)));
        }
        self.kill();
    }
}

/// A link that keeps its server.
struct Kept {
    link: HttpLink,
    _server: Server,
}

impl Link for Kept {
    fn call(&self, side: Side, fresh: bool) -> Result<Lines, ErrorRecord> {
        self.link.call(side, fresh)
    }

    fn get(&self, path: &str) -> Result<serde_json::Value, ErrorRecord> {
        self.link.get(path)
    }
}

/// The session on a host directory, of whoever runs the test or of a principal: through a server if that is asked for.
/// The deployment can be looked at in any case.
pub fn session_on(session: Session, host: &Path, principal: Option<Principal>) -> Session {
    let session = session.on(host);
    let session = match principal.clone() {
        Some(principal) => session.as_principal(principal),
        None => session,
    };
    if is_on() { session.through(link(host, principal)) } else { session }
}

fn link(host: &Path, principal: Option<Principal>) -> Arc<dyn Link> {
    // Tests put files in the place of others: nothing is kept open.
    let limits = Limits { keep_open: false, wait: Duration::from_secs(60), ..Limits::default() };
    let server = Server::start(host, principal, limits);
    Arc::new(Kept { link: server.link(), _server: server })
}
