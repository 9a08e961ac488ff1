//! What s3s does not speak: the tags of a new bucket, and operations that are younger than it.
//!
//! s3s takes a request whose sub-resource it does not know for one without: `PUT /BUCKET?abac`
//! would make a bucket. So these are refused here, by name.

use std::net::{IpAddr, SocketAddr};

use async_trait::async_trait;
use http::{Extensions, HeaderMap, Method, Uri};
use s3s::dto::{
    BucketLocationConstraint, CreateBucketConfiguration, CreateBucketInput, ObjectOwnership, Tag,
};
use s3s::host::S3Host;
use s3s::route::S3Route;
use s3s::xml::{DeError, DeResult, Deserializer};
use s3s::{Body, S3Request, S3Response, S3Result};

use super::adapter::{self, Hosts};
use super::{buckets, errors};
use crate::cloud::Cloud;
use crate::error::ServiceError;

/// A document that makes a bucket is no larger.
const MAX_DOCUMENT: usize = 64 << 10;

/// Sub-resources of buckets, and of objects, that s3s does not know.
const OF_BUCKETS: &[(&str, &str)] = &[
    ("abac", "attribute-based access control of buckets"),
    ("metadataConfiguration", "metadata tables"),
    ("metadataAnnotationTable", "metadata tables"),
    ("metadataInventoryTable", "metadata tables"),
    ("metadataJournalTable", "metadata tables"),
];
const OF_OBJECTS: &[(&str, &str)] = &[
    ("annotation", "annotations of objects"),
    ("encryption", "UpdateObjectEncryption"),
    ("renameObject", "RenameObject"),
];

pub(super) struct Route {
    pub cloud: Cloud,
}

/// What a request is about.
struct Target {
    bucket: String,
    is_object: bool,
}

impl Target {
    /// Reads the path, and the host where it names the bucket.
    fn of(uri: &Uri, headers: &HeaderMap) -> Option<Self> {
        let host = headers.get("host").and_then(|h| h.to_str().ok());
        let path = uri.path().trim_start_matches('/');
        let by_name =
            host.filter(|h| h.parse::<IpAddr>().is_err() && h.parse::<SocketAddr>().is_err());
        let in_host =
            by_name.and_then(|h| Hosts.parse_host_header(h).ok()?.bucket().map(str::to_owned));
        let (bucket, key) = match in_host {
            Some(bucket) => (bucket, path),
            None => {
                let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
                (bucket.to_owned(), key)
            }
        };
        (!bucket.is_empty()).then_some(Self {
            bucket,
            is_object: !key.is_empty(),
        })
    }
}

/// The names in a query, without their values.
fn names(uri: &Uri) -> impl Iterator<Item = &str> {
    let query = uri.query().unwrap_or_default();
    query
        .split('&')
        .filter_map(|pair| pair.split('=').next())
        .filter(|name| !name.is_empty())
}

fn unknown(target: &Target, uri: &Uri) -> Option<&'static str> {
    let known = if target.is_object {
        OF_OBJECTS
    } else {
        OF_BUCKETS
    };
    names(uri).find_map(|name| {
        known
            .iter()
            .find(|(n, _)| *n == name)
            .map(|(_, what)| *what)
    })
}

fn makes_bucket(target: &Target, method: &Method, uri: &Uri) -> bool {
    // A signed URL carries its signature there, and nothing else.
    let plain = |name: &str| name == "x-id" || name.to_ascii_lowercase().starts_with("x-amz-");
    method == Method::PUT && !target.is_object && names(uri).all(plain)
}

#[async_trait]
impl S3Route for Route {
    fn is_match(
        &self,
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
        _: &mut Extensions,
    ) -> bool {
        Target::of(uri, headers).is_some_and(|target| {
            makes_bucket(&target, method, uri) || unknown(&target, uri).is_some()
        })
    }

    async fn call(&self, mut request: S3Request<Body>) -> S3Result<S3Response<Body>> {
        let target = Target::of(&request.uri, &request.headers)
            .ok_or_else(|| errors::invalid_request("The request names no bucket."))?;
        if let Some(what) = unknown(&target, &request.uri) {
            return Err(errors::not_implemented(what).into());
        }
        let document = request
            .input
            .store_all_limited(MAX_DOCUMENT)
            .await
            .map_err(|_| errors::malformed_xml())?;
        let (configuration, tags) = parse(&document)?;
        let call = adapter::call_of(&self.cloud, &mut request)?;
        let header = |name: &str| {
            let value = request.headers.get(name)?;
            value.to_str().ok().map(str::to_owned)
        };
        let input = CreateBucketInput {
            bucket: target.bucket,
            acl: header("x-amz-acl").map(Into::into),
            object_lock_enabled_for_bucket: header("x-amz-bucket-object-lock-enabled")
                .map(|value| value.eq_ignore_ascii_case("true")),
            object_ownership: header("x-amz-object-ownership").map(ObjectOwnership::from),
            create_bucket_configuration: configuration,
            ..Default::default()
        };
        let output = buckets::create_tagged_bucket(&call, input, tags).await?;
        let mut response = S3Response::new(Body::empty());
        if let Some(location) = output.location.and_then(|l| l.parse().ok()) {
            response.headers.insert("location", location);
        }
        Ok(response)
    }
}

type Parsed = (Option<CreateBucketConfiguration>, Vec<Tag>);

fn parse(document: &[u8]) -> Result<Parsed, ServiceError> {
    if document.trim_ascii().is_empty() {
        return Ok((None, Vec::new()));
    }
    let mut constraint: Option<BucketLocationConstraint> = None;
    let mut tags = Vec::new();
    let mut directory = false;
    let mut parser = Deserializer::new(document);
    let read: DeResult = parser.named_element("CreateBucketConfiguration", |d| {
        d.for_each_element(|d, name| match name {
            b"LocationConstraint" => d.content().map(|text| constraint = Some(text)),
            b"Tags" => d.for_each_element(|d, name| match name {
                b"Tag" => d.content().map(|tag| tags.push(tag)),
                _ => Err(DeError::UnexpectedTagName),
            }),
            b"Location" | b"Bucket" => {
                directory = true;
                Err(DeError::UnexpectedTagName)
            }
            _ => Err(DeError::UnexpectedTagName),
        })
    });
    if directory {
        return Err(errors::not_implemented("directory buckets"));
    }
    read.map_err(|_| errors::malformed_xml())?;
    let configuration = CreateBucketConfiguration {
        location_constraint: constraint,
        ..Default::default()
    };
    Ok((Some(configuration), tags))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(uri: &str, host: &str) -> Option<(String, bool)> {
        let mut headers = HeaderMap::new();
        headers.insert("host", host.parse().unwrap());
        Target::of(&uri.parse().unwrap(), &headers).map(|t| (t.bucket, t.is_object))
    }

    #[test]
    fn a_bucket_is_named_by_the_path_or_by_the_host() {
        let lake = |is_object| Some(("lake".to_owned(), is_object));
        assert_eq!(target("/lake", "127.0.0.1:4566"), lake(false));
        assert_eq!(target("/lake/", "localhost:4566"), lake(false));
        assert_eq!(target("/lake/a/b", "s3.amazonaws.com"), lake(true));
        assert_eq!(target("/", "lake.s3.amazonaws.com"), lake(false));
        assert_eq!(target("/a", "lake.s3.amazonaws.com"), lake(true));
        assert_eq!(target("/", "localhost:4566"), None);
    }

    #[test]
    fn the_tags_of_a_new_bucket_are_read() {
        let document = b"<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><LocationConstraint>eu-west-1</LocationConstraint><Tags><Tag><Key>a&amp;b</Key><Value>c</Value></Tag></Tags></CreateBucketConfiguration>";
        let (configuration, tags) = parse(document).unwrap();
        let constraint = configuration.unwrap().location_constraint.unwrap();
        assert_eq!(constraint.as_str(), "eu-west-1");
        assert_eq!(tags[0].key.as_deref(), Some("a&b"));
        assert_eq!(parse(b"<Other/>").unwrap_err().code, "MalformedXML");
    }
}
