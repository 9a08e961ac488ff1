//! Filter patterns of unstructured events: terms of which all, any or none occur.
//!
//! Source: "Filter pattern syntax", CloudWatch Logs user guide.

use crate::error::ServiceError;

/// What an event's message has to hold.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Pattern {
    all: Vec<String>,
    any: Vec<String>,
    none: Vec<String>,
}

impl Pattern {
    /// Parses `ERROR "two words" -debug ?this ?that`; patterns of JSON and of columns are refused.
    pub fn parse(text: &str) -> Result<Self, ServiceError> {
        let text = text.trim();
        if text.starts_with(['{', '[', '%']) {
            return Err(ServiceError::not_supported(
                "logs",
                &format!("FilterLogEvents with the pattern {text}"),
            ));
        }
        let mut pattern = Self::default();
        let mut rest = text;
        while !rest.is_empty() {
            let (list, term) = if let Some(term) = rest.strip_prefix('?') {
                (&mut pattern.any, term)
            } else if let Some(term) = rest.strip_prefix('-') {
                (&mut pattern.none, term)
            } else {
                (&mut pattern.all, rest)
            };
            let (term, behind) = match term.strip_prefix('"') {
                Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
                None => term.split_once(char::is_whitespace).unwrap_or((term, "")),
            };
            if !term.is_empty() {
                list.push(term.to_owned());
            }
            rest = behind.trim_start();
        }
        Ok(pattern)
    }

    pub fn matches(&self, message: &str) -> bool {
        let holds = |term: &String| message.contains(term.as_str());
        self.all.iter().all(holds)
            && (self.any.is_empty() || self.any.iter().any(holds))
            && !self.none.iter().any(holds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_all_any_and_none() {
        let matches =
            |pattern: &str, message: &str| Pattern::parse(pattern).unwrap().matches(message);
        assert!(matches("", "anything"));
        assert!(matches("ERROR films", "ERROR in films"));
        assert!(!matches("ERROR films", "ERROR in books"));
        assert!(matches("?WARN ?ERROR", "a WARN"));
        assert!(!matches("ERROR -retried", "ERROR retried"));
        assert!(matches("\"two words\"", "these two words"));
        assert!(!matches("\"two words\"", "two other words"));
    }

    #[test]
    fn what_is_not_there_is_refused_by_name() {
        let error = Pattern::parse("{ $.level = \"ERROR\" }").unwrap_err();
        assert!(error.message.contains("$.level"));
    }
}
