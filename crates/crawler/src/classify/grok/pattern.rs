//! A grok pattern, compiled to a regular expression.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use fancy_regex::{Regex, RegexBuilder};

use crate::schema::{Field, Type};

/// How deep patterns may name patterns.
const DEPTH: usize = 32;

/// How long a pattern may become when all names in it stand for what they mean.
const LENGTH: usize = 512 * 1024;

/// How often a match may go back before it counts as none.
const BACKTRACKS: usize = 100_000;

/// A field that is matched and makes no column.
const UNWANTED: &str = "UNWANTED";

/// What is wrong with a pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GrokError {
    #[error("the pattern `{0}` is not known")]
    UnknownPattern(String),
    #[error("`{0}` is no type: byte, boolean, double, short, int, long, float and string are")]
    UnknownType(String),
    #[error("the patterns name each other in a circle, or too deep, at `{0}`")]
    TooDeep(String),
    #[error("the pattern is too long when its names are replaced by what they mean")]
    TooLong,
    #[error("the pattern has `%{{` without a `}}` behind it")]
    Unclosed,
    #[error("the pattern has no field: write one as %{{PATTERN:name}}")]
    NoField,
    #[error("it is no regular expression: {0}")]
    Regex(String),
}

/// A pattern that takes lines apart.
#[derive(Clone, Debug)]
pub(crate) struct Grok {
    regex: Arc<Regex>,
    columns: Vec<Field>,
}

impl Grok {
    /// Compiles `pattern`. `custom` has a pattern a line, its name before the first space; they
    /// come before the built-in ones.
    pub fn new(pattern: &str, custom: &str) -> Result<Self, GrokError> {
        let custom = definitions(custom).collect();
        let mut expansion = Expansion {
            custom,
            regex: String::new(),
            columns: Vec::new(),
        };
        expansion.expand(pattern, 0)?;
        if expansion.columns.is_empty() {
            return Err(GrokError::NoField);
        }
        let regex = RegexBuilder::new(&format!("^(?:{})$", expansion.regex))
            .backtrack_limit(BACKTRACKS)
            .build()
            .map_err(|error| GrokError::Regex(error.to_string()))?;
        Ok(Self {
            regex: Arc::new(regex),
            columns: expansion.columns,
        })
    }

    /// The fields, in the order in which they are written.
    pub fn columns(&self) -> &[Field] {
        &self.columns
    }

    /// Whether the whole line is as the pattern says. One that takes too long to tell is not.
    pub fn is_match(&self, line: &str) -> bool {
        self.regex.is_match(line).unwrap_or(false)
    }
}

/// The names and meanings of a list of patterns.
fn definitions(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .filter_map(|line| line.split_once(char::is_whitespace))
        .map(|(name, meaning)| (name, meaning.trim_start()))
}

fn built_in(name: &str) -> Option<&'static str> {
    static PATTERNS: OnceLock<HashMap<&str, &str>> = OnceLock::new();
    let patterns = PATTERNS.get_or_init(|| definitions(include_str!("patterns.txt")).collect());
    patterns.get(name).copied()
}

struct Expansion<'a> {
    custom: HashMap<&'a str, &'a str>,
    regex: String,
    columns: Vec<Field>,
}

impl Expansion<'_> {
    /// Writes what the pattern means to the end of the regular expression.
    fn expand(&mut self, pattern: &str, depth: usize) -> Result<(), GrokError> {
        let mut rest = pattern;
        while let Some(start) = rest.find("%{") {
            self.write(&rest[..start])?;
            let inside = &rest[start + 2..];
            let end = inside.find('}').ok_or(GrokError::Unclosed)?;
            self.reference(&inside[..end], depth)?;
            rest = &inside[end + 1..];
        }
        self.write(rest)
    }

    fn write(&mut self, text: &str) -> Result<(), GrokError> {
        if self.regex.len() + text.len() > LENGTH {
            return Err(GrokError::TooLong);
        }
        self.regex.push_str(text);
        Ok(())
    }

    /// `NAME`, `NAME:field`, `NAME:field:type`.
    fn reference(&mut self, reference: &str, depth: usize) -> Result<(), GrokError> {
        let mut parts = reference.splitn(3, ':').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let meaning = self
            .custom
            .get(name)
            .copied()
            .or_else(|| built_in(name))
            .ok_or_else(|| GrokError::UnknownPattern(name.to_owned()))?;
        if depth >= DEPTH {
            return Err(GrokError::TooDeep(name.to_owned()));
        }
        let field = parts.next().filter(|field| !field.is_empty());
        if let Some(field) = field {
            let data_type = parts.next().map_or(Ok(Type::String), named_type)?;
            self.add(field, data_type);
        }
        let meaning = meaning.to_owned();
        // Groups have no names: what is captured is of no use to a schema.
        self.write("(?:")?;
        self.expand(&meaning, depth + 1)?;
        self.write(")")
    }

    /// Two fields of one name are alternatives, and one column.
    fn add(&mut self, field: &str, data_type: Type) {
        let is_known = self.columns.iter().any(|column| column.name == field);
        if field != UNWANTED && !is_known {
            self.columns.push(Field::new(field, data_type));
        }
    }
}

/// The Hive type that a field's type stands for.
fn named_type(name: &str) -> Result<Type, GrokError> {
    Ok(match name.to_ascii_lowercase().as_str() {
        "byte" => Type::Tinyint,
        "boolean" => Type::Boolean,
        "double" => Type::Double,
        "short" => Type::Smallint,
        "int" => Type::Int,
        "long" => Type::Bigint,
        "float" => Type::Float,
        "string" => Type::String,
        _ => return Err(GrokError::UnknownType(name.to_owned())),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(pattern: &str, custom: &str) -> String {
        let grok = Grok::new(pattern, custom).unwrap();
        let columns = grok.columns().iter();
        let columns: Vec<String> = columns
            .map(|column| format!("{} {}", column.name, column.data_type))
            .collect();
        columns.join(", ")
    }

    #[test]
    fn every_built_in_pattern_compiles() {
        for (name, _) in definitions(include_str!("patterns.txt")) {
            Grok::new(&format!("%{{{name}:field}}"), "")
                .unwrap_or_else(|error| panic!("{name}: {error}"));
        }
    }

    #[test]
    fn fields_are_columns_with_their_types_in_the_order_of_the_pattern() {
        assert_eq!(
            columns(
                "%{NUMBER:num:int} %{DATA:note} %{NUMBER:cost:double} %{INT:big:long}",
                ""
            ),
            "num int, note string, cost double, big bigint"
        );
        assert_eq!(
            columns("%{SYSLOGBASE} %{GREEDYDATA:message}", ""),
            "timestamp string, facility string, priority string, logsource string, \
             program string, pid string, message string"
        );
    }

    #[test]
    fn the_guides_example_matches_with_its_own_patterns() {
        let custom =
            "CRAWLERLOGLEVEL (BENCHMARK|ERROR|WARN|INFO|TRACE)\nMESSAGEPREFIX .*-.*-.*-.*-.*";
        let pattern = "%{TIMESTAMP_ISO8601:timestamp} \\[%{MESSAGEPREFIX:message_prefix}\\] \
                       %{CRAWLERLOGLEVEL:loglevel} : %{GREEDYDATA:message}";
        let grok = Grok::new(pattern, custom).unwrap();
        let line = "2017-03-30 21:30:12 [28f1b6a0-95d2-4f3b-8d5c-0c9a1f9d3c11] INFO : started";
        assert!(grok.is_match(line));
        assert!(!grok.is_match("started"));
        assert_eq!(
            columns(pattern, custom),
            "timestamp string, message_prefix string, loglevel string, message string"
        );
    }

    #[test]
    fn a_custom_pattern_comes_before_the_built_in_one_of_its_name() {
        let grok = Grok::new("%{WORD:w}", "WORD [a-c]+").unwrap();
        assert!(grok.is_match("abc"));
        assert!(!grok.is_match("abd"));
    }

    #[test]
    fn what_is_wrong_is_said() {
        let error = |pattern, custom| Grok::new(pattern, custom).map(|_| ()).unwrap_err();
        assert_eq!(
            error("%{NONE:a}", ""),
            GrokError::UnknownPattern("NONE".into())
        );
        assert_eq!(
            error("%{INT:a:date}", ""),
            GrokError::UnknownType("date".into())
        );
        assert_eq!(
            error("%{A:a}", "A %{B}\nB %{A}"),
            GrokError::TooDeep("A".into())
        );
        assert_eq!(error("%{INT:a", ""), GrokError::Unclosed);
        assert_eq!(error("%{INT}", ""), GrokError::NoField);
        assert!(matches!(error("%{INT:a}(", ""), GrokError::Regex(_)));
        // Each name stands for eight of the next.
        let mut doubled = String::new();
        for n in 0..12 {
            let next = format!("%{{P{}}}", n + 1).repeat(8);
            doubled.push_str(&format!("P{n} {next}\n"));
        }
        assert_eq!(
            error("%{P0:a}", &format!("{doubled}P12 x")),
            GrokError::TooLong
        );
    }

    #[test]
    fn a_pattern_that_goes_back_and_forth_ends_soon_and_matches_nothing() {
        let grok = Grok::new("%{EVIL:a}", r"EVIL (?<!x)(a+)+b").unwrap();
        assert!(!grok.is_match(&"a".repeat(200)));
    }
}
