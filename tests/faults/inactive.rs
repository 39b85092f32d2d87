//! Hosts that are not the active one.

use super::line::{Line, run};
use super::{DUBLIN, LONDON, MASTER, Site};
use reeve::deployment::{Active, HostDirectory};
use reeve::net::identity::Material;

/// Rule: a replica that comes to a host that is not the active one is told so, and who is.
#[test]
fn a_replica_is_told_who_is_active() {
    let site = Site::up(&[MASTER, DUBLIN, LONDON]);
    let dialler = site.dialler(DUBLIN);
    let (id, message) = run(async { Line::to(dialler.replica(LONDON).await.unwrap()).farewell().await });
    assert_eq!(id, "NotActive");
    assert!(message.contains(MASTER), "{message}");
    site.up_to_date(&[DUBLIN, LONDON]);
}

/// Rule: a computer that takes the wrong one for the active one, or one that is gone, asks the others and finds it; also
/// where it knows no topology yet, only its address book.
#[test]
fn a_replica_finds_the_active_one_by_asking() {
    let mut site = Site::up(&[MASTER, DUBLIN, LONDON]);
    for (wrong, forgotten) in [(LONDON, true), ("lon-cs-002.litwareinc.com", true)] {
        site.stop(DUBLIN);
        if forgotten {
            std::fs::remove_dir_all(site.host(DUBLIN).join("replica")).unwrap();
        }
        let directory = HostDirectory::hold(&site.host(DUBLIN)).unwrap();
        Active { computer: wrong.into(), epoch: 1 }.write(&directory).unwrap();
        drop(directory);
        let version = site.change(wrong, 100);
        site.start(DUBLIN);
        site.until(DUBLIN, "it found the master", |state| state.up_to_date && state.version_held >= Some(version));
        let known = |site: &Site| site.server(DUBLIN).node().active().map(|active| active.computer);
        crate::host::fleet::wait("it keeps who is active", || known(&site).as_deref() == Some(MASTER));
    }
}

/// Rule: a session on a host that is not the active one needs a person's certificate to go on, and goes on with one;
/// what it asks of "this computer" is asked of that host.
#[test]
fn a_session_goes_on_to_the_active_one() {
    let site = Site::up(&[MASTER, DUBLIN, LONDON]);
    let directory = site.host(DUBLIN);
    let dublin = directory.to_str().unwrap();
    let (code, said) = site.said(&["--dir", dublin, "-c", "Get-CsUser"]);
    assert!(code == Some(3) && said.contains("ClientCertificateRequired") && said.contains(MASTER), "{said}");
    let file = site.person("admin", &[DUBLIN]);
    let through = [vec!["--dir", dublin, "--certificate", &file], vec!["--certificate", &file]];
    for options in through {
        let ask = |text: &str| site.said(&[options.as_slice(), &["-c", text]].concat());
        // A certificate that was issued a moment ago is known to other computers when they have the change.
        crate::host::fleet::wait("the certificate is known", || {
            let (code, said) = ask("(Get-CsPool).Count -gt 3; (Get-CsAuditLog -First 1).Count");
            code == Some(0) && said.contains("True")
        });
        let (code, said) = ask(&format!("(Test-CsReplica -ReplicaFqdn {LONDON}).Step -contains 'Hook'"));
        assert!(code == Some(0) && said.contains("True"), "{said}");
        let (code, said) = ask("(Test-CsReplica).ReplicaFqdn | Select-Object -Unique");
        assert!(code == Some(0) && said.trim() == DUBLIN, "{said}");
        let (code, said) = ask(&format!(
            "Get-CsManagementStoreReplicationStatus | Where-Object ReplicaFqdn -eq {LONDON} | Test-CsReplica | Where-Object Step -eq Agent | ForEach-Object Passed"
        ));
        assert!(code == Some(0) && said.trim() == "True", "{said}");
        // What concerns that computer alone is done there.
        let (code, said) = ask("Enable-CsReplica -Verbose");
        assert!(code == Some(0) && said.contains(DUBLIN), "{said}");
    }
    // Whoever asks a host that decides on nothing to decide is told who does.
    let person = site.dialler_of(Material::read_bundle(&site.path(&file)).unwrap());
    let id = run(async {
        let channel = reeve::net::http::Channel::over_tls(person.http(DUBLIN).await.unwrap()).await.unwrap();
        let ask = serde_json::json!({ "Computer": LONDON, "Secret": "0".repeat(64), "Request": "x" });
        channel.post::<serde_json::Value>("/v1/join", &ask).await.unwrap_err()
    });
    assert_eq!(id.id(), "NotActive");
    assert!(id.hints().iter().any(|hint| hint.contains(MASTER)), "{id:?}");
}
