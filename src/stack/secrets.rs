//! Values that are never printed.

use std::borrow::Cow;
use std::fmt;
use std::fmt::Write as _;

use serde_json::Value;

use crate::output::human;

/// What stands where a secret was.
pub const HIDDEN: &str = "(sensitive)";

/// The texts of sensitive variables.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secrets {
    count: usize,
    /// Each secret in every form that it is written in, longer ones first: one may hold another.
    forms: Vec<String>,
}

impl Secrets {
    /// Shorter texts occur by chance in what is no secret.
    pub const LEAST_CHARACTERS: usize = 4;

    pub fn new(mut texts: Vec<String>) -> Self {
        let is_long = |text: &str| text.chars().count() >= Self::LEAST_CHARACTERS;
        texts.retain(|text| is_long(text));
        texts.sort();
        texts.dedup();
        // A difference of two texts is shown line by line.
        let lines = texts.iter().flat_map(|text| text.lines());
        let parts = texts.iter().map(String::as_str).chain(lines);
        let mut forms: Vec<String> = parts
            .filter(|part| is_long(part.trim()))
            .flat_map(forms)
            .collect();
        forms.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        forms.dedup();
        Self {
            count: texts.len(),
            forms,
        }
    }

    /// The text with `(sensitive)` in place of every secret: as it is, as people are shown it, and as
    /// JSON, XML, a form of HTTP or a log writes it.
    pub fn hide<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut hidden = Cow::Borrowed(text);
        for form in &self.forms {
            if hidden.contains(form) {
                hidden = Cow::Owned(hidden.replace(form, HIDDEN));
            }
        }
        hidden
    }

    /// The text with a star for every character of a secret, as many bytes long, so that places
    /// in it stay what they are.
    pub fn mask<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut masked = Cow::Borrowed(text);
        for form in &self.forms {
            if masked.contains(form) {
                masked = Cow::Owned(masked.replace(form, &stars(form)));
            }
        }
        masked
    }

    pub fn are_in(&self, text: &str) -> bool {
        self.forms.iter().any(|form| text.contains(form))
    }

    /// Takes secrets out of a value, and out of what stands in the same places of the value that
    /// was there before: that is what the secret was.
    pub fn hide_in(&self, new: &mut Value, old: &mut Value) {
        if self.forms.is_empty() {
            return;
        }
        if let (Value::Object(new), Value::Object(old)) = (&mut *new, &mut *old) {
            for (key, new) in new.iter_mut() {
                self.hide_in(new, old.get_mut(key).unwrap_or(&mut Value::Null));
            }
            for value in old.values_mut() {
                self.hide_value(value);
            }
            return;
        }
        if self.hide_value(new) && *old != *new {
            hide_texts(old);
        }
        self.hide_value(old);
    }

    /// Takes secrets out of a value; says whether one was in it.
    pub fn hide_value(&self, value: &mut Value) -> bool {
        match value {
            Value::String(text) => {
                let is_in = self.are_in(text);
                if is_in {
                    *text = self.hide(text).into_owned();
                }
                is_in
            }
            Value::Array(list) => list
                .iter_mut()
                .fold(false, |found, value| self.hide_value(value) | found),
            Value::Object(map) => map
                .values_mut()
                .fold(false, |found, value| self.hide_value(value) | found),
            Value::Null | Value::Bool(_) | Value::Number(_) => false,
        }
    }
}

/// A star for each character, of as many bytes.
fn stars(text: &str) -> String {
    let star = |c: char| match c.len_utf8() {
        1 => '*',
        2 => '·',
        3 => '•',
        _ => '🟄',
    };
    text.chars().map(star).collect()
}

/// Hides every text of a value.
fn hide_texts(value: &mut Value) {
    match value {
        Value::String(text) if !text.is_empty() => HIDDEN.clone_into(text),
        Value::Array(list) => list.iter_mut().for_each(hide_texts),
        Value::Object(map) => map.values_mut().for_each(hide_texts),
        _ => {}
    }
}

/// A text in each form that somebody may write it in.
fn forms(text: &str) -> Vec<String> {
    let quoted = Value::from(text).to_string();
    let mut written = vec![
        text.to_owned(),
        quoted[1..quoted.len() - 1].to_owned(),
        text.replace('"', "\"\""),
        in_xml(text, true),
        in_xml(text, false),
        percent(text, "%20"),
        percent(text, "+"),
        human::on_one_line(text),
        human::on_its_lines(text),
    ];
    written.sort();
    written.dedup();
    // A log writes a text as Rust does, and the bytes of a body likewise.
    let logged: Vec<String> = written
        .iter()
        .flat_map(|form| {
            let logged = format!("{form:?}");
            [logged[1..logged.len() - 1].to_owned(), of_bytes(form)]
        })
        .collect();
    written.extend(logged);
    written
}

fn in_xml(text: &str, quotes: bool) -> String {
    let mut xml = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => xml.push_str("&amp;"),
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '"' if quotes => xml.push_str("&quot;"),
            '\'' if quotes => xml.push_str("&apos;"),
            '\n' if quotes => xml.push_str("&#xA;"),
            '\r' if quotes => xml.push_str("&#xD;"),
            c => xml.push(c),
        }
    }
    xml
}

/// As in a URL, or in a form that is sent.
fn percent(text: &str, space: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b' ' => encoded.push_str(space),
            b'-' | b'.' | b'_' | b'~' => encoded.push(char::from(byte)),
            byte if byte.is_ascii_alphanumeric() => encoded.push(char::from(byte)),
            // Writing to a text does not fail.
            byte => drop(write!(encoded, "%{byte:02X}")),
        }
    }
    encoded
}

/// As the bytes of a body are logged: `\xc3\xbc` for what is not of ASCII.
fn of_bytes(text: &str) -> String {
    text.bytes()
        .flat_map(|byte| match byte {
            b'\'' => vec![b'\''],
            b'\0' => b"\\0".to_vec(),
            byte => std::ascii::escape_default(byte).collect(),
        })
        .map(char::from)
        .collect()
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secrets({})", self.count)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_secret_is_hidden_as_it_is_and_as_json_writes_it() {
        let secrets = Secrets::new(vec!["pa\"ss".to_owned(), "pa\"ssword".to_owned()]);
        assert_eq!(
            secrets.hide(r#"x pa"ssword {"a": "pa\"ss"}"#),
            r#"x (sensitive) {"a": "(sensitive)"}"#
        );
        assert_eq!(format!("{secrets:?}"), "Secrets(2)");
    }

    #[test]
    fn a_secret_is_hidden_in_the_form_of_every_protocol_and_of_a_log() {
        let secret = "p\"<ü> &'\n1";
        let secrets = Secrets::new(vec![secret.to_owned()]);
        let json = json!({ "a": secret }).to_string();
        for text in [
            secret.to_owned(),
            json.clone(),
            format!("{json:?}"),
            // The bytes of a body leave an apostrophe as it is.
            json.as_bytes()
                .escape_ascii()
                .to_string()
                .replace("\\'", "'"),
            format!("{secret:?}"),
            "<a>p&quot;&lt;ü&gt; &amp;&apos;&#xA;1</a>".to_owned(),
            "a=p%22%3C%C3%BC%3E%20%26%27%0A1".to_owned(),
            "a=p%22%3C%C3%BC%3E+%26%27%0A1".to_owned(),
            "\"p\"\"<ü> &'\n1\"".to_owned(),
        ] {
            let hidden = secrets.hide(&text);
            assert!(hidden.contains(HIDDEN), "{text}");
            let left = hidden.replace(HIDDEN, "");
            assert!(!left.contains('1') && !left.contains('ü'), "{text}: {left}");
        }
    }

    #[test]
    fn each_line_of_a_secret_is_hidden_where_it_is_shown_alone() {
        let secrets = Secrets::new(vec!["first line\nsecond line\n}".to_owned()]);
        assert_eq!(
            secrets.hide("+ first line\n+ second line\n+ }"),
            "+ (sensitive)\n+ (sensitive)\n+ }"
        );
    }

    #[test]
    fn what_holds_no_secret_is_not_copied() {
        let secrets = Secrets::new(vec!["hunter2".to_owned(), "a".to_owned()]);
        assert!(matches!(secrets.hide("a b c"), Cow::Borrowed("a b c")));
    }

    #[test]
    fn a_masked_text_keeps_its_places() {
        let secrets = Secrets::new(vec!["hunter2".to_owned()]);
        assert_eq!(secrets.mask("a = \"hunter2\" # b"), "a = \"*******\" # b");
        for text in ["hunter2", "hüñter", "狩人狩人", "🏹🏹🏹🏹"] {
            let masked = Secrets::new(vec![text.to_owned()]).mask(text).into_owned();
            assert_ne!(masked, text);
            assert_eq!(masked.len(), text.len());
            assert_eq!(masked.chars().count(), text.chars().count());
        }
    }

    #[test]
    fn what_a_secret_was_before_is_hidden_with_it() {
        let secrets = Secrets::new(vec!["hunter2".to_owned()]);
        let mut old = json!({"token": "hunter1", "team": "films"});
        let mut new = json!({"token": "x-hunter2", "team": "data"});
        secrets.hide_in(&mut new, &mut old);
        assert_eq!(new, json!({"token": "x-(sensitive)", "team": "data"}));
        assert_eq!(old, json!({"token": "(sensitive)", "team": "films"}));
        let (mut old, mut new) = (json!("hunter1"), json!("hunter2"));
        secrets.hide_in(&mut new, &mut old);
        assert_eq!((new, old), (json!("(sensitive)"), json!("(sensitive)")));
        // What went away with its variable is known by what it is.
        let (mut old, mut new) = (json!(["hunter2", "a"]), json!(["a"]));
        secrets.hide_in(&mut new, &mut old);
        assert_eq!((new, old), (json!(["a"]), json!(["(sensitive)", "a"])));
    }
}
