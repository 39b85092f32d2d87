//! The run machine: the order of its steps, and that each can be taken again.

use super::*;
use crate::failover::{
    Choice, Facts, Known, Run, RunEffect, RunEvent, RunRecord, Seen, SqlName, Stage, Waits, Wish, Work, choose,
    choose_for, preflight,
};
use crate::replication::Now;
use crate::topology::Database;
use crate::value::{DateTime, DateTimeKind};

fn planned() -> Choice {
    choose(&plain(), &Database::CentralMgmt, &Wish::Next, Known::default()).unwrap()
}

fn disaster() -> Choice {
    let wish = Wish::Backup { to: SqlName { fqdn: REDMOND.to_owned(), instance: None }, mirror: None };
    choose(&plain(), &Database::CentralMgmt, &wish, Known::default()).unwrap()
}

/// The world in which a run works: what a place or a disk would answer.
struct Around {
    source: Option<Source>,
    target: Source,
    epoch: u64,
    closes: bool,
    reopens: bool,
    exports: bool,
    /// What the switch does and says: it is told, or it is not known; whether it happened.
    switches: Option<bool>,
    forgets: bool,
    /// How many rows a try to take the log brings before it is cut off.
    brings: Option<u64>,
    record: Option<RunRecord>,
    done: Vec<String>,
    end: Option<Result<bool, String>>,
}

impl Around {
    fn new() -> Around {
        let at = |rows| state("x", Role::Active, 1, rows).position;
        let (closes, reopens, exports) = (true, true, true);
        Around {
            source: Some(at(20)),
            target: at(20),
            epoch: 1,
            closes,
            reopens,
            exports,
            switches: None,
            forgets: true,
            brings: None,
            record: None,
            done: Vec::new(),
            end: None,
        }
    }

    /// Lets it run until it is over, or until it has recorded a stage: then it is killed.
    fn run(&mut self, mut run: Run, until: Option<Stage>) {
        let mut now = Now { millis: 1_000, clock: 0 };
        let mut effects = run.step(now, RunEvent::Start);
        for _ in 0..2_000 {
            let mut events = Vec::new();
            for effect in effects {
                match effect {
                    RunEffect::Record(record) => {
                        self.done.push(format!("{:?}", record.stage));
                        let stage = record.stage;
                        self.record = Some(*record);
                        if until == Some(stage) {
                            return;
                        }
                    }
                    RunEffect::Do { ticket, work, .. } => {
                        events.push(RunEvent::Seen { ticket, result: self.answer(work) });
                    }
                    RunEffect::Told(_) => {}
                    RunEffect::Done(report) => self.end = Some(Ok(report.undone)),
                    RunEffect::Failed(error) => self.end = Some(Err(error.id().to_owned())),
                }
            }
            if self.end.is_some() {
                return;
            }
            now.millis += 100;
            events.push(RunEvent::Tick);
            effects = events.into_iter().flat_map(|event| run.step(now, event)).collect();
        }
        panic!("it never ends: {:?}", self.done);
    }

    fn answer(&mut self, work: Work) -> Result<Seen, ErrorRecord> {
        let gone = || ErrorRecord::new("HostUnreachable", Category::ResourceUnavailable, "gone");
        let name = format!("{work:?}");
        let name = name.split([' ', '{']).next().unwrap_or_default().to_owned();
        if name != "AskPlaces" && name != "AskReplicas" {
            self.done.push(name);
        }
        match work {
            Work::AskPlaces { computers } => {
                let own = Role::Standby;
                let all = computers.iter().map(|computer| {
                    if *computer == REDMOND {
                        let role = if self.epoch > 1 { Role::Active } else { own };
                        let mut state = state(REDMOND, role, self.epoch, 0);
                        state.position = Source { epoch: self.epoch, ..self.target.clone() };
                        return said(state);
                    }
                    match &self.source {
                        Some(at) => said(PlaceState { position: at.clone(), ..state(computer, Role::Active, 1, 0) }),
                        None => silent(computer),
                    }
                });
                Ok(Seen::Places(all.collect()))
            }
            Work::AskReplicas { .. } => Ok(Seen::Replicas(Vec::new())),
            Work::Close { .. } => match &self.source {
                Some(at) if self.closes => Ok(Seen::At(at.clone())),
                _ => Err(gone()),
            },
            Work::Forget { .. } if self.forgets => Ok(Seen::Nothing),
            Work::Forget { .. } => Err(ErrorRecord::new("TargetIsActive", Category::InvalidOperation, "active")),
            Work::Reopen { .. } if self.reopens => Ok(Seen::Nothing),
            Work::Reopen { .. } => Err(gone()),
            Work::Pull { to, .. } if self.brings.is_some_and(|rows| self.target.sequence + rows < to.sequence) => {
                let rows = self.target.sequence + self.brings.unwrap_or_default();
                self.target = Source { epoch: self.epoch, ..state("x", Role::Active, 1, rows).position };
                Err(gone())
            }
            Work::Pull { to, .. } => {
                self.target = to.clone();
                Ok(Seen::At(to))
            }
            Work::Export if self.exports => Ok(Seen::File("/x".to_owned())),
            Work::Export => Err(ErrorRecord::new("DiskFull", Category::WriteError, "full")),
            Work::Promote { .. } if self.switches == Some(false) => Ok(Seen::Unsure(gone())),
            Work::Promote { epoch, .. } => {
                self.epoch = epoch;
                self.target.epoch = epoch;
                if self.switches == Some(true) {
                    return Ok(Seen::Unsure(gone()));
                }
                Ok(Seen::At(self.target.clone()))
            }
            Work::Release { computers, .. } => Ok(Seen::Told(computers.into_iter().map(|c| (c, Ok(()))).collect())),
            Work::WatchReplicas { .. } => Ok(Seen::Following(Vec::new())),
        }
    }
}

fn begin(choice: Choice, record: Option<RunRecord>) -> Run {
    Run::begin("f1", choice, "Kim", record, Waits::default())
}

/// Rule: each step is recorded before it is taken, in this order.
#[test]
fn each_step_is_recorded_before_it_is_taken() {
    let mut around = Around::new();
    around.run(begin(planned(), None), None);
    let expected = "Close Close Pull Pull Export Export Promote Promote Release Release Follow WatchReplicas Done";
    assert_eq!(around.done.join(" "), expected);
    assert_eq!(around.end, Some(Ok(false)));

    let mut around = Around::new();
    around.source = None;
    around.run(begin(disaster(), None), None);
    assert_eq!(around.done.join(" "), "Pull Export Export Promote Promote Release Release Follow WatchReplicas Done");
    let record = around.record.unwrap();
    assert!(record.uncertain.is_some() && record.epoch > 64);
}

/// Rule: killed at any step it is finished by running it again, under the same id, and promotes once.
#[test]
fn killed_at_any_step_it_is_finished() {
    for stage in [Stage::Close, Stage::Pull, Stage::Export, Stage::Promote, Stage::Release, Stage::Follow] {
        for choice in [planned(), disaster()] {
            let mut around = Around::new();
            around.run(begin(choice.clone(), None), Some(stage));
            let (record, promoted) = (around.record.clone().unwrap(), around.epoch > 1);
            assert!(record.underway().is_some());
            let run = if record.goes_on_alone() {
                Run::resume(record, Waits::default())
            } else {
                begin(choice, Some(record))
            };
            assert_eq!(run.id(), "f1");
            around.done.clear();
            around.run(run, None);
            assert_eq!(around.end, Some(Ok(false)), "{stage:?}");
            let promotes = around.done.windows(2).any(|pair| pair[0] == "Promote" && pair[1] == "Promote");
            assert_eq!(promotes, !promoted, "{stage:?}: {:?}", around.done);
        }
    }
}

/// Rule: before the switch -Restore undoes it: recorded as given up first, then the source opens.
#[test]
fn before_the_switch_it_is_undone() {
    for stage in [Stage::Close, Stage::Pull, Stage::Export, Stage::Promote] {
        let mut around = Around::new();
        around.run(begin(planned(), None), Some(stage));
        let record = around.record.clone().unwrap();
        let mut choice = planned();
        choice.unfinished = Some(crate::failover::Unfinished { underway: record.underway().unwrap(), undo: true });
        around.done.clear();
        around.run(begin(choice, Some(record)), None);
        assert_eq!(
            (around.done.join(" "), around.end),
            ("Forget Undo Reopen Undone".to_owned(), Some(Ok(true))),
            "{stage:?}"
        );
    }
}

/// Rule: what fails before the switch opens the source again; where it cannot be told, the record says what is left.
#[test]
fn a_failure_before_the_switch_opens_the_source() {
    let mut around = Around::new();
    around.exports = false;
    around.run(begin(planned(), None), None);
    assert_eq!(around.end, Some(Err("FailoverFailed".to_owned())));
    assert_eq!(around.record.as_ref().unwrap().stage, Stage::Undone);

    let mut around = Around::new();
    (around.exports, around.reopens) = (false, false);
    around.run(begin(planned(), None), None);
    let record = around.record.unwrap();
    assert_eq!((record.stage, record.goes_on_alone()), (Stage::Undo, true));

    let mut around = Around::new();
    around.closes = false;
    around.run(begin(planned(), None), None);
    assert_eq!(around.end, Some(Err("FailoverFailed".to_owned())));
    let mut around = Around::new();
    around.closes = false;
    around.run(begin(disaster(), None), None);
    assert_eq!(around.end, Some(Ok(false)), "after a disaster the source need not close");
    assert!(around.record.unwrap().uncertain.is_some(), "and then it is not known what it goes on to acknowledge");
}

/// Rule: a switch of which nobody knows how it ended is never undone: the database is asked, and where it did not happen
/// the failover stays as it is until it is run again, or undone by order.
#[test]
fn a_switch_that_is_not_known_is_not_undone() {
    for choice in [planned(), disaster()] {
        let mut around = Around::new();
        around.switches = Some(true);
        around.run(begin(choice.clone(), None), None);
        assert_eq!(around.end, Some(Ok(false)), "it took over: {:?}", around.done);
        assert!(!around.done.iter().any(|done| done == "Reopen" || done == "Forget"), "{:?}", around.done);

        let mut around = Around::new();
        around.switches = Some(false);
        around.run(begin(choice.clone(), None), None);
        assert_eq!(around.end.take(), Some(Err("FailoverFailed".to_owned())));
        assert!(!around.done.iter().any(|done| done == "Reopen" || done == "Forget"), "{:?}", around.done);
        let record = around.record.clone().unwrap();
        assert_eq!(record.stage, Stage::Promote);
        around.switches = None;
        around.run(begin(choice, Some(record)), None);
        assert_eq!(around.end, Some(Ok(false)));
    }
}

/// Rule: the source is not opened where the place here took over after all: then it goes on.
#[test]
fn what_took_over_is_not_given_up() {
    let mut around = Around::new();
    (around.exports, around.forgets) = (false, false);
    around.run(begin(planned(), None), Some(Stage::Export));
    let record = around.record.clone().unwrap();
    around.epoch = record.epoch;
    let underway = record.underway().unwrap();
    let mut choice = planned();
    choice.unfinished = Some(crate::failover::Unfinished { underway, undo: true });
    around.run(begin(choice, Some(record)), None);
    assert_eq!(around.end, Some(Ok(false)));
    assert!(!around.done.iter().any(|done| done == "Reopen" || done == "Undo"), "{:?}", around.done);
}

/// Rule: the outage is counted from when the source was closed last: what it took changes in between does not count.
#[test]
fn a_source_that_opened_again_is_closed_anew() {
    let mut around = Around::new();
    around.run(begin(planned(), None), Some(Stage::Export));
    let mut record = around.record.clone().unwrap();
    record.closing = Some(-600_000_000);
    around.run(begin(planned(), Some(record)), None);
    assert_eq!(around.end, Some(Ok(false)));
    assert!(around.record.unwrap().outage.unwrap() < 60_000);
}

/// Rule: an order is over once another place entered its epoch or a later one, unless it took over itself.
#[test]
fn an_order_of_an_older_epoch_is_over() {
    for stage in [Stage::Close, Stage::Pull, Stage::Export, Stage::Promote] {
        let mut around = Around::new();
        around.run(begin(planned(), None), Some(stage));
        let record = around.record.unwrap();
        let epoch = record.epoch;
        let cases = [((1, 1), false), ((1, epoch - 1), false), ((1, epoch + 1), true), ((epoch, epoch), false)];
        for ((held, highest), over) in cases {
            assert_eq!(record.overtaken(held, highest), over, "{stage:?} {held} {highest}");
        }
    }
}

/// Rule: one that took over is over where somebody went on since: nobody is waited for any more, and it counts as done.
#[test]
fn what_took_over_ends_where_others_went_on() {
    for stage in [Stage::Release, Stage::Follow] {
        let mut around = Around::new();
        around.run(begin(planned(), None), Some(stage));
        let record = around.record.unwrap();
        let epoch = record.epoch;
        assert!(!record.overtaken(epoch, epoch) && record.overtaken(epoch, epoch + 1), "{stage:?}");
        assert!(record.overtaken(epoch + 1, epoch + 1), "it follows already");
        assert_eq!(record.overtaken_stage(), Stage::Done);
        let mut run = Run::resume(record, Waits::default());
        let now = Now { millis: 1_000, clock: 0 };
        assert!(!run.step(now, RunEvent::Start).is_empty());
        let effects = run.step(now, RunEvent::Overtaken { epoch: epoch + 1 });
        assert!(effects.iter().any(|effect| matches!(effect, RunEffect::Done(_))), "{effects:?}");
        assert_eq!(run.record().map(|record| record.stage), Some(Stage::Done));
    }
}

/// Rule: what came of a failover is told as long as nobody went on: that it was given up, that it led back.
#[test]
fn what_came_of_it_is_told() {
    let mut around = Around::new();
    around.exports = false;
    around.run(begin(planned(), None), None);
    let undone = around.record.clone().unwrap();
    assert_eq!(undone.stage, Stage::Undone);
    let epoch = undone.epoch;
    assert!(undone.given_up(epoch - 1).is_some() && undone.given_up(epoch).is_none());
    let restores = Choice { wish: Some(Wish::Restore), ..undone.choice.clone() };
    let way_back = RunRecord { choice: restores.clone(), ..undone };
    assert!(way_back.given_up(epoch - 1).is_none(), "it can be tried again");
    for (choice, restored) in [(planned(), false), (restores, true)] {
        let mut around = Around::new();
        around.run(begin(choice, None), None);
        let record = around.record.unwrap();
        assert_eq!(record.restored(Role::Active, record.epoch), restored);
        assert!(!record.restored(Role::Standby, record.epoch) && !record.restored(Role::Active, record.epoch + 1));
    }
}

/// Rule: after a disaster what a closed source still gives is taken, in however many tries; one that gives nothing more is
/// done without, and that is said.
#[test]
fn what_a_closed_source_gives_is_taken() {
    let behind = |rows| {
        let mut around = Around::new();
        around.target = state("x", Role::Active, 1, 2).position;
        around.brings = Some(rows);
        around.run(begin(disaster(), None), None);
        assert_eq!(around.end, Some(Ok(false)));
        (around.target.sequence, around.record.unwrap().uncertain, around.done)
    };
    let (row, uncertain, done) = behind(3);
    assert_eq!((row, uncertain), (20, None));
    assert_eq!(done.iter().filter(|done| *done == "Pull").count(), 1 + 6, "{done:?}");
    let (row, uncertain, _) = behind(0);
    assert_eq!(row, 2);
    assert!(uncertain.is_some());
}

/// Rule: of a failover whose report nobody had the same order of the same person gets the report, for a quarter of an hour;
/// anybody else's, and another order, is a new one.
#[test]
fn what_nobody_heard_of_is_told_and_not_turned_round() {
    let restore = || {
        let choice = planned();
        let underway = |record: &RunRecord| record.underway().unwrap();
        let mut around = Around::new();
        around.run(begin(choice.clone(), None), Some(Stage::Pull));
        let record = around.record.clone().unwrap();
        let unfinished = Some(crate::failover::Unfinished { underway: underway(&record), undo: true });
        around.run(begin(Choice { unfinished, wish: Some(Wish::Restore), ..choice }, Some(record)), None);
        around.record.unwrap()
    };
    let done = |cut: Option<Stage>| {
        let mut around = Around::new();
        around.run(begin(planned(), None), cut);
        if let Some(record) = around.record.clone().filter(|_| cut.is_some()) {
            around.run(Run::resume(record, Waits::default()), None);
        }
        around.record.unwrap()
    };
    let minute = 60 * 10_000_000;
    let cases = [
        (done(None), Role::Active, Wish::Next, Wish::Restore),
        (done(Some(Stage::Follow)), Role::Active, Wish::Next, Wish::Restore),
        (restore(), Role::Standby, Wish::Restore, Wish::Next),
    ];
    for (record, role, wish, other) in cases {
        let ended = record.ended.unwrap();
        let at = |ticks| DateTime { ticks, kind: DateTimeKind::Utc };
        let epoch = if role == Role::Active { record.epoch } else { 1 };
        let unreported =
            |record: &RunRecord, minutes: i64| record.unreported(at(ended + minutes * minute), role, epoch, epoch);
        let told = unreported(&record, 14).unwrap();
        assert!(unreported(&record, 15).is_none());
        assert!(unreported(&RunRecord { reported: true, ..record.clone() }, 1).is_none());
        let elsewhere = if role == Role::Active { Role::Standby } else { Role::Active };
        assert!(record.unreported(at(ended), elsewhere, epoch, epoch).is_none(), "the database went on since");

        let (active, standby) = if role == Role::Active { (REDMOND, ATLANTA) } else { (ATLANTA, REDMOND) };
        let mut target = state(REDMOND, role, epoch, 20);
        target.unreported = Some(told);
        let source = state(ATLANTA, if active == ATLANTA { Role::Active } else { Role::Standby }, epoch, 20);
        let answers = [said(source), said(target)];
        let chosen = |by: &str, wish: &Wish| {
            let known = Known { placement: None, answers: &answers };
            choose_for(by, &plain(), &Database::CentralMgmt, wish, known)
        };
        let again = chosen("Kim", &wish).unwrap();
        // That the same order without a target was carried out is said; nothing else is done, and it is refused.
        let facts = Facts { now: at(ended), choice: &again, places: &answers, replicas: &[] };
        let refused = preflight(&facts).refusal().map(|error| error.id().to_owned());
        assert_eq!(refused.as_deref(), (wish == Wish::Next).then_some("FailoverOver"));
        let report = chosen("Kim", &Wish::Report).unwrap();
        assert_eq!(report.unfinished, again.unfinished);
        let facts = Facts { now: at(ended), choice: &report, places: &answers, replicas: &[] };
        assert!(preflight(&facts).refusal().is_none() && preflight(&facts).is_over());
        assert_eq!(chosen("Lee", &Wish::Report).unwrap_err().id(), "ReportNotFound");
        let unfinished = again.unfinished.unwrap();
        assert_eq!((again.target.computer.as_str(), &unfinished.underway.id), (REDMOND, &record.id));
        assert_eq!(unfinished.undo, record.stage == Stage::Undone);
        for new in [chosen("Lee", &wish), chosen("Kim", &other)] {
            // Undone and not known of otherwise there is nothing to restore.
            let ids = ["NothingToRestore"];
            match new {
                Ok(new) => assert_eq!((new.target.computer.as_str(), new.unfinished), (standby, None)),
                Err(error) => assert!(ids.contains(&error.id()), "{error:?}"),
            }
        }
    }
}

/// Rule: a record is gone on with only where the source is still the same.
#[test]
fn another_source_is_another_failover() {
    let mut around = Around::new();
    around.run(begin(planned(), None), Some(Stage::Pull));
    let mut other = planned();
    other.source.computer = MIRROR.to_owned();
    assert_eq!(Run::begin("f2", other, "Kim", around.record.clone(), Waits::default()).id(), "f2");
    assert_eq!(Run::begin("f2", planned(), "Kim", around.record, Waits::default()).id(), "f1");
}
