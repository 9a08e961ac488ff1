//! Strings, of varchar and char: their length, parts, case and padding
//! (<https://trino.io/docs/current/functions/string.html>).
//!
//! A char is kept without its trailing blanks; where a function sees them, [`text`] puts them back.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

use super::{Call, Function, invalid_argument, scalar};
use crate::error::Error;
use crate::types::{Type, Value, is_blank, to_text};

pub fn functions() -> Vec<Function> {
    let mut all = vec![
        scalar("length(varchar) -> bigint", |_, a| {
            Ok(Value::Integer(a[0].as_str().chars().count() as i64))
        }),
        scalar("length(char) -> bigint", |call, a| {
            Ok(Value::Integer(text(call, a, 0).chars().count() as i64))
        }),
        scalar("concat(varchar, varchar, varchar...) -> varchar", |_, a| {
            Ok(Value::text(a.iter().map(Value::as_str).collect::<String>()))
        })
        .returns(|types| {
            let lengths = types.iter().map(|t| match t {
                Type::Varchar(length) => *length,
                _ => None,
            });
            Type::Varchar(lengths.sum::<Option<u32>>())
        }),
        scalar("concat(char, char) -> char", |call, a| {
            Ok(Value::text(format!(
                "{}{}",
                text(call, a, 0),
                a[1].as_str()
            )))
        })
        .returns(|types| {
            let lengths = types.iter().map(|t| match t {
                Type::Char(length) => *length,
                _ => 0,
            });
            Type::Char(lengths.sum::<u32>().min(65_536))
        }),
        scalar("reverse(varchar) -> varchar", |_, a| {
            Ok(Value::text(a[0].as_str().chars().rev().collect::<String>()))
        }),
        scalar("reverse(char) -> char", |call, a| {
            let reversed: String = text(call, a, 0).chars().rev().collect();
            Ok(Value::text(reversed.trim_end_matches(' ')))
        }),
        scalar("replace(varchar, varchar) -> varchar", |_, a| {
            Ok(Value::text(a[0].as_str().replace(a[1].as_str(), "")))
        }),
        scalar("replace(varchar, varchar, varchar) -> varchar", |_, a| {
            Ok(Value::text(
                a[0].as_str().replace(a[1].as_str(), a[2].as_str()),
            ))
        })
        .returns(varchar),
        scalar("translate(varchar, varchar, varchar) -> varchar", translate).returns(varchar),
        scalar("strpos(varchar, varchar) -> bigint", |_, a| {
            position(a[0].as_str(), a[1].as_str(), 1)
        }),
        scalar("strpos(varchar, varchar, bigint) -> bigint", |_, a| {
            position(a[0].as_str(), a[1].as_str(), a[2].as_i64())
        }),
        scalar("starts_with(varchar, varchar) -> boolean", |_, a| {
            Ok(Value::Boolean(a[0].as_str().starts_with(a[1].as_str())))
        }),
        scalar("chr(bigint) -> varchar(1)", |_, a| {
            let code = a[0].as_i64();
            u32::try_from(code)
                .ok()
                .and_then(char::from_u32)
                .map(|c| Value::text(c.to_string()))
                .ok_or_else(|| invalid_argument(format!("Not a valid Unicode code point: {code}")))
        }),
        scalar("codepoint(varchar(1)) -> integer", |_, a| {
            let mut chars = a[0].as_str().chars();
            match (chars.next(), chars.next()) {
                (Some(c), None) => Ok(Value::Integer(i64::from(u32::from(c)))),
                _ => Err(invalid_argument(
                    "Input string must be a single character string",
                )),
            }
        }),
        scalar("normalize(varchar, varchar) -> varchar", normalize).returns(varchar),
        scalar("to_utf8(varchar) -> varbinary", |_, a| {
            Ok(Value::binary(a[0].as_bytes()))
        }),
        scalar("to_utf8(char) -> varbinary", |call, a| {
            Ok(Value::binary(text(call, a, 0).as_bytes()))
        }),
        scalar("from_utf8(varbinary) -> varchar", |_, a| {
            Ok(Value::text(decoded(a[0].as_bytes(), "\u{fffd}")))
        }),
        scalar("from_utf8(varbinary, varchar) -> varchar", |_, a| {
            let replacement = a[1].as_str();
            if replacement.chars().count() > 1 {
                return Err(invalid_argument(
                    "Replacement character string must empty or a single character",
                ));
            }
            Ok(Value::text(decoded(a[0].as_bytes(), replacement)))
        })
        .returns(varchar),
        scalar("from_utf8(varbinary, bigint) -> varchar", |_, a| {
            let replacement = u32::try_from(a[1].as_i64())
                .ok()
                .and_then(char::from_u32)
                .ok_or_else(|| invalid_argument("Invalid replacement character"))?;
            Ok(Value::text(decoded(
                a[0].as_bytes(),
                &replacement.to_string(),
            )))
        }),
    ];
    for kind in ["varchar", "char"] {
        all.extend([
            scalar(&format!("lower({kind}) -> {kind}"), |_, a| {
                Ok(Value::text(
                    a[0].as_str().chars().map(lower).collect::<String>(),
                ))
            }),
            scalar(&format!("upper({kind}) -> {kind}"), |_, a| {
                Ok(Value::text(
                    a[0].as_str().chars().map(upper).collect::<String>(),
                ))
            }),
            scalar(
                &format!("lpad({kind}, bigint, varchar) -> varchar"),
                |call, a| padded(&text(call, a, 0), a[1].as_i64(), a[2].as_str(), true),
            )
            .returns(varchar),
            scalar(
                &format!("rpad({kind}, bigint, varchar) -> varchar"),
                |call, a| padded(&text(call, a, 0), a[1].as_i64(), a[2].as_str(), false),
            )
            .returns(varchar),
        ]);
        for name in ["substring", "substr"] {
            all.extend([
                scalar(&format!("{name}({kind}, bigint) -> varchar"), |call, a| {
                    Ok(substring(&text(call, a, 0), a[1].as_i64(), i64::MAX))
                })
                .returns(same_length_varchar),
                scalar(
                    &format!("{name}({kind}, bigint, bigint) -> varchar"),
                    |call, a| Ok(substring(&text(call, a, 0), a[1].as_i64(), a[2].as_i64())),
                )
                .returns(same_length_varchar),
            ]);
        }
        all.extend([
            scalar(&format!("trim({kind}) -> varchar"), |_, a| {
                Ok(Value::text(a[0].as_str().trim_matches(is_blank)))
            })
            .returns(same_length_varchar),
            scalar(&format!("ltrim({kind}) -> varchar"), |_, a| {
                Ok(Value::text(a[0].as_str().trim_start_matches(is_blank)))
            })
            .returns(same_length_varchar),
            scalar(&format!("rtrim({kind}) -> varchar"), |_, a| {
                Ok(Value::text(a[0].as_str().trim_end_matches(is_blank)))
            })
            .returns(same_length_varchar),
        ]);
        for set in ["varchar", "char"] {
            all.extend([
                scalar(&format!("trim({kind}, {set}) -> varchar"), |call, a| {
                    let set = text(call, a, 1);
                    Ok(Value::text(a[0].as_str().trim_matches(|c| set.contains(c))))
                })
                .returns(same_length_varchar),
                scalar(&format!("ltrim({kind}, {set}) -> varchar"), |call, a| {
                    let set = text(call, a, 1);
                    Ok(Value::text(
                        a[0].as_str().trim_start_matches(|c| set.contains(c)),
                    ))
                })
                .returns(same_length_varchar),
                scalar(&format!("rtrim({kind}, {set}) -> varchar"), |call, a| {
                    let set = text(call, a, 1);
                    Ok(Value::text(
                        a[0].as_str().trim_end_matches(|c| set.contains(c)),
                    ))
                })
                .returns(same_length_varchar),
            ]);
        }
    }
    all
}

/// The text of an argument, a char with its blanks.
pub fn text<'a>(call: &Call, a: &'a [Value], index: usize) -> Cow<'a, str> {
    match call.argument(index) {
        data_type @ Type::Char(_) => Cow::Owned(to_text(&a[index], data_type).unwrap_or_default()),
        _ => Cow::Borrowed(a[index].as_str()),
    }
}

/// The result of functions whose texts have no bound.
pub fn varchar(_: &[Type]) -> Type {
    Type::VARCHAR
}

fn same_length_varchar(types: &[Type]) -> Type {
    match types.first() {
        Some(Type::Char(length)) => Type::Varchar(Some(*length)),
        Some(Type::Varchar(length)) => Type::Varchar(*length),
        _ => Type::VARCHAR,
    }
}

/// One code point for one, as Java's `Character.toLowerCase`.
fn lower(c: char) -> char {
    let mut mapped = c.to_lowercase();
    match (mapped.next(), mapped.next()) {
        (Some(only), None) => only,
        _ if c == 'İ' => 'i',
        _ => c,
    }
}

fn upper(c: char) -> char {
    let mut mapped = c.to_uppercase();
    match (mapped.next(), mapped.next()) {
        (Some(only), None) => only,
        _ => c,
    }
}

/// A part by its first character's number, from 1, or from the end where negative.
fn substring(text: &str, start: i64, length: i64) -> Value {
    if start == 0 || length <= 0 {
        return Value::text("");
    }
    let skip = if start > 0 {
        start - 1
    } else {
        start.saturating_add(text.chars().count() as i64)
    };
    match usize::try_from(skip) {
        Ok(skip) => {
            let length = usize::try_from(length).unwrap_or(usize::MAX);
            Value::text(text.chars().skip(skip).take(length).collect::<String>())
        }
        Err(_) => Value::text(""),
    }
}

fn padded(text: &str, length: i64, padding: &str, left: bool) -> Result<Value, Error> {
    let length = i32::try_from(length)
        .ok()
        .and_then(|n| usize::try_from(n).ok())
        .ok_or_else(|| invalid_argument("Target length must be in the range [0..2147483647]"))?;
    if padding.is_empty() {
        return Err(invalid_argument("Padding string must not be empty"));
    }
    let own = text.chars().count();
    if own >= length {
        return Ok(Value::text(text.chars().take(length).collect::<String>()));
    }
    let fill: String = padding.chars().cycle().take(length - own).collect();
    Ok(Value::text(if left {
        fill + text
    } else {
        text.to_owned() + &fill
    }))
}

/// Where an occurrence begins, counted from 1; occurrences may overlap.
fn position(text: &str, wanted: &str, instance: i64) -> Result<Value, Error> {
    if instance == 0 {
        return Err(invalid_argument(
            "'instance' must be a positive or negative number.",
        ));
    }
    if wanted.is_empty() {
        return Ok(Value::Integer(1));
    }
    let skip = usize::try_from(instance.unsigned_abs() - 1).unwrap_or(usize::MAX);
    let starts = |(index, _): &(usize, char)| text[*index..].starts_with(wanted);
    let found = if instance > 0 {
        text.char_indices().filter(starts).nth(skip)
    } else {
        text.char_indices().rev().filter(starts).nth(skip)
    };
    Ok(Value::Integer(found.map_or(0, |(index, _)| {
        text[..index].chars().count() as i64 + 1
    })))
}

/// Each character of `from` becomes the one in its place in `to`, or nothing.
fn translate(_: &Call, a: &[Value]) -> Result<Value, Error> {
    let mut replacements = std::collections::HashMap::new();
    let mut to = a[2].as_str().chars();
    for c in a[1].as_str().chars() {
        let replacement = to.next();
        replacements.entry(c).or_insert(replacement);
    }
    let translated: String = a[0]
        .as_str()
        .chars()
        .filter_map(|c| replacements.get(&c).map_or(Some(c), |r| *r))
        .collect();
    Ok(Value::text(translated))
}

fn normalize(_: &Call, a: &[Value]) -> Result<Value, Error> {
    let text = a[0].as_str();
    Ok(Value::text(match a[1].as_str() {
        "NFD" => text.nfd().collect::<String>(),
        "NFC" => text.nfc().collect(),
        "NFKD" => text.nfkd().collect(),
        "NFKC" => text.nfkc().collect(),
        _ => {
            return Err(invalid_argument(
                "Normalization form must be one of [NFD, NFC, NFKD, NFKC]",
            ));
        }
    }))
}

/// UTF-8 with what is none replaced.
fn decoded(bytes: &[u8], replacement: &str) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            out.push_str(replacement);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_substring_counts_from_either_end() {
        for (start, length, part) in [
            (5, 4, "rati"),
            (-5, 40, "cally"),
            (50, 10, ""),
            (0, 4, ""),
            (-50, 4, ""),
        ] {
            assert_eq!(substring("Quadratically", start, length), Value::text(part));
        }
    }

    #[test]
    fn occurrences_are_counted_from_either_end() {
        for (instance, place) in [(1, 1), (3, 9), (4, 0), (-1, 9), (-3, 1)] {
            assert_eq!(
                position("abc abc abc", "abc", instance),
                Ok(Value::Integer(place))
            );
        }
    }

    #[test]
    fn padding_that_is_longer_than_the_gap_is_cut() {
        assert_eq!(padded("text", 7, "xy", true), Ok(Value::text("xyxtext")));
        assert_eq!(padded("text", 7, "xy", false), Ok(Value::text("textxyx")));
        assert_eq!(padded("text", 3, "xy", false), Ok(Value::text("tex")));
    }
}
