//! Athena's named queries.
//!
//! Their id is Athena's, so they are found by name within their workgroup, by the mark at the end
//! of the description.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

use aws_sdk_athena::types::NamedQuery;
use futures::{StreamExt, TryStreamExt};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::identity::default_name;
use super::statement::{is_ours, own_id, same_sql, split_mark, sql_of, with_mark};
use super::workgroups::{LISTINGS_AT_A_TIME, list_workgroups};
use super::{
    Address, Attribute, Call, CallError, Fields, Identity, Kind, Live, Problem, Resource, Scope,
    Work, call, keys, workgroups,
};
use crate::cloud::Cloud;
use crate::stack::types::{CatalogName, QueryName, WorkGroupName};

/// A named query of Athena: SQL that is kept under a name.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Keys {
    /// The query's name. Default: `STACK-ID`.
    #[schemars(extend("x-aws" = "CreateNamedQuery.Name"))]
    name: Option<QueryName>,
    /// What it answers. The stack's mark stands behind it.
    #[schemars(length(max = 890), extend("x-aws" = "CreateNamedQuery.Description"))]
    description: Option<String>,
    /// The database that its tables are in. Another one makes the query anew.
    #[schemars(extend("x-aws" = "CreateNamedQuery.Database"))]
    database: CatalogName,
    /// The workgroup it is in. Default: `primary`. In another one it is another query: that is
    /// made, and the old one deleted.
    #[schemars(extend("x-aws" = "CreateNamedQuery.WorkGroup"))]
    workgroup: Option<WorkGroupName>,
    /// The SQL; either this or `file`.
    #[schemars(
        length(min = 1, max = 262_144),
        extend("x-aws" = "CreateNamedQuery.QueryString")
    )]
    sql: Option<String>,
    /// A file with the SQL, relative to `stack.toml`.
    #[schemars(extend("x-aws" = "CreateNamedQuery.QueryString"))]
    file: Option<String>,
}

pub(super) struct Queries;

#[derive(Debug)]
struct Query {
    identity: Identity,
    workgroup: String,
    description: Option<String>,
    database: String,
    sql: String,
}

impl Kind for Queries {
    fn name(&self) -> &'static str {
        "queries"
    }

    fn schema(&self, generator: &mut SchemaGenerator) -> Schema {
        Keys::json_schema(generator)
    }

    fn attributes(&self) -> &'static [Attribute] {
        &[
            Attribute {
                name: "name",
                doc: "the query's name",
            },
            Attribute {
                name: "sql",
                doc: "the SQL",
            },
            Attribute {
                name: "database",
                doc: "the database that its tables are in",
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

    fn replaced_by(&self) -> &'static [&'static str] {
        &["database"]
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
            None => default_name(scope, &address),
        };
        let workgroup = keys
            .workgroup
            .map_or_else(|| "primary".to_owned(), String::from);
        Ok(Arc::new(Query {
            workgroup,
            identity: Identity::new(address, name, BTreeMap::new(), scope),
            description: keys.description,
            database: keys.database.into(),
            sql,
        }))
    }

    fn owned<'a>(&'a self, cloud: &'a Cloud, scope: &'a Scope) -> Call<'a, Vec<Arc<dyn Resource>>> {
        Box::pin(async move {
            let workgroups = list_workgroups(cloud).await?;
            let listed: Vec<(String, Arc<Vec<NamedQuery>>)> =
                futures::stream::iter(workgroups.into_iter().map(|workgroup| async move {
                    let list = || list(cloud, &workgroup);
                    let queries = scope.queries.get(&workgroup, list).await?;
                    Ok::<_, CallError>((workgroup, queries))
                }))
                .buffered(LISTINGS_AT_A_TIME)
                .try_collect()
                .await?;
            let mut owned: BTreeMap<String, Arc<dyn Resource>> = BTreeMap::new();
            for (workgroup, queries) in &listed {
                for live in queries.iter() {
                    let Some(id) = own_id(live.description(), scope) else {
                        continue;
                    };
                    // Of two that carry one name, the deletion takes both.
                    owned.insert(
                        format!("{workgroup}/{}", live.name),
                        Arc::new(Query {
                            workgroup: workgroup.clone(),
                            identity: Identity::found(self.name(), &id, &live.name, scope),
                            description: None,
                            database: live.database.clone(),
                            sql: live.query_string.clone(),
                        }),
                    );
                }
            }
            Ok(owned.into_values().collect())
        })
    }
}

/// All named queries of a workgroup; none if it is gone.
pub(super) async fn list(cloud: &Cloud, workgroup: &str) -> Result<Vec<NamedQuery>, CallError> {
    let mut found = Vec::new();
    let mut pages = cloud
        .athena
        .list_named_queries()
        .work_group(workgroup)
        // As many as one BatchGetNamedQuery takes.
        .max_results(50)
        .into_paginator()
        .send();
    while let Some(page) = pages.next().await {
        let page = match page.map_err(|error| CallError::of("ListNamedQueries", error)) {
            Err(error) if workgroups::is_gone(&error) => return Ok(Vec::new()),
            page => page?,
        };
        if page.named_query_ids().is_empty() {
            continue;
        }
        let request = cloud
            .athena
            .batch_get_named_query()
            .set_named_query_ids(page.named_query_ids.clone());
        let queries = call!("BatchGetNamedQuery", request)?.named_queries;
        found.extend(queries.unwrap_or_default());
    }
    Ok(found)
}

/// Athena has no code of its own for a query that is not there.
fn is_gone(error: &CallError) -> bool {
    error.is("InvalidRequestException") && error.message.contains("not found")
}

/// Nor for a token that was used for something else.
fn is_used_token(error: &CallError) -> bool {
    error.is("InvalidRequestException") && error.message.contains("dempotent")
}

impl Query {
    /// The query of this name, and more of the stack's by the same name: names are not unique,
    /// and a create whose answer was lost may have come twice.
    async fn get(&self, cloud: &Cloud) -> Result<Option<(NamedQuery, Vec<NamedQuery>)>, CallError> {
        let listings = &self.identity.scope.queries;
        let all = listings
            .get(&self.workgroup, || list(cloud, &self.workgroup))
            .await?;
        let named = all.iter().filter(|query| query.name == self.identity.name);
        let mut all: Vec<NamedQuery> = named.cloned().collect();
        all.sort_by(|a, b| a.named_query_id.cmp(&b.named_query_id));
        let (mut ours, strangers): (Vec<NamedQuery>, Vec<NamedQuery>) = all
            .into_iter()
            .partition(|query| is_ours(query.description(), &self.identity.scope));
        if ours.is_empty() {
            return Ok(strangers.into_iter().next().map(|query| (query, ours)));
        }
        let first = ours.remove(0);
        Ok(Some((first, ours)))
    }

    /// What makes two creates of this very query one.
    fn token(&self) -> String {
        let mark = self.identity.mark();
        let description = self.description.as_deref().unwrap_or_default();
        let full_name = self.key();
        let parts = [
            &mark.stack,
            &mark.id,
            &full_name,
            &self.database,
            description,
            &self.sql,
        ];
        let digest = Sha256::digest(parts.join("\n"));
        digest.iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    /// Makes the query and gives its id.
    async fn put(&self, work: &Work<'_>, token: Option<String>) -> Result<String, CallError> {
        let description = self.description.as_deref().unwrap_or_default();
        let request = work
            .cloud
            .athena
            .create_named_query()
            .name(&self.identity.name)
            .description(with_mark(description, &self.identity.mark()))
            .database(&self.database)
            .work_group(&self.workgroup)
            .query_string(&self.sql)
            .set_client_request_token(token);
        let made = call!("CreateNamedQuery", request)?;
        Ok(made.named_query_id.unwrap_or_default())
    }

    async fn remove(&self, work: &Work<'_>, query: &NamedQuery) -> Result<(), CallError> {
        let request = work
            .cloud
            .athena
            .delete_named_query()
            .set_named_query_id(query.named_query_id.clone());
        match call!("DeleteNamedQuery", request) {
            Err(error) if !is_gone(&error) => Err(error),
            _ => Ok(()),
        }
    }
}

impl Resource for Query {
    fn address(&self) -> &Address {
        &self.identity.address
    }

    fn kind(&self) -> &'static str {
        Queries.name()
    }

    fn name(&self) -> &str {
        &self.identity.name
    }

    fn attribute(&self, attribute: &str) -> Option<String> {
        match attribute {
            "sql" => Some(self.sql.clone()),
            "database" => Some(self.database.clone()),
            "workgroup" => Some(self.workgroup.clone()),
            _ => None,
        }
    }

    fn desired(&self) -> Fields {
        let mut fields = Fields::from([
            ("database".to_owned(), json!(self.database)),
            ("sql".to_owned(), json!(self.sql)),
            // More of the same name, which an answer lost on its way may leave behind.
            ("copies".to_owned(), Value::Null),
        ]);
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
            let Some((live, copies)) = self.get(cloud).await? else {
                return Ok(None);
            };
            let (description, ownership) = split_mark(live.description().unwrap_or_default());
            let mut fields = Fields::from([
                ("description".to_owned(), json!(description)),
                ("database".to_owned(), json!(live.database)),
                ("sql".to_owned(), json!(live.query_string)),
            ]);
            let copies: Vec<&str> = copies.iter().filter_map(|c| c.named_query_id()).collect();
            if !copies.is_empty() {
                fields.insert("copies".to_owned(), json!(copies));
            }
            Ok(Some(Live { fields, ownership }))
        })
    }

    fn create<'a>(&'a self, work: &'a Work<'a>) -> Call<'a, ()> {
        Box::pin(async move {
            // A token may still stand for a query that was changed or deleted since.
            let id = match self.put(work, Some(self.token())).await {
                Err(error) if is_used_token(&error) => self.put(work, None).await?,
                made => made?,
            };
            let request = work.cloud.athena.get_named_query().named_query_id(id);
            match call!("GetNamedQuery", request) {
                Ok(_) => Ok(()),
                Err(error) if is_gone(&error) => self.put(work, None).await.map(drop),
                Err(error) => Err(error),
            }
        })
    }

    fn update<'a>(
        &'a self,
        work: &'a Work<'a>,
        _live: &'a Live,
        _changed: &'a BTreeSet<String>,
    ) -> Call<'a, ()> {
        Box::pin(async move {
            let Some((live, copies)) = self.get(work.cloud).await? else {
                return self.create(work).await;
            };
            for copy in &copies {
                self.remove(work, copy).await?;
            }
            let there = split_mark(live.description().unwrap_or_default()).0;
            let description = self.description.as_deref().unwrap_or(there);
            let request = work
                .cloud
                .athena
                .update_named_query()
                .set_named_query_id(live.named_query_id.clone())
                .name(&self.identity.name)
                .description(with_mark(description, &self.identity.mark()))
                .query_string(&self.sql);
            call!("UpdateNamedQuery", request).map(drop)
        })
    }

    fn delete<'a>(&'a self, work: &'a Work<'a>) -> Call<'a, ()> {
        Box::pin(async move {
            let Some((live, copies)) = self.get(work.cloud).await? else {
                return Ok(());
            };
            let scope = &self.identity.scope;
            let all = std::iter::once(&live).chain(&copies);
            for query in all.filter(|query| is_ours(query.description(), scope)) {
                self.remove(work, query).await?;
            }
            Ok(())
        })
    }
}
