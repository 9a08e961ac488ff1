//! AssumeRole: sessions of roles.

use iam_policy::{Document, Kind, PolicyError};
use rand::RngExt as _;

use crate::caller::Caller;
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
    let policies = session_policies(cloud, &input)?;
    let keys = condition_keys(&input);
    let keys: Vec<(&str, &str)> = keys.iter().map(|(k, v)| (&**k, &**v)).collect();
    let role = iam::assume_role(cloud, caller, &input.role_arn, &keys)?
        .map_err(|refused| ServiceError::new("AccessDenied", refused).with_status(403))?;
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

/// The condition keys that the request brings.
///
/// Source: Service Authorization Reference, AWS Security Token Service.
fn condition_keys(input: &AssumeRoleRequest) -> Vec<(String, String)> {
    let own = [
        ("sts:RoleSessionName", Some(&input.role_session_name)),
        ("sts:ExternalId", input.external_id.as_ref()),
        ("sts:SourceIdentity", input.source_identity.as_ref()),
    ];
    let own = own
        .into_iter()
        .filter_map(|(key, value)| Some((key.to_owned(), value?.clone())));
    let transitive = input.transitive_tag_keys.iter().flatten();
    let transitive = transitive.map(|tag| ("sts:TransitiveTagKeys".to_owned(), tag.clone()));
    let tags = input.tags.iter().flatten();
    let tags = tags.flat_map(|tag| {
        [
            ("aws:TagKeys".to_owned(), tag.key.clone()),
            (format!("aws:RequestTag/{}", tag.key), tag.value.clone()),
        ]
    });
    own.chain(transitive).chain(tags).collect()
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
