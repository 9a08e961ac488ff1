//! Sizes, times and money as people read them.

use std::time::Duration;

/// `0 B`, `9.8 KB`, `1.2 GB`: decimal, as Athena bills.
pub fn bytes(count: u64) -> String {
    const UNITS: [&str; 6] = ["B", "KB", "MB", "GB", "TB", "PB"];
    let mut value = count as f64;
    let mut unit = 0;
    while value >= 999.5 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    if unit == 0 {
        return format!("{count} B");
    }
    let digits = usize::from(value < 99.95);
    format!("{value:.digits$} {}", UNITS[unit])
}

/// `0.04 s`, `3.2 s`, `4 min 10 s`, `2 h 5 min`.
pub fn duration(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    match seconds {
        s if s < 1.0 => format!("{s:.2} s"),
        s if s < 60.0 => format!("{s:.1} s"),
        s if s < 3600.0 => format!("{} min {} s", s as u64 / 60, s as u64 % 60),
        s => format!("{} h {} min", s as u64 / 3600, s as u64 % 3600 / 60),
    }
}

/// `1,234,567`.
pub fn count(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// What a terminal would obey and not show: control characters, and those that turn the direction
/// of writing.
fn is_odd(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A text without what would break a line or a terminal: line ends, other control characters, and
/// those that turn the direction of writing.
pub fn on_one_line(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\n' => '⏎',
            '\t' => ' ',
            c if is_odd(c) => '·',
            c => c,
        })
        .collect()
}

/// A text of any number of lines without what would break a terminal: line ends and tabs stay.
pub fn on_its_lines(text: &str) -> String {
    text.replace("\r\n", "\n")
        .chars()
        .map(|c| match c {
            '\n' | '\t' => c,
            c if is_odd(c) => '·',
            c => c,
        })
        .collect()
}

/// The same of a text that is painted: what sets colours stays too.
pub fn painted(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\x1b') {
        shown.push_str(&on_its_lines(&rest[..at]));
        let escape = &rest[at..];
        let length = match colour(escape) {
            Some(length) => {
                shown.push_str(&escape[..length]);
                length
            }
            None => {
                shown.push('·');
                1
            }
        };
        rest = &escape[length..];
    }
    shown.push_str(&on_its_lines(rest));
    shown
}

/// How many bytes the sequence takes that a text begins with, if it only sets colours: `ESC [ 1 m`
/// (ECMA-48, "SGR").
fn colour(text: &str) -> Option<usize> {
    let inside = text.strip_prefix("\x1b[")?;
    let end = inside.find(|c: char| !c.is_ascii_digit() && c != ';')?;
    inside[end..].starts_with('m').then_some(2 + end + 1)
}

/// A JSON document without what would break a terminal: JSON itself escapes only some control
/// characters, and the others are written as `\u009b` here, which means the same.
pub fn json(text: String) -> String {
    let is_raw = |c: char| c != '\n' && is_odd(c);
    if !text.contains(is_raw) {
        return text;
    }
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if is_raw(c) {
            escaped.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            escaped.push(c);
        }
    }
    escaped
}

/// `1 table`, `3 tables`.
pub fn plural(number: usize, one: &str) -> String {
    let many = match one.strip_suffix('y') {
        Some(stem) if !one.ends_with("ay") && !one.ends_with("ey") => format!("{stem}ies"),
        _ => format!("{one}s"),
    };
    format!(
        "{} {}",
        count(number),
        if number == 1 { one } else { &many }
    )
}

/// Dollars: cents matter when there are few of them.
pub fn dollars(amount: f64) -> String {
    if amount == 0.0 {
        "nothing".to_owned()
    } else if amount < 0.01 {
        format!("${amount:.6}")
    } else {
        format!("${amount:.2}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_times_and_money_read_as_people_say_them() {
        assert_eq!(bytes(0), "0 B");
        assert_eq!(bytes(999), "999 B");
        assert_eq!(bytes(9_812), "9.8 KB");
        assert_eq!(bytes(999_950), "1.0 MB");
        assert_eq!(bytes(123_456_789), "123 MB");
        assert_eq!(duration(Duration::from_millis(42)), "0.04 s");
        assert_eq!(duration(Duration::from_secs(250)), "4 min 10 s");
        assert_eq!(duration(Duration::from_mins(125)), "2 h 5 min");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(plural(1, "query"), "1 query");
        assert_eq!(plural(2, "query"), "2 queries");
        assert_eq!(dollars(0.000_047_7), "$0.000048");
        assert_eq!(dollars(12.345), "$12.35");
    }

    #[test]
    fn no_text_commands_a_terminal() {
        let evil = "a\x1b[2Jb\x1b]0;title\x07\r\nc\td\u{9b}3me\u{202e}f\x1b[32mg";
        assert_eq!(on_one_line(evil), "a·[2Jb·]0;title··⏎c d·3me·f·[32mg");
        assert_eq!(on_its_lines(evil), "a·[2Jb·]0;title·\nc\td·3me·f·[32mg");
        assert_eq!(painted(evil), "a·[2Jb·]0;title·\nc\td·3me·f\x1b[32mg");
        assert_eq!(
            painted("\x1b[1;31merror\x1b[0m\x1b["),
            "\x1b[1;31merror\x1b[0m·["
        );
        assert_eq!(painted("größe"), "größe");
    }

    #[test]
    fn json_says_the_same_with_escapes() {
        let value = serde_json::json!({"a": "\u{9b}32m\x7f\x1bé"});
        let written = json(format!("{value:#}"));
        assert_eq!(written, "{\n  \"a\": \"\\u009b32m\\u007f\\u001bé\"\n}");
        let read: serde_json::Value = serde_json::from_str(&written).expect("it is JSON");
        assert_eq!(read, value);
    }
}
