//! The loop: takes messages, keeps the open texts, answers.

use super::document::Document;
use super::{actions, completion, definition, diagnostics, hover, signature, symbols, tokens};
use crate::cli::Shell;
use gen_lsp_types::{
    DidChangeTextDocumentParams, DidCloseTextDocumentParams, DidOpenTextDocumentParams, Position, Uri,
};
use lsp_server::{Connection, ErrorCode, Message, Notification, Request, Response};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::HashMap;
use std::error::Error;
use std::time::{Duration, Instant};

/// How long after the last change a text is checked: less than a pause between words, more than one between keys.
const PAUSE: Duration = Duration::from_millis(120);

/// The state of one editor's session.
pub(super) struct Server<'a> {
    pub shell: &'a Shell,
    connection: &'a Connection,
    /// The open texts, by their names. As many as the client has open: it closes what it does not show.
    documents: HashMap<String, Document>,
}

/// What an answer is made of: the result, or why there is none.
type Answer = Result<Value, (ErrorCode, String)>;

impl<'a> Server<'a> {
    /// A server over a connection on which the beginning was made.
    pub fn new(shell: &'a Shell, connection: &'a Connection) -> Server<'a> {
        Server { shell, connection, documents: HashMap::new() }
    }

    /// Serves until the client says `exit`, or is gone.
    ///
    /// # Errors
    /// A stream that breaks.
    pub fn run(mut self) -> Result<(), Box<dyn Error + Send + Sync>> {
        loop {
            let next = self.documents.values().filter_map(|document| document.due).min();
            let message = match next {
                Some(due) => {
                    let wait = due.saturating_duration_since(Instant::now());
                    match self.connection.receiver.recv_timeout(wait) {
                        Ok(message) => message,
                        Err(error) if error.is_timeout() => {
                            self.check_due()?;
                            continue;
                        }
                        Err(_) => return Ok(()),
                    }
                }
                None => match self.connection.receiver.recv() {
                    Ok(message) => message,
                    Err(_) => return Ok(()),
                },
            };
            match message {
                Message::Request(request) => {
                    if self.connection.handle_shutdown(&request)? {
                        return Ok(());
                    }
                    let answer = self.answer(&request);
                    let response = match answer {
                        Ok(result) => Response::new_ok(request.id, result),
                        Err((code, message)) => Response::new_err(request.id, code as i32, message),
                    };
                    self.connection.sender.send(response.into())?;
                }
                Message::Notification(notification) => self.note(notification)?,
                Message::Response(_) => {}
            }
        }
    }

    /// What a client tells without waiting for an answer.
    fn note(&mut self, told: Notification) -> Result<(), Box<dyn Error + Send + Sync>> {
        match told.method.as_str() {
            "textDocument/didOpen" => {
                let Some(opened) = read::<DidOpenTextDocumentParams>(told.params) else { return Ok(()) };
                let item = opened.text_document;
                let language = serde_json::to_value(&item.language_id).ok();
                let language = language.as_ref().and_then(Value::as_str).unwrap_or_default();
                let mut document = Document::new(item.uri.clone(), item.version, language, item.text);
                document.due = Some(Instant::now());
                self.documents.insert(item.uri.0, document);
            }
            "textDocument/didChange" => {
                let Some(changed) = read::<DidChangeTextDocumentParams>(told.params) else { return Ok(()) };
                let uri = &changed.text_document.text_document_identifier.uri;
                if let Some(document) = self.documents.get_mut(&uri.0) {
                    document.change(changed.content_changes);
                    document.version = changed.text_document.version;
                    document.due = Some(Instant::now() + PAUSE);
                }
            }
            "textDocument/didClose" => {
                let Some(closed) = read::<DidCloseTextDocumentParams>(told.params) else { return Ok(()) };
                if let Some(document) = self.documents.remove(&closed.text_document.uri.0) {
                    // A text that is no longer open has no place for what is wrong with it.
                    let nothing = diagnostics::none(&document);
                    self.connection.sender.send(nothing.into())?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Checks the texts whose time has come, and tells what is wrong with them.
    fn check_due(&mut self) -> Result<(), Box<dyn Error + Send + Sync>> {
        let now = Instant::now();
        for document in self.documents.values_mut().filter(|document| document.due.is_some_and(|due| due <= now)) {
            look(self.shell, document);
            self.connection.sender.send(diagnostics::published(document).into())?;
        }
        Ok(())
    }

    fn answer(&mut self, request: &Request) -> Answer {
        let params = &request.params;
        if request.method == "completionItem/resolve" {
            return Ok(completion::resolved(self.shell, params.clone()));
        }
        let uri: Option<Uri> = params.get("textDocument").and_then(|d| read(d.get("uri")?.clone()));
        let unknown = || (ErrorCode::InvalidParams, "The text is not open.".to_string());
        let document = uri.and_then(|uri| self.documents.get_mut(&uri.0)).ok_or_else(unknown)?;
        if document.is_too_large() {
            return Ok(Value::Null);
        }
        let at = |document: &Document| {
            let position: Option<Position> = params.get("position").and_then(|position| read(position.clone()));
            let wrong = || (ErrorCode::InvalidParams, "There is no position.".to_string());
            position.map(|position| document.offset(position)).ok_or_else(wrong)
        };
        let answer = match request.method.as_str() {
            "textDocument/completion" => json(completion::list(self.shell, document, at(document)?)),
            "textDocument/hover" => json(hover::at(self.shell, document, at(document)?)),
            "textDocument/signatureHelp" => json(signature::at(self.shell, document, at(document)?)),
            "textDocument/definition" => json(definition::at(self.shell, document, at(document)?)),
            "textDocument/documentSymbol" => json(symbols::of(self.shell, document)),
            "textDocument/semanticTokens/full" => json(tokens::of(self.shell, document)),
            "textDocument/codeAction" => {
                if document.due.is_some() {
                    look(self.shell, document);
                }
                let range = params.get("range").and_then(|range| read(range.clone()));
                json(actions::within(document, range.unwrap_or_default()))
            }
            other => return Err((ErrorCode::MethodNotFound, format!("'{other}' is not known."))),
        };
        Ok(answer)
    }
}

/// Checks a text.
fn look(shell: &Shell, document: &mut Document) {
    document.due = None;
    document.found = if document.is_too_large() { Vec::new() } else { shell.check(&document.source, document.mode) };
}

fn read<T: DeserializeOwned>(value: Value) -> Option<T> {
    serde_json::from_value(value).ok()
}

/// A result as JSON: types of the protocol can always be written.
fn json(value: impl serde::Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}
