//! Databases of the Glue catalog.

mod held;
mod keys;
#[cfg(all(test, feature = "local"))]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use aws_sdk_glue::types::{
    DataLakePrincipal, Database as GlueDatabase, DatabaseIdentifier, DatabaseInput,
    FederatedDatabase, Permission, PrincipalPermissions,
};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Value, json};

use self::keys::Keys;
use super::identity::{catalog_name, default_name, own_id, shown_tags};
use super::retry::until_free;
use super::{
    Address, Attribute, Call, CallError, Fields, Held, Identity, Kind, Live, Problem, Resource,
    Scope, Work, built, call, keys, lacking, unless_gone,
};
use crate::cloud::Cloud;
use crate::engine::Mark;
use crate::policy::Fact;

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
            identity: Identity::new(address, name, keys.tags.clone(), scope),
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
    fn arn(&self) -> String {
        let path = format!("database/{}", self.identity.name);
        self.identity.scope.arn("glue", &path)
    }

    async fn get(&self, cloud: &Cloud) -> Result<Option<GlueDatabase>, CallError> {
        let request = cloud.glue.get_database().name(&self.identity.name);
        let answer = call!("GetDatabase", request);
        let found = unless_gone(answer, &["EntityNotFoundException"])?;
        Ok(found.and_then(|found| found.database))
    }

    async fn tags(&self, cloud: &Cloud) -> Result<BTreeMap<String, String>, CallError> {
        let answer = call!("GetTags", cloud.glue.get_tags().resource_arn(self.arn()));
        let found = unless_gone(answer, &["EntityNotFoundException"])?;
        Ok(sorted(found.and_then(|found| found.tags)))
    }

    /// The whole input, over what is there: an update replaces all of it.
    fn input(&self, live: Option<GlueDatabase>) -> Result<DatabaseInput, CallError> {
        let keys = &self.keys;
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
        parameters.extend(keys.parameters.clone());
        for (key, value) in self.identity.mark().tags() {
            parameters.insert(key.to_owned(), value.to_owned());
        }
        if let Some(description) = &keys.description {
            builder = builder.description(description);
        }
        if let Some(location) = &keys.location_uri {
            // The API takes no empty one; what is left out is taken away.
            let location = Some(location.clone()).filter(|location| !location.is_empty());
            builder = builder.set_location_uri(location);
        }
        if let Some(permissions) = &keys.create_table_default_permissions {
            let permissions = permissions.iter().map(glue_permissions).collect();
            builder = builder.set_create_table_default_permissions(Some(permissions));
        }
        if let Some(target) = &keys.target_database {
            builder = builder.target_database(
                DatabaseIdentifier::builder()
                    .set_catalog_id(target.catalog_id.clone())
                    .database_name(&target.database_name)
                    .set_region(target.region.clone())
                    .build(),
            );
        }
        if let Some(federated) = &keys.federated_database {
            builder = builder.federated_database(
                FederatedDatabase::builder()
                    .set_identifier(federated.identifier.clone())
                    .set_connection_name(federated.connection_name.clone())
                    .set_connection_type(federated.connection_type.clone())
                    .build(),
            );
        }
        let builder = builder.set_parameters(Some(parameters.into_iter().collect()));
        built("CreateDatabase", builder.build())
    }

    async fn set_tags(&self, cloud: &Cloud) -> Result<(), CallError> {
        let live = self.tags(cloud).await?;
        let dropped: Vec<String> = live
            .keys()
            .filter(|key| !self.identity.tags.contains_key(*key) && !key.starts_with("aws:"))
            .cloned()
            .collect();
        let glue = &cloud.glue;
        if !dropped.is_empty() {
            let request = glue.untag_resource().resource_arn(self.arn());
            call!("UntagResource", request.set_tags_to_remove(Some(dropped)))?;
        }
        if !self.identity.tags.is_empty() {
            let tags = self.identity.tags.clone().into_iter().collect();
            let request = glue.tag_resource().resource_arn(self.arn());
            call!("TagResource", request.set_tags_to_add(Some(tags)))?;
        }
        Ok(())
    }
}

fn glue_permissions(given: &keys::Permissions) -> PrincipalPermissions {
    let principal = DataLakePrincipal::builder()
        .data_lake_principal_identifier(&given.principal)
        .build();
    let permissions = given.permissions.iter().filter_map(|permission| {
        let name = json!(permission);
        name.as_str().map(Permission::from)
    });
    PrincipalPermissions::builder()
        .principal(principal)
        .set_permissions(Some(permissions.collect()))
        .build()
}

fn shown_permissions(live: &[PrincipalPermissions]) -> Value {
    live.iter()
        .map(|one| {
            let principal = one.principal();
            json!({
                "principal": principal.and_then(|p| p.data_lake_principal_identifier()),
                "permissions": one.permissions().iter().map(Permission::as_str).collect::<Vec<_>>(),
            })
        })
        .collect()
}

/// Permissions by principal, whatever their order.
fn permission_sets(permissions: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    permissions
        .as_array()
        .into_iter()
        .flatten()
        .map(|one| {
            let given = one["permissions"].as_array().into_iter().flatten();
            (text(&one["principal"]), given.map(text).collect())
        })
        .collect()
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
        (attribute == "arn").then(|| self.arn())
    }

    fn desired(&self) -> Fields {
        let keys = &self.keys;
        let mut fields = Fields::from([("tags".to_owned(), self.identity.desired_tags())]);
        let mut set = |field: &str, value: Option<Value>| {
            if let Some(value) = value {
                fields.insert(field.to_owned(), value);
            }
        };
        set("description", keys.description.as_ref().map(|v| json!(v)));
        set("location_uri", keys.location_uri.as_ref().map(|v| json!(v)));
        set(
            "create_table_default_permissions",
            keys.create_table_default_permissions
                .as_ref()
                .map(|v| json!(v)),
        );
        set(
            "target_database",
            keys.target_database.as_ref().map(|v| json!(v)),
        );
        set(
            "federated_database",
            keys.federated_database.as_ref().map(|v| json!(v)),
        );
        for (key, value) in &keys.parameters {
            fields.insert(format!("parameters.{key}"), json!(value));
        }
        fields
    }

    fn same(&self, field: &str, desired: &Value, live: &Value) -> bool {
        match field {
            "create_table_default_permissions" => permission_sets(desired) == permission_sets(live),
            // What the file does not say of it is not its business.
            "target_database" | "federated_database" => desired
                .as_object()
                .into_iter()
                .flatten()
                .all(|(key, value)| value.is_null() || live.get(key) == Some(value)),
            _ => desired == live,
        }
    }

    fn facts(&self) -> Vec<Fact> {
        vec![Fact::Database {
            name: self.name().to_owned(),
        }]
    }

    fn refuse(&self, cloud: &Cloud, _live: Option<&Live>) -> Option<CallError> {
        let what = if self.keys.target_database.is_some() {
            "target_database"
        } else if self.keys.federated_database.is_some() {
            "federated_database"
        } else {
            return None;
        };
        lacking(cloud, "CreateDatabase", &format!("databases with `{what}`"))
    }

    fn read<'a>(&'a self, cloud: &'a Cloud) -> Call<'a, Option<Live>> {
        Box::pin(async move {
            let Some(live) = self.get(cloud).await? else {
                return Ok(None);
            };
            let tags = self.tags(cloud).await?;
            let parameters = sorted(live.parameters);
            let permissions = live.create_table_default_permissions.unwrap_or_default();
            let target = live.target_database.map(|target| {
                json!({
                    "catalog_id": target.catalog_id,
                    "database_name": target.database_name,
                    "region": target.region,
                })
            });
            let federated = live.federated_database.map(|federated| {
                json!({
                    "identifier": federated.identifier,
                    "connection_name": federated.connection_name,
                    "connection_type": federated.connection_type,
                })
            });
            let mut fields = Fields::from([
                ("tags".to_owned(), shown_tags(&tags)),
                ("description".to_owned(), json!(live.description)),
                ("location_uri".to_owned(), json!(live.location_uri)),
                (
                    "create_table_default_permissions".to_owned(),
                    shown_permissions(&permissions),
                ),
                ("target_database".to_owned(), json!(target)),
                ("federated_database".to_owned(), json!(federated)),
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

    fn holds<'a>(&'a self, cloud: &'a Cloud, leaving: &'a [Fact]) -> Call<'a, Option<Held>> {
        Box::pin(async move {
            let held = held::tables(cloud, &self.identity.scope, self.name(), leaving).await?;
            Ok(held.map(Held::Data))
        })
    }

    fn create<'a>(&'a self, work: &'a Work<'a>) -> Call<'a, ()> {
        Box::pin(async move {
            let request = work
                .cloud
                .glue
                .create_database()
                .database_input(self.input(None)?);
            let tags = &self.identity.tags;
            let request = if tags.is_empty() {
                request
            } else {
                request.set_tags(Some(tags.clone().into_iter().collect()))
            };
            call!("CreateDatabase", request).map(drop)
        })
    }

    fn update<'a>(
        &'a self,
        work: &'a Work<'a>,
        _live: &'a Live,
        changed: &'a BTreeSet<String>,
    ) -> Call<'a, ()> {
        Box::pin(async move {
            if changed.contains("tags") {
                self.set_tags(work.cloud).await?;
            }
            if changed.iter().all(|field| field == "tags") {
                return Ok(());
            }
            until_free(work, "the database", || async {
                let live = self.get(work.cloud).await?;
                let request = work
                    .cloud
                    .glue
                    .update_database()
                    .name(self.name())
                    .database_input(self.input(live)?);
                call!("UpdateDatabase", request).map(drop)
            })
            .await
        })
    }

    fn delete<'a>(&'a self, work: &'a Work<'a>) -> Call<'a, ()> {
        Box::pin(async move {
            until_free(work, "the database", || async {
                let request = work.cloud.glue.delete_database().name(self.name());
                let answer = call!("DeleteDatabase", request);
                unless_gone(answer, &["EntityNotFoundException"]).map(drop)
            })
            .await
        })
    }
}
