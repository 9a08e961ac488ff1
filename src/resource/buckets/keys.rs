//! The keys of a bucket's table.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{cors, encryption, lifecycle, logging, object_lock, ownership, policy};
use super::{public_access_block, request_payment, versioning};
use crate::stack::types::BucketName;

/// A bucket in S3. New ones block public access, have no ACLs and are encrypted, as AWS makes
/// them.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Keys {
    /// The bucket's name. Default: `STACK-ID-ACCOUNT`.
    #[schemars(extend("x-aws" = "CreateBucket.Bucket"))]
    pub name: Option<BucketName>,
    /// Tags beside the stack's.
    #[serde(default)]
    #[schemars(extend("x-aws" = "PutBucketTagging.Tagging.TagSet"))]
    pub tags: BTreeMap<String, String>,
    /// Whether S3 keeps the old versions of objects: `Enabled` or true, `Suspended` or false.
    #[schemars(extend("x-aws" = "PutBucketVersioning.VersioningConfiguration.Status"))]
    pub versioning: Option<versioning::Status>,
    /// How objects are encrypted that do not say so themselves: an algorithm, or a table with the
    /// KMS key. AWS's default: `AES256`.
    #[schemars(extend("x-aws" = "PutBucketEncryption.ServerSideEncryptionConfiguration.Rules"))]
    pub encryption: Option<encryption::Keys>,
    /// Objects are deleted when they are this many days old. Without it, they stay.
    #[schemars(range(min = 1))]
    #[schemars(extend("x-aws" = "PutBucketLifecycleConfiguration.Rules.Expiration.Days"))]
    pub expire_after_days: Option<i32>,
    /// What becomes of objects with time: all rules of the bucket but that of
    /// `expire_after_days`. An empty list takes them away.
    #[schemars(length(max = 999))]
    #[schemars(extend("x-aws" = "PutBucketLifecycleConfiguration.Rules"))]
    pub lifecycle_rules: Option<Vec<lifecycle::Rule>>,
    /// Below which size lifecycle rules leave objects in their storage class.
    #[schemars(extend("x-aws" = "PutBucketLifecycleConfiguration.TransitionDefaultMinimumObjectSize"))]
    pub transition_default_minimum_object_size: Option<lifecycle::MinimumSize>,
    /// Whether the public is kept out: true or false for all four flags, or a table with some.
    #[schemars(extend("x-aws" = "PutPublicAccessBlock.PublicAccessBlockConfiguration"))]
    pub public_access_block: Option<public_access_block::Keys>,
    /// Who owns the objects that others write.
    #[schemars(extend("x-aws" = "PutBucketOwnershipControls.OwnershipControls.Rules.ObjectOwnership"))]
    pub object_ownership: Option<ownership::Key>,
    /// Who else may do what: the policy as a table, or the JSON file it is in, relative to
    /// `stack.toml`; false for none. In `Resource`, `/` is the bucket and `/films/*` are objects in
    /// it.
    #[schemars(extend("x-aws" = "PutBucketPolicy.Policy"))]
    pub policy: Option<policy::Key>,
    /// Which other origins' pages may use the bucket from a browser. An empty list takes the rules
    /// away.
    #[schemars(length(max = 100))]
    #[schemars(extend("x-aws" = "PutBucketCors.CORSConfiguration.CORSRules"))]
    pub cors_rules: Option<Vec<cors::Rule>>,
    /// Into which bucket S3 writes who used this one; false for none.
    #[schemars(extend("x-aws" = "PutBucketLogging.BucketLoggingStatus.LoggingEnabled"))]
    pub logging: Option<logging::Key>,
    /// Whether S3 tells EventBridge what happens to objects. Notifications of queues, topics and
    /// functions are left alone.
    #[schemars(extend("x-aws" = "PutBucketNotificationConfiguration.EventBridgeConfiguration"))]
    pub eventbridge: Option<bool>,
    /// Whether versions of objects can be locked, which keeps versions too. To disable it takes a
    /// new bucket.
    #[schemars(extend("x-aws" = "CreateBucket.ObjectLockEnabledForBucket", "x-change" = "in place; anew where it becomes `false`"))]
    pub object_lock_enabled: Option<bool>,
    /// How long new versions are locked that do not say so themselves; false for not at all.
    #[schemars(extend("x-aws" = "PutObjectLockConfiguration.Rule.DefaultRetention"))]
    pub default_retention: Option<object_lock::Key>,
    /// Whether uploads from afar may go in at AWS's edge: `Enabled` or true, `Suspended` or false.
    #[schemars(extend("x-aws" = "PutBucketAccelerateConfiguration.AccelerateConfiguration.Status"))]
    pub accelerate: Option<versioning::Status>,
    /// Who pays for requests and downloads.
    #[schemars(extend("x-aws" = "PutBucketRequestPayment.RequestPaymentConfiguration.Payer"))]
    pub payer: Option<request_payment::Key>,
}

impl Keys {
    /// Whether versions of objects can be locked.
    pub fn locks_objects(&self) -> bool {
        self.object_lock_enabled.unwrap_or(matches!(
            self.default_retention,
            Some(object_lock::Key::For(_))
        ))
    }
}
