//! Bytes: encodings, digests and parts
//! (<https://trino.io/docs/current/functions/binary.html>).

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use hmac::{Hmac, KeyInit, Mac};
use md5::Digest as _;

use super::{Call, Function, invalid_argument, scalar};
use crate::error::Error;
use crate::types::Value;

pub fn functions() -> Vec<Function> {
    let mut all = vec![
        scalar("length(varbinary) -> bigint", |_, a| {
            Ok(Value::Integer(a[0].as_bytes().len() as i64))
        }),
        scalar(
            "concat(varbinary, varbinary, varbinary...) -> varbinary",
            |_, a| {
                let parts: Vec<&[u8]> = a.iter().map(Value::as_bytes).collect();
                Ok(Value::binary(parts.concat()))
            },
        ),
        scalar("reverse(varbinary) -> varbinary", |_, a| {
            Ok(Value::binary(
                a[0].as_bytes().iter().rev().copied().collect::<Vec<u8>>(),
            ))
        }),
        scalar("substr(varbinary, bigint) -> varbinary", |_, a| {
            Ok(substring(a[0].as_bytes(), a[1].as_i64(), i64::MAX))
        }),
        scalar("substr(varbinary, bigint, bigint) -> varbinary", |_, a| {
            Ok(substring(a[0].as_bytes(), a[1].as_i64(), a[2].as_i64()))
        }),
        scalar("lpad(varbinary, bigint, varbinary) -> varbinary", |_, a| {
            padded(a, true)
        }),
        scalar("rpad(varbinary, bigint, varbinary) -> varbinary", |_, a| {
            padded(a, false)
        }),
        scalar("to_hex(varbinary) -> varchar", |_, a| {
            Ok(Value::text(hex::encode_upper(a[0].as_bytes())))
        }),
        scalar("to_base64(varbinary) -> varchar", |_, a| {
            Ok(Value::text(STANDARD.encode(a[0].as_bytes())))
        }),
        scalar("to_base64url(varbinary) -> varchar", |_, a| {
            Ok(Value::text(URL_SAFE.encode(a[0].as_bytes())))
        }),
        scalar("to_base32(varbinary) -> varchar", |_, a| {
            Ok(Value::text(to_base32(a[0].as_bytes())))
        }),
        scalar("md5(varbinary) -> varbinary", |_, a| {
            Ok(Value::binary(md5::Md5::digest(a[0].as_bytes()).to_vec()))
        }),
        scalar("sha1(varbinary) -> varbinary", |_, a| {
            Ok(Value::binary(sha1::Sha1::digest(a[0].as_bytes()).to_vec()))
        }),
        scalar("sha256(varbinary) -> varbinary", |_, a| {
            Ok(Value::binary(
                sha2::Sha256::digest(a[0].as_bytes()).to_vec(),
            ))
        }),
        scalar("sha512(varbinary) -> varbinary", |_, a| {
            Ok(Value::binary(
                sha2::Sha512::digest(a[0].as_bytes()).to_vec(),
            ))
        }),
        scalar(
            "hmac_md5(varbinary, varbinary) -> varbinary",
            signed::<Hmac<md5::Md5>>,
        ),
        scalar(
            "hmac_sha1(varbinary, varbinary) -> varbinary",
            signed::<Hmac<sha1::Sha1>>,
        ),
        scalar(
            "hmac_sha256(varbinary, varbinary) -> varbinary",
            signed::<Hmac<sha2::Sha256>>,
        ),
        scalar(
            "hmac_sha512(varbinary, varbinary) -> varbinary",
            signed::<Hmac<sha2::Sha512>>,
        ),
        scalar("xxhash64(varbinary) -> varbinary", |_, a| {
            let hash = twox_hash::XxHash64::oneshot(0, a[0].as_bytes());
            Ok(Value::binary(hash.to_be_bytes().to_vec()))
        }),
        scalar("crc32(varbinary) -> bigint", |_, a| {
            Ok(Value::Integer(i64::from(crc32fast::hash(a[0].as_bytes()))))
        }),
        scalar("to_big_endian_64(bigint) -> varbinary", |_, a| {
            Ok(Value::binary(a[0].as_i64().to_be_bytes().to_vec()))
        }),
        scalar("from_big_endian_64(varbinary) -> bigint", |_, a| {
            Ok(Value::Integer(i64::from_be_bytes(exactly(
                &a[0],
                "expected 8-byte input",
            )?)))
        }),
        scalar("to_big_endian_32(integer) -> varbinary", |_, a| {
            Ok(Value::binary((a[0].as_i64() as i32).to_be_bytes().to_vec()))
        }),
        scalar("from_big_endian_32(varbinary) -> integer", |_, a| {
            Ok(Value::Integer(
                i32::from_be_bytes(exactly(&a[0], "expected 4-byte input")?).into(),
            ))
        }),
        scalar("to_ieee754_32(real) -> varbinary", |_, a| {
            Ok(Value::binary((a[0].as_f64() as f32).to_be_bytes().to_vec()))
        }),
        scalar("from_ieee754_32(varbinary) -> real", |_, a| {
            let bytes = exactly(
                &a[0],
                "Input floating-point value must be exactly 4 bytes long",
            )?;
            Ok(Value::Real(f32::from_be_bytes(bytes)))
        }),
        scalar("to_ieee754_64(double) -> varbinary", |_, a| {
            Ok(Value::binary(a[0].as_f64().to_be_bytes().to_vec()))
        }),
        scalar("from_ieee754_64(varbinary) -> double", |_, a| {
            let bytes = exactly(
                &a[0],
                "Input floating-point value must be exactly 8 bytes long",
            )?;
            Ok(Value::Double(f64::from_be_bytes(bytes)))
        }),
    ];
    for kind in ["varchar", "varbinary"] {
        all.extend([
            scalar(&format!("from_hex({kind}) -> varbinary"), |_, a| {
                hex::decode(a[0].as_bytes())
                    .map(Value::binary)
                    .map_err(|e| match e {
                        hex::FromHexError::OddLength => {
                            invalid_argument("expected an even number of characters".to_owned())
                        }
                        other => invalid_argument(other.to_string()),
                    })
            }),
            scalar(&format!("from_base64({kind}) -> varbinary"), |_, a| {
                STANDARD
                    .decode(a[0].as_bytes())
                    .map(Value::binary)
                    .map_err(|e| invalid_argument(e.to_string()))
            }),
            scalar(&format!("from_base64url({kind}) -> varbinary"), |_, a| {
                URL_SAFE
                    .decode(a[0].as_bytes())
                    .map(Value::binary)
                    .map_err(|e| invalid_argument(e.to_string()))
            }),
            scalar(&format!("from_base32({kind}) -> varbinary"), |_, a| {
                from_base32(a[0].as_bytes())
                    .map(Value::binary)
                    .ok_or_else(|| invalid_argument("Invalid base32 input"))
            }),
        ]);
    }
    all
}

fn exactly<const N: usize>(value: &Value, otherwise: &str) -> Result<[u8; N], Error> {
    <[u8; N]>::try_from(value.as_bytes()).map_err(|_| invalid_argument(otherwise))
}

fn signed<M: Mac + KeyInit>(_: &Call, a: &[Value]) -> Result<Value, Error> {
    let mut mac = <M as KeyInit>::new_from_slice(a[1].as_bytes())
        .map_err(|e| invalid_argument(e.to_string()))?;
    mac.update(a[0].as_bytes());
    Ok(Value::binary(mac.finalize().into_bytes().to_vec()))
}

/// A part by its first byte's number, from 1, or from the end where negative.
fn substring(bytes: &[u8], start: i64, length: i64) -> Value {
    let skip = if start > 0 {
        start - 1
    } else {
        start.saturating_add(bytes.len() as i64)
    };
    match usize::try_from(skip) {
        Ok(skip) if start != 0 && length > 0 && skip < bytes.len() => {
            let length = usize::try_from(length).unwrap_or(usize::MAX);
            let end = skip.saturating_add(length).min(bytes.len());
            Value::binary(&bytes[skip..end])
        }
        _ => Value::binary(Vec::new()),
    }
}

fn padded(a: &[Value], left: bool) -> Result<Value, Error> {
    let (bytes, padding) = (a[0].as_bytes(), a[2].as_bytes());
    let length = i32::try_from(a[1].as_i64())
        .ok()
        .and_then(|n| usize::try_from(n).ok())
        .ok_or_else(|| invalid_argument("Target length must be in the range [0..2147483647]"))?;
    if padding.is_empty() {
        return Err(invalid_argument("Padding bytes must not be empty"));
    }
    let Some(missing) = length.checked_sub(bytes.len()) else {
        return Ok(Value::binary(&bytes[..length]));
    };
    let fill: Vec<u8> = padding.iter().copied().cycle().take(missing).collect();
    Ok(Value::binary(if left {
        [fill.as_slice(), bytes].concat()
    } else {
        [bytes, fill.as_slice()].concat()
    }))
}

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// RFC 4648, §6.
fn to_base32(bytes: &[u8]) -> String {
    let mut out = String::new();
    for chunk in bytes.chunks(5) {
        let bits = chunk
            .iter()
            .chain(std::iter::repeat(&0))
            .take(5)
            .fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
        let digits = (chunk.len() * 8).div_ceil(5);
        for i in 0..8 {
            out.push(if i < digits {
                char::from(BASE32[(bits >> (35 - 5 * i) & 31) as usize])
            } else {
                '='
            });
        }
    }
    out
}

fn from_base32(text: &[u8]) -> Option<Vec<u8>> {
    let padding = text.iter().rev().take_while(|b| **b == b'=').count();
    let digits = &text[..text.len() - padding];
    if padding > 6
        || (padding > 0 && !text.len().is_multiple_of(8))
        || matches!(digits.len() % 8, 1 | 3 | 6)
    {
        return None;
    }
    let mut out = Vec::new();
    for chunk in digits.chunks(8) {
        let mut bits = 0_u64;
        for digit in chunk {
            let value = BASE32.iter().position(|b| b == digit)?;
            bits = bits << 5 | value as u64;
        }
        bits <<= 5 * (8 - chunk.len());
        let bytes = bits.to_be_bytes();
        out.extend_from_slice(&bytes[3..3 + chunk.len() * 5 / 8]);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base32_has_the_vectors_of_its_rfc() {
        for (plain, encoded) in [
            ("", ""),
            ("f", "MY======"),
            ("fo", "MZXQ===="),
            ("foo", "MZXW6==="),
            ("foob", "MZXW6YQ="),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI======"),
        ] {
            assert_eq!(to_base32(plain.as_bytes()), encoded);
            assert_eq!(
                from_base32(encoded.as_bytes()),
                Some(plain.as_bytes().to_vec())
            );
        }
        assert_eq!(from_base32(b"1="), None);
    }
}
