//! Whole numbers by a picture: `#,##0`, `001;o`, `Ww`, `I`, `a`.

use super::words;
use crate::jsonata::error::Error;
use crate::jsonata::number;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::jsonata) enum Case {
    Upper,
    Lower,
    Title,
}

#[derive(Clone, Debug)]
pub(in crate::jsonata) struct Separator {
    /// Digits on its right.
    pub position: usize,
    pub character: char,
}

#[derive(Clone, Debug)]
pub(in crate::jsonata) enum Grouping {
    /// The same separator after every so many digits.
    Regular(Separator),
    /// Separators where the picture has them, from right to left.
    Irregular(Vec<Separator>),
}

#[derive(Clone, Debug)]
pub(in crate::jsonata) enum Primary {
    Decimal {
        /// The digit zero of the script.
        zero: u32,
        grouping: Grouping,
    },
    Letters,
    Roman,
    Words,
    /// A numbering that is not known, by its picture.
    Sequence(String),
}

#[derive(Clone, Debug)]
pub(in crate::jsonata) struct IntegerPicture {
    pub primary: Primary,
    pub case: Case,
    pub ordinal: bool,
    pub mandatory_digits: usize,
    pub optional_digits: usize,
    /// How many digits are read, where something follows that could be read as more.
    pub parse_width: Option<usize>,
}

/// The digit zero of each script that has decimal digits.
const ZEROS: [u32; 37] = [
    0x30, 0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6,
    0x0D66, 0x0DE6, 0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80,
    0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0,
    0xFF10,
];

/// The most digits that a picture can ask for.
pub(in crate::jsonata) const WIDTH: usize = 1000;

fn zero_of(character: char) -> Option<u32> {
    let code = character as u32;
    ZEROS
        .into_iter()
        .find(|zero| (*zero..=zero + 9).contains(&code))
}

/// The distance at which separators repeat, if they do.
pub(in crate::jsonata) fn regular_distance(positions: &[usize]) -> usize {
    fn gcd(a: usize, b: usize) -> usize {
        if b == 0 { a } else { gcd(b, a % b) }
    }
    let factor = positions.iter().copied().reduce(gcd).unwrap_or(0);
    let regular = (1..=positions.len()).all(|index| positions.contains(&(index * factor)));
    if regular { factor } else { 0 }
}

fn sequence(token: &str) -> Error {
    Error::of("D3130").with_text("value", token)
}

impl IntegerPicture {
    pub fn parse(picture: &str) -> Result<Self, Error> {
        let (primary, modifier) = picture.rsplit_once(';').unwrap_or((picture, ""));
        let mut result = Self {
            primary: Primary::Letters,
            case: Case::Lower,
            ordinal: modifier.starts_with('o'),
            mandatory_digits: 0,
            optional_digits: 0,
            parse_width: None,
        };
        (result.primary, result.case) = match primary {
            "A" => (Primary::Letters, Case::Upper),
            "a" => (Primary::Letters, Case::Lower),
            "I" => (Primary::Roman, Case::Upper),
            "i" => (Primary::Roman, Case::Lower),
            "W" => (Primary::Words, Case::Upper),
            "Ww" => (Primary::Words, Case::Title),
            "w" => (Primary::Words, Case::Lower),
            _ => {
                result.read_digits(primary)?;
                return Ok(result);
            }
        };
        Ok(result)
    }

    fn read_digits(&mut self, picture: &str) -> Result<(), Error> {
        let mut zero = None;
        let mut position = 0;
        let mut separators = Vec::new();
        for character in picture.chars().rev() {
            if let Some(own) = zero_of(character) {
                if *zero.get_or_insert(own) != own {
                    return Err(Error::of("D3131"));
                }
                self.mandatory_digits += 1;
                position += 1;
            } else if character == '#' {
                self.optional_digits += 1;
                position += 1;
            } else {
                separators.push(Separator {
                    position,
                    character,
                });
            }
        }
        let Some(zero) = zero else {
            self.primary = Primary::Sequence(picture.to_owned());
            return Ok(());
        };
        let same = separators
            .windows(2)
            .all(|pair| pair[0].character == pair[1].character);
        let positions: Vec<usize> = separators.iter().map(|own| own.position).collect();
        let distance = if same {
            regular_distance(&positions)
        } else {
            0
        };
        let grouping = match separators.first() {
            Some(first) if distance > 0 => Grouping::Regular(Separator {
                position: distance,
                character: first.character,
            }),
            _ => Grouping::Irregular(separators),
        };
        self.primary = Primary::Decimal { zero, grouping };
        Ok(())
    }

    /// Writes a whole number.
    pub fn format(&self, value: f64) -> Result<String, Error> {
        if !value.is_finite() {
            return Err(Error::of("D1001").with("value", "null"));
        }
        let magnitude = value.abs();
        let text = match &self.primary {
            Primary::Letters => {
                let first = if self.case == Case::Upper { 'A' } else { 'a' };
                words::to_letters(magnitude, first)
            }
            Primary::Roman => {
                let numeral = words::to_roman(magnitude)
                    .ok_or_else(|| sequence(&number::to_text(magnitude)))?;
                self.cased(numeral)
            }
            Primary::Words => self.cased(words::to_words(magnitude, self.ordinal)),
            Primary::Decimal { zero, grouping } => self.format_digits(magnitude, *zero, grouping),
            Primary::Sequence(token) => return Err(sequence(token)),
        };
        Ok(if value < 0.0 {
            format!("-{text}")
        } else {
            text
        })
    }

    fn cased(&self, text: String) -> String {
        match self.case {
            Case::Upper => text.to_uppercase(),
            Case::Lower => text.to_lowercase(),
            Case::Title => text,
        }
    }

    fn format_digits(&self, magnitude: f64, zero: u32, grouping: &Grouping) -> String {
        let plain = number::to_text(magnitude);
        let missing = self
            .mandatory_digits
            .min(WIDTH)
            .saturating_sub(plain.chars().count());
        let mut digits: Vec<char> = "0".repeat(missing).chars().chain(plain.chars()).collect();
        let suffix = match (digits.as_slice(), self.ordinal) {
            (_, false) => "",
            ([.., '1', _], true) => "th",
            ([.., '1'], true) => "st",
            ([.., '2'], true) => "nd",
            ([.., '3'], true) => "rd",
            _ => "th",
        };
        if zero != 0x30 {
            for digit in &mut digits {
                let shifted = (*digit as u32).wrapping_sub(0x30).wrapping_add(zero);
                *digit = char::from_u32(shifted).unwrap_or(*digit);
            }
        }
        let length = digits.len();
        match grouping {
            Grouping::Regular(separator) => {
                let count = length.saturating_sub(1) / separator.position;
                for index in 1..=count {
                    digits.insert(length - index * separator.position, separator.character);
                }
            }
            Grouping::Irregular(separators) => {
                for separator in separators.iter().filter(|own| own.position <= length) {
                    digits.insert(length - separator.position, separator.character);
                }
            }
        }
        digits.into_iter().chain(suffix.chars()).collect()
    }

    /// A regular expression of what [`IntegerPicture::parse_text`] reads.
    pub fn pattern(&self) -> Result<String, Error> {
        let upper = self.case == Case::Upper;
        Ok(match &self.primary {
            Primary::Letters if upper => "[A-Z]+".to_owned(),
            Primary::Letters => "[a-z]+".to_owned(),
            Primary::Roman if upper => "[MDCLXVI]+".to_owned(),
            Primary::Roman => "[mdclxvi]+".to_owned(),
            Primary::Words => words::word_pattern(),
            Primary::Decimal { .. } => {
                let width = self
                    .parse_width
                    .map_or("+".to_owned(), |width| format!("{{{}}}", width.min(WIDTH)));
                let suffix = if self.ordinal { "(?:th|st|nd|rd)" } else { "" };
                format!("[0-9]{width}{suffix}")
            }
            Primary::Sequence(token) => return Err(sequence(token)),
        })
    }

    /// Reads a number that is written by this picture; NaN if there is none.
    pub fn parse_text(&self, text: &str) -> Result<f64, Error> {
        let first = if self.case == Case::Upper { 'A' } else { 'a' };
        Ok(match &self.primary {
            Primary::Letters => words::from_letters(text, first),
            Primary::Roman => words::from_roman(text),
            Primary::Words => words::from_words(text),
            Primary::Decimal { zero, grouping } => {
                let mut characters: Vec<char> = text.chars().collect();
                if self.ordinal {
                    characters.truncate(characters.len().saturating_sub(2));
                }
                let is_separator = |character: char| match grouping {
                    Grouping::Regular(own) => character == own.character,
                    Grouping::Irregular(all) => all.iter().any(|own| own.character == character),
                };
                let digits: String = characters
                    .into_iter()
                    .filter(|&character| !is_separator(character))
                    .map(|digit| {
                        let shifted = (digit as u32).wrapping_sub(*zero).wrapping_add(0x30);
                        char::from_u32(shifted).unwrap_or(digit)
                    })
                    .collect();
                parse_int(&digits)
            }
            Primary::Sequence(token) => return Err(sequence(token)),
        })
    }
}

/// The number that a text begins with, as JavaScript's `parseInt` reads it.
pub(in crate::jsonata) fn parse_int(text: &str) -> f64 {
    let text = text.trim_start();
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let digits = unsigned.bytes().take_while(u8::is_ascii_digit).count();
    let number = unsigned[..digits].parse::<f64>().unwrap_or(f64::NAN);
    if text.starts_with('-') {
        -number
    } else {
        number
    }
}
