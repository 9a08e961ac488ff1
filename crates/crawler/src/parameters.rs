//! The parameters that a crawler writes into tables and partitions.

use std::collections::BTreeMap;

use crate::classify::Layout;
use crate::classify::avro::SCHEMA_LITERAL;
use crate::group::Statistics;

/// How many lines of each file are no records.
const SKIP_HEADER: &str = "skip.header.line.count";

/// All but `UPDATED_BY_CRAWLER`, which needs the crawler's name.
pub(crate) fn parameters(
    layout: &Layout,
    statistics: &Statistics,
    switches: &BTreeMap<&'static str, bool>,
    skipped_lines: u64,
    schema_literal: Option<&str>,
) -> BTreeMap<String, String> {
    let average = statistics
        .seen_bytes
        .checked_div(statistics.seen)
        .unwrap_or_default();
    let fixed = [
        ("classification", layout.classification.clone().into_owned()),
        ("compressionType", layout.compression.name().to_owned()),
        ("typeOfData", "file".to_owned()),
        ("sizeKey", statistics.size.to_string()),
        ("objectCount", statistics.objects.to_string()),
        ("recordCount", statistics.records.to_string()),
        ("averageRecordSize", average.to_string()),
        ("CrawlerSchemaSerializerVersion", "1.0".to_owned()),
        ("CrawlerSchemaDeserializerVersion", "1.0".to_owned()),
    ];
    let of_format = layout
        .table_parameters
        .iter()
        .map(|(name, value)| (*name, value.clone()));
    let switches = switches.iter().map(|(name, on)| (*name, on.to_string()));
    let skipped = (skipped_lines > 0).then(|| (SKIP_HEADER, skipped_lines.to_string()));
    let literal = schema_literal.map(|literal| (SCHEMA_LITERAL, literal.to_owned()));
    fixed
        .into_iter()
        .chain(literal)
        .chain(skipped)
        .chain(of_format)
        .chain(switches)
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}
