//! Variables that the session keeps by name: those that commands set (-OutVariable, Set-Variable) or look for. Each
//! function and each script block that is called has a scope of its own for them.

use super::automatic::not_writable;
use crate::cmdlet::variable::{Protection, Variable, VariableScope};
use crate::error::{Category, ErrorRecord};
use crate::value::Value;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// The variables of one scope, by their names in lower case.
pub(super) type Level = Rc<RefCell<BTreeMap<String, Variable>>>;

/// The scopes, the outermost first; there is always one.
pub(super) struct Kept(RefCell<Vec<Level>>);

impl Default for Kept {
    fn default() -> Kept {
        Kept(RefCell::new(vec![Level::default()]))
    }
}

impl Kept {
    /// Runs something in a scope inside the present one.
    pub fn within<R>(&self, level: &Level, body: impl FnOnce() -> R) -> R {
        self.0.borrow_mut().push(level.clone());
        let result = body();
        self.0.borrow_mut().pop();
        result
    }

    /// Runs something in the scope outside the present one: what takes a function's output.
    pub fn outside<R>(&self, body: impl FnOnce() -> R) -> R {
        let level = {
            let mut levels = self.0.borrow_mut();
            if levels.len() > 1 { levels.pop() } else { None }
        };
        let result = body();
        self.0.borrow_mut().extend(level);
        result
    }

    /// Takes all variables away.
    pub fn take(&self) -> Vec<Level> {
        self.0.replace(vec![Level::default()])
    }

    /// Leaves all scopes but the outermost: a run begins.
    pub fn reset(&self) {
        self.0.borrow_mut().truncate(1);
    }

    /// The scopes in which a variable is looked for, the first first.
    fn levels(&self, scope: VariableScope) -> Vec<Level> {
        let levels = self.0.borrow();
        match scope {
            VariableScope::Any => levels.iter().rev().cloned().collect(),
            VariableScope::Outwards(n) => levels.iter().rev().nth(n).cloned().into_iter().collect(),
            VariableScope::Global => levels.first().cloned().into_iter().collect(),
        }
    }

    /// A variable; `global:NAME` is the outermost one.
    pub fn get(&self, name: &str) -> Option<Value> {
        let (scope, name) = scoped(name);
        let key = name.to_lowercase();
        self.levels(scope).iter().find_map(|level| level.borrow().get(&key).map(|v| v.value.clone()))
    }

    /// Sets a variable, `global:NAME` the outermost one.
    ///
    /// # Errors
    /// `VariableNotWritable`.
    pub fn set(&self, name: &str, value: Value) -> Result<(), ErrorRecord> {
        let (scope, name) = scoped(name);
        let key = name.to_lowercase();
        let Some(level) = self.levels(scope).into_iter().next() else { return Ok(()) };
        let mut level = level.borrow_mut();
        match level.get_mut(&key) {
            Some(there) if there.protection != Protection::None => Err(not_writable(name)),
            Some(there) => {
                there.value = value;
                Ok(())
            }
            None => {
                level.insert(key, Variable { name: name.into(), value, assigned: true, ..Variable::default() });
                Ok(())
            }
        }
    }

    /// Changes what a variable holds, where it is; `None` if there is no such variable.
    pub fn change<R>(&self, name: &str, change: impl FnOnce(&mut Value) -> R) -> Option<R> {
        let (scope, name) = scoped(name);
        let key = name.to_lowercase();
        let level = self.levels(scope).into_iter().find(|level| level.borrow().contains_key(&key))?;
        let mut level = level.borrow_mut();
        level.get_mut(&key).map(|variable| change(&mut variable.value))
    }

    /// The variables that are seen, each name once, by name.
    pub fn list(&self, scope: VariableScope) -> Vec<Variable> {
        let mut seen: BTreeMap<String, Variable> = BTreeMap::new();
        for level in self.levels(scope) {
            for (key, variable) in level.borrow().iter() {
                seen.entry(key.clone()).or_insert_with(|| variable.clone());
            }
        }
        seen.into_values().collect()
    }

    /// Makes a variable or replaces it.
    ///
    /// # Errors
    /// `VariableNotWritable` for one that is protected: a constant always, another without `force`.
    pub fn define(&self, variable: Variable, scope: VariableScope, force: bool) -> Result<(), ErrorRecord> {
        let Some(level) = self.levels(scope).into_iter().next() else { return Err(no_scope()) };
        let key = variable.name.to_lowercase();
        let mut level = level.borrow_mut();
        if level.get(&key).is_some_and(|there| !may_change(there, force)) {
            return Err(not_writable(&variable.name));
        }
        level.insert(key, variable);
        Ok(())
    }

    /// Removes a variable; `false` if there is none.
    ///
    /// # Errors
    /// `VariableNotRemovable` for one that is protected.
    pub fn remove(&self, name: &str, scope: VariableScope, force: bool) -> Result<bool, ErrorRecord> {
        let key = name.to_lowercase();
        for level in self.levels(scope) {
            let mut level = level.borrow_mut();
            let Some(there) = level.get(&key) else { continue };
            if !may_change(there, force) {
                let message = format!("${name} cannot be removed: it is read-only.");
                let error = ErrorRecord::new("VariableNotRemovable", Category::WriteError, message).target(name);
                return Err(error.hint("-Force removes it, unless it is a constant."));
            }
            level.remove(&key);
            return Ok(true);
        }
        Ok(false)
    }
}

fn may_change(variable: &Variable, force: bool) -> bool {
    match variable.protection {
        Protection::None => true,
        Protection::ReadOnly => force,
        Protection::Constant => false,
    }
}

fn no_scope() -> ErrorRecord {
    let message = "There are not so many scopes around this one.";
    ErrorRecord::new("ArgumentOutOfRange", Category::InvalidArgument, message)
}

/// A name with the scope that is written before it.
fn scoped(name: &str) -> (VariableScope, &str) {
    match name.split_once(':') {
        Some((scope, rest)) if scope.eq_ignore_ascii_case("global") => (VariableScope::Global, rest),
        _ => (VariableScope::Any, name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_hides_what_is_outside_and_leaves_nothing() {
        let kept = Kept::default();
        kept.set("x", 1.into()).unwrap();
        kept.within(&Level::default(), || {
            assert!(matches!(kept.get("X"), Some(Value::Int(1))));
            kept.set("x", 2.into()).unwrap();
            kept.set("global:y", 3.into()).unwrap();
            assert!(matches!(kept.get("x"), Some(Value::Int(2))));
            assert!(matches!(kept.outside(|| kept.get("x")), Some(Value::Int(1))));
        });
        assert!(matches!((kept.get("x"), kept.get("y")), (Some(Value::Int(1)), Some(Value::Int(3)))));
    }

    #[test]
    fn what_is_protected_stays() {
        let kept = Kept::default();
        let variable = |protection| Variable { name: "x".into(), protection, ..Variable::default() };
        kept.define(variable(Protection::ReadOnly), VariableScope::Any, false).unwrap();
        assert_eq!(kept.set("x", 1.into()).unwrap_err().id(), "VariableNotWritable");
        assert_eq!(kept.remove("x", VariableScope::Any, false).unwrap_err().id(), "VariableNotRemovable");
        kept.define(variable(Protection::Constant), VariableScope::Any, true).unwrap();
        assert!(kept.remove("x", VariableScope::Any, true).is_err());
        assert!(!kept.remove("y", VariableScope::Any, true).unwrap());
    }
}
