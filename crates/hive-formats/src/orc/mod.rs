//! ORC's metadata: the end of a file, the footers of its stripes, and how both are compressed.
//!
//! Source: Apache ORC's specification, "ORC Specification v1".

mod compression;
mod protobuf;
mod stripe;
mod tail;

pub use self::compression::Codec;
pub use self::stripe::{Encoding, EncodingKind, StreamKind, StripeFooter, StripeStream};
pub use self::tail::{Footer, MAGIC, Node, Postscript, Stripe};

/// Why a file cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("the ORC file is damaged: {0}")]
    Damaged(&'static str),
    #[error("ORC files with compression {0} are not read")]
    Compression(String),
    #[error("ORC files with {0} are not read")]
    Unread(&'static str),
}
