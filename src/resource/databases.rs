//! Databases of the Glue catalog.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use aws_sdk_glue::types::{Database as GlueDatabase, DatabaseInput};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;
use serde_json::{Value, json};

use super::identity::{catalog_name, default_name, own_id};
use super::{
    Address, Attribute, Call, CallError, Fields, Identity, Kind, Live, Problem, Resource, Scope,
    Work, built, call, keys, unless_gone,
};
use crate::cloud::Cloud;
use crate::engine::Mark;
use crate::policy::Fact;
use crate::stack::types::{CatalogName, S3Path};

/// A database of the Glue catalog. Its parameters carry the mark of ownership.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Keys {
    /// The database's name. Default: `STACK_ID`, in lower case.
    name: Option<CatalogName>,
    /// What it is for.
    #[schemars(length(max = 2048))]
    description: Option<String>,
    /// Where tables without a location of their own are kept.
    location: Option<S3Path>,
    /// Parameters of the database; others that it has stay.
    #[serde(default)]
    parameters: BTreeMap<String, String>,
}

pub(super) struct Databases;

#[derive(Debug)]
struct Database {
    identity: Identity,
    keys: Keys,
}

impl Kind for Databases {
    fn name(&self) -> &'static str {
        "databases"
    }

    fn schema(&self, generator: &mut SchemaGenerator) -> Schema {
        Keys::json_schema(generator)
    }

    fn attributes(&self) -> &'static [Attribute] {
        &[
            Attribute {
                name: "name",
                doc: "the database's name",
            },
            Attribute {
                name: "arn",
                doc: "its ARN",
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
        let name = match &keys.name {
            Some(name) => name.to_string(),
            None => catalog_name(&default_name(scope, &address)),
        };
        Ok(Arc::new(Database {
            identity: Identity::new(address, name, BTreeMap::new(), scope),
            keys,
        }))
    }

    fn owned<'a>(&'a self, cloud: &'a Cloud, scope: &'a Scope) -> Call<'a, Vec<Arc<dyn Resource>>> {
        Box::pin(async move {
            Ok(owned_databases(cloud, scope)
                .await?
                .into_iter()
                .map(|(name, id)| {
                    Arc::new(Database {
                        identity: Identity::found(self.name(), &id, &name, scope),
                        keys: Keys::default(),
                    }) as Arc<dyn Resource>
                })
                .collect())
        })
    }
}

/// Names and ids of the databases that carry the stack's mark.
pub(super) async fn owned_databases(
    cloud: &Cloud,
    scope: &Scope,
) -> Result<Vec<(String, String)>, CallError> {
    let mut owned = Vec::new();
    let mut pages = cloud.glue.get_databases().into_paginator().send();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| CallError::of("GetDatabases", error))?;
        for database in page.database_list() {
            let parameters = sorted(database.parameters.clone());
            if let Some(id) = own_id(&parameters, scope) {
                owned.push((database.name.clone(), id.to_owned()));
            }
        }
    }
    Ok(owned)
}

pub(super) fn sorted(map: Option<HashMap<String, String>>) -> BTreeMap<String, String> {
    map.unwrap_or_default().into_iter().collect()
}

impl Database {
    async fn get(&self, cloud: &Cloud) -> Result<Option<GlueDatabase>, CallError> {
        let request = cloud.glue.get_database().name(&self.identity.name);
        let answer = call!("GetDatabase", request);
        let found = unless_gone(answer, &["EntityNotFoundException"])?;
        Ok(found.and_then(|found| found.database))
    }

    /// The whole input, over what is there: an update replaces all of it.
    fn input(&self, live: Option<GlueDatabase>) -> Result<DatabaseInput, CallError> {
        let mut parameters = BTreeMap::new();
        let mut builder = DatabaseInput::builder().name(&self.identity.name);
        if let Some(live) = live {
            parameters = sorted(live.parameters);
            builder = builder
                .set_description(live.description)
                .set_location_uri(live.location_uri)
                .set_create_table_default_permissions(live.create_table_default_permissions)
                .set_target_database(live.target_database)
                .set_federated_database(live.federated_database);
        }
        parameters.extend(self.keys.parameters.clone());
        for (key, value) in self.identity.mark().tags() {
            parameters.insert(key.to_owned(), value.to_owned());
        }
        if let Some(description) = &self.keys.description {
            builder = builder.description(description);
        }
        if let Some(location) = &self.keys.location {
            builder = builder.location_uri(location.as_str());
        }
        let builder = builder.set_parameters(Some(parameters.into_iter().collect()));
        built("CreateDatabase", builder.build())
    }
}

impl Resource for Database {
    fn address(&self) -> &Address {
        &self.identity.address
    }

    fn kind(&self) -> &'static str {
        Databases.name()
    }

    fn name(&self) -> &str {
        &self.identity.name
    }

    fn attribute(&self, attribute: &str) -> Option<String> {
        let scope = &self.identity.scope;
        (attribute == "arn").then(|| scope.arn("glue", &format!("database/{}", self.name())))
    }

    fn desired(&self) -> Fields {
        let mut fields = Fields::new();
        if let Some(description) = &self.keys.description {
            fields.insert("description".to_owned(), json!(description));
        }
        if let Some(location) = &self.keys.location {
            fields.insert("location".to_owned(), json!(location));
        }
        for (key, value) in &self.keys.parameters {
            fields.insert(format!("parameters.{key}"), json!(value));
        }
        fields
    }

    fn facts(&self) -> Vec<Fact> {
        vec![Fact::Database {
            name: self.name().to_owned(),
        }]
    }

    fn read<'a>(&'a self, cloud: &'a Cloud) -> Call<'a, Option<Live>> {
        Box::pin(async move {
            let Some(live) = self.get(cloud).await? else {
                return Ok(None);
            };
            let parameters = sorted(live.parameters);
            let mut fields = Fields::from([
                ("description".to_owned(), json!(live.description)),
                ("location".to_owned(), json!(live.location_uri)),
            ]);
            for (key, value) in &parameters {
                fields.insert(format!("parameters.{key}"), json!(value));
            }
            Ok(Some(Live {
                fields,
                ownership: Mark::find(&parameters),
            }))
        })
    }

    fn create<'a>(&'a self, work: &'a Work<'a>) -> Call<'a, ()> {
        Box::pin(async move {
            let input = self.input(None)?;
            let request = work.cloud.glue.create_database().database_input(input);
            call!("CreateDatabase", request).map(drop)
        })
    }

    fn update<'a>(
        &'a self,
        work: &'a Work<'a>,
        _live: &'a Live,
        _changed: &'a BTreeSet<String>,
    ) -> Call<'a, ()> {
        Box::pin(async move {
            let live = self.get(work.cloud).await?;
            let request = work
                .cloud
                .glue
                .update_database()
                .name(self.name())
                .database_input(self.input(live)?);
            call!("UpdateDatabase", request).map(drop)
        })
    }

    fn delete<'a>(&'a self, work: &'a Work<'a>) -> Call<'a, ()> {
        Box::pin(async move {
            let request = work.cloud.glue.delete_database().name(self.name());
            let answer = call!("DeleteDatabase", request);
            unless_gone(answer, &["EntityNotFoundException"]).map(drop)
        })
    }
}
