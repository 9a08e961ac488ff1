//! Athena's named queries.
//!
//! They carry no tags: the mark is the end of the description. Their id is Athena's, so they are
//! found by name within their workgroup.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aws_sdk_athena::types::NamedQuery;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;
use serde_json::{Value, json};

use super::definition::read_text;
use super::identity::default_name;
use super::workgroups::list_workgroups;
use super::{
    Address, Attribute, Call, CallError, Fields, Identity, Kind, Live, Ownership, Problem,
    Resource, Scope, Work, call, keys, unless_gone,
};
use crate::cloud::Cloud;
use crate::stack::types::{CatalogName, QueryName, WorkGroupName};

/// A named query of Athena: SQL that is kept under a name.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Keys {
    /// The query's name. Default: `STACK-ID`.
    name: Option<QueryName>,
    /// What it answers.
    #[schemars(length(max = 900))]
    description: Option<String>,
    /// The database that its tables are in.
    database: CatalogName,
    /// The workgroup it is in. Default: `primary`.
    workgroup: Option<WorkGroupName>,
    /// The SQL; either this or `file`.
    #[schemars(length(min = 1, max = 262_144))]
    sql: Option<String>,
    /// A file with the SQL, relative to `stack.toml`.
    file: Option<String>,
}

pub(super) struct Queries;

#[derive(Debug)]
struct Query {
    identity: Identity,
    /// `WORKGROUP/NAME`
    full_name: String,
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

    fn build(
        &self,
        address: Address,
        config: Value,
        scope: &Scope,
    ) -> Result<Arc<dyn Resource>, Vec<Problem>> {
        let keys: Keys = keys(config)?;
        let sql = match (&keys.sql, &keys.file) {
            (Some(sql), None) => sql.clone(),
            (None, Some(file)) => read_text(scope, "file", file).map_err(|p| vec![p])?,
            (Some(_), Some(_)) => {
                let problem = Problem::new(
                    "file",
                    "both `sql` and `file` are set",
                    "which of them is it?",
                );
                return Err(vec![problem]);
            }
            (None, None) => {
                let problem = Problem::new("", "`sql` is missing", "a query needs it, or `file`");
                return Err(vec![problem]);
            }
        };
        if sql.trim().is_empty() {
            let key = if keys.file.is_some() { "file" } else { "sql" };
            return Err(vec![Problem::new(key, "there is no SQL", "empty")]);
        }
        let name = match &keys.name {
            Some(name) => name.to_string(),
            None => default_name(scope, &address),
        };
        let workgroup = keys
            .workgroup
            .map_or_else(|| "primary".to_owned(), String::from);
        Ok(Arc::new(Query {
            full_name: format!("{workgroup}/{name}"),
            workgroup,
            identity: Identity::new(address, name, BTreeMap::new(), scope),
            description: keys.description,
            database: keys.database.into(),
            sql,
        }))
    }

    fn owned<'a>(&'a self, cloud: &'a Cloud, scope: &'a Scope) -> Call<'a, Vec<Arc<dyn Resource>>> {
        Box::pin(async move {
            let mut owned: Vec<Arc<dyn Resource>> = Vec::new();
            for workgroup in list_workgroups(cloud).await? {
                for live in list(cloud, &workgroup).await? {
                    let (_, ownership) = split_mark(live.description().unwrap_or_default());
                    let Ownership::Marked { stack, id } = ownership else {
                        continue;
                    };
                    if stack == scope.stack {
                        owned.push(Arc::new(Query {
                            full_name: format!("{workgroup}/{}", live.name),
                            workgroup: workgroup.clone(),
                            identity: Identity::found(self.name(), &id, &live.name, scope),
                            description: None,
                            database: live.database,
                            sql: live.query_string,
                        }));
                    }
                }
            }
            Ok(owned)
        })
    }
}

/// All named queries of a workgroup; none if it is gone.
async fn list(cloud: &Cloud, workgroup: &str) -> Result<Vec<NamedQuery>, CallError> {
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
        let page = page.map_err(|error| CallError::of("ListNamedQueries", error));
        let Some(page) = unless_gone(page, &["InvalidRequestException"])? else {
            return Ok(Vec::new());
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

/// The description as a user wrote it, and the mark behind it.
fn split_mark(description: &str) -> (&str, Ownership) {
    let marked = description
        .strip_suffix(']')
        .and_then(|rest| rest.rsplit_once("[athglue:"))
        .and_then(|(text, mark)| Some((text, mark.split_once('/')?)));
    match marked {
        Some((text, (stack, id))) => (
            text.trim_end(),
            Ownership::Marked {
                stack: stack.to_owned(),
                id: id.to_owned(),
            },
        ),
        None => (description, Ownership::Unmarked),
    }
}

impl Query {
    async fn get(&self, cloud: &Cloud) -> Result<Option<NamedQuery>, CallError> {
        let mut all = list(cloud, &self.workgroup).await?;
        all.retain(|query| query.name == self.identity.name);
        // Names are not unique: one of ours goes before a stranger's.
        let ours = |query: &NamedQuery| match split_mark(query.description().unwrap_or_default()).1
        {
            Ownership::Marked { stack, .. } => stack == self.identity.scope.stack,
            _ => false,
        };
        let at = all.iter().position(ours).unwrap_or(0);
        Ok((at < all.len()).then(|| all.swap_remove(at)))
    }

    fn marked_description(&self) -> String {
        let mark = self.identity.mark();
        let text = self.description.as_deref().unwrap_or_default();
        format!("{text} [athglue:{}/{}]", mark.stack, mark.id)
            .trim_start()
            .to_owned()
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

    fn key(&self) -> &str {
        &self.full_name
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
        Fields::from([
            ("description".to_owned(), json!(self.description)),
            ("database".to_owned(), json!(self.database)),
            ("sql".to_owned(), json!(self.sql)),
        ])
    }

    fn replaced_by(&self) -> &'static [&'static str] {
        &["database"]
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
                    ("database".to_owned(), json!(live.database)),
                    ("sql".to_owned(), json!(live.query_string)),
                ]),
                ownership,
            }))
        })
    }

    fn create<'a>(&'a self, work: &'a Work<'a>) -> Call<'a, ()> {
        Box::pin(async move {
            let request = work
                .cloud
                .athena
                .create_named_query()
                .name(&self.identity.name)
                .description(self.marked_description())
                .database(&self.database)
                .work_group(&self.workgroup)
                .query_string(&self.sql);
            call!("CreateNamedQuery", request).map(drop)
        })
    }

    fn update<'a>(
        &'a self,
        work: &'a Work<'a>,
        _live: &'a Live,
        _changed: &'a BTreeSet<String>,
    ) -> Call<'a, ()> {
        Box::pin(async move {
            let Some(live) = self.get(work.cloud).await? else {
                return self.create(work).await;
            };
            let request = work
                .cloud
                .athena
                .update_named_query()
                .set_named_query_id(live.named_query_id)
                .name(&self.identity.name)
                .description(self.marked_description())
                .query_string(&self.sql);
            call!("UpdateNamedQuery", request).map(drop)
        })
    }

    fn delete<'a>(&'a self, work: &'a Work<'a>) -> Call<'a, ()> {
        Box::pin(async move {
            let Some(live) = self.get(work.cloud).await? else {
                return Ok(());
            };
            let request = work
                .cloud
                .athena
                .delete_named_query()
                .set_named_query_id(live.named_query_id);
            call!("DeleteNamedQuery", request).map(drop)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_is_the_end_of_the_description() {
        let (text, ownership) = split_mark("The best ten [athglue:films/queries.top]");
        assert_eq!(text, "The best ten");
        let expected = Ownership::Marked {
            stack: "films".to_owned(),
            id: "queries.top".to_owned(),
        };
        assert_eq!(ownership, expected);
        assert_eq!(split_mark("by hand"), ("by hand", Ownership::Unmarked));
    }
}
