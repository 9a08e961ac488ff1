//! What `stack.toml` says of a classifier.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::resource::Problem;

/// A custom classifier of Glue, which crawlers ask before Glue's own: one of `csv`, `json`, `grok`
/// and `xml`.
///
/// A classifier carries no tags, so its name is its mark: always `athglue/STACK/ID`. Crawlers name
/// it by reference: `classifiers = ["${classifiers.ID}"]`. What the file leaves out stays as it is
/// live.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Keys {
    /// For CSV that Glue does not recognise, or whose columns have no names.
    #[schemars(extend("x-aws" = "CreateClassifier.CsvClassifier", "x-change" = "in place; anew where it comes in place of another"))]
    pub csv: Option<Csv>,
    /// For JSON whose records are inside of something else.
    #[schemars(extend("x-aws" = "CreateClassifier.JsonClassifier", "x-change" = "in place; anew where it comes in place of another"))]
    pub json: Option<Json>,
    /// For lines that match a pattern.
    #[schemars(extend("x-aws" = "CreateClassifier.GrokClassifier", "x-change" = "in place; anew where it comes in place of another"))]
    pub grok: Option<Grok>,
    /// For XML. Athena has no SerDe for its tables.
    #[schemars(extend("x-aws" = "CreateClassifier.XMLClassifier", "x-change" = "in place; anew where it comes in place of another"))]
    pub xml: Option<Xml>,
}

/// For CSV.
#[derive(Debug, Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Csv {
    /// What stands between values.
    #[schemars(
        regex(pattern = r"^[^\r\n]$"),
        extend("x-aws" = "CreateClassifier.CsvClassifier.Delimiter")
    )]
    pub delimiter: Option<String>,
    /// What stands around a value that holds a delimiter; another character than that.
    #[schemars(
        regex(pattern = r"^[^\r\n]$"),
        extend("x-aws" = "CreateClassifier.CsvClassifier.QuoteSymbol")
    )]
    pub quote_symbol: Option<String>,
    /// Whether the first row names the columns.
    #[schemars(extend("x-aws" = "CreateClassifier.CsvClassifier.ContainsHeader"))]
    pub contains_header: Option<ContainsHeader>,
    /// The names of the columns.
    #[schemars(extend("x-aws" = "CreateClassifier.CsvClassifier.Header"))]
    pub header: Option<Vec<String>>,
    /// Whether the space around values counts when their type is found. AWS's default: true.
    #[schemars(extend("x-aws" = "CreateClassifier.CsvClassifier.DisableValueTrimming"))]
    pub disable_value_trimming: Option<bool>,
    /// Whether a file may have one column alone.
    #[schemars(extend("x-aws" = "CreateClassifier.CsvClassifier.AllowSingleColumn"))]
    pub allow_single_column: Option<bool>,
    /// Whether `custom_datatypes` counts.
    #[schemars(extend("x-aws" = "CreateClassifier.CsvClassifier.CustomDatatypeConfigured"))]
    pub custom_datatype_configured: Option<bool>,
    /// The types of the columns, in their order.
    #[schemars(extend("x-aws" = "CreateClassifier.CsvClassifier.CustomDatatypes"))]
    pub custom_datatypes: Option<Vec<Datatype>>,
    /// The SerDe of the tables.
    #[schemars(extend("x-aws" = "CreateClassifier.CsvClassifier.Serde"))]
    pub serde: Option<Serde>,
}

/// Whether the first row names the columns.
#[derive(Debug, Clone, Copy, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum ContainsHeader {
    Unknown,
    Present,
    Absent,
}

/// A type that a CSV classifier gives a column.
#[derive(Debug, Clone, Copy, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum Datatype {
    Binary,
    Boolean,
    Date,
    Decimal,
    Double,
    Float,
    Int,
    Long,
    Short,
    String,
    Timestamp,
}

/// The SerDe of the tables.
#[derive(Debug, Clone, Copy, Deserialize, Serialize, JsonSchema)]
pub(super) enum Serde {
    #[serde(rename = "OpenCSVSerDe")]
    OpenCsv,
    #[serde(rename = "LazySimpleSerDe")]
    LazySimple,
    None,
}

/// For JSON.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Json {
    /// Where the records are: `$[*]`, `$.songs[*]`, in the part of JSONPath that Glue knows.
    #[schemars(
        length(min = 1),
        extend("x-aws" = "CreateClassifier.JsonClassifier.JsonPath")
    )]
    pub json_path: String,
}

/// For lines that match a pattern.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Grok {
    /// What the tables' `classification` says.
    #[schemars(extend("x-aws" = "CreateClassifier.GrokClassifier.Classification"))]
    pub classification: String,
    /// The pattern: `%{TIMESTAMP_ISO8601:at} %{GREEDYDATA:message}`.
    #[schemars(
        length(min = 1, max = 2048),
        extend("x-aws" = "CreateClassifier.GrokClassifier.GrokPattern")
    )]
    pub grok_pattern: String,
    /// Patterns of one's own, one a line.
    #[schemars(
        length(max = 16_000),
        extend("x-aws" = "CreateClassifier.GrokClassifier.CustomPatterns")
    )]
    pub custom_patterns: Option<String>,
}

/// For XML.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Xml {
    /// What the tables' `classification` says.
    #[schemars(extend("x-aws" = "CreateClassifier.XMLClassifier.Classification"))]
    pub classification: String,
    /// The element that is a row.
    #[schemars(extend("x-aws" = "CreateClassifier.XMLClassifier.RowTag"))]
    pub row_tag: Option<String>,
}

impl Keys {
    /// What does not fit together.
    pub fn mistakes(&self) -> Vec<Problem> {
        let set: Vec<&str> = [
            ("csv", self.csv.is_some()),
            ("json", self.json.is_some()),
            ("grok", self.grok.is_some()),
            ("xml", self.xml.is_some()),
        ]
        .into_iter()
        .filter_map(|(name, is_set)| is_set.then_some(name))
        .collect();
        let mut found = Vec::new();
        match set.as_slice() {
            [_] => {}
            [] => found.push(Problem::new(
                "",
                "what the classifier recognises is missing",
                "needs one of `csv`, `json`, `grok` and `xml`",
            )),
            [first, second, ..] => found.push(Problem::new(
                second,
                format!("a classifier is of one type: this one is of `{first}` and `{second}`"),
                "make it two classifiers",
            )),
        }
        let Some(csv) = &self.csv else {
            return found;
        };
        if csv.delimiter.is_some() && csv.delimiter == csv.quote_symbol {
            found.push(Problem::new(
                "csv.quote_symbol",
                "a quote symbol is another character than the delimiter",
                "is the delimiter as well",
            ));
        }
        if csv.custom_datatypes.is_some() && csv.custom_datatype_configured != Some(true) {
            found.push(Problem::new(
                "csv.custom_datatypes",
                "types are not looked at",
                "needs custom_datatype_configured = true",
            ));
        }
        found
    }
}
