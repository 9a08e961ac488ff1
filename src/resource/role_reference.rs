//! A role that `stack.toml` names: by its name, or by its ARN.
//!
//! A name says nothing of the role's path, which is part of its ARN: IAM knows it.

use serde_json::Value;

use super::{CallError, call};
use crate::cloud::Cloud;

/// The ARN of the role, which IAM is asked for where only its name is given.
pub(super) async fn arn(cloud: &Cloud, role: &str) -> Result<String, CallError> {
    if role.starts_with("arn:") {
        return Ok(role.to_owned());
    }
    let found = call!("GetRole", cloud.iam.get_role().role_name(role))?;
    match found.role {
        Some(role) => Ok(role.arn),
        None => Err(CallError::here(
            "GetRole",
            format!("no role `{role}` in the answer"),
        )),
    }
}

/// Whether a role that is wanted is the one whose ARN is live. A name is unique in its account.
pub(super) fn is_same(wanted: &Value, live: &Value) -> bool {
    match (wanted.as_str(), live.as_str()) {
        (Some(wanted), Some(live)) if !wanted.starts_with("arn:") => {
            live.rsplit('/').next() == Some(wanted)
        }
        _ => wanted == live,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_name_is_the_role_of_any_path_and_an_arn_only_itself() {
        let live = json!("arn:aws:iam::000000000000:role/athglue/films/clock");
        assert!(is_same(&json!("clock"), &live));
        assert!(!is_same(&json!("lock"), &live));
        assert!(is_same(&live, &live));
        assert!(!is_same(
            &json!("arn:aws:iam::000000000000:role/clock"),
            &live
        ));
    }
}
