//! Decimal numbers by a picture: `#,##0.00;(#,##0.00)`.

use super::integer::regular_distance;
use crate::jsonata::error::Error;
use crate::jsonata::number;

/// The characters that pictures and numbers are written with.
pub(in crate::jsonata) struct DecimalFormat {
    decimal_separator: char,
    grouping_separator: char,
    exponent_separator: char,
    minus_sign: String,
    percent: char,
    per_mille: char,
    zero_digit: char,
    digit: char,
    pattern_separator: char,
}

impl Default for DecimalFormat {
    fn default() -> Self {
        Self {
            decimal_separator: '.',
            grouping_separator: ',',
            exponent_separator: 'e',
            minus_sign: "-".to_owned(),
            percent: '%',
            per_mille: '\u{2030}',
            zero_digit: '0',
            digit: '#',
            pattern_separator: ';',
        }
    }
}

impl DecimalFormat {
    /// Sets a property by its name; of all but the minus sign the first character counts.
    pub fn set(&mut self, name: &str, value: &str) {
        if name == "minus-sign" {
            value.clone_into(&mut self.minus_sign);
            return;
        }
        let property = match name {
            "decimal-separator" => &mut self.decimal_separator,
            "grouping-separator" => &mut self.grouping_separator,
            "exponent-separator" => &mut self.exponent_separator,
            "percent" => &mut self.percent,
            "per-mille" => &mut self.per_mille,
            "zero-digit" => &mut self.zero_digit,
            "digit" => &mut self.digit,
            "pattern-separator" => &mut self.pattern_separator,
            _ => return,
        };
        if let Some(character) = value.chars().next() {
            *property = character;
        }
    }

    /// Whether the character is a digit of the family that the zero digit begins.
    fn is_family(&self, character: char) -> bool {
        let zero = self.zero_digit as u32;
        (zero..zero.saturating_add(10)).contains(&(character as u32))
    }

    fn is_digit(&self, character: char) -> bool {
        character == self.digit || self.is_family(character)
    }

    fn is_active(&self, character: char) -> bool {
        self.is_digit(character)
            || character == self.decimal_separator
            || character == self.exponent_separator
            || character == self.grouping_separator
            || character == self.pattern_separator
    }
}

/// A sub-picture, taken apart.
struct Parts {
    picture: Vec<char>,
    prefix: String,
    suffix: String,
    active: Vec<char>,
    mantissa: Vec<char>,
    exponent: Option<Vec<char>>,
    integer: Vec<char>,
    fraction: Vec<char>,
}

impl Parts {
    fn new(picture: &str, symbols: &DecimalFormat) -> Self {
        let picture: Vec<char> = picture.chars().collect();
        let stops = |&character: &char| {
            symbols.is_active(character) && character != symbols.exponent_separator
        };
        let start = picture.iter().position(stops);
        let end = picture.iter().rposition(stops);
        let (prefix, suffix, active) = match (start, end) {
            (Some(start), Some(end)) => (
                picture[..start].iter().collect(),
                picture[end + 1..].iter().collect(),
                picture[start..=end].to_vec(),
            ),
            _ => (String::new(), String::new(), picture.clone()),
        };
        let exponent_at = active
            .iter()
            .position(|&character| character == symbols.exponent_separator);
        let (mantissa, exponent) = match exponent_at {
            Some(at) => (active[..at].to_vec(), Some(active[at + 1..].to_vec())),
            None => (active.clone(), None),
        };
        let decimal_at = mantissa
            .iter()
            .position(|&character| character == symbols.decimal_separator);
        let (integer, fraction) = match decimal_at {
            Some(at) => (mantissa[..at].to_vec(), mantissa[at + 1..].to_vec()),
            None => (mantissa.clone(), Vec::new()),
        };
        Self {
            picture,
            prefix,
            suffix,
            active,
            mantissa,
            exponent,
            integer,
            fraction,
        }
    }

    fn count(&self, character: char) -> usize {
        self.picture.iter().filter(|&&own| own == character).count()
    }

    /// The rule that the sub-picture breaks, by its code; where it breaks several, the last.
    fn mistake(&self, symbols: &DecimalFormat) -> Option<&'static str> {
        let percents = self.count(symbols.percent);
        let per_milles = self.count(symbols.per_mille);
        let scaled = percents > 0 || per_milles > 0;
        let is_family = |&character: &char| symbols.is_family(character);
        let is_optional = |&character: &char| character == symbols.digit;
        let grouping = symbols.grouping_separator;
        let adjacent = |pair: &[char]| {
            (pair[0] == grouping && pair[1] == symbols.decimal_separator)
                || (pair[0] == symbols.decimal_separator && pair[1] == grouping)
        };
        let has_decimal = self.count(symbols.decimal_separator) > 0;
        let mandatory_before_optional = self
            .integer
            .iter()
            .position(is_optional)
            .is_some_and(|at| self.integer[..at].iter().any(is_family));
        let optional_before_mandatory = self
            .fraction
            .iter()
            .rposition(is_optional)
            .is_some_and(|at| self.fraction[at..].iter().any(is_family));
        let exponent = self.exponent.as_deref();
        [
            (self.count(symbols.decimal_separator) > 1, "D3081"),
            (percents > 1, "D3082"),
            (per_milles > 1, "D3083"),
            (percents > 0 && per_milles > 0, "D3084"),
            (!self.mantissa.iter().any(|&c| symbols.is_digit(c)), "D3085"),
            (!self.active.iter().all(|&c| symbols.is_active(c)), "D3086"),
            (
                has_decimal && self.picture.windows(2).any(adjacent),
                "D3087",
            ),
            (
                !has_decimal && self.integer.last() == Some(&grouping),
                "D3088",
            ),
            (
                self.picture
                    .windows(2)
                    .any(|pair| pair[0] == grouping && pair[1] == grouping),
                "D3089",
            ),
            (mandatory_before_optional, "D3090"),
            (optional_before_mandatory, "D3091"),
            (
                exponent.is_some_and(|own| !own.is_empty()) && scaled,
                "D3092",
            ),
            (
                exponent.is_some_and(|own| own.is_empty() || !own.iter().all(is_family)),
                "D3093",
            ),
        ]
        .into_iter()
        .rev()
        .find_map(|(broken, code)| broken.then_some(code))
    }
}

/// What a sub-picture asks for.
struct Layout {
    prefix: String,
    suffix: String,
    /// Digits on the right of each grouping separator of the integer part.
    integer_grouping: Vec<usize>,
    regular_grouping: usize,
    /// Digits on the left of each grouping separator of the fractional part.
    fraction_grouping: Vec<usize>,
    least_integer: usize,
    scaling: usize,
    least_fraction: usize,
    most_fraction: usize,
    least_exponent: usize,
    factor: f64,
    has_decimal: bool,
}

impl Layout {
    fn new(parts: &Parts, symbols: &DecimalFormat) -> Self {
        let digits = |part: &[char]| part.iter().filter(|&&c| symbols.is_digit(c)).count();
        let family = |part: &[char]| part.iter().filter(|&&c| symbols.is_family(c)).count();
        let separators = |part: &[char]| -> Vec<usize> {
            (0..part.len())
                .filter(|&at| part[at] == symbols.grouping_separator)
                .collect()
        };
        let integer_grouping: Vec<usize> = separators(&parts.integer)
            .into_iter()
            .map(|at| digits(&parts.integer[at..]))
            .collect();
        let fraction_grouping = separators(&parts.fraction)
            .into_iter()
            .map(|at| digits(&parts.fraction[..at]))
            .collect();
        let mut least_integer = family(&parts.integer);
        let scaling = least_integer;
        let mut least_fraction = family(&parts.fraction);
        let mut most_fraction = digits(&parts.fraction);
        if least_integer == 0 && most_fraction == 0 {
            if parts.exponent.is_some() {
                least_fraction = 1;
                most_fraction = 1;
            } else {
                least_integer = 1;
            }
        }
        if parts.exponent.is_some() && least_integer == 0 && parts.integer.contains(&symbols.digit)
        {
            least_integer = 1;
        }
        if least_integer == 0 && least_fraction == 0 {
            least_fraction = 1;
        }
        let factor = if parts.picture.contains(&symbols.percent) {
            100.0
        } else if parts.picture.contains(&symbols.per_mille) {
            1000.0
        } else {
            1.0
        };
        Self {
            prefix: parts.prefix.clone(),
            suffix: parts.suffix.clone(),
            regular_grouping: regular_distance(&integer_grouping),
            integer_grouping,
            fraction_grouping,
            least_integer,
            scaling,
            least_fraction,
            most_fraction,
            least_exponent: parts.exponent.as_deref().map_or(0, family),
            factor,
            has_decimal: parts.picture.contains(&symbols.decimal_separator),
        }
    }
}

/// Writes a number by a picture.
pub(in crate::jsonata) fn format(
    value: f64,
    picture: &str,
    symbols: &DecimalFormat,
) -> Result<String, Error> {
    let mut layouts = Vec::new();
    for picture in picture.split(symbols.pattern_separator) {
        if layouts.len() == 2 {
            return Err(Error::of("D3080"));
        }
        layouts.push(Parts::new(picture, symbols));
    }
    for parts in &layouts {
        if let Some(code) = parts.mistake(symbols) {
            return Err(Error::of(code));
        }
    }
    if !value.is_finite() {
        return Err(Error::of("D1001").with("value", "null"));
    }
    let negative = value < 0.0;
    let (parts, sign) = match layouts.as_slice() {
        [_, parts] if negative => (parts, ""),
        [parts, ..] if negative => (parts, symbols.minus_sign.as_str()),
        [parts, ..] => (parts, ""),
        [] => return Ok(String::new()),
    };
    let layout = Layout::new(parts, symbols);
    let body = layout.format(value * layout.factor, symbols);
    Ok(format!("{sign}{}{body}{}", layout.prefix, layout.suffix))
}

impl Layout {
    fn format(&self, value: f64, symbols: &DecimalFormat) -> String {
        let (mantissa, exponent) = if self.least_exponent == 0 {
            (value, None)
        } else {
            let (mantissa, exponent) = scale(value, self.scaling as i32);
            (mantissa, Some(exponent))
        };
        let rounded = number::round(mantissa, self.most_fraction.min(400) as i32).abs();
        let text = format!("{rounded:.*}", self.most_fraction.min(400));
        let (integer, fraction) = text.split_once('.').unwrap_or((&text, ""));
        let integer = integer.trim_start_matches('0');
        let fraction = fraction.trim_end_matches('0');
        let mut whole: Vec<char> = "0"
            .repeat(self.least_integer.saturating_sub(integer.len()))
            .chars()
            .chain(integer.chars())
            .map(|digit| family_digit(digit, symbols))
            .collect();
        let length = whole.len();
        if let Some(count) = length.saturating_sub(1).checked_div(self.regular_grouping) {
            for index in 1..=count {
                whole.insert(
                    length - index * self.regular_grouping,
                    symbols.grouping_separator,
                );
            }
        } else {
            // From right to left, so that the places on the left stay.
            for &position in self.integer_grouping.iter().rev() {
                if position <= length {
                    whole.insert(length - position, symbols.grouping_separator);
                }
            }
        }
        let missing = self.least_fraction.saturating_sub(fraction.len());
        let mut part: Vec<char> = fraction
            .chars()
            .chain("0".repeat(missing).chars())
            .map(|digit| family_digit(digit, symbols))
            .collect();
        for (index, &position) in self.fraction_grouping.iter().enumerate() {
            if position + index <= part.len() {
                part.insert(position + index, symbols.grouping_separator);
            }
        }
        let mut text: String = whole.into_iter().collect();
        if self.has_decimal && !part.is_empty() {
            text.push(symbols.decimal_separator);
            text.extend(part);
        }
        if let Some(exponent) = exponent {
            text.push(symbols.exponent_separator);
            if exponent < 0 {
                text.push_str(&symbols.minus_sign);
            }
            let digits = exponent.unsigned_abs().to_string();
            let missing = self.least_exponent.saturating_sub(digits.len());
            text.extend(
                "0".repeat(missing)
                    .chars()
                    .chain(digits.chars())
                    .map(|digit| family_digit(digit, symbols)),
            );
        }
        text
    }
}

/// The mantissa with `digits` digits before the decimal point, and the exponent to it.
fn scale(value: f64, digits: i32) -> (f64, i32) {
    let most = 10f64.powi(digits);
    let least = 10f64.powi(digits - 1);
    let mut mantissa = value;
    let mut exponent = 0;
    if mantissa != 0.0 {
        while mantissa.abs() < least && exponent > -700 {
            mantissa *= 10.0;
            exponent -= 1;
        }
        while mantissa.abs() > most && exponent < 700 {
            mantissa /= 10.0;
            exponent += 1;
        }
    }
    (mantissa, exponent)
}

fn family_digit(digit: char, symbols: &DecimalFormat) -> char {
    digit
        .to_digit(10)
        .and_then(|digit| char::from_u32(symbols.zero_digit as u32 + digit))
        .unwrap_or(digit)
}
