//! The modules of the backup service: the kinds of data that a pool owns.

use crate::error::{Category, ErrorRecord};
use crate::value::near::nearest;
use serde::{Deserialize, Serialize};

/// A kind of data that goes from a pool to its backup pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Module {
    /// The documents of the pool's users.
    #[serde(rename = "UserServices.PresenceFocus")]
    PresenceFocus,
    /// The files of its conferences.
    #[serde(rename = "ConfServices.DataConf")]
    DataConf,
    /// The Central Management store, on its way to the standby.
    #[serde(rename = "CentralMgmt.CMSMaster")]
    CmsMaster,
}

impl Module {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Module; 3] = [Module::PresenceFocus, Module::DataConf, Module::CmsMaster];

    /// Its dotted name.
    pub fn name(self) -> &'static str {
        match self {
            Module::PresenceFocus => "UserServices.PresenceFocus",
            Module::DataConf => "ConfServices.DataConf",
            Module::CmsMaster => "CentralMgmt.CMSMaster",
        }
    }

    /// The modules that a name means, in any case: the dotted one, the part behind the dot, or `All`.
    ///
    /// # Errors
    /// `BackupModuleNotFound`, with the near name.
    pub fn named(name: &str) -> Result<Vec<Module>, ErrorRecord> {
        if name.eq_ignore_ascii_case("All") {
            return Ok(Module::ALL.to_vec());
        }
        let short = |module: &Module| module.name().split_once('.').map_or("", |(_, short)| short);
        let found = Module::ALL
            .into_iter()
            .find(|module| module.name().eq_ignore_ascii_case(name) || short(module).eq_ignore_ascii_case(name));
        found.map(|module| vec![module]).ok_or_else(|| {
            let names = Module::ALL.iter().flat_map(|module| [module.name(), short(module)]);
            let error = ErrorRecord::new(
                "BackupModuleNotFound",
                Category::InvalidArgument,
                format!("There is no backup module '{name}'."),
            )
            .hint("UserServices.PresenceFocus, ConfServices.DataConf, CentralMgmt.CMSMaster, or All.");
            match nearest(name, names) {
                Some(near) => error.hint(format!("Did you mean {near}?")),
                None => error,
            }
        })
    }
}
