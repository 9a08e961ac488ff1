//! Listings of objects.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use rusqlite::Connection;
use s3s::dto::{
    ChecksumAlgorithm, CommonPrefix, EncodingType, ListObjectsInput, ListObjectsOutput,
    ListObjectsV2Input, ListObjectsV2Output, Object, ObjectStorageClass,
};

use super::versions::{COLUMNS, Version};
use super::{Call, access, buckets, errors, timestamp};
use crate::error::ServiceError;

const MAX_KEYS: i32 = 1000;

/// Where a listing starts: at a key, or just after it.
#[derive(Clone, Debug)]
pub(super) enum Start {
    At(String),
    After(String),
}

/// One page of a listing.
#[derive(Default)]
pub(super) struct Page {
    pub objects: Vec<Version>,
    pub prefixes: Vec<String>,
    /// Where the next page starts, when there is one.
    pub next: Option<Start>,
}

/// The first text after every text that starts with `prefix`, in the order of UTF-8 bytes; `None`
/// when there is none.
pub(super) fn successor(prefix: &str) -> Option<String> {
    let mut text = prefix.to_owned();
    while let Some(last) = text.pop() {
        let next = match last {
            '\u{D7FF}' => Some('\u{E000}'),
            c => char::from_u32(c as u32 + 1),
        };
        if let Some(next) = next {
            text.push(next);
            return Some(text);
        }
    }
    None
}

/// The common prefix that a key under `prefix` is an entry of.
pub(super) fn common_prefix(key: &str, prefix: &str, delimiter: Option<&str>) -> Option<String> {
    let delimiter = delimiter?;
    let at = key[prefix.len()..].find(delimiter)?;
    Some(key[..prefix.len() + at + delimiter.len()].to_owned())
}

/// Lists the latest versions under a prefix; keys that go on after a delimiter are one entry.
///
/// Each common prefix is skipped by a seek, so the cost is that of what is shown.
pub(super) fn page(
    c: &Connection,
    bucket: &str,
    prefix: &str,
    delimiter: Option<&str>,
    start: Option<Start>,
    size: usize,
) -> Result<Page, ServiceError> {
    let mut page = Page::default();
    if size == 0 {
        return Ok(page);
    }
    let delimiter = delimiter.filter(|d| !d.is_empty());
    let end = successor(prefix).filter(|_| !prefix.is_empty());
    let mut from = match start {
        Some(Start::At(key) | Start::After(key)) if key.as_str() < prefix => {
            Start::At(prefix.to_owned())
        }
        Some(start) => start,
        None => Start::At(prefix.to_owned()),
    };
    let select = |comparison: &str| {
        format!(
            "SELECT {COLUMNS} FROM s3_objects WHERE bucket = ?1 AND key {comparison} ?2
             AND (?3 IS NULL OR key < ?3) AND latest = 1 AND marker = 0 ORDER BY key"
        )
    };
    'seek: loop {
        let (comparison, key) = match &from {
            Start::At(key) => (">=", key.clone()),
            Start::After(key) => (">", key.clone()),
        };
        let mut statement = c.prepare_cached(&select(comparison))?;
        let mut rows = statement.query((bucket, &key, &end))?;
        while let Some(row) = rows.next()? {
            let key: String = row.get(0)?;
            let common = common_prefix(&key, prefix, delimiter);
            if page.objects.len() + page.prefixes.len() == size {
                page.next = Some(Start::At(key));
                return Ok(page);
            }
            match common {
                None => page.objects.push(Version::from_row(row)?),
                Some(common) => {
                    let next = successor(&common);
                    page.prefixes.push(common);
                    match next {
                        Some(next) => from = Start::At(next),
                        None => return Ok(page),
                    }
                    continue 'seek;
                }
            }
        }
        return Ok(page);
    }
}

/// What `encoding-type=url` leaves as it is.
const LEFT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'/')
    .remove(b'*');

/// Writes keys as the request wants them.
pub(super) struct Encoder(bool);

impl Encoder {
    pub fn new(kind: Option<&EncodingType>) -> Result<Self, ServiceError> {
        match kind.map(EncodingType::as_str) {
            None => Ok(Self(false)),
            Some("url") => Ok(Self(true)),
            Some(_) => Err(errors::invalid_argument(
                "Invalid Encoding Method specified in Request",
            )),
        }
    }

    pub fn write(&self, text: String) -> String {
        if self.0 {
            utf8_percent_encode(&text, LEFT).to_string()
        } else {
            text
        }
    }
}

/// How many entries a page has at most.
pub(super) fn size_of(max: Option<i32>) -> Result<usize, ServiceError> {
    usize::try_from(max.unwrap_or(MAX_KEYS).min(MAX_KEYS)).map_err(|_| {
        errors::invalid_argument("Argument maxKeys must be an integer between 0 and 2147483647")
    })
}

fn object(call: &Call, version: Version, encoder: &Encoder, owner: bool) -> Object {
    let sum = version.meta.sum.as_ref();
    Object {
        checksum_algorithm: sum.map(|s| vec![ChecksumAlgorithm::from_static(s.algorithm.name())]),
        checksum_type: sum.map(super::checksum::Sum::kind),
        e_tag: Some(version.etag()),
        last_modified: Some(timestamp(version.modified)),
        size: Some(version.size.cast_signed()),
        storage_class: Some(ObjectStorageClass::from(
            version
                .meta
                .storage_class
                .clone()
                .unwrap_or_else(|| "STANDARD".to_owned()),
        )),
        owner: owner.then(|| buckets::owner(call)),
        key: Some(encoder.write(version.key)),
        restore_status: None,
    }
}

pub(super) fn common(prefixes: Vec<String>, encoder: &Encoder) -> Vec<CommonPrefix> {
    prefixes
        .into_iter()
        .map(|prefix| CommonPrefix {
            prefix: Some(encoder.write(prefix)),
        })
        .collect()
}

/// Checks the permission to list, with the condition keys that policies use for it.
pub(super) fn enter(
    call: &Call,
    bucket: &str,
    action: &str,
    prefix: Option<&str>,
    delimiter: Option<&str>,
    max_keys: Option<i32>,
) -> Result<buckets::Bucket, ServiceError> {
    let max = max_keys.unwrap_or(MAX_KEYS).to_string();
    let mut context = vec![("s3:max-keys", max.as_str())];
    context.extend(prefix.map(|p| ("s3:prefix", p)));
    context.extend(delimiter.map(|d| ("s3:delimiter", d)));
    access::enter_with(call, bucket, action, None, &context)
}

pub(super) async fn list_objects_v2(
    call: &Call,
    input: ListObjectsV2Input,
) -> Result<ListObjectsV2Output, ServiceError> {
    let (prefix, delimiter) = (input.prefix.as_deref(), input.delimiter.as_deref());
    enter(
        call,
        &input.bucket,
        "s3:ListBucket",
        prefix,
        delimiter,
        input.max_keys,
    )?;
    let encoder = Encoder::new(input.encoding_type.as_ref())?;
    let size = size_of(input.max_keys)?;
    let start = match (&input.continuation_token, &input.start_after) {
        (Some(token), _) => Some(Start::At(
            URL_SAFE_NO_PAD
                .decode(token)
                .ok()
                .and_then(|bytes| String::from_utf8(bytes).ok())
                .ok_or_else(|| {
                    errors::invalid_argument("The continuation token provided is incorrect")
                })?,
        )),
        (None, Some(key)) if !key.is_empty() => Some(Start::After(key.clone())),
        _ => None,
    };
    let page = call.cloud.store().read(|c| {
        page(
            c,
            &input.bucket,
            prefix.unwrap_or_default(),
            delimiter,
            start,
            size,
        )
    })?;
    let owner = input.fetch_owner == Some(true);
    let next = page.next.map(|start| match start {
        Start::At(key) | Start::After(key) => URL_SAFE_NO_PAD.encode(key),
    });
    Ok(ListObjectsV2Output {
        key_count: Some((page.objects.len() + page.prefixes.len()) as i32),
        max_keys: Some(size as i32),
        is_truncated: Some(next.is_some()),
        next_continuation_token: next,
        contents: Some(
            page.objects
                .into_iter()
                .map(|v| object(call, v, &encoder, owner))
                .collect(),
        ),
        common_prefixes: Some(common(page.prefixes, &encoder)),
        name: Some(input.bucket),
        prefix: Some(encoder.write(input.prefix.unwrap_or_default())),
        delimiter: input.delimiter.map(|d| encoder.write(d)),
        start_after: input.start_after.map(|s| encoder.write(s)),
        continuation_token: input.continuation_token,
        encoding_type: input.encoding_type,
        request_charged: None,
    })
}

pub(super) async fn list_objects(
    call: &Call,
    input: ListObjectsInput,
) -> Result<ListObjectsOutput, ServiceError> {
    let prefix = input.prefix.clone().unwrap_or_default();
    let delimiter = input.delimiter.as_deref();
    enter(
        call,
        &input.bucket,
        "s3:ListBucket",
        input.prefix.as_deref(),
        delimiter,
        input.max_keys,
    )?;
    let encoder = Encoder::new(input.encoding_type.as_ref())?;
    let size = size_of(input.max_keys)?;
    let start = input
        .marker
        .as_ref()
        .filter(|m| !m.is_empty())
        .map(|marker| {
            // The marker of a page that ended with a common prefix is that prefix, which is over.
            let ends_prefix = delimiter.is_some_and(|d| {
                marker
                    .strip_prefix(&prefix)
                    .is_some_and(|rest| rest.find(d).is_some_and(|at| at + d.len() == rest.len()))
            });
            match successor(marker).filter(|_| ends_prefix) {
                Some(next) => Start::At(next),
                None => Start::After(marker.clone()),
            }
        });
    let page = call
        .cloud
        .store()
        .read(|c| page(c, &input.bucket, &prefix, delimiter, start, size))?;
    let last = page
        .objects
        .last()
        .map(|v| v.key.clone())
        .max(page.prefixes.last().cloned());
    let truncated = page.next.is_some();
    Ok(ListObjectsOutput {
        is_truncated: Some(truncated),
        // S3 gives it only where the last entry may be a prefix; else it is the last key.
        next_marker: last
            .filter(|_| truncated && delimiter.is_some())
            .map(|key| encoder.write(key)),
        max_keys: Some(size as i32),
        contents: Some(
            page.objects
                .into_iter()
                .map(|v| object(call, v, &encoder, true))
                .collect(),
        ),
        common_prefixes: Some(common(page.prefixes, &encoder)),
        name: Some(input.bucket),
        marker: Some(encoder.write(input.marker.unwrap_or_default())),
        prefix: Some(encoder.write(prefix)),
        delimiter: input.delimiter.map(|d| encoder.write(d)),
        encoding_type: input.encoding_type,
        request_charged: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_successor_is_after_all_that_start_so() {
        assert_eq!(successor("a/").as_deref(), Some("a0"));
        assert_eq!(successor("a\u{10FFFF}").as_deref(), Some("b"));
        assert_eq!(successor("\u{D7FF}").as_deref(), Some("\u{E000}"));
        assert_eq!(successor("\u{10FFFF}"), None);
    }
}
