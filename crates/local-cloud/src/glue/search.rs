//! SearchTables: the tables of all databases by text and properties.
//!
//! Source: AWS Glue API, SearchTables. A property's text is split at its punctuation, and each of
//! its tokens compared with the value; comparators are those of times. What is searched for in
//! quotes is the whole of a property.

use super::errors::{self, check_catalog};
use super::{page_size, start};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::Timestamp;
use crate::model::glue::*;
use crate::paging;

const PAGE: usize = 100;
const MOST: usize = 1000;

pub(super) async fn tables(
    cloud: &Cloud,
    caller: &Caller,
    request: SearchTablesRequest,
) -> Result<SearchTablesResponse, ServiceError> {
    check_catalog(request.catalog_id.as_deref(), &caller.account)?;
    let criteria = request.sort_criteria.unwrap_or_default();
    criteria.iter().try_for_each(check_criterion)?;
    let filters = request.filters.unwrap_or_default();
    let filters: Vec<Filter> = filters.iter().map(Filter::of).collect::<Result<_, _>>()?;
    let text = request.search_text.unwrap_or_default();
    // Nothing is shared with this account by another.
    let only_foreign = matches!(
        request.resource_share_type.as_deref(),
        Some("FOREIGN" | "FEDERATED")
    );
    let mut found: Vec<Table> = cloud.store().read(|c| {
        let mut statement = c.prepare_cached(
            "SELECT document FROM glue_tables WHERE region = ?1 ORDER BY database, name",
        )?;
        let mut rows = statement.query([&caller.region])?;
        let mut found = Vec::new();
        while !only_foreign && let Some(row) = rows.next()? {
            let text_of_row = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
            let table: Table = serde_json::from_str(text_of_row)?;
            if has_text(&table, &text) && filters.iter().all(|f| f.passes(&table)) {
                found.push(table);
            }
        }
        Ok(found)
    })?;
    for criterion in criteria.iter().rev() {
        sort(&mut found, criterion);
    }
    let from: usize = match start(request.next_token.as_deref())? {
        Some(place) => place
            .parse()
            .map_err(|_| errors::invalid_input("The pagination token is not valid."))?,
        None => 0,
    };
    let size = request
        .max_results
        .map_or(PAGE, |n| page_size(Some(n), MOST));
    let next = (found.len().saturating_sub(from) > size)
        .then(|| paging::token(&(from + size).to_string()));
    Ok(SearchTablesResponse {
        table_list: Some(found.into_iter().skip(from).take(size).collect()),
        next_token: next,
    })
}

/// The texts of a table that are searched.
fn texts(table: &Table) -> impl Iterator<Item = &str> {
    let columns = table
        .storage_descriptor
        .iter()
        .filter_map(|d| d.columns.as_ref())
        .flatten()
        .chain(table.partition_keys.iter().flatten());
    let own = [
        Some(&table.name),
        table.database_name.as_ref(),
        table.description.as_ref(),
        table.owner.as_ref(),
        table
            .storage_descriptor
            .as_ref()
            .and_then(|d| d.location.as_ref()),
    ];
    own.into_iter()
        .flatten()
        .chain(
            columns
                .flat_map(|c| [Some(&c.name), c.comment.as_ref()])
                .flatten(),
        )
        .chain(table.parameters.iter().flatten().flat_map(|(k, v)| [k, v]))
        .map(String::as_str)
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
    texts(table).any(|value| match exact {
        Some(exact) => value.to_lowercase() == exact,
        None => value.to_lowercase().contains(&text),
    })
}

/// A filter on one property.
enum Filter {
    Text {
        key: String,
        value: String,
    },
    Time {
        key: String,
        value: f64,
        comparator: Comparator,
    },
    /// Without a key or a value, it is none.
    All,
}

#[derive(Clone, Copy)]
enum Comparator {
    Equals,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

impl Filter {
    fn of(predicate: &PropertyPredicate) -> Result<Self, ServiceError> {
        let (Some(key), Some(value)) = (&predicate.key, &predicate.value) else {
            return Ok(Self::All);
        };
        let folded = key.to_lowercase();
        if !is_time(&folded) {
            return Ok(Self::Text {
                key: key.clone(),
                value: value.clone(),
            });
        }
        let value = moment(value).ok_or_else(|| {
            errors::invalid_input(format!("{value} is not a time, which {key} is."))
        })?;
        let comparator = match predicate.comparator.as_deref() {
            Some("GREATER_THAN") => Comparator::Greater,
            Some("GREATER_THAN_EQUALS") => Comparator::GreaterOrEqual,
            Some("LESS_THAN") => Comparator::Less,
            Some("LESS_THAN_EQUALS") => Comparator::LessOrEqual,
            _ => Comparator::Equals,
        };
        Ok(Self::Time {
            key: folded,
            value,
            comparator,
        })
    }

    fn passes(&self, table: &Table) -> bool {
        match self {
            Self::All => true,
            Self::Time {
                key,
                value,
                comparator,
            } => time_of(table, key).is_some_and(|time| match comparator {
                Comparator::Equals => time.0.trunc() == value.trunc(),
                Comparator::Greater => time.0 > *value,
                Comparator::GreaterOrEqual => time.0 >= *value,
                Comparator::Less => time.0 < *value,
                Comparator::LessOrEqual => time.0 <= *value,
            }),
            Self::Text { key, value } => property(table, key).is_some_and(|p| has_token(p, value)),
        }
    }
}

fn is_time(key: &str) -> bool {
    matches!(
        key,
        "createtime" | "updatetime" | "lastaccesstime" | "lastanalyzedtime"
    )
}

fn time_of(table: &Table, key: &str) -> Option<Timestamp> {
    match key {
        "createtime" => table.create_time,
        "updatetime" => table.update_time,
        "lastaccesstime" => table.last_access_time,
        _ => table.last_analyzed_time,
    }
}

/// A time as seconds since the epoch: a number of seconds or milliseconds, or an ISO 8601 text.
fn moment(text: &str) -> Option<f64> {
    /// Seconds do not become as many before the year 5138.
    const MILLISECONDS: f64 = 1e11;
    if let Ok(number) = text.parse::<f64>() {
        return Some(if number >= MILLISECONDS {
            number / 1000.0
        } else {
            number
        });
    }
    if let Ok(moment) = chrono::DateTime::parse_from_rfc3339(text) {
        return Some(moment.timestamp_millis() as f64 / 1000.0);
    }
    let date = chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    Some(date.and_time(chrono::NaiveTime::MIN).and_utc().timestamp() as f64)
}

fn property<'a>(table: &'a Table, key: &str) -> Option<&'a str> {
    match key.to_lowercase().as_str() {
        "name" => Some(&table.name),
        "databasename" => table.database_name.as_deref(),
        "owner" => table.owner.as_deref(),
        "description" => table.description.as_deref(),
        "tabletype" => table.table_type.as_deref(),
        "catalogid" => table.catalog_id.as_deref(),
        "createdby" => table.created_by.as_deref(),
        "location" => table.storage_descriptor.as_ref()?.location.as_deref(),
        _ => table.parameters.as_ref()?.get(key).map(String::as_str),
    }
}

/// `customer-link` has the tokens `customer` and `link`, and is itself one; `_` is no punctuation.
fn has_token(text: &str, value: &str) -> bool {
    let is_punctuation = |c: char| !c.is_alphanumeric() && c != '_';
    text.eq_ignore_ascii_case(value)
        || text
            .split(is_punctuation)
            .any(|token| token.eq_ignore_ascii_case(value))
}

fn check_criterion(criterion: &SortCriterion) -> Result<(), ServiceError> {
    let name = criterion
        .field_name
        .as_deref()
        .unwrap_or_default()
        .to_lowercase();
    if is_time(&name)
        || matches!(
            &name[..],
            "name" | "databasename" | "owner" | "description" | "tabletype"
        )
    {
        return Ok(());
    }
    Err(errors::invalid_input(format!(
        "Tables cannot be sorted by {}.",
        criterion.field_name.as_deref().unwrap_or_default()
    )))
}

fn sort(found: &mut [Table], criterion: &SortCriterion) {
    let name = criterion
        .field_name
        .as_deref()
        .unwrap_or_default()
        .to_lowercase();
    let descends = criterion.sort.as_deref() == Some("DESC");
    found.sort_by(|a, b| {
        let order = if is_time(&name) {
            let seconds = |table| time_of(table, &name).map_or(0.0, |t| t.0);
            seconds(a).total_cmp(&seconds(b))
        } else {
            property(a, &name).cmp(&property(b, &name))
        };
        if descends { order.reverse() } else { order }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_property_is_compared_token_by_token() {
        assert!(has_token("customer-link", "link"));
        assert!(has_token("xx-LINK-yy", "link"));
        assert!(!has_token("xxlinkyy", "link"));
        assert!(!has_token("xx_link", "link"));
        assert!(has_token("customer-link", "customer-link"));
    }

    #[test]
    fn a_time_is_a_number_or_a_text() {
        assert_eq!(moment("1700000000"), Some(1_700_000_000.0));
        assert_eq!(moment("1700000000500"), Some(1_700_000_000.5));
        assert_eq!(moment("2023-11-14T22:13:20Z"), Some(1_700_000_000.0));
        assert_eq!(moment("1970-01-02"), Some(86_400.0));
        assert_eq!(moment("yesterday"), None);
    }
}
