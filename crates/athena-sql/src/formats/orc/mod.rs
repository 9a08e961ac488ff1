//! ORC: columns by their places or names, of each stripe the streams of the columns that are wanted.
//!
//! Athena finds columns by their places unless the table's property `orc.column.index.access` is
//! `false`, and the fields of structs by their names always (Athena user guide, "Handle schema
//! updates"). What a type of a file may be read as is Trino's rule.
//!
//! Files are decoded here and not by a library, so that what a damaged file says of lengths and
//! counts can neither end the process nor fill its memory.

mod column;
mod integers;
mod kinds;
mod runs;
mod scalars;
mod stream;
mod text;

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use datafusion::arrow::array::{ArrayRef, new_null_array};
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::record_batch::{RecordBatch, RecordBatchOptions};
use futures::TryFutureExt;
use futures::stream::{BoxStream, StreamExt};
use hive_formats::orc::{self, Codec, Postscript, StreamKind, StripeFooter};

use self::column::{Column, Stripe};
use self::kinds::Typed;
use super::files::File;
use super::fit::{fit, is_readable};
use super::tail::Tailed;
use super::{Filter, Format, Layout, schema_of};
use crate::error::Error;
use crate::types::zone::Zone;

/// What is read from the end of a file at first, in bytes, as Trino does; most footers are shorter.
const TAIL: u64 = 16 << 10;

const BATCH: usize = 8192;

/// Rows of a batch that has lists, maps or structs, which may have many values in a row.
const NESTED_BATCH: usize = 512;

/// A batch has fewer rows where they have more bytes of the file than this, on average.
const BATCH_BYTES: u64 = 16 << 20;

pub(super) fn format(layout: Layout, _: Filter) -> Result<Arc<dyn Format>, Error> {
    let wanted: Vec<_> = layout
        .wanted()
        .map(|(_, name, data_type)| (name.to_owned(), data_type.clone()))
        .collect();
    Ok(Arc::new(Orc {
        by_place: layout.flag("orc.column.index.access", true),
        schema: Arc::new(schema_of(&wanted)),
        layout: Arc::new(layout),
    }))
}

#[derive(Clone, Debug)]
struct Orc {
    layout: Arc<Layout>,
    by_place: bool,
    /// Of the batches that are given.
    schema: SchemaRef,
}

impl Format for Orc {
    fn read(&self, file: File) -> BoxStream<'static, Result<RecordBatch, Error>> {
        open(self.clone(), file).try_flatten_stream().boxed()
    }
}

/// The error of a file that cannot be read.
fn bad_file(url: &str, error: orc::Error) -> Error {
    match error {
        orc::Error::Damaged(why) => Error::user(
            "HIVE_BAD_DATA",
            format!("Malformed ORC file. {why} [{url}]"),
        ),
        refused => Error::not_supported(format!("{url}: {refused}")),
    }
}

async fn open(
    orc: Orc,
    file: File,
) -> Result<BoxStream<'static, Result<RecordBatch, Error>>, Error> {
    let url = file.url();
    let size = file.size;
    let mut reader = Tailed::new(file);
    let mut tail = reader.read(size.saturating_sub(TAIL)..size).await?;
    let bad = |error| bad_file(&url, error);
    let postscript = Postscript::of(&tail).ok_or(orc::Error::Damaged("Invalid postscript"));
    let postscript = postscript.map_err(bad)?;
    let needed = postscript.needed(size).map_err(bad)?;
    if needed > tail.len() as u64 {
        tail = reader.read(size - needed..size).await?;
    }
    let codec = postscript.codec().map_err(bad)?;
    let footer = postscript.footer(&tail).map_err(bad)?;
    let columns = kinds::columns(&footer.types).map_err(bad)?;
    let found = orc.find(&columns, &url)?;
    let has_nested = found.iter().flatten().any(|typed| typed.kind.is_nested());
    let reading = Reading {
        orc,
        reader,
        codec,
        found,
        stripes: footer.stripes.into_iter(),
        stripe: None,
        most: if has_nested { NESTED_BATCH } else { BATCH },
    };
    let batches = futures::stream::try_unfold(reading, |mut reading| async move {
        Ok(reading.batch().await?.map(|batch| (batch, reading)))
    });
    Ok(batches.boxed())
}

impl Orc {
    /// What each wanted column is in a file, if it is there.
    fn find(&self, columns: &[(String, Typed)], url: &str) -> Result<Vec<Option<Typed>>, Error> {
        let found = self.layout.wanted().map(|(place, name, wanted)| {
            let column = if self.by_place {
                columns.get(place)
            } else {
                columns
                    .iter()
                    .find(|(column, _)| column.eq_ignore_ascii_case(name))
            };
            let Some((name, typed)) = column else {
                return Ok(None);
            };
            if let Some(what) = typed.unread() {
                return Err(Error::not_supported(format!(
                    "the type {what} of column {name} in the ORC file {url}"
                )));
            }
            if !is_readable(&typed.kind.arrow(), wanted, None) {
                return Err(Error::user(
                    "HIVE_BAD_DATA",
                    format!(
                        "Malformed ORC file. Cannot read SQL type '{}' from ORC stream '{name}' of type {} with attributes {{}} [{url}]",
                        wanted.to_string().to_uppercase(),
                        typed.kind.name()
                    ),
                ));
            }
            Ok(Some(typed.clone()))
        });
        found.collect()
    }
}

/// A file that is being read.
struct Reading {
    orc: Orc,
    reader: Tailed,
    codec: Codec,
    /// Of each wanted column, what it is in the file.
    found: Vec<Option<Typed>>,
    stripes: std::vec::IntoIter<orc::Stripe>,
    stripe: Option<Open>,
    /// Rows of a batch.
    most: usize,
}

/// A stripe that is being read.
struct Open {
    rows_left: u64,
    /// Rows of a batch.
    batch: u64,
    /// Of each wanted column that is in the file.
    columns: Vec<Option<Column>>,
}

impl Reading {
    async fn batch(&mut self) -> Result<Option<RecordBatch>, Error> {
        loop {
            match &mut self.stripe {
                Some(open) if open.rows_left > 0 => {
                    let count = open.rows_left.min(open.batch);
                    open.rows_left -= count;
                    return self.rows(count as usize).map(Some);
                }
                _ => match self.stripes.next() {
                    Some(stripe) => self.stripe = Some(self.open(stripe).await?),
                    None => return Ok(None),
                },
            }
        }
    }

    /// The next rows of the stripe, in the columns and types of the table.
    fn rows(&mut self, count: usize) -> Result<RecordBatch, Error> {
        let mut arrays: Vec<ArrayRef> = Vec::with_capacity(self.found.len());
        let columns = self.stripe.iter_mut().flat_map(|open| &mut open.columns);
        for (column, (_, _, wanted)) in columns.zip(self.orc.layout.wanted()) {
            arrays.push(match column {
                Some(column) => {
                    let read = column.read(count);
                    let read = read.map_err(|error| bad_file(&self.reader.file.url(), error))?;
                    fit(&read, wanted, None)?
                }
                None => new_null_array(&wanted.arrow(), count),
            });
        }
        let options = RecordBatchOptions::new().with_row_count(Some(count));
        RecordBatch::try_new_with_options(self.orc.schema.clone(), arrays, &options)
            .map_err(Error::internal)
    }

    async fn open(&mut self, stripe: orc::Stripe) -> Result<Open, Error> {
        if self.found.iter().all(Option::is_none) {
            return Ok(Open {
                rows_left: stripe.rows,
                batch: self.most as u64,
                columns: self.found.iter().map(|_| None).collect(),
            });
        }
        let url = self.reader.file.url();
        let bad = |error| bad_file(&url, error);
        let footer_at = self.extent(&stripe).map_err(bad)?;
        let footer = self.reader.read(footer_at).await?;
        let footer = StripeFooter::parse(&footer, &self.codec).map_err(bad)?;
        let zone = match footer.time_zone.as_str() {
            "" => Zone::UTC,
            name => Zone::parse(name)
                .ok_or(orc::Error::Damaged("its time zone is not known"))
                .map_err(bad)?,
        };
        let streams = self.streams(&stripe, &footer).await?;
        let stripe_columns = Stripe {
            footer,
            codec: self.codec,
            zone,
            streams,
        };
        let columns = self.found.iter().map(|typed| {
            let column = typed.as_ref().map(|t| Column::new(t, &stripe_columns));
            column.transpose()
        });
        let fitting = u128::from(stripe.rows) * u128::from(BATCH_BYTES)
            / u128::from(stripe.data_length.max(1));
        Ok(Open {
            rows_left: stripe.rows,
            batch: fitting.clamp(1, self.most as u128) as u64,
            columns: columns.collect::<Result<_, _>>().map_err(bad)?,
        })
    }

    /// Where a stripe's footer is; an error if any of the stripe is not in the file.
    fn extent(&self, stripe: &orc::Stripe) -> Result<Range<u64>, orc::Error> {
        let start = stripe
            .offset
            .checked_add(stripe.index_length)
            .and_then(|sum| sum.checked_add(stripe.data_length));
        let end = start.and_then(|start| start.checked_add(stripe.footer_length));
        match (start, end) {
            (Some(start), Some(end)) if end <= self.reader.file.size => Ok(start..end),
            _ => Err(orc::Error::Damaged("a stripe is not in the file")),
        }
    }

    /// The streams of the columns that are wanted. Those that follow each other are read at once.
    async fn streams(
        &mut self,
        stripe: &orc::Stripe,
        footer: &StripeFooter,
    ) -> Result<HashMap<(u64, StreamKind), Bytes>, Error> {
        let mut wanted = HashSet::new();
        for typed in self.found.iter().flatten() {
            typed.places(&mut |place| {
                wanted.insert(place);
            });
        }
        let end = stripe.offset + stripe.index_length + stripe.data_length;
        let mut at = stripe.offset;
        // The streams of a run, and where it lies.
        let mut runs: Vec<(Range<u64>, Vec<((u64, StreamKind), u64)>)> = Vec::new();
        for stream in &footer.streams {
            let next = at.checked_add(stream.length).filter(|next| *next <= end);
            let next = next.ok_or(orc::Error::Damaged("a stream is not in its stripe"));
            let next = next.map_err(|error| bad_file(&self.reader.file.url(), error))?;
            if wanted.contains(&stream.column) && stream.kind != StreamKind::Other {
                let stream = ((stream.column, stream.kind), stream.length);
                match runs.last_mut() {
                    Some((range, streams)) if range.end == at => {
                        range.end = next;
                        streams.push(stream);
                    }
                    _ => runs.push((at..next, vec![stream])),
                }
            }
            at = next;
        }
        let mut streams = HashMap::new();
        for (range, of_run) in runs {
            if range.is_empty() {
                streams.extend(of_run.into_iter().map(|(key, _)| (key, Bytes::new())));
                continue;
            }
            let mut bytes = self.reader.read(range).await?;
            for (key, length) in of_run {
                if bytes.len() < length as usize {
                    return Err(Error::internal(
                        "a store gave fewer bytes than it was asked for",
                    ));
                }
                streams.insert(key, bytes.split_to(length as usize));
            }
        }
        Ok(streams)
    }
}
