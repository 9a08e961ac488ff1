//! Who calls, and where.

use std::sync::Arc;

use iam_policy::Document;

/// The account of the embedded cloud.
pub const ACCOUNT: &str = "000000000000";

/// The identity behind a call and the region that it is made in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    pub account: String,
    pub region: String,
    pub principal: Principal,
}

/// The account's root, or a session of a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principal {
    Root,
    Role {
        /// The role's name, without its path.
        name: String,
        /// The role's own ARN is looked up by name; this is the session's name.
        session: String,
        /// The most that the session can do, where its AssumeRole said so.
        policies: Option<Arc<[Document]>>,
    },
}

impl Caller {
    /// The account's root, who may do everything.
    pub fn root(region: &str) -> Self {
        Self {
            account: ACCOUNT.to_owned(),
            region: region.to_owned(),
            principal: Principal::Root,
        }
    }

    /// A session of the role of this name.
    pub fn assumed(account: &str, region: &str, role_name: &str, session: &str) -> Self {
        Self {
            account: account.to_owned(),
            region: region.to_owned(),
            principal: Principal::Role {
                name: role_name.to_owned(),
                session: session.to_owned(),
                policies: None,
            },
        }
    }

    /// The ARN by which AWS names the caller.
    pub fn arn(&self) -> String {
        match &self.principal {
            Principal::Root => format!("arn:aws:iam::{}:root", self.account),
            Principal::Role { name, session, .. } => {
                format!(
                    "arn:aws:sts::{}:assumed-role/{name}/{session}",
                    self.account
                )
            }
        }
    }
}
