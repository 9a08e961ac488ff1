//! AssumeRole: sessions of roles.

use iam_policy::Document;
use rand::RngExt as _;

use crate::caller::{Caller, Principal};
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::iam;
use crate::model::Timestamp;
use crate::model::sts::*;

pub async fn assume_role(
    cloud: &Cloud,
    caller: &Caller,
    input: AssumeRoleRequest,
) -> Result<AssumeRoleResponse, ServiceError> {
    let arn = &input.role_arn;
    let denied = || {
        ServiceError::new(
            "AccessDenied",
            format!(
                "User: {} is not authorized to perform: sts:AssumeRole on resource: {arn}",
                caller.arn()
            ),
        )
        .with_status(403)
    };
    if input.policy.is_some() || input.policy_arns.as_ref().is_some_and(|p| !p.is_empty()) {
        return Err(ServiceError::not_supported(
            "sts",
            "AssumeRole with session policies",
        ));
    }
    let name = arn.rsplit('/').next().unwrap_or_default();
    let role = cloud
        .store()
        .read(|c| iam::find_role(c, name))?
        .filter(|role| role.arn(cloud.account()) == *arn)
        .ok_or_else(denied)?;
    may_assume(cloud, caller, &role, input.external_id.as_deref()).map_err(|()| denied())?;
    let duration = input.duration_seconds.unwrap_or(3600);
    if duration > role.max_session {
        return Err(ServiceError::new(
            "ValidationError",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ));
    }
    let session = &input.role_session_name;
    let credentials = issue(cloud, Some((&role.name, session)), duration)?;
    Ok(AssumeRoleResponse {
        credentials: Some(credentials),
        assumed_role_user: Some(AssumedRoleUser {
            assumed_role_id: format!("{}:{session}", role.id),
            arn: format!(
                "arn:aws:sts::{}:assumed-role/{}/{session}",
                cloud.account(),
                role.name
            ),
        }),
        packed_policy_size: None,
        source_identity: input.source_identity,
    })
}

/// Whether the trust policy lets the caller in; where it trusts the whole account, the caller's
/// own policies have to allow it too.
fn may_assume(
    cloud: &Cloud,
    caller: &Caller,
    role: &iam::StoredRole,
    external_id: Option<&str>,
) -> Result<(), ()> {
    let trust = Document::parse(&role.trust).map_err(|_| ())?;
    let mut context = iam_policy::Context::default();
    if let Some(id) = external_id {
        context.set("sts:ExternalId", id);
    }
    let who = match &caller.principal {
        Principal::Root => iam_policy::Principal::Root {
            account: caller.account.clone(),
        },
        Principal::Role { name, session } => {
            let own = cloud
                .store()
                .read(|c| iam::find_role(c, name))
                .ok()
                .flatten()
                .ok_or(())?;
            iam_policy::Principal::Role {
                account: caller.account.clone(),
                role_arn: own.arn(cloud.account()),
                session_arn: Caller::assumed(&caller.account, &caller.region, name, session).arn(),
            }
        }
    };
    if !iam_policy::may_assume(&trust, &who, &context) {
        return Err(());
    }
    let external: Vec<(&str, &str)> = external_id
        .map(|id| ("sts:ExternalId", id))
        .into_iter()
        .collect();
    iam::decide(
        cloud,
        caller,
        "sts:AssumeRole",
        &role.arn(cloud.account()),
        &external,
        Some(&trust),
    )
    .map_err(|_| ())
}

/// Keeps new keys in the store, for a role's session or for the root.
pub(super) fn issue(
    cloud: &Cloud,
    role: Option<(&str, &str)>,
    duration: i32,
) -> Result<Credentials, ServiceError> {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    let mut rng = rand::rng();
    let secret = STANDARD.encode(rng.random::<[u8; 30]>());
    let token = STANDARD.encode(
        (0..9)
            .flat_map(|_| rng.random::<[u8; 32]>())
            .collect::<Vec<u8>>(),
    );
    let key = iam::ids("ASIA").chars().take(20).collect::<String>();
    let expires = chrono::Utc::now().timestamp() + i64::from(duration);
    let (role_name, session_name) = role.unwrap_or(("", ""));
    cloud.store().write(|tx| {
        tx.execute(
            "DELETE FROM sts_sessions WHERE expires < ?1",
            [chrono::Utc::now().timestamp()],
        )?;
        tx.execute(
            "INSERT INTO sts_sessions VALUES (?1, ?2, ?3, ?4, ?5)",
            (&key, &secret, role_name, session_name, expires),
        )?;
        Ok(())
    })?;
    Ok(Credentials {
        access_key_id: key,
        secret_access_key: secret,
        session_token: token,
        expiration: Timestamp(expires as f64),
    })
}
