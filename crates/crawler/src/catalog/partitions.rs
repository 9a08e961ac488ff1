//! What becomes of the partitions of a table.

use std::collections::HashMap;

use super::{Gone, Rules};
use crate::{Partition, Table};

/// The partitions that a crawl found of a table, compared with those that are there.
#[derive(Debug)]
pub struct Partitions<'a> {
    rules: &'a Rules,
    /// How many keys the table has.
    keys: usize,
    is_regrouped: bool,
    found: HashMap<&'a [String], &'a Partition>,
}

/// What becomes of a partition that is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate<'a> {
    Stays,
    Goes,
    /// It was found again, and may be updated.
    IsFound(&'a Partition),
}

impl<'a> Partitions<'a> {
    /// `keys` is how many the table has now; one that `is_regrouped` had others before.
    pub fn new(rules: &'a Rules, table: &'a Table, keys: usize, is_regrouped: bool) -> Self {
        let fitting = table.partitions.iter().filter(|_| keys > 0);
        Self {
            rules,
            keys,
            is_regrouped,
            found: fitting
                .filter(|one| one.values.len() == keys)
                .map(|one| (&one.values[..], one))
                .collect(),
        }
    }

    /// What becomes of a partition that is there; each is asked for once.
    pub fn fate(&mut self, values: &[String], location: &str) -> Fate<'a> {
        let rules = self.rules;
        // Of other partition keys than the table has.
        let is_odd = values.len() != self.keys && rules.updates;
        if self.is_regrouped || is_odd {
            return Fate::Goes;
        }
        match self.found.remove(values) {
            Some(found) if rules.updates => Fate::IsFound(found),
            None if rules.gone == Gone::Delete && rules.cover(location) => Fate::Goes,
            _ => Fate::Stays,
        }
    }

    /// Those that nothing that is there was asked for: the new ones, in the order of their values.
    pub fn new_ones(self) -> Vec<&'a Partition> {
        let mut new: Vec<&Partition> = self.found.into_values().collect();
        new.sort_unstable_by(|one, other| one.values.cmp(&other.values));
        new
    }
}
