//! The input of an execution, as `--input` says it.

use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, bail};

use crate::json;
use crate::output::human;

/// The longest input, in bytes of UTF-8 (`StartExecution` and `StartSyncExecution` in the API reference
/// of Step Functions).
const MAX_BYTES: usize = asl::limits::MAX_PAYLOAD;

/// The JSON that `--input` gives: itself, what is in the FILE of `@FILE`, or stdin of `-`. Fails where
/// that is no JSON, or longer than Step Functions takes.
pub fn read(given: &str) -> anyhow::Result<String> {
    let text = match given.strip_prefix('@') {
        Some("") => bail!("--input @ names no file\n  help: `@FILE` is the JSON of a file, `-` is that of stdin"),
        Some(file) => {
            std::fs::read_to_string(file).with_context(|| format!("cannot read {file}"))?
        }
        None if given == "-" => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text).context("cannot read stdin")?;
            text
        }
        None => given.to_owned(),
    };
    checked(given, &text)
}

fn checked(given: &str, text: &str) -> anyhow::Result<String> {
    // Some editors begin a file with a byte order mark.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim().is_empty() {
        let what = match given.strip_prefix('@') {
            Some(file) => file,
            None if given == "-" => "stdin",
            None => "--input",
        };
        bail!("{what} is empty, and an input is JSON\n  help: `{{}}` is one that says nothing");
    }
    if text.len() > MAX_BYTES {
        let (bytes, most) = (human::count(text.len()), human::count(MAX_BYTES));
        bail!("the input has {bytes} bytes, and Step Functions takes {most}");
    }
    match json::parse(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(error) if is_a_file(given) => {
            bail!("--input is not JSON: {error}\n  help: `--input @{given}` takes the file")
        }
        Err(error) => bail!("--input is not JSON: {error}"),
    }
}

/// Whether what is given is the name of a file, whose `@` was forgotten.
fn is_a_file(given: &str) -> bool {
    given != "-" && !given.starts_with('@') && Path::new(given).is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(given: &str, text: &str) -> String {
        let error = checked(given, text).expect_err("no input");
        error.to_string()
    }

    #[test]
    fn an_input_is_json_with_or_without_a_byte_order_mark() {
        let text = checked("@day.json", "\u{feff}{\"day\": 1}\n").expect("an input");
        assert_eq!(text, "{\"day\": 1}\n");
        let wrong = told("{day}", "{day}");
        assert!(wrong.starts_with("--input is not JSON: key must be"), "{wrong}");
    }

    #[test]
    fn an_input_has_as_many_levels_as_step_functions_takes() {
        let nested = |levels: usize| format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
        assert_eq!(checked("-", &nested(1000)).expect("an input"), nested(1000));
        assert_eq!(
            told("-", &nested(1001)),
            "--input is not JSON: The document is nested deeper than 1000 levels."
        );
    }

    #[test]
    fn a_sign_without_a_file_is_told() {
        let error = read("@").expect_err("no file");
        assert!(error.to_string().starts_with("--input @ names no file"));
    }

    #[test]
    fn what_is_empty_is_named() {
        assert!(told("-", "\n").starts_with("stdin is empty"));
        assert!(told("@day.json", "").starts_with("day.json is empty"));
        assert!(told(" ", " ").starts_with("--input is empty"));
    }

    #[test]
    fn a_file_without_its_sign_is_suspected() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let name = file.path().display().to_string();
        let expected = format!("help: `--input @{name}` takes the file");
        let wrong = told(&name, &name);
        assert!(wrong.ends_with(&expected), "{wrong}");
    }

    #[test]
    fn an_input_that_is_too_long_is_not_sent() {
        let fits = format!("\"{}\"", "é".repeat(131_071));
        assert_eq!(checked(&fits, &fits).expect("an input").len(), 262_144);
        let wrong = told("-", &format!(" {fits}"));
        assert_eq!(
            wrong,
            "the input has 262,145 bytes, and Step Functions takes 262,144"
        );
    }
}
