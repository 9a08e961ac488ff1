//! Athena: workgroups, queries and their results.

mod catalog;
mod data_catalogs;
mod executions;
mod glue_shapes;
mod location;
mod metadata_file;
mod named_queries;
pub mod permissions;
mod prepared_statements;
mod record;
mod result_file;
mod result_reuse;
mod results;
mod run;
mod running;
mod tags;
mod workgroups;

pub(crate) use running::Shared;

/// Says why a text is no statement of Athena's SQL, with the place: `line 1:8: mismatched input …`.
/// Parameters (`?`) may stand in it; whether its tables are there is not asked.
pub fn check_syntax(sql: &str) -> Result<(), String> {
    let parsed = athena_sql::parser::parse_statement(sql);
    parsed.map(|_| ()).map_err(|error| error.to_string())
}

use crate::error::ServiceError;
use crate::service::{Protocol, Service, operations};

/// The tables of this service in the store.
pub const SCHEMA: &str = "
CREATE TABLE athena_workgroups (region TEXT, name TEXT, document TEXT NOT NULL, PRIMARY KEY (region, name));
CREATE TABLE athena_named_queries (region TEXT, id TEXT, workgroup TEXT NOT NULL, document TEXT NOT NULL, PRIMARY KEY (region, id));
CREATE TABLE athena_prepared_statements (region TEXT, workgroup TEXT, name TEXT, document TEXT NOT NULL, PRIMARY KEY (region, workgroup, name));
CREATE TABLE athena_executions (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT, region TEXT NOT NULL, id TEXT NOT NULL, workgroup TEXT NOT NULL,
    token TEXT, owner TEXT NOT NULL, state TEXT NOT NULL, document TEXT NOT NULL, columns TEXT, update_count INTEGER);
CREATE UNIQUE INDEX athena_executions_by_id ON athena_executions (region, id);
CREATE INDEX athena_executions_by_workgroup ON athena_executions (region, workgroup, sequence);
CREATE UNIQUE INDEX athena_executions_by_token ON athena_executions (region, token) WHERE token IS NOT NULL;
CREATE TABLE athena_tags (arn TEXT, key TEXT, value TEXT NOT NULL, PRIMARY KEY (arn, key));
";

pub(crate) static SERVICE: Service = Service {
    name: "athena",
    protocol: Protocol::Json {
        target: "AmazonAthena",
        version: "1.1",
    },
    validation_code: "InvalidRequestException",
    denied: ("AccessDeniedException", 400),
    operations: crate::model::athena::OPERATIONS,
    all: crate::model::athena::ALL,
    dispatch,
    needed: permissions::needed,
};

operations! {
    StartQueryExecution => executions::start,
    GetQueryExecution => executions::get,
    BatchGetQueryExecution => executions::batch_get,
    ListQueryExecutions => executions::list,
    StopQueryExecution => executions::stop,
    GetQueryRuntimeStatistics => executions::runtime_statistics,
    GetQueryResults => results::get,
    CreateWorkGroup => workgroups::create,
    GetWorkGroup => workgroups::get,
    ListWorkGroups => workgroups::list,
    UpdateWorkGroup => workgroups::update,
    DeleteWorkGroup => workgroups::delete,
    CreateNamedQuery => named_queries::create,
    GetNamedQuery => named_queries::get,
    BatchGetNamedQuery => named_queries::batch_get,
    ListNamedQueries => named_queries::list,
    UpdateNamedQuery => named_queries::update,
    DeleteNamedQuery => named_queries::delete,
    CreatePreparedStatement => prepared_statements::create,
    GetPreparedStatement => prepared_statements::get,
    BatchGetPreparedStatement => prepared_statements::batch_get,
    ListPreparedStatements => prepared_statements::list,
    UpdatePreparedStatement => prepared_statements::update,
    DeletePreparedStatement => prepared_statements::delete,
    GetDataCatalog => data_catalogs::get_catalog,
    ListDataCatalogs => data_catalogs::list_catalogs,
    GetDatabase => data_catalogs::get_database,
    ListDatabases => data_catalogs::list_databases,
    GetTableMetadata => data_catalogs::get_table,
    ListTableMetadata => data_catalogs::list_tables,
    ListEngineVersions => workgroups::engine_versions,
    TagResource => tags::tag,
    UntagResource => tags::untag,
    ListTagsForResource => tags::list,
}

/// The error of a request that cannot be met.
pub(crate) fn invalid(message: impl Into<String>) -> ServiceError {
    ServiceError::new("InvalidRequestException", message).with("AthenaErrorCode", "INVALID_INPUT")
}

pub(crate) const DEFAULT_PAGE: usize = 50;

pub(crate) fn page_size(max_results: Option<i32>, default: usize) -> usize {
    max_results
        .and_then(|n| usize::try_from(n).ok())
        .filter(|n| *n > 0)
        .unwrap_or(default)
}
