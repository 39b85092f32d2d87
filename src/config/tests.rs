//! The families' data, and changes of objects in a store on the sample's topology.

use super::*;
use crate::error::ErrorRecord;
use crate::store::{Grant, SqliteStore, Store};
use crate::topology::Topology;
use crate::value::{Record, Str, Table, Value, list_object};
use serde_json::json;

struct Lab {
    store: SqliteStore,
    topology: Topology,
}

fn lab() -> Lab {
    let topology = Topology::parse(include_str!("../../stdlib/topology/litwareinc.xml")).expect("the sample");
    Lab { store: SqliteStore::in_memory().expect("made"), topology }
}

impl Lab {
    fn reader(&self) -> Reader<'_> {
        Reader { store: &self.store, topology: &self.topology }
    }

    fn commit(&self, plan: Plan) -> Item {
        self.store.commit(&Grant::system("test"), &plan.changes).expect("committed");
        plan.item
    }

    fn identity(&self, name: &str, identity: &str) -> Result<Identity, ErrorRecord> {
        Identity::parse(family(name).expect("declared"), identity, &self.topology)
    }

    fn create(&self, name: &str, identity: &str, values: &[(&str, Value)]) -> Result<Item, ErrorRecord> {
        let mut item = Item::new(family(name).expect("declared"), self.identity(name, identity)?);
        assignments(name, values).apply(&mut item)?;
        Plan::create(&self.reader(), item).map(|plan| self.commit(plan))
    }

    fn set(&self, name: &str, identity: &str, values: &[(&str, Value)]) -> Result<Item, ErrorRecord> {
        let before = self.get(name, identity)?;
        let mut after = before.clone();
        assignments(name, values).apply(&mut after)?;
        let plan = Plan::update(&self.reader(), &before, after, None)?;
        if plan.changes.is_empty() { Ok(plan.item) } else { Ok(self.commit(plan)) }
    }

    fn get(&self, name: &str, identity: &str) -> Result<Item, ErrorRecord> {
        self.reader().require(family(name).expect("declared"), &self.identity(name, identity)?)
    }

    fn remove(&self, name: &str, identity: &str) -> Result<(), ErrorRecord> {
        let plan = Plan::remove(&self.reader(), &self.get(name, identity)?)?;
        if !plan.changes.is_empty() {
            self.commit(plan);
        }
        Ok(())
    }

    fn record(&self, name: &str, identity: &str) -> Record {
        self.reader().record(&self.get(name, identity).expect("there")).expect("a record")
    }

    fn identities(&self, name: &str) -> Vec<String> {
        self.reader().items(family(name).expect("declared")).expect("read").iter().map(Item::text).collect()
    }
}

fn assignments(name: &str, values: &[(&str, Value)]) -> Assignments {
    let values: Vec<(Str, Value)> = values.iter().map(|(name, value)| (Str::from(*name), value.clone())).collect();
    Assignments::from_parameters(family(name).expect("declared"), &values)
}

fn edit(key: &str, items: &[&str]) -> Value {
    let items = Value::list(items.iter().map(|item| Value::str(*item)).collect());
    Value::Map(Table::from_entries(false, [(Value::str(key), items)]))
}

#[test]
fn every_family_is_well_formed() {
    for source in sources() {
        let family = Family::parse(source.text).unwrap_or_else(|e| panic!("{}: {e}", source.family));
        assert_eq!(family.name, source.family);
        assert_eq!(family.kind == Kind::Element, family.scopes.is_empty(), "{}", family.name);
        assert_eq!(family.kind == Kind::Element, !family.key.is_empty(), "{}", family.name);
        for property in &family.properties {
            let kept = typed::to_value(property, &property.default);
            if !property.default.is_null() {
                let again =
                    typed::accept(property, &kept).unwrap_or_else(|e| panic!("{} {}: {e}", family.name, property.name));
                assert_eq!(again, property.default, "{} {}", family.name, property.name);
            }
        }
        for name in &family.key {
            assert!(family.property(name).is_some(), "{} {name}", family.name);
        }
    }
    assert_eq!(sources().len(), 21);
}

#[test]
fn the_global_object_is_there_with_its_defaults() {
    let lab = lab();
    let policy = lab.record("VoicePolicy", "global");
    assert_eq!(policy.get("Identity").and_then(|v| v.as_str().map(String::from)).as_deref(), Some("Global"));
    assert!(matches!(policy.get("AllowSimulRing"), Some(Value::Bool(true))));
    assert_eq!(policy.stamp(), Some(0));
    assert_eq!(lab.identities("PstnUsage"), ["Global"]);
    let usages = lab.record("PstnUsage", "Global").get("Usage");
    let Some(Value::Record(usages)) = usages else { panic!("{usages:?}") };
    assert_eq!(list_object::items(&usages).expect("a list").len(), 3);
    assert_eq!(lab.get("DialPlan", "Global").expect("there").get("SimpleName"), "DefaultProfile");
    assert_eq!(lab.identities("SipDomain"), ["litwareinc.com"]);
}

#[test]
fn identities_are_read_as_users_write_them() {
    let lab = lab();
    let text = |name: &str, identity: &str| {
        lab.identity(name, identity).map(|i| i.text(family(name).expect("declared"))).map_err(|e| e.id().to_string())
    };
    for (family, given, expected) in [
        ("VoicePolicy", "global", Ok("Global")),
        ("VoicePolicy", "site:redmond", Ok("Site:Redmond")),
        ("VoicePolicy", "Sales", Ok("Tag:Sales")),
        ("VoicePolicy", "tag:Sales", Ok("Tag:Sales")),
        ("VoicePolicy", "site:Paris", Err("SiteNotFound")),
        ("VoicePolicy", "service:Registrar:dub-pool.litwareinc.com", Err("InvalidScope")),
        ("VoicePolicy", "stie:Redmond", Err("InvalidIdentity")),
        ("VoicePolicy", "Sales*", Err("InvalidIdentity")),
        ("VoicePolicy", "", Err("InvalidIdentity")),
        ("DialPlan", "service:registrar:DUB-pool.litwareinc.com", Ok("Service:Registrar:dub-pool.litwareinc.com")),
        ("DialPlan", "service:Registrar:nowhere.litwareinc.com", Err("ServiceNotFound")),
        ("AddressBookConfiguration", "Sales", Err("InvalidScope")),
        ("BackupServiceConfiguration", "site:Redmond", Err("InvalidScope")),
        ("VoiceRoute", "LocalRoute", Ok("LocalRoute")),
        ("VoiceRoute", "global/LocalRoute", Ok("LocalRoute")),
        ("TrustedApplicationPool", "apps.litwareinc.com", Ok("TrustedApplicationPool:apps.litwareinc.com")),
        ("TrustedApplication", "apps.litwareinc.com/tapp", Ok("apps.litwareinc.com/urn:application:tapp")),
        (
            "TrustedApplication",
            "apps.litwareinc.com/urn:application:tapp",
            Ok("apps.litwareinc.com/urn:application:tapp"),
        ),
        ("TrustedApplication", "tapp", Err("InvalidIdentity")),
    ] {
        assert_eq!(text(family, given), expected.map(String::from).map_err(String::from), "{family} {given}");
    }
}

#[test]
fn objects_are_made_changed_and_removed() {
    let lab = lab();
    lab.create("VoicePolicy", "site:Redmond", &[("AllowSimulRing", false.into())]).expect("made");
    lab.create("VoicePolicy", "Sales", &[]).expect("made");
    assert_eq!(lab.identities("VoicePolicy"), ["Global", "Site:Redmond", "Tag:Sales"]);
    lab.set("VoicePolicy", "SALES", &[("description", "Sellers".into())]).expect("changed");
    assert_eq!(lab.get("VoicePolicy", "tag:sales").expect("there").get("Description"), "Sellers");
    lab.set("VoicePolicy", "Global", &[("EnableCallPark", true.into())]).expect("changed");
    lab.remove("VoicePolicy", "Global").expect("reset");
    assert_eq!(lab.get("VoicePolicy", "Global").expect("there always").get("EnableCallPark"), false);
    lab.remove("VoicePolicy", "Sales").expect("removed");
    assert_eq!(lab.get("VoicePolicy", "Sales").expect_err("gone").id(), "ManagementObjectNotFound");
    for taken in ["site:redmond", "global"] {
        assert_eq!(lab.create("VoicePolicy", taken, &[]).expect_err("there").id(), "DuplicateIdentity");
    }
    let unchanged = lab.store.version().expect("read");
    lab.set("VoicePolicy", "site:Redmond", &[("AllowSimulRing", false.into())]).expect("the same");
    assert_eq!(lab.store.version().expect("read"), unchanged, "what changes nothing is no version");
}

#[test]
fn values_are_checked_with_an_id_of_their_own() {
    let lab = lab();
    for (family, property, value, id) in [
        ("PresencePolicy", "MaxPromptedSubscriber", Value::from(601), "PropertyValueOutOfRange"),
        ("PresencePolicy", "MaxPromptedSubscriber", Value::from(70000), "InvalidPropertyValue"),
        ("PresencePolicy", "MaxPromptedSubscriber", "many".into(), "InvalidPropertyValue"),
        ("PresencePolicy", "MaxPromptedSubscriber", Value::Null, "InvalidPropertyValue"),
        ("BackupServiceConfiguration", "SyncInterval", "00:00:01".into(), "PropertyValueOutOfRange"),
        ("BackupServiceConfiguration", "SyncInterval", "soon".into(), "InvalidPropertyValue"),
        ("VoicePolicy", "CallForwardingSimulRingUsageType", "CustomUsages".into(), "PropertyValueNotAllowed"),
        ("VoicePolicy", "AllowSimulRing", "perhaps".into(), "InvalidPropertyValue"),
        ("VoicePolicy", "PstnUsages", edit("add", &["Lcoal"]), "ReferenceNotFound"),
        ("VoicePolicy", "PstnUsages", edit("ad", &["Local"]), "InvalidListEdit"),
        ("LocationPolicy", "NotificationUri", "x".repeat(257).into(), "PropertyValueOutOfRange"),
        ("AddressBookConfiguration", "RunTimeOfDay", "noonish".into(), "InvalidPropertyValue"),
    ] {
        let error = lab.set(family, "Global", &[(property, value)]).expect_err(property);
        assert_eq!(error.id(), id, "{family} {property}");
        assert!(error.message().contains(property), "{}", error.message());
    }
    assert_eq!(lab.store.version().expect("read"), 0, "nothing changed");
    let error = lab.set("VoicePolicy", "Global", &[("PstnUsages", edit("add", &["Lcoal"]))]).expect_err("misspelt");
    assert!(error.hints()[0].contains("Local"), "{:?}", error.hints());
}

#[test]
fn lists_are_edited() {
    let lab = lab();
    let now = |lab: &Lab| lab.get("PstnUsage", "Global").expect("there").get("Usage").clone();
    let set = |value: Value| lab.set("PstnUsage", "Global", &[("Usage", value)]).map(drop);
    set(edit("add", &["International", "local"])).expect("added");
    assert_eq!(now(&lab), json!(["Internal", "Local", "Long Distance", "International"]));
    set(edit("remove", &["internal", "Nothing"])).expect("removed");
    assert_eq!(now(&lab), json!(["Local", "Long Distance", "International"]));
    set(edit("Replace", &["A", "B"])).expect("replaced");
    assert_eq!(now(&lab), json!(["A", "B"]));
    let both = Table::from_entries(false, [(Value::str("Add"), "C".into()), (Value::str("Remove"), "A".into())]);
    set(Value::Map(both)).expect("both");
    assert_eq!(now(&lab), json!(["B", "C"]));
    set("D".into()).expect("a plain value replaces");
    set(Value::Null).expect("null clears");
    assert_eq!(now(&lab), json!([]));
}

#[test]
fn elements_with_fields_are_edited_by_the_field_that_tells_them_apart() {
    let lab = lab();
    let rule = |name: &str, pattern: &str| {
        Value::Map(Table::from_entries(
            false,
            [("Name", name), ("Pattern", pattern), ("Translation", "+1$1")]
                .map(|(k, v)| (Value::str(k), Value::str(v))),
        ))
    };
    let add = |value: Value| Value::Map(Table::from_entries(false, [(Value::str("add"), value)]));
    lab.create("DialPlan", "Redmond", &[("NormalizationRules", add(rule("Four", r"^(\d{4})$")))]).expect("made");
    let names = |lab: &Lab| -> Vec<String> {
        let plan = lab.get("DialPlan", "Redmond").expect("there");
        plan.get("NormalizationRules")
            .as_array()
            .expect("a list")
            .iter()
            .map(|r| r["Name"].as_str().unwrap_or("").to_string())
            .collect()
    };
    assert_eq!(names(&lab), ["Prefix All", "Four"]);
    assert_eq!(lab.get("DialPlan", "Redmond").expect("there").get("SimpleName"), "Redmond");
    lab.set("DialPlan", "Redmond", &[("NormalizationRules", edit("remove", &["Prefix All"]))]).expect("removed");
    assert_eq!(names(&lab), ["Four"]);
    let bad = lab.set("DialPlan", "Redmond", &[("NormalizationRules", rule("Bad", "("))]).expect_err("no pattern");
    assert_eq!(bad.id(), "InvalidPropertyValue");
    lab.create("NetworkRegion", "EMEA", &[("CentralSite", "dublin".into()), ("AudioAlternatePath", false.into())])
        .expect("made");
    let region = lab.get("NetworkRegion", "EMEA").expect("there");
    assert_eq!(region.get("BWAlternatePaths")[0], json!({"BWPolicyModality": "Audio", "AlternatePath": false}));
    assert_eq!(region.get("CentralSite"), "Site:Dublin");
}

#[test]
fn a_stale_set_is_a_conflict() {
    let lab = lab();
    lab.create("VoicePolicy", "Sales", &[]).expect("made");
    let read = lab.record("VoicePolicy", "Sales");
    lab.set("VoicePolicy", "Sales", &[("EnableCallPark", true.into())]).expect("changed by somebody else");
    read.set("EnableTeamCall", false.into());
    let voice = family("VoicePolicy").expect("declared");
    let update = |stamp| {
        let before = lab.get("VoicePolicy", "Sales")?;
        let mut after = before.clone();
        Assignments::from_instance(voice, &read)?.apply(&mut after)?;
        Plan::update(&lab.reader(), &before, after, stamp)
    };
    assert_eq!(update(read.stamp()).expect_err("stale").id(), "StoreConflict");
    assert_eq!(lab.get("VoicePolicy", "Sales").expect("there").get("EnableTeamCall"), true);
    assert_eq!(update(Some(lab.get("VoicePolicy", "Sales").expect("there").version)).expect("fresh").changes.len(), 1);
    let other = lab.record("ClientPolicy", "Global");
    assert_eq!(Assignments::from_instance(voice, &other).expect_err("another type").id(), "InstanceTypeMismatch");
}

#[test]
fn routes_keep_their_order_without_gaps() {
    let lab = lab();
    for name in ["A", "B", "C"] {
        lab.create("VoiceRoute", name, &[]).expect("made");
    }
    lab.create("VoiceRoute", "First", &[("Priority", 0.into())]).expect("made");
    assert_eq!(lab.identities("VoiceRoute"), ["First", "A", "B", "C"]);
    lab.set("VoiceRoute", "C", &[("Priority", 1.into())]).expect("moved");
    assert_eq!(lab.identities("VoiceRoute"), ["First", "C", "A", "B"]);
    lab.remove("VoiceRoute", "First").expect("removed");
    let numbers: Vec<_> =
        ["C", "A", "B"].iter().map(|n| lab.get("VoiceRoute", n).expect("there").get("Priority").as_i64()).collect();
    assert_eq!(numbers, [Some(0), Some(1), Some(2)]);
    assert_eq!(
        lab.set("VoiceRoute", "A", &[("Priority", (-1).into())]).expect_err("negative").id(),
        "PropertyValueOutOfRange"
    );
}

#[test]
fn one_sip_domain_is_the_default_always() {
    let lab = lab();
    lab.create("SipDomain", "fabrikam.com", &[]).expect("made");
    assert_eq!(lab.identities("SipDomain"), ["fabrikam.com", "litwareinc.com"]);
    let default = |lab: &Lab| lab.reader().default_sip_domain().expect("read");
    assert_eq!(default(&lab), "litwareinc.com");
    assert_eq!(lab.remove("SipDomain", "litwareinc.com").expect_err("the default").id(), "DefaultCannotBeRemoved");
    lab.set("SipDomain", "fabrikam.com", &[("IsDefault", true.into())]).expect("given");
    assert_eq!(default(&lab), "fabrikam.com");
    assert_eq!(
        lab.set("SipDomain", "fabrikam.com", &[("IsDefault", false.into())]).expect_err("nobody's").id(),
        "DefaultCannotBeRemoved"
    );
    lab.remove("SipDomain", "litwareinc.com").expect("removed");
    assert_eq!(lab.identities("SipDomain"), ["fabrikam.com"]);
    assert_eq!(lab.create("SipDomain", "no domain", &[]).expect_err("blank").id(), "InvalidPropertyValue");
}

#[test]
fn what_is_named_must_exist_and_cannot_be_removed_while_it_is() {
    let lab = lab();
    let orphan = lab.create("NetworkSite", "Vancouver", &[("NetworkRegionID", "NorthAmerica".into())]);
    assert_eq!(orphan.expect_err("no region").id(), "ReferenceNotFound");
    lab.create("NetworkRegion", "NorthAmerica", &[("CentralSite", "site:Redmond".into())]).expect("made");
    lab.create("NetworkSite", "Vancouver", &[("NetworkRegionID", "northamerica".into())]).expect("made");
    assert_eq!(lab.get("NetworkSite", "Vancouver").expect("there").get("NetworkRegionID"), "NorthAmerica");
    lab.create("NetworkSubnet", "172.11.15.0", &[("MaskBits", 28.into()), ("NetworkSiteID", "Vancouver".into())])
        .expect("made");
    assert_eq!(lab.remove("NetworkRegion", "NorthAmerica").expect_err("used").id(), "ItemInUse");
    lab.set("NetworkSite", "Vancouver", &[("NetworkRegionID", Value::Null)]).expect("let go");
    lab.remove("NetworkRegion", "NorthAmerica").expect("removed");
    lab.create("VoicePolicy", "Sales", &[("PstnUsages", edit("add", &["Local"]))]).expect("made");
    assert_eq!(
        lab.set("PstnUsage", "Global", &[("Usage", edit("remove", &["Local"]))]).expect_err("used").id(),
        "ItemInUse"
    );
    assert_eq!(
        lab.create("NetworkSubnet", "172.11.15", &[("MaskBits", 28.into())]).expect_err("no address").id(),
        "InvalidPropertyValue"
    );
}

#[test]
fn trusted_applications_stand_on_their_pool() {
    let lab = lab();
    let pool = [
        ("Registrar", "dub-pool.litwareinc.com".into()),
        ("Site", "dublin".into()),
        ("ComputerFqdn", "app-001.litwareinc.com".into()),
    ];
    lab.create("TrustedApplicationPool", "apps.litwareinc.com", &pool).expect("made");
    lab.create("TrustedApplication", "apps.litwareinc.com/bot", &[("Port", 6001.into())]).expect("made");
    let pool = lab.record("TrustedApplicationPool", "apps.litwareinc.com");
    let text = |record: &Record, name: &str| {
        record.get(name).map(|v| crate::value::text::to_text(&v).to_string()).unwrap_or_default()
    };
    assert_eq!(text(&pool, "Registrar"), "Registrar:dub-pool.litwareinc.com");
    assert_eq!(text(&pool, "SiteId"), "Site:Dublin");
    let application = lab.record("TrustedApplication", "apps.litwareinc.com/bot");
    assert!(
        text(&application, "ServiceGruu").starts_with("sip:apps.litwareinc.com@litwareinc.com;gruu;opaque=srvr:bot:")
    );
    assert_eq!(text(&application, "LegacyApplicationName"), "bot");
    assert_eq!(lab.remove("TrustedApplicationPool", "apps.litwareinc.com").expect_err("used").id(), "ItemInUse");
    let lost = lab.create("TrustedApplication", "nowhere.litwareinc.com/bot", &[("Port", 6001.into())]);
    assert_eq!(lost.expect_err("no pool").id(), "ReferenceNotFound");
}

#[test]
fn the_sample_names_nothing_that_does_not_exist() {
    let lab = lab();
    sample::seed(&lab.store, &lab.topology).expect("seeded");
    let reader = lab.reader();
    let mut kept = 0;
    for family in families() {
        for item in reader.items(family).expect("read") {
            let mut again = item.clone();
            reader.check_references(&mut again, None).unwrap_or_else(|e| panic!("{}: {e}", item.text()));
            assert!(again.same_values(&item), "{} {}: a name in another spelling", family.name, item.text());
            kept += usize::from(item.version > 0);
        }
    }
    assert_eq!(kept, sample::changes(&lab.topology).expect("well formed").len());
    assert_eq!(kept, 36);
}
