//! Signatures of parameters that the public reference does not have.

use crate::cmdlet::spec::{ParameterSpec, ParameterType, SetMembership, Validation};

/// A parameter of ours, in every set until [`ParameterSpec::sets`] says otherwise.
pub fn ours(name: &str, kind: ParameterType, doc_type: &str) -> ParameterSpec {
    ParameterSpec {
        name: name.into(),
        kind,
        doc_type: doc_type.into(),
        aliases: Vec::new(),
        sets: vec![SetMembership::default()],
        validation: Validation::default(),
        ours: true,
    }
}

/// The same as the mandatory parameter of a set; the `first` one is taken by position and from the pipeline.
pub fn key_of(set: &str, first: bool, mut parameter: ParameterSpec) -> ParameterSpec {
    parameter.sets = vec![SetMembership {
        set: Some(set.into()),
        mandatory: true,
        position: first.then_some(0),
        by_value: first,
        by_property_name: true,
        remaining: false,
    }];
    parameter
}

/// The same with a closed set of values.
pub fn one_of(values: &[&str], mut parameter: ParameterSpec) -> ParameterSpec {
    parameter.validation.values = values.iter().map(|value| (*value).into()).collect();
    parameter
}
