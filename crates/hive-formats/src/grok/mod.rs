//! Grok: lines that one regular expression takes apart, written with patterns that have names.
//!
//! Source: AWS's Glue developer guide, "Writing grok custom classifiers" and its list of built-in
//! patterns; the Athena user guide, "Grok SerDe".

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use fancy_regex::{Captures, Regex, RegexBuilder};

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
    #[error("it takes too long to match: {0}")]
    TooSlow(String),
}

/// What a field of a pattern is said to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldType {
    Byte,
    Boolean,
    Double,
    Short,
    Int,
    Long,
    Float,
    String,
}

/// A field of a pattern: a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrokField {
    pub name: String,
    pub data_type: FieldType,
    /// The groups that capture it, by their numbers: more than one where alternatives have it.
    groups: Vec<usize>,
}

impl GrokField {
    /// What was captured of the field; `None` where no alternative that has it took part.
    pub fn of<'t>(&self, captures: &Captures<'t, str>) -> Option<&'t str> {
        let mut groups = self.groups.iter();
        groups.find_map(|group| captures.get(*group).map(|found| found.as_str()))
    }
}

/// A pattern that takes lines apart.
#[derive(Clone, Debug)]
pub struct Grok {
    regex: Arc<Regex>,
    fields: Vec<GrokField>,
}

impl Grok {
    /// Compiles `pattern`. `custom` has a pattern a line, its name before the first space; they
    /// come before the built-in ones.
    pub fn new(pattern: &str, custom: &str) -> Result<Self, GrokError> {
        let custom = definitions(custom).collect();
        let mut expansion = Expansion {
            custom,
            regex: String::new(),
            fields: Vec::new(),
        };
        expansion.expand(pattern, 0)?;
        if expansion.fields.is_empty() {
            return Err(GrokError::NoField);
        }
        let regex = RegexBuilder::new(&format!("^(?:{})$", expansion.regex))
            .backtrack_limit(BACKTRACKS)
            .build()
            .map_err(|error| GrokError::Regex(error.to_string()))?;
        let names: HashMap<&str, usize> = regex
            .capture_names()
            .enumerate()
            .filter_map(|(group, name)| Some((name?, group)))
            .collect();
        let mut fields: Vec<GrokField> = Vec::new();
        for (n, (name, data_type)) in expansion.fields.into_iter().enumerate() {
            let group = names.get(group_name(n).as_str()).copied();
            // Two fields of one name are alternatives, and one column.
            match fields.iter_mut().find(|field| field.name == name) {
                Some(field) => field.groups.extend(group),
                None => fields.push(GrokField {
                    name,
                    data_type,
                    groups: group.into_iter().collect(),
                }),
            }
        }
        Ok(Self {
            regex: Arc::new(regex),
            fields,
        })
    }

    /// The fields, in the order in which they are written.
    pub fn fields(&self) -> &[GrokField] {
        &self.fields
    }

    /// Whether the whole line is as the pattern says. One that takes too long to tell is not.
    pub fn is_match(&self, line: &str) -> bool {
        self.regex.is_match(line).unwrap_or(false)
    }

    /// What a line that is as the pattern says has in its fields; nothing of another line. An error
    /// is of a line that takes too long to tell.
    pub fn captures<'t>(&self, line: &'t str) -> Result<Option<Captures<'t, str>>, GrokError> {
        let found = self.regex.captures(line);
        found.map_err(|error| GrokError::TooSlow(error.to_string()))
    }
}

/// The name of the group of field number `n`, counting each time that a field is written.
fn group_name(n: usize) -> String {
    format!("grok_field_{n}")
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
    /// Each time that a field is written.
    fields: Vec<(String, FieldType)>,
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
        let mut open = "(?:".to_owned();
        if let Some(field) = field {
            let data_type = parts.next().map_or(Ok(FieldType::String), named_type)?;
            if field != UNWANTED {
                open = format!("(?<{}>", group_name(self.fields.len()));
                self.fields.push((field.to_owned(), data_type));
            }
        }
        let meaning = meaning.to_owned();
        self.write(&open)?;
        self.expand(&meaning, depth + 1)?;
        self.write(")")
    }
}

/// What the name of a field's type stands for.
fn named_type(name: &str) -> Result<FieldType, GrokError> {
    Ok(match name.to_ascii_lowercase().as_str() {
        "byte" => FieldType::Byte,
        "boolean" => FieldType::Boolean,
        "double" => FieldType::Double,
        "short" => FieldType::Short,
        "int" => FieldType::Int,
        "long" => FieldType::Long,
        "float" => FieldType::Float,
        "string" => FieldType::String,
        _ => return Err(GrokError::UnknownType(name.to_owned())),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pattern: &str, custom: &str) -> String {
        let grok = Grok::new(pattern, custom).unwrap();
        let fields = grok.fields().iter();
        let fields: Vec<String> = fields
            .map(|field| format!("{} {:?}", field.name, field.data_type))
            .collect();
        fields.join(", ")
    }

    fn found(grok: &Grok, line: &str) -> Option<Vec<Option<String>>> {
        let captures = grok.captures(line).unwrap()?;
        let fields = grok.fields().iter();
        let values = fields.map(|field| field.of(&captures).map(str::to_owned));
        Some(values.collect())
    }

    #[test]
    fn a_line_is_taken_apart_by_the_names_of_its_fields() {
        // The groups of patterns count for nothing, and alternatives have one field.
        let custom = "LEVEL (WARN|INFO)\nBOTH (a|b)%{INT:n:int}|(c)-%{INT:n:int}";
        let grok = Grok::new("%{LEVEL:level} %{BOTH}( %{WORD:UNWANTED})?", custom).unwrap();
        let some = |texts: [&str; 2]| Some(texts.map(|t| Some(t.to_owned())).to_vec());
        assert_eq!(found(&grok, "INFO a7"), some(["INFO", "7"]));
        assert_eq!(found(&grok, "WARN c-8 x"), some(["WARN", "8"]));
        assert_eq!(found(&grok, "INFO 7"), None);
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
            fields(
                "%{NUMBER:num:int} %{DATA:note} %{NUMBER:cost:double} %{INT:big:long}",
                ""
            ),
            "num Int, note String, cost Double, big Long"
        );
        assert_eq!(
            fields("%{SYSLOGBASE} %{GREEDYDATA:message}", ""),
            "timestamp String, facility String, priority String, logsource String, \
             program String, pid String, message String"
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
            fields(pattern, custom),
            "timestamp String, message_prefix String, loglevel String, message String"
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
        let grok = Grok::new("%{EVIL:a}", r"EVIL (?:a+(?!c))+b").unwrap();
        assert!(!grok.is_match(&"a".repeat(200)));
        assert!(grok.captures(&"a".repeat(200)).is_err());
    }
}
