//! A certificate that is taken back.

use super::{DUBLIN, LONDON, MASTER, Site};

/// Rule: taking a certificate back cuts the connection that stands, at once; status and replica say why; the computer
/// comes back by joining again, and has lost nothing.
#[test]
fn taking_a_certificate_back_cuts_the_connection() {
    let mut site = Site::up(&[MASTER, DUBLIN, LONDON]);
    site.shell(&format!("Revoke-CsCertificate -Computer {DUBLIN} -Confirm:$false"));
    let state = site.until(DUBLIN, "it is cut", |state| !state.connected);
    assert!(state.last_error.as_ref().is_some_and(|error| error.starts_with("CertificateRevoked: ")), "{state:?}");
    site.complains(DUBLIN, "CertificateRevoked");
    let version = site.change("after", 100);
    let state = site.until(DUBLIN, "it is behind", |state| !state.up_to_date);
    assert!(state.reason.as_ref().is_some_and(|reason| reason.contains("CertificateRevoked")), "{state:?}");
    site.up_to_date(&[LONDON]);
    assert!(
        site.shell(&format!("Get-CsManagementStoreReplicationStatus -ReplicaFqdn {DUBLIN} | Format-List"))
            .contains("CertificateRevoked")
    );
    site.stop(DUBLIN);

    site.shell(&format!("(New-CsJoinToken {DUBLIN}).Token | Out-File token.txt"));
    let url = format!("https://{}", site.address(MASTER));
    let (code, said) = site.said(&["init", "again", "--join", &url, "--token-file", "token.txt", "--computer", DUBLIN]);
    assert_eq!(code, Some(0), "{said}");
    site.start_beside(DUBLIN, "again");
    let state = site.until(DUBLIN, "it is back", |state| state.up_to_date && state.connected);
    assert_eq!((state.version_held >= Some(version), state.last_error), (true, None));
    assert_eq!(site.serials(DUBLIN).len(), 2);
}
