//! Where the bytes of objects and parts lie: small ones in the store, others in files of their own.
//!
//! A body is written under a new id before the row that names it, and removed after the row is
//! gone, so a reader never sees half of one. A file is synced before its row is committed. What a
//! process that was killed left unnamed is swept when the store is opened.

use std::collections::HashSet;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt};
use http_body_util::StreamBody;
use hyper::body::Frame;
use md5::{Digest, Md5};
use rusqlite::{Connection, Transaction};
use s3s::checksum::ChecksumHasher;
use s3s::dto::StreamingBlob;

use super::checksum::{Algorithm, Sum};
use crate::error::ServiceError;
use crate::store::Store;

/// Bodies up to this size are rows of the store.
const INLINE: usize = 16 << 10;
const CHUNK: usize = 1 << 20;
/// No single upload may be larger.
const MAX_SIZE: u64 = 5 << 30;

/// A body that was written and is not yet named by a row; dropped, it is removed again.
pub(super) struct Written {
    pub id: String,
    pub size: u64,
    pub md5: [u8; 16],
    pub sum: Sum,
    inline: Option<Bytes>,
    file: Option<PathBuf>,
}

impl Written {
    /// Stores the bytes of a small body; to be called where the row that names it is written.
    pub fn store(&self, tx: &Transaction<'_>) -> Result<(), ServiceError> {
        if let Some(data) = &self.inline {
            tx.prepare_cached("INSERT INTO s3_bodies VALUES (?1, ?2)")?
                .execute((&self.id, data.as_ref()))?;
        }
        Ok(())
    }

    /// Keeps the file: the row that names it is committed.
    pub fn keep(mut self) {
        self.file = None;
    }

    pub fn etag(&self) -> String {
        hex::encode(self.md5)
    }
}

impl Drop for Written {
    fn drop(&mut self) {
        if let Some(path) = &self.file {
            // What stays behind is named by nothing; it takes room until a sweep.
            let _ = std::fs::remove_file(path);
        }
    }
}

fn path_of(bodies: &Path, id: &str) -> PathBuf {
    // Two digits of the id spread the files over 256 folders.
    bodies.join(id.get(2..4).unwrap_or("00")).join(id)
}

/// Writes a body piece by piece.
pub(super) struct Writer {
    bodies: PathBuf,
    start: BytesMut,
    file: Option<(String, PathBuf, File)>,
    size: u64,
    md5: Md5,
    algorithm: Algorithm,
    hasher: ChecksumHasher,
}

impl Writer {
    pub fn new(store: &Store, algorithm: Algorithm) -> Self {
        Self {
            bodies: store.bodies(),
            start: BytesMut::new(),
            file: None,
            size: 0,
            md5: Md5::new(),
            algorithm,
            hasher: algorithm.hasher(),
        }
    }

    pub fn write(&mut self, bytes: &[u8]) -> Result<(), ServiceError> {
        self.size += bytes.len() as u64;
        self.md5.update(bytes);
        self.hasher.update(bytes);
        if let Some((_, _, file)) = &mut self.file {
            return Ok(file.write_all(bytes)?);
        }
        self.start.extend_from_slice(bytes);
        if self.start.len() > INLINE {
            let id = format!("f-{}", uuid::Uuid::new_v4().simple());
            let path = path_of(&self.bodies, &id);
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder)?;
            }
            // It is the writer's before anything is in it, so that a full disk leaves nothing behind.
            let file = File::create_new(&path)?;
            let (_, _, file) = self.file.insert((id, path, file));
            file.write_all(&self.start)?;
            self.start.clear();
        }
        Ok(())
    }

    pub fn finish(mut self) -> Result<Written, ServiceError> {
        let md5 = std::mem::take(&mut self.md5).finalize().into();
        let hasher = std::mem::take(&mut self.hasher);
        if let Some((_, _, file)) = &self.file {
            file.sync_data()?;
        }
        let (id, inline, file) = match self.file.take() {
            Some((id, path, _)) => (id, None, Some(path)),
            None => {
                let id = format!("i-{}", uuid::Uuid::new_v4().simple());
                (id, Some(std::mem::take(&mut self.start).freeze()), None)
            }
        };
        Ok(Written {
            id,
            size: self.size,
            md5,
            sum: self.algorithm.finish(hasher),
            inline,
            file,
        })
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if let Some((_, path, _)) = &self.file {
            let _ = std::fs::remove_file(path);
        }
    }
}

/// Receives a body as a client sends it.
pub(super) async fn receive(
    store: &Store,
    blob: Option<StreamingBlob>,
    algorithm: Algorithm,
) -> Result<Written, ServiceError> {
    let mut writer = Writer::new(store, algorithm);
    if let Some(mut blob) = blob {
        while let Some(bytes) = blob.next().await {
            let bytes = bytes.map_err(incomplete)?;
            if writer.size + bytes.len() as u64 > MAX_SIZE {
                return Err(ServiceError::new(
                    "EntityTooLarge",
                    "Your proposed upload exceeds the maximum allowed size",
                ));
            }
            if writer.file.is_none() && bytes.len() <= INLINE {
                writer.write(&bytes)?;
            } else {
                writer = blocking(move || writer.write(&bytes).map(|()| writer)).await?;
            }
        }
    }
    if writer.file.is_none() {
        return writer.finish();
    }
    blocking(move || writer.finish()).await
}

/// A body that ends early, or whose chunks are signed or framed wrongly.
fn incomplete(error: s3s::StdError) -> ServiceError {
    ServiceError::new(
        "IncompleteBody",
        format!("The request body could not be read to its end: {error}"),
    )
}

pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ServiceError> + Send + 'static,
) -> Result<T, ServiceError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(ServiceError::internal)?
}

/// A body that can be read, also when its object is deleted in the meantime.
pub(super) enum Body {
    Inline(Bytes),
    File(File),
}

/// Opens a body; `None` when it was removed after its row was read.
pub(super) fn open(c: &Connection, store: &Store, id: &str) -> Result<Option<Body>, ServiceError> {
    use rusqlite::OptionalExtension;
    if id.starts_with("i-") {
        let data: Option<Vec<u8>> = c
            .prepare_cached("SELECT data FROM s3_bodies WHERE id = ?1")?
            .query_row([id], |row| row.get(0))
            .optional()?;
        return Ok(data.map(|data| Body::Inline(data.into())));
    }
    match File::open(path_of(&store.bodies(), id)) {
        Ok(file) => Ok(Some(Body::File(file))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

impl Body {
    /// The bytes of a range, which lies within the body.
    pub async fn read(self, range: Range<u64>) -> Result<Bytes, ServiceError> {
        match self {
            Self::Inline(bytes) => Ok(bytes.slice(range.start as usize..range.end as usize)),
            Self::File(mut file) => {
                blocking(move || {
                    file.seek(SeekFrom::Start(range.start))?;
                    read_exactly(&mut file, (range.end - range.start) as usize)
                })
                .await
            }
        }
    }

    /// The bytes of a range, a megabyte at a time.
    pub fn chunks(
        self,
        range: Range<u64>,
    ) -> impl Stream<Item = Result<Bytes, ServiceError>> + Send + 'static {
        futures::stream::try_unfold((self, range), |(body, range)| async move {
            if range.is_empty() {
                return Ok(None);
            }
            match body {
                Self::Inline(bytes) => {
                    let piece = bytes.slice(range.start as usize..range.end as usize);
                    Ok(Some((piece, (Self::Inline(bytes), range.end..range.end))))
                }
                Self::File(mut file) => {
                    let size = (range.end - range.start).min(CHUNK as u64);
                    let from = range.start;
                    let (file, piece) = blocking(move || {
                        file.seek(SeekFrom::Start(from))?;
                        let piece = read_exactly(&mut file, size as usize)?;
                        Ok((file, piece))
                    })
                    .await?;
                    Ok(Some((piece, (Self::File(file), from + size..range.end))))
                }
            }
        })
    }

    /// The bytes of a range as the body of an answer.
    pub fn stream(self, range: Range<u64>) -> StreamingBlob {
        match self {
            Self::Inline(bytes) => {
                let piece = bytes.slice(range.start as usize..range.end as usize);
                StreamingBlob::from(s3s::Body::from(piece))
            }
            file @ Self::File(_) => {
                let frames = file.chunks(range).map(|piece| piece.map(Frame::data));
                StreamingBlob::from(s3s::Body::http_body_unsync(StreamBody::new(Box::pin(
                    frames,
                ))))
            }
        }
    }
}

fn read_exactly(file: &mut File, size: usize) -> Result<Bytes, ServiceError> {
    let mut buffer = Vec::with_capacity(size);
    file.take(size as u64).read_to_end(&mut buffer)?;
    if buffer.len() != size {
        return Err(ServiceError::internal("an object's file is cut off"));
    }
    Ok(buffer.into())
}

/// Removes bodies that are rows; to be called where the rows that named them are removed.
pub(super) fn forget(tx: &Transaction<'_>, ids: &[String]) -> Result<(), ServiceError> {
    let mut statement = tx.prepare_cached("DELETE FROM s3_bodies WHERE id = ?1")?;
    for id in ids.iter().filter(|id| id.starts_with("i-")) {
        statement.execute([id])?;
    }
    Ok(())
}

/// Removes the files that a process which was killed left without a row that names them. Looks only
/// where one was killed, and no other process has the store open.
pub(crate) fn sweep(store: &Store) -> Result<(), ServiceError> {
    store.after_a_crash(|opened| {
        let old = old_files(&store.bodies(), opened)?;
        if old.is_empty() {
            return Ok(());
        }
        let named = store.read(named_files)?;
        for path in old {
            let id = path.file_name().and_then(|name| name.to_str());
            if id.is_some_and(|id| !named.contains(id)) {
                std::fs::remove_file(&path)?;
            }
        }
        Ok(())
    })
}

/// The files of bodies that were last written before a time.
fn old_files(bodies: &Path, time: SystemTime) -> Result<Vec<PathBuf>, ServiceError> {
    let mut old = Vec::new();
    for folder in std::fs::read_dir(bodies)? {
        let folder = folder?;
        if !folder.file_type()?.is_dir() {
            continue;
        }
        for file in std::fs::read_dir(folder.path())? {
            let file = file?;
            let is_body = file.file_name().as_encoded_bytes().starts_with(b"f-");
            if is_body && file.metadata()?.modified()? < time {
                old.push(file.path());
            }
        }
    }
    Ok(old)
}

/// The ids of the bodies that are files.
fn named_files(c: &Connection) -> Result<HashSet<String>, ServiceError> {
    let mut statement = c.prepare(
        "SELECT body FROM s3_objects WHERE body GLOB 'f-*'
         UNION ALL SELECT body FROM s3_parts WHERE body GLOB 'f-*'",
    )?;
    let ids = statement.query_map([], |row| row.get(0))?;
    Ok(ids.collect::<Result<_, _>>()?)
}

/// Removes bodies that are files, once nothing names them any more.
pub(super) fn remove(store: &Store, ids: &[String]) {
    let bodies = store.bodies();
    for id in ids.iter().filter(|id| id.starts_with("f-")) {
        if let Err(error) = std::fs::remove_file(path_of(&bodies, id)) {
            tracing::debug!(id, %error, "an object's file");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::caller::Caller;
    use crate::cloud::Cloud;
    use object_store::{ObjectStoreExt, path::Path as Key};

    /// A file of bodies that no row names, last written long ago or just now.
    fn leave(bodies: &Path, id: &str, is_old: bool) -> PathBuf {
        let path = path_of(bodies, id);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let file = File::create(&path).unwrap();
        if is_old {
            file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
        }
        path
    }

    #[tokio::test]
    async fn what_a_killed_process_left_unnamed_is_swept_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let root = Caller::root("us-east-1");
        let cloud = Cloud::open(dir.path()).unwrap();
        let bucket = serde_json::json!({"Bucket": "lake"});
        cloud
            .invoke(&root, "s3", "CreateBucket", bucket)
            .await
            .unwrap();
        let lake = |cloud: &Cloud| super::super::object_store(cloud, &root, "lake");
        let body = vec![7; INLINE + 1];
        lake(&cloud)
            .put(&Key::from("k"), body.clone().into())
            .await
            .unwrap();
        let bodies = cloud.store().bodies();
        for folder in std::fs::read_dir(&bodies).unwrap() {
            for file in std::fs::read_dir(folder.unwrap().path()).unwrap() {
                let file = File::options().write(true).open(file.unwrap().path());
                file.unwrap().set_modified(SystemTime::UNIX_EPOCH).unwrap();
            }
        }
        let (old, young) = (
            leave(&bodies, "f-00old", true),
            leave(&bodies, "f-00young", false),
        );
        let ahead = SystemTime::now() + std::time::Duration::from_hours(1);
        File::options()
            .write(true)
            .open(&young)
            .unwrap()
            .set_modified(ahead)
            .unwrap();
        drop(cloud);
        // Nobody was killed.
        drop(Cloud::open(dir.path()).unwrap());
        assert!(old.exists());
        std::fs::write(dir.path().join("leases").join("killed"), "").unwrap();
        let cloud = Cloud::open(dir.path()).unwrap();
        assert!(!old.exists());
        assert!(young.exists());
        let got = lake(&cloud).get(&Key::from("k")).await.unwrap();
        assert_eq!(got.bytes().await.unwrap(), body);
    }
}
