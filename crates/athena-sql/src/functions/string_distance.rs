//! How words sound, how far they are apart, their stems, and what checks them.

use rust_stemmers::{Algorithm, Stemmer};

use super::{Function, invalid_argument, scalar};
use crate::error::Error;
use crate::types::Value;

pub fn functions() -> Vec<Function> {
    vec![
        scalar(
            "levenshtein_distance(varchar, varchar) -> bigint",
            |_, a| levenshtein(a[0].as_str(), a[1].as_str()),
        ),
        scalar("hamming_distance(varchar, varchar) -> bigint", |_, a| {
            hamming(a[0].as_str(), a[1].as_str())
        }),
        scalar("soundex(varchar) -> varchar(4)", |_, a| {
            soundex(a[0].as_str())
        }),
        scalar("luhn_check(varchar) -> boolean", |_, a| luhn(a[0].as_str())),
        scalar("word_stem(varchar) -> varchar", |_, a| {
            stem(a[0].as_str(), "en")
        }),
        scalar("word_stem(varchar, varchar) -> varchar", |_, a| {
            stem(a[0].as_str(), a[1].as_str())
        }),
    ]
}

fn levenshtein(left: &str, right: &str) -> Result<Value, Error> {
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    if left.len().min(right.len()).saturating_sub(1) * left.len().max(right.len()) > 1_000_000 {
        return Err(invalid_argument(
            "The combined inputs for Levenshtein distance are too large",
        ));
    }
    let mut distances: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.iter().enumerate() {
        let mut diagonal = i;
        distances[0] = i + 1;
        for (j, b) in right.iter().enumerate() {
            let above = distances[j + 1];
            distances[j + 1] = if a == b {
                diagonal
            } else {
                1 + diagonal.min(above).min(distances[j])
            };
            diagonal = above;
        }
    }
    Ok(Value::Integer(distances[right.len()] as i64))
}

fn hamming(left: &str, right: &str) -> Result<Value, Error> {
    if left.chars().count() != right.chars().count() {
        return Err(invalid_argument(
            "The input strings to hamming_distance function must have the same length",
        ));
    }
    let differing = left.chars().zip(right.chars()).filter(|(a, b)| a != b);
    Ok(Value::Integer(differing.count() as i64))
}

/// The code of American English: a letter and three digits.
fn soundex(text: &str) -> Result<Value, Error> {
    let letters: Vec<char> = text.chars().filter(|c| c.is_alphabetic()).collect();
    let code = |c: char| match c {
        'B' | 'F' | 'P' | 'V' => Some('1'),
        'C' | 'G' | 'J' | 'K' | 'Q' | 'S' | 'X' | 'Z' => Some('2'),
        'D' | 'T' => Some('3'),
        'L' => Some('4'),
        'M' | 'N' => Some('5'),
        'R' => Some('6'),
        _ => None,
    };
    let mut out = String::new();
    let mut last = None;
    for c in letters {
        let upper = c.to_ascii_uppercase();
        if !upper.is_ascii_uppercase() {
            return Err(invalid_argument(format!(
                "The character is not mapped: {c}"
            )));
        }
        if out.is_empty() {
            out.push(upper);
            last = code(upper);
            continue;
        }
        // H and W part no two letters of one code; vowels do.
        if matches!(upper, 'H' | 'W') {
            continue;
        }
        let digit = code(upper);
        if let Some(digit) = digit
            && last != Some(digit)
            && out.len() < 4
        {
            out.push(digit);
        }
        last = digit;
    }
    if out.is_empty() {
        return Ok(Value::text(""));
    }
    Ok(Value::text(format!("{out:0<4}")))
}

/// Whether a number's last digit is what Luhn's algorithm gives.
fn luhn(text: &str) -> Result<Value, Error> {
    if text.is_empty() {
        return Ok(Value::Boolean(false));
    }
    let digits: Vec<u32> = text
        .chars()
        .rev()
        .map(|c| c.to_digit(10))
        .collect::<Option<_>>()
        .ok_or_else(|| invalid_argument("Input is not numeric"))?;
    let sum: u32 = digits
        .iter()
        .enumerate()
        .map(|(i, d)| match d * 2 {
            _ if i.is_multiple_of(2) => *d,
            twice if twice > 9 => twice - 9,
            twice => twice,
        })
        .sum();
    Ok(Value::Boolean(sum.is_multiple_of(10)))
}

fn stem(word: &str, language: &str) -> Result<Value, Error> {
    let algorithm = match language {
        "da" => Algorithm::Danish,
        "de" => Algorithm::German,
        "en" => Algorithm::English,
        "es" => Algorithm::Spanish,
        "fi" => Algorithm::Finnish,
        "fr" => Algorithm::French,
        "hu" => Algorithm::Hungarian,
        "it" => Algorithm::Italian,
        "nl" => Algorithm::Dutch,
        "no" => Algorithm::Norwegian,
        "pt" => Algorithm::Portuguese,
        "ro" => Algorithm::Romanian,
        "ru" => Algorithm::Russian,
        "sv" => Algorithm::Swedish,
        "tr" => Algorithm::Turkish,
        "ca" | "eu" | "hy" | "ir" | "lt" => {
            return Err(Error::not_supported(format!("word_stem for '{language}'")));
        }
        _ => {
            return Err(invalid_argument(format!(
                "Unknown stemmer language: {language}"
            )));
        }
    };
    Ok(Value::text(Stemmer::create(algorithm).stem(word).as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_count_what_differs() {
        assert_eq!(levenshtein("kitten", "sitting"), Ok(Value::Integer(3)));
        assert_eq!(levenshtein("", "abc"), Ok(Value::Integer(3)));
        assert_eq!(hamming("hello", "jello"), Ok(Value::Integer(1)));
    }

    #[test]
    fn names_that_sound_alike_have_one_code() {
        for (name, code) in [
            ("Robert", "R163"),
            ("Rupert", "R163"),
            ("Tymczak", "T522"),
            ("John", "J500"),
        ] {
            assert_eq!(soundex(name), Ok(Value::text(code)));
        }
    }
}
