//! Who calls, and keys for the root that expire.

use super::assume_role::issue;
use crate::caller::{Caller, Principal};
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::iam;
use crate::model::sts::*;

pub async fn get_caller_identity(
    cloud: &Cloud,
    caller: &Caller,
    _: GetCallerIdentityRequest,
) -> Result<GetCallerIdentityResponse, ServiceError> {
    let user_id = match &caller.principal {
        Principal::Root => caller.account.clone(),
        Principal::Role { name, session, .. } => {
            let role = cloud.store().read(|c| iam::find_role(c, name))?;
            format!("{}:{session}", role.map(|r| r.id).unwrap_or_default())
        }
    };
    Ok(GetCallerIdentityResponse {
        user_id: Some(user_id),
        account: Some(caller.account.clone()),
        arn: Some(caller.arn()),
    })
}

pub async fn get_session_token(
    cloud: &Cloud,
    caller: &Caller,
    input: GetSessionTokenRequest,
) -> Result<GetSessionTokenResponse, ServiceError> {
    if caller.principal != Principal::Root {
        return Err(ServiceError::new(
            "AccessDenied",
            "Cannot call GetSessionToken with session credentials",
        )
        .with_status(403));
    }
    // The root's sessions last an hour at most.
    let duration = input.duration_seconds.unwrap_or(3600).min(3600);
    Ok(GetSessionTokenResponse {
        credentials: Some(issue(cloud, None, duration, &[])?),
    })
}

pub async fn get_access_key_info(
    cloud: &Cloud,
    _: &Caller,
    _: GetAccessKeyInfoRequest,
) -> Result<GetAccessKeyInfoResponse, ServiceError> {
    Ok(GetAccessKeyInfoResponse {
        account: Some(cloud.account().to_owned()),
    })
}
