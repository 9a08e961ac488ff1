//! The bucket's policy: who else may do what with it. Compared by what it means.

use iam_policy::{Document, Kind};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::Bucket;
use super::setting::Setting;
use crate::cloud::Cloud;
use crate::resource::definition::read_text;
use crate::resource::{Call, Fields, Problem, Scope, Work, call, unless_gone};

/// A file, a table, or false for no policy.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum Key {
    None(bool),
    File(String),
    Table(Map<String, Value>),
}

/// S3 takes no longer policy.
const MAX_BYTES: usize = 20 << 10;

/// Reads the policy that a key gives; `false` is none. `arn` is the bucket's.
pub(super) fn document(key: &Key, scope: &Scope, arn: &str) -> Result<Value, Problem> {
    let wrong = |message: String| Problem::new(FIELD, "this is no bucket policy", message);
    let mut document = match key {
        Key::None(false) => return Ok(json!(false)),
        Key::None(true) => return Err(wrong("a policy is a table or a file".to_owned())),
        Key::File(file) => {
            let text = read_text(scope, FIELD, file)?;
            serde_json::from_str(&text).map_err(|error| wrong(format!("{file}: {error}")))?
        }
        Key::Table(table) => Value::Object(table.clone()),
    };
    complete_resources(&mut document, arn);
    Document::parse_as(&document.to_string(), Kind::Resource)
        .map_err(|error| wrong(error.to_string()))?;
    let length = document.to_string().len();
    if length > MAX_BYTES {
        return Err(wrong(format!("{length} bytes, and 20 KiB are allowed")));
    }
    Ok(document)
}

/// A bucket's policy is about that bucket, which cannot refer to itself: `/` is its ARN, and
/// `/films/*` are the ARNs of objects in it.
fn complete_resources(document: &mut Value, arn: &str) {
    let complete = |resource: &mut Value| {
        if let Some(path) = resource.as_str().and_then(|text| text.strip_prefix('/')) {
            let separator = if path.is_empty() { "" } else { "/" };
            *resource = Value::String(format!("{arn}{separator}{path}"));
        }
    };
    let statements = match document.get_mut("Statement") {
        Some(Value::Array(many)) => many.as_mut_slice(),
        Some(one) => std::slice::from_mut(one),
        None => return,
    };
    for statement in statements {
        for key in ["Resource", "NotResource"] {
            match statement.get_mut(key) {
                Some(Value::Array(many)) => many.iter_mut().for_each(complete),
                Some(one) => complete(one),
                None => {}
            }
        }
    }
}

pub(super) struct Policy;

const FIELD: &str = "policy";

impl Setting for Policy {
    fn desired(&self, bucket: &Bucket) -> Fields {
        let document = bucket.policy.iter();
        document
            .map(|document| (FIELD.to_owned(), document.clone()))
            .collect()
    }

    fn read<'a>(&'a self, cloud: &'a Cloud, bucket: &'a Bucket) -> Call<'a, Fields> {
        Box::pin(async move {
            let request = cloud.s3.get_bucket_policy().bucket(bucket.name());
            let found = unless_gone(call!("GetBucketPolicy", request), &["NoSuchBucketPolicy"])?;
            let document = match found.and_then(|found| found.policy) {
                Some(text) => serde_json::from_str(&text).unwrap_or(Value::String(text)),
                None => json!(false),
            };
            Ok(Fields::from([(FIELD.to_owned(), document)]))
        })
    }

    fn of_new(&self) -> Fields {
        Fields::from([(FIELD.to_owned(), json!(false))])
    }

    fn same(&self, _: &str, desired: &Value, live: &Value) -> bool {
        desired == live
            || (desired.is_object()
                && live.is_object()
                && iam_policy::same_meaning(&desired.to_string(), &live.to_string()))
    }

    fn put<'a>(&'a self, work: &'a Work<'a>, bucket: &'a Bucket) -> Call<'a, ()> {
        Box::pin(async move {
            let s3 = &work.cloud.s3;
            match &bucket.policy {
                None => Ok(()),
                Some(Value::Bool(_)) => {
                    let request = s3.delete_bucket_policy().bucket(bucket.name());
                    call!("DeleteBucketPolicy", request).map(drop)
                }
                Some(document) => {
                    let request = s3
                        .put_bucket_policy()
                        .bucket(bucket.name())
                        .policy(document.to_string());
                    call!("PutBucketPolicy", request).map(drop)
                }
            }
        })
    }
}
