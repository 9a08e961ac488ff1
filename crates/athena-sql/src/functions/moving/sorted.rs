//! The rows of a frame in the order of a key.

use std::cmp::Ordering;
use std::collections::VecDeque;

use crate::types::Value;

/// How many things a run has at most.
const RUN: usize = 256;

/// Things in order, in runs, so that one comes or goes without all behind it being moved.
#[derive(Debug)]
struct Sorted<T> {
    runs: Vec<Run<T>>,
    weigh: fn(&T) -> f64,
}

#[derive(Debug)]
struct Run<T> {
    things: Vec<T>,
    /// Of all of them: added up anew when one comes or goes.
    weight: f64,
}

impl<T> Sorted<T> {
    /// Puts a thing behind those that come before it.
    fn insert(&mut self, thing: T, is_before: impl Fn(&T) -> bool) {
        let Some(last) = self.runs.len().checked_sub(1) else {
            let run = self.run(vec![thing]);
            self.runs.push(run);
            return;
        };
        let at = self.run_of(&is_before).min(last);
        let mut things = std::mem::take(&mut self.runs[at].things);
        let place = things.partition_point(&is_before);
        things.insert(place, thing);
        if things.len() > RUN {
            let behind = things.split_off(RUN / 2);
            let behind = self.run(behind);
            self.runs.insert(at + 1, behind);
        }
        self.runs[at] = self.run(things);
    }

    /// Takes out the first thing that does not come before.
    fn remove(&mut self, is_before: impl Fn(&T) -> bool) {
        let at = self.run_of(&is_before);
        let Some(run) = self.runs.get_mut(at) else {
            return;
        };
        let mut things = std::mem::take(&mut run.things);
        let place = things.partition_point(&is_before);
        things.remove(place);
        if things.is_empty() {
            self.runs.remove(at);
        } else {
            self.runs[at] = self.run(things);
        }
    }

    fn run(&self, things: Vec<T>) -> Run<T> {
        let weight = things.iter().map(self.weigh).sum();
        Run { things, weight }
    }

    /// The first run that has a thing which does not come before.
    fn run_of(&self, is_before: impl Fn(&T) -> bool) -> usize {
        self.runs
            .partition_point(|run| run.things.last().is_some_and(&is_before))
    }

    fn all(&self) -> impl Iterator<Item = &T> {
        self.runs.iter().flat_map(|run| &run.things)
    }

    fn weight(&self) -> f64 {
        self.runs.iter().map(|run| run.weight).sum()
    }

    /// The first thing that, with those before it, has this weight; the last one where none has.
    fn reaching(&self, weight: f64) -> Option<&T> {
        let mut below = 0.0;
        for run in &self.runs {
            if below + run.weight < weight {
                below += run.weight;
                continue;
            }
            for thing in &run.things {
                below += (self.weigh)(thing);
                if below >= weight {
                    return Some(thing);
                }
            }
            return run.things.last();
        }
        self.runs.last().and_then(|run| run.things.last())
    }
}

/// The rows of a frame by a key, rows of the same key as they came. Rows whose key is NULL have no
/// place. The last value of a row is what the call asks for.
#[derive(Debug)]
pub struct Numbered {
    /// Where in a row its key is.
    key: usize,
    order: fn(&Value, &Value) -> Ordering,
    sorted: Sorted<(u64, Vec<Value>)>,
    /// The number of the frame's first row.
    first: u64,
    asked: VecDeque<Value>,
}

impl Numbered {
    pub fn new(
        key: usize,
        order: fn(&Value, &Value) -> Ordering,
        weigh: fn(&(u64, Vec<Value>)) -> f64,
    ) -> Self {
        let runs = Vec::new();
        Self {
            key,
            order,
            sorted: Sorted { runs, weigh },
            first: 0,
            asked: VecDeque::new(),
        }
    }

    pub fn push(&mut self, row: Vec<Value>) {
        let number = self.first + self.asked.len() as u64;
        self.asked.extend(row.last().cloned());
        let (key, order) = (self.key, self.order);
        if row[key].is_null() {
            return;
        }
        // It has the highest number, so that rows of its key are before it.
        let own = row[key].clone();
        let is_before = |(_, other): &(u64, Vec<Value>)| order(&other[key], &own).is_le();
        self.sorted.insert((number, row), is_before);
    }

    pub fn pop(&mut self, row: &[Value]) {
        let number = self.first;
        if self.asked.pop_front().is_none() {
            return;
        }
        self.first += 1;
        let (key, order) = (self.key, self.order);
        if row[key].is_null() {
            return;
        }
        self.sorted.remove(|(other_number, other)| {
            let keys = order(&other[key], &row[key]);
            keys.then_with(|| other_number.cmp(&number)).is_lt()
        });
    }

    /// What the frame's first row asks for; nothing of no rows.
    pub fn asked(&self) -> Option<&Value> {
        self.asked.front()
    }

    /// The rows that have a key, in order.
    pub fn rows(&self) -> impl Iterator<Item = &[Value]> {
        self.sorted.all().map(|(_, row)| row.as_slice())
    }

    /// The weight of all rows that have a key.
    pub fn weight(&self) -> f64 {
        self.sorted.weight()
    }

    /// The first row that, with those before it, has this weight.
    pub fn reaching(&self, weight: f64) -> Option<&[Value]> {
        self.sorted.reaching(weight).map(|(_, row)| row.as_slice())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_split_and_stay_in_order() {
        let mut numbered = Numbered::new(0, Value::order, |_| 1.0);
        let row = |n: i64| vec![Value::Integer((n * 7919) % 1009)];
        for n in 0..3_000 {
            numbered.push(row(n));
            if n >= 2_000 {
                numbered.pop(&row(n - 2_000));
            }
        }
        let mut expected: Vec<i64> = (1_000..3_000).map(|n| (n * 7919) % 1009).collect();
        expected.sort_unstable();
        let found: Vec<i64> = numbered.rows().map(|row| row[0].as_i64()).collect();
        assert_eq!(found, expected);
        assert_eq!(numbered.weight(), 2_000.0);
        assert!(
            numbered
                .sorted
                .runs
                .iter()
                .all(|run| run.things.len() <= RUN)
        );
        assert!(numbered.sorted.runs.len() > 2_000 / RUN);
        for place in [1, 500, 2_000] {
            let row = numbered.reaching(f64::from(place)).unwrap();
            assert_eq!(row[0].as_i64(), expected[place as usize - 1], "{place}");
        }
    }
}
