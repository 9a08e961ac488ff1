//! Finds the match that Trino prefers among all that begin at a row: backtracking through the
//! pattern's program, which goes nowhere twice.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use datafusion::arrow::array::{Array, AsArray, BooleanArray};

use super::dependence::Dependence;
use super::evaluate::{Aggregates, Gathered, Match, Partition};
use super::{Computation, Instruction, Recognition, Source};
use crate::engine::cancelled;
use crate::error::Error;

/// How many numbers may tell the places that have been gone to; then they are forgotten, and may
/// be gone to once more.
const MAX_VISITED: usize = 4 << 20;
/// After so many steps it is looked whether the statement is cancelled.
const STEPS_AT_ONCE: usize = 1024;

/// A way that is still open: where it goes on, and what of the match belongs to it.
struct Open {
    at: usize,
    rows: usize,
    exclusions: usize,
}

/// The condition of a label over a partition.
enum Known {
    NotYet,
    /// It speaks of nothing but a row and those around it, so far back and so far on: by row.
    ByRow {
        holds: BooleanArray,
        back: i64,
        on: i64,
    },
    /// It depends on the match, or fails at some row, which may never be asked for.
    AtEachTime,
}

pub struct Matcher<'a> {
    recognition: &'a Recognition,
    partition: &'a Partition<'a>,
    pub found: Match,
    conditions: Vec<Known>,
    aggregates: Aggregates,
    /// The places that led nowhere since the last match: of the program, the row, and what makes a
    /// difference to the rows to come.
    visited: HashSet<Box<[usize]>>,
    visited_size: usize,
    /// Numbers of histories by that of the rows before, the history, the row and its label.
    histories: HashMap<[usize; 4], usize>,
    next_history: usize,
    steps: usize,
}

impl<'a> Matcher<'a> {
    pub fn new(recognition: &'a Recognition, partition: &'a Partition<'a>) -> Self {
        let mut conditions = Vec::new();
        conditions.resize_with(recognition.labels.len(), || Known::NotYet);
        let found = Match {
            number: 1,
            bounds: 0..partition.rows,
            rows: vec![Vec::new(); recognition.sets.len()],
            histories: vec![Vec::new(); recognition.dependences.histories.len()],
            ..Match::default()
        };
        Self {
            recognition,
            partition,
            found,
            conditions,
            aggregates: Aggregates::new(recognition),
            visited: HashSet::new(),
            visited_size: 0,
            histories: HashMap::new(),
            next_history: 1,
            steps: 0,
        }
    }

    /// Looks for a match that begins at a row; it is then in `found`.
    pub fn find(&mut self, start: usize) -> Result<bool, Error> {
        self.shorten(0, 0);
        self.found.start = start;
        let mut open: Vec<Open> = Vec::new();
        let mut at = 0;
        loop {
            self.stop_if_cancelled()?;
            let row = self.row();
            let goes_on = match self.recognition.program[at] {
                Instruction::Done => return Ok(true),
                Instruction::Jump(to) => {
                    at = to;
                    continue;
                }
                Instruction::Split(first, second) => {
                    if self.is_new(at) {
                        open.push(Open {
                            at: second,
                            rows: self.found.labels.len(),
                            exclusions: self.found.exclusions.len(),
                        });
                        at = first;
                        continue;
                    }
                    false
                }
                Instruction::Start => row == 0,
                Instruction::End => row == self.found.bounds.end,
                Instruction::Save => {
                    self.found.exclusions.push(self.found.labels.len());
                    true
                }
                Instruction::Label(label) => {
                    row < self.found.bounds.end && self.is_new(at) && self.take(label)?
                }
            };
            if goes_on {
                at += 1;
                continue;
            }
            let Some(next) = open.pop() else {
                return Ok(false);
            };
            self.shorten(next.rows, next.exclusions);
            at = next.at;
        }
    }

    /// Has matches, and what their conditions see, stay within rows of the partition.
    pub fn keep_within(&mut self, bounds: &Range<usize>) {
        if self.found.bounds != *bounds {
            self.found.bounds = bounds.clone();
            // What led nowhere within others may lead on within these.
            self.forget();
        }
    }

    /// Goes on to the next match; what has been learnt holds no longer.
    pub fn end_match(&mut self) {
        self.found.number += 1;
        self.aggregates.clear();
        self.forget();
    }

    /// The row behind those of the match.
    fn row(&self) -> usize {
        self.found.start + self.found.labels.len()
    }

    fn stop_if_cancelled(&mut self) -> Result<(), Error> {
        self.steps += 1;
        if self.steps < STEPS_AT_ONCE {
            return Ok(());
        }
        self.steps = 0;
        if self.recognition.cancel.is_cancelled() {
            return Err(cancelled());
        }
        Ok(())
    }

    /// Takes the next row under a label, if its condition holds.
    fn take(&mut self, label: usize) -> Result<bool, Error> {
        let row = self.row();
        self.found.labels.push(label);
        let sets = &self.recognition.sets;
        for (rows, set) in self.found.rows.iter_mut().zip(sets) {
            if set[label] {
                rows.push(row);
            }
        }
        self.remember(label, row);
        let holds = self.holds(label, row)?;
        if !holds {
            self.shorten(self.found.labels.len() - 1, self.found.exclusions.len());
        }
        Ok(holds)
    }

    /// Adds a row to the histories that it belongs to.
    fn remember(&mut self, label: usize, row: usize) {
        let kept = &self.recognition.dependences.histories;
        for (index, history) in kept.iter().enumerate() {
            if !self.recognition.sets[history.set][label] {
                continue;
            }
            let before = self.found.histories[index].last().copied().unwrap_or(0);
            let seen = if history.with_labels { label } else { 0 };
            let next = self.next_history;
            let number = *self
                .histories
                .entry([before, index, row, seen])
                .or_insert(next);
            if number == next {
                self.next_history += 1;
            }
            self.found.histories[index].push(number);
        }
    }

    /// Gives back rows and exclusions down to so many.
    fn shorten(&mut self, rows: usize, exclusions: usize) {
        self.found.exclusions.truncate(exclusions);
        while self.found.labels.len() > rows {
            let Some(label) = self.found.labels.pop() else {
                return;
            };
            let sets = &self.recognition.sets;
            for (rows, set) in self.found.rows.iter_mut().zip(sets) {
                if set[label] {
                    rows.pop();
                }
            }
            let kept = &self.recognition.dependences.histories;
            for (numbers, history) in self.found.histories.iter_mut().zip(kept) {
                if sets[history.set][label] {
                    numbers.pop();
                }
            }
        }
    }

    /// Whether a label's condition holds at the match's last row.
    fn holds(&mut self, label: usize, row: usize) -> Result<bool, Error> {
        let (recognition, partition) = (self.recognition, self.partition);
        let Some(condition) = &recognition.conditions[label] else {
            return Ok(true);
        };
        if matches!(self.conditions[label], Known::NotYet) {
            self.conditions[label] = self.known(condition, label);
        }
        if let Known::ByRow { holds, back, on } = &self.conditions[label]
            && self.sees_all(row, *back, *on)
        {
            return Ok(holds.is_valid(row) && holds.value(row));
        }
        let mut gathered = Gathered::new(condition);
        let (found, aggregates) = (&self.found, &mut self.aggregates);
        gathered.push(condition, recognition, partition, found, row, aggregates)?;
        let holds = gathered.evaluate(condition, recognition, partition)?;
        let holds = holds.as_boolean();
        Ok(holds.is_valid(0) && holds.value(0))
    }

    /// Whether what is between two distances from a row is the same to the match as to the
    /// partition: no row of it is out of the match's bounds only.
    fn sees_all(&self, row: usize, back: i64, on: i64) -> bool {
        let bounds = &self.found.bounds;
        let row = row as i64;
        (bounds.start == 0 || row.saturating_sub(back) >= bounds.start as i64)
            && (bounds.end == self.partition.rows || row.saturating_add(on) < bounds.end as i64)
    }

    /// Evaluates a condition over all rows, if it speaks of a row and those around it only.
    fn known(&self, condition: &Computation, label: usize) -> Known {
        let sets = &self.recognition.sets;
        let is_of_row = condition.inputs.iter().all(|input| match input.source {
            Source::Value(_, to) => to.last && to.logical == 0 && sets[to.set][label],
            Source::Classifier(to) => {
                to.last && to.logical == 0 && to.physical == 0 && sets[to.set][label]
            }
            Source::MatchNumber | Source::Aggregate(_) => false,
        });
        if !is_of_row {
            return Known::AtEachTime;
        }
        let distances = condition.inputs.iter().map(|input| match input.source {
            Source::Value(_, to) => to.physical,
            Source::Classifier(_) | Source::MatchNumber | Source::Aggregate(_) => 0,
        });
        let gathered = Gathered::every_row(condition, label, self.partition);
        match gathered.evaluate(condition, self.recognition, self.partition) {
            Ok(holds) => Known::ByRow {
                holds: holds.as_boolean().clone(),
                back: distances.clone().map(|by| -by).max().unwrap_or(0).max(0),
                on: distances.max().unwrap_or(0).max(0),
            },
            // Of the rows that are asked for, none may fail.
            Err(_) => Known::AtEachTime,
        }
    }

    /// Whether a place of the program has not been gone to in this state; it has now.
    fn is_new(&mut self, at: usize) -> bool {
        let state = self.state(at);
        let size = state.len();
        if self.visited_size + size > MAX_VISITED {
            self.forget();
        }
        let is_new = self.visited.insert(state);
        if is_new {
            self.visited_size += size;
        }
        is_new
    }

    fn forget(&mut self) {
        // New ones, because to clear what was large once takes as long each time.
        self.visited = HashSet::new();
        self.visited_size = 0;
        // Numbers are not given out again: the match may have some of them.
        self.histories = HashMap::new();
    }

    /// A place, the row, and what of the match makes a difference from here on.
    fn state(&self, at: usize) -> Box<[usize]> {
        let found = &self.found;
        let mut state = vec![at, self.row()];
        for dependence in &self.recognition.dependences.all {
            match dependence {
                Dependence::Start => state.push(found.start),
                Dependence::Labels(count) => {
                    let from = found.labels.len().saturating_sub(*count);
                    state.push(found.labels.len() - from);
                    state.extend(&found.labels[from..]);
                }
                Dependence::History(index) => {
                    state.push(found.histories[*index].last().copied().unwrap_or(0));
                }
                Dependence::Rows {
                    set,
                    last,
                    count,
                    label_at,
                } => {
                    let rows = &found.rows[*set];
                    let rows = if *last {
                        &rows[rows.len().saturating_sub(*count)..]
                    } else {
                        &rows[..rows.len().min(*count)]
                    };
                    state.push(rows.len());
                    state.extend(rows);
                    if let Some(by) = label_at {
                        state.extend(rows.iter().map(|row| self.label_of(*row, *by)));
                    }
                }
            }
        }
        state.into_boxed_slice()
    }

    /// The label of the row so far from a row, as a number that no label has where there is none.
    fn label_of(&self, row: usize, by: i64) -> usize {
        let to = self.partition.moved(row, by);
        to.and_then(|to| self.found.label_at(to))
            .unwrap_or(usize::MAX)
    }
}
