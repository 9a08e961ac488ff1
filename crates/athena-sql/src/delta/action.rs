//! What a line of the log says.
//!
//! Source: Delta Lake's protocol, "Actions".

use std::collections::BTreeMap;

use serde::Deserialize;

/// One of these; what else there is says nothing about which rows there are.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Action {
    pub protocol: Option<Protocol>,
    pub meta_data: Option<Metadata>,
    pub add: Option<Add>,
    pub remove: Option<Remove>,
    pub sidecar: Option<Sidecar>,
}

/// What a reader has to be able to do.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Protocol {
    #[serde(default)]
    pub min_reader_version: i64,
    /// From the third version on.
    #[serde(default)]
    pub reader_features: Option<Vec<String>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Metadata {
    /// In Spark's notation.
    pub schema_string: String,
    #[serde(default)]
    pub partition_columns: Vec<String>,
    #[serde(default)]
    pub configuration: BTreeMap<String, Option<String>>,
}

/// A data file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Add {
    /// Percent-encoded; below the table's folder, or a whole URL.
    pub path: String,
    #[serde(default)]
    pub partition_values: BTreeMap<String, Option<String>>,
    /// In bytes.
    pub size: u64,
    /// JSON.
    pub stats: Option<String>,
    pub deletion_vector: Option<DeletionVector>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Remove {
    pub path: String,
    pub deletion_vector: Option<DeletionVector>,
}

/// Where the rows of a data file are named that are deleted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeletionVector {
    /// `u` by a UUID, `p` by a path, `i` for one that is given here.
    pub storage_type: String,
    pub path_or_inline_dv: String,
    /// Where in its file it begins.
    pub offset: Option<u64>,
    /// Without the length before it and the checksum behind it.
    pub size_in_bytes: u64,
}

impl DeletionVector {
    /// What tells it from the others of the same file.
    pub fn unique_id(&self) -> String {
        let id = format!("{}{}", self.storage_type, self.path_or_inline_dv);
        match self.offset {
            Some(offset) => format!("{id}@{offset}"),
            None => id,
        }
    }
}

/// A file beside a checkpoint, that has some of its data files.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Sidecar {
    /// A name in `_delta_log/_sidecars/`, or a whole URL.
    pub path: String,
    pub size_in_bytes: u64,
}
