//! Patterns of SHOW: `*` for any characters, `|` between alternatives, else a regular expression.

use regex::Regex;

use crate::error::Error;

pub struct NamePattern(Option<Regex>);

impl NamePattern {
    pub fn new(pattern: Option<&str>) -> Result<Self, Error> {
        let Some(pattern) = pattern else {
            return Ok(Self(None));
        };
        let alternatives: Vec<String> = pattern
            .split('|')
            .map(|part| part.trim().replace(".*", "*").replace('*', ".*"))
            .collect();
        let text = format!("(?i)^(?:{})$", alternatives.join("|"));
        Regex::new(&text)
            .map(|regex| Self(Some(regex)))
            .map_err(|error| {
                Error::user("", format!("'{pattern}' is no pattern of names: {error}"))
            })
    }

    pub fn matches(&self, name: &str) -> bool {
        self.0.as_ref().is_none_or(|regex| regex.is_match(name))
    }
}
