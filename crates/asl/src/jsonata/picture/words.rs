//! Numbers in English words, Roman numerals and letters.

const FEW: [&str; 20] = [
    "Zero",
    "One",
    "Two",
    "Three",
    "Four",
    "Five",
    "Six",
    "Seven",
    "Eight",
    "Nine",
    "Ten",
    "Eleven",
    "Twelve",
    "Thirteen",
    "Fourteen",
    "Fifteen",
    "Sixteen",
    "Seventeen",
    "Eighteen",
    "Nineteen",
];
const ORDINALS: [&str; 20] = [
    "Zeroth",
    "First",
    "Second",
    "Third",
    "Fourth",
    "Fifth",
    "Sixth",
    "Seventh",
    "Eighth",
    "Ninth",
    "Tenth",
    "Eleventh",
    "Twelfth",
    "Thirteenth",
    "Fourteenth",
    "Fifteenth",
    "Sixteenth",
    "Seventeenth",
    "Eighteenth",
    "Nineteenth",
];
const DECADES: [&str; 9] = [
    "Twenty", "Thirty", "Forty", "Fifty", "Sixty", "Seventy", "Eighty", "Ninety", "Hundred",
];
const MAGNITUDES: [&str; 4] = ["Thousand", "Million", "Billion", "Trillion"];

/// A whole number that is not negative in words: `Twelve Thousand, Four Hundred and One`.
pub(in crate::jsonata) fn to_words(number: f64, ordinal: bool) -> String {
    words(number, false, ordinal)
}

fn words(number: f64, follows: bool, ordinal: bool) -> String {
    let and = if follows { " and " } else { "" };
    let comma = if follows { ", " } else { "" };
    if number < 20.0 {
        let names = if ordinal { ORDINALS } else { FEW };
        return format!("{and}{}", names[number.max(0.0) as usize]);
    }
    if number < 100.0 {
        let decade = DECADES[(number / 10.0) as usize - 2];
        let rest = number % 10.0;
        if rest > 0.0 {
            return format!("{and}{decade}-{}", words(rest, false, ordinal));
        }
        if ordinal {
            return format!("{and}{}ieth", decade.trim_end_matches('y'));
        }
        return format!("{and}{decade}");
    }
    let (mut text, rest) = if number < 1000.0 {
        let hundreds = FEW[(number / 100.0) as usize];
        (format!("{comma}{hundreds} Hundred"), number % 100.0)
    } else {
        let magnitude = ((number.log10() / 3.0).floor() as usize).clamp(1, MAGNITUDES.len());
        let factor = 10f64.powi(3 * magnitude as i32);
        let count = (number / factor).floor();
        let name = MAGNITUDES[magnitude - 1];
        (
            format!("{comma}{} {name}", words(count, false, false)),
            number - count * factor,
        )
    };
    if rest > 0.0 {
        text.push_str(&words(rest, true, ordinal));
    } else if ordinal {
        text.push_str("th");
    }
    text
}

/// What a word of a number counts; lower-case.
fn word_value(word: &str) -> Option<f64> {
    let position = |names: &[&str]| {
        names
            .iter()
            .position(|name| name.eq_ignore_ascii_case(word))
    };
    if let Some(value) = position(&FEW).or_else(|| position(&ORDINALS)) {
        return Some(value as f64);
    }
    for (index, name) in DECADES.iter().enumerate() {
        let stem = &name[..name.len() - 1];
        let value = (index + 2) as f64 * 10.0;
        if name.eq_ignore_ascii_case(word)
            || format!("{stem}ieth").eq_ignore_ascii_case(word)
            || format!("{name}th").eq_ignore_ascii_case(word)
        {
            return Some(value);
        }
    }
    for (index, name) in MAGNITUDES.iter().enumerate() {
        if name.eq_ignore_ascii_case(word) || format!("{name}th").eq_ignore_ascii_case(word) {
            return Some(10f64.powi(3 * (index as i32 + 1)));
        }
    }
    None
}

/// The words that numbers are made of, as alternatives of a regular expression.
pub(in crate::jsonata) fn word_pattern() -> String {
    let mut words: Vec<String> = FEW
        .iter()
        .chain(&ORDINALS)
        .map(|name| name.to_lowercase())
        .collect();
    for name in DECADES.iter().chain(&MAGNITUDES) {
        let name = name.to_lowercase();
        words.push(format!("{}ieth", name.trim_end_matches('y')));
        words.push(format!("{name}th"));
        words.push(name);
    }
    // The longest first: what is found first is taken.
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    format!("(?:{}|and|[-, ])+", words.join("|"))
}

/// The number that the words say; NaN for words that say none.
pub(in crate::jsonata) fn from_words(text: &str) -> f64 {
    let text = text.to_lowercase();
    let mut segments = vec![0.0_f64];
    for word in text
        .split([' ', '-', ',', '\\'])
        .filter(|word| !word.is_empty() && *word != "and")
    {
        let Some(value) = word_value(word) else {
            return f64::NAN;
        };
        let top = segments.pop().unwrap_or(0.0);
        if value >= 100.0 {
            segments.push(top * value);
        } else if top >= 1000.0 {
            segments.push(top);
            segments.push(value);
        } else {
            segments.push(top + value);
        }
    }
    segments.iter().sum()
}

const ROMAN: [(f64, &str); 13] = [
    (1000.0, "m"),
    (900.0, "cm"),
    (500.0, "d"),
    (400.0, "cd"),
    (100.0, "c"),
    (90.0, "xc"),
    (50.0, "l"),
    (40.0, "xl"),
    (10.0, "x"),
    (9.0, "ix"),
    (5.0, "v"),
    (4.0, "iv"),
    (1.0, "i"),
];

/// A Roman numeral in lower case; `None` for a number that would take too many letters.
pub(in crate::jsonata) fn to_roman(mut number: f64) -> Option<String> {
    if number > 1e6 {
        return None;
    }
    let mut text = String::new();
    for (value, numeral) in ROMAN {
        while number >= value {
            text.push_str(numeral);
            number -= value;
        }
    }
    Some(text)
}

pub(in crate::jsonata) fn from_roman(text: &str) -> f64 {
    let mut number = 0.0;
    let mut most = 1.0;
    for letter in text.chars().rev() {
        let letter = letter.to_ascii_lowercase().to_string();
        let value = ROMAN
            .iter()
            .find(|(_, numeral)| *numeral == letter)
            .map_or(f64::NAN, |(value, _)| *value);
        if value < most {
            number -= value;
        } else {
            most = value;
            number += value;
        }
    }
    number
}

/// `a` to `z`, `aa`, `ab`, … from one on.
pub(in crate::jsonata) fn to_letters(mut number: f64, first: char) -> String {
    let mut letters = Vec::new();
    while number > 0.0 && letters.len() < 512 {
        let letter = ((number - 1.0) % 26.0) as u8;
        letters.push(char::from(first as u8 + letter));
        number = ((number - 1.0) / 26.0).floor();
    }
    letters.into_iter().rev().collect()
}

pub(in crate::jsonata) fn from_letters(text: &str, first: char) -> f64 {
    text.chars().fold(0.0, |number, letter| {
        number * 26.0 + f64::from(letter as u32) - f64::from(first as u32) + 1.0
    })
}
