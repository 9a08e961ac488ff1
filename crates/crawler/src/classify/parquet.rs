//! Parquet: of a file, only its footer is read.
//!
//! Source: Apache Parquet's format, "Logical types"; the types are those Hive and Athena read
//! them as.

use std::collections::BTreeMap;

use async_trait::async_trait;
use parquet::basic::{ConvertedType, LogicalType, Repetition, Type as Physical};
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader};
use parquet::schema::types::Type as Node;

use super::{Classified, Classifier, Layout, Records, Shape, Unreadable};
use crate::decompress::Compression;
use crate::sample::Sample;
use crate::schema::{Field, Type};

pub(super) struct Parquet;

const MAGIC: &[u8] = b"PAR1";

/// The length of the metadata, and the magic number.
const FOOTER: u64 = 8;

/// What is read of a file's end at first; most footers are shorter.
const TAIL: u64 = 64 * 1024;

/// Metadata longer than this is not read, in bytes.
const LONGEST_METADATA: u64 = 64 * 1024 * 1024;

/// Types are not nested deeper.
const DEEPEST: usize = 100;

#[async_trait]
impl Classifier for Parquet {
    async fn classify(&self, sample: &mut Sample) -> Result<Option<Classified>, Unreadable> {
        if !sample.head().starts_with(MAGIC) {
            return Ok(None);
        }
        let metadata = read_metadata(sample).await?;
        let nodes = metadata.file_metadata().schema().get_fields();
        let columns = nodes.iter().map(|node| field(node, 0)).collect();
        let mut records = Records::default();
        for group in metadata.row_groups() {
            records.seen += u64::try_from(group.num_rows()).unwrap_or_default();
            records.seen_bytes += u64::try_from(group.total_byte_size()).unwrap_or_default();
        }
        records.count = records.seen;
        Ok(Some(Classified {
            shape: Shape {
                layout: layout(),
                switches: BTreeMap::new(),
                columns,
                unproven_header: None,
                is_header_told: false,
            },
            records,
            counts: Some(Vec::new()),
            remarks: nodes.iter().filter_map(|node| remark(node)).collect(),
        }))
    }
}

/// Athena has no numbers of 16 bits, and reads none as those of another width.
fn remark(node: &Node) -> Option<String> {
    has_halves(node, 0).then(|| {
        format!(
            "column {} has floating point numbers of 16 bits, which Athena does not read; it is \
             float, which holds their values: write it so",
            node.name()
        )
    })
}

fn has_halves(node: &Node, depth: usize) -> bool {
    if node.is_primitive() {
        let logical = node.get_basic_info().logical_type_ref();
        return matches!(logical, Some(LogicalType::Float16));
    }
    let mut fields = node.get_fields().iter();
    depth < DEEPEST && fields.any(|field| has_halves(field, depth + 1))
}

/// Glue writes `compressionType` none for Parquet, whatever its pages are compressed with.
fn layout() -> Layout {
    let mut layout = Layout::text(
        "parquet",
        Compression::None,
        "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
    );
    layout.input_format = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat";
    layout.output_format = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat";
    layout
        .serde_parameters
        .insert("serialization.format", "1".to_owned());
    layout
}

async fn read_metadata(sample: &Sample) -> Result<ParquetMetaData, Unreadable> {
    let damaged = |what: &str| Unreadable::format(format!("the Parquet file is damaged: {what}"));
    let mut tail = sample.tail(TAIL).await?;
    let Some((rest, magic)) = tail.split_last_chunk::<4>() else {
        return Err(damaged("it is shorter than a footer"));
    };
    if magic != MAGIC {
        return Err(damaged("it does not end with PAR1"));
    }
    let Some((_, length)) = rest.split_last_chunk::<4>() else {
        return Err(damaged("it is shorter than a footer"));
    };
    let length = u64::from(u32::from_le_bytes(*length));
    let needed = length + FOOTER;
    if needed + MAGIC.len() as u64 > sample.size() || length > LONGEST_METADATA {
        return Err(damaged("its footer says it is longer than it can be"));
    }
    if needed > tail.len() as u64 {
        tail = sample.tail(needed).await?;
    }
    let start = tail.len().saturating_sub(needed as usize);
    let end = tail.len().saturating_sub(FOOTER as usize);
    ParquetMetaDataReader::decode_metadata(&tail[start..end])
        .map_err(|error| damaged(&error.to_string()))
}

fn field(node: &Node, depth: usize) -> Field {
    Field::new(node.name(), repeated(node, depth))
}

/// A field's type, an array for a repeated field outside a list.
fn repeated(node: &Node, depth: usize) -> Type {
    let data_type = type_of(node, depth);
    if is_repeated(node) {
        Type::array(data_type)
    } else {
        data_type
    }
}

fn is_repeated(node: &Node) -> bool {
    let info = node.get_basic_info();
    info.has_repetition() && info.repetition() == Repetition::REPEATED
}

fn type_of(node: &Node, depth: usize) -> Type {
    if node.is_primitive() {
        primitive(node)
    } else if depth >= DEEPEST {
        Type::Binary
    } else {
        group(node, depth + 1)
    }
}

fn group(node: &Node, depth: usize) -> Type {
    let info = node.get_basic_info();
    let converted = info.converted_type();
    let only = match node.get_fields() {
        [only] => Some(only),
        _ => None,
    };
    let is_list = matches!(info.logical_type_ref(), Some(LogicalType::List))
        || converted == ConvertedType::LIST;
    let is_map = matches!(info.logical_type_ref(), Some(LogicalType::Map))
        || matches!(converted, ConvertedType::MAP | ConvertedType::MAP_KEY_VALUE);
    match only {
        Some(only) if is_list && is_repeated(only) => Type::array(element(node, only, depth)),
        Some(only) if is_map && is_repeated(only) && only.is_group() => match only.get_fields() {
            [key, value] => Type::map(repeated(key, depth), repeated(value, depth)),
            // A set of keys.
            [key] => Type::map(repeated(key, depth), Type::Unknown),
            _ => structure(node, depth),
        },
        _ => structure(node, depth),
    }
}

fn structure(node: &Node, depth: usize) -> Type {
    Type::Struct(
        node.get_fields()
            .iter()
            .map(|child| field(child, depth))
            .collect(),
    )
}

/// What a list holds, by the format's rules for the lists of older writers.
fn element(list: &Node, repeated_node: &Node, depth: usize) -> Type {
    if repeated_node.is_primitive() {
        return primitive(repeated_node);
    }
    match repeated_node.get_fields() {
        [only]
            if repeated_node.name() != "array"
                && repeated_node.name() != format!("{}_tuple", list.name()) =>
        {
            repeated(only, depth)
        }
        _ => structure(repeated_node, depth),
    }
}

fn primitive(node: &Node) -> Type {
    let info = node.get_basic_info();
    let physical = node.get_physical_type();
    info.logical_type_ref()
        .and_then(|logical| logical_type(logical, physical))
        .or_else(|| converted_type(node, info.converted_type()))
        .unwrap_or_else(|| physical_type(physical))
}

fn logical_type(logical: &LogicalType, physical: Physical) -> Option<Type> {
    Some(match logical {
        LogicalType::String | LogicalType::Enum | LogicalType::Json => Type::String,
        LogicalType::Decimal(decimal) => decimal_type(decimal.precision, decimal.scale),
        LogicalType::Date => Type::Date,
        LogicalType::Timestamp(_) => Type::Timestamp,
        LogicalType::Integer(integer) => integer_type(integer.bit_width, integer.is_signed),
        LogicalType::Float16 => Type::Float,
        // Spark and Hive take what Parquet calls unknown, which is null alone, for what it is stored
        // as (SPARK-56045).
        LogicalType::Unknown if physical == Physical::INT32 => Type::NullInt,
        // Hive has neither times nor UUIDs: they are what they are stored as.
        _ => return Some(physical_type(physical)),
    })
}

fn converted_type(node: &Node, converted: ConvertedType) -> Option<Type> {
    Some(match converted {
        ConvertedType::UTF8 | ConvertedType::ENUM | ConvertedType::JSON => Type::String,
        ConvertedType::DECIMAL => decimal_type(node.get_precision(), node.get_scale()),
        ConvertedType::DATE => Type::Date,
        ConvertedType::TIMESTAMP_MILLIS | ConvertedType::TIMESTAMP_MICROS => Type::Timestamp,
        ConvertedType::INT_8 => integer_type(8, true),
        ConvertedType::INT_16 => integer_type(16, true),
        ConvertedType::INT_32 => integer_type(32, true),
        ConvertedType::INT_64 => integer_type(64, true),
        ConvertedType::UINT_8 => integer_type(8, false),
        ConvertedType::UINT_16 => integer_type(16, false),
        ConvertedType::UINT_32 => integer_type(32, false),
        ConvertedType::UINT_64 => integer_type(64, false),
        _ => return None,
    })
}

/// An unsigned integer needs the next wider type; 64 bits have none wider.
fn integer_type(bits: i8, signed: bool) -> Type {
    match (bits, signed) {
        (8, true) => Type::Tinyint,
        (8, false) | (16, true) => Type::Smallint,
        (16, false) | (32, true) => Type::Int,
        _ => Type::Bigint,
    }
}

fn decimal_type(precision: i32, scale: i32) -> Type {
    Type::decimal(
        u8::try_from(precision).unwrap_or(u8::MAX),
        u8::try_from(scale).unwrap_or_default(),
    )
}

fn physical_type(physical: Physical) -> Type {
    match physical {
        Physical::BOOLEAN => Type::Boolean,
        Physical::INT32 => Type::Int,
        Physical::INT64 => Type::Bigint,
        // Only timestamps were ever stored in 96 bits.
        Physical::INT96 => Type::Timestamp,
        Physical::FLOAT => Type::Float,
        Physical::DOUBLE => Type::Double,
        Physical::BYTE_ARRAY | Physical::FIXED_LEN_BYTE_ARRAY => Type::Binary,
    }
}
