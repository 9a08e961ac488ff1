//! What of the rows matched so far makes a difference to the conditions of rows to come.
//!
//! Two ways to the same place of a pattern that agree in it lead on alike, so that one of them need
//! not be gone. (Trino's `ThreadEquivalence` has the same purpose.)

use super::{AggregateOf, Computation, Navigation, Source};

/// A part of what has been matched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dependence {
    /// The first row of the match.
    Start,
    /// The labels of the last rows, so many.
    Labels(usize),
    /// The first or last rows of a set of labels.
    Rows {
        set: usize,
        last: bool,
        count: usize,
        /// The labels of the rows that far from them, too.
        label_at: Option<i64>,
    },
    /// All rows of a set of labels, as the history of that index tells.
    History(usize),
}

/// A set of labels all of whose rows are remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct History {
    pub set: usize,
    /// Whether the rows' labels are, too.
    pub with_labels: bool,
}

#[derive(Debug)]
pub struct Dependences {
    pub all: Vec<Dependence>,
    pub histories: Vec<History>,
    /// By aggregate: the history of its rows, where it is in a condition and not over all rows.
    pub history_of: Vec<Option<usize>>,
}

impl Dependences {
    /// Of the conditions by label, with the aggregates and the sets of labels that they speak of.
    pub fn of(
        conditions: &[Option<Computation>],
        aggregates: &[AggregateOf],
        sets: &[Vec<bool>],
    ) -> Self {
        let mut dependences = Self {
            all: Vec::new(),
            histories: Vec::new(),
            history_of: vec![None; aggregates.len()],
        };
        for (label, condition) in conditions.iter().enumerate() {
            for input in condition.iter().flat_map(|condition| &condition.inputs) {
                match input.source {
                    Source::MatchNumber => {}
                    Source::Value(_, navigation) => {
                        dependences.rows(navigation, label, sets, None);
                    }
                    Source::Classifier(navigation) => {
                        dependences.labels(navigation, label, sets);
                    }
                    Source::Aggregate(index) => dependences.aggregate(index, aggregates, sets),
                }
            }
        }
        dependences
    }

    fn add(&mut self, dependence: Dependence) {
        if !self.all.contains(&dependence) {
            self.all.push(dependence);
        }
    }

    /// Of a value that the condition of `label` takes from another row.
    fn rows(
        &mut self,
        navigation: Navigation,
        label: usize,
        sets: &[Vec<bool>],
        label_at: Option<i64>,
    ) {
        let set = navigation.set;
        let count = if navigation.last {
            // The row of the condition is the last of the sets that its label is in.
            navigation.logical + usize::from(!sets[set][label])
        } else {
            navigation.logical + 1
        };
        if count == 0 {
            return;
        }
        if is_of_all(&sets[set]) && label_at.is_none() {
            self.add(Dependence::Start);
            return;
        }
        self.add(Dependence::Rows {
            set,
            last: navigation.last,
            count,
            label_at,
        });
    }

    /// Of another row's label.
    fn labels(&mut self, navigation: Navigation, label: usize, sets: &[Vec<bool>]) {
        if navigation.physical != 0 {
            // Outside of the match, rows have no labels.
            self.add(Dependence::Start);
        }
        if navigation.physical < 0 {
            let back = usize::try_from(navigation.physical.unsigned_abs()).unwrap_or(usize::MAX);
            self.add(Dependence::Labels(back));
        }
        self.rows(navigation, label, sets, Some(navigation.physical));
    }

    fn aggregate(&mut self, index: usize, aggregates: &[AggregateOf], sets: &[Vec<bool>]) {
        let aggregate = &aggregates[index];
        let history = History {
            set: aggregate.set,
            with_labels: aggregate.looks_at_labels(),
        };
        if is_of_all(&sets[history.set]) && !history.with_labels {
            self.add(Dependence::Start);
            return;
        }
        let known = self.histories.iter().position(|known| *known == history);
        let place = known.unwrap_or_else(|| {
            self.histories.push(history);
            self.histories.len() - 1
        });
        self.history_of[index] = Some(place);
        self.add(Dependence::History(place));
    }
}

fn is_of_all(set: &[bool]) -> bool {
    set.iter().all(|is_in| *is_in)
}
