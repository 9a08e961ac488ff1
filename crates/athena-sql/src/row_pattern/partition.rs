//! A partition's matches, one after the other, and the rows that they give.
//!
//! Source: Trino's `PatternRecognitionPartition`.

use datafusion::arrow::array::ArrayRef;

use super::evaluate::{Match, Partition};
use super::matcher::Matcher;
use super::output::Output;
use super::{Recognition, Skip};
use crate::ast::RowsPerMatch;
use crate::error::Error;

/// The rows of output at each of a partition's rows: an array of [`Recognition::result_type`].
/// Fails where an expression fails, where AFTER MATCH SKIP leads nowhere, and where the statement
/// is cancelled.
pub fn recognize(
    recognition: &Recognition,
    arguments: &[ArrayRef],
    rows: usize,
) -> Result<ArrayRef, Error> {
    let partition = Partition { arguments, rows };
    let mut matcher = Matcher::new(recognition, &partition);
    let mut output = Output::new(recognition, &partition);
    let mut row = 0;
    // No row from here on has been in a match.
    let mut unmatched_from = 0;
    while row < rows {
        if !matcher.find(row)? {
            let with_unmatched = recognition.rows_per_match == RowsPerMatch::AllWithUnmatched;
            if with_unmatched && row >= unmatched_from {
                output.unmatched(row)?;
            }
            row += 1;
            continue;
        }
        let found = &matcher.found;
        write(recognition, found, &mut output)?;
        unmatched_from = unmatched_from.max(row + found.labels.len());
        row = next_row(recognition.skip, row, found)?;
        matcher.end_match();
    }
    output.finish()
}

/// The rows of output of a match.
fn write(recognition: &Recognition, found: &Match, output: &mut Output<'_>) -> Result<(), Error> {
    let (start, length) = (found.start, found.labels.len());
    output.begin_match();
    if length == 0 {
        if recognition.rows_per_match == RowsPerMatch::AllOmitEmpty {
            return Ok(());
        }
        return output.matched(found, start, start);
    }
    if recognition.rows_per_match == RowsPerMatch::One {
        return output.matched(found, start, start + length - 1);
    }
    let mut from = 0;
    for excluded in found.exclusions.chunks(2) {
        let [begin, end] = *excluded else {
            return Err(Error::internal("an exclusion without an end"));
        };
        for row in from..begin {
            output.matched(found, start + row, start + row)?;
        }
        from = end;
    }
    for row in from..length {
        output.matched(found, start + row, start + row)?;
    }
    Ok(())
}

/// Where the next match is looked for, after one that was looked for from the row `from` on.
pub fn next_row(skip: Skip, from: usize, found: &Match) -> Result<usize, Error> {
    if found.labels.is_empty() {
        return Ok(from + 1);
    }
    let row = match skip {
        Skip::PastLastRow => return Ok(found.start + found.labels.len()),
        Skip::ToNextRow => return Ok(from + 1),
        Skip::ToFirst(set) => found.rows[set].first(),
        Skip::ToLast(set) => found.rows[set].last(),
    };
    let failed = |why: &str| {
        let message = format!("AFTER MATCH SKIP failed: {why}");
        Err(Error::user("GENERIC_USER_ERROR", message))
    };
    match row {
        None => failed("pattern variable is not present in match"),
        Some(row) if *row == found.start => failed("cannot skip to first row of match"),
        Some(row) => Ok(*row),
    }
}
