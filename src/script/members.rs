//! Members of values under PowerShell's names, called as methods of Rhai: `(Get-Date).AddDays(-7)`.

use super::convert::{empty, to_dynamic, to_value};
use super::shared::Shared;
use crate::error::Halt;
use crate::value::{Value, member};
use rhai::{AST, ASTNode, Dynamic, Engine, Expr};
use std::any::TypeId;
use std::collections::HashSet;
use std::rc::Rc;

/// Registers the methods that a text calls, by name and number of arguments. Rhai's own methods, and functions of
/// scripts, go before them.
pub(super) fn register(rhai: &mut Engine, shared: &Rc<Shared>, ast: &AST, known: &mut HashSet<String>) {
    let mut found = Vec::new();
    ast.walk(&mut |path: &[ASTNode]| {
        if let Some(ASTNode::Expr(Expr::MethodCall(call, _))) = path.last() {
            found.push((call.name.to_string(), call.args.len()));
        }
        true
    });
    for (name, arguments) in found {
        // PowerShell's names begin with a capital, Rhai's with a small letter; `Get_CsPool` is a command.
        let is_member = name.starts_with(|c: char| c.is_ascii_uppercase()) && !name.contains('_');
        if !is_member || !known.insert(format!("{name}({arguments})")) {
            continue;
        }
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
}
