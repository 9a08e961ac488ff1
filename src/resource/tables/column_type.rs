//! Types of columns, compared by what they mean.

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

#[cfg(test)]
mod tests {
    use super::*;

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
