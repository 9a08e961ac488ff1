//! What a crawl did to the catalog: the tables before and after, compared and shown.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::Serialize;

use super::{Output, human};

/// A table as far as a crawl changes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// Changes whenever the table does.
    pub version: String,
    pub classification: String,
    pub columns: Vec<ColumnOf>,
    /// What else a crawl writes, by its name: the location, the classes, and all parameters.
    pub settings: BTreeMap<String, String>,
    /// Whether a crawler has marked it as one whose data is gone.
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

/// How a crawl's price is told.
fn priced(report: &Report) -> &'static str {
    if report.billed {
        "it cost"
    } else {
        "on AWS the same crawl would have cost"
    }
}

/// Shows what a crawl came to: the changes as the result, the rest as talk.
pub fn show(output: &Output, report: &Report) -> anyhow::Result<()> {
    if let Some(database) = &report.database_added {
        let sign = output.paint.good("+");
        let name = output.paint.strong(database);
        output.line(format!("{sign} {name}  a database that was not there"))?;
    }
    for change in &report.changes {
        show_change(output, change)?;
    }
    warnings(output, &report.warnings);
    if !report.is_good() {
        let message = report.message.as_deref().unwrap_or("Glue gives no reason");
        output.error(format!(
            "the crawl of {} is {}: {message}",
            report.crawler, report.status
        ));
        return Ok(());
    }
    let mut facts = vec![summary(report)];
    let time = human::duration(Duration::from_secs_f64(report.seconds));
    facts.push(format!("in {time}"));
    let counted =
        |number: u64, one: &str| human::plural(usize::try_from(number).unwrap_or(usize::MAX), one);
    if let (Some(objects), Some(bytes)) = (report.objects, report.bytes_read) {
        let read = human::bytes(bytes);
        facts.push(format!("from {}, {read} read", counted(objects, "object")));
    }
    if let Some(folders) = report.folders {
        facts.push(format!("from {}, no file read", counted(folders, "folder")));
    }
    let mut line = format!("{} {}", report.crawler, facts.join(" "));
    if let Some(cost) = report.cost {
        line.push_str(&format!("; {} {}", priced(report), human::dollars(cost)));
    }
    output.say(format!("{line}."));
    Ok(())
}

/// `added 3 tables, 4 partitions`; `found nothing new`.
fn summary(report: &Report) -> String {
    let would = report.status == "DRY_RUN";
    if report.changes.is_empty() {
        return if would {
            "would change nothing".to_owned()
        } else {
            "found nothing new".to_owned()
        };
    }
    let kinds = [
        ("added", "add"),
        ("changed", "change"),
        ("deprecated", "deprecate"),
        ("removed", "remove"),
    ];
    let mut parts: Vec<String> = kinds
        .into_iter()
        .filter_map(|(did, does)| {
            let count = report.changes.iter().filter(|c| c.what == did).count();
            let verb = if would { does } else { did };
            (count > 0).then(|| format!("{verb} {}", human::plural(count, "table")))
        })
        .collect();
    let partitions: usize = report.changes.iter().map(|c| c.partitions_added).sum();
    if partitions > 0 {
        let verb = if would { "add" } else { "added" };
        parts.push(format!("{verb} {}", human::plural(partitions, "partition")));
    }
    let parts = parts.join(", ");
    if would {
        format!("would {parts}")
    } else {
        parts
    }
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

/// How many warnings are shown.
const WARNINGS: usize = 20;

/// Warnings of a crawl, with their places.
pub fn warnings(output: &Output, warnings: &[Warning]) {
    for warning in warnings.iter().take(WARNINGS) {
        output.warn(format!("{}: {}", warning.location, warning.message));
    }
    if warnings.len() > WARNINGS {
        let more = human::plural(warnings.len() - WARNINGS, "warning");
        output.say(format!("… and {more} more; --output json has them all"));
    }
}

fn show_change(output: &Output, change: &TableChange) -> anyhow::Result<()> {
    let paint = output.paint;
    let symbol = match change.what {
        "added" => paint.good("+"),
        "removed" => paint.bad("-"),
        "deprecated" => paint.bad("~"),
        _ => paint.accent("~"),
    };
    let name = paint.strong(&format!("{}.{}", change.database, change.table));
    output.line(format!("{symbol} {name}  {}", facts(change).join(", ")))?;
    let width = change.columns_added.iter().map(|c| c.name.chars().count());
    let width = width.max().unwrap_or_default();
    let sign = if change.what == "added" { "" } else { "+ " };
    for column in &change.columns_added {
        let key = if column.partition_key {
            paint.faint("  partition key")
        } else {
            String::new()
        };
        output.line(format!(
            "    {sign}{:width$}  {}{key}",
            column.name, column.r#type
        ))?;
    }
    for column in &change.columns_changed {
        let arrow = paint.faint("→");
        output.line(format!(
            "    ~ {}: {} {arrow} {}",
            column.name, column.old, column.new
        ))?;
    }
    for column in &change.columns_removed {
        output.line(format!("    - {}  {}", column.name, column.r#type))?;
    }
    for setting in shown_settings(change) {
        let arrow = paint.faint("→");
        let text = |value: &Option<String>| value.as_deref().map_or("nothing".to_owned(), shortly);
        output.line(format!(
            "    ~ {}: {} {arrow} {}",
            setting.name,
            text(&setting.old),
            text(&setting.new)
        ))?;
    }
    Ok(())
}

/// What counts the data, which is another number after every change of it.
const STATISTICS: [&str; 4] = ["averageRecordSize", "objectCount", "recordCount", "sizeKey"];

/// The settings whose change says something; those that count the data only where nothing else
/// says why the table changed.
fn shown_settings(change: &TableChange) -> Vec<&SettingChange> {
    let counts = |setting: &&SettingChange| STATISTICS.contains(&setting.name.as_str());
    let all = &change.settings_changed;
    let others: Vec<&SettingChange> = all.iter().filter(|setting| !counts(setting)).collect();
    let says_why = !others.is_empty()
        || !change.columns_added.is_empty()
        || !change.columns_changed.is_empty()
        || !change.columns_removed.is_empty()
        || change.partitions_added + change.partitions_changed + change.partitions_removed > 0;
    if says_why {
        others
    } else {
        all.iter().collect()
    }
}

/// A value that may be as long as a schema.
fn shortly(text: &str) -> String {
    const LONGEST: usize = 60;
    let mut short: String = text.chars().take(LONGEST).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

fn facts(change: &TableChange) -> Vec<String> {
    let mut facts = Vec::new();
    if !change.classification.is_empty() {
        facts.push(change.classification.clone());
    }
    match change.what {
        "removed" => facts.push("removed".to_owned()),
        "deprecated" => facts.push("no data of it was found: marked as deprecated".to_owned()),
        _ => {}
    }
    let counted = [
        (change.columns_added.len(), "", "column"),
        (change.columns_changed.len(), " changed", "column"),
        (change.columns_removed.len(), " gone", "column"),
        (change.partitions_added, "", "partition"),
        (change.partitions_changed, " changed", "partition"),
        (change.partitions_removed, " gone", "partition"),
    ];
    for (count, what, one) in counted {
        if count > 0 {
            facts.push(format!("{}{what}", human::plural(count, one)));
        }
    }
    facts
}

#[cfg(test)]
mod tests {
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
        deprecated left: csv, no data of it was found: marked as deprecated
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
