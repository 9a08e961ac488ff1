//! Whether a caller may do something.

use std::collections::HashMap;
use std::sync::Arc;

use iam_policy::{Decision, Document, Lacking, Principal as Who, Request, Source, evaluate};
use parking_lot::Mutex;

use super::{attachments, aws_managed, policies, role_policies, roles};
use crate::caller::{Caller, Principal};
use crate::cloud::Cloud;
use crate::error::ServiceError;

/// A refusal, in AWS's words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("User: {user} is not authorized to perform: {action} on resource: {resource} {reason}")]
pub struct Denied {
    pub user: String,
    pub action: String,
    pub resource: String,
    /// `because no identity-based policy allows the … action`, `with an explicit deny in …`.
    pub reason: String,
}

/// The policies of roles as they were read last, so that a call costs no parsing.
///
/// Every change of IAM raises a number in the store, in whatever process it is made; what was read
/// under another number is read again.
#[derive(Default)]
pub(crate) struct PolicyCache(Mutex<(i64, HashMap<String, Arc<Permissions>>)>);

/// What decides the requests of a role.
pub(super) struct Permissions {
    role_arn: String,
    role_id: String,
    tags: Vec<(String, String)>,
    identity: Vec<Document>,
    boundary: Option<Document>,
}

impl Permissions {
    pub fn identity(&self) -> &[Document] {
        &self.identity
    }

    pub fn boundary(&self) -> Option<&Document> {
        self.boundary.as_ref()
    }
}

/// Allows the root everything and a role what its policies say.
///
/// `context` holds condition keys and their values.
pub fn authorize(
    cloud: &Cloud,
    caller: &Caller,
    action: &str,
    resource: &str,
    context: &[(&str, &str)],
) -> Result<(), Denied> {
    decide(cloud, caller, action, resource, context, None)
}

/// [`authorize`], with the policy of the resource.
pub(crate) fn decide(
    cloud: &Cloud,
    caller: &Caller,
    action: &str,
    resource: &str,
    context: &[(&str, &str)],
    resource_policy: Option<&Document>,
) -> Result<(), Denied> {
    let denied = |reason: String| Denied {
        user: caller.arn(),
        action: action.to_owned(),
        resource: resource.to_owned(),
        reason,
    };
    let permissions = match &caller.principal {
        // No policy of the account's own limits its root.
        Principal::Root if resource_policy.is_none() => return Ok(()),
        Principal::Root => None,
        Principal::Role { name, .. } => match permissions(cloud, name) {
            Ok(Some(found)) => Some(found),
            Ok(None) => return Err(denied(format!("because the role {name} does not exist"))),
            Err(error) => {
                return Err(denied(format!(
                    "because its policies cannot be read: {}",
                    error.message
                )));
            }
        },
    };
    let who = match (&caller.principal, &permissions) {
        (Principal::Role { .. }, Some(permissions)) => Who::Role {
            account: caller.account.clone(),
            role_arn: permissions.role_arn.clone(),
            session_arn: caller.arn(),
        },
        _ => Who::Root {
            account: caller.account.clone(),
        },
    };
    let mut request = Request::new(who, action, resource);
    let now = chrono::Utc::now();
    request.context.set(
        "aws:CurrentTime",
        now.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
    );
    request
        .context
        .set("aws:EpochTime", now.timestamp().to_string());
    request
        .context
        .set("aws:RequestedRegion", caller.region.clone());
    request.context.set("aws:SecureTransport", "true");
    request
        .context
        .set("aws:ResourceAccount", caller.account.clone());
    if let (Principal::Role { session, .. }, Some(permissions)) = (&caller.principal, &permissions)
    {
        request
            .context
            .set("aws:userid", format!("{}:{session}", permissions.role_id));
        for (key, value) in &permissions.tags {
            request
                .context
                .set(&format!("aws:PrincipalTag/{key}"), value.clone());
        }
    }
    for (key, value) in context {
        request.context.set(key, *value);
    }
    let (identity, boundary) = permissions
        .as_ref()
        .map_or((&[][..], None), |p| (&p.identity[..], p.boundary.as_ref()));
    match evaluate(&request, identity, boundary, resource_policy) {
        Decision::Allowed => Ok(()),
        Decision::ExplicitDeny { source, .. } => Err(denied(format!(
            "with an explicit deny in {}",
            match source {
                Source::Identity => "an identity-based policy",
                Source::Boundary => "a permissions boundary",
                Source::Resource => "a resource-based policy",
            }
        ))),
        Decision::ImplicitDeny { lacking } => Err(denied(format!(
            "because no {} allows the {action} action",
            match lacking {
                Lacking::Identity => "identity-based policy",
                Lacking::Boundary => "permissions boundary",
            }
        ))),
    }
}

/// The policies of a role, from the cache while nothing has changed.
pub(super) fn permissions(
    cloud: &Cloud,
    name: &str,
) -> Result<Option<Arc<Permissions>>, ServiceError> {
    cloud.store().read(|c| {
        let generation: i64 = c
            .prepare_cached("SELECT value FROM iam_generation")?
            .query_row([], |row| row.get(0))?;
        {
            let mut cache = cloud.policies().0.lock();
            if cache.0 != generation {
                *cache = (generation, HashMap::new());
            }
            if let Some(found) = cache.1.get(name) {
                return Ok(Some(found.clone()));
            }
        }
        let Some(role) = roles::find(c, name)? else {
            return Ok(None);
        };
        let mut documents = Vec::new();
        for (_, document) in role_policies::inline_policies(c, &role.name)? {
            documents.push(document);
        }
        for arn in attachments::attached(c, &role.name)? {
            documents.extend(document_of(c, &arn)?);
        }
        let parse = |text: String| Document::parse(&text).map_err(ServiceError::internal);
        let boundary = match &role.boundary {
            Some(arn) => document_of(c, arn)?.map(parse).transpose()?,
            None => None,
        };
        let found = Arc::new(Permissions {
            role_arn: role.arn(cloud.account()),
            role_id: role.id.clone(),
            tags: role.tags.clone().into_iter().collect(),
            identity: documents.into_iter().map(parse).collect::<Result<_, _>>()?,
            boundary,
        });
        let mut cache = cloud.policies().0.lock();
        if cache.0 == generation {
            cache.1.insert(name.to_owned(), found.clone());
        }
        Ok(Some(found))
    })
}

/// The document of a managed policy, AWS's or the account's.
fn document_of(c: &rusqlite::Connection, arn: &str) -> Result<Option<String>, ServiceError> {
    if let Some(managed) = aws_managed::find(arn) {
        return Ok(Some(managed.document.to_owned()));
    }
    policies::default_document(c, arn)
}
