//! `format`: Java's `String.format` over SQL's values
//! (<https://docs.oracle.com/en/java/javase/17/docs/api/java.base/java/util/Formatter.html>).

use super::arithmetic::rescale;
use super::cast::{can_cast, cast_value};
use super::digits::{fixed, fixed_of_digits, grouped, round_digits, with_places};
use super::format_date::date_part;
use super::java_time::java_time;
use super::{Call, Function, invalid_argument, scalar};
use crate::error::Error;
use crate::types::{Type, Value, decimal_text, double_text, real_text, to_text};

/// How many values `format` takes.
const MAX_ARGUMENTS: usize = 64;

pub fn functions() -> Vec<Function> {
    (1..=MAX_ARGUMENTS)
        .map(|count| {
            let parameters: Vec<String> = (1..=count).map(|i| format!("T{i}")).collect();
            let signature = format!("format(varchar, {}) -> varchar", parameters.join(", "));
            scalar(&signature, formatted)
                .called_on_null()
                .returns(super::string::varchar)
        })
        .collect()
}

fn formatted(call: &Call, a: &[Value]) -> Result<Value, Error> {
    if a[0].is_null() {
        return Ok(Value::Null);
    }
    let format = a[0].as_str();
    let fail =
        |problem: String| invalid_argument(format!("Invalid format string: {format} ({problem})"));
    let mut out = String::new();
    let mut rest = format;
    let (mut next, mut last) = (1, None);
    while let Some(start) = rest.find('%') {
        out.push_str(&rest[..start]);
        let (specifier, after) = Specifier::read(&rest[start + 1..]).map_err(fail)?;
        rest = after;
        match specifier.conversion {
            'n' => out.push('\n'),
            '%' => out.push_str(&specifier.aligned("%".to_owned())),
            _ => {
                let index = match specifier.argument {
                    Which::Next => {
                        next += 1;
                        next - 1
                    }
                    Which::Number(n) => n,
                    Which::Last => last.unwrap_or(0),
                };
                last = Some(index);
                let value = if index == 0 { None } else { a.get(index) };
                let value = value.ok_or_else(|| {
                    fail(format!(
                        "MissingFormatArgument: Format specifier '%{}'",
                        specifier.written
                    ))
                })?;
                out.push_str(
                    &specifier
                        .format(value, call.argument(index))
                        .map_err(fail)?,
                );
            }
        }
    }
    out.push_str(rest);
    Ok(Value::text(out))
}

enum Which {
    Next,
    /// `1$`, from 1.
    Number(usize),
    /// `<`
    Last,
}

/// `%[argument$][flags][width][.precision]conversion`.
struct Specifier<'a> {
    written: &'a str,
    argument: Which,
    flags: &'a str,
    width: usize,
    precision: Option<usize>,
    conversion: char,
    /// The part of a date, after `t`.
    part: char,
}

/// The widest field; Java would fill gigabytes.
const MAX_WIDTH: usize = 1_000_000;

impl<'a> Specifier<'a> {
    /// Reads what follows a `%`; gives what comes after.
    fn read(text: &'a str) -> Result<(Self, &'a str), String> {
        let number = |text: &'a str| {
            let end = text
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(text.len());
            (text[..end].parse::<usize>().ok(), &text[end..])
        };
        let mut rest = text;
        let mut argument = Which::Next;
        if let (Some(n), after) = number(rest)
            && let Some(after) = after.strip_prefix('$')
        {
            argument = Which::Number(n);
            rest = after;
        } else if let Some(after) = rest.strip_prefix('<') {
            argument = Which::Last;
            rest = after;
        }
        let end = rest.find(|c| !"-#+ 0,(".contains(c)).unwrap_or(rest.len());
        let flags = &rest[..end];
        let (width, after) = number(&rest[end..]);
        rest = after;
        let mut precision = None;
        if let Some(after) = rest.strip_prefix('.') {
            let (digits, after) = number(after);
            precision = Some(digits.ok_or("UnknownFormatConversion: Conversion = '.'")?);
            rest = after;
        }
        let unknown = || {
            format!(
                "UnknownFormatConversion: Conversion = '{}'",
                rest.chars().next().unwrap_or('%')
            )
        };
        let mut chars = rest.chars();
        let conversion = chars
            .next()
            .filter(|c| "sSdxXoeEfgGbBcChHn%tT".contains(*c))
            .ok_or_else(unknown)?;
        let part = if matches!(conversion, 't' | 'T') {
            chars.next().ok_or_else(unknown)?
        } else {
            ' '
        };
        let width = width.unwrap_or(0);
        if width > MAX_WIDTH || precision.is_some_and(|p| p > MAX_WIDTH) {
            return Err(format!("IllegalFormatWidth: {width}"));
        }
        let after = chars.as_str();
        let written = &text[..text.len() - after.len()];
        Ok((
            Self {
                written,
                argument,
                flags,
                width,
                precision,
                conversion,
                part,
            },
            after,
        ))
    }

    fn has(&self, flag: char) -> bool {
        self.flags.contains(flag)
    }

    fn aligned(&self, text: String) -> String {
        let missing = self.width.saturating_sub(text.chars().count());
        if self.has('-') {
            text + &" ".repeat(missing)
        } else {
            " ".repeat(missing) + &text
        }
    }

    fn format(&self, value: &Value, data_type: &Type) -> Result<String, String> {
        let mismatch = || {
            format!(
                "IllegalFormatConversion: {} != {}",
                self.conversion,
                java_class(data_type)
            )
        };
        let upper = self.conversion.is_uppercase();
        let text = match (self.conversion.to_ascii_lowercase(), value) {
            ('b', _) => self.cut(match value {
                Value::Null => "false".to_owned(),
                Value::Boolean(b) => b.to_string(),
                _ => "true".to_owned(),
            }),
            (_, Value::Null) => self.cut("null".to_owned()),
            ('s', _) => self.cut(plain(value, data_type).ok_or_else(mismatch)?),
            ('d', Value::Integer(n)) => {
                return Ok(self.number(*n < 0, &n.unsigned_abs().to_string()));
            }
            ('x', Value::Integer(n)) => self.radix(format!("{n:x}"), "0x"),
            ('o', Value::Integer(n)) => self.radix(format!("{n:o}"), "0"),
            ('c', Value::Integer(n)) => u32::try_from(*n)
                .ok()
                .and_then(char::from_u32)
                .ok_or_else(|| format!("IllegalFormatCodePoint: Code point = 0x{n:x}"))?
                .to_string(),
            ('e' | 'f' | 'g', Value::Double(x)) => return Ok(self.float(*x, &format!("{x:e}"))),
            ('e' | 'f' | 'g', Value::Real(x)) => {
                return Ok(self.float(f64::from(*x), &format!("{x:e}")));
            }
            ('f', Value::Decimal(n)) => {
                let scale = match data_type {
                    Type::Decimal(_, scale) => *scale,
                    _ => 0,
                };
                let places = self.precision.unwrap_or(6);
                let kept = u8::try_from(places).unwrap_or(u8::MAX).min(scale);
                let rounded = rescale(*n, scale, kept);
                let digits = fixed(rounded, kept);
                return Ok(self.number(rounded.is_negative(), &with_places(&digits, places)));
            }
            ('e' | 'g', Value::Decimal(n)) => {
                let scale = match data_type {
                    Type::Decimal(_, scale) => *scale,
                    _ => 0,
                };
                let x: f64 = decimal_text(*n, scale).parse().map_err(|_| mismatch())?;
                return Ok(self.float(x, &format!("{x:e}")));
            }
            ('t', _) => date_part(self.part, value, data_type).ok_or_else(mismatch)?,
            _ => return Err(mismatch()),
        };
        Ok(self.aligned(if upper { text.to_uppercase() } else { text }))
    }

    fn cut(&self, text: String) -> String {
        match self.precision {
            Some(length) => text.chars().take(length).collect(),
            None => text,
        }
    }

    fn radix(&self, digits: String, prefix: &str) -> String {
        let prefix = if self.has('#') { prefix } else { "" };
        let missing = if self.has('0') {
            self.width.saturating_sub(prefix.len() + digits.len())
        } else {
            0
        };
        format!("{prefix}{}{digits}", "0".repeat(missing))
    }

    /// A number of given digits with its sign, groups and zeros.
    fn number(&self, negative: bool, digits: &str) -> String {
        let (whole, rest) = digits.split_at(digits.find(['.', 'e']).unwrap_or(digits.len()));
        let mut body = if self.has(',') {
            grouped(whole)
        } else {
            whole.to_owned()
        };
        body.push_str(rest);
        let (before, behind) = match negative {
            true if self.has('(') => ("(", ")"),
            true => ("-", ""),
            false if self.has('+') => ("+", ""),
            false if self.has(' ') => (" ", ""),
            false => ("", ""),
        };
        let missing = if self.has('0') {
            self.width
                .saturating_sub(before.len() + body.len() + behind.len())
        } else {
            0
        };
        let text = format!("{before}{}{body}{behind}", "0".repeat(missing));
        let text = if self.conversion.is_uppercase() {
            text.to_uppercase()
        } else {
            text
        };
        self.aligned(text)
    }

    /// A double, given its shortest digits too: Java rounds those, not the exact binary value.
    fn float(&self, x: f64, shortest: &str) -> String {
        if !x.is_finite() {
            let text = double_text(x);
            return self.aligned(match text.strip_prefix('-') {
                Some(rest) if self.has('(') => format!("({rest})"),
                _ => text,
            });
        }
        let (mantissa, exponent) = shortest.split_once('e').unwrap_or((shortest, "0"));
        let exponent: i64 = exponent.parse().unwrap_or(0);
        let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
        let places = self.precision.unwrap_or(6);
        let (conversion, places) = match self.conversion.to_ascii_lowercase() {
            'g' => {
                let significant = places.max(1);
                let magnitude = x.abs();
                if x == 0.0 || (1e-4..10_f64.powi(significant as i32)).contains(&magnitude) {
                    let whole = if x == 0.0 { 0 } else { exponent };
                    ('f', (significant as i64 - 1 - whole).max(0) as usize)
                } else {
                    ('e', significant - 1)
                }
            }
            other => (other, places),
        };
        let text = if conversion == 'e' {
            let (rounded, carried) = round_digits(&digits, 1 + places);
            let exponent = if x == 0.0 {
                0
            } else {
                exponent + i64::from(carried)
            };
            let (first, rest) = rounded.split_at(1);
            let point = if places > 0 { "." } else { "" };
            let sign = if exponent < 0 { '-' } else { '+' };
            format!(
                "{first}{point}{}e{sign}{:02}",
                &rest[..places],
                exponent.abs()
            )
        } else {
            fixed_of_digits(&digits, exponent, places)
        };
        self.number(x.is_sign_negative(), &text)
    }
}

/// A value as `%s` prints it.
fn plain(value: &Value, data_type: &Type) -> Option<String> {
    match value {
        Value::Double(x) => Some(double_text(*x)),
        Value::Real(x) => Some(real_text(*x)),
        _ => java_time(value)
            .or_else(|| to_text(value, data_type))
            .or_else(|| {
                can_cast(data_type, &Type::VARCHAR)
                    .then(|| cast_value(value, data_type, &Type::VARCHAR).ok())?
                    .map(|v| v.as_str().to_owned())
            }),
    }
}

fn java_class(data_type: &Type) -> &'static str {
    match data_type {
        Type::Boolean => "java.lang.Boolean",
        t if t.is_integer() => "java.lang.Long",
        Type::Real => "java.lang.Float",
        Type::Double => "java.lang.Double",
        Type::Decimal(..) => "java.math.BigDecimal",
        Type::Date => "java.time.LocalDate",
        Type::Time(_) => "java.time.LocalTime",
        Type::Timestamp(_) => "java.time.LocalDateTime",
        Type::TimestampTz(_) => "java.time.ZonedDateTime",
        _ => "java.lang.String",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(format: &str, value: Value, data_type: &Type) -> Result<String, String> {
        let (specifier, _) = Specifier::read(format)?;
        specifier.format(&value, data_type)
    }

    #[test]
    fn numbers_are_formatted_as_java_does() {
        for (format, x, text) in [
            (".5f", std::f64::consts::PI, "3.14159"),
            ("f", 0.5, "0.500000"),
            (",.2f", 1_234_567.89, "1,234,567.89"),
            (".0f", 9.5, "10"),
            (".2f", 0.0005, "0.00"),
            ("08.3f", -1.5, "-001.500"),
            (".3e", 12_345.0, "1.235e+04"),
            ("e", 0.0, "0.000000e+00"),
            (".4g", 0.000_012_34, "1.234e-05"),
            (".4g", 12.345, "12.35"),
        ] {
            assert_eq!(
                one(format, Value::Double(x), &Type::Double).as_deref(),
                Ok(text),
                "{format}"
            );
        }
        for (format, n, text) in [
            ("d", -5, "-5"),
            (",d", 1_234_567, "1,234,567"),
            ("03d", 8, "008"),
            ("-5d", 8, "8    "),
            ("x", 255, "ff"),
            ("(d", -3, "(3)"),
        ] {
            assert_eq!(
                one(format, Value::Integer(n), &Type::Bigint).as_deref(),
                Ok(text)
            );
        }
    }

    #[test]
    fn a_conversion_takes_its_own_types() {
        assert!(one("d", Value::Double(1.0), &Type::Double).is_err());
        assert!(one("z", Value::Integer(1), &Type::Bigint).is_err());
        assert_eq!(
            one("10s", Value::text("a"), &Type::VARCHAR).as_deref(),
            Ok("         a")
        );
        assert_eq!(
            one(".2f", Value::Decimal(12_345), &Type::Decimal(5, 3)).as_deref(),
            Ok("12.35")
        );
        assert_eq!(
            one("tB", Value::Date(0), &Type::Date).as_deref(),
            Ok("January")
        );
    }
}
