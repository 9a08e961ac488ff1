//! From a statement to its answer.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use datafusion::arrow::array::RecordBatch;
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::execution::session_state::{SessionState, SessionStateBuilder};
use datafusion::logical_expr::{Expr, LogicalPlanBuilder};
use datafusion::physical_plan::{ExecutionPlan, displayable, execute_stream};
use datafusion::prelude::SessionConfig;
use futures::StreamExt;
use futures::future::BoxFuture;
use futures::stream::BoxStream;

use crate::analyzer::{Analyzer, Entry, Field, Relation, TableKey, Tables, columns_of};
use crate::answer::{Answer, Column, StatementType};
use crate::ast::{
    CreateTableAsSelect, CreateView, Explain, Expression, Insert, Parameterized, Query, Statement,
    Unload,
};
use crate::ddl::{self, TableName, ViewColumn, create_view};
use crate::delta;
use crate::error::{Error, ErrorKind};
use crate::formats::{FileTable, ScanContext, table_provider};
use crate::functions::error_of;
use crate::iceberg::{self, Version};
use crate::information_schema;
use crate::join_keys;
use crate::never_true;
use crate::parser::{parse_expression, parse_parameterized};
use crate::render::{column_type, precision_and_scale, render};
use crate::session::Session;
use crate::short_circuit;
use crate::types::{Type, to_hive, value_at};
use crate::write::columns::named;
use crate::write::insert::{self, Target};
use crate::write::{Rows, Written, create_table_as, unload};

const CREATE_TABLE_AS: &str = "CREATE_TABLE_AS_SELECT";

/// What a statement may use.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of memory of one statement.
    pub memory: usize,
    /// Bytes read before the statement is ended; `BytesScannedCutoffPerQuery`.
    pub scan: Option<u64>,
    /// Threads' worth of work at once.
    pub parallelism: usize,
}

/// Runs statements. Holds what is shared between them: the runtime and its limits.
pub struct Engine {
    limits: Limits,
    /// DataFusion's session of one statement. A closure, because rustc proves that a `SessionState`
    /// is `Send` and `Sync` all the way down wherever an engine is, and takes long for it.
    new_state: Box<dyn Fn(Arc<RuntimeEnv>) -> SessionState + Send + Sync>,
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

impl Engine {
    pub fn new(limits: Limits) -> Self {
        let parallelism = limits.parallelism.max(1);
        let config = SessionConfig::new()
            .with_target_partitions(parallelism)
            .with_create_default_catalog_and_schema(false)
            .with_information_schema(false);
        let state = SessionStateBuilder::new()
            .with_config(config)
            .with_default_features()
            .with_optimizer_rules(never_true::optimizer_rules())
            .build();
        Self {
            limits,
            new_state: Box::new(move |runtime| {
                SessionStateBuilder::new_from_existing(state.clone())
                    .with_runtime_env(runtime)
                    .build()
            }),
        }
    }

    /// Runs a statement up to its first rows; the rest comes with [`Answer::rows`].
    pub async fn run(&self, sql: &str, session: Session) -> Result<Answer, Error> {
        let cancel = session.cancel.clone();
        tokio::select! {
            biased;
            () = cancel.cancelled() => Err(cancelled()),
            answer = self.run_statement(sql, session) => answer,
        }
    }

    async fn run_statement(&self, sql: &str, session: Session) -> Result<Answer, Error> {
        let statement = parse_parameterized(sql)?;
        let parameters = session
            .parameters
            .iter()
            .map(|text| parse_expression(text))
            .collect::<Result<Vec<_>, _>>()?;
        self.run_parsed(statement, parameters, session).await
    }

    async fn run_parsed(
        &self,
        statement: Parameterized,
        parameters: Vec<Expression>,
        session: Session,
    ) -> Result<Answer, Error> {
        check_parameters(&statement, &parameters)?;
        match statement.statement {
            Statement::Query(query) => self.query(&query, &parameters, session).await,
            Statement::Explain(explain) => self.explain(&explain, &parameters, session).await,
            Statement::ExecuteImmediate {
                statement,
                parameters,
            } => Box::pin(self.run_parsed(*statement, parameters, session)).await,
            Statement::Execute {
                name,
                parameters: own,
            } => {
                // Values come with USING, or beside the statement as ExecutionParameters.
                let parameters = if own.is_empty() { parameters } else { own };
                let name = name.lower();
                let text = session
                    .catalog
                    .prepared_statement(&name)
                    .await?
                    .ok_or_else(|| {
                        Error::user("NOT_FOUND", format!("Prepared statement not found: {name}"))
                    })?;
                let statement = parse_parameterized(&text)?;
                Box::pin(self.run_parsed(statement, parameters, session)).await
            }
            Statement::Prepare { name, text, .. } => {
                session
                    .catalog
                    .put_prepared_statement(&name.lower(), &text)
                    .await?;
                Ok(Answer::empty(StatementType::Utility, "PREPARE"))
            }
            Statement::Deallocate { name } => {
                session
                    .catalog
                    .drop_prepared_statement(&name.lower())
                    .await?;
                Ok(Answer::empty(StatementType::Utility, "DEALLOCATE"))
            }
            Statement::CreateTableAsSelect(create) => {
                self.create_table_as(&create, &parameters, session).await
            }
            Statement::Insert(insert) => self.insert(&insert, &parameters, session).await,
            Statement::Unload(unload) => self.unload(&unload, &parameters, session).await,
            Statement::Delete(_) => Err(Error::not_supported("DELETE")),
            Statement::Update(_) => Err(Error::not_supported("UPDATE")),
            Statement::Merge(_) => Err(Error::not_supported("MERGE")),
            Statement::Unsupported { what, position } => {
                Err(Error::not_supported(what).at(position.line, position.column))
            }
            Statement::CreateView(create) => {
                let columns = self.view_columns(&create, &parameters, &session).await?;
                create_view(&create, &columns, &session).await
            }
            Statement::DescribeInput { .. } => Err(Error::not_supported("DESCRIBE INPUT")),
            Statement::DescribeOutput { .. } => Err(Error::not_supported("DESCRIBE OUTPUT")),
            other => ddl::run(&other, &session).await,
        }
    }

    /// The columns of a view that is to be made, from analysis of its query.
    async fn view_columns(
        &self,
        create: &CreateView,
        parameters: &[Expression],
        session: &Session,
    ) -> Result<Vec<ViewColumn>, Error> {
        let name = TableName::of(&create.name, session)?;
        let replaced = create.or_replace.then_some(&name);
        let relation = self
            .plan_of(
                &create.query,
                parameters,
                session,
                &Arc::default(),
                replaced,
            )
            .await?;
        let columns = named(&relation.fields, &[], create.position)?;
        let column = |(name, data_type): (String, Type)| ViewColumn {
            name,
            trino_type: data_type.to_string(),
            hive_type: to_hive(&data_type),
        };
        Ok(columns.into_iter().map(column).collect())
    }

    /// The plan of a query; tables are loaded as the analysis asks for them.
    async fn plan(
        &self,
        query: &Query,
        parameters: &[Expression],
        session: &Session,
        bytes_scanned: &Arc<AtomicU64>,
    ) -> Result<Relation, Error> {
        self.plan_of(query, parameters, session, bytes_scanned, None)
            .await
    }

    /// The plan of a query, which may be that of a view that takes another's place.
    async fn plan_of(
        &self,
        query: &Query,
        parameters: &[Expression],
        session: &Session,
        bytes_scanned: &Arc<AtomicU64>,
        replaced: Option<&TableName>,
    ) -> Result<Relation, Error> {
        let mut tables = Tables::default();
        loop {
            let mut analyzer = Analyzer::new(session, &tables, parameters).replacing(replaced);
            let analysis = analyzer.analyze(query);
            let wanted = tables.take_wanted();
            if wanted.is_empty() {
                return analysis;
            }
            for key in wanted {
                let entry = self.load(&key, session, bytes_scanned).await?;
                tables.add(key, entry);
            }
        }
    }

    async fn load(
        &self,
        key: &TableKey,
        session: &Session,
        bytes_scanned: &Arc<AtomicU64>,
    ) -> Result<Entry, Error> {
        if key.database == information_schema::NAME {
            return information_schema::entry(key, &session.catalog);
        }
        let Some(table) = session.catalog.table(&key.database, &key.table).await? else {
            let database = session.catalog.database(&key.database).await?;
            return Ok(database.map_or(Entry::MissingDatabase, |_| Entry::Missing));
        };
        if table.table_type == "VIRTUAL_VIEW" {
            return Ok(Entry::View(table.view_original_text.unwrap_or_default()));
        }
        let context = ScanContext {
            catalog: Arc::clone(&session.catalog),
            bytes_scanned: Arc::clone(bytes_scanned),
            scan_limit: self.limits.scan,
        };
        if iceberg::is_iceberg(&table) {
            let table = iceberg::open(&table, key.version, &context).await?;
            return Ok(Entry::Table {
                columns: table.columns(),
                provider: Arc::new(FileTable(table)),
            });
        }
        if key.version != Version::Current {
            return Err(Error::user(
                "NOT_SUPPORTED",
                "This connector does not support versioned tables",
            ));
        }
        if delta::is_delta(&table) {
            let table = delta::open(&table, &context).await?;
            return Ok(Entry::Table {
                columns: table.columns(),
                provider: Arc::new(FileTable(table)),
            });
        }
        let columns = columns_of(&table)?;
        let provider = table_provider(&table, &columns, &context)?;
        Ok(Entry::Table { columns, provider })
    }

    async fn query(
        &self,
        query: &Query,
        parameters: &[Expression],
        session: Session,
    ) -> Result<Answer, Error> {
        let bytes_scanned = Arc::new(AtomicU64::new(0));
        let relation = self
            .plan(query, parameters, &session, &bytes_scanned)
            .await?;
        let state = self.state_of_one()?;
        let exprs = relation.fields.iter().map(Field::expr).collect();
        let physical = physical_plan(&state, &relation, exprs).await?;
        let stream = execute_stream(physical, state.task_ctx()).map_err(|e| error_of(&e))?;
        let columns = relation.fields.iter().enumerate().map(column).collect();
        let types: Vec<Type> = relation.fields.into_iter().map(|f| f.data_type).collect();
        let rows = stream.map(move |batch| {
            let batch = batch.map_err(|e| error_of(&e))?;
            Ok(rendered(&batch, &types))
        });
        let cancel = session.cancel.clone();
        let until = Box::pin(async move { cancel.cancelled().await });
        Ok(Answer {
            statement_type: StatementType::Dml,
            substatement_type: "SELECT".to_owned(),
            columns,
            rows: ended_by(rows.boxed(), until),
            writing: None,
            bytes_scanned,
        })
    }

    async fn create_table_as(
        &self,
        create: &CreateTableAsSelect,
        parameters: &[Expression],
        session: Session,
    ) -> Result<Answer, Error> {
        let name = TableName::of(&create.name, &session)?;
        ddl::require_database(&name.database, &session).await?;
        let existing = session.catalog.table(&name.database, &name.table).await?;
        if existing.is_some() {
            if create.if_not_exists {
                let nothing = async { Ok(Written::default()) };
                return Ok(self.writing(CREATE_TABLE_AS, nothing, &session, Arc::default()));
            }
            let (place, name) = (create.position, create.name.to_string());
            return Err(Error::user(
                "TABLE_ALREADY_EXISTS",
                format!("Destination table '{name}' already exists"),
            )
            .at(place.line, place.column));
        }
        let bytes_scanned = Arc::default();
        let relation = self
            .plan(&create.query, parameters, &session, &bytes_scanned)
            .await?;
        let plan = create_table_as::plan(create, &relation.fields, &session).await?;
        let exprs = relation.fields.iter().map(Field::expr).collect();
        let rows = self.batches(&relation, exprs).await?;
        let writing = create_table_as::run(plan, rows, session.clone());
        Ok(self.writing(CREATE_TABLE_AS, writing, &session, bytes_scanned))
    }

    async fn unload(
        &self,
        unload: &Unload,
        parameters: &[Expression],
        session: Session,
    ) -> Result<Answer, Error> {
        let bytes_scanned = Arc::default();
        let relation = self
            .plan(&unload.query, parameters, &session, &bytes_scanned)
            .await?;
        let plan = unload::plan(unload, &relation.fields, &session).await?;
        let exprs = relation.fields.iter().map(Field::expr).collect();
        let rows = self.batches(&relation, exprs).await?;
        let writing = unload::run(plan, rows, session.clone());
        Ok(self.writing("UNLOAD", writing, &session, bytes_scanned))
    }

    async fn insert(
        &self,
        insert: &Insert,
        parameters: &[Expression],
        session: Session,
    ) -> Result<Answer, Error> {
        let name = TableName::of(&insert.target, &session)?;
        let place = insert.target.position();
        let error = |code: &str, what: String| Error::user(code, what).at(place.line, place.column);
        let found = session.catalog.table(&name.database, &name.table).await?;
        let table = found.ok_or_else(|| {
            let (database, table) = (&name.database, &name.table);
            let what = format!("Table 'awsdatacatalog.{database}.{table}' does not exist");
            error("TABLE_NOT_FOUND", what)
        })?;
        if ddl::is_view(&table) {
            let what = "Inserting into views is not supported".to_owned();
            return Err(error("NOT_SUPPORTED", what));
        }
        let bytes_scanned = Arc::default();
        let relation = self
            .plan(&insert.query, parameters, &session, &bytes_scanned)
            .await?;
        let target = Target::of(table, session.catalog.as_ref()).await?;
        let sources = insert::sources(insert, target.columns(), &relation.fields)?;
        let exprs = sources.iter().map(insert::Source::expr).collect();
        let rows = self.batches(&relation, exprs).await?;
        let writing = target.fill(rows, session.clone());
        Ok(self.writing("INSERT", writing, &session, bytes_scanned))
    }

    /// A relation's rows as they are, in the columns of these expressions.
    async fn batches(&self, relation: &Relation, exprs: Vec<Expr>) -> Result<Rows, Error> {
        let state = self.state_of_one()?;
        let physical = physical_plan(&state, relation, exprs).await?;
        let stream = execute_stream(physical, state.task_ctx()).map_err(|e| error_of(&e))?;
        Ok(stream.map(|batch| batch.map_err(|e| error_of(&e))).boxed())
    }

    /// The answer of a statement that writes, which ends when somebody cancels it.
    fn writing(
        &self,
        substatement_type: &str,
        writing: impl Future<Output = Result<Written, Error>> + Send + 'static,
        session: &Session,
        bytes_scanned: Arc<AtomicU64>,
    ) -> Answer {
        let cancel = session.cancel.clone();
        let until_cancelled = async move {
            tokio::select! {
                biased;
                () = cancel.cancelled() => Err(cancelled()),
                written = writing => written,
            }
        };
        let (precision, scale) = precision_and_scale(&Type::Bigint);
        Answer {
            columns: vec![Column {
                name: "rows".to_owned(),
                type_name: "bigint".to_owned(),
                precision,
                scale,
                case_sensitive: false,
            }],
            writing: Some(Box::pin(until_cancelled)),
            bytes_scanned,
            ..Answer::empty(StatementType::Dml, substatement_type)
        }
    }

    async fn explain(
        &self,
        explain: &Explain,
        parameters: &[Expression],
        session: Session,
    ) -> Result<Answer, Error> {
        let Statement::Query(query) = &explain.statement else {
            return Err(Error::not_supported("EXPLAIN of anything but a query"));
        };
        if explain.analyze {
            return Err(Error::not_supported("EXPLAIN ANALYZE"));
        }
        let bytes_scanned = Arc::new(AtomicU64::new(0));
        let relation = self
            .plan(query, parameters, &session, &bytes_scanned)
            .await?;
        let state = self.state_of_one()?;
        let exprs = relation.fields.iter().map(Field::expr).collect();
        let physical = physical_plan(&state, &relation, exprs).await?;
        let text = displayable(physical.as_ref()).indent(false).to_string();
        let rows: Vec<Vec<Option<String>>> = text
            .lines()
            .map(|line| vec![Some(line.to_owned())])
            .collect();
        let (precision, scale) = precision_and_scale(&Type::VARCHAR);
        Ok(Answer {
            columns: vec![Column {
                name: "Query Plan".to_owned(),
                type_name: "varchar".to_owned(),
                precision,
                scale,
                case_sensitive: true,
            }],
            rows: futures::stream::iter([Ok(rows)]).boxed(),
            bytes_scanned,
            ..Answer::empty(StatementType::Utility, "EXPLAIN")
        })
    }

    /// The state of one statement: its own memory, which spills to disk.
    fn state_of_one(&self) -> Result<SessionState, Error> {
        let runtime = RuntimeEnvBuilder::new()
            .with_memory_pool(Arc::new(FairSpillPool::new(self.limits.memory)))
            .build_arc()
            .map_err(|e| error_of(&e))?;
        Ok((self.new_state)(runtime))
    }
}

/// Fails unless there is a value for every `?`, and no more. Statements that name another one, or
/// are about the catalog alone, take none themselves.
fn check_parameters(written: &Parameterized, values: &[Expression]) -> Result<(), Error> {
    let takes_values = matches!(
        written.statement,
        Statement::Query(_)
            | Statement::Explain(_)
            | Statement::CreateTableAsSelect(_)
            | Statement::CreateView(_)
            | Statement::Insert(_)
            | Statement::Unload(_)
    );
    if !takes_values || written.parameters == values.len() {
        return Ok(());
    }
    let message = format!(
        "Incorrect number of parameters: expected {} but found {}",
        written.parameters,
        values.len()
    );
    let place = written.position;
    Err(Error::user("INVALID_PARAMETER_USAGE", message).at(place.line, place.column))
}

/// DataFusion's plan of a relation, in the columns of these expressions over it.
async fn physical_plan(
    state: &SessionState,
    relation: &Relation,
    exprs: Vec<Expr>,
) -> Result<Arc<dyn ExecutionPlan>, Error> {
    let plan = LogicalPlanBuilder::from(relation.plan.clone())
        .project(
            exprs
                .into_iter()
                .enumerate()
                .map(|(i, expr)| expr.alias(format!("_{i}"))),
        )
        .and_then(LogicalPlanBuilder::build)
        .and_then(join_keys::in_plan)
        .map_err(|e| error_of(&e))?;
    let ordered = state.optimize(&plan).and_then(short_circuit::in_plan);
    let ordered = ordered.map_err(|e| error_of(&e))?;
    let planned = state.query_planner().create_physical_plan(&ordered, state);
    planned.await.map_err(|e| error_of(&e))
}

/// The rows until somebody cancels; then an error that says so.
fn ended_by(
    rows: BoxStream<'static, Result<Vec<Vec<Option<String>>>, Error>>,
    cancelled_at: BoxFuture<'static, ()>,
) -> BoxStream<'static, Result<Vec<Vec<Option<String>>>, Error>> {
    let state = Some((rows, cancelled_at));
    futures::stream::unfold(state, |state| async move {
        let (mut rows, mut end) = state?;
        tokio::select! {
            biased;
            () = &mut end => Some((Err(cancelled()), None)),
            next = rows.next() => match next? {
                Ok(batch) => Some((Ok(batch), Some((rows, end)))),
                Err(error) => Some((Err(error), None)),
            },
        }
    })
    .boxed()
}

pub(crate) fn cancelled() -> Error {
    Error {
        kind: ErrorKind::Cancelled,
        ..Error::user("USER_CANCELED", "Query was canceled")
    }
}

fn column((index, field): (usize, &Field)) -> Column {
    let (precision, scale) = precision_and_scale(&field.data_type);
    Column {
        name: (field.heading.clone()).unwrap_or_else(|| format!("_col{index}")),
        type_name: column_type(&field.data_type).to_owned(),
        precision,
        scale,
        case_sensitive: matches!(field.data_type, Type::Varchar(_) | Type::Char(_)),
    }
}

fn rendered(batch: &RecordBatch, types: &[Type]) -> Vec<Vec<Option<String>>> {
    (0..batch.num_rows())
        .map(|row| {
            batch
                .columns()
                .iter()
                .zip(types)
                .map(|(column, data_type)| render(&value_at(column, data_type, row), data_type))
                .collect()
        })
        .collect()
}
