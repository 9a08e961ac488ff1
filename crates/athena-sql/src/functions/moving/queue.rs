//! Rows of a frame as a queue of states that are merged, none of which is ever taken away from
//! another: sums of floating-point numbers stay as exact as those of the frame's rows alone.

use std::fmt::Debug;

use super::super::{Aggregate, Reduce};
use super::Moving;
use crate::error::Error;
use crate::types::Value;

/// What neighbouring rows come to.
pub trait Merge: Clone + Debug + Send + Sync {
    /// What the rows come to together with those right behind them.
    fn merge(&self, later: &Self) -> Self;
}

/// States, the first of which leaves first, and what all of them come to. Two stacks make one
/// queue; a state is merged three times at most, and once more where the whole is asked for.
#[derive(Debug)]
pub struct Queue<S> {
    /// Each merged with those above it here; the first of the queue is the last one.
    front: Vec<S>,
    /// The states behind those of the front.
    back: Vec<S>,
    /// What the back comes to.
    behind: Option<S>,
    /// Whether none leaves, so that the states need not be kept.
    grows: bool,
}

impl<S: Merge> Queue<S> {
    pub fn new() -> Self {
        Self {
            front: Vec::new(),
            back: Vec::new(),
            behind: None,
            grows: false,
        }
    }

    pub fn only_grows(&mut self) {
        self.grows = true;
    }

    pub fn push(&mut self, state: S) {
        self.behind = Some(match &self.behind {
            Some(behind) => behind.merge(&state),
            None => state.clone(),
        });
        if !self.grows {
            self.back.push(state);
        }
    }

    pub fn pop(&mut self) {
        if self.front.is_empty() {
            self.turn();
        }
        self.front.pop();
    }

    /// Makes the back the front.
    fn turn(&mut self) {
        self.behind = None;
        for state in self.back.drain(..).rev() {
            let merged = match self.front.last() {
                Some(later) => state.merge(later),
                None => state,
            };
            self.front.push(merged);
        }
    }

    /// What all states come to; nothing where there is none.
    pub fn total(&self) -> Option<S> {
        match (self.front.last(), &self.behind) {
            (Some(front), Some(behind)) => Some(front.merge(behind)),
            (Some(one), None) | (None, Some(one)) => Some(one.clone()),
            (None, None) => None,
        }
    }
}

/// An aggregate that states of a row each are merged for, NULL of no rows.
#[derive(Debug)]
struct Merged<S> {
    state: fn(&[Value]) -> S,
    value: fn(&S) -> Result<Value, Error>,
    queue: Queue<S>,
}

/// What gives the state of a row, and the aggregate of a state.
pub fn merged<S: Merge + 'static>(
    state: fn(&[Value]) -> S,
    value: fn(&S) -> Result<Value, Error>,
) -> Box<dyn Moving> {
    Box::new(Merged {
        state,
        value,
        queue: Queue::new(),
    })
}

impl<S: Merge> Moving for Merged<S> {
    fn push(&mut self, row: Vec<Value>) {
        self.queue.push((self.state)(&row));
    }

    fn pop(&mut self, _: &[Value]) {
        self.queue.pop();
    }

    fn only_grows(&mut self) {
        self.queue.only_grows();
    }

    fn value(&mut self, _: &Aggregate) -> Result<Value, Error> {
        match self.queue.total() {
            Some(state) => (self.value)(&state),
            None => Ok(Value::Null),
        }
    }
}

/// An aggregate that a few rows of the frame decide.
#[derive(Debug)]
pub struct Kept {
    reduce: Reduce,
    queue: Queue<Deciding>,
}

impl Kept {
    pub fn by(reduce: Reduce) -> Self {
        Self {
            reduce,
            queue: Queue::new(),
        }
    }
}

/// The rows that still count among neighbouring ones.
#[derive(Clone, Debug)]
struct Deciding {
    reduce: Reduce,
    rows: Vec<Vec<Value>>,
}

impl Merge for Deciding {
    fn merge(&self, later: &Self) -> Self {
        let mut rows = self.rows.clone();
        rows.extend_from_slice(&later.rows);
        (self.reduce)(&mut rows);
        Self {
            reduce: self.reduce,
            rows,
        }
    }
}

impl Moving for Kept {
    fn push(&mut self, row: Vec<Value>) {
        self.queue.push(Deciding {
            reduce: self.reduce,
            rows: vec![row],
        });
    }

    fn pop(&mut self, _: &[Value]) {
        self.queue.pop();
    }

    fn only_grows(&mut self) {
        self.queue.only_grows();
    }

    fn value(&mut self, aggregate: &Aggregate) -> Result<Value, Error> {
        match self.queue.total() {
            Some(deciding) => aggregate.finish(&deciding.rows),
            None => aggregate.finish(&[]),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// The numbers of neighbouring rows, and how often any were merged.
    #[derive(Clone, Debug)]
    struct Counted(Vec<usize>, Arc<AtomicUsize>);

    impl Merge for Counted {
        fn merge(&self, later: &Self) -> Self {
            self.1.fetch_add(1, Ordering::Relaxed);
            // The first and the last one say which rows these are.
            let last = later.0.last().or(self.0.last());
            let first = self.0.first().or(later.0.first());
            let ends = first.into_iter().chain(last).copied().collect();
            Self(ends, Arc::clone(&self.1))
        }
    }

    #[test]
    fn a_row_is_merged_a_few_times_however_long_frames_are() {
        const ROWS: usize = 2_000;
        for length in [1, 2, 700, ROWS] {
            let merges = Arc::new(AtomicUsize::new(0));
            let mut queue = Queue::new();
            for row in 0..ROWS {
                queue.push(Counted(vec![row], Arc::clone(&merges)));
                if row >= length {
                    queue.pop();
                }
                let ends = queue.total().unwrap().0;
                let first = (row + 1).saturating_sub(length);
                assert_eq!((ends[0], ends[ends.len() - 1]), (first, row), "{length}");
            }
            let merges = merges.load(Ordering::Relaxed);
            assert!(merges <= 3 * ROWS, "{merges} merges in frames of {length}");
        }
    }

    #[test]
    fn a_queue_that_only_grows_keeps_no_states() {
        let merges = Arc::new(AtomicUsize::new(0));
        let mut queue = Queue::new();
        queue.only_grows();
        for row in 0..10 {
            queue.push(Counted(vec![row], Arc::clone(&merges)));
        }
        assert!(queue.back.is_empty() && queue.front.is_empty());
        assert_eq!(queue.total().unwrap().0, [0, 9]);
    }
}
