//! The cmdlets on failover over a control of the test's own.

use crate::access::Principal;
use crate::cmdlets::harness::{Command, Outcome, command, pipe_in};
use crate::deployment::{Deployment, HostDirectory, lab};
use crate::env::SystemClock;
use crate::error::{Category, ErrorRecord};
use crate::failover::{
    Condition, Control, Following, Lost, Mode, Order, PlaceAnswer, Preflight, Principal as Side, Report, SqlName,
    StepReport, Underway, Unfinished, Wish,
};
use crate::store::{Role, SqliteStore};
use crate::topology::{Database, Topology, sample};
use crate::value::Value;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::{Arc, Mutex};

const ATLANTA: &str = "atl-cs-001.litwareinc.com";
const REDMOND: &str = "redmond-cs-001.litwareinc.com";

/// A control that answers what the test says, and remembers what it was asked.
#[derive(Default)]
struct Fake {
    found: Mutex<Option<Result<Preflight, ErrorRecord>>>,
    /// What is found before that, once each.
    first: Mutex<Vec<Preflight>>,
    done: Mutex<Option<Result<Report, ErrorRecord>>>,
    asked: Mutex<Vec<(Database, Wish)>>,
    orders: Mutex<Vec<Order>>,
}

/// A planned failover from Atlanta to Redmond, at a step.
fn underway(id: &str, step: &str) -> Underway {
    Underway {
        id: id.into(),
        source: ATLANTA.into(),
        target: REDMOND.into(),
        mode: Some(Mode::Planned),
        epoch: 9,
        by: "Kim".into(),
        since: "2026-11-21T22:00:00.5Z".into(),
        step: step.into(),
    }
}

fn step(name: &str, milliseconds: Option<u64>) -> StepReport {
    StepReport { name: name.into(), began: None, milliseconds, found: format!("{name} found") }
}

impl Control for Fake {
    fn replicas(&self) -> Result<Vec<crate::failover::ReplicaFact>, ErrorRecord> {
        Ok(Vec::new())
    }

    fn places(&self, database: &Database) -> Result<Vec<PlaceAnswer>, ErrorRecord> {
        let error = ErrorRecord::new("HostUnreachable", Category::ResourceUnavailable, format!("{database} is silent"));
        Ok(vec![PlaceAnswer { computer: ATLANTA.into(), state: Err(error) }])
    }

    fn preflight(&self, database: &Database, wish: &Wish, _by: &str) -> Result<Preflight, ErrorRecord> {
        self.asked.lock().unwrap().push((database.clone(), wish.clone()));
        if let Some(found) = self.first.lock().unwrap().pop() {
            return Ok(found);
        }
        self.found.lock().unwrap().clone().unwrap_or_else(|| Ok(preflight(Mode::Planned)))
    }

    fn fail_over(&self, order: &Order, told: &mut dyn FnMut(&StepReport)) -> Result<Report, ErrorRecord> {
        self.orders.lock().unwrap().push(order.clone());
        for name in ["Preflight", "Close", "Promote"] {
            told(&step(name, None));
            told(&step(name, Some(7)));
        }
        told(&step("Follow", None));
        self.done.lock().unwrap().clone().unwrap_or_else(|| Ok(report()))
    }
}

fn condition(name: &str, passed: bool, refuses: bool) -> Condition {
    Condition {
        name: name.into(),
        passed,
        refuses,
        id: (!passed).then(|| format!("{name}Wrong")),
        found: format!("{name} was looked at."),
        advice: (!passed).then(|| format!("Mend {name}.")),
        passes: false,
    }
}

fn preflight(mode: Mode) -> Preflight {
    Preflight {
        database: "CentralMgmt".into(),
        mode,
        source: ATLANTA.into(),
        source_pool: ATLANTA.into(),
        target: REDMOND.into(),
        target_pool: REDMOND.into(),
        source_version: Some(120),
        target_version: Some(118),
        epoch: 9,
        lost: Vec::new(),
        uncertain: None,
        conditions: vec![condition("Target", true, true), condition("Space", false, false)],
        unfinished: None,
        decided: false,
        source_role: None,
    }
}

fn lost() -> Lost {
    Lost {
        version: 119,
        document: "VoicePolicy Global Fresh".into(),
        deleted: false,
        body: None,
        seen_at: "dub-cs-001.litwareinc.com".into(),
    }
}

fn report() -> Report {
    Report {
        id: "f-1".into(),
        preflight: preflight(Mode::Planned),
        steps: vec![step("Promote", Some(7))],
        epoch: 9,
        version: 121,
        lost: Vec::new(),
        uncertain: None,
        export: "store/exports/f-1.zst".into(),
        followers: vec![
            Following { computer: "a".into(), up_to_date: true, version: Some(121), reason: None },
            Following { computer: "b".into(), up_to_date: false, version: None, reason: Some("It is off.".into()) },
        ],
        outage: Some(321),
        by: "owner".into(),
        undone: false,
    }
}

/// A deployment whose failover is the fake.
struct Bench {
    folder: tempfile::TempDir,
    host: PathBuf,
    fake: Arc<Fake>,
}

impl Bench {
    fn new() -> Bench {
        let folder = tempfile::tempdir().unwrap();
        let topology = Topology::parse(sample::LITWAREINC).unwrap();
        let host = lab::create_of(&folder.path().join("lab"), Some(topology)).unwrap().host;
        Bench { folder, host, fake: Arc::default() }
    }

    fn finds(&self, found: Preflight) {
        *self.fake.found.lock().unwrap() = Some(Ok(found));
    }

    fn run(&self, command: Command) -> Outcome {
        let directory = Arc::new(HostDirectory::open(&self.host).unwrap());
        let store = SqliteStore::open_with(directory.store(), Arc::new(SystemClock)).unwrap();
        let deployment = Deployment::with(directory, Box::new(store), None);
        let deployment = deployment.with_services(Some(self.fake.clone()), None);
        let over =
            |session: crate::cmdlet::Session| session.over(Rc::new(deployment)).as_principal(Principal::owner("owner"));
        pipe_in(over, None, vec![command])
    }

    fn orders(&self) -> Vec<Order> {
        self.fake.orders.lock().unwrap().clone()
    }

    fn asked(&self) -> Vec<(Database, Wish)> {
        std::mem::take(&mut *self.fake.asked.lock().unwrap())
    }
}

fn invoke() -> Command {
    command("Invoke-CsManagementServerFailover")
}

fn disaster() -> Command {
    invoke().with("BackupSqlServerFqdn", REDMOND).with("BackupSqlInstanceName", "RTC").on("Force")
}

fn said(outcome: &Outcome, stream: &str) -> String {
    let of = |text: &String| text.strip_prefix(stream).map(|text| text.trim_start().to_string());
    outcome.texts.iter().filter_map(of).collect::<Vec<_>>().join("\n")
}

/// Rule: -WhatIf tells on the information stream who is active, where it would go, what that holds, what would be lost
/// and every condition, with what to do about those that do not hold; it touches nothing and is no error, also where the
/// failover would be refused.
#[test]
fn what_if_tells_everything_and_touches_nothing() {
    let bench = Bench::new();
    let mut found = preflight(Mode::Disaster);
    found.lost.push(lost());
    found.conditions.push(condition("Version", false, true));
    bench.finds(found);
    let outcome = bench.run(disaster().on("WhatIf"));
    assert!(outcome.stopped.is_none() && outcome.errors.is_empty() && outcome.values.is_empty(), "{outcome:?}");
    let text = said(&outcome, "information");
    for part in [
        "What if: ",
        "is active at atl-cs-001.litwareinc.com, with version 120",
        "It would go to redmond-cs-001.litwareinc.com, which holds version 118",
        "1 change would be lost",
        "version 119: VoicePolicy Global Fresh, seen at dub-cs-001.litwareinc.com",
        "passed   Target",
        "warning  Space",
        "Mend Space.",
        "REFUSES  Version",
        "[VersionWrong]",
        "Mend Version.",
        "it would be refused, by 1 condition of 3",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    assert!(bench.orders().is_empty());
}

/// Rule: -WhatIf says of a failover that is not over what would become of it: undone, finished, or waited for; nothing
/// else is announced.
#[test]
fn what_is_not_over_is_said_so() {
    let bench = Bench::new();
    let underway = underway("f-7", "Close");
    let sentence = "The failover f-7 from atl-cs-001.litwareinc.com to redmond-cs-001.litwareinc.com, which Kim began at \
                    2026-11-21 22:00:00 UTC, is not over (step Close).";
    for (undo, decided, what, not) in [
        (true, false, "Undo the failover from atl-cs-001", "It would go to"),
        (false, false, "Finish the failover from atl-cs-001", "Fail over from"),
        (false, true, "Wait for the end of the failover", "would be lost"),
    ] {
        let unfinished = Some(Unfinished { underway: underway.clone(), undo });
        bench.finds(Preflight { unfinished, decided, source_role: Some(Role::Closed), ..preflight(Mode::Planned) });
        let command = if undo { invoke().on("Restore") } else { invoke() };
        let text = said(&bench.run(command.on("WhatIf")), "information");
        assert!(text.contains(what) && text.contains(sentence) && !text.contains(not), "{text}");
    }
}

/// Rule: the source that takes changes again by itself is not told to go from itself to itself.
#[test]
fn active_again_is_no_way() {
    let bench = Bench::new();
    bench.finds(Preflight { target: ATLANTA.into(), source_role: Some(Role::Closed), ..preflight(Mode::Disaster) });
    let text = said(&bench.run(disaster().on("WhatIf")), "information");
    assert!(
        text.contains("Make atl-cs-001.litwareinc.com active again") && !text.contains("from atl-cs-001"),
        "{text}"
    );
}

/// Rule: of what is not known wholly no number is said that would be too small, and of what is refused nothing is
/// promised.
#[test]
fn losses_are_not_understated() {
    let bench = Bench::new();
    let uncertain = Some("b last heard of a 3 s ago.".to_string());
    bench.finds(Preflight { lost: vec![lost()], uncertain: uncertain.clone(), ..preflight(Mode::Disaster) });
    let text = said(&bench.run(disaster().on("WhatIf")), "information");
    assert!(text.contains("At least 1 change would be lost") && text.contains("and at least 1 change"), "{text}");
    let mut refused = Preflight { uncertain, source_version: None, ..preflight(Mode::Planned) };
    refused.conditions.push(condition("Source", false, true));
    for (found, wanted) in [
        (refused.clone(), "b last heard of a 3 s ago."),
        (Preflight { uncertain: None, ..refused }, "would stay as it is"),
    ] {
        bench.finds(found);
        let text = said(&bench.run(invoke().on("WhatIf")), "information");
        assert!(text.contains(wanted) && !text.contains("Nothing would be lost"), "{text}");
    }
}

/// Rule: what refuses ends the command before anybody is asked and before anything is done, with the id of the first
/// condition that refuses; a warning does not.
#[test]
fn conditions_refuse_before_anything_is_done() {
    let bench = Bench::new();
    let mut found = preflight(Mode::Planned);
    found.conditions.extend([condition("Version", false, true), condition("Underway", false, true)]);
    bench.finds(found);
    assert_eq!(bench.run(invoke()).stopped.as_deref(), Some("VersionWrong"));
    assert!(bench.orders().is_empty());
}

/// Rule: what refuses and is about to mend itself is waited for, with progress, before anybody is asked; beside what is
/// not, nothing is waited for.
#[test]
fn who_is_about_to_come_back_is_waited_for() {
    let returning = Condition { passes: true, ..condition("Replicas", false, true) };
    let with = |conditions: &[Condition]| {
        let mut found = preflight(Mode::Planned);
        found.conditions.extend_from_slice(conditions);
        found
    };
    let bench = Bench::new();
    *bench.fake.first.lock().unwrap() = vec![with(std::slice::from_ref(&returning)); 2];
    let outcome = bench.run(invoke().with("Confirm", false));
    assert!(outcome.stopped.is_none() && bench.orders().len() == 1, "{outcome:?}");
    assert_eq!(bench.asked().len(), 3);
    assert!(outcome.texts.iter().any(|text| text.starts_with("progress") && text.contains("Waiting")), "{outcome:?}");

    for (found, command) in [
        (with(&[returning.clone(), condition("Version", false, true)]), invoke().with("Confirm", false)),
        (with(std::slice::from_ref(&returning)), invoke().on("WhatIf")),
    ] {
        *bench.fake.first.lock().unwrap() = vec![found];
        bench.run(command);
        assert_eq!((bench.asked().len(), bench.orders().len()), (1, 1));
    }
}

/// Rule: it asks by itself, -Confirm:$false or -Force answers, and -Confirm asks in spite of -Force.
#[test]
fn it_asks_before_it_acts() {
    let bench = Bench::new();
    let nobody = Some("PromptNotAvailable");
    assert_eq!(bench.run(invoke()).stopped.as_deref(), nobody);
    assert_eq!(bench.run(disaster().on("Confirm")).stopped.as_deref(), nobody);
    assert!(bench.orders().is_empty());
    assert_eq!(bench.run(invoke().with("Confirm", false)).stopped, None);
    assert_eq!(bench.run(disaster()).stopped, None);
    let orders = bench.orders();
    assert_eq!(orders.len(), 2);
    assert_eq!(orders[0].wish, Wish::Next);
    assert_eq!(orders[0].entry.principal, "owner");
    assert_eq!(orders[0].entry.cmdlet, "Invoke-CsManagementServerFailover");
}

/// Rule: steps are progress, and verbose lines with what they took; what is lost and who does not follow are warnings;
/// it puts nothing out; the page is written.
#[test]
fn a_failover_is_told_step_by_step() {
    let bench = Bench::new();
    let mut done = report();
    done.lost.push(lost());
    *bench.fake.done.lock().unwrap() = Some(Ok(done));
    let page = bench.folder.path().join("report.html");
    let outcome = bench.run(invoke().with("Confirm", false).on("Verbose").with("Report", page.to_str().unwrap()));
    assert!(outcome.stopped.is_none() && outcome.values.is_empty(), "{outcome:?}");
    let verbose = said(&outcome, "verbose");
    for part in ["Close, 7 ms: Close found", "version 121, epoch 9", "store/exports/f-1.zst", "for 321 ms"] {
        assert!(verbose.contains(part), "{part} is not in\n{verbose}");
    }
    let warning = said(&outcome, "warning");
    assert!(warning.contains("VoicePolicy Global Fresh") && warning.contains("b (It is off)"), "{warning}");
    let progress: Vec<&String> = outcome.texts.iter().filter(|text| text.starts_with("progress")).collect();
    assert!(progress.len() == 5 && progress[4].ends_with("Some(100) true"), "{progress:?}");
    assert!(std::fs::read_to_string(page).unwrap().starts_with("<!DOCTYPE html>"));
}

/// Rule: of a run that failed the page is written too, with what ended it and the steps until then.
#[test]
fn a_failed_run_is_accounted_for() {
    let bench = Bench::new();
    let error = ErrorRecord::new("FailoverFailed", Category::InvalidOperation, "It stopped <here>.");
    *bench.fake.done.lock().unwrap() = Some(Err(error.hint("Run it again.")));
    let page = bench.folder.path().join("report.html");
    let outcome = bench.run(disaster().with("Report", page.to_str().unwrap()));
    assert_eq!(outcome.stopped.as_deref(), Some("FailoverFailed"));
    let text = std::fs::read_to_string(page).unwrap();
    for part in ["FailoverFailed", "It stopped &lt;here&gt;.", "Run it again.", "Close found", "not over"] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    for part in ["This was not run", "can fail over", "nothing was changed"] {
        assert!(!text.contains(part), "{part} is in\n{text}");
    }
}

/// Rule: a healthy source is a warning of a failover after a disaster; a command that only gives the report of the one
/// before says that nothing was done now.
#[test]
fn what_is_done_otherwise_than_meant_is_warned_of() {
    let bench = Bench::new();
    *bench.fake.done.lock().unwrap() = Some(Ok(report()));
    let mut found = preflight(Mode::Disaster);
    let answers = Condition { id: Some("SourceAnswers".into()), ..condition("Source", false, false) };
    found.conditions.push(Condition { found: "It still answers.".into(), ..answers });
    bench.finds(found);
    let text = said(&bench.run(disaster()), "warning");
    assert!(text.contains("It still answers.") && !text.contains("Nothing was done now"), "{text}");

    *bench.fake.done.lock().unwrap() = Some(Ok(report()));
    let underway = underway("f-1", "Done");
    let unfinished = Some(Unfinished { underway, undo: false });
    bench.finds(Preflight { unfinished, decided: true, ..preflight(Mode::Planned) });
    let text = said(&bench.run(invoke().with("Confirm", false)), "warning");
    assert!(text.contains("Nothing was done now") && text.contains("is at redmond-cs-001"), "{text}");
}

/// Rule: a report that nobody had is fetched by a switch of its own, without a question; where it is all that is left nothing
/// would succeed.
#[test]
fn a_report_that_nobody_had() {
    let bench = Bench::new();
    let unfinished = || Some(Unfinished { underway: underway("f-1", "Done"), undo: false });
    let over = || Preflight { unfinished: unfinished(), decided: true, ..preflight(Mode::Planned) };
    bench.finds(over());
    *bench.fake.done.lock().unwrap() = Some(Ok(report()));
    let outcome = bench.run(invoke().with("LastReport", true));
    assert_eq!(outcome.stopped, None);
    assert_eq!(bench.fake.asked.lock().unwrap().last().unwrap().1, Wish::Report);
    assert!(said(&outcome, "information").contains("The Central Management store is at redmond-cs-001"));
    let outcome = bench.run(invoke().with("LastReport", true).with("Restore", true));
    assert_eq!(outcome.stopped.as_deref(), Some("AmbiguousParameterSet"));

    bench.finds(over());
    let outcome = bench.run(command("Test-CsManagementServerFailover"));
    let [Value::Record(found)] = &outcome.values[..] else { panic!("{outcome:?}") };
    assert!(matches!(found.get("WouldSucceed"), Some(Value::Bool(false))));
    // The same order given again is refused, and says what was done.
    let again = Condition { id: Some("FailoverOver".into()), ..condition("Underway", false, true) };
    bench.finds(Preflight { conditions: vec![again], ..over() });
    let outcome = bench.run(invoke().with("Confirm", false));
    assert_eq!(outcome.stopped.as_deref(), Some("FailoverOver"));
}

/// Rule: an error of use keeps its id, ends the command and gives no order; of Test- it is written.
#[test]
fn errors_of_use() {
    let bench = Bench::new();
    for id in ["NoStandby", "TargetNotStandby", "TargetIsActive", "TargetUnreachable", "NothingToRestore"] {
        let error = ErrorRecord::new(id, Category::InvalidArgument, "No.");
        *bench.fake.found.lock().unwrap() = Some(Err(error));
        for command in [disaster(), disaster().on("WhatIf"), invoke().on("Restore").with("Confirm", false)] {
            assert_eq!(bench.run(command).stopped.as_deref(), Some(id));
        }
        let outcome = bench.run(command("Test-CsManagementServerFailover"));
        assert_eq!(outcome.errors, [format!("{id},Test-CsManagementServerFailover")]);
    }
    let unforced = invoke().with("BackupSqlServerFqdn", REDMOND).with("Force", false);
    assert_eq!(bench.run(unforced).stopped.as_deref(), Some("ForceRequired"));
    assert_eq!(bench.run(invoke().with("BackupSqlServerFqdn", REDMOND)).stopped.as_deref(), Some("ForceRequired"));
    let mixed = disaster().on("Restore");
    assert_eq!(bench.run(mixed).stopped.as_deref(), Some("AmbiguousParameterSet"));
    let no_server = disaster().with("BackupMirrorSqlInstanceName", "RTC");
    assert_eq!(bench.run(no_server).stopped.as_deref(), Some("MirrorServerMissing"));
    assert!(bench.orders().is_empty());
}

/// Rule: the parameters say what is wished for.
#[test]
fn parameters_are_wishes() {
    let bench = Bench::new();
    let name = |fqdn: &str, instance: Option<&str>| SqlName { fqdn: fqdn.into(), instance: instance.map(String::from) };
    let backup = |mirror| Wish::Backup { to: name(REDMOND, Some("RTC")), mirror };
    let cases = [
        (invoke(), Wish::Next),
        (invoke().on("Restore"), Wish::Restore),
        (disaster(), backup(None)),
        (disaster().with("BackupMirrorSqlServerFqdn", "m"), backup(Some(name("m", None)))),
        (
            disaster().with("BackupMirrorSqlServerFqdn", "m").with("BackupMirrorSqlInstanceName", "I"),
            backup(Some(name("m", Some("I")))),
        ),
    ];
    for (command, wish) in cases {
        bench.run(command.on("WhatIf"));
        assert_eq!(bench.asked(), [(Database::CentralMgmt, wish)]);
    }
}

/// Rule: Test- puts out one object that says whether it would succeed, and each condition as an object.
#[test]
fn test_puts_out_an_object() {
    let bench = Bench::new();
    let outcome = bench.run(command("Test-CsManagementServerFailover").with("BackupSqlServerFqdn", REDMOND));
    let [Value::Record(found)] = &outcome.values[..] else { panic!("{outcome:?}") };
    assert!(matches!(found.get("WouldSucceed"), Some(Value::Bool(true))));
    assert_eq!(found.get("TargetFqdn").as_ref().and_then(Value::as_str), Some(REDMOND));
    let mut refused = preflight(Mode::Planned);
    refused.conditions.push(condition("Version", false, true));
    bench.finds(refused);
    let outcome = bench.run(command("Test-CsManagementServerFailover"));
    assert!(outcome.errors.is_empty() && outcome.stopped.is_none());
    let text = outcome.json().join("");
    assert!(text.contains(r#""WouldSucceed":false"#) && text.contains(r#""Advice":"Mend Version.""#), "{text}");
    assert!(bench.orders().is_empty());
}

/// Rule: a mirrored database goes over to the side that is named; types that are not kept, pools without the role, and
/// pools whose store is not the active one are refused.
#[test]
fn mirrored_databases() {
    let bench = Bench::new();
    let invoke = |pool: &str, kind: &str, side: &str| {
        let command = command("Invoke-CsDatabaseFailover").with("PoolFqdn", pool);
        command.with("DatabaseType", kind).with("NewPrincipal", side).with("Confirm", false)
    };
    assert_eq!(bench.run(invoke(ATLANTA, "centralmgmt", "mirror")).stopped, None);
    assert_eq!(bench.run(invoke("dub-pool.litwareinc.com", "User", "Primary").on("Force")).stopped, None);
    let wishes: Vec<(String, Wish)> =
        bench.orders().into_iter().map(|order| (order.database.to_string(), order.wish)).collect();
    let side = |principal, force| Wish::Side { principal, force };
    assert_eq!(
        wishes,
        [
            ("CentralMgmt".to_string(), side(Side::Mirror, false)),
            ("User:dub-pool.litwareinc.com".to_string(), side(Side::Primary, true))
        ]
    );
    let excluded = invoke(ATLANTA, "CentralMgmt", "Mirror").with("ExcludeDatabaseList", "XDS");
    assert_eq!(bench.run(excluded).stopped, None);
    let cases = [
        (invoke(ATLANTA, "Monitoring", "Mirror"), "DatabaseTypeNotKept"),
        (invoke(ATLANTA, "CentralMgnt", "Mirror"), "ParameterArgumentValidationError"),
        (invoke(ATLANTA, "CentralMgmt", "mirrored"), "ParameterArgumentValidationError"),
        (invoke(REDMOND, "CentralMgmt", "Mirror"), "NotMirrored"),
        (invoke("dub-pool.litwareinc.com", "CentralMgmt", "Mirror"), "RoleNotPresent"),
        (invoke("atl-edge-001.litwareinc.com", "User", "Mirror"), "RoleNotPresent"),
        (invoke("dub-pol.litwareinc.com", "User", "Mirror"), "PoolNotFound"),
    ];
    for (command, id) in cases {
        assert_eq!(bench.run(command).stopped.as_deref(), Some(id));
    }
    assert_eq!(bench.orders().len(), 2);
}

/// Rule: without a mirror a database shows the documented text on both sides; a role that the pool lacks is an error.
#[test]
fn mirror_states() {
    let bench = Bench::new();
    let get = |pool: &str| command("Get-CsDatabaseMirrorState").with("PoolFqdn", pool);
    let outcome = bench.run(get(ATLANTA).with("DatabaseType", "CentralMgmt"));
    let text = outcome.json().join("");
    let both = r#""DatabaseName":"xds","StateOnPrimary":"DatabaseInaccessibleOrMirroringNotEnabled","StateOnMirror":"DatabaseInaccessibleOrMirroringNotEnabled","MirroringStatusOnPrimary":"","MirroringStatusOnMirror":"""#;
    assert!(text.contains(both), "{text}");
    let ids = |outcome: Outcome| outcome.errors;
    for (command, id) in [
        (get("lon-gw-001.litwareinc.com"), "RoleNotPresent"),
        (get("dub-pool.litwareinc.com").with("DatabaseType", "CentralMgmt"), "RoleNotPresent"),
        (get(ATLANTA).with("DatabaseType", "Archiving"), "DatabaseTypeNotKept"),
        (get("nowhere.litwareinc.com"), "PoolNotFound"),
    ] {
        assert_eq!(ids(bench.run(command)), [format!("{id},Get-CsDatabaseMirrorState")]);
    }
}

/// Rule: where nobody is active, the computer that the configuration names is not said to have been the last.
#[test]
fn nobody_is_active() {
    let bench = Bench::new();
    bench.finds(Preflight { source_role: Some(Role::Standby), ..preflight(Mode::Planned) });
    let text = said(&bench.run(invoke().on("WhatIf")), "information");
    assert!(
        text.contains("is active nowhere") && text.contains("The configuration names") && !text.contains("last"),
        "{text}"
    );
}

/// Rule: of a command that carries a failover out, and whose connection broke, is said how to look and how to go on.
#[test]
fn who_is_cut_off_is_told_what_to_do() {
    let all = super::all().into_iter().chain(crate::cmdlets::pool_failover::all());
    let carried: Vec<_> = all.filter(|entry| entry.name.starts_with("Invoke-")).collect();
    assert_eq!(carried.len(), 4);
    for entry in carried {
        let said = entry.if_lost.unwrap_or_default();
        assert!(
            said.contains("-WhatIf")
                && said.contains("The same command again") | said.contains("the same command again"),
            "{}",
            entry.name
        );
    }
}
