//! Which tables a statement of Athena's SQL is about.
//!
//! A scanner, and no parser: it finds the names after `FROM`, `JOIN`, `INTO` and their like. What
//! it cannot tell it says, and then a policy is derived from all of the stack's tables.

use std::collections::BTreeSet;

/// A table's name, in lower case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct TableName {
    /// None where the statement leaves it to the query's context.
    pub database: Option<String>,
    pub table: String,
}

/// What a statement does to the catalog and its data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Verb {
    Read,
    Insert,
    /// Of a table or a view.
    Create,
    Drop,
    /// Rows of an Iceberg table change.
    Change,
    /// A table's partitions or properties change.
    Alter,
    Database,
    Unload,
}

/// What a statement uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Used {
    pub verb: Verb,
    pub reads: BTreeSet<TableName>,
    /// What it makes, changes or takes away.
    pub target: Option<TableName>,
    /// The S3 URLs that stand in it.
    pub places: Vec<String>,
    /// Whether a query stands in it.
    pub queries: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    /// A word, in lower case.
    Word(String),
    /// A quoted name, in lower case.
    Name(String),
    Text(String),
    Sign(char),
}

impl Token {
    fn is(&self, word: &str) -> bool {
        matches!(self, Self::Word(own) if own == word)
    }

    fn is_any(&self, words: &[&str]) -> bool {
        matches!(self, Self::Word(own) if words.contains(&own.as_str()))
    }

    fn name(&self) -> Option<&str> {
        match self {
            Self::Word(name) | Self::Name(name) => Some(name),
            Self::Text(_) | Self::Sign(_) => None,
        }
    }
}

/// Reads a statement; `None` where its tables cannot be told from its text.
pub(super) fn scan(sql: &str) -> Option<Used> {
    let tokens = tokens(sql);
    let verb = verb(&tokens)?;
    let target = match verb {
        Verb::Read | Verb::Unload => None,
        _ => Some(target(&tokens)?),
    };
    let mut reads = reads(&tokens);
    if let Some(target) = target.as_ref().filter(|_| verb != Verb::Database) {
        // `DELETE FROM t` reads it too; that it exists is looked up in any case.
        reads.insert(target.clone());
    }
    let places = tokens.iter().filter_map(|token| match token {
        Token::Text(text) if text.starts_with("s3://") => Some(text.clone()),
        _ => None,
    });
    Some(Used {
        verb,
        places: places.collect(),
        queries: tokens.iter().any(|t| t.is_any(&["select", "values"])),
        target,
        reads,
    })
}

/// What a statement of which only the start is known does.
pub(super) fn verb_of(start: &str) -> Option<Verb> {
    verb(&tokens(start))
}

fn verb(tokens: &[Token]) -> Option<Verb> {
    let word = |i: usize| tokens.get(i).and_then(Token::name).unwrap_or_default();
    if tokens.first() == Some(&Token::Sign('(')) {
        return Some(Verb::Read);
    }
    Some(match word(0) {
        "select" | "with" | "values" | "explain" | "table" | "describe" | "desc" => Verb::Read,
        "insert" => Verb::Insert,
        "create" | "drop" if ["database", "schema"].contains(&word(1)) => Verb::Database,
        "create" => Verb::Create,
        "drop" => Verb::Drop,
        "delete" | "update" | "merge" | "optimize" | "vacuum" => Verb::Change,
        "alter" | "msck" => Verb::Alter,
        "unload" => Verb::Unload,
        _ => return None,
    })
}

/// The name of what a statement makes, changes or takes away.
fn target(tokens: &[Token]) -> Option<TableName> {
    const BEFORE: [&str; 17] = [
        "alter", "create", "database", "delete", "drop", "exists", "external", "from", "if",
        "insert", "into", "merge", "not", "or", "replace", "table", "view",
    ];
    const ALSO: [&str; 6] = ["msck", "optimize", "repair", "schema", "update", "vacuum"];
    let start = tokens
        .iter()
        .position(|t| !t.is_any(&BEFORE) && !t.is_any(&ALSO))?;
    Some(name_at(tokens, start)?.0)
}

/// The name that starts here, of one to three parts, and where it ends.
fn name_at(tokens: &[Token], start: usize) -> Option<(TableName, usize)> {
    let mut parts = vec![tokens.get(start)?.name()?];
    let mut end = start + 1;
    while tokens.get(end) == Some(&Token::Sign('.')) {
        parts.push(tokens.get(end + 1)?.name()?);
        end += 2;
    }
    let table = parts.pop()?;
    // `t$files` and its like tell of an Iceberg table.
    let table = table.split('$').next().unwrap_or(table).to_owned();
    let database = parts.pop().map(str::to_owned);
    Some((TableName { database, table }, end))
}

/// One level of parentheses.
#[derive(Clone, Copy, Default)]
struct Level {
    /// In a list of tables, where a comma comes before another one.
    in_from: bool,
    /// `FROM` is a word of a function's arguments, as in `EXTRACT(year FROM day)`.
    is_call: bool,
}

fn reads(tokens: &[Token]) -> BTreeSet<TableName> {
    const WITH_FROM: [&str; 4] = ["extract", "overlay", "substring", "trim"];
    const ENDS: [&str; 15] = [
        "except",
        "fetch",
        "group",
        "having",
        "intersect",
        "limit",
        "offset",
        "order",
        "select",
        "set",
        "union",
        "values",
        "when",
        "where",
        "window",
    ];
    let with = common_table_expressions(tokens);
    let mut found = BTreeSet::new();
    let mut levels = vec![Level::default()];
    // Whether a table's name comes next.
    let mut expects = false;
    let mut i = 0;
    while let Some(token) = tokens.get(i) {
        let level = levels.last().copied().unwrap_or_default();
        let set = |levels: &mut Vec<Level>, in_from: bool| {
            if let Some(level) = levels.last_mut() {
                level.in_from = in_from;
            }
        };
        match token {
            Token::Sign('(') => {
                let is_call = i > 0 && tokens[i - 1].is_any(&WITH_FROM);
                // In `FROM (a JOIN b ON …)` a name comes next.
                levels.push(Level {
                    in_from: expects,
                    is_call,
                });
                i += 1;
                continue;
            }
            Token::Sign(')') => {
                if levels.len() > 1 {
                    levels.pop();
                }
                expects = false;
            }
            Token::Sign(',') => expects = level.in_from,
            Token::Word(word) => match word.as_str() {
                "from" if level.is_call || is_distinct_from(tokens, i) => {}
                "from" => {
                    set(&mut levels, true);
                    expects = true;
                }
                "join" | "using" if word == "join" || is_merge(tokens) => expects = true,
                "lateral" => {}
                word if ENDS.contains(&word) => {
                    set(&mut levels, false);
                    expects = false;
                }
                _ if expects => {
                    i = table_at(tokens, i, &with, &mut found);
                    expects = false;
                    continue;
                }
                _ => {}
            },
            Token::Name(_) if expects => {
                i = table_at(tokens, i, &with, &mut found);
                expects = false;
                continue;
            }
            _ => expects = false,
        }
        i += 1;
    }
    if tokens
        .first()
        .is_some_and(|t| t.is_any(&["describe", "desc", "table"]))
    {
        found.extend(name_at(tokens, 1).map(|(name, _)| name));
    }
    found
}

/// Notes the table that is named here, if it is one, and gives where its name ends.
fn table_at(
    tokens: &[Token],
    at: usize,
    with: &BTreeSet<String>,
    found: &mut BTreeSet<TableName>,
) -> usize {
    let Some((name, end)) = name_at(tokens, at) else {
        return at + 1;
    };
    // `UNNEST(…)` and `TABLE(…)` are functions.
    let is_function = tokens.get(end) == Some(&Token::Sign('('));
    let is_own = name.database.is_none() && with.contains(&name.table);
    if !is_function && !is_own {
        found.insert(name);
    }
    end
}

fn is_distinct_from(tokens: &[Token], at: usize) -> bool {
    at >= 2 && tokens[at - 1].is("distinct") && tokens[at - 2].is_any(&["is", "not"])
}

fn is_merge(tokens: &[Token]) -> bool {
    tokens.first().is_some_and(|t| t.is("merge"))
}

/// The names of `WITH name AS (SELECT …)`.
fn common_table_expressions(tokens: &[Token]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (i, token) in tokens.iter().enumerate() {
        let opens = tokens.get(i + 1) == Some(&Token::Sign('('));
        if !token.is("as") || !opens || i == 0 {
            continue;
        }
        let mut before = i - 1;
        // `name (column, …) AS (`
        if tokens[before] == Token::Sign(')') {
            while before > 0 && tokens[before] != Token::Sign('(') {
                before -= 1;
            }
            before = before.saturating_sub(1);
        }
        names.extend(tokens[before].name().map(str::to_owned));
    }
    names
}

fn tokens(sql: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = sql;
    while let Some(c) = rest.chars().next() {
        let (token, after) = match c {
            _ if c.is_whitespace() || c == ';' => (None, &rest[c.len_utf8()..]),
            _ if rest.starts_with("--") => (None, rest.split_once('\n').map_or("", |(_, r)| r)),
            _ if rest.starts_with("/*") => (None, rest.split_once("*/").map_or("", |(_, r)| r)),
            '\'' => quoted(rest, '\'', Token::Text),
            '"' | '`' => quoted(rest, c, |name| Token::Name(name.to_lowercase())),
            _ if c.is_alphanumeric() || c == '_' => {
                let end = rest
                    .find(|c: char| !c.is_alphanumeric() && c != '_' && c != '$')
                    .unwrap_or(rest.len());
                let word = rest[..end].to_lowercase();
                (Some(Token::Word(word)), &rest[end..])
            }
            _ => (Some(Token::Sign(c)), &rest[c.len_utf8()..]),
        };
        tokens.extend(token);
        rest = after;
    }
    tokens
}

/// A quoted text, in which the quote stands doubled.
fn quoted(text: &str, quote: char, make: impl Fn(String) -> Token) -> (Option<Token>, &str) {
    let mut inside = String::new();
    let mut rest = &text[1..];
    loop {
        let Some((part, after)) = rest.split_once(quote) else {
            inside.push_str(rest);
            return (Some(make(inside)), "");
        };
        inside.push_str(part);
        match after.strip_prefix(quote) {
            Some(more) => {
                inside.push(quote);
                rest = more;
            }
            None => return (Some(make(inside)), after),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tables that a statement reads, as texts.
    fn tables(sql: &str) -> Vec<String> {
        let used = scan(sql).unwrap_or_else(|| panic!("{sql} is not understood"));
        used.reads
            .into_iter()
            .map(|name| match name.database {
                Some(database) => format!("{database}.{}", name.table),
                None => name.table,
            })
            .collect()
    }

    #[test]
    fn tables_are_found_wherever_a_query_names_them() {
        let cases: [(&str, &[&str]); 14] = [
            ("SELECT 1", &[]),
            (
                "SELECT * FROM Lake.Films f, songs AS s WHERE f.id = s.id",
                &["lake.films", "songs"],
            ),
            (
                "SELECT * FROM awsdatacatalog.lake.\"Two Words\" LIMIT 1",
                &["lake.two words"],
            ),
            (
                "SELECT a, b FROM x LEFT JOIN y ON x.a = coalesce(y.a, y.b), z",
                &["x", "y", "z"],
            ),
            (
                "WITH a AS (SELECT * FROM t), b (c, d) AS (SELECT * FROM a) SELECT * FROM b",
                &["t"],
            ),
            (
                "SELECT extract(year FROM day), trim(BOTH 'x' FROM name) FROM t",
                &["t"],
            ),
            (
                "SELECT * FROM t WHERE a IS NOT DISTINCT FROM b AND c IN (SELECT c FROM u)",
                &["t", "u"],
            ),
            (
                "SELECT * FROM t CROSS JOIN UNNEST(items) AS i (item)",
                &["t"],
            ),
            (
                "SELECT * FROM (a JOIN b ON a.x = b.x) WHERE a.x = 'FROM nowhere'",
                &["a", "b"],
            ),
            ("SELECT * -- FROM nowhere\nFROM t /* , u */", &["t"]),
            ("SELECT * FROM \"t$partitions\"", &["t"]),
            ("DESCRIBE lake.films", &["lake.films"]),
            (
                "SELECT * FROM a UNION ALL (SELECT * FROM b ORDER BY x, y)",
                &["a", "b"],
            ),
            (
                "SELECT (SELECT max(x) FROM a), y FROM b GROUP BY y, z",
                &["a", "b"],
            ),
        ];
        for (sql, expected) in cases {
            let mut found = tables(sql);
            found.sort();
            assert_eq!(found, expected, "{sql}");
        }
    }

    #[test]
    fn what_is_written_is_told_from_what_is_read() {
        let cases = [
            ("INSERT INTO lake.t SELECT * FROM u", Verb::Insert, "t", "u"),
            (
                "CREATE TABLE t WITH (format = 'PARQUET') AS SELECT * FROM u",
                Verb::Create,
                "t",
                "u",
            ),
            (
                "CREATE OR REPLACE VIEW lake.t AS SELECT * FROM u",
                Verb::Create,
                "t",
                "u",
            ),
            ("DROP TABLE IF EXISTS t", Verb::Drop, "t", "t"),
            (
                "DELETE FROM t WHERE a IN (SELECT a FROM u)",
                Verb::Change,
                "t",
                "u",
            ),
            ("UPDATE t SET a = 1", Verb::Change, "t", "t"),
            (
                "MERGE INTO t USING u ON t.a = u.a WHEN MATCHED THEN DELETE",
                Verb::Change,
                "t",
                "u",
            ),
            ("MSCK REPAIR TABLE t", Verb::Alter, "t", "t"),
            (
                "ALTER TABLE t ADD PARTITION (day = 'x')",
                Verb::Alter,
                "t",
                "t",
            ),
        ];
        for (sql, verb, target, read) in cases {
            let used = scan(sql).unwrap_or_else(|| panic!("{sql} is not understood"));
            assert_eq!(used.verb, verb, "{sql}");
            assert_eq!(
                used.target.as_ref().map(|t| t.table.as_str()),
                Some(target),
                "{sql}"
            );
            assert!(used.reads.iter().any(|name| name.table == read), "{sql}");
        }
    }

    #[test]
    fn the_place_that_a_query_is_unloaded_to_is_found() {
        let used = scan("UNLOAD (SELECT * FROM t) TO 's3://out/a/' WITH (format = 'PARQUET')");
        assert_eq!(
            used.map(|u| (u.verb, u.places)),
            Some((Verb::Unload, vec!["s3://out/a/".to_owned()]))
        );
    }

    #[test]
    fn what_it_cannot_tell_it_says() {
        for sql in ["EXECUTE prepared USING 1", "SHOW TABLES", ""] {
            assert_eq!(scan(sql), None, "{sql}");
        }
    }
}
