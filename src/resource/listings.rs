//! Listings that many resources need at the same time, made once for all of them.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use super::CallError;

/// What was listed, and when that began.
type Made<T> = Option<(Instant, Arc<T>)>;

/// Listings by what they are of. One that began after somebody asked is as fresh as one of his own,
/// so those who ask at the same time share it; nobody gets one that is older than his question.
pub struct Listings<T> {
    made: Arc<Mutex<HashMap<String, Arc<tokio::sync::Mutex<Made<T>>>>>>,
}

impl<T> Clone for Listings<T> {
    fn clone(&self) -> Self {
        Self {
            made: self.made.clone(),
        }
    }
}

impl<T> std::fmt::Debug for Listings<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Listings").finish_non_exhaustive()
    }
}

impl<T> Default for Listings<T> {
    fn default() -> Self {
        Self {
            made: Arc::default(),
        }
    }
}

impl<T> Listings<T> {
    /// The listing of `key`, made by `list` unless somebody else makes it after this was asked.
    pub(super) async fn get<F>(
        &self,
        key: &str,
        list: impl FnOnce() -> F,
    ) -> Result<Arc<T>, CallError>
    where
        F: Future<Output = Result<T, CallError>>,
    {
        let asked = Instant::now();
        let place = {
            let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
            made.entry(key.to_owned()).or_default().clone()
        };
        let mut place = place.lock().await;
        if let Some((began, found)) = &*place
            && *began > asked
        {
            return Ok(found.clone());
        }
        let began = Instant::now();
        let found = Arc::new(list().await?);
        *place = Some((began, found.clone()));
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn those_who_ask_at_the_same_time_share_and_who_asks_later_sees_what_is_new() {
        let listings = Listings::<usize>::default();
        let made = AtomicUsize::new(0);
        let list = || async {
            tokio::time::sleep(Duration::from_millis(5)).await;
            Ok(made.fetch_add(1, Ordering::Relaxed))
        };
        let all = (0..32).map(|_| listings.get("primary", list));
        futures::future::try_join_all(all).await.expect("listed");
        let listed = made.load(Ordering::Relaxed);
        assert!(listed <= 2, "{listed} listings");
        let later = listings.get("primary", list).await.expect("listed");
        assert_eq!(*later, listed);
    }
}
