//! What a bucket is set to: each setting is a sub-resource that is put, got and deleted whole.

use rusqlite::{Connection, OptionalExtension, Transaction};
use s3s::dto::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Call, access, buckets, errors};
use crate::error::ServiceError;
use iam_policy::{Document, Kind};

/// A setting's name in the store, the actions that read and write it, and the error while unset.
struct Setting {
    kind: &'static str,
    get: &'static str,
    put: &'static str,
    unset: (&'static str, &'static str),
}

const TAGGING: Setting = Setting {
    kind: "tagging",
    get: "s3:GetBucketTagging",
    put: "s3:PutBucketTagging",
    unset: ("NoSuchTagSet", "The TagSet does not exist"),
};
const LIFECYCLE: Setting = Setting {
    kind: "lifecycle",
    get: "s3:GetLifecycleConfiguration",
    put: "s3:PutLifecycleConfiguration",
    unset: (
        "NoSuchLifecycleConfiguration",
        "The lifecycle configuration does not exist",
    ),
};
const ENCRYPTION: Setting = Setting {
    kind: "encryption",
    get: "s3:GetEncryptionConfiguration",
    put: "s3:PutEncryptionConfiguration",
    unset: (
        "ServerSideEncryptionConfigurationNotFoundError",
        "The server side encryption configuration was not found",
    ),
};
const PUBLIC_ACCESS: Setting = Setting {
    kind: "public-access-block",
    get: "s3:GetBucketPublicAccessBlock",
    put: "s3:PutBucketPublicAccessBlock",
    unset: (
        "NoSuchPublicAccessBlockConfiguration",
        "The public access block configuration was not found",
    ),
};
const OWNERSHIP: Setting = Setting {
    kind: "ownership",
    get: "s3:GetBucketOwnershipControls",
    put: "s3:PutBucketOwnershipControls",
    unset: (
        "OwnershipControlsNotFoundError",
        "The bucket ownership controls were not found",
    ),
};
const POLICY: Setting = Setting {
    kind: "policy",
    get: "s3:GetBucketPolicy",
    put: "s3:PutBucketPolicy",
    unset: ("NoSuchBucketPolicy", "The bucket policy does not exist"),
};
const CORS: Setting = Setting {
    kind: "cors",
    get: "s3:GetBucketCORS",
    put: "s3:PutBucketCORS",
    unset: (
        "NoSuchCORSConfiguration",
        "The CORS configuration does not exist",
    ),
};

/// The settings of a new bucket: private, owned by its owner alone, encrypted with S3's keys.
pub(super) fn set_defaults(
    tx: &Transaction<'_>,
    bucket: &str,
    ownership: Option<&str>,
) -> Result<(), ServiceError> {
    let all = PublicAccessBlockConfiguration {
        block_public_acls: Some(true),
        block_public_policy: Some(true),
        ignore_public_acls: Some(true),
        restrict_public_buckets: Some(true),
    };
    store(tx, bucket, &PUBLIC_ACCESS, &all)?;
    store(tx, bucket, &ENCRYPTION, &default_encryption())?;
    let ownership = ownership.unwrap_or(ObjectOwnership::BUCKET_OWNER_ENFORCED);
    store(tx, bucket, &OWNERSHIP, &ownership)
}

fn default_encryption() -> ServerSideEncryptionConfiguration {
    ServerSideEncryptionConfiguration {
        rules: vec![ServerSideEncryptionRule {
            apply_server_side_encryption_by_default: Some(ServerSideEncryptionByDefault {
                kms_master_key_id: None,
                sse_algorithm: ServerSideEncryption::from_static(ServerSideEncryption::AES256),
            }),
            bucket_key_enabled: Some(false),
        }],
    }
}

fn store(
    c: &Connection,
    bucket: &str,
    setting: &Setting,
    value: &impl Serialize,
) -> Result<(), ServiceError> {
    c.prepare_cached(
        "INSERT INTO s3_settings VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET document = excluded.document",
    )?
    .execute((bucket, setting.kind, serde_json::to_string(value)?))?;
    Ok(())
}

fn load<T: DeserializeOwned>(
    c: &Connection,
    bucket: &str,
    setting: &Setting,
) -> Result<Option<T>, ServiceError> {
    let document: Option<String> = c
        .prepare_cached("SELECT document FROM s3_settings WHERE bucket = ?1 AND kind = ?2")?
        .query_row((bucket, setting.kind), |row| row.get(0))
        .optional()?;
    Ok(document.map(|d| serde_json::from_str(&d)).transpose()?)
}

fn get<T: DeserializeOwned>(
    call: &Call,
    bucket: &str,
    setting: &Setting,
) -> Result<T, ServiceError> {
    access::enter(call, bucket, setting.get, None)?;
    call.cloud
        .store()
        .read(|c| load(c, bucket, setting))?
        .ok_or_else(|| {
            let (code, message) = setting.unset;
            ServiceError::new(code, message)
                .with_status(404)
                .with("BucketName", bucket)
        })
}

fn put(
    call: &Call,
    bucket: &str,
    setting: &Setting,
    value: &impl Serialize,
) -> Result<(), ServiceError> {
    access::enter(call, bucket, setting.put, None)?;
    call.cloud.store().write(|tx| {
        buckets::find_in(tx, bucket)?;
        store(tx, bucket, setting, value)
    })
}

fn delete(call: &Call, bucket: &str, setting: &Setting, action: &str) -> Result<(), ServiceError> {
    access::enter(call, bucket, action, None)?;
    call.cloud.store().write(|tx| {
        tx.execute(
            "DELETE FROM s3_settings WHERE bucket = ?1 AND kind = ?2",
            (bucket, setting.kind),
        )?;
        Ok(())
    })
}

/// The encryption of objects that say nothing of their own: the algorithm and the KMS key.
pub(super) fn encryption_of(
    c: &Connection,
    bucket: &str,
) -> Result<(String, Option<String>), ServiceError> {
    let rules = load::<ServerSideEncryptionConfiguration>(c, bucket, &ENCRYPTION)?
        .unwrap_or_else(default_encryption)
        .rules;
    let default = rules
        .into_iter()
        .find_map(|rule| rule.apply_server_side_encryption_by_default);
    Ok(match default {
        Some(default) => (
            default.sse_algorithm.as_str().to_owned(),
            default.kms_master_key_id,
        ),
        None => (ServerSideEncryption::AES256.to_owned(), None),
    })
}

pub(super) fn check_tags(tags: &[Tag], limit: usize) -> Result<(), ServiceError> {
    let invalid = |message: &str| Err(ServiceError::new("InvalidTag", message));
    if tags.len() > limit {
        return Err(ServiceError::new(
            "BadRequest",
            format!("Object tags cannot be greater than {limit}"),
        ));
    }
    for (i, tag) in tags.iter().enumerate() {
        let key = tag.key.as_deref().unwrap_or_default();
        if key.is_empty() || key.chars().count() > 128 {
            return invalid("The TagKey you have provided is invalid");
        }
        if tag.value.as_deref().unwrap_or_default().chars().count() > 256 {
            return invalid("The TagValue you have provided is invalid");
        }
        if key.starts_with("aws:") {
            return invalid("System tags cannot be added/updated by requester");
        }
        if tags[..i].iter().any(|t| t.key == tag.key) {
            return invalid("Cannot provide multiple Tags with the same key");
        }
    }
    Ok(())
}

pub(super) async fn get_bucket_tagging(
    call: &Call,
    input: GetBucketTaggingInput,
) -> Result<GetBucketTaggingOutput, ServiceError> {
    let tagging: Tagging = get(call, &input.bucket, &TAGGING)?;
    Ok(GetBucketTaggingOutput {
        tag_set: tagging.tag_set,
    })
}

pub(super) async fn put_bucket_tagging(
    call: &Call,
    input: PutBucketTaggingInput,
) -> Result<PutBucketTaggingOutput, ServiceError> {
    check_tags(&input.tagging.tag_set, 50)?;
    put(call, &input.bucket, &TAGGING, &input.tagging)?;
    Ok(PutBucketTaggingOutput::default())
}

pub(super) async fn delete_bucket_tagging(
    call: &Call,
    input: DeleteBucketTaggingInput,
) -> Result<DeleteBucketTaggingOutput, ServiceError> {
    delete(call, &input.bucket, &TAGGING, TAGGING.put)?;
    Ok(DeleteBucketTaggingOutput::default())
}

pub(super) async fn get_bucket_lifecycle_configuration(
    call: &Call,
    input: GetBucketLifecycleConfigurationInput,
) -> Result<GetBucketLifecycleConfigurationOutput, ServiceError> {
    let lifecycle: BucketLifecycleConfiguration = get(call, &input.bucket, &LIFECYCLE)?;
    Ok(GetBucketLifecycleConfigurationOutput {
        rules: Some(lifecycle.rules),
        transition_default_minimum_object_size: Some(
            TransitionDefaultMinimumObjectSize::from_static(
                TransitionDefaultMinimumObjectSize::ALL_STORAGE_CLASSES_128K,
            ),
        ),
    })
}

pub(super) async fn put_bucket_lifecycle_configuration(
    call: &Call,
    input: PutBucketLifecycleConfigurationInput,
) -> Result<PutBucketLifecycleConfigurationOutput, ServiceError> {
    let mut lifecycle = input
        .lifecycle_configuration
        .ok_or_else(errors::malformed_xml)?;
    if lifecycle.rules.is_empty() || lifecycle.rules.len() > 1000 {
        return Err(errors::malformed_xml());
    }
    for rule in &mut lifecycle.rules {
        check_lifecycle_rule(rule)?;
        if rule.id.is_none() {
            rule.id = Some(uuid::Uuid::new_v4().to_string());
        }
    }
    put(call, &input.bucket, &LIFECYCLE, &lifecycle)?;
    Ok(PutBucketLifecycleConfigurationOutput {
        transition_default_minimum_object_size: input.transition_default_minimum_object_size,
    })
}

fn check_lifecycle_rule(rule: &LifecycleRule) -> Result<(), ServiceError> {
    let acts = rule.expiration.is_some()
        || rule.transitions.is_some()
        || rule.noncurrent_version_expiration.is_some()
        || rule.noncurrent_version_transitions.is_some()
        || rule.abort_incomplete_multipart_upload.is_some();
    if !acts {
        return Err(errors::invalid_request(
            "At least one action needs to be specified in a rule",
        ));
    }
    if rule.filter.is_some() == rule.prefix.is_some() || !is_status(rule.status.as_str()) {
        return Err(errors::malformed_xml());
    }
    let days = rule.expiration.as_ref().and_then(|e| e.days);
    if days.is_some_and(|days| days < 1) {
        return Err(errors::invalid_argument(
            "'Days' for Expiration action must be a positive integer",
        ));
    }
    Ok(())
}

fn is_status(status: &str) -> bool {
    ["Enabled", "Disabled"].contains(&status)
}

pub(super) async fn delete_bucket_lifecycle(
    call: &Call,
    input: DeleteBucketLifecycleInput,
) -> Result<DeleteBucketLifecycleOutput, ServiceError> {
    delete(call, &input.bucket, &LIFECYCLE, LIFECYCLE.put)?;
    Ok(DeleteBucketLifecycleOutput::default())
}

pub(super) async fn get_bucket_encryption(
    call: &Call,
    input: GetBucketEncryptionInput,
) -> Result<GetBucketEncryptionOutput, ServiceError> {
    Ok(GetBucketEncryptionOutput {
        server_side_encryption_configuration: Some(get(call, &input.bucket, &ENCRYPTION)?),
    })
}

pub(super) async fn put_bucket_encryption(
    call: &Call,
    input: PutBucketEncryptionInput,
) -> Result<PutBucketEncryptionOutput, ServiceError> {
    let configuration = input.server_side_encryption_configuration;
    if configuration.rules.len() != 1 {
        return Err(errors::malformed_xml());
    }
    put(call, &input.bucket, &ENCRYPTION, &configuration)?;
    Ok(PutBucketEncryptionOutput::default())
}

/// Sets the encryption back to S3's own keys; a bucket without any is no more.
pub(super) async fn delete_bucket_encryption(
    call: &Call,
    input: DeleteBucketEncryptionInput,
) -> Result<DeleteBucketEncryptionOutput, ServiceError> {
    put(call, &input.bucket, &ENCRYPTION, &default_encryption())?;
    Ok(DeleteBucketEncryptionOutput::default())
}

pub(super) async fn get_public_access_block(
    call: &Call,
    input: GetPublicAccessBlockInput,
) -> Result<GetPublicAccessBlockOutput, ServiceError> {
    Ok(GetPublicAccessBlockOutput {
        public_access_block_configuration: Some(get(call, &input.bucket, &PUBLIC_ACCESS)?),
    })
}

pub(super) async fn put_public_access_block(
    call: &Call,
    input: PutPublicAccessBlockInput,
) -> Result<PutPublicAccessBlockOutput, ServiceError> {
    let given = input.public_access_block_configuration;
    let block = PublicAccessBlockConfiguration {
        block_public_acls: Some(given.block_public_acls.unwrap_or(false)),
        block_public_policy: Some(given.block_public_policy.unwrap_or(false)),
        ignore_public_acls: Some(given.ignore_public_acls.unwrap_or(false)),
        restrict_public_buckets: Some(given.restrict_public_buckets.unwrap_or(false)),
    };
    put(call, &input.bucket, &PUBLIC_ACCESS, &block)?;
    Ok(PutPublicAccessBlockOutput::default())
}

pub(super) async fn delete_public_access_block(
    call: &Call,
    input: DeletePublicAccessBlockInput,
) -> Result<DeletePublicAccessBlockOutput, ServiceError> {
    delete(call, &input.bucket, &PUBLIC_ACCESS, PUBLIC_ACCESS.put)?;
    Ok(DeletePublicAccessBlockOutput::default())
}

pub(super) async fn get_bucket_ownership_controls(
    call: &Call,
    input: GetBucketOwnershipControlsInput,
) -> Result<GetBucketOwnershipControlsOutput, ServiceError> {
    let ownership: String = get(call, &input.bucket, &OWNERSHIP)?;
    Ok(GetBucketOwnershipControlsOutput {
        ownership_controls: Some(OwnershipControls {
            rules: vec![OwnershipControlsRule {
                object_ownership: ObjectOwnership::from(ownership),
            }],
        }),
    })
}

pub(super) async fn put_bucket_ownership_controls(
    call: &Call,
    input: PutBucketOwnershipControlsInput,
) -> Result<PutBucketOwnershipControlsOutput, ServiceError> {
    let [rule] = input.ownership_controls.rules.as_slice() else {
        return Err(errors::malformed_xml());
    };
    let ownership = rule.object_ownership.as_str();
    if ![
        ObjectOwnership::BUCKET_OWNER_ENFORCED,
        ObjectOwnership::BUCKET_OWNER_PREFERRED,
        ObjectOwnership::OBJECT_WRITER,
    ]
    .contains(&ownership)
    {
        return Err(errors::malformed_xml());
    }
    put(call, &input.bucket, &OWNERSHIP, &ownership)?;
    Ok(PutBucketOwnershipControlsOutput::default())
}

pub(super) async fn delete_bucket_ownership_controls(
    call: &Call,
    input: DeleteBucketOwnershipControlsInput,
) -> Result<DeleteBucketOwnershipControlsOutput, ServiceError> {
    delete(call, &input.bucket, &OWNERSHIP, OWNERSHIP.put)?;
    Ok(DeleteBucketOwnershipControlsOutput::default())
}

pub(super) async fn get_bucket_policy(
    call: &Call,
    input: GetBucketPolicyInput,
) -> Result<GetBucketPolicyOutput, ServiceError> {
    let policy: serde_json::Value = get(call, &input.bucket, &POLICY)?;
    Ok(GetBucketPolicyOutput {
        policy: Some(policy.to_string()),
    })
}

pub(super) async fn put_bucket_policy(
    call: &Call,
    input: PutBucketPolicyInput,
) -> Result<PutBucketPolicyOutput, ServiceError> {
    let malformed = |message: String| ServiceError::new("MalformedPolicy", message);
    let document = Document::parse_as(&input.policy, Kind::Resource)
        .map_err(|error| malformed(error.to_string()))?;
    let arn = format!("arn:aws:s3:::{}", input.bucket);
    let is_elsewhere = document
        .statements
        .iter()
        .filter_map(|s| s.resources.as_ref())
        .flat_map(iam_policy::Named::patterns)
        .any(|r| r != "*" && r.split('/').next() != Some(arn.as_str()) && !r.contains(['*', '$']));
    if is_elsewhere {
        return Err(malformed("Policy has invalid resource".to_owned()));
    }
    let is_public = is_public(&document);
    let blocks = call
        .cloud
        .store()
        .read(|c| load::<PublicAccessBlockConfiguration>(c, &input.bucket, &PUBLIC_ACCESS))?;
    if is_public && blocks.is_some_and(|b| b.block_public_policy == Some(true)) {
        return Err(ServiceError::new(
            "AccessDenied",
            format!(
                "User: {} is not authorized to perform: s3:PutBucketPolicy on resource: \"{arn}\" because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.",
                call.caller.arn()
            ),
        )
        .with_status(403));
    }
    let value: serde_json::Value = serde_json::from_str(&input.policy)?;
    put(call, &input.bucket, &POLICY, &value)?;
    Ok(PutBucketPolicyOutput::default())
}

/// Whether a statement lets everyone in, without a condition on who.
fn is_public(document: &Document) -> bool {
    document.statements.iter().any(|s| {
        s.effect == iam_policy::Effect::Allow
            && s.conditions.is_empty()
            && s.principals
                .as_ref()
                .is_some_and(|p| p.all_but || p.entries.iter().any(|(_, value)| value == "*"))
    })
}

pub(super) async fn delete_bucket_policy(
    call: &Call,
    input: DeleteBucketPolicyInput,
) -> Result<DeleteBucketPolicyOutput, ServiceError> {
    delete(call, &input.bucket, &POLICY, "s3:DeleteBucketPolicy")?;
    Ok(DeleteBucketPolicyOutput::default())
}

pub(super) async fn get_bucket_policy_status(
    call: &Call,
    input: GetBucketPolicyStatusInput,
) -> Result<GetBucketPolicyStatusOutput, ServiceError> {
    access::enter(call, &input.bucket, "s3:GetBucketPolicyStatus", None)?;
    let policy: serde_json::Value = get(call, &input.bucket, &POLICY)?;
    let is_public = Document::from_value(&policy).is_ok_and(|d| is_public(&d));
    Ok(GetBucketPolicyStatusOutput {
        policy_status: Some(PolicyStatus {
            is_public: Some(is_public),
        }),
    })
}

pub(super) async fn get_bucket_cors(
    call: &Call,
    input: GetBucketCorsInput,
) -> Result<GetBucketCorsOutput, ServiceError> {
    let cors: CORSConfiguration = get(call, &input.bucket, &CORS)?;
    Ok(GetBucketCorsOutput {
        cors_rules: Some(cors.cors_rules),
    })
}

pub(super) async fn put_bucket_cors(
    call: &Call,
    input: PutBucketCorsInput,
) -> Result<PutBucketCorsOutput, ServiceError> {
    put(call, &input.bucket, &CORS, &input.cors_configuration)?;
    Ok(PutBucketCorsOutput::default())
}

pub(super) async fn delete_bucket_cors(
    call: &Call,
    input: DeleteBucketCorsInput,
) -> Result<DeleteBucketCorsOutput, ServiceError> {
    delete(call, &input.bucket, &CORS, CORS.put)?;
    Ok(DeleteBucketCorsOutput::default())
}

pub(super) async fn get_bucket_versioning(
    call: &Call,
    input: GetBucketVersioningInput,
) -> Result<GetBucketVersioningOutput, ServiceError> {
    let bucket = access::enter(call, &input.bucket, "s3:GetBucketVersioning", None)?;
    Ok(GetBucketVersioningOutput {
        mfa_delete: None,
        status: bucket.versioning.map(BucketVersioningStatus::from),
    })
}

pub(super) async fn put_bucket_versioning(
    call: &Call,
    input: PutBucketVersioningInput,
) -> Result<PutBucketVersioningOutput, ServiceError> {
    access::enter(call, &input.bucket, "s3:PutBucketVersioning", None)?;
    let configuration = input.versioning_configuration;
    if configuration
        .mfa_delete
        .as_ref()
        .is_some_and(|m| m.as_str() == "Enabled")
    {
        return Err(errors::not_implemented("MFA delete"));
    }
    let status = configuration.status.ok_or_else(|| {
        ServiceError::new(
            "IllegalVersioningConfigurationException",
            "The Versioning element must be specified",
        )
    })?;
    if !["Enabled", "Suspended"].contains(&status.as_str()) {
        return Err(errors::malformed_xml());
    }
    call.cloud.store().write(|tx| {
        tx.execute(
            "UPDATE s3_buckets SET versioning = ?2 WHERE name = ?1",
            (&input.bucket, status.as_str()),
        )?;
        Ok(())
    })?;
    Ok(PutBucketVersioningOutput::default())
}
