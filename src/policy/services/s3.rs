//! S3, whose actions are seldom called as its operations are.
//!
//! Source: "Required permissions for Amazon S3 API operations", Amazon S3 user guide.

use serde_json::Value;

use super::super::call::{Call, Given};
use super::super::{Fact, Home, Statement};

/// What an action is on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum On {
    Account,
    Bucket,
    /// The bucket, where `Prefix` says what of it.
    Prefix,
    Object,
}

/// Operations whose actions have other names than they, or are more than one.
static ACTIONS: &[(&str, On, &[&str])] = &[
    ("CompleteMultipartUpload", On::Object, &["PutObject"]),
    ("CreateMultipartUpload", On::Object, &["PutObject"]),
    ("DeleteBucketCors", On::Bucket, &["PutBucketCORS"]),
    (
        "DeleteBucketEncryption",
        On::Bucket,
        &["PutEncryptionConfiguration"],
    ),
    (
        "DeleteBucketLifecycle",
        On::Bucket,
        &["PutLifecycleConfiguration"],
    ),
    (
        "DeleteBucketReplication",
        On::Bucket,
        &["PutReplicationConfiguration"],
    ),
    ("DeleteBucketTagging", On::Bucket, &["PutBucketTagging"]),
    ("DeleteObjects", On::Object, &["DeleteObject"]),
    (
        "DeletePublicAccessBlock",
        On::Bucket,
        &["PutBucketPublicAccessBlock"],
    ),
    (
        "GetBucketAccelerateConfiguration",
        On::Bucket,
        &["GetAccelerateConfiguration"],
    ),
    (
        "GetBucketAnalyticsConfiguration",
        On::Bucket,
        &["GetAnalyticsConfiguration"],
    ),
    ("GetBucketCors", On::Bucket, &["GetBucketCORS"]),
    (
        "GetBucketEncryption",
        On::Bucket,
        &["GetEncryptionConfiguration"],
    ),
    (
        "GetBucketInventoryConfiguration",
        On::Bucket,
        &["GetInventoryConfiguration"],
    ),
    (
        "GetBucketLifecycleConfiguration",
        On::Bucket,
        &["GetLifecycleConfiguration"],
    ),
    (
        "GetBucketMetricsConfiguration",
        On::Bucket,
        &["GetMetricsConfiguration"],
    ),
    (
        "GetBucketNotificationConfiguration",
        On::Bucket,
        &["GetBucketNotification"],
    ),
    (
        "GetBucketReplication",
        On::Bucket,
        &["GetReplicationConfiguration"],
    ),
    (
        "GetObjectAttributes",
        On::Object,
        &["GetObject", "GetObjectAttributes"],
    ),
    (
        "GetObjectLockConfiguration",
        On::Bucket,
        &["GetBucketObjectLockConfiguration"],
    ),
    (
        "GetPublicAccessBlock",
        On::Bucket,
        &["GetBucketPublicAccessBlock"],
    ),
    ("HeadBucket", On::Bucket, &["ListBucket"]),
    ("HeadObject", On::Object, &["GetObject"]),
    ("ListBuckets", On::Account, &["ListAllMyBuckets"]),
    (
        "ListMultipartUploads",
        On::Prefix,
        &["ListBucketMultipartUploads"],
    ),
    ("ListObjectVersions", On::Prefix, &["ListBucketVersions"]),
    ("ListObjects", On::Prefix, &["ListBucket"]),
    ("ListObjectsV2", On::Prefix, &["ListBucket"]),
    ("ListParts", On::Object, &["ListMultipartUploadParts"]),
    ("PutBucketCors", On::Bucket, &["PutBucketCORS"]),
    (
        "PutBucketEncryption",
        On::Bucket,
        &["PutEncryptionConfiguration"],
    ),
    (
        "PutBucketLifecycleConfiguration",
        On::Bucket,
        &["PutLifecycleConfiguration"],
    ),
    (
        "PutBucketNotificationConfiguration",
        On::Bucket,
        &["PutBucketNotification"],
    ),
    (
        "PutBucketReplication",
        On::Bucket,
        &["PutReplicationConfiguration"],
    ),
    (
        "PutObjectLockConfiguration",
        On::Bucket,
        &["PutBucketObjectLockConfiguration"],
    ),
    (
        "PutPublicAccessBlock",
        On::Bucket,
        &["PutBucketPublicAccessBlock"],
    ),
    ("RestoreObject", On::Object, &["RestoreObject"]),
    ("SelectObjectContent", On::Object, &["GetObject"]),
    ("UploadPart", On::Object, &["PutObject"]),
];

pub(super) fn statements(home: &Home, facts: &[Fact], call: &Call, reason: &str) -> Vec<Statement> {
    let operation = call.operation.as_str();
    if matches!(operation, "CopyObject" | "UploadPartCopy") {
        return copy(home, facts, call, reason);
    }
    let key = call.arguments.text("Key");
    let prefix = call.arguments.text("Prefix");
    // The results of a distributed Map go below a prefix.
    if operation == "PutObject" && key == Given::Absent && prefix != Given::Absent {
        return vec![results(home, facts, call, reason)];
    }
    let (on, mut actions) = match ACTIONS.iter().find(|(name, _, _)| *name == operation) {
        Some((_, on, actions)) => (*on, actions.to_vec()),
        None if operation.contains("Object") => (On::Object, vec![operation]),
        None if operation.contains("MultipartUpload") => (On::Object, vec![operation]),
        None => (On::Bucket, vec![operation]),
    };
    if operation == "DeleteObjects" {
        actions = deletions(call);
    } else if call.arguments.text("VersionId") != Given::Absent {
        actions = actions.into_iter().map(of_version).collect();
    }
    let writes = matches!(operation, "PutObject" | "CreateMultipartUpload");
    if writes && call.arguments.text("Tagging") != Given::Absent {
        actions.push("PutObjectTagging");
    }
    let actions: Vec<String> = actions.iter().map(|a| format!("s3:{a}")).collect();
    let buckets = buckets(home, facts, call);
    let resources: Vec<String> = match on {
        On::Account => vec!["*".to_owned()],
        On::Bucket | On::Prefix => buckets,
        On::Object => objects(&buckets, &key.pattern("*")),
    };
    let statement = Statement::allow("CallS3", actions, resources, reason);
    vec![match (on, prefix) {
        (On::Prefix, Given::Text(prefix)) => statement.where_like("s3:prefix", vec![prefix]),
        (On::Prefix, Given::Unknown { start }) if !start.is_empty() => {
            statement.where_like("s3:prefix", vec![format!("{start}*")])
        }
        _ => statement,
    }]
}

/// The action on a version of an object, of the one on the object.
fn of_version(action: &str) -> &str {
    match action {
        "GetObject" => "GetObjectVersion",
        "GetObjectAttributes" => "GetObjectVersionAttributes",
        "GetObjectTagging" => "GetObjectVersionTagging",
        "PutObjectTagging" => "PutObjectVersionTagging",
        "DeleteObject" => "DeleteObjectVersion",
        "DeleteObjectTagging" => "DeleteObjectVersionTagging",
        other => other,
    }
}

/// What DeleteObjects takes: another action for a version than for an object, and both where only
/// the input says which it is.
fn deletions(call: &Call) -> Vec<&'static str> {
    let delete = call.arguments.0.get("Delete");
    let listed = delete.and_then(|delete| delete.get("Objects"));
    let Some(objects) = listed.and_then(Value::as_array) else {
        return vec!["DeleteObject", "DeleteObjectVersion"];
    };
    let is_version =
        |object: &Value| object.get("VersionId").is_some() || object.get("VersionId.$").is_some();
    let mut actions = Vec::new();
    if objects.is_empty() || !objects.iter().all(is_version) {
        actions.push("DeleteObject");
    }
    if objects
        .iter()
        .any(|object| object.is_string() || is_version(object))
    {
        actions.push("DeleteObjectVersion");
    }
    actions
}

/// The bucket that the arguments name, or the stack's if only the input says which.
fn buckets(home: &Home, facts: &[Fact], call: &Call) -> Vec<String> {
    match call.arguments.text("Bucket") {
        Given::Text(name) => vec![home.bucket_arn(&name)],
        Given::Unknown { start } if !start.is_empty() => {
            vec![home.bucket_arn(&format!("{start}*"))]
        }
        Given::Unknown { .. } | Given::Absent => stack_buckets(home, facts),
    }
}

fn stack_buckets(home: &Home, facts: &[Fact]) -> Vec<String> {
    let buckets: Vec<String> = facts
        .iter()
        .filter_map(|fact| match fact {
            Fact::Bucket { name } => Some(home.bucket_arn(name)),
            _ => None,
        })
        .collect();
    if buckets.is_empty() {
        vec![home.bucket_arn("*")]
    } else {
        buckets
    }
}

fn objects(buckets: &[String], key: &str) -> Vec<String> {
    buckets
        .iter()
        .map(|bucket| format!("{bucket}/{key}"))
        .collect()
}

/// A copy reads one object, with its tags, and writes another.
fn copy(home: &Home, facts: &[Fact], call: &Call, reason: &str) -> Vec<Statement> {
    let source = match call.arguments.text("CopySource") {
        Given::Text(source) => {
            let source = source.trim_start_matches('/');
            let source = source.split('?').next().unwrap_or(source);
            vec![home.bucket_arn(source)]
        }
        Given::Unknown { start } if start.contains('/') => {
            vec![home.bucket_arn(&format!("{}*", start.trim_start_matches('/')))]
        }
        Given::Unknown { .. } | Given::Absent => objects(&stack_buckets(home, facts), "*"),
    };
    let key = call.arguments.text("Key").pattern("*");
    let target = objects(&buckets(home, facts, call), &key);
    vec![
        Statement::allow(
            "ReadCopySource",
            copy_source_actions(&call.arguments.text("CopySource")),
            source,
            reason,
        ),
        Statement::allow(
            "CallS3",
            ["s3:PutObject", "s3:PutObjectTagging"],
            target,
            reason,
        ),
    ]
}

/// What reads the source of a copy, `BUCKET/KEY` or `BUCKET/KEY?versionId=ID`.
fn copy_source_actions(source: &Given) -> [&'static str; 2] {
    match source {
        Given::Text(text) | Given::Unknown { start: text } if text.contains("?versionId=") => {
            ["s3:GetObjectVersion", "s3:GetObjectVersionTagging"]
        }
        _ => ["s3:GetObject", "s3:GetObjectTagging"],
    }
}

fn results(home: &Home, facts: &[Fact], call: &Call, reason: &str) -> Statement {
    let prefix = match call.arguments.text("Prefix") {
        Given::Text(prefix) => format!("{}/*", prefix.trim_end_matches('/')),
        other => other.pattern("*"),
    };
    Statement::allow(
        "WriteMapResults",
        [
            "s3:AbortMultipartUpload",
            "s3:GetObject",
            "s3:ListMultipartUploadParts",
            "s3:PutObject",
        ],
        objects(&buckets(home, facts, call), &prefix),
        reason.replace("calls PutObject", "writes the results of its items"),
    )
}

#[cfg(test)]
mod tests {
    use super::super::tests::allowed;
    use serde_json::json;

    fn s3(operation: &str, arguments: serde_json::Value) -> Vec<String> {
        allowed(&format!("aws-sdk:s3:{operation}"), &arguments)
    }

    #[test]
    fn operations_of_s3_are_allowed_by_their_own_actions() {
        let object = json!({"Bucket": "b", "Key": "k"});
        assert_eq!(
            s3("headObject", object.clone()),
            ["s3:GetObject arn:aws:s3:::b/k"]
        );
        assert_eq!(s3("getObject", object), ["s3:GetObject arn:aws:s3:::b/k"]);
        assert_eq!(
            s3("listObjectsV2", json!({"Bucket": "b"})),
            ["s3:ListBucket arn:aws:s3:::b"]
        );
        assert_eq!(s3("listBuckets", json!({})), ["s3:ListAllMyBuckets *"]);
        assert_eq!(
            s3(
                "getObject",
                json!({"Bucket": "b", "Key": "k", "VersionId": "v"})
            ),
            ["s3:GetObjectVersion arn:aws:s3:::b/k"]
        );
        assert_eq!(
            s3(
                "deleteObjects",
                json!({"Bucket": "b", "Delete": {"Objects": []}})
            ),
            ["s3:DeleteObject arn:aws:s3:::b/*"]
        );
    }

    #[test]
    fn versions_have_actions_of_their_own() {
        let version = json!({"Bucket": "b", "Key": "k", "VersionId": "v"});
        assert_eq!(
            s3("getObjectTagging", version.clone()),
            ["s3:GetObjectVersionTagging arn:aws:s3:::b/k"]
        );
        assert_eq!(
            s3("getObjectAttributes", version),
            [
                "s3:GetObjectVersion arn:aws:s3:::b/k",
                "s3:GetObjectVersionAttributes arn:aws:s3:::b/k"
            ]
        );
        let delete =
            |objects: serde_json::Value| json!({"Bucket": "b", "Delete": {"Objects": objects}});
        assert_eq!(
            s3(
                "deleteObjects",
                delete(json!([{"Key": "k", "VersionId": "v"}]))
            ),
            ["s3:DeleteObjectVersion arn:aws:s3:::b/*"]
        );
        let both = [
            "s3:DeleteObject arn:aws:s3:::b/*",
            "s3:DeleteObjectVersion arn:aws:s3:::b/*",
        ];
        let mixed = json!([{"Key": "a"}, {"Key": "b", "VersionId.$": "$.v"}]);
        assert_eq!(s3("deleteObjects", delete(mixed)), both);
        assert_eq!(
            s3(
                "deleteObjects",
                json!({"Bucket": "b", "Delete": {"Objects.$": "$.objects"}})
            ),
            both
        );
        assert_eq!(
            s3(
                "copyObject",
                json!({"Bucket": "b", "Key": "k", "CopySource": "a/x?versionId=v"})
            )[..2],
            [
                "s3:GetObjectVersion arn:aws:s3:::a/x",
                "s3:GetObjectVersionTagging arn:aws:s3:::a/x",
            ]
        );
    }

    #[test]
    fn an_object_that_is_written_with_tags_takes_the_right_to_tag_it() {
        let tagged = json!({"Bucket": "b", "Key": "k", "Tagging": "a=b"});
        for operation in ["putObject", "createMultipartUpload"] {
            assert_eq!(
                s3(operation, tagged.clone()),
                [
                    "s3:PutObject arn:aws:s3:::b/k",
                    "s3:PutObjectTagging arn:aws:s3:::b/k"
                ]
            );
        }
    }

    #[test]
    fn a_copy_reads_here_and_writes_there() {
        assert_eq!(
            s3(
                "copyObject",
                json!({"Bucket": "b", "Key": "k", "CopySource": "a/x"})
            ),
            [
                "s3:GetObject arn:aws:s3:::a/x",
                "s3:GetObjectTagging arn:aws:s3:::a/x",
                "s3:PutObject arn:aws:s3:::b/k",
                "s3:PutObjectTagging arn:aws:s3:::b/k",
            ]
        );
    }

    #[test]
    fn a_bucket_that_only_the_input_names_is_one_of_the_stacks() {
        assert_eq!(
            s3(
                "getObject",
                json!({"Bucket.$": "$.b", "Key.$": "States.Format('films/{}', $.k)"})
            ),
            ["s3:GetObject arn:aws:s3:::data/films/*"]
        );
    }
}
