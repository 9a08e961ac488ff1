//! INSERT INTO a table over files: each statement adds files, and partitions that are new.
//!
//! Source: the Athena user guide, "INSERT INTO"; errors are Trino's.

use std::collections::BTreeSet;
use std::sync::Arc;

use datafusion::common::ScalarValue;
use datafusion::logical_expr::{Expr, lit};

use super::format::of_storage;
use super::sink::{FindPlace, Place, Sink, file_prefix};
use super::{Rows, Written};
use crate::analyzer::{Field, Typed, columns_of};
use crate::ast::{Insert, Position};
use crate::catalog::{Catalog, Storage, Table};
use crate::ddl;
use crate::delta;
use crate::error::Error;
use crate::formats::{Layout, is_hudi, is_projected, projected_location};
use crate::functions::cast;
use crate::iceberg::{self, Appending};
use crate::session::Session;
use crate::types::{Type, can_coerce, common_super_type};

/// The table that rows are put into.
pub enum Target {
    Hive {
        table: Box<Table>,
        columns: Vec<(String, Type)>,
    },
    Iceberg(Box<Appending>),
}

impl Target {
    pub async fn of(table: Table, catalog: &dyn Catalog) -> Result<Self, Error> {
        if iceberg::is_iceberg(&table) {
            let appending = Appending::to(table, catalog).await?;
            return Ok(Self::Iceberg(Box::new(appending)));
        }
        if delta::is_delta(&table) {
            return Err(Error::read_only("INSERT", "Delta Lake", &table));
        }
        if is_hudi(&table)? {
            return Err(Error::read_only("INSERT", "Hudi", &table));
        }
        let columns = columns_of(&table)?;
        let table = Box::new(table);
        Ok(Self::Hive { table, columns })
    }

    /// The columns that a row has; of a table of Hive, the partition keys last.
    pub fn columns(&self) -> &[(String, Type)] {
        match self {
            Self::Hive { columns, .. } => columns,
            Self::Iceberg(appending) => appending.columns(),
        }
    }

    /// Puts the rows in, whose columns are the target's.
    pub async fn fill(self, rows: Rows, session: Session) -> Result<Written, Error> {
        match self {
            Self::Hive { table, columns } => run(*table, &columns, rows, session).await,
            Self::Iceberg(appending) => appending.append(rows, session).await,
        }
    }
}

/// What a table's column is filled with.
pub struct Source {
    /// The query's column; NULL without one.
    field: Option<Field>,
    data_type: Type,
}

impl Source {
    pub fn expr(&self) -> Expr {
        let typed = match &self.field {
            Some(field) => field.typed(),
            None => Typed::new(lit(ScalarValue::Boolean(None)), Type::Unknown),
        };
        cast::cast_for_insert(typed.expr, &typed.data_type, &self.data_type)
    }
}

/// The query's columns in the order and the types of the table's.
pub fn sources(
    insert: &Insert,
    columns: &[(String, Type)],
    fields: &[Field],
) -> Result<Vec<Source>, Error> {
    let at = |position: Position, code: &str, message: String| {
        Error::user(code, message).at(position.line, position.column)
    };
    let mut seen = BTreeSet::new();
    for column in &insert.columns {
        let name = column.lower();
        if !columns.iter().any(|(own, _)| *own == name) {
            let message = format!("Insert column name does not exist in target table: {name}");
            return Err(at(insert.position, "COLUMN_NOT_FOUND", message));
        }
        if !seen.insert(name.clone()) {
            let message = format!("Insert column name is specified more than once: {name}");
            return Err(at(insert.position, "DUPLICATE_COLUMN_NAME", message));
        }
    }
    // The place of each table's column among the query's.
    let place = |i: usize, name: &str| {
        if insert.columns.is_empty() {
            return Some(i);
        }
        insert.columns.iter().position(|c| c.lower() == name)
    };
    let targets: Vec<&Type> = if insert.columns.is_empty() {
        columns.iter().map(|(_, t)| t).collect()
    } else {
        let of = |name: String| columns.iter().find(|(own, _)| *own == name);
        let given = insert.columns.iter().filter_map(|c| of(c.lower()));
        given.map(|(_, t)| t).collect()
    };
    let fit = targets.len() == fields.len()
        && targets
            .iter()
            .zip(fields)
            .all(|(target, field)| is_taken(&field.data_type, target));
    if !fit {
        let list = |types: Vec<String>| types.join(", ");
        let message = format!(
            "Insert query has mismatched column types: Table: [{}], Query: [{}]",
            list(targets.iter().map(ToString::to_string).collect()),
            list(fields.iter().map(|f| f.data_type.to_string()).collect()),
        );
        return Err(at(insert.position, "TYPE_MISMATCH", message));
    }
    let sources = columns
        .iter()
        .enumerate()
        .map(|(i, (name, data_type))| Source {
            field: place(i, name).and_then(|i| fields.get(i)).cloned(),
            data_type: data_type.clone(),
        });
    Ok(sources.collect())
}

/// Whether a value is taken for a column: where there is a type that holds both, so that a single
/// value may still not be. Texts of a length within arrays, maps and rows take what fits at once.
/// (`typesMatchForInsert` of Trino's `StatementAnalyzer`.)
fn is_taken(from: &Type, to: &Type) -> bool {
    if has_text_of_a_length_within(to) {
        can_coerce(from, to)
    } else {
        common_super_type(from, to).is_some()
    }
}

fn has_text_of_a_length_within(data_type: &Type) -> bool {
    let is_text_or_has = |t: &Type| {
        matches!(t, Type::Varchar(Some(_)) | Type::Char(_)) || has_text_of_a_length_within(t)
    };
    match data_type {
        Type::Array(element) => is_text_or_has(element),
        Type::Map(key, value) => is_text_or_has(key) || is_text_or_has(value),
        Type::Row(fields) => fields.iter().any(|field| is_text_or_has(&field.data_type)),
        _ => false,
    }
}

/// Writes the rows, whose columns are the table's, and adds new partitions to the catalog.
async fn run(
    table: Table,
    columns: &[(String, Type)],
    rows: Rows,
    session: Session,
) -> Result<Written, Error> {
    let (columns, keys) = columns.split_at(table.storage.columns.len());
    // What cannot be written is said before anything is.
    of_storage(&table.storage, &layout(&table, &table.storage))?;
    let columns = renamed(columns, &table.storage);
    let table = Arc::new(table);
    let sink = Sink {
        catalog: Arc::clone(&session.catalog),
        columns,
        keys: keys.iter().map(|(_, key)| key.clone()).collect(),
        file_prefix: file_prefix(session.now),
        place: places(Arc::clone(&table), Arc::clone(&session.catalog)),
    };
    let filled = sink.fill(rows).await?;
    let written = Written {
        files: filled.files.urls(),
        rows: filled.rows,
    };
    let partitions = filled.new_partitions(&table);
    let catalog = session.catalog;
    filled
        .files
        .commit(async move {
            if partitions.is_empty() {
                return Ok(());
            }
            catalog.create_partitions(&table, partitions).await
        })
        .await?;
    Ok(written)
}

fn layout(table: &Table, storage: &Storage) -> Layout {
    Layout {
        serde_parameters: storage.serde_parameters.clone(),
        table_parameters: table.parameters.clone(),
        ..Layout::default()
    }
}

/// Columns under the names that the JSON SerDe finds them by.
fn renamed(columns: &[(String, Type)], storage: &Storage) -> Vec<(String, Type)> {
    let columns = columns.iter().map(|(name, data_type)| {
        let mapped = storage.serde_parameters.get(&format!("mapping.{name}"));
        (mapped.unwrap_or(name).clone(), data_type.clone())
    });
    columns.collect()
}

/// Of a partition that is there, its own place and SerDe; of a new one, the table's.
fn places(table: Arc<Table>, catalog: Arc<dyn Catalog>) -> FindPlace {
    Box::new(move |values| {
        let (table, catalog) = (Arc::clone(&table), Arc::clone(&catalog));
        Box::pin(async move {
            let keys = &table.partition_keys;
            let known = if keys.is_empty() {
                Some(table.storage.clone())
            } else if is_projected(&table) {
                // The catalog has no say in where projected partitions are.
                Some(Storage {
                    location: projected_location(
                        &table,
                        keys.iter().map(|k| k.name.as_str()),
                        &values,
                    ),
                    ..table.storage.clone()
                })
            } else {
                let known = catalog.partition(&table, &values).await?;
                known.map(|partition| partition.storage)
            };
            let is_new = known.is_none();
            let storage = known.unwrap_or_else(|| Storage {
                location: ddl::partition_location(&table.storage.location, keys, &values),
                ..table.storage.clone()
            });
            Ok(Place {
                format: of_storage(&storage, &layout(&table, &storage))?,
                folder: storage.location,
                is_new,
            })
        })
    })
}
