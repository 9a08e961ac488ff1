//! Infers Glue tables and partitions from the objects of a store, as Glue's crawler does.
//!
//! Knows an object store and gives table definitions. It calls no catalog; [`catalog`] has the rules
//! by which what was found is merged into one.
//!
//! Source: AWS's Glue developer guide, "How crawlers work" and "Built-in classifiers".

mod advice;
pub mod catalog;
mod classify;
mod counted;
mod decompress;
mod exclusion;
mod group;
mod grouping;
mod lake;
mod listing;
mod memory;
mod misfit;
mod naming;
mod parameters;
mod sample;
mod schema;
mod similarity;
mod survey;
mod tables;

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use object_store::ObjectStore;

pub use crate::advice::Advice;
pub use crate::classify::GrokError;
pub use crate::classify::custom::{
    ContainsHeader, CsvClassifier, CustomClassifier, GrokClassifier, Serde, is_json_path,
};
pub use crate::memory::{Counted, Identity, Memory, Remembered, ValueKind};
pub use crate::naming::odd_fields;

use crate::group::{Group, Grouped};
use crate::lake::LakeTable;
pub use crate::lake::TableFormat;
use crate::listing::Tree;
use crate::naming::TableNames;
use crate::sample::Reads;
use crate::survey::Survey;

/// One include path: a bucket's objects below a prefix.
#[derive(Clone, Debug)]
pub struct Target {
    /// Its keys are the bucket's keys.
    pub store: Arc<dyn ObjectStore>,
    pub bucket: String,
    /// `films/`, or empty for the whole bucket.
    pub prefix: String,
    /// Glob patterns, relative to the include path.
    pub exclusions: Vec<String>,
    /// How many files of each leaf folder are read.
    pub sample_size: Option<u32>,
    /// Tables of one format are looked for, and no other object is looked at.
    pub only: Option<Lakes>,
}

/// Which folders of a table format a target is.
#[derive(Clone, Copy, Debug)]
pub struct Lakes {
    pub format: TableFormat,
    /// How many folders deep below the include path they may lie.
    pub max_depth: Option<usize>,
}

/// What a crawler's settings say about tables.
#[derive(Clone, Debug, Default)]
pub struct Options {
    pub table_prefix: String,
    /// `TableGroupingPolicy: CombineCompatibleSchemas`.
    pub combine_compatible_schemas: bool,
    /// `TableLevelConfiguration`: the level of folders that are tables, the bucket being 1.
    pub table_level: Option<u32>,
    /// Asked in this order, before the built-in ones.
    pub classifiers: Vec<CustomClassifier>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    /// A Hive type: `bigint`, `struct<a:int,b:array<string>>`.
    pub data_type: String,
}

/// How rows are in files, in Hive's terms.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Format {
    pub input_format: String,
    pub output_format: String,
    pub serialization_library: String,
    pub serde_parameters: BTreeMap<String, String>,
    /// Athena finds a column by its place, and not by its name, if the SerDe is told of neither.
    pub by_place: bool,
}

/// One partition of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partition {
    /// In the order of the partition keys.
    pub values: Vec<String>,
    /// `s3://bucket/prefix/year=2024/`
    pub location: String,
    /// The columns of its own files.
    pub columns: Vec<Column>,
    pub format: Format,
    /// `classification`, `sizeKey`, `objectCount`, `recordCount`, … as Glue writes them.
    pub parameters: BTreeMap<String, String>,
}

/// A table as Glue's crawler would write it, before it is merged with one that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Folded and prefixed; unique among the tables of this crawl.
    pub name: String,
    /// `s3://bucket/prefix/`
    pub location: String,
    pub columns: Vec<Column>,
    pub partition_keys: Vec<Column>,
    pub partitions: Vec<Partition>,
    pub format: Format,
    /// `classification`, `compressionType`, `typeOfData`, `skip.header.line.count`, … without
    /// `UPDATED_BY_CRAWLER`, which only the crawler's owner knows.
    pub parameters: BTreeMap<String, String>,
    /// `recordCount` is counted, and not guessed from a part of the data.
    pub is_counted: bool,
}

/// Something worth telling a user, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    pub location: String,
    pub message: String,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Crawled {
    /// In the order of their locations.
    pub tables: Vec<Table>,
    pub objects: u64,
    pub bytes_read: u64,
    /// How often the store was asked for bytes of an object.
    pub reads: u64,
    pub warnings: Vec<Warning>,
    /// What is worth telling of the tables, though nothing went wrong.
    pub advice: Vec<Advice>,
}

/// How far a crawl is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    pub objects: u64,
    pub bytes_read: u64,
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store refused or failed.
    #[error("{location}: {source}")]
    Store {
        location: String,
        source: object_store::Error,
    },
    #[error("the exclusion pattern `{pattern}` is not valid: {message}")]
    Exclusion { pattern: String, message: String },
    /// A read ended without an answer, as when the runtime shuts down.
    #[error("an object was not read to its end: {0}")]
    Task(#[source] tokio::task::JoinError),
}

/// Fails with [`Error::Exclusion`] for what is no exclusion pattern.
pub fn check_exclusion(pattern: &str) -> Result<(), Error> {
    exclusion::Exclusion::parse(pattern).map(drop)
}

/// How many warnings a crawl gives; a folder may hold any number of files that are no data.
const WARNINGS: usize = 1000;

/// Crawls the targets, on the Tokio runtime that it is awaited on. A file that cannot be read as any format is a warning, and no table.
///
/// What is kept of each object is its name and a few numbers; of each, only a sample is read, or
/// its footer. The same objects give the same tables in whatever order the store lists them.
pub async fn crawl(
    targets: &[Target],
    options: &Options,
    progress: &(dyn Fn(Progress) + Send + Sync),
) -> Result<Crawled, Error> {
    recrawl(targets, options, None, progress).await
}

/// [`crawl`], of which objects are not read that are remembered and have not changed: it finds the
/// same tables, and reads one object of each shape and what is new.
pub async fn recrawl(
    targets: &[Target],
    options: &Options,
    memory: Option<&dyn Memory>,
    progress: &(dyn Fn(Progress) + Send + Sync),
) -> Result<Crawled, Error> {
    let reads = Arc::new(Reads::default());
    let classifiers: Arc<[CustomClassifier]> = options.classifiers.clone().into();
    let mut crawled = Crawled::default();
    let mut found: Vec<InTarget<'_>> = Vec::new();
    for target in targets {
        let before = crawled.objects;
        let report = |objects: u64| {
            progress(Progress {
                objects: before + objects,
                bytes_read: reads.bytes(),
            });
        };
        let tree = Tree::list(target, report).await?;
        let objects = tree.objects;
        crawled.warnings.extend(of_keys(&tree, target));
        crawled.warnings.extend(of_listing(&tree, target));
        let on_read = || report(objects);
        let survey = Survey::of(&tree, target, &classifiers, memory, &reads, on_read).await?;
        let mut grouped = grouping::group(&tree, &survey, &target.bucket, options);
        let (lakes, mut warnings) = lake::tables(&tree.lakes, target, &reads).await?;
        report(objects);
        crawled.objects += objects;
        crawled.warnings.extend(survey.warnings);
        crawled.warnings.append(&mut grouped.warnings);
        crawled.warnings.append(&mut warnings);
        found.push(InTarget {
            target,
            grouped,
            lakes,
        });
    }
    crawled.bytes_read = reads.bytes();
    crawled.reads = reads.requests();
    let told;
    (crawled.tables, told) = tables_of(&found, options, &mut crawled.warnings);
    crawled.advice = advice::of(&crawled.tables, &told);
    shorten(&mut crawled.warnings);
    Ok(crawled)
}

/// What is to be said of objects that are left out because of their keys.
fn of_keys(tree: &Tree, target: &Target) -> Option<Warning> {
    let why = tree.first_unspelled.as_ref()?;
    let message = match tree.unspelled {
        1 => format!("an object is left out because of its key: {why}"),
        number => {
            let number = counted::grouped(number);
            format!("{number} objects are left out because of their keys, the first: {why}")
        }
    };
    Some(Warning {
        location: format!("s3://{}/{}", target.bucket, target.prefix),
        message,
    })
}

/// What is to be said of what was listed: that there is nothing, or nothing in it.
fn of_listing(tree: &Tree, target: &Target) -> Option<Warning> {
    let path = || format!("s3://{}/{}", target.bucket, target.prefix);
    if let Some(first) = &tree.first_empty {
        let message = match tree.empty {
            1 => "the object is empty, and was passed over".to_owned(),
            empty => {
                let others = counted::grouped(empty - 1);
                format!("this object and {others} more are empty, and were passed over")
            }
        };
        return Some(Warning {
            location: location(&target.bucket, first, false),
            message,
        });
    }
    let message = match target.only {
        Some(lakes) => format!("there is no table of {} here", lakes.format.name()),
        None if tree.is_refused => "there is no object here, or none that may be read".to_owned(),
        None => "there is no object here for a crawler to look at".to_owned(),
    };
    let is_empty = tree.objects == 0 || target.only.is_some();
    (is_empty && tree.lakes.is_empty()).then(|| Warning {
        location: path(),
        message,
    })
}

/// What was found below an include path.
struct InTarget<'a> {
    target: &'a Target,
    grouped: Grouped,
    lakes: Vec<LakeTable>,
}

/// What becomes a table.
#[derive(Clone, Copy)]
enum Found<'a> {
    Group(&'a Group),
    Lake(&'a LakeTable),
}

impl Found<'_> {
    fn location(self, bucket: &str) -> String {
        match self {
            Self::Group(group) => location(bucket, &group.root, !group.is_file),
            Self::Lake(lake) => location(bucket, &lake.root, true),
        }
    }

    fn has_columns(self, within: &InTarget<'_>) -> bool {
        match self {
            Self::Group(group) => !within.grouped.schemas.values[group.columns].is_empty(),
            // Its metadata says what it is, whatever has been written to it.
            Self::Lake(_) => true,
        }
    }

    /// Whether a classifier says of each of its files whether there is a header.
    fn is_header_told(self) -> bool {
        match self {
            Self::Group(group) => group.leaves.iter().all(|leaf| leaf.is_header_told),
            Self::Lake(_) => false,
        }
    }

    /// What tells it from others at its location: a folder may hold two tables, of different
    /// files.
    fn within(self) -> Option<String> {
        match self {
            Self::Group(group) => group.leaves.first().map(|leaf| leaf.key.clone()),
            Self::Lake(lake) => Some(lake.suffix.to_owned()),
        }
    }
}

/// The tables, and the names of those of which a classifier says whether they have a header.
fn tables_of(
    found: &[InTarget<'_>],
    options: &Options,
    warnings: &mut Vec<Warning>,
) -> (Vec<Table>, HashSet<String>) {
    let mut all: Vec<_> = found
        .iter()
        .flat_map(|within| {
            let groups = within.grouped.groups.iter().map(Found::Group);
            let lakes = within.lakes.iter().map(Found::Lake);
            groups
                .chain(lakes)
                .map(move |one| (one.location(&within.target.bucket), within, one))
        })
        .collect();
    all.sort_by(|one, two| one.0.cmp(&two.0));
    // Two targets may hold the same folder.
    let mut seen = HashSet::new();
    all.retain(|(location, _, one)| seen.insert((location.clone(), one.within())));
    all.retain(|(location, within, one)| {
        let has_columns = one.has_columns(within);
        if !has_columns {
            warnings.push(Warning {
                location: location.clone(),
                message: "no record here has a member, so there is no column, and no table"
                    .to_owned(),
            });
        }
        has_columns
    });
    let mut names = TableNames::new(&options.table_prefix);
    let mut told = HashSet::new();
    let table_of = |(_, within, one): (String, &InTarget<'_>, Found<'_>)| {
        let bucket = &within.target.bucket;
        let table = match one {
            Found::Group(group) => {
                tables::table(group, &within.grouped, bucket, &mut names, warnings)
            }
            Found::Lake(lake) => tables::lake_table(lake, bucket, &mut names),
        };
        if one.is_header_told() {
            told.insert(table.name.clone());
        }
        table
    };
    let tables = all.into_iter().map(table_of).collect();
    (tables, told)
}

/// Sorts warnings by their place, and says how many there are beyond [`WARNINGS`].
fn shorten(warnings: &mut Vec<Warning>) {
    warnings.sort_by(|one, two| (&one.location, &one.message).cmp(&(&two.location, &two.message)));
    warnings.dedup();
    let more = warnings.len().saturating_sub(WARNINGS);
    if more > 0 {
        warnings.truncate(WARNINGS);
        let location = warnings.last().map(|last| last.location.clone());
        warnings.push(Warning {
            location: location.unwrap_or_default(),
            message: format!(
                "and {} more warnings behind this place",
                counted::grouped(more as u64)
            ),
        });
    }
}

/// The location of a folder, whose key has no slash at its end, or of a file.
fn location(bucket: &str, key: &str, is_folder: bool) -> String {
    let slash = if is_folder && !key.is_empty() {
        "/"
    } else {
        ""
    };
    format!("s3://{bucket}/{key}{slash}")
}
