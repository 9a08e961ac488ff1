//! S3 without the protocol: operations by name, for the tasks of state machines.
//!
//! Members are spelled as in the API; a body is text, a time is ISO 8601, as Step Functions' SDK
//! integration has them. A member that is not heeded is refused.

mod members;
mod objects;
mod settings;
mod uploads;
mod versions;

use s3s::dto::*;
use serde_json::{Map, Value, json};

use super::{Call, buckets, configuration, delete, errors, tagging};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;

/// What [`invoke`] answers.
pub static OPERATIONS: &[&str] = &[
    "AbortMultipartUpload",
    "CompleteMultipartUpload",
    "CopyObject",
    "CreateBucket",
    "CreateMultipartUpload",
    "DeleteBucket",
    "DeleteBucketPolicy",
    "DeleteBucketTagging",
    "DeleteObject",
    "DeleteObjectTagging",
    "DeleteObjects",
    "DeletePublicAccessBlock",
    "GetBucketLocation",
    "GetBucketPolicy",
    "GetBucketTagging",
    "GetBucketVersioning",
    "GetObject",
    "GetObjectAttributes",
    "GetObjectTagging",
    "GetPublicAccessBlock",
    "HeadBucket",
    "HeadObject",
    "ListBuckets",
    "ListMultipartUploads",
    "ListObjectVersions",
    "ListObjects",
    "ListObjectsV2",
    "ListParts",
    "PutBucketPolicy",
    "PutBucketTagging",
    "PutBucketVersioning",
    "PutObject",
    "PutObjectTagging",
    "PutPublicAccessBlock",
    "UploadPart",
    "UploadPartCopy",
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
    members::check(&name, &given.0)?;
    given.check_owners(cloud.account())?;
    match name.as_str() {
        "ListBuckets" => list_buckets(&call, &given).await,
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
        "ListObjectsV2" => objects::list_objects_v2(&call, &given).await,
        "ListObjects" => objects::list_objects(&call, &given).await,
        "GetObject" => objects::get_object(&call, &given).await,
        "HeadObject" => objects::head_object(&call, &given).await,
        "PutObject" => objects::put_object(&call, &given).await,
        "CopyObject" => objects::copy_object(&call, &given).await,
        "DeleteObject" => {
            let input = DeleteObjectInput {
                bucket: given.required("Bucket")?,
                key: given.required("Key")?,
                version_id: given.text("VersionId"),
                if_match: given.etag("IfMatch"),
                ..Default::default()
            };
            let output = delete::delete_object(&call, input).await?;
            Ok(compact(json!({
                "DeleteMarker": output.delete_marker,
                "VersionId": output.version_id,
            })))
        }
        "DeleteObjects" => objects::delete_objects(&call, &given).await,
        "GetObjectTagging" => {
            let input = GetObjectTaggingInput::builder()
                .bucket(given.required("Bucket")?)
                .key(given.required("Key")?)
                .version_id(given.text("VersionId"))
                .build()
                .map_err(ServiceError::internal)?;
            let output = tagging::get_object_tagging(&call, input).await?;
            Ok(compact(json!({
                "TagSet": tags(&output.tag_set),
                "VersionId": output.version_id,
            })))
        }
        "PutObjectTagging" => objects::put_object_tagging(&call, &given).await,
        "DeleteObjectTagging" => versions::delete_object_tagging(&call, &given).await,
        "GetObjectAttributes" => versions::get_object_attributes(&call, &given).await,
        "ListObjectVersions" => versions::list_object_versions(&call, &given).await,
        "DeleteBucketPolicy" => settings::delete_bucket_policy(&call, &given).await,
        "DeleteBucketTagging" => settings::delete_bucket_tagging(&call, &given).await,
        "DeletePublicAccessBlock" => settings::delete_public_access_block(&call, &given).await,
        "GetBucketPolicy" => settings::get_bucket_policy(&call, &given).await,
        "GetBucketVersioning" => settings::get_bucket_versioning(&call, &given).await,
        "GetPublicAccessBlock" => settings::get_public_access_block(&call, &given).await,
        "PutBucketPolicy" => settings::put_bucket_policy(&call, &given).await,
        "PutBucketTagging" => settings::put_bucket_tagging(&call, &given).await,
        "PutBucketVersioning" => settings::put_bucket_versioning(&call, &given).await,
        "PutPublicAccessBlock" => settings::put_public_access_block(&call, &given).await,
        "AbortMultipartUpload" => uploads::abort_multipart_upload(&call, &given).await,
        "CompleteMultipartUpload" => uploads::complete_multipart_upload(&call, &given).await,
        "CreateMultipartUpload" => uploads::create_multipart_upload(&call, &given).await,
        "ListMultipartUploads" => uploads::list_multipart_uploads(&call, &given).await,
        "ListParts" => uploads::list_parts(&call, &given).await,
        "UploadPart" => uploads::upload_part(&call, &given).await,
        "UploadPartCopy" => uploads::upload_part_copy(&call, &given).await,
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
        self.text(member).ok_or_else(|| missing(member))
    }

    /// The members of a structure that has to be there.
    fn structure(&self, member: &str) -> Result<Self, ServiceError> {
        match self.0.get(member) {
            Some(Value::Object(members)) => Ok(Self(members.clone())),
            _ => Err(missing(member)),
        }
    }

    /// The items of a list that has to be there.
    fn list(&self, member: &str) -> Result<&[Value], ServiceError> {
        match self.0.get(member) {
            Some(Value::Array(items)) => Ok(items),
            _ => Err(missing(member)),
        }
    }

    fn tagging(&self) -> Result<Tagging, ServiceError> {
        let tagging = self.structure("Tagging")?;
        let member =
            |tag: &Value, name: &str| tag.get(name).and_then(Value::as_str).map(str::to_owned);
        let tag_set = tagging.list("TagSet")?.iter().map(|tag| Tag {
            key: member(tag, "Key"),
            value: member(tag, "Value"),
        });
        Ok(Tagging {
            tag_set: tag_set.collect(),
        })
    }

    /// A body is text; one that is not is put as the JSON that it is.
    fn body(&self) -> StreamingBlob {
        StreamingBlob::from(s3s::Body::from(self.text("Body").unwrap_or_default()))
    }

    fn copy_source(&self) -> Result<CopySource, ServiceError> {
        CopySource::parse(&self.required("CopySource")?).map_err(|_| {
            errors::invalid_argument(
                "Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
            )
        })
    }

    /// A number, or the text of one.
    fn number(&self, member: &str) -> Result<Option<i32>, ServiceError> {
        let number: Option<i32> = match self.0.get(member) {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::String(text)) => text.parse().ok(),
            Some(other) => other.as_i64().and_then(|n| i32::try_from(n).ok()),
        };
        number.map(Some).ok_or_else(|| {
            errors::invalid_argument(format!("The member {member} has to be a whole number."))
        })
    }

    /// A truth value, or the text of one.
    fn flag(&self, member: &str) -> Result<Option<bool>, ServiceError> {
        match self.text(member).as_deref() {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(_) => Err(errors::invalid_argument(format!(
                "The member {member} has to be true or false."
            ))),
        }
    }

    /// A time in ISO 8601, or as a header of HTTP has it.
    fn time(&self, member: &str) -> Result<Option<Timestamp>, ServiceError> {
        let Some(text) = self.text(member) else {
            return Ok(None);
        };
        Timestamp::parse(TimestampFormat::DateTime, &text)
            .or_else(|_| Timestamp::parse(TimestampFormat::HttpDate, &text))
            .map(Some)
            .map_err(|_| errors::invalid_argument(format!("The member {member} has to be a time.")))
    }

    /// Fails where a bucket is expected to be another account's.
    fn check_owners(&self, account: &str) -> Result<(), ServiceError> {
        let is_other = |member: &str| self.text(member).is_some_and(|owner| owner != account);
        if is_other("ExpectedBucketOwner") || is_other("ExpectedSourceBucketOwner") {
            return Err(ServiceError::new("AccessDenied", "Access Denied").with_status(403));
        }
        Ok(())
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
            ETagCondition::ETag(strong(&text))
        })
    }

    fn metadata(&self) -> Option<Metadata> {
        let given = Self(self.0.get("Metadata")?.as_object()?.clone());
        Some(
            given
                .0
                .keys()
                .filter_map(|key| Some((key.clone(), given.text(key)?)))
                .collect(),
        )
    }
}

fn missing(member: &str) -> ServiceError {
    errors::invalid_argument(format!("The member {member} is required and is missing."))
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

/// An entity tag as it is given, in quotes or without.
fn strong(text: &str) -> ETag {
    ETag::Strong(text.trim_matches('"').to_owned())
}

fn quoted(etag: Option<&ETag>) -> Value {
    etag.map_or(Value::Null, |e| json!(format!("\"{}\"", e.value())))
}

fn tags(set: &[Tag]) -> Value {
    set.iter()
        .map(|t| json!({"Key": t.key, "Value": t.value}))
        .collect()
}

fn owner(owner: Option<&Owner>) -> Value {
    owner.map_or(Value::Null, |owner| json!({"Id": owner.id}))
}

fn prefixes(prefixes: Option<CommonPrefixList>) -> Value {
    prefixes
        .unwrap_or_default()
        .iter()
        .map(|p| json!({"Prefix": p.prefix}))
        .collect()
}

async fn list_buckets(call: &Call, given: &Given) -> Result<Value, ServiceError> {
    let input = ListBucketsInput {
        bucket_region: given.text("BucketRegion"),
        continuation_token: given.text("ContinuationToken"),
        max_buckets: given.number("MaxBuckets")?,
        prefix: given.text("Prefix"),
    };
    let output = buckets::list_buckets(call, input).await?;
    let owner = output.owner.and_then(|o| o.id);
    let listed: Vec<Value> = output
        .buckets
        .unwrap_or_default()
        .iter()
        .map(|b| json!({"Name": b.name, "CreationDate": iso(b.creation_date.as_ref())}))
        .collect();
    Ok(compact(json!({
        "Buckets": listed,
        "Owner": {"Id": owner},
        "ContinuationToken": output.continuation_token,
        "Prefix": output.prefix,
    })))
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
