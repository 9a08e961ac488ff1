//! Stack for what nests as deep as the documents that it is given.

use std::{
    future::{Future, poll_fn},
    pin::pin,
};

/// Bytes that one level may take: a state within a state takes half of it in a debug build.
const LEVEL: usize = 512 * 1024;
/// Bytes of the stack that is added where less than a level is left.
const SEGMENT: usize = 2 * 1024 * 1024;

/// Runs `work` with enough stack for one more level of recursion.
pub(crate) fn with_stack<T>(work: impl FnOnce() -> T) -> T {
    stacker::maybe_grow(LEVEL, SEGMENT, work)
}

/// Waits for `future`, which may hold others of its kind, each with enough stack.
pub(crate) async fn deep<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    poll_fn(|context| with_stack(|| future.as_mut().poll(context))).await
}
