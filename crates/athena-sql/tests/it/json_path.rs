//! JSON_EXISTS, JSON_VALUE and JSON_QUERY.

use crate::catalog::{engine, rows};

/// The one value of an expression, or its error.
async fn value(expression: &str) -> String {
    match rows(&engine(), &format!("SELECT {expression}")).await {
        Ok(rows) => rows[0][0].clone().unwrap_or_else(|| "NULL".to_owned()),
        Err(error) => error.to_string(),
    }
}

const JSON: &str = r#"'{"a": [1, 2.5, "x"], "b": {"c": null}, "d": "y", "n": 12345678901}'"#;

#[tokio::test]
async fn json_exists_says_whether_a_path_finds_anything() {
    for (call, expected) in [
        ("'lax $.a[2]'", "true"),
        ("'lax $.e'", "false"),
        ("'lax $.b.c'", "true"),
        ("'strict $.e'", "false"),
        ("'strict $.e' TRUE ON ERROR", "true"),
        ("'strict $.e' UNKNOWN ON ERROR", "NULL"),
        (
            "'strict $.e' ERROR ON ERROR",
            "PATH_EVALUATION_ERROR: path evaluation failed: structural error: missing member 'e' \
             in JSON object",
        ),
        ("'lax $.a[*] ? (@ > 2)'", "true"),
        ("'lax $.a[*] ? (@ == $x)' PASSING 3 AS \"x\"", "false"),
        ("'lax $.n ? (@ > 12345678900)'", "true"),
    ] {
        assert_eq!(
            value(&format!("json_exists({JSON}, {call})")).await,
            expected,
            "{call}"
        );
    }
    assert_eq!(value("json_exists('no JSON', 'lax $')").await, "false");
    assert_eq!(value("json_exists(NULL, 'lax $')").await, "NULL");
}

#[tokio::test]
async fn json_value_gives_the_one_scalar() {
    for (call, expected) in [
        ("'lax $.d'", "y"),
        ("'lax $.a[0]'", "1"),
        ("'lax $.a[0]' RETURNING bigint", "1"),
        ("'lax $.a[1]' RETURNING decimal(3, 1)", "2.5"),
        ("'lax $.b.c'", "NULL"),
        ("'lax $.e'", "NULL"),
        ("'lax $.e' DEFAULT 'none' ON EMPTY", "none"),
        ("'lax $.a[*]'", "NULL"),
        ("'lax $.a[*]' DEFAULT 'many' ON ERROR", "many"),
        ("'lax $.d' RETURNING integer DEFAULT 7 ON ERROR", "7"),
        ("'lax $.a.size()' RETURNING integer", "3"),
        ("'lax $.a[last].type()'", "string"),
        ("'lax -$.a[0] + $Y * 2' PASSING 4 AS y", "7"),
        (
            "'lax $.a[*]' ERROR ON ERROR",
            "JSON_VALUE_RESULT_ERROR: cannot extract SQL scalar from JSON: JSON path found \
             multiple items",
        ),
        (
            "'lax $y' PASSING 4 AS \"Z\"",
            "INVALID_PATH: line 1:8: no value passed for parameter y. Try quoting \"y\" in the \
             PASSING clause to match case",
        ),
    ] {
        assert_eq!(
            value(&format!("json_value({JSON}, {call})")).await,
            expected,
            "{call}"
        );
    }
}

#[tokio::test]
async fn json_query_gives_json() {
    for (call, expected) in [
        ("'lax $.a'", r#"[1,2.5,"x"]"#),
        ("'lax $.d'", r#""y""#),
        ("'lax $.d' OMIT QUOTES", "y"),
        ("'lax $.a[*]'", "NULL"),
        ("'lax $.a[*]' WITH ARRAY WRAPPER", r#"[1,2.5,"x"]"#),
        ("'lax $.a' WITH CONDITIONAL WRAPPER", r#"[1,2.5,"x"]"#),
        ("'lax $.a' WITH UNCONDITIONAL WRAPPER", r#"[[1,2.5,"x"]]"#),
        ("'lax $.d' WITH CONDITIONAL WRAPPER", r#"["y"]"#),
        ("'lax $.e' EMPTY ARRAY ON EMPTY", "[]"),
        ("'strict $.e' EMPTY OBJECT ON ERROR", "{}"),
        (
            "'lax $.b.keyvalue()'",
            r#"{"name":"c","value":null,"id":0}"#,
        ),
        ("'lax $..c' WITH WRAPPER", "[null]"),
        ("'lax $.a[0, 1 to last] ? (@ starts with \"x\")'", r#""x""#),
    ] {
        assert_eq!(
            value(&format!("json_query({JSON}, {call})")).await,
            expected,
            "{call}"
        );
    }
    assert_eq!(
        value("json_array(json_query('[true, null]', 'lax $'))").await,
        "[[true,null]]"
    );
}

#[tokio::test]
async fn an_error_within_a_filter_leaves_it_unknown() {
    for (filter, expected) in [
        ("(@.a > 1) is unknown", "true"),
        ("!(@.a > 1)", "false"),
        ("@.a > 1 || @.b == 2", "true"),
        ("exists(@.c)", "false"),
    ] {
        let json = r#"'{"a": "x", "b": 2}'"#;
        assert_eq!(
            value(&format!("json_exists({json}, 'lax $ ? ({filter})')")).await,
            expected,
            "{filter}"
        );
    }
}

#[tokio::test]
async fn a_path_is_read_before_any_row_is() {
    assert_eq!(
        value("json_exists(NULL, 'lax $.')").await,
        "INVALID_PATH: line 1:8: invalid JSON path: unexpected end"
    );
    assert_eq!(
        value("json_exists('1', 'lax $ ? (@ like_regex \"a\")')").await,
        "NOT_SUPPORTED: line 1:8: the embedded Athena does not have like_regex in JSON paths"
    );
}
