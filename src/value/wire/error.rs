//! Errors on the wire, with all their parts but the place in the text: the client knows where its command stands.

use super::{Decoder, Encoder, damaged};
use crate::error::{Category, ErrorRecord};
use crate::value::{Value, text};
use serde_json::{Value as Json, json};

/// The form of an error. What it is about and what was thrown travel as values where they can, else as their text.
pub fn encode_error(error: &ErrorRecord) -> Json {
    let value = |value: &Value| match Encoder::default().value(value) {
        Ok(json) => json,
        Err(_) => Json::from(&*text::to_text(value)),
    };
    let mut object = json!({
        "Id": error.id(),
        "Category": format!("{:?}", error.category()),
        "Message": error.message(),
    });
    let mut put = |name: &str, json: Json| object[name] = json;
    // "" says that no command's name shall be added to it, which is not the same as that none is known.
    if let Some(command) = error.command_or_none() {
        put("Command", Json::from(command));
    }
    if !error.target_object().is_null() {
        put("Target", value(error.target_object()));
    }
    if !error.hints().is_empty() {
        put("Hints", Json::from(error.hints()));
    }
    if let Some(thrown) = error.thrown_value() {
        put("Thrown", value(thrown));
    }
    if error.stops() {
        put("Stops", Json::Bool(true));
    }
    object
}

/// The error of its form.
///
/// # Errors
/// `WireDamaged`.
pub fn decode_error(json: &Json) -> Result<ErrorRecord, ErrorRecord> {
    let text = |name: &str| json.get(name).and_then(Json::as_str);
    let (Some(id), Some(message)) = (text("Id"), text("Message")) else {
        return Err(damaged("an error without an id"));
    };
    // A newer program may know more categories.
    let category = text("Category").and_then(Category::of_name).unwrap_or(Category::NotSpecified);
    let mut error = ErrorRecord::new(id.to_string(), category, message);
    error = match text("Command") {
        Some("") => error.without_command(),
        Some(command) => error.of_command(command.to_string()),
        None => error,
    };
    let value = |name: &str| json.get(name).map(|json| Decoder::default().value(json)).transpose();
    if let Some(target) = value("Target")? {
        error = error.target(target);
    }
    if let Some(thrown) = value("Thrown")? {
        error = error.thrown(thrown);
    }
    for hint in json.get("Hints").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str) {
        error = error.hint(hint);
    }
    Ok(if json.get("Stops") == Some(&Json::Bool(true)) { error.stopping() } else { error })
}
