//! Published examples: the same commands and elements that PowerShell's own parser finds.

use super::support::{World, records};
use reeve::error::{Severity, Span};
use reeve::language::tree::*;
use reeve::language::{Mode, Parsed, parse};
use reeve::value::Value;
use serde_json::{Value as Json, json};

/// A command as the records have it.
struct Found {
    start: u32,
    json: Json,
}

/// Gathers the commands of a tree.
struct Walk<'a> {
    source: &'a str,
    found: Vec<Found>,
}

impl Walk<'_> {
    fn script(&mut self, script: &Script) {
        self.body(&script.body);
    }

    fn body(&mut self, body: &Body) {
        for piece in &body.pieces {
            match piece {
                Piece::Rhai(rhai) => self.rhai(rhai),
                Piece::Statement(statement) => self.statement(statement),
            }
        }
    }

    fn rhai(&mut self, rhai: &Rhai) {
        for island in &rhai.islands {
            match &island.kind {
                IslandKind::Value(statement) => self.statement(statement),
                IslandKind::Block(block) => self.body(&block.body),
                IslandKind::Replace(_) => {}
            }
        }
    }

    fn statement(&mut self, statement: &Statement) {
        match &statement.kind {
            StatementKind::Chain(chain) => {
                self.pipeline(&chain.first);
                chain.rest.iter().for_each(|(_, pipeline)| self.pipeline(pipeline));
            }
            StatementKind::Assign(assign) => {
                assign.targets.iter().for_each(|target| self.expr(target));
                self.statement(&assign.value);
            }
            StatementKind::If { arms, otherwise } => {
                for (condition, body) in arms {
                    self.statement(condition);
                    self.body(body);
                }
                otherwise.iter().for_each(|body| self.body(body));
            }
            StatementKind::ForEach { subject, body, .. } => {
                self.statement(subject);
                self.body(body);
            }
            StatementKind::Rhai(rhai) => self.rhai(rhai),
            _ => {}
        }
    }

    fn pipeline(&mut self, pipeline: &Pipeline) {
        let first = pipeline.stages.first();
        for (place, stage) in pipeline.stages.iter().enumerate() {
            match stage {
                Stage::Expression { expr, .. } => self.expr(expr),
                Stage::Command(command) => {
                    let elements: Vec<Json> = command.elements.iter().map(|e| self.element(e)).collect();
                    let origin = match first {
                        Some(Stage::Command(first)) => first.span.start,
                        Some(Stage::Expression { expr, .. }) => expr.span.start,
                        None => 0,
                    };
                    let json = json!({
                        "name": command.constant_name, "start": command.span.start, "end": command.span.end,
                        "pipeline": origin, "stage": place, "elements": elements,
                    });
                    self.found.push(Found { start: command.span.start, json });
                    for element in &command.elements {
                        match element {
                            Element::Argument(expr) | Element::Parameter { argument: Some(expr), .. } => {
                                self.expr(expr)
                            }
                            _ => {}
                        }
                    }
                }
            }
        }
    }

    fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::ScriptBlock(block) => {
                block.begin.iter().for_each(|b| self.body(b));
                block.process.iter().for_each(|b| self.body(b));
                self.body(&block.body);
            }
            ExprKind::Array(body) | ExprKind::SubExpression(body) => self.body(body),
            ExprKind::Paren(statement) | ExprKind::Statement(statement) => self.statement(statement),
            ExprKind::Hashtable(pairs) => {
                for (key, value) in pairs {
                    self.expr(key);
                    self.statement(value);
                }
            }
            ExprKind::List(items) => items.iter().for_each(|item| self.expr(item)),
            ExprKind::Binary { left, right, .. } => {
                self.expr(left);
                self.expr(right);
            }
            ExprKind::Unary { operand, .. } | ExprKind::Postfix { operand, .. } | ExprKind::Cast { operand, .. } => {
                self.expr(operand)
            }
            ExprKind::Member { target, .. } | ExprKind::Index { target, .. } => self.expr(target),
            ExprKind::Method { target, arguments, .. } => {
                self.expr(target);
                arguments.iter().for_each(|a| self.expr(a));
            }
            ExprKind::Expandable { parts, .. } => {
                for part in parts {
                    if let StringPart::Value(expr) = part {
                        self.expr(expr);
                    }
                }
            }
            _ => {}
        }
    }

    fn element(&self, element: &Element) -> Json {
        match element {
            Element::Parameter { name, argument, span } => {
                let mut json = self.base("parameter", *span);
                json["name"] = json!(name);
                json["hasArgument"] = json!(argument.is_some());
                if let Some(argument) = argument {
                    json["argument"] = self.value(argument);
                }
                json
            }
            Element::Splat { span, .. } => self.base("splat", *span),
            Element::Argument(expr) => self.value(expr),
        }
    }

    fn base(&self, kind: &str, span: Span) -> Json {
        json!({"kind": kind, "text": span.of(self.source), "start": span.start, "end": span.end})
    }

    fn value(&self, expr: &Expr) -> Json {
        let kind = match &expr.kind {
            ExprKind::Bareword(_) => "bareword",
            ExprKind::Expandable { quote: Quote::Bare, .. } => "expandableword",
            ExprKind::Expandable { quote: Quote::Double, .. } => "expandable",
            ExprKind::String { quote: Quote::SingleHere | Quote::DoubleHere, .. } | ExprKind::Expandable { .. } => {
                "herestring"
            }
            ExprKind::String { .. } => "string",
            ExprKind::Constant(_) => "number",
            ExprKind::Variable(_) => "variable",
            ExprKind::ScriptBlock(_) => "scriptblock",
            ExprKind::Paren(_) => "paren",
            ExprKind::List(_) => "list",
            ExprKind::Array(_) => "array",
            ExprKind::Hashtable(_) => "hashtable",
            ExprKind::SubExpression(_) => "subexpression",
            ExprKind::Member { is_static: false, .. } => "member",
            ExprKind::Method { is_static: false, .. } => "method",
            ExprKind::Member { .. } | ExprKind::Method { .. } => "static",
            ExprKind::Index { .. } => "index",
            ExprKind::Cast { .. } => "cast",
            ExprKind::Type(_) => "type",
            ExprKind::Binary { .. } => "binary",
            ExprKind::Unary { .. } => "unary",
            _ => "other",
        };
        let mut json = self.base(kind, expr.span);
        let source = expr.span.of(self.source);
        match &expr.kind {
            ExprKind::Bareword(text) | ExprKind::String { text, .. } if text != source => json["value"] = json!(text),
            ExprKind::Constant(Value::Int(n)) => json["value"] = json!(n),
            ExprKind::Constant(Value::Float(n)) => json["value"] = json!(n),
            ExprKind::List(items) => json["items"] = items.iter().map(|item| self.value(item)).collect(),
            _ => {}
        }
        json
    }
}

fn commands(parsed: &Parsed, source: &str) -> Vec<Json> {
    let mut walk = Walk { source, found: Vec::new() };
    walk.script(&parsed.script);
    walk.found.sort_by_key(|found| found.start);
    // Pipelines are numbered by their place.
    let mut origins: Vec<i64> = Vec::new();
    let mut out = Vec::new();
    for mut found in walk.found {
        let origin = found.json["pipeline"].as_i64().unwrap();
        let ordinal = origins.iter().position(|o| *o == origin).unwrap_or_else(|| {
            origins.push(origin);
            origins.len() - 1
        });
        found.json["pipeline"] = json!(ordinal);
        out.push(found.json);
    }
    out
}

/// Whether what PowerShell says of a value holds of ours; the type of a number is not compared.
fn agree(theirs: &Json, ours: &Json) -> bool {
    let (Json::Object(theirs), Json::Object(ours)) = (theirs, ours) else { return theirs == ours };
    theirs.iter().all(|(key, want)| match (key.as_str(), want) {
        ("type" | "nameExpression" | "operator" | "redirections", _) => true,
        (_, Json::Array(want)) => ours.get(key).and_then(Json::as_array).is_some_and(|have| {
            have.len() == want.len() && want.iter().zip(have).all(|(want, have)| agree(want, have))
        }),
        ("argument", want) => ours.get(key).is_some_and(|have| agree(want, have)),
        (_, Json::Number(want)) => ours.get(key).and_then(Json::as_f64) == want.as_f64(),
        (_, want) => ours.get(key) == Some(want),
    })
}

fn is_ok(parsed: &Parsed) -> bool {
    !parsed.diagnostics.iter().any(|d| d.severity == Severity::Error)
}

fn published(mode: Mode) {
    let world = World::new();
    let records = records("parse.jsonl");
    let (mut ok_alike, mut same, mut all, mut ids) = (0, 0, 0, 0);
    for record in &records {
        let source = record["source"].as_str().unwrap();
        let parsed = parse(source, mode, &world);
        let ok = is_ok(&parsed);
        let want = record["ok"].as_bool().unwrap();
        if ok == want {
            ok_alike += 1;
        } else {
            println!("{} ok={ok}: {:?}\n  {source}", record["id"], parsed.diagnostics);
        }
        if !want {
            let theirs = &record["errors"][0]["id"];
            ids += usize::from(parsed.diagnostics.iter().any(|d| theirs == d.id.as_ref()));
            continue;
        }
        let ours = commands(&parsed, source);
        let theirs = record["commands"].as_array().unwrap();
        all += theirs.len();
        for (place, want) in theirs.iter().enumerate() {
            let have = ours.iter().find(|c| c["start"] == want["start"]);
            if have.is_some_and(|have| agree(want, have)) {
                same += 1;
            } else {
                println!("{} command {place}\n  want {want}\n  have {}", record["id"], have.unwrap_or(&Json::Null));
            }
        }
        if ours.len() != theirs.len() {
            println!("{}: {} commands, PowerShell has {}", record["id"], ours.len(), theirs.len());
        }
    }
    println!(
        "count: parse oracle ({mode:?}): {ok_alike}/{} ok agree, {same}/{all} commands agree, {ids} error ids agree",
        records.len()
    );
    assert_eq!(ok_alike, records.len());
    // In a Rhai text a word that is no known command is none: one published block is only a remark.
    let remarks = usize::from(mode == Mode::Rhai);
    assert!(same + remarks >= all, "{same} of {all}");
}

#[test]
fn published_examples_parse_alike_in_command_mode() {
    published(Mode::PowerShell);
}

#[test]
fn published_examples_parse_alike_in_a_rhai_text() {
    published(Mode::Rhai);
}

fn pieces(file: &str) {
    let world = World::new();
    let records = records(file);
    let mut agree = 0;
    for record in &records {
        let code = record["code"].as_str().unwrap();
        let errors = record["errors"].as_array().cloned().unwrap_or_default();
        let want = !errors.iter().any(|e| e["stops"] == "parse");
        let parsed = parse(code, Mode::PowerShell, &world);
        let unsupported = parsed.diagnostics.iter().any(|d| d.id == "UnsupportedConstruct");
        let id_alike = want || parsed.diagnostics.iter().any(|d| errors.iter().any(|e| e["id"] == d.id.as_ref()));
        if (is_ok(&parsed) == want && id_alike) || (unsupported && record.get("uses").is_some()) {
            agree += 1;
        } else {
            println!("{} want ok={want} {errors:?}: {:?}\n{code}\n", record["name"], parsed.diagnostics);
        }
    }
    println!("parse of {file}: {agree}/{} agree", records.len());
    assert_eq!(agree, records.len());
}

#[test]
fn pieces_of_code_parse_alike() {
    pieces("semantics.jsonl");
}

#[test]
fn command_lines_parse_alike() {
    pieces("binding.jsonl");
}
