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
    found: Vec<&'a Partition>,
    by_values: HashMap<&'a [String], usize>,
    /// By their locations without a slash at the end.
    by_location: HashMap<&'a str, usize>,
    /// Which of those that were found are there.
    there: Vec<bool>,
}

/// What becomes of a partition that is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate<'a> {
    Stays,
    Goes,
    /// It was found again, and may be updated. Its values are those that it has.
    IsFound(&'a Partition),
}

impl<'a> Partitions<'a> {
    /// `keys` is how many the table has now; one that `is_regrouped` had others before.
    pub fn new(rules: &'a Rules, table: &'a Table, keys: usize, is_regrouped: bool) -> Self {
        let fitting = table.partitions.iter().filter(|_| keys > 0);
        let found: Vec<&Partition> = fitting.filter(|one| one.values.len() == keys).collect();
        let places = || found.iter().enumerate();
        Self {
            rules,
            keys,
            is_regrouped,
            by_values: places()
                .map(|(place, one)| (&one.values[..], place))
                .collect(),
            by_location: places()
                .map(|(place, one)| (one.location.trim_end_matches('/'), place))
                .collect(),
            there: vec![false; found.len()],
            found,
        }
    }

    /// What becomes of a partition that is there. One that has another's folder is that folder's,
    /// whatever its values are called: a folder that has two partitions is read twice.
    pub fn fate(&mut self, values: &[String], location: &str) -> Fate<'a> {
        let rules = self.rules;
        // Of other partition keys than the table has.
        let is_odd = values.len() != self.keys && rules.updates;
        if self.is_regrouped || is_odd {
            return match rules.gone {
                Gone::Log => Fate::Stays,
                Gone::Delete | Gone::Deprecate => Fate::Goes,
            };
        }
        let at_location = || self.by_location.get(location.trim_end_matches('/'));
        let place = self.by_values.get(values).or_else(at_location).copied();
        if let Some(place) = place {
            self.there[place] = true;
        }
        match place.map(|place| self.found[place]) {
            Some(found) if rules.updates => Fate::IsFound(found),
            None if rules.gone == Gone::Delete && rules.cover(location) => Fate::Goes,
            _ => Fate::Stays,
        }
    }

    /// Those that are not there: the new ones, in the order of their values.
    pub fn new_ones(self) -> Vec<&'a Partition> {
        let found = self.found.into_iter().zip(self.there);
        let mut new: Vec<&Partition> = found
            .filter_map(|(one, is_there)| (!is_there).then_some(one))
            .collect();
        new.sort_unstable_by(|one, other| one.values.cmp(&other.values));
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Format;
    use crate::catalog::Configuration;

    fn rules(gone: Gone) -> Rules {
        Rules {
            crawler: "c".to_owned(),
            updates: true,
            gone,
            configuration: Configuration::default(),
            roots: vec!["s3://lake/".to_owned()],
        }
    }

    fn table(partitions: &[(&str, &str)]) -> Table {
        let partition = |(value, folder): &(&str, &str)| Partition {
            values: vec![(*value).to_owned()],
            location: format!("s3://lake/t/{folder}/"),
            columns: Vec::new(),
            format: Format::default(),
            parameters: std::collections::BTreeMap::new(),
        };
        Table {
            name: "t".to_owned(),
            location: "s3://lake/t/".to_owned(),
            columns: Vec::new(),
            partition_keys: Vec::new(),
            partitions: partitions.iter().map(partition).collect(),
            format: Format::default(),
            parameters: std::collections::BTreeMap::new(),
            is_counted: true,
        }
    }

    fn values(of: &[&str]) -> Vec<String> {
        of.iter().map(|value| (*value).to_owned()).collect()
    }

    #[test]
    fn a_folder_that_has_a_partition_gets_no_second_one() {
        let rules = rules(Gone::Delete);
        let found = table(&[("01", "m=01"), ("02", "m=02")]);
        for by_hand in [["1", "01"], ["01", "1"]] {
            let mut partitions = Partitions::new(&rules, &found, 1, false);
            for value in by_hand {
                let fate = partitions.fate(&values(&[value]), "s3://lake/t/m=01");
                assert_eq!(fate, Fate::IsFound(&found.partitions[0]));
            }
            assert_eq!(partitions.new_ones(), [&found.partitions[1]]);
        }
    }

    #[test]
    fn with_log_no_partition_goes() {
        let found = table(&[("1", "m=1")]);
        for (gone, fate) in [
            (Gone::Log, Fate::Stays),
            (Gone::Delete, Fate::Goes),
            (Gone::Deprecate, Fate::Goes),
        ] {
            let rules = rules(gone);
            let mut partitions = Partitions::new(&rules, &found, 1, false);
            let odd = values(&["1", "2"]);
            assert_eq!(partitions.fate(&odd, "s3://lake/t/1/2/"), fate);
        }
    }
}
