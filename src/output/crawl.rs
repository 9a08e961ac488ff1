//! What a crawl did to the catalog: the tables before and after, compared and shown.

mod show;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

pub use show::show;
#[cfg(feature = "native-crawl")]
pub use show::warnings;

/// A table as far as a crawl changes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// Changes whenever the table does.
    pub version: String,
    pub classification: String,
    pub columns: Vec<ColumnOf>,
    /// What else a crawl writes, by its name: the location, the classes, and all parameters.
    pub settings: BTreeMap<String, String>,
    /// Whether a crawler has marked it as one whose data is gone, or of another kind.
    pub is_deprecated: bool,
}

/// The tables of a database by name.
pub type Catalog = BTreeMap<String, Seen>;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ColumnOf {
    pub name: String,
    pub r#type: String,
    pub partition_key: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ColumnChange {
    pub name: String,
    pub old: String,
    pub new: String,
}

/// What a table's setting was and is; nothing where it was not, or is not any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SettingChange {
    pub name: String,
    pub old: Option<String>,
    pub new: Option<String>,
}

/// How many partitions of a table came, changed and went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Partitions {
    pub added: usize,
    pub changed: usize,
    pub removed: usize,
}

/// What became of one table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TableChange {
    pub database: String,
    pub table: String,
    /// `added`, `changed`, `deprecated`, `removed`.
    pub what: &'static str,
    pub classification: String,
    pub columns_added: Vec<ColumnOf>,
    pub columns_changed: Vec<ColumnChange>,
    pub columns_removed: Vec<ColumnOf>,
    /// Of a table that is changed.
    pub settings_changed: Vec<SettingChange>,
    pub partitions_added: usize,
    pub partitions_changed: usize,
    pub partitions_removed: usize,
}

/// What one crawl came to.
#[derive(Debug, Serialize)]
pub struct Report {
    pub crawler: String,
    /// `SUCCEEDED`, `FAILED`, `CANCELLED`; `DRY_RUN` where nothing was written.
    pub status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    pub seconds: f64,
    /// What was looked at, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub objects: Option<u64>,
    /// The folders that were looked at instead, where no object was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub folders: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes_read: Option<u64>,
    /// Dollars of DPU-hours: what Glue billed, or would have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<f64>,
    /// Whether Glue on AWS made the crawl, and billed it.
    pub billed: bool,
    /// The database, where the crawl makes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database_added: Option<String>,
    /// What is worth knowing about the data, with its place.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Warning>,
    pub changes: Vec<TableChange>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Warning {
    pub location: String,
    pub message: String,
}

impl Report {
    pub fn is_good(&self) -> bool {
        matches!(self.status.as_str(), "SUCCEEDED" | "DRY_RUN")
    }
}

/// Compares a database before and after. `partitions` are those that came, changed and went, by
/// table.
pub fn difference(
    database: &str,
    before: &Catalog,
    after: &Catalog,
    partitions: &BTreeMap<String, Partitions>,
) -> Vec<TableChange> {
    let mut changes = Vec::new();
    let nothing = Seen::default();
    for (name, new) in after {
        let old = before.get(name);
        let moved = partitions.get(name).copied().unwrap_or_default();
        let is_new = old.is_none_or(|o| o.version != new.version);
        if !is_new && moved == Partitions::default() {
            continue;
        }
        let what = match old {
            None => "added",
            Some(old) if new.is_deprecated && !old.is_deprecated => "deprecated",
            Some(_) => "changed",
        };
        let old = old.unwrap_or(&nothing);
        changes.push(table_change(database, name, what, old, new, moved));
    }
    for (name, old) in before {
        if !after.contains_key(name) {
            let mut change =
                table_change(database, name, "removed", old, old, Partitions::default());
            change.classification.clone_from(&old.classification);
            changes.push(change);
        }
    }
    changes
}

fn table_change(
    database: &str,
    table: &str,
    what: &'static str,
    old: &Seen,
    new: &Seen,
    partitions: Partitions,
) -> TableChange {
    let find = |of: &Seen, name: &str| of.columns.iter().find(|c| c.name == name).cloned();
    let missing = |of: &Seen, from: &Seen| -> Vec<ColumnOf> {
        let columns = of.columns.iter();
        columns
            .filter(|c| find(from, &c.name).is_none())
            .cloned()
            .collect()
    };
    let changed = new.columns.iter().filter_map(|column| {
        let before = find(old, &column.name).filter(|before| before.r#type != column.r#type)?;
        Some(ColumnChange {
            name: column.name.clone(),
            old: before.r#type,
            new: column.r#type.clone(),
        })
    });
    let settings_changed = if what == "changed" {
        changed_settings(&old.settings, &new.settings)
    } else {
        Vec::new()
    };
    TableChange {
        database: database.to_owned(),
        table: table.to_owned(),
        what,
        classification: new.classification.clone(),
        columns_added: missing(new, old),
        columns_changed: changed.collect(),
        columns_removed: missing(old, new),
        settings_changed,
        partitions_added: partitions.added,
        partitions_changed: partitions.changed,
        partitions_removed: partitions.removed,
    }
}

fn changed_settings(
    old: &BTreeMap<String, String>,
    new: &BTreeMap<String, String>,
) -> Vec<SettingChange> {
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let differ = names
        .into_iter()
        .filter(|name| old.get(*name) != new.get(*name));
    differ
        .map(|name| SettingChange {
            name: name.clone(),
            old: old.get(name).cloned(),
            new: new.get(name).cloned(),
        })
        .collect()
}

/// What a crawl in this process warns of, and what else it advises.
#[cfg(feature = "native-crawl")]
pub fn of_crawl(found: &crawler::Crawled) -> Vec<Warning> {
    let warnings = found.warnings.iter().map(|warning| Warning {
        location: warning.location.clone(),
        message: warning.message.clone(),
    });
    let advice = found.advice.iter().filter(|advice| !advice.is_warned_of());
    let advice = advice.map(|advice| Warning {
        location: advice.location().to_owned(),
        message: advice.message(),
    });
    warnings.chain(advice).collect()
}

#[cfg(test)]
mod tests {
    use super::show::{facts, shown_settings};
    use super::*;

    fn seen(version: &str, columns: &[(&str, &str)]) -> Seen {
        Seen {
            version: version.to_owned(),
            classification: "csv".to_owned(),
            columns: columns
                .iter()
                .map(|(name, kind)| ColumnOf {
                    name: (*name).to_owned(),
                    r#type: (*kind).to_owned(),
                    partition_key: false,
                })
                .collect(),
            settings: BTreeMap::new(),
            is_deprecated: false,
        }
    }

    fn catalog(tables: &[(&str, Seen)]) -> Catalog {
        let named = tables.iter().cloned();
        named.map(|(name, seen)| (name.to_owned(), seen)).collect()
    }

    #[test]
    fn what_came_changed_and_went_is_told_column_by_column() {
        let before = catalog(&[
            ("films", seen("1", &[("id", "int"), ("old", "string")])),
            ("gone", seen("1", &[("a", "int")])),
            ("same", seen("4", &[("a", "int")])),
            ("left", seen("1", &[])),
            ("grown", seen("1", &[])),
        ]);
        let mut left = seen("2", &[]);
        left.is_deprecated = true;
        let after = catalog(&[
            ("films", seen("2", &[("id", "bigint"), ("new", "double")])),
            ("songs", seen("0", &[("a", "int")])),
            ("same", seen("4", &[("a", "int")])),
            ("left", left),
            ("grown", seen("1", &[])),
        ]);
        let grown = Partitions {
            added: 3,
            ..Partitions::default()
        };
        let partitions = BTreeMap::from([("grown".to_owned(), grown)]);
        let changes = difference("lake", &before, &after, &partitions);
        let lines: Vec<String> = changes
            .iter()
            .map(|c| format!("{} {}: {}", c.what, c.table, facts(c).join(", ")))
            .collect();
        insta::assert_snapshot!(lines.join("\n"), @r"
        changed films: csv, 1 column, 1 column changed, 1 column gone
        changed grown: csv, 3 partitions
        deprecated left: csv, its data is gone or of another kind: marked as deprecated
        added songs: csv, 1 column
        removed gone: csv, removed
        ");
        let films = &changes[0];
        assert_eq!(films.columns_changed[0].old, "int");
        assert_eq!(films.columns_changed[0].new, "bigint");
        assert_eq!(films.columns_removed[0].name, "old");
        assert_eq!(films.columns_added[0].name, "new");
    }

    #[test]
    fn a_table_of_which_only_numbers_changed_says_which() {
        let with = |version: &str, settings: &[(&str, &str)]| {
            let mut seen = seen(version, &[("a", "int")]);
            for (name, value) in settings {
                let setting = ((*name).to_owned(), (*value).to_owned());
                seen.settings.extend([setting]);
            }
            catalog(&[("t", seen)])
        };
        let before = with("1", &[("recordCount", "2"), ("delimiter", ",")]);
        let shown = |after: &Catalog| {
            let changes = difference("lake", &before, after, &BTreeMap::new());
            let settings = shown_settings(&changes[0]);
            let names = settings.iter().map(|setting| setting.name.clone());
            (names.collect::<Vec<_>>(), changes[0].settings_changed.len())
        };
        let counted = with("2", &[("recordCount", "3"), ("delimiter", ",")]);
        assert_eq!(shown(&counted), (vec!["recordCount".to_owned()], 1));
        let other = with("2", &[("recordCount", "3")]);
        assert_eq!(shown(&other), (vec!["delimiter".to_owned()], 2));
    }
}
