//! A text's records, as one delimiter and one quote part them.

use csv::{ByteRecord, ReaderBuilder};

/// How many records of a file are looked at.
const RECORDS: usize = 1000;

/// How long, in bytes, a cell may be that the sample cuts within its quotes, before its quote is
/// taken for one that is never closed.
const LONGEST_CUT: usize = 64 * 1024;

const MARK: &[u8] = b"\xef\xbb\xbf";

pub(super) struct Record {
    /// The line that it begins in; the first is 1.
    pub line: u64,
    pub cells: Vec<String>,
}

/// The first records of a text.
pub(super) struct Parted {
    pub records: Vec<Record>,
    /// Where the last of them ends.
    pub end: usize,
    /// Quotes begin cells that they do not end: they are data, and what they part is no cell.
    pub mispaired: bool,
}

/// Parts a text. A last record that the sample cuts is left out.
pub(super) fn part(delimiter: u8, quote: Option<u8>, text: &[u8], whole: bool) -> Parted {
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .quoting(quote.is_some())
        .quote(quote.unwrap_or(b'"'))
        .from_reader(text);
    let mut parted = Parted {
        records: Vec::new(),
        end: 0,
        mispaired: false,
    };
    let mut cut = None;
    let mut record = ByteRecord::new();
    // Reading from memory does not fail, and no record is invalid to a flexible reader.
    while parted.records.len() < RECORDS && reader.read_byte_record(&mut record).unwrap_or(false) {
        let after = (reader.position().byte() as usize).min(text.len());
        if after >= text.len() && !whole {
            cut = Some(text.len() - parted.end);
            break;
        }
        let blank = blank_lines(&text[parted.end..after]);
        parted.end = after;
        parted.records.push(Record {
            line: record.position().map_or(0, csv::Position::line) + blank,
            cells: record
                .iter()
                .map(|cell| String::from_utf8_lossy(cell).into_owned())
                .collect(),
        });
    }
    let read = match cut {
        Some(length) if length > LONGEST_CUT => text,
        _ => &text[..parted.end],
    };
    parted.mispaired = quote.is_some_and(|quote| are_mispaired(delimiter, quote, read));
    parted
}

/// How many lines before a record are empty; the reader takes them for its beginning.
fn blank_lines(record: &[u8]) -> u64 {
    let record = record.strip_prefix(MARK).unwrap_or(record);
    let blank = record
        .iter()
        .take_while(|byte| matches!(byte, b'\r' | b'\n'));
    blank.filter(|byte| **byte == b'\n').count() as u64
}

/// Whether a quote that begins a cell is never closed, or is closed before the cell's end. Two
/// quotes within quotes are one that is data.
fn are_mispaired(delimiter: u8, quote: u8, text: &[u8]) -> bool {
    let text = text.strip_prefix(MARK).unwrap_or(text);
    let is_end = |byte: u8| byte == delimiter || matches!(byte, b'\r' | b'\n');
    let (mut in_quotes, mut begins, mut closed) = (false, true, false);
    for &byte in text {
        if in_quotes {
            in_quotes = byte != quote;
            closed = !in_quotes;
            continue;
        }
        in_quotes = byte == quote && (begins || closed);
        begins = is_end(byte);
        if closed && !in_quotes && !begins {
            return true;
        }
        closed = false;
    }
    in_quotes
}

/// Whether a cell starts with a quote.
pub(super) fn has_quoted_cell(delimiter: u8, quote: u8, text: &[u8]) -> bool {
    let text = text.strip_prefix(MARK).unwrap_or(text);
    text.first() == Some(&quote)
        || text
            .windows(2)
            .any(|two| two[1] == quote && (two[0] == delimiter || two[0] == b'\n'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_that_begin_a_cell_have_to_end_it() {
        for (text, expected) in [
            ("a,\"b\n", true),
            ("a,\"b\"\n", false),
            ("a,\"b\"\"\n", true),
            ("a,\"b\"\"c\"\n", false),
            ("a,\"b\nc,\"d\n", true),
            ("5\" pipe,b\n", false),
            ("\u{feff}\"a\"", false),
            ("\u{feff}\"a", true),
        ] {
            assert_eq!(
                are_mispaired(b',', b'"', text.as_bytes()),
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn records_know_their_lines_behind_empty_ones() {
        let parted = part(b',', Some(b'"'), b"\n\na,b\n\n\"1\n2\",3\n4,5\n", true);
        let lines: Vec<u64> = parted.records.iter().map(|record| record.line).collect();
        assert_eq!(lines, [3, 5, 7]);
    }
}
