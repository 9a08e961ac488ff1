//! Answers of one text column, or of none.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use futures::StreamExt;

use crate::answer::{Answer, Column, StatementType};

/// Of a statement that gives no rows.
pub fn done(substatement_type: &str) -> Answer {
    answer(
        StatementType::Ddl,
        substatement_type,
        Vec::new(),
        Vec::new(),
    )
}

/// A line of text a row, below columns of these names. Where there are several columns, a line
/// holds their values with tabs between, as Athena gives it.
pub fn lines(substatement_type: &str, columns: &[&str], lines: Vec<String>) -> Answer {
    let columns = columns.iter().map(|name| text_column(name)).collect();
    answer(StatementType::Utility, substatement_type, columns, lines)
}

fn answer(
    statement_type: StatementType,
    substatement_type: &str,
    columns: Vec<Column>,
    lines: Vec<String>,
) -> Answer {
    let rows: Vec<_> = lines.into_iter().map(|line| vec![Some(line)]).collect();
    Answer {
        statement_type,
        substatement_type: substatement_type.to_owned(),
        columns,
        rows: futures::stream::iter((!rows.is_empty()).then_some(Ok(rows))).boxed(),
        writing: None,
        bytes_scanned: Arc::new(AtomicU64::new(0)),
    }
}

fn text_column(name: &str) -> Column {
    Column {
        name: name.to_owned(),
        type_name: "string".to_owned(),
        precision: 0,
        scale: 0,
        case_sensitive: false,
    }
}

/// A value in a column of Hive's: at least twenty characters wide.
pub fn padded(text: &str) -> String {
    format!("{text:<20}")
}
