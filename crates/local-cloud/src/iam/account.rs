//! The account itself: its root, and that it has no users.

use crate::caller::{Caller, Principal};
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::Timestamp;
use crate::model::iam::*;

pub async fn get_user(
    cloud: &Cloud,
    caller: &Caller,
    input: GetUserRequest,
) -> Result<GetUserResponse, ServiceError> {
    if let Some(name) = input.user_name {
        return Err(ServiceError::new(
            "NoSuchEntity",
            format!("The user with name {name} cannot be found."),
        )
        .with_status(404));
    }
    if caller.principal != Principal::Root {
        return Err(ServiceError::new(
            "ValidationError",
            "Must specify userName when calling with non-User credentials",
        ));
    }
    let account = cloud.account();
    Ok(GetUserResponse {
        user: User {
            path: "/".to_owned(),
            user_name: "root".to_owned(),
            user_id: account.to_owned(),
            arn: format!("arn:aws:iam::{account}:root"),
            create_date: Timestamp(0.0),
            ..User::default()
        },
    })
}

pub async fn list_users(
    _: &Cloud,
    _: &Caller,
    _: ListUsersRequest,
) -> Result<ListUsersResponse, ServiceError> {
    Ok(ListUsersResponse {
        users: Vec::new(),
        is_truncated: Some(false),
        marker: None,
    })
}

pub async fn list_aliases(
    _: &Cloud,
    _: &Caller,
    _: ListAccountAliasesRequest,
) -> Result<ListAccountAliasesResponse, ServiceError> {
    Ok(ListAccountAliasesResponse {
        account_aliases: Vec::new(),
        is_truncated: Some(false),
        marker: None,
    })
}

pub async fn summary(
    cloud: &Cloud,
    _: &Caller,
    // The operation has no members.
    _: serde_json::Value,
) -> Result<GetAccountSummaryResponse, ServiceError> {
    let (roles, policies) = cloud.store().read(|c| {
        let count = |table: &str| {
            c.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| {
                row.get(0)
            })
        };
        Ok((count("iam_roles")?, count("iam_policies")?))
    })?;
    let entries: [(&str, i32); 10] = [
        ("Roles", roles),
        ("RolesQuota", 1000),
        ("Policies", policies),
        ("PoliciesQuota", 1500),
        ("Users", 0),
        ("Groups", 0),
        ("PolicySizeQuota", 6144),
        ("AssumeRolePolicySizeQuota", 2048),
        ("AttachedPoliciesPerRoleQuota", 10),
        ("VersionsPerPolicyQuota", 5),
    ];
    Ok(GetAccountSummaryResponse {
        summary_map: Some(entries.map(|(key, value)| (key.to_owned(), value)).into()),
    })
}
