//! The children of a Map Run in their course: which run, which have ended, what came of them.

use std::{
    collections::{BTreeMap, VecDeque},
    pin::pin,
    sync::Arc,
};

use chrono::{DateTime, Utc};
use futures::{
    StreamExt,
    future::{BoxFuture, Either, select},
    stream::FuturesUnordered,
};

use super::{
    Interpreter,
    batcher::{Fed, Feed},
    failure::Interrupt,
    map_run::Run,
    result_writer::Results,
};
use crate::{ChildExecution, Outcome, RecordedChild};

/// The children that run.
pub(super) type Children<'c> = FuturesUnordered<BoxFuture<'c, Result<Ended, Interrupt>>>;

/// A child that has ended.
pub(super) struct Ended {
    pub child: Arc<ChildExecution>,
    pub outcome: Outcome,
    pub stopped: DateTime<Utc>,
}

/// The children of one Map Run, and its items.
pub(super) struct Course<'s> {
    pub feed: Feed<'s>,
    /// The number of the next child.
    pub next: u64,
    /// Every item has its child, or what was left of them cannot be had.
    pub complete: bool,
    /// Those that have begun and not ended, by their numbers.
    pub running: BTreeMap<u64, Arc<ChildExecution>>,
    /// Those that have ended and whose results are not taken yet.
    pub ended: VecDeque<Ended>,
    pub results: Results,
}

impl<'s> Course<'s> {
    pub fn new(feed: Feed<'s>, results: Results) -> Self {
        Self {
            feed,
            next: 0,
            complete: false,
            running: BTreeMap::new(),
            ended: VecDeque::new(),
            results,
        }
    }

    /// Begins the next child; gives it with what was known of it.
    pub fn start(
        &mut self,
        interpreter: &Interpreter,
        run: &mut Run,
        fed: Fed,
    ) -> (Arc<ChildExecution>, Option<RecordedChild>) {
        let now = interpreter.clock.now();
        let index = self.next;
        self.next += 1;
        let child = run.child(interpreter.execution, index, fed.items, fed.input, now);
        let child = Arc::new(child);
        let recorded = run.started(&child);
        self.running.insert(index, Arc::clone(&child));
        (child, recorded)
    }

    /// A child has ended; its result is to be taken.
    pub fn over(&mut self, run: &mut Run, ended: Ended) {
        self.running.remove(&ended.child.index);
        run.ended(ended.child.items, &ended.outcome);
        self.ended.push_back(ended);
    }
}

impl Interpreter<'_> {
    /// Takes what came of the children that have ended; while it is written the others go on.
    pub(super) async fn take_results(
        &self,
        run: &mut Run<'_>,
        course: &mut Course<'_>,
        running: &mut Children<'_>,
    ) -> Result<(), Interrupt> {
        while let Some(ended) = course.ended.pop_front() {
            let Ended {
                child,
                outcome,
                stopped,
            } = ended;
            let added = course.results.add(self, &child, Some(outcome), stopped);
            let (added, meanwhile) = beside(running, added).await;
            for ended in meanwhile {
                course.over(run, ended?);
            }
            added?;
            run.check(course.complete)?;
        }
        Ok(())
    }
}

/// Does `work` while children run; gives what came of those that ended meanwhile.
async fn beside<T>(
    running: &mut Children<'_>,
    work: impl Future<Output = T>,
) -> (T, Vec<Result<Ended, Interrupt>>) {
    let mut work = pin!(work);
    let mut ended = Vec::new();
    loop {
        if running.is_empty() {
            return (work.await, ended);
        }
        match select(work.as_mut(), running.next()).await {
            Either::Left((done, _)) => return (done, ended),
            Either::Right((child, _)) => ended.extend(child),
        }
    }
}
