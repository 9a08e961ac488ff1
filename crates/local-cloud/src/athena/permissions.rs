//! What a caller has to be allowed, operation by operation.
//!
//! Source: Service Authorization Reference, Amazon Athena.

use serde_json::Value;

use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;

/// Operations on something that is named by its id: its workgroup is known to the store alone, so
/// they ask [`on_workgroup`] when they have found it.
const BY_ID: &[&str] = &[
    "GetQueryExecution",
    "BatchGetQueryExecution",
    "GetQueryResults",
    "StopQueryExecution",
    "GetQueryRuntimeStatistics",
    "GetNamedQuery",
    "BatchGetNamedQuery",
    "DeleteNamedQuery",
    "UpdateNamedQuery",
];

/// The IAM actions that an operation needs, each with the ARN of its resource.
pub fn needed(operation: &str, input: &Value, caller: &Caller) -> Vec<(String, String)> {
    if BY_ID.contains(&operation) {
        return Vec::new();
    }
    let named = |kind: &str, member: &str, default: &str| {
        let name = input.get(member).and_then(Value::as_str);
        arn(caller, kind, name.unwrap_or(default))
    };
    let resource = match operation {
        "ListWorkGroups" | "ListDataCatalogs" | "ListEngineVersions" => "*".to_owned(),
        "GetDataCatalog" => named("datacatalog", "Name", "AwsDataCatalog"),
        "GetDatabase" | "ListDatabases" | "GetTableMetadata" | "ListTableMetadata" => {
            named("datacatalog", "CatalogName", "AwsDataCatalog")
        }
        "TagResource" | "UntagResource" | "ListTagsForResource" => input
            .get("ResourceARN")
            .and_then(Value::as_str)
            .unwrap_or("*")
            .to_owned(),
        "CreateWorkGroup" => named("workgroup", "Name", "primary"),
        _ => named("workgroup", "WorkGroup", "primary"),
    };
    vec![(format!("athena:{operation}"), resource)]
}

/// Checks an action on the workgroup that something found by its id belongs to.
pub(crate) fn on_workgroup(
    cloud: &Cloud,
    caller: &Caller,
    action: &str,
    workgroup: &str,
) -> Result<(), ServiceError> {
    let resource = arn(caller, "workgroup", workgroup);
    crate::iam::authorize(cloud, caller, &format!("athena:{action}"), &resource, &[])
        .map_err(|denied| ServiceError::new("AccessDeniedException", denied.to_string()))
}

fn arn(caller: &Caller, kind: &str, name: &str) -> String {
    format!(
        "arn:aws:athena:{}:{}:{kind}/{name}",
        caller.region, caller.account
    )
}
