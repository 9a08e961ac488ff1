//! Who waits in this process for something to be written into the store, and how it is woken.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::Notify;

/// How often the store is looked at for what another process may have written.
pub(super) const LOOK: Duration = Duration::from_millis(250);

/// Waiters by what they wait for: the token of a task, the ARN of an activity.
#[derive(Default)]
pub(super) struct Notices {
    waiters: Mutex<HashMap<String, Arc<Notify>>>,
}

impl Notices {
    /// Wakes all who wait for `key`.
    pub fn wake(&self, key: &str) {
        if let Some(waiter) = self.waiters.lock().get(key) {
            waiter.notify_waiters();
        }
    }

    /// Waits for `key`, as one of those who are woken from now on.
    pub fn of(&self, key: &str) -> Waiter<'_> {
        let mut waiters = self.waiters.lock();
        let notify = waiters.entry(key.to_owned()).or_default().clone();
        Waiter {
            notices: self,
            key: key.to_owned(),
            notify,
        }
    }
}

/// One who waits.
pub(super) struct Waiter<'a> {
    notices: &'a Notices,
    key: String,
    notify: Arc<Notify>,
}

impl Waiter<'_> {
    /// Looks with `look`, again whenever woken and every now and then, until it finds something or
    /// the time is up.
    pub async fn until<T, E>(
        &self,
        mut look: impl FnMut() -> Result<Option<T>, E>,
        most: Option<Duration>,
    ) -> Result<Option<T>, E> {
        let deadline = most.map(|most| tokio::time::Instant::now() + most);
        loop {
            let woken = self.notify.notified();
            tokio::pin!(woken);
            // From here on a wake is not missed.
            woken.as_mut().enable();
            if let Some(found) = look()? {
                return Ok(Some(found));
            }
            let left = deadline.map(|d| d.saturating_duration_since(tokio::time::Instant::now()));
            if left == Some(Duration::ZERO) {
                return Ok(None);
            }
            let pause = left.map_or(LOOK, |left| left.min(LOOK));
            // Woken or not, the store is looked at.
            let _ = tokio::time::timeout(pause, woken).await;
        }
    }
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        let mut waiters = self.notices.waiters.lock();
        // The map's own and this one: nobody else waits.
        if Arc::strong_count(&self.notify) <= 2 {
            waiters.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_waiter_is_woken_and_gives_up_in_time() {
        let notices = Notices::default();
        let there = AtomicBool::new(false);
        let look = || Ok::<_, ()>(there.load(Ordering::SeqCst).then_some("found"));
        let started = tokio::time::Instant::now();
        let most = Some(Duration::from_mins(1));
        let nothing = notices.of("token").until(look, most).await;
        assert_eq!(nothing, Ok(None));
        assert_eq!(started.elapsed(), Duration::from_mins(1));
        let waiter = notices.of("token");
        let (found, ()) = tokio::join!(waiter.until(look, most), async {
            there.store(true, Ordering::SeqCst);
            notices.wake("token");
        });
        assert_eq!(found, Ok(Some("found")));
        drop(waiter);
        assert!(notices.waiters.lock().is_empty());
    }
}
