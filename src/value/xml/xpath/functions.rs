//! Functions of expressions: `count(//b)`, `contains(@name, 'x')`.

use super::Expr;
use super::run::{Found, Place, Run};
use crate::error::ErrorRecord;
use crate::value::near;

/// All functions, for who misspells one.
const NAMES: &[&str] = &[
    "boolean",
    "ceiling",
    "concat",
    "contains",
    "count",
    "false",
    "floor",
    "last",
    "local-name",
    "name",
    "namespace-uri",
    "normalize-space",
    "not",
    "number",
    "position",
    "round",
    "starts-with",
    "string",
    "string-length",
    "substring",
    "substring-after",
    "substring-before",
    "sum",
    "translate",
    "true",
];

/// Calls a function.
pub(super) fn call(run: &Run, name: &str, arguments: &[Expr], place: Place) -> Result<Found, ErrorRecord> {
    let mut given = Vec::new();
    for argument in arguments {
        given.push(run.expr(argument, place)?);
    }
    // The node at hand, where nothing is given.
    let first = || given.first().cloned().unwrap_or(Found::Nodes(vec![place.at]));
    let text = |at: usize| given.get(at).map(|found| run.text(found)).unwrap_or_default();
    let nodes = || match first() {
        Found::Nodes(nodes) => Ok(nodes),
        _ => Err(run.wrong(&format!("{name}() takes nodes"))),
    };
    let named = |of: fn(&super::super::dom::Item) -> String| -> Result<Found, ErrorRecord> {
        Ok(Found::Text(nodes()?.first().map(|at| of(run.dom.item(*at))).unwrap_or_default()))
    };
    let (least, most) = match name {
        "last" | "position" | "true" | "false" => (0, 0),
        "name" | "local-name" | "namespace-uri" | "string" | "string-length" | "normalize-space" | "number" => (0, 1),
        "count" | "sum" | "not" | "boolean" | "floor" | "ceiling" | "round" => (1, 1),
        "contains" | "starts-with" | "substring-before" | "substring-after" => (2, 2),
        "substring" => (2, 3),
        "translate" => (3, 3),
        "concat" => (2, usize::MAX),
        _ => {
            let error = run.wrong(&format!("there is no function {name}()"));
            return Err(match near::nearest(name, NAMES) {
                Some(near) => error.hint(format!("Did you mean {near}()?")),
                None => error,
            });
        }
    };
    if !(least..=most).contains(&given.len()) {
        return Err(run.wrong(&format!("{name}() does not take {} arguments", given.len())));
    }
    Ok(match name {
        "last" => Found::Number(place.last as f64),
        "position" => Found::Number(place.position as f64),
        "true" => Found::Truth(true),
        "false" => Found::Truth(false),
        "not" => Found::Truth(!first().truth()),
        "boolean" => Found::Truth(first().truth()),
        "name" => named(|item| item.name.trim_start_matches('#').to_string())?,
        "local-name" => named(|item| item.local().trim_start_matches('#').to_string())?,
        "namespace-uri" => named(|item| item.space.to_string())?,
        "count" => Found::Number(nodes()?.len() as f64),
        "sum" => Found::Number(nodes()?.iter().map(|at| run.number(&Found::Nodes(vec![*at]))).sum()),
        "number" => Found::Number(run.number(&first())),
        "floor" => Found::Number(run.number(&first()).floor()),
        "ceiling" => Found::Number(run.number(&first()).ceil()),
        "round" => Found::Number((run.number(&first()) + 0.5).floor()),
        "string" => Found::Text(run.text(&first())),
        "string-length" => Found::Number(run.text(&first()).chars().count() as f64),
        "normalize-space" => Found::Text(run.text(&first()).split_whitespace().collect::<Vec<_>>().join(" ")),
        "concat" => Found::Text(given.iter().map(|found| run.text(found)).collect()),
        "contains" => Found::Truth(text(0).contains(&text(1))),
        "starts-with" => Found::Truth(text(0).starts_with(&text(1))),
        "substring-before" => Found::Text(text(0).split_once(&text(1)).map_or("", |(before, _)| before).into()),
        "substring-after" => Found::Text(text(0).split_once(&text(1)).map_or("", |(_, behind)| behind).into()),
        "substring" => {
            let from = (run.number(&given[1]) + 0.5).floor();
            let to = given.get(2).map_or(f64::INFINITY, |length| from + (run.number(length) + 0.5).floor());
            let within = |place: usize| (place as f64) >= from && (place as f64) < to;
            Found::Text(text(0).chars().zip(1..).filter(|(_, place)| within(*place)).map(|(c, _)| c).collect())
        }
        _ => {
            let (from, to): (Vec<char>, Vec<char>) = (text(1).chars().collect(), text(2).chars().collect());
            let subject = text(0);
            let translated = subject.chars().filter_map(|c| match from.iter().position(|known| *known == c) {
                Some(at) => to.get(at).copied(),
                None => Some(c),
            });
            Found::Text(translated.collect())
        }
    })
}
