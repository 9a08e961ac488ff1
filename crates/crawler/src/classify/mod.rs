//! The built-in classifiers: each knows one format, and the first that recognises a file says
//! what is in it.
//!
//! Source: AWS's Glue developer guide, "Built-in classifiers".

pub(crate) mod avro;
pub(crate) mod csv;
pub(crate) mod custom;
mod custom_csv;
mod custom_json;
mod grok;
mod json;
mod json_lines;
mod orc;
mod parquet;
mod reason;
pub(crate) mod remarks;
mod unread;
mod xml;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;

use self::custom::CustomClassifier;
pub use self::grok::GrokError;
use crate::Format;
use crate::decompress::Compression;
use crate::memory::Counted;
use crate::sample::Sample;
use crate::schema::Field;

/// In the order in which they are asked; CSV is last, because most text can be taken for it.
const CLASSIFIERS: &[&dyn Classifier] = &[
    &avro::Avro,
    &orc::Orc,
    &unread::Unread,
    &parquet::Parquet,
    &json::Json,
    &xml::Xml,
    &grok::Log,
    &csv::Csv,
];

/// What Glue reads of a text at first.
const TEXT_SAMPLE: usize = 1024 * 1024;

/// Knows one format.
#[async_trait]
trait Classifier: Sync {
    /// Gives what the file holds, or nothing if it is of another format.
    async fn classify(&self, sample: &mut Sample) -> Result<Option<Classified>, Unreadable>;
}

/// Says what a file holds, or why nobody can. Custom classifiers are asked first.
pub(crate) async fn classify(
    sample: &mut Sample,
    custom: &[CustomClassifier],
) -> Result<Classified, Unreadable> {
    let mut classified = recognise(sample, custom).await?;
    let of_name = remarks::of_name(&classified.shape.layout, sample.key());
    classified.remarks.extend(of_name);
    classified.remarks.extend(remarks::of_end(sample));
    Ok(classified)
}

async fn recognise(
    sample: &mut Sample,
    custom: &[CustomClassifier],
) -> Result<Classified, Unreadable> {
    // Of classifiers that are not certain, the most certain is heard when no other is.
    let mut uncertain: Option<(Classified, f64)> = None;
    for classifier in custom {
        let Some((classified, certainty)) = classifier.classify(sample).await? else {
            continue;
        };
        if certainty >= 1.0 {
            return Ok(classified);
        }
        if uncertain.as_ref().is_none_or(|(_, most)| certainty > *most) {
            uncertain = Some((classified, certainty));
        }
    }
    for classifier in CLASSIFIERS {
        if let Some(classified) = classifier.classify(sample).await? {
            return Ok(classified);
        }
    }
    if let Some((classified, _)) = uncertain {
        return Ok(classified);
    }
    sample.read_text(TEXT_SAMPLE).await?;
    let why = reason::of(sample);
    Err(Unreadable::format(format!(
        "no classifier recognises the file's format: {why}"
    )))
}

/// Why a file makes no table.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unreadable {
    #[error("{0}")]
    Format(String),
    #[error(transparent)]
    Store(#[from] object_store::Error),
}

impl Unreadable {
    /// Of a file on which a decoder gave up.
    pub fn undecodable() -> Self {
        Self::format("the file is damaged: its format is known, and it cannot be decoded")
    }

    fn format(message: impl Into<String>) -> Self {
        Self::Format(message.into())
    }
}

/// What is known of one file.
#[derive(Debug)]
pub(crate) struct Classified {
    pub shape: Shape,
    pub records: Records,
    /// The values of columns that are text, and have values of other kinds too; nothing where
    /// these are too many to be kept.
    pub counts: Option<Vec<Counted>>,
    /// What a user should know of it, though it was read.
    pub remarks: Vec<String>,
}

/// What many files share. Few are kept for many files.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Shape {
    pub layout: Layout,
    /// Parameters of a table that are true if they are true of any of its files.
    pub switches: BTreeMap<&'static str, bool>,
    pub columns: Vec<Field>,
    /// The columns of a CSV file if its first row is a header, which other files may show.
    pub unproven_header: Option<csv::Header>,
    /// A classifier says whether the first row of a CSV file is a header.
    pub is_header_told: bool,
}

/// How rows are in the file. Only files of the same layout can be in one table.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Layout {
    pub classification: Cow<'static, str>,
    pub compression: Compression,
    pub input_format: &'static str,
    pub output_format: &'static str,
    pub serialization_library: &'static str,
    pub serde_parameters: BTreeMap<&'static str, String>,
    pub table_parameters: BTreeMap<&'static str, String>,
    /// The SerDe gets the names of the columns as `paths`.
    pub writes_paths: bool,
    /// Columns are known by their place.
    pub by_place: bool,
    /// The names of columns are made up.
    pub unnamed: bool,
    /// A record may leave columns out.
    pub sparse: bool,
    /// The schema in the words of the file, which may differ between the files of a table.
    pub schema_literal: Option<Arc<str>>,
    /// How many lines stand before the records, which may differ between the files of a table.
    pub skipped_lines: u64,
}

impl Layout {
    fn text(
        classification: impl Into<Cow<'static, str>>,
        compression: Compression,
        serde: &'static str,
    ) -> Self {
        Self {
            classification: classification.into(),
            compression,
            input_format: "org.apache.hadoop.mapred.TextInputFormat",
            output_format: "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
            serialization_library: serde,
            serde_parameters: BTreeMap::new(),
            table_parameters: BTreeMap::new(),
            writes_paths: false,
            by_place: false,
            unnamed: false,
            sparse: false,
            schema_literal: None,
            skipped_lines: 0,
        }
    }

    /// Whether files have types of their own, which Athena holds against the table's. Avro's are
    /// resolved by the schema that the table keeps.
    pub fn is_typed(&self) -> bool {
        self.input_format.ends_with("ParquetInputFormat")
            || self.input_format.ends_with(".OrcInputFormat")
    }

    /// The format of a table with these columns, and this schema in the words of its format.
    pub fn format(&self, columns: &[Field], schema_literal: Option<&str>) -> Format {
        let mut serde_parameters: BTreeMap<String, String> = self
            .serde_parameters
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect();
        if self.writes_paths {
            let mut paths: Vec<&str> = columns.iter().map(|column| &column.name[..]).collect();
            paths.sort_unstable();
            serde_parameters.insert("paths".to_owned(), paths.join(","));
        }
        if let Some(literal) = schema_literal {
            serde_parameters.insert(avro::SCHEMA_LITERAL.to_owned(), literal.to_owned());
        }
        Format {
            input_format: self.input_format.to_owned(),
            output_format: self.output_format.to_owned(),
            serialization_library: self.serialization_library.to_owned(),
            serde_parameters,
            by_place: self.by_place,
        }
    }
}

/// How many records a file has: counted where it was read whole, else guessed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Records {
    pub count: u64,
    /// The records that were seen, and the bytes they take when decompressed.
    pub seen: u64,
    pub seen_bytes: u64,
}

impl Records {
    /// For `seen` records in the first `seen_bytes` of the sample's text, which has no other.
    fn of_text(sample: &Sample, seen: u64, seen_bytes: u64) -> Self {
        let count = if sample.is_whole() && seen_bytes >= sample.text().len() as u64 {
            seen
        } else {
            share(sample.text_size(), seen, seen_bytes).max(seen)
        };
        Self {
            count,
            seen,
            seen_bytes,
        }
    }

    /// For `seen` records in the first `seen_bytes` of the sample's text, of which so many lines
    /// are `skipped`. Those behind take as many lines each, and those behind the sample as many
    /// bytes.
    fn of_lines(sample: &Sample, seen: u64, skipped: u64, seen_bytes: u64) -> Self {
        let text = sample.text();
        let (read, rest) = text.split_at(text.len().min(seen_bytes as usize));
        let in_rest = match lines(read).saturating_sub(skipped) {
            0 => 0,
            of_seen => share(seen, lines(rest), of_seen),
        };
        let in_sample = seen.saturating_add(in_rest);
        Self {
            count: if sample.is_whole() {
                in_sample
            } else {
                share(sample.text_size(), in_sample, text.len() as u64).max(seen)
            },
            seen,
            seen_bytes,
        }
    }
}

/// How many lines are not empty.
fn lines(text: &[u8]) -> u64 {
    let lines = text.split(|byte| *byte == b'\n');
    lines.filter(|line| !line.trim_ascii().is_empty()).count() as u64
}

/// `number * part / whole`, which is `part` where there is nothing of the whole.
fn share(number: u64, part: u64, whole: u64) -> u64 {
    number
        .saturating_mul(part)
        .checked_div(whole)
        .unwrap_or(part)
}
