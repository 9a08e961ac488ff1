//! Folders that can be partitions of one table, and what is to be said of those that are none.

use std::collections::HashMap;

use super::{Grouping, Resolved};
use crate::Warning;
use crate::advice::some_of;
use crate::classify::Layout;
use crate::counted::grouped;
use crate::group::{Group, LayoutId, SchemaId};
use crate::listing::FolderId;
use crate::naming::hive_key;
use crate::schema::Field;

/// What folders have in common that can be partitions of one table.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Kin {
    pub layout: LayoutId,
    /// The key of their `key=value` names.
    pub key: Option<String>,
    /// Those of the levels below them.
    pub levels: Vec<Option<String>>,
}

/// The folders of a folder by their kin, in the order in which each first comes, each with its name.
pub(super) fn kin_of(children: Vec<(&str, Resolved)>) -> Vec<(Kin, Vec<Group>)> {
    let mut all: Vec<(Kin, Vec<Group>)> = Vec::new();
    let mut places = HashMap::new();
    for (name, resolved) in children {
        let Some(group) = resolved.one else { continue };
        let kin = Kin {
            layout: group.layout,
            key: hive_key(name),
            levels: group.levels.clone(),
        };
        let place = *places.entry(kin.clone()).or_insert_with(|| {
            all.push((kin, Vec::new()));
            all.len() - 1
        });
        all[place].1.push(group);
    }
    all
}

/// What became of folders of one kin.
pub(super) struct Outcome {
    pub kin: Kin,
    folders: usize,
    /// The names of the first, and of the first whose columns are not those of the first, and the
    /// columns of both.
    first: (String, SchemaId),
    other: Option<(String, SchemaId)>,
    /// Their columns are similar enough for one table.
    is_alike: bool,
    /// They are partitions of a table.
    is_table: bool,
}

impl Grouping<'_> {
    pub(super) fn outcome(
        &self,
        kin: Kin,
        groups: &[Group],
        is_alike: bool,
        is_table: bool,
    ) -> Outcome {
        let named = |group: &Group| {
            let name = group.root.rsplit('/').next().unwrap_or_default();
            (name.to_owned(), group.columns)
        };
        let first = groups.first().map(named).unwrap_or_default();
        let other = groups.iter().find(|group| group.columns != first.1);
        Outcome {
            kin,
            folders: groups.len(),
            other: other.map(named),
            first,
            is_alike,
            is_table,
        }
    }

    /// Folders that could be partitions of one table by their names, and are not by what they hold.
    /// Of folders without a key this is known of those alone beside which others are partitions.
    pub(super) fn warn_of_other_kin(&mut self, folder: FolderId, outcomes: &[Outcome]) {
        let mut named: Vec<Vec<&Outcome>> = Vec::new();
        let mut places = HashMap::new();
        for outcome in outcomes {
            let names = (&outcome.kin.key, &outcome.kin.levels);
            let place = *places.entry(names).or_insert_with(|| {
                named.push(Vec::new());
                named.len() - 1
            });
            named[place].push(outcome);
        }
        for same in named {
            let may_be_one = same[0].kin.key.is_some() || same.iter().any(|one| one.is_table);
            let why = match &same[..] {
                _ if !may_be_one => None,
                [one] => self.why_columns_differ(one),
                several => Some(self.why_formats_differ(several)),
            };
            let Some(why) = why else { continue };
            let key = self.tree.folder_key(folder);
            self.done.warnings.push(Warning {
                location: crate::location(self.bucket, &key, true),
                message: format!("its folders {why}"),
            });
        }
    }

    fn why_formats_differ(&self, several: &[&Outcome]) -> String {
        let layouts: Vec<&Layout> = several
            .iter()
            .map(|one| &self.done.layouts.values[one.kin.layout])
            .collect();
        let kinds = several.iter().zip(&layouts);
        let kinds: Vec<String> = kinds
            .map(|(one, layout)| {
                format!(
                    "{} {} as `{}`",
                    grouped(one.folders as u64),
                    described(layout, &layouts),
                    one.first.0
                )
            })
            .collect();
        format!(
            "differ in format ({}), so they are not partitions of one table; to make them \
             partitions, write all in the same format",
            kinds.join(", ")
        )
    }

    fn why_columns_differ(&self, one: &Outcome) -> Option<String> {
        let (name, columns) = one.other.as_ref().filter(|_| !one.is_alike)?;
        // Names that are made up are the same, whatever the columns are.
        let is_unnamed = self.done.layouts.values[one.kin.layout].unnamed;
        let of = |schema: SchemaId| {
            let said = |column: &Field| {
                if is_unnamed {
                    format!("{} {}", column.name, column.data_type)
                } else {
                    column.name.clone()
                }
            };
            let columns = self.done.schemas.values[schema].iter();
            some_of(&columns.map(said).collect::<Vec<String>>())
        };
        Some(format!(
            "differ in their columns (`{}` has {}, and `{name}` has {}), so they are not partitions of \
             one table; to make them partitions, write all with the same columns",
            one.first.0,
            of(one.first.1),
            of(*columns)
        ))
    }
}

/// `csv without header with compression gzip`; with the delimiter, if that of others differs.
pub(super) fn described(layout: &Layout, among: &[&Layout]) -> String {
    let delimiter = |layout: &Layout| layout.table_parameters.get("delimiter").cloned();
    let is_other = |own: &String| {
        let mut others = among.iter().filter_map(|other| delimiter(other));
        others.any(|other| other != *own)
    };
    let own = delimiter(layout).filter(is_other);
    let by = own.map_or_else(String::new, |own| format!(" with the delimiter {own:?}"));
    let header = if layout.unnamed {
        " without header"
    } else {
        ""
    };
    format!(
        "{}{header}{by} with compression {}",
        layout.classification,
        layout.compression.name()
    )
}
