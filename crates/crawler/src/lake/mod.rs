//! Folders that a table format keeps: Iceberg, Delta Lake and Hudi. Each is a table of that kind,
//! whose schema is in its metadata; its data files are no tables and no partitions.
//!
//! Source: AWS's Glue developer guide, "Supported data sources for crawling" and "Populating and
//! managing transactional tables". On AWS each kind has a target of its own; here an S3 target
//! finds them too, as a table of their Parquet files would show rows that were deleted.

mod delta;
mod folders;
mod hudi;
mod iceberg;
mod notation;
mod spark;

use std::collections::BTreeMap;
use std::sync::Arc;

use object_store::ObjectStoreExt;
use object_store::path::Path;

pub(crate) use self::folders::{Folders, Mark};
use crate::sample::Reads;
use crate::schema::Field;
use crate::{Error, Format, Target, Warning, location};

/// Which table format a folder is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TableFormat {
    Iceberg,
    Delta,
    Hudi,
}

impl TableFormat {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Iceberg => "Iceberg",
            Self::Delta => "Delta Lake",
            Self::Hudi => "Hudi",
        }
    }
}

/// An object of a lake folder, by its key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Object {
    pub key: String,
    /// In bytes.
    pub size: u64,
}

/// A folder of a table format, and what of it was listed.
#[derive(Debug)]
pub(crate) struct Folder {
    pub kind: TableFormat,
    /// Its key, without a slash at its end.
    pub root: String,
    /// The objects that say what is in it, in the order of their keys.
    pub metadata: Vec<Object>,
    /// The keys of the folders in it that have data, in their order, for a format that has the
    /// catalog keep its partitions.
    pub leaves: Vec<String>,
    /// The data file that a writer wrote last, for a format whose metadata may lack the schema.
    pub newest_file: Option<Object>,
}

impl Folder {
    /// Takes a data file for the newest, if it is: their names end in `_TIME.parquet`.
    pub fn see_file(&mut self, folder: &str, name: &str, size: u64) {
        let time = |key: &str| {
            let stem = key.strip_suffix(".parquet")?;
            Some(stem.rsplit_once('_')?.1.to_owned())
        };
        let Some(written) = time(name) else { return };
        let key = if folder.is_empty() {
            name.to_owned()
        } else {
            format!("{folder}/{name}")
        };
        let is_newer = self
            .newest_file
            .as_ref()
            .is_none_or(|newest| (time(&newest.key), &newest.key) < (Some(written), &key));
        if is_newer {
            self.newest_file = Some(Object { key, size });
        }
    }
}

/// A table as its folder's metadata says.
#[derive(Debug)]
pub(crate) struct LakeTable {
    /// Its folder's key, without a slash at its end.
    pub root: String,
    /// What its name has behind the folder's.
    pub suffix: &'static str,
    pub columns: Vec<Field>,
    pub partition_keys: Vec<Field>,
    pub partitions: Vec<Leaf>,
    pub format: Format,
    pub parameters: BTreeMap<String, String>,
}

/// A partition that the format has the catalog keep.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Leaf {
    pub values: Vec<String>,
    /// Its folder's key, without a slash at its end.
    pub key: String,
}

/// Why a folder makes no table.
#[derive(Debug, thiserror::Error)]
enum Unread {
    #[error("{0}")]
    Metadata(String),
    #[error("{source}")]
    Store {
        key: String,
        source: object_store::Error,
    },
}

fn unread(message: impl Into<String>) -> Unread {
    Unread::Metadata(message.into())
}

/// Reads the tables of folders. One whose metadata cannot be read is a warning.
pub(crate) async fn tables(
    folders: &[Folder],
    target: &Target,
    reads: &Arc<Reads>,
) -> Result<(Vec<LakeTable>, Vec<Warning>), Error> {
    let reader = Reader { target, reads };
    let mut tables = Vec::new();
    let mut warnings = Vec::new();
    for folder in folders {
        let read = match folder.kind {
            TableFormat::Iceberg => iceberg::table(folder, &reader).await.map(|one| vec![one]),
            TableFormat::Delta => delta::table(folder, &reader).await.map(|one| vec![one]),
            TableFormat::Hudi => hudi::tables(folder, &reader).await,
        };
        match read {
            Ok(read) => tables.extend(read),
            Err(Unread::Metadata(message)) => warnings.push(Warning {
                location: location(&target.bucket, &folder.root, true),
                message: format!(
                    "the folder is of {}, and its metadata cannot be read: {message}",
                    folder.kind.name()
                ),
            }),
            Err(Unread::Store { key, source }) => {
                return Err(Error::Store {
                    location: location(&target.bucket, &key, false),
                    source,
                });
            }
        }
    }
    Ok((tables, warnings))
}

/// Reads metadata.
struct Reader<'a> {
    target: &'a Target,
    reads: &'a Arc<Reads>,
}

/// Metadata longer than this is not read, in bytes.
const LONGEST: u64 = 64 * 1024 * 1024;

impl Reader<'_> {
    /// All of an object.
    async fn read(&self, object: &Object) -> Result<bytes::Bytes, Unread> {
        if object.size > LONGEST {
            let key = &object.key;
            return Err(unread(format!("`{key}` is longer than 64 MiB")));
        }
        let store_error = |source| Unread::Store {
            key: object.key.clone(),
            source,
        };
        let path = Path::parse(&object.key).map_err(|error| store_error(error.into()))?;
        let read = async { self.target.store.get(&path).await?.bytes().await };
        let bytes = match read.await {
            Ok(bytes) => bytes,
            Err(object_store::Error::NotFound { .. }) => {
                let key = &object.key;
                return Err(unread(format!("`{key}` was deleted while it was crawled")));
            }
            Err(error) => return Err(store_error(error)),
        };
        self.reads.count(bytes.len());
        Ok(bytes)
    }

    fn location(&self, folder: &Folder) -> String {
        location(&self.target.bucket, &folder.root, true)
    }
}
