//! Rows of a frame by a key: how many there are of each, and which comes first.

use std::collections::{HashMap, VecDeque};

use super::super::Aggregate;
use super::Moving;
use crate::error::Error;
use crate::types::Value;

#[derive(Debug)]
pub struct Tally {
    /// Where in a row its key is.
    key: usize,
    value: fn(&Self) -> Result<Value, Error>,
    /// The rows of each key with their numbers, in order.
    equal: HashMap<Value, VecDeque<(u64, Vec<Value>)>>,
    /// The number of the next row.
    next: u64,
}

impl Tally {
    /// What gives an aggregate of rows by the key at a place.
    pub fn boxed(key: usize, value: fn(&Self) -> Result<Value, Error>) -> Box<dyn Moving> {
        Box::new(Self {
            key,
            value,
            equal: HashMap::new(),
            next: 0,
        })
    }

    /// How many keys there are.
    pub fn keys(&self) -> usize {
        self.equal.len()
    }

    /// The first row of each key and how many there are of it, in the order they came.
    pub fn firsts(&self) -> Vec<(&[Value], i64)> {
        let mut firsts: Vec<(u64, &[Value], usize)> = self
            .equal
            .values()
            .filter_map(|rows| {
                let (number, row) = rows.front()?;
                Some((*number, row.as_slice(), rows.len()))
            })
            .collect();
        firsts.sort_unstable_by_key(|(number, ..)| *number);
        firsts
            .into_iter()
            .map(|(_, row, count)| (row, count as i64))
            .collect()
    }
}

impl Moving for Tally {
    fn push(&mut self, row: Vec<Value>) {
        let rows = self.equal.entry(row[self.key].clone()).or_default();
        rows.push_back((self.next, row));
        self.next += 1;
    }

    fn pop(&mut self, row: &[Value]) {
        let key = &row[self.key];
        if let Some(rows) = self.equal.get_mut(key) {
            rows.pop_front();
            if rows.is_empty() {
                self.equal.remove(key);
            }
        }
    }

    fn value(&mut self, _: &Aggregate) -> Result<Value, Error> {
        (self.value)(self)
    }
}
