//! Delegation from nothing: a fresh deployment, an administrator, a delegate for one site, and those who try for more.

use crate::support::remote::session_on;
use reeve::access::Principal;
use reeve::cmdlet::session::Session;
use reeve::cmdlet::{Host, Message};
use reeve::deployment::{self, Deployment, Options};
use reeve::error::Halt;
use reeve::language::Mode;
use reeve::script::{Engine, Limits};
use reeve::value::{Value, text::to_text};
use std::cell::RefCell;
use std::rc::Rc;

#[derive(Default)]
struct Kept {
    values: RefCell<Vec<String>>,
    errors: RefCell<Vec<String>>,
}

struct Keeper(Rc<Kept>);

impl Host for Keeper {
    fn output(&self, value: Value) {
        self.0.values.borrow_mut().push(to_text(&value).to_string());
    }
    fn message(&self, message: Message) {
        if let Message::Error(error) = message {
            println!("{error:?}");
            self.0.errors.borrow_mut().push(error.id().to_string());
        }
    }
}

/// A fresh deployment.
struct Fresh {
    _folder: tempfile::TempDir,
    place: std::path::PathBuf,
}

impl Fresh {
    fn new() -> Fresh {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("host");
        deployment::init(&place, Options::default()).unwrap();
        Fresh { _folder: folder, place }
    }

    /// A session of a user; of the owner of the files where none is named.
    fn session(&self, user: Option<&str>) -> Sitting {
        let kept = Rc::new(Kept::default());
        let session = Session::new(Box::new(Keeper(kept.clone())));
        let session = match user {
            Some(user) => session_on(session.as_user(user), &self.place, None),
            None => session_on(session, &self.place, Some(Principal::owner("owner"))),
        };
        Sitting { engine: Engine::with_limits(Rc::new(session), Limits::for_stack(6 << 20)), kept }
    }
}

struct Sitting {
    engine: Engine,
    kept: Rc<Kept>,
}

impl Sitting {
    /// Runs a text; gives what it put out, and the ids of its errors.
    fn run(&mut self, text: &str) -> (Vec<String>, Vec<String>) {
        self.kept.values.take();
        self.kept.errors.take();
        let ended = self.engine.run("test", text, Mode::Rhai, &[]);
        let mut errors = self.kept.errors.take();
        match ended {
            Ok(_) => {}
            Err(Halt::Error(error)) => {
                println!("{error:?}");
                errors.push(error.id().to_string());
            }
            Err(other) => errors.push(format!("{other:?}")),
        }
        (self.kept.values.take(), errors)
    }

    fn ok(&mut self, text: &str) -> Vec<String> {
        let (values, errors) = self.run(text);
        assert!(errors.is_empty(), "{text}: {errors:?}");
        values
    }

    fn refused(&mut self, text: &str) {
        let (_, errors) = self.run(text);
        assert_eq!(errors, ["AccessDenied"], "{text}");
    }
}

const REDMOND: &str = r#"-ConfigScopes "site:Redmond" -UserScopes "OU:ou=Redmond,dc=litwareinc,dc=com""#;

#[test]
fn a_fresh_deployment_has_groups_for_its_roles_and_units_for_its_sites_and_nobody() {
    let fresh = Fresh::new();
    let mut owner = fresh.session(None);
    assert!(owner.ok("Get-CsAdUser").is_empty());
    assert_eq!(owner.ok("Get-CsOU | Select-Object -ExpandProperty Name"), ["Atlanta", "Dublin", "London", "Redmond"]);
    for role in owner.ok("Get-CsAdminRole | Select-Object -ExpandProperty Identity") {
        let members = owner.ok(&format!("Get-CsGroup '{role}' | Select-Object -ExpandProperty Members"));
        assert!(members.is_empty(), "{role}");
    }
    assert_eq!(Deployment::open(&fresh.place).unwrap().store().version().unwrap(), 1);
}

#[test]
fn a_site_is_delegated_step_by_step() {
    let fresh = Fresh::new();
    let mut owner = fresh.session(None);
    owner.ok("New-CsAdUser -SamAccountName chief -FirstName Chief -LastName Admin -OU Redmond");
    owner.ok("Add-CsGroupMember CsAdministrator chief");
    let mut chief = fresh.session(Some("chief"));
    chief.ok(r#""SamAccountName,FirstName,LastName,OU,Department",
           "ada,Ada,Byron,Redmond,Sales",
           "alan,Alan,Mathison,Dublin,Sales",
           "grace,Grace,Murray,Redmond,IT" | ConvertFrom-Csv | New-CsAdUser"#);
    assert_eq!(chief.ok("Get-CsAdUser").len(), 4);
    let (_, errors) = chief.run("New-CsAdminRole -Identity Voices -Template CsVoiceAdministrator");
    assert_eq!(errors, ["GroupNotFound"]);
    chief.ok("New-CsGroup -Identity Voices -Description \"Voice in Redmond\"");
    chief.ok(&format!("New-CsAdminRole -Identity Voices -Template CsVoiceAdministrator {REDMOND}"));

    let mut ada = fresh.session(Some("ada"));
    ada.refused("New-CsVoicePolicy -Identity site:Redmond");
    chief.ok("Add-CsGroupMember -Identity Voices -Members ada");
    // It holds from the next command on, in a session that is open already.
    ada.ok("New-CsVoicePolicy -Identity site:Redmond");
    ada.refused("New-CsVoicePolicy -Identity site:Dublin");
    ada.refused("Set-CsVoicePolicy -Identity Global -EnableTeamCall $false");
    ada.refused("Add-CsGroupMember -Identity CsAdministrator -Members ada");
    ada.refused("New-CsAdUser -SamAccountName another -OU Redmond");
    let holds = r#"(Get-CsRoleAccess -User ada | Where-Object {$_.Cmdlet -eq "New-CsVoicePolicy"}).Through"#;
    assert_eq!(chief.ok(holds), ["Voices"]);
    chief.ok("Remove-CsGroupMember Voices ada");
    ada.refused("Set-CsVoicePolicy -Identity site:Redmond -EnableTeamCall $false");

    // Through a group in the group, and gone with the role.
    chief.ok("New-CsGroup Night; Add-CsGroupMember Night ada, grace; Add-CsGroupMember Voices Night");
    ada.ok("Set-CsVoicePolicy -Identity site:Redmond -EnableTeamCall $false");
    let (_, errors) = chief.run("Remove-CsGroup Voices");
    assert_eq!(errors, ["GroupInUse"]);
    chief.ok("Remove-CsAdminRole Voices -Confirm:$false");
    ada.refused("Set-CsVoicePolicy -Identity site:Redmond -EnableTeamCall $true");
    chief.ok("Remove-CsGroup Voices");
    assert_eq!(chief.ok("Get-CsGroup -Member ada | Select-Object -ExpandProperty SamAccountName"), ["Night"]);
    assert_eq!(chief.ok("(Get-CsAuditLog -Verify).IsIntact"), ["True"]);
}

#[test]
fn who_is_for_the_users_of_a_unit_makes_and_removes_users_there_and_nowhere_else() {
    let fresh = Fresh::new();
    let mut owner = fresh.session(None);
    owner.ok("New-CsAdUser zoe -OU Dublin; New-CsAdUser boss -OU Redmond; Add-CsGroupMember CsAdministrator boss");
    owner.ok("New-CsGroup DublinUsers; Add-CsGroupMember DublinUsers zoe");
    owner.ok(
        r#"New-CsAdminRole DublinUsers -Template CsUserAdministrator -ConfigScopes "site:Dublin" -UserScopes "OU:ou=Dublin,dc=litwareinc,dc=com""#,
    );
    let mut zoe = fresh.session(Some("zoe"));
    zoe.ok("New-CsAdUser -SamAccountName liam -FirstName Liam -LastName Byrne -OU Dublin | Remove-CsAdUser");
    zoe.ok("New-CsAdUser -SamAccountName liam -DisplayName \"Byrne, Liam\" -OU \"ou=Dublin,dc=litwareinc,dc=com\"");
    assert_eq!(zoe.ok("(Get-CsAdUser liam).Identity"), [r"CN=Byrne\, Liam,OU=Dublin,DC=litwareinc,DC=com"]);
    for text in [
        "New-CsAdUser -SamAccountName more -OU Redmond",
        "New-CsAdUser -SamAccountName more",
        "Remove-CsAdUser boss -Force",
        "New-CsOU Galway -OU Dublin",
        "New-CsGroup More",
    ] {
        zoe.refused(text);
    }
    assert_eq!(zoe.ok("Get-CsOU | Select-Object -ExpandProperty Name"), ["Dublin"]);
    // A unit that is made below it is in it.
    owner.ok("New-CsOU Galway -OU Dublin");
    zoe.ok("New-CsAdUser -SamAccountName sean -OU Galway");
}

/// Whoever may make users must not become more than that by any name that they give.
#[test]
fn nobody_else_becomes_administrator() {
    let fresh = Fresh::new();
    let mut owner = fresh.session(None);
    owner.ok("New-CsAdUser mallory -OU Redmond; Add-CsGroupMember CsUserAdministrator mallory");
    owner.ok(
        "New-CsAdUser root.admin -DisplayName \"Root Admin\" -OU Redmond; Add-CsGroupMember CsAdministrator root.admin",
    );
    owner.ok("New-CsGroup Chiefs; Add-CsGroupMember CsAdministrator Chiefs");
    let mut mallory = fresh.session(Some("mallory"));
    for text in [
        "Add-CsGroupMember CsAdministrator mallory",
        "Add-CsGroupMember Chiefs mallory",
        "Remove-CsGroupMember CsAdministrator root.admin",
        "New-CsGroup Other",
        "Remove-CsGroup Chiefs",
        "New-CsOU Other",
        "Remove-CsOU Dublin",
        // The next user of this name would be what this one was.
        "Remove-CsAdUser root.admin",
        "New-CsAdminRole Chiefs -Template CsAdministrator",
    ] {
        mallory.refused(text);
    }
    for (text, id) in [
        // The distinguished name of a group that is a member of a group.
        ("New-CsAdUser evil -DisplayName Chiefs", "NameInUse"),
        ("New-CsAdUser evil -DisplayName chiefs -OU Redmond", "NameInUse"),
        ("New-CsAdUser Chiefs -DisplayName Evil", "NameInUse"),
        // The names of somebody else.
        ("New-CsAdUser evil -DisplayName \"Root Admin\" -OU Redmond", "UserExists"),
        ("New-CsAdUser root.admin -DisplayName Evil", "UserExists"),
        ("New-CsAdUser evil -DisplayName root.admin", "NameInUse"),
        ("New-CsAdUser evil -UserPrincipalName root.admin@litwareinc.com", "NameInUse"),
        ("New-CsAdUser evil -UserPrincipalName 'litwareinc\\root.admin'", "InvalidName"),
        ("New-CsAdUser 'evil,OU=Redmond'", "InvalidName"),
        ("New-CsAdUser evil -OU 'OU=Nowhere,DC=litwareinc,DC=com'", "OUNotFound"),
    ] {
        assert_eq!(mallory.run(text).1, [id], "{text}");
    }
    mallory.ok("New-CsAdUser evil -DisplayName 'Evil,OU=Redmond' -OU Dublin");
    assert_eq!(owner.ok("(Get-CsAdUser evil).Identity"), [r"CN=Evil\,OU\=Redmond,OU=Dublin,DC=litwareinc,DC=com"]);

    // Not even an administrator can hand it on in a role; by a template it is left out.
    let named = "New-CsAdminRole Chiefs -Template CsHelpDesk -Cmdlets Get-CsUser, Add-CsGroupMember";
    assert_eq!(owner.run(named).1, ["CmdletReserved"]);
    owner.ok("New-CsGroup Deputies; Add-CsGroupMember Deputies mallory");
    owner.ok("New-CsAdminRole Deputies -Template CsAdministrator");
    let reserved = "(Get-CsAdminRole Deputies).Cmdlets.Name -match 'CsGroup$|CsGroupMember$|CsOU$'";
    assert_eq!(owner.ok(reserved), ["Get-CsGroup", "Get-CsOU"]);
    mallory.ok("New-CsVoicePolicy -Identity site:Dublin");
    mallory.refused("Add-CsGroupMember CsAdministrator mallory");
    let added = "Set-CsAdminRole Deputies -Cmdlets @{Add=\"Add-CsGroupMember\"}";
    assert_eq!(mallory.run(added).1, ["CmdletReserved"]);

    // A user who leaves takes the membership along.
    owner.ok("Remove-CsAdUser root.admin; New-CsAdUser root.admin -DisplayName \"Root Admin\" -OU Redmond");
    assert!(owner.ok("Get-CsGroup -Member root.admin").is_empty());
}
