//! What the sample says, and what is refused where.

use super::*;

fn sample() -> Topology {
    Topology::parse(sample::LITWAREINC).expect("the sample is valid")
}

#[test]
fn the_sample_is_what_the_documentation_says() {
    let topology = sample();
    assert!(topology.warnings().is_empty(), "{:?}", topology.warnings());
    let names: Vec<&str> = topology.sites().iter().map(|s| s.identity.as_str()).collect();
    assert_eq!(names, ["Site:Redmond", "Site:Atlanta", "Site:Dublin", "Site:London"]);
    let backup = |pool: &str| topology.backup_pool(pool).unwrap().map(|p| p.fqdn.clone());
    assert_eq!(backup("ATL-cs-001.litwareinc.com").as_deref(), Some("redmond-cs-001.litwareinc.com"));
    assert_eq!(backup("redmond-cs-001.litwareinc.com").as_deref(), Some("atl-cs-001.litwareinc.com"));
    assert_eq!(backup("dub-pool.litwareinc.com").as_deref(), Some("lon-pool.litwareinc.com"));
    assert_eq!(backup("lon-pool.litwareinc.com").as_deref(), Some("dub-pool.litwareinc.com"));
    assert_eq!(backup("atl-edge-001.litwareinc.com"), None);
    let active = topology.active_store().unwrap();
    assert_eq!(
        (active.pool.as_str(), active.sql.instance.as_str(), active.mirror),
        ("atl-cs-001.litwareinc.com", "RTC", None)
    );
    assert_eq!(topology.standby_store().unwrap().sql.computer, "redmond-cs-001.litwareinc.com");
    assert_eq!(topology.replicas().count(), 8);
    let mirror = &topology.service("UserDatabase:dub-sql-001.litwareinc.com").unwrap().mirror;
    assert_eq!(mirror.as_ref().unwrap().fqdn, "dub-sql-002.litwareinc.com");
}

#[test]
fn the_second_sample_mirrors_the_store() {
    let topology = Topology::parse(sample::LITWAREINC_MIRRORED).unwrap();
    assert!(topology.warnings().is_empty(), "{:?}", topology.warnings());
    assert_eq!(topology.active_store().unwrap().mirror.unwrap().fqdn, "atl-sql-002.litwareinc.com");
}

/// Rule: a database is at the pool that stands by where it is at either side of that pool's instance, in whatever case
/// the computer is named.
#[test]
fn who_is_at_the_backup_pool() {
    let dublin = sample().database(&Database::users("dub-pool.litwareinc.com")).unwrap();
    // As the sample has no mirror in London, Dublin's stands for it.
    let mirrored = DatabasePlaces { backup_mirror: dublin.mirror.clone(), ..dublin.clone() };
    for (places, computer, there) in [
        (&dublin, "LON-sql-001.litwareinc.com", true),
        (&dublin, "dub-sql-001.litwareinc.com", false),
        (&dublin, "dub-sql-002.litwareinc.com", false),
        (&mirrored, "dub-sql-002.litwareinc.com", true),
    ] {
        assert_eq!(places.at_backup(computer), there, "{computer}");
    }
}

#[test]
fn names_that_are_not_there_have_near_ones() {
    let topology = sample();
    let cases: [(&str, ErrorRecord); 4] = [
        ("PoolNotFound", topology.pool("dub-pol.litwareinc.com").unwrap_err()),
        ("SiteNotFound", topology.site("Redmont").unwrap_err()),
        ("ComputerNotFound", topology.computer("dub-cs-01.litwareinc.com").unwrap_err()),
        ("ServiceNotFound", topology.service("Registar:dub-pool.litwareinc.com").unwrap_err()),
    ];
    for (id, error) in cases {
        assert_eq!(error.id(), id);
        assert!(error.hints().iter().any(|h| h.contains("Did you mean")), "{id}: {:?}", error.hints());
    }
}

#[test]
fn identities_have_several_forms() {
    let topology = sample();
    for name in ["Redmond", "site:redmond", "1"] {
        assert_eq!(topology.site(name).unwrap().name, "Redmond", "{name}");
    }
    for name in ["Registrar:dub-pool.litwareinc.com", "service:registrar:DUB-pool.litwareinc.com", "3-Registrar-1"] {
        assert_eq!(topology.services_named(name).unwrap().len(), 1, "{name}");
    }
    assert!(topology.services_named("dub-pool.litwareinc.com").unwrap().len() > 5);
}

/// The sample with one replacement, which must find its place.
fn with(from: &str, to: &str) -> String {
    assert!(sample::LITWAREINC.contains(from), "{from}");
    sample::LITWAREINC.replacen(from, to, 1)
}

fn place(error: &ErrorRecord) -> (usize, usize) {
    let number = |word: &str| {
        let rest = error.message().split_once(word).map(|(_, rest)| rest).unwrap_or("");
        rest.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap_or(0)
    };
    (number("at line "), number("column "))
}

/// Where an error shall be.
enum At {
    Line(usize, usize),
    /// Where an element begins, given by its first characters.
    Before(&'static str),
}

#[test]
fn bad_documents_are_refused_with_their_place() {
    let deep = format!("<Topology xmlns=\"{}\">\n{}", published::NAMESPACE, "<a>".repeat(40));
    let bomb =
        "<?xml version=\"1.0\"?>\n<!DOCTYPE lolz [\n<!ENTITY a \"aaaa\">\n<!ENTITY b \"&a;&a;\">\n]>\n<lolz>&b;</lolz>";
    let attributes: String = (0..500).map(|n| format!(" a{n}=\"\"")).collect();
    let cases: Vec<(&str, &str, String, At)> = vec![
        ("empty", "TopologyNotXml", String::new(), At::Line(1, 1)),
        ("not XML", "TopologyNotXml", "hello".into(), At::Line(1, 1)),
        ("cut off", "TopologyNotXml", "<Topology>\n<Sites>".into(), At::Line(2, 8)),
        ("not closed", "TopologyNotXml", "<a>\n  <b></c>\n</a>".into(), At::Line(2, 6)),
        ("unknown entity", "TopologyNotXml", "<a>\n&what;</a>".into(), At::Line(2, 1)),
        ("entity bomb", "TopologyUnsafe", bomb.into(), At::Line(2, 1)),
        ("deep", "TopologyTooDeep", deep, At::Line(2, 94)),
        ("attributes", "TopologyTooLarge", format!("<a>\n<b{attributes}/></a>"), At::Line(2, 1)),
        ("foreign root", "TopologyForeign", "<?xml version=\"1.0\"?>\n<html/>".into(), At::Line(2, 1)),
        ("foreign namespace", "TopologyForeign", "<Topology xmlns=\"urn:other\"/>".into(), At::Line(1, 1)),
        ("no parts", "TopologyInvalid", format!("<Topology xmlns=\"{}\"/>", published::NAMESPACE), At::Line(1, 1)),
        (
            "dangling site",
            "TopologyInvalid",
            with("<ClusterId SiteId=\"3\"", "<ClusterId SiteId=\"9\""),
            At::Before("<Cluster RequiresReplication=\"true\" RequiresSetup=\"true\" Fqdn=\"dub-pool"),
        ),
        (
            "dangling service",
            "TopologyInvalid",
            with("RoleName=\"UserStore\" Instance=\"1\"", "RoleName=\"UserStore\" Instance=\"7\""),
            At::Before("<ServiceId SiteId=\"1\" RoleName=\"UserStore\" Instance=\"7\""),
        ),
        (
            "dangling cluster",
            "TopologyInvalid",
            with(
                "<InstalledOn>\n        <ClusterId SiteId=\"1\" Number=\"1\"",
                "<InstalledOn>\n        <ClusterId SiteId=\"1\" Number=\"8\"",
            ),
            At::Before("<InstalledOn>\n        <ClusterId SiteId=\"1\" Number=\"8\""),
        ),
        (
            "site twice",
            "TopologyInvalid",
            with("<CentralSite SiteId=\"2\">", "<CentralSite SiteId=\"1\">"),
            At::Before("<CentralSite SiteId=\"1\">\n      <Name>Atlanta"),
        ),
        (
            "name twice",
            "TopologyInvalid",
            with("<Name>Atlanta</Name>", "<Name>REDMOND</Name>"),
            At::Before("<CentralSite SiteId=\"2\""),
        ),
        (
            "pool twice",
            "TopologyInvalid",
            with("Fqdn=\"lon-pool.litwareinc.com\"", "Fqdn=\"DUB-pool.litwareinc.com\""),
            At::Before("<Cluster RequiresReplication=\"true\" RequiresSetup=\"true\" Fqdn=\"DUB-pool"),
        ),
        (
            "computer twice",
            "TopologyInvalid",
            with("Fqdn=\"dub-cs-002.litwareinc.com\"", "Fqdn=\"dub-cs-001.litwareinc.com\""),
            At::Before("<Machine OrdinalInCluster=\"2\" Fqdn=\"dub-cs-001"),
        ),
        (
            "cluster id twice",
            "TopologyInvalid",
            with("<ClusterId SiteId=\"1\" Number=\"2\" />", "<ClusterId SiteId=\"1\" Number=\"1\" />"),
            At::Before("<Cluster RequiresReplication=\"false\" RequiresSetup=\"false\" Fqdn=\"redmond-gw"),
        ),
        (
            "path as a name",
            "TopologyInvalid",
            with("Fqdn=\"redmond-gw-001.litwareinc.com\">", "Fqdn=\"../../etc\">"),
            At::Before("<Cluster RequiresReplication=\"false\" RequiresSetup=\"false\" Fqdn=\"../../etc"),
        ),
        (
            "bad number",
            "TopologyInvalid",
            with("Port=\"5061\"", "Port=\"70000\""),
            At::Before("<Port Owner=\"urn:component:Registrar\" Usage=\"SipServer\""),
        ),
        ("no number", "TopologyInvalid", with(" Number=\"1\" />", " />"), At::Line(25, 7)),
    ];
    let mut wrong = Vec::new();
    for (what, id, text, at) in cases {
        let error = Topology::parse(&text).expect_err(what);
        let at = match at {
            At::Line(line, column) => (line, column),
            At::Before(element) => xml::place(&text, text.find(element).expect(element)),
        };
        if (error.id(), place(&error)) != (id, at) {
            wrong.push(format!("{what}: expected {id} at {at:?}, got {error:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn size_is_limited_before_anything_is_built() {
    let large = format!("<!--{}-->", "x".repeat(17 << 20));
    assert_eq!(Topology::parse(&large).unwrap_err().id(), "TopologyTooLarge");
    assert_eq!(Topology::from_bytes(&vec![b' '; 40 << 20]).unwrap_err().id(), "TopologyTooLarge");
}

#[test]
fn a_pairing_of_one_side_only_is_a_warning() {
    let backup =
        "<Dependency Usage=\"Backup\">\n          <ServiceId SiteId=\"2\" RoleName=\"UserServices\" Instance=\"1\" />";
    let topology = Topology::parse(&with(backup, &backup.replace("Backup", "Default"))).unwrap();
    // The registrars still name each other, which pairs them.
    assert!(topology.warnings().is_empty());
    let other = backup.replace("SiteId=\"2\"", "SiteId=\"3\"");
    let topology = Topology::parse(&with(backup, &other)).unwrap();
    assert_eq!(topology.warnings().len(), 2, "{:?}", topology.warnings());
}

#[test]
fn bytes_come_in_three_encodings() {
    let utf16: Vec<u8> =
        std::iter::once(0xfeff).chain(sample::LITWAREINC.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    assert_eq!(&**Topology::from_bytes(&utf16).unwrap().text(), sample::LITWAREINC);
    let marked = format!("\u{feff}{}", sample::LITWAREINC);
    assert_eq!(&**Topology::from_bytes(marked.as_bytes()).unwrap().text(), marked);
    let error = Topology::from_bytes(b"<a>\n  \xff</a>").unwrap_err();
    assert_eq!((error.id(), place(&error)), ("TopologyNotXml", (2, 3)));
}

#[test]
fn no_mutation_of_a_document_panics() {
    use crate::env::{FixedRandom, Random};
    let random = FixedRandom::new(7);
    let pick = |below: usize| usize::try_from(random.below(below as u64)).unwrap_or(0);
    let original = sample::LITWAREINC.as_bytes();
    for _ in 0..150 {
        let mut bytes = original.to_vec();
        for _ in 0..=pick(3) {
            let (from, length, to) = (pick(bytes.len()), pick(200), pick(bytes.len()));
            match pick(4) {
                0 => bytes[from] = u8::try_from(pick(256)).unwrap_or(0),
                1 => drop(bytes.drain(from..(from + length).min(original.len()).min(bytes.len()).max(from))),
                2 => {
                    let copy = bytes[from..(from + length).min(bytes.len())].to_vec();
                    drop(bytes.splice(to..to, copy));
                }
                _ => bytes.truncate(from.max(1)),
            }
        }
        // Most are refused; those that are not must answer questions.
        if let Ok(topology) = Topology::from_bytes(&bytes) {
            let _ = (topology.active_store(), topology.standby_store(), topology.replicas().count());
        }
    }
}
