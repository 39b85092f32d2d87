//! The catalogue: the signatures of all cmdlets of the public reference, compiled in, decoded one by one when asked for.

use super::spec::{CmdletSpec, ParameterSpec, ParameterType, SetMembership, Validation};
use crate::value::Str;
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

include!(concat!(env!("OUT_DIR"), "/catalogue.rs"));

static BLOB: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/catalogue.bin"));

thread_local! {
    static DECODED: RefCell<HashMap<u32, Arc<CmdletSpec>>> = RefCell::default();
}

fn find(name: &str) -> Option<(&'static str, u32)> {
    let wanted = name.to_lowercase();
    let at = INDEX.binary_search_by(|(lower, ..)| (*lower).cmp(&wanted)).ok()?;
    INDEX.get(at).map(|(_, name, offset)| (*name, *offset))
}

/// Whether the catalogue has a cmdlet of this name, in any case. Decodes nothing.
pub fn contains(name: &str) -> bool {
    find(name).is_some()
}

/// The name of a cmdlet as the reference spells it.
pub fn spelling(name: &str) -> Option<&'static str> {
    find(name).map(|(name, _)| name)
}

/// The names of all cmdlets, in alphabetical order.
pub fn names() -> impl ExactSizeIterator<Item = &'static str> {
    INDEX.iter().map(|(_, name, _)| *name)
}

/// The signature of a cmdlet by its name in any case; decoded once a thread.
pub fn signature(name: &str) -> Option<Arc<CmdletSpec>> {
    let (name, offset) = find(name)?;
    DECODED.with(|decoded| {
        let known = decoded.borrow().get(&offset).cloned();
        known.or_else(|| {
            let spec = Arc::new(Reader { at: offset as usize }.cmdlet(name)?);
            decoded.borrow_mut().insert(offset, spec.clone());
            Some(spec)
        })
    })
}

/// Reads what build.rs wrote. `None` where the blob ends, which it does not: a test decodes all of it.
struct Reader {
    at: usize,
}

impl Reader {
    fn bytes(&mut self, length: usize) -> Option<&'static [u8]> {
        let bytes = BLOB.get(self.at..self.at + length)?;
        self.at += length;
        Some(bytes)
    }

    fn byte(&mut self) -> Option<u8> {
        self.bytes(1)?.first().copied()
    }

    fn length(&mut self) -> Option<usize> {
        let bytes: [u8; 2] = self.bytes(2)?.try_into().ok()?;
        Some(u16::from_le_bytes(bytes).into())
    }

    fn text(&mut self) -> Option<Str> {
        let length = self.length()?;
        std::str::from_utf8(self.bytes(length)?).ok().map(Str::from)
    }

    fn list<T>(&mut self, mut read: impl FnMut(&mut Reader) -> Option<T>) -> Option<Vec<T>> {
        let length = self.length()?;
        (0..length).map(|_| read(self)).collect()
    }

    fn cmdlet(&mut self, name: &str) -> Option<CmdletSpec> {
        Some(CmdletSpec {
            name: name.into(),
            should_process: self.byte()? != 0,
            default_set: Some(self.text()?).filter(|set| !set.is_empty()),
            sets: self.list(Reader::text)?,
            positional_binding: false,
            parameters: self.list(Reader::parameter)?,
        })
    }

    fn parameter(&mut self) -> Option<ParameterSpec> {
        let name = self.text()?;
        let kind = ParameterType::of_reference(&self.text()?);
        let doc_type = self.text()?;
        let aliases = self.list(Reader::text)?;
        let values = self.list(Reader::text)?;
        let allow = self.byte()?;
        let validation = Validation {
            values,
            allow_null: allow & 1 != 0,
            allow_empty_string: allow & 2 != 0,
            ..Validation::default()
        };
        let sets = self.list(Reader::membership)?;
        Some(ParameterSpec { name, kind, doc_type, aliases, sets, validation, ours: false })
    }

    fn membership(&mut self) -> Option<SetMembership> {
        let set = Some(self.text()?).filter(|set| !set.is_empty());
        let flags = self.byte()?;
        let position = self.byte()?;
        Some(SetMembership {
            set,
            mandatory: flags & 1 != 0,
            by_value: flags & 2 != 0,
            by_property_name: flags & 4 != 0,
            remaining: flags & 8 != 0,
            position: (position != 0xff).then_some(position.into()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_signature_is_decoded_whole() {
        assert_eq!(names().len(), 899);
        for name in names() {
            let spec = signature(name).unwrap_or_else(|| panic!("{name}"));
            assert_eq!(&*spec.name, name);
            for parameter in &spec.parameters {
                assert!(!parameter.name.is_empty() && !parameter.sets.is_empty(), "{name} -{}", parameter.name);
                for set in parameter.sets.iter().filter_map(|m| m.set.as_ref()) {
                    assert!(spec.sets.contains(set), "{name} -{} is in {set}", parameter.name);
                }
            }
        }
    }

    #[test]
    fn names_are_found_in_any_case_and_corrections_hold() {
        let failover = signature("invoke-csmanagementserverFAILOVER").unwrap();
        let force = failover.parameters.iter().find(|p| &*p.name == "Force").unwrap();
        assert!(force.sets.iter().all(|m| m.mandatory && m.set.as_deref() == Some("DisasterRecovery")));
        assert_eq!(failover.default_set.as_deref(), Some("Normal"));
        let grant = signature("Grant-CsVoicePolicy").unwrap();
        assert!(grant.parameters.iter().any(|p| &*p.name == "PolicyName" && p.validation.allow_null));
        assert!(signature("Get-CsNothing").is_none());
    }
}
