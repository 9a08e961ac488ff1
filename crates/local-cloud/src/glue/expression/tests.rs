use super::super::partition_key::{Kinds, NULL_PARTITION};
use super::*;
use crate::model::glue::Table;

const KEYS: [(&str, &str); 5] = [
    ("year", "int"),
    ("country", "string"),
    ("day", "date"),
    ("at", "timestamp"),
    ("price", "decimal(10,2)"),
];

fn table() -> Table {
    let key = |(name, kind): (&str, &str)| Column {
        name: name.to_owned(),
        r#type: Some(kind.to_owned()),
        ..Default::default()
    };
    Table {
        partition_keys: Some(KEYS.map(key).to_vec()),
        ..Default::default()
    }
}

fn parsed(expression: &str) -> Result<Expression, ServiceError> {
    Expression::parse(expression, table().partition_keys.as_deref().unwrap())
}

fn step(expression: &str, values: [&str; 5]) -> Result<Step, ServiceError> {
    let expression = parsed(expression).unwrap_or_else(|e| panic!("{expression}: {e}"));
    expression.step(&Kinds::of(&table()).encode(&values))
}

fn matches(expression: &str) -> bool {
    let values = ["2024", "fr", "2024-05-06", "2024-05-06 07:08:09.5", "9.50"];
    step(expression, values).unwrap() == Step::Take
}

#[test]
fn values_compare_by_the_type_of_their_key() {
    for yes in [
        "year = 2024",
        "year = '2024'",
        "year > 999",
        "'999' < year",
        "2024 >= year",
        "year != 10 AND year <> 11",
        "country = 'fr'",
        "country > 'de'",
        "day = '2024-05-06'",
        "day >= date '2024-05-01'",
        "at > '2024-05-06 07:08:09'",
        "at < timestamp '2024-05-07'",
        "price = 9.5",
        "price < 10",
        "price > -1",
    ] {
        assert!(matches(yes), "{yes}");
    }
    for no in [
        "year < 999",
        "country = 'FR'",
        "day > '2024-05-06'",
        "price > 9.5",
    ] {
        assert!(!matches(no), "{no}");
    }
}

#[test]
fn conditions_combine_as_in_sql() {
    for yes in [
        "year = 1 AND year = 2 OR country = 'fr'",
        "country = 'fr' OR year = 1 AND year = 2",
        "NOT (year = 1 OR country = 'de')",
        "not year = 1 and not country = 'de'",
        "year IN (2023, 2024)",
        "country NOT IN ('de', 'it')",
        "year BETWEEN 2020 AND 2024 AND country LIKE 'f%'",
        "day not between '2020-01-01' and '2020-12-31'",
        "country LIKE '_r'",
        "country NOT LIKE 'd%'",
        "year IS NOT NULL",
        "((Year = 2024) AND (\"country\" = 'fr'))",
        "`country` = 'fr'",
        "(year) = (2024) AND ((country) = ('fr'))",
        "(((year)) IN (2024)) OR (country) IS NULL",
        "price IN (9.5e0, 3e14)",
    ] {
        assert!(matches(yes), "{yes}");
    }
    assert!(!matches("country LIKE 'f'"));
    assert!(!matches("(year = 2024) AND (country = 'de')"));
}

/// As Trino asks for them; see the module.
#[test]
fn partitions_without_a_value_are_found_by_the_text_that_hive_gives_them() {
    let null = [NULL_PARTITION; 5];
    let matches = |e: &str| step(e, null).unwrap() == Step::Take;
    for yes in [
        "(country = '__HIVE_DEFAULT_PARTITION__')",
        "((country < 'de') OR (country = '__HIVE_DEFAULT_PARTITION__'))",
        "country <> 'fr'",
        "NOT country = 'fr'",
        "country LIKE '\\_\\_HIVE%'",
        "country IS NOT NULL",
        "year IS NOT NULL",
    ] {
        assert!(matches(yes), "{yes}");
    }
    for no in [
        "country <> '__HIVE_DEFAULT_PARTITION__'",
        "country IS NULL",
        "year IS NULL OR NOT price IS NOT NULL",
        "year <> 1",
        "NOT day = '2024-05-06'",
    ] {
        assert!(!matches(no), "{no}");
    }
    let refused = parsed("year = '__HIVE_DEFAULT_PARTITION__'").unwrap_err();
    assert_eq!(
        refused.message,
        "For input string: \"__HIVE_DEFAULT_PARTITION__\" is not an integer."
    );
}

#[test]
fn a_quote_inside_a_text_is_written_twice_or_behind_a_backslash() {
    let of = |country| {
        [
            "2024",
            country,
            "2024-05-06",
            "2024-05-06 07:08:09.5",
            "9.50",
        ]
    };
    for (expression, country) in [
        ("country = 'd''or'", "d'or"),
        (r"(country='d\'or')", "d'or"),
        (r"country = 'd\''", "d'"),
        (r"country = 'd\'", r"d\"),
        (r"country = 'a\b'", r"a\b"),
    ] {
        assert_eq!(
            step(expression, of(country)),
            Ok(Step::Take),
            "{expression}"
        );
    }
}

/// Those of JSQLParser: Trino leaves such columns out of its expressions.
#[test]
fn a_column_that_is_called_like_a_keyword_has_to_be_quoted() {
    let column = Column {
        name: "key".to_owned(),
        r#type: Some("string".to_owned()),
        ..Default::default()
    };
    let parsed = |e: &str| Expression::parse(e, std::slice::from_ref(&column));
    assert_eq!(
        parsed("Key = 'a'").unwrap_err().message,
        "Invalid partition expression!"
    );
    assert!(parsed("\"key\" = 'a' AND `key` = 'a'").is_ok());
}

/// As those who use AWS's SDKs report it.
#[test]
fn a_value_that_is_not_of_its_keys_type_fails_the_request() {
    let values = ["null", "fr", "2024-05-06", "2024-05-06 07:08:09.5", "9.50"];
    let error = step("(year >= 0)", values).unwrap_err();
    assert_eq!(error.code, "InvalidStateException");
    assert_eq!(
        error.message,
        "For input string: \"null\" is not an integer."
    );
    assert_eq!(step("country = 'fr'", values), Ok(Step::Take));
    assert!(matches!(
        step("country = 'x' AND year > 0", values),
        Ok(Step::SkipTo(_))
    ));
}

#[test]
fn what_is_wrong_with_an_expression_is_said_in_glue_s_words() {
    for (expression, said) in [
        ("month = 1", "Invalid partition expression!"),
        ("month IS NULL", "Invalid partition expression!"),
        ("year = 'x'", "For input string: \"x\" is not an integer."),
        ("year = 1.5", "For input string: \"1.5\" is not an integer."),
        ("price = 'x'", "x is not a decimal."),
        ("day = '2024-13-01'", "2024-13-01 is not a date."),
        (
            "at = 'now'",
            "Timestamp format must be yyyy-mm-dd hh:mm:ss[.fffffffff] now is not a timestamp.",
        ),
        (
            "year LIKE '2%'",
            "Integral data type doesn't support operation 'LIKE'",
        ),
        (
            "day NOT LIKE '2%'",
            "Date data type doesn't support operation 'LIKE'",
        ),
    ] {
        let error = parsed(expression).unwrap_err();
        assert_eq!(error.code, "InvalidInputException");
        assert_eq!(error.message, said, "{expression}");
    }
    for unsupported in [
        "year =",
        "year = 1 garbage",
        "(year = 1",
        "country = 'fr",
        "month(day) = 5",
        "year = country",
        "year NOT 5",
        "year IN ()",
        "1 = 1",
        "year ~ 1",
        "day = 2024-05-06",
        "country = NULL",
        &"(".repeat(100_000),
        &"NOT ".repeat(100_000),
    ] {
        let error = parsed(unsupported).unwrap_err();
        assert_eq!(
            error.message, "Invalid partition expression!",
            "{unsupported}"
        );
    }
    let typeless = Column {
        name: "flag".to_owned(),
        r#type: Some("boolean".to_owned()),
        ..Default::default()
    };
    let error = Expression::parse("flag = 'true'", &[typeless]).unwrap_err();
    assert_eq!(error.message, "Unknown type : 'boolean'");
}

#[test]
fn like_takes_its_wildcards_back() {
    let like = |text: &str, pattern: &str| {
        super::like(
            &text.chars().collect::<Vec<_>>(),
            &pattern.chars().collect::<Vec<_>>(),
        )
    };
    assert!(like("abcabd", "%abd"));
    assert!(like("", "%"));
    assert!(like("a%b", "a\\%b"));
    assert!(!like("axb", "a\\%b"));
    assert!(!like("", "_"));
    assert!(!like("ab", "a"));
}

/// Every partition of a small table, in the order of the index.
fn keys() -> Vec<([String; 5], Vec<u8>)> {
    let kinds = Kinds::of(&table());
    let mut keys = Vec::new();
    for year in ["7", "07", "10", "2023", NULL_PARTITION] {
        for country in ["", "de", "d\0e", "fr", "frx", NULL_PARTITION] {
            for day in ["1969-12-31", "2024-05-06", "2024-06-01"] {
                for price in ["-1.5", "9.50", "10"] {
                    let values = [year, country, day, "2024-05-06 07:08:09", price];
                    keys.push((values.map(str::to_owned), kinds.encode(&values)));
                }
            }
        }
    }
    keys.sort_by(|a, b| a.1.cmp(&b.1));
    keys
}

/// The values that pass, and how many keys were looked at.
fn walk(expression: &Expression, keys: &[([String; 5], Vec<u8>)]) -> (Vec<usize>, usize) {
    let (mut found, mut at, mut looked) = (Vec::new(), 0, 0);
    while at < keys.len() {
        looked += 1;
        match expression.step(&keys[at].1).unwrap() {
            Step::Take => {
                found.push(at);
                at += 1;
            }
            Step::SkipTo(target) => {
                assert!(target > keys[at].1, "a walk goes on");
                at = keys.partition_point(|(_, key)| *key < target);
            }
            Step::End => break,
        }
    }
    (found, looked)
}

#[test]
fn a_walk_that_leaves_ranges_out_finds_what_looking_at_every_key_finds() {
    let keys = keys();
    // How many keys are looked at beside those that pass, at most.
    for (expression, most) in [
        ("year = 7", 6),
        ("year = 7 AND country = 'fr'", 16),
        ("year > 9 AND day = '2024-05-06'", 80),
        (
            "year IN (10, 2023) AND country IN ('de', 'fr') AND price > 9",
            40,
        ),
        ("country LIKE 'f%'", 30),
        ("country LIKE '%x' OR price = 10", 270),
        ("NOT (country = 'fr' OR year < 100)", 100),
        ("year IS NULL AND country IS NULL", 2),
        ("country = '__HIVE_DEFAULT_PARTITION__' AND price > 0", 70),
        (
            "country IN ('fr', '__HIVE_DEFAULT_PARTITION__') AND year < 10",
            40,
        ),
        (
            "year BETWEEN 8 AND 2022 AND NOT day BETWEEN '2000-01-01' AND '2024-05-31'",
            60,
        ),
        ("day < '1970-01-01' AND price < 0", 120),
        ("country = 'nowhere'", 30),
        ("year = 7 AND year = 10", 12),
        ("country < 'de' OR country >= 'frx'", 60),
        ("price = 9.5 AND day <> '2024-05-06'", 270),
    ] {
        let parsed = parsed(expression).unwrap();
        let every: Vec<usize> = (0..keys.len())
            .filter(|at| parsed.step(&keys[*at].1).unwrap() == Step::Take)
            .collect();
        let (found, looked) = walk(&parsed, &keys);
        assert_eq!(found, every, "{expression}");
        let vain = looked - found.len();
        assert!(vain <= most, "{expression}: {vain} keys looked at in vain");
    }
}
