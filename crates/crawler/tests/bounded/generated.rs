//! A store whose objects are made of a few bytes when they are read, so that they may be of any size.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures::stream::{self, BoxStream, StreamExt as _};
use object_store::path::Path;
use object_store::{
    Attributes, CopyOptions, Error, GetOptions, GetRange, GetResult, GetResultPayload, ListResult,
    MultipartUpload, ObjectMeta, ObjectStore, PutMultipartOptions, PutOptions, PutPayload,
    PutResult, Result,
};

/// An object: `row` again and again between `head` and `tail`.
#[derive(Clone, Debug)]
pub struct Object {
    pub size: u64,
    pub head: Bytes,
    pub row: Bytes,
    pub tail: Bytes,
}

impl Object {
    fn bytes(&self, range: Range<u64>) -> Bytes {
        let mut bytes = BytesMut::new();
        let (head, tail) = (self.head.len() as u64, self.size - self.tail.len() as u64);
        let mut place = range.start;
        while place < range.end {
            let rest = if place < head {
                &self.head[place as usize..]
            } else if place >= tail {
                &self.tail[(place - tail) as usize..]
            } else {
                let row = &self.row[((place - head) % self.row.len() as u64) as usize..];
                &row[..row.len().min((tail - place) as usize)]
            };
            let rest = &rest[..rest.len().min((range.end - place) as usize)];
            bytes.extend_from_slice(rest);
            place += rest.len() as u64;
        }
        bytes.freeze()
    }
}

/// The objects of a bucket, by their keys.
#[derive(Debug, Default)]
pub struct Generated(pub BTreeMap<Path, Object>);

impl fmt::Display for Generated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} generated objects", self.0.len())
    }
}

fn meta(location: &Path, object: &Object) -> ObjectMeta {
    ObjectMeta {
        location: location.clone(),
        last_modified: chrono::DateTime::default(),
        size: object.size,
        e_tag: None,
        version: None,
    }
}

#[async_trait]
impl ObjectStore for Generated {
    async fn put_opts(&self, _: &Path, _: PutPayload, _: PutOptions) -> Result<PutResult> {
        Err(Error::NotImplemented {
            operation: "put".to_owned(),
            implementer: self.to_string(),
        })
    }

    async fn put_multipart_opts(
        &self,
        _: &Path,
        _: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        Err(Error::NotImplemented {
            operation: "put_multipart".to_owned(),
            implementer: self.to_string(),
        })
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        let Some(object) = self.0.get(location) else {
            return Err(Error::NotFound {
                path: location.to_string(),
                source: "it was not generated".into(),
            });
        };
        let range = match options.range {
            Some(GetRange::Bounded(range)) => range.start..range.end.min(object.size),
            Some(GetRange::Offset(start)) => start..object.size,
            Some(GetRange::Suffix(length)) => object.size.saturating_sub(length)..object.size,
            None => 0..object.size,
        };
        let bytes = object.bytes(range.clone());
        Ok(GetResult {
            payload: GetResultPayload::Stream(stream::once(async { Ok(bytes) }).boxed()),
            meta: meta(location, object),
            range,
            attributes: Attributes::new(),
        })
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        locations
    }

    fn list(&self, _: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        let all: Vec<_> = self.0.iter().map(|(key, one)| Ok(meta(key, one))).collect();
        stream::iter(all).boxed()
    }

    async fn list_with_delimiter(&self, _: Option<&Path>) -> Result<ListResult> {
        Err(Error::NotImplemented {
            operation: "list_with_delimiter".to_owned(),
            implementer: self.to_string(),
        })
    }

    async fn copy_opts(&self, _: &Path, _: &Path, _: CopyOptions) -> Result<()> {
        Err(Error::NotImplemented {
            operation: "copy".to_owned(),
            implementer: self.to_string(),
        })
    }
}
