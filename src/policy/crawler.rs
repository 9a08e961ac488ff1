//! What a crawler needs: to read its paths, to write its tables, to log.
//!
//! Source: "Crawler prerequisites" and "Actions, resources, and condition keys for AWS Glue"; the
//! managed policy `AWSGlueServiceRole`, held to the crawler's own paths and tables.

use super::place::{self, Place};
use super::{CatalogTarget, Fact, Home, Statement};

/// What a crawler looks at, and where it writes.
pub(super) struct Crawl<'a> {
    pub database: &'a str,
    pub table_prefix: &'a str,
    pub paths: &'a [String],
    pub catalog_targets: &'a [CatalogTarget],
    pub event_queues: &'a [String],
}

pub(super) fn statements(home: &Home, facts: &[Fact], crawl: &Crawl) -> Vec<Statement> {
    let mut places: Vec<Place> = crawl
        .paths
        .iter()
        .filter_map(|path| Place::parse(path))
        .collect();
    for target in crawl.catalog_targets {
        places.extend(data_of(facts, target));
    }
    let mut statements = vec![Statement::allow(
        "LocateBuckets",
        ["s3:GetBucketLocation"],
        place::buckets(home, &places),
        "asks in which region the buckets of its paths are",
    )];
    statements.extend(place::listing(
        home,
        "ListPaths",
        &places,
        "lists the objects below the crawler's paths",
    ));
    statements.push(Statement::allow(
        "ReadPaths",
        ["s3:GetObject"],
        place::objects(home, &places),
        "reads the objects to find their format and columns",
    ));
    if !crawl.paths.is_empty() {
        statements.extend(own_tables(home, crawl));
    }
    for target in crawl.catalog_targets {
        statements.push(kept_tables(home, target));
    }
    statements.push(Statement::allow(
        "WriteLogs",
        [
            "logs:CreateLogGroup",
            "logs:CreateLogStream",
            "logs:PutLogEvents",
        ],
        [
            home.arn("logs", "log-group:/aws-glue/crawlers"),
            home.arn("logs", "log-group:/aws-glue/crawlers:*"),
        ],
        "writes what it did to /aws-glue/crawlers",
    ));
    statements.push(Statement::allow(
        "HearOfChanges",
        [
            "sqs:DeleteMessage",
            "sqs:GetQueueAttributes",
            "sqs:GetQueueUrl",
            "sqs:ListDeadLetterSourceQueues",
            "sqs:ListQueueTags",
            "sqs:PurgeQueue",
            "sqs:ReceiveMessage",
            "sqs:SetQueueAttributes",
        ],
        crawl.event_queues,
        "is told of new and changed objects through this queue",
    ));
    statements
}

/// The tables that it finds: all of the database's are listed, those with its prefix are written.
fn own_tables(home: &Home, crawl: &Crawl) -> [Statement; 2] {
    let (database, prefix) = (
        crawl.database.to_lowercase(),
        crawl.table_prefix.to_lowercase(),
    );
    let with_database = |tables: String| {
        [
            home.arn("glue", "catalog"),
            home.arn("glue", &format!("database/{database}")),
            home.arn("glue", &format!("table/{database}/{tables}")),
        ]
    };
    [
        Statement::allow(
            "ListTables",
            ["glue:GetDatabase", "glue:GetTables"],
            with_database("*".to_owned()),
            format!("looks which tables `{database}` has; GetTables is about all of them"),
        ),
        Statement::allow(
            "WriteTables",
            [
                "glue:BatchCreatePartition",
                "glue:BatchDeletePartition",
                "glue:BatchDeleteTable",
                "glue:BatchGetPartition",
                "glue:BatchUpdatePartition",
                "glue:CreatePartition",
                "glue:CreateTable",
                "glue:DeletePartition",
                "glue:DeleteTable",
                "glue:GetPartition",
                "glue:GetPartitions",
                "glue:GetTable",
                "glue:UpdatePartition",
                "glue:UpdateTable",
            ],
            with_database(format!("{prefix}*")),
            if prefix.is_empty() {
                format!("keeps the tables of `{database}` as it finds them")
            } else {
                format!("keeps the tables of `{database}` that start with `{prefix}`")
            },
        ),
    ]
}

/// Tables that are there already, and are looked after where they are.
fn kept_tables(home: &Home, target: &CatalogTarget) -> Statement {
    let database = target.database.to_lowercase();
    let tables = target.tables.iter().map(|table| {
        let table = table.to_lowercase();
        home.arn("glue", &format!("table/{database}/{table}"))
    });
    Statement::allow(
        "KeepTables",
        [
            "glue:BatchCreatePartition",
            "glue:BatchDeletePartition",
            "glue:BatchGetPartition",
            "glue:BatchUpdatePartition",
            "glue:GetDatabase",
            "glue:GetPartition",
            "glue:GetPartitions",
            "glue:GetTable",
            "glue:UpdateTable",
        ],
        tables.chain([
            home.arn("glue", "catalog"),
            home.arn("glue", &format!("database/{database}")),
        ]),
        format!("updates these tables of `{database}` where they are"),
    )
}

/// Where the data of a target's tables is, as far as the stack knows.
fn data_of(facts: &[Fact], target: &CatalogTarget) -> Vec<Place> {
    facts
        .iter()
        .filter_map(|fact| match fact {
            Fact::Table {
                database,
                name,
                location,
            } if database.eq_ignore_ascii_case(&target.database)
                && target.tables.iter().any(|t| t.eq_ignore_ascii_case(name)) =>
            {
                Place::parse(location)
            }
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::{Need, document};
    use super::*;
    use serde_json::json;

    fn statements_of(need: &Need, facts: &[Fact]) -> Vec<Statement> {
        let home = Home {
            partition: "aws".to_owned(),
            region: "eu-west-1".to_owned(),
            account_id: "111122223333".to_owned(),
        };
        need.statements(&home, facts)
    }

    fn crawler(paths: &[&str], prefix: &str) -> Need {
        Need::Crawler {
            name: "films".to_owned(),
            database: "Lake".to_owned(),
            table_prefix: prefix.to_owned(),
            paths: paths.iter().map(|p| (*p).to_owned()).collect(),
            catalog_targets: Vec::new(),
            event_queues: Vec::new(),
            extra_statements: Vec::new(),
        }
    }

    #[test]
    fn a_crawler_may_list_and_read_its_folders_and_no_others() {
        let need = crawler(&["s3://data/films/", "s3://whole/"], "Raw_");
        let policy = document(&statements_of(&need, &[]));
        let arn = |resource: &str| format!("arn:aws:s3:::{resource}");
        assert_eq!(
            policy["Statement"].as_array().map(|s| &s[..4]),
            Some(
                &[
                    json!({"Sid": "LocateBuckets", "Effect": "Allow", "Action": ["s3:GetBucketLocation"],
                    "Resource": [arn("data"), arn("whole")]}),
                    json!({"Sid": "ListPaths", "Effect": "Allow", "Action": ["s3:ListBucket"],
                    "Resource": [arn("whole")]}),
                    json!({"Sid": "ListPaths2", "Effect": "Allow", "Action": ["s3:ListBucket"],
                    "Resource": [arn("data")],
                    "Condition": {"StringLike": {"s3:prefix": ["films/*"]}}}),
                    json!({"Sid": "ReadPaths", "Effect": "Allow", "Action": ["s3:GetObject"],
                    "Resource": [arn("data/films/*"), arn("whole/*")]}),
                ][..]
            )
        );
    }

    #[test]
    fn only_tables_with_its_prefix_are_written() {
        let need = crawler(&["s3://data/"], "Raw_");
        let statements = statements_of(&need, &[]);
        let writes = statements.iter().find(|s| s.sid() == "WriteTables");
        let resources = writes.map(Statement::resources).unwrap_or_default();
        assert!(resources.contains(&"arn:aws:glue:eu-west-1:111122223333:table/lake/raw_*"));
        assert!(!resources.iter().any(|r| r.ends_with("table/lake/*")));
    }

    #[test]
    fn a_catalog_target_opens_its_tables_and_their_data() {
        let mut need = crawler(&[], "");
        if let Need::Crawler {
            catalog_targets, ..
        } = &mut need
        {
            catalog_targets.push(CatalogTarget {
                database: "lake".to_owned(),
                tables: vec!["films".to_owned()],
            });
        }
        let table = |name: &str| Fact::Table {
            database: "lake".to_owned(),
            name: name.to_owned(),
            location: format!("s3://data/{name}/"),
        };
        let statements = statements_of(&need, &[table("films"), table("songs")]);
        let all: Vec<&str> = statements.iter().flat_map(Statement::resources).collect();
        assert!(all.contains(&"arn:aws:s3:::data/films/*"));
        assert!(all.contains(&"arn:aws:glue:eu-west-1:111122223333:table/lake/films"));
        assert!(!all.iter().any(|r| r.contains("songs")), "{all:?}");
    }

    #[test]
    fn statements_written_beside_the_derived_ones_come_last() {
        let mut need = crawler(&["s3://data/"], "");
        let written = json!({"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"});
        if let Need::Crawler {
            extra_statements, ..
        } = &mut need
        {
            extra_statements.push(written.clone());
        }
        let policy = document(&statements_of(&need, &[]));
        let last = policy["Statement"]
            .as_array()
            .and_then(|s| s.last().cloned());
        assert_eq!(last, Some(written));
    }
}
