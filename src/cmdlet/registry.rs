//! The registry: which command a name stands for. Native cmdlets, functions of scripts, aliases, and the cmdlets of the
//! catalogue that are not built yet. Signatures are made when somebody asks for them.

use super::aliases;
use super::binder::Conversions;
use super::catalogue;
use super::elsewhere;
use super::run::{CmdletEntry, Run};
use super::spec::CmdletSpec;
use crate::error::{Category, ErrorRecord};
use crate::value::{Str, near};
use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

/// A cmdlet written in script.
pub struct Function {
    /// Its name as written.
    pub name: Str,
    /// Its signature.
    pub spec: Arc<CmdletSpec>,
    /// Makes one to run.
    pub make: Rc<dyn Fn() -> Box<dyn Run>>,
    /// Its comment-based help.
    pub help: Option<Str>,
    /// What stands between its braces.
    pub text: Str,
}

/// A registered native cmdlet, with its signature once somebody asked for it.
pub struct Native {
    /// What it was registered with.
    pub entry: CmdletEntry,
    spec: OnceCell<Arc<CmdletSpec>>,
    looks_at: OnceCell<Option<Vec<&'static str>>>,
}

impl Native {
    /// The parameters that it looks at, where that is known.
    pub fn looks_at(&self) -> Option<&[&'static str]> {
        self.looks_at.get_or_init(|| self.entry.looks_at.map(|names| names())).as_deref()
    }

    /// Its signature.
    pub fn spec(&self) -> &Arc<CmdletSpec> {
        self.spec.get_or_init(|| (self.entry.spec)())
    }
}

/// What a name stands for.
#[derive(Clone)]
pub enum Command {
    /// A cmdlet of ours.
    Native(Rc<Native>),
    /// A cmdlet written in script.
    Function(Rc<Function>),
    /// A cmdlet of the catalogue that is not built yet: it binds and completes, but does not run.
    Planned(Arc<CmdletSpec>),
}

impl Command {
    /// The name as its author spells it.
    pub fn name(&self) -> Str {
        match self {
            Command::Native(native) => native.entry.name.as_ref().into(),
            Command::Function(function) => function.name.clone(),
            Command::Planned(spec) => spec.name.clone(),
        }
    }

    /// Its signature.
    pub fn spec(&self) -> Arc<CmdletSpec> {
        match self {
            Command::Native(native) => native.spec().clone(),
            Command::Function(function) => function.spec.clone(),
            Command::Planned(spec) => spec.clone(),
        }
    }

    /// How its arguments are converted.
    pub fn conversions(&self) -> Conversions {
        match self {
            Command::Function(_) => Conversions::Function,
            Command::Native(_) | Command::Planned(_) => Conversions::Native,
        }
    }

    /// One to run.
    ///
    /// # Errors
    /// `CmdletNotImplemented` for a cmdlet of the catalogue that is not built yet.
    pub fn make(&self) -> Result<Box<dyn Run>, ErrorRecord> {
        match self {
            Command::Native(native) => Ok((native.entry.make)()),
            Command::Function(function) => Ok((function.make)()),
            Command::Planned(spec) => Err(not_implemented(&spec.name)),
        }
    }
}

fn not_implemented(name: &Str) -> ErrorRecord {
    let message = format!("{name} is known by its signature, but it cannot run here yet.");
    ErrorRecord::new("CmdletNotImplemented", Category::NotImplemented, message)
        .target(name.clone())
        .hint("'Get-Command' lists the cmdlets that run; 'Get-Command -All' lists this one too.")
}

/// The commands that a session knows.
pub struct Registry {
    /// Shared by the sessions of one thread.
    natives: Rc<HashMap<Box<str>, Rc<Native>>>,
    functions: RefCell<HashMap<String, Rc<Function>>>,
    own_aliases: RefCell<HashMap<String, String>>,
}

impl Default for Registry {
    fn default() -> Registry {
        Registry::new(crate::cmdlets::all())
    }
}

impl Registry {
    /// A registry of native cmdlets; of two with one name the later counts.
    pub fn new(entries: Vec<CmdletEntry>) -> Registry {
        let natives: HashMap<Box<str>, Rc<Native>> = entries
            .into_iter()
            .map(|entry| {
                let key = entry.name.to_ascii_lowercase().into_boxed_str();
                (key, Rc::new(Native { entry, spec: OnceCell::new(), looks_at: OnceCell::new() }))
            })
            .collect();
        Registry { natives: Rc::new(natives), functions: RefCell::default(), own_aliases: RefCell::default() }
    }

    /// Another one that knows the same: what is defined in one of them is not in the other, native cmdlets are shared.
    #[must_use]
    pub fn another(&self) -> Registry {
        let (functions, own_aliases) = (self.functions.clone(), self.own_aliases.clone());
        Registry { natives: self.natives.clone(), functions, own_aliases }
    }

    /// What a name stands for, in any case, aliases included: an alias first, then a function, then a cmdlet.
    pub fn lookup(&self, name: &str) -> Option<Command> {
        match self.alias(name) {
            Some(target) if !crate::value::same_name(&target, name) => self.command(&target),
            _ => self.command(name),
        }
    }

    /// What a name stands for that is no alias.
    pub fn command(&self, name: &str) -> Option<Command> {
        let key = name.to_ascii_lowercase();
        if let Some(function) = self.functions.borrow().get(&name.to_lowercase()) {
            return Some(Command::Function(function.clone()));
        }
        if let Some(native) = self.natives.get(key.as_str()) {
            return Some(Command::Native(native.clone()));
        }
        catalogue::signature(name).map(Command::Planned)
    }

    /// The same, or the error for a name that stands for nothing.
    ///
    /// # Errors
    /// `CommandNotFoundException`, with the near name.
    pub fn resolve(&self, name: &str) -> Result<Command, ErrorRecord> {
        self.lookup(name).ok_or_else(|| self.not_found(name))
    }

    /// The error for a name that stands for nothing, with the near name.
    pub fn not_found(&self, name: &str) -> ErrorRecord {
        let message = format!("'{name}' is not the name of a cmdlet, a function or an alias.");
        let error = ErrorRecord::new("CommandNotFoundException", Category::ObjectNotFound, message).target(name);
        if let Some(instead) = elsewhere::instead(name) {
            return error.hint(format!("{instead}."));
        }
        match self.near(name) {
            Some(near) => error.hint(format!("Did you mean {near}?")),
            None => error.hint("'Get-Command *NAME*' looks for a name."),
        }
    }

    /// The name that a misspelt one is likely to mean: what runs before what does not yet.
    pub fn near(&self, name: &str) -> Option<String> {
        let natives = self.native_names();
        let functions = self.function_names();
        let ours = natives.iter().map(AsRef::as_ref).chain(functions.iter().map(|f| &**f));
        near::nearest(name, ours.collect::<Vec<&str>>())
            .or_else(|| near::nearest(name, catalogue::names()))
            .map(String::from)
    }

    /// What stands between the braces of a function that a script defined.
    pub fn function_text(&self, name: &str) -> Option<Str> {
        self.functions.borrow().get(&name.to_lowercase()).map(|function| function.text.clone())
    }

    /// Whether a cmdlet or function of this name is there; builds no signature.
    pub fn is_command(&self, name: &str) -> bool {
        self.natives.contains_key(name.to_ascii_lowercase().as_str())
            || self.functions.borrow().contains_key(&name.to_lowercase())
            || catalogue::contains(name)
    }

    /// What an alias stands for: one that the user set, one of Windows PowerShell, or one that a cmdlet brings.
    pub fn alias(&self, name: &str) -> Option<String> {
        let key = name.to_lowercase();
        if let Some(target) = self.own_aliases.borrow().get(&key) {
            return Some(target.clone());
        }
        aliases::built_in(&key).filter(|target| self.is_command(target)).map(String::from).or_else(|| {
            let brings = |native: &&Rc<Native>| native.entry.aliases.iter().any(|a| a.eq_ignore_ascii_case(name));
            self.natives.values().find(brings).map(|native| native.entry.name.to_string())
        })
    }

    /// All aliases whose command is there, with what they stand for, by name.
    pub fn aliases(&self) -> Vec<(String, String)> {
        let built_in = aliases::all().map(|(alias, target)| (alias.to_string(), target.to_string()));
        let brought = self.natives.values().flat_map(|native| {
            native.entry.aliases.iter().map(|alias| ((*alias).to_string(), native.entry.name.to_string()))
        });
        let mut all: HashMap<String, (String, String)> =
            brought.chain(built_in).map(|(alias, target)| (alias.to_lowercase(), (alias, target))).collect();
        for (alias, target) in self.own_aliases.borrow().iter() {
            all.insert(alias.clone(), (alias.clone(), target.clone()));
        }
        let mut all: Vec<(String, String)> = all.into_values().filter(|(_, target)| self.is_command(target)).collect();
        all.sort();
        all
    }

    /// The aliases that were set, with what they stand for.
    pub fn own_aliases(&self) -> Vec<(String, String)> {
        self.own_aliases.borrow().iter().map(|(alias, target)| (alias.clone(), target.clone())).collect()
    }

    /// Sets an alias; it goes before everything else of its name.
    pub fn set_alias(&self, alias: &str, target: &str) {
        self.own_aliases.borrow_mut().insert(alias.to_lowercase(), target.to_string());
    }

    /// Takes away an alias that was set; `false` if there is none.
    pub fn remove_alias(&self, alias: &str) -> bool {
        self.own_aliases.borrow_mut().remove(&alias.to_lowercase()).is_some()
    }

    /// Adds a function, in place of one that has its name.
    pub fn define(&self, function: Function) {
        self.functions.borrow_mut().insert(function.name.to_lowercase(), Rc::new(function));
    }

    /// Takes away a function; `false` if there is none.
    pub fn undefine(&self, name: &str) -> bool {
        self.functions.borrow_mut().remove(&name.to_lowercase()).is_some()
    }

    /// Takes away all functions: what ran them is gone.
    pub fn undefine_all(&self) {
        let functions = std::mem::take(&mut *self.functions.borrow_mut());
        drop(functions);
    }

    /// The names of native cmdlets, by name.
    pub fn native_names(&self) -> Vec<Str> {
        sorted(self.natives.values().map(|native| native.entry.name.as_ref().into()))
    }

    /// The names of functions, by name.
    pub fn function_names(&self) -> Vec<Str> {
        sorted(self.functions.borrow().values().map(|function| function.name.clone()))
    }

    /// The names of all commands, by name: what runs, and what the catalogue knows besides.
    pub fn names(&self) -> Vec<Str> {
        let mut names = self.native_names();
        names.extend(self.function_names());
        names.extend(
            catalogue::names().filter(|n| !self.natives.contains_key(n.to_ascii_lowercase().as_str())).map(Str::from),
        );
        let mut names = sorted(names.into_iter());
        names.dedup_by(|a, b| crate::value::same_name(a, b));
        names
    }

    /// The native cmdlet of a name, whatever function or alias hides it.
    pub fn native(&self, name: &str) -> Option<&Rc<Native>> {
        self.natives.get(name.to_ascii_lowercase().as_str())
    }

    /// The native cmdlets, by name.
    pub fn natives(&self) -> Vec<Rc<Native>> {
        let mut natives: Vec<Rc<Native>> = self.natives.values().cloned().collect();
        natives.sort_by(|a, b| a.entry.name.cmp(&b.entry.name));
        natives
    }
}

fn sorted(names: impl Iterator<Item = Str>) -> Vec<Str> {
    let mut names: Vec<Str> = names.collect();
    names.sort_by_cached_key(|name| name.to_lowercase());
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_to_commands() {
        let registry = Registry::new(Vec::new());
        assert!(matches!(registry.lookup("get-cspool"), Some(Command::Planned(_))));
        assert_eq!(registry.lookup("Get-CsPool").and_then(|c| c.make().err()).unwrap().id(), "CmdletNotImplemented");
        let unknown = registry.resolve("Get-CsPol").err().unwrap();
        assert_eq!(unknown.fully_qualified_id(), "CommandNotFoundException");
        assert!(unknown.hints()[0].contains("Get-CsPool"), "{:?}", unknown.hints());

        registry.set_alias("gp", "Get-CsPool");
        assert_eq!(registry.lookup("GP").unwrap().name().as_ref(), "Get-CsPool");
        assert!(registry.aliases().contains(&("gp".into(), "Get-CsPool".into())));
        assert!(registry.remove_alias("gp") && registry.lookup("gp").is_none());
    }
}
