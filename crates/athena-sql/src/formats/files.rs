//! The files of a partition, and their bytes.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use futures::stream::{BoxStream, StreamExt};
use object_store::path::Path;
use object_store::{GetOptions, GetRange, ObjectStore};

use super::meter::Meter;
use super::unpack::{Codec, unpack};
use crate::catalog::Catalog;
use crate::error::{Error, ErrorKind};

/// An object with rows in it.
#[derive(Clone, Debug)]
pub(crate) struct File {
    pub store: Arc<dyn ObjectStore>,
    pub bucket: Arc<str>,
    pub path: Path,
    pub size: u64,
    pub meter: Meter,
}

impl File {
    pub fn url(&self) -> String {
        format!("s3://{}/{}", self.bucket, self.path)
    }

    /// The bytes, unpacked where the name says that they are packed.
    pub async fn open(&self) -> Result<BoxStream<'static, Result<Bytes, Error>>, Error> {
        let codec = Codec::of(self.path.extension()).map_err(|packed| {
            Error::not_supported(format!("the compression .{packed} of {}", self.url()))
        })?;
        let object = self
            .store
            .get_opts(&self.path, GetOptions::default())
            .await
            .map_err(|error| self.unreadable(&error))?;
        let file = self.clone();
        let bytes = object.into_stream().map(move |chunk| {
            let chunk = chunk.map_err(|error| file.unreadable(&error))?;
            file.meter.add(chunk.len() as u64)?;
            Ok(chunk)
        });
        Ok(match codec {
            Some(codec) => unpack(codec, bytes.boxed(), self.url()),
            None => bytes.boxed(),
        })
    }

    /// A piece of the bytes as they are stored.
    pub async fn range(&self, range: Range<u64>) -> Result<Bytes, Error> {
        let options = GetOptions {
            range: Some(GetRange::Bounded(range)),
            ..GetOptions::default()
        };
        let read = async {
            self.store
                .get_opts(&self.path, options)
                .await?
                .bytes()
                .await
        };
        let bytes = read.await.map_err(|error| self.unreadable(&error))?;
        self.meter.add(bytes.len() as u64)?;
        Ok(bytes)
    }

    fn unreadable(&self, error: &object_store::Error) -> Error {
        unreadable(&self.url(), error)
    }
}

/// The error of an object that cannot be read or listed.
pub(crate) fn unreadable(url: &str, error: &object_store::Error) -> Error {
    match error {
        object_store::Error::PermissionDenied { source, .. } => Error {
            kind: ErrorKind::AccessDenied,
            ..Error::user(
                "PERMISSION_DENIED",
                format!("Permission denied on S3 path: {url} ({source})"),
            )
        },
        object_store::Error::NotFound { .. } => Error::user(
            "HIVE_CANNOT_OPEN_SPLIT",
            format!("Error opening Hive split {url}: The specified key does not exist."),
        ),
        error => Error::user(
            "HIVE_CURSOR_ERROR",
            format!("Failed to read file at {url}: {error}"),
        ),
    }
}

/// The error of a folder that cannot be listed. A folder without objects is an empty one, so that
/// what is not found is the bucket.
pub(crate) fn unlistable(location: &str, error: &object_store::Error) -> Error {
    match error {
        object_store::Error::NotFound { .. } => Error::user(
            "HIVE_FILESYSTEM_ERROR",
            format!("Failed to list directory {location}: The specified bucket does not exist"),
        ),
        error => unreadable(location, error),
    }
}

/// The error of an object that cannot be written; `code` is of a failure that is no refusal.
pub(crate) fn unwritable(code: &str, url: &str, error: &object_store::Error) -> Error {
    match error {
        object_store::Error::PermissionDenied { source, .. } => Error {
            kind: ErrorKind::AccessDenied,
            ..Error::user(
                "PERMISSION_DENIED",
                format!("Access Denied when writing to location: {url} ({source})"),
            )
        },
        error => Error::user(code, format!("Failed to write {url}: {error}")),
    }
}

/// The files below a location, but for hidden and empty ones.
pub(super) async fn list(
    catalog: &dyn Catalog,
    location: &str,
    meter: &Meter,
) -> Result<Vec<File>, Error> {
    let (bucket, prefix) = split(location).ok_or_else(|| {
        Error::user(
            "HIVE_INVALID_METADATA",
            format!("The table location is not an S3 path: '{location}'"),
        )
    })?;
    let store = catalog.object_store(bucket);
    let bucket: Arc<str> = bucket.into();
    let prefix = Path::parse(prefix.trim_end_matches('/')).map_err(|error| {
        Error::user(
            "HIVE_FILESYSTEM_ERROR",
            format!("Failed to list directory {location}: {error}"),
        )
    })?;
    let mut objects = store.list(Some(&prefix));
    let mut files = Vec::new();
    while let Some(object) = objects.next().await {
        let object = object.map_err(|error| unlistable(location, &error))?;
        let hidden = object
            .location
            .prefix_match(&prefix)
            .is_some_and(|mut parts| parts.any(|part| part.as_ref().starts_with(['_', '.'])));
        if !hidden && object.size > 0 {
            files.push(File {
                store: store.clone(),
                bucket: bucket.clone(),
                path: object.location,
                size: object.size,
                meter: meter.clone(),
            });
        }
    }
    Ok(files)
}

/// The bucket, the store and the key of an object's URL.
pub(crate) fn locate(
    catalog: &dyn Catalog,
    url: &str,
) -> Option<(Arc<str>, Arc<dyn ObjectStore>, Path)> {
    let (bucket, key) = split(url)?;
    let path = Path::parse(key).ok()?;
    Some((bucket.into(), catalog.object_store(bucket), path))
}

/// Bucket and prefix of `s3://bucket/prefix`.
fn split(location: &str) -> Option<(&str, &str)> {
    let rest = ["s3://", "s3a://", "s3n://"]
        .iter()
        .find_map(|scheme| location.strip_prefix(scheme))?;
    let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
    (!bucket.is_empty()).then_some((bucket, prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_found_in_a_listing_is_the_bucket() {
        let missing = object_store::Error::NotFound {
            path: "s3://gone/t".to_owned(),
            source: "NoSuchBucket".into(),
        };
        assert_eq!(
            unlistable("s3://gone/t/", &missing).to_string(),
            "HIVE_FILESYSTEM_ERROR: Failed to list directory s3://gone/t/: The specified bucket \
             does not exist"
        );
        assert_eq!(
            unreadable("s3://lake/t/f", &missing).to_string(),
            "HIVE_CANNOT_OPEN_SPLIT: Error opening Hive split s3://lake/t/f: The specified key \
             does not exist."
        );
    }
}
