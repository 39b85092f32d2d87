//! Whether a pool can be failed over or back: what can be told of the pool itself. What concerns its user store is told
//! by [`crate::failover`].

use super::state::PoolState;
use crate::failover::{Condition, Mode};

/// Which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// To the backup pool.
    Over,
    /// Back to the pool.
    Back,
}

/// An Edge pool whose next hop is the pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// The Edge pool.
    pub pool: String,
    /// One of its computers is there; `None` where nobody can tell.
    pub lives: Option<bool>,
    /// It is in the site of the pool.
    pub same_site: bool,
}

/// What is known before.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The pool whose users it is about.
    pub pool: String,
    /// Its backup pool.
    pub partner: String,
    /// Which way they go.
    pub way: Way,
    /// How.
    pub mode: Mode,
    /// The state of the pool.
    pub state: PoolState,
    /// The state of its backup pool.
    pub partner_state: PoolState,
    /// The pool that hosts the Central Management store.
    pub store_pool: String,
    /// Edge pools that have the pool as next hop.
    pub edges: Vec<Edge>,
    /// Its own places have not its users, though its state says so: what its places say then.
    pub astray: Option<String>,
}

/// All conditions that concern the pool itself, those that hold too.
pub fn conditions(facts: &Facts) -> Vec<Condition> {
    let mut conditions = vec![state(facts)];
    if facts.way == Way::Over {
        conditions.push(partner(facts));
        conditions.push(store(facts));
        conditions.push(edge(facts));
    }
    conditions
}

fn holds(name: &str, found: String) -> Condition {
    Condition { name: name.into(), passed: true, refuses: true, id: None, found, advice: None, passes: false }
}

fn refuses(name: &str, id: &str, found: String, advice: String) -> Condition {
    let (id, advice) = (Some(id.into()), Some(advice));
    Condition { name: name.into(), passed: false, refuses: true, id, found, advice, passes: false }
}

fn state(facts: &Facts) -> Condition {
    let Facts { pool, partner, .. } = facts;
    let name = "PoolState";
    if let (Way::Back, PoolState::Active, Some(astray)) = (facts.way, facts.state, &facts.astray) {
        return holds(name, format!("{pool} is {}, but {astray}: this brings them back.", facts.state.name()));
    }
    match (facts.way, facts.state) {
        (Way::Over, PoolState::Active) | (Way::Back, PoolState::FailedOver) => {
            holds(name, format!("{pool} is {}.", facts.state.name()))
        }
        (Way::Over, PoolState::FailingOver) | (Way::Back, PoolState::FailedBack) => holds(
            name,
            format!("{pool} is {}: it was begun and is not over; this goes on with it.", facts.state.name()),
        ),
        (Way::Back, PoolState::FailingOver) => {
            holds(name, format!("{pool} is FailingOver: the failover that is not over is undone."))
        }
        (Way::Over, PoolState::FailedOver) => refuses(
            name,
            "PoolFailedOver",
            format!("{pool} is failed over already: {partner} serves its users."),
            format!("Give them back with Invoke-CsPoolFailBack -PoolFqdn {pool}."),
        ),
        // The pool was lost on the way back.
        (Way::Over, PoolState::FailedBack) if facts.mode == Mode::Disaster => {
            holds(name, format!("{pool} is FailedBack, and not there yet: {partner} goes on serving its users."))
        }
        (Way::Over, PoolState::FailedBack) => refuses(
            name,
            "PoolFailedOver",
            format!("{pool} is on its way back from {partner}, and not there yet."),
            format!(
                "Finish that with Invoke-CsPoolFailBack -PoolFqdn {pool}; if {pool} is lost, let {partner} go on with \
                 Invoke-CsPoolFailOver -PoolFqdn {pool} -DisasterMode."
            ),
        ),
        (Way::Back, PoolState::Active) => refuses(
            name,
            "PoolNotFailedOver",
            format!("{pool} is not failed over: it serves its users itself."),
            format!(
                "-PoolFqdn names the pool that homes the users, in both directions. If {partner} is meant: -PoolFqdn {partner}."
            ),
        ),
    }
}

fn partner(facts: &Facts) -> Condition {
    let Facts { pool, partner, .. } = facts;
    let name = "BackupPool";
    if facts.partner_state == PoolState::Active {
        return holds(name, format!("{partner} serves its own users."));
    }
    refuses(
        name,
        "PartnerFailedOver",
        format!("{partner} is {} itself: {pool} serves its users.", facts.partner_state.name()),
        format!("First give them back: Invoke-CsPoolFailBack -PoolFqdn {partner}; then fail {pool} over."),
    )
}

fn store(facts: &Facts) -> Condition {
    let Facts { pool, partner, store_pool, .. } = facts;
    let name = "ManagementStore";
    if !store_pool.eq_ignore_ascii_case(pool) {
        return holds(name, format!("The Central Management store is on {store_pool}, and answers."));
    }
    refuses(
        name,
        "StoreNotFailedOver",
        format!("The Central Management store is on {pool}."),
        format!("The store goes over first: Invoke-CsManagementServerFailover; then {pool}, to {partner}."),
    )
}

fn edge(facts: &Facts) -> Condition {
    let Facts { pool, partner, .. } = facts;
    let name = "EdgeNextHop";
    let alive: Vec<&Edge> = facts.edges.iter().filter(|edge| edge.lives != Some(false)).collect();
    if alive.is_empty() {
        let found = match &facts.edges[..] {
            [] => format!("No Edge pool has {pool} as its next hop."),
            lost => {
                let names: Vec<&str> = lost.iter().map(|edge| edge.pool.as_str()).collect();
                format!("{} has {pool} as its next hop, and is lost with it.", names.join(", "))
            }
        };
        return holds(name, found);
    }
    let names: Vec<&str> = alive.iter().map(|edge| edge.pool.as_str()).collect();
    let say = |edge: &&Edge| {
        let set = format!("Set-CsEdgeServer -Identity EdgeServer:{} -Registrar Registrar:{partner}", edge.pool);
        if edge.same_site {
            format!(
                "{} is in the site of {pool}: change its next hop to {partner} in the topology and publish that \
                 (Publish-CsTopology -FileName …), or {set}.",
                edge.pool
            )
        } else {
            format!("{} is in another site: {set}, or change it in the topology and publish that.", edge.pool)
        }
    };
    let advice: Vec<String> = alive.iter().map(say).collect();
    refuses(name, "EdgeNextHop", format!("The next hop of {} is {pool}.", names.join(", ")), advice.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(way: Way, state: PoolState) -> Facts {
        Facts {
            pool: "dub".into(),
            partner: "lon".into(),
            way,
            mode: Mode::Planned,
            state,
            partner_state: PoolState::Active,
            store_pool: "atl".into(),
            edges: Vec::new(),
            astray: None,
        }
    }

    fn ids(facts: &Facts) -> Vec<String> {
        conditions(facts).into_iter().filter(|c| c.refuses && !c.passed).filter_map(|c| c.id).collect()
    }

    /// Rule: which states a pool may be in, by direction.
    #[test]
    fn states_and_ways() {
        let cases = [
            (Way::Over, PoolState::Active, None),
            (Way::Over, PoolState::FailingOver, None),
            (Way::Over, PoolState::FailedOver, Some("PoolFailedOver")),
            (Way::Over, PoolState::FailedBack, Some("PoolFailedOver")),
            (Way::Back, PoolState::Active, Some("PoolNotFailedOver")),
            (Way::Back, PoolState::FailingOver, None),
            (Way::Back, PoolState::FailedOver, None),
            (Way::Back, PoolState::FailedBack, None),
        ];
        for (way, state, id) in cases {
            assert_eq!(ids(&facts(way, state)), id.into_iter().collect::<Vec<_>>(), "{way:?} {state:?}");
        }
    }

    /// Rule: users who are not where the state says come back all the same.
    #[test]
    fn users_who_went_astray_come_back() {
        let lost = Facts { astray: Some("they are not".into()), ..facts(Way::Back, PoolState::Active) };
        assert_eq!(ids(&lost), Vec::<String>::new());
        assert_eq!(ids(&Facts { way: Way::Over, ..lost }), Vec::<String>::new());
    }

    /// Rule: everything that refuses is in one list, and an Edge pool that is lost too does not.
    #[test]
    fn all_that_refuses_in_one_list() {
        let edge = |lives| Edge { pool: "edge".into(), lives, same_site: true };
        let mut all = Facts {
            partner_state: PoolState::FailedOver,
            store_pool: "DUB".into(),
            edges: vec![edge(None)],
            ..facts(Way::Over, PoolState::FailedOver)
        };
        assert_eq!(ids(&all), ["PoolFailedOver", "PartnerFailedOver", "StoreNotFailedOver", "EdgeNextHop"]);
        let told = conditions(&all).pop().and_then(|c| c.advice).unwrap();
        assert!(told.contains("Set-CsEdgeServer -Identity EdgeServer:edge -Registrar Registrar:lon"), "{told}");
        assert!(told.contains("Publish-CsTopology"), "{told}");
        all.edges = vec![edge(Some(false))];
        assert!(!ids(&all).contains(&"EdgeNextHop".to_string()));
    }
}
