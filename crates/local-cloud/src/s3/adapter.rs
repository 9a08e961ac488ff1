//! S3 as it is spoken: s3s's trait over the operations, its callers and its host names.

use async_trait::async_trait;
use futures::future::BoxFuture;
use s3s::auth::{S3Auth, SecretKey};
use s3s::dto::*;
use s3s::host::{S3Host, VirtualHost};
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s::{S3, S3Error, S3ErrorCode, S3Request, S3Response, S3Result};

use super::Call;
use super::route::Route;
use super::{
    buckets, configuration, copy, delete, get, listing, multipart, object_lock, put, tagging,
    unset, version_listing,
};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::router;

/// The service as s3s speaks it; made for a request, as one that the cloud kept would keep the cloud.
pub fn service(cloud: Cloud) -> S3Service {
    let mut builder = S3ServiceBuilder::new(Adapter {
        cloud: cloud.clone(),
    });
    builder.set_route(Route {
        cloud: cloud.clone(),
    });
    builder.set_auth(Keys { cloud });
    builder.set_host(Hosts);
    builder.build()
}

struct Adapter {
    cloud: Cloud,
}

/// The access keys that the cloud knows.
struct Keys {
    cloud: Cloud,
}

#[async_trait]
impl S3Auth for Keys {
    async fn get_secret_key(&self, access_key: &str) -> S3Result<SecretKey> {
        match router::secret_of(&self.cloud, access_key) {
            Ok((secret, _)) => Ok(secret.into()),
            Err(_) => Err(ServiceError::new(
                "InvalidAccessKeyId",
                "The AWS Access Key Id you provided does not exist in our records.",
            )
            .with_status(403)
            .into()),
        }
    }
}

/// Finds the bucket in a host name: AWS's own names, and `BUCKET.s3.localhost` and the like.
pub(super) struct Hosts;

impl S3Host for Hosts {
    fn parse_host_header<'a>(&'a self, host: &'a str) -> S3Result<VirtualHost<'a>> {
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
        let labels: Vec<&str> = name.split('.').collect();
        // The bucket is all before the label `s3` or `s3-REGION`, itself with dots perhaps.
        let at = labels
            .iter()
            .rposition(|l| *l == "s3" || l.starts_with("s3-"));
        let bucket = match at {
            Some(0) => None,
            Some(at) => Some(labels[..at].join(".")),
            None => name.strip_suffix(".localhost").map(str::to_owned),
        };
        let virtual_host = VirtualHost::new(host);
        Ok(match bucket {
            Some(bucket) => virtual_host.with_bucket(bucket),
            None => virtual_host,
        })
    }
}

/// The call that a request is.
pub(super) fn call_of<T>(cloud: &Cloud, request: &mut S3Request<T>) -> S3Result<Call> {
    let denied = |message: &'static str| S3Error::with_message(S3ErrorCode::AccessDenied, message);
    let credentials = request
        .credentials
        .as_ref()
        .ok_or_else(|| denied("Access Denied"))?;
    let (_, principal) = router::secret_of(cloud, &credentials.access_key)?;
    let header = |name: &str| request.headers.get(name).and_then(|v| v.to_str().ok());
    if header("x-amz-expected-bucket-owner").is_some_and(|o| o != cloud.account()) {
        return Err(denied("Access Denied"));
    }
    Ok(Call {
        cloud: cloud.clone(),
        caller: Caller {
            account: cloud.account().to_owned(),
            region: request
                .region
                .as_ref()
                .map_or("us-east-1", |r| r.as_str())
                .to_owned(),
            principal,
        },
        trailer: header("x-amz-trailer").map(|t| t.trim().to_lowercase()),
        trailers: request.trailing_headers.take(),
    })
}

/// The answer to a HEAD has no body, so its error has no code but the status.
fn without_body(error: ServiceError) -> S3Error {
    let code = match error.status {
        301 => "301 Moved Permanently",
        304 => "NotModified",
        403 => "Forbidden",
        404 => "NotFound",
        412 => "PreconditionFailed",
        _ => return error.into(),
    };
    let mut bare = ServiceError::new(code, error.message).with_status(error.status);
    bare.extra = error.extra;
    bare.into()
}

macro_rules! s3_operations {
    ($($operation:ident: $input:ident => $output:ident, $function:path $(, $map:path)?;)*) => {
        #[async_trait]
        impl S3 for Adapter {
            $(async fn $operation(&self, request: S3Request<$input>) -> S3Result<S3Response<$output>> {
                // A function of its own has none of the bounds that `async_trait` writes; under
                // those rustc proves for every operation anew that the whole cloud is `Send`.
                fn answer(
                    adapter: &Adapter,
                    mut request: S3Request<$input>,
                ) -> BoxFuture<'_, S3Result<S3Response<$output>>> {
                    Box::pin(async move {
                        let call = call_of(&adapter.cloud, &mut request)?;
                        let result = $function(&call, request.input).await;
                        $(let result = result.map_err($map);)?
                        Ok(S3Response::new(result?))
                    })
                }
                answer(self, request).await
            })*
        }
    };
}

s3_operations! {
    create_bucket: CreateBucketInput => CreateBucketOutput, buckets::create_bucket;
    head_bucket: HeadBucketInput => HeadBucketOutput, buckets::head_bucket, without_body;
    get_bucket_location: GetBucketLocationInput => GetBucketLocationOutput, buckets::get_bucket_location;
    list_buckets: ListBucketsInput => ListBucketsOutput, buckets::list_buckets;
    delete_bucket: DeleteBucketInput => DeleteBucketOutput, buckets::delete_bucket;
    get_bucket_tagging: GetBucketTaggingInput => GetBucketTaggingOutput, configuration::get_bucket_tagging;
    put_bucket_tagging: PutBucketTaggingInput => PutBucketTaggingOutput, configuration::put_bucket_tagging;
    delete_bucket_tagging: DeleteBucketTaggingInput => DeleteBucketTaggingOutput, configuration::delete_bucket_tagging;
    get_bucket_lifecycle_configuration: GetBucketLifecycleConfigurationInput => GetBucketLifecycleConfigurationOutput, configuration::get_bucket_lifecycle_configuration;
    put_bucket_lifecycle_configuration: PutBucketLifecycleConfigurationInput => PutBucketLifecycleConfigurationOutput, configuration::put_bucket_lifecycle_configuration;
    delete_bucket_lifecycle: DeleteBucketLifecycleInput => DeleteBucketLifecycleOutput, configuration::delete_bucket_lifecycle;
    get_bucket_encryption: GetBucketEncryptionInput => GetBucketEncryptionOutput, configuration::get_bucket_encryption;
    put_bucket_encryption: PutBucketEncryptionInput => PutBucketEncryptionOutput, configuration::put_bucket_encryption;
    delete_bucket_encryption: DeleteBucketEncryptionInput => DeleteBucketEncryptionOutput, configuration::delete_bucket_encryption;
    get_public_access_block: GetPublicAccessBlockInput => GetPublicAccessBlockOutput, configuration::get_public_access_block;
    put_public_access_block: PutPublicAccessBlockInput => PutPublicAccessBlockOutput, configuration::put_public_access_block;
    delete_public_access_block: DeletePublicAccessBlockInput => DeletePublicAccessBlockOutput, configuration::delete_public_access_block;
    get_bucket_ownership_controls: GetBucketOwnershipControlsInput => GetBucketOwnershipControlsOutput, configuration::get_bucket_ownership_controls;
    put_bucket_ownership_controls: PutBucketOwnershipControlsInput => PutBucketOwnershipControlsOutput, configuration::put_bucket_ownership_controls;
    delete_bucket_ownership_controls: DeleteBucketOwnershipControlsInput => DeleteBucketOwnershipControlsOutput, configuration::delete_bucket_ownership_controls;
    get_bucket_policy: GetBucketPolicyInput => GetBucketPolicyOutput, configuration::get_bucket_policy;
    put_bucket_policy: PutBucketPolicyInput => PutBucketPolicyOutput, configuration::put_bucket_policy;
    delete_bucket_policy: DeleteBucketPolicyInput => DeleteBucketPolicyOutput, configuration::delete_bucket_policy;
    get_bucket_policy_status: GetBucketPolicyStatusInput => GetBucketPolicyStatusOutput, configuration::get_bucket_policy_status;
    get_bucket_cors: GetBucketCorsInput => GetBucketCorsOutput, configuration::get_bucket_cors;
    put_bucket_cors: PutBucketCorsInput => PutBucketCorsOutput, configuration::put_bucket_cors;
    delete_bucket_cors: DeleteBucketCorsInput => DeleteBucketCorsOutput, configuration::delete_bucket_cors;
    get_bucket_versioning: GetBucketVersioningInput => GetBucketVersioningOutput, configuration::get_bucket_versioning;
    put_bucket_versioning: PutBucketVersioningInput => PutBucketVersioningOutput, configuration::put_bucket_versioning;
    get_bucket_acl: GetBucketAclInput => GetBucketAclOutput, unset::get_bucket_acl;
    get_object_acl: GetObjectAclInput => GetObjectAclOutput, unset::get_object_acl;
    get_bucket_notification_configuration: GetBucketNotificationConfigurationInput => GetBucketNotificationConfigurationOutput, configuration::get_bucket_notification_configuration;
    put_bucket_notification_configuration: PutBucketNotificationConfigurationInput => PutBucketNotificationConfigurationOutput, configuration::put_bucket_notification_configuration;
    get_bucket_logging: GetBucketLoggingInput => GetBucketLoggingOutput, configuration::get_bucket_logging;
    put_bucket_logging: PutBucketLoggingInput => PutBucketLoggingOutput, configuration::put_bucket_logging;
    get_bucket_request_payment: GetBucketRequestPaymentInput => GetBucketRequestPaymentOutput, configuration::get_bucket_request_payment;
    put_bucket_request_payment: PutBucketRequestPaymentInput => PutBucketRequestPaymentOutput, configuration::put_bucket_request_payment;
    get_bucket_accelerate_configuration: GetBucketAccelerateConfigurationInput => GetBucketAccelerateConfigurationOutput, configuration::get_bucket_accelerate_configuration;
    put_bucket_accelerate_configuration: PutBucketAccelerateConfigurationInput => PutBucketAccelerateConfigurationOutput, configuration::put_bucket_accelerate_configuration;
    get_bucket_website: GetBucketWebsiteInput => GetBucketWebsiteOutput, unset::get_bucket_website;
    get_bucket_replication: GetBucketReplicationInput => GetBucketReplicationOutput, unset::get_bucket_replication;
    get_object_lock_configuration: GetObjectLockConfigurationInput => GetObjectLockConfigurationOutput, configuration::get_object_lock_configuration;
    put_object_lock_configuration: PutObjectLockConfigurationInput => PutObjectLockConfigurationOutput, configuration::put_object_lock_configuration;
    put_object: PutObjectInput => PutObjectOutput, put::put_object;
    get_object: GetObjectInput => GetObjectOutput, get::get_object;
    get_object_attributes: GetObjectAttributesInput => GetObjectAttributesOutput, get::get_object_attributes;
    head_object: HeadObjectInput => HeadObjectOutput, get::head_object, without_body;
    copy_object: CopyObjectInput => CopyObjectOutput, copy::copy_object;
    delete_object: DeleteObjectInput => DeleteObjectOutput, delete::delete_object;
    delete_objects: DeleteObjectsInput => DeleteObjectsOutput, delete::delete_objects;
    list_objects: ListObjectsInput => ListObjectsOutput, listing::list_objects;
    list_objects_v2: ListObjectsV2Input => ListObjectsV2Output, listing::list_objects_v2;
    list_object_versions: ListObjectVersionsInput => ListObjectVersionsOutput, version_listing::list_object_versions;
    get_object_tagging: GetObjectTaggingInput => GetObjectTaggingOutput, tagging::get_object_tagging;
    put_object_tagging: PutObjectTaggingInput => PutObjectTaggingOutput, tagging::put_object_tagging;
    delete_object_tagging: DeleteObjectTaggingInput => DeleteObjectTaggingOutput, tagging::delete_object_tagging;
    get_object_retention: GetObjectRetentionInput => GetObjectRetentionOutput, object_lock::get_object_retention;
    put_object_retention: PutObjectRetentionInput => PutObjectRetentionOutput, object_lock::put_object_retention;
    get_object_legal_hold: GetObjectLegalHoldInput => GetObjectLegalHoldOutput, object_lock::get_object_legal_hold;
    put_object_legal_hold: PutObjectLegalHoldInput => PutObjectLegalHoldOutput, object_lock::put_object_legal_hold;
    create_multipart_upload: CreateMultipartUploadInput => CreateMultipartUploadOutput, multipart::create_multipart_upload;
    upload_part: UploadPartInput => UploadPartOutput, multipart::upload_part;
    upload_part_copy: UploadPartCopyInput => UploadPartCopyOutput, multipart::upload_part_copy;
    complete_multipart_upload: CompleteMultipartUploadInput => CompleteMultipartUploadOutput, multipart::complete_multipart_upload;
    abort_multipart_upload: AbortMultipartUploadInput => AbortMultipartUploadOutput, multipart::abort_multipart_upload;
    list_parts: ListPartsInput => ListPartsOutput, multipart::list_parts;
    list_multipart_uploads: ListMultipartUploadsInput => ListMultipartUploadsOutput, multipart::list_multipart_uploads;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_found_in_the_host_name() {
        let bucket = |host: &str| {
            let found = Hosts.parse_host_header(host).unwrap();
            found.bucket().map(str::to_owned)
        };
        assert_eq!(
            bucket("lake.s3.eu-west-1.amazonaws.com").as_deref(),
            Some("lake")
        );
        assert_eq!(
            bucket("my.lake.s3.amazonaws.com").as_deref(),
            Some("my.lake")
        );
        assert_eq!(bucket("s3.eu-west-1.amazonaws.com"), None);
        assert_eq!(bucket("lake.localhost:4566").as_deref(), Some("lake"));
        assert_eq!(bucket("localhost:4566"), None);
    }
}
