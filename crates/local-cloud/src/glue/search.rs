//! SearchTables: the tables of all databases by text and properties.

use super::errors::{self, check_catalog};
use super::page_size;
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::glue::*;
use crate::paging;

const PAGE: usize = 100;

pub(super) async fn tables(
    cloud: &Cloud,
    caller: &Caller,
    request: SearchTablesRequest,
) -> Result<SearchTablesResponse, ServiceError> {
    check_catalog(request.catalog_id.as_deref(), &caller.account)?;
    let filters = request.filters.unwrap_or_default();
    for filter in &filters {
        if filter.comparator.as_deref().is_some_and(|c| c != "EQUALS") {
            return Err(errors::not_implemented(
                "comparators of SearchTables other than EQUALS",
            ));
        }
    }
    let text = request.search_text.unwrap_or_default();
    let mut found: Vec<Table> = cloud.store().read(|c| {
        let mut statement = c.prepare_cached(
            "SELECT document FROM glue_tables WHERE region = ?1 ORDER BY database, name",
        )?;
        let mut rows = statement.query([&caller.region])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let table: Table = serde_json::from_str(&row.get::<_, String>(0)?)?;
            if has_text(&table, &text) && filters.iter().all(|f| passes(&table, f)) {
                found.push(table);
            }
        }
        Ok(found)
    })?;
    for criterion in request.sort_criteria.unwrap_or_default().iter().rev() {
        sort(&mut found, criterion)?;
    }
    let from: usize = match &request.next_token {
        Some(token) => paging::key(token, "InvalidInputException")?
            .parse()
            .map_err(|_| errors::invalid_input("The pagination token is not valid."))?,
        None => 0,
    };
    let size = page_size(request.max_results, PAGE);
    let next = (found.len() > from + size).then(|| paging::token(&(from + size).to_string()));
    Ok(SearchTablesResponse {
        table_list: Some(found.into_iter().skip(from).take(size).collect()),
        next_token: next,
    })
}

/// Whether a table says the text: in quotes the very same, else as a part.
fn has_text(table: &Table, text: &str) -> bool {
    let text = text.trim().to_lowercase();
    if text.is_empty() {
        return true;
    }
    let exact = text
        .strip_prefix('"')
        .and_then(|t| t.strip_suffix('"'))
        .filter(|t| !t.is_empty());
    let says = |value: &str| match exact {
        Some(exact) => value.to_lowercase() == exact,
        None => value.to_lowercase().contains(&text),
    };
    let columns = table
        .storage_descriptor
        .iter()
        .filter_map(|d| d.columns.as_ref())
        .flatten()
        .chain(table.partition_keys.iter().flatten());
    says(&table.name)
        || table.database_name.as_deref().is_some_and(says)
        || table.description.as_deref().is_some_and(says)
        || table.owner.as_deref().is_some_and(says)
        || columns
            .into_iter()
            .any(|c| says(&c.name) || c.comment.as_deref().is_some_and(says))
        || table
            .parameters
            .iter()
            .flatten()
            .any(|(k, v)| says(k) || says(v))
}

fn passes(table: &Table, filter: &PropertyPredicate) -> bool {
    let (Some(key), Some(value)) = (&filter.key, &filter.value) else {
        return true;
    };
    let is = |given: Option<&str>| given.is_some_and(|g| g.eq_ignore_ascii_case(value));
    match key.to_lowercase().as_str() {
        "name" => is(Some(&table.name)),
        "databasename" => is(table.database_name.as_deref()),
        "owner" => is(table.owner.as_deref()),
        "description" => is(table.description.as_deref()),
        "tabletype" => is(table.table_type.as_deref()),
        _ => table
            .parameters
            .as_ref()
            .and_then(|p| p.get(key))
            .is_some_and(|v| v == value),
    }
}

fn sort(found: &mut [Table], criterion: &SortCriterion) -> Result<(), ServiceError> {
    let seconds = |t: Option<crate::model::Timestamp>| t.map_or(0.0, |t| t.0);
    match criterion.field_name.as_deref().unwrap_or_default() {
        "Name" => found.sort_by(|a, b| a.name.cmp(&b.name)),
        "DatabaseName" => found.sort_by(|a, b| a.database_name.cmp(&b.database_name)),
        "CreateTime" => {
            found.sort_by(|a, b| seconds(a.create_time).total_cmp(&seconds(b.create_time)));
        }
        "UpdateTime" => {
            found.sort_by(|a, b| seconds(a.update_time).total_cmp(&seconds(b.update_time)));
        }
        other => {
            return Err(errors::invalid_input(format!(
                "Tables cannot be sorted by {other}."
            )));
        }
    }
    if criterion.sort.as_deref() == Some("DESC") {
        found.reverse();
    }
    Ok(())
}
