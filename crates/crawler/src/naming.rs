//! The names of tables, partition keys and columns.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use md5::{Digest, Md5};

/// How long a table's name is that a crawler makes, by the Glue developer guide, "How crawlers
/// work"; tables that others make may have longer ones.
const LONGEST: usize = 128;

/// Gives tables names of their own.
#[derive(Debug, Default)]
pub(crate) struct TableNames {
    prefix: String,
    taken: HashSet<String>,
}

impl TableNames {
    pub fn new(prefix: &str) -> Self {
        Self {
            prefix: fold(prefix),
            taken: HashSet::new(),
        }
    }

    /// The name of a folder or file, folded, behind the prefix; with a hash of the location if
    /// another table has it already. A location's hash is the same in every crawl.
    pub fn give(&mut self, of: &str, location: &str) -> String {
        let mut name = format!("{}{}", self.prefix, fold(of));
        name.truncate(LONGEST);
        let mut hashed = location.to_owned();
        let mut given = name.clone();
        while !self.taken.insert(given.clone()) {
            let hash = hex::encode(Md5::digest(&hashed));
            let base = &name[..name.len().min(LONGEST - hash.len() - 1)];
            given = format!("{base}_{hash}");
            hashed = hash;
        }
        given
    }
}

/// Whether this looks like what [`TableNames::give`] puts behind a name that is taken.
pub(crate) fn is_hash(text: &str) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    text.len() == 32 && text.bytes().all(is_digit)
}

/// Lower case, and `_` for everything that is not of `a-z0-9_`.
fn fold(name: &str) -> String {
    name.to_lowercase()
        .chars()
        .map(|c| match c {
            'a'..='z' | '0'..='9' | '_' => c,
            _ => '_',
        })
        .collect()
}

/// The name, or with a number behind it if another differs from it in case alone. `taken` keeps
/// for each name the number to go on from.
pub(crate) fn unused(name: String, taken: &mut HashMap<String, usize>) -> String {
    let folded = name.to_lowercase();
    let Some(&last) = taken.get(&folded) else {
        taken.insert(folded, 0);
        return name;
    };
    let mut number = last;
    loop {
        number += 1;
        let numbered = format!("{name}_{number}");
        if let Entry::Vacant(free) = taken.entry(numbered.to_lowercase()) {
            free.insert(0);
            taken.insert(folded, number);
            return numbered;
        }
    }
}

/// The key of a folder that is named `key=value` as Hive names partitions.
pub(crate) fn partition_key(folder: &str) -> Option<&str> {
    folder
        .split_once('=')
        .map(|(key, _)| key.trim())
        .filter(|key| !key.is_empty())
}

/// The value that a folder gives to its level's key.
pub(crate) fn partition_value(folder: &str) -> &str {
    match folder.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => value,
        _ => folder,
    }
}
