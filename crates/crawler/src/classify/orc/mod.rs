//! ORC: of a file, only its footer is read.
//!
//! Source: Apache ORC's specification, "ORC Specification v1": "File Tail" and "Compression".

mod compression;
mod protobuf;
mod types;

use std::collections::BTreeMap;

use async_trait::async_trait;

use self::compression::Codec;
use self::protobuf::{Value, fields};
use super::{Classified, Classifier, Layout, Records, Shape, Unreadable};
use crate::decompress::Compression;
use crate::sample::Sample;

pub(super) struct Orc;

const MAGIC: &[u8] = b"ORC";

/// What is read of a file's end at first, in bytes; most footers are shorter.
const TAIL: u64 = 64 * 1024;

/// A compressed footer longer than this is not read, in bytes.
const LONGEST_FOOTER: u64 = 16 * 1024 * 1024;

#[async_trait]
impl Classifier for Orc {
    async fn classify(&self, sample: &mut Sample) -> Result<Option<Classified>, Unreadable> {
        if !sample.head().starts_with(MAGIC) {
            return Ok(None);
        }
        let tail = sample.tail(TAIL).await?;
        let Some(postscript) = Postscript::of(&tail) else {
            // A text may begin with these letters.
            return if is_text(sample.head()) {
                Ok(None)
            } else {
                Err(damaged("it has no postscript"))
            };
        };
        let footer = Footer::parse(&read_footer(sample, &postscript, &tail).await?)?;
        let (columns, remarks) = types::columns(&footer.types)?;
        Ok(Some(Classified {
            shape: Shape {
                layout: layout(),
                switches: BTreeMap::new(),
                columns,
                unproven_header: None,
            },
            records: Records {
                count: footer.rows,
                seen: footer.rows,
                seen_bytes: footer.content,
            },
            remarks,
        }))
    }
}

/// Glue writes `compressionType` none for ORC, whatever its stripes are compressed with.
fn layout() -> Layout {
    let mut layout = Layout::text(
        "orc",
        Compression::None,
        "org.apache.hadoop.hive.ql.io.orc.OrcSerde",
    );
    layout.input_format = "org.apache.hadoop.hive.ql.io.orc.OrcInputFormat";
    layout.output_format = "org.apache.hadoop.hive.ql.io.orc.OrcOutputFormat";
    // Athena reads ORC's columns by their place, unless a table says otherwise.
    layout.by_place = true;
    layout
        .serde_parameters
        .insert("serialization.format", "1".to_owned());
    layout
}

fn damaged(what: &str) -> Unreadable {
    Unreadable::format(format!("the ORC file is damaged: {what}"))
}

fn is_text(head: &[u8]) -> bool {
    head.iter()
        .take(256)
        .all(|&byte| byte >= b' ' || matches!(byte, b'\t' | b'\r' | b'\n'))
}

/// The end of a file, which says how its footer is to be read.
struct Postscript {
    /// The postscript's own length, and that of the byte that has it.
    length: u64,
    footer: u64,
    codec: u64,
    /// The longest text of a compressed chunk, in bytes.
    block: u64,
}

impl Postscript {
    fn of(tail: &[u8]) -> Option<Self> {
        let (&length, rest) = tail.split_last()?;
        let start = rest.len().checked_sub(usize::from(length))?;
        let mut postscript = Self {
            length: u64::from(length) + 1,
            footer: 0,
            codec: 0,
            block: 256 * 1024,
        };
        let mut magic = None;
        for field in fields(&rest[start..]) {
            match field? {
                (1, Value::Number(footer)) => postscript.footer = footer,
                (2, Value::Number(codec)) => postscript.codec = codec,
                (3, Value::Number(block)) => postscript.block = block,
                (8000, Value::Bytes(bytes)) => magic = Some(bytes),
                _ => {}
            }
        }
        (magic == Some(MAGIC)).then_some(postscript)
    }
}

/// The footer, decompressed.
async fn read_footer(
    sample: &Sample,
    postscript: &Postscript,
    tail: &[u8],
) -> Result<Vec<u8>, Unreadable> {
    let too_long = || damaged("its footer says it is longer than it can be");
    let needed = postscript
        .footer
        .checked_add(postscript.length)
        .filter(|&needed| needed <= sample.size() && postscript.footer <= LONGEST_FOOTER)
        .ok_or_else(too_long)?;
    let longer;
    let tail = if needed > tail.len() as u64 {
        longer = sample.tail(needed).await?;
        &longer[..]
    } else {
        tail
    };
    let start = tail.len().saturating_sub(needed as usize);
    let end = tail.len().saturating_sub(postscript.length as usize);
    Codec::of(postscript.codec, postscript.block)?.decompress(&tail[start..end])
}

/// What is taken from a footer.
#[derive(Default)]
struct Footer {
    content: u64,
    rows: u64,
    /// In the order of a walk that takes a type before its parts.
    types: Vec<types::Node>,
}

impl Footer {
    fn parse(bytes: &[u8]) -> Result<Self, Unreadable> {
        let unreadable = || damaged("its footer cannot be read");
        let mut footer = Self::default();
        for field in fields(bytes) {
            match field.ok_or_else(unreadable)? {
                (2, Value::Number(content)) => footer.content = content,
                (4, Value::Bytes(node)) => {
                    footer
                        .types
                        .push(types::Node::parse(node).ok_or_else(unreadable)?);
                }
                (6, Value::Number(rows)) => footer.rows = rows,
                _ => {}
            }
        }
        Ok(footer)
    }
}
