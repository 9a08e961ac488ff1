//! The members that the requests of tasks may have.
//!
//! A member that nothing looks at would be lost without a word, so each is one that is heeded, one
//! of the API that is refused by its name, or none of the API. Source: the service model of S3.

use serde_json::{Map, Value};

use crate::error::ServiceError;

/// Members of every request: everything belongs to the one account, and nobody is billed.
const EVERYWHERE: &str = "ExpectedBucketOwner RequestPayer";

/// Each operation with the members that are heeded, and with the API's others.
static MEMBERS: &[(&str, &str, &str)] = &[
    (
        "AbortMultipartUpload",
        "Bucket Key UploadId",
        "IfMatchInitiatedTime",
    ),
    (
        "CompleteMultipartUpload",
        "Bucket Key UploadId MultipartUpload IfMatch IfNoneMatch",
        "ChecksumCRC32 ChecksumCRC32C ChecksumCRC64NVME ChecksumSHA1 ChecksumSHA256 \
         ChecksumSHA512 ChecksumMD5 ChecksumXXHASH64 ChecksumXXHASH3 ChecksumXXHASH128 \
         ChecksumType MpuObjectSize SSECustomerAlgorithm SSECustomerKey SSECustomerKeyMD5",
    ),
    (
        "CopyObject",
        "Bucket Key CopySource CopySourceIfMatch CopySourceIfModifiedSince \
         CopySourceIfNoneMatch CopySourceIfUnmodifiedSince ExpectedSourceBucketOwner \
         MetadataDirective TaggingDirective ChecksumAlgorithm ACL CacheControl \
         ContentDisposition ContentEncoding ContentLanguage ContentType Expires Metadata \
         ServerSideEncryption SSEKMSKeyId StorageClass Tagging WebsiteRedirectLocation \
         ObjectLockMode ObjectLockRetainUntilDate ObjectLockLegalHoldStatus",
        "GrantFullControl GrantRead GrantReadACP GrantWriteACP IfMatch IfNoneMatch \
         AnnotationDirective SSECustomerAlgorithm SSECustomerKey SSECustomerKeyMD5 \
         SSEKMSEncryptionContext BucketKeyEnabled CopySourceSSECustomerAlgorithm \
         CopySourceSSECustomerKey CopySourceSSECustomerKeyMD5 ObjectLockEventHold \
         ObjectLockEventHoldDurationDays ObjectLockEventHoldDurationYears",
    ),
    (
        "CreateBucket",
        "Bucket CreateBucketConfiguration",
        "ACL GrantFullControl GrantRead GrantReadACP GrantWrite GrantWriteACP \
         ObjectLockEnabledForBucket ObjectOwnership BucketNamespace",
    ),
    (
        "CreateMultipartUpload",
        "Bucket Key ChecksumAlgorithm ChecksumType ACL CacheControl ContentDisposition \
         ContentEncoding ContentLanguage ContentType Expires Metadata \
         ServerSideEncryption SSEKMSKeyId StorageClass Tagging WebsiteRedirectLocation \
         ObjectLockMode ObjectLockRetainUntilDate ObjectLockLegalHoldStatus",
        "GrantFullControl GrantRead GrantReadACP GrantWriteACP SSECustomerAlgorithm \
         SSECustomerKey SSECustomerKeyMD5 SSEKMSEncryptionContext BucketKeyEnabled \
         ObjectLockEventHold ObjectLockEventHoldDurationDays \
         ObjectLockEventHoldDurationYears",
    ),
    ("DeleteBucket", "Bucket", ""),
    ("DeleteBucketPolicy", "Bucket", ""),
    ("DeleteBucketTagging", "Bucket", ""),
    (
        "DeleteObject",
        "Bucket Key VersionId IfMatch",
        "MFA BypassGovernanceRetention IfMatchLastModifiedTime IfMatchSize",
    ),
    ("DeleteObjectTagging", "Bucket Key VersionId", ""),
    (
        "DeleteObjects",
        "Bucket Delete ChecksumAlgorithm",
        "MFA BypassGovernanceRetention",
    ),
    ("DeletePublicAccessBlock", "Bucket", ""),
    ("GetBucketLocation", "Bucket", ""),
    ("GetBucketPolicy", "Bucket", ""),
    ("GetBucketTagging", "Bucket", ""),
    ("GetBucketVersioning", "Bucket", ""),
    (
        "GetObject",
        "Bucket Key VersionId Range PartNumber IfMatch IfNoneMatch IfModifiedSince \
         IfUnmodifiedSince ChecksumMode ResponseCacheControl ResponseContentDisposition \
         ResponseContentEncoding ResponseContentLanguage ResponseContentType \
         ResponseExpires",
        "SSECustomerAlgorithm SSECustomerKey SSECustomerKeyMD5",
    ),
    (
        "GetObjectAttributes",
        "Bucket Key VersionId ObjectAttributes",
        "MaxParts PartNumberMarker SSECustomerAlgorithm SSECustomerKey SSECustomerKeyMD5",
    ),
    ("GetObjectTagging", "Bucket Key VersionId", ""),
    ("GetPublicAccessBlock", "Bucket", ""),
    ("HeadBucket", "Bucket", ""),
    (
        "HeadObject",
        "Bucket Key VersionId Range PartNumber IfMatch IfNoneMatch IfModifiedSince \
         IfUnmodifiedSince ChecksumMode ResponseCacheControl ResponseContentDisposition \
         ResponseContentEncoding ResponseContentLanguage ResponseContentType \
         ResponseExpires",
        "SSECustomerAlgorithm SSECustomerKey SSECustomerKeyMD5",
    ),
    (
        "ListBuckets",
        "Prefix BucketRegion MaxBuckets ContinuationToken",
        "",
    ),
    (
        "ListMultipartUploads",
        "Bucket Prefix Delimiter KeyMarker UploadIdMarker MaxUploads",
        "EncodingType",
    ),
    (
        "ListObjectVersions",
        "Bucket Prefix Delimiter KeyMarker VersionIdMarker MaxKeys",
        "EncodingType OptionalObjectAttributes",
    ),
    (
        "ListObjects",
        "Bucket Prefix Delimiter EncodingType Marker MaxKeys",
        "OptionalObjectAttributes",
    ),
    (
        "ListObjectsV2",
        "Bucket Prefix Delimiter EncodingType MaxKeys StartAfter ContinuationToken \
         FetchOwner",
        "OptionalObjectAttributes",
    ),
    (
        "ListParts",
        "Bucket Key UploadId MaxParts PartNumberMarker",
        "SSECustomerAlgorithm SSECustomerKey SSECustomerKeyMD5",
    ),
    (
        "PutBucketPolicy",
        "Bucket Policy ChecksumAlgorithm",
        "ContentMD5 ConfirmRemoveSelfBucketAccess",
    ),
    (
        "PutBucketTagging",
        "Bucket Tagging ChecksumAlgorithm",
        "ContentMD5",
    ),
    (
        "PutBucketVersioning",
        "Bucket VersioningConfiguration ChecksumAlgorithm",
        "ContentMD5 MFA",
    ),
    (
        "PutObject",
        "Bucket Key Body IfMatch IfNoneMatch ACL CacheControl ContentDisposition \
         ContentEncoding ContentLanguage ContentType Expires Metadata \
         ServerSideEncryption SSEKMSKeyId StorageClass Tagging WebsiteRedirectLocation \
         ObjectLockMode ObjectLockRetainUntilDate ObjectLockLegalHoldStatus \
         ChecksumAlgorithm ChecksumCRC32 ChecksumCRC32C ChecksumCRC64NVME ChecksumSHA1 \
         ChecksumSHA256 ContentMD5",
        "ContentLength ChecksumSHA512 ChecksumMD5 ChecksumXXHASH64 ChecksumXXHASH3 \
         ChecksumXXHASH128 GrantFullControl GrantRead GrantReadACP GrantWriteACP \
         WriteOffsetBytes SSECustomerAlgorithm SSECustomerKey SSECustomerKeyMD5 \
         SSEKMSEncryptionContext BucketKeyEnabled ObjectLockEventHold \
         ObjectLockEventHoldDurationDays ObjectLockEventHoldDurationYears",
    ),
    (
        "PutObjectTagging",
        "Bucket Key VersionId Tagging ChecksumAlgorithm",
        "ContentMD5",
    ),
    (
        "PutPublicAccessBlock",
        "Bucket PublicAccessBlockConfiguration ChecksumAlgorithm",
        "ContentMD5",
    ),
    (
        "UploadPart",
        "Bucket Key UploadId PartNumber Body ChecksumAlgorithm ChecksumCRC32 \
         ChecksumCRC32C ChecksumCRC64NVME ChecksumSHA1 ChecksumSHA256 ContentMD5",
        "ContentLength ChecksumSHA512 ChecksumMD5 ChecksumXXHASH64 ChecksumXXHASH3 \
         ChecksumXXHASH128 SSECustomerAlgorithm SSECustomerKey SSECustomerKeyMD5",
    ),
    (
        "UploadPartCopy",
        "Bucket Key UploadId PartNumber CopySource CopySourceRange \
         ExpectedSourceBucketOwner",
        "CopySourceIfMatch CopySourceIfModifiedSince CopySourceIfNoneMatch \
         CopySourceIfUnmodifiedSince SSECustomerAlgorithm SSECustomerKey \
         SSECustomerKeyMD5 CopySourceSSECustomerAlgorithm CopySourceSSECustomerKey \
         CopySourceSSECustomerKeyMD5",
    ),
];

/// The members of structures within requests, and of the items of lists, likewise.
static NESTED: &[(&str, &str, &str)] = &[
    (
        "CreateBucketConfiguration",
        "LocationConstraint",
        "Location Bucket Tags",
    ),
    ("Delete", "Objects Quiet", ""),
    ("MultipartUpload", "Parts", ""),
    ("Objects", "Key VersionId", "ETag LastModifiedTime Size"),
    (
        "Parts",
        "ETag PartNumber",
        "ChecksumCRC32 ChecksumCRC32C ChecksumCRC64NVME ChecksumSHA1 ChecksumSHA256 ChecksumSHA512 \
         ChecksumMD5 ChecksumXXHASH64 ChecksumXXHASH3 ChecksumXXHASH128",
    ),
    (
        "PublicAccessBlockConfiguration",
        "BlockPublicAcls BlockPublicPolicy IgnorePublicAcls RestrictPublicBuckets",
        "",
    ),
    ("TagSet", "Key Value", ""),
    ("Tagging", "TagSet", ""),
    ("VersioningConfiguration", "MFADelete Status", ""),
];

/// Checks that every member of a request is heeded. What is null is not given.
pub(super) fn check(operation: &str, given: &Map<String, Value>) -> Result<(), ServiceError> {
    match MEMBERS.iter().find(|(name, ..)| *name == operation) {
        Some((_, heeded, others)) => {
            let heeded = format!("{heeded} {EVERYWHERE}");
            check_members(operation, given, &heeded, others)
        }
        None => Ok(()),
    }
}

fn check_members(
    operation: &str,
    given: &Map<String, Value>,
    heeded: &str,
    others: &str,
) -> Result<(), ServiceError> {
    for (member, value) in given.iter().filter(|(_, value)| !value.is_null()) {
        let is_in = |names: &str| names.split_whitespace().any(|name| name == member);
        if is_in(heeded) {
            check_nested(operation, member, value)?;
        } else if is_in(others) {
            return Err(refusal(format!(
                "The embedded cloud does not have the member {member} of s3:{operation} in tasks."
            )));
        } else {
            return Err(refusal(format!(
                "The field \"{member}\" is not supported by Step Functions"
            )));
        }
    }
    Ok(())
}

fn check_nested(operation: &str, member: &str, value: &Value) -> Result<(), ServiceError> {
    let Some((_, heeded, others)) = NESTED.iter().find(|(name, ..)| *name == member) else {
        return Ok(());
    };
    let structures = match value {
        Value::Array(items) => items.as_slice(),
        one => std::slice::from_ref(one),
    };
    for structure in structures.iter().filter_map(Value::as_object) {
        check_members(operation, structure, heeded, others)?;
    }
    Ok(())
}

/// A request that is none of a task; no state can catch it by a name of S3's.
fn refusal(message: String) -> ServiceError {
    ServiceError::new("UnsupportedOperation", message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn refused(operation: &str, input: &Value) -> Option<String> {
        let refused = check(operation, input.as_object().unwrap()).err();
        refused.map(|error| error.message)
    }

    #[test]
    fn the_members_of_every_operation_are_known() {
        let known: Vec<&str> = MEMBERS.iter().map(|(name, ..)| *name).collect();
        assert_eq!(known, super::super::OPERATIONS);
    }

    #[test]
    fn a_member_is_heeded_or_refused_and_never_lost() {
        let put = json!({"Bucket": "b", "Key": "k", "Body": {"Bodyy": 1}, "CacheControl": null});
        assert_eq!(refused("PutObject", &put), None);
        let slip = json!({"Bucket": "b", "Key": "k", "Bodyy": "lost"});
        assert_eq!(
            refused("PutObject", &slip).as_deref(),
            Some("The field \"Bodyy\" is not supported by Step Functions")
        );
        let grant = json!({"Bucket": "b", "Key": "k", "GrantRead": "id=1"});
        assert_eq!(
            refused("PutObject", &grant).as_deref(),
            Some("The embedded cloud does not have the member GrantRead of s3:PutObject in tasks.")
        );
        let delete = json!({"Bucket": "b", "Delete": {"Objects": [{"Key": "k", "Version": "v"}]}});
        assert_eq!(
            refused("DeleteObjects", &delete).as_deref(),
            Some("The field \"Version\" is not supported by Step Functions")
        );
    }
}
