//! A file tree over a connection that is cut at any byte.

use super::{noise, tree};
use reeve::backup::carry::carry;
use reeve::backup::files::{Options, Report, Source, Target, Tree};
use reeve::env::{FixedRandom, Random, SystemClock};
use reeve::error::ErrorRecord;
use reeve::net::http::{Answer, Body, Caller, Channel, Method, Request, Service, serve_connection};
use reeve::net::{Ends, Pending};
use std::fs;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};
use tokio::sync::watch;

/// Ends after so many bytes, whichever way they go.
struct Cut {
    stream: DuplexStream,
    left: Arc<AtomicU64>,
}

fn gone() -> std::io::Error {
    std::io::ErrorKind::ConnectionReset.into()
}

impl AsyncRead for Cut {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        if self.left.load(Ordering::SeqCst) == 0 {
            return Poll::Ready(Err(gone()));
        }
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Cut {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
        let left = self.left.load(Ordering::SeqCst);
        if left == 0 {
            return Poll::Ready(Err(gone()));
        }
        let some = bytes.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let written = Pin::new(&mut self.stream).poll_write(cx, &bytes[..some]);
        if let Poll::Ready(Ok(n)) = &written {
            let n = *n as u64;
            let _ = self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| Some(left.saturating_sub(n)));
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// Gives a tree to whoever asks.
struct Gives(PathBuf);

impl Service for Gives {
    fn call(&self, request: Request) -> Pending<Answer> {
        let place = self.0.clone();
        Box::pin(async move {
            let (to, body) = Body::lines();
            tokio::spawn(carry(move || Source::begin(open(&place)?), to, request.body, |_| {}, |_| None));
            Answer::bytes(body)
        })
    }
}

fn open(place: &Path) -> Result<Tree, ErrorRecord> {
    let options =
        Options { host: "fs.example".into(), clock: Arc::new(SystemClock), may_be_empty: false, counts: false };
    let begun = Instant::now();
    loop {
        // The end of the connection before may still be letting go.
        match Tree::open(&place.join("tree"), &place.join("index"), options.clone()) {
            Err(error) if error.id() == "FileSyncBusy" && begun.elapsed() < Duration::from_secs(60) => {
                std::thread::sleep(Duration::from_millis(5));
            }
            other => return other,
        }
    }
}

/// One synchronisation, over a connection that bears so many bytes.
async fn once(source: &Path, target: &Path, bytes: u64) -> Result<Report, ErrorRecord> {
    let (here, there) = tokio::io::duplex(64 << 10);
    let left = Arc::new(AtomicU64::new(bytes));
    let (here, there) = (Cut { stream: here, left: left.clone() }, Cut { stream: there, left });
    let (_stop, stopped) = watch::channel(false);
    let gives = Arc::new(Gives(source.to_path_buf()));
    tokio::spawn(serve_connection(there, Caller::Local { uid: 0, gid: 0 }, Ends::with("target"), gives, stopped));
    let channel = Channel::over(here, Ends::with("source"), None).await?;
    let (to, body) = Body::lines();
    let from = channel.request(Method::POST, "/", body).await?.accepted().await?;
    let place = target.to_path_buf();
    carry(move || Target::begin(open(&place)?), to, from, |_| {}, |_| None).await.map(|carried| carried.report)
}

/// Rule: a connection that is cut at any byte leaves every file as it was or as it is to be, and the next synchronisation
/// goes on; in the end the trees are alike, and what was taken is not taken again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cut_at_any_byte_is_gone_on_from() {
    let folder = tempfile::tempdir().unwrap();
    let (source, target) = (folder.path().join("source"), folder.path().join("target"));
    for place in [&source, &target] {
        fs::create_dir_all(place.join("tree")).unwrap();
    }
    let random = FixedRandom::new(7);
    let total = {
        let mut total = 0;
        for n in 0..40u64 {
            let size = usize::try_from(random.below(120_000)).unwrap();
            let path = source.join(format!("tree/d{}/f{n}", n % 5));
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, noise(size, n)).unwrap();
            total += size as u64;
        }
        fs::write(source.join("tree/large"), noise(3 << 20, 99)).unwrap();
        total + (3 << 20)
    };
    let (mut cuts, mut turns) = (0, 0);
    for round in 0..3u64 {
        loop {
            turns += 1;
            assert!(turns < 200, "it does not come forward");
            let bytes = 2_000 + random.below(700_000);
            match once(&source, &target, bytes).await {
                Ok(report) => {
                    assert!(report.complete(), "{report:?}");
                    break;
                }
                Err(error) => {
                    cuts += 1;
                    assert!(!matches!(error.id(), "FileSyncProtocol" | "FileSyncBroken"), "{error:?}");
                    // Whatever is in its place is whole: old or new.
                    for (name, about) in tree(&target.join("tree")) {
                        let now = tree_entry(&source, &name);
                        let is_new = content(&about) == content(&now);
                        assert!(about.starts_with("folder") || is_new || round > 0, "{name}: {about} and {now}");
                    }
                }
            }
        }
        assert_eq!(tree(&source.join("tree")), tree(&target.join("tree")));
        let large = source.join("tree/large");
        let mut bytes = fs::read(&large).unwrap();
        bytes.splice(1000..2000, noise(1500, round));
        fs::write(&large, bytes).unwrap();
        fs::rename(source.join(format!("tree/d{round}")), source.join(format!("tree/moved{round}"))).unwrap();
    }
    assert!(cuts >= 5, "{cuts} cuts in {turns} turns over {total} bytes");
    let last = once(&source, &target, u64::MAX).await.unwrap();
    assert!(last.bytes_received < 200_000, "{last:?}");
    let idle = once(&source, &target, u64::MAX).await.unwrap();
    assert!(idle.idle() && idle.bytes_received + idle.bytes_sent < 400, "{idle:?}");
}

fn tree_entry(place: &Path, name: &str) -> String {
    tree(&place.join("tree")).remove(name).unwrap_or_default()
}

fn content(about: &str) -> Option<&str> {
    about.starts_with("file").then(|| about.rsplit(' ').next()).flatten()
}
