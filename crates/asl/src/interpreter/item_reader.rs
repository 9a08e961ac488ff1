//! `ItemReader`: the items of a distributed Map from a file, or from a listing.

use serde_json::{Map, Value};

use super::{
    Interpreter,
    branch::Branch,
    failure::{Failure, Interrupt},
    visit::Visit,
};
use crate::{definition::ItemReader, query::Environment};

impl Interpreter<'_> {
    pub(super) async fn read_items(
        &self,
        reader: &ItemReader,
        visit: &Visit<'_>,
        branch: &mut Branch,
        input: &Value,
    ) -> Result<Vec<Value>, Interrupt> {
        let (parameters, most) = self.query(visit, branch, |context, variables| {
            let environment = Environment::new(input, context, variables);
            let field = format!("ItemReader/{}", reader.parameters_field);
            let parameters = match &reader.parameters {
                Some(template) => template.evaluate(&field, &environment)?,
                None => Value::Object(Map::new()),
            };
            let most = reader
                .max_items
                .as_ref()
                .map(|amount| amount.whole_value("MaxItems", &environment))
                .transpose()?;
            Ok((parameters, most))
        })?;
        let answer = self.call(&reader.resource, parameters).await?;
        let mut items = items(reader, answer).map_err(|problem| {
            Failure::new(
                "States.ItemReaderFailed",
                format!("Attempting to read the items failed: {problem}"),
            )
        })?;
        // No limit is the same as the limit 0.
        items.truncate(
            most.filter(|most| *most > 0)
                .map_or(usize::MAX, |most| most as usize),
        );
        Ok(items)
    }

    /// Calls an integration that is no state of its own.
    pub(super) async fn call(&self, resource: &str, parameters: Value) -> Result<Value, Interrupt> {
        let task = crate::Task {
            resource: resource.to_owned(),
            parameters,
            token: String::new(),
            credentials: None,
            heartbeat: None,
        };
        self.tasks
            .run(task, &|_| {})
            .await
            .map_err(|error| Failure::new(&error.error, error.cause).into())
    }
}

fn items(reader: &ItemReader, answer: Value) -> Result<Vec<Value>, String> {
    if let Value::Object(mut members) = answer {
        if let Some(Value::Array(listed)) = members.remove("Contents") {
            return Ok(listed);
        }
        let Some(Value::String(body)) = members.remove("Body") else {
            return Err("the answer has no Body".to_owned());
        };
        return match reader.input_type.as_str() {
            "CSV" => csv(&body, reader),
            "JSONL" => body
                .lines()
                .filter(|line| !line.trim().is_empty())
                .map(|line| serde_json::from_str(line).map_err(|error| error.to_string()))
                .collect(),
            "JSON" => match serde_json::from_str(&body) {
                Ok(Value::Array(items)) => Ok(items),
                Ok(_) => Err("the file is not a JSON array".to_owned()),
                Err(error) => Err(error.to_string()),
            },
            other => Err(format!("InputType {other} is not supported")),
        };
    }
    Err("the answer is no object".to_owned())
}

/// An object a row, its members named by the header; all values are texts.
fn csv(body: &str, reader: &ItemReader) -> Result<Vec<Value>, String> {
    let mut rows = rows(body, reader.csv_delimiter)?.into_iter();
    let headers = match &reader.csv_headers {
        Some(headers) => headers.clone(),
        None => rows.next().unwrap_or_default(),
    };
    Ok(rows
        .map(|row| {
            let mut fields = row.into_iter();
            headers
                .iter()
                .map(|header| {
                    (
                        header.clone(),
                        Value::String(fields.next().unwrap_or_default()),
                    )
                })
                .collect()
        })
        .collect())
}

/// The fields of a CSV file (RFC 4180).
fn rows(body: &str, delimiter: char) -> Result<Vec<Vec<String>>, String> {
    let mut rows = Vec::new();
    let (mut row, mut field) = (Vec::new(), String::new());
    let mut chars = body.chars().peekable();
    let mut quoted = false;
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => field.extend(chars.next()),
            '"' if quoted => quoted = false,
            _ if quoted => field.push(c),
            '"' if field.is_empty() => quoted = true,
            '\r' if chars.peek() == Some(&'\n') => {}
            '\n' => {
                row.push(std::mem::take(&mut field));
                rows.push(std::mem::take(&mut row));
            }
            _ if c == delimiter => row.push(std::mem::take(&mut field)),
            _ => field.push(c),
        }
    }
    if quoted {
        return Err("a quoted field does not end".to_owned());
    }
    if !field.is_empty() || !row.is_empty() {
        row.push(field);
        rows.push(row);
    }
    rows.retain(|row| row.iter().any(|field| !field.is_empty()));
    Ok(rows)
}
