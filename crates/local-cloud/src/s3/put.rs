//! PutObject.

use s3s::dto::{
    ChecksumAlgorithm, ETag, ObjectLockLegalHoldStatus, ObjectLockMode, PutObjectInput,
    PutObjectOutput, ServerSideEncryption, StorageClass, Timestamp,
};

use super::checksum::{self, Wanted};
use super::object_lock::Lock;
use super::versions::{self, Conditions, Meta};
use super::{Call, access, bodies, configuration, errors, seconds, tagging};
use crate::error::ServiceError;

pub(super) async fn put_object(
    call: &Call,
    mut input: PutObjectInput,
) -> Result<PutObjectOutput, ServiceError> {
    access::enter(call, &input.bucket, "s3:PutObject", Some(&input.key))?;
    check_acl(input.acl.as_ref().map(s3s::dto::ObjectCannedACL::as_str))?;
    if input.sse_customer_algorithm.is_some() {
        return Err(errors::not_implemented(
            "encryption with keys that the customer provides",
        ));
    }
    if input.write_offset_bytes.is_some() {
        return Err(errors::not_implemented("appends"));
    }
    let tags = tagging::from_header(call, &input.bucket, &input.key, input.tagging.as_deref())?;
    let named = input
        .checksum_algorithm
        .as_ref()
        .map(ChecksumAlgorithm::as_str);
    let wanted = Wanted::of(call, checksum::given!(input), named)?;
    let body = input.body.take();
    let written = bodies::receive(call.cloud.store(), body, wanted.algorithm).await?;
    wanted.verify(call, &written.sum)?;
    checksum::verify_md5(input.content_md5.as_deref(), &written.md5)?;
    let (encryption, kms_key) = encryption(
        call,
        &input.bucket,
        input.server_side_encryption.as_ref(),
        input.ssekms_key_id,
    )?;
    let meta = Meta {
        content_type: input.content_type,
        cache_control: input.cache_control,
        content_disposition: input.content_disposition,
        content_encoding: content_encoding(input.content_encoding),
        content_language: input.content_language,
        expires: input.expires.as_ref().map(seconds),
        redirect: input.website_redirect_location,
        user: input.metadata.unwrap_or_default().into_iter().collect(),
        tags,
        storage_class: storage_class(input.storage_class.as_ref())?,
        encryption,
        kms_key,
        sum: Some(written.sum.clone()),
        parts: Vec::new(),
        lock: Lock::of_headers(
            input.object_lock_mode.as_ref().map(ObjectLockMode::as_str),
            input.object_lock_retain_until_date.as_ref(),
            input
                .object_lock_legal_hold_status
                .as_ref()
                .map(ObjectLockLegalHoldStatus::as_str),
        )?,
    };
    let etag = written.etag();
    let conditions = Conditions {
        if_match: input.if_match,
        if_none_match: input.if_none_match,
    };
    let put = versions::put(
        call,
        &input.bucket,
        &input.key,
        written,
        &etag,
        &meta,
        &conditions,
        |_| Ok(Vec::new()),
    )?;
    let mut output = PutObjectOutput {
        e_tag: Some(ETag::Strong(etag)),
        version_id: put.shown_id(),
        server_side_encryption: Some(ServerSideEncryption::from(meta.encryption)),
        ssekms_key_id: meta.kms_key,
        checksum_type: meta.sum.as_ref().map(checksum::Sum::kind),
        ..Default::default()
    };
    checksum::show!(output, meta.sum.as_ref());
    Ok(output)
}

/// `aws-chunked` is how the body travelled, and not what the object is encoded with.
pub(super) fn content_encoding(given: Option<String>) -> Option<String> {
    let rest: Vec<&str> = given
        .as_deref()?
        .split(',')
        .map(str::trim)
        .filter(|e| !e.is_empty() && !e.eq_ignore_ascii_case("aws-chunked"))
        .collect();
    (!rest.is_empty()).then(|| rest.join(","))
}

/// Objects of buckets without ACLs take only those that say what is so anyway.
pub(super) fn check_acl(acl: Option<&str>) -> Result<(), ServiceError> {
    match acl {
        None | Some("private" | "bucket-owner-full-control") => Ok(()),
        Some(_) => Err(ServiceError::new(
            "AccessControlListNotSupported",
            "The bucket does not allow ACLs",
        )),
    }
}

/// The storage class to remember; `STANDARD` is not said.
pub(super) fn storage_class(given: Option<&StorageClass>) -> Result<Option<String>, ServiceError> {
    match given.map(StorageClass::as_str) {
        None | Some("STANDARD") => Ok(None),
        Some(
            class @ ("STANDARD_IA"
            | "ONEZONE_IA"
            | "INTELLIGENT_TIERING"
            | "GLACIER_IR"
            | "REDUCED_REDUNDANCY"),
        ) => Ok(Some(class.to_owned())),
        Some("GLACIER" | "DEEP_ARCHIVE") => Err(errors::not_implemented(
            "storage classes that have to be restored from",
        )),
        Some(_) => Err(ServiceError::new(
            "InvalidStorageClass",
            "The storage class you specified is not valid",
        )),
    }
}

/// How an object is encrypted: as the request says, or as the bucket does by default.
pub(super) fn encryption(
    call: &Call,
    bucket: &str,
    given: Option<&ServerSideEncryption>,
    key: Option<String>,
) -> Result<(String, Option<String>), ServiceError> {
    match given.map(ServerSideEncryption::as_str) {
        Some(algorithm @ ("AES256" | "aws:kms" | "aws:kms:dsse")) => {
            Ok((algorithm.to_owned(), key))
        }
        Some(_) => Err(ServiceError::new(
            "InvalidEncryptionAlgorithmError",
            "The encryption request that you specified is not valid. Valid values are AES256, aws:kms and aws:kms:dsse.",
        )),
        None => call
            .cloud
            .store()
            .read(|c| configuration::encryption_of(c, bucket)),
    }
}

pub(super) fn expires(seconds: Option<i64>) -> Option<Timestamp> {
    seconds.map(|s| super::timestamp(s * 1000))
}
