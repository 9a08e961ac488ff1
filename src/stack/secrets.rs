//! Values that are never printed.

use std::borrow::Cow;
use std::fmt;

/// What stands where a secret was.
pub const HIDDEN: &str = "(sensitive)";

/// The texts of sensitive variables.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secrets(Vec<String>);

impl Secrets {
    /// Shorter texts occur by chance in what is no secret.
    pub const LEAST_CHARACTERS: usize = 4;

    /// Longer texts go first: one may hold another.
    pub fn new(mut texts: Vec<String>) -> Self {
        texts.retain(|text| text.chars().count() >= Self::LEAST_CHARACTERS);
        texts.sort_by_key(|text| std::cmp::Reverse(text.len()));
        texts.dedup();
        Self(texts)
    }

    /// The text with `(sensitive)` in place of every secret, as it is or as JSON writes it.
    pub fn hide<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut hidden = Cow::Borrowed(text);
        for secret in &self.0 {
            let quoted = serde_json::Value::from(secret.as_str()).to_string();
            for form in [secret.as_str(), &quoted[1..quoted.len() - 1]] {
                if hidden.contains(form) {
                    hidden = Cow::Owned(hidden.replace(form, HIDDEN));
                }
            }
        }
        hidden
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secrets({})", self.0.len())
    }
}

#[cfg(test)]
mod tests {
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
    fn what_holds_no_secret_is_not_copied() {
        let secrets = Secrets::new(vec!["hunter2".to_owned(), "a".to_owned()]);
        assert!(matches!(secrets.hide("a b c"), Cow::Borrowed("a b c")));
    }
}
