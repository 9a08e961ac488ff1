//! The items in the bytes of one file, as they come.

use std::{
    collections::{HashSet, VecDeque},
    sync::Arc,
};

use futures::{StreamExt, TryStreamExt, stream, stream::BoxStream};
use serde_json::Value;

use super::{
    FAILED, Failure, Item, Items, Values,
    bytes::{MAX_DOCUMENT, Pieces, whole},
    failed,
};
use crate::{parse_json, query::java};

/// Takes bytes and gives what they complete.
trait Splitter: Send {
    type Item: Send;
    fn push(&mut self, bytes: &[u8], out: &mut VecDeque<Self::Item>) -> Result<(), Failure>;
    /// The bytes have ended.
    fn end(&mut self, out: &mut VecDeque<Self::Item>) -> Result<(), Failure>;
}

struct State<'a, S: Splitter> {
    bytes: Pieces<'a>,
    splitter: S,
    ready: VecDeque<S::Item>,
    ended: bool,
}

fn split<'a, S: Splitter + 'a>(
    bytes: Pieces<'a>,
    splitter: S,
) -> BoxStream<'a, Result<S::Item, Failure>> {
    let state = State {
        bytes,
        splitter,
        ready: VecDeque::new(),
        ended: false,
    };
    stream::try_unfold(state, |mut state| async move {
        loop {
            if let Some(item) = state.ready.pop_front() {
                return Ok(Some((item, state)));
            }
            if state.ended {
                return Ok(None);
            }
            match state.bytes.next().await {
                Some(piece) => state.splitter.push(&piece?, &mut state.ready)?,
                None => {
                    state.ended = true;
                    state.splitter.end(&mut state.ready)?;
                }
            }
        }
    })
    .boxed()
}

/// Lines without their ends; blank ones are left out.
#[derive(Default)]
struct Lines(Vec<u8>);

impl Splitter for Lines {
    type Item = String;

    fn push(&mut self, bytes: &[u8], out: &mut VecDeque<String>) -> Result<(), Failure> {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.0.extend_from_slice(part);
            if part.ends_with(b"\n") {
                self.end(out)?;
            }
        }
        if self.0.len() > MAX_DOCUMENT {
            return Err(failed("a line is too long"));
        }
        Ok(())
    }

    fn end(&mut self, out: &mut VecDeque<String>) -> Result<(), Failure> {
        let line = String::from_utf8_lossy(&self.0);
        let line = line.trim_end_matches(['\r', '\n']);
        if !line.trim().is_empty() {
            out.push_back(line.to_owned());
        }
        self.0.clear();
        Ok(())
    }
}

/// Rows of CSV; lines without any character are left out. Beside the rules of RFC 4180, a backslash
/// before another one, a quote or the delimiter makes that a character of the field, and before
/// anything else it is left out.
///
/// Source: "How Step Functions parses input CSV files" in the developer guide.
#[derive(Default)]
struct Rows {
    delimiter: u8,
    row: Vec<String>,
    field: Vec<u8>,
    /// The row has a character that does not end a line: it is a row even if all its fields are empty.
    begun: bool,
    quoted: bool,
    /// A quote was met within a quoted field: another one makes it a character.
    quote: bool,
    /// A backslash was met, and not yet what it stands before.
    escape: bool,
}

impl Rows {
    fn end_field(&mut self) {
        let field = std::mem::take(&mut self.field);
        self.row.push(String::from_utf8_lossy(&field).into_owned());
    }

    fn end_row(&mut self, out: &mut VecDeque<Vec<String>>) {
        if self.field.last() == Some(&b'\r') {
            self.field.pop();
        }
        self.end_field();
        let row = std::mem::take(&mut self.row);
        if std::mem::take(&mut self.begun) {
            out.push_back(row);
        }
    }
}

impl Splitter for Rows {
    type Item = Vec<String>;

    fn push(&mut self, bytes: &[u8], out: &mut VecDeque<Vec<String>>) -> Result<(), Failure> {
        for &byte in bytes {
            self.begun |= !matches!(byte, b'\r' | b'\n');
            if self.quote {
                self.quote = false;
                if byte == b'"' {
                    self.field.push(byte);
                    continue;
                }
                self.quoted = false;
            }
            if std::mem::take(&mut self.escape)
                && (matches!(byte, b'\\' | b'"') || byte == self.delimiter)
            {
                self.field.push(byte);
                continue;
            }
            match byte {
                b'\\' => self.escape = true,
                b'"' if self.quoted => self.quote = true,
                _ if self.quoted => self.field.push(byte),
                b'"' if self.field.is_empty() => self.quoted = true,
                b'\n' => self.end_row(out),
                _ if byte == self.delimiter => self.end_field(),
                _ => self.field.push(byte),
            }
        }
        if self.field.len() > MAX_DOCUMENT {
            return Err(failed("a field is too long"));
        }
        Ok(())
    }

    fn end(&mut self, out: &mut VecDeque<Vec<String>>) -> Result<(), Failure> {
        if self.quoted && !self.quote {
            return Err(failed("a quoted field does not end"));
        }
        if self.begun {
            self.end_row(out);
        }
        Ok(())
    }
}

pub(super) fn lines(bytes: Pieces<'_>) -> Values<'_> {
    split(bytes, Lines::default()).map_ok(Value::String).boxed()
}

pub(super) fn json_lines(bytes: Pieces<'_>) -> Values<'_> {
    split(bytes, Lines::default())
        .and_then(
            |line| async move { parse_json(&line).map_err(|error| failed(&error.to_string())) },
        )
        .boxed()
}

/// What AWS says of headers of which two are the same, in a recording of its `MapRunFailed`.
const DUPLICATES: &str = "CSV headers cannot contain duplicates.";

/// An object a row, its members named by the header, which is the first row if it is not given;
/// all values are texts. Fails where two names of the header are the same.
pub(super) fn csv(bytes: Pieces<'_>, delimiter: u8, headers: Option<Vec<String>>) -> Values<'_> {
    let header = match headers.map(Header::of).transpose() {
        Ok(header) => header,
        Err(failure) => return stream::once(async { Err(failure) }).boxed(),
    };
    let rows = split(
        bytes,
        Rows {
            delimiter,
            ..Rows::default()
        },
    );
    let rows = rows.scan(header, |header, row| {
        let item = match row {
            Err(failure) => Some(Err(failure)),
            Ok(row) => match header {
                Some(header) => Some(Ok(header.item(row))),
                None => match Header::of(row) {
                    Ok(first) => {
                        *header = Some(first);
                        None
                    }
                    Err(failure) => Some(Err(failure)),
                },
            },
        };
        async move { Some(item) }
    });
    rows.filter_map(|item| async move { item }).boxed()
}

/// The names of a row's fields.
struct Header {
    names: Vec<String>,
    /// The numbers of the fields as the members of an item come: as Java's maps have their names.
    ///
    /// Source: AWS's recorded executions.
    order: Vec<usize>,
}

impl Header {
    fn of(names: Vec<String>) -> Result<Self, Failure> {
        all_differ(&names)?;
        let mut order: Vec<usize> = (0..names.len()).collect();
        order.sort_by_key(|at| java::place(&names[*at], names.len()));
        Ok(Self { names, order })
    }

    /// What is missing in a row is empty, what is too much in it is left out.
    fn item(&self, mut row: Vec<String>) -> Value {
        let members = self.order.iter().map(|at| {
            let field = row.get_mut(*at).map(std::mem::take).unwrap_or_default();
            (self.names[*at].clone(), Value::String(field))
        });
        Value::Object(members.collect())
    }
}

fn all_differ(names: &[String]) -> Result<(), Failure> {
    let mut known = HashSet::new();
    if names.iter().all(|name| known.insert(name)) {
        return Ok(());
    }
    Err(Failure::new(FAILED, DUPLICATES))
}

/// What AWS says of a pointer that leads nowhere, and of what is no array.
const NO_SUCH_POINTER: &str =
    "The provided ReaderConfig.ItemsPointer does not match any valid path in the JSON structure.";
const NOT_ITERABLE: &str = "Attempting to map over non-iterable node.";

/// What is in a file of JSON.
pub(super) fn document(bytes: &[u8]) -> Result<Value, Failure> {
    let text = std::str::from_utf8(bytes)
        .map_err(|error| failed(&format!("it is not valid UTF-8: {error}")))?;
    parse_json(text).map_err(|error| failed(&error.to_string()))
}

/// The elements of an array or the members of an object, which the whole document is, or what a
/// JSON pointer leads to.
pub(super) async fn json<'a>(
    bytes: Pieces<'a>,
    pointer: Option<&str>,
    source: Option<Arc<str>>,
) -> Result<Items<'a>, Failure> {
    let mut document = document(&whole(bytes).await?)?;
    let items = match pointer {
        None => document,
        Some(pointer) => document
            .pointer_mut(pointer)
            .map(Value::take)
            .ok_or_else(|| Failure::new(FAILED, NO_SUCH_POINTER))?,
    };
    let items = Item::all(items, source).map_err(|_| Failure::new(FAILED, NOT_ITERABLE))?;
    Ok(stream::iter(items.into_iter().map(Ok)).boxed())
}
