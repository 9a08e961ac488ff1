//! Base64 and hashes.

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use md5::Md5;
use serde_json::{Value, json};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::{Arguments, string};

/// The longest text these functions take, in characters.
const MAX_LENGTH: usize = 10_000;

/// As `java.util.Base64` decodes: the padding may be missing, loose bits are ignored, nothing else
/// is forgiven.
///
/// Source: what was measured on AWS, of this function in
/// <https://github.com/ministackorg/ministack/pull/1360>.
pub(crate) const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

fn bounded(arguments: Arguments<'_>) -> Result<&str, String> {
    let text = string(arguments, 0)?;
    if text.chars().count() > MAX_LENGTH {
        return Err(format!(
            "The input must not be longer than {MAX_LENGTH} characters"
        ));
    }
    Ok(text)
}

pub(super) fn base64_encode(arguments: Arguments) -> Result<Value, String> {
    Ok(json!(BASE64.encode(bounded(arguments)?)))
}

pub(super) fn base64_decode(arguments: Arguments) -> Result<Value, String> {
    let bytes = BASE64
        .decode(bounded(arguments)?)
        .map_err(|error| format!("The input is not valid Base64: {error}"))?;
    Ok(json!(String::from_utf8_lossy(&bytes)))
}

pub(super) fn hash(arguments: Arguments) -> Result<Value, String> {
    let data = match &arguments[0] {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    if data.chars().count() > MAX_LENGTH {
        return Err(format!(
            "The input must not be longer than {MAX_LENGTH} characters"
        ));
    }
    digest(&data, string(arguments, 1)?).map(Value::String)
}

/// The hash of a text in hexadecimal digits.
pub(crate) fn digest(data: &str, algorithm: &str) -> Result<String, String> {
    let bytes = match algorithm {
        "MD5" => Md5::digest(data).to_vec(),
        "SHA-1" => Sha1::digest(data).to_vec(),
        "SHA-256" => Sha256::digest(data).to_vec(),
        "SHA-384" => Sha384::digest(data).to_vec(),
        "SHA-512" => Sha512::digest(data).to_vec(),
        _ => {
            return Err(format!(
                "The algorithm must be one of MD5, SHA-1, SHA-256, SHA-384, SHA-512, but was: {algorithm}"
            ));
        }
    };
    Ok(bytes
        .iter()
        .fold(String::new(), |text, byte| format!("{text}{byte:02x}")))
}
