//! IAM: roles, policies, and whether a call is allowed.

mod account;
mod assume;
mod attachments;
mod authorize;
mod aws_managed;
mod context;
pub mod permissions;
mod policies;
mod policy_versions;
mod resource_tags;
mod role_policies;
mod roles;
mod simulate;

use std::collections::BTreeMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use rand::RngExt as _;
use rusqlite::Transaction;

pub use assume::{CannotAssume, ServiceCaller, assume_for_service};
pub(crate) use assume::{assume_from, assume_role};
pub use authorize::{Denied, authorize};
pub(crate) use authorize::{PolicyCache, decide, document_of, request_tags};
pub(crate) use roles::{StoredRole, find as find_role};

use crate::error::ServiceError;
use crate::model::iam::Tag;
use crate::paging;
use crate::service::{Protocol, Service, operations};

/// The tables of this service in the store. IAM is of the account, and of no region.
pub const SCHEMA: &str = "
CREATE TABLE iam_generation (value INTEGER NOT NULL);
INSERT INTO iam_generation VALUES (1);
CREATE TABLE iam_roles (name TEXT COLLATE NOCASE PRIMARY KEY, path TEXT NOT NULL, document TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE iam_role_policies (role TEXT COLLATE NOCASE, name TEXT, document TEXT NOT NULL, PRIMARY KEY (role, name)) WITHOUT ROWID;
CREATE TABLE iam_policies (arn TEXT PRIMARY KEY, name TEXT COLLATE NOCASE NOT NULL UNIQUE, document TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE iam_attachments (role TEXT COLLATE NOCASE, arn TEXT, PRIMARY KEY (role, arn)) WITHOUT ROWID;
CREATE INDEX iam_attachments_by_arn ON iam_attachments (arn);
";

pub(crate) static SERVICE: Service = Service {
    name: "iam",
    protocol: Protocol::Query {
        namespace: "https://iam.amazonaws.com/doc/2010-05-08/",
        version: "2010-05-08",
    },
    validation_code: "ValidationError",
    denied: ("AccessDenied", 403),
    operations: crate::model::iam::OPERATIONS,
    all: crate::model::iam::ALL,
    dispatch,
    needed: permissions::needed,
};

operations! {
    CreateRole => roles::create,
    GetRole => roles::get,
    ListRoles => roles::list,
    UpdateRole => roles::update,
    UpdateRoleDescription => roles::update_description,
    UpdateAssumeRolePolicy => roles::update_trust,
    DeleteRole => roles::delete,
    TagRole => roles::tag,
    UntagRole => roles::untag,
    ListRoleTags => roles::list_tags,
    PutRolePermissionsBoundary => roles::put_boundary,
    DeleteRolePermissionsBoundary => roles::delete_boundary,
    PutRolePolicy => role_policies::put,
    GetRolePolicy => role_policies::get,
    ListRolePolicies => role_policies::list,
    DeleteRolePolicy => role_policies::delete,
    ListInstanceProfilesForRole => roles::list_instance_profiles,
    CreatePolicy => policies::create,
    GetPolicy => policies::get,
    ListPolicies => policies::list,
    DeletePolicy => policies::delete,
    CreatePolicyVersion => policy_versions::create,
    GetPolicyVersion => policy_versions::get,
    ListPolicyVersions => policy_versions::list,
    SetDefaultPolicyVersion => policy_versions::set_default,
    DeletePolicyVersion => policy_versions::delete,
    TagPolicy => policies::tag,
    UntagPolicy => policies::untag,
    ListPolicyTags => policies::list_tags,
    AttachRolePolicy => attachments::attach,
    DetachRolePolicy => attachments::detach,
    ListAttachedRolePolicies => attachments::list_attached,
    ListEntitiesForPolicy => attachments::list_entities,
    SimulatePrincipalPolicy => simulate::principal_policy,
    SimulateCustomPolicy => simulate::custom_policy,
    GetAccountSummary => account::summary,
    GetUser => account::get_user,
    ListUsers => account::list_users,
    ListAccountAliases => account::list_aliases,
}

/// Tells every process that policies have changed.
fn changed(tx: &Transaction<'_>) -> Result<(), ServiceError> {
    tx.prepare_cached("UPDATE iam_generation SET value = value + 1")?
        .execute([])?;
    Ok(())
}

fn malformed(error: iam_policy::PolicyError) -> ServiceError {
    ServiceError::new("MalformedPolicyDocument", error.to_string())
}

/// A document as IAM hands it out, encoded as RFC 3986 says.
fn encoded(document: &str) -> String {
    const LEFT: &AsciiSet = &NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'_')
        .remove(b'.')
        .remove(b'~');
    utf8_percent_encode(document, LEFT).to_string()
}

/// A new id of the form that IAM gives out: a prefix for the kind, and 17 letters and digits.
pub(crate) fn ids(prefix: &str) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut rng = rand::rng();
    let mut id = prefix.to_owned();
    for _ in 0..17 {
        id.push(char::from(LETTERS[rng.random_range(0..LETTERS.len())]));
    }
    id
}

fn tags_of(tags: &BTreeMap<String, String>) -> Vec<Tag> {
    tags.iter()
        .map(|(key, value)| Tag {
            key: key.clone(),
            value: value.clone(),
        })
        .collect()
}

/// One page of a listing, in IAM's size.
fn page<T>(
    items: Vec<T>,
    marker: Option<&str>,
    size: Option<i32>,
    key_of: impl Fn(&T) -> String,
) -> Result<(Vec<T>, Option<String>), ServiceError> {
    let size = size.and_then(|n| usize::try_from(n).ok()).unwrap_or(100);
    paging::page(items, marker, size, "ValidationError", key_of)
}
