//! What a user should know of a file, though it was read.

use std::collections::HashMap;

use super::Layout;
use crate::counted::grouped;
use crate::decompress::Compression;
use crate::schema::{Field, Type};

/// Values are few among a column's if they are at most one in so many.
const FEW: usize = 20;

/// Whether so many of a column's values are few.
pub(super) fn are_few(some: usize, of: usize) -> bool {
    some * FEW <= of
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
struct Kind {
    name: &'static str,
    count: usize,
    first: usize,
}

/// The kinds of values that columns have, by their folded names.
pub(super) struct Kinds(HashMap<String, Vec<Kind>>);

impl Kinds {
    /// Of the columns of each record.
    pub fn of(records: &[Vec<Field>]) -> Self {
        let mut kinds: HashMap<String, Vec<Kind>> = HashMap::new();
        for (record, fields) in records.iter().enumerate() {
            for field in fields {
                if let Some(name) = kind_of(&field.data_type) {
                    let seen = kinds.entry(field.name.to_lowercase()).or_default();
                    count(seen, name, record);
                }
            }
        }
        Self(kinds)
    }

    /// Says of columns that are text for few of their values where the first of these is. `line`
    /// is that of a record.
    pub fn remarks(&self, columns: &[Field], line: impl Fn(usize) -> usize) -> Vec<String> {
        let remark = |column: &Field| {
            let seen = self.0.get(&column.name.to_lowercase())?;
            odd_value(&column.name, seen, &line)
        };
        columns
            .iter()
            .filter(|column| column.data_type == Type::String)
            .filter_map(remark)
            .collect()
    }
}

fn count(seen: &mut Vec<Kind>, name: &'static str, record: usize) {
    match seen.iter_mut().find(|kind| kind.name == name) {
        Some(kind) => kind.count += 1,
        None => seen.push(Kind {
            name,
            count: 1,
            first: record,
        }),
    }
}

fn odd_value(column: &str, seen: &[Kind], line: impl Fn(usize) -> usize) -> Option<String> {
    let all: usize = seen.iter().map(|kind| kind.count).sum();
    let most = seen.iter().max_by_key(|kind| kind.count)?;
    let odd = all - most.count;
    if most.name == TEXT || odd == 0 || !are_few(odd, all) {
        return None;
    }
    let others = seen.iter().filter(|kind| kind.name != most.name);
    let first = others.map(|kind| kind.first).min()?;
    Some(format!(
        "column {column} is string because of {} of {} values that were read; all others are {}; \
         the first is in the record of line {}",
        grouped(odd as u64),
        grouped(all as u64),
        most.name,
        grouped(line(first) as u64)
    ))
}

const TEXT: &str = "texts";

/// Nothing of a value that is null.
fn kind_of(data_type: &Type) -> Option<&'static str> {
    match data_type {
        Type::Unknown | Type::NullInt => None,
        Type::Boolean => Some("booleans"),
        Type::Array(_) => Some("arrays"),
        Type::Struct(_) | Type::Map(..) => Some("objects"),
        Type::String | Type::Varchar(_) | Type::Char(_) => Some(TEXT),
        _ => Some("numbers"),
    }
}
