//! An administrator in a bad night: in every state that a failover can be left in, with whoever is dead, what a command
//! says is true, and what it advises helps.

use super::*;
use crate::failover::{
    Facts, Known, Mode, Placement, Preflight, Principal, SqlName, Underway, Wish, choose, preflight, ways_out,
};
use crate::topology::Database;
use crate::value::{DateTime, DateTimeKind, same_name};
use std::sync::Arc;

const NOW: DateTime = DateTime { ticks: 900_000_000_000_000, kind: DateTimeKind::Utc };
/// The pool of a user store, its own place, and that at its partner.
const POOL: &str = "dub-pool.litwareinc.com";

/// How a failover was left.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Left {
    Close,
    Pull,
    Export,
    Promote,
    /// It took over, and did not record that.
    Switched,
    Release,
    Follow,
    Undo,
}

const ALL: [Left; 8] =
    [Left::Close, Left::Pull, Left::Export, Left::Promote, Left::Switched, Left::Release, Left::Follow, Left::Undo];

struct World {
    topology: Arc<Topology>,
    database: Database,
    left: Left,
    source: String,
    target: String,
    others: Vec<String>,
    mode: Mode,
    dead: Vec<String>,
}

impl World {
    fn decided(&self) -> bool {
        matches!(self.left, Left::Switched | Left::Release | Left::Follow)
    }

    fn underway(&self, step: &str) -> Underway {
        Underway {
            id: "f1".to_owned(),
            source: self.source.clone(),
            target: self.target.clone(),
            mode: Some(self.mode),
            epoch: 17,
            by: "Kim".to_owned(),
            since: "2026-11-21T22:00:00.1234567Z".to_owned(),
            step: step.to_owned(),
        }
    }

    fn answers(&self) -> Vec<PlaceAnswer> {
        let mut all = Vec::new();
        let step = if self.left == Left::Switched { "Promote".to_owned() } else { format!("{:?}", self.left) };
        let (role, epoch) = if self.decided() { (Role::Active, 17) } else { (Role::Standby, 1) };
        let mut target = state(&self.target, role, epoch, 20);
        target.underway = Some(self.underway(&step));
        target.follows = (!self.decided()).then(|| self.source.clone());
        all.push(target);
        let mut source = if self.left == Left::Follow {
            state(&self.source, Role::Standby, 17, 20)
        } else {
            let mut closed = state(&self.source, Role::Closed, 1, 20);
            closed.underway = Some(self.underway("Close"));
            closed
        };
        source.follows = (self.left == Left::Follow).then(|| self.target.clone());
        all.push(source);
        for other in &self.others {
            let mut other = state(other, Role::Standby, 1, 20);
            other.follows = Some(self.source.clone());
            all.push(other);
        }
        let dead = |computer: &str| self.dead.iter().any(|dead| dead == computer);
        all.into_iter()
            .map(|state| if dead(&state.computer) { silent(&state.computer.clone()) } else { said(state) })
            .collect()
    }

    fn judged(&self, wish: &Wish) -> Result<Preflight, ErrorRecord> {
        let answers = self.answers();
        // The configuration has heard of it where the others were told.
        let (at, from) =
            if self.left == Left::Follow { (&self.target, &self.source) } else { (&self.source, &self.target) };
        let placement = Placement {
            computer: at.clone(),
            epoch: 1,
            from: from.clone(),
            from_pool: String::new(),
            failover: String::new(),
            mode: String::new(),
            since: String::new(),
            by: String::new(),
        };
        let moved = self.left == Left::Follow && self.database == Database::CentralMgmt && self.target == REDMOND;
        let topology = if moved { &self.topology.with_active_pool(REDMOND)? } else { &*self.topology };
        let known = self.left == Left::Follow || self.source != ATLANTA;
        let placement = known.then_some(&placement);
        let choice = choose(topology, &self.database, wish, Known { placement, answers: &answers })?;
        Ok(preflight(&Facts { now: NOW, choice: &choice, places: &answers, replicas: &[] }))
    }

    /// The command does what it says now.
    fn works(&self, wish: &Wish) -> bool {
        self.judged(wish).is_ok_and(|judged| judged.refusal().is_none())
    }

    /// What a command wishes for, by its text.
    fn wish(&self, text: &str) -> Wish {
        let words: Vec<&str> = text.split(' ').map(|word| word.trim_matches('"')).collect();
        let after = |name: &str| words.iter().position(|word| *word == name).map(|at| words[at + 1].to_owned());
        let sql = |fqdn: &str, instance: &str| after(fqdn).map(|fqdn| SqlName { fqdn, instance: after(instance) });
        let pool = |back: bool| {
            let places = self.topology.database(&self.database).unwrap();
            let mode = if words.contains(&"-DisasterMode") { Mode::Disaster } else { Mode::Planned };
            let computer = if back { places.primary.computer } else { places.backup.unwrap().computer };
            // As the cmdlet has it: one that is not over and goes the other way is undone.
            let undoes = back && mode == Mode::Planned && !self.decided() && !same_name(&self.target, &computer);
            if undoes { Wish::Restore } else { Wish::Computer { computer, mode } }
        };
        match words[0] {
            "Invoke-CsManagementServerFailover" if words.contains(&"-Restore") => Wish::Restore,
            "Invoke-CsManagementServerFailover" => match sql("-BackupSqlServerFqdn", "-BackupSqlInstanceName") {
                None => Wish::Next,
                Some(to) => {
                    assert!(words.contains(&"-Force"), "{text}");
                    let mirror = sql("-BackupMirrorSqlServerFqdn", "-BackupMirrorSqlInstanceName");
                    Wish::Backup { to, mirror }
                }
            },
            "Invoke-CsDatabaseFailover" => {
                let side = after("-NewPrincipal").unwrap();
                let principal = if side == "Mirror" { Principal::Mirror } else { Principal::Primary };
                Wish::Side { principal, force: words.contains(&"-Force") }
            }
            "Invoke-CsPoolFailOver" => pool(false),
            "Invoke-CsPoolFailBack" => pool(true),
            other => panic!("no such command: {other} in {text}"),
        }
    }
}

/// The commands in a text.
fn commands(text: &str) -> Vec<String> {
    let takes_none = ["-Restore", "-Force", "-DisasterMode"];
    let mut found = Vec::new();
    for part in text.split("Invoke-Cs").skip(1) {
        let mut words = part.split_whitespace().peekable();
        let mut command = format!("Invoke-Cs{}", words.next().unwrap().trim_end_matches([',', '.', ';']));
        while let Some(name) = words.next_if(|word| word.starts_with('-')) {
            let plain = name.trim_end_matches([',', '.', ';']);
            command.push_str(&format!(" {plain}"));
            if !takes_none.contains(&plain) {
                command.push_str(&format!(" {}", words.next().unwrap().trim_end_matches([',', ';'])));
            }
        }
        found.push(command);
    }
    found
}

/// All worlds: the store with a partner, with a mirror, and a pool's user store, each way.
fn worlds() -> Vec<World> {
    let users = || Database::users(POOL);
    let (own, partner) = {
        let places = plain().database(&users()).unwrap();
        (places.primary.computer, places.backup.unwrap().computer)
    };
    let store = || Database::CentralMgmt;
    let kinds: [(Topology, Database, &str, &str, Vec<&str>); 5] = [
        (plain(), store(), ATLANTA, REDMOND, vec![]),
        (mirrored(), store(), ATLANTA, MIRROR, vec![REDMOND]),
        (mirrored(), store(), ATLANTA, REDMOND, vec![MIRROR]),
        (plain(), users(), &own, &partner, vec![]),
        (plain(), users(), &partner, &own, vec![]),
    ];
    let mut all = Vec::new();
    for (topology, database, source, target, others) in kinds {
        let topology = Arc::new(topology);
        for left in ALL {
            for mode in [Mode::Planned, Mode::Disaster] {
                for dead in [vec![], vec![source], vec![target]] {
                    all.push(World {
                        topology: topology.clone(),
                        database: database.clone(),
                        left,
                        source: source.to_owned(),
                        target: target.to_owned(),
                        others: others.iter().map(|other| (*other).to_owned()).collect(),
                        mode,
                        dead: dead.iter().map(|dead| (*dead).to_owned()).collect(),
                    });
                }
            }
        }
    }
    all
}

/// What an administrator may try.
fn wishes(world: &World) -> Vec<Wish> {
    let name = |computer: &str| {
        let ends = world.topology.database(&world.database).unwrap();
        let all = [Some(ends.primary), ends.mirror, ends.backup, ends.backup_mirror];
        let place = all.into_iter().flatten().find(|place| place.computer == computer).unwrap();
        Wish::Backup { to: SqlName { fqdn: place.fqdn, instance: Some(place.instance) }, mirror: None }
    };
    match &world.database {
        Database::CentralMgmt => vec![Wish::Next, Wish::Restore, name(&world.target), name(&world.source)],
        Database::Users(_) => {
            let to = |computer: &str, mode| Wish::Computer { computer: computer.to_owned(), mode };
            vec![
                to(&world.target, Mode::Planned),
                to(&world.target, Mode::Disaster),
                to(&world.source, Mode::Planned),
                to(&world.source, Mode::Disaster),
                Wish::Restore,
            ]
        }
    }
}

/// Rule: whoever is dead, and whatever is tried, what is not over is named, and where a command is refused one that it
/// advises works at once, or the computer that it asks to be started is the dead one.
#[test]
fn what_is_said_is_true_and_what_is_advised_helps() {
    let mut wrong = Vec::new();
    let mut refused = 0;
    for world in worlds() {
        let seen = world.answers().iter().any(|answer| {
            answer.state.as_ref().is_ok_and(|state| {
                state.underway.as_ref().is_some_and(|underway| {
                    underway.step != "Undo" && (state.role == Some(Role::Closed) || state.computer == world.target)
                })
            })
        });
        for wish in wishes(&world) {
            let at = format!(
                "{} {:?} {:?} from {} to {}, dead {:?}, {wish:?}",
                world.database, world.left, world.mode, world.source, world.target, world.dead
            );
            let judged = match world.judged(&wish) {
                Ok(judged) => judged,
                Err(error) => {
                    let fine = match error.id() {
                        // Nothing is begun that could be undone, and nobody knows of a way back.
                        "NothingToRestore" => !seen || world.decided(),
                        "TargetIsActive" => world.decided(),
                        _ => false,
                    };
                    if !fine {
                        wrong.push(format!("{at}: {}: {}", error.id(), error.message()));
                    }
                    continue;
                }
            };
            let texts: Vec<String> = judged
                .conditions
                .iter()
                .filter(|condition| !condition.passed)
                .flat_map(|condition| condition.advice.clone())
                .collect();
            let all = texts.join("\n");
            let named = judged.conditions.iter().any(|condition| condition.found.contains("f1"));
            if seen && !named && world.left != Left::Undo {
                wrong.push(format!("{at}: the failover is not named: {:#?}", judged.conditions));
            }
            // What is advised beside a warning must be possible too.
            let offered = commands(&all);
            let works: Vec<bool> = offered.iter().map(|text| world.works(&world.wish(text))).collect();
            if judged.refusal().is_none() {
                continue;
            }
            refused += 1;
            let starts = world.dead.iter().any(|dead| all.contains(&format!("Start reeve serve on {dead}")));
            // Where all live it may be a matter of a moment.
            let comes = world.dead.is_empty() && world.decided() && all.contains("by itself");
            let helped = works.contains(&true) || comes || (starts && offered.is_empty());
            if !helped {
                let ids: Vec<_> = judged.refusals().map(|condition| (&condition.id, &condition.found)).collect();
                wrong.push(format!("{at}: refused by {ids:?}, and nothing helps: {all}"));
            }
        }
    }
    assert!(refused > 100, "{refused}");
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// Rule: what took over is finished by the command that began it, and led back by -Restore, though neither was told yet.
#[test]
fn after_the_switch_the_target_is_no_obstacle() {
    for world in worlds().into_iter().filter(|world| world.decided() && world.dead.is_empty()) {
        if world.database != Database::CentralMgmt || world.mode != Mode::Planned || world.left == Left::Release {
            continue;
        }
        let again = world.judged(&Wish::Next).unwrap();
        assert!(again.decided && again.refusal().is_none(), "{:?}: {:?}", world.left, again.conditions);
        let back = world.judged(&Wish::Restore).unwrap();
        assert_eq!((&back.source, &back.target), (&world.target, &world.source));
        let underway = back.conditions.iter().find(|condition| condition.name == "Underway").unwrap();
        assert!(underway.passed && underway.found.contains("took over already"), "{underway:?}");
    }
}

/// Rule: a place that takes up again what it has loses nothing of its own, and says what it cannot know.
#[test]
fn the_source_itself_loses_nothing() {
    for world in worlds() {
        let closed = !world.decided() && world.left != Left::Undo;
        if world.database != Database::CentralMgmt || !closed || world.dead != [world.target.clone()] {
            continue;
        }
        let itself = wishes(&world).pop().unwrap();
        let judged = world.judged(&itself).unwrap();
        assert!(judged.refusal().is_none() && judged.again() && judged.lost.is_empty(), "{:?}", judged.conditions);
        let uncertain = judged.uncertain.unwrap();
        assert!(uncertain.contains("cannot know whether that took over"), "{uncertain}");
        assert!(!uncertain.contains("last heard"), "{uncertain}");
        let underway = world.underway("Close");
        let ways = ways_out(&world.topology, &world.database, &underway).join(" ");
        assert!(commands(&ways).iter().any(|command| world.works(&world.wish(command))), "{ways}");
    }
}
