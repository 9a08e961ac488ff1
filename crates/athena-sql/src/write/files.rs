//! Files that become objects all at once, or not at all.

use std::sync::Arc;

use futures::stream::{FuturesUnordered, TryStreamExt};
use object_store::path::Path;
use object_store::{MultipartUpload, ObjectStore, ObjectStoreExt, PutPayload};

use crate::catalog::Catalog;
use crate::error::Error;
use crate::formats::{locate, unwritable};

/// The least size of an upload's part, in bytes.
const PART: usize = 5 << 20;

/// A file that is being written. Nobody sees it before [`Files::commit`].
pub struct OutFile {
    /// `s3://…`
    pub url: String,
    store: Arc<dyn ObjectStore>,
    path: Path,
    pending: Vec<u8>,
    size: u64,
    upload: Option<Box<dyn MultipartUpload>>,
}

impl OutFile {
    pub fn new(catalog: &dyn Catalog, url: String) -> Result<Self, Error> {
        let (_, store, path) = locate(catalog, &url).ok_or_else(|| {
            Error::user(
                "HIVE_WRITER_OPEN_ERROR",
                format!("'{url}' is not a place in S3"),
            )
        })?;
        Ok(Self {
            url,
            store,
            path,
            pending: Vec::new(),
            size: 0,
            upload: None,
        })
    }

    /// Bytes so far.
    pub fn size(&self) -> u64 {
        self.size
    }

    pub async fn write(&mut self, bytes: Vec<u8>) -> Result<(), Error> {
        self.size += bytes.len() as u64;
        if self.pending.is_empty() {
            self.pending = bytes;
        } else {
            self.pending.extend_from_slice(&bytes);
        }
        if self.pending.len() < PART {
            return Ok(());
        }
        self.send().await.map_err(|error| self.unwritable(&error))
    }

    async fn send(&mut self) -> Result<(), object_store::Error> {
        let part = PutPayload::from(std::mem::take(&mut self.pending));
        let upload = match &mut self.upload {
            Some(upload) => upload,
            none => none.insert(self.store.put_multipart(&self.path).await?),
        };
        upload.put_part(part).await
    }

    /// Makes the object.
    async fn complete(&mut self) -> Result<(), Error> {
        let complete = async {
            if self.upload.is_some() && !self.pending.is_empty() {
                self.send().await?;
            }
            if let Some(upload) = &mut self.upload {
                upload.complete().await?;
                return Ok(());
            }
            let body = PutPayload::from(std::mem::take(&mut self.pending));
            self.store.put(&self.path, body).await.map(drop)
        };
        let completed: Result<(), object_store::Error> = complete.await;
        completed.map_err(|error| self.unwritable(&error))
    }

    fn unwritable(&self, error: &object_store::Error) -> Error {
        unwritable("HIVE_WRITER_CLOSE_ERROR", &self.url, error)
    }
}

/// Files that belong together.
#[derive(Default)]
pub struct Files(Vec<OutFile>);

impl Files {
    pub fn push(&mut self, file: OutFile) {
        self.0.push(file);
    }

    pub fn urls(&self) -> Vec<String> {
        self.0.iter().map(|file| file.url.clone()).collect()
    }

    /// Makes all of them objects, and then does what makes them part of something. When either
    /// fails, none of them stays. Goes on to its end though the statement is cancelled meanwhile.
    pub async fn commit<T: Send + 'static>(
        self,
        then: impl Future<Output = Result<T, Error>> + Send + 'static,
    ) -> Result<T, Error> {
        let committed = tokio::spawn(self.commit_to_its_end(then)).await;
        committed.unwrap_or_else(|error| Err(Error::internal(error)))
    }

    async fn commit_to_its_end<T>(
        mut self,
        then: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        let completions: FuturesUnordered<_> = self.0.iter_mut().map(OutFile::complete).collect();
        let completed: Result<Vec<()>, Error> = completions.try_collect().await;
        let outcome = match completed {
            Ok(_) => then.await,
            Err(error) => Err(error),
        };
        if outcome.is_err() {
            for file in &mut self.0 {
                if let Some(upload) = &mut file.upload {
                    // It may be complete already, and the object is deleted next.
                    let _ = upload.abort().await;
                }
                // The failure is what counts; what may not be deleted stays, as it does on AWS.
                let _ = file.store.delete(&file.path).await;
            }
        }
        outcome
    }
}
