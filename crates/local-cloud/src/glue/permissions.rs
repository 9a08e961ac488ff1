//! What a caller has to be allowed, operation by operation.
//!
//! Source: Service Authorization Reference, AWS Glue. An operation on a table needs its action on
//! the catalog, the database and the table; one that lists, on all that it may give.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::folded;
use crate::caller::Caller;
use crate::cloud::Cloud;

fn arn(caller: &Caller, resource: &str) -> String {
    format!(
        "arn:aws:glue:{}:{}:{resource}",
        caller.region, caller.account
    )
}

pub(super) fn database_arn(caller: &Caller, name: &str) -> String {
    arn(caller, &format!("database/{name}"))
}

pub(super) fn crawler_arn(caller: &Caller, name: &str) -> String {
    arn(caller, &format!("crawler/{name}"))
}

/// The IAM actions that an operation needs, each with the ARN of its resource.
pub fn needed(operation: &str, input: &Value, caller: &Caller) -> Vec<(String, String)> {
    let resources = match operation {
        "GetCatalogImportStatus" | "GetDataCatalogEncryptionSettings" => {
            vec![arn(caller, "catalog")]
        }
        "CreateCrawler" | "GetCrawlers" | "ListCrawlers" => vec!["*".to_owned()],
        "TagResource" | "UntagResource" | "GetTags" => texts(input, &["ResourceArn"]),
        _ if operation.contains("Crawler") || operation == "ListCrawls" => {
            crawlers(operation, input, caller)
        }
        _ if operation.contains("Classifier") => vec!["*".to_owned()],
        _ if operation.contains("ResourcePolic") => vec![arn(caller, "catalog")],
        _ => catalog(operation, input, caller),
    };
    let action = action(operation);
    resources
        .into_iter()
        .map(|resource| (format!("glue:{action}"), resource))
        .collect()
}

/// Statistics of columns have no actions of their own.
fn action(operation: &str) -> &str {
    match operation {
        "GetColumnStatisticsForTable" => "GetTable",
        "UpdateColumnStatisticsForTable" => "UpdateTable",
        "DeleteColumnStatisticsForTable" => "DeleteTable",
        "GetColumnStatisticsForPartition" => "GetPartition",
        "UpdateColumnStatisticsForPartition" => "UpdatePartition",
        "DeleteColumnStatisticsForPartition" => "DeletePartition",
        other => other,
    }
}

/// The texts at the first of these members that is there: a text, or a list of texts.
fn texts(input: &Value, members: &[&str]) -> Vec<String> {
    let found = members.iter().find_map(|m| input.get(m));
    match found {
        Some(Value::String(one)) => vec![one.clone()],
        Some(Value::Array(many)) => many
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        _ => Vec::new(),
    }
}

fn crawlers(operation: &str, input: &Value, caller: &Caller) -> Vec<String> {
    let names = texts(
        input,
        &["CrawlerName", "Name", "CrawlerNames", "CrawlerNameList"],
    );
    if names.is_empty() && operation == "GetCrawlerMetrics" {
        return vec!["*".to_owned()];
    }
    names.iter().map(|name| crawler_arn(caller, name)).collect()
}

fn catalog(operation: &str, input: &Value, caller: &Caller) -> Vec<String> {
    let mut resources = vec![arn(caller, "catalog")];
    let text = |member: &str| input.get(member).and_then(Value::as_str).map(folded);
    let input_name = |member: &str, name: &str| {
        input
            .get(member)
            .and_then(|m| m.get(name))
            .and_then(Value::as_str)
            .map(folded)
    };
    let inside = |member: &str| input_name(member, "Name");
    let database = match operation {
        "CreateDatabase" => inside("DatabaseInput"),
        "GetDatabase" | "UpdateDatabase" | "DeleteDatabase" => text("Name"),
        _ => text("DatabaseName"),
    };
    let database = database.unwrap_or_else(|| "*".to_owned());
    resources.push(database_arn(caller, &database));
    let tables = match operation {
        "CreateDatabase" | "GetDatabase" | "GetDatabases" | "UpdateDatabase" => return resources,
        "CreateTable" | "UpdateTable" => {
            vec![text("Name").or_else(|| inside("TableInput"))]
        }
        "GetTable" | "DeleteTable" => vec![text("Name")],
        "BatchDeleteTable" => texts(input, &["TablesToDelete"])
            .iter()
            .map(|name| Some(folded(name)))
            .collect(),
        _ if operation.contains("UserDefinedFunction") => {
            let name = text("FunctionName").or_else(|| input_name("FunctionInput", "FunctionName"));
            let name = name.unwrap_or_else(|| "*".to_owned());
            let function = format!("userDefinedFunction/{database}/{name}");
            resources.push(arn(caller, &function));
            return resources;
        }
        _ => vec![text("TableName")],
    };
    for table in tables {
        let table = table.unwrap_or_else(|| "*".to_owned());
        resources.push(arn(caller, &format!("table/{database}/{table}")));
    }
    resources
}

/// What a crawl needs before it looks at anything: to find its buckets. Fails with the message of
/// `LastCrawl`.
pub(super) async fn before_crawl(
    cloud: &Cloud,
    role: &Caller,
    buckets: BTreeSet<&str>,
) -> Result<(), String> {
    for bucket in buckets {
        let input = json!({ "Bucket": bucket });
        let answer = cloud.invoke(role, "s3", "getBucketLocation", input).await;
        // A bucket that is not there is told of by the reading.
        if let Err(refused) = answer
            && refused.code == "AccessDenied"
        {
            return Err(format!(
                "s3://{bucket}/: {} (Service: Amazon S3; Status Code: {}; Error Code: {})",
                refused.message, refused.status, refused.code
            ));
        }
    }
    Ok(())
}
