//! The way of one query: out of the queue, through the engine, into its result files.

use std::sync::Arc;
use std::time::Duration;

use athena_sql::{Answer, Error, ErrorKind, Session, StatementType};
use futures::StreamExt;
use object_store::path::Path;
use tokio::task::{JoinError, JoinSet};

use super::catalog::GlueCatalog;
use super::location::Location;
use super::metadata_file;
use super::record::{self, Record};
use super::result_file::{Format, ResultFile};
use super::running::Running;
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::athena::{AthenaError, ColumnInfo};
use crate::s3::BucketStore;

/// How often a query looks whether another process has stopped it.
const LOOK: Duration = Duration::from_millis(250);

/// The engine's name for a query over the workgroup's BytesScannedCutoffPerQuery.
const SCAN_LIMIT: &str = "EXCEEDED_SCAN_LIMIT";

/// A query that has been taken.
pub(super) struct Job {
    pub cloud: Cloud,
    pub caller: Caller,
    pub id: String,
    pub query: String,
    pub database: String,
    pub parameters: Vec<String>,
    pub workgroup: String,
    pub output: Location,
    /// Whether the workgroup says where results go, whatever the caller says.
    pub output_is_enforced: bool,
    /// Bytes that the workgroup lets one query read.
    pub scan_limit: Option<u64>,
    pub running: Running,
}

/// What a query came to.
struct Done {
    format: Format,
    columns: Vec<ColumnInfo>,
    update_count: Option<i64>,
    manifest: Option<String>,
}

/// Why a query came to nothing.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Statement(#[from] Error),
    #[error(
        "Access denied when writing output to url: {url} . Please ensure you are allowed to access the S3 bucket. If you are encrypting query results with KMS key, please ensure you are allowed to access your KMS key. ({source})"
    )]
    OutputDenied {
        url: String,
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    #[error(
        "The S3 location provided to save your query results is invalid. Please check your S3 location is correct and is in the same region and try again. If you continue to see the issue, contact customer support for further assistance."
    )]
    OutputInvalid,
    #[error("Failed to write query results to {url}: {source}")]
    Output {
        url: String,
        source: object_store::Error,
    },
    #[error(transparent)]
    Service(#[from] ServiceError),
    #[error("The embedded Athena broke down on this query: {0}")]
    Panic(String),
}

/// Runs a query to its end, whatever that is, and writes it down.
pub(super) async fn run(job: Job) {
    let job = Arc::new(job);
    let _listed = job.cloud.athena().listed(&job.id);
    let outcome = tokio::select! {
        outcome = execute_apart(&job) => outcome,
        () = job.running.cancel.cancelled() => return,
        () = stopped_elsewhere(&job) => {
            job.running.cancel.cancel();
            return;
        }
    };
    let written = record::change(&job.cloud, &job.caller, &job.id, |record| {
        let mut statistics = job.running.clock.statistics();
        match outcome {
            Ok(done) => {
                set_location(record, job.output.url(&job.id, done.format.extension()));
                statistics.data_manifest_location = done.manifest;
                record.columns = done.columns;
                record.update_count = done.update_count;
                record.end("SUCCEEDED", None, None);
            }
            Err(failure) => {
                let reason = failure.reason();
                let error = failure.classify(&reason);
                record.end(failure.state(), Some(reason), Some(error));
            }
        }
        record.execution.statistics = Some(statistics);
    });
    if let Err(error) = written {
        tracing::error!(query = job.id, %error, "the end of the query cannot be written down");
    }
}

fn set_location(record: &mut Record, url: String) {
    record
        .execution
        .result_configuration
        .get_or_insert_default()
        .output_location = Some(url);
}

/// Waits until the store says that the query has ended though nobody here ended it.
async fn stopped_elsewhere(job: &Job) {
    loop {
        tokio::time::sleep(LOOK).await;
        let found = job
            .cloud
            .store()
            .read(|c| record::find(c, &job.caller, &job.id));
        match found {
            Ok(Some(record)) if record.is_active() => {}
            // The workgroup has been deleted with its queries, or the query was stopped.
            Ok(_) => return,
            Err(error) => tracing::warn!(query = job.id, %error, "cannot look at the query"),
        }
    }
}

/// Runs a query on the threads of queries. Dropped, it ends the query at its next batch.
async fn execute_apart(job: &Arc<Job>) -> Result<Done, Failure> {
    let threads = job
        .cloud
        .athena()
        .threads()
        .map_err(ServiceError::internal)?;
    let query = job.clone();
    let mut work = JoinSet::new();
    work.spawn_on(async move { execute(&query).await }, &threads);
    match work.join_next().await {
        Some(Ok(outcome)) => outcome,
        Some(Err(error)) => Err(Failure::broken(error)),
        None => Err(ServiceError::internal("the query has no outcome").into()),
    }
}

async fn execute(job: &Job) -> Result<Done, Failure> {
    let _place = job
        .cloud
        .athena()
        .places
        .acquire()
        .await
        .map_err(ServiceError::internal)?;
    job.running.clock.start();
    record::change(&job.cloud, &job.caller, &job.id, |record| {
        record.status().state = Some("RUNNING".to_owned());
    })?;
    if !job.output.exists(&job.cloud, &job.caller).await? {
        return Err(Failure::OutputInvalid);
    }
    let catalog = GlueCatalog::new(&job.cloud, &job.caller, &job.workgroup);
    let session = Session {
        catalog: Arc::new(catalog),
        // Some clients put it into Hive's quotes.
        database: job.database.trim_matches('`').to_lowercase(),
        query_id: job.id.clone(),
        output_location: job.output.prefix_url(),
        output_is_enforced: job.output_is_enforced,
        parameters: job.parameters.clone(),
        now: chrono::Utc::now(),
        cancel: job.running.cancel.clone(),
    };
    let engine = job.cloud.athena().engine(job.scan_limit);
    let answer = engine.run(&job.query, session).await?;
    job.running.clock.planned(answer.bytes_scanned.clone());
    let statement_type = match answer.statement_type {
        StatementType::Ddl => "DDL",
        StatementType::Dml => "DML",
        StatementType::Utility => "UTILITY",
    };
    let format = format(&answer);
    record::change(&job.cloud, &job.caller, &job.id, |record| {
        record.execution.statement_type = Some(statement_type.to_owned());
        record.execution.substatement_type = Some(answer.substatement_type.clone());
        set_location(record, job.output.url(&job.id, format.extension()));
    })?;
    write(job, answer, format).await
}

fn format(answer: &Answer) -> Format {
    match answer.statement_type {
        _ if answer.writing.is_some() => Format::Manifest,
        StatementType::Dml => Format::Csv,
        StatementType::Ddl | StatementType::Utility => Format::Text,
    }
}

/// The ending of a result file as far as the first word of a statement tells it; the engine
/// tells it for certain.
pub(super) fn expected_extension(query: &str) -> &'static str {
    let word: String = query
        .trim_start_matches(|c: char| c.is_whitespace() || c == '(')
        .chars()
        .take_while(char::is_ascii_alphabetic)
        .collect();
    match word.to_ascii_uppercase().as_str() {
        "SELECT" | "WITH" | "VALUES" | "TABLE" | "EXECUTE" => Format::Csv.extension(),
        "INSERT" | "UNLOAD" => Format::Manifest.extension(),
        _ => Format::Text.extension(),
    }
}

/// Writes rows as they come, then the columns, then the list of what a table was given.
async fn write(job: &Job, mut answer: Answer, format: Format) -> Result<Done, Failure> {
    let columns: Vec<ColumnInfo> = answer.columns.iter().map(column_info).collect();
    let store = BucketStore::new(
        job.cloud.clone(),
        job.caller.clone(),
        job.output.bucket.clone(),
    );
    let mut manifest = None;
    let mut update_count = None;
    if let Some(writing) = answer.writing {
        let written = writing.await?;
        update_count = Some(written.rows.try_into().unwrap_or(i64::MAX));
        let target = Target::new(job, "-manifest.csv");
        let mut file = target.open(&store, "text/csv")?;
        for url in &written.files {
            file.buffer().extend_from_slice(url.as_bytes());
            file.buffer().push(b'\n');
        }
        file.finish().await.map_err(|e| target.failure(e))?;
        manifest = Some(target.url);
    } else {
        let target = Target::new(job, format.extension());
        let mut file = target.open(&store, format.content_type())?;
        format.write_header(file.buffer(), &answer.columns);
        while let Some(batch) = answer.rows.next().await {
            let written = match batch {
                Ok(rows) => {
                    for row in &rows {
                        format.write_row(file.buffer(), row);
                    }
                    file.flush().await.map_err(|e| target.failure(e))
                }
                Err(error) => Err(error.into()),
            };
            if let Err(failure) = written {
                // The failure is what counts; the file that the parts are in is removed with the
                // upload, whatever giving it up says.
                if let Err(error) = file.abort().await {
                    tracing::warn!(query = job.id, %error, "cannot give up the result file");
                }
                return Err(failure);
            }
        }
        file.finish().await.map_err(|e| target.failure(e))?;
    }
    job.running.clock.executed();
    let target = Target::new(job, &format!("{}.metadata", format.extension()));
    let mut file = target.open(&store, "application/octet-stream")?;
    let metadata = metadata_file::encode(&job.id, &columns);
    file.buffer().extend_from_slice(&metadata);
    file.finish().await.map_err(|e| target.failure(e))?;
    Ok(Done {
        format,
        columns,
        update_count,
        manifest,
    })
}

fn column_info(column: &athena_sql::Column) -> ColumnInfo {
    let number = |n: u32| Some(i32::try_from(n).unwrap_or(i32::MAX));
    ColumnInfo {
        catalog_name: Some("hive".to_owned()),
        schema_name: Some(String::new()),
        table_name: Some(String::new()),
        name: column.name.clone(),
        label: Some(column.name.clone()),
        r#type: column.type_name.clone(),
        precision: number(column.precision),
        scale: number(column.scale),
        nullable: Some("UNKNOWN".to_owned()),
        case_sensitive: Some(column.case_sensitive),
    }
}

/// A file to be written, and how its failure reads.
struct Target {
    key: String,
    url: String,
}

impl Target {
    fn new(job: &Job, ending: &str) -> Self {
        Self {
            key: job.output.key(&job.id, ending),
            url: job.output.url(&job.id, ending),
        }
    }

    fn open<'a>(
        &self,
        store: &'a BucketStore,
        content_type: &'static str,
    ) -> Result<ResultFile<'a>, Failure> {
        let key = Path::parse(&self.key).map_err(|_| Failure::OutputInvalid)?;
        Ok(ResultFile::new(store, key, content_type))
    }

    fn failure(&self, error: object_store::Error) -> Failure {
        let url = self.url.clone();
        match error {
            object_store::Error::PermissionDenied { source, .. } => {
                Failure::OutputDenied { url, source }
            }
            object_store::Error::NotFound { .. } => Failure::OutputInvalid,
            source => Failure::Output { url, source },
        }
    }
}

impl Failure {
    /// A query that panicked, or whose threads are gone.
    fn broken(error: JoinError) -> Self {
        let error = match error.try_into_panic() {
            Ok(panic) => {
                let text = panic
                    .downcast_ref::<&str>()
                    .map(|text| (*text).to_owned())
                    .or_else(|| panic.downcast_ref::<String>().cloned());
                return Self::Panic(text.unwrap_or_default());
            }
            Err(error) => error,
        };
        ServiceError::internal(error).into()
    }

    /// What StateChangeReason says. Athena names no error's name for a query over its limit.
    fn reason(&self) -> String {
        match self {
            Self::Statement(error) if error.code == SCAN_LIMIT => error.message.clone(),
            other => other.to_string(),
        }
    }

    /// A query over the workgroup's limit is cancelled, every other one has failed.
    fn state(&self) -> &'static str {
        match self {
            Self::Statement(error) if error.kind == ErrorKind::Cancelled => "CANCELLED",
            Self::Statement(error) if error.code == SCAN_LIMIT => "CANCELLED",
            _ => "FAILED",
        }
    }

    /// Category, type and retryability, from the Athena error type reference.
    fn classify(&self, reason: &str) -> AthenaError {
        const SYSTEM: i32 = 1;
        const USER: i32 = 2;
        let (category, kind, retryable) = match self {
            Self::Statement(error) => match error.kind {
                ErrorKind::User | ErrorKind::NotSupported if error.place.is_some() => {
                    (USER, 1006, false)
                }
                ErrorKind::User | ErrorKind::NotSupported => match error.code.as_str() {
                    "" => (USER, 1003, false),
                    "TABLE_NOT_FOUND" | "SCHEMA_NOT_FOUND" => (USER, 1205, false),
                    _ => (USER, 1001, false),
                },
                ErrorKind::AccessDenied => (USER, 1301, false),
                ErrorKind::ResourcesExceeded => (USER, 0, false),
                ErrorKind::Cancelled => (USER, 1011, false),
                ErrorKind::Internal => (SYSTEM, 200, false),
            },
            Self::OutputDenied { .. } => (USER, 1301, false),
            Self::OutputInvalid => (USER, 1204, false),
            Self::Output { .. } => (SYSTEM, 401, true),
            Self::Service(error) if error.status < 500 => (USER, 1301, false),
            Self::Service(_) => (SYSTEM, 100, true),
            Self::Panic(_) => (SYSTEM, 200, false),
        };
        AthenaError {
            error_category: Some(category),
            error_type: Some(kind),
            retryable: Some(retryable),
            error_message: Some(reason.to_owned()),
        }
    }
}
