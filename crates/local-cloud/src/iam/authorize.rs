//! Whether a caller may do something.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::Utc;
use iam_policy::{
    Context, Decision, Document, Lacking, Policies, Principal as Who, Request, Source, evaluate,
};
use parking_lot::Mutex;
use serde_json::Value;

use super::{attachments, aws_managed, context, policies, role_policies, roles};
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
    /// Whether a policy looks at the tags of what is asked for; they are read only then.
    asks_for_tags: bool,
}

impl Permissions {
    pub fn identity(&self) -> &[Document] {
        &self.identity
    }

    pub fn boundary(&self) -> Option<&Document> {
        self.boundary.as_ref()
    }

    /// Sets the condition keys of a session of the role.
    fn set_keys(&self, caller: &Caller, context: &mut Context) {
        if let Principal::Role { session, .. } = &caller.principal {
            context.set("aws:userid", format!("{}:{session}", self.role_id));
        }
        for (key, value) in &self.tags {
            context.set(&format!("aws:PrincipalTag/{key}"), value.clone());
        }
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
    if caller.principal == Principal::Root {
        return Ok(());
    }
    let whole = with_path(cloud, resource);
    let resource = whole.as_deref().unwrap_or(resource);
    decide(cloud, caller, action, resource, context, None)
}

/// The ARN of a role with its path, which requests that name a role do not have.
fn with_path(cloud: &Cloud, resource: &str) -> Option<String> {
    let (_, name) = resource
        .strip_prefix("arn:aws:iam::")?
        .split_once(":role/")?;
    // Where it cannot be read, the ARN stays as the request has it.
    let role = cloud.store().read(|c| roles::find(c, name)).ok()??;
    Some(role.arn(cloud.account()))
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
    // No policy of the account's own limits its root.
    if caller.principal == Principal::Root && resource_policy.is_none() {
        return Ok(());
    }
    let asked = Asked::new(cloud, caller, action, resource, context, false)?;
    match reason(&asked.decide(resource_policy), action) {
        None => Ok(()),
        Some(reason) => Err(asked.denied(caller, reason)),
    }
}

/// A request with its condition keys, and the policies of who makes it.
pub(super) struct Asked {
    pub request: Request,
    /// None of the account's root.
    permissions: Option<Arc<Permissions>>,
    session: Option<Arc<[Document]>>,
}

impl Asked {
    /// `keys` are the condition keys that are the request's own. The tags of the resource are among
    /// them where a policy of the caller looks at them, or `with_tags` says that another one does.
    pub fn new(
        cloud: &Cloud,
        caller: &Caller,
        action: &str,
        resource: &str,
        keys: &[(&str, &str)],
        with_tags: bool,
    ) -> Result<Self, Denied> {
        let permissions = permissions_of(cloud, caller)
            .map_err(|reason| denied(caller, action, resource, reason))?;
        let who = who(caller, permissions.as_deref());
        let mut request = Request::new(who, action, resource);
        request
            .context
            .set_request(&caller.account, &caller.region, Utc::now());
        if let Some(permissions) = &permissions {
            permissions.set_keys(caller, &mut request.context);
        }
        if with_tags || permissions.as_ref().is_some_and(|p| p.asks_for_tags) {
            context::of_resource(&mut request.context, cloud, action, resource);
        }
        context::set_all(&mut request.context, keys);
        Ok(Self {
            request,
            permissions,
            session: match &caller.principal {
                Principal::Role { policies, .. } => policies.clone(),
                Principal::Root => None,
            },
        })
    }

    /// What its policies say of it, and that of the resource.
    pub fn decide(&self, resource_policy: Option<&Document>) -> Decision {
        let permissions = self.permissions.as_deref();
        let policies = Policies {
            identity: permissions.map_or(&[][..], Permissions::identity),
            boundary: permissions.and_then(Permissions::boundary),
            session: self.session.as_deref(),
            resource: resource_policy,
        };
        evaluate(&self.request, &policies)
    }

    /// Its refusal, for a reason in AWS's words.
    pub fn denied(&self, caller: &Caller, reason: String) -> Denied {
        denied(caller, &self.request.action, &self.request.resource, reason)
    }
}

fn denied(caller: &Caller, action: &str, resource: &str, reason: String) -> Denied {
    Denied {
        user: caller.arn(),
        action: action.to_owned(),
        resource: resource.to_owned(),
        reason,
    }
}

/// The policies of a caller, of which the root has none; or why there are none.
fn permissions_of(cloud: &Cloud, caller: &Caller) -> Result<Option<Arc<Permissions>>, String> {
    let Principal::Role { name, .. } = &caller.principal else {
        return Ok(None);
    };
    match permissions(cloud, name) {
        Ok(Some(found)) => Ok(Some(found)),
        Ok(None) => Err(format!("because the role {name} does not exist")),
        Err(error) => Err(format!(
            "because its policies cannot be read: {}",
            error.message
        )),
    }
}

/// Who a caller is to a policy.
fn who(caller: &Caller, permissions: Option<&Permissions>) -> Who {
    let account = caller.account.clone();
    match permissions {
        Some(permissions) => Who::Role {
            account,
            role_arn: permissions.role_arn.clone(),
            session_arn: caller.arn(),
        },
        None => Who::Root { account },
    }
}

/// Why a request is refused, in AWS's words; `None` if it is not.
///
/// Source: IAM User Guide, "Troubleshoot access denied error messages".
pub(super) fn reason(decision: &Decision, action: &str) -> Option<String> {
    match decision {
        Decision::Allowed => None,
        Decision::ExplicitDeny { source, .. } => Some(format!(
            "with an explicit deny in {}",
            match source {
                Source::Identity => "an identity-based policy",
                Source::Boundary => "a permissions boundary",
                Source::Session => "a session policy",
                Source::Resource => "a resource-based policy",
            }
        )),
        Decision::ImplicitDeny { lacking } => Some(format!(
            "because no {} allows the {action} action",
            match lacking {
                Lacking::Identity => "identity-based policy",
                Lacking::Boundary => "permissions boundary",
                Lacking::Session => "session policy",
            }
        )),
    }
}

/// The condition keys that follow from the tags in a request: `aws:RequestTag/KEY` and
/// `aws:TagKeys`.
pub(crate) fn request_tags(input: &Value) -> Vec<(String, String)> {
    let tags = ["Tags", "tags", "TagsToAdd"]
        .iter()
        .find_map(|member| input.get(member));
    let mut found: Vec<(String, String)> = Vec::new();
    match tags {
        Some(Value::Object(map)) => {
            let texts = map.iter().filter_map(|(k, v)| Some((k, v.as_str()?)));
            found.extend(texts.map(|(k, v)| (k.clone(), v.to_owned())));
        }
        Some(Value::Array(list)) => {
            for tag in list {
                let text = |upper: &str, lower: &str| {
                    let value = tag.get(upper).or_else(|| tag.get(lower));
                    value.and_then(Value::as_str).map(str::to_owned)
                };
                if let Some(key) = text("Key", "key") {
                    found.push((key, text("Value", "value").unwrap_or_default()));
                }
            }
        }
        _ => {}
    }
    let keys = found
        .iter()
        .map(|(k, _)| ("aws:TagKeys".to_owned(), k.clone()));
    let values = found
        .iter()
        .map(|(k, v)| (format!("aws:RequestTag/{k}"), v.clone()));
    keys.chain(values).collect()
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
        let asks_for_tags = documents.iter().any(|text| context::asks_for_tags(text));
        let found = Arc::new(Permissions {
            asks_for_tags,
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
pub(crate) fn document_of(
    c: &rusqlite::Connection,
    arn: &str,
) -> Result<Option<String>, ServiceError> {
    if let Some(managed) = aws_managed::find(arn) {
        return Ok(Some(managed.document.to_owned()));
    }
    policies::default_document(c, arn)
}
