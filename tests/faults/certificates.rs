//! Certificates that are not what they should be.

use super::{DUBLIN, LONDON, MASTER, Site};
use reeve::env::{Clock, FixedClock, SystemClock};
use reeve::net::identity::{self, Host};
use reeve::net::{Authority, request};
use reeve::value::TimeSpan;

const DAY: i64 = 24 * 3600 * 10_000_000;

fn days_ago(days: i64) -> FixedClock {
    let clock = FixedClock::at(SystemClock.now());
    clock.advance(TimeSpan { ticks: -days * DAY });
    clock
}

/// Rule: a replica whose certificate is forged, foreign, expired or never recorded is refused, and says why; of one that
/// our own authority signed the status says it too. With its own certificate it is up to date again.
#[test]
fn a_replica_with_a_bad_certificate_is_refused_and_says_why() {
    let mut site = Site::up(&[MASTER, DUBLIN, LONDON]);
    let tls = site.host(DUBLIN).join("tls");
    let files = ["computer.crt", "computer.key", "ca.crt"];
    let good: Vec<_> = files.iter().map(|name| std::fs::read(tls.join(name)).unwrap()).collect();
    let own = site.authority();
    let deployment = site.server(MASTER).node().directory().deployment().to_string();
    // It has the name of ours, and another key.
    let namesake = Authority::create(&deployment, &SystemClock).unwrap();
    let foreign = Authority::create("another", &SystemClock).unwrap();
    let cases: [(&str, &Authority, FixedClock, &str, bool); 4] = [
        ("forged", &namesake, days_ago(0), "CertificateInvalid", false),
        ("foreign", &foreign, days_ago(0), "CertificateUnknown", false),
        ("expired", &own, days_ago(100), "CertificateExpired", true),
        ("not recorded", &own, days_ago(0), "CertificateUnknown", true),
    ];
    for (what, signer, clock, id, in_status) in cases {
        site.stop(DUBLIN);
        let before = site.state(DUBLIN).unwrap().last_error;
        site.equip(DUBLIN, signer, &clock);
        site.start(DUBLIN);
        site.complains(DUBLIN, id);
        let version = site.change(what, 100);
        if in_status {
            site.last_error(DUBLIN, id);
            let state = site.until(DUBLIN, "a reason", |state| state.reason.is_some());
            assert!(state.reason.as_ref().unwrap().contains(id), "{what}: {state:?}");
        } else {
            // Anybody could say that name: nobody's word stands in the status.
            assert!(
                !site.state(DUBLIN).unwrap().last_error.is_some_and(|error| error.contains(id)),
                "{what}: {before:?}"
            );
        }
        assert!(!site.state(DUBLIN).unwrap().connected, "{what}");
        site.up_to_date(&[LONDON]);
        site.stop(DUBLIN);
        for (name, text) in files.iter().zip(&good) {
            std::fs::write(tls.join(name), text).unwrap();
        }
        site.start(DUBLIN);
        site.up_to_date(&[DUBLIN]);
        let state = site.state(DUBLIN).unwrap();
        assert_eq!((state.version_held >= Some(version), state.last_error), (true, None), "{what}");
    }
}

/// Rule: a certificate of ours that somebody else shows does not stain the status of its computer while that is connected.
#[test]
fn a_stolen_certificate_that_expired_says_nothing_of_its_computer() {
    let site = Site::up(&[MASTER, DUBLIN]);
    let made = request::new(DUBLIN).unwrap();
    let lifetime = TimeSpan { ticks: DAY };
    let old = site.authority().issue_computer(DUBLIN, &made.request, lifetime, &days_ago(10)).unwrap();
    let material = identity::Material::from_pem(&old.certificate, &made.key, site.authority().certificate()).unwrap();
    let dialler = site.dialler_of(material);
    let id = super::line::run(async {
        match dialler.replica(MASTER).await {
            Ok(connection) => super::line::Line::to(connection).farewell().await.0,
            Err(error) => error.id().to_string(),
        }
    });
    assert_eq!(id, "CertificateExpired");
    let state = site.state(DUBLIN).unwrap();
    assert_eq!((state.connected, state.up_to_date, state.last_error), (true, true, None));
}

/// Rule: a person whose certificate is forged, foreign, expired or taken back is told so, with exit code 1, and nothing is
/// done in his name.
#[test]
fn a_person_with_a_bad_certificate_is_told_why() {
    let site = Site::up(&[MASTER]);
    let own = site.authority();
    let deployment = site.server(MASTER).node().directory().deployment().to_string();
    let namesake = Authority::create(&deployment, &SystemClock).unwrap();
    let foreign = Authority::create("another", &SystemClock).unwrap();
    let hosts = [Host { fqdn: MASTER.into(), address: site.address(MASTER).to_string() }];
    let cases: [(&str, &Authority, i64, &str); 4] = [
        ("forged", &namesake, 0, "CertificateInvalid"),
        ("foreign", &foreign, 0, "CertificateUnknown"),
        ("expired", &own, 10, "CertificateExpired"),
        ("unrecorded", &own, 0, "CertificateUnknown"),
    ];
    let ask = |file: &str| site.said(&["--certificate", file, "-c", "New-CsVoicePolicy -Identity Stolen"]);
    for (what, signer, days, id) in cases {
        let made = request::new("admin").unwrap();
        let lifetime = TimeSpan { ticks: 2 * DAY };
        let issued = signer.issue_person("admin", &made.request, lifetime, &days_ago(days)).unwrap();
        let bundle = identity::bundle(&issued.certificate, &made.key, own.certificate(), &hosts);
        let file = format!("{what}.pem");
        identity::write_bundle(&site.path(&file), &bundle).unwrap();
        let (code, said) = ask(&file);
        assert!(code != Some(0) && said.contains(id), "{what}: {code:?} {said}");
    }
    let file = site.person("admin", &[MASTER]);
    let (code, said) = site.said(&["--certificate", &file, "-c", "(Get-CsVoicePolicy -Identity Global).Identity"]);
    assert!(code == Some(0) && said.contains("Global"), "{said}");
    site.shell("Revoke-CsClientCertificate admin -Confirm:$false");
    crate::host::fleet::wait("it is refused", || {
        let (code, said) = ask(&file);
        assert_ne!(code, Some(0), "{said}");
        said.contains("CertificateRevoked")
    });
    assert!(site.shell("(Get-CsVoicePolicy).Identity -contains 'Tag:Stolen'").contains("False"));
}
