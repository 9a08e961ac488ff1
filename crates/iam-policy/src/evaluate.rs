//! Whether a request is allowed.
//!
//! Source: IAM User Guide, "Policy evaluation logic", for requests within one account.

use crate::condition::Context;
use crate::document::{Document, Effect, Named, Principals, Statement};
use crate::pattern::Pattern;

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principal {
    /// The root of an account.
    Root { account: String },
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
    pub fn new(principal: Principal, action: &str, resource: &str) -> Self {
        let mut context = Context::default();
        match &principal {
            Principal::Root { account } => {
                context.set("aws:PrincipalArn", format!("arn:aws:iam::{account}:root"));
                context.set("aws:PrincipalAccount", account.clone());
                context.set("aws:PrincipalType", "Account");
                context.set("aws:userid", account.clone());
            }
            Principal::Role {
                account, role_arn, ..
            } => {
                context.set("aws:PrincipalArn", role_arn.clone());
                context.set("aws:PrincipalAccount", account.clone());
                context.set("aws:PrincipalType", "AssumedRole");
            }
            Principal::Service(name) => {
                context.set("aws:PrincipalServiceName", name.clone());
                context.set("aws:PrincipalIsAWSService", "true");
            }
        }
        Self {
            principal,
            action: action.to_owned(),
            resource: resource.to_owned(),
            context,
        }
    }
}

/// The kind of policy that a decision comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Identity,
    Boundary,
    Resource,
}

/// The policy whose permission was missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lacking {
    Identity,
    Boundary,
}

/// The outcome of an evaluation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    Allowed,
    /// A statement denies it.
    ExplicitDeny {
        source: Source,
        sid: Option<String>,
    },
    /// No statement allows it.
    ImplicitDeny {
        lacking: Lacking,
    },
}

/// Decides a request by the policies of its principal, its boundary, and the resource's policy.
pub fn evaluate(
    request: &Request,
    identity: &[Document],
    boundary: Option<&Document>,
    resource_policy: Option<&Document>,
) -> Decision {
    let attached = identity
        .iter()
        .map(|d| (Source::Identity, d))
        .chain(boundary.map(|d| (Source::Boundary, d)))
        .chain(resource_policy.map(|d| (Source::Resource, d)));
    for (source, document) in attached {
        if let Some(statement) = document
            .statements
            .iter()
            .filter(|s| s.effect == Effect::Deny)
            .find(|s| applies(s, document, request, source))
        {
            return Decision::ExplicitDeny {
                source,
                sid: statement.sid.clone(),
            };
        }
    }
    let within_boundary = boundary.is_none_or(|b| allows(b, request, Source::Boundary).is_some());
    match resource_policy.and_then(|d| allows(d, request, Source::Resource)) {
        // A boundary limits a role, not a session that the resource's owner names.
        Some(Grant::ToThis { session: true }) => return Decision::Allowed,
        Some(Grant::ToThis { session: false }) if within_boundary => return Decision::Allowed,
        _ => {}
    }
    // The root has no policies, and needs none.
    let by_identity = matches!(request.principal, Principal::Root { .. })
        || identity
            .iter()
            .any(|d| allows(d, request, Source::Identity).is_some());
    if !by_identity {
        return Decision::ImplicitDeny {
            lacking: Lacking::Identity,
        };
    }
    if !within_boundary {
        return Decision::ImplicitDeny {
            lacking: Lacking::Boundary,
        };
    }
    Decision::Allowed
}

/// Whether a trust policy lets a principal assume its role. An account that is trusted as a whole
/// lets its principals in as far as their own policies do; that part is [`evaluate`]'s.
pub fn may_assume(trust: &Document, principal: &Principal, context: &Context) -> bool {
    let mut request = Request::new(principal.clone(), "sts:AssumeRole", "*");
    for (key, values) in context.iter() {
        request.context.set_all(key, values.to_vec());
    }
    let denied = trust
        .statements
        .iter()
        .any(|s| s.effect == Effect::Deny && applies(s, trust, &request, Source::Resource));
    !denied && allows(trust, &request, Source::Resource).is_some()
}

/// How a document grants a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Grant {
    /// To this principal, or everyone; `session` when the very session is named.
    ToThis { session: bool },
    /// To its account, which leaves the rest to the principal's own policies.
    ToAccount,
}

fn allows(document: &Document, request: &Request, source: Source) -> Option<Grant> {
    let mut found = None;
    for statement in &document.statements {
        if statement.effect != Effect::Allow || !applies(statement, document, request, source) {
            continue;
        }
        let grant = match &statement.principals {
            Some(principals) if source == Source::Resource => {
                grant_of(principals, &request.principal)
            }
            _ => Grant::ToThis { session: false },
        };
        match grant {
            Grant::ToThis { session: true } => return Some(grant),
            Grant::ToThis { session: false } => found = Some(grant),
            Grant::ToAccount => found = found.or(Some(grant)),
        }
    }
    found
}

fn grant_of(principals: &Principals, principal: &Principal) -> Grant {
    let Principal::Role {
        role_arn,
        session_arn,
        ..
    } = principal
    else {
        return Grant::ToThis { session: false };
    };
    if principals.entries.iter().any(|(_, v)| v == session_arn) {
        return Grant::ToThis { session: true };
    }
    let names_it = principals.all_but
        || principals
            .entries
            .iter()
            .any(|(_, v)| v == role_arn || v == "*");
    if names_it {
        Grant::ToThis { session: false }
    } else {
        Grant::ToAccount
    }
}

fn applies(statement: &Statement, document: &Document, request: &Request, source: Source) -> bool {
    let variables = document.has_variables.then_some(&request.context);
    let by_principal = match (&statement.principals, source) {
        (Some(principals), Source::Resource) => {
            let named = principals
                .entries
                .iter()
                .any(|(kind, value)| is_named(kind, value, &request.principal));
            named != principals.all_but
        }
        (None, Source::Resource) => false,
        _ => true,
    };
    let action = request.action.to_ascii_lowercase();
    by_principal
        && statement.actions.as_ref().is_some_and(|named| {
            is_among(named, |pattern| {
                Pattern::new(&pattern.to_ascii_lowercase(), None)
                    .is_some_and(|p| p.matches(&action))
            })
        })
        && statement.resources.as_ref().is_none_or(|named| {
            is_among(named, |pattern| {
                Pattern::new(pattern, variables).is_some_and(|p| p.matches(&request.resource))
            })
        })
        && statement
            .conditions
            .iter()
            .all(|c| c.holds(&request.context, document.has_variables))
}

fn is_among(named: &Named, matches: impl Fn(&str) -> bool) -> bool {
    let found = named.patterns().iter().any(|p| matches(p));
    found != matches!(named, Named::AllBut(_))
}

fn is_named(kind: &str, value: &str, principal: &Principal) -> bool {
    let is_account =
        |account: &str| value == account || value == format!("arn:aws:iam::{account}:root");
    match (kind, principal) {
        ("Service", Principal::Service(name)) => value == name,
        ("AWS", Principal::Root { account }) => value == "*" || is_account(account),
        (
            "AWS",
            Principal::Role {
                account,
                role_arn,
                session_arn,
            },
        ) => value == "*" || value == role_arn || value == session_arn || is_account(account),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const ACCOUNT: &str = "111122223333";

    fn policy(statements: Value) -> Document {
        Document::from_value(&json!({"Version": "2012-10-17", "Statement": statements})).unwrap()
    }

    fn get(resource: &str) -> Request {
        Request::new(
            Principal::role(ACCOUNT, "reader", "s"),
            "s3:GetObject",
            resource,
        )
    }

    #[test]
    fn what_no_policy_allows_is_denied() {
        assert_eq!(
            evaluate(&get("arn:aws:s3:::b/k"), &[], None, None),
            Decision::ImplicitDeny {
                lacking: Lacking::Identity
            }
        );
    }

    #[test]
    fn a_deny_wins_over_every_allow() {
        let all = policy(json!({"Effect": "Allow", "Action": "*", "Resource": "*"}));
        let no = policy(
            json!({"Sid": "No", "Effect": "Deny", "Action": "S3:get*", "Resource": "arn:aws:s3:::b/secret/*"}),
        );
        let both = [all, no];
        assert_eq!(
            evaluate(&get("arn:aws:s3:::b/k"), &both, None, None),
            Decision::Allowed
        );
        assert_eq!(
            evaluate(&get("arn:aws:s3:::b/secret/k"), &both, None, None),
            Decision::ExplicitDeny {
                source: Source::Identity,
                sid: Some("No".to_owned())
            }
        );
    }

    #[test]
    fn not_action_and_not_resource_are_all_the_others() {
        let rest = policy(
            json!({"Effect": "Allow", "NotAction": "s3:Put*", "NotResource": "arn:aws:s3:::b/x/*"}),
        );
        let rest = [rest];
        assert_eq!(
            evaluate(&get("arn:aws:s3:::b/k"), &rest, None, None),
            Decision::Allowed
        );
        assert_ne!(
            evaluate(&get("arn:aws:s3:::b/x/k"), &rest, None, None),
            Decision::Allowed
        );
        let mut put = get("arn:aws:s3:::b/k");
        put.action = "s3:PutObject".to_owned();
        assert_ne!(evaluate(&put, &rest, None, None), Decision::Allowed);
    }

    #[test]
    fn a_boundary_limits_what_the_policies_give() {
        let all = [policy(
            json!({"Effect": "Allow", "Action": "*", "Resource": "*"}),
        )];
        let boundary = policy(json!({"Effect": "Allow", "Action": "glue:*", "Resource": "*"}));
        assert_eq!(
            evaluate(&get("arn:aws:s3:::b/k"), &all, Some(&boundary), None),
            Decision::ImplicitDeny {
                lacking: Lacking::Boundary
            }
        );
    }

    #[test]
    fn a_bucket_policy_may_give_and_take() {
        let gives = policy(
            json!({"Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{ACCOUNT}:role/reader")}, "Action": "s3:*", "Resource": "arn:aws:s3:::b/*"}),
        );
        assert_eq!(
            evaluate(&get("arn:aws:s3:::b/k"), &[], None, Some(&gives)),
            Decision::Allowed
        );
        let to_account = policy(
            json!({"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "s3:*", "Resource": "*"}),
        );
        assert_ne!(
            evaluate(&get("arn:aws:s3:::b/k"), &[], None, Some(&to_account)),
            Decision::Allowed
        );
        let takes =
            policy(json!({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}));
        let root = Request::new(
            Principal::Root {
                account: ACCOUNT.to_owned(),
            },
            "s3:GetObject",
            "arn:aws:s3:::b/k",
        );
        assert_ne!(evaluate(&root, &[], None, Some(&takes)), Decision::Allowed);
        assert_eq!(evaluate(&root, &[], None, None), Decision::Allowed);
    }

    #[test]
    fn a_trust_policy_lets_in_whom_it_names() {
        let trust = policy(
            json!({"Effect": "Allow", "Principal": {"Service": ["glue.amazonaws.com", "states.amazonaws.com"]}, "Action": "sts:AssumeRole"}),
        );
        let none = Context::default();
        let service = |name: &str| Principal::Service(name.to_owned());
        assert!(may_assume(&trust, &service("glue.amazonaws.com"), &none));
        assert!(!may_assume(&trust, &service("athena.amazonaws.com"), &none));
        assert!(!may_assume(
            &trust,
            &Principal::Root {
                account: ACCOUNT.to_owned()
            },
            &none
        ));
    }
}
