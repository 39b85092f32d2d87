//! The cmdlets on roles and the audit log, on the sample deployment.

use crate::support::remote::session_on;
use reeve::access::{Place, Principal};
use reeve::cmdlet::pipeline::{self, Argument, Invocation, Stage};
use reeve::cmdlet::{Bound, Host, Message, NoBlocks, Session};
use reeve::deployment::lab::Temporary;
use reeve::error::{ErrorRecord, Halt, Span};
use reeve::store::{Change, DocumentId, Expected, Store};
use reeve::value::member::get;
use reeve::value::text::to_text;
use reeve::value::{Table, Value};
use std::cell::RefCell;
use std::rc::Rc;

#[derive(Default)]
struct Quiet(Rc<RefCell<Vec<Message>>>);

impl Host for Quiet {
    fn output(&self, _: Value) {}
    fn message(&self, message: Message) {
        self.0.borrow_mut().push(message);
    }
}

pub(super) struct Lab {
    lab: Temporary,
    session: Session,
    messages: Rc<RefCell<Vec<Message>>>,
}

impl Lab {
    pub(super) fn new() -> Lab {
        let lab = Temporary::new().unwrap();
        let messages = Rc::default();
        let session = Session::new(Box::new(Quiet(Rc::clone(&messages))));
        Lab { session: session_on(session, &lab.lab().host, Some(Principal::owner("owner"))), lab, messages }
    }

    pub(super) fn as_principal(&self, principal: Principal) -> Session {
        session_on(Session::new(Box::new(Quiet::default())), &self.lab.lab().host, Some(principal))
    }

    fn as_user(&self, user: &str) -> Session {
        session_on(Session::new(Box::new(Quiet::default())).as_user(user), &self.lab.lab().host, None)
    }

    pub(super) fn run(&self, name: &str, parameters: &[(&str, Value)]) -> Result<Vec<Value>, ErrorRecord> {
        run(&self.session, name, parameters)
    }

    fn store<T>(&self, work: impl FnOnce(&dyn Store) -> T) -> T {
        work(self.session.deployment().map_err(|_| ()).unwrap().store())
    }
}

/// Runs one cmdlet through the pipeline.
pub(super) fn run(session: &Session, name: &str, parameters: &[(&str, Value)]) -> Result<Vec<Value>, ErrorRecord> {
    feed(session, None, name, parameters)
}

fn feed(
    session: &Session,
    input: Option<Value>,
    name: &str,
    parameters: &[(&str, Value)],
) -> Result<Vec<Value>, ErrorRecord> {
    let named = |(name, value): &(&str, Value)| Argument::Named {
        name: (*name).to_string(),
        value: Some(value.clone()),
        span: Span::default(),
    };
    let arguments = parameters.iter().map(named).collect();
    let command = Stage::Command(Invocation { name: name.into(), arguments, ..Invocation::default() });
    let mut outputs = Vec::new();
    let mut sink = |value| {
        outputs.push(value);
        Ok(())
    };
    let mut objects = input.into_iter().map(Ok);
    let fed = objects.len() > 0;
    let input = fed.then_some(&mut objects as &mut dyn Iterator<Item = Result<Value, Halt>>);
    match pipeline::run(session, &NoBlocks, input, vec![command], &mut sink) {
        Ok(()) => Ok(outputs),
        Err(Halt::Error(error)) => Err(error),
        Err(other) => panic!("{other:?}"),
    }
}

pub(super) fn s(text: &str) -> Value {
    Value::str(text)
}

fn texts(value: &Value, property: &str) -> Vec<String> {
    let value = get(value, property).unwrap_or_else(|| panic!("no {property}"));
    reeve::value::enumerate::enumerate(value).iter().map(|item| to_text(item).to_string()).collect()
}

fn text(value: &Value, property: &str) -> String {
    texts(value, property).join(", ")
}

pub(super) fn table(key: &str, value: Value) -> Value {
    Value::Map(Table::from_entries(false, [(s(key), value)]))
}

pub(super) fn id(result: Result<Vec<Value>, ErrorRecord>) -> String {
    result.expect_err("an error").id().to_string()
}

fn voice_team(lab: &Lab) -> Value {
    let made = lab.run(
        "New-CsAdminRole",
        &[
            ("Identity", s("voice team")),
            ("Template", s("csvoiceadministrator")),
            ("ConfigScopes", s("site:redmond")),
            ("UserScopes", s("OU:ou=Redmond,dc=litwareinc,dc=com")),
        ],
    );
    made.unwrap().remove(0)
}

#[test]
fn predefined_roles_are_shown_as_the_original_shows_them() {
    let lab = Lab::new();
    let mut roles = lab.run("Get-CsAdminRole", &[]).unwrap();
    roles.retain(|role| text(role, "IsStandardRole") == "True");
    assert_eq!(roles.len(), 11);
    let Value::Record(first) = &roles[0] else { panic!("no record") };
    let names: Vec<_> = first.names().iter().map(ToString::to_string).collect();
    let order =
        ["Identity", "SID", "IsStandardRole", "Cmdlets", "ScriptModules", "ConfigScopes", "UserScopes", "TemplateName"];
    assert_eq!(names, order);
    assert_eq!(to_text(&roles[0]).as_ref(), "CsAdministrator");
    assert_eq!(text(&roles[0], "IsStandardRole"), "True");
    assert!(texts(&roles[0], "Cmdlets").contains(&"Name=Get-CsClientPolicy".to_string()));
    assert_eq!(text(&roles[0], "ConfigScopes"), "Global");
    assert!(text(&roles[0], "SID").starts_with("S-1-5-21-"));
    let voice = lab.run("Get-CsAdminRole", &[("Filter", s("csvoice*"))]).unwrap();
    assert_eq!(voice.iter().map(|role| text(role, "Identity")).collect::<Vec<_>>(), ["CsVoiceAdministrator"]);
    let by_sid = lab.run("Get-CsAdminRole", &[("Sid", s(&text(&voice[0], "SID")))]).unwrap();
    assert_eq!(text(&by_sid[0], "Identity"), "CsVoiceAdministrator");
    for (parameter, value) in [("Identity", "CsVoice*"), ("Identity", "RTCUniversalServerAdmins"), ("Sid", "S-1-0")] {
        assert_eq!(id(lab.run("Get-CsAdminRole", &[(parameter, s(value))])), "RoleNotFound", "{value}");
    }
}

#[test]
fn a_role_is_made_from_a_template_and_narrowed() {
    let lab = Lab::new();
    let before = lab.run("Get-CsAdminRole", &[]).unwrap().len();
    let role = voice_team(&lab);
    assert_eq!(text(&role, "Identity"), "Voice Team");
    assert_eq!(text(&role, "TemplateName"), "CsVoiceAdministrator");
    assert_eq!(text(&role, "ConfigScopes"), "site:Redmond");
    assert_eq!(text(&role, "UserScopes"), "OU:ou=Redmond,dc=litwareinc,dc=com");
    assert_eq!(text(&role, "IsStandardRole"), "False");
    let shown = lab.run("Get-CsAdminRole", &[("Identity", s("VOICE TEAM"))]).unwrap();
    assert_eq!(texts(&shown[0], "Cmdlets"), texts(&role, "Cmdlets"));
    assert_eq!(lab.run("Get-CsAdminRole", &[]).unwrap().len(), before + 1);
}

#[test]
fn what_a_role_is_made_of_is_checked_and_nothing_changes() {
    let lab = Lab::new();
    voice_team(&lab);
    let before = lab.store(|store| store.version().unwrap());
    let new = |name: &str, template: &str, more: &[(&str, Value)]| {
        let mut parameters = vec![("Identity", s(name)), ("Template", s(template))];
        parameters.extend_from_slice(more);
        lab.run("New-CsAdminRole", &parameters)
    };
    let leads = "Service Desk Leads";
    let cases = [
        (new("Nobody's Group", "CsHelpDesk", &[]), "GroupNotFound"),
        (new("Voice Team", "CsHelpDesk", &[]), "RoleExists"),
        (new("CsHelpDesk", "CsHelpDesk", &[]), "PredefinedRole"),
        (new(leads, "CsHelpdesc", &[]), "RoleNotFound"),
        (new(leads, "RTCUniversalServerAdmins", &[]), "RoleNotFound"),
        (new(leads, "CsHelpDesk", &[("Cmdlets", s("Get-CsNothing"))]), "CmdletNotFound"),
        (new(leads, "CsHelpDesk", &[("ConfigScopes", s("site:Atlantis"))]), "SiteNotFound"),
        (new(leads, "CsHelpDesk", &[("ConfigScopes", s("Redmond"))]), "InvalidScope"),
        (new(leads, "CsHelpDesk", &[("UserScopes", s("OU:ou=Atlantis,dc=litwareinc,dc=com"))]), "OUNotFound"),
        (new(leads, "CsHelpDesk", &[("UserScopes", table("Ad", s("Global")))]), "InvalidListModifier"),
    ];
    for (at, (result, expected)) in cases.into_iter().enumerate() {
        assert_eq!(id(result), expected, "case {at}");
    }
    let shown = new(leads, "CsHelpDesk", &[("Cmdlets", s("get-csuser")), ("InMemory", Value::Bool(true))]).unwrap();
    assert_eq!(texts(&shown[0], "Cmdlets"), ["Name=Get-CsUser"]);
    assert_eq!(lab.store(|store| store.version().unwrap()), before);
}

#[test]
fn a_role_is_changed_and_removed_but_a_predefined_one_is_not() {
    let lab = Lab::new();
    voice_team(&lab);
    let set = |name: &str, value: Value| lab.run("Set-CsAdminRole", &[("Identity", s("Voice Team")), (name, value)]);
    let show =
        |property: &str| texts(&lab.run("Get-CsAdminRole", &[("Identity", s("Voice Team"))]).unwrap()[0], property);
    set("ConfigScopes", table("Add", s("site:Atlanta"))).unwrap();
    assert_eq!(show("ConfigScopes"), ["site:Redmond", "site:Atlanta"]);
    set("ConfigScopes", table("Remove", s("SITE:redmond"))).unwrap();
    assert_eq!(show("ConfigScopes"), ["site:Atlanta"]);
    set("UserScopes", table("Replace", s("Global"))).unwrap();
    assert_eq!(show("UserScopes"), ["Global"]);
    set("Cmdlets", Value::list(vec![s("Get-CsPool"), s("get-csuser")])).unwrap();
    assert_eq!(show("Cmdlets"), ["Name=Get-CsPool", "Name=Get-CsUser"]);
    set("ScriptModules", s("tools.ps1:Get-Report")).unwrap();
    assert_eq!(show("ScriptModules"), ["tools.ps1:Get-Report"]);

    let of_predefined = [("Identity", s("CsHelpDesk")), ("ConfigScopes", s("Global"))];
    assert_eq!(id(lab.run("Set-CsAdminRole", &of_predefined)), "PredefinedRole");
    lab.run("Remove-CsAdminRole", &[("Identity", s("CsHelpDesk"))]).unwrap();
    let written =
        lab.messages.borrow().iter().filter(|m| matches!(m, Message::Error(e) if e.id() == "PredefinedRole")).count();
    assert_eq!(written, 1);
    lab.run("Remove-CsAdminRole", &[("Filter", s("*"))]).unwrap();
    assert_eq!(lab.run("Get-CsAdminRole", &[]).unwrap().len(), 11);
    assert_eq!(id(lab.run("Remove-CsAdminRole", &[("Identity", s("Voice Team"))])), "RoleNotFound");
}

#[test]
fn a_narrowed_role_acts_only_in_its_scopes() {
    let lab = Lab::new();
    voice_team(&lab);
    // Nora is in Voice Team, which is in CsVoiceAdministrator too: leave only the narrowed role.
    lab.store(|store| {
        let groups = store.list("Group").unwrap();
        let wide = groups
            .iter()
            .filter(|g| ["CsVoiceAdministrator", "CsLocationAdministrator"].iter().any(|n| g.id.key.contains(n)));
        let gone: Vec<Change> =
            wide.map(|g| Change { id: g.id.clone(), expected: Expected::Any, body: None }).collect();
        store.commit(&reeve::store::Grant::system("test"), &gone).unwrap();
    });
    let nora = lab.as_user("noramartinez");
    let bound = Bound::default();
    let ask = |cmdlet: &str, place: Place| nora.authorize(cmdlet, &bound, &place).is_ok();
    assert!(ask("New-CsVoicePolicy", Place::Site("Site:Redmond".into())));
    assert!(!ask("New-CsVoicePolicy", Place::Site("Site:Dublin".into())));
    assert!(!ask("New-CsVoicePolicy", Place::Global));
    assert!(ask("Grant-CsVoicePolicy", Place::User("OU=Redmond,DC=litwareinc,DC=com".into())));
    assert!(!ask("Grant-CsVoicePolicy", Place::User("OU=Dublin,DC=litwareinc,DC=com".into())));
}

#[test]
fn assignments_go_by_logon_name() {
    let lab = Lab::new();
    let roles = lab.run("Get-CsAdminRoleAssignment", &[("Identity", s("noramartinez"))]).unwrap();
    let roles: Vec<_> = roles.iter().map(|role| to_text(role).to_string()).collect();
    assert_eq!(roles, ["CsVoiceAdministrator", "CsLocationAdministrator"]);
    let admin = lab.run("Get-CsAdminRoleAssignment", &[("Identity", s("admin"))]).unwrap();
    assert_eq!(admin.len(), 1, "groups of the management server are no roles: {admin:?}");
    for name in ["Nora Martinez", "nobody"] {
        assert_eq!(id(lab.run("Get-CsAdminRoleAssignment", &[("Identity", s(name))])), "ManagementObjectNotFound");
    }
}

#[test]
fn who_may_run_what_is_answered_from_all_three_sides() {
    let lab = Lab::new();
    let who = lab.run("Get-CsRoleAccess", &[("Cmdlet", s("lock-csclientpin"))]).unwrap();
    let standard = who.iter().filter(|row| text(row, "IsStandardRole") == "True");
    let roles: Vec<_> = standard.map(|row| text(row, "Role")).collect();
    assert_eq!(roles, ["CsAdministrator", "CsUserAdministrator", "CsHelpDesk", "RTCUniversalUserAdmins"]);
    assert!(texts(&who[2], "Users").contains(&"zoebyrne".to_string()));

    let nora = lab.run("Get-CsRoleAccess", &[("User", s("Nora Martínez"))]).unwrap();
    let row = nora.iter().find(|row| text(row, "Cmdlet") == "New-CsVoicePolicy").unwrap();
    assert_eq!(
        (text(row, "Through"), text(row, "Users")),
        ("Voice Team > CsVoiceAdministrator".into(), "noramartinez".into())
    );

    let role = lab.run("Get-CsRoleAccess", &[("Role", s("CsHelpDesk"))]).unwrap();
    assert!(role.iter().any(|row| text(row, "Cmdlet") == "Unlock-CsClientPin"));
    assert_eq!(id(lab.run("Get-CsRoleAccess", &[("Cmdlet", s("Get-CsPoool"))])), "CmdletNotFound");
    assert_eq!(id(lab.run("Get-CsRoleAccess", &[("User", s("nobody"))])), "ManagementObjectNotFound");
}

#[test]
fn the_log_has_changes_and_denials_and_is_verified() {
    let lab = Lab::new();
    voice_team(&lab);
    let helpdesk = lab.as_user("helpdesk");
    let denied =
        run(&helpdesk, "New-CsAdminRole", &[("Identity", s("Service Desk Leads")), ("Template", s("CsHelpDesk"))]);
    assert_eq!(id(denied), "AccessDenied");

    let log = lab.run("Get-CsAuditLog", &[("First", Value::Int(2))]).unwrap();
    assert_eq!(text(&log[0], "Decision"), "Denied");
    assert_eq!((text(&log[0], "Principal"), text(&log[0], "Cmdlet")), ("helpdesk".into(), "New-CsAdminRole".into()));
    assert_eq!((text(&log[1], "Principal"), text(&log[1], "Outcome")), ("owner".into(), "Changed".into()));
    assert!(text(&log[1], "Parameters").contains("csvoiceadministrator"));
    assert_eq!(text(&log[1], "Changed"), "AdminRole Global Voice Team");
    assert_eq!(get(&log[1], "Hash").map(|h| to_text(&h)), get(&log[0], "Previous").map(|h| to_text(&h)));

    let count = |parameters: &[(&str, Value)]| lab.run("Get-CsAuditLog", parameters).unwrap().len();
    assert_eq!(count(&[("Decision", s("denied"))]), 1);
    assert_eq!(count(&[("Principal", s("help*"))]), 1);
    assert_eq!(count(&[("Cmdlet", s("*-CsAdminRole")), ("Principal", s("owner"))]), 1);
    assert_eq!(count(&[("First", Value::Int(0))]), 0);
    assert_eq!(id(run(&helpdesk, "Get-CsAuditLog", &[])), "AccessDenied");

    let verdict = lab.run("Get-CsAuditLog", &[("Verify", Value::Bool(true))]).unwrap();
    assert_eq!(text(&verdict[0], "IsIntact"), "True");
}

#[test]
fn a_role_that_changed_meanwhile_is_not_overwritten() {
    let lab = Lab::new();
    let stale = voice_team(&lab);
    let set = |input: Option<&Value>| {
        let mut parameters = vec![("ConfigScopes", table("Add", s("site:Dublin")))];
        if input.is_none() {
            parameters.push(("Identity", s("Voice Team")));
        }
        feed(&lab.session, input.cloned(), "Set-CsAdminRole", &parameters)
    };
    set(Some(&stale)).unwrap();
    assert_eq!(id(set(Some(&stale))), "StoreConflict");
    set(None).unwrap();
    let unknown = DocumentId::new("AdminRole", "Global", "Voice Team");
    assert_eq!(lab.store(|store| store.history(&unknown).unwrap().len()), 3);
}

#[test]
fn the_owner_can_remove_a_role_that_cannot_be_read() {
    let lab = Lab::new();
    let broken = DocumentId::new("AdminRole", "Global", "Broken");
    lab.store(|store| {
        let change = Change { id: broken.clone(), expected: Expected::Absent, body: Some(serde_json::json!({"X": 1})) };
        store.commit(&reeve::store::Grant::system("test"), &[change]).unwrap();
    });
    assert_eq!(id(lab.run("Get-CsAdminRole", &[])), "StoreDamaged");
    assert_eq!(id(run(&lab.as_user("admin"), "Get-CsPool", &[])), "StoreDamaged");
    lab.run("Remove-CsAdminRole", &[("Identity", s("broken"))]).unwrap();
    lab.run("Get-CsAdminRole", &[]).unwrap();
}

#[test]
fn the_roles_of_a_cmdlet_are_found_by_matching_their_lists() {
    let lab = Lab::new();
    let named =
        |name: &str, value: Value| Argument::Named { name: name.into(), value: Some(value), span: Span::default() };
    let command =
        |name: &str, arguments| Stage::Command(Invocation { name: name.into(), arguments, ..Invocation::default() });
    let mut found = Vec::new();
    for cmdlet in ["Invoke-CsBackupServiceSync", "Invoke-CsManagementServerFailover", "Set-CsUser\\b"] {
        let tests = vec![named("Property", s("Cmdlets")), named("Match", Value::Bool(true)), named("Value", s(cmdlet))];
        let stages = vec![command("Get-CsAdminRole", Vec::new()), command("Where-Object", tests)];
        let mut names = Vec::new();
        let mut sink = |value| {
            names.push(text(&value, "Identity"));
            Ok(())
        };
        pipeline::run(&lab.session, &NoBlocks, None, stages, &mut sink).unwrap();
        found.push(names);
    }
    assert_eq!(found[0], ["CsAdministrator", "CsServerAdministrator"]);
    assert_eq!(found[1], ["CsAdministrator"]);
    assert_eq!(found[2], ["CsAdministrator", "CsUserAdministrator", "DublinUserAdministrator"]);
}
