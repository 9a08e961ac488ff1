//! Rows of a query, in every form that they can be had in.

use std::collections::HashSet;
use std::io::Write;

use clap::ValueEnum;
use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{Attribute, Cell, CellAlignment, ContentArrangement, Table};
use serde_json::{Map, Number, Value};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::{Paint, human};

/// How rows are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RowFormat {
    /// For people; as wide as the terminal.
    Table,
    Csv,
    Tsv,
    /// One array of objects.
    Json,
    /// An object a line.
    Jsonl,
    Markdown,
}

/// A column: its name, and its type as Athena says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    pub type_name: String,
}

impl Column {
    pub fn new(name: impl Into<String>, type_name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            type_name: type_name.into(),
        }
    }

    fn is_number(&self) -> bool {
        matches!(
            self.type_name.as_str(),
            "tinyint"
                | "smallint"
                | "integer"
                | "int"
                | "bigint"
                | "real"
                | "float"
                | "double"
                | "decimal"
        )
    }
}

/// A row: `None` is NULL.
pub type Row = Vec<Option<String>>;

/// Cells are cut to this when a table would be wider than the terminal.
const NARROWEST: usize = 12;

/// The table that people see, in at most `width` columns of the terminal.
pub fn table(columns: &[Column], rows: &[Row], width: Option<usize>, paint: Paint) -> String {
    if columns.is_empty() {
        return String::new();
    }
    if let Some(width) = width {
        // A border before each column and one behind the last, and a space on both sides.
        let least = columns.len() * (narrowest(columns) + 3) + 1;
        if least > width {
            return records(columns, rows, width, paint);
        }
    }
    let mut table = Table::new();
    table.load_preset(UTF8_FULL_CONDENSED);
    // The table itself paints, since it has to know how wide a cell is without its colour.
    if paint.0 {
        table.enforce_styling();
    } else {
        table.force_no_tty();
    }
    let limits = limits(columns, rows, width);
    let heads = columns.iter().zip(&limits).map(|(column, limit)| {
        Cell::new(cut(&human::on_one_line(&column.name), *limit)).add_attribute(Attribute::Bold)
    });
    table.set_header(heads);
    for row in rows {
        table.add_row(row.iter().zip(&limits).map(|(cell, limit)| match cell {
            Some(text) => Cell::new(cut(&human::on_one_line(text), *limit)),
            None => Cell::new("NULL").add_attribute(Attribute::Dim),
        }));
    }
    for (i, column) in columns.iter().enumerate() {
        if column.is_number()
            && let Some(formatted) = table.column_mut(i)
        {
            formatted.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.set_content_arrangement(ContentArrangement::Disabled);
    table.to_string()
}

fn longest_name(columns: &[Column]) -> usize {
    columns
        .iter()
        .map(|c| display_width(&c.name))
        .max()
        .unwrap_or(0)
}

/// How narrow a column may become: its name is still read.
fn narrowest(columns: &[Column]) -> usize {
    NARROWEST.min(longest_name(columns))
}

/// How wide each column may be: the widest are cut first, until all fit.
fn limits(columns: &[Column], rows: &[Row], width: Option<usize>) -> Vec<usize> {
    let mut natural: Vec<usize> = columns.iter().map(|c| display_width(&c.name)).collect();
    for row in rows {
        for (i, cell) in row.iter().enumerate() {
            let cell = cell.as_deref().map_or(4, display_width);
            if let Some(widest) = natural.get_mut(i) {
                *widest = (*widest).max(cell);
            }
        }
    }
    let Some(width) = width else {
        return vec![usize::MAX; columns.len()];
    };
    let room = width.saturating_sub(columns.len() * 3 + 1);
    let mut limit = natural.iter().copied().max().unwrap_or(0);
    while limit > narrowest(columns)
        && natural.iter().map(|w| (*w).min(limit)).sum::<usize>() > room
    {
        limit -= 1;
    }
    vec![limit; columns.len()]
}

/// One line a value, as a table of many columns is readable.
fn records(columns: &[Column], rows: &[Row], width: usize, paint: Paint) -> String {
    let name_width = longest_name(columns);
    let mut lines = Vec::new();
    for (i, row) in rows.iter().enumerate() {
        let head = format!("── row {} ", human::count(i + 1));
        let rule = "─".repeat(width.min(60).saturating_sub(head.chars().count()));
        lines.push(paint.faint(&format!("{head}{rule}")));
        for (column, cell) in columns.iter().zip(row) {
            let name = human::on_one_line(&column.name);
            let padding = " ".repeat(name_width.saturating_sub(display_width(&name)));
            let value = match cell {
                Some(text) => cut(
                    &human::on_one_line(text),
                    width.saturating_sub(name_width + 2).max(NARROWEST),
                ),
                None => paint.faint("NULL"),
            };
            lines.push(format!("{}{padding}  {value}", paint.strong(&name)));
        }
    }
    lines.join("\n")
}

/// Columns of the terminal that a text takes: two for a wide character, none for a combining one.
fn display_width(text: &str) -> usize {
    text.width()
}

fn cut(text: &str, limit: usize) -> String {
    if display_width(text) <= limit {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut width = 0;
    for c in text.chars() {
        width += c.width().unwrap_or(0);
        if width >= limit {
            break;
        }
        kept.push(c);
    }
    kept.push('…');
    kept
}

/// Writes rows as they come, in one of the forms for programs.
pub struct RowWriter<W: Write> {
    out: W,
    format: RowFormat,
    columns: Vec<Column>,
    /// What each column is called in an object.
    keys: Vec<String>,
    written: usize,
}

impl<W: Write> RowWriter<W> {
    pub fn new(out: W, format: RowFormat, columns: Vec<Column>) -> anyhow::Result<Self> {
        let mut writer = Self {
            out,
            format,
            keys: distinct(&columns),
            columns,
            written: 0,
        };
        let names: Row = writer
            .columns
            .iter()
            .map(|c| Some(c.name.clone()))
            .collect();
        match format {
            RowFormat::Csv => writer.separated(b',', &names)?,
            RowFormat::Tsv => writer.separated(b'\t', &names)?,
            RowFormat::Json => write!(writer.out, "[")?,
            RowFormat::Markdown => {
                writer.markdown(&names)?;
                let rules = writer
                    .columns
                    .iter()
                    .map(|c| Some(if c.is_number() { "---:" } else { "---" }.to_owned()))
                    .collect::<Row>();
                writer.markdown(&rules)?;
            }
            RowFormat::Table | RowFormat::Jsonl => {}
        }
        Ok(writer)
    }

    pub fn row(&mut self, row: &Row) -> anyhow::Result<()> {
        match self.format {
            RowFormat::Csv => self.separated(b',', row)?,
            RowFormat::Tsv => self.separated(b'\t', row)?,
            RowFormat::Json => {
                let separator = if self.written == 0 { "\n  " } else { ",\n  " };
                write!(self.out, "{separator}{}", self.object(row))?;
            }
            RowFormat::Jsonl => {
                let object = self.object(row);
                writeln!(self.out, "{object}")?;
            }
            RowFormat::Table | RowFormat::Markdown => self.markdown(row)?,
        }
        self.written += 1;
        Ok(())
    }

    pub fn finish(mut self) -> anyhow::Result<()> {
        if self.format == RowFormat::Json {
            writeln!(self.out, "{}]", if self.written == 0 { "" } else { "\n" })?;
        }
        self.out.flush()?;
        Ok(())
    }

    /// NULL is an empty field; an empty text is quoted, so that the two can be told apart.
    fn separated(&mut self, delimiter: u8, row: &Row) -> anyhow::Result<()> {
        let mut line = Vec::new();
        for (i, cell) in row.iter().enumerate() {
            if i > 0 {
                line.push(delimiter);
            }
            let Some(text) = cell else { continue };
            let special = |b: u8| b == delimiter || matches!(b, b'"' | b'\n' | b'\r');
            if text.is_empty() || text.bytes().any(special) {
                line.push(b'"');
                line.extend_from_slice(text.replace('"', "\"\"").as_bytes());
                line.push(b'"');
            } else {
                line.extend_from_slice(text.as_bytes());
            }
        }
        line.push(b'\n');
        self.out.write_all(&line)?;
        Ok(())
    }

    fn markdown(&mut self, row: &Row) -> anyhow::Result<()> {
        let cells: Vec<String> = row
            .iter()
            .map(|cell| {
                let text = cell.as_deref().unwrap_or_default();
                text.replace('|', "\\|").replace('\n', "<br>")
            })
            .collect();
        writeln!(self.out, "| {} |", cells.join(" | "))?;
        Ok(())
    }

    fn object(&self, row: &Row) -> Value {
        let mut object = Map::new();
        for ((column, key), cell) in self.columns.iter().zip(&self.keys).zip(row) {
            object.insert(key.clone(), json_value(column, cell.as_deref()));
        }
        Value::Object(object)
    }
}

/// Names of columns as an object can hold them, each once: the second `id` is `id_1`, as in DuckDB,
/// unless there is a column of that name.
fn distinct(columns: &[Column]) -> Vec<String> {
    let mut taken: HashSet<String> = columns.iter().map(|c| c.name.clone()).collect();
    let mut met = HashSet::new();
    let keys = columns.iter().map(|column| {
        if met.insert(&column.name) {
            return column.name.clone();
        }
        let numbered = (1..).map(|n| format!("{}_{n}", column.name));
        let free = numbered.into_iter().find(|name| !taken.contains(name));
        let key = free.unwrap_or_else(|| column.name.clone());
        taken.insert(key.clone());
        key
    });
    keys.collect()
}

/// Numbers and booleans are such in JSON; what JSON cannot say exactly stays a text.
fn json_value(column: &Column, cell: Option<&str>) -> Value {
    let Some(text) = cell else { return Value::Null };
    match column.type_name.as_str() {
        "boolean" => match text {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            _ => Value::String(text.to_owned()),
        },
        "tinyint" | "smallint" | "integer" | "int" | "bigint" => match text.parse::<i64>() {
            Ok(number) => Value::Number(number.into()),
            Err(_) => Value::String(text.to_owned()),
        },
        "real" | "float" | "double" => text
            .parse()
            .ok()
            .and_then(Number::from_f64)
            .map_or_else(|| Value::String(text.to_owned()), Value::Number),
        _ => Value::String(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns() -> Vec<Column> {
        vec![
            Column::new("place", "varchar"),
            Column::new("magnitude", "double"),
        ]
    }

    fn rows() -> Vec<Row> {
        vec![
            vec![Some("日本, Honshu".to_owned()), Some("6.4".to_owned())],
            vec![Some(String::new()), None],
        ]
    }

    fn written(format: RowFormat) -> String {
        let mut out = Vec::new();
        let mut writer = RowWriter::new(&mut out, format, columns()).expect("a vector");
        for row in rows() {
            writer.row(&row).expect("a vector");
        }
        writer.finish().expect("a vector");
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn a_table_shows_null_aligns_numbers_and_knows_wide_characters() {
        insta::assert_snapshot!(table(&columns(), &rows(), None, Paint(false)), @r"
        ┌──────────────┬───────────┐
        │ place        ┆ magnitude │
        ╞══════════════╪═══════════╡
        │ 日本, Honshu ┆       6.4 │
        │              ┆      NULL │
        └──────────────┴───────────┘
        ");
    }

    #[test]
    fn a_table_too_wide_for_the_terminal_is_cut_and_then_turned() {
        let long = vec![vec![Some("x".repeat(50)), Some("1.0".to_owned())]];
        let narrow = table(&columns(), &long, Some(40), Paint(false));
        assert!(
            narrow.lines().all(|line| display_width(line) <= 40),
            "{narrow}"
        );
        let three = ["address", "name", "state"].map(|name| Column::new(name, "varchar"));
        let long = vec![vec![Some("x".repeat(20)); 3]];
        let narrow = table(&three, &long, Some(40), Paint(false));
        assert!(narrow.contains("│ address "), "{narrow}");
        assert!(
            narrow.lines().all(|line| display_width(line) <= 40),
            "{narrow}"
        );
        let many: Vec<Column> = (0..20)
            .map(|i| Column::new(format!("c{i}"), "bigint"))
            .collect();
        let row = vec![(0..20).map(|i| Some(i.to_string())).collect::<Row>()];
        let turned = table(&many, &row, Some(60), Paint(false));
        assert!(turned.contains("c19  19"), "{turned}");
    }

    #[test]
    fn no_cell_and_no_name_commands_the_terminal() {
        let columns = vec![Column::new("a\x1b[2J\nb", "varchar")];
        let rows = vec![vec![Some("\x1b[32mgreen\x07".to_owned())]];
        for width in [None, Some(5)] {
            let shown = table(&columns, &rows, width, Paint(false));
            assert!(shown.contains("a·[2J⏎b"), "{shown}");
            assert!(shown.contains("·[32mgreen·"), "{shown}");
            assert!(!shown.contains('\x1b'), "{shown}");
        }
    }

    #[test]
    fn columns_of_one_name_are_numbered_in_objects() {
        let names = ["Id", "id", "Id", "Id_1", "Id"].map(|name| Column::new(name, "integer"));
        let mut out = Vec::new();
        let mut writer =
            RowWriter::new(&mut out, RowFormat::Jsonl, names.to_vec()).expect("a vector");
        let row: Row = (1..=5).map(|i| Some(i.to_string())).collect();
        writer.row(&row).expect("a vector");
        writer.finish().expect("a vector");
        assert_eq!(
            String::from_utf8(out).expect("text"),
            "{\"Id\":1,\"id\":2,\"Id_2\":3,\"Id_1\":4,\"Id_3\":5}\n"
        );
    }

    #[test]
    fn every_format_tells_null_from_empty() {
        assert_eq!(
            written(RowFormat::Csv),
            "place,magnitude\n\"日本, Honshu\",6.4\n\"\",\n"
        );
        assert_eq!(
            written(RowFormat::Jsonl),
            "{\"place\":\"日本, Honshu\",\"magnitude\":6.4}\n{\"place\":\"\",\"magnitude\":null}\n"
        );
        assert_eq!(
            written(RowFormat::Json),
            "[\n  {\"place\":\"日本, Honshu\",\"magnitude\":6.4},\n  {\"place\":\"\",\"magnitude\":null}\n]\n"
        );
    }
}
