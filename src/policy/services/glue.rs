//! Glue: what an operation is about is in its arguments.
//!
//! Source: "Actions, resources, and condition keys for AWS Glue". An operation on a table needs
//! its action on the catalog, the database and the table; one that lists, on all it may give.

use super::super::call::{Call, Given};
use super::super::{Fact, Home, Statement};
use super::sid;

pub(super) fn statement(home: &Home, facts: &[Fact], call: &Call, reason: &str) -> Statement {
    let action = format!("glue:{}", action(&call.operation));
    Statement::allow(&sid("glue"), [action], resources(home, facts, call), reason)
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

/// The job that a call is about.
pub(super) fn job(home: &Home, call: &Call) -> String {
    let name = call.arguments.text("JobName").pattern("*");
    home.arn("glue", &format!("job/{name}"))
}

fn resources(home: &Home, facts: &[Fact], call: &Call) -> Vec<String> {
    let operation = call.operation.as_str();
    let named = |kind: &str, members: &[&str]| {
        let given = members.iter().map(|m| call.arguments.text(m));
        let name = given.into_iter().find(|g| *g != Given::Absent);
        match name {
            Some(name) => vec![home.arn("glue", &format!("{kind}/{}", name.pattern("*")))],
            None => vec!["*".to_owned()],
        }
    };
    match operation {
        "CreateCrawler" | "GetCrawlers" | "ListCrawlers" => vec!["*".to_owned()],
        "ListCrawls" => named("crawler", &["CrawlerName"]),
        _ if operation.contains("Crawler") => named("crawler", &["Name", "CrawlerName"]),
        _ if operation.contains("Classifier") => vec!["*".to_owned()],
        _ if operation.contains("Workflow") => named("workflow", &["Name"]),
        _ if operation.contains("Trigger") => named("trigger", &["Name"]),
        _ if operation.contains("Job") => named("job", &["JobName", "Name"]),
        _ => catalog(home, facts, call),
    }
}

fn catalog(home: &Home, facts: &[Fact], call: &Call) -> Vec<String> {
    let given = |path: &[&str]| call.arguments.at(path);
    let database = match call.operation.as_str() {
        "CreateDatabase" => given(&["DatabaseInput", "Name"]),
        "GetDatabase" | "UpdateDatabase" | "DeleteDatabase" => given(&["Name"]),
        _ => given(&["DatabaseName"]),
    };
    let databases: Vec<String> = match &database {
        Given::Text(name) => vec![name.to_lowercase()],
        Given::Unknown { start } if !start.is_empty() => vec![format!("{start}*")],
        // Only the input says which; it is one of the stack's.
        Given::Unknown { .. } if facts.iter().any(is_database) => {
            facts.iter().filter_map(database_of).collect()
        }
        Given::Unknown { .. } | Given::Absent => vec!["*".to_owned()],
    };
    let is_function = call.operation.contains("UserDefinedFunction");
    let table = match call.operation.as_str() {
        // A function is of a database, beside its tables.
        _ if is_function => Some(match given(&["FunctionInput", "FunctionName"]) {
            Given::Absent => given(&["FunctionName"]),
            name => name,
        }),
        "GetDatabase" | "GetDatabases" | "CreateDatabase" | "UpdateDatabase" => None,
        "CreateTable" | "UpdateTable" => Some(match given(&["TableInput", "Name"]) {
            Given::Absent => given(&["Name"]),
            name => name,
        }),
        "GetTable" | "DeleteTable" => Some(given(&["Name"])),
        "GetTables" | "DeleteDatabase" | "SearchTables" | "BatchDeleteTable" => Some(Given::Absent),
        _ => Some(given(&["TableName"])),
    };
    let kind = if is_function {
        "userDefinedFunction"
    } else {
        "table"
    };
    let mut resources = vec![home.arn("glue", "catalog")];
    for database in databases {
        resources.push(home.arn("glue", &format!("database/{database}")));
        if let Some(table) = &table {
            let table = table.pattern("*").to_lowercase();
            resources.push(home.arn("glue", &format!("{kind}/{database}/{table}")));
        }
    }
    resources
}

fn is_database(fact: &Fact) -> bool {
    matches!(fact, Fact::Database { .. })
}

fn database_of(fact: &Fact) -> Option<String> {
    match fact {
        Fact::Database { name } => Some(name.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::allowed;
    use serde_json::json;

    const GLUE: &str = "arn:aws:glue:eu-west-1:111122223333:";

    #[test]
    fn a_table_is_looked_up_in_the_catalog_and_its_database() {
        let arguments = json!({"DatabaseName": "Lake", "Name": "films"});
        assert_eq!(
            allowed("aws-sdk:glue:getTable", &arguments),
            ["catalog", "database/lake", "table/lake/films"]
                .map(|r| format!("glue:GetTable {GLUE}{r}"))
        );
    }

    #[test]
    fn functions_are_no_tables_and_statistics_are_of_their_tables() {
        assert_eq!(
            allowed(
                "aws-sdk:glue:getUserDefinedFunctions",
                &json!({"DatabaseName": "lake", "Pattern": "*"})
            ),
            ["catalog", "database/lake", "userDefinedFunction/lake/*"]
                .map(|r| format!("glue:GetUserDefinedFunctions {GLUE}{r}"))
        );
        let statistics = json!({"DatabaseName": "lake", "TableName": "films"});
        assert_eq!(
            allowed("aws-sdk:glue:getColumnStatisticsForTable", &statistics),
            ["catalog", "database/lake", "table/lake/films"]
                .map(|r| format!("glue:GetTable {GLUE}{r}"))
        );
    }

    #[test]
    fn a_crawler_is_started_by_its_name() {
        assert_eq!(
            allowed("aws-sdk:glue:startCrawler", &json!({"Name": "films"})),
            [format!("glue:StartCrawler {GLUE}crawler/films")]
        );
        assert_eq!(
            allowed("aws-sdk:glue:startCrawler", &json!({"Name.$": "$.crawler"})),
            [format!("glue:StartCrawler {GLUE}crawler/*")]
        );
    }
}
