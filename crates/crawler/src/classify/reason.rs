//! Why no classifier knows a text, as far as the text tells.

use serde::de::IgnoredAny;

use super::json::LONGEST_RECORD;
use crate::sample::Sample;

/// Bytes that a text has none of: control characters but for white space and escape.
const CONTROLS: std::ops::RangeInclusive<u8> = 0..=8;

/// Says it of a file that every classifier has refused.
pub(super) fn of(sample: &Sample) -> String {
    let text = sample.text();
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let trimmed = text.trim_ascii();
    match trimmed.first() {
        None => return "there is no text in it".to_owned(),
        _ if text.iter().any(|byte| CONTROLS.contains(byte)) => return "it is binary".to_owned(),
        Some(b'{' | b'[') => {
            let is_cut = !sample.is_whole() && !sample.is_broken();
            if let Some(why) = of_json(trimmed, is_cut) {
                return why;
            }
        }
        Some(b'<') => return "it begins as XML, and has no whole element".to_owned(),
        _ => {}
    }
    if serde_json::from_slice::<IgnoredAny>(trimmed).is_ok() {
        let shown: String = String::from_utf8_lossy(trimmed).chars().take(40).collect();
        return format!("it is the JSON value {shown}, and a record is an object");
    }
    of_lines(trimmed)
}

/// How deep the values of JSON may be in each other that are read here; serde_json's limit.
const DEEPEST: usize = 127;

/// Of what begins as JSON does, of which the first value decides. Of a text that `is_cut` no more is
/// read.
fn of_json(text: &[u8], is_cut: bool) -> Option<String> {
    let mut values = serde_json::Deserializer::from_slice(text).into_iter::<IgnoredAny>();
    match values.next() {
        Some(Ok(_)) if depth(&text[..values.byte_offset()]) > DEEPEST => {
            return Some(format!(
                "it is JSON whose first value has more than {DEEPEST} levels of objects and arrays in \
                 each other, which are not read"
            ));
        }
        Some(Err(error)) if error.is_eof() && is_cut => {
            return Some(format!(
                "it begins as JSON, and its first value is longer than the {} MiB that a crawler reads \
                 of it",
                LONGEST_RECORD / 1024 / 1024
            ));
        }
        _ => {}
    }
    let error = serde_json::from_slice::<IgnoredAny>(text).err()?;
    Some(format!("it begins as JSON, and is not valid: {error}"))
}

/// How many brackets are open at once at most in a JSON value.
fn depth(value: &[u8]) -> usize {
    let (mut open, mut deepest, mut in_text, mut is_escaped) = (0_usize, 0, false, false);
    for byte in value {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = in_text,
            b'"' => in_text = !in_text,
            b'{' | b'[' if !in_text => {
                open += 1;
                deepest = deepest.max(open);
            }
            b'}' | b']' if !in_text => open = open.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// Of what could only be CSV, which has two columns and two rows at least.
fn of_lines(text: &[u8]) -> String {
    let lines = text
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.trim_ascii().is_empty())
        .count();
    let parts = text.iter().any(|byte| b",|\t;\x01".contains(byte));
    match (lines, parts) {
        (..=1, _) => "it has one line, and CSV is told by two rows at least".to_owned(),
        (_, false) => {
            "its lines have one column, and CSV is told by two at least, unless a classifier \
             allows one"
                .to_owned()
        }
        _ => "its lines are of too different widths for CSV".to_owned(),
    }
}
