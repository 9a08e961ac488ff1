//! `athglue query`

mod answer;
mod failure;

use std::io::Read as _;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, bail};
use aws_sdk_athena::types::{
    QueryExecution, QueryExecutionContext, QueryExecutionState, QueryExecutionStatistics,
    ResultConfiguration, StatementType,
};
use clap::ValueHint;
use clap_complete::ArgValueCompleter;

use super::interrupts::Interrupts;
use super::{completer, names};
use crate::cli::Exit;
use crate::cloud::{Cloud, Target};
use crate::output::rows::RowFormat;
use crate::output::{Moving, human};
use crate::resource::{CallError, call};
use crate::session::Session;
use crate::stack::Stack;

/// Runs SQL on Athena and prints the rows.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The SQL, or @NAME for a named query of the stack.
    #[arg(value_name = "SQL|@NAMED", required_unless_present = "sql_file", conflicts_with = "sql_file")]
    #[arg(add = ArgValueCompleter::new(completer::queries))]
    sql: Option<String>,

    /// A file with the SQL; - reads it from stdin.
    #[arg(short = 'f', value_name = "FILE", value_hint = ValueHint::FilePath)]
    sql_file: Option<PathBuf>,

    /// The database of unqualified tables. Without it, the stack's, if it has one.
    #[arg(short, long, value_name = "DB")]
    #[arg(add = ArgValueCompleter::new(completer::databases))]
    database: Option<String>,

    /// The workgroup. Without it, the stack's, if it has one; else primary.
    #[arg(short, long, value_name = "NAME")]
    #[arg(add = ArgValueCompleter::new(completer::workgroups))]
    workgroup: Option<String>,

    /// Where the result is written, if the workgroup does not say.
    #[arg(long, value_name = "S3_URL")]
    results: Option<String>,

    /// How rows are printed.
    #[arg(long, value_name = "FORMAT")]
    format: Option<RowFormat>,

    /// How many rows a table shows at most; other formats print all.
    #[arg(long, value_name = "N", default_value_t = 1000)]
    rows: usize,
}

/// Where Athena runs what names no workgroup, and where it keeps named queries that name none.
const DEFAULT_WORKGROUP: &str = "primary";

/// A statement and where it runs.
struct Statement {
    sql: String,
    /// Where the SQL is from, as its mistakes name it.
    origin: String,
    database: Option<String>,
    workgroup: Option<String>,
    results: Option<String>,
}

pub async fn run(args: Args, session: &Session) -> anyhow::Result<Exit> {
    let (stack, cloud) = session.open().await?;
    let statement = statement(&args, stack.as_ref(), &cloud).await?;
    let format = args.format.unwrap_or(if session.output.is_json() {
        RowFormat::Json
    } else {
        RowFormat::Table
    });
    let mut interrupts = Interrupts::listen().context("cannot listen for Ctrl-C")?;
    let waiting = session.output.spinner("Query is being sent");
    // Only who knows the query's id can cancel it.
    let starting = start(&cloud, &statement, stack.as_ref());
    let Some(id) = interrupts.until_pressed_again(starting).await else {
        return Ok(Exit::Interrupted);
    };
    let id = id?;
    let running = wait(&cloud, &id, &waiting);
    let Some(execution) = interrupts.until_pressed(running).await else {
        waiting.end();
        return cancel(session, &cloud, &id, interrupts).await;
    };
    let execution = execution?;
    waiting.end();
    // What is left is to be told, and Ctrl-C ends that at once.
    drop(interrupts);
    let status = execution.status();
    let reason = status.and_then(|s| s.state_change_reason());
    match status.and_then(|s| s.state()) {
        Some(QueryExecutionState::Failed) => {
            session.output.say(format!("The query {id} failed."));
            let reason = reason.unwrap_or("Athena gives no reason");
            return Err(failure::shown(&cloud, &statement, reason).await);
        }
        Some(QueryExecutionState::Cancelled) => {
            let reason = reason.map(|r| format!(": {r}")).unwrap_or_default();
            bail!("the query {id} was cancelled{reason}");
        }
        _ => {}
    }
    let shown = answer::print(session, &cloud, &id, format, args.rows).await?;
    session.output.say(closing(session, &cloud, &execution, &shown));
    Ok(Exit::Success)
}

/// Cancels a query after Ctrl-C; once more leaves it as it is.
async fn cancel(
    session: &Session,
    cloud: &Cloud,
    id: &str,
    mut interrupts: Interrupts,
) -> anyhow::Result<Exit> {
    let output = &session.output;
    output.say(format!("Cancelling the query {id}; Ctrl-C once more leaves it as it is."));
    let request = cloud.athena.stop_query_execution().query_execution_id(id);
    let cancelling = async {
        call!("StopQueryExecution", request)?;
        cloud.finish().await;
        Ok::<_, CallError>(())
    };
    match interrupts.until_pressed_again(cancelling).await {
        Some(cancelled) => {
            cancelled?;
            output.say(format!("The query {id} is cancelled."));
        }
        None => output.say(format!("The query {id} is left as it is.")),
    }
    Ok(Exit::Interrupted)
}

async fn statement(
    args: &Args,
    stack: Option<&Stack>,
    cloud: &Cloud,
) -> anyhow::Result<Statement> {
    let mut statement = Statement {
        sql: String::new(),
        origin: "SQL".to_owned(),
        database: args
            .database
            .as_deref()
            .map(|given| names::physical(stack, "databases", given))
            .or_else(|| names::only(stack, "databases")),
        workgroup: args
            .workgroup
            .as_deref()
            .map(|given| names::physical(stack, "workgroups", given))
            .or_else(|| names::only(stack, "workgroups")),
        results: args.results.clone(),
    };
    statement.sql = match (&args.sql_file, &args.sql) {
        (Some(file), _) if file.as_os_str() == "-" => {
            let mut sql = String::new();
            std::io::stdin().read_to_string(&mut sql)?;
            "stdin".clone_into(&mut statement.origin);
            sql
        }
        (Some(file), _) => {
            statement.origin = file.display().to_string();
            std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?
        }
        (None, Some(sql)) => match sql.strip_prefix('@') {
            Some(name) => {
                let named = named(name, stack, cloud).await?;
                if args.database.is_none() {
                    statement.database = Some(named.database().to_owned());
                }
                if args.workgroup.is_none() {
                    let own = named.work_group().filter(|name| *name != DEFAULT_WORKGROUP);
                    statement.workgroup = own.map(str::to_owned).or(statement.workgroup);
                }
                sql.clone_into(&mut statement.origin);
                named.query_string().to_owned()
            }
            None => sql.clone(),
        },
        (None, None) => bail!("there is no SQL"),
    };
    Ok(statement)
}

/// Finds a named query by its id in stack.toml, or by name in any workgroup of the stack.
async fn named(
    given: &str,
    stack: Option<&Stack>,
    cloud: &Cloud,
) -> anyhow::Result<aws_sdk_athena::types::NamedQuery> {
    let name = names::physical(stack, "queries", given);
    let mut workgroups = names::all(stack, "workgroups");
    workgroups.push(DEFAULT_WORKGROUP.to_owned());
    for workgroup in workgroups {
        let request = cloud.athena.list_named_queries().work_group(&workgroup);
        let mut pages = request.into_paginator().send();
        let mut ids = Vec::new();
        while let Some(page) = pages.next().await {
            match page.map_err(|e| CallError::of("ListNamedQueries", e)) {
                Ok(page) => ids.extend(page.named_query_ids.unwrap_or_default()),
                // A workgroup of the stack that is not up yet has no queries.
                Err(error) if error.is("InvalidRequestException") => break,
                Err(error) => return Err(error.into()),
            }
        }
        for id in ids {
            let request = cloud.athena.get_named_query().named_query_id(&id);
            let answer = call!("GetNamedQuery", request)?;
            if let Some(query) = answer.named_query.filter(|q| q.name() == name) {
                return Ok(query);
            }
        }
    }
    let help = names::not_there(stack, "queries", given);
    bail!("there is no named query `{given}`{help}")
}

async fn start(
    cloud: &Cloud,
    statement: &Statement,
    stack: Option<&Stack>,
) -> anyhow::Result<String> {
    let context = QueryExecutionContext::builder()
        .set_database(statement.database.clone())
        .build();
    let results = statement
        .results
        .as_ref()
        .map(|url| ResultConfiguration::builder().output_location(url).build());
    let request = cloud
        .athena
        .start_query_execution()
        .query_string(&statement.sql)
        .query_execution_context(context)
        .set_work_group(statement.workgroup.clone())
        .set_result_configuration(results);
    let workgroup = statement.workgroup.as_deref().unwrap_or(DEFAULT_WORKGROUP);
    let answer = match call!("StartQueryExecution", request) {
        Ok(answer) => answer,
        Err(error) if error.message.contains("No output location provided") => bail!(
            "{error}\n  help: the workgroup {workgroup} has no place for results: \
             --results s3://BUCKET/PREFIX/ names one; so does `results` of a workgroup in \
             stack.toml, and -w chooses another workgroup"
        ),
        Err(error) if says_no_workgroup(&error) => {
            bail!("{}{}", error.message, names::not_there(stack, "workgroups", workgroup))
        }
        // On AWS a statement of wrong syntax does not start.
        Err(error) if error.is("InvalidRequestException") => {
            return Err(failure::shown(cloud, statement, &error.message).await);
        }
        Err(error) => return Err(error.into()),
    };
    answer
        .query_execution_id
        .context("Athena answers without an id")
}

/// `WorkGroup films-main is not found.`, which has no code of its own.
fn says_no_workgroup(error: &CallError) -> bool {
    let message = error.message.to_ascii_lowercase();
    message.starts_with("workgroup ") && error.says_gone()
}

/// Polls until the query has ended: soon at first, then less often.
async fn wait(cloud: &Cloud, id: &str, bar: &Moving) -> anyhow::Result<QueryExecution> {
    let longest = match cloud.target() {
        Target::Local { .. } => Duration::from_millis(100),
        Target::Aws | Target::Endpoint(_) => Duration::from_secs(2),
    };
    let mut pause = Duration::from_millis(5);
    loop {
        let request = cloud.athena.get_query_execution().query_execution_id(id);
        let answer = call!("GetQueryExecution", request)?;
        let execution = answer
            .query_execution
            .context("Athena tells nothing of the query")?;
        match execution.status().and_then(|s| s.state()) {
            Some(
                QueryExecutionState::Succeeded
                | QueryExecutionState::Failed
                | QueryExecutionState::Cancelled,
            ) => return Ok(execution),
            state => {
                let state = state.map_or("queued", QueryExecutionState::as_str);
                let scanned = scanned(&execution);
                let scanned = if scanned > 0 {
                    format!(", {} read", human::bytes(scanned))
                } else {
                    String::new()
                };
                bar.set(format!("Query {}{scanned}", state.to_lowercase()));
            }
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(longest);
    }
}

fn scanned(execution: &QueryExecution) -> u64 {
    let statistics = execution.statistics();
    let bytes = statistics.and_then(QueryExecutionStatistics::data_scanned_in_bytes);
    bytes.and_then(|b| u64::try_from(b).ok()).unwrap_or(0)
}

/// What a statement came to: `10 rows`, `10 rows written`. Nothing where there is no telling, as of
/// a table that was made.
fn told(execution: &QueryExecution, shown: &answer::Shown) -> Option<String> {
    let updated = shown.updated.and_then(|n| usize::try_from(n).ok());
    let updated = |done: &str| updated.map(|n| format!("{} {done}", human::plural(n, "row")));
    match execution.substatement_type() {
        Some("INSERT" | "CREATE_TABLE_AS_SELECT" | "UNLOAD") => updated("written"),
        Some("DELETE" | "UPDATE" | "MERGE") => updated("changed"),
        _ if shown.rows == 0 && execution.statement_type() == Some(&StatementType::Ddl) => None,
        _ => {
            let rows = human::plural(shown.rows, "row");
            Some(if shown.cut {
                format!("the first {rows}; --format csv prints all")
            } else {
                rows
            })
        }
    }
}

/// `10 rows, 0.04 s, 9.8 KB read; on AWS it would have cost $0.000050.`
fn closing(session: &Session, cloud: &Cloud, execution: &QueryExecution, shown: &answer::Shown) -> String {
    let read = scanned(execution);
    let time = execution
        .statistics()
        .and_then(QueryExecutionStatistics::total_execution_time_in_millis)
        .and_then(|ms| u64::try_from(ms).ok())
        .unwrap_or(0);
    let rows = told(execution, shown).map_or_else(String::new, |told| format!("{told}, "));
    let cost = cost(execution.statement_type(), read);
    let cost = if cloud.is_aws() {
        format!("it cost {}", human::dollars(cost))
    } else {
        format!("on AWS it would have cost {}", human::dollars(cost))
    };
    let line = format!(
        "{rows}{}, {} read; {cost}.",
        human::duration(Duration::from_millis(time)),
        human::bytes(read)
    );
    session.output.talk.faint(&line)
}

/// Dollars: five a terabyte, ten megabytes at least; DDL is free.
fn cost(statement: Option<&StatementType>, read: u64) -> f64 {
    if statement != Some(&StatementType::Dml) {
        return 0.0;
    }
    read.max(10_000_000) as f64 * 5.0 / 1e12
}
