//! Tables and views of the catalog.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use datafusion::catalog::TableProvider;
use datafusion::datasource::provider_as_source;
use datafusion::logical_expr::{Expr, LogicalPlanBuilder};

use super::expression::coerce;
use super::scope::Scope;
use super::{Analyzer, Field, Relation, at, error_at, plan_error};
use crate::ast::{Position, QualifiedName, Statement};
use crate::ddl::CATALOG;
use crate::error::Error;
use crate::formats::HIDDEN_COLUMNS;
use crate::iceberg::Version;
use crate::information_schema;
use crate::parser::parse_statement;
use crate::types::{Type, from_hive, parse};

/// What a table tells of itself, each in a table named after both: `"t$snapshots"`.
const METADATA: [&str; 12] = [
    "all_manifests",
    "all_entries",
    "entries",
    "files",
    "history",
    "manifests",
    "metadata_log_entries",
    "partitions",
    "properties",
    "refs",
    "snapshots",
    "timeline",
];

fn names_metadata(table: &str) -> bool {
    table
        .rsplit_once('$')
        .is_some_and(|(_, kind)| METADATA.contains(&kind))
}

/// A table's database and name, in lower case.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TableKey {
    pub database: String,
    pub table: String,
    /// Of an Iceberg table: which of its states.
    pub version: Version,
}

impl TableKey {
    /// The whole name, which columns may be spoken of by: catalog, database, table.
    fn qualifier(&self) -> Vec<String> {
        vec![
            CATALOG.to_owned(),
            self.database.clone(),
            self.table.clone(),
        ]
    }
}

/// What a name of the catalog is.
#[derive(Clone, Debug)]
pub enum Entry {
    MissingDatabase,
    Missing,
    /// Columns as Trino has them, and where their rows come from.
    Table {
        columns: Vec<(String, Type)>,
        provider: Arc<dyn TableProvider>,
    },
    /// A view's stored text.
    View(String),
}

/// The tables loaded so far. Analysis is not asynchronous: a table that is not here is asked for,
/// and the analysis begins again when it has been loaded.
#[derive(Debug, Default)]
pub struct Tables {
    loaded: HashMap<TableKey, Entry>,
    wanted: Mutex<Vec<TableKey>>,
}

impl Tables {
    pub fn add(&mut self, key: TableKey, entry: Entry) {
        self.loaded.insert(key, entry);
    }

    /// What the last analysis lacked.
    pub fn take_wanted(&mut self) -> Vec<TableKey> {
        let wanted = self
            .wanted
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        std::mem::take(wanted)
    }

    fn want(&self, key: TableKey) {
        let mut wanted = self.wanted.lock().unwrap_or_else(PoisonError::into_inner);
        wanted.push(key);
    }
}

/// The Trino types of a Glue table's columns, the partition keys last. An error where two are one in
/// lower case. (`HiveMetadata` of Trino's Hive connector.)
pub fn columns_of(table: &crate::catalog::Table) -> Result<Vec<(String, Type)>, Error> {
    let columns = || table.storage.columns.iter().chain(&table.partition_keys);
    let mut names = HashSet::new();
    if !columns().all(|column| names.insert(column.name.to_lowercase())) {
        return Err(Error::user(
            "HIVE_INVALID_METADATA",
            format!(
                "Hive metadata for table {} is invalid: Table descriptor contains duplicate columns",
                table.name
            ),
        ));
    }
    columns()
        .map(|column| {
            let data_type = from_hive(&column.data_type).map_err(|e| {
                Error::user(
                    "HIVE_INVALID_METADATA",
                    format!("column {}: {e}", column.name),
                )
            })?;
            Ok((column.name.to_lowercase(), data_type))
        })
        .collect()
}

impl Analyzer<'_> {
    pub(super) fn table(
        &mut self,
        name: &QualifiedName,
        version: Version,
    ) -> Result<Relation, Error> {
        let path = name.lower();
        let (database, table) = match path.as_slice() {
            [table] => (self.database.clone(), table.clone()),
            [database, table] => (database.clone(), table.clone()),
            [catalog, database, table] if catalog == CATALOG => (database.clone(), table.clone()),
            [catalog, _, _] => {
                let message = format!("Catalog '{catalog}' not found");
                return Err(error_at(name.position(), "CATALOG_NOT_FOUND", message));
            }
            _ => {
                let message = format!("Too many parts in table name: {name}");
                return Err(error_at(name.position(), "", message));
            }
        };
        if database == information_schema::NAME && information_schema::is_refused(&table) {
            let what = format!("{database}.{table}");
            return Err(Error::not_supported(what)).map_err(at(name.position()));
        }
        let key = TableKey {
            database,
            table,
            version,
        };
        let Some(entry) = self.tables.loaded.get(&key) else {
            self.tables.want(key);
            return Err(Error::internal("a table is not loaded yet"));
        };
        let qualifier = key.qualifier();
        match entry.clone() {
            Entry::MissingDatabase => Err(error_at(
                name.position(),
                "SCHEMA_NOT_FOUND",
                format!("Schema '{}' does not exist", key.database),
            )),
            Entry::Missing if names_metadata(&key.table) => Err(Error::not_supported(format!(
                "tables of metadata: {}",
                key.table
            )))
            .map_err(at(name.position())),
            Entry::Missing => Err(error_at(
                name.position(),
                "TABLE_NOT_FOUND",
                format!(
                    "Table 'awsdatacatalog.{}.{}' does not exist",
                    key.database, key.table
                ),
            )),
            Entry::Table { columns, provider } => self.scan(&key, columns, provider, &qualifier),
            Entry::View(text) => {
                let view = View::read(&text).map_err(|e| {
                    error_at(
                        name.position(),
                        "INVALID_VIEW",
                        format!("View '{}.{}': {}", key.database, key.table, e.message),
                    )
                })?;
                self.view(view, key, name.position())
            }
        }
    }

    fn scan(
        &mut self,
        key: &TableKey,
        columns: Vec<(String, Type)>,
        provider: Arc<dyn TableProvider>,
        qualifier: &[String],
    ) -> Result<Relation, Error> {
        let builder =
            LogicalPlanBuilder::scan(key.table.clone(), provider_as_source(provider), None)
                .map_err(plan_error)?;
        let scanned = builder.schema().columns();
        let mut exprs = Vec::new();
        let mut fields = Vec::new();
        let visible = columns.len();
        let hidden = HIDDEN_COLUMNS
            .iter()
            .map(|(name, data_type)| ((*name).to_owned(), data_type.clone()));
        let all = columns.into_iter().chain(hidden).zip(scanned);
        for (place, ((name, data_type), column)) in all.enumerate() {
            let mut field = self.field(Some(name), data_type);
            field.qualifier = qualifier.to_vec();
            field.is_hidden = place >= visible;
            exprs.push(Expr::Column(column).alias(&field.column));
            fields.push(field);
        }
        let plan = builder
            .project(exprs)
            .and_then(LogicalPlanBuilder::build)
            .map_err(plan_error)?;
        Ok(Relation { plan, fields })
    }

    /// Fails where a view is read within itself, or within what is to take its place.
    fn refuse_recursion(&self, key: &TableKey, position: Position) -> Result<(), Error> {
        let is_replaced = self
            .replaced
            .is_some_and(|name| name.database == key.database && name.table == key.table);
        let message = if is_replaced {
            "Statement would create a recursive view"
        } else if self.views.contains(key) {
            "View is recursive"
        } else {
            return Ok(());
        };
        Err(error_at(position, "VIEW_IS_RECURSIVE", message))
    }

    /// A view's query, in its own database, where nothing around it is in sight.
    fn view(&mut self, view: View, key: TableKey, position: Position) -> Result<Relation, Error> {
        self.refuse_recursion(&key, position)?;
        let qualifier = key.qualifier();
        let Statement::Query(query) = parse_statement(&view.sql)? else {
            return Err(Error::user("INVALID_VIEW", "a view that is no query"));
        };
        let named = std::mem::take(&mut self.named);
        let database = match view.schema {
            Some(schema) => std::mem::replace(&mut self.database, schema),
            None => self.database.clone(),
        };
        self.views.push(key);
        let result = self.query(&query, &Scope::outermost());
        self.views.pop();
        self.named = named;
        self.database = database;
        let relation = result?;
        if relation.fields.len() != view.columns.len() {
            return Err(Error::user(
                "VIEW_IS_STALE",
                "View is stale or in invalid state: its columns are others now",
            ));
        }
        let mut exprs = Vec::new();
        let mut fields: Vec<Field> = Vec::new();
        for (from, (name, data_type)) in relation.fields.iter().zip(view.columns) {
            let mut field = self.field(Some(name), data_type.clone());
            field.qualifier.clone_from(&qualifier);
            exprs.push(coerce(from.typed(), &data_type).alias(&field.column));
            fields.push(field);
        }
        let plan = LogicalPlanBuilder::from(relation.plan)
            .project(exprs)
            .and_then(LogicalPlanBuilder::build)
            .map_err(plan_error)?;
        Ok(Relation { plan, fields })
    }
}

/// A view as Glue keeps it: `/* Presto View: BASE64 */` of JSON.
pub struct View {
    pub sql: String,
    pub schema: Option<String>,
    pub columns: Vec<(String, Type)>,
}

impl View {
    pub fn read(text: &str) -> Result<Self, Error> {
        let invalid = |what: &str| Error::user("INVALID_VIEW", what);
        let encoded = text
            .trim()
            .strip_prefix("/* Presto View:")
            .and_then(|t| t.strip_suffix("*/"))
            .ok_or_else(|| invalid("not a Presto view"))?
            .trim();
        let json = base64::engine::general_purpose::STANDARD
            .decode(encoded)
            .map_err(|_| invalid("not base64"))?;
        let json: serde_json::Value =
            serde_json::from_slice(&json).map_err(|_| invalid("not JSON"))?;
        let sql = json["originalSql"]
            .as_str()
            .ok_or_else(|| invalid("no originalSql"))?;
        let columns = json["columns"]
            .as_array()
            .ok_or_else(|| invalid("no columns"))?
            .iter()
            .map(|column| {
                let name = column["name"].as_str().unwrap_or_default().to_lowercase();
                let data_type = column["type"]
                    .as_str()
                    .and_then(|t| parse(t).ok())
                    .ok_or_else(|| invalid("a column without a type"))?;
                Ok((name, data_type))
            })
            .collect::<Result<_, Error>>()?;
        Ok(Self {
            sql: sql.to_owned(),
            schema: json["schema"].as_str().map(str::to_lowercase),
            columns,
        })
    }
}

#[cfg(test)]
mod tests;
