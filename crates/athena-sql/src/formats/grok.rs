//! Grok: the fields of a pattern are the columns of their names. A line that does not match is all
//! NULL.
//!
//! Source: the Athena user guide, "Grok SerDe".

use std::sync::Arc;

use hive_formats::grok::Grok;

use super::column::Column;
use super::text::{Decode, Lines, bad_field};
use super::{Filter, Format, Layout};
use crate::error::Error;

pub(super) fn format(layout: Layout, _: Filter) -> Result<Arc<dyn Format>, Error> {
    let pattern = layout.parameter("input.format").ok_or_else(|| {
        Error::user(
            "HIVE_INVALID_METADATA",
            "This table does not have serde property \"input.format\"!",
        )
    })?;
    let custom = layout.parameter("input.grokCustomPatterns");
    let grok = Grok::new(pattern, custom.unwrap_or_default()).map_err(|error| {
        Error::user(
            "HIVE_INVALID_METADATA",
            format!("the input.format {pattern} is not valid: {error}"),
        )
    })?;
    let wanted = layout
        .wanted()
        .map(|(place, name, _)| {
            let mut fields = grok.fields().iter();
            let field = fields.position(|field| field.name.eq_ignore_ascii_case(name));
            (place, field)
        })
        .collect();
    Ok(Arc::new(Lines::new(&layout, Fields { grok, wanted })))
}

#[derive(Debug)]
struct Fields {
    grok: Grok,
    /// The wanted columns' places among all, and which field of the pattern each is.
    wanted: Vec<(usize, Option<usize>)>,
}

impl Decode for Fields {
    fn decode(&self, line: &str, columns: &mut [Column]) -> Result<(), Error> {
        let captures = self.grok.captures(line).map_err(|error| {
            let start: String = line.chars().take(100).collect();
            let message = format!("the line '{start}…' cannot be matched: {error}");
            Error::user("HIVE_BAD_DATA", message)
        })?;
        for ((place, field), column) in self.wanted.iter().zip(columns) {
            let found = match (&captures, field) {
                (Some(captures), Some(field)) => self.grok.fields()[*field].of(captures),
                _ => None,
            };
            match found {
                Some(text) if column.append_text(text) => {}
                Some(text) => return Err(bad_field(text, *place, column.data_type())),
                None => column.append_null(),
            }
        }
        Ok(())
    }
}
