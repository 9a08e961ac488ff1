//! The end of a file.
//!
//! Source: Apache ORC's specification, "File Tail".

use super::protobuf::{Value, fields, numbers};
use super::{Codec, Error};

/// How a file and its postscript begin and end.
pub const MAGIC: &[u8] = b"ORC";

/// A compressed footer longer than this is not read, in bytes.
const LONGEST_FOOTER: u64 = 16 * 1024 * 1024;

/// The last bytes of a file, which say how its footer is to be read.
#[derive(Clone, Copy, Debug)]
pub struct Postscript {
    /// The postscript's own length, and that of the byte that has it.
    length: u64,
    footer: u64,
    codec: u64,
    /// The longest text of a compressed chunk, in bytes.
    block: u64,
}

impl Postscript {
    /// The postscript at the end of these bytes, which are a file's last ones.
    pub fn of(tail: &[u8]) -> Option<Self> {
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

    /// How many bytes at the end of a file of `size` bytes hold the footer and what is behind it.
    pub fn needed(&self, size: u64) -> Result<u64, Error> {
        self.footer
            .checked_add(self.length)
            .filter(|&needed| needed <= size && self.footer <= LONGEST_FOOTER)
            .ok_or(Error::Damaged(
                "its footer says it is longer than it can be",
            ))
    }

    pub fn codec(&self) -> Result<Codec, Error> {
        Codec::of(self.codec, self.block)
    }

    /// The footer, of a file's last bytes, of which there are at least [`Self::needed`].
    pub fn footer(&self, tail: &[u8]) -> Result<Footer, Error> {
        let end = tail.len().saturating_sub(self.length as usize);
        let start = end.saturating_sub(self.footer as usize);
        Footer::parse(&self.codec()?.decompress(&tail[start..end])?)
    }
}

/// What is taken from a footer.
#[derive(Clone, Debug, Default)]
pub struct Footer {
    /// Bytes of the file before its footer.
    pub content: u64,
    pub rows: u64,
    /// In the order of a walk that takes a type before its parts.
    pub types: Vec<Node>,
    pub stripes: Vec<Stripe>,
}

impl Footer {
    fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let unreadable = Error::Damaged("its footer cannot be read");
        let mut footer = Self::default();
        for field in fields(bytes) {
            match field.ok_or_else(|| unreadable.clone())? {
                (2, Value::Number(content)) => footer.content = content,
                (3, Value::Bytes(stripe)) => {
                    let stripe = Stripe::parse(stripe).ok_or_else(|| unreadable.clone())?;
                    footer.stripes.push(stripe);
                }
                (4, Value::Bytes(node)) => {
                    let node = Node::parse(node).ok_or_else(|| unreadable.clone())?;
                    footer.types.push(node);
                }
                (6, Value::Number(rows)) => footer.rows = rows,
                _ => {}
            }
        }
        Ok(footer)
    }
}

/// Where a stripe is, in bytes of the file, and how many rows it has.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stripe {
    pub offset: u64,
    pub index_length: u64,
    pub data_length: u64,
    pub footer_length: u64,
    pub rows: u64,
}

impl Stripe {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let mut stripe = Self::default();
        for field in fields(bytes) {
            match field? {
                (1, Value::Number(n)) => stripe.offset = n,
                (2, Value::Number(n)) => stripe.index_length = n,
                (3, Value::Number(n)) => stripe.data_length = n,
                (4, Value::Number(n)) => stripe.footer_length = n,
                (5, Value::Number(n)) => stripe.rows = n,
                _ => {}
            }
        }
        Some(stripe)
    }
}

/// One type of a file, whose parts are other types by their place.
#[derive(Clone, Debug, Default)]
pub struct Node {
    /// ORC's number of it.
    pub kind: u64,
    pub parts: Vec<u64>,
    /// Of a struct's fields.
    pub names: Vec<String>,
    /// Of `char` and `varchar`, in characters.
    pub length: u64,
    pub precision: u64,
    pub scale: u64,
}

impl Node {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let mut node = Self::default();
        for field in fields(bytes) {
            match field? {
                (1, Value::Number(kind)) => node.kind = kind,
                (2, Value::Number(part)) => node.parts.push(part),
                (2, Value::Bytes(packed)) => node.parts.extend(numbers(packed)?),
                (3, Value::Bytes(name)) => {
                    node.names.push(String::from_utf8_lossy(name).into_owned());
                }
                (4, Value::Number(length)) => node.length = length,
                (5, Value::Number(precision)) => node.precision = precision,
                (6, Value::Number(scale)) => node.scale = scale,
                _ => {}
            }
        }
        Some(node)
    }
}
