//! The cmdlets on certificates and join tokens.

use super::desk::{Desk, with_stack};
use reeve::net::identity::Material;
use std::os::unix::fs::PermissionsExt;

const HERE: &str = "atl-cs-001.litwareinc.com";

/// Rule: a token is shown once; neither the store nor the audit log has its secret, and it can be taken away.
#[test]
fn a_join_token_is_shown_once() {
    with_stack(|| {
        let desk = Desk::with_late(&[], false);
        let made = desk.run(&format!("New-CsJoinToken -Computer {HERE} -ValidFor 01:00:00")).ok().json();
        let token = made[0]["Token"].as_str().unwrap().to_string();
        let secret = token.split('.').nth(1).unwrap();
        assert!(token.starts_with("reeve1.") && secret.len() == 64, "{token}");
        let mut seen = String::new();
        for text in ["Get-CsJoinToken", "Get-CsAuditLog -First 5"] {
            seen.extend(desk.run(text).ok().json().iter().map(ToString::to_string));
        }
        let store = std::fs::read(desk.lab.lab().host.join("store/cms.db")).unwrap();
        let holds = |bytes: &[u8]| bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
        assert!(!holds(seen.as_bytes()) && !holds(&store), "the secret is nowhere");
        let listed = desk.run("Get-CsJoinToken").ok().json();
        assert_eq!((listed.len(), listed[0]["State"].as_str()), (1, Some("Unused")));
        desk.run("Get-CsJoinToken | Remove-CsJoinToken").ok();
        assert!(desk.run("Get-CsJoinToken").ok().objects.is_empty());
        for (text, id) in [
            ("New-CsJoinToken atl-cs-01.litwareinc.com", "ComputerNotFound"),
            ("New-CsJoinToken atl-cs-001.litwareinc.com -ValidFor 90.00:00:00", "InvalidValidFor"),
            ("Remove-CsJoinToken", "JoinTokenNotNamed"),
            ("Remove-CsJoinToken -Id abc", "JoinTokenNotFound"),
        ] {
            assert_eq!(desk.run(text).errors, [id], "{text}");
        }
    });
}

/// Rule: the file of a person's certificate is for its owner alone, holds all that a session needs, and its key was
/// never outside; what is there already is left alone; taking back is seen.
#[test]
fn a_persons_certificate() {
    with_stack(|| {
        let desk = Desk::with_late(&[], false);
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ken.pem");
        let make = format!("New-CsClientCertificate -Identity 'Ken Myer' -Path '{}'", file.display());
        let made = desk.run(&make).ok().json();
        assert_eq!(made[0]["Path"].as_str(), file.to_str());
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        let material = Material::read_bundle(&file).unwrap();
        assert_eq!(material.peer.name.text(), "kenmyer");
        assert_eq!(material.hosts.first().map(|host| host.fqdn.as_str()), Some(HERE));
        assert_eq!(Some(material.peer.serial.as_str()), made[0]["SerialNumber"].as_str());
        let log = desk.run("Get-CsAuditLog -First 1").ok().json()[0].to_string();
        assert!(!log.contains("PRIVATE KEY") && log.contains("Approve-CsClientCertificate"), "{log}");
        assert_eq!(desk.run(&make).errors, ["FileExists"]);

        assert_eq!(desk.run("Get-CsClientCertificate 'Ken Myer'").ok().json()[0]["Revoked"], false);
        desk.run("Revoke-CsClientCertificate 'Ken Myer'").ok();
        assert_eq!(desk.run("Get-CsClientCertificate 'Ken Myer'").ok().json()[0]["Revoked"], true);
        let other = folder.path().join("other.pem");
        let text = format!("New-CsClientCertificate nobody -Path '{}'", other.display());
        assert_eq!(desk.run(&text).errors.len(), 1);
        assert!(!other.exists(), "nothing is written where nothing was signed");
    });
}

/// Rule: computers' certificates are shown with their end; the last one of the active store's computer stays.
#[test]
fn computers_certificates() {
    with_stack(|| {
        let desk = Desk::with_late(&[], false);
        let mine = desk.run(&format!("Get-CsCertificate -Computer {HERE}")).ok().json();
        let one = mine.last().expect("it has one");
        assert_eq!((one["Use"].as_str(), one["Revoked"].as_bool()), (Some("Default"), Some(false)));
        assert!(one["DaysLeft"].as_i64().unwrap() >= 88, "{one}");
        let keys: Vec<&str> = one.as_object().unwrap().keys().map(String::as_str).take(5).collect();
        assert_eq!(keys, ["Issuer", "NotAfter", "NotBefore", "SerialNumber", "Subject"]);
        let revoke = |text: &str| desk.run(&format!("{text} -Confirm:$false")).errors;
        assert_eq!(revoke(&format!("Revoke-CsCertificate -Computer {HERE}")), ["LastCertificate"]);
        assert_eq!(revoke("Revoke-CsCertificate"), ["CertificateNotNamed"]);
        assert_eq!(revoke("Revoke-CsCertificate -Thumbprint AB"), ["CertificateNotFound"]);
        // Nobody can be asked here, and it weighs much.
        let others = "Get-CsCertificate | Where-Object Computer -ne atl-cs-001.litwareinc.com | Select-Object -First 1";
        if !desk.run(others).ok().objects.is_empty() {
            let asked = desk.run(&format!("{others} | Revoke-CsCertificate"));
            assert_eq!(asked.errors, ["PromptNotAvailable"]);
            desk.run(&format!("{others} | Revoke-CsCertificate -Confirm:$false")).ok();
        }
    });
}

/// Rule: who can make a credential can be anybody: administrators alone. Who may view sees certificates, never secrets.
#[test]
fn who_may_do_what() {
    with_stack(|| {
        let desk = Desk::with_late(&[], false);
        for (role, makes) in [
            ("CsAdministrator", true),
            ("RTCUniversalServerAdmins", true),
            ("CsServerAdministrator", false),
            ("CsUserAdministrator", false),
            ("CsViewOnlyAdministrator", false),
            ("CsHelpDesk", false),
            ("RTCUniversalUserAdmins", false),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("k.pem");
            let person = format!("New-CsClientCertificate 'Ken Myer' -Path '{}'", path.display());
            for text in [format!("New-CsJoinToken {HERE}"), person] {
                let denied = desk.holding(&[role], &text).errors == ["AccessDenied"];
                assert_eq!(!denied, makes, "{role}: {text}");
            }
            assert_eq!(path.exists(), makes, "{role}");
        }
        for role in ["CsServerAdministrator", "CsViewOnlyAdministrator", "RTCUniversalReadOnlyAdmins"] {
            desk.holding(&[role], "Get-CsCertificate").ok();
            desk.holding(&[role], "Get-CsJoinToken").ok();
        }
    });
}
