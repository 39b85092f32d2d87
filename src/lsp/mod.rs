//! The language server: what editors ask (LSP 3.17), over the same front end as the shell and `reeve check`.
//!
//! It speaks over standard input and output, one message after the other on one thread: a text is checked in
//! milliseconds. Diagnostics are pushed, a little after the last key; all else is answered when it is asked.

mod actions;
mod capabilities;
mod completion;
mod definition;
mod diagnostics;
mod document;
mod hover;
mod place;
mod server;
mod signature;
mod stream;
mod symbols;
mod tokens;

use crate::cli::Shell;
use server::Server;
use std::error::Error;

/// Serves one editor over standard input and output, until it says `exit` or closes the stream.
///
/// # Errors
/// A client that does not speak the protocol, a stream that breaks.
pub fn serve(shell: &Shell) -> Result<(), Box<dyn Error + Send + Sync>> {
    let (connection, threads) = stream::stdio()?;
    let capabilities = serde_json::to_value(capabilities::of_server())?;
    let (id, _client) = connection.initialize_start()?;
    let answer = serde_json::json!({
        "capabilities": capabilities,
        "serverInfo": { "name": "reeve", "version": env!("CARGO_PKG_VERSION") },
    });
    connection.initialize_finish(id, answer)?;
    Server::new(shell, &connection).run()?;
    // The writer ends when nobody can write any more.
    drop(connection);
    threads.join()?;
    Ok(())
}
