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

/// The names of fields in a Hive type, `struct<a:int,b-c:string>`, that have other characters than
/// letters and digits of ASCII and `_`.
///
/// Athena's DDL refuses them, and its queries say them between double quotes. Source: Apache Hive's
/// `TypeInfoUtils`, whose parser of types takes few others for part of a name, and the Athena user
/// guide, "Name databases, tables, and columns".
pub fn odd_fields(data_type: &str) -> Vec<String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let fields = data_type.split(['<', ',', '>']);
    let names = fields.filter_map(|field| field.split_once(':').map(|(name, _)| name));
    names
        .filter(|name| !name.chars().all(is_plain))
        .map(str::to_owned)
        .collect()
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
fn partition_key(folder: &str) -> Option<&str> {
    folder
        .split_once('=')
        .map(|(key, _)| key.trim())
        .filter(|key| !key.is_empty())
}

/// The key of a folder that is named `key=value`, in lower case and as Hive reads it.
pub(crate) fn hive_key(folder: &str) -> Option<String> {
    partition_key(folder).map(|key| unescaped(key).to_lowercase())
}

/// The value that a folder gives to its level's key, as the folder spells it.
pub(crate) fn partition_value(folder: &str) -> &str {
    match folder.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => value,
        _ => folder,
    }
}

/// The value that a folder gives to its level's key, as Hive and Athena read it. What names no key
/// is no name of Hive's, and its own value.
pub(crate) fn hive_value(folder: &str) -> String {
    match partition_key(folder) {
        Some(_) => unescaped(partition_value(folder)),
        None => folder.to_owned(),
    }
}

/// A part of a partition's path as it was before some of its characters were written as `%` and two
/// hexadecimal digits.
///
/// Source: Hive's `FileUtils.unescapePathName`, by which Athena's `MSCK REPAIR TABLE` reads what
/// Athena, Spark and Hive write: a time of day as `00%3A00%3A00`.
fn unescaped(text: &str) -> String {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let mut value = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [byte, behind @ ..] = rest {
        let code = match (byte, behind) {
            (b'%', [high, low, ..]) => digit(*high).zip(digit(*low)),
            _ => None,
        };
        match code.and_then(|(high, low)| u8::try_from(high * 16 + low).ok()) {
            Some(code) => {
                value.push(code);
                rest = &behind[2..];
            }
            None => {
                value.push(*byte);
                rest = behind;
            }
        }
    }
    String::from_utf8_lossy(&value).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_other_letters_are_found_however_deep_they_are() {
        let of = |data_type: &str| odd_fields(data_type).join(" ");
        assert_eq!(of("struct<x:bigint,Y-z:string>"), "Y-z");
        assert_eq!(
            of("array<struct<a b:decimal(10,2),c:map<string,struct<é:int,D_1:int>>>>"),
            "a b é"
        );
        assert_eq!(of("decimal(10,2)"), "");
    }

    #[test]
    fn what_hive_escapes_is_read_back() {
        for (folder, value) in [
            ("ts=2024-01-01 00%3A00%3a00", "2024-01-01 00:00:00"),
            ("k=a%20b=c", "a b=c"),
            ("k=100%", "100%"),
            ("k=%4", "%4"),
            ("k=%+5%zz", "%+5%zz"),
            ("k=%C3%A9é", "éé"),
            ("a%20b", "a%20b"),
            ("=%20", "=%20"),
            ("k=", ""),
        ] {
            assert_eq!(hive_value(folder), value, "{folder}");
        }
        assert_eq!(hive_key("My%20Key=1").as_deref(), Some("my key"));
        assert_eq!(hive_key(" =1"), None);
    }
}
