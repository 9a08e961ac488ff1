//! The fields of a message of Protocol Buffers, without its definition.
//!
//! Source: Protocol Buffers' documentation, "Encoding".

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value<'a> {
    Number(u64),
    /// A text, a message, or packed numbers.
    Bytes(&'a [u8]),
    /// Four or eight bytes, which nobody asks for here.
    Fixed,
}

/// The number and value of each field in turn; `None` where the message is damaged, and nothing
/// after that.
pub(super) fn fields(bytes: &[u8]) -> impl Iterator<Item = Option<(u64, Value<'_>)>> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let field = field(&mut rest);
        if field.is_none() {
            rest = &[];
        }
        Some(field)
    })
}

/// The numbers of a packed field.
pub(super) fn numbers(mut bytes: &[u8]) -> Option<Vec<u64>> {
    let mut numbers = Vec::new();
    while !bytes.is_empty() {
        numbers.push(number(&mut bytes)?);
    }
    Some(numbers)
}

fn field<'a>(rest: &mut &'a [u8]) -> Option<(u64, Value<'a>)> {
    let tag = number(rest)?;
    let value = match tag & 7 {
        0 => Value::Number(number(rest)?),
        1 => take(rest, 8).map(|_| Value::Fixed)?,
        2 => {
            let length = usize::try_from(number(rest)?).ok()?;
            Value::Bytes(take(rest, length)?)
        }
        5 => take(rest, 4).map(|_| Value::Fixed)?,
        _ => return None,
    };
    Some((tag >> 3, value))
}

fn number(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let (&byte, behind) = rest.split_first()?;
        *rest = behind;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, behind) = rest.split_at_checked(length)?;
    *rest = behind;
    Some(taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_value_is_read() {
        let message = [
            0x08, 0x96, 0x01, 0x12, 2, b'a', b'b', 0x19, 0, 0, 0, 0, 0, 0, 0, 0, 0x25, 0, 0, 0, 0,
        ];
        let fields: Vec<_> = fields(&message).collect();
        assert_eq!(
            fields,
            [
                Some((1, Value::Number(150))),
                Some((2, Value::Bytes(b"ab"))),
                Some((3, Value::Fixed)),
                Some((4, Value::Fixed)),
            ]
        );
        assert_eq!(numbers(&[1, 0x96, 0x01]), Some(vec![1, 150]));
    }

    #[test]
    fn damage_ends_a_message() {
        for message in [&[0x12, 9, 0][..], &[0x0b][..], &[0x08][..], &[0xff; 20][..]] {
            assert_eq!(fields(message).collect::<Vec<_>>(), [None]);
        }
    }
}
