//! No cmdlet is unguarded: one that reads or changes the deployment is refused to who holds no role, and the refusal
//! is logged; one that works on objects in the client is not.

use reeve::access::{Principal, family, is_known};
use reeve::cmdlet::spec::{CmdletSpec, ParameterType};
use reeve::cmdlet::{AccessKind, Bound, Host, Message, ScopeKind, Session};
use reeve::deployment::lab::Temporary;
use reeve::error::Halt;
use reeve::store::Store;

struct Quiet;

impl Host for Quiet {
    fn output(&self, _: reeve::value::Value) {}
    fn message(&self, _: Message) {}
}

#[test]
fn who_holds_no_role_may_start_no_cmdlet_of_the_deployment() {
    let lab = Temporary::new().unwrap();
    let nobody = Principal::named("nobody", &["Domain Users"]);
    let session = Session::new(Box::new(Quiet)).on(&lab.lab().host).as_principal(nobody);
    let mut refused = 0;
    for native in session.registry.natives() {
        let result = session.may_start(&native.entry, &Bound::default());
        let name = &native.entry.name;
        match (native.entry.access.kind, result) {
            (AccessKind::Client, Ok(())) => {}
            (AccessKind::Read | AccessKind::Change, Err(Halt::Error(error))) => {
                assert_eq!(error.id(), "AccessDenied", "{name}");
                assert!(error.hints().iter().any(|hint| hint.contains("CsAdministrator")), "{name}: {error:?}");
                refused += 1;
            }
            (kind, result) => panic!("{name} ({kind:?}): {result:?}"),
        }
    }
    assert!(refused >= 7, "{refused}");
    let mut denials = 0;
    let deployment = session.deployment().map_err(|_| ()).unwrap();
    let store: &dyn Store = deployment.store();
    let denied = reeve::audit::Query { decision: Some(reeve::audit::Decision::Denied), ..Default::default() };
    let mut count = |_| {
        denials += 1;
        true
    };
    store.audit(&denied, &mut count).unwrap();
    assert_eq!(denials, refused);
}

/// A role that is narrowed to a site starts what goes by site or user, and nothing that concerns all.
#[test]
fn a_narrowed_role_starts_no_cmdlet_of_global_scope() {
    let lab = Temporary::new().unwrap();
    let narrow = Principal::named("narrow", &["DublinUserAdministrator"]);
    let session = Session::new(Box::new(Quiet)).on(&lab.lab().host).as_principal(narrow);
    let roles = session.roles().map_err(|_| ()).unwrap();
    let role = roles.get("DublinUserAdministrator").unwrap();
    for native in session.registry.natives().iter().filter(|native| role.holds(&native.entry.name)) {
        let may = session.may_start(&native.entry, &Bound::default()).is_ok();
        assert_eq!(may, native.entry.access.scope != ScopeKind::Global, "{}", native.entry.name);
    }
}

/// A cmdlet of the deployment that no role can have could be run by the owner alone.
#[test]
fn roles_know_every_cmdlet_of_the_deployment() {
    let session = Session::new(Box::new(Quiet));
    for native in session.registry.natives() {
        let name = &native.entry.name;
        if native.entry.access.kind != AccessKind::Client {
            assert!(is_known(name).is_some(), "{name}: neither in the catalogue nor among `ours` of families.json");
            assert!(family(name).is_some(), "{name} has no family");
        }
    }
}

/// A cmdlet that says it only works on objects must not have a name that says otherwise.
#[test]
fn what_needs_no_role_is_no_cmdlet_of_the_catalogue() {
    let session = Session::new(Box::new(Quiet));
    for native in session.registry.natives() {
        let of_deployment = native.entry.access.kind != AccessKind::Client || !native.entry.runs.is_empty();
        let harmless = of_deployment || is_known(&native.entry.name).is_none();
        assert!(harmless, "{} needs no role, but is a cmdlet of the deployment", native.entry.name);
    }
}

/// What changes the deployment and says so by its verb must not pass as reading.
#[test]
fn verbs_that_change_are_declared_as_changes() {
    let session = Session::new(Box::new(Quiet));
    for native in session.registry.natives().iter().filter(|native| native.entry.access.kind == AccessKind::Read) {
        let verb = native.entry.name.split('-').next().unwrap_or_default();
        assert!(["Get", "Test", "Show", "Search", "Export", "Debug"].contains(&verb), "{}", native.entry.name);
    }
}

/// The log leaves out what the signature says is secret.
#[test]
fn secret_parameters_are_known_by_name() {
    let secret = |spec: &CmdletSpec| -> Vec<String> {
        let kinds = [ParameterType::SecureString, ParameterType::Credential];
        spec.parameters.iter().filter(|p| kinds.contains(&p.kind)).map(|p| p.name.to_string()).collect()
    };
    for name in reeve::cmdlet::catalogue::names() {
        let spec = reeve::cmdlet::catalogue::signature(name).unwrap();
        for parameter in secret(&spec) {
            assert!(reeve::audit::is_secret(&parameter), "{name} -{parameter} would be logged");
        }
    }
}
