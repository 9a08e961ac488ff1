//! XML: elements of one name are records.
//!
//! Source: AWS's Glue developer guide, "Writing XML custom classifiers"; the names of attributes
//! and of text beside elements are those of "Using the XML format in AWS Glue", `attributePrefix`
//! and `valueTag`.

mod element;

use std::borrow::Cow;
use std::collections::BTreeMap;

use async_trait::async_trait;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use self::element::Element;
use super::{Classified, Classifier, Layout, Records, Shape, TEXT_SAMPLE, Unreadable};
use crate::sample::Sample;

/// The table parameter that names the element of a record.
const ROW_TAG: &str = "rowTag";

/// How deep elements may be in each other; a file with more is taken for none.
const DEPTH: usize = 200;

/// XML of which nothing was foretold: the document is the one record.
pub(super) struct Xml;

#[async_trait]
impl Classifier for Xml {
    async fn classify(&self, sample: &mut Sample) -> Result<Option<Classified>, Unreadable> {
        sample.read_beginning().await?;
        if !starts_as_xml(sample.text()) {
            return Ok(None);
        }
        sample.read_text(TEXT_SAMPLE).await?;
        let Some(root) = root_name(sample.text()) else {
            return Ok(None);
        };
        let found = Found::read(sample.text(), &root, !sample.is_whole());
        Ok(found.map(|found| found.classified(Cow::Borrowed("xml"), &root, sample)))
    }
}

/// What the file holds if its records are the elements of this name; nothing if it has none.
pub(super) async fn classify(
    classification: &str,
    row_tag: &str,
    sample: &mut Sample,
) -> Result<Option<Classified>, Unreadable> {
    sample.read_beginning().await?;
    if !starts_as_xml(sample.text()) {
        return Ok(None);
    }
    sample.read_text(TEXT_SAMPLE).await?;
    let found = Found::read(sample.text(), row_tag, false);
    let classification = Cow::Owned(classification.to_owned());
    Ok(found.map(|found| found.classified(classification, row_tag, sample)))
}

/// Whether a text begins with a declaration, a comment or an element.
fn starts_as_xml(text: &[u8]) -> bool {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    match text.trim_ascii_start() {
        [b'<', b'?' | b'!', ..] => true,
        [b'<', first, ..] => first.is_ascii_alphabetic() || *first == b'_',
        _ => false,
    }
}

fn root_name(text: &[u8]) -> Option<String> {
    let mut reader = Reader::from_reader(text);
    loop {
        match reader.read_event() {
            Ok(Event::Start(start)) => return Some(name_of(&start)),
            // HTML may have any doctype; it is no data.
            Ok(Event::DocType(doctype)) if doctype.trim_start().starts_with("html") => {
                return None;
            }
            Ok(Event::Decl(_) | Event::PI(_) | Event::Comment(_) | Event::DocType(_)) => {}
            Ok(Event::Text(text)) if text.trim().is_empty() => {}
            _ => return None,
        }
    }
}

fn name_of(start: &BytesStart<'_>) -> String {
    start.name().as_ref().to_owned()
}

/// The records of a text.
struct Found {
    /// All records in one.
    record: Element,
    records: u64,
    /// Where the last whole record ends.
    end: usize,
}

impl Found {
    /// Gives nothing if there is no record, or the text is not well formed. With `takes_part`, a
    /// record that the text cuts counts as far as it goes.
    fn read(text: &[u8], row_tag: &str, takes_part: bool) -> Option<Self> {
        let mut reader = Reader::from_reader(text);
        let mut found = Self {
            record: Element::default(),
            records: 0,
            end: 0,
        };
        // The elements that are open, from the record on.
        let mut open: Vec<(String, Element)> = Vec::new();
        loop {
            let event = reader.read_event();
            match event {
                Ok(Event::Start(start)) => {
                    let name = name_of(&start);
                    if open.is_empty() && name != row_tag {
                        continue;
                    }
                    if open.len() >= DEPTH {
                        return None;
                    }
                    open.push((name, Element::with_attributes(&start)?));
                }
                // Glue does not take an empty element for a record.
                Ok(Event::Empty(start)) => {
                    if let Some((_, parent)) = open.last_mut() {
                        parent.add_child(name_of(&start), Element::with_attributes(&start)?);
                    }
                }
                Ok(Event::Text(text)) => {
                    if let Some((_, element)) = open.last_mut() {
                        element.add_text(&text);
                    }
                }
                Ok(Event::GeneralRef(_)) => {
                    if let Some((_, element)) = open.last_mut() {
                        element.add_text("&");
                    }
                }
                Ok(Event::CData(text)) => {
                    if let Some((_, element)) = open.last_mut() {
                        element.add_text(&text);
                    }
                }
                Ok(Event::End(_)) => {
                    let Some((name, element)) = open.pop() else {
                        continue;
                    };
                    match open.last_mut() {
                        Some((_, parent)) => parent.add_child(name, element),
                        None => {
                            found.record.merge(element);
                            found.records += 1;
                            found.end = usize::try_from(reader.buffer_position()).ok()?;
                        }
                    }
                }
                Ok(Event::Eof) => break,
                Ok(_) => {}
                // A sample may end anywhere.
                Err(_) if takes_part || found.records > 0 => break,
                Err(_) => return None,
            }
        }
        if takes_part && found.records == 0 {
            found.take_open(open);
            found.end = text.len();
        }
        (found.records > 0).then_some(found)
    }

    /// Closes what the text left open.
    fn take_open(&mut self, mut open: Vec<(String, Element)>) {
        while let Some((name, element)) = open.pop() {
            match open.last_mut() {
                Some((_, parent)) => parent.add_child(name, element),
                None => {
                    self.record.merge(element);
                    self.records += 1;
                }
            }
        }
    }

    fn classified(
        self,
        classification: Cow<'static, str>,
        row_tag: &str,
        sample: &Sample,
    ) -> Classified {
        let mut layout = Layout::text(classification, sample.compression(), "");
        layout.table_parameters.insert(ROW_TAG, row_tag.to_owned());
        layout.sparse = true;
        Classified {
            shape: Shape {
                layout,
                switches: BTreeMap::new(),
                columns: self.record.fields(),
                unproven_header: None,
                is_header_told: false,
            },
            records: Records::of_text(sample, self.records, self.end as u64),
            counts: Some(Vec::new()),
            remarks: vec![
                "Athena has no SerDe for XML: a Glue job reads this table, or turns it into Parquet"
                    .to_owned(),
            ],
        }
    }
}
