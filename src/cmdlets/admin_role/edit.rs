//! Lists as parameters give them: whole, or as `@{Add=…; Remove=…; Replace=…}`.

use crate::error::{Category, ErrorRecord};
use crate::value::enumerate::enumerate;
use crate::value::text::to_text;
use crate::value::{Str, Table, Value, same_name};

/// What shall become of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edit {
    replace: Option<Vec<Str>>,
    add: Vec<Str>,
    remove: Vec<Str>,
}

impl Edit {
    /// From the value of a parameter.
    ///
    /// # Errors
    /// `InvalidListModifier` where a table has other keys.
    pub fn parse(parameter: &str, value: &Value) -> Result<Edit, ErrorRecord> {
        match value {
            Value::Map(table) => Edit::from_table(parameter, table),
            Value::Null => Ok(Edit { replace: Some(Vec::new()), ..Edit::default() }),
            other => Ok(Edit { replace: Some(texts(other)), ..Edit::default() }),
        }
    }

    fn from_table(parameter: &str, table: &Table) -> Result<Edit, ErrorRecord> {
        let mut edit = Edit::default();
        for (key, value) in table.named() {
            match key.to_ascii_lowercase().as_str() {
                "add" => edit.add = texts(&value),
                "remove" => edit.remove = texts(&value),
                "replace" => edit.replace = Some(texts(&value)),
                _ => return Err(invalid(parameter, &format!("'{key}' is none of Add, Remove, Replace"))),
            }
        }
        match edit {
            Edit { replace: None, ref add, ref remove } if add.is_empty() && remove.is_empty() => {
                Err(invalid(parameter, "it says nothing"))
            }
            Edit { replace: Some(_), ref add, ref remove } if !(add.is_empty() && remove.is_empty()) => {
                Err(invalid(parameter, "Replace goes with neither Add nor Remove"))
            }
            edit => Ok(edit),
        }
    }

    /// The list after it, each entry once.
    pub fn apply(&self, list: &[Str]) -> Vec<Str> {
        let mut after: Vec<Str> = Vec::new();
        let kept = list.iter().filter(|entry| !self.remove.iter().any(|gone| same_name(gone, entry)));
        let base: Vec<&Str> = self.replace.as_ref().map_or_else(|| kept.collect(), |new| new.iter().collect());
        for entry in base.into_iter().chain(&self.add) {
            if !after.iter().any(|known| same_name(known, entry)) {
                after.push(entry.clone());
            }
        }
        after
    }

    /// The same with what it brings in spelt properly.
    ///
    /// # Errors
    /// Those of `spell`.
    pub fn map(self, spell: impl Fn(&Str) -> Result<Str, ErrorRecord>) -> Result<Edit, ErrorRecord> {
        let all = |list: Vec<Str>| list.iter().map(&spell).collect::<Result<Vec<Str>, ErrorRecord>>();
        Ok(Edit { replace: self.replace.map(all).transpose()?, add: all(self.add)?, remove: self.remove })
    }
}

/// The entries of a value: objects by their Name, as the elements of Cmdlets are.
fn texts(value: &Value) -> Vec<Str> {
    let text = |value: Value| match &value {
        Value::Record(record) => record.get("Name").map_or_else(|| to_text(&value), |name| to_text(&name)),
        other => to_text(other),
    };
    let bare = |text: Str| match text.trim().strip_prefix("Name=") {
        Some(name) => Str::from(name),
        None => Str::from(text.trim()),
    };
    enumerate(value.clone()).into_iter().map(text).map(bare).filter(|text| !text.is_empty()).collect()
}

fn invalid(parameter: &str, what: &str) -> ErrorRecord {
    ErrorRecord::new(
        "InvalidListModifier",
        Category::InvalidArgument,
        format!("-{parameter} cannot be applied: {what}."),
    )
    .hint(format!("Give a list, or a table: -{parameter} @{{Add=\"x\"}}, @{{Remove=\"x\"}}, @{{Replace=\"x\",\"y\"}}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(entries: &[(&str, Value)]) -> Value {
        Value::Map(Table::from_entries(false, entries.iter().map(|(k, v)| (Value::str(*k), v.clone()))))
    }

    fn list(entries: &[&str]) -> Value {
        Value::list(entries.iter().map(|e| Value::str(*e)).collect())
    }

    #[test]
    fn a_list_is_replaced_added_to_and_taken_from() {
        let cases = [
            (Value::str("c"), "c"),
            (list(&["c", "C", "d"]), "c d"),
            (Value::Null, ""),
            (table(&[("Add", Value::str("c"))]), "a b c"),
            (table(&[("add", list(&["B", "c"]))]), "a b c"),
            (table(&[("REMOVE", Value::str("A"))]), "b"),
            (table(&[("Replace", list(&["x", "y"]))]), "x y"),
            (table(&[("Add", Value::str("c")), ("Remove", Value::str("a"))]), "b c"),
            (Value::str("Name=Get-CsPool"), "Get-CsPool"),
        ];
        for (value, after) in cases {
            let edit = Edit::parse("Cmdlets", &value).unwrap();
            assert_eq!(edit.apply(&["a".into(), "b".into()]).join(" "), after, "{value:?}");
        }
        for wrong in [
            table(&[("Ad", Value::str("c"))]),
            table(&[]),
            table(&[("Replace", Value::str("x")), ("Add", Value::str("y"))]),
        ] {
            assert_eq!(Edit::parse("Cmdlets", &wrong).unwrap_err().id(), "InvalidListModifier");
        }
    }
}
