//! `$o.PSObject`: the properties of an object as objects themselves, its type names, a copy of it.

use super::super::{Record, RecordType, Str, TextForm, Value, same_name, types};
use super::{Answer, Call, get as member, names};

/// Type name of what `.PSObject` gives.
const SET: &str = "System.Management.Automation.PSMemberSet";
/// Type name of what `.PSObject.Properties` gives.
const COLLECTION: &str = "System.Management.Automation.PSMemberInfoCollection";
/// Type name of a property.
pub(super) const PROPERTY: &str = "System.Management.Automation.PSNoteProperty";
/// The object that they are of.
const OF: &str = " of";

pub(super) fn get(value: &Value, name: &str) -> Option<Value> {
    if same_name(name, "PSObject") && !value.is_null() {
        let kind = RecordType::new(SET, TextForm::TypeName);
        return Some(Value::Record(Record::new(kind, [(OF, value.clone())])));
    }
    let Value::Record(record) = value else { return None };
    let of = record.get(OF)?;
    match (&*record.kind().name, name.to_ascii_lowercase().as_str()) {
        (SET, "properties" | "members") => {
            let kind = RecordType::new(COLLECTION, TextForm::TypeName);
            Some(Value::Record(Record::new(kind, [(OF, of)])))
        }
        (SET, "typenames") => Some(type_names(&of)),
        (SET, "baseobject" | "immediatebaseobject") => Some(of),
        (COLLECTION, wanted) => {
            let items = properties(&of);
            match wanted {
                "count" | "length" => Some(Value::Int(i64::try_from(items.len()).unwrap_or(i64::MAX))),
                _ => member(&Value::list(items), name),
            }
        }
        _ => None,
    }
}

/// The names of an object's type, the nearest first.
fn type_names(value: &Value) -> Value {
    let own = types::name_of(value);
    let mut all: Vec<Value> = vec![own.clone().into()];
    let custom = matches!(value, Value::Record(record) if record.kind().text == TextForm::Custom);
    if custom && &*own != "System.Management.Automation.PSCustomObject" {
        all.push("System.Management.Automation.PSCustomObject".into());
    }
    all.push("System.Object".into());
    Value::list(all)
}

/// The elements of a property collection; `None` if the record is none.
pub fn elements(record: &Record) -> Option<Vec<Value>> {
    if &*record.kind().name != COLLECTION {
        return None;
    }
    record.get(OF).map(|of| properties(&of))
}

fn properties(of: &Value) -> Vec<Value> {
    names(of).into_iter().map(|name| property(of, &name)).collect()
}

fn property(of: &Value, name: &Str) -> Value {
    let value = member(of, name).unwrap_or_default();
    let member_type = if matches!(of, Value::Record(_)) { "NoteProperty" } else { "Property" };
    let record = described(name, value, member_type);
    record.put(OF, of.clone());
    Value::Record(record)
}

/// A property that is no object's yet: what `Properties.Add` takes.
pub fn new_property(name: &Str, value: Value) -> Value {
    Value::Record(described(name, value, "NoteProperty"))
}

fn described(name: &Str, value: Value, member_type: &str) -> Record {
    let kind = RecordType::new(PROPERTY, TextForm::Property(" text"));
    let shown = format!("{} {name}={}", types::type_of(&value).short, value);
    let fields: [(&str, Value); 8] = [
        ("MemberType", member_type.into()),
        ("IsSettable", true.into()),
        ("IsGettable", true.into()),
        ("Value", value.clone()),
        ("TypeNameOfValue", types::name_of(&value).into()),
        ("Name", name.clone().into()),
        ("IsInstance", true.into()),
        (" text", shown.into()),
    ];
    Record::new(kind, fields)
}

/// Sets the value of a property through its object; `false` if this is no such object.
pub(super) fn set(record: &Record, name: &str, to: &Value) -> bool {
    if &*record.kind().name != PROPERTY || !same_name(name, "Value") {
        return false;
    }
    if let (Some(Value::Record(of)), Some(Value::Str(property))) = (record.get(OF), record.get("Name")) {
        of.set(&property, to.clone());
    }
    record.set("Value", to.clone())
}

/// The property by its name, of a collection.
pub(super) fn by_name(record: &Record, name: &str) -> Option<Value> {
    let of = record.get(OF)?;
    names(&of).iter().find(|known| same_name(known, name)).map(|known| property(&of, known))
}

/// Methods of `.PSObject` and of its properties.
pub(super) fn call(record: &Record, call: &Call) -> Answer {
    let of = record.get(OF)?;
    match (&*record.kind().name, call.name) {
        (SET, "copy") => Some(Ok(match &of {
            Value::Record(record) => Value::Record(record.copy()),
            Value::Map(table) => Value::Map(table.copy()),
            other => other.clone(),
        })),
        (COLLECTION, "remove") => {
            if let Value::Record(of) = &of {
                of.remove(&call.text(0));
            }
            Some(Ok(Value::list(Vec::new())))
        }
        (COLLECTION, "add") => {
            if let (Value::Record(of), Value::Record(added)) = (&of, call.value(0))
                && let (Some(Value::Str(name)), Some(value)) = (added.get("Name"), added.get("Value"))
            {
                of.put(&name, value);
            }
            Some(Ok(Value::list(Vec::new())))
        }
        (COLLECTION, "match") => {
            let wildcard = match super::super::wildcard::Wildcard::new(&call.text(0)) {
                Ok(wildcard) => wildcard,
                Err(error) => return Some(Err(error)),
            };
            let kept = names(&of).into_iter().filter(|name| wildcard.matches(name)).map(|name| property(&of, &name));
            Some(Ok(Value::list(kept.collect())))
        }
        _ => None,
    }
}

/// Whether a record is the collection of an object's properties.
pub(super) fn is_collection(record: &Record) -> bool {
    &*record.kind().name == COLLECTION
}
