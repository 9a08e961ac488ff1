//! ORC: of a file, only its footer is read.
//!
//! Source: Apache ORC's specification, "ORC Specification v1": "File Tail" and "Compression".

mod types;

use std::collections::BTreeMap;

use async_trait::async_trait;
use hive_formats::orc::{Footer, MAGIC, Postscript};

use super::{Classified, Classifier, Layout, Records, Shape, Unreadable};
use crate::decompress::Compression;
use crate::sample::Sample;

pub(super) struct Orc;

/// What is read of a file's end at first, in bytes; most footers are shorter.
const TAIL: u64 = 64 * 1024;

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
        let footer = read_footer(sample, &postscript, &tail).await?;
        let (columns, remarks) = types::columns(&footer.types)?;
        Ok(Some(Classified {
            shape: Shape {
                layout: layout(),
                switches: BTreeMap::new(),
                columns,
                unproven_header: None,
                is_header_told: false,
            },
            records: Records {
                count: footer.rows,
                seen: footer.rows,
                seen_bytes: footer.content,
            },
            counts: Some(Vec::new()),
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

impl From<hive_formats::orc::Error> for Unreadable {
    fn from(error: hive_formats::orc::Error) -> Self {
        Self::format(error.to_string())
    }
}

async fn read_footer(
    sample: &Sample,
    postscript: &Postscript,
    tail: &[u8],
) -> Result<Footer, Unreadable> {
    let needed = postscript.needed(sample.size())?;
    if needed <= tail.len() as u64 {
        return Ok(postscript.footer(tail)?);
    }
    Ok(postscript.footer(&sample.tail(needed).await?)?)
}
