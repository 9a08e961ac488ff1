//! What a crawl did to the catalog, as people read it.

use std::time::Duration;

use super::{Report, SettingChange, TableChange, Warning};
use crate::output::{Output, human};

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
        let name = output.paint.strong(&human::on_one_line(database));
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

/// How many warnings are shown.
const WARNINGS: usize = 20;

/// Warnings of a crawl, with their places.
pub fn warnings(output: &Output, warnings: &[Warning]) {
    for warning in warnings.iter().take(WARNINGS) {
        output.warn(format!("{}: {}", warning.location, warning.message));
    }
    if warnings.len() > WARNINGS {
        let more = human::plural(warnings.len() - WARNINGS, "warning");
        output.tell(format!("… and {more} more; --output json has them all"));
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
    let name = format!("{}.{}", change.database, change.table);
    let name = paint.strong(&human::on_one_line(&name));
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
            human::on_one_line(&column.name),
            human::on_one_line(&column.r#type)
        ))?;
    }
    for column in &change.columns_changed {
        let arrow = paint.faint("→");
        output.line(format!(
            "    ~ {}: {} {arrow} {}",
            human::on_one_line(&column.name),
            human::on_one_line(&column.old),
            human::on_one_line(&column.new)
        ))?;
    }
    for column in &change.columns_removed {
        let line = format!("    - {}  {}", column.name, column.r#type);
        output.line(human::on_one_line(&line))?;
    }
    for setting in shown_settings(change) {
        let arrow = paint.faint("→");
        let text = |value: &Option<String>| value.as_deref().map_or("nothing".to_owned(), shortly);
        output.line(format!(
            "    ~ {}: {} {arrow} {}",
            human::on_one_line(&setting.name),
            human::on_one_line(&text(&setting.old)),
            human::on_one_line(&text(&setting.new))
        ))?;
    }
    Ok(())
}

/// What counts the data, which is another number after every change of it.
const STATISTICS: [&str; 4] = ["averageRecordSize", "objectCount", "recordCount", "sizeKey"];

/// The settings whose change says something; those that count the data only where nothing else
/// says why the table changed.
pub(super) fn shown_settings(change: &TableChange) -> Vec<&SettingChange> {
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

pub(super) fn facts(change: &TableChange) -> Vec<String> {
    let mut facts = Vec::new();
    if !change.classification.is_empty() {
        facts.push(change.classification.clone());
    }
    match change.what {
        "removed" => facts.push("removed".to_owned()),
        // A crawler that adds new columns only deprecates a table whose data is of another kind, too,
        // and with the same mark.
        "deprecated" => {
            facts.push("its data is gone or of another kind: marked as deprecated".to_owned());
        }
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
