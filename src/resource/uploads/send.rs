//! Files on their way: many at a time under one limit of memory, large ones in parts.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use futures::StreamExt;
use futures::stream::{self, FuturesOrdered};
use tokio::io::AsyncReadExt;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::checksum::{Etag, md5_of, part_size};
use super::files::LocalFile;
use super::{ETAG_KEY, Upload, content_type};
use crate::resource::{Call, CallError, Work, call};

/// How many files are open at a time.
const FILES: usize = 16;
/// How many bodies of up to 8 MiB are in memory at a time, be they files or parts.
const BODIES: usize = 16;
/// How many parts of one file are sent at a time.
const PARTS: usize = 8;

/// How far it is.
struct Progress<'a> {
    work: &'a Work<'a>,
    files: usize,
    bytes: u64,
    sent_files: AtomicUsize,
    sent_bytes: AtomicU64,
}

impl Progress<'_> {
    fn sent(&self, bytes: u64, files: usize) {
        let bytes = self.sent_bytes.fetch_add(bytes, Ordering::Relaxed) + bytes;
        let files = self.sent_files.fetch_add(files, Ordering::Relaxed) + files;
        self.work.note(&format!(
            "{} of {}, {files} of {} files",
            in_bytes(bytes),
            in_bytes(self.bytes),
            self.files
        ));
    }
}

/// A number of bytes as people read it.
fn in_bytes(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
    let mut amount = bytes as f64;
    let mut unit = 0;
    while amount >= 1024.0 && unit + 1 < UNITS.len() {
        amount /= 1024.0;
        unit += 1;
    }
    if unit == 0 {
        format!("{bytes} B")
    } else {
        format!("{amount:.1} {}", UNITS[unit])
    }
}

impl Upload {
    /// Sends the files of these keys.
    pub(super) async fn send(&self, work: &Work<'_>, keys: &[&String]) -> Result<(), CallError> {
        let files: Vec<(&String, &LocalFile)> = keys
            .iter()
            .filter_map(|key| Some((*key, self.files.get(*key)?)))
            .collect();
        let progress = Progress {
            work,
            files: files.len(),
            bytes: files.iter().map(|(_, file)| file.size).sum(),
            sent_files: AtomicUsize::new(0),
            sent_bytes: AtomicU64::new(0),
        };
        let bodies = Semaphore::new(BODIES);
        let sends = files.into_iter().map(|(key, file)| -> Call<'_, ()> {
            Box::pin(self.send_one(key, file, &progress, &bodies))
        });
        let sends: Vec<Call<'_, ()>> = sends.collect();
        let mut sends = stream::iter(sends).buffer_unordered(FILES);
        while let Some(sent) = sends.next().await {
            sent?;
        }
        Ok(())
    }

    async fn send_one(
        &self,
        key: &str,
        file: &LocalFile,
        progress: &Progress<'_>,
        bodies: &Semaphore,
    ) -> Result<(), CallError> {
        match part_size(file.size) {
            None => self.put(key, file, progress, bodies).await,
            Some(part) => self.put_in_parts(key, file, part, progress, bodies).await,
        }
    }

    async fn put(
        &self,
        key: &str,
        file: &LocalFile,
        progress: &Progress<'_>,
        bodies: &Semaphore,
    ) -> Result<(), CallError> {
        let _place = place(bodies).await?;
        let bytes = tokio::fs::read(&file.path)
            .await
            .map_err(|error| file.unreadable(error))?;
        let etag = file.etag()?;
        let mut read = Etag::new();
        read.whole(md5_of(&bytes));
        if read.finish() != etag {
            return Err(file.changed());
        }
        let headers = &self.headers;
        let request = progress
            .work
            .cloud
            .s3
            .put_object()
            .bucket(&self.bucket)
            .key(key)
            .content_type(self.content_type(key))
            .set_content_encoding(headers.content_encoding.clone())
            .set_content_language(headers.content_language.clone())
            .set_content_disposition(headers.content_disposition.clone())
            .set_cache_control(headers.cache_control.clone())
            .set_metadata(Some(self.metadata(etag)))
            .set_storage_class(self.storage_class.map(super::StorageClass::to_sdk))
            .body(ByteStream::from(bytes));
        call!("PutObject", request)?;
        progress.sent(file.size, 1);
        Ok(())
    }

    async fn put_in_parts(
        &self,
        key: &str,
        file: &LocalFile,
        part: u64,
        progress: &Progress<'_>,
        bodies: &Semaphore,
    ) -> Result<(), CallError> {
        let s3 = &progress.work.cloud.s3;
        let etag = file.etag()?;
        let headers = &self.headers;
        let request = s3
            .create_multipart_upload()
            .bucket(&self.bucket)
            .key(key)
            .content_type(self.content_type(key))
            .set_content_encoding(headers.content_encoding.clone())
            .set_content_language(headers.content_language.clone())
            .set_content_disposition(headers.content_disposition.clone())
            .set_cache_control(headers.cache_control.clone())
            .set_metadata(Some(self.metadata(etag)))
            .set_storage_class(self.storage_class.map(super::StorageClass::to_sdk));
        let upload = call!("CreateMultipartUpload", request)?.upload_id;
        let upload = upload.unwrap_or_default();
        let sent = self
            .send_parts(key, file, &upload, part, progress, bodies)
            .await;
        let done = match sent {
            Ok(parts) => {
                let parts = CompletedMultipartUpload::builder()
                    .set_parts(Some(parts))
                    .build();
                let request = s3
                    .complete_multipart_upload()
                    .bucket(&self.bucket)
                    .key(key)
                    .upload_id(&upload)
                    .multipart_upload(parts);
                call!("CompleteMultipartUpload", request).map(drop)
            }
            Err(error) => Err(error),
        };
        if done.is_err() {
            let abort = s3
                .abort_multipart_upload()
                .bucket(&self.bucket)
                .key(key)
                .upload_id(&upload);
            // What failed first is what the user has to know.
            if let Err(error) = call!("AbortMultipartUpload", abort) {
                tracing::warn!(%error, key, "an unfinished upload stays in the bucket");
            }
            return done;
        }
        progress.sent(0, 1);
        Ok(())
    }

    async fn send_parts(
        &self,
        key: &str,
        file: &LocalFile,
        upload: &str,
        part: u64,
        progress: &Progress<'_>,
        bodies: &Semaphore,
    ) -> Result<Vec<CompletedPart>, CallError> {
        let open = tokio::fs::File::open(&file.path).await;
        let mut open = open.map_err(|error| file.unreadable(error))?;
        let mut etag = Etag::new();
        let mut sending: FuturesOrdered<Call<'_, CompletedPart>> = FuturesOrdered::new();
        let mut parts = Vec::new();
        let mut left = file.size;
        // The file is read in order, and its parts are sent beside each other.
        for number in 1.. {
            let size = left.min(part);
            if size == 0 {
                break;
            }
            left -= size;
            // What is on its way goes on while a place is waited for.
            let place = loop {
                tokio::select! {
                    place = place(bodies), if sending.len() < PARTS => break place?,
                    Some(sent) = sending.next(), if !sending.is_empty() => parts.push(sent?),
                }
            };
            let mut bytes = vec![0; usize::try_from(size).unwrap_or(usize::MAX)];
            let read = open.read_exact(&mut bytes).await;
            // A file that ends early was cut meanwhile.
            read.map_err(|_| file.changed())?;
            etag.part(md5_of(&bytes));
            sending.push_back(Box::pin(async move {
                let request = progress
                    .work
                    .cloud
                    .s3
                    .upload_part()
                    .bucket(&self.bucket)
                    .key(key)
                    .upload_id(upload)
                    .part_number(number)
                    .body(ByteStream::from(bytes));
                let answer = call!("UploadPart", request)?;
                drop(place);
                progress.sent(size, 0);
                Ok(CompletedPart::builder()
                    .part_number(number)
                    .set_e_tag(answer.e_tag)
                    .set_checksum_crc32(answer.checksum_crc32)
                    .build())
            }));
        }
        while let Some(sent) = sending.next().await {
            parts.push(sent?);
        }
        if etag.finish() != file.etag()? {
            return Err(file.changed());
        }
        file.check()?;
        Ok(parts)
    }

    fn content_type(&self, key: &str) -> String {
        match &self.headers.content_type {
            Some(content_type) => content_type.clone(),
            None => content_type::of_key(key).to_owned(),
        }
    }

    /// The metadata of an object, with what its ETag would be without KMS.
    fn metadata(&self, etag: &str) -> std::collections::HashMap<String, String> {
        let own = self.headers.metadata.iter().flatten();
        own.map(|(name, value)| (name.clone(), value.clone()))
            .chain([(ETAG_KEY.to_owned(), etag.to_owned())])
            .collect()
    }
}

/// A place in memory for one body.
async fn place(bodies: &Semaphore) -> Result<SemaphorePermit<'_>, CallError> {
    let place = bodies.acquire().await;
    place.map_err(|error| CallError::here("PutObject", error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_said_in_the_unit_that_fits() {
        assert_eq!(in_bytes(0), "0 B");
        assert_eq!(in_bytes(1023), "1023 B");
        assert_eq!(in_bytes(1536), "1.5 KiB");
        assert_eq!(in_bytes(3 << 30), "3.0 GiB");
    }
}
