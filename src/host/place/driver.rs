//! The place machine at work: events come to it one by one, and what it wants is done in order.

use super::store::Opened;
use super::{Says, Shared};
use super::{ask, birth};
use crate::deployment::offline::source;
use crate::error::{Category, ErrorRecord};
use crate::failover::{self, Claim, PlaceEffect, PlaceEvent, PlaceOrder, PlaceRecord, Reply, RunRecord, Source};
use crate::host::renewal::interrupted;
use crate::replication::Now;
use crate::store::{Change, Grant, Placed, Role};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

/// Events that wait: a question to each place, its answers, and orders, each of few.
pub(super) const WAITING: usize = 64;
/// How often the machine is told the time.
const TICK: Duration = Duration::from_secs(1);
/// How often it is looked whether this process slept: changes wait then.
const LOOK: Duration = Duration::from_millis(100);
/// How long it waits before it loads the database again, after something durable failed.
pub(super) const AGAIN: Duration = Duration::from_secs(1);

/// What comes to a place.
pub(super) enum Said {
    /// An event.
    Event(PlaceEvent),
    /// What came of asking a place.
    Answer {
        /// Who was asked.
        computer: String,
        /// What came.
        reply: Reply,
        /// How often this process had not run when it was asked.
        lapses: u64,
    },
    /// An order, with what a promotion writes; the answer when it is carried out.
    Order {
        /// What.
        order: PlaceOrder,
        /// What a promotion writes.
        promotion: Option<Box<Promotion>>,
        /// Where the answer goes.
        answer: oneshot::Sender<Result<(), ErrorRecord>>,
    },
}

/// What is written when a place takes the database over.
pub(super) struct Promotion {
    /// Where its log must stand before.
    pub must: Option<Source>,
    /// Versions begin above this one.
    pub above: u64,
    /// Whose leave.
    pub grant: Grant,
    /// The changes that go with it.
    pub changes: Vec<Change>,
}

/// Runs a place until its server ends or the topology takes it away.
pub(super) async fn run(shared: Arc<Shared>, mut inbox: mpsc::Receiver<Said>) {
    loop {
        if !birth::attend(&shared, &mut inbox).await {
            return;
        }
        match Machine::load(&shared).await {
            Ok(mut machine) => {
                shared.complain(None);
                match machine.drive(&mut inbox).await {
                    Ok(()) => return,
                    Err(error) => shared.complain(Some(&error)),
                }
                machine.cease().await;
            }
            Err(error) => shared.complain(Some(&error)),
        }
        tokio::time::sleep(AGAIN).await;
    }
}

/// The machine with what it works on.
struct Machine {
    shared: Arc<Shared>,
    machine: failover::Place,
    database: Opened,
    begun: Instant,
    serves: bool,
    /// How often this process did not run, as the machine knows.
    lapses: u64,
    tickets: u64,
    answers: HashMap<u64, oneshot::Sender<Result<(), ErrorRecord>>>,
    promotions: HashMap<u64, Box<Promotion>>,
    /// The highest epoch for which it was looked whether a failover to here is over.
    looked: u64,
}

impl Machine {
    async fn load(shared: &Arc<Shared>) -> Result<Machine, ErrorRecord> {
        let opens = shared.clone();
        let loaded = tokio::task::spawn_blocking(move || {
            let store = opens.open_or_make()?;
            let note = store.note(PlaceRecord::NOTE)?;
            // What cannot be read was not written by us; the database itself knows the epochs that it heard of.
            let record = note.and_then(|note| serde_json::from_value::<PlaceRecord>(note).ok()).unwrap_or_default();
            let highest_epoch = record.highest_epoch.max(store.highest_epoch()?);
            let record = PlaceRecord { highest_epoch, ..record };
            let (role, position) = (store.role()?, store.position()?);
            Ok::<_, ErrorRecord>((store, record, role, position))
        });
        let (store, record, role, position) = loaded.await.map_err(|error| interrupted(&error))??;
        let node = shared.node()?;
        let others = ask::others(&node, &shared.database);
        Ok(Machine {
            machine: failover::Place::new(node.computer(), others, role, position.epoch, record),
            database: Opened::writing(store, shared.writes.clone()),
            shared: shared.clone(),
            begun: Instant::now(),
            serves: false,
            lapses: shared.vigil.lapses(),
            tickets: 0,
            answers: HashMap::new(),
            promotions: HashMap::new(),
            looked: 0,
        })
    }

    fn now(&self) -> Result<Now, ErrorRecord> {
        let millis = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        Ok(Now { millis, clock: self.shared.node()?.clock().now().ticks })
    }

    /// Takes events as they come; `Ok` when nobody is there any more who could send one.
    async fn drive(&mut self, inbox: &mut mpsc::Receiver<Said>) -> Result<(), ErrorRecord> {
        self.step(PlaceEvent::Start).await?;
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut look = tokio::time::interval(LOOK);
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let said = tokio::select! {
                said = inbox.recv() => match said {
                    Some(said) => Some(said),
                    None => return Ok(()),
                },
                _ = tick.tick() => Some(Said::Event(PlaceEvent::Tick)),
                _ = look.tick() => None,
            };
            let lapses = self.shared.vigil.lapses();
            if lapses != self.lapses {
                tracing::warn!(database = %self.shared.database, "this process did not run for a while");
                self.lapses = lapses;
                self.step(PlaceEvent::Slept).await?;
            }
            let Some(said) = said else { continue };
            match said {
                // It may be older than the sleep.
                Said::Answer { computer, lapses, .. } if lapses != self.lapses => self.ask(computer),
                Said::Answer { computer, reply, .. } => self.step(PlaceEvent::Answer { computer, reply }).await?,
                Said::Event(event) => self.step(event).await?,
                Said::Order { order, promotion, answer } => {
                    self.tickets += 1;
                    let ticket = self.tickets;
                    self.answers.insert(ticket, answer);
                    if let Some(promotion) = promotion {
                        self.promotions.insert(ticket, promotion);
                    }
                    self.step(PlaceEvent::Order { ticket, order }).await?;
                }
            }
        }
    }

    async fn step(&mut self, event: PlaceEvent) -> Result<(), ErrorRecord> {
        let mut events = vec![event];
        while let Some(event) = events.pop() {
            let effects = self.machine.step(self.now()?, event);
            for effect in effects {
                // At most one of a step's effects leads to another event: a promotion.
                events.extend(self.carry_out(effect).await?);
            }
            self.publish();
        }
        self.drop_overtaken().await
    }

    /// Drops the order of a failover to here whose epoch is over: another place took over since, and what is left of it
    /// would stand in everybody's way.
    async fn drop_overtaken(&mut self) -> Result<(), ErrorRecord> {
        let highest = self.machine.highest_epoch();
        if highest <= self.looked {
            return Ok(());
        }
        // One that runs ends by itself; it is looked again then.
        let Ok(_alone) = self.shared.runs.try_lock() else { return Ok(()) };
        self.looked = highest;
        let dropped = self
            .database
            .with(move |store| {
                let note = store.note(RunRecord::NOTE)?.and_then(|note| serde_json::from_value::<RunRecord>(note).ok());
                let epoch = store.position()?.epoch;
                let Some(mut record) = note.filter(|record| record.overtaken(epoch, highest)) else { return Ok(None) };
                record.stage = record.overtaken_stage();
                let note = serde_json::to_value(&record).map_err(|error| unwritable(&error))?;
                store.keep_note(RunRecord::NOTE, Some(&note))?;
                Ok(Some(record))
            })
            .await?;
        if let Some(record) = dropped {
            tracing::warn!(
                database = %self.shared.database,
                failover = record.id,
                epoch = record.epoch,
                highest,
                "a failover to here is over: a later epoch has begun elsewhere; its order is dropped"
            );
        }
        Ok(())
    }

    async fn carry_out(&mut self, effect: PlaceEffect) -> Result<Option<PlaceEvent>, ErrorRecord> {
        match effect {
            PlaceEffect::Ask(computers) => {
                for computer in computers {
                    self.ask(computer);
                }
            }
            PlaceEffect::Keep(record) => {
                let note = serde_json::to_value(&record).map_err(|error| unwritable(&error))?;
                self.database
                    .with(move |store| {
                        store.hear_epoch(record.highest_epoch)?;
                        store.keep_note(PlaceRecord::NOTE, Some(&note))
                    })
                    .await?;
            }
            PlaceEffect::SetRole(role) => self.database.with(move |store| store.set_role(role)).await?,
            PlaceEffect::Serve(serves) => {
                let at = match serves {
                    true => Some(self.database.with(|store| store.position()).await?),
                    false => None,
                };
                self.serves = serves;
                self.shared.serve(serves, self.machine.closed().is_some(), at.as_ref());
                self.shared.vigil.serves(serves, self.lapses);
            }
            PlaceEffect::Assured => self.shared.vigil.assure(self.lapses),
            PlaceEffect::Follow(whom) => self.shared.follow(whom).await,
            PlaceEffect::Promote { failover, epoch, ticket } => {
                self.shared.follow(None).await;
                let promotion = self.promotions.remove(&ticket);
                let promoted = self.promote(promotion, epoch).await;
                if self.database.is_gone() {
                    // Nobody knows how it ended: the database says it when it is loaded again.
                    return promoted.map(|()| None);
                }
                return Ok(Some(match promoted {
                    Ok(()) => {
                        self.shared.feeds.taken_over();
                        tracing::info!(database = %self.shared.database, failover, epoch, "taken over");
                        PlaceEvent::Promoted { epoch }
                    }
                    Err(error) => PlaceEvent::PromoteFailed(error),
                }));
            }
            PlaceEffect::Answer { ticket, result } => {
                self.promotions.remove(&ticket);
                if let Some(answer) = self.answers.remove(&ticket) {
                    // What it changed is seen by whoever gets the answer.
                    self.publish();
                    let _ = answer.send(result);
                }
            }
        }
        Ok(None)
    }

    fn ask(&self, computer: String) {
        tokio::spawn(ask_one(self.shared.clone(), computer, self.lapses));
    }

    async fn promote(&mut self, promotion: Option<Box<Promotion>>, epoch: u64) -> Result<(), ErrorRecord> {
        let Some(promotion) = promotion else {
            let message = "A database is taken over by the failover that says what is written with it.";
            return Err(ErrorRecord::new("FailoverFailed", Category::InvalidOperation, message));
        };
        let name = self.shared.database.called();
        let promoted = self.database.with(move |store| {
            let Promotion { must, above, grant, changes } = *promotion;
            let at = source(&store.position()?);
            if let Some(must) = &must
                && (must.sequence, &must.hash) != (at.sequence, &at.hash)
            {
                let message = format!(
                    "The log of {name} ends at row {} here, and it was to be taken over at row {}.",
                    at.sequence, must.sequence
                );
                return Err(ErrorRecord::new("TargetBehind", Category::InvalidOperation, message)
                    .hint("Nothing was changed: run the failover again."));
            }
            store.promote(&grant, epoch, above, &changes)
        });
        promoted.await.map(drop)
    }

    /// Tells the others on this computer how the place is.
    fn publish(&self) {
        let machine = &self.machine;
        let current = machine.role() != Role::Standby && machine.highest_epoch() <= machine.claim().epoch;
        self.shared.publish(
            Says {
                claim: machine.claim(),
                follows: machine.follows().map(str::to_string),
                closed: machine.closed().cloned(),
                double: machine.double().map(str::to_string),
                serves: self.serves,
            },
            current,
        );
    }

    /// Something durable failed: nobody is served by what is not known.
    async fn cease(&mut self) {
        self.serves = false;
        self.shared.serve(false, false, None);
        self.shared.vigil.serves(false, self.lapses);
        self.shared.follow(None).await;
        self.publish();
    }
}

/// Asks one place, and tells the machine what came of it.
async fn ask_one(shared: Arc<Shared>, computer: String, lapses: u64) {
    let Ok(node) = shared.node() else { return };
    let reply = match ask::heard(&node, &shared.database, &computer, ask::PATIENCE).await {
        Some(Ok(state)) => {
            shared.rival(&computer, state.serves.then_some(state.position.epoch));
            Reply::Said(Claim::of(&state))
        }
        None => Reply::Silent,
        Some(Err(error)) => {
            tracing::debug!(computer, id = error.id(), "a place does not say how it is: {}", error.message());
            Reply::Refused
        }
    };
    let _ = shared.inbox.send(Said::Answer { computer, reply, lapses }).await;
}

fn unwritable(error: &serde_json::Error) -> ErrorRecord {
    ErrorRecord::new("RecordInvalid", Category::InvalidData, format!("A record cannot be written: {error}."))
}
