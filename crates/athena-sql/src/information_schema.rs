//! Trino's tables about databases, tables, views and columns: `information_schema`.
//!
//! What they have is read from the catalog when a query is planned, as far as its conditions on
//! names leave it: `table_schema = 'x'` reads the tables of one database, and `table_name = 'y'`
//! beside it one table.
//!
//! Source: "Query the AWS Glue Data Catalog", Amazon Athena user guide, and Trino's
//! `InformationSchemaTable`.

use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::array::ArrayRef;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::Result as PlanResult;
use datafusion::datasource::TableType;
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown};
use datafusion::physical_plan::ExecutionPlan;
use futures::stream::{StreamExt, TryStreamExt};

use crate::analyzer::{Entry, TableKey, View, columns_of};
use crate::catalog::{Catalog, Column, Storage, Table};
use crate::ddl::{CATALOG, is_view, view_query};
use crate::error::Error;
use crate::formats::{schema_of, wanted_values};
use crate::functions::external;
use crate::iceberg::Version;
use crate::types::{RowField, Type, Value, array_from_values, to_hive};
use crate::{delta, iceberg};

/// The database that these tables are in.
pub const NAME: &str = "information_schema";

/// Trino's tables about roles and grants, which Athena has no statements for.
const OF_ROLES: [&str; 4] = [
    "applicable_roles",
    "enabled_roles",
    "roles",
    "table_privileges",
];

/// Databases that are read at once.
const LISTINGS: usize = 16;

/// The longest name of a database or a table in Glue.
const LONGEST_NAME: usize = 255;

/// Whether Trino has a table of this name here that this engine has not.
pub fn is_refused(table: &str) -> bool {
    OF_ROLES.contains(&table)
}

/// What a name of this database is.
pub fn entry(key: &TableKey, catalog: &Arc<dyn Catalog>) -> Result<Entry, Error> {
    let Some(kind) = KINDS.into_iter().find(|kind| kind.name() == key.table) else {
        return Ok(Entry::Missing);
    };
    if key.version != Version::Current {
        return Err(Error::user(
            "NOT_SUPPORTED",
            "This connector does not support versioned tables",
        ));
    }
    let columns = kind.columns();
    let listing = Listing {
        kind,
        schema: Arc::new(schema_of(&columns)),
        catalog: Arc::clone(catalog),
    };
    Ok(Entry::Table {
        columns,
        provider: Arc::new(listing),
    })
}

/// What a table here lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Columns,
    Schemata,
    Tables,
    Views,
}

const KINDS: [Kind; 4] = [Kind::Columns, Kind::Schemata, Kind::Tables, Kind::Views];

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Columns => "columns",
            Self::Schemata => "schemata",
            Self::Tables => "tables",
            Self::Views => "views",
        }
    }

    fn columns(self) -> Vec<(String, Type)> {
        let names: &[&str] = match self {
            Self::Schemata => &["catalog_name", "schema_name"],
            Self::Tables => &["table_catalog", "table_schema", "table_name", "table_type"],
            Self::Views => &[
                "table_catalog",
                "table_schema",
                "table_name",
                "view_definition",
            ],
            Self::Columns => &[
                "table_catalog",
                "table_schema",
                "table_name",
                "column_name",
                "ordinal_position",
                "column_default",
                "is_nullable",
                "data_type",
                "comment",
                "extra_info",
            ],
        };
        let column = |name: &&str| {
            let data_type = match *name {
                "ordinal_position" => Type::Bigint,
                _ => Type::VARCHAR,
            };
            ((*name).to_owned(), data_type)
        };
        names.iter().map(column).collect()
    }

    /// The column that has the database's name.
    fn database_column(self) -> &'static str {
        match self {
            Self::Schemata => "schema_name",
            _ => "table_schema",
        }
    }

    /// The rows that a table gives; none in the list of databases.
    fn rows(self, table: &Table) -> Vec<Vec<Value>> {
        let row = |more: Vec<Value>| {
            let mut row = vec![
                Value::text(CATALOG),
                Value::text(table.database.as_str()),
                Value::text(table.name.as_str()),
            ];
            row.extend(more);
            row
        };
        match self {
            Self::Tables => {
                let kind = if is_view(table) { "VIEW" } else { "BASE TABLE" };
                vec![row(vec![Value::text(kind)])]
            }
            // A view whose text cannot be read has no definition.
            Self::Views if is_view(table) => {
                let definition = view_query(table).map_or(Value::Null, |(sql, _)| Value::text(sql));
                vec![row(vec![definition])]
            }
            Self::Columns => columns(table).into_iter().map(row).collect(),
            Self::Views | Self::Schemata => Vec::new(),
        }
    }
}

/// The columns of a table, the partition keys last: name, place from 1, default, whether they may
/// be NULL, type, comment, and what else there is to say. None of a table with a type that cannot
/// be read, as Trino has it.
fn columns(table: &Table) -> Vec<Vec<Value>> {
    let keys_start = table.storage.columns.len();
    let declared: Vec<&Column> = table
        .storage
        .columns
        .iter()
        .chain(&table.partition_keys)
        .collect();
    let mut rows = Vec::new();
    for (place, (name, data_type)) in types(table).unwrap_or_default().into_iter().enumerate() {
        let declared = declared.get(place);
        let comment = declared.and_then(|column| column.comment.as_deref());
        let extra = declared
            .filter(|_| place >= keys_start)
            .map(|_| "partition key");
        let optional = |text: Option<&str>| text.map_or(Value::Null, Value::text);
        rows.push(vec![
            Value::text(name),
            Value::Integer(i64::try_from(place + 1).unwrap_or(i64::MAX)),
            Value::Null,
            Value::text("YES"),
            Value::text(data_type.to_string()),
            optional(comment),
            optional(extra),
        ]);
    }
    rows
}

/// The names and Trino types of a table's columns, by what the catalog has.
fn types(table: &Table) -> Result<Vec<(String, Type)>, Error> {
    if let Some(text) = table
        .view_original_text
        .as_deref()
        .filter(|_| is_view(table))
        && let Ok(view) = View::read(text)
    {
        return Ok(view.columns);
    }
    let columns = columns_of(table)?;
    let timestamp = if iceberg::is_iceberg(table) {
        Type::Timestamp(6)
    } else if delta::is_delta(table) {
        Type::TimestampTz(3)
    } else {
        return Ok(columns);
    };
    let columns = columns.into_iter();
    Ok(columns
        .map(|(name, data_type)| (name, with_timestamps(data_type, &timestamp)))
        .collect())
}

/// A type with other timestamps: Hive's name for them is one for all.
fn with_timestamps(data_type: Type, timestamp: &Type) -> Type {
    match data_type {
        Type::Timestamp(_) => timestamp.clone(),
        Type::Array(element) => Type::array(with_timestamps(*element, timestamp)),
        Type::Map(key, value) => Type::map(
            with_timestamps(*key, timestamp),
            with_timestamps(*value, timestamp),
        ),
        Type::Row(fields) => {
            let fields = fields.into_iter().map(|field| RowField {
                name: field.name,
                data_type: with_timestamps(field.data_type, timestamp),
            });
            Type::Row(fields.collect())
        }
        other => other,
    }
}

/// The tables of this database, as if the catalog had them.
fn own_tables() -> Vec<Table> {
    let table = |kind: Kind| {
        let columns = kind.columns().into_iter().map(|(name, data_type)| Column {
            name,
            data_type: to_hive(&data_type),
            ..Column::default()
        });
        Table {
            database: NAME.to_owned(),
            name: kind.name().to_owned(),
            storage: Storage {
                columns: columns.collect(),
                ..Storage::default()
            },
            ..Table::default()
        }
    };
    KINDS.into_iter().map(table).collect()
}

/// The names that the conditions of a query leave; all where there is no list.
struct Wanted {
    databases: Option<Vec<String>>,
    tables: Option<Vec<String>>,
}

/// Whether the catalog may have a database or a table of this name. Its names are in lower case.
fn can_be_a_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= LONGEST_NAME
        && !name.contains(char::is_control)
        && name == name.to_lowercase()
}

/// One of these tables, which reads the catalog when it is scanned.
#[derive(Debug)]
struct Listing {
    kind: Kind,
    schema: SchemaRef,
    catalog: Arc<dyn Catalog>,
}

impl Listing {
    async fn rows(&self, wanted: Wanted) -> Result<Vec<Vec<Value>>, Error> {
        let databases = self.databases(wanted.databases).await?;
        if self.kind == Kind::Schemata {
            let row = |name: String| vec![Value::text(CATALOG), Value::text(name)];
            return Ok(databases.into_iter().map(row).collect());
        }
        let mut listings = Vec::with_capacity(databases.len());
        for database in databases {
            listings.push(tables(
                self.catalog.as_ref(),
                database,
                wanted.tables.as_deref(),
            ));
        }
        let tables: Vec<Vec<Table>> = futures::stream::iter(listings)
            .buffered(LISTINGS)
            .try_collect()
            .await?;
        let tables = tables.iter().flatten();
        Ok(tables.flat_map(|table| self.kind.rows(table)).collect())
    }

    /// The names of the databases there are, of those that are wanted.
    async fn databases(&self, wanted: Option<Vec<String>>) -> Result<Vec<String>, Error> {
        let Some(wanted) = wanted else {
            let all = self.catalog.databases().await?.into_iter();
            let mut names: Vec<String> = all.map(|database| database.name).collect();
            names.push(NAME.to_owned());
            return Ok(names);
        };
        let mut names = Vec::new();
        for name in wanted {
            if name == NAME
                || (can_be_a_name(&name) && self.catalog.database(&name).await?.is_some())
            {
                names.push(name);
            }
        }
        Ok(names)
    }
}

/// The tables of a database that have one of the names, or any where there are none.
async fn tables(
    catalog: &dyn Catalog,
    database: String,
    names: Option<&[String]>,
) -> Result<Vec<Table>, Error> {
    if database == NAME {
        return Ok(own_tables());
    }
    let Some(names) = names else {
        return catalog.tables(&database).await;
    };
    let mut found = Vec::new();
    for name in names {
        if can_be_a_name(name) {
            found.extend(catalog.table(&database, name).await?);
        }
    }
    Ok(found)
}

#[async_trait]
impl TableProvider for Listing {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(
        &self,
        filters: &[&Expr],
    ) -> PlanResult<Vec<TableProviderFilterPushDown>> {
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    async fn scan(
        &self,
        _: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        _: Option<usize>,
    ) -> PlanResult<Arc<dyn ExecutionPlan>> {
        let wanted = {
            let filters: Vec<&Expr> = filters.iter().collect();
            Wanted {
                databases: wanted_values(self.kind.database_column(), &filters),
                tables: wanted_values("table_name", &filters),
            }
        };
        let rows = self.rows(wanted).await.map_err(external)?;
        let types = self.kind.columns().into_iter().enumerate();
        let arrays: Vec<ArrayRef> = types
            .map(|(place, (_, data_type))| {
                let values: Vec<Value> = rows.iter().map(|row| row[place].clone()).collect();
                array_from_values(&data_type, &values)
            })
            .collect();
        let batch = RecordBatch::try_new(self.schema.clone(), arrays)?;
        let source = MemorySourceConfig::try_new_exec(
            &[vec![batch]],
            self.schema.clone(),
            projection.cloned(),
        )?;
        Ok(source)
    }
}

#[cfg(test)]
mod tests;
