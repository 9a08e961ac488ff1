//! STS: who calls, and sessions of roles.

mod assume_role;
mod identity;
pub mod permissions;

use std::sync::Arc;

use iam_policy::Document;

use crate::error::ServiceError;
use crate::service::{Protocol, Service, operations};

/// The tables of this service in the store.
pub const SCHEMA: &str = "CREATE TABLE IF NOT EXISTS sts_sessions (access_key TEXT PRIMARY KEY, secret TEXT NOT NULL, role_name TEXT NOT NULL, session_name TEXT NOT NULL, expires INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS sts_session_policies (access_key TEXT PRIMARY KEY, documents TEXT NOT NULL);";

pub(crate) static SERVICE: Service = Service {
    name: "sts",
    protocol: Protocol::Query {
        namespace: "https://sts.amazonaws.com/doc/2011-06-15/",
        version: "2011-06-15",
    },
    validation_code: "ValidationError",
    denied: ("AccessDenied", 403),
    operations: crate::model::sts::OPERATIONS,
    all: crate::model::sts::ALL,
    dispatch,
    needed: permissions::needed,
};

operations! {
    AssumeRole => assume_role::assume_role,
    GetCallerIdentity => identity::get_caller_identity,
    GetSessionToken => identity::get_session_token,
    GetAccessKeyInfo => identity::get_access_key_info,
}

/// A session of a role, as AssumeRole issued it.
pub(crate) struct Session {
    pub secret: String,
    pub role_name: String,
    pub session_name: String,
    /// The session policies, where there are some.
    pub policies: Option<Arc<[Document]>>,
}

/// The session behind an access key, while it has not expired.
pub(crate) fn session(
    cloud: &crate::Cloud,
    access_key: &str,
) -> Result<Option<Session>, crate::ServiceError> {
    use rusqlite::OptionalExtension;
    cloud.store().read(|c| {
        let documents: Option<String> = c
            .prepare_cached("SELECT documents FROM sts_session_policies WHERE access_key = ?1")?
            .query_row([access_key], |row| row.get(0))
            .optional()?;
        let policies = documents.map(|texts| parse(&texts)).transpose()?;
        Ok(c.prepare_cached("SELECT secret, role_name, session_name FROM sts_sessions WHERE access_key = ?1 AND expires > ?2")?
            .query_row((access_key, chrono::Utc::now().timestamp()), |row| {
                Ok(Session { secret: row.get(0)?, role_name: row.get(1)?, session_name: row.get(2)?, policies })
            })
            .optional()?)
    })
}

/// Reads the documents of a session, kept as a list of texts.
fn parse(texts: &str) -> Result<Arc<[Document]>, ServiceError> {
    let texts: Vec<String> = serde_json::from_str(texts)?;
    texts
        .iter()
        .map(|text| Document::parse(text).map_err(ServiceError::internal))
        .collect()
}
