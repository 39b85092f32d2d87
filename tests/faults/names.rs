//! Somebody who claims to be another.

use super::line::{Line, run};
use super::{DUBLIN, LONDON, MASTER, Site};
use reeve::net::http::{Body, Channel, Method};
use reeve::net::identity::Material;
use reeve::replication::message::{FORMAT, Hello, ToMaster};

fn hello(site: &Site, computer: &str) -> Hello {
    Hello {
        format: FORMAT,
        deployment: site.server(MASTER).node().directory().deployment().to_string(),
        computer: computer.into(),
        product: "test".into(),
        held: None,
        clock: 0,
        hook_error: None,
    }
}

/// Rule: a replica is who its certificate says, whatever it says of itself: another name, another deployment, another form
/// or no hello at all end the connection with their ids, which the status of the certificate's computer shows; nobody
/// else's is touched.
#[test]
fn a_replica_is_who_its_certificate_says() {
    let mut site = Site::up(&[MASTER, DUBLIN, LONDON]);
    site.stop(DUBLIN);
    let good = hello(&site, DUBLIN);
    let cases = [
        (ToMaster::Hello(Box::new(hello(&site, LONDON))), "NameMismatch"),
        (ToMaster::Hello(Box::new(Hello { deployment: "another".into(), ..good.clone() })), "OtherDeployment"),
        (ToMaster::Hello(Box::new(Hello { format: FORMAT + 1, ..good })), "FormatUnknown"),
        (ToMaster::Alive, "ProtocolError"),
    ];
    let dialler = site.dialler(DUBLIN);
    for (message, id) in cases {
        let told = run(async {
            let mut line = Line::to(dialler.replica(MASTER).await.unwrap());
            line.tell_master(1, message).await;
            line.farewell().await.0
        });
        assert_eq!(told, id);
        if id != "ProtocolError" {
            site.last_error(DUBLIN, id);
        }
        let london = site.state(LONDON).unwrap();
        assert_eq!((london.up_to_date, london.connected, london.last_error), (true, true, None), "{id}");
    }
    site.change("after", 100);
    site.start(DUBLIN);
    site.up_to_date(&[DUBLIN, LONDON]);
    assert_eq!(site.state(DUBLIN).unwrap().last_error, None);
}

/// Rule: a person's certificate is good for no replica, a computer's for no cmdlet; whoever has none is nobody.
#[test]
fn a_certificate_is_good_for_what_it_is_for() {
    let site = Site::up(&[MASTER, DUBLIN]);
    let file = site.person("admin", &[MASTER]);
    let person = site.dialler_of(Material::read_bundle(&site.path(&file)).unwrap());
    let computer = site.dialler(DUBLIN);
    run(async {
        let mut line = Line::to(person.replica(MASTER).await.unwrap());
        assert_eq!(line.farewell().await.0, "ComputerCertificateRequired");
        let channel = Channel::over_tls(computer.http(MASTER).await.unwrap()).await.unwrap();
        let answer = channel.request(Method::POST, "/v1/call", Body::empty()).await.unwrap();
        assert_eq!(answer.status.as_u16(), 403);
        assert_eq!(answer.accepted().await.unwrap_err().id(), "ClientCertificateRequired");
        // A person's is not renewed as a computer's is.
        let channel = Channel::over_tls(person.http(MASTER).await.unwrap()).await.unwrap();
        let ask = serde_json::json!({ "Request": "x" });
        let renewed = channel.post::<serde_json::Value>("/v1/certificate", &ask).await;
        assert_eq!(renewed.unwrap_err().category(), reeve::error::Category::PermissionDenied);
    });
    site.up_to_date(&[DUBLIN]);
}

/// Rule: only the owner of the files, on their computer, acts as another.
#[test]
fn nobody_acts_as_another() {
    let site = Site::up(&[MASTER]);
    let file = site.person("helpdesk", &[MASTER]);
    let (code, said) = site.said(&["--certificate", &file, "--user", "admin", "-c", "Get-CsPool"]);
    assert!(code == Some(3) && said.contains("AccessDenied"), "{code:?} {said}");
    let (code, said) = site.said(&["--certificate", &file, "-c", "New-CsVoicePolicy -Identity Mine"]);
    assert!(code == Some(3) && said.contains("AccessDenied"), "{code:?} {said}");
}
