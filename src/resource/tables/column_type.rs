//! Types of columns: compared by what they mean, and read as Athena reads them.

use super::keys::Keys;
use crate::resource::Problem;
use crate::stack::nearest;

/// Whether two types are the same to Hive: neither case nor white space matters, and some have two
/// names.
pub(super) fn same(one: &str, other: &str) -> bool {
    normal(one) == normal(other)
}

/// A type in lower case, without white space, under the name that Hive shows.
fn normal(text: &str) -> String {
    let mut normal = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        if !is_word(first) {
            if !first.is_whitespace() {
                normal.push(first);
            }
            rest = &rest[first.len_utf8()..];
            continue;
        }
        let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        let word = rest[..end].to_lowercase();
        rest = &rest[end..];
        let names_a_field = rest.trim_start().starts_with(':');
        let second_name = match word.as_str() {
            "integer" => "int",
            "real" => "float",
            "dec" | "numeric" => "decimal",
            "precision" if normal.ends_with("double") => "",
            same => same,
        };
        normal.push_str(if names_a_field { &word } else { second_name });
        let takes_digits = second_name == "decimal" && !names_a_field;
        if takes_digits && !rest.trim_start().starts_with('(') {
            normal.push_str("(10,0)");
        }
    }
    normal
}

/// The types of Hive that are a name alone.
/// Source: cwiki.apache.org, "LanguageManual Types".
const PLAIN: [&str; 13] = [
    "boolean",
    "tinyint",
    "smallint",
    "int",
    "integer",
    "bigint",
    "float",
    "real",
    "double",
    "string",
    "binary",
    "date",
    "timestamp",
];

/// The types of Hive that are a name alone and that Athena does not list.
/// Source: docs.aws.amazon.com, "Data types in Amazon Athena".
const OF_HIVE_ONLY: [&str; 3] = ["interval_day_time", "interval_year_month", "void"];

/// Those that hold digits, a length or other types.
const OTHERS: [&str; 8] = [
    "decimal", "dec", "numeric", "char", "varchar", "array", "map", "struct",
];

/// The types that an Iceberg table may have beside those of Hive.
/// Source: docs.aws.amazon.com, "Supported data types for Iceberg tables in Athena".
const ICEBERG: [&str; 5] = ["long", "time", "timestamptz", "uuid", "fixed"];

/// More types than this within one another are not followed.
const DEEPEST: usize = 100;

/// Why a column may not be read.
#[derive(Debug, PartialEq, Eq)]
enum Doubt {
    /// Its type is none of Hive's; what is wrong with it.
    NoType(String),
    /// Hive has this type, which its type is or holds, and Athena does not list it.
    OfHiveOnly(String),
}

impl Doubt {
    /// What is told of a column of this name, and what comes of it.
    fn told(self, name: &str) -> (String, &'static str) {
        match self {
            // The embedded cloud reads some of these, as `array(int)`, which Trino has.
            Self::NoType(why) => (
                format!("the type of the column `{name}` is none of Hive's: {why}"),
                "Glue takes it, and on AWS queries of the table fail",
            ),
            Self::OfHiveOnly(only) => (
                format!("the type of the column `{name}` is none of Athena's: `{only}` is Hive's"),
                "Glue takes it, and on the embedded cloud queries of the table fail",
            ),
        }
    }
}

impl Keys {
    /// The types of columns that Glue takes, as it takes any text, and that queries cannot read, be it
    /// on AWS or here.
    pub fn doubts(&self) -> Vec<Problem> {
        // A view's columns are its engine's business, a link's are elsewhere.
        if self.is_view() || self.target_table.is_some() {
            return Vec::new();
        }
        let more: &[&str] = if self.is_iceberg() { &ICEBERG } else { &[] };
        let mut found = Vec::new();
        for (key, columns) in [
            ("columns", &self.columns),
            ("partition_keys", &self.partition_keys),
        ] {
            for (i, column) in columns.iter().flatten().enumerate() {
                if let Err(doubt) = check(&column.r#type, more) {
                    let (message, label) = doubt.told(column.name.as_str());
                    found.push(Problem::new(&format!("{key}.{i}.type"), message, label));
                }
            }
        }
        found
    }
}

/// Whether a text is a type that Hive and Athena have, or one of `more`; what is wrong with it if not.
fn check(text: &str, more: &[&str]) -> Result<(), Doubt> {
    let mut reader = Reader {
        rest: text,
        more,
        of_hive_only: None,
    };
    reader.data_type(0).map_err(Doubt::NoType)?;
    match (reader.rest.trim(), reader.of_hive_only) {
        ("", None) => Ok(()),
        ("", Some(only)) => Err(Doubt::OfHiveOnly(only)),
        (rest, _) => Err(Doubt::NoType(format!("it ends before `{rest}`"))),
    }
}

/// Reads a type from its beginning.
struct Reader<'a> {
    rest: &'a str,
    more: &'a [&'a str],
    /// The first type that Athena does not list.
    of_hive_only: Option<String>,
}

impl<'a> Reader<'a> {
    /// Takes this sign if it is the next.
    fn eats(&mut self, sign: &str) -> bool {
        let Some(rest) = self.rest.trim_start().strip_prefix(sign) else {
            return false;
        };
        self.rest = rest;
        true
    }

    fn expects(&mut self, sign: &str) -> Result<(), String> {
        if self.eats(sign) {
            Ok(())
        } else {
            Err(format!("`{sign}` is missing"))
        }
    }

    /// The next letters, digits and `_`; empty if it is another sign.
    fn word(&mut self) -> &'a str {
        let rest = self.rest.trim_start();
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        let (word, behind) = rest.split_at(end);
        self.rest = behind;
        word
    }

    /// Takes these words if they are the next.
    fn eats_words(&mut self, words: &[&str]) -> bool {
        let before = self.rest;
        for word in words {
            if !self.word().eq_ignore_ascii_case(word) {
                self.rest = before;
                return false;
            }
        }
        true
    }

    /// `(10, 2)`; nothing where there are no brackets.
    fn numbers(&mut self) -> Result<Vec<u32>, String> {
        let mut numbers = Vec::new();
        if !self.eats("(") {
            return Ok(numbers);
        }
        loop {
            let word = self.word();
            let number = word.parse::<u32>();
            numbers.push(number.map_err(|_| format!("`{word}` is no number of digits"))?);
            if !self.eats(",") {
                break;
            }
        }
        self.expects(")")?;
        Ok(numbers)
    }

    /// Remembers that this type of Hive's is none of Athena's.
    fn note_of_hive_only(&mut self, name: &str) {
        if self.of_hive_only.is_none() {
            self.of_hive_only = Some(name.to_owned());
        }
    }

    fn data_type(&mut self, depth: usize) -> Result<(), String> {
        if depth > DEEPEST {
            return Err(format!("more than {DEEPEST} types are within one another"));
        }
        let word = self.word();
        let name = word.to_lowercase();
        match name.as_str() {
            "" => Err("a type is missing".to_owned()),
            "double" => {
                self.eats_words(&["precision"]);
                Ok(())
            }
            "timestamp" => {
                if self.eats_words(&["with", "local", "time", "zone"]) {
                    self.note_of_hive_only("timestamp with local time zone");
                } else {
                    self.eats_words(&["with", "time", "zone"]);
                }
                Ok(())
            }
            "fixed" if self.more.contains(&"fixed") => self.numbers().map(drop),
            "decimal" | "dec" | "numeric" => match self.numbers()?.as_slice() {
                [] => Ok(()),
                [digits] if (1..=38).contains(digits) => Ok(()),
                [digits, scale] if (1..=38).contains(digits) && scale <= digits => Ok(()),
                _ => Err(format!(
                    "a {name} has 1 to 38 digits, and not more than these behind its point"
                )),
            },
            "char" => self.length(&name, 255),
            "varchar" => self.length(&name, 65_535),
            "array" => self.types(&name, 1, depth),
            "map" => self.types(&name, 2, depth),
            "uniontype" => {
                self.note_of_hive_only("uniontype");
                self.expects("<")?;
                self.data_type(depth + 1)?;
                while self.eats(",") {
                    self.data_type(depth + 1)?;
                }
                self.expects(">")
            }
            "struct" => {
                self.expects("<")?;
                self.field(depth)?;
                while self.eats(",") {
                    self.field(depth)?;
                }
                self.expects(">")
            }
            only if OF_HIVE_ONLY.contains(&only) => {
                self.note_of_hive_only(only);
                Ok(())
            }
            known if PLAIN.contains(&known) || self.more.contains(&known) => Ok(()),
            unknown => {
                let known = PLAIN.iter().chain(&OTHERS).chain(self.more).copied();
                let near = nearest(unknown, known);
                let near = near.map(|near| format!("; did you mean `{near}`?"));
                Err(format!("`{word}` is no type{}", near.unwrap_or_default()))
            }
        }
    }

    fn length(&mut self, name: &str, most: u32) -> Result<(), String> {
        match self.numbers()?.as_slice() {
            [] => Ok(()),
            [length] if (1..=most).contains(length) => Ok(()),
            _ => Err(format!("a {name} has 1 to {most} characters")),
        }
    }

    /// `<int>` and `<string,int>`: so many types.
    fn types(&mut self, name: &str, count: usize, depth: usize) -> Result<(), String> {
        self.expects("<")?;
        for i in 0..count {
            if i > 0 && !self.eats(",") {
                return Err(format!("a {name} is of {count} types"));
            }
            self.data_type(depth + 1)?;
        }
        self.expects(">")
    }

    /// `name:int`; a name may have any letters.
    fn field(&mut self, depth: usize) -> Result<(), String> {
        let end = self.rest.find([':', ',', '<', '>']);
        let (name, behind) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        if name.trim().is_empty() {
            return Err("a field of a struct has no name".to_owned());
        }
        self.rest = behind;
        self.expects(":")?;
        self.data_type(depth + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_that_hive_does_not_have_is_told_with_what_is_wrong() {
        for text in [
            "int",
            "STRING",
            "double precision",
            "timestamp with time zone",
            "decimal",
            "decimal(38, 38)",
            "varchar",
            "varchar(20)",
            "array<struct<a:int, b c-d:map<string,array<date>>>>",
        ] {
            assert_eq!(check(text, &[]), Ok(()), "{text}");
        }
        for (text, why) in [
            ("strng", "`strng` is no type; did you mean `string`?"),
            ("uuid", "`uuid` is no type"),
            (
                "timestamp_ntz",
                "`timestamp_ntz` is no type; did you mean `timestamp`?",
            ),
            ("array<void", "`>` is missing"),
            ("void)", "it ends before `)`"),
            ("array<int", "`>` is missing"),
            ("array", "`<` is missing"),
            ("int)", "it ends before `)`"),
            ("map<int>", "a map is of 2 types"),
            ("struct<a>", "`:` is missing"),
            ("struct<>", "a field of a struct has no name"),
            ("decimal(x)", "`x` is no number of digits"),
            ("char(0)", "a char has 1 to 255 characters"),
            ("", "a type is missing"),
            (
                "decimal(50,2)",
                "a decimal has 1 to 38 digits, and not more than these behind its point",
            ),
        ] {
            let doubt = Doubt::NoType(why.to_owned());
            assert_eq!(check(text, &[]), Err(doubt), "{text}");
        }
        assert_eq!(check("uuid", &ICEBERG), Ok(()));
        let deep = "array<".repeat(20_000);
        assert!(check(&deep, &[]).is_err());
    }

    #[test]
    fn a_type_that_hive_has_and_athena_has_not_is_told_by_its_name() {
        for (text, only) in [
            ("void", "void"),
            ("INTERVAL_YEAR_MONTH", "interval_year_month"),
            ("uniontype<int,string>", "uniontype"),
            (
                "timestamp with local time zone",
                "timestamp with local time zone",
            ),
            ("struct<a:int,b:array<void>>", "void"),
        ] {
            let doubt = Doubt::OfHiveOnly(only.to_owned());
            assert_eq!(check(text, &[]), Err(doubt), "{text}");
        }
        let (message, label) = Doubt::OfHiveOnly("void".to_owned()).told("a");
        assert_eq!(
            message,
            "the type of the column `a` is none of Athena's: `void` is Hive's"
        );
        assert_eq!(
            label,
            "Glue takes it, and on the embedded cloud queries of the table fail"
        );
        let (_, label) = Doubt::NoType("`row` is no type".to_owned()).told("a");
        assert_eq!(label, "Glue takes it, and on AWS queries of the table fail");
    }

    #[test]
    fn types_are_compared_by_what_they_mean() {
        for (one, other) in [
            ("int", "INTEGER"),
            (
                "struct<a:int,b:array<string>>",
                "STRUCT< a: Integer, b: array<string> >",
            ),
            ("decimal", "decimal(10, 0)"),
            ("dec(5,2)", "decimal(5,2)"),
            ("double", "double precision"),
            ("map<string,double>", "map<string, double precision>"),
            ("timestamp", "TIMESTAMP"),
        ] {
            assert!(same(one, other), "{one} and {other}");
        }
        for (one, other) in [
            ("int", "bigint"),
            ("varchar(10)", "varchar(11)"),
            ("struct<integer:string>", "struct<int:string>"),
            ("struct<a:int,b:int>", "struct<b:int,a:int>"),
        ] {
            assert!(!same(one, other), "{one} and {other}");
        }
    }
}
