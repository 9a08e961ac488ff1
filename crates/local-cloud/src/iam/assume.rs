//! Taking roles: a service that takes a crawler's or a state machine's, and one role that takes
//! another. What the trust policy says decides it, over the condition keys of the request.

use chrono::Utc;
use iam_policy::{Decision, Document, Principal, Request, Source};
use rusqlite::Connection;

use super::authorize::{self, Asked};
use super::{StoredRole, context, roles};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;

const ACTION: &str = "sts:AssumeRole";

/// A service that takes a role on behalf of one of its resources.
#[derive(Clone, Copy, Debug)]
pub struct ServiceCaller<'a> {
    /// `glue.amazonaws.com`
    pub principal: &'a str,
    /// The ARN of the resource, which is `aws:SourceArn`.
    pub source_arn: &'a str,
    /// The name of the session.
    pub session: &'a str,
}

/// Why a service cannot take a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CannotAssume {
    /// There is no role of this name or ARN.
    NoSuchRole,
    /// Its trust policy does not let the service in.
    NotTrusted,
}

/// Takes a role for a service: gives the caller that the service then is. The role is named by its
/// ARN, or by its name, before which its path may stand.
pub fn assume_for_service(
    cloud: &Cloud,
    region: &str,
    role: &str,
    by: ServiceCaller<'_>,
) -> Result<Result<Caller, CannotAssume>, ServiceError> {
    let account = cloud.account();
    let found = cloud.store().read(|c| named(c, role))?;
    let Some(found) = found.filter(|f| !role.starts_with("arn:") || f.arn(account) == role) else {
        return Ok(Err(CannotAssume::NoSuchRole));
    };
    let who = Principal::Service(by.principal.to_owned());
    let mut request = Request::new(who, ACTION, &found.arn(account));
    request.context.set_request(account, region, Utc::now());
    let session = by.session;
    request.context.set_source(account, by.source_arn, session);
    if context::asks_for_tags(&found.trust) {
        context::of_resource(&mut request.context, cloud, ACTION, &request.resource);
    }
    if !lets_in(trust(&found).as_ref(), &request) {
        return Ok(Err(CannotAssume::NotTrusted));
    }
    Ok(Ok(Caller::assumed(account, region, &found.name, session)))
}

/// Whether a caller may take a role, which its ARN names: the role's trust policy has to let the
/// caller in, and where that trusts the whole account, the caller's own policies have to allow it
/// too. `keys` are the condition keys that the request brings, such as `sts:ExternalId`. Gives the
/// role, or the refusal in AWS's words.
///
/// Source of the words: IAM User Guide, "Troubleshoot access denied error messages".
pub(crate) fn assume_role(
    cloud: &Cloud,
    caller: &Caller,
    role: &str,
    keys: &[(&str, &str)],
) -> Result<Result<StoredRole, String>, ServiceError> {
    let found = cloud.store().read(|c| named(c, role))?;
    let Some(found) = found.filter(|f| f.arn(cloud.account()) == role) else {
        return Ok(Err(format!(
            "User: {} is not authorized to perform: {ACTION} on resource: {role}",
            caller.arn()
        )));
    };
    let with_tags = context::asks_for_tags(&found.trust);
    let asked = match Asked::new(cloud, caller, ACTION, role, keys, with_tags) {
        Ok(asked) => asked,
        Err(denied) => return Ok(Err(denied.to_string())),
    };
    let trust = trust(&found);
    let reason = match asked.decide(trust.as_ref()) {
        Decision::ExplicitDeny {
            source: Source::Resource,
            ..
        } => Some("with an explicit deny in the role trust policy".to_owned()),
        _ if !lets_in(trust.as_ref(), &asked.request) => Some(format!(
            "because no role trust policy allows the {ACTION} action"
        )),
        decision => authorize::reason(&decision, ACTION),
    };
    Ok(match reason {
        Some(reason) => Err(asked.denied(caller, reason).to_string()),
        None => Ok(found),
    })
}

/// Takes a role as another role: gives the caller that it then is, or the refusal in AWS's words.
/// `keys` are as [`assume_role`] has them.
pub(crate) fn assume_from(
    cloud: &Cloud,
    caller: &Caller,
    role: &str,
    session: &str,
    keys: &[(&str, &str)],
) -> Result<Result<Caller, String>, ServiceError> {
    let mut all = vec![("sts:RoleSessionName", session)];
    all.extend(keys);
    let taken = assume_role(cloud, caller, role, &all)?;
    let (account, region) = (cloud.account(), &caller.region);
    Ok(taken.map(|role| Caller::assumed(account, region, &role.name, session)))
}

/// The role of the name that an ARN or a path ends with.
fn named(c: &Connection, role: &str) -> Result<Option<StoredRole>, ServiceError> {
    roles::find(c, role.rsplit('/').next().unwrap_or_default())
}

/// The trust policy of a role. One that cannot be read is none, and lets nobody in.
fn trust(role: &StoredRole) -> Option<Document> {
    Document::parse(&role.trust).ok()
}

fn lets_in(trust: Option<&Document>, request: &Request) -> bool {
    trust.is_some_and(|trust| iam_policy::may_assume(trust, &request.principal, &request.context))
}
