//! Why a crawl failed, as long as the API has it.

/// How many characters the API's model gives an error message (`DescriptionString`).
const LONGEST_MESSAGE: usize = 2048;

/// A message as the API gives it. A refusal quotes what it refuses, which may be as long as a
/// table's widest column: what is told of it first, and what is wrong with it at the end, stay.
pub(super) fn shortened(message: String) -> String {
    const LEFT_OUT: &str = " […] ";
    let length = message.chars().count();
    if length <= LONGEST_MESSAGE {
        return message;
    }
    let half = (LONGEST_MESSAGE - LEFT_OUT.chars().count()) / 2;
    let first = message.chars().take(half);
    let last = message.chars().skip(length - half);
    first.chain(LEFT_OUT.chars()).chain(last).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_message_keeps_its_beginning_and_its_end() {
        let long = format!("Table t: Value '{}' is too long", "é".repeat(200_000));
        let short = shortened(long);
        assert!(short.chars().count() <= LONGEST_MESSAGE);
        assert!(short.starts_with("Table t: Value 'é"), "{short}");
        assert!(short.ends_with("é' is too long"), "{short}");
        assert_eq!(shortened("short".to_owned()), "short");
    }
}
