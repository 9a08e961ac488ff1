//! Tables of the Glue catalog.

mod column_type;
mod fields;
mod format;
mod iceberg;
mod input;
mod keys;
mod projection;
#[cfg(all(test, feature = "local"))]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aws_sdk_glue::types::Table as GlueTable;
use futures::{StreamExt as _, TryStreamExt as _};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::Value;

use self::input::Touched;
use self::keys::Keys;
use super::databases::{owned_databases, sorted};
use super::identity::{catalog_name, own_id};
use super::retry::until_free;
use super::workgroups::LISTINGS_AT_A_TIME;
use super::{
    Address, Attribute, Call, CallError, Fields, Held, Identity, Kind, Live, Ownership, Problem,
    Resource, Scope, Work, call, keys, lacking, unless_gone,
};
use crate::cloud::Cloud;
use crate::engine::Mark;
use crate::policy::Fact;

pub(super) struct Tables;

#[derive(Debug)]
struct Table {
    identity: Identity,
    database: String,
    /// None if only the live table is known.
    keys: Option<Keys>,
}

impl Kind for Tables {
    fn name(&self) -> &'static str {
        "tables"
    }

    fn schema(&self, generator: &mut SchemaGenerator) -> Schema {
        Keys::json_schema(generator)
    }

    fn attributes(&self) -> &'static [Attribute] {
        &[
            Attribute {
                name: "name",
                doc: "the table's name",
            },
            Attribute {
                name: "database",
                doc: "the database it is in",
            },
            Attribute {
                name: "location",
                doc: "the folder of its data",
            },
            Attribute {
                name: "arn",
                doc: "its ARN",
            },
        ]
    }

    fn identified_by(&self) -> &'static [&'static str] {
        &["database", "name"]
    }

    /// Of a table of Hive; one of Iceberg says so itself.
    fn replaced_by(&self) -> &'static [&'static str] {
        &["partition_keys"]
    }

    fn build(
        &self,
        address: Address,
        config: Value,
        scope: &Scope,
    ) -> Result<Arc<dyn Resource>, Vec<Problem>> {
        let keys: Keys = keys(config)?;
        let mistakes = keys.mistakes();
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        let name = match &keys.name {
            Some(name) => name.to_string(),
            None => catalog_name(&address.id),
        };
        Ok(Arc::new(Table {
            database: keys.database.to_string(),
            identity: Identity::new(address, name, BTreeMap::new(), scope),
            keys: Some(keys),
        }))
    }

    fn owned<'a>(&'a self, cloud: &'a Cloud, scope: &'a Scope) -> Call<'a, Vec<Arc<dyn Resource>>> {
        Box::pin(async move {
            let databases = owned_databases(cloud, scope).await?;
            let found: Vec<(String, Vec<GlueTable>)> =
                futures::stream::iter(databases.into_iter().map(|(database, _)| async move {
                    let tables = tables_of(cloud, &database).await?;
                    Ok::<_, CallError>((database, tables))
                }))
                .buffered(LISTINGS_AT_A_TIME)
                .try_collect()
                .await?;
            let mut owned: Vec<Arc<dyn Resource>> = Vec::new();
            for (database, tables) in found {
                for table in tables {
                    let parameters = sorted(table.parameters.clone());
                    if let Some(id) = own_id(&parameters, scope) {
                        owned.push(Arc::new(Table {
                            database: database.clone(),
                            identity: Identity::found(self.name(), id, &table.name, scope),
                            keys: None,
                        }));
                    }
                }
            }
            Ok(owned)
        })
    }
}

/// Whether a table is one whose engine keeps its definition.
fn is_iceberg(parameters: &BTreeMap<String, String>) -> bool {
    let table_type = parameters.get("table_type");
    table_type.is_some_and(|name| name.eq_ignore_ascii_case("ICEBERG"))
}

/// The tables of a database; none if somebody deletes it at this moment.
async fn tables_of(cloud: &Cloud, database: &str) -> Result<Vec<GlueTable>, CallError> {
    let mut tables = Vec::new();
    let request = cloud.glue.get_tables().database_name(database);
    let mut pages = request.into_paginator().send();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| CallError::of("GetTables", error));
        match unless_gone(page, &["EntityNotFoundException"])? {
            Some(page) => tables.extend(page.table_list.unwrap_or_default()),
            None => break,
        }
    }
    Ok(tables)
}

impl Table {
    async fn get(&self, cloud: &Cloud) -> Result<Option<GlueTable>, CallError> {
        let request = cloud
            .glue
            .get_table()
            .database_name(&self.database)
            .name(&self.identity.name);
        let found = unless_gone(call!("GetTable", request), &["EntityNotFoundException"])?;
        Ok(found.and_then(|found| found.table))
    }

    /// Writes the changed fields, or all that the file sets, over what is there at this moment.
    async fn write(
        &self,
        work: &Work<'_>,
        changed: Option<&BTreeSet<String>>,
    ) -> Result<(), CallError> {
        let keys = self.keys.as_ref();
        until_free(work, "the table", || async {
            let live = self.get(work.cloud).await?;
            let version = live.as_ref().and_then(|live| live.version_id.clone());
            let request = work
                .cloud
                .glue
                .update_table()
                .database_name(&self.database)
                .table_input(self.input(live, Touched(changed))?)
                .set_skip_archive(keys.and_then(|keys| keys.skip_archive))
                .set_version_id(version);
            call!("UpdateTable", request).map(drop)
        })
        .await
    }

    /// Whose it is. Athena cannot put the mark on the Iceberg table that it makes, so one that
    /// nobody has written to since, at the very place that the file names, is the one that an
    /// interrupted run made.
    fn ownership(&self, live: &GlueTable, parameters: &BTreeMap<String, String>) -> Ownership {
        let found = Mark::find(parameters);
        let (Ownership::Unmarked, Some(keys)) = (&found, &self.keys) else {
            return found;
        };
        let folder = |text: &str| text.trim_end_matches('/').to_owned();
        let wanted = keys.location.as_ref().map(|path| folder(path.as_str()));
        let storage = live.storage_descriptor();
        let there = storage.and_then(|s| s.location()).map(folder);
        let is_fresh = live.version_id().is_none_or(|version| version == "0");
        if keys.is_iceberg() && is_iceberg(parameters) && is_fresh && wanted == there {
            return Ownership::Marked {
                stack: self.identity.scope.stack.clone(),
                id: String::new(),
            };
        }
        found
    }
}

impl Resource for Table {
    fn address(&self) -> &Address {
        &self.identity.address
    }

    fn kind(&self) -> &'static str {
        Tables.name()
    }

    fn name(&self) -> &str {
        &self.identity.name
    }

    fn attribute(&self, attribute: &str) -> Option<String> {
        match attribute {
            "database" => Some(self.database.clone()),
            "location" => {
                let location = self.keys.as_ref()?.location.as_ref()?;
                Some(location.to_string())
            }
            "arn" => {
                let path = format!("table/{}/{}", self.database, self.identity.name);
                Some(self.identity.scope.arn("glue", &path))
            }
            _ => None,
        }
    }

    fn replaced_by(&self) -> &'static [&'static str] {
        match &self.keys {
            Some(keys) if keys.is_iceberg() => &["location", "parameters.table_type"],
            _ => &["partition_keys"],
        }
    }

    fn desired(&self) -> Fields {
        self.keys.as_ref().map(fields::desired).unwrap_or_default()
    }

    fn same(&self, field: &str, desired: &Value, live: &Value) -> bool {
        fields::same(field, desired, live)
    }

    fn doubts(&self) -> Vec<Problem> {
        self.keys.as_ref().map(Keys::doubts).unwrap_or_default()
    }

    /// Partitions hold the keys' values, so other keys are another table; and so is one that
    /// another engine keeps, or keeps elsewhere.
    fn refuse(&self, cloud: &Cloud, live: Option<&Live>) -> Option<CallError> {
        let keys = self.keys.as_ref()?;
        let kept_by_engine = live.and_then(|live| live.fields.get("parameters.table_type"));
        let kept_by_engine = kept_by_engine
            .and_then(Value::as_str)
            .is_some_and(|name| name.eq_ignore_ascii_case("ICEBERG"));
        if kept_by_engine && !keys.is_iceberg() {
            let message = "the live table is an Iceberg table, which an update would break";
            let help = "write format = \"iceberg\", or give this one another name";
            return Some(CallError::here("UpdateTable", message).with_help(help));
        }
        let what = if keys.target_table.is_some() {
            "tables with `target_table`"
        } else if keys.schema_reference.is_some() {
            "tables with `schema_reference`"
        } else {
            return None;
        };
        lacking(cloud, "CreateTable", what)
    }

    fn facts(&self) -> Vec<Fact> {
        let location = self.keys.as_ref().and_then(|keys| keys.location.as_ref());
        let table = location.map(|location| Fact::Table {
            database: self.database.clone(),
            name: self.identity.name.clone(),
            location: location.to_string(),
        });
        table.into_iter().collect()
    }

    fn read<'a>(&'a self, cloud: &'a Cloud) -> Call<'a, Option<Live>> {
        Box::pin(async move {
            let Some(live) = self.get(cloud).await? else {
                return Ok(None);
            };
            let parameters = sorted(live.parameters.clone());
            Ok(Some(Live {
                fields: fields::live(&live),
                ownership: self.ownership(&live, &parameters),
            }))
        })
    }

    fn holds<'a>(&'a self, cloud: &'a Cloud, _leaving: &'a [Fact]) -> Call<'a, Option<Held>> {
        Box::pin(async move {
            let live = self.get(cloud).await?;
            let parameters = sorted(live.and_then(|live| live.parameters));
            let reason = "it is an Iceberg table, whose data is found through the catalog alone";
            Ok(is_iceberg(&parameters).then(|| Held::Data(reason.to_owned())))
        })
    }

    fn create<'a>(&'a self, work: &'a Work<'a>) -> Call<'a, ()> {
        Box::pin(async move {
            if let Some(keys) = self.keys.as_ref().filter(|keys| keys.is_iceberg()) {
                return self.create_iceberg(work, keys).await;
            }
            let request = work
                .cloud
                .glue
                .create_table()
                .database_name(&self.database)
                .table_input(self.input(None, Touched(None))?);
            call!("CreateTable", request).map(drop)
        })
    }

    fn update<'a>(
        &'a self,
        work: &'a Work<'a>,
        _live: &'a Live,
        changed: &'a BTreeSet<String>,
    ) -> Call<'a, ()> {
        Box::pin(async move { self.write(work, Some(changed)).await })
    }

    fn delete<'a>(&'a self, work: &'a Work<'a>) -> Call<'a, ()> {
        Box::pin(async move {
            until_free(work, "the table", || async {
                let request = work
                    .cloud
                    .glue
                    .delete_table()
                    .database_name(&self.database)
                    .name(&self.identity.name);
                let answer = call!("DeleteTable", request);
                unless_gone(answer, &["EntityNotFoundException"]).map(drop)
            })
            .await
        })
    }
}
