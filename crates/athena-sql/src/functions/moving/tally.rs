//! Equal values of a frame together: how many there are of each, and which comes first.

use std::collections::{HashMap, VecDeque};

use super::super::Aggregate;
use super::Moving;
use crate::error::Error;
use crate::types::Value;

/// The values that rows begin with.
#[derive(Debug)]
pub struct Tally {
    value: fn(&Self) -> Value,
    /// Equal values with the numbers of their rows, in order: they may differ as they print.
    equal: HashMap<Value, VecDeque<(u64, Value)>>,
    /// The number of the next row.
    next: u64,
}

impl Tally {
    /// What gives an aggregate of the values.
    pub fn boxed(value: fn(&Self) -> Value) -> Box<dyn Moving> {
        Box::new(Self {
            value,
            equal: HashMap::new(),
            next: 0,
        })
    }

    /// How many values there are that differ.
    pub fn distinct(&self) -> usize {
        self.equal.len()
    }

    /// The values that differ, each with how often it is there, in the order they came.
    pub fn counts(&self) -> Vec<(Value, i64)> {
        let mut firsts: Vec<(u64, &Value, usize)> = self
            .equal
            .values()
            .filter_map(|rows| {
                let (number, value) = rows.front()?;
                Some((*number, value, rows.len()))
            })
            .collect();
        firsts.sort_unstable_by_key(|(number, ..)| *number);
        firsts
            .into_iter()
            .map(|(_, value, count)| (value.clone(), count as i64))
            .collect()
    }
}

impl Moving for Tally {
    fn push(&mut self, row: Vec<Value>) {
        let number = self.next;
        self.next += 1;
        if let Some(value) = row.into_iter().next() {
            let rows = self.equal.entry(value.clone()).or_default();
            rows.push_back((number, value));
        }
    }

    fn pop(&mut self, row: &[Value]) {
        let Some(value) = row.first() else {
            return;
        };
        if let Some(rows) = self.equal.get_mut(value) {
            rows.pop_front();
            if rows.is_empty() {
                self.equal.remove(value);
            }
        }
    }

    fn value(&self, _: &Aggregate) -> Result<Value, Error> {
        Ok((self.value)(self))
    }
}
