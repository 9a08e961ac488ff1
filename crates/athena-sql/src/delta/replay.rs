//! What the actions come to, one after the other.
//!
//! Source: Delta Lake's protocol, "Action Reconciliation" and "Valid Feature Names in Table
//! Features".

use std::collections::BTreeMap;

use super::action::{Action, Add, DeletionVector, Metadata, Protocol};
use super::bad_log;
use crate::error::Error;

/// What this reader can do, of what a table may ask for.
const FEATURES: &[&str] = &[
    "columnMapping",
    "deletionVectors",
    "timestampNtz",
    "typeWidening",
    "typeWidening-preview",
    "v2Checkpoint",
    "vacuumProtocolCheck",
];

/// The last version of the protocol that there is for readers.
const READER_VERSION: i64 = 3;

/// A version of a table.
#[derive(Debug)]
pub struct Snapshot {
    pub metadata: Metadata,
    pub files: Vec<Add>,
}

#[derive(Debug, Default)]
pub struct Replay {
    protocol: Option<Protocol>,
    metadata: Option<Metadata>,
    /// By their paths and the ids of their deletion vectors.
    files: BTreeMap<(String, Option<String>), Add>,
}

fn id(vector: Option<&DeletionVector>) -> Option<String> {
    vector.map(DeletionVector::unique_id)
}

impl Replay {
    /// Takes the next action; a checkpoint's come before those of commits.
    pub fn apply(&mut self, action: Action) {
        self.protocol = action.protocol.or(self.protocol.take());
        self.metadata = action.meta_data.or(self.metadata.take());
        if let Some(add) = action.add {
            let id = id(add.deletion_vector.as_ref());
            self.files.insert((add.path.clone(), id), add);
        }
        if let Some(remove) = action.remove {
            let id = id(remove.deletion_vector.as_ref());
            self.files.remove(&(remove.path, id));
        }
    }

    /// What there is after the last action, unless this reader would take it for something else.
    pub fn snapshot(self, location: &str) -> Result<Snapshot, Error> {
        let (Some(protocol), Some(metadata)) = (self.protocol, self.metadata) else {
            return Err(bad_log(format!(
                "Metadata not found in transaction log of {location}"
            )));
        };
        let asked = protocol.reader_features.unwrap_or_default();
        let unknown = asked.iter().find(|name| !FEATURES.contains(&name.as_str()));
        if let Some(feature) = unknown {
            return Err(Error::not_supported(format!(
                "the feature {feature} of Delta Lake tables, which {location} asks of readers"
            )));
        }
        if protocol.min_reader_version > READER_VERSION {
            return Err(Error::not_supported(format!(
                "version {} of Delta Lake's protocol for readers, which {location} asks for",
                protocol.min_reader_version
            )));
        }
        Ok(Snapshot {
            metadata,
            files: self.files.into_values().collect(),
        })
    }
}
