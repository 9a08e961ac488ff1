//! AssumeRole: sessions of roles.

use iam_policy::{Document, Kind, PolicyError};
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
    let policies = session_policies(cloud, &input)?;
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
    let credentials = issue(cloud, Some((&role.name, session)), duration, &policies)?;
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

/// The documents of the session's policies: the one that is written out, and the managed ones.
fn session_policies(cloud: &Cloud, input: &AssumeRoleRequest) -> Result<Vec<String>, ServiceError> {
    let malformed = |error: PolicyError| {
        ServiceError::new("MalformedPolicyDocument", error.to_string()).with_status(400)
    };
    let mut documents = Vec::new();
    if let Some(text) = &input.policy {
        Document::parse_as(text, Kind::Identity).map_err(malformed)?;
        documents.push(text.clone());
    }
    let arns = input.policy_arns.iter().flatten();
    for arn in arns.filter_map(|policy| policy.arn.as_deref()) {
        let found = cloud.store().read(|c| iam::document_of(c, arn))?;
        documents.push(found.ok_or_else(|| {
            ServiceError::new(
                "ValidationError",
                format!("PolicyArn {arn} does not exist or is not attachable."),
            )
        })?);
    }
    Ok(documents)
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
        Principal::Role { name, session, .. } => {
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

/// Keeps new keys in the store, for a role's session with its policies, or for the root.
pub(super) fn issue(
    cloud: &Cloud,
    role: Option<(&str, &str)>,
    duration: i32,
    policies: &[String],
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
        tx.execute(
            "DELETE FROM sts_session_policies WHERE access_key NOT IN (SELECT access_key FROM sts_sessions)",
            [],
        )?;
        if !policies.is_empty() {
            tx.execute(
                "INSERT INTO sts_session_policies VALUES (?1, ?2)",
                (&key, serde_json::to_string(policies)?),
            )?;
        }
        Ok(())
    })?;
    Ok(Credentials {
        access_key_id: key,
        secret_access_key: secret,
        session_token: token,
        expiration: Timestamp(expires as f64),
    })
}
