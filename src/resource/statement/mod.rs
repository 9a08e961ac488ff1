//! SQL that is kept in a workgroup of Athena: where its text is from, and the mark it carries.
//!
//! Named queries and prepared statements have no tags: the mark is the end of the description.

#[cfg(all(test, feature = "local"))]
mod tests;

use serde_json::Value;

use super::definition::read_text;
use super::{Ownership, Problem, Scope};
use crate::engine::Mark;

/// How many bytes a statement may have, to Athena.
const MAX_SQL: usize = 262_144;

/// The SQL of a table of `stack.toml`, which has it as `sql` or in a `file`.
pub(super) fn sql_of(
    scope: &Scope,
    sql: Option<String>,
    file: Option<&str>,
) -> Result<String, Problem> {
    let (key, sql) = match (sql, file) {
        (Some(sql), None) => ("sql", sql),
        (None, Some(file)) => ("file", read_text(scope, "file", file)?),
        (Some(_), Some(_)) => {
            return Err(Problem::new(
                "file",
                "both `sql` and `file` are set",
                "which of them is it?",
            ));
        }
        (None, None) => {
            return Err(Problem::new(
                "",
                "`sql` is missing",
                "it needs that, or `file`",
            ));
        }
    };
    if sql.trim().is_empty() {
        return Err(Problem::new(key, "there is no SQL", "empty"));
    }
    if sql.len() > MAX_SQL {
        let label = format!("{} bytes, and Athena takes {MAX_SQL}", sql.len());
        return Err(Problem::new(key, "this SQL is too long", label));
    }
    Ok(sql)
}

/// Whether two texts are the same SQL: white space around it is nobody's change.
pub(super) fn same_sql(desired: &Value, live: &Value) -> bool {
    match (desired.as_str(), live.as_str()) {
        (Some(desired), Some(live)) => desired.trim() == live.trim(),
        _ => desired == live,
    }
}

/// The description as a user wrote it, and the mark behind it.
pub(super) fn split_mark(description: &str) -> (&str, Ownership) {
    let marked = description
        .strip_suffix(']')
        .and_then(|rest| rest.rsplit_once("[athglue:"))
        .and_then(|(text, mark)| Some((text, mark.split_once('/')?)));
    match marked {
        Some((text, (stack, id))) => (
            text.trim_end(),
            Ownership::Marked {
                stack: stack.to_owned(),
                id: id.to_owned(),
            },
        ),
        None => (description, Ownership::Unmarked),
    }
}

/// A description with the mark behind it.
pub(super) fn with_mark(description: &str, mark: &Mark) -> String {
    format!("{description} [athglue:{}/{}]", mark.stack, mark.id)
        .trim_start()
        .to_owned()
}

/// Whether a description ends with a mark of this stack.
pub(super) fn is_ours(description: Option<&str>, scope: &Scope) -> bool {
    own_id(description, scope).is_some()
}

/// The id in the mark at the end of a description, if it is of this stack.
pub(super) fn own_id(description: Option<&str>, scope: &Scope) -> Option<String> {
    match split_mark(description.unwrap_or_default()).1 {
        Ownership::Marked { stack, id } if stack == scope.stack => Some(id),
        _ => None,
    }
}
