//! Why no classifier knows a text, as far as the text tells.

use serde::de::IgnoredAny;

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
            if let Err(error) = serde_json::from_slice::<IgnoredAny>(trimmed) {
                return format!("it begins as JSON, and is not valid: {error}");
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
