//! UUIDs.

use super::{Function, scalar};
use crate::error::{Error, invalid_cast};
use crate::types::Value;

pub fn functions() -> Vec<Function> {
    vec![
        scalar("uuid() -> uuid", |_, _| {
            Ok(Value::binary(::uuid::Uuid::new_v4().into_bytes().to_vec()))
        })
        .volatile(),
    ]
}

/// Reads the usual form of 36 characters.
pub fn from_text(text: &str) -> Result<Value, Error> {
    if text.len() != 36 {
        return Err(invalid_cast(format!(
            "Invalid UUID string length: {}",
            text.len()
        )));
    }
    ::uuid::Uuid::try_parse(text)
        .map(|uuid| Value::binary(uuid.into_bytes().to_vec()))
        .map_err(|_| invalid_cast(format!("Cannot cast value to UUID: {text}")))
}
