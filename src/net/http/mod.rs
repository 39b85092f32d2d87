//! HTTP/2 between computers and sessions: bodies are JSON lines, streamed, each side as fast as the other takes them.

pub mod body;
pub mod client;
pub mod fault;
pub mod lines;
mod pulse;
pub mod server;

pub use body::{Body, LineSender};
pub use client::{Channel, Response};
pub use lines::Lines;
pub use server::{Answer, Caller, Request, Service, serve_connection, serve_plain};

pub use hyper::{Method, StatusCode};

/// Longest line of a body, in bytes: a record of a few megabytes fits.
pub const LONGEST_LINE: usize = 16 << 20;
/// Bytes of one stream that may be under way unread; the sender waits for more.
const STREAM_WINDOW: u32 = 128 << 10;
/// Requests of one connection at the same time: a session has few, and each may hold a thread.
const STREAMS: u32 = 64;
/// Bytes of all streams of a connection that may be under way unread: streams that nobody reads must not stop the others.
const CONNECTION_WINDOW: u32 = STREAMS * STREAM_WINDOW;
/// Bytes of one stream that wait in the sender's memory for the window.
const SEND_BUFFER: usize = 64 << 10;
/// Bytes of a request's or answer's headers: ours have a few hundred.
const HEADERS: u32 = 16 << 10;
