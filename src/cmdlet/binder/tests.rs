//! What binding says to people: hints, and what is never asked.

use super::*;
use crate::cmdlet::catalogue;
use crate::error::Span;

fn named(name: &str, value: &str) -> Argument {
    Argument::Named { name: name.into(), value: Some(Value::str(value)), span: Span::default() }
}

fn bind(command: &str, arguments: &[Argument], ask: Option<Ask>) -> Result<Binding, Box<Failure>> {
    let spec = catalogue::signature(command).expect("a name of the catalogue");
    command_line(&spec, arguments, Options { ask, ..Options::default() })
}

#[test]
fn misspelt_parameters_and_values_get_the_near_one() {
    let sync = "Invoke-CsBackupServiceSync";
    let pool = named("PoolFqdn", "atl-cs-001.litwareinc.com");
    for (arguments, id, hint) in [
        (vec![pool.clone(), named("BackupModul3", "x")], "NamedParameterNotFound", "-BackupModule"),
        (vec![pool, named("BackupModule", "ConfServices.DataCon")], "ParameterArgumentValidationError", "DataConf"),
        (vec![], "MissingMandatoryParameter", "-PoolFqdn <Fqdn>"),
    ] {
        let failure = bind(sync, &arguments, None).err().expect("it does not bind");
        assert_eq!(failure.record.fully_qualified_id(), format!("{id},{sync}"));
        assert!(failure.record.hints().iter().any(|h| h.contains(hint)), "{:?}", failure.record.hints());
    }
}

#[test]
fn a_mandatory_text_is_asked_for_a_switch_never() {
    let mut answer = |_: &ParameterSpec| Some(Value::str("atl-cs-001.litwareinc.com"));
    let binding = bind("Invoke-CsBackupServiceSync", &[], Some(&mut answer)).expect("it binds");
    assert_eq!(binding.bound().get("poolfqdn").and_then(Value::as_str), Some("atl-cs-001.litwareinc.com"));
    let arguments = [named("BackupSqlServerFqdn", "redmond-cs-001.litwareinc.com")];
    let failure = bind("Invoke-CsManagementServerFailover", &arguments, Some(&mut answer)).err().expect("no -Force");
    assert_eq!(failure.record.id(), "MissingMandatoryParameter");
    assert!(failure.record.hints()[0].contains("-Force"));
}
