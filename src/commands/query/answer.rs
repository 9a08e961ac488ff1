//! The rows of a result, page by page, and their printing.

use crate::cloud::Cloud;
use crate::output::human;
use crate::output::rows::{Column, Row, RowFormat, RowWriter};
use crate::resource::call;
use crate::session::Session;

/// What was printed.
pub(super) struct Shown {
    pub rows: usize,
    /// The rows that a statement wrote or changed; 0 of one that does neither.
    pub updated: Option<i64>,
    /// There are more, which a table does not show.
    pub cut: bool,
}

pub(super) async fn print(
    session: &Session,
    cloud: &Cloud,
    id: &str,
    format: RowFormat,
    limit: usize,
) -> anyhow::Result<Shown> {
    let output = &session.output;
    let mut pages = Pages::new(cloud, id);
    let first = pages.next().await?.unwrap_or_default();
    let columns = pages.columns.clone();
    if format == RowFormat::Table {
        let mut shown = first;
        let mut cut = shown.len() > limit;
        while !cut {
            let Some(more) = pages.next().await? else { break };
            shown.extend(more);
            cut = shown.len() > limit;
        }
        shown.truncate(limit);
        let is_text = columns.len() == 1 && pages.is_text;
        if is_text {
            // DDL and SHOW answer with lines, not with a table.
            for row in &shown {
                let line: String = row.iter().flatten().map(String::as_str).collect();
                output.line(human::on_its_lines(&line))?;
            }
        } else if !columns.is_empty() {
            output.table(&columns, &shown)?;
        }
        return Ok(Shown {
            rows: shown.len(),
            updated: pages.updated,
            cut,
        });
    }
    let out = std::io::BufWriter::new(output.result());
    let mut writer = RowWriter::new(out, format, columns)?;
    let mut count = 0;
    let mut page = Some(first);
    while let Some(rows) = page {
        count += rows.len();
        for row in &rows {
            writer.row(row)?;
        }
        page = pages.next().await?;
    }
    writer.finish()?;
    Ok(Shown {
        rows: count,
        updated: pages.updated,
        cut: false,
    })
}

/// The pages of a result.
struct Pages<'a> {
    cloud: &'a Cloud,
    id: &'a str,
    columns: Vec<Column>,
    is_text: bool,
    updated: Option<i64>,
    token: Option<String>,
    begun: bool,
}

impl<'a> Pages<'a> {
    fn new(cloud: &'a Cloud, id: &'a str) -> Self {
        Self {
            cloud,
            id,
            columns: Vec::new(),
            is_text: false,
            updated: None,
            token: None,
            begun: false,
        }
    }

    /// The next page's rows without the header; `None` behind the last.
    async fn next(&mut self) -> anyhow::Result<Option<Vec<Row>>> {
        if self.begun && self.token.is_none() {
            return Ok(None);
        }
        let request = self
            .cloud
            .athena
            .get_query_results()
            .query_execution_id(self.id)
            .max_results(1000)
            .set_next_token(self.token.take());
        let answer = call!("GetQueryResults", request)?;
        self.updated = answer.update_count;
        self.token = answer.next_token;
        let Some(set) = answer.result_set else {
            self.begun = true;
            return Ok(Some(Vec::new()));
        };
        let mut rows: Vec<Row> = set
            .rows()
            .iter()
            .map(|row| {
                let cells = row.data().iter();
                cells.map(|d| d.var_char_value().map(str::to_owned)).collect()
            })
            .collect();
        if !self.begun {
            self.begun = true;
            if let Some(metadata) = set.result_set_metadata() {
                let infos = metadata.column_info().iter();
                self.columns = infos.map(|c| Column::new(c.name(), c.r#type())).collect();
            }
            let is_header = rows.first().is_some_and(|row| {
                row.len() == self.columns.len()
                    && row
                        .iter()
                        .zip(&self.columns)
                        .all(|(cell, column)| cell.as_deref() == Some(column.name.as_str()))
            });
            if is_header {
                rows.remove(0);
            } else {
                self.is_text = true;
            }
        }
        Ok(Some(rows))
    }
}
