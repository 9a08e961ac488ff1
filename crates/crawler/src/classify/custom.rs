//! Custom classifiers, which are told what a file is like.
//!
//! Source: AWS's Glue developer guide, "Writing custom classifiers".

use super::grok::{self, Grok, GrokError};
use super::{Classified, Unreadable, custom_csv, custom_json, xml};
use crate::sample::Sample;

/// A classifier that a crawler asks before the built-in ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CustomClassifier {
    Csv(CsvClassifier),
    /// The records are where this path leads: `$[*]`, `$.songs[*]`.
    Json {
        path: String,
    },
    /// Each element of this name is a record. `classification` is what tables say of their format.
    Xml {
        classification: String,
        row_tag: String,
    },
    Grok(GrokClassifier),
}

/// A pattern that takes each line apart.
#[derive(Clone, Debug)]
pub struct GrokClassifier {
    pub(super) classification: String,
    pub(super) pattern: String,
    pub(super) custom_patterns: Option<String>,
    pub(super) grok: Grok,
}

impl GrokClassifier {
    /// `classification` is what tables say of their format; `custom_patterns` has a pattern a
    /// line, its name before the first space.
    pub fn new(
        classification: &str,
        pattern: &str,
        custom_patterns: Option<&str>,
    ) -> Result<Self, GrokError> {
        Ok(Self {
            classification: classification.to_owned(),
            pattern: pattern.to_owned(),
            custom_patterns: custom_patterns.map(str::to_owned),
            grok: Grok::new(pattern, custom_patterns.unwrap_or_default())?,
        })
    }

    fn given(&self) -> (&str, &str, Option<&str>) {
        let custom = self.custom_patterns.as_deref();
        (&self.classification, &self.pattern, custom)
    }
}

impl PartialEq for GrokClassifier {
    fn eq(&self, other: &Self) -> bool {
        self.given() == other.given()
    }
}

impl Eq for GrokClassifier {}

/// What is known of CSV files beforehand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CsvClassifier {
    /// Without it, the one of the built-in ones that fits.
    pub delimiter: Option<u8>,
    /// Without it, `"`.
    pub quote: Option<u8>,
    pub contains_header: ContainsHeader,
    /// The columns' names.
    pub header: Option<Vec<String>>,
    /// Whether the space around values is taken away before their type is found.
    pub trims_values: bool,
    pub allows_single_column: bool,
    /// The columns' types, as Glue calls them: `LONG`, `STRING`.
    pub datatypes: Option<Vec<String>>,
    pub serde: Serde,
}

/// Whether the first row names the columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ContainsHeader {
    #[default]
    Unknown,
    Present,
    Absent,
}

/// The SerDe of the tables.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Serde {
    /// As the built-in classifier sets it.
    #[default]
    Detected,
    LazySimple,
    OpenCsv,
}

/// Whether a JSON classifier's path is one, in the part of JSONPath that Glue knows: `$.songs[*]`.
pub fn is_json_path(path: &str) -> bool {
    custom_json::is_path(path)
}

impl CustomClassifier {
    /// What the file holds, and how certain that is: 1 where everything is as it was foretold.
    pub(super) async fn classify(
        &self,
        sample: &mut Sample,
    ) -> Result<Option<(Classified, f64)>, Unreadable> {
        let certain = |found: Option<Classified>| found.map(|classified| (classified, 1.0));
        Ok(match self {
            Self::Csv(csv) => certain(custom_csv::classify(csv, sample).await?),
            Self::Json { path } => certain(custom_json::classify(path, sample).await?),
            Self::Xml {
                classification,
                row_tag,
            } => certain(xml::classify(classification, row_tag, sample).await?),
            Self::Grok(grok) => grok::classify_custom(grok, sample).await?,
        })
    }
}
