//! The log over HTTP/2, without TLS: the same answers come, and a question that waits ends with its connection.

use super::super::{Ask, Feeds, LineStream, Mode, Request, Transport, sync_once};
use super::{Place, Wire, change, grant, set, until};
use crate::error::ErrorRecord;
use crate::net::http::{self, Body, Channel, Method};
use crate::net::{Ends, Pending};
use crate::store::Store;
use bytes::Bytes;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

struct Mount(Arc<Feeds>);

impl http::Service for Mount {
    fn call(&self, request: http::Request) -> Pending<http::Answer> {
        let feeds = self.0.clone();
        Box::pin(async move { feeds.serve("b", request).await })
    }
}

/// A connection to a place's answering side. It is served until the sender is dropped.
async fn channel(place: &Place) -> (Arc<Channel>, watch::Sender<bool>) {
    let (near, far) = tokio::io::duplex(1 << 16);
    let (stop, stopped) = watch::channel(false);
    let service = Arc::new(Mount(place.feeds.clone()));
    tokio::spawn(http::serve_connection(
        far,
        http::Caller::Local { uid: 0, gid: 0 },
        Ends::with("b"),
        service,
        stopped,
    ));
    (Arc::new(Channel::over(near, Ends::with("a"), None).await.unwrap()), stop)
}

struct Over(Arc<Channel>);

impl Transport for Over {
    fn ask(&self, _to: &str, request: Bytes) -> Pending<Result<LineStream, ErrorRecord>> {
        let channel = self.0.clone();
        Box::pin(async move {
            let answer = channel.request(Method::POST, "/v1/log/CentralMgmt", Body::whole(request)).await?;
            answer.accepted().await.map(LineStream::Http)
        })
    }
}

/// Rule: what goes over HTTP arrives as it was, small and huge.
#[tokio::test(flavor = "multi_thread")]
async fn the_log_goes_over_http() {
    let wire = Wire::default();
    let (source, copy) = (Place::active(&wire, "a"), Place::new(&wire, "b", Duration::ZERO));
    let store = source.store();
    for n in 0..50 {
        set(&store, &format!("D{n}"), n);
    }
    store.commit(&grant(), &[change("Huge", json!(super::wire::noise(5 << 20, 1)))]).unwrap();
    let (channel, _stop) = channel(&source).await;
    let mut options = copy.options("a", false);
    options.transport = Arc::new(Over(channel.clone()));
    let status = sync_once(&options, Mode::ACTIVE).await.unwrap();
    assert_eq!(copy.dump(), source.dump());
    assert_eq!((status.pulled.rows, status.pulled.documents), (51, 51));
    let nothing = sync_once(&options, Mode::ACTIVE).await.unwrap().pulled;
    assert!(nothing.received + nothing.sent < 2_000, "{nothing:?}");
    // What is no question is refused.
    let refused = channel.request(Method::POST, "/v1/log/CentralMgmt", Body::whole("{}")).await.unwrap();
    assert_eq!(refused.accepted().await.unwrap_err().id(), "LineInvalid");
}

/// Rule: a question that waits is given up when who asked has gone.
#[tokio::test(flavor = "multi_thread")]
async fn a_question_ends_with_its_connection() {
    let wire = Wire::default();
    let source = Place::active(&wire, "a");
    let (channel, _stop) = channel(&source).await;
    let ask = Ask::After { sequence: 0, hash: Default::default(), version: 0, wait: 10_000 };
    let request = Request { epoch: 1, synchronous: false, any: false, ask };
    let bytes = serde_json::to_vec(&request).unwrap();
    let answer = channel.request(Method::POST, "/v1/log/CentralMgmt", Body::whole(bytes)).await.unwrap();
    // The answering side is held by what answers, by the service and by its place.
    until("it is asked", || Arc::strong_count(&source.feeds) >= 4).await;
    drop(answer);
    until("it is given up", || Arc::strong_count(&source.feeds) <= 3).await;
}
