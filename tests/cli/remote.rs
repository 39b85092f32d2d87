//! Rule: the command line finds the server of a deployment, over a socket or the network, and says the same through it.

use super::program::Place;
use reeve::deployment::{Deployment, HostDirectory, issue, tls};
use reeve::env::SystemClock;
use reeve::host::{Options, Server};
use reeve::net::identity::{self, Host};
use reeve::net::request;
use reeve::store::Grant;
use reeve::value::TimeSpan;
use std::net::Ipv4Addr;

const ACTIVE: &str = "atl-cs-001.litwareinc.com";

/// The server of the active store's computer.
fn serve(place: &Place) -> Server {
    let directory = HostDirectory::hold(&place.path(&format!("lab/hosts/{ACTIVE}"))).expect("nobody else holds it");
    let options = Options { listen: Some((Ipv4Addr::LOCALHOST, 0).into()), ..Options::default() };
    Server::start(directory, options).expect("it starts")
}

#[test]
fn a_lab_is_asked_through_its_server_while_one_runs() {
    let place = Place::lab();
    let texts = [
        "Get-CsPool | Sort-Object Identity | Select-Object Identity, Site",
        "Get-CsUser -Filter \"SamAccountName -eq 'pilar'\" | Format-List DisplayName, SipAddress, RegistrarPool",
        "Get-CsPool no.such.pool",
        "$found = Get-CsVoicePolicy -ErrorAction SilentlyContinue; $found.Count",
    ];
    let before: Vec<_> = texts.iter().map(|text| place.shell(text)).collect();
    let server = serve(&place);
    for (text, before) in texts.iter().zip(before) {
        let through = place.shell(text);
        assert_eq!((through.out, through.code), (before.out, before.code), "{text}");
        assert_eq!(through.err, before.err, "{text}");
    }
    place.shell_as("helpdesk", "New-CsVoicePolicy -Identity Redmond").fails(3, "AccessDenied");
    place.shell_as("nobody.at.all", "Get-CsPool").fails(1, "PrincipalNotFound");
    place.write("voice.rhai", "New-CsVoicePolicy -Identity site:Redmond\n");
    place.run(&["--dir", "lab", "check", "voice.rhai", "--role", "CsHelpDesk"]).fails(3, "New-CsVoicePolicy");
    place.run(&["--dir", "lab", "check", "voice.rhai", "--role", "RedmondVoiceAdministrator"]).ok();
    place.run(&["--dir", "lab", "check", "voice.rhai", "--role", "CsVoice"]).fails(1, "RoleNotFound");
    server.stop();
    place.shell(texts[0]).ok();
}

#[test]
fn a_person_talks_to_servers_with_a_certificate() {
    let place = Place::lab();
    let made = request::new("helpdesk").unwrap();
    let (certificate, ca) = {
        let deployment = Deployment::open(&place.path("lab")).unwrap();
        let authority = tls::authority(deployment.host(), &SystemClock).unwrap();
        let (store, grant) = (deployment.store(), Grant::system("test"));
        let lifetime = TimeSpan::seconds(86_400);
        let issued =
            issue::person(store, &grant, &authority, "helpdesk", &made.request, lifetime, &SystemClock).unwrap();
        (issued.certificate, authority.certificate().to_string())
    };
    let server = serve(&place);
    let address = server.address().to_string();
    let hosts = [Host { fqdn: ACTIVE.into(), address: address.clone() }];
    let file = place.write("me.pem", &identity::bundle(&certificate, &made.key, &ca, &hosts));
    std::fs::set_permissions(file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let query = "Get-CsUser pilar | Select-Object -ExpandProperty SamAccountName";
    for options in [&["--certificate", "me.pem"][..], &["--certificate", "me.pem", "--connect", &address]] {
        let asked = place.run(&[options, &["-c", query]].concat()).ok();
        assert_eq!(asked.out.trim(), "pilar");
    }
    let with = |more: &[&str]| place.run(&[&["--certificate", "me.pem"], more].concat());
    with(&["-c", "New-CsVoicePolicy -Identity Redmond"]).fails(3, "AccessDenied");
    with(&["--user", "admin", "-c", "Get-CsPool"]).fails(3, "AccessDenied");
    place.run(&["--connect", &address, "-c", "Get-CsPool"]).fails(3, "ClientCertificateRequired");
    server.stop();
    with(&["-c", "Get-CsPool"]).fails(4, "HostUnreachable");
}
