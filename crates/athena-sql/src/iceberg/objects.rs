//! A table's own files, which name each other by `s3://` URLs.

use std::sync::Arc;

use bytes::Bytes;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutPayload};

use crate::catalog::Catalog;
use crate::error::Error;
use crate::formats::{locate, unreadable, unwritable};

/// The store and key of a URL.
fn at(catalog: &dyn Catalog, url: &str) -> Result<(Arc<dyn ObjectStore>, Path), Error> {
    let (_, store, path) = locate(catalog, url).ok_or_else(|| {
        Error::user(
            "ICEBERG_INVALID_METADATA",
            format!("'{url}' is not the URL of an object in S3"),
        )
    })?;
    Ok((store, path))
}

pub async fn read(catalog: &dyn Catalog, url: &str) -> Result<Bytes, Error> {
    let (store, path) = at(catalog, url)?;
    let read = async { store.get(&path).await?.bytes().await };
    read.await.map_err(|error| unreadable(url, &error))
}

pub async fn write(catalog: &dyn Catalog, url: &str, bytes: Vec<u8>) -> Result<(), Error> {
    let (store, path) = at(catalog, url)?;
    let put = store.put(&path, PutPayload::from(bytes)).await;
    put.map(drop)
        .map_err(|error| unwritable("ICEBERG_FILESYSTEM_ERROR", url, &error))
}

/// Takes a file away that nothing names; that it stays is no failure.
pub async fn discard(catalog: &dyn Catalog, url: &str) {
    let Ok((store, path)) = at(catalog, url) else {
        return;
    };
    // It may be gone, or its deletion may not be allowed: nothing reads it in any case.
    let _ = store.delete(&path).await;
}
