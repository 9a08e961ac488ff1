//! Who may take a role: a service, several principals, or a policy written out.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::resource::policy_document::{Written, check, check_size, size};
use crate::resource::{Problem, Scope};
use crate::stack::types::TrustedPrincipal;

/// How large a trust policy may be.
const MOST: usize = 2048;

/// Who may take a role, in short or in full.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum Trust {
    One(TrustedPrincipal),
    Many(Vec<TrustedPrincipal>),
    Policy(Map<String, Value>),
}

/// The trust policy that the keys `trust` and `trust_policy` give together.
pub(super) fn trust_policy(
    trust: Option<Trust>,
    written: Option<Written>,
    scope: &Scope,
    problems: &mut Vec<Problem>,
) -> Value {
    let (key, policy) = match (trust, written) {
        (None, Some(written)) => {
            let key = "trust_policy";
            (
                key,
                written.read(key, iam_policy::Kind::Trust, scope, problems),
            )
        }
        (Some(trust), None) => {
            let policy = match trust {
                Trust::One(principal) => of_principals(&[principal.to_string()]),
                Trust::Many(principals) => {
                    let principals: Vec<String> =
                        principals.iter().map(ToString::to_string).collect();
                    of_principals(&principals)
                }
                Trust::Policy(policy) => Value::Object(policy),
            };
            check("trust", &policy, iam_policy::Kind::Trust, problems);
            ("trust", policy)
        }
        (None, None) => {
            let problem = Problem::new("", "`trust` is missing", "who may take this role?");
            problems.push(problem.with_help("trust = \"glue.amazonaws.com\""));
            return Value::Null;
        }
        (Some(_), Some(_)) => {
            problems.push(Problem::new(
                "trust_policy",
                "both `trust` and `trust_policy` are set",
                "which of them is it?",
            ));
            return Value::Null;
        }
    };
    check_size(key, "the trust policy", size(&policy), MOST, problems);
    policy
}

/// The policy that lets these principals take a role.
pub(super) fn of_principals(principals: &[String]) -> Value {
    let (services, others): (Vec<&String>, Vec<&String>) = principals
        .iter()
        .partition(|p| p.contains(".amazonaws.com"));
    let mut principal = Map::new();
    if !services.is_empty() {
        principal.insert("Service".to_owned(), json!(services));
    }
    if !others.is_empty() {
        principal.insert("AWS".to_owned(), json!(others));
    }
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": principal,
            "Action": "sts:AssumeRole",
        }],
    })
}
