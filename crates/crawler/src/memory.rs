//! What crawls found in objects, so that a later one reads only what is new.
//!
//! Of an object that has not changed only the numbers are remembered, and which shape it has; the
//! shape itself is read anew, from one of the objects that have it. So what is remembered can be
//! told from what is there, and nothing of a format has to be kept.

use std::hash::{DefaultHasher, Hash, Hasher};

use serde::{Deserialize, Serialize};

use crate::classify::custom::CustomClassifier;
use crate::classify::{Records, Shape};

/// Keeps what crawls found, in whatever way. It may forget, and must not mix up.
pub trait Memory: Send + Sync {
    fn recall(&self, object: Identity) -> Option<Remembered>;
    fn remember(&self, object: Identity, found: &Remembered);

    /// Whether objects of this folder that are not remembered are read. It is asked of every folder
    /// that has objects.
    fn reads_new_in(&self, _bucket: &str, _folder: &str) -> bool {
        true
    }
}

/// An object as it is at one time, looked at by the same classifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Identity(pub u128);

/// What is remembered of an object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remembered {
    /// Tells objects of one shape from those of others.
    pub shape: u64,
    pub records: u64,
    pub seen_records: u64,
    pub seen_bytes: u64,
    /// What a user should know of it.
    pub remarks: Vec<String>,
    /// Of columns that are text, and have values of other kinds too. Nothing where they are too many,
    /// or were not counted.
    pub counts: Option<Vec<Counted>>,
}

/// The values of one kind that a column of an object has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// The place of the column among those of the object.
    pub column: u32,
    pub kind: ValueKind,
    pub values: u32,
    /// That of the record of the first of them: the first line is 1, and 0 is none that is known.
    pub line: u32,
}

/// What a value is, without its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ValueKind {
    Numbers,
    Booleans,
    Texts,
    Arrays,
    Objects,
}

impl Remembered {
    pub(crate) fn new(shape: u64, records: Records) -> Self {
        Self {
            shape,
            records: records.count,
            seen_records: records.seen,
            seen_bytes: records.seen_bytes,
            ..Self::default()
        }
    }

    pub(crate) fn as_records(&self) -> Records {
        Records {
            count: self.records,
            seen: self.seen_records,
            seen_bytes: self.seen_bytes,
        }
    }
}

fn hash(part: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    part.hash(&mut hasher);
    hasher.finish()
}

/// Tells one state of an object from another.
pub(crate) fn mark(e_tag: Option<&str>, modified: i64, size: u64) -> u64 {
    hash((e_tag, modified, size))
}

/// Tells sets of classifiers, and versions of the built-in ones, from each other.
pub(crate) fn mark_of_classifiers(custom: &[CustomClassifier]) -> u64 {
    hash((env!("CARGO_PKG_VERSION"), format!("{custom:?}")))
}

pub(crate) fn identity(classifiers: u64, bucket: &str, key: &str, mark: u64) -> Identity {
    let half = |salt: u8| u128::from(hash((salt, classifiers, bucket, key, mark)));
    Identity((half(0) << 64) | half(1))
}

pub(crate) fn fingerprint(shape: &Shape) -> u64 {
    hash(format!("{shape:?}"))
}
