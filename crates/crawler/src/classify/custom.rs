//! Custom classifiers, which are told what a file is like.
//!
//! Source: AWS's Glue developer guide, "Writing custom classifiers".

use super::{Classified, Unreadable, custom_csv, custom_json};
use crate::sample::Sample;

/// A classifier that a crawler asks before the built-in ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CustomClassifier {
    Csv(CsvClassifier),
    /// The records are where this path leads: `$[*]`, `$.songs[*]`.
    Json {
        path: String,
    },
}

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

impl CustomClassifier {
    pub(super) async fn classify(
        &self,
        sample: &mut Sample,
    ) -> Result<Option<Classified>, Unreadable> {
        match self {
            Self::Csv(csv) => custom_csv::classify(csv, sample).await,
            Self::Json { path } => custom_json::classify(path, sample).await,
        }
    }
}
