//! Roles that a service takes on someone's behalf: a crawler's, a state machine's.

use iam_policy::{Context, Document, Principal};

use super::{authorize, roles};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;

/// Why a service cannot take a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CannotAssume {
    /// There is no role of this name or ARN.
    NoSuchRole,
    /// Its trust policy does not name the service.
    NotTrusted,
}

/// Takes a role for a service, such as `glue.amazonaws.com`: gives the caller that the service
/// then is. The role is named by its ARN, or by its name, before which its path may stand.
pub fn assume_for_service(
    cloud: &Cloud,
    region: &str,
    role: &str,
    service: &str,
    session: &str,
) -> Result<Result<Caller, CannotAssume>, ServiceError> {
    let name = role.rsplit('/').next().unwrap_or_default();
    let found = cloud.store().read(|c| roles::find(c, name))?;
    let Some(found) = found.filter(|f| !role.starts_with("arn:") || f.arn(cloud.account()) == role)
    else {
        return Ok(Err(CannotAssume::NoSuchRole));
    };
    let mut context = Context::default();
    context.set("aws:SourceAccount", cloud.account());
    let trusted = Document::parse(&found.trust).is_ok_and(|trust| {
        iam_policy::may_assume(&trust, &Principal::Service(service.to_owned()), &context)
    });
    if !trusted {
        return Ok(Err(CannotAssume::NotTrusted));
    }
    Ok(Ok(Caller::assumed(
        cloud.account(),
        region,
        &found.name,
        session,
    )))
}

/// Takes a role as another role: the caller's policies and the role's trust policy both have to let
/// it. Gives the refusal, in AWS's words, where they do not.
pub(crate) fn assume_from(
    cloud: &Cloud,
    caller: &Caller,
    role: &str,
    session: &str,
) -> Result<Result<Caller, String>, ServiceError> {
    let refused = |reason: &str| {
        format!(
            "User: {} is not authorized to perform: sts:AssumeRole on resource: {role}{reason}",
            caller.arn()
        )
    };
    let name = role.rsplit('/').next().unwrap_or_default();
    let found = cloud.store().read(|c| roles::find(c, name))?;
    let Some(found) = found.filter(|f| f.arn(cloud.account()) == role) else {
        return Ok(Err(refused("")));
    };
    let Some(who) = authorize::who(cloud, caller)? else {
        return Ok(Err(refused("")));
    };
    let trusted = Document::parse(&found.trust)
        .is_ok_and(|trust| iam_policy::may_assume(&trust, &who, &Context::default()));
    if !trusted {
        return Ok(Err(refused(
            " because no role trust policy allows the sts:AssumeRole action",
        )));
    }
    if let Err(denied) = authorize::authorize(cloud, caller, "sts:AssumeRole", role, &[]) {
        return Ok(Err(denied.to_string()));
    }
    let (account, region) = (cloud.account(), &caller.region);
    Ok(Ok(Caller::assumed(account, region, &found.name, session)))
}
