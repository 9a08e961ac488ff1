//! S3 without the protocol: operations by name, for the tasks of state machines.
//!
//! Members are spelled as in the API; a body is text, a time is ISO 8601, as Step Functions' SDK
//! integration has them.

use s3s::dto::*;
use serde_json::{Map, Value, json};

use super::{Call, buckets, configuration, copy, delete, errors, get, listing, put, tagging};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;

/// A state's input and output are no larger.
const MAX_BODY: i64 = 256 << 10;

/// What [`invoke`] answers.
pub static OPERATIONS: &[&str] = &[
    "CopyObject",
    "CreateBucket",
    "DeleteBucket",
    "DeleteObject",
    "DeleteObjects",
    "GetBucketLocation",
    "GetBucketTagging",
    "GetObject",
    "GetObjectTagging",
    "HeadBucket",
    "HeadObject",
    "ListBuckets",
    "ListObjects",
    "ListObjectsV2",
    "PutObject",
    "PutObjectTagging",
];

/// An operation by name, with its members under the API's names.
pub async fn invoke(
    cloud: &Cloud,
    caller: &Caller,
    operation: &str,
    input: Value,
) -> Result<Value, ServiceError> {
    let call = Call::new(cloud, caller);
    let given = Given(input.as_object().cloned().unwrap_or_default());
    let mut name = operation.to_owned();
    if let Some(first) = name.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    match name.as_str() {
        "ListBuckets" => list_buckets(&call).await,
        "CreateBucket" => create_bucket(&call, &given).await,
        "DeleteBucket" => {
            let input = DeleteBucketInput {
                bucket: given.required("Bucket")?,
                ..Default::default()
            };
            buckets::delete_bucket(&call, input).await?;
            Ok(json!({}))
        }
        "HeadBucket" => {
            let input = HeadBucketInput {
                bucket: given.required("Bucket")?,
                ..Default::default()
            };
            let output = buckets::head_bucket(&call, input).await?;
            Ok(json!({"BucketRegion": output.bucket_region}))
        }
        "GetBucketLocation" => {
            let input = GetBucketLocationInput {
                bucket: given.required("Bucket")?,
                ..Default::default()
            };
            let output = buckets::get_bucket_location(&call, input).await?;
            let location = output.location_constraint;
            Ok(
                json!({"LocationConstraint": location.as_ref().map(BucketLocationConstraint::as_str)}),
            )
        }
        "GetBucketTagging" => {
            let input = GetBucketTaggingInput {
                bucket: given.required("Bucket")?,
                ..Default::default()
            };
            let output = configuration::get_bucket_tagging(&call, input).await?;
            Ok(json!({"TagSet": tags(&output.tag_set)}))
        }
        "ListObjectsV2" => list_objects_v2(&call, &given).await,
        "ListObjects" => list_objects(&call, &given).await,
        "GetObject" => get_object(&call, &given).await,
        "HeadObject" => head_object(&call, &given).await,
        "PutObject" => put_object(&call, &given).await,
        "CopyObject" => copy_object(&call, &given).await,
        "DeleteObject" => {
            let input = DeleteObjectInput {
                bucket: given.required("Bucket")?,
                key: given.required("Key")?,
                version_id: given.text("VersionId"),
                ..Default::default()
            };
            let output = delete::delete_object(&call, input).await?;
            Ok(compact(json!({
                "DeleteMarker": output.delete_marker,
                "VersionId": output.version_id,
            })))
        }
        "DeleteObjects" => delete_objects(&call, &given).await,
        "GetObjectTagging" => {
            let input = GetObjectTaggingInput::builder()
                .bucket(given.required("Bucket")?)
                .key(given.required("Key")?)
                .version_id(given.text("VersionId"))
                .build()
                .map_err(ServiceError::internal)?;
            let output = tagging::get_object_tagging(&call, input).await?;
            Ok(json!({"TagSet": tags(&output.tag_set)}))
        }
        "PutObjectTagging" => put_object_tagging(&call, &given).await,
        _ => Err(ServiceError::not_supported("s3", operation)),
    }
}

/// The members of a request.
struct Given(Map<String, Value>);

impl Given {
    fn text(&self, member: &str) -> Option<String> {
        match self.0.get(member)? {
            Value::String(text) => Some(text.clone()),
            Value::Null => None,
            other => Some(other.to_string()),
        }
    }

    fn required(&self, member: &str) -> Result<String, ServiceError> {
        self.text(member).ok_or_else(|| {
            errors::invalid_argument(format!("The member {member} is required and is missing."))
        })
    }

    fn number(&self, member: &str) -> Option<i32> {
        self.0
            .get(member)
            .and_then(Value::as_i64)
            .and_then(|n| i32::try_from(n).ok())
    }

    fn range(&self) -> Result<Option<Range>, ServiceError> {
        self.text("Range")
            .map(|text| Range::parse(&text).map_err(|_| errors::invalid_range()))
            .transpose()
    }

    fn etag(&self, member: &str) -> Option<ETagCondition> {
        let text = self.text(member)?;
        Some(if text == "*" {
            ETagCondition::Any
        } else {
            ETagCondition::ETag(ETag::Strong(text.trim_matches('"').to_owned()))
        })
    }

    fn metadata(&self) -> Option<Metadata> {
        let given = self.0.get("Metadata")?.as_object()?;
        Some(
            given
                .iter()
                .filter_map(|(k, v)| Some((k.clone(), v.as_str()?.to_owned())))
                .collect(),
        )
    }
}

/// An answer leaves out what has no value.
fn compact(value: Value) -> Value {
    match value {
        Value::Object(members) => members.into_iter().filter(|(_, v)| !v.is_null()).collect(),
        other => other,
    }
}

fn iso(time: Option<&Timestamp>) -> Value {
    let mut text = Vec::new();
    match time.map(|t| t.format(TimestampFormat::DateTime, &mut text)) {
        Some(Ok(())) => Value::String(String::from_utf8_lossy(&text).into_owned()),
        _ => Value::Null,
    }
}

fn quoted(etag: Option<&ETag>) -> Value {
    etag.map_or(Value::Null, |e| json!(format!("\"{}\"", e.value())))
}

fn tags(set: &[Tag]) -> Value {
    set.iter()
        .map(|t| json!({"Key": t.key, "Value": t.value}))
        .collect()
}

fn objects(contents: Option<ObjectList>) -> Value {
    contents
        .unwrap_or_default()
        .iter()
        .map(|object| {
            json!({
                "Key": object.key,
                "LastModified": iso(object.last_modified.as_ref()),
                "ETag": quoted(object.e_tag.as_ref()),
                "Size": object.size,
                "StorageClass": object.storage_class.as_ref().map(ObjectStorageClass::as_str),
            })
        })
        .collect()
}

fn prefixes(prefixes: Option<CommonPrefixList>) -> Value {
    prefixes
        .unwrap_or_default()
        .iter()
        .map(|p| json!({"Prefix": p.prefix}))
        .collect()
}

async fn list_buckets(call: &Call) -> Result<Value, ServiceError> {
    let output = buckets::list_buckets(call, ListBucketsInput::default()).await?;
    let owner = output.owner.and_then(|o| o.id);
    let listed: Vec<Value> = output
        .buckets
        .unwrap_or_default()
        .iter()
        .map(|b| json!({"Name": b.name, "CreationDate": iso(b.creation_date.as_ref())}))
        .collect();
    Ok(json!({"Buckets": listed, "Owner": {"Id": owner}}))
}

async fn create_bucket(call: &Call, given: &Given) -> Result<Value, ServiceError> {
    let constraint = given
        .0
        .get("CreateBucketConfiguration")
        .and_then(|c| c.get("LocationConstraint"))
        .and_then(Value::as_str);
    let input = CreateBucketInput {
        bucket: given.required("Bucket")?,
        create_bucket_configuration: constraint.map(|c| CreateBucketConfiguration {
            location_constraint: Some(BucketLocationConstraint::from(c.to_owned())),
            ..Default::default()
        }),
        ..Default::default()
    };
    let output = buckets::create_bucket(call, input).await?;
    Ok(json!({"Location": output.location}))
}

async fn list_objects_v2(call: &Call, given: &Given) -> Result<Value, ServiceError> {
    let input = ListObjectsV2Input {
        bucket: given.required("Bucket")?,
        prefix: given.text("Prefix"),
        delimiter: given.text("Delimiter"),
        max_keys: given.number("MaxKeys"),
        start_after: given.text("StartAfter"),
        continuation_token: given.text("ContinuationToken"),
        ..Default::default()
    };
    let output = listing::list_objects_v2(call, input).await?;
    Ok(compact(json!({
        "IsTruncated": output.is_truncated,
        "Contents": objects(output.contents),
        "Name": output.name,
        "Prefix": output.prefix,
        "Delimiter": output.delimiter,
        "MaxKeys": output.max_keys,
        "CommonPrefixes": prefixes(output.common_prefixes),
        "KeyCount": output.key_count,
        "ContinuationToken": output.continuation_token,
        "NextContinuationToken": output.next_continuation_token,
        "StartAfter": output.start_after,
    })))
}

async fn list_objects(call: &Call, given: &Given) -> Result<Value, ServiceError> {
    let input = ListObjectsInput {
        bucket: given.required("Bucket")?,
        prefix: given.text("Prefix"),
        delimiter: given.text("Delimiter"),
        max_keys: given.number("MaxKeys"),
        marker: given.text("Marker"),
        ..Default::default()
    };
    let output = listing::list_objects(call, input).await?;
    Ok(compact(json!({
        "IsTruncated": output.is_truncated,
        "Marker": output.marker,
        "NextMarker": output.next_marker,
        "Contents": objects(output.contents),
        "Name": output.name,
        "Prefix": output.prefix,
        "Delimiter": output.delimiter,
        "MaxKeys": output.max_keys,
        "CommonPrefixes": prefixes(output.common_prefixes),
    })))
}

async fn get_object(call: &Call, given: &Given) -> Result<Value, ServiceError> {
    let input = GetObjectInput {
        bucket: given.required("Bucket")?,
        key: given.required("Key")?,
        version_id: given.text("VersionId"),
        range: given.range()?,
        if_match: given.etag("IfMatch"),
        if_none_match: given.etag("IfNoneMatch"),
        ..Default::default()
    };
    let output = get::get_object(call, input).await?;
    if output.content_length.unwrap_or(0) > MAX_BODY {
        return Err(ServiceError::new(
            "States.DataLimitExceeded",
            format!(
                "The object is larger than the {MAX_BODY} bytes that a state's result may have."
            ),
        ));
    }
    let mut body = Vec::new();
    if let Some(mut blob) = output.body {
        while let Some(bytes) = futures::StreamExt::next(&mut blob).await {
            body.extend_from_slice(&bytes.map_err(ServiceError::internal)?);
        }
    }
    Ok(compact(json!({
        "AcceptRanges": output.accept_ranges,
        "Body": String::from_utf8_lossy(&body),
        "ContentLength": output.content_length,
        "ContentRange": output.content_range,
        "ContentType": output.content_type,
        "ETag": quoted(output.e_tag.as_ref()),
        "LastModified": iso(output.last_modified.as_ref()),
        "Metadata": output.metadata,
        "ServerSideEncryption": output.server_side_encryption.as_ref().map(ServerSideEncryption::as_str),
        "VersionId": output.version_id,
    })))
}

async fn head_object(call: &Call, given: &Given) -> Result<Value, ServiceError> {
    let input = HeadObjectInput {
        bucket: given.required("Bucket")?,
        key: given.required("Key")?,
        version_id: given.text("VersionId"),
        ..Default::default()
    };
    let output = get::head_object(call, input).await?;
    Ok(compact(json!({
        "AcceptRanges": output.accept_ranges,
        "ContentLength": output.content_length,
        "ContentType": output.content_type,
        "ETag": quoted(output.e_tag.as_ref()),
        "LastModified": iso(output.last_modified.as_ref()),
        "Metadata": output.metadata,
        "ServerSideEncryption": output.server_side_encryption.as_ref().map(ServerSideEncryption::as_str),
        "VersionId": output.version_id,
    })))
}

async fn put_object(call: &Call, given: &Given) -> Result<Value, ServiceError> {
    // A body that is not text is put as the JSON that it is.
    let body = match given.0.get("Body") {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    let input = PutObjectInput {
        bucket: given.required("Bucket")?,
        key: given.required("Key")?,
        body: Some(StreamingBlob::from(s3s::Body::from(body))),
        content_type: given.text("ContentType"),
        content_encoding: given.text("ContentEncoding"),
        metadata: given.metadata(),
        tagging: given.text("Tagging"),
        storage_class: given.text("StorageClass").map(StorageClass::from),
        if_match: given.etag("IfMatch"),
        if_none_match: given.etag("IfNoneMatch"),
        ..Default::default()
    };
    let output = put::put_object(call, input).await?;
    Ok(compact(json!({
        "ETag": quoted(output.e_tag.as_ref()),
        "ServerSideEncryption": output.server_side_encryption.as_ref().map(ServerSideEncryption::as_str),
        "VersionId": output.version_id,
    })))
}

async fn copy_object(call: &Call, given: &Given) -> Result<Value, ServiceError> {
    let source = given.required("CopySource")?;
    let source = CopySource::parse(&source).map_err(|_| {
        errors::invalid_argument(
            "Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
        )
    })?;
    let input = CopyObjectInput::builder()
        .bucket(given.required("Bucket")?)
        .key(given.required("Key")?)
        .copy_source(source)
        .content_type(given.text("ContentType"))
        .metadata(given.metadata())
        .metadata_directive(given.text("MetadataDirective").map(MetadataDirective::from))
        .build()
        .map_err(ServiceError::internal)?;
    let output = copy::copy_object(call, input).await?;
    let result = output.copy_object_result.unwrap_or_default();
    Ok(compact(json!({
        "CopyObjectResult": {
            "ETag": quoted(result.e_tag.as_ref()),
            "LastModified": iso(result.last_modified.as_ref()),
        },
        "VersionId": output.version_id,
    })))
}

async fn delete_objects(call: &Call, given: &Given) -> Result<Value, ServiceError> {
    let wanted = given.0.get("Delete").cloned().unwrap_or_default();
    let listed = wanted
        .get("Objects")
        .and_then(Value::as_array)
        .ok_or_else(|| {
            errors::invalid_argument("The member Delete.Objects is required and is missing.")
        })?;
    let mut objects = Vec::with_capacity(listed.len());
    for object in listed {
        let member = |name: &str| object.get(name).and_then(Value::as_str).map(str::to_owned);
        objects.push(ObjectIdentifier {
            key: member("Key").ok_or_else(errors::malformed_xml)?,
            version_id: member("VersionId"),
            ..Default::default()
        });
    }
    let input = DeleteObjectsInput::builder()
        .bucket(given.required("Bucket")?)
        .delete(Delete {
            objects,
            quiet: wanted.get("Quiet").and_then(Value::as_bool),
        })
        .build()
        .map_err(ServiceError::internal)?;
    let output = delete::delete_objects(call, input).await?;
    let deleted: Option<Vec<Value>> = output.deleted.map(|deleted| {
        deleted
            .iter()
            .map(|d| compact(json!({"Key": d.key, "VersionId": d.version_id})))
            .collect()
    });
    let failed: Vec<Value> = output
        .errors
        .unwrap_or_default()
        .iter()
        .map(|e| json!({"Key": e.key, "Code": e.code, "Message": e.message}))
        .collect();
    Ok(compact(json!({
        "Deleted": deleted,
        "Errors": (!failed.is_empty()).then_some(failed),
    })))
}

async fn put_object_tagging(call: &Call, given: &Given) -> Result<Value, ServiceError> {
    let set = given
        .0
        .get("Tagging")
        .and_then(|t| t.get("TagSet"))
        .and_then(Value::as_array)
        .ok_or_else(|| {
            errors::invalid_argument("The member Tagging.TagSet is required and is missing.")
        })?;
    let member = |tag: &Value, name: &str| tag.get(name).and_then(Value::as_str).map(str::to_owned);
    let tag_set = set
        .iter()
        .map(|tag| Tag {
            key: member(tag, "Key"),
            value: member(tag, "Value"),
        })
        .collect();
    let input = PutObjectTaggingInput::builder()
        .bucket(given.required("Bucket")?)
        .key(given.required("Key")?)
        .tagging(Tagging { tag_set })
        .build()
        .map_err(ServiceError::internal)?;
    tagging::put_object_tagging(call, input).await?;
    Ok(json!({}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_said_to_be_answered_is_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let cloud = Cloud::open(dir.path()).unwrap();
        let caller = Caller::root("eu-west-1");
        for operation in crate::model::s3::ALL {
            let answer = invoke(&cloud, &caller, operation, json!({})).await;
            let is_refused = answer.is_err_and(|error| error.code == "UnsupportedOperation");
            assert_eq!(is_refused, !OPERATIONS.contains(operation), "{operation}");
        }
    }
}
