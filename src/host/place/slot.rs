//! Who writes a follower's log: the follower that runs all the time, or, meanwhile, somebody who takes the log once.

use tokio::sync::{Mutex, MutexGuard, watch};

/// How often work that gives way is begun. Whom to follow changes twice while a server starts; beyond that a failover is
/// under way, and the work had better say so.
const TURNS: usize = 4;

/// The place of the follower that runs. Two that write the same rows would only disturb each other: whoever has it to
/// itself is alone.
pub(super) struct Slot<R> {
    running: Mutex<Option<R>>,
    /// How many wait for it who cannot wait long.
    hurry: watch::Sender<usize>,
}

impl<R> Default for Slot<R> {
    fn default() -> Slot<R> {
        Slot { running: Mutex::new(None), hurry: watch::Sender::new(0) }
    }
}

/// Somebody who cannot wait long.
struct Hurries<'a>(&'a watch::Sender<usize>);

impl Drop for Hurries<'_> {
    fn drop(&mut self) {
        self.0.send_modify(|waiting| *waiting -= 1);
    }
}

impl<R> Slot<R> {
    /// Waits for it.
    pub async fn lock(&self) -> MutexGuard<'_, Option<R>> {
        self.running.lock().await
    }

    /// Waits for it, and asks whoever has it to let go: see [`Slot::is_wanted`].
    pub async fn first(&self) -> MutexGuard<'_, Option<R>> {
        self.hurry.send_modify(|waiting| *waiting += 1);
        let _hurries = Hurries(&self.hurry);
        self.running.lock().await
    }

    /// Its turns for work that gives way (see [`Slot::is_wanted`]) and goes on afterwards.
    pub const fn turns(&self) -> Turns<'_, R> {
        Turns { slot: self, had: 0 }
    }

    /// It, where nobody has it.
    pub fn free(&self) -> Option<MutexGuard<'_, Option<R>>> {
        self.running.try_lock().ok()
    }

    /// Waits until somebody else cannot wait for it.
    pub async fn is_wanted(&self) {
        // Its sender lives as long as this.
        let _ = self.hurry.subscribe().wait_for(|waiting| *waiting > 0).await;
    }
}

/// Turns of one who gives way.
pub(super) struct Turns<'a, R> {
    slot: &'a Slot<R>,
    had: usize,
}

impl<'a, R> Turns<'a, R> {
    /// The next turn: after those for whom it gave way, and only where there is `still` a reason for it then.
    pub async fn next(&mut self, still: impl Fn() -> bool) -> Option<MutexGuard<'a, Option<R>>> {
        let running = self.slot.lock().await;
        self.had += 1;
        (self.had == 1 || (self.had <= TURNS && still())).then_some(running)
    }
}

/// The slot while somebody takes the log once. However that ends, being dropped in its midst too, what is to run all the
/// time runs again.
pub(super) struct Lent<'a, R, F: Fn() -> Option<R>> {
    running: MutexGuard<'a, Option<R>>,
    again: F,
}

impl<'a, R, F: Fn() -> Option<R>> Lent<'a, R, F> {
    /// Lends it; `again` begins what is to run all the time.
    pub fn of(running: MutexGuard<'a, Option<R>>, again: F) -> Lent<'a, R, F> {
        Lent { running, again }
    }

    /// What ran, which is to be ended.
    pub fn take(&mut self) -> Option<R> {
        self.running.take()
    }
}

impl<R, F: Fn() -> Option<R>> Drop for Lent<'_, R, F> {
    fn drop(&mut self) {
        // Without a runtime the whole server ends.
        if self.running.is_none() && tokio::runtime::Handle::try_current().is_ok() {
            *self.running = (self.again)();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tokio::time::timeout;

    /// Takes the log once from somebody who never answers, until somebody else cannot wait.
    async fn hangs(slot: &Slot<&'static str>) {
        let mut lent = Lent::of(slot.lock().await, || Some("follows again"));
        assert!(lent.take().is_some());
        slot.is_wanted().await;
    }

    /// Rule: whoever takes the log once and is dropped meanwhile leaves the follower running.
    #[tokio::test]
    async fn who_is_dropped_leaves_the_follower() {
        let slot = Slot::default();
        *slot.lock().await = Some("follows");
        assert!(timeout(Duration::from_millis(20), hangs(&slot)).await.is_err());
        assert_eq!(*slot.lock().await, Some("follows again"));
    }

    /// Rule: work that gave way goes on after the other had its turn, as long as there is a reason for it, and not for ever.
    #[tokio::test]
    async fn who_gave_way_goes_on() {
        for (still, expected) in [(true, TURNS), (false, 1)] {
            let slot = std::sync::Arc::new(Slot::default());
            let mut turns = slot.turns();
            let (mut begun, mut others) = (0, Vec::new());
            while let Some(running) = turns.next(|| still).await {
                begun += 1;
                assert_eq!(*running, (begun > 1).then_some(begun - 1), "the other had it in between");
                let other = slot.clone();
                others.push(tokio::spawn(async move { *other.first().await = Some(begun) }));
                slot.is_wanted().await;
            }
            assert_eq!(begun, expected);
        }
    }

    /// Rule: who cannot wait is let in at once, though the other end of what is under way never answers; who only asks
    /// whether it is free does not disturb.
    #[tokio::test]
    async fn who_cannot_wait_is_let_in() {
        let slot = std::sync::Arc::new(Slot::default());
        *slot.lock().await = Some("follows");
        let other = slot.clone();
        let hanging = tokio::spawn(async move { hangs(&other).await });
        while slot.free().is_some() {
            tokio::task::yield_now().await;
        }
        let first = timeout(Duration::from_secs(60), slot.first()).await.expect("it is let in");
        assert_eq!(*first, Some("follows again"));
        drop(first);
        hanging.await.unwrap();
        assert!(timeout(Duration::from_millis(20), slot.is_wanted()).await.is_err(), "nobody waits any more");
    }
}
