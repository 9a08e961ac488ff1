//! The key of a partition in the store: its values, as bytes that sort as the values do by the
//! types of the table's partition keys.
//!
//! A value is a tag, the value by its type where it is no text, the text as it was given, and a
//! zero byte. So an index on these keys is walked in the order of the values, ranges of values are
//! ranges of the index, and the texts are read back from it.

use super::expression::Kind;
use crate::model::glue::{Column, Table};

/// The value that Hive gives to a partition without one; a text like any other where the key's
/// type is string.
pub(super) const NULL_PARTITION: &str = "__HIVE_DEFAULT_PARTITION__";

/// The tag of [`NULL_PARTITION`] where the key is of another type.
pub(super) const NULL: u8 = 0x10;
/// The tag of a text that is no value of its key's type.
pub(super) const UNREADABLE: u8 = 0x20;
const END: u8 = 0;
/// Behind a zero byte of a text, which would else be its end.
const ESCAPE: u8 = 0xff;
/// Greater than all tags, and less than [`ESCAPE`].
const AFTER_TAGS: u8 = 0xf0;

/// How the values of a table's partition keys compare.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Kinds(Vec<Kind>);

impl Kinds {
    /// Values of types that cannot be filtered on compare as texts.
    pub fn of(table: &Table) -> Self {
        let keys = table.partition_keys.as_deref().unwrap_or_default();
        Self(
            keys.iter()
                .map(|key| of_column(key).unwrap_or(Kind::Text))
                .collect(),
        )
    }

    pub fn encode<T: AsRef<str>>(&self, values: &[T]) -> Vec<u8> {
        let mut key = Vec::with_capacity(16 * values.len());
        for (place, value) in values.iter().enumerate() {
            let kind = self.0.get(place).copied().unwrap_or(Kind::Text);
            let value = value.as_ref();
            write_typed(kind, value, &mut key);
            if kind != Kind::Text {
                write_text(value, &mut key);
            }
            key.push(END);
        }
        key
    }
}

/// The kind of a partition key; `None` for types that cannot be filtered on.
pub(super) fn of_column(key: &Column) -> Option<Kind> {
    Kind::of(key.r#type.as_deref().unwrap_or("string"))
}

/// Writes the part of a value that it is compared by.
pub(super) fn write_typed(kind: Kind, value: &str, out: &mut Vec<u8>) {
    if kind == Kind::Text {
        out.push(kind.tag());
        write_text(value, out);
    } else if value == NULL_PARTITION {
        out.push(NULL);
    } else {
        out.push(kind.tag());
        if !kind.write(value, out) {
            out.pop();
            out.push(UNREADABLE);
        }
    }
}

fn write_text(value: &str, out: &mut Vec<u8>) {
    for byte in value.bytes() {
        out.push(byte);
        if byte == END {
            out.push(ESCAPE);
        }
    }
}

/// One value in a key.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part<'a> {
    /// Where it begins and ends in the key.
    pub start: usize,
    pub end: usize,
    /// What it is compared by, its tag first.
    pub typed: &'a [u8],
    raw: &'a [u8],
}

impl Part<'_> {
    pub fn tag(&self) -> u8 {
        self.typed.first().copied().unwrap_or(NULL)
    }

    /// The text as it was given.
    pub fn text(&self) -> String {
        let mut bytes = Vec::with_capacity(self.raw.len());
        let mut rest = self.raw.iter();
        while let Some(byte) = rest.next() {
            bytes.push(*byte);
            if *byte == END {
                rest.next();
            }
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

/// The values in a key.
pub(super) fn parts(key: &[u8]) -> Vec<Part<'_>> {
    let mut found = Vec::with_capacity(4);
    let mut start = 0;
    while let Some(&tag) = key.get(start) {
        let width = Kind::width(tag, &key[start + 1..]);
        let text = start + 1 + width;
        let end = end_of_text(key, text);
        let is_text = tag == Kind::Text.tag();
        found.push(Part {
            start,
            end: (end + 1).min(key.len()),
            typed: if is_text {
                &key[start..end]
            } else {
                &key[start..text]
            },
            raw: &key[text..end],
        });
        start = end + 1;
    }
    found
}

/// Where the text that begins at `from` ends.
fn end_of_text(key: &[u8], from: usize) -> usize {
    let mut at = from;
    loop {
        match key[at..].iter().position(|b| *b == END) {
            None => return key.len(),
            Some(zero) if key.get(at + zero + 1) == Some(&ESCAPE) => at += zero + 2,
            Some(zero) => return at + zero,
        }
    }
}

/// The texts of a partition's values.
pub(super) fn values(key: &[u8]) -> Vec<String> {
    parts(key).iter().map(Part::text).collect()
}

/// What is greater than all keys that begin with these whole values, and less than those behind.
pub(super) fn after(values: &[u8]) -> Vec<u8> {
    let mut key = values.to_vec();
    key.push(AFTER_TAGS);
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds() -> Kinds {
        Kinds(vec![Kind::Integer, Kind::Text, Kind::Date])
    }

    #[test]
    fn the_values_are_read_back_as_they_were_given() {
        for given in [
            ["2024", "fr", "2024-05-06"],
            ["007", "a\0b\u{0}", "no date"],
            ["x", NULL_PARTITION, NULL_PARTITION],
            ["-1", "Ωmega %=/", "1969-01-01"],
        ] {
            assert_eq!(values(&kinds().encode(&given)), given);
        }
        // More values than keys, and less.
        assert_eq!(values(&kinds().encode(&["1", "a", "b", "c", "d"])).len(), 5);
        assert_eq!(values(&kinds().encode(&["1"])), ["1"]);
        assert!(values(&[]).is_empty());
    }

    #[test]
    fn keys_sort_as_their_values() {
        let sorted = [
            [NULL_PARTITION, "z", "2030-01-01"],
            ["x", "a", "2024-01-01"],
            ["-5", "a", "2024-01-01"],
            ["9", "a", "2024-01-01"],
            ["10", "", "2024-01-01"],
            ["10", "a", "2024-01-01"],
            ["10", "a", "2024-01-02"],
            ["10", "a\0", "2024-01-01"],
            ["10", "ab", "2024-01-01"],
            ["10", "b", "2024-01-01"],
        ];
        let keys: Vec<_> = sorted.iter().map(|v| kinds().encode(v)).collect();
        assert!(keys.is_sorted());
        let ten: Vec<u8> = kinds().encode(&["10", "a"]);
        let behind = after(&ten);
        assert!(keys[6] < behind && behind < keys[7]);
    }

    #[test]
    fn no_bytes_are_too_strange() {
        for strange in [
            &[0x40][..],
            &[0x40, 3, 0, 9],
            &[0x60, 1],
            &[0x30, 0, 0xff],
            &[0xff; 9],
            &[0; 5],
        ] {
            values(strange);
        }
    }
}
