//! What is told while a plan is carried out.

use std::time::Duration;

use super::plan::Action;
use crate::resource::{Address, CallError};

/// One thing that happened to one resource.
#[derive(Debug)]
pub enum Event<'a> {
    Started {
        address: &'a Address,
        action: Action,
    },
    /// What a resource is waiting for or doing now.
    Note { address: &'a Address, text: &'a str },
    Finished {
        address: &'a Address,
        action: Action,
        elapsed: Duration,
    },
    Failed {
        address: &'a Address,
        action: Action,
        error: &'a CallError,
        elapsed: Duration,
    },
    Skipped {
        address: &'a Address,
        action: Action,
        /// What failed or was stopped before it.
        because: &'a str,
    },
}

/// Follows the application of a plan.
pub trait Observer: Send + Sync {
    fn event(&self, event: &Event<'_>);
}

/// Follows nothing.
impl Observer for () {
    fn event(&self, _: &Event<'_>) {}
}
