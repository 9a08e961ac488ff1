//! CREATE VIEW, and the text that Glue keeps of a view.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::table_name::{self, TableName};
use super::{ATTEMPTS, answer, failure};
use crate::answer::Answer;
use crate::ast::CreateView;
use crate::catalog::{Column, Storage, Table};
use crate::error::Error;
use crate::session::Session;

/// A column of a view, from analysis of its query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ViewColumn {
    pub name: String,
    /// `varchar(3)`, `row(a bigint)`.
    pub trino_type: String,
    /// `varchar(3)`, `struct<a:bigint>`.
    pub hive_type: String,
}

const PREFIX: &str = "/* Presto View: ";
const SUFFIX: &str = " */";

/// Creates or replaces a view with these columns.
pub async fn create_view(
    create: &CreateView,
    columns: &[ViewColumn],
    session: &Session,
) -> Result<Answer, Error> {
    let name = TableName::of(&create.name, session)?;
    table_name::require_database(&name.database, session).await?;
    let mut view = view(create, name, columns, session);
    for _ in 0..ATTEMPTS {
        let is_done = match session.catalog.table(&view.database, &view.name).await? {
            Some(existing) => {
                check_replaceable(create, &existing)?;
                view.version_id = existing.version_id;
                session.catalog.update_table(view.clone()).await?
            }
            None => {
                session.catalog.create_table(view.clone()).await?;
                true
            }
        };
        if is_done {
            return Ok(answer::done("CREATE_VIEW"));
        }
    }
    Err(failure::concurrent_modification(&create.name.to_string()))
}

/// Fails unless it is a view that the statement may replace.
fn check_replaceable(create: &CreateView, existing: &Table) -> Result<(), Error> {
    let kind = match table_name::is_view(existing) {
        true if create.or_replace => return Ok(()),
        true => "View",
        false => "Table",
    };
    let place = create.name.position();
    Err(Error::user(
        "TABLE_ALREADY_EXISTS",
        format!(
            "{kind} already exists: 'awsdatacatalog.{}.{}'",
            existing.database, existing.name
        ),
    )
    .at(place.line, place.column))
}

/// The view as the catalog is told of it.
fn view(create: &CreateView, name: TableName, columns: &[ViewColumn], session: &Session) -> Table {
    Table {
        view_original_text: Some(original_text(create, columns, session)),
        view_expanded_text: Some("/* Presto View */".to_owned()),
        database: name.database,
        name: name.table,
        description: create.comment.clone(),
        table_type: "VIRTUAL_VIEW".to_owned(),
        storage: Storage {
            columns: columns
                .iter()
                .map(|column| Column {
                    name: column.name.to_lowercase(),
                    data_type: column.hive_type.clone(),
                    comment: None,
                    parameters: BTreeMap::new(),
                })
                .collect(),
            ..Storage::default()
        },
        partition_keys: Vec::new(),
        parameters: [
            ("comment".to_owned(), "Presto View".to_owned()),
            ("presto_view".to_owned(), "true".to_owned()),
        ]
        .into(),
        version_id: None,
    }
}

/// What Trino's Hive connector keeps (`ViewReaderUtil`).
fn original_text(create: &CreateView, columns: &[ViewColumn], session: &Session) -> String {
    let columns: Vec<Value> = columns
        .iter()
        .map(|column| json!({"name": column.name, "type": column.trino_type}))
        .collect();
    let view = json!({
        "originalSql": create.text,
        "catalog": "awsdatacatalog",
        "schema": session.database,
        "columns": columns,
    });
    format!("{PREFIX}{}{SUFFIX}", STANDARD.encode(view.to_string()))
}

/// A view's query, and the database its unqualified names belong to.
pub fn view_query(view: &Table) -> Result<(String, Option<String>), Error> {
    let invalid = |why: &str| {
        failure::semantic(
            10_000,
            format!("The view {}.{} {why}", view.database, view.name),
        )
    };
    let text = view
        .view_original_text
        .as_deref()
        .ok_or_else(|| invalid("has no text"))?;
    let Some(encoded) = text
        .trim()
        .strip_prefix(PREFIX)
        .and_then(|rest| rest.strip_suffix(SUFFIX))
    else {
        // A view of Hive's is its query.
        return Ok((text.to_owned(), None));
    };
    let decoded = STANDARD
        .decode(encoded.trim())
        .map_err(|error| invalid(&format!("is not in base64: {error}")))?;
    let view: Value = serde_json::from_slice(&decoded)
        .map_err(|error| invalid(&format!("is no JSON: {error}")))?;
    let sql = view["originalSql"]
        .as_str()
        .ok_or_else(|| invalid("has no originalSql"))?;
    Ok((sql.to_owned(), view["schema"].as_str().map(str::to_owned)))
}
