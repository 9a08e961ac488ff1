//! Ctrl-C: once finishes what is in flight, twice stops.

use std::sync::Arc;

use tokio::sync::watch;

/// A wish to stop, shared by who asks and who works.
#[derive(Debug, Clone)]
pub struct Stop {
    asked: Arc<watch::Sender<u8>>,
}

impl Default for Stop {
    fn default() -> Self {
        Self {
            asked: Arc::new(watch::Sender::new(0)),
        }
    }
}

impl Stop {
    /// Asks once more: the first time nothing new is begun, the second time all is dropped.
    pub fn ask(&self) {
        self.asked
            .send_modify(|times| *times = times.saturating_add(1));
    }

    pub fn is_asked(&self) -> bool {
        *self.asked.borrow() > 0
    }

    /// Returns when it was asked twice.
    pub async fn at_once(&self) {
        let mut asked = self.asked.subscribe();
        // The sender lives in `self`, so the channel cannot close meanwhile.
        let _ = asked.wait_for(|times| *times > 1).await;
    }
}
