//! A role as an object: its properties in the order of the original.

use crate::access::Role;
use crate::value::{Record, RecordType, Str, TextForm, Value};
use std::collections::HashMap;
use std::sync::Arc;

/// Makes objects of roles. An element of Cmdlets is one object in all roles that have it.
pub struct Makers {
    role: Arc<RecordType>,
    role_names: Arc<[Str]>,
    cmdlet: Arc<RecordType>,
    cmdlet_names: Arc<[Str]>,
    /// By the address of a name: the predefined roles share their names.
    elements: HashMap<usize, Value>,
}

impl Default for Makers {
    fn default() -> Makers {
        let names = [
            "Identity",
            "SID",
            "IsStandardRole",
            "Cmdlets",
            "ScriptModules",
            "ConfigScopes",
            "UserScopes",
            "TemplateName",
        ];
        Makers {
            role: RecordType::new("Microsoft.Rtc.Management.WritableConfig.Settings.Roles.Role", TextForm::Identity),
            role_names: names.map(Str::from).into(),
            cmdlet: RecordType::new(
                "Microsoft.Rtc.Management.WritableConfig.Settings.Roles.CmdletType",
                TextForm::Pairs,
            ),
            cmdlet_names: [Str::from("Name")].into(),
            elements: HashMap::with_capacity(1024),
        }
    }
}

impl Makers {
    /// A role as an object.
    pub fn role(&mut self, role: &Role) -> Record {
        let cmdlets: Vec<Value> = role.cmdlets.iter().map(|name| self.element(name)).collect();
        let texts = |list: Vec<String>| Value::list(list.into_iter().map(Value::from).collect());
        let values = vec![
            Value::Str(role.name.clone()),
            Value::Str(role.sid.clone()),
            Value::Bool(role.standard),
            Value::list(cmdlets),
            Value::list(role.script_modules.iter().cloned().map(Value::Str).collect()),
            texts(role.config_scopes.iter().map(ToString::to_string).collect()),
            texts(role.user_scopes.iter().map(ToString::to_string).collect()),
            Value::Str(role.template.clone().unwrap_or_else(|| "".into())),
        ];
        let record = Record::from_parts(self.role.clone(), self.role_names.clone(), values);
        record.set_stamp(role.version);
        record
    }

    fn element(&mut self, name: &Str) -> Value {
        let address = Arc::as_ptr(name).cast::<u8>() as usize;
        let make = || {
            let values = vec![Value::Str(name.clone())];
            Value::Record(Record::from_parts(self.cmdlet.clone(), self.cmdlet_names.clone(), values))
        };
        // The element holds the name, so that its address stays taken as long as it is in here.
        self.elements.entry(address).or_insert_with(make).clone()
    }
}
