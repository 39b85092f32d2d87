//! A token that is shown twice.

use super::{DUBLIN, MASTER, Site};
use std::process::Stdio;

/// Rule: of two that show the same token at once one joins; the other is told that it was used, and nothing is left of it.
#[test]
fn of_two_at_once_one_joins() {
    let mut site = Site::up(&[MASTER]);
    let url = format!("https://{}", site.address(MASTER));
    for round in 0..3 {
        site.shell(&format!("(New-CsJoinToken {DUBLIN}).Token | Out-File token.txt"));
        let places = [format!("one{round}"), format!("two{round}")];
        let join = |place: &String| {
            let arguments = ["init", place, "--join", &url, "--token-file", "token.txt", "--computer", DUBLIN];
            site.command(&arguments).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
        };
        let running: Vec<_> = places.iter().map(join).collect();
        let ran: Vec<_> = running.into_iter().map(|child| child.wait_with_output().unwrap()).collect();
        let joined: Vec<_> = places.iter().zip(&ran).filter(|(_, ran)| ran.status.success()).collect();
        assert_eq!(joined.len(), 1, "{ran:?}");
        for (place, ran) in places.iter().zip(&ran).filter(|(_, ran)| !ran.status.success()) {
            let err = String::from_utf8_lossy(&ran.stderr);
            assert!(err.contains("TokenUsed"), "{err}");
            assert!(!site.path(place).exists());
        }
        if round == 2 {
            let place = joined[0].0.clone();
            site.start_beside(DUBLIN, &place);
        }
    }
    site.up_to_date(&[DUBLIN]);
    // The lab's, and one for each token.
    assert_eq!(site.serials(DUBLIN).len(), 4);
}
