//! A crawler's rules for what is there already.

use std::fmt;

use super::{Configuration, DEPRECATED_BY, Parameters, UPDATED_BY, are_regrouped, with_slash};
use crate::Column;

/// What becomes of a table whose data is gone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Gone {
    Log,
    Delete,
    #[default]
    Deprecate,
}

impl Gone {
    /// The `DeleteBehavior` of a crawler's `SchemaChangePolicy`.
    pub fn of(behavior: Option<&str>) -> Self {
        match behavior {
            Some("LOG") => Self::Log,
            Some("DELETE_FROM_DATABASE") => Self::Delete,
            _ => Self::Deprecate,
        }
    }
}

/// What is done with one table whose data is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenGone {
    /// It stays as it is, and the log says so.
    Log,
    Delete,
    /// [`DEPRECATED_BY`] is set.
    Deprecate,
    /// It is deprecated already.
    Nothing,
}

/// What is done with the catalog when the data has changed.
#[derive(Clone, Debug)]
pub struct Rules {
    /// The crawler's name, which its tables carry as [`UPDATED_BY`].
    pub crawler: String,
    /// Whether tables and partitions that are there are updated.
    pub updates: bool,
    pub gone: Gone,
    pub configuration: Configuration,
    /// The include paths, each with a slash at its end.
    pub roots: Vec<String>,
}

impl Rules {
    /// Whether a location is of those that this crawler looks at.
    pub fn cover(&self, location: &str) -> bool {
        let location = with_slash(location);
        self.roots.iter().any(|root| location.starts_with(root))
    }

    /// Whether this crawler wrote the table that has these parameters.
    pub fn wrote(&self, updated_by: Option<&str>) -> bool {
        updated_by == Some(self.crawler.as_str())
    }

    /// The parameters of a table that this crawler has found.
    pub fn parameters(&self, found: &crate::Table) -> Parameters {
        let mut parameters = found.parameters.clone();
        parameters.insert(UPDATED_BY.to_owned(), self.crawler.clone());
        parameters
    }

    /// Whether a table may get other partition keys than before, under which none of its partitions
    /// can stay. With [`Gone::Log`] none goes: "Deleted objects found in the data stores are ignored"
    /// (AWS Glue developer guide, "Data sources for crawling").
    pub fn may_regroup(&self, before: &[Column], now: &[Column]) -> bool {
        self.gone != Gone::Log || before.is_empty() || !are_regrouped(before, now)
    }

    /// What is fundamental to a table or a partition, and is other than its parameters say. Nothing
    /// where its definition may be updated to it: "If a fundamental Amazon S3 table attribute
    /// changes, such as classification, compression type, or CSV delimiter, mark the table as
    /// deprecated" (AWS Glue developer guide, "Setting crawler configuration options: Add new columns
    /// only").
    pub fn other_kind(&self, before: &Parameters, now: &Parameters) -> Option<OtherKind> {
        if !self.configuration.merge_new_columns {
            return None;
        }
        FUNDAMENTAL.iter().find_map(|&(parameter, what)| {
            let (was, is) = (before.get(parameter)?, now.get(parameter)?);
            (was != is).then(|| OtherKind {
                what,
                was: was.clone(),
                is: is.clone(),
            })
        })
    }

    /// What is done with a table whose data is gone; `deprecated` is its [`DEPRECATED_BY`].
    pub fn when_gone(&self, deprecated: Option<&str>) -> WhenGone {
        match self.gone {
            Gone::Log => WhenGone::Log,
            Gone::Delete => WhenGone::Delete,
            Gone::Deprecate if deprecated.is_some() => WhenGone::Nothing,
            Gone::Deprecate => WhenGone::Deprecate,
        }
    }
}

/// The parameters of what is fundamental to a table, and what they say.
const FUNDAMENTAL: [(&str, &str); 3] = [
    ("classification", "classification"),
    ("compressionType", "compression"),
    ("delimiter", "delimiter"),
];

/// What is fundamental to a table, and is other than the table says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherKind {
    what: &'static str,
    was: String,
    is: String,
}

impl fmt::Display for OtherKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, was, is } = self;
        write!(f, "the {what} was {was:?} and is {is:?}")
    }
}

/// The parameters that crawlers write: one that the data no longer gives is taken away.
const WRITTEN: [&str; 19] = [
    "classification",
    "compressionType",
    "typeOfData",
    "sizeKey",
    "objectCount",
    "recordCount",
    "averageRecordSize",
    "skip.header.line.count",
    "delimiter",
    "columnsOrdered",
    "areColumnsQuoted",
    "jsonPath",
    "rowTag",
    "grokPattern",
    "grokCustomPatterns",
    "table_type",
    "metadata_location",
    UPDATED_BY,
    DEPRECATED_BY,
];

/// Parameters with what a crawl found in place of what crawls wrote before.
pub(super) fn merged_parameters(old: &Parameters, found: &Parameters) -> Parameters {
    let mut merged = old.clone();
    merged.retain(|key, _| !WRITTEN.contains(&key.as_str()));
    merged.extend(found.clone());
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> Rules {
        Rules {
            crawler: "c".to_owned(),
            updates: true,
            gone: Gone::Log,
            configuration: Configuration::default(),
            roots: vec!["s3://lake/films/".to_owned()],
        }
    }

    #[test]
    fn a_location_is_covered_by_the_folder_and_not_by_its_namesake() {
        let rules = rules();
        assert!(rules.cover("s3://lake/films"));
        assert!(rules.cover("s3://lake/films/year=2024/"));
        assert!(!rules.cover("s3://lake/films-old/"));
    }

    #[test]
    fn with_log_a_table_keeps_the_keys_that_it_has() {
        let key = |name: &str| {
            vec![Column {
                name: name.to_owned(),
                data_type: "string".to_owned(),
            }]
        };
        let rules = rules();
        assert!(!rules.may_regroup(&key("day"), &[]));
        assert!(rules.may_regroup(&key("day"), &key("Day")));
        assert!(rules.may_regroup(&[], &key("day")));
        let rules = Rules {
            gone: Gone::Delete,
            ..rules
        };
        assert!(rules.may_regroup(&key("day"), &[]));
    }

    #[test]
    fn a_table_is_deprecated_once() {
        let rules = Rules {
            gone: Gone::of(None),
            ..rules()
        };
        assert_eq!(rules.when_gone(None), WhenGone::Deprecate);
        assert_eq!(rules.when_gone(Some("1")), WhenGone::Nothing);
    }

    #[test]
    fn parameters_that_no_crawler_writes_stay() {
        let of = |pairs: &[(&str, &str)]| -> Parameters {
            pairs
                .iter()
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
                .collect()
        };
        let old = of(&[
            ("owner", "ann"),
            ("delimiter", ","),
            ("jsonPath", "$[*]"),
            (DEPRECATED_BY, "1"),
            ("classification", "csv"),
        ]);
        let merged = merged_parameters(&old, &of(&[("classification", "json")]));
        assert_eq!(merged, of(&[("owner", "ann"), ("classification", "json")]));
    }
}
