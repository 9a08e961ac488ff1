//! What a crawler needs: to read its paths, write its database's tables, and log.

use std::collections::BTreeSet;

use super::{Home, Statement};

pub(super) fn statements(
    home: &Home,
    database: &str,
    table_prefix: &str,
    paths: &[String],
) -> Vec<Statement> {
    let places: Vec<(&str, &str)> = paths
        .iter()
        .filter_map(|path| path.strip_prefix("s3://"))
        .map(|path| path.split_once('/').unwrap_or((path, "")))
        .collect();
    let buckets: BTreeSet<&str> = places.iter().map(|(bucket, _)| *bucket).collect();
    let bucket_arn = |bucket: &str| format!("arn:{}:s3:::{bucket}", home.partition);
    vec![
        Statement::new(
            "ListPaths",
            ["s3:ListBucket", "s3:GetBucketLocation"],
            buckets.iter().map(|bucket| bucket_arn(bucket)),
            "lists the objects below the crawler's paths",
        ),
        Statement::new(
            "ReadPaths",
            ["s3:GetObject"],
            places
                .iter()
                .map(|(bucket, key)| format!("{}/{key}*", bucket_arn(bucket))),
            "reads the objects to find their format and columns",
        ),
        Statement::new(
            "WriteCatalog",
            [
                "glue:GetDatabase",
                "glue:GetTable",
                "glue:GetTables",
                "glue:CreateTable",
                "glue:UpdateTable",
                "glue:DeleteTable",
                "glue:BatchDeleteTable",
                "glue:GetPartition",
                "glue:GetPartitions",
                "glue:BatchGetPartition",
                "glue:BatchCreatePartition",
                "glue:BatchUpdatePartition",
                "glue:BatchDeletePartition",
                "glue:CreatePartition",
                "glue:UpdatePartition",
                "glue:DeletePartition",
            ],
            [
                home.arn("glue", "catalog"),
                home.arn("glue", &format!("database/{database}")),
                home.arn("glue", &format!("table/{database}/{table_prefix}*")),
            ],
            format!("keeps the tables of `{database}` as it finds them"),
        ),
        Statement::new(
            "WriteLogs",
            [
                "logs:CreateLogGroup",
                "logs:CreateLogStream",
                "logs:PutLogEvents",
            ],
            [home.arn("logs", "log-group:/aws-glue/*")],
            "writes what it did to /aws-glue/crawlers",
        ),
    ]
}
