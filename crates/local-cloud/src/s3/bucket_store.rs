//! A bucket as an object store, for the crawler and for queries.

use std::fmt;
use std::ops::Range;

use async_trait::async_trait;
use bytes::Bytes;
use chrono::DateTime;
use futures::stream::{BoxStream, StreamExt, TryStreamExt};
use object_store::path::Path;
use object_store::{
    Attribute, Attributes, CopyMode, CopyOptions, Error, GetOptions, GetResult, GetResultPayload,
    ListResult, MultipartUpload, ObjectMeta, ObjectStore, PutMode, PutMultipartOptions, PutOptions,
    PutPayload, PutResult, Result, UploadPart,
};
use s3s::dto::{
    CopyObjectInput, CopySource, DeleteObjectInput, ETag, ETagCondition, PutObjectInput,
    StreamingBlob,
};

use super::bodies::{self, Writer};
use super::checksum::Algorithm;
use super::versions::{self, Meta, Version};
use super::{Call, access, copy, delete, errors, get, listing, object_path, put};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;

const PAGE: usize = 1000;
const STORE: &str = "S3";

/// The bytes of an object, piece by piece.
type Content = BoxStream<'static, std::result::Result<Bytes, ServiceError>>;

/// The bucket of a name, under the permissions of a caller.
#[derive(Clone)]
pub struct BucketStore {
    cloud: Cloud,
    caller: Caller,
    bucket: String,
}

impl BucketStore {
    pub fn new(cloud: Cloud, caller: Caller, bucket: impl Into<String>) -> Self {
        Self {
            cloud,
            caller,
            bucket: bucket.into(),
        }
    }

    fn call(&self) -> Call {
        Call::new(&self.cloud, &self.caller)
    }

    /// The content of an object as it is read, by its key, which no path need spell.
    pub(crate) fn content(
        &self,
        key: &str,
        version: Option<&str>,
    ) -> std::result::Result<Content, ServiceError> {
        let (_, version, body) = get::open(&self.call(), &self.bucket, key, version)?;
        Ok(body.chunks(0..version.size).boxed())
    }

    fn open(&self, location: &Path, version: Option<&str>) -> Result<(Version, bodies::Body)> {
        let key = location.as_ref();
        get::open(&self.call(), &self.bucket, key, version)
            .map(|(_, version, body)| (version, body))
            .map_err(|error| self.error(key, error))
    }

    fn error(&self, key: &str, error: ServiceError) -> Error {
        let path = format!("s3://{}/{key}", self.bucket);
        let status = error.status;
        let source = Box::new(error);
        match status {
            304 => Error::NotModified { path, source },
            403 => Error::PermissionDenied { path, source },
            404 => Error::NotFound { path, source },
            412 => Error::Precondition { path, source },
            _ => Error::Generic {
                store: STORE,
                source,
            },
        }
    }

    /// One page of the objects under a prefix, from `start` on.
    fn page(
        &self,
        prefix: &str,
        delimiter: Option<&str>,
        start: Option<listing::Start>,
    ) -> Result<listing::Page> {
        let call = self.call();
        listing::enter(
            &call,
            &self.bucket,
            "s3:ListBucket",
            Some(prefix),
            delimiter,
            None,
        )
        .and_then(|_| {
            self.cloud
                .store()
                .read(|c| listing::page(c, &self.bucket, prefix, delimiter, start, PAGE))
        })
        .map_err(|error| self.error(prefix, error))
    }

    fn stream(
        &self,
        prefix: String,
        start: Option<listing::Start>,
    ) -> BoxStream<'static, Result<ObjectMeta>> {
        let store = self.clone();
        futures::stream::try_unfold(Some(start), move |state| {
            let (store, prefix) = (store.clone(), prefix.clone());
            async move {
                let Some(start) = state else { return Ok(None) };
                let page = store.page(&prefix, None, start)?;
                let objects: Vec<_> = page.objects.iter().filter_map(meta).collect();
                let next = page.next.map(Some);
                Ok::<_, Error>(Some((futures::stream::iter(objects), next)))
            }
        })
        .try_flatten()
        .boxed()
    }
}

/// A path has no slash at its end, a prefix has: `films` is the folder and not `films-old`.
fn prefix_of(path: Option<&Path>) -> String {
    match path {
        Some(path) if !path.as_ref().is_empty() => format!("{path}/"),
        _ => String::new(),
    }
}

/// An object as the trait describes it, or the error of one whose key no path can spell. A folder's
/// marker, whose key ends with a slash, is no object of a listing (so it is to Trino as well), nor is
/// an object that cannot be spelled and is empty, of which nothing is missing.
fn meta(version: &Version) -> Option<Result<ObjectMeta>> {
    if version.key.ends_with('/') {
        return None;
    }
    match object_path::of_key(&version.key) {
        Ok(location) => Some(Ok(ObjectMeta {
            location,
            last_modified: DateTime::from_timestamp_millis(version.modified).unwrap_or_default(),
            size: version.size,
            e_tag: Some(format!("\"{}\"", version.etag)),
            version: None,
        })),
        Err(_) if version.size == 0 => None,
        Err(error) => Some(Err(error.into())),
    }
}

impl fmt::Debug for BucketStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BucketStore")
            .field("bucket", &self.bucket)
            .field("caller", &self.caller.arn())
            .finish_non_exhaustive()
    }
}

impl fmt::Display for BucketStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}", self.bucket)
    }
}

#[async_trait]
impl ObjectStore for BucketStore {
    async fn put_opts(
        &self,
        location: &Path,
        payload: PutPayload,
        options: PutOptions,
    ) -> Result<PutResult> {
        let key = location.to_string();
        let mut input = PutObjectInput {
            bucket: self.bucket.clone(),
            key: key.clone(),
            body: Some(StreamingBlob::from(s3s::Body::from(Bytes::from(payload)))),
            content_type: content_type(&options.attributes),
            ..Default::default()
        };
        match options.mode {
            PutMode::Overwrite => {}
            PutMode::Create => input.if_none_match = Some(ETagCondition::Any),
            PutMode::Update(version) => {
                let etag = version.e_tag.unwrap_or_default();
                let etag = ETag::Strong(etag.trim_matches('"').to_owned());
                input.if_match = Some(ETagCondition::ETag(etag));
            }
        }
        let creates = input.if_none_match.is_some();
        match put::put_object(&self.call(), input).await {
            Ok(output) => Ok(PutResult {
                e_tag: output.e_tag.map(|e| format!("\"{}\"", e.value())),
                version: output.version_id,
            }),
            Err(error) if creates && error.status == 412 => Err(Error::AlreadyExists {
                path: key,
                source: Box::new(error),
            }),
            Err(error) => Err(self.error(&key, error)),
        }
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        let call = self.call();
        let key = location.as_ref();
        access::enter(&call, &self.bucket, "s3:PutObject", Some(key))
            .map_err(|error| self.error(key, error))?;
        Ok(Box::new(Upload {
            store: self.clone(),
            location: location.clone(),
            content_type: content_type(&options.attributes),
            writer: Some(Writer::new(self.cloud.store(), Algorithm::Crc64nvme)),
            failed: None,
        }))
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        let (version, body) = self.open(location, options.version.as_deref())?;
        let meta = ObjectMeta {
            location: location.clone(),
            last_modified: DateTime::from_timestamp_millis(version.modified).unwrap_or_default(),
            size: version.size,
            e_tag: Some(format!("\"{}\"", version.etag)),
            version: None,
        };
        options.check_preconditions(&meta)?;
        let range = match &options.range {
            Some(range) => range
                .as_range(version.size)
                .map_err(|error| Error::Generic {
                    store: STORE,
                    source: Box::new(error),
                })?,
            None => 0..version.size,
        };
        let mut attributes = Attributes::new();
        if let Some(kind) = version.meta.content_type {
            attributes.insert(Attribute::ContentType, kind.into());
        }
        let payload = if options.head {
            futures::stream::empty().boxed()
        } else {
            let (store, key) = (self.clone(), location.clone());
            body.chunks(range.clone())
                .map_err(move |error| store.error(key.as_ref(), error))
                .boxed()
        };
        Ok(GetResult {
            payload: GetResultPayload::Stream(payload),
            meta,
            range,
            attributes,
        })
    }

    async fn get_ranges(&self, location: &Path, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        object_store::coalesce_ranges(
            ranges,
            |range| async move {
                let (version, body) = self.open(location, None)?;
                let range = range.start.min(version.size)..range.end.min(version.size);
                body.read(range)
                    .await
                    .map_err(|error| self.error(location.as_ref(), error))
            },
            object_store::OBJECT_STORE_COALESCE_DEFAULT,
        )
        .await
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        let store = self.clone();
        locations
            .and_then(move |location| {
                let store = store.clone();
                async move {
                    let input = DeleteObjectInput {
                        bucket: store.bucket.clone(),
                        key: location.to_string(),
                        ..Default::default()
                    };
                    match delete::delete_object(&store.call(), input).await {
                        Ok(_) => Ok(location),
                        Err(error) => Err(store.error(location.as_ref(), error)),
                    }
                }
            })
            .boxed()
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.stream(prefix_of(prefix), None)
    }

    fn list_with_offset(
        &self,
        prefix: Option<&Path>,
        offset: &Path,
    ) -> BoxStream<'static, Result<ObjectMeta>> {
        let start = listing::Start::After(offset.to_string());
        self.stream(prefix_of(prefix), Some(start))
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        let prefix = prefix_of(prefix);
        let (mut common_prefixes, mut objects) = (Vec::new(), Vec::new());
        let mut start = None;
        loop {
            let page = self.page(&prefix, Some("/"), start)?;
            for object in page.objects.iter().filter_map(meta) {
                objects.push(object?);
            }
            for folder in &page.prefixes {
                let name = folder.strip_suffix('/').filter(|name| !name.is_empty());
                common_prefixes.push(object_path::of_key(name.unwrap_or(folder))?);
            }
            start = page.next;
            if start.is_none() {
                return Ok(ListResult {
                    common_prefixes,
                    objects,
                });
            }
        }
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        if options.mode == CopyMode::Create {
            let there = self
                .cloud
                .store()
                .read(|c| versions::find(c, &self.bucket, to.as_ref(), None))
                .map_err(|error| self.error(to.as_ref(), error))?;
            if there.is_some_and(|v| !v.marker) {
                return Err(Error::AlreadyExists {
                    path: to.to_string(),
                    source: "an object of this key is there".into(),
                });
            }
        }
        let input = CopyObjectInput::builder()
            .bucket(self.bucket.clone())
            .key(to.to_string())
            .copy_source(CopySource::Bucket {
                bucket: self.bucket.as_str().into(),
                key: from.as_ref().into(),
                version_id: None,
            })
            .build()
            .map_err(|error| Error::Generic {
                store: STORE,
                source: Box::new(error),
            })?;
        copy::copy_object(&self.call(), input)
            .await
            .map(|_| ())
            .map_err(|error| self.error(from.as_ref(), error))
    }
}

fn content_type(attributes: &Attributes) -> Option<String> {
    attributes
        .get(&Attribute::ContentType)
        .map(|value| value.as_ref().to_owned())
}

/// A write in parts, which come in the order of their bytes.
struct Upload {
    store: BucketStore,
    location: Path,
    content_type: Option<String>,
    writer: Option<Writer>,
    failed: Option<ServiceError>,
}

impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upload")
            .field("location", &self.location)
            .finish_non_exhaustive()
    }
}

impl Upload {
    async fn finish(&mut self) -> std::result::Result<PutResult, ServiceError> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        let writer = self
            .writer
            .take()
            .ok_or_else(|| errors::no_such_upload(self.location.as_ref()))?;
        let written = bodies::blocking(move || writer.finish()).await?;
        let call = self.store.call();
        let (bucket, key) = (&self.store.bucket, self.location.as_ref());
        let (encryption, kms_key) = put::encryption(&call, bucket, None, None)?;
        let meta = Meta {
            content_type: self.content_type.clone(),
            encryption,
            kms_key,
            sum: Some(written.sum.clone()),
            ..Meta::default()
        };
        let etag = written.etag();
        let conditions = versions::Conditions::default();
        let put = versions::put(
            &call,
            bucket,
            key,
            written,
            &etag,
            &meta,
            &conditions,
            |_| Ok(Vec::new()),
        )?;
        Ok(PutResult {
            e_tag: Some(format!("\"{etag}\"")),
            version: put.shown_id(),
        })
    }
}

#[async_trait]
impl MultipartUpload for Upload {
    fn put_part(&mut self, data: PutPayload) -> UploadPart {
        if let Some(writer) = &mut self.writer {
            for bytes in &data {
                if let Err(error) = writer.write(bytes) {
                    self.failed = Some(error);
                    self.writer = None;
                    break;
                }
            }
        }
        // A part that could not be written is told when the upload is completed.
        Box::pin(std::future::ready(Ok(())))
    }

    async fn complete(&mut self) -> Result<PutResult> {
        match self.finish().await {
            Ok(put) => Ok(put),
            Err(error) => Err(self.store.error(self.location.as_ref(), error)),
        }
    }

    async fn abort(&mut self) -> Result<()> {
        self.writer = None;
        Ok(())
    }
}
