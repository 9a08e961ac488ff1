//! Map Runs that failed or were cut off, until it is told of them.
//!
//! A Map Run is cut off by what fails, or runs out of time, around it: that drops it with all that
//! runs in it. Who ends the process drops it too, and nothing is told then: it is taken up again.

use std::sync::{Arc, Mutex, PoisonError};

use super::Interpreter;
use crate::MapRunProgress;

/// The ARNs of Map Runs, inner ones first, and the last of each; clones share them.
#[derive(Clone, Debug, Default)]
pub(super) struct Unsuccessful(Arc<Mutex<Vec<(String, MapRunProgress)>>>);

impl Unsuccessful {
    pub fn add(&self, arn: String, last: MapRunProgress) {
        let mut runs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        runs.push((arn, last));
    }

    fn take(&self) -> Vec<(String, MapRunProgress)> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Interpreter<'_> {
    /// Tells the last of the Map Runs that did not succeed, after the event of what failed: who goes
    /// on from the history goes on from that failure, and not from children that are aborted.
    pub(super) fn tell_unsuccessful(&self) {
        if let Some(keeper) = self.tasks.map_runs() {
            for (arn, last) in self.unsuccessful.take() {
                keeper.progress(&arn, last);
            }
        }
    }
}
