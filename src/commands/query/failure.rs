//! Why a query failed, shown in its SQL.

use std::ops::Range;
use std::sync::Arc;

use anyhow::anyhow;

use super::Statement;
use crate::cloud::Cloud;
use crate::commands::catalog;
use crate::stack::{Diagnostic, Diagnostics, Source};

/// The error of a query that Athena ended or refused for a reason, which it may have a place in
/// the SQL for: `TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.lake.film' does not exist`.
pub(super) async fn shown(cloud: &Cloud, statement: &Statement, reason: &str) -> anyhow::Error {
    let help = meant(cloud, reason).await;
    let Some(span) = place(reason).and_then(|place| span(&statement.sql, place)) else {
        let help = help.map(|help| format!("\n  help: {help}")).unwrap_or_default();
        return anyhow!("{reason}{help}");
    };
    let mut mistake = Diagnostic::new(span, reason, "");
    mistake.help = help;
    Diagnostics {
        source: Arc::new(Source {
            display: statement.origin.clone(),
            text: statement.sql.clone(),
            ..Source::default()
        }),
        list: vec![mistake],
    }
    .into()
}

/// Line and column, both from 1, that a reason names at its start or behind its code.
fn place(reason: &str) -> Option<(usize, usize)> {
    let at_start = reason.strip_prefix("line ");
    let behind_code = || {
        let (code, rest) = reason.split_once(": line ")?;
        let is_code = code.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
        is_code.then_some(rest)
    };
    let (line, rest) = at_start.or_else(behind_code)?.split_once(':')?;
    let (column, _) = rest.split_once(':')?;
    Some((line.parse().ok()?, column.parse().ok()?))
}

/// The bytes of the word, the quoted name or the sign at a place; nothing at the text's end.
fn span(sql: &str, (line, column): (usize, usize)) -> Option<Range<usize>> {
    let text = sql.split('\n').nth(line.checked_sub(1)?)?;
    let line_start = text.as_ptr() as usize - sql.as_ptr() as usize;
    let column = column.checked_sub(1)?;
    let in_line = match text.char_indices().nth(column) {
        Some((at, _)) => at,
        None if text.chars().count() == column => text.len(),
        None => return None,
    };
    let rest = &text[in_line..];
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let length = match rest.chars().next() {
        Some(quote @ ('"' | '\'' | '`')) => rest[1..].find(quote).map_or(rest.len(), |at| at + 2),
        Some(first) if is_word(first) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
        Some(sign) => sign.len_utf8(),
        None => 0,
    };
    let start = line_start + in_line;
    Some(start..start + length)
}

/// The table or the database that was probably meant by a name that is not there.
async fn meant(cloud: &Cloud, reason: &str) -> Option<String> {
    let near = if let Some(name) = between(reason, "Table '", "' does not exist") {
        let (database, table) = name.rsplit_once('.')?;
        let database = database.rsplit_once('.').map_or(database, |(_, last)| last);
        catalog::near_table(cloud, database, table).await
    } else {
        let name = between(reason, "Schema '", "' does not exist")?;
        catalog::near_database(cloud, name).await
    };
    near.map(|near| format!("did you mean `{near}`?"))
}

fn between<'a>(text: &'a str, before: &str, behind: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    rest.split_once(behind).map(|(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(sql: &str, reason: &str) -> Option<String> {
        let span = span(sql, place(reason)?)?;
        Some(sql[span].to_owned())
    }

    #[test]
    fn a_place_is_found_with_and_without_a_code() {
        let sql = "SELECT\n  größe, \"a b\"\nFROM lake.t;";
        let found = |reason: &str| word(sql, reason).unwrap();
        assert_eq!(found("line 2:3: no such column"), "größe");
        assert_eq!(found("COLUMN_NOT_FOUND: line 2:10: no such column"), "\"a b\"");
        assert_eq!(found("TABLE_NOT_FOUND: line 3:6: no such table"), "lake");
        assert_eq!(found("line 3:12: mismatched input"), ";");
        assert_eq!(found("line 3:13: mismatched input '<EOF>'"), "");
    }

    #[test]
    fn what_is_no_place_of_the_sql_is_none() {
        for reason in [
            "line 9:1: there is no such line",
            "line 1:99: nor such a column",
            "line 0:0: lines are counted from 1",
            "line one: words",
            "HIVE_BAD_DATA: a file says: line 1:1: broken",
            "Query exhausted resources",
        ] {
            assert_eq!(word("SELECT 1", reason), None, "{reason}");
        }
    }
}
