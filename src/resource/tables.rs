//! Tables of the Glue catalog.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aws_sdk_glue::types::{
    Column as GlueColumn, SerDeInfo, StorageDescriptor, Table as GlueTable, TableInput,
};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::databases::{owned_databases, sorted};
use super::identity::{catalog_name, own_id};
use super::{
    Address, Attribute, Call, CallError, Fields, Identity, Kind, Live, Problem, Resource, Scope,
    Work, built, call, keys, unless_gone,
};
use crate::cloud::Cloud;
use crate::engine::Mark;
use crate::policy::Fact;
use crate::stack::types::{CatalogName, S3Path};

/// An external table of the Glue catalog, whose columns are known beforehand; a crawler finds the
/// others. Its parameters carry the mark of ownership.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Keys {
    /// The table's name. Default: `ID`, in lower case.
    name: Option<CatalogName>,
    /// The database it is in.
    database: CatalogName,
    /// What is in it.
    #[schemars(length(max = 2048))]
    description: Option<String>,
    /// The folder of its data.
    location: S3Path,
    /// How the data is written.
    format: Format,
    /// Its columns, in their order.
    #[schemars(length(min = 1))]
    columns: Vec<Column>,
    /// The columns that folders such as `year=2024/` stand for.
    #[serde(default)]
    partition_keys: Vec<Column>,
    /// Parameters of the table; others that it has stay.
    #[serde(default)]
    parameters: BTreeMap<String, String>,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Column {
    /// Its name, in lower case.
    name: CatalogName,
    /// Its type as Hive writes it: `bigint`, `array<string>`, …
    r#type: String,
    /// What it says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    comment: Option<String>,
}

/// How a table's data is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Format {
    /// Values between commas, never quoted.
    Csv,
    /// Values between tabs.
    Tsv,
    /// Values between commas, where quotes may hold commas; every column is text.
    Quoted,
    /// An object a line.
    Json,
    Parquet,
    Orc,
    Avro,
}

impl Format {
    /// SerDe, input format and output format, as Athena's documentation has them.
    fn classes(self) -> (&'static str, &'static str, &'static str) {
        const TEXT: &str = "org.apache.hadoop.mapred.TextInputFormat";
        const TEXT_OUT: &str = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat";
        match self {
            Self::Csv | Self::Tsv => (
                "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
                TEXT,
                TEXT_OUT,
            ),
            Self::Quoted => ("org.apache.hadoop.hive.serde2.OpenCSVSerde", TEXT, TEXT_OUT),
            Self::Json => ("org.openx.data.jsonserde.JsonSerDe", TEXT, TEXT_OUT),
            Self::Parquet => (
                "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
                "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
                "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
            ),
            Self::Orc => (
                "org.apache.hadoop.hive.ql.io.orc.OrcSerde",
                "org.apache.hadoop.hive.ql.io.orc.OrcInputFormat",
                "org.apache.hadoop.hive.ql.io.orc.OrcOutputFormat",
            ),
            Self::Avro => (
                "org.apache.hadoop.hive.serde2.avro.AvroSerDe",
                "org.apache.hadoop.hive.ql.io.avro.AvroContainerInputFormat",
                "org.apache.hadoop.hive.ql.io.avro.AvroContainerOutputFormat",
            ),
        }
    }

    fn serde_parameters(self) -> BTreeMap<&'static str, &'static str> {
        match self {
            Self::Csv => BTreeMap::from([("field.delim", ","), ("serialization.format", ",")]),
            Self::Tsv => BTreeMap::from([("field.delim", "\t"), ("serialization.format", "\t")]),
            Self::Quoted => BTreeMap::from([("separatorChar", ","), ("quoteChar", "\"")]),
            _ => BTreeMap::from([("serialization.format", "1")]),
        }
    }

    fn classification(self) -> &'static str {
        match self {
            Self::Csv | Self::Tsv | Self::Quoted => "csv",
            Self::Json => "json",
            Self::Parquet => "parquet",
            Self::Orc => "orc",
            Self::Avro => "avro",
        }
    }
}

pub(super) struct Tables;

#[derive(Debug)]
struct Table {
    identity: Identity,
    /// `DATABASE.NAME`
    full_name: String,
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

    fn build(
        &self,
        address: Address,
        config: Value,
        scope: &Scope,
    ) -> Result<Arc<dyn Resource>, Vec<Problem>> {
        let keys: Keys = keys(config)?;
        let name = match &keys.name {
            Some(name) => name.to_string(),
            None => catalog_name(&address.id),
        };
        Ok(Arc::new(Table {
            full_name: format!("{}.{name}", keys.database),
            database: keys.database.to_string(),
            identity: Identity::new(address, name, BTreeMap::new(), scope),
            keys: Some(keys),
        }))
    }

    fn owned<'a>(&'a self, cloud: &'a Cloud, scope: &'a Scope) -> Call<'a, Vec<Arc<dyn Resource>>> {
        Box::pin(async move {
            let mut owned: Vec<Arc<dyn Resource>> = Vec::new();
            for (database, _) in owned_databases(cloud, scope).await? {
                let mut pages = cloud
                    .glue
                    .get_tables()
                    .database_name(&database)
                    .into_paginator()
                    .send();
                while let Some(page) = pages.next().await {
                    let page = match page {
                        Ok(page) => page,
                        Err(error) => {
                            let error = CallError::of("GetTables", error);
                            // Somebody deletes the database at this moment.
                            if error.is("EntityNotFoundException") {
                                break;
                            }
                            return Err(error);
                        }
                    };
                    for table in page.table_list() {
                        let parameters = sorted(table.parameters.clone());
                        if let Some(id) = own_id(&parameters, scope) {
                            owned.push(Arc::new(Table {
                                full_name: format!("{database}.{}", table.name),
                                database: database.clone(),
                                identity: Identity::found(self.name(), id, &table.name, scope),
                                keys: None,
                            }));
                        }
                    }
                }
            }
            Ok(owned)
        })
    }
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

    /// The whole input, over what is there: an update replaces all of it.
    fn input(
        &self,
        live: Option<GlueTable>,
        changed: Option<&BTreeSet<String>>,
    ) -> Result<TableInput, CallError> {
        let touched = |field: &str| changed.is_none_or(|changed| changed.contains(field));
        let mut builder = TableInput::builder().name(&self.identity.name);
        let mut parameters = BTreeMap::new();
        let mut storage = StorageDescriptor::builder().build();
        if let Some(live) = live {
            parameters = sorted(live.parameters);
            storage = live.storage_descriptor.unwrap_or(storage);
            builder = builder
                .set_description(live.description)
                .set_owner(live.owner)
                .set_last_access_time(live.last_access_time)
                .set_last_analyzed_time(live.last_analyzed_time)
                .retention(live.retention)
                .set_partition_keys(live.partition_keys)
                .set_view_original_text(live.view_original_text)
                .set_view_expanded_text(live.view_expanded_text)
                .set_table_type(live.table_type);
        }
        for (key, value) in self.identity.mark().tags() {
            parameters.insert(key.to_owned(), value.to_owned());
        }
        if let Some(keys) = &self.keys {
            builder = builder.table_type("EXTERNAL_TABLE");
            parameters.insert("EXTERNAL".to_owned(), "TRUE".to_owned());
            if touched("format") {
                let (serde, input, output) = keys.format.classes();
                let mut info = SerDeInfo::builder().serialization_library(serde);
                for (key, value) in keys.format.serde_parameters() {
                    info = info.parameters(key, value);
                }
                storage.serde_info = Some(info.build());
                storage.input_format = Some(input.to_owned());
                storage.output_format = Some(output.to_owned());
                let class = keys.format.classification();
                parameters.insert("classification".to_owned(), class.to_owned());
            }
            if touched("location") {
                storage.location = Some(keys.location.to_string());
            }
            if touched("columns") {
                storage.columns = Some(glue_columns(&keys.columns)?);
            }
            builder = builder.set_partition_keys(Some(glue_columns(&keys.partition_keys)?));
            if let Some(description) = &keys.description {
                builder = builder.description(description);
            }
            parameters.extend(keys.parameters.clone());
        }
        let builder = builder
            .storage_descriptor(storage)
            .set_parameters(Some(parameters.into_iter().collect()));
        built("CreateTable", builder.build())
    }
}

fn glue_columns(columns: &[Column]) -> Result<Vec<GlueColumn>, CallError> {
    columns
        .iter()
        .map(|column| {
            let glue = GlueColumn::builder()
                .name(column.name.as_str())
                .r#type(&column.r#type)
                .set_comment(column.comment.clone());
            built("CreateTable", glue.build())
        })
        .collect()
}

fn shown_columns(columns: &[GlueColumn]) -> Value {
    columns
        .iter()
        .map(|column| {
            let mut shown = json!({ "name": column.name, "type": column.r#type });
            if let Some(comment) = column.comment().filter(|comment| !comment.is_empty()) {
                shown["comment"] = json!(comment);
            }
            shown
        })
        .collect()
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

    fn key(&self) -> &str {
        &self.full_name
    }

    fn attribute(&self, attribute: &str) -> Option<String> {
        match attribute {
            "database" => Some(self.database.clone()),
            "location" => self.keys.as_ref().map(|keys| keys.location.to_string()),
            "arn" => {
                let path = format!("table/{}/{}", self.database, self.identity.name);
                Some(self.identity.scope.arn("glue", &path))
            }
            _ => None,
        }
    }

    fn desired(&self) -> Fields {
        let Some(keys) = &self.keys else {
            return Fields::new();
        };
        let mut fields = Fields::from([
            ("location".to_owned(), json!(keys.location)),
            ("format".to_owned(), json!(keys.format.classes().0)),
            ("columns".to_owned(), json!(keys.columns)),
            ("partition_keys".to_owned(), json!(keys.partition_keys)),
        ]);
        if let Some(description) = &keys.description {
            fields.insert("description".to_owned(), json!(description));
        }
        for (key, value) in &keys.parameters {
            fields.insert(format!("parameters.{key}"), json!(value));
        }
        fields
    }

    /// Partitions hold the keys' values, so other keys are another table.
    fn replaced_by(&self) -> &'static [&'static str] {
        &["partition_keys"]
    }

    fn facts(&self) -> Vec<Fact> {
        let table = self.keys.as_ref().map(|keys| Fact::Table {
            database: self.database.clone(),
            name: self.identity.name.clone(),
            location: keys.location.to_string(),
        });
        table.into_iter().collect()
    }

    fn read<'a>(&'a self, cloud: &'a Cloud) -> Call<'a, Option<Live>> {
        Box::pin(async move {
            let Some(live) = self.get(cloud).await? else {
                return Ok(None);
            };
            let parameters = sorted(live.parameters.clone());
            let storage = live.storage_descriptor();
            let serde = storage
                .and_then(|storage| storage.serde_info())
                .and_then(|info| info.serialization_library());
            let mut fields = Fields::from([
                ("description".to_owned(), json!(live.description)),
                (
                    "location".to_owned(),
                    json!(storage.and_then(|storage| storage.location())),
                ),
                ("format".to_owned(), json!(serde)),
                (
                    "columns".to_owned(),
                    shown_columns(storage.map_or(&[], |storage| storage.columns())),
                ),
                (
                    "partition_keys".to_owned(),
                    shown_columns(live.partition_keys()),
                ),
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
            let request = work
                .cloud
                .glue
                .create_table()
                .database_name(&self.database)
                .table_input(self.input(None, None)?);
            call!("CreateTable", request).map(drop)
        })
    }

    fn update<'a>(
        &'a self,
        work: &'a Work<'a>,
        _live: &'a Live,
        changed: &'a BTreeSet<String>,
    ) -> Call<'a, ()> {
        Box::pin(async move {
            let live = self.get(work.cloud).await?;
            let version = live.as_ref().and_then(|live| live.version_id.clone());
            let request = work
                .cloud
                .glue
                .update_table()
                .database_name(&self.database)
                .table_input(self.input(live, Some(changed))?)
                .set_version_id(version);
            call!("UpdateTable", request).map(drop)
        })
    }

    fn delete<'a>(&'a self, work: &'a Work<'a>) -> Call<'a, ()> {
        Box::pin(async move {
            let request = work
                .cloud
                .glue
                .delete_table()
                .database_name(&self.database)
                .name(&self.identity.name);
            let answer = call!("DeleteTable", request);
            unless_gone(answer, &["EntityNotFoundException"]).map(drop)
        })
    }
}
