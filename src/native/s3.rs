//! A bucket as an object store, through the SDK: what the crawler needs of one, which is listing and
//! reading.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_s3::Client;
use chrono::{DateTime, Utc};
use futures::stream::{self, BoxStream, StreamExt as _, TryStreamExt as _};
use object_store::path::{self, Path};
use object_store::{
    Attributes, CopyOptions, Error, GetOptions, GetRange, GetResult, GetResultPayload, ListResult,
    MultipartUpload, ObjectMeta, ObjectStore, PutMultipartOptions, PutOptions, PutPayload,
    PutResult, Result,
};

use crate::resource::CallError;

const STORE: &str = "S3";

/// The bucket of this name.
pub fn store(client: &Client, bucket: &str) -> Arc<dyn ObjectStore> {
    Arc::new(Bucket {
        client: client.clone(),
        name: bucket.to_owned(),
    })
}

#[derive(Clone)]
struct Bucket {
    client: Client,
    name: String,
}

impl fmt::Debug for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bucket")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}", self.name)
    }
}

impl Bucket {
    /// An error in the store's terms, with S3's own words inside.
    fn error(&self, key: &str, error: CallError) -> Error {
        let path = format!("s3://{}/{key}", self.name);
        let code = error.code.clone().unwrap_or_default();
        let source = Box::new(error);
        match code.as_str() {
            "NoSuchKey" | "NoSuchBucket" | "NotFound" => Error::NotFound { path, source },
            "AccessDenied" | "Forbidden" => Error::PermissionDenied { path, source },
            _ => Error::Generic {
                store: STORE,
                source,
            },
        }
    }

    fn read_only(&self) -> Error {
        Error::NotSupported {
            source: format!("{self} is only read").into(),
        }
    }

    fn pages(&self, prefix: String) -> BoxStream<'static, Result<ObjectMeta>> {
        let bucket = self.clone();
        let first = Some(None);
        stream::try_unfold(first, move |state: Option<Option<String>>| {
            let (bucket, prefix) = (bucket.clone(), prefix.clone());
            async move {
                let Some(token) = state else { return Ok(None) };
                let request = bucket.client.list_objects_v2().bucket(&bucket.name);
                let request = request.prefix(&prefix).set_continuation_token(token);
                let answer = request.send().await;
                let page = answer.map_err(|error| {
                    bucket.error(&prefix, CallError::of("ListObjectsV2", error))
                })?;
                let objects: Vec<Result<ObjectMeta>> =
                    page.contents().iter().filter_map(meta).collect();
                let next = page.next_continuation_token.map(Some);
                Ok::<_, Error>(Some((stream::iter(objects), next)))
            }
        })
        .try_flatten()
        .boxed()
    }
}

/// An object as the trait describes it, or the error of one whose key no path can spell. A folder's
/// marker, whose key ends with a slash, is none, nor is what is in Glacier and cannot be read, nor an
/// empty object that cannot be spelled.
fn meta(object: &aws_sdk_s3::types::Object) -> Option<Result<ObjectMeta>> {
    let key = object.key().filter(|key| !key.ends_with('/'))?;
    let class = object
        .storage_class()
        .map(aws_sdk_s3::types::ObjectStorageClass::as_str);
    if matches!(class, Some("GLACIER" | "DEEP_ARCHIVE")) {
        return None;
    }
    match path_of(key) {
        Ok(location) => Some(Ok(ObjectMeta {
            location,
            last_modified: moment(object.last_modified()),
            size: size(object.size()),
            e_tag: object.e_tag().map(str::to_owned),
            version: None,
        })),
        Err(_) if size(object.size()) == 0 => None,
        Err(error) => Some(Err(error.into())),
    }
}

/// The path that spells a key just so.
fn path_of(key: &str) -> std::result::Result<Path, path::Error> {
    let location = Path::parse(key)?;
    if location.as_ref() == key {
        return Ok(location);
    }
    // A slash at the beginning is not in it.
    Err(path::Error::EmptySegment {
        path: key.to_owned(),
    })
}

fn moment(time: Option<&aws_smithy_types::DateTime>) -> DateTime<Utc> {
    time.and_then(|time| DateTime::from_timestamp(time.secs(), time.subsec_nanos()))
        .unwrap_or_default()
}

fn size(bytes: Option<i64>) -> u64 {
    bytes
        .and_then(|b| u64::try_from(b).ok())
        .unwrap_or_default()
}

/// The value of the header `Range`.
fn header(range: &GetRange) -> String {
    match range {
        GetRange::Bounded(range) => {
            format!("bytes={}-{}", range.start, range.end.saturating_sub(1))
        }
        GetRange::Offset(start) => format!("bytes={start}-"),
        GetRange::Suffix(length) => format!("bytes=-{length}"),
    }
}

/// The whole size in `Content-Range: bytes 0-9/200`.
fn whole(content_range: Option<&str>) -> Option<u64> {
    content_range?.rsplit('/').next()?.parse().ok()
}

#[async_trait]
impl ObjectStore for Bucket {
    async fn put_opts(&self, _: &Path, _: PutPayload, _: PutOptions) -> Result<PutResult> {
        Err(self.read_only())
    }

    async fn put_multipart_opts(
        &self,
        _: &Path,
        _: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        Err(self.read_only())
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        let key = location.as_ref();
        let mut meta = ObjectMeta {
            location: location.clone(),
            last_modified: DateTime::default(),
            size: 0,
            e_tag: None,
            version: None,
        };
        if options.head {
            let request = self.client.head_object().bucket(&self.name).key(key);
            let answer = request.send().await;
            let head = answer.map_err(|e| self.error(key, CallError::of("HeadObject", e)))?;
            meta.last_modified = moment(head.last_modified());
            meta.size = size(head.content_length());
            meta.e_tag = head.e_tag().map(str::to_owned);
            return Ok(GetResult {
                range: 0..meta.size,
                payload: GetResultPayload::Stream(stream::empty().boxed()),
                meta,
                attributes: Attributes::new(),
            });
        }
        let request = self.client.get_object().bucket(&self.name).key(key);
        let request = request.set_range(options.range.as_ref().map(header));
        let answer = request.send().await;
        let got = answer.map_err(|e| self.error(key, CallError::of("GetObject", e)))?;
        let length = size(got.content_length());
        meta.size = whole(got.content_range()).unwrap_or(length);
        meta.last_modified = moment(got.last_modified());
        meta.e_tag = got.e_tag().map(str::to_owned);
        let start = match &options.range {
            Some(GetRange::Bounded(range)) => range.start,
            Some(GetRange::Offset(start)) => *start,
            Some(GetRange::Suffix(_)) => meta.size.saturating_sub(length),
            None => 0,
        };
        let bucket = self.clone();
        let place = key.to_owned();
        let chunks = stream::unfold(got.body, |mut body| async move {
            body.next().await.map(|chunk| (chunk, body))
        })
        .map_err(move |error| {
            bucket.error(&place, CallError::here("GetObject", error.to_string()))
        });
        Ok(GetResult {
            payload: GetResultPayload::Stream(chunks.boxed()),
            range: start..start + length,
            meta,
            attributes: Attributes::new(),
        })
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        let bucket = self.clone();
        locations
            .map(move |location| location.and_then(|_| Err(bucket.read_only())))
            .boxed()
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        // A path has no slash at its end, a prefix has: `films` is the folder and not `films-old`.
        let prefix = prefix.filter(|path| !path.as_ref().is_empty());
        self.pages(prefix.map(|path| format!("{path}/")).unwrap_or_default())
    }

    async fn list_with_delimiter(&self, _: Option<&Path>) -> Result<ListResult> {
        Err(Error::NotSupported {
            source: format!("{self} is not listed by folders").into(),
        })
    }

    async fn copy_opts(&self, _: &Path, _: &Path, _: CopyOptions) -> Result<()> {
        Err(self.read_only())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_whose_keys_no_path_spells_are_told_and_folders_markers_are_none() {
        let listed = |key: &str, size: i64| {
            let object = aws_sdk_s3::types::Object::builder().key(key).size(size);
            meta(&object.build())
        };
        let spelled = listed("a/b.csv", 1).expect("an object").expect("spelled");
        assert_eq!(spelled.location.as_ref(), "a/b.csv");
        for key in ["a//b.csv", "/b.csv", "a/../b.csv"] {
            let error = listed(key, 1).expect("an object").expect_err("no path");
            assert!(error.to_string().contains(key), "{error}");
            assert!(listed(key, 0).is_none());
        }
        assert!(listed("a/", 0).is_none());
        assert!(listed("a/", 1).is_none());
    }

    #[test]
    fn ranges_are_written_as_http_has_them() {
        assert_eq!(header(&GetRange::Bounded(4..10)), "bytes=4-9");
        assert_eq!(header(&GetRange::Offset(4)), "bytes=4-");
        assert_eq!(header(&GetRange::Suffix(8)), "bytes=-8");
        assert_eq!(whole(Some("bytes 0-9/200")), Some(200));
        assert_eq!(whole(None), None);
    }
}
