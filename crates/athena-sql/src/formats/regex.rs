//! RegexSerDe: the groups of a pattern are the columns. A line that does not match is all NULL.

use std::sync::Arc;

use regex::Regex;

use super::column::Column;
use super::text::{Decode, Lines, bad_field};
use super::{Filter, Format, Layout};
use crate::error::Error;

pub(super) fn format(layout: Layout, _: Filter) -> Result<Arc<dyn Format>, Error> {
    let pattern = layout.parameter("input.regex").ok_or_else(|| {
        Error::user(
            "HIVE_INVALID_METADATA",
            "This table does not have serde property \"input.regex\"!",
        )
    })?;
    let flags = if layout.flag("input.regex.case.insensitive", false) {
        "(?i)"
    } else {
        ""
    };
    // Java's matches() wants the whole line.
    let whole = format!("{flags}^(?:{pattern})$");
    let pattern = Regex::new(&whole)
        .map_err(|error| Error::not_supported(format!("the input.regex {pattern}: {error}")))?;
    let decode = Groups {
        pattern,
        wanted: layout.projection.clone(),
    };
    Ok(Arc::new(Lines::new(&layout, decode)))
}

#[derive(Debug)]
struct Groups {
    pattern: Regex,
    wanted: Vec<usize>,
}

impl Decode for Groups {
    fn decode(&self, line: &str, columns: &mut [Column]) -> Result<(), Error> {
        let found = self.pattern.captures(line);
        for (place, column) in self.wanted.iter().zip(columns) {
            match found.as_ref().and_then(|groups| groups.get(place + 1)) {
                Some(group) if column.append_text(group.as_str()) => {}
                Some(group) => return Err(bad_field(group.as_str(), *place, column.data_type())),
                None => column.append_null(),
            }
        }
        Ok(())
    }
}
