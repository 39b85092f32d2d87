//! `import "name" as m`: modules beside the script, which may hold commands too.

use super::prepared::Prepared;
use super::shared::Shared;
use crate::error::Source;
use crate::language::Mode;
use rhai::{Engine, EvalAltResult, Module, ModuleResolver, Position, Scope};
use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

type SharedModule = rhai::Shared<Module>;

/// Finds modules in the folder of the script that runs.
pub(super) struct Resolver {
    pub shared: Rc<Shared>,
    pub folder: Rc<RefCell<PathBuf>>,
    pub loaded: RefCell<HashMap<PathBuf, SharedModule>>,
}

/// The file of a module.
pub(super) fn file(folder: &Path, name: &str) -> PathBuf {
    let mut file = folder.join(name);
    if file.extension().is_none() {
        file.set_extension("rhai");
    }
    file
}

impl ModuleResolver for Resolver {
    fn resolve(
        &self,
        engine: &Engine,
        _source: Option<&str>,
        name: &str,
        position: Position,
    ) -> Result<SharedModule, Box<EvalAltResult>> {
        let file = file(&self.folder.borrow(), name);
        if let Some(module) = self.loaded.borrow().get(&file) {
            return Ok(module.clone());
        }
        let not_found = || EvalAltResult::ErrorModuleNotFound(name.to_string(), position);
        let bytes = std::fs::read(&file).map_err(|_| not_found())?;
        let text = crate::env::text::of_bytes(&bytes).map_err(|why| {
            let error = EvalAltResult::ErrorRuntime(format!("{} is {why}", file.display()).into(), position);
            EvalAltResult::ErrorInModule(name.to_string(), error.into(), position)
        })?;
        let source = Arc::new(Source { name: file.display().to_string(), text });
        let names = super::names::ScriptNames::of_session(&self.shared.session);
        let prepared = Prepared::read(&self.shared, engine, source, Mode::Rhai, &names, &Scope::new());
        let ast = match prepared {
            Ok(prepared) => prepared.ast,
            Err(diagnostics) => {
                let first = diagnostics.first().map_or_else(String::new, |d| d.message.clone());
                let error = EvalAltResult::ErrorRuntime(first.into(), position);
                return Err(EvalAltResult::ErrorInModule(name.to_string(), error.into(), position).into());
            }
        };
        let module = Module::eval_ast_as_new(Scope::new(), &ast, engine)
            .map_err(|e| EvalAltResult::ErrorInModule(name.to_string(), e, position))?;
        let module: SharedModule = module.into();
        self.loaded.borrow_mut().insert(file, module.clone());
        Ok(module)
    }
}
