//! Base 64 and URLs.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::{Call, Entry};
use crate::jsonata::error::Error;
use crate::jsonata::value::Value;

pub(super) const FUNCTIONS: &[Entry] = &[
    ("base64encode", "<s-:s>", 1, base64_encode),
    ("base64decode", "<s-:s>", 1, base64_decode),
    ("encodeUrlComponent", "<s-:s>", 1, |call| {
        encode(call, COMPONENT)
    }),
    ("encodeUrl", "<s-:s>", 1, |call| encode(call, URL)),
    ("decodeUrlComponent", "<s-:s>", 1, |call| {
        decode(call, "decodeUrlComponent", "")
    }),
    ("decodeUrl", "<s-:s>", 1, |call| {
        decode(call, "decodeUrl", ";/?:@&=+$,#")
    }),
];

/// What `encodeURIComponent` leaves as it is, letters and digits aside.
const COMPONENT: &str = "-_.!~*'()";
/// What `encodeURI` leaves as it is, letters and digits aside.
const URL: &str = "-_.!~*'();/?:@&=+$,#";

/// As Node's `Buffer` decodes: with or without padding, loose bits ignored.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Encodes the characters' lowest bytes, as `btoa` does for the characters that it takes.
fn base64_encode(call: &Call<'_>) -> Result<Value, Error> {
    let Some(text) = call.text(0)? else {
        return Ok(Value::Undefined);
    };
    call.budget().allocate(text.len() * 2)?;
    let bytes: Vec<u8> = text.encode_utf16().map(|unit| unit as u8).collect();
    Ok(Value::String(LENIENT.encode(bytes).into()))
}

fn base64_decode(call: &Call<'_>) -> Result<Value, Error> {
    let Some(text) = call.text(0)? else {
        return Ok(Value::Undefined);
    };
    call.budget().allocate(text.len())?;
    // What is not of the alphabet is passed over, and the URL alphabet is taken too.
    let mut digits: String = text
        .chars()
        .take_while(|&character| character != '=')
        .filter_map(|character| match character {
            '-' => Some('+'),
            '_' => Some('/'),
            '+' | '/' => Some(character),
            _ => character.is_ascii_alphanumeric().then_some(character),
        })
        .collect();
    if digits.len() % 4 == 1 {
        digits.pop();
    }
    let bytes = LENIENT
        .decode(digits)
        .map_err(|error| Error::new("D3137", error.to_string()))?;
    let text: String = bytes.into_iter().map(char::from).collect();
    Ok(Value::String(text.into()))
}

fn encode(call: &Call<'_>, kept: &str) -> Result<Value, Error> {
    let Some(text) = call.text(0)? else {
        return Ok(Value::Undefined);
    };
    call.budget().allocate(text.len() * 3)?;
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || kept.as_bytes().contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    Ok(Value::String(encoded.into()))
}

/// Decodes what is not in `kept`, the characters that mean something in a URL.
fn decode(call: &Call<'_>, name: &str, kept: &str) -> Result<Value, Error> {
    let Some(text) = call.text(0)? else {
        return Ok(Value::Undefined);
    };
    call.budget().allocate(text.len())?;
    let malformed = || {
        Error::of("D3140")
            .with("name", name)
            .with_text("value", text)
    };
    let source = text.as_bytes();
    let mut decoded = Vec::with_capacity(source.len());
    let mut at = 0;
    while let Some(&byte) = source.get(at) {
        if byte != b'%' {
            decoded.push(byte);
            at += 1;
            continue;
        }
        let code = text
            .get(at + 1..at + 3)
            .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
            .and_then(|digits| u8::from_str_radix(digits, 16).ok())
            .ok_or_else(malformed)?;
        if kept.as_bytes().contains(&code) {
            decoded.extend_from_slice(&source[at..at + 3]);
        } else {
            decoded.push(code);
        }
        at += 3;
    }
    let decoded = String::from_utf8(decoded).map_err(|_| malformed())?;
    Ok(Value::String(decoded.into()))
}
