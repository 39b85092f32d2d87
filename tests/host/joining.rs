//! A computer joins with a token, and is refused when it is no longer wanted.

use super::fleet::{Fleet, health, wait};
use super::{DUBLIN, MASTER};
use reeve::deployment::Deployment;
use reeve::deployment::join_tokens::JoinToken;
use reeve::env::{Clock, SystemClock};
use reeve::net::{self, Authority};
use reeve::store::Grant;
use reeve::topology::sample::LITWAREINC;
use reeve::value::DateTime;

const NEW: &str = "dub-cs-003.litwareinc.com";

/// A token that was good until an hour ago, put into the store before a server holds it.
fn expired(fleet: &Fleet) -> String {
    let authority = Authority::load(&fleet.lab.host.join("tls")).unwrap();
    let token = net::JoinToken::new(authority.hash()).unwrap();
    let now = SystemClock.now();
    let hours = |hours: i64| DateTime { ticks: now.ticks + hours * 36_000_000_000, ..now };
    let change = JoinToken::new(&token, NEW, hours(-2), hours(-1)).issue().unwrap();
    let deployment = Deployment::open(&fleet.lab.host).unwrap();
    deployment.store().commit(&Grant::system("test"), &[change]).unwrap();
    token.text()
}

/// Rule: published, joined with a token, started: a new computer becomes up to date without anything else. A token is
/// good once, in its time, of this deployment; a computer that was taken out is refused.
#[test]
fn a_computer_joins_and_is_taken_out() {
    let mut fleet = Fleet::new();
    let expired = expired(&fleet);
    fleet.launch(&[MASTER, DUBLIN]);
    fleet.up_to_date(&[MASTER, DUBLIN]);
    let machine = format!(
        "<Machine OrdinalInCluster=\"3\" Fqdn=\"{NEW}\">\
        <NetInterface InterfaceSide=\"Primary\" InterfaceNumber=\"1\" IPAddress=\"0.0.0.0\" /></Machine>\n    </Cluster>\n    \
        <Cluster RequiresReplication=\"false\" RequiresSetup=\"false\" Fqdn=\"dub-sql-001.litwareinc.com\">"
    );
    let end = LITWAREINC.find("Fqdn=\"dub-sql-001.litwareinc.com\">").unwrap();
    let start = LITWAREINC[..end].rfind("</Cluster>").unwrap();
    let rest = &LITWAREINC[end + "Fqdn=\"dub-sql-001.litwareinc.com\">".len()..];
    let grown = format!("{}{machine}{rest}", &LITWAREINC[..start]);
    std::fs::write(fleet.path("grown.xml"), grown).unwrap();
    std::fs::write(fleet.path("before.xml"), LITWAREINC).unwrap();
    fleet.shell("Publish-CsTopology -FileName grown.xml -Force | Out-Null");

    let book: toml::Table = std::fs::read_to_string(fleet.lab.host.join("addresses.toml")).unwrap().parse().unwrap();
    let url = format!("https://{}", book[MASTER].as_str().unwrap());
    // A replica knows where the master is, and names it.
    let other = format!("https://{}", book[DUBLIN].as_str().unwrap());
    let join = |directory: &str, url: &str, computer: &str, token: &str| {
        std::fs::write(fleet.path("token.txt"), token).unwrap();
        let ran = fleet.run(&["init", directory, "--join", url, "--token-file", "token.txt", "--computer", computer]);
        (ran.status.success(), String::from_utf8_lossy(&ran.stderr).into_owned())
    };
    let refused = |url: &str, computer: &str, token: &str, id: &str| {
        let (joined, err) = join("refused", url, computer, token);
        assert!(!joined && err.contains(id), "{id} is not in {err}");
        assert!(!fleet.path("refused").exists(), "{id}: nothing is left");
        assert!(!err.contains(token.split('.').nth(1).unwrap_or("no secret")), "{id}: the secret is not shown");
    };
    let token = fleet.shell(&format!("(New-CsJoinToken {NEW}).Token")).trim().to_string();
    let authority = Authority::load(&fleet.lab.host.join("tls")).unwrap();
    let forged = net::JoinToken::new(authority.hash()).unwrap().text();
    let foreign = Authority::create("another", &SystemClock).unwrap();
    let secret = token.split('.').nth(1).unwrap();
    let foreign =
        format!("reeve1.{secret}.{}", net::JoinToken::new(foreign.hash()).unwrap().text().rsplit('.').next().unwrap());
    refused(&url, NEW, "reeve1.nonsense", "TokenInvalid");
    refused(&url, NEW, &forged, "TokenInvalid");
    refused(&url, NEW, &expired, "TokenExpired");
    refused(&url, NEW, &foreign, "CertificateUnknown");
    refused(&url, "lon-cs-001.litwareinc.com", &token, "TokenForAnother");
    refused("https://127.0.0.1:1", NEW, &token, "HostUnreachable");

    let (joined, err) = join("newcomer", &other, NEW, &token);
    assert!(joined, "{err}");
    refused(&url, NEW, &token, "TokenUsed");
    fleet.start_beside("newcomer");
    fleet.up_to_date(&[NEW]);
    assert!(health(&fleet.path("newcomer")).unwrap().healthy);

    let another = fleet.shell(&format!("(New-CsJoinToken {NEW}).Token")).trim().to_string();
    fleet.shell("Publish-CsTopology -FileName before.xml -Force | Out-Null");
    wait("the computer that was taken out says so", || {
        health(&fleet.path("newcomer")).is_some_and(|health| {
            !health.healthy && health.reasons.values().any(|reason| reason.contains("ComputerRemoved"))
        })
    });
    std::fs::write(fleet.path("token.txt"), &another).unwrap();
    let ran = fleet.run(&["init", "late", "--join", &url, "--token-file", "token.txt", "--computer", NEW]);
    let err = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert!(!ran.status.success() && err.contains("ComputerNotFound"), "{err}");
    fleet.up_to_date(&[MASTER, DUBLIN]);
}
