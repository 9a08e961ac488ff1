//! A setting of a bucket: a sub-resource that is read, compared and put by itself.

use serde_json::Value;

use super::Bucket;
use super::accelerate::Accelerate;
use super::cors::Cors;
use super::encryption::Encryption;
use super::lifecycle::Lifecycle;
use super::logging::Logging;
use super::notification::Notification;
use super::object_lock::ObjectLock;
use super::ownership::Ownership;
use super::policy::Policy;
use super::public_access_block::PublicAccessBlock;
use super::request_payment::RequestPayment;
use super::versioning::Versioning;
use crate::cloud::Cloud;
use crate::resource::{Call, Fields, Problem, Work};

/// All of them, in the order in which they are put: a public policy needs its block lifted before,
/// and a lock needs versions.
pub(super) static SETTINGS: &[&dyn Setting] = &[
    &PublicAccessBlock,
    &Ownership,
    &Versioning,
    &ObjectLock,
    &Encryption,
    &Policy,
    &Lifecycle,
    &Cors,
    &Logging,
    &Notification,
    &Accelerate,
    &RequestPayment,
];

/// One sub-resource of buckets.
pub(super) trait Setting: Sync {
    /// What is wrong with its keys beyond their shape.
    fn check(&self, _bucket: &Bucket) -> Vec<Problem> {
        Vec::new()
    }

    /// The fields that `stack.toml` sets. A setting without any is nobody's, and not asked for.
    fn desired(&self, bucket: &Bucket) -> Fields;

    /// Its fields as they are.
    fn read<'a>(&'a self, cloud: &'a Cloud, bucket: &'a Bucket) -> Call<'a, Fields>;

    /// The fields that a new bucket has as they are here, so that nothing needs to be put.
    fn of_new(&self) -> Fields {
        Fields::new()
    }

    /// Whether two values of a field mean the same to S3.
    fn same(&self, _field: &str, desired: &Value, live: &Value) -> bool {
        desired == live
    }

    /// Puts what `stack.toml` sets and keeps what it does not.
    fn put<'a>(&'a self, work: &'a Work<'a>, bucket: &'a Bucket) -> Call<'a, ()>;
}

/// The setting that a field is of.
pub(super) fn setting_of(bucket: &Bucket, field: &str) -> Option<&'static dyn Setting> {
    SETTINGS
        .iter()
        .copied()
        .find(|setting| setting.desired(bucket).contains_key(field))
}

/// Whether a new bucket is already as a setting wants it.
pub(super) fn is_as_new(setting: &dyn Setting, bucket: &Bucket) -> bool {
    let new = setting.of_new();
    setting.desired(bucket).iter().all(|(field, desired)| {
        let live = new.get(field);
        live.is_some_and(|live| desired == live || setting.same(field, desired, live))
    })
}
