//! Values as metadata has them: in Avro, and as bytes.
//!
//! Source: Apache Iceberg's specification, "Appendix A: Format-specific Requirements" and
//! "Appendix D: Single-value serialization".

use apache_avro::types::Value as Avro;

use super::schema::Primitive;
use super::transform::least_bytes;
use crate::types::Value;
use crate::types::zone::Zone;

const PICOS_PER_MICRO: i64 = 1_000_000;

/// A partition's value; NULL where it is not of the type.
pub fn from_avro(avro: &Avro, primitive: &Primitive) -> Value {
    match (avro, primitive) {
        (Avro::Union(_, inner), _) => from_avro(inner, primitive),
        (Avro::Boolean(b), Primitive::Boolean) => Value::Boolean(*b),
        (Avro::Int(n) | Avro::Date(n), Primitive::Date) => Value::Date(*n),
        (Avro::Int(n), Primitive::Int | Primitive::Long) => Value::Integer((*n).into()),
        (Avro::Long(n), Primitive::Int | Primitive::Long) => Value::Integer(*n),
        (Avro::Float(x), Primitive::Float) => Value::Real(*x),
        (Avro::Float(x), Primitive::Double) => Value::Double((*x).into()),
        (Avro::Double(x), Primitive::Double) => Value::Double(*x),
        (Avro::String(text), Primitive::String) => Value::text(text.as_str()),
        (Avro::Decimal(decimal), Primitive::Decimal(..)) => {
            let bytes = <Vec<u8>>::try_from(decimal).ok();
            bytes
                .and_then(|bytes| unscaled(&bytes))
                .map_or(Value::Null, Value::Decimal)
        }
        (Avro::Fixed(_, bytes) | Avro::Bytes(bytes), _) => match primitive {
            Primitive::Decimal(..) => unscaled(bytes).map_or(Value::Null, Value::Decimal),
            Primitive::Fixed(_) | Primitive::Binary | Primitive::Uuid => {
                Value::binary(bytes.as_slice())
            }
            _ => Value::Null,
        },
        (Avro::Uuid(uuid), Primitive::Uuid) => Value::binary(uuid.as_bytes().as_slice()),
        (
            Avro::Long(n)
            | Avro::TimeMicros(n)
            | Avro::TimestampMicros(n)
            | Avro::LocalTimestampMicros(n),
            _,
        ) => of_micros(*n, primitive),
        _ => Value::Null,
    }
}

/// A bound of a column's values; none where the bytes are not of the type.
pub fn from_bytes(bytes: &[u8], primitive: &Primitive) -> Option<Value> {
    let four = || Some(i32::from_le_bytes(bytes.try_into().ok()?));
    let eight = || Some(i64::from_le_bytes(bytes.try_into().ok()?));
    // The bounds of a column whose type has been widened since are of the narrower one.
    let integer = || four().map(i64::from).or_else(eight);
    Some(match primitive {
        Primitive::Boolean => Value::Boolean(*bytes.first()? != 0),
        Primitive::Int | Primitive::Long => Value::Integer(integer()?),
        Primitive::Float => Value::Real(f32::from_bits(four()? as u32)),
        Primitive::Double => match four() {
            Some(bits) => Value::Double(f32::from_bits(bits as u32).into()),
            None => Value::Double(f64::from_bits(eight()? as u64)),
        },
        Primitive::Decimal(..) => Value::Decimal(unscaled(bytes)?),
        Primitive::Date => Value::Date(four()?),
        Primitive::Time | Primitive::Timestamp | Primitive::Timestamptz => {
            of_micros(eight()?, primitive)
        }
        Primitive::String => Value::text(std::str::from_utf8(bytes).ok()?),
        Primitive::Uuid | Primitive::Fixed(_) | Primitive::Binary => Value::binary(bytes),
    })
}

/// The bytes of a bound; none where the value is not of the type.
pub fn to_bytes(value: &Value, primitive: &Primitive) -> Option<Vec<u8>> {
    let micros = |picos: i128| picos.div_euclid(i128::from(PICOS_PER_MICRO)) as i64;
    Some(match (value, primitive) {
        (Value::Boolean(b), _) => vec![u8::from(*b)],
        (Value::Integer(n), Primitive::Int) => i32::try_from(*n).ok()?.to_le_bytes().to_vec(),
        (Value::Integer(n), _) => n.to_le_bytes().to_vec(),
        (Value::Real(x), _) => x.to_le_bytes().to_vec(),
        (Value::Double(x), _) => x.to_le_bytes().to_vec(),
        (Value::Decimal(n), _) => least_bytes(*n),
        (Value::Date(days), _) => days.to_le_bytes().to_vec(),
        (Value::Time(picos), _) => (picos / PICOS_PER_MICRO).to_le_bytes().to_vec(),
        (Value::Timestamp(picos) | Value::TimestampTz(picos, _), _) => {
            micros(*picos).to_le_bytes().to_vec()
        }
        (Value::Text(text), _) => text.as_bytes().to_vec(),
        (Value::Binary(bytes), _) => bytes.to_vec(),
        _ => return None,
    })
}

/// A partition's value in Avro.
pub fn to_avro(value: &Value, primitive: &Primitive) -> Avro {
    let micros = |picos: i128| picos.div_euclid(i128::from(PICOS_PER_MICRO)) as i64;
    match (value, primitive) {
        (Value::Boolean(b), _) => Avro::Boolean(*b),
        (Value::Integer(n), Primitive::Int) => Avro::Int(*n as i32),
        (Value::Integer(n), _) => Avro::Long(*n),
        (Value::Real(x), _) => Avro::Float(*x),
        (Value::Double(x), _) => Avro::Double(*x),
        (Value::Decimal(n), _) => Avro::Decimal(least_bytes(*n).into()),
        (Value::Date(days), _) => Avro::Date(*days),
        (Value::Time(picos), _) => Avro::TimeMicros(picos / PICOS_PER_MICRO),
        (Value::Timestamp(picos) | Value::TimestampTz(picos, _), _) => {
            Avro::TimestampMicros(micros(*picos))
        }
        (Value::Text(text), _) => Avro::String(text.to_string()),
        (Value::Binary(bytes), Primitive::Uuid) => {
            uuid::Uuid::from_slice(bytes).map_or(Avro::Null, Avro::Uuid)
        }
        (Value::Binary(bytes), Primitive::Fixed(_)) => Avro::Fixed(bytes.len(), bytes.to_vec()),
        (Value::Binary(bytes), _) => Avro::Bytes(bytes.to_vec()),
        _ => Avro::Null,
    }
}

fn of_micros(micros: i64, primitive: &Primitive) -> Value {
    let picos = i128::from(micros) * i128::from(PICOS_PER_MICRO);
    match primitive {
        Primitive::Time => Value::Time(micros.saturating_mul(PICOS_PER_MICRO)),
        Primitive::Timestamp => Value::Timestamp(picos),
        Primitive::Timestamptz => Value::TimestampTz(picos, Zone::UTC),
        _ => Value::Null,
    }
}

/// A number of two's complement, the greatest byte first.
fn unscaled(bytes: &[u8]) -> Option<i128> {
    let first = *bytes.first()?;
    if bytes.len() > 16 {
        return None;
    }
    let start: i128 = if first >= 0x80 { -1 } else { 0 };
    let all = bytes.iter();
    Some(all.fold(start, |number, byte| (number << 8) | i128::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_read_by_the_type_they_are_of_or_the_narrower_one() {
        let read = |bytes: &[u8], primitive| format!("{:?}", from_bytes(bytes, &primitive));
        assert_eq!(read(&[5, 0, 0, 0], Primitive::Long), "Some(Integer(5))");
        assert_eq!(read(&[0xff; 8], Primitive::Long), "Some(Integer(-1))");
        assert_eq!(
            read(&[0xfe, 0x0c], Primitive::Decimal(9, 2)),
            "Some(Decimal(-500))"
        );
        assert_eq!(read(&[1, 2], Primitive::Date), "None");
    }
}
