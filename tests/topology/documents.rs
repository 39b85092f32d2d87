//! Documents go in and come out the same; what is refused changes nothing.

use crate::support::shared;
use reeve::deployment::{Deployment, Options, init};
use reeve::topology::{Form, Topology, read_file, sample};
use std::fs;

/// Makes a deployment from a document and gives back what it exports.
fn exported(topology: Topology, computer: Option<&str>) -> String {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("host");
    init(&place, Options { topology: Some(topology), computer: computer.map(str::to_string) }).unwrap();
    let deployment = Deployment::open(&place).unwrap();
    deployment.topology().unwrap().text().to_string()
}

#[test]
fn samples_come_back_byte_for_byte() {
    for text in [sample::LITWAREINC, sample::LITWAREINC_MIRRORED] {
        assert_eq!(exported(Topology::parse(text).unwrap(), None), text);
    }
}

#[test]
fn the_published_document_comes_back_byte_for_byte() {
    let Some(path) = shared("topology/enterprise-pool.xml") else { return };
    let topology = read_file(&path).unwrap();
    assert_eq!(topology.form(), Form::Published);
    assert!(topology.warnings().is_empty(), "{:?}", topology.warnings());
    assert_eq!((topology.sites().len(), topology.pools().len(), topology.services().len()), (1, 4, 11));
    assert_eq!(topology.site("Tenant").unwrap().state.as_deref(), Some("VRN"));
    let replicas: Vec<&str> = topology.replicas().map(|c| c.fqdn.as_str()).collect();
    assert_eq!(replicas, ["SKYPE-FE-01.tenant.rlevchenko.com"]);
    let active = topology.active_store().unwrap();
    assert_eq!((active.sql.fqdn.as_str(), active.sql.instance.as_str()), ("srv-sql-01.tenant.rlevchenko.com", ""));
    let web = topology.service("WebServer:poolfe.tenant.rlevchenko.com").unwrap();
    assert_eq!((web.service_id.as_str(), web.version), ("1-WebServices-1", 7));
    assert_eq!(exported(topology, None).as_bytes(), fs::read(&path).unwrap());
}

#[test]
fn a_draft_is_read_only() {
    let Some(path) = shared("topology/contoso.tbxml") else { return };
    let topology = read_file(&path).unwrap();
    assert_eq!(topology.form(), Form::Builder);
    assert_eq!(topology.check_publishable().unwrap_err().id(), "TopologyReadOnly");
    assert_eq!(topology.pool("frontendpool.contoso.com").unwrap().computers.len(), 4);
    assert_eq!(topology.computer("xsql1.contoso.com").unwrap().pool, "xSQL1.contoso.com");
    let edge = topology.service("EdgeServer:edgepool.contoso.com").unwrap();
    assert_eq!(edge.needs("Registrar", "Default"), Some("Registrar:frontendpool.contoso.com"));
    assert_eq!(topology.services_named("1-FileStore-2").unwrap()[0].pool, "xFile2.contoso.com");
    assert_eq!(topology.simple_urls().len(), 2);
    // It names no active store, so somebody has to say where it is.
    let folder = tempfile::tempdir().unwrap();
    let options = Options { topology: Some(read_file(&path).unwrap()), computer: None };
    assert_eq!(init(&folder.path().join("host"), options).unwrap_err().id(), "NoActiveStore");
    assert_eq!(exported(topology, Some("xsql1.contoso.com")).as_bytes(), fs::read(&path).unwrap());
}

#[test]
fn files_that_are_not_there_or_go_on_for_ever_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(read_file(&folder.path().join("no.xml")).unwrap_err().id(), "TopologyFileNotFound");
    assert_eq!(read_file(folder.path()).unwrap_err().id(), "TopologyFileUnreadable");
    assert_eq!(read_file("/dev/zero".as_ref()).unwrap_err().id(), "TopologyTooLarge");
}
