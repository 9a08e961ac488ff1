//! Athena's prepared statements.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aws_sdk_athena::types::PreparedStatement as AthenaStatement;
use aws_smithy_types::retry::RetryConfig;
use futures::{StreamExt, TryStreamExt};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;
use serde_json::{Value, json};

use super::identity::{catalog_name, default_name};
use super::statement::{own_id, same_sql, split_mark, sql_of, with_mark};
use super::workgroups::{self, LISTINGS_AT_A_TIME, list_workgroups};
use super::{
    Address, Attribute, Call, CallError, Fields, Identity, Kind, Live, Problem, Resource, Scope,
    Work, call, keys,
};
use crate::cloud::{Cloud, Target};
use crate::stack::types::{StatementName, WorkGroupName};

/// A prepared statement of Athena: SQL with `?` in place of values, which
/// `EXECUTE name USING …` fills in.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Keys {
    /// The statement's name. Default: `stack_id`.
    #[schemars(extend("x-aws" = "CreatePreparedStatement.StatementName"))]
    name: Option<StatementName>,
    /// The workgroup it is in. Default: `primary`. In another one it is another statement: that
    /// is made, and the old one deleted.
    #[schemars(extend("x-aws" = "CreatePreparedStatement.WorkGroup"))]
    workgroup: Option<WorkGroupName>,
    /// What it answers. The stack's mark stands behind it.
    #[schemars(
        length(max = 890),
        extend("x-aws" = "CreatePreparedStatement.Description")
    )]
    description: Option<String>,
    /// The SQL; either this or `file`.
    #[schemars(
        length(min = 1, max = 262_144),
        extend("x-aws" = "CreatePreparedStatement.QueryStatement")
    )]
    sql: Option<String>,
    /// A file with the SQL, relative to `stack.toml`.
    #[schemars(extend("x-aws" = "CreatePreparedStatement.QueryStatement"))]
    file: Option<String>,
}

pub(super) struct PreparedStatements;

#[derive(Debug)]
struct PreparedStatement {
    identity: Identity,
    workgroup: String,
    description: Option<String>,
    sql: String,
}

impl Kind for PreparedStatements {
    fn name(&self) -> &'static str {
        "prepared_statements"
    }

    fn schema(&self, generator: &mut SchemaGenerator) -> Schema {
        Keys::json_schema(generator)
    }

    fn attributes(&self) -> &'static [Attribute] {
        &[
            Attribute {
                name: "name",
                doc: "the statement's name",
            },
            Attribute {
                name: "sql",
                doc: "the SQL",
            },
            Attribute {
                name: "workgroup",
                doc: "the workgroup it is in",
            },
        ]
    }

    fn identified_by(&self) -> &'static [&'static str] {
        &["workgroup", "name"]
    }

    fn build(
        &self,
        address: Address,
        config: Value,
        scope: &Scope,
    ) -> Result<Arc<dyn Resource>, Vec<Problem>> {
        let keys: Keys = keys(config)?;
        let sql = sql_of(scope, keys.sql, keys.file.as_deref()).map_err(|p| vec![p])?;
        let name = match &keys.name {
            Some(name) => name.to_string(),
            None => catalog_name(&default_name(scope, &address)),
        };
        let workgroup = keys
            .workgroup
            .map_or_else(|| "primary".to_owned(), String::from);
        Ok(Arc::new(PreparedStatement {
            workgroup,
            identity: Identity::new(address, name, BTreeMap::new(), scope),
            description: keys.description,
            sql,
        }))
    }

    fn owned<'a>(&'a self, cloud: &'a Cloud, scope: &'a Scope) -> Call<'a, Vec<Arc<dyn Resource>>> {
        Box::pin(async move {
            let workgroups = list_workgroups(cloud).await?;
            let found: Vec<Vec<AthenaStatement>> = futures::stream::iter(
                workgroups
                    .clone()
                    .into_iter()
                    .map(|workgroup| async move { list(cloud, &workgroup).await }),
            )
            .buffered(LISTINGS_AT_A_TIME)
            .try_collect()
            .await?;
            let mut owned: Vec<Arc<dyn Resource>> = Vec::new();
            for (workgroup, statements) in workgroups.iter().zip(found) {
                for live in statements {
                    let Some(id) = own_id(live.description(), scope) else {
                        continue;
                    };
                    let name = live.statement_name.unwrap_or_default();
                    owned.push(Arc::new(PreparedStatement {
                        workgroup: workgroup.clone(),
                        identity: Identity::found(self.name(), &id, &name, scope),
                        description: None,
                        sql: live.query_statement.unwrap_or_default(),
                    }));
                }
            }
            Ok(owned)
        })
    }
}

/// All prepared statements of a workgroup; none if it is gone.
pub(super) async fn list(
    cloud: &Cloud,
    workgroup: &str,
) -> Result<Vec<AthenaStatement>, CallError> {
    let mut found = Vec::new();
    if matches!(cloud.target(), Target::Endpoint(_)) && has_none(cloud, workgroup).await {
        return Ok(found);
    }
    let mut pages = cloud
        .athena
        .list_prepared_statements()
        .work_group(workgroup)
        .into_paginator()
        .send();
    while let Some(page) = pages.next().await {
        let page = match page.map_err(|error| CallError::of("ListPreparedStatements", error)) {
            Err(error) if workgroups::is_gone(&error) => return Ok(Vec::new()),
            page => page?,
        };
        let summaries = page.prepared_statements.unwrap_or_default();
        let names: Vec<String> = summaries
            .into_iter()
            .filter_map(|summary| summary.statement_name)
            .collect();
        if names.is_empty() {
            continue;
        }
        let request = cloud
            .athena
            .batch_get_prepared_statement()
            .work_group(workgroup)
            .set_prepared_statement_names(Some(names));
        let answer = call!("BatchGetPreparedStatement", request)?;
        found.extend(answer.prepared_statements.unwrap_or_default());
    }
    Ok(found)
}

/// Whether an endpoint that is not AWS knows no prepared statements, and so can have none: moto's
/// server answers with a page of HTML, which no service of AWS does.
async fn has_none(cloud: &Cloud, workgroup: &str) -> bool {
    let no_retries = aws_sdk_athena::config::Builder::new().retry_config(RetryConfig::disabled());
    let answer = cloud
        .athena
        .list_prepared_statements()
        .work_group(workgroup)
        .customize()
        .config_override(no_retries)
        .send()
        .await;
    let response = answer.as_ref().err().and_then(|error| error.raw_response());
    response
        .and_then(|response| response.headers().get("content-type"))
        .is_some_and(|kind| kind.starts_with("text/html"))
}

impl PreparedStatement {
    async fn get(&self, cloud: &Cloud) -> Result<Option<AthenaStatement>, CallError> {
        let request = cloud
            .athena
            .get_prepared_statement()
            .work_group(&self.workgroup)
            .statement_name(&self.identity.name);
        match call!("GetPreparedStatement", request) {
            Ok(found) => Ok(found.prepared_statement),
            Err(error) if is_gone(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Whether the statement, or its whole workgroup, is not there.
fn is_gone(error: &CallError) -> bool {
    error.is("ResourceNotFoundException") || workgroups::is_gone(error)
}

impl Resource for PreparedStatement {
    fn address(&self) -> &Address {
        &self.identity.address
    }

    fn kind(&self) -> &'static str {
        PreparedStatements.name()
    }

    fn name(&self) -> &str {
        &self.identity.name
    }

    fn attribute(&self, attribute: &str) -> Option<String> {
        match attribute {
            "sql" => Some(self.sql.clone()),
            "workgroup" => Some(self.workgroup.clone()),
            _ => None,
        }
    }

    fn desired(&self) -> Fields {
        let mut fields = Fields::from([("sql".to_owned(), json!(self.sql))]);
        if let Some(description) = &self.description {
            fields.insert("description".to_owned(), json!(description));
        }
        fields
    }

    fn same(&self, field: &str, desired: &Value, live: &Value) -> bool {
        match field {
            "sql" => same_sql(desired, live),
            _ => desired == live,
        }
    }

    fn read<'a>(&'a self, cloud: &'a Cloud) -> Call<'a, Option<Live>> {
        Box::pin(async move {
            let Some(live) = self.get(cloud).await? else {
                return Ok(None);
            };
            let (description, ownership) = split_mark(live.description().unwrap_or_default());
            Ok(Some(Live {
                fields: Fields::from([
                    ("description".to_owned(), json!(description)),
                    ("sql".to_owned(), json!(live.query_statement)),
                ]),
                ownership,
            }))
        })
    }

    fn create<'a>(&'a self, work: &'a Work<'a>) -> Call<'a, ()> {
        Box::pin(async move {
            let mark = self.identity.mark();
            let description = self.description.as_deref().unwrap_or_default();
            let request = work
                .cloud
                .athena
                .create_prepared_statement()
                .statement_name(&self.identity.name)
                .work_group(&self.workgroup)
                .query_statement(&self.sql)
                .description(with_mark(description, &mark));
            call!("CreatePreparedStatement", request).map(drop)
        })
    }

    fn update<'a>(
        &'a self,
        work: &'a Work<'a>,
        live: &'a Live,
        _changed: &'a BTreeSet<String>,
    ) -> Call<'a, ()> {
        Box::pin(async move {
            let there = live.fields.get("description").and_then(Value::as_str);
            let description = self.description.as_deref().or(there).unwrap_or_default();
            let request = work
                .cloud
                .athena
                .update_prepared_statement()
                .statement_name(&self.identity.name)
                .work_group(&self.workgroup)
                .query_statement(&self.sql)
                .description(with_mark(description, &self.identity.mark()));
            call!("UpdatePreparedStatement", request).map(drop)
        })
    }

    fn delete<'a>(&'a self, work: &'a Work<'a>) -> Call<'a, ()> {
        Box::pin(async move {
            let request = work
                .cloud
                .athena
                .delete_prepared_statement()
                .statement_name(&self.identity.name)
                .work_group(&self.workgroup);
            match call!("DeletePreparedStatement", request) {
                Err(error) if !is_gone(&error) => Err(error),
                _ => Ok(()),
            }
        })
    }
}
