//! Tables and views of the catalog.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use datafusion::catalog::TableProvider;
use datafusion::datasource::provider_as_source;
use datafusion::logical_expr::{Expr, LogicalPlanBuilder};

use super::expression::coerce;
use super::scope::Scope;
use super::{Analyzer, Field, Relation, error_at, plan_error};
use crate::ast::{QualifiedName, Statement};
use crate::error::Error;
use crate::formats::HIDDEN_COLUMNS;
use crate::iceberg::Version;
use crate::parser::parse_statement;
use crate::types::{Type, from_hive, parse};

/// A table's database and name, in lower case.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TableKey {
    pub database: String,
    pub table: String,
    /// Of an Iceberg table: which of its states.
    pub version: Version,
}

/// What a name of the catalog is.
#[derive(Clone, Debug)]
pub enum Entry {
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

/// The Trino types of a Glue table's columns, the partition keys last.
pub fn columns_of(table: &crate::catalog::Table) -> Result<Vec<(String, Type)>, Error> {
    table
        .storage
        .columns
        .iter()
        .chain(&table.partition_keys)
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
            [.., database, table] => (database.clone(), table.clone()),
            [] => return Err(Error::internal("a table without a name")),
        };
        let key = TableKey {
            database,
            table,
            version,
        };
        let Some(entry) = self.tables.loaded.get(&key) else {
            self.tables.want(key);
            return Err(Error::internal("a table is not loaded yet"));
        };
        let qualifier = [key.database.clone(), key.table.clone()];
        match entry.clone() {
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
                self.view(view, &qualifier)
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

    /// A view's query, in its own database, where nothing around it is in sight.
    fn view(&mut self, view: View, qualifier: &[String]) -> Result<Relation, Error> {
        let Statement::Query(query) = parse_statement(&view.sql)? else {
            return Err(Error::user("INVALID_VIEW", "a view that is no query"));
        };
        let named = std::mem::take(&mut self.named);
        let database = match view.schema {
            Some(schema) => std::mem::replace(&mut self.database, schema),
            None => self.database.clone(),
        };
        let result = self.query(&query, &Scope::outermost());
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
            field.qualifier = qualifier.to_vec();
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
struct View {
    sql: String,
    schema: Option<String>,
    columns: Vec<(String, Type)>,
}

impl View {
    fn read(text: &str) -> Result<Self, Error> {
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
