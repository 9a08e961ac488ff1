//! `$formatNumber`.

use super::{Call, Entry};
use crate::jsonata::error::Error;
use crate::jsonata::picture::decimal::{DecimalFormat, format};
use crate::jsonata::value::Value;

pub(super) const FUNCTIONS: &[Entry] = &[("formatNumber", "<n-so?:s>", 3, format_number)];

fn format_number(call: &Call<'_>) -> Result<Value, Error> {
    let Some(number) = call.number(0)? else {
        return Ok(Value::Undefined);
    };
    let picture = call.text(1)?.unwrap_or_default();
    let mut symbols = DecimalFormat::default();
    if let Value::Object(options) = call.argument(2) {
        for (name, value) in options.entries.borrow().iter() {
            if let Value::String(value) = value {
                symbols.set(name, value);
            }
        }
    }
    call.budget().allocate(picture.len() * 8)?;
    format(number, picture, &symbols).map(|text| Value::String(text.into()))
}
