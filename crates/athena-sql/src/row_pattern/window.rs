//! Row patterns in windows: each row of a partition that no match has skipped has one match at most,
//! within its frame.
//!
//! Source: Trino's `PatternRecognitionPartition`.

use std::ops::Range;

use datafusion::arrow::array::ArrayRef;

use super::Recognition;
use super::evaluate::{Match, Partition};
use super::matcher::Matcher;
use super::output::Output;
use super::partition::next_row;
use crate::error::Error;

/// The rows of each row's match, which are none where it has no match or an empty one. There is a
/// frame for each row of the partition, and it begins with that row. Fails where an expression
/// fails, where AFTER MATCH SKIP leads nowhere, and where the statement is cancelled.
pub fn matched_frames(
    recognition: &Recognition,
    arguments: &[ArrayRef],
    frames: &[Range<usize>],
) -> Result<Vec<Range<usize>>, Error> {
    let rows = frames.len();
    let partition = Partition { arguments, rows };
    let mut matched: Vec<Range<usize>> = Vec::new();
    matched.resize(rows, 0..0);
    each_match(recognition, &partition, frames, |row, found| {
        if !found.labels.is_empty() {
            matched[row] = found.start..found.start + found.labels.len();
        }
        Ok(())
    })?;
    Ok(matched)
}

/// The recognition's first measure at each row, as it is at the last row of the row's match; NULL
/// where it has none. Fails as [`matched_frames`] does, and where the matches take too much memory.
pub fn measure_of_matches(
    recognition: &Recognition,
    arguments: &[ArrayRef],
    frames: &[Range<usize>],
) -> Result<ArrayRef, Error> {
    let rows = frames.len();
    let partition = Partition { arguments, rows };
    let mut output = Output::new(recognition, &partition);
    each_match(recognition, &partition, frames, |row, found| {
        output.begin_match();
        let last = found.start + found.labels.len().saturating_sub(1);
        output.matched(found, row, last)
    })?;
    output.first_measure()
}

/// Looks for the match of each row that none has skipped, and tells of those that there are.
fn each_match(
    recognition: &Recognition,
    partition: &Partition<'_>,
    frames: &[Range<usize>],
    mut tell: impl FnMut(usize, &Match) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut matcher = Matcher::new(recognition, partition);
    let mut row = 0;
    while let Some(frame) = frames.get(row) {
        matcher.keep_within(frame);
        if !search(&mut matcher, recognition.seeks, frame)? {
            row += 1;
            continue;
        }
        tell(row, &matcher.found)?;
        row = next_row(recognition.skip, row, &matcher.found)?;
        matcher.end_match();
    }
    Ok(())
}

/// Looks for a match at the first row of a frame, or, if it seeks, at the first that has one.
fn search(matcher: &mut Matcher<'_>, seeks: bool, frame: &Range<usize>) -> Result<bool, Error> {
    for start in frame.clone() {
        if matcher.find(start)? {
            return Ok(true);
        }
        if !seeks {
            break;
        }
    }
    Ok(false)
}
