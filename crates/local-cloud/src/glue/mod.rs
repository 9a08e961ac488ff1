//! The Glue Data Catalog and its crawlers.
//!
//! Names of databases and tables are folded to lower case, and everything belongs to the region
//! of its caller. The query engine and the crawler reach the catalog as any client does, through
//! [`crate::Cloud::invoke`], under their caller's permissions.

mod classifiers;
mod column_statistics;
mod crawl;
mod crawler_runs;
mod crawler_schedules;
mod crawler_settings;
mod crawlers;
mod crawls;
mod cron;
mod databases;
mod errors;
mod expression;
mod functions;
mod lake_targets;
mod partition_batches;
mod partition_indexes;
mod partition_key;
mod partition_store;
mod partitions;
pub mod permissions;
mod resource_policy;
mod search;
mod settings;
mod table_deletes;
mod table_versions;
mod tables;
mod tags;

use crate::service::{Protocol, Service, operations};

/// The tables of this service in the store.
///
/// A partition's `key` is its values in bytes that sort as they do, so that an expression is
/// evaluated on the index alone and only the documents of what matches are read.
pub const SCHEMA: &str = "
CREATE TABLE glue_databases (region TEXT, name TEXT, document TEXT NOT NULL, PRIMARY KEY (region, name)) WITHOUT ROWID;
CREATE TABLE glue_tables (
    id INTEGER PRIMARY KEY, region TEXT NOT NULL, database TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL,
    document TEXT NOT NULL, UNIQUE (region, database, name),
    FOREIGN KEY (region, database) REFERENCES glue_databases ON DELETE CASCADE);
CREATE TABLE glue_table_versions (
    table_id INTEGER REFERENCES glue_tables ON DELETE CASCADE, version INTEGER, document TEXT NOT NULL,
    PRIMARY KEY (table_id, version)) WITHOUT ROWID;
CREATE TABLE glue_partition_descriptors (
    id INTEGER PRIMARY KEY, table_id INTEGER NOT NULL REFERENCES glue_tables ON DELETE CASCADE, hash BLOB NOT NULL,
    document TEXT NOT NULL, UNIQUE (table_id, hash));
CREATE TABLE glue_partitions (
    id INTEGER PRIMARY KEY, table_id INTEGER NOT NULL REFERENCES glue_tables ON DELETE CASCADE, key BLOB NOT NULL,
    descriptor INTEGER, document TEXT NOT NULL, UNIQUE (table_id, key));
CREATE TABLE glue_partition_indexes (
    table_id INTEGER REFERENCES glue_tables ON DELETE CASCADE, name TEXT, document TEXT NOT NULL,
    PRIMARY KEY (table_id, name)) WITHOUT ROWID;
CREATE TABLE glue_table_statistics (
    table_id INTEGER REFERENCES glue_tables ON DELETE CASCADE, name TEXT, document TEXT NOT NULL,
    PRIMARY KEY (table_id, name)) WITHOUT ROWID;
CREATE TABLE glue_partition_statistics (
    partition_id INTEGER REFERENCES glue_partitions ON DELETE CASCADE, name TEXT, document TEXT NOT NULL,
    PRIMARY KEY (partition_id, name)) WITHOUT ROWID;
CREATE TABLE glue_functions (
    region TEXT, database TEXT, name TEXT, document TEXT NOT NULL, PRIMARY KEY (region, database, name),
    FOREIGN KEY (region, database) REFERENCES glue_databases ON DELETE CASCADE) WITHOUT ROWID;
CREATE TABLE glue_resource_policies (region TEXT PRIMARY KEY, document TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE glue_crawlers (region TEXT, name TEXT, document TEXT NOT NULL, PRIMARY KEY (region, name)) WITHOUT ROWID;
CREATE TABLE glue_crawls (
    id INTEGER PRIMARY KEY AUTOINCREMENT, region TEXT NOT NULL, crawler TEXT NOT NULL, owner TEXT NOT NULL,
    stopping INTEGER NOT NULL, ended INTEGER NOT NULL, document TEXT NOT NULL,
    FOREIGN KEY (region, crawler) REFERENCES glue_crawlers ON DELETE CASCADE);
CREATE INDEX glue_crawls_by_crawler ON glue_crawls (region, crawler, id);
CREATE TABLE glue_crawled_objects (
    region TEXT, crawler TEXT, object BLOB, shape INTEGER NOT NULL, records INTEGER NOT NULL,
    seen_records INTEGER NOT NULL, seen_bytes INTEGER NOT NULL, remarks TEXT, PRIMARY KEY (region, crawler, object),
    FOREIGN KEY (region, crawler) REFERENCES glue_crawlers ON DELETE CASCADE) WITHOUT ROWID;
CREATE TABLE glue_crawled_folders (
    region TEXT, crawler TEXT, folder BLOB, PRIMARY KEY (region, crawler, folder),
    FOREIGN KEY (region, crawler) REFERENCES glue_crawlers ON DELETE CASCADE) WITHOUT ROWID;
CREATE TABLE glue_classifiers (region TEXT, name TEXT, document TEXT NOT NULL, PRIMARY KEY (region, name)) WITHOUT ROWID;
CREATE TABLE glue_tags (arn TEXT, key TEXT, value TEXT NOT NULL, PRIMARY KEY (arn, key)) WITHOUT ROWID;
";

pub(crate) static SERVICE: Service = Service {
    name: "glue",
    protocol: Protocol::Json {
        target: "AWSGlue",
        version: "1.1",
    },
    validation_code: "ValidationException",
    denied: ("AccessDeniedException", 400),
    operations: crate::model::glue::OPERATIONS,
    all: crate::model::glue::ALL,
    dispatch,
    needed: permissions::needed,
};

pub(crate) use crawler_schedules::scheduled as scheduled_crawlers;
pub(crate) use resource_policy::of as resource_policy_for;

operations! {
    CreateDatabase => databases::create,
    GetDatabase => databases::get,
    GetDatabases => databases::list,
    UpdateDatabase => databases::update,
    DeleteDatabase => databases::delete,
    CreateTable => tables::create,
    GetTable => tables::get,
    GetTables => tables::list,
    UpdateTable => tables::update,
    DeleteTable => table_deletes::one,
    BatchDeleteTable => table_deletes::batch,
    SearchTables => search::tables,
    GetTableVersion => table_versions::get,
    GetTableVersions => table_versions::list,
    DeleteTableVersion => table_versions::delete,
    BatchDeleteTableVersion => table_versions::batch_delete,
    CreatePartition => partitions::create,
    GetPartition => partitions::get,
    GetPartitions => partitions::list,
    UpdatePartition => partitions::update,
    DeletePartition => partitions::delete,
    BatchCreatePartition => partition_batches::create,
    BatchGetPartition => partition_batches::get,
    BatchUpdatePartition => partition_batches::update,
    BatchDeletePartition => partition_batches::delete,
    CreatePartitionIndex => partition_indexes::create,
    GetPartitionIndexes => partition_indexes::list,
    DeletePartitionIndex => partition_indexes::delete,
    GetColumnStatisticsForTable => column_statistics::get_of_table,
    UpdateColumnStatisticsForTable => column_statistics::update_of_table,
    DeleteColumnStatisticsForTable => column_statistics::delete_of_table,
    GetColumnStatisticsForPartition => column_statistics::get_of_partition,
    UpdateColumnStatisticsForPartition => column_statistics::update_of_partition,
    DeleteColumnStatisticsForPartition => column_statistics::delete_of_partition,
    CreateUserDefinedFunction => functions::create,
    GetUserDefinedFunction => functions::get,
    GetUserDefinedFunctions => functions::list,
    UpdateUserDefinedFunction => functions::update,
    DeleteUserDefinedFunction => functions::delete,
    PutResourcePolicy => resource_policy::put,
    GetResourcePolicy => resource_policy::get,
    GetResourcePolicies => resource_policy::list,
    DeleteResourcePolicy => resource_policy::delete,
    CreateCrawler => crawlers::create,
    GetCrawler => crawlers::get,
    GetCrawlers => crawlers::get_all,
    BatchGetCrawlers => crawlers::batch_get,
    ListCrawlers => crawlers::list,
    UpdateCrawler => crawlers::update,
    DeleteCrawler => crawlers::delete,
    StartCrawler => crawler_runs::start,
    StopCrawler => crawler_runs::stop,
    GetCrawlerMetrics => crawler_runs::metrics,
    ListCrawls => crawler_runs::history,
    StartCrawlerSchedule => crawler_schedules::start,
    StopCrawlerSchedule => crawler_schedules::stop,
    UpdateCrawlerSchedule => crawler_schedules::update,
    CreateClassifier => classifiers::create,
    GetClassifier => classifiers::get,
    GetClassifiers => classifiers::list,
    UpdateClassifier => classifiers::update,
    DeleteClassifier => classifiers::delete,
    TagResource => tags::tag,
    UntagResource => tags::untag,
    GetTags => tags::get,
    GetCatalogImportStatus => settings::import_status,
    GetDataCatalogEncryptionSettings => settings::encryption,
}

/// A name as the catalog keeps it.
fn folded(name: &str) -> String {
    name.to_lowercase()
}

/// The size of a page: what is asked for, within what the operation gives at most.
fn page_size(asked: Option<i32>, most: usize) -> usize {
    asked
        .and_then(|n| usize::try_from(n).ok())
        .filter(|n| (1..=most).contains(n))
        .unwrap_or(most)
}

/// The key that a page starts at, from the token of the page before; clients send an empty one for
/// the first page.
fn start(token: Option<&str>) -> Result<Option<String>, crate::ServiceError> {
    token
        .filter(|token| !token.is_empty())
        .map(|token| crate::paging::key(token, "InvalidInputException"))
        .transpose()
}

/// The members of what is listed that `AttributesToGet` asks for; without it, all.
fn attributes(asked: Option<&[String]>) -> Result<Option<&[String]>, crate::ServiceError> {
    match asked {
        Some(asked) if !asked.iter().any(|attribute| attribute == "NAME") => {
            Err(errors::invalid_input("AttributesToGet must include NAME."))
        }
        asked => Ok(asked),
    }
}

/// `DATABASE.TABLE` of every table there is, for what completes half-typed names.
pub fn table_names(cloud: &crate::Cloud) -> Result<Vec<String>, crate::ServiceError> {
    cloud.store().read(|c| {
        let mut statement =
            c.prepare("SELECT database || '.' || name FROM glue_tables ORDER BY database, name")?;
        let rows = statement.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    })
}
