//! What a crawl makes of a catalog: the rules by which what was found is merged into what is there.
//!
//! Nothing here calls a catalog. Whoever does describes what is there as [`Definition`]s, and writes
//! those that come out.
//!
//! Source: AWS Glue developer guide, "Setting crawler configuration options".

mod classifiers;
mod columns;
mod configuration;
mod definition;
mod fitting;
mod indexes;
mod key_values;
mod locations;
mod partitions;
mod places;
mod rules;
mod tables;

pub use self::classifiers::{CsvSettings, NotAscii};
pub use self::columns::merged_columns;
pub use self::configuration::Configuration;
pub use self::definition::{Definition, Found, Parameters, Storage};
pub use self::fitting::{Fitted, Home, fit};
pub use self::indexes::{PartitionIndex, partition_index};
pub use self::key_values::is_key_value;
pub use self::locations::{include_path, partition_value, split, with_slash};
pub use self::partitions::{Fate, Partitions};
pub use self::places::Places;
pub use self::rules::{Gone, OtherKind, Rules, WhenGone};
pub use self::tables::{Known, Tables, are_regrouped, belongs_to_others, hashed_name};
pub use crate::listing::is_hidden;

/// The parameter of a table with the name of the crawler that wrote it.
pub const UPDATED_BY: &str = "UPDATED_BY_CRAWLER";

/// The parameter of a table whose data is gone, with the time in milliseconds at which that was seen.
pub const DEPRECATED_BY: &str = "DEPRECATED_BY_CRAWLER";
