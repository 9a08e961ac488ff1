//! Columns of a table that are text because of few of its values.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Grouping;
use crate::classify::remarks::are_few;
use crate::counted::grouped;
use crate::group::Group;
use crate::memory::{Counted, ValueKind};
use crate::schema::{Field, Type};
use crate::survey::{Seen, ShapeId, TooMany};

/// A file: the place of its leaf in the group, and of the file in the leaf's folder.
type Place = (usize, usize);

/// The files of one shape whose columns have values of a kind each.
struct Uniform {
    first: Place,
    records: u64,
}

/// A file that has columns with values of several kinds.
struct Mixed<'a> {
    place: Place,
    shape: ShapeId,
    records: u64,
    counts: &'a [Counted],
}

/// The files of a table.
#[derive(Default)]
struct Files<'a> {
    uniform: BTreeMap<ShapeId, Uniform>,
    mixed: Vec<Mixed<'a>>,
}

/// The values of one kind of a column, and where the first is; a line of 0 is none that is known.
struct Tally {
    values: u64,
    first: (Place, u32),
}

/// The values of a column of a table.
#[derive(Default)]
struct Tallies {
    kinds: BTreeMap<ValueKind, Tally>,
    /// The records of files that have values of the column.
    records: u64,
}

impl Tallies {
    fn add(&mut self, kind: ValueKind, values: u64, first: (Place, u32)) {
        let tally = self.kinds.entry(kind).or_insert(Tally { values: 0, first });
        tally.values += values;
        tally.first = tally.first.min(first);
    }

    /// The kind of most values, how many others there are, and where the first of these is; nothing
    /// where these are many, or most are texts.
    fn few(&self) -> Option<(ValueKind, u64, (Place, u32))> {
        let (most, _) = self.kinds.iter().max_by_key(|(_, tally)| tally.values)?;
        let others = || self.kinds.iter().filter(|(kind, _)| *kind != most);
        let odd: u64 = others().map(|(_, tally)| tally.values).sum();
        let first = others().map(|(_, tally)| tally.first).min()?;
        let is_few = *most != ValueKind::Texts && are_few(odd, self.records);
        is_few.then_some((*most, odd, first))
    }
}

/// A column of a table that is text.
struct Text<'f> {
    name: &'f str,
    tallies: Tallies,
    /// The kinds of its values in files that do not tell themselves of few.
    untold: BTreeSet<ValueKind>,
}

impl Text<'_> {
    /// What is to be said if few of its values are the reason; `said` gives a place for people.
    fn message(&self, said: impl Fn((Place, u32)) -> String) -> Option<String> {
        let (most, odd, first) = self.tallies.few()?;
        let is_untold = self.untold.iter().any(|kind| *kind != most);
        is_untold.then(|| {
            let values = if odd == 1 { "value" } else { "values" };
            format!(
                "column {} is string because of {} {values} in {} records that were read; all others \
                 are {}; the first is in {}",
                self.name,
                grouped(odd),
                grouped(self.tallies.records),
                most.name(),
                said(first)
            )
        })
    }
}

/// The columns of a table that are text.
struct Texts<'f> {
    columns: Vec<Text<'f>>,
    /// By their folded names.
    places: HashMap<String, usize>,
}

impl<'f> Texts<'f> {
    fn of(columns: &'f [Field]) -> Self {
        let texts = columns
            .iter()
            .filter(|field| field.data_type == Type::String);
        let texts = texts.map(|field| Text {
            name: &field.name,
            tallies: Tallies::default(),
            untold: BTreeSet::new(),
        });
        let columns: Vec<Text<'f>> = texts.collect();
        let names = columns.iter().map(|column| column.name.to_lowercase());
        Self {
            places: names.zip(0..).collect(),
            columns,
        }
    }

    /// Those of them that a file of these columns has, with their place in it and what they seem.
    fn each(&mut self, of_file: &[Field], mut take: impl FnMut(&mut Text<'f>, usize, ValueKind)) {
        for (place, field) in of_file.iter().enumerate() {
            let own = self.places.get(&field.name.to_lowercase());
            if let (Some(own), Some(kind)) = (own, ValueKind::of(&field.data_type)) {
                take(&mut self.columns[*own], place, kind);
            }
        }
    }

    fn add_uniform(&mut self, columns: &[Field], files: &Uniform) {
        self.each(columns, |text, _, kind| {
            text.tallies.records += files.records;
            text.tallies.add(kind, files.records, (files.first, 0));
            text.untold.insert(kind);
        });
    }

    fn add_mixed(&mut self, columns: &[Field], file: &Mixed<'_>) {
        self.each(columns, |text, place, kind| {
            text.tallies.records += file.records;
            let own = file.counts.iter();
            let own = own.filter(|one| one.column as usize == place);
            let own: Vec<&Counted> = own.collect();
            if own.is_empty() {
                text.tallies.add(kind, file.records, (file.place, 0));
                text.untold.insert(kind);
            }
            for one in &own {
                let first = (file.place, one.line);
                text.tallies.add(one.kind, u64::from(one.values), first);
            }
            if !tells(&own) {
                text.untold.extend(own.iter().map(|one| one.kind));
            }
        });
    }
}

impl Grouping<'_> {
    /// Columns of a table that are text because of few of its values, if there are some in a file
    /// that has nothing else or too few others to be told of by itself.
    pub(super) fn warn_of_few_values(&mut self, group: &Group) {
        let layout = &self.done.layouts.values[group.layout];
        // Others have types of their own, or no SerDe that would read them.
        let is_text = layout.input_format.ends_with(".TextInputFormat");
        if !is_text || layout.serialization_library.is_empty() {
            return;
        }
        let mut texts = Texts::of(&self.done.schemas.values[group.columns]);
        if texts.columns.is_empty() {
            return;
        }
        let Ok(files) = self.files_of(group) else {
            return;
        };
        let columns = |shape: ShapeId| &self.survey.shapes[shape as usize].columns[..];
        for (shape, uniform) in &files.uniform {
            texts.add_uniform(columns(*shape), uniform);
        }
        for file in &files.mixed {
            texts.add_mixed(columns(file.shape), file);
        }
        let said = |place| self.said(group, place);
        let columns = texts.columns.iter();
        let messages: Vec<String> = columns.filter_map(|one| one.message(said)).collect();
        for message in messages {
            self.warn_of(&group.root, Some(message));
        }
    }

    /// Fails where there are more counts than are kept.
    fn files_of(&self, group: &Group) -> Result<Files<'_>, TooMany> {
        let mut files = Files::default();
        for (leaf, folder) in group.leaves.iter().map(|leaf| leaf.folder).enumerate() {
            let here = &self.tree.folders[folder];
            for place in 0..here.files.len() {
                let number = here.first_file + place;
                let Seen::As(shape, records) = self.survey.files[number] else {
                    continue;
                };
                let (place, records) = ((leaf, place), records.seen);
                let counts = self.survey.counts.of(number)?;
                if !counts.is_empty() {
                    files.mixed.push(Mixed {
                        place,
                        shape,
                        records,
                        counts,
                    });
                    continue;
                }
                let first = Uniform {
                    first: place,
                    records: 0,
                };
                files.uniform.entry(shape).or_insert(first).records += records;
            }
        }
        Ok(files)
    }

    /// `year=2024/a.csv, line 7`
    fn said(&self, group: &Group, ((leaf, place), line): (Place, u32)) -> String {
        let folder = group.leaves[leaf].folder;
        let file = &self.tree.folders[folder].files[place];
        let key = self.tree.file_key(folder, file);
        let name = key.strip_prefix(&group.root).unwrap_or(&key);
        let name = name.trim_start_matches('/');
        match line {
            0 => name.to_owned(),
            line => format!("{name}, line {}", grouped(u64::from(line))),
        }
    }
}

/// Whether a remark of the file itself says that a column is text because of few values.
fn tells(of_column: &[&Counted]) -> bool {
    let values = of_column.iter().map(|one| u64::from(one.values));
    let all: u64 = values.clone().sum();
    let most = of_column.iter().max_by_key(|one| one.values);
    most.is_some_and(|most| {
        let odd = all - u64::from(most.values);
        most.kind != ValueKind::Texts && are_few(odd, all)
    })
}
