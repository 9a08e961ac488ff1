//! Which operation a request calls, told from the outside: before anybody answers it.

use std::fmt;

use bytes::Bytes;
use http::{Method, Request};
use http_body_util::{BodyExt, Limited};
use s3s::Body;

use super::Broken;
use crate::protocol::{query, rest_json};
use crate::router;
use crate::service::{Protocol, Service};

/// No request that is looked into is larger.
const MAX_BODY: usize = 16 << 20;

/// A request's operation, and what it is asked with.
#[derive(Clone)]
pub(super) struct Called {
    /// `None` is S3.
    pub service: Option<&'static Service>,
    pub operation: String,
    /// The method and URI.
    pub uri: String,
    /// The body; that of S3's requests is not looked into, and empty here.
    pub body: Bytes,
}

impl fmt::Display for Called {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.service_name(), self.operation)
    }
}

impl Called {
    /// Looks at a request, and gives it back as it was.
    pub async fn of(request: Request<Body>) -> Result<(Self, Request<Body>), Broken> {
        let uri = format!("{} {}", request.method(), request.uri());
        let Some((service, target)) = router::service_of(&request) else {
            let called = Self {
                service: None,
                operation: s3_operation(&request).to_owned(),
                uri,
                body: Bytes::new(),
            };
            return Ok((called, request));
        };
        let (parts, body) = request.into_parts();
        let body = match Limited::new(body, MAX_BODY).collect().await {
            Ok(collected) => collected.to_bytes(),
            Err(error) => {
                tracing::debug!(%error, "a request's body");
                return Err(Broken);
            }
        };
        let operation = match service.protocol {
            Protocol::Json { .. } => target.unwrap_or_default(),
            Protocol::RestJson => rest_json::find(service.operations, &parts)
                .map(|(operation, _)| operation.name.to_owned())
                .unwrap_or_default(),
            Protocol::Query { .. } => query::fields(&body)
                .into_iter()
                .chain(query::fields(
                    parts.uri.query().unwrap_or_default().as_bytes(),
                ))
                .find_map(|(key, value)| (key == "Action").then_some(value))
                .unwrap_or_default(),
        };
        let called = Self {
            service: Some(service),
            operation,
            uri,
            body: body.clone(),
        };
        Ok((called, Request::from_parts(parts, Body::from(body))))
    }

    pub fn service_name(&self) -> &'static str {
        self.service.map_or("s3", |service| service.name)
    }

    /// Whether it changes nothing.
    pub fn reads(&self) -> bool {
        const READS: [&str; 8] = [
            "Get", "List", "Head", "Describe", "BatchGet", "Search", "Simulate", "Validate",
        ];
        READS.iter().any(|read| self.operation.starts_with(read))
    }
}

/// The operations of a bucket's sub-resources: the query's key, and the noun after the verb.
const OF_BUCKETS: &[(&str, [&str; 3])] = &[
    (
        "tagging",
        [
            "GetBucketTagging",
            "PutBucketTagging",
            "DeleteBucketTagging",
        ],
    ),
    (
        "lifecycle",
        [
            "GetBucketLifecycleConfiguration",
            "PutBucketLifecycleConfiguration",
            "DeleteBucketLifecycle",
        ],
    ),
    (
        "policy",
        ["GetBucketPolicy", "PutBucketPolicy", "DeleteBucketPolicy"],
    ),
    (
        "publicAccessBlock",
        [
            "GetPublicAccessBlock",
            "PutPublicAccessBlock",
            "DeletePublicAccessBlock",
        ],
    ),
    (
        "encryption",
        [
            "GetBucketEncryption",
            "PutBucketEncryption",
            "DeleteBucketEncryption",
        ],
    ),
    (
        "versioning",
        ["GetBucketVersioning", "PutBucketVersioning", UNKNOWN],
    ),
    (
        "cors",
        ["GetBucketCors", "PutBucketCors", "DeleteBucketCors"],
    ),
    (
        "ownershipControls",
        [
            "GetBucketOwnershipControls",
            "PutBucketOwnershipControls",
            "DeleteBucketOwnershipControls",
        ],
    ),
    ("logging", ["GetBucketLogging", "PutBucketLogging", UNKNOWN]),
    (
        "notification",
        [
            "GetBucketNotificationConfiguration",
            "PutBucketNotificationConfiguration",
            UNKNOWN,
        ],
    ),
    (
        "object-lock",
        [
            "GetObjectLockConfiguration",
            "PutObjectLockConfiguration",
            UNKNOWN,
        ],
    ),
    ("location", ["GetBucketLocation", UNKNOWN, UNKNOWN]),
    ("policyStatus", ["GetBucketPolicyStatus", UNKNOWN, UNKNOWN]),
    ("acl", ["GetBucketAcl", "PutBucketAcl", UNKNOWN]),
    ("uploads", ["ListMultipartUploads", UNKNOWN, UNKNOWN]),
    ("versions", ["ListObjectVersions", UNKNOWN, UNKNOWN]),
    ("list-type", ["ListObjectsV2", UNKNOWN, UNKNOWN]),
];

/// An operation that no rule names; `*` meets it.
const UNKNOWN: &str = "Unknown";

/// The operation of a request to S3.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html>
fn s3_operation(request: &Request<Body>) -> &'static str {
    let query = request.uri().query().unwrap_or_default();
    let has = |key: &str| {
        query
            .split('&')
            .any(|pair| pair.split('=').next() == Some(key))
    };
    let mut path = request.uri().path().trim_start_matches('/').splitn(2, '/');
    let bucket = path.next().unwrap_or_default();
    let key = path.next().unwrap_or_default();
    let verb = match *request.method() {
        Method::GET => 0,
        Method::PUT => 1,
        Method::DELETE => 2,
        _ => 3,
    };
    match (request.method(), bucket.is_empty(), key.is_empty()) {
        (&Method::GET, true, _) => "ListBuckets",
        (&Method::HEAD, false, true) => "HeadBucket",
        (&Method::POST, false, true) if has("delete") => "DeleteObjects",
        (_, false, true) if verb < 3 => {
            let of_sub_resource = OF_BUCKETS.iter().find(|(key, _)| has(key));
            match of_sub_resource {
                Some((_, names)) => names[verb],
                None => ["ListObjects", "CreateBucket", "DeleteBucket"][verb],
            }
        }
        (&Method::HEAD, false, false) => "HeadObject",
        (&Method::POST, false, false) if has("uploads") => "CreateMultipartUpload",
        (&Method::POST, false, false) if has("uploadId") => "CompleteMultipartUpload",
        (&Method::PUT, false, false) if has("uploadId") => "UploadPart",
        (_, false, false) if verb < 3 && has("tagging") => [
            "GetObjectTagging",
            "PutObjectTagging",
            "DeleteObjectTagging",
        ][verb],
        (&Method::GET, false, false) if has("uploadId") => "ListParts",
        (&Method::GET, false, false) => "GetObject",
        (&Method::PUT, false, false) if request.headers().contains_key("x-amz-copy-source") => {
            "CopyObject"
        }
        (&Method::PUT, false, false) => "PutObject",
        (&Method::DELETE, false, false) if has("uploadId") => "AbortMultipartUpload",
        (&Method::DELETE, false, false) => "DeleteObject",
        _ => UNKNOWN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_to_s3_have_the_names_of_the_api() {
        for (method, uri, name) in [
            ("GET", "/", "ListBuckets"),
            ("PUT", "/lake", "CreateBucket"),
            ("PUT", "/lake/", "CreateBucket"),
            ("HEAD", "/lake", "HeadBucket"),
            ("GET", "/lake?tagging", "GetBucketTagging"),
            ("PUT", "/lake/?lifecycle", "PutBucketLifecycleConfiguration"),
            ("GET", "/lake?list-type=2&prefix=a%2F", "ListObjectsV2"),
            ("GET", "/lake?versions", "ListObjectVersions"),
            ("POST", "/lake?delete", "DeleteObjects"),
            ("PUT", "/lake/a/b?x-id=PutObject", "PutObject"),
            ("POST", "/lake/a?uploads", "CreateMultipartUpload"),
            ("PUT", "/lake/a?partNumber=1&uploadId=u", "UploadPart"),
            ("DELETE", "/lake/a?uploadId=u", "AbortMultipartUpload"),
            ("GET", "/lake/a", "GetObject"),
        ] {
            let request = Request::builder().method(method).uri(uri);
            let request = request.body(Body::empty()).unwrap();
            assert_eq!(s3_operation(&request), name, "{method} {uri}");
        }
    }
}
