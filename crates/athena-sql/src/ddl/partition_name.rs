//! `year=2024/month=01`: a partition's name, which is its path below the table, too.

use std::fmt::Write;

use crate::catalog::Column;

/// Characters that a path element writes as `%` and two digits (Hive's `FileUtils`).
fn is_escaped(character: char) -> bool {
    character.is_ascii_control()
        || matches!(
            character,
            '"' | '#' | '%' | '\'' | '*' | '/' | ':' | '=' | '?' | '\\' | '{' | '[' | ']' | '^'
        )
}

pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if is_escaped(character) {
            // Writing to a String cannot fail.
            let _ = write!(escaped, "%{:02X}", u32::from(character));
        } else {
            escaped.push(character);
        }
    }
    escaped
}

pub fn unescape(text: &str) -> String {
    let mut value = Vec::with_capacity(text.len());
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let code = text
            .get(at + 1..at + 3)
            .filter(|_| *byte == b'%')
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        value.push(code.unwrap_or(*byte));
        at += if code.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&value).into_owned()
}

/// Keys and values are in the same order.
pub fn name(keys: &[Column], values: &[String]) -> String {
    let parts: Vec<String> = keys
        .iter()
        .zip(values)
        .map(|(key, value)| format!("{}={}", escape(&key.name), escape(value)))
        .collect();
    parts.join("/")
}

/// Where a partition lies when nobody says.
pub fn location(table: &str, keys: &[Column], values: &[String]) -> String {
    format!("{}/{}", table.trim_end_matches('/'), name(keys, values))
}
