//! Get-CsDatabaseMirrorState: which side of a mirrored database is the principal, and whether the other has everything.

use super::records::Sides;
use super::{Kind, TYPES, control, role_not_present};
use crate::access::Place;
use crate::cmdlet::spec::CmdletSpec;
use crate::cmdlet::{Access, Cmdlet, Context, Example, FileParameter, ScopeKind, Side};
use crate::cmdlets::report;
use crate::cmdlets::user::go_on;
use crate::error::Halt;
use crate::failover::{FeedState, PlaceAnswer, PlaceState};
use crate::store::Role;
use crate::topology::{Database, SqlPlace, Topology};
use crate::value::{Record, date, same_name};
use serde::Deserialize;

/// What both sides show where there is no mirror, or no answer.
const NOT_MIRRORED: &str = "DatabaseInaccessibleOrMirroringNotEnabled";

/// The cmdlet.
#[derive(Default)]
pub struct GetMirrorState {
    found: Vec<Record>,
}

/// Its parameters.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Args {
    pool_fqdn: String,
    database_type: Option<String>,
}

impl Cmdlet for GetMirrorState {
    const NAME: &'static str = "Get-CsDatabaseMirrorState";
    const ACCESS: Access = Access::read(ScopeKind::Site);
    const SIDE: Side = Side::Keeper;
    const EXAMPLES: &'static [Example] = &[
        Example {
            what: "The databases of a pool",
            run: "Get-CsDatabaseMirrorState -PoolFqdn atl-cs-001.litwareinc.com",
        },
        Example {
            what: "The Central Management store alone",
            run: "Get-CsDatabaseMirrorState -PoolFqdn atl-cs-001.litwareinc.com -DatabaseType CentralMgmt",
        },
        Example {
            what: "Every mirrored database that is not synchronized",
            run: "Get-CsService -UserServer | ForEach-Object {Get-CsDatabaseMirrorState -PoolFqdn $_.PoolFqdn} | Where-Object {$_.Mirror -and $_.MirroringStatusOnPrimary -ne \"synchronized\"}",
        },
    ];
    const FROM_BOUND: &'static [&'static str] = &["Report"];
    const FILES: &'static [FileParameter] = &[FileParameter::Write("Report")];
    type Args = Args;

    fn amend(spec: &mut CmdletSpec) {
        if let Some(kind) = spec.parameters.iter_mut().find(|parameter| &*parameter.name == "DatabaseType") {
            kind.validation.values = TYPES.iter().map(|value| (*value).into()).collect();
        }
    }

    fn process(&mut self, args: Args, cx: &mut Context) -> Result<(), Halt> {
        let result = self.show(&args, cx);
        go_on(result, cx)
    }

    fn end(&mut self, cx: &mut Context) -> Result<(), Halt> {
        let title = format!("{}: {}", cx.command, date::text(date::to_local(date::now())));
        report::write(|| report::of_records(&title, &self.found), cx);
        Ok(())
    }
}

impl GetMirrorState {
    fn show(&mut self, args: &Args, cx: &mut Context) -> Result<(), Halt> {
        report::begin(cx)?;
        let topology = cx.deployment()?.topology()?;
        let pool = topology.pool(&args.pool_fqdn)?;
        cx.authorize(&Place::Site(pool.site.clone()))?;
        let asked =
            args.database_type.as_deref().filter(|name| !name.trim().is_empty()).map(Kind::named).transpose()?;
        let kinds: Vec<Kind> = asked.map_or(Kind::ALL.to_vec(), |kind| vec![kind]);
        let mut any = false;
        for kind in kinds {
            let Some((primary, mirror)) = sides(&topology, kind, &pool.fqdn) else { continue };
            any = true;
            let asked = || Ok::<_, Halt>(control(cx)?.places(&kind.of_pool(&pool.fqdn))?);
            let answers = match mirror {
                Some(_) => asked()?,
                // Without a mirror nothing but what was left behind is to be said of it.
                None => asked().unwrap_or_default(),
            };
            let record = state(kind, &primary, mirror.as_ref(), &answers).record();
            self.found.push(record.clone());
            cx.output(record)?;
        }
        if any { Ok(()) } else { Err(role_not_present(asked.unwrap_or(Kind::User), &pool.fqdn).into()) }
    }
}

/// The instance of a pool that is the primary of a database, and its mirror.
fn sides(topology: &Topology, kind: Kind, pool: &str) -> Option<(SqlPlace, Option<SqlPlace>)> {
    match kind {
        // Also the pool that stands by has a primary, and may have a mirror.
        Kind::CentralMgmt => {
            let place = topology.store_places().into_iter().find(|place| same_name(&place.pool, pool))?;
            Some((place.sql, place.mirror))
        }
        Kind::User => {
            let places = topology.database(&Database::users(pool))?;
            Some((places.primary, places.mirror))
        }
    }
}

/// What the two sides show.
fn state(kind: Kind, primary: &SqlPlace, mirror: Option<&SqlPlace>, answers: &[PlaceAnswer]) -> Sides {
    let mut sides = Sides {
        database: kind.database_name(),
        kind: kind.name(),
        states: [NOT_MIRRORED; 2],
        statuses: [""; 2],
        primary: primary.fqdn.clone(),
        mirror: mirror.map(|mirror| mirror.fqdn.clone()),
        principal: None,
        epoch: None,
        version: None,
        reason: None,
        served_at: None,
        unsent: unsent(answers),
    };
    let Some(mirror) = mirror else { return sides };
    let of = |computer: &str| answers.iter().find(|answer| same_name(&answer.computer, computer));
    let computers = [primary, mirror].map(|place| place.computer.as_str());
    let [at_primary, at_mirror] = computers.map(|computer| of(computer).and_then(|answer| answer.state.as_ref().ok()));
    let states = [at_primary, at_mirror];
    let decides = |state: &PlaceState| matches!(state.role, Some(Role::Active | Role::Closed));
    // Two may say so for a moment: the one of the higher epoch is it.
    let principal = (0..2)
        .filter(|side| states.get(*side).copied().flatten().is_some_and(decides))
        .max_by_key(|side| states.get(*side).copied().flatten().map(|state| state.position.epoch));
    // Where they follow a place of another pool, as in one that stands by, the primary is what its pool would use.
    let outside = |state: &PlaceState| {
        let follows = state.follows.as_deref();
        follows.is_some_and(|follows| !computers.iter().any(|computer| same_name(computer, follows)))
    };
    let stands_by = |state: &&PlaceState| kind == Kind::CentralMgmt && state.role.is_some() && outside(state);
    let shown = principal.or_else(|| at_primary.filter(stands_by).map(|_| 0));
    for (side, state) in states.into_iter().enumerate() {
        let Some(state) = state.filter(|state| state.role.is_some()) else { continue };
        let other = states.get(1 - side).copied().flatten().filter(|state| state.role.is_some());
        let is_principal = shown == Some(side);
        let partner = computers.get(1 - side).copied().unwrap_or_default();
        if let (Some(shows), Some(status)) = (sides.states.get_mut(side), sides.statuses.get_mut(side)) {
            *shows = if is_principal { "Principal" } else { "Mirror" };
            *status = self::status(state, partner, other.is_some(), outside(state));
        }
    }
    let leading = principal.and_then(|side| states.get(side).copied().flatten());
    sides.principal = leading.map(|state| state.computer.clone());
    sides.epoch = leading.map(|state| state.position.epoch);
    sides.version = leading.map(|state| state.position.version);
    sides.reason = reason(&[primary, mirror].map(|place| (place, of(&place.computer))));
    let elsewhere = answers.iter().filter_map(|answer| answer.state.as_ref().ok()).filter(|state| {
        let here = computers.iter().any(|computer| same_name(computer, &state.computer));
        !here && state.role == Some(Role::Active) && state.serves
    });
    let held = leading.map_or(0, |state| state.position.epoch);
    let elsewhere = elsewhere.max_by_key(|state| state.position.epoch).filter(|state| state.position.epoch > held);
    if let (Kind::User, Some(serves)) = (kind, elsewhere) {
        sides.served_at = Some(serves.computer.clone());
        let at = format!("Its users are served at {} in epoch {}.", serves.computer, serves.position.epoch);
        sides.reason = [Some(at), sides.reason].into_iter().flatten().reduce(|all, one| format!("{all} {one}"));
    } else if principal.is_none() {
        let alone = states.into_iter().flatten().filter(|state| state.role.is_some() && !outside(state));
        let known = alone.map(had).collect::<Vec<_>>();
        sides.reason = sides.reason.into_iter().chain(known).reduce(|all, one| format!("{all} {one}"));
    }
    sides
}

/// Files with changes that one place alone had when another took over: which, and where.
fn unsent(answers: &[PlaceAnswer]) -> Vec<String> {
    let kept = |answer: &PlaceAnswer| {
        let file = answer.state.as_ref().ok()?.unsent.as_ref()?;
        Some(format!("{}: {file}", answer.computer))
    };
    answers.iter().filter_map(kept).collect()
}

/// How well one side and the other agree, as the one knows it.
fn status(state: &PlaceState, partner: &str, partner_answers: bool, outside: bool) -> &'static str {
    let fed = state.feeds.iter().find(|feed| same_name(&feed.computer, partner)).map(|feed| feed.state);
    match state.role {
        Some(Role::Closed) if partner_answers => return "pending_failover",
        // What it had when it heard of its principal last says nothing of now: the reason tells it.
        Some(Role::Closed) => return "disconnected",
        Some(Role::Standby) if !partner_answers && !outside => return "disconnected",
        _ => {}
    }
    match if state.role == Some(Role::Active) { fed } else { state.feed } {
        Some(FeedState::Synchronized) => "synchronized",
        Some(FeedState::Synchronizing) => "synchronizing",
        Some(FeedState::Unsynchronized) | None if !partner_answers => "disconnected",
        Some(FeedState::Unsynchronized) | None => "unsynchronized",
    }
}

/// What a mirror without its principal had when it heard of that last.
fn had(state: &PlaceState) -> String {
    let computer = &state.computer;
    let heard = match state.last_contact {
        Some(at) => format!("{computer} last heard of its principal on {} UTC", date::text(at)),
        None => return format!("{computer} has not heard of its principal since its server was started."),
    };
    match state.feed {
        Some(FeedState::Synchronized) => format!("{heard}, and every acknowledged change is there."),
        Some(FeedState::Synchronizing) => format!("{heard}, and was taking what it missed."),
        _ => format!("{heard}; whether every acknowledged change is there is not known."),
    }
}

/// Why a side does not answer or does not follow.
fn reason(sides: &[(&SqlPlace, Option<&PlaceAnswer>)]) -> Option<String> {
    let one = |(place, answer): &(&SqlPlace, Option<&PlaceAnswer>)| match answer.map(|answer| &answer.state) {
        Some(Err(error)) => Some(format!("{}: {}", place.computer, error.message())),
        Some(Ok(state)) if state.role.is_none() => Some(format!("{} holds no database yet.", place.computer)),
        Some(Ok(state)) => state.error.as_ref().map(|error| format!("{}: {error}", place.computer)),
        None => Some(format!("{} was not asked.", place.computer)),
    };
    let all: Vec<String> = sides.iter().filter_map(one).collect();
    (!all.is_empty()).then(|| all.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Category, ErrorRecord};
    use crate::failover::{Feed, Source};

    fn place(computer: &str) -> SqlPlace {
        SqlPlace { fqdn: computer.into(), instance: "RTC".into(), computer: computer.into() }
    }

    fn answer(computer: &str, role: Option<Role>, epoch: u64, feed: Option<FeedState>) -> PlaceAnswer {
        let feeds = match role {
            Some(Role::Active) => feed.map(|state| Feed {
                computer: if computer == "a" { "b" } else { "a" }.into(),
                synchronous: true,
                state,
                sequence: 1,
                version: 1,
                last_contact: None,
            }),
            _ => None,
        };
        PlaceAnswer {
            computer: computer.into(),
            state: Ok(PlaceState {
                computer: computer.into(),
                database: "CentralMgmt".into(),
                role,
                serves: role == Some(Role::Active),
                position: Source { epoch, version: 7, ..Source::default() },
                highest_epoch: epoch,
                feed: feed.filter(|_| role == Some(Role::Standby)),
                feeds: feeds.into_iter().collect(),
                ..PlaceState::default()
            }),
        }
    }

    fn follows(mut answer: PlaceAnswer, whom: &str) -> PlaceAnswer {
        if let Ok(state) = &mut answer.state {
            state.follows = Some(whom.into());
        }
        answer
    }

    fn silent(computer: &str) -> PlaceAnswer {
        let error = ErrorRecord::new("HostUnreachable", Category::ResourceUnavailable, "It is silent.");
        PlaceAnswer { computer: computer.into(), state: Err(error) }
    }

    /// Rule: each side shows what it is and how well it agrees with the other, also when they changed places, when one
    /// is gone, and while they go over.
    #[test]
    fn the_sides_of_a_mirror() {
        let (active, standby, closed) = (Some(Role::Active), Some(Role::Standby), Some(Role::Closed));
        let [good, busy, bad] =
            [FeedState::Synchronized, FeedState::Synchronizing, FeedState::Unsynchronized].map(Some);
        let cases = [
            (answer("a", active, 1, good), answer("b", standby, 1, good), "Principal Mirror synchronized synchronized"),
            (answer("a", standby, 9, good), answer("b", active, 9, good), "Mirror Principal synchronized synchronized"),
            (
                answer("a", active, 1, busy),
                answer("b", standby, 1, busy),
                "Principal Mirror synchronizing synchronizing",
            ),
            (
                answer("a", active, 1, bad),
                answer("b", standby, 1, bad),
                "Principal Mirror unsynchronized unsynchronized",
            ),
            (
                answer("a", active, 1, bad),
                silent("b"),
                "Principal DatabaseInaccessibleOrMirroringNotEnabled disconnected ",
            ),
            (
                silent("a"),
                answer("b", standby, 1, bad),
                "DatabaseInaccessibleOrMirroringNotEnabled Mirror  disconnected",
            ),
            (
                silent("a"),
                silent("b"),
                "DatabaseInaccessibleOrMirroringNotEnabled DatabaseInaccessibleOrMirroringNotEnabled  ",
            ),
            (
                answer("a", closed, 1, None),
                answer("b", standby, 1, good),
                "Principal Mirror pending_failover synchronized",
            ),
            // One that came back and was not fenced yet.
            (
                answer("a", active, 1, None),
                answer("b", active, 9, None),
                "Mirror Principal unsynchronized unsynchronized",
            ),
            // A pool that stands by: both follow.
            (
                follows(answer("a", standby, 1, good), "c"),
                follows(answer("b", standby, 1, good), "c"),
                "Principal Mirror synchronized synchronized",
            ),
            (
                follows(answer("a", standby, 1, good), "c"),
                silent("b"),
                "Principal DatabaseInaccessibleOrMirroringNotEnabled synchronized ",
            ),
            // The principal is lost: what survives is a mirror, and has nobody to agree with, whichever side it is.
            (
                silent("a"),
                follows(answer("b", standby, 1, good), "a"),
                "DatabaseInaccessibleOrMirroringNotEnabled Mirror  disconnected",
            ),
            (
                follows(answer("a", standby, 9, good), "b"),
                silent("b"),
                "Mirror DatabaseInaccessibleOrMirroringNotEnabled disconnected ",
            ),
            (
                answer("a", standby, 9, None),
                silent("b"),
                "Mirror DatabaseInaccessibleOrMirroringNotEnabled disconnected ",
            ),
            (
                answer("a", closed, 1, None),
                silent("b"),
                "Principal DatabaseInaccessibleOrMirroringNotEnabled disconnected ",
            ),
        ];
        for (primary, mirror, wanted) in cases {
            let found = state(Kind::CentralMgmt, &place("a"), Some(&place("b")), &[primary, mirror]);
            let shown = [found.states, found.statuses].concat().join(" ");
            assert_eq!(shown, wanted);
        }
        let found = state(
            Kind::CentralMgmt,
            &place("a"),
            Some(&place("b")),
            &[silent("a"), follows(answer("b", standby, 1, good), "a")],
        );
        assert_eq!(found.principal, None, "nobody leads");
        // Failed over: neither side is the principal of users who are served elsewhere.
        let mut away = [answer("a", standby, 9, good), answer("b", standby, 9, good)].map(|side| follows(side, "c"));
        away[0].state.as_mut().unwrap().unsent = Some("users/unsent/x.json".into());
        let answers = [away.as_slice(), &[answer("c", active, 9, good)]].concat();
        let found = state(Kind::User, &place("a"), Some(&place("b")), &answers);
        assert_eq!((found.states, found.principal), (["Mirror"; 2], None));
        assert_eq!(found.served_at.as_deref(), Some("c"));
        assert!(found.reason.unwrap().contains("c in epoch 9"));
        assert_eq!(found.unsent, ["a: users/unsent/x.json"]);
        let alone = state(Kind::User, &place("a"), None, &[]);
        assert_eq!((alone.states, alone.statuses), ([NOT_MIRRORED; 2], [""; 2]));
        assert_eq!(alone.database, "rtcxds");
    }
}
