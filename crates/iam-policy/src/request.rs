//! Who asks for what.

use crate::context::Context;

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principal {
    /// The root of an account.
    Root { account: String },
    /// A user of IAM.
    User {
        account: String,
        /// The user's ARN, with its path.
        arn: String,
    },
    /// A session of a role.
    Role {
        account: String,
        /// The role's own ARN, with its path.
        role_arn: String,
        session_arn: String,
    },
    /// An AWS service, such as `glue.amazonaws.com`.
    Service(String),
}

impl Principal {
    /// A session of a role that has no path.
    pub fn role(account: &str, name: &str, session: &str) -> Self {
        Self::Role {
            account: account.to_owned(),
            role_arn: format!("arn:aws:iam::{account}:role/{name}"),
            session_arn: format!("arn:aws:sts::{account}:assumed-role/{name}/{session}"),
        }
    }

    /// A user that has no path.
    pub fn user(account: &str, name: &str) -> Self {
        Self::User {
            account: account.to_owned(),
            arn: format!("arn:aws:iam::{account}:user/{name}"),
        }
    }

    /// The ARNs that a policy may name it by, the narrowest first and its account's last; none for
    /// a service.
    pub(crate) fn arns(&self) -> Vec<String> {
        let root = |account: &str| format!("arn:aws:iam::{account}:root");
        match self {
            Self::Root { account } => vec![root(account)],
            Self::User { account, arn } => vec![arn.clone(), root(account)],
            Self::Role {
                account,
                role_arn,
                session_arn,
            } => vec![session_arn.clone(), role_arn.clone(), root(account)],
            Self::Service(_) => Vec::new(),
        }
    }
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub principal: Principal,
    pub action: String,
    pub resource: String,
    pub context: Context,
}

impl Request {
    /// A request with the condition keys that follow from the principal.
    ///
    /// Source: IAM User Guide, "AWS global condition context keys".
    pub fn new(principal: Principal, action: &str, resource: &str) -> Self {
        let mut context = Context::default();
        let is_service = matches!(principal, Principal::Service(_));
        context.set("aws:PrincipalIsAWSService", is_service.to_string());
        context.set("aws:ViaAWSService", "false");
        let mut of_account = |account: &str, arn: &str, kind: &str| {
            context.set("aws:PrincipalArn", arn);
            context.set("aws:PrincipalAccount", account);
            context.set("aws:PrincipalType", kind);
        };
        match &principal {
            Principal::Root { account } => {
                of_account(account, &format!("arn:aws:iam::{account}:root"), "Account");
                context.set("aws:userid", account.clone());
            }
            Principal::User { account, arn } => {
                of_account(account, arn, "User");
                let name = arn.rsplit('/').next().unwrap_or_default();
                context.set("aws:username", name);
            }
            Principal::Role {
                account, role_arn, ..
            } => of_account(account, role_arn, "AssumedRole"),
            Principal::Service(name) => context.set("aws:PrincipalServiceName", name.clone()),
        }
        Self {
            principal,
            action: action.to_owned(),
            resource: resource.to_owned(),
            context,
        }
    }
}
