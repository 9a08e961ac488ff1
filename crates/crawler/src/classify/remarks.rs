//! What a user should know of a file, though it was read.

use std::collections::HashMap;

use super::Layout;
use crate::counted::grouped;
use crate::decompress::Compression;
use crate::memory::{Counted, ValueKind};
use crate::sample::Sample;
use crate::schema::{Field, Type};

/// Values are few among a column's if they are at most one in so many.
const FEW: u64 = 20;

/// Whether so many of a column's values are few.
pub(crate) fn are_few(some: u64, of: u64) -> bool {
    some.saturating_mul(FEW) <= of
}

/// Says of a text that is not UTF-8 where it first is not. What is no UTF-8 is `�` in names, and
/// in what the SerDes read.
pub(super) fn of_encoding(text: &[u8]) -> Option<String> {
    let error = std::str::from_utf8(text).err()?;
    let place = error.valid_up_to();
    let byte = text.get(place)?;
    let line = text[..place].split(|byte| *byte == b'\n').count();
    Some(format!(
        "the file is not UTF-8: the first byte that is not is 0x{byte:02X} in line {line}; it is \
         read as \u{fffd}, in names of columns too; write the file as UTF-8"
    ))
}

/// Says of a compressed text that was read to its end that it has none.
pub(super) fn of_end(sample: &Sample) -> Option<String> {
    sample.is_broken().then(|| {
        format!(
            "the file is compressed as {}, and cannot be decompressed to its end: it was cut off, or \
             is damaged; Athena fails at it, or reads a part of it; write it anew",
            sample.compression().name()
        )
    })
}

/// Says of a compressed text that Athena does not read it: of a compression that it does not know,
/// or because the name hides it, by whose end Athena knows it. Source: Athena user guide, "Use
/// compression in Athena".
pub(super) fn of_name(layout: &Layout, key: &str) -> Option<String> {
    let is_text = layout.input_format.ends_with(".TextInputFormat");
    let compression = layout.compression;
    if is_text && matches!(compression, Compression::Xz | Compression::Zip) {
        let name = compression.name();
        return Some(format!(
            "Athena reads no {name} files: it reads the compressed bytes as text"
        ));
    }
    let ends = ends_of(compression);
    let name = key.rsplit('/').next().unwrap_or_default().to_lowercase();
    if !is_text || ends.is_empty() || ends.iter().any(|end| name.ends_with(end)) {
        return None;
    }
    Some(format!(
        "the file is compressed as {}, and its name does not end in {}, by which Athena would \
         know: it reads the compressed bytes as text",
        compression.name(),
        ends[0]
    ))
}

/// What the names of files end in for Hadoop's codecs.
fn ends_of(compression: Compression) -> &'static [&'static str] {
    match compression {
        Compression::Gzip => &[".gz", ".gzip"],
        Compression::Bzip2 => &[".bz2"],
        Compression::Zstd => &[".zst"],
        Compression::Lz4 => &[".lz4"],
        Compression::Snappy | Compression::HadoopSnappy => &[".snappy"],
        Compression::None | Compression::Xz | Compression::Zip => &[],
    }
}

/// How often a column has values of one kind, and in which record the first is.
struct Values {
    kind: ValueKind,
    count: usize,
    first: usize,
}

/// The kinds of values that columns have, by their folded names.
pub(super) struct Kinds(HashMap<String, Vec<Values>>);

impl Kinds {
    /// Of the columns of each record.
    pub fn of(records: &[Vec<Field>]) -> Self {
        let mut kinds: HashMap<String, Vec<Values>> = HashMap::new();
        for (record, fields) in records.iter().enumerate() {
            for field in fields {
                if let Some(kind) = ValueKind::of(&field.data_type) {
                    let seen = kinds.entry(field.name.to_lowercase()).or_default();
                    count(seen, kind, record);
                }
            }
        }
        Self(kinds)
    }

    /// Says of columns that are text for few of their values where the first of these is. `line`
    /// is that of a record.
    pub fn remarks(&self, columns: &[Field], line: impl Fn(usize) -> usize) -> Vec<String> {
        let remark =
            |(_, column, seen): (u32, &Field, &[Values])| odd_value(&column.name, seen, &line);
        self.of_texts(columns).filter_map(remark).collect()
    }

    /// The values of columns that are text, and have values of other kinds too.
    pub fn counts(&self, columns: &[Field], line: impl Fn(usize) -> usize) -> Option<Vec<Counted>> {
        let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let counted = |(column, _, seen): (u32, &Field, &[Values])| -> Vec<Counted> {
            let of_kind = |one: &Values| Counted {
                column,
                kind: one.kind,
                values: number(one.count),
                line: number(line(one.first)),
            };
            seen.iter().map(of_kind).collect()
        };
        let is_mixed = |(_, _, seen): &(u32, &Field, &[Values])| {
            seen.iter().any(|one| one.kind != ValueKind::Texts)
        };
        kept(self.of_texts(columns).filter(is_mixed).flat_map(counted))
    }

    /// The columns that are text, with their places and values.
    fn of_texts<'a>(
        &'a self,
        columns: &'a [Field],
    ) -> impl Iterator<Item = (u32, &'a Field, &'a [Values])> {
        let texts = (0..).zip(columns);
        texts
            .filter(|(_, column)| column.data_type == Type::String)
            .filter_map(move |(place, column)| {
                let seen = self.0.get(&column.name.to_lowercase())?;
                Some((place, column, &seen[..]))
            })
    }
}

/// How many counts of a file are kept at most.
const COUNTS: usize = 64;

/// Counts as they are kept of a file; nothing of more than [`COUNTS`].
pub(super) fn kept(counts: impl Iterator<Item = Counted>) -> Option<Vec<Counted>> {
    let kept: Vec<Counted> = counts.take(COUNTS + 1).collect();
    (kept.len() <= COUNTS).then_some(kept)
}

fn count(seen: &mut Vec<Values>, kind: ValueKind, record: usize) {
    match seen.iter_mut().find(|values| values.kind == kind) {
        Some(values) => values.count += 1,
        None => seen.push(Values {
            kind,
            count: 1,
            first: record,
        }),
    }
}

fn odd_value(column: &str, seen: &[Values], line: impl Fn(usize) -> usize) -> Option<String> {
    let all: usize = seen.iter().map(|values| values.count).sum();
    let most = seen.iter().max_by_key(|values| values.count)?;
    let odd = all - most.count;
    if most.kind == ValueKind::Texts || odd == 0 || !are_few(odd as u64, all as u64) {
        return None;
    }
    let others = seen.iter().filter(|values| values.kind != most.kind);
    let first = others.map(|values| values.first).min()?;
    Some(format!(
        "column {column} is string because of {} of {} values that were read; all others are {}; \
         the first is in the record of line {}",
        grouped(odd as u64),
        grouped(all as u64),
        most.kind.name(),
        grouped(line(first) as u64)
    ))
}

impl ValueKind {
    /// Nothing of a value that is null.
    pub(crate) fn of(data_type: &Type) -> Option<Self> {
        match data_type {
            Type::Unknown | Type::NullInt => None,
            Type::Boolean => Some(Self::Booleans),
            Type::Array(_) => Some(Self::Arrays),
            Type::Struct(_) | Type::Map(..) => Some(Self::Objects),
            Type::String | Type::Varchar(_) | Type::Char(_) => Some(Self::Texts),
            _ => Some(Self::Numbers),
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Numbers => "numbers",
            Self::Booleans => "booleans",
            Self::Texts => "texts",
            Self::Arrays => "arrays",
            Self::Objects => "objects",
        }
    }
}
