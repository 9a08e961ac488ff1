//! What a crawler looks at: as the file says it, as the API takes it, and back.

use aws_sdk_glue::types as glue;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::keys::Keys;
use crate::resource::{CallError, built};
use crate::stack::types::{CatalogName, S3Path};

fn is_empty<T>(list: &[T]) -> bool {
    list.is_empty()
}

macro_rules! targets {
    ($(
        $(#[doc = $doc:literal])*
        $name:ident { $($(#[$attribute:meta])* $field:ident: $type:ty,)* }
    )*) => {
        $(
            $(#[doc = $doc])*
            #[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
            #[serde(deny_unknown_fields)]
            pub(super) struct $name { $($(#[$attribute])* pub $field: $type,)* }
        )*
    };
}

targets! {
    /// A folder of S3.
    S3Target {
        /// The folder.
        path: S3Path,
        /// Glob patterns of what is passed over, relative to the folder.
        #[serde(default, skip_serializing_if = "is_empty")]
        exclusions: Vec<String>,
        /// How many files of each leaf folder are read. Default: all.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schemars(range(min = 1, max = 249))]
        sample_size: Option<i32>,
        /// The network connection that leads to it. The embedded cloud has none.
        #[serde(skip_serializing_if = "Option::is_none")]
        connection_name: Option<String>,
        /// The queue that tells of new objects. The embedded cloud has none.
        #[serde(skip_serializing_if = "Option::is_none")]
        event_queue_arn: Option<String>,
        /// Where that queue's dead letters go. The embedded cloud has none.
        #[serde(skip_serializing_if = "Option::is_none")]
        dlq_event_queue_arn: Option<String>,
    }
    /// Tables of the catalog.
    CatalogTarget {
        /// The database they are in.
        database_name: CatalogName,
        /// Their names.
        #[schemars(length(min = 1))]
        tables: Vec<CatalogName>,
        /// The network connection that leads to their data. The embedded cloud has none.
        #[serde(skip_serializing_if = "Option::is_none")]
        connection_name: Option<String>,
        /// The queue that tells of new objects. The embedded cloud has none.
        #[serde(skip_serializing_if = "Option::is_none")]
        event_queue_arn: Option<String>,
        /// Where that queue's dead letters go. The embedded cloud has none.
        #[serde(skip_serializing_if = "Option::is_none")]
        dlq_event_queue_arn: Option<String>,
    }
    /// Tables behind a JDBC connection.
    JdbcTarget {
        /// The connection.
        connection_name: String,
        /// `DATABASE/SCHEMA/TABLE`, with `%` for any.
        path: String,
        /// Patterns of what is passed over.
        #[serde(default, skip_serializing_if = "is_empty")]
        exclusions: Vec<String>,
        /// What else is kept of each column.
        #[serde(default, skip_serializing_if = "is_empty")]
        enable_additional_metadata: Vec<JdbcMetadata>,
    }
    /// Collections behind a connection.
    MongoDbTarget {
        /// The connection.
        connection_name: String,
        /// `DATABASE/COLLECTION`
        path: String,
        /// Whether all documents are read, or a sample. AWS's default: true.
        #[serde(skip_serializing_if = "Option::is_none")]
        scan_all: Option<bool>,
    }
    /// A table of DynamoDB.
    DynamoDbTarget {
        /// The table's name.
        path: String,
        /// Whether all items are read, or a sample. AWS's default: true.
        #[serde(skip_serializing_if = "Option::is_none")]
        scan_all: Option<bool>,
        /// The share of the table's read capacity that it may take.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schemars(range(min = 0.1, max = 1.5))]
        scan_rate: Option<f64>,
    }
    /// Delta Lake tables.
    DeltaTarget {
        /// Their folders.
        #[schemars(length(min = 1))]
        delta_tables: Vec<S3Path>,
        /// The network connection that leads to them.
        #[serde(skip_serializing_if = "Option::is_none")]
        connection_name: Option<String>,
        /// Whether a manifest is written. AWS's default: false.
        #[serde(skip_serializing_if = "Option::is_none")]
        write_manifest: Option<bool>,
        /// Whether the tables are native ones. AWS's default: false.
        #[serde(skip_serializing_if = "Option::is_none")]
        create_native_delta_table: Option<bool>,
    }
    /// Folders of Iceberg or Hudi tables.
    IcebergTarget {
        /// The folders.
        #[schemars(length(min = 1))]
        paths: Vec<S3Path>,
        /// The network connection that leads to them.
        #[serde(skip_serializing_if = "Option::is_none")]
        connection_name: Option<String>,
        /// Glob patterns of what is passed over.
        #[serde(default, skip_serializing_if = "is_empty")]
        exclusions: Vec<String>,
        /// How many levels below the folders metadata is looked for. AWS's default: 20.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schemars(range(min = 1, max = 20))]
        maximum_traversal_depth: Option<i32>,
    }
}

/// What is kept of a column beside its name and type.
#[derive(Debug, Clone, Copy, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum JdbcMetadata {
    Comments,
    Rawtypes,
}

/// The kinds of targets, as the file names them.
pub(super) const KINDS: [&str; 8] = [
    "s3_targets",
    "catalog_targets",
    "jdbc_targets",
    "mongodb_targets",
    "dynamodb_targets",
    "delta_targets",
    "iceberg_targets",
    "hudi_targets",
];

fn texts<T: ToString>(list: &[T]) -> Option<Vec<String>> {
    Some(list.iter().map(ToString::to_string).collect())
}

/// All targets as the API takes them.
pub(super) fn of_keys(keys: &Keys) -> Result<glue::CrawlerTargets, CallError> {
    let s3 = keys.s3().into_iter().map(|target| {
        glue::S3Target::builder()
            .path(target.path.as_str())
            .set_exclusions(Some(target.exclusions))
            .set_sample_size(target.sample_size)
            .set_connection_name(target.connection_name)
            .set_event_queue_arn(target.event_queue_arn)
            .set_dlq_event_queue_arn(target.dlq_event_queue_arn)
            .build()
    });
    let catalog: Result<Vec<_>, CallError> = keys
        .catalog()
        .iter()
        .map(|target| {
            let builder = glue::CatalogTarget::builder()
                .database_name(target.database_name.as_str())
                .set_tables(texts(&target.tables))
                .set_connection_name(target.connection_name.clone())
                .set_event_queue_arn(target.event_queue_arn.clone())
                .set_dlq_event_queue_arn(target.dlq_event_queue_arn.clone());
            built("CreateCrawler", builder.build())
        })
        .collect();
    let jdbc = keys.jdbc_targets.iter().flatten().map(|target| {
        let metadata = target.enable_additional_metadata.iter();
        let metadata = metadata.map(|what| match what {
            JdbcMetadata::Comments => glue::JdbcMetadataEntry::Comments,
            JdbcMetadata::Rawtypes => glue::JdbcMetadataEntry::Rawtypes,
        });
        glue::JdbcTarget::builder()
            .connection_name(&target.connection_name)
            .path(&target.path)
            .set_exclusions(Some(target.exclusions.clone()))
            .set_enable_additional_metadata(Some(metadata.collect()))
            .build()
    });
    let mongodb = keys.mongodb_targets.iter().flatten().map(|target| {
        glue::MongoDbTarget::builder()
            .connection_name(&target.connection_name)
            .path(&target.path)
            .set_scan_all(target.scan_all)
            .build()
    });
    let dynamodb = keys.dynamodb_targets.iter().flatten().map(|target| {
        glue::DynamoDbTarget::builder()
            .path(&target.path)
            .set_scan_all(target.scan_all)
            .set_scan_rate(target.scan_rate)
            .build()
    });
    let delta = keys.delta_targets.iter().flatten().map(|target| {
        glue::DeltaTarget::builder()
            .set_delta_tables(texts(&target.delta_tables))
            .set_connection_name(target.connection_name.clone())
            .set_write_manifest(target.write_manifest)
            .set_create_native_delta_table(target.create_native_delta_table)
            .build()
    });
    let iceberg = keys.iceberg_targets.iter().flatten().map(|target| {
        glue::IcebergTarget::builder()
            .set_paths(texts(&target.paths))
            .set_connection_name(target.connection_name.clone())
            .set_exclusions(Some(target.exclusions.clone()))
            .set_maximum_traversal_depth(target.maximum_traversal_depth)
            .build()
    });
    let hudi = keys.hudi_targets.iter().flatten().map(|target| {
        glue::HudiTarget::builder()
            .set_paths(texts(&target.paths))
            .set_connection_name(target.connection_name.clone())
            .set_exclusions(Some(target.exclusions.clone()))
            .set_maximum_traversal_depth(target.maximum_traversal_depth)
            .build()
    });
    Ok(glue::CrawlerTargets::builder()
        .set_s3_targets(Some(s3.collect()))
        .set_catalog_targets(Some(catalog?))
        .set_jdbc_targets(Some(jdbc.collect()))
        .set_mongo_db_targets(Some(mongodb.collect()))
        .set_dynamo_db_targets(Some(dynamodb.collect()))
        .set_delta_targets(Some(delta.collect()))
        .set_iceberg_targets(Some(iceberg.collect()))
        .set_hudi_targets(Some(hudi.collect()))
        .build())
}

/// The targets that the API has, by their kind, in the form of the file: what is not set is left
/// out, and so are AWS's defaults. A folder that is nothing but its path is that text.
pub(super) fn shown(targets: &glue::CrawlerTargets) -> [(&'static str, Value); 8] {
    let list = |targets: Vec<Value>| Value::Array(targets.into_iter().map(without_unset).collect());
    let s3 = targets.s3_targets().iter().map(|target| {
        json!({
            "path": target.path(),
            "exclusions": target.exclusions(),
            "sample_size": target.sample_size(),
            "connection_name": target.connection_name(),
            "event_queue_arn": target.event_queue_arn(),
            "dlq_event_queue_arn": target.dlq_event_queue_arn(),
        })
    });
    let catalog = targets.catalog_targets().iter().map(|target| {
        json!({
            "database_name": target.database_name(),
            "tables": target.tables(),
            "connection_name": target.connection_name(),
            "event_queue_arn": target.event_queue_arn(),
            "dlq_event_queue_arn": target.dlq_event_queue_arn(),
        })
    });
    let jdbc = targets.jdbc_targets().iter().map(|target| {
        let metadata = target.enable_additional_metadata().iter();
        json!({
            "connection_name": target.connection_name(),
            "path": target.path(),
            "exclusions": target.exclusions(),
            "enable_additional_metadata":
                metadata.map(glue::JdbcMetadataEntry::as_str).collect::<Vec<_>>(),
        })
    });
    let mongodb = targets.mongo_db_targets().iter().map(|target| {
        json!({
            "connection_name": target.connection_name(),
            "path": target.path(),
            "scan_all": target.scan_all().filter(|all| !all),
        })
    });
    let dynamodb = targets.dynamo_db_targets().iter().map(|target| {
        json!({
            "path": target.path(),
            "scan_all": target.scan_all().filter(|all| !all),
            "scan_rate": target.scan_rate(),
        })
    });
    let delta = targets.delta_targets().iter().map(|target| {
        json!({
            "delta_tables": target.delta_tables(),
            "connection_name": target.connection_name(),
            "write_manifest": target.write_manifest().filter(|on| *on),
            "create_native_delta_table": target.create_native_delta_table().filter(|on| *on),
        })
    });
    let iceberg = targets.iceberg_targets().iter().map(|target| {
        json!({
            "paths": target.paths(),
            "connection_name": target.connection_name(),
            "exclusions": target.exclusions(),
            "maximum_traversal_depth": target.maximum_traversal_depth().filter(|d| *d != 20),
        })
    });
    let hudi = targets.hudi_targets().iter().map(|target| {
        json!({
            "paths": target.paths(),
            "connection_name": target.connection_name(),
            "exclusions": target.exclusions(),
            "maximum_traversal_depth": target.maximum_traversal_depth().filter(|d| *d != 20),
        })
    });
    let [
        s3_kind,
        catalog_kind,
        jdbc_kind,
        mongodb_kind,
        dynamodb_kind,
        delta_kind,
        iceberg_kind,
        hudi_kind,
    ] = KINDS;
    [
        (s3_kind, list(s3.collect())),
        (catalog_kind, list(catalog.collect())),
        (jdbc_kind, list(jdbc.collect())),
        (mongodb_kind, list(mongodb.collect())),
        (dynamodb_kind, list(dynamodb.collect())),
        (delta_kind, list(delta.collect())),
        (iceberg_kind, list(iceberg.collect())),
        (hudi_kind, list(hudi.collect())),
    ]
}

fn without_unset(target: Value) -> Value {
    let Value::Object(mut members) = target else {
        return target;
    };
    members.retain(|_, value| match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(list) => !list.is_empty(),
        _ => true,
    });
    match members.get("path") {
        Some(path)
            if members.len() == 1 && path.as_str().is_some_and(|p| p.starts_with("s3://")) =>
        {
            path.clone()
        }
        _ => Value::Object(members),
    }
}
