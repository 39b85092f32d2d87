//! Members of values under PowerShell's names, in Rhai: `(Get-Date).AddDays(-7)`, `(Get-CsSite).Count`,
//! `(Get-CsPool).Identity`.

use super::convert::{empty, to_dynamic, to_value};
use super::shared::Shared;
use crate::error::Halt;
use crate::value::{Value, member};
use rhai::{AST, ASTNode, Array, Dynamic, Engine, EvalAltResult, Expr, ImmutableString, Position};
use std::any::TypeId;
use std::collections::HashSet;
use std::rc::Rc;

/// Properties that Rhai's own arrays and strings have.
const OWN: &[&str] = &["len", "is_empty", "bytes", "bits", "chars", "tag"];

/// Registers the members that a text uses. Rhai's own methods and properties, and functions of scripts, go before
/// them; of objects that are no values of Rhai the properties are there in any case.
pub(super) fn register(rhai: &mut Engine, shared: &Rc<Shared>, ast: &AST, known: &mut HashSet<String>) {
    let (mut methods, mut properties) = (Vec::new(), Vec::new());
    ast.walk(&mut |path: &[ASTNode]| {
        match path.last() {
            Some(ASTNode::Expr(Expr::MethodCall(call, _))) => methods.push((call.name.to_string(), call.args.len())),
            Some(ASTNode::Expr(Expr::Property(property, _))) => properties.push(property.2.to_string()),
            _ => {}
        }
        true
    });
    for (name, arguments) in methods {
        // PowerShell's names begin with a capital, Rhai's with a small letter; `Get_CsPool` is a command.
        let is_member = name.starts_with(|c: char| c.is_ascii_uppercase()) && !name.contains('_');
        if is_member && known.insert(format!("{name}({arguments})")) {
            method(rhai, shared, name, arguments);
        }
    }
    for name in properties {
        if !OWN.contains(&name.as_str()) && known.insert(format!(".{name}")) {
            property(rhai, &name);
        }
    }
}

fn method(rhai: &mut Engine, shared: &Rc<Shared>, name: String, arguments: usize) {
    let shared = shared.clone();
    let types = vec![TypeId::of::<Dynamic>(); arguments + 1];
    rhai.register_raw_fn(name.clone(), types, move |cx, args| {
        let mut values = args.iter().map(|arg| to_value(arg));
        let target = values.next().unwrap_or_default();
        let rest: Vec<Value> = values.collect();
        match member::call(&target, &name, &rest) {
            Ok(Value::Null) => Ok(empty()),
            Ok(value) => Ok(to_dynamic(value)),
            Err(error) => Err(shared.raise(Halt::Error(error), cx.call_position())),
        }
    });
}

/// A property of a list, or of each of its items, of a text, and of the empty value. What has no such property gives
/// the empty value, as in PowerShell; but a name in small letters is one of Rhai's, where that is an error.
fn property(rhai: &mut Engine, name: &str) {
    let is_rhai = name.starts_with(|c: char| !c.is_ascii_uppercase());
    let get = |name: String| {
        move |value: Value| match member::get(&value, &name).filter(|found| !is_rhai || !is_nothing(found)) {
            Some(found) => Ok(to_dynamic(found)),
            None if is_rhai => Err(unknown(&name)),
            None => Ok(empty()),
        }
    };
    let (of_list, of_text) = (get(name.to_string()), get(name.to_string()));
    rhai.register_get(name, move |items: &mut Array| of_list(Value::list(items.iter().map(to_value).collect())));
    rhai.register_get(name, move |text: &mut ImmutableString| of_text(Value::str(text.as_str())));
    if !is_rhai {
        let of_nothing = get(name.to_string());
        rhai.register_get(name, move |_: &mut ()| of_nothing(Value::Null));
    }
}

/// What a list gives of which no item has the property.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::List(items) => items.is_empty(),
        other => other.is_null(),
    }
}

fn unknown(name: &str) -> Box<EvalAltResult> {
    EvalAltResult::ErrorDotExpr(format!("There is no property '{name}' here"), Position::NONE).into()
}
