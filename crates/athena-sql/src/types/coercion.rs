//! Which types convert into which without being asked, as rules over types
//! (Trino's TypeCoercion).

use super::{MAX_PRECISION, RowField, Type};

/// Whether a value of `from` is taken where `to` is wanted.
pub fn can_coerce(from: &Type, to: &Type) -> bool {
    if from == to {
        return true;
    }
    common_super_type(from, to).as_ref() == Some(to)
}

/// The least type that holds the values of both.
pub fn common_super_type(a: &Type, b: &Type) -> Option<Type> {
    use Type::*;
    if a == b {
        return Some(a.clone());
    }
    match (a, b) {
        (Unknown, other) | (other, Unknown) => Some(other.clone()),
        (Varchar(x), Varchar(y)) => Some(Varchar(x.zip(*y).map(|(x, y)| x.max(y)))),
        (Char(x), Char(y)) => Some(Char(*x.max(y))),
        // Comparing a literal to a CHAR column is meant with CHAR's blanks.
        (Varchar(x), Char(y)) | (Char(y), Varchar(x)) => {
            Some(Char(x.map_or(MAX_CHAR, |x| x.max(*y).min(MAX_CHAR))))
        }
        (Time(x), Time(y)) => Some(Time(*x.max(y))),
        (Time(x) | TimeTz(x), Time(y) | TimeTz(y)) => Some(TimeTz(*x.max(y))),
        (Timestamp(x), Timestamp(y)) => Some(Timestamp(*x.max(y))),
        (Timestamp(x) | TimestampTz(x), Timestamp(y) | TimestampTz(y)) => {
            Some(TimestampTz(*x.max(y)))
        }
        (Date, t @ (Timestamp(_) | TimestampTz(_)))
        | (t @ (Timestamp(_) | TimestampTz(_)), Date) => Some(t.clone()),
        (Varchar(_) | Char(_), JsonPath) | (JsonPath, Varchar(_) | Char(_)) => Some(JsonPath),
        (Array(x), Array(y)) => common_super_type(x, y).map(Type::array),
        (Map(k1, v1), Map(k2, v2)) => Some(Type::map(
            common_super_type(k1, k2)?,
            common_super_type(v1, v2)?,
        )),
        (Row(xs), Row(ys)) if xs.len() == ys.len() => xs
            .iter()
            .zip(ys)
            .map(|(x, y)| {
                Some(RowField {
                    name: if x.name == y.name {
                        x.name.clone()
                    } else {
                        None
                    },
                    data_type: common_super_type(&x.data_type, &y.data_type)?,
                })
            })
            .collect::<Option<Vec<_>>>()
            .map(Row),
        (x, y) if x.is_number() && y.is_number() => Some(number_super_type(x, y)),
        _ => None,
    }
}

const MAX_CHAR: u32 = 65_536;

fn number_super_type(a: &Type, b: &Type) -> Type {
    use Type::*;
    if *a == Double || *b == Double {
        return Double;
    }
    if *a == Real || *b == Real {
        return Real;
    }
    if a.is_integer() && b.is_integer() {
        return a.clone().max(b.clone());
    }
    // One is a decimal: both have a decimal form.
    match (a.integer_as_decimal(), b.integer_as_decimal()) {
        (Some((p1, s1)), Some((p2, s2))) => {
            let scale = s1.max(s2);
            let precision = ((p1 - s1).max(p2 - s2) + scale).min(MAX_PRECISION);
            Decimal(precision, scale)
        }
        _ => Double,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_integer_and_a_decimal_meet_in_a_decimal_that_holds_both() {
        assert_eq!(
            common_super_type(&Type::Integer, &Type::Decimal(5, 2)),
            Some(Type::Decimal(12, 2))
        );
    }

    #[test]
    fn a_row_drops_names_that_differ() {
        let named = |name: &str| {
            Type::Row(vec![RowField {
                name: Some(name.to_owned()),
                data_type: Type::Integer,
            }])
        };
        assert_eq!(
            common_super_type(&named("a"), &named("b")),
            Some(Type::row([Type::Integer]))
        );
    }

    #[test]
    fn a_wider_type_is_not_taken_for_a_narrower_one() {
        assert!(can_coerce(&Type::Integer, &Type::Bigint));
        assert!(!can_coerce(&Type::Bigint, &Type::Integer));
        assert!(!can_coerce(&Type::Varchar(None), &Type::Varchar(Some(3))));
    }
}
