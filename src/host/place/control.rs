//! What cmdlets ask of failover where a server runs: asked of all places over the network, carried out at the target.

use super::{ask, replicas, run};
use crate::audit::Entry;
use crate::error::{Category, ErrorRecord};
use crate::failover::{
    self, Choice, Control, Facts, Order, PlaceAnswer, Preflight, ReplicaFact, Report, StepReport, Wish, choose_for,
    preflight,
};
use crate::host::known::Known;
use crate::host::node::Node;
use crate::host::renewal::interrupted;
use crate::net::http::{Body, Method, fault};
use crate::topology::Database;
use crate::value::same_name;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::sync::{Arc, Weak};
use tokio::runtime::Handle;
use tokio::sync::mpsc;

/// Steps that wait for whoever is told of them: a failover has a dozen.
const STEPS: usize = 64;

/// Where the target of a failover is told that its report was had.
pub(super) const HEARD: &str = "/v1/failover/heard";

/// An order on its way to the target.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Ordered {
    database: String,
    wish: Wish,
    entry: Entry,
}

impl Ordered {
    fn of(order: &Order) -> Ordered {
        Ordered { database: order.database.to_string(), wish: order.wish.clone(), entry: order.entry.clone() }
    }

    /// The order.
    pub fn order(self) -> Result<Order, ErrorRecord> {
        let Some(database) = Database::parse(&self.database) else {
            let message = format!("There is no database '{}'.", self.database);
            return Err(ErrorRecord::new("RequestInvalid", Category::InvalidArgument, message));
        };
        Ok(Order { database, wish: self.wish, entry: self.entry })
    }
}

/// What the target says of a failover.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) enum Line {
    /// A step.
    Step(StepReport),
    /// It is over.
    Report(Box<Report>),
    /// It failed.
    Error(Json),
}

/// Failover, as a server does it.
pub struct Failovers {
    node: Weak<Node>,
    runtime: Handle,
}

impl Failovers {
    /// Of a node whose places run on this runtime.
    pub fn new(node: &Arc<Node>, runtime: Handle) -> Failovers {
        Failovers { node: Arc::downgrade(node), runtime }
    }

    fn node(&self) -> Result<Arc<Node>, ErrorRecord> {
        self.node.upgrade().ok_or_else(|| {
            ErrorRecord::new("ServerStopping", Category::ResourceUnavailable, "The server is being stopped.")
        })
    }
}

impl Control for Failovers {
    fn places(&self, database: &Database) -> Result<Vec<PlaceAnswer>, ErrorRecord> {
        let node = self.node()?;
        let known = known(&node)?;
        known.topology.require_database(database)?;
        Ok(self.runtime.block_on(run::all(&node, database, &known.places_of(database))))
    }

    fn preflight(&self, database: &Database, wish: &Wish, by: &str) -> Result<Preflight, ErrorRecord> {
        let node = self.node()?;
        self.runtime.block_on(async {
            let (choice, answers) = chosen(&node, database, wish, by).await?;
            let target = answers.iter().find(|answer| same_name(&answer.computer, &choice.target.computer));
            let after = target.and_then(|answer| answer.state.as_ref().ok()).map(|state| state.position.version);
            let active = run::newest(&answers);
            let replicas = match database {
                Database::CentralMgmt => replicas::facts(&node, active.as_ref(), after).await,
                Database::Users(_) => Vec::new(),
            };
            let facts = Facts { now: node.clock().now(), choice: &choice, places: &answers, replicas: &replicas };
            Ok(preflight(&facts))
        })
    }

    fn replicas(&self) -> Result<Vec<ReplicaFact>, ErrorRecord> {
        let node = self.node()?;
        let known = known(&node)?;
        let database = Database::CentralMgmt;
        Ok(self.runtime.block_on(async {
            let answers = run::all(&node, &database, &known.places_of(&database)).await;
            replicas::facts(&node, run::newest(&answers).as_ref(), None).await
        }))
    }

    fn fail_over(&self, order: &Order, told: &mut dyn FnMut(&StepReport)) -> Result<Report, ErrorRecord> {
        let node = self.node()?;
        let (choice, _) = self.runtime.block_on(chosen(&node, &order.database, &order.wish, &order.entry.principal))?;
        let (sender, mut lines) = mpsc::channel(STEPS);
        if same_name(&choice.target.computer, node.computer()) {
            self.runtime.spawn(run_here(node, order.clone(), sender));
        } else {
            let (order, target) = (order.clone(), choice.target.computer.clone());
            self.runtime.spawn(async move {
                if let Err(error) = hand_on(&node, &target, &order, &sender).await {
                    let _ = sender.send(Line::Error(travelling(&error))).await;
                }
            });
        }
        loop {
            match self.runtime.block_on(lines.recv()) {
                Some(Line::Step(step)) => told(&step),
                Some(Line::Report(report)) => return Ok(*report),
                Some(Line::Error(error)) => return Err(arrived(&error)),
                None => return Err(cut(&choice.target.computer, &order.database)),
            }
        }
    }

    fn heard(&self, database: &Database, report: &Report) {
        let Ok(node) = self.node() else { return };
        let (target, failover) = (&report.preflight.target, report.id.clone());
        let heard = Heard { database: database.to_string(), failover };
        let told = self.runtime.block_on(async {
            if same_name(target, node.computer()) {
                return heard_here(&node, heard).await;
            }
            ask::post::<()>(&node, target, HEARD, &heard, ask::PATIENCE).await
        });
        if let Err(error) = told {
            tracing::debug!(id = error.id(), "{target} does not know that its report was had: {}", error.message());
        }
    }
}

/// Whoever ordered a failover had its report.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Heard {
    /// Of which database.
    pub database: String,
    /// The failover.
    pub failover: String,
}

/// Keeps in mind, at the target of a failover, that its report was had.
///
/// # Errors
/// `NoStandby` where there is no place of the database here; those of the store.
pub(super) async fn heard_here(node: &Node, heard: Heard) -> Result<(), ErrorRecord> {
    let place = Database::parse(&heard.database).and_then(|database| node.places()?.of(&database));
    let place = place.ok_or_else(|| {
        let message = format!("{} has no place of {}.", node.computer(), heard.database);
        ErrorRecord::new("NoStandby", Category::ObjectNotFound, message)
    })?;
    run::heard(&place, heard.failover).await
}

/// What is known of the deployment.
fn known(node: &Node) -> Result<Arc<Known>, ErrorRecord> {
    node.known().ok_or_else(|| {
        let message = format!("{} does not know the topology yet.", node.computer());
        ErrorRecord::new("NotReady", Category::ResourceUnavailable, message)
            .hint("Its replica learns it from the active server; see whether that one runs.")
    })
}

/// What a wish means now, and what the places said.
async fn chosen(
    node: &Arc<Node>,
    database: &Database,
    wish: &Wish,
    by: &str,
) -> Result<(Choice, Vec<PlaceAnswer>), ErrorRecord> {
    let known = known(node)?;
    known.topology.require_database(database)?;
    let answers = run::all(node, database, &known.places_of(database)).await;
    let with = failover::Known { placement: known.placement_of(database), answers: &answers };
    choose_for(by, &known.topology, database, wish, with).map(|choice| (choice, answers))
}

/// Carries out an order here, where the database is to go, and tells how it goes. It goes on when nobody listens.
pub(super) async fn run_here(node: Arc<Node>, order: Order, told: mpsc::Sender<Line>) {
    let work = async {
        let (choice, _) = chosen(&node, &order.database, &order.wish, &order.entry.principal).await?;
        if !same_name(&choice.target.computer, node.computer()) {
            let message =
                format!("{} would take the database over, as {} knows it.", choice.target.computer, node.computer());
            return Err(ErrorRecord::new("FailoverFailed", Category::InvalidOperation, message)
                .hint("The two know different versions of the topology: try again in a moment."));
        }
        let place = node.places().and_then(|places| places.of(&order.database)).ok_or_else(|| {
            let message = format!("{} has no copy of {} yet.", node.computer(), order.database.called());
            ErrorRecord::new("NoStandby", Category::ObjectNotFound, message)
        })?;
        let (steps, mut heard) = mpsc::channel(STEPS);
        let running = tokio::spawn(run::run(node.clone(), place, choice, order, steps));
        while let Some(step) = heard.recv().await {
            let _ = told.send(Line::Step(step)).await;
        }
        running.await.map_err(|error| interrupted(&error))?
    };
    let last = match work.await {
        Ok(report) => Line::Report(Box::new(report)),
        Err(error) => {
            tracing::warn!(id = error.id(), "the failover was not done: {}", error.message());
            Line::Error(travelling(&error))
        }
    };
    let _ = told.send(last).await;
}

/// Hands an order to the computer that carries it out, and passes on what it says.
async fn hand_on(node: &Node, target: &str, order: &Order, told: &mpsc::Sender<Line>) -> Result<(), ErrorRecord> {
    let body = serde_json::to_vec(&Ordered::of(order)).map_err(|error| {
        ErrorRecord::new("RequestInvalid", Category::InvalidArgument, format!("The order cannot be written: {error}."))
    })?;
    let dialled = tokio::time::timeout(ask::OBEYS, ask::channel(node, target)).await;
    let channel = dialled.map_err(|_| cut(target, &order.database))??;
    // From here on it may have begun, and whoever gave the order must know what to do now.
    let broke = |error: ErrorRecord| match error.id() {
        "ConnectionLost" | "HostUnreachable" => cut(target, &order.database),
        _ => error,
    };
    let answer = channel.request(Method::POST, "/v1/failover", Body::whole(body)).await.map_err(broke)?;
    let mut lines = answer.accepted().await.map_err(broke)?;
    while let Some(line) = lines.next_value::<Line>().await.map_err(broke)? {
        let last = !matches!(line, Line::Step(_));
        let _ = told.send(line).await;
        if last {
            return Ok(());
        }
    }
    Err(cut(target, &order.database))
}

fn travelling(error: &ErrorRecord) -> Json {
    serde_json::from_slice(&fault::to_json(error)).unwrap_or_default()
}

fn arrived(error: &Json) -> ErrorRecord {
    fault::from_json(error.to_string().as_bytes()).unwrap_or_else(|| {
        ErrorRecord::new(
            "FailoverFailed",
            Category::NotSpecified,
            "The target answered with an error that cannot be read.",
        )
    })
}

/// The target does not answer any more.
fn cut(target: &str, database: &Database) -> ErrorRecord {
    let message = format!(
        "{target} does not say any more how the failover goes: its server has ended, or the way to it broke. How far it came is \
         not known."
    );
    let error = ErrorRecord::new("FailoverFailed", Category::ResourceUnavailable, message)
        .hint("Ask first how far it came: the same command with -WhatIf.")
        .hint("If it is not over, the same command again, from any computer, goes on where it stopped.");
    match database {
        Database::CentralMgmt => {
            error.hint("Invoke-CsManagementServerFailover -Restore undoes it, or leads back where the switch was made.")
        }
        Database::Users(_) => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rule: whoever loses sight of a failover is told how to look, how to go on, and, of the store, how to go back.
    #[test]
    fn who_is_cut_off_knows_what_to_do() {
        for (database, restores) in [(Database::CentralMgmt, true), (Database::users("pool.example.net"), false)] {
            let error = cut("redmond-cs-001.litwareinc.com", &database);
            let hints = error.hints().join(" ");
            assert_eq!(error.id(), "FailoverFailed");
            assert!(hints.contains("-WhatIf") && hints.contains("same command again"), "{hints}");
            assert_eq!(hints.contains("-Restore"), restores, "{hints}");
        }
    }
}
