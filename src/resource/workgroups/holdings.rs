//! What would be lost with a workgroup.

use super::{PRIMARY, is_gone};
use crate::cloud::Cloud;
use crate::resource::statement::is_ours;
use crate::resource::{CallError, Held, Scope, call, prepared_statements, queries};

/// Why a workgroup should stay: what is in it that no other resource of the stack answers for.
pub(super) async fn holdings(
    cloud: &Cloud,
    name: &str,
    scope: &Scope,
) -> Result<Option<Held>, CallError> {
    if name == PRIMARY {
        let reason = "it stays, as Athena does not delete it; only the stack's mark goes";
        return Ok(Some(Held::Stays(reason.to_owned())));
    }
    let of_strangers = async {
        let queries = queries::list(cloud, name).await?;
        let mut strangers = queries
            .into_iter()
            .filter(|query| !is_ours(query.description(), scope));
        if let Some(query) = strangers.next() {
            let name = query.name;
            return Ok(Some(format!(
                "it holds the named query `{name}`, which is not of this stack"
            )));
        }
        let statements = prepared_statements::list(cloud, name).await?;
        let mut strangers = statements
            .into_iter()
            .filter(|statement| !is_ours(statement.description(), scope));
        Ok(strangers.next().map(|statement| {
            let name = statement.statement_name.unwrap_or_default();
            format!("it holds the prepared statement `{name}`, which is not of this stack")
        }))
    };
    let (strange, history) = futures::try_join!(of_strangers, has_history(cloud, name))?;
    let held = strange.or_else(|| {
        history.then(|| "it holds the history of the queries that ran in it".to_owned())
    });
    Ok(held.map(Held::Data))
}

async fn has_history(cloud: &Cloud, name: &str) -> Result<bool, CallError> {
    let request = cloud
        .athena
        .list_query_executions()
        .work_group(name)
        .max_results(1);
    match call!("ListQueryExecutions", request) {
        Ok(page) => Ok(!page.query_execution_ids().is_empty()),
        Err(error) if is_gone(&error) => Ok(false),
        Err(error) => Err(error),
    }
}
