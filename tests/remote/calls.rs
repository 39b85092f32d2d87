//! Rule: a cmdlet of a remote session does what it does in process, and leaves the client what is the client's.

use super::{Remote, lab, server};
use crate::support::remote::Server;
use crate::support::session::s;
use reeve::cmdlet::remote::{HttpLink, Socket};
use reeve::cmdlet::{Message, Session};
use reeve::deployment::Deployment;
use reeve::error::Halt;
use reeve::host::calls::Limits;
use reeve::value::{Value, member};
use std::rc::Rc;
use std::sync::Arc;

fn text(value: &Value, property: &str) -> String {
    reeve::value::text::to_text(&member::get(value, property).unwrap_or_default()).to_string()
}

/// Questions are asked where the user sits; an answer for all that follows holds on the server.
#[test]
fn questions_are_asked_in_the_client() {
    let lab = lab();
    let server = server(&lab.lab().host);
    let remote = Remote::to(&server);
    let users = ["noramartinez", "pilar"];
    for (answers, asked, moved) in [(vec![0, 0], 2, 2), (vec![1], 1, 2), (vec![2, 2], 2, 0), (vec![3], 1, 0)] {
        remote.person.answers.replace(answers.clone());
        remote.person.asked.take();
        let read = [("Filter", s("SamAccountName -eq 'noramartinez' -or SamAccountName -eq 'pilar'"))];
        // With -Force: the pools' own servers do not run here.
        let target = [
            ("Target", s("lon-pool.litwareinc.com")),
            ("Confirm", Value::Bool(true)),
            ("PassThru", Value::Bool(true)),
            ("Force", Value::Bool(true)),
        ];
        let found = remote.run("Get-CsUser", &read).expect("users");
        assert_eq!(found.len(), users.len());
        remote.pipeline(vec![("Get-CsUser", &read), ("Move-CsUser", &target)]).expect("moved or not");
        assert_eq!(remote.person.asked.borrow().len(), asked, "{answers:?}");
        let there = remote.run("Get-CsUser", &read).expect("users");
        let on = there.iter().filter(|user| text(user, "RegistrarPool") == "lon-pool.litwareinc.com").count();
        assert_eq!(on, moved, "{answers:?}");
        let back = [("Target", s("atl-cs-001.litwareinc.com")), ("Force", Value::Bool(true))];
        remote.pipeline(vec![("Get-CsUser", &read), ("Move-CsUser", &back)]).expect("moved back");
    }
    // Nobody can be asked: as in process.
    let move_one = [("Identity", s("pilar")), ("Target", s("lon-pool.litwareinc.com")), ("Confirm", Value::Bool(true))];
    remote.person.messages.take();
    remote.run("Move-CsUser", &move_one).expect("the error is written");
    assert_eq!(remote.errors(), ["PromptNotAvailable"]);
}

/// A file that a parameter names is the client's: the server may stand anywhere, and opens no path of a client.
#[test]
fn files_are_read_and_written_in_the_client() {
    let lab = lab();
    let server = server(&lab.lab().host);
    let remote = Remote::to(&server);
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("users.txt");
    std::fs::write(&list, "noramartinez\npilar\n").unwrap();
    let path = |path: &std::path::Path| s(&path.to_string_lossy());
    let target = ("Target", s("lon-pool.litwareinc.com"));
    let (force, pass_thru) = (("Force", Value::Bool(true)), ("PassThru", Value::Bool(true)));
    let moved = remote.run("Move-CsUser", &[("UserList", path(&list)), target.clone(), force, pass_thru]);
    assert_eq!(moved.unwrap().len(), 2);
    assert_eq!(
        remote.fails("Move-CsUser", &[("UserList", path(&folder.path().join("no"))), target]),
        "FileOpenFailure"
    );
    let topology = remote.run("Get-CsTopology", &[("AsXml", Value::Bool(true))]).unwrap();
    let (file, backup) = (folder.path().join("new.xml"), folder.path().join("old.xml"));
    std::fs::write(&file, reeve::value::text::to_text(&topology[0]).as_bytes()).unwrap();
    remote.run("Publish-CsTopology", &[("FileName", path(&file)), ("BackupFileName", path(&backup))]).unwrap();
    assert_eq!(std::fs::read(&file).unwrap(), std::fs::read(&backup).unwrap());
    assert_eq!(remote.fails("Publish-CsTopology", &[("FileName", s("/no/such.xml"))]), "TopologyFileNotFound");
}

/// An error of the server stands in the user's text, with the command that gave it.
#[test]
fn errors_have_their_place_in_the_users_text() {
    let lab = lab();
    let server = server(&lab.lab().host);
    let remote = Remote::to(&server);
    let ended = remote.run("Get-CsPool", &[("Identity", s("no.such.pool"))]);
    let written = remote.person.messages.borrow();
    let error = match (&ended, written.first()) {
        (Err(Halt::Error(error)), _) | (Ok(_), Some(Message::Error(error))) => error,
        other => panic!("{other:?}"),
    };
    assert_eq!(error.command(), Some("Get-CsPool"));
    assert_eq!(error.place().map(|(source, span)| (source.name.clone(), span.start)), Some(("test".into(), 4)));
}

/// Who a session is the server says: the owner of the files may be anybody, nobody else may.
#[test]
fn only_the_owner_may_be_another() {
    let lab = lab();
    let host = lab.lab().host.clone();
    let server = Server::start(&host, None, Limits::default());
    let link = || Arc::new(HttpLink::new(Arc::new(Socket(server.socket.clone())), true).unwrap());
    let session = |user: &str| {
        let person = Rc::new(super::Person::default());
        Remote { session: Session::new(Box::new(person.clone())).as_user(user).through(link()), person }
    };
    // Tests run as the owner of the lab's files.
    assert!(session("helpdesk").run("Get-CsUser", &[("Identity", s("pilar"))]).is_ok());
    let change = [("Identity", s("Redmond")), ("Description", s("x"))];
    assert_eq!(session("helpdesk").fails("New-CsVoicePolicy", &change), "AccessDenied");
    assert_eq!(session("nobody.at.all").fails("Get-CsPool", &[]), "PrincipalNotFound");
    // The refusal is in the log, in the name of whom it concerns.
    let deployment = Deployment::open(&host).unwrap();
    let denied = reeve::audit::Query { decision: Some(reeve::audit::Decision::Denied), ..Default::default() };
    let mut rows = Vec::new();
    let mut keep = |row| {
        rows.push(row);
        true
    };
    deployment.store().audit(&denied, &mut keep).unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!((&*rows[0].principal, &*rows[0].cmdlet), ("helpdesk", "New-CsVoicePolicy"));
}

/// A person whose certificate names one user is that user, whoever is claimed.
#[test]
fn a_person_is_nobody_else() {
    use reeve::host::calls::Caller;
    let lab = lab();
    let deployment = Deployment::open(&lab.lab().host).unwrap();
    let as_whom = |caller: Caller, user: Option<&str>| match caller.principal(&deployment, user) {
        Ok(principal) => principal.name().to_string(),
        Err(error) => error.id().to_string(),
    };
    let person = |name: &str| Caller::Person(name.into());
    assert_eq!(as_whom(person("helpdesk"), None), "helpdesk");
    assert_eq!(as_whom(person("helpdesk"), Some("helpdesk")), "helpdesk");
    assert_eq!(as_whom(person("helpdesk"), Some("admin")), "AccessDenied");
    assert_eq!(as_whom(person("gone"), None), "PrincipalNotFound");
    let uid = rustix::process::geteuid().as_raw();
    assert_eq!(as_whom(Caller::Unix(uid), Some("admin")), "admin");
    assert_eq!(as_whom(Caller::Unix(4_000_000), Some("admin")), "AccessDenied");
    assert_eq!(as_whom(Caller::Unix(4_000_000), None), "PrincipalNotFound");
}

/// What cannot travel is said before anything runs, and what belongs to the client is not asked of a server.
#[test]
fn what_the_server_does_not_run_is_refused() {
    use reeve::cmdlet::remote::Link;
    use reeve::cmdlet::remote::lines::{self, FromClient, FromServer};
    use reeve::cmdlet::run::Side;
    let lab = lab();
    let server = server(&lab.lab().host);
    let link = server.link();
    let call = |cmdlet: &str, format: u32| {
        let common = lines::Resolved::of(&Default::default(), reeve::cmdlet::preferences::Impact::High);
        FromClient::Call(Box::new(lines::Call {
            format,
            cmdlet: cmdlet.into(),
            user: None,
            bound: lines::Named::default(),
            fed: false,
            common,
            can_ask: false,
            width: 80,
        }))
    };
    let never = || false;
    let refused = |line: String| {
        let mut lines = link.call(Side::Server, false).unwrap();
        lines.send(line, &never).ok();
        let answer = lines.receive(None, &never).expect("an answer");
        match lines::read::<FromServer>(&answer).unwrap() {
            FromServer::Failed(lines::Failure::Error(error)) => error["Id"].as_str().unwrap_or_default().to_string(),
            other => format!("{other:?}"),
        }
    };
    let line = |line: &FromClient| lines::write(line).unwrap();
    assert_eq!(refused(line(&call("Where-Object", 1))), "CmdletRunsInClient");
    assert_eq!(refused(line(&call("Get-CsPol", 1))), "CommandNotFoundException");
    assert_eq!(refused(line(&call("Get-CsPool", 99))), "WireTooNew");
    assert_eq!(refused(line(&call("Set-CsUser", 1))), "MissingMandatoryParameter");
    assert_eq!(refused(line(&FromClient::Begin)), "WireDamaged");
    assert_eq!(refused("no JSON at all".into()), "WireDamaged");
}
