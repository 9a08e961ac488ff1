//! How objects are encrypted by default. It is said of them, and their files are in the clear.

use rusqlite::Connection;
use s3s::dto::*;

use super::super::{Call, errors};
use super::{Setting, get, load, put};
use crate::error::ServiceError;

pub(super) const ENCRYPTION: Setting = Setting {
    kind: "encryption",
    get: "s3:GetEncryptionConfiguration",
    put: "s3:PutEncryptionConfiguration",
    unset: (
        "ServerSideEncryptionConfigurationNotFoundError",
        "The server side encryption configuration was not found",
    ),
};

pub(super) fn default_encryption() -> ServerSideEncryptionConfiguration {
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

/// The encryption of objects that say nothing of their own: the algorithm and the KMS key.
pub fn encryption_of(
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

pub async fn get_bucket_encryption(
    call: &Call,
    input: GetBucketEncryptionInput,
) -> Result<GetBucketEncryptionOutput, ServiceError> {
    Ok(GetBucketEncryptionOutput {
        server_side_encryption_configuration: Some(get(call, &input.bucket, &ENCRYPTION)?),
    })
}

pub async fn put_bucket_encryption(
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
pub async fn delete_bucket_encryption(
    call: &Call,
    input: DeleteBucketEncryptionInput,
) -> Result<DeleteBucketEncryptionOutput, ServiceError> {
    put(call, &input.bucket, &ENCRYPTION, &default_encryption())?;
    Ok(DeleteBucketEncryptionOutput::default())
}
