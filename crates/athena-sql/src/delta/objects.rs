//! The objects that a log names.

use std::sync::Arc;

use bytes::Bytes;
use futures::TryStreamExt;
use object_store::path::Path;
use object_store::{GetOptions, GetRange, ObjectStore, ObjectStoreExt};
use percent_encoding::percent_decode_str;

use super::bad_log;
use crate::catalog::Catalog;
use crate::error::Error;
use crate::formats::{File, Meter, locate, unlistable, unreadable};

/// An object, by its whole URL.
pub struct Object {
    pub url: String,
    bucket: Arc<str>,
    store: Arc<dyn ObjectStore>,
    path: Path,
}

impl Object {
    pub fn at(catalog: &dyn Catalog, url: String) -> Result<Self, Error> {
        let (bucket, store, path) = locate(catalog, &url)
            .ok_or_else(|| bad_log(format!("'{url}' is not the URL of an object in S3")))?;
        Ok(Self {
            url,
            bucket,
            store,
            path,
        })
    }

    /// An object that an action names: below `folder`, or by a whole URL.
    pub fn named(catalog: &dyn Catalog, folder: &str, name: &str) -> Result<Self, Error> {
        let name = percent_decode_str(name).decode_utf8_lossy();
        let url = if name.contains("://") {
            name.into_owned()
        } else {
            format!("{folder}/{name}")
        };
        Self::at(catalog, url)
    }

    pub async fn read(&self) -> Result<Bytes, Error> {
        let read = async { self.store.get(&self.path).await?.bytes().await };
        read.await.map_err(|error| unreadable(&self.url, &error))
    }

    /// None where there is no such object.
    pub async fn read_if_there(&self) -> Result<Option<Bytes>, Error> {
        let read = async { self.store.get(&self.path).await?.bytes().await };
        match read.await {
            Ok(bytes) => Ok(Some(bytes)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(unreadable(&self.url, &error)),
        }
    }

    pub async fn range(&self, start: u64, length: u64) -> Result<Bytes, Error> {
        let options = GetOptions {
            range: Some(GetRange::Bounded(start..start.saturating_add(length))),
            ..GetOptions::default()
        };
        let read = async {
            let found = self.store.get_opts(&self.path, options).await?;
            found.bytes().await
        };
        read.await.map_err(|error| unreadable(&self.url, &error))
    }

    /// The names of the objects below this folder behind `after`, and their sizes.
    pub async fn list(&self, after: Option<&str>) -> Result<Vec<(String, u64)>, Error> {
        let listing = match after {
            Some(name) => {
                let after = Path::from(format!("{}/{name}", self.path));
                self.store.list_with_offset(Some(&self.path), &after)
            }
            None => self.store.list(Some(&self.path)),
        };
        let objects: Vec<_> = listing
            .try_collect()
            .await
            .map_err(|error| unlistable(&self.url, &error))?;
        let name = |location: &Path| {
            let mut parts = location.prefix_match(&self.path)?;
            let first = parts.next()?;
            // What lies in a folder within is named by actions.
            parts.next().is_none().then(|| first.as_ref().to_owned())
        };
        let named = objects.iter();
        Ok(named
            .filter_map(|object| Some((name(&object.location)?, object.size)))
            .collect())
    }

    /// As a file of rows, `size` bytes long.
    pub fn file(self, size: u64, meter: &Meter) -> File {
        File {
            store: self.store,
            bucket: self.bucket,
            path: self.path,
            size,
            meter: meter.clone(),
        }
    }
}
