//! Stack for what nests as deep as the documents that it is given.

use std::{
    future::{Future, poll_fn},
    pin::pin,
};

/// Runs `work` with enough stack for one more level of recursion.
pub(crate) fn with_stack<T>(work: impl FnOnce() -> T) -> T {
    stacker::maybe_grow(256 * 1024, 2 * 1024 * 1024, work)
}

/// Waits for `future`, which may hold others of its kind, each with enough stack.
pub(crate) async fn deep<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    poll_fn(|context| with_stack(|| future.as_mut().poll(context))).await
}
