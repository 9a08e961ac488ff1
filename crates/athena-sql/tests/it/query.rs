//! Queries as a user writes them.

use athena_sql::{Engine, Limits};
use futures::StreamExt;

use crate::catalog::{engine, rows, session};

async fn one(sql: &str) -> String {
    match rows(&engine(), sql).await {
        Ok(rows) => rows
            .into_iter()
            .map(|row| {
                row.into_iter()
                    .map(|v| v.unwrap_or_else(|| "NULL".to_owned()))
                    .collect::<Vec<_>>()
                    .join(" | ")
            })
            .collect::<Vec<_>>()
            .join("\n"),
        Err(error) => error.to_string(),
    }
}

#[tokio::test]
async fn values_print_as_athena_prints_them() {
    assert_eq!(
        one(
            "SELECT true, 1e10, 1.50, TIMESTAMP '2024-01-01 00:00:00.000', ARRAY[1, NULL], \
             CAST(ROW(1, 'x') AS ROW(a integer, b varchar)), X'650f', NULL"
        )
        .await,
        "true | 1.0E10 | 1.50 | 2024-01-01 00:00:00.000 | [1, null] | {a=1, b=x} | 65 0f | NULL"
    );
}

#[tokio::test]
async fn an_unknown_column_is_named_with_its_place() {
    assert_eq!(
        one("SELECT x FROM (VALUES 1) t(y)").await,
        "COLUMN_NOT_FOUND: line 1:8: Column 'x' cannot be resolved or requester is not authorized \
         to access requested resources"
    );
}

#[tokio::test]
async fn a_division_by_zero_fails_and_try_forgives_it() {
    assert_eq!(
        one("SELECT 1 / 0").await,
        "DIVISION_BY_ZERO: Division by zero"
    );
    assert_eq!(
        one("SELECT try(1 / x) FROM (VALUES 0, 2) t(x)").await,
        "NULL\n0"
    );
}

#[tokio::test]
async fn groups_are_counted_and_ordered() {
    assert_eq!(
        one(
            "SELECT k, count(*) n, sum(v) FROM (VALUES ('a', 1), ('b', 2), ('a', 3)) t(k, v) \
             GROUP BY k HAVING sum(v) > 1 ORDER BY n DESC"
        )
        .await,
        "a | 2 | 4\nb | 1 | 2"
    );
}

#[tokio::test]
async fn a_subquery_sees_the_row_around_it() {
    assert_eq!(
        one(
            "SELECT a, (SELECT max(b) FROM (VALUES 1, 2, 3) u(b) WHERE b < a) \
             FROM (VALUES 1, 3) t(a) ORDER BY a"
        )
        .await,
        "1 | NULL\n3 | 2"
    );
}

#[tokio::test]
async fn a_correlated_subquery_has_as_many_aggregates_as_it_wants() {
    assert_eq!(
        one(
            "SELECT x, (SELECT max(v) - min(v) FROM (VALUES 1, 4, 4) u(v) WHERE u.v >= g.x) \
             FROM (VALUES 0, 4, 9) g(x) ORDER BY x"
        )
        .await,
        "0 | 3\n4 | 0\n9 | NULL"
    );
    assert_eq!(
        one(
            "SELECT x, s.* FROM (VALUES 0, 1) g(x) CROSS JOIN LATERAL \
             (SELECT count(*) n, sum(v) total FROM (VALUES 1, 4) u(v) WHERE u.v = g.x) s ORDER BY x"
        )
        .await,
        "0 | 0 | NULL\n1 | 1 | 1"
    );
}

#[tokio::test]
async fn a_term_is_evaluated_only_where_those_before_it_leave_the_answer_open() {
    for (sql, expected) in [
        ("SELECT x FROM t WHERE x <> 0 AND 4 / x > 1", "1\n2"),
        ("SELECT x FROM t WHERE x = 0 OR 4 / x = 1", "0\n4"),
        (
            "SELECT x FROM (SELECT * FROM t WHERE x <> 0) WHERE 4 / x > 1",
            "1\n2",
        ),
        (
            "SELECT s FROM t WHERE regexp_like(s, '^\\d+$') AND cast(s AS int) > 1",
            "2\n4",
        ),
        (
            "SELECT x <> 0 AND 4 / x > 1 FROM t",
            "false\ntrue\ntrue\nfalse\nNULL",
        ),
        (
            "SELECT count(*) FILTER (WHERE x <> 0 AND 4 / x > 1), sum(x) FROM t",
            "2 | 7",
        ),
        (
            "SELECT t.x FROM t JOIN (VALUES 1, 2) u(y) ON t.x <> 0 AND 4 / t.x > y ORDER BY 1, y",
            "1\n1\n2",
        ),
        (
            "SELECT x FROM t GROUP BY x HAVING sum(x) <> 0 AND 4 / sum(x) > 1 ORDER BY 1",
            "1\n2",
        ),
        (
            "SELECT filter(ARRAY[0, 1, 2, 4], v -> v <> 0 AND 4 / v > k) FROM (VALUES 1) u(k)",
            "[1, 2]",
        ),
        (
            "SELECT CASE WHEN x = 0 OR 4 / x = 1 THEN 'y' END FROM t WHERE x < 1",
            "y",
        ),
        (
            "SELECT NULL AND 1 / 0 > 1",
            "DIVISION_BY_ZERO: Division by zero",
        ),
        ("SELECT false AND 1 / 0 > 1", "false"),
    ] {
        let with = "WITH t(x, s) AS \
                    (VALUES (0, 'a'), (1, '1'), (2, '2'), (4, '4'), (cast(NULL AS int), NULL))";
        assert_eq!(one(&format!("{with} {sql}")).await, expected, "{sql}");
    }
}

/// On a thread with the stack that the binary gives its own.
#[test]
fn what_is_nested_too_deep_is_refused_and_what_is_less_deep_is_answered() {
    let thread = std::thread::Builder::new().stack_size(8 << 20);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let nesting = thread.spawn(move || runtime.block_on(nested_statements()));
    nesting.unwrap().join().unwrap();
}

async fn nested_statements() {
    let nested = |open: &str, core: &str, close: &str, depth: usize| {
        let (open, close) = (open.repeat(depth), close.repeat(depth));
        format!("SELECT {open}{core}{close} FROM (VALUES 1) t(x)")
    };
    for (open, core, close) in [
        ("", "x", " + x"),
        ("", "x", " + 0.0"),
        ("", "'a'", " || cast(x AS varchar)"),
        ("abs(", "x", ")"),
        ("CASE WHEN x = 1 THEN ", "x", " END"),
        ("NOT (x = 0 AND x / x = 1 OR ", "x = 1", ")"),
    ] {
        let said = one(&nested(open, core, close, 450)).await;
        assert!(
            said.contains("statement is too large"),
            "{open}{close}: {said}"
        );
        let answer = one(&nested(open, core, close, 90)).await;
        assert!(!answer.contains(':'), "{open}{close}: {answer}");
    }
    assert_eq!(one(&nested("", "x", " + x", 149)).await, "150");
    assert_eq!(one(&nested("abs(", "x", ")", 149)).await, "1");
    let terms: Vec<String> = (0..900).map(|n| format!("x = {n}")).collect();
    let any = format!("SELECT {} FROM (VALUES 1) t(x)", terms.join(" OR "));
    assert_eq!(one(&any).await, "true");
}

#[tokio::test]
async fn nan_is_not_the_greatest() {
    assert_eq!(
        one(
            "SELECT max(x), min(x), max_by(k, x), max(x, 2), greatest(1e0, nan(), 2e0), \
             least(nan(), 2e0), max(nan()) \
             FROM (VALUES (1e0, 'a'), (nan(), 'b'), (2e0, 'c')) t(x, k)"
        )
        .await,
        "2.0 | 1.0 | c | [2.0, 1.0] | 2.0 | 2.0 | NaN"
    );
}

#[tokio::test]
async fn a_sum_beyond_its_type_fails() {
    let nines = "9".repeat(38);
    for (values, expected) in [
        (
            format!("decimal '{nines}', decimal '1'"),
            "NUMERIC_VALUE_OUT_OF_RANGE: Decimal overflow".to_owned(),
        ),
        (
            format!("decimal '{nines}', decimal '{nines}', decimal '{nines}'"),
            "NUMERIC_VALUE_OUT_OF_RANGE: Decimal overflow".to_owned(),
        ),
        (
            format!("decimal '{nines}', decimal '-1'"),
            format!("{}8", "9".repeat(37)),
        ),
        (
            "9223372036854775807, 1".to_owned(),
            "NUMERIC_VALUE_OUT_OF_RANGE: bigint addition overflow: 9223372036854775808".to_owned(),
        ),
        (
            "decimal '1.50', decimal '2.25'".to_owned(),
            "3.75".to_owned(),
        ),
    ] {
        let sql = format!("SELECT sum(x) FROM (VALUES {values}) t(x)");
        assert_eq!(one(&sql).await, expected, "{sql}");
        let sql =
            format!("SELECT max(s) FROM (SELECT sum(x) OVER () s FROM (VALUES {values}) t(x))");
        assert_eq!(one(&sql).await, expected, "{sql}");
    }
}

#[tokio::test]
async fn the_frame_of_a_row_goes_by_its_own_offsets() {
    for (window, expected) in [
        ("ROWS BETWEEN 2 FOLLOWING AND 1 FOLLOWING", "- - - -"),
        ("GROUPS BETWEEN 9 PRECEDING AND 10 PRECEDING", "- - - -"),
        ("ROWS BETWEEN n PRECEDING AND CURRENT ROW", "1 2 2,4 2,4,-"),
        ("GROUPS BETWEEN CURRENT ROW AND n FOLLOWING", "1,2 2 4,- -"),
        // NULL is near to NULL only.
        ("RANGE BETWEEN n PRECEDING AND 0.5 FOLLOWING", "1 2 4 -"),
        (
            "RANGE BETWEEN 1.5 PRECEDING AND 2 FOLLOWING",
            "1,2 1,2,4 4 -",
        ),
        ("RANGE BETWEEN 2 PRECEDING AND 1.5 PRECEDING", "- - 2 -"),
    ] {
        let sql = format!(
            "SELECT array_join(array_agg(x) OVER (ORDER BY x {window}), ',', '-') \
             FROM (VALUES (1, 1), (2, 0), (4, 1), (NULL, 2)) t(x, n) ORDER BY x"
        );
        let found = one(&sql).await.replace("NULL", "-").replace('\n', " ");
        assert_eq!(found, expected, "{window}");
    }
}

#[tokio::test]
async fn aggregates_and_values_are_taken_from_any_frame() {
    assert_eq!(
        one(
            "SELECT x, count(*) OVER w, sum(x) OVER w, avg(x) OVER w, max(x) OVER w, \
             first_value(x) OVER w, last_value(x) OVER w, nth_value(x, n + 1) OVER w \
             FROM (VALUES (1, 2), (2, 0), (3, 1), (5, 3)) t(x, n) \
             WINDOW w AS (ORDER BY x DESC ROWS BETWEEN n PRECEDING AND 1 PRECEDING) ORDER BY x"
        )
        .await,
        "1 | 2 | 5 | 2.5 | 3 | 3 | 2 | NULL\n\
         2 | 0 | NULL | NULL | NULL | NULL | NULL | NULL\n\
         3 | 1 | 5 | 5.0 | 5 | 5 | 5 | NULL\n\
         5 | 0 | NULL | NULL | NULL | NULL | NULL | NULL"
    );
    assert_eq!(
        one(
            "SELECT x, sum(x) OVER (ORDER BY x DESC RANGE 1.5 PRECEDING), nth_value(x, x) OVER w \
             FROM (VALUES 1, 2, 4) t(x) WINDOW w AS (ORDER BY x ROWS BETWEEN UNBOUNDED PRECEDING \
             AND UNBOUNDED FOLLOWING) ORDER BY x"
        )
        .await,
        "1 | 3 | 1\n2 | 2 | 2\n4 | 4 | NULL"
    );
}

#[tokio::test]
async fn windows_that_mean_nothing_are_refused_in_words() {
    for (sql, expected) in [
        (
            "SELECT ntile(0) OVER (ORDER BY x) FROM t",
            "INVALID_FUNCTION_ARGUMENT: Buckets must be greater than 0",
        ),
        (
            "SELECT lag(x, -1) OVER (ORDER BY x) FROM t",
            "INVALID_FUNCTION_ARGUMENT: Offset must be at least 0",
        ),
        (
            "SELECT nth_value(x, 0) OVER (ORDER BY x) FROM t",
            "INVALID_FUNCTION_ARGUMENT: Offset must be at least 1",
        ),
        (
            "SELECT sum(x) OVER (ORDER BY sum(x) OVER ()) FROM t",
            "NESTED_WINDOW: Cannot nest window functions or row pattern measures inside \
             window specification",
        ),
        (
            "SELECT sum(rank() OVER ()) OVER () FROM t",
            "NESTED_WINDOW: Cannot nest window functions or row pattern measures inside \
             window function arguments",
        ),
        (
            "SELECT sum(x) OVER (ORDER BY x ROWS -x PRECEDING) FROM t",
            "INVALID_WINDOW_FRAME: Window frame offset value must not be negative or null",
        ),
        (
            "SELECT sum(x) OVER (ORDER BY x ROWS 1.5 PRECEDING) FROM t",
            "TYPE_MISMATCH: Window frame offset value must be of type BIGINT (actual decimal(2,1))",
        ),
        (
            "SELECT sum(x) OVER (ORDER BY x RANGE 'a' PRECEDING) FROM t",
            "TYPE_MISMATCH: Window frame of type RANGE does not match the sort item: \
             integer and varchar(1)",
        ),
        (
            "SELECT array_agg(x ORDER BY x) OVER () FROM t",
            "NOT_SUPPORTED: Window function with ORDER BY is not supported",
        ),
        (
            "SELECT count(DISTINCT x) OVER () FROM t",
            "NOT_SUPPORTED: DISTINCT in window function parameters not yet supported",
        ),
        (
            "SELECT sum(x) FILTER (WHERE x > 0) OVER () FROM t",
            "NOT_SUPPORTED: FILTER is not yet supported for window functions",
        ),
        (
            "SELECT lag(x) OVER () FROM t",
            "MISSING_ORDER_BY: lag function requires an ORDER BY window clause",
        ),
        (
            "SELECT lead(x) OVER (ORDER BY x ROWS CURRENT ROW) FROM t",
            "INVALID_WINDOW_FRAME: Cannot specify window frame for lead function",
        ),
        (
            "SELECT sum(x) IGNORE NULLS OVER () FROM t",
            "NULL_TREATMENT_NOT_ALLOWED: Cannot specify null treatment clause for sum function",
        ),
        (
            "DESCRIBE INPUT p",
            "NOT_SUPPORTED: the embedded Athena does not have DESCRIBE INPUT",
        ),
    ] {
        let sql = match sql.strip_prefix("SELECT") {
            Some(_) => format!("WITH t(x) AS (VALUES 1) {sql}"),
            None => sql.to_owned(),
        };
        let error = rows(&engine(), &sql).await.expect_err(&sql);
        assert_eq!(format!("{}: {}", error.code, error.message), expected);
    }
}

#[tokio::test]
async fn what_is_no_table_is_refused_by_what_it_is() {
    for (name, expected) in [
        (
            "information_schema.roles",
            "NOT_SUPPORTED: line 1:15: the embedded Athena does not have information_schema.roles",
        ),
        (
            "nocat.d.g",
            "CATALOG_NOT_FOUND: line 1:15: Catalog 'nocat' not found",
        ),
        (
            "nodb.t",
            "SCHEMA_NOT_FOUND: line 1:15: Schema 'nodb' does not exist",
        ),
    ] {
        assert_eq!(one(&format!("SELECT * FROM {name}")).await, expected);
    }
    assert_eq!(
        one("SELECT numeric_histogram(1, 2)").await,
        "NOT_SUPPORTED: line 1:8: the embedded Athena does not have the function numeric_histogram"
    );
}

#[tokio::test]
async fn there_are_as_many_values_as_parameters() {
    for (sql, values, expected) in [
        ("SELECT ?", 1, None),
        ("SELECT ?", 2, Some("expected 1 but found 2")),
        ("SELECT ?, ?", 1, Some("expected 2 but found 1")),
        ("SELECT 1", 1, Some("expected 0 but found 1")),
        (
            "EXECUTE IMMEDIATE 'SELECT ?, ?' USING 1",
            0,
            Some("expected 2 but found 1"),
        ),
    ] {
        let mut session = session();
        session.parameters = vec!["7".to_owned(); values];
        let said = match engine().run(sql, session).await {
            Ok(answer) => answer
                .rows
                .collect::<Vec<_>>()
                .await
                .into_iter()
                .find_map(Result::err),
            Err(error) => Some(error),
        };
        let expected = expected.map(|counts| {
            format!("INVALID_PARAMETER_USAGE: line 1:1: Incorrect number of parameters: {counts}")
        });
        assert_eq!(said.map(|error| error.to_string()), expected, "{sql}");
    }
}

#[tokio::test]
async fn a_column_is_headed_as_the_query_writes_it_and_found_however_it_is_written() {
    let sql = "WITH t(Castle, lake) AS (VALUES (1, 2)), u AS (SELECT castle AS Keep, LAKE FROM t) \
               SELECT u.*, keep + 1 AS NextOne, KEEP, 1 FROM u ORDER BY nextone, KEEP";
    let answer = engine().run(sql, session()).await.expect("an answer");
    let headings: Vec<&str> = answer.columns.iter().map(|c| c.name.as_str()).collect();
    assert_eq!(headings, ["Keep", "LAKE", "NextOne", "KEEP", "_col4"]);
}

#[tokio::test]
async fn a_key_that_holds_null_makes_no_map() {
    for sql in [
        "SELECT map(ARRAY[ARRAY[NULL]], ARRAY[2])",
        "SELECT map_from_entries(ARRAY[ROW(ARRAY[1, NULL], 2)])",
    ] {
        assert_eq!(
            one(sql).await,
            "INVALID_FUNCTION_ARGUMENT: map key cannot be indeterminate"
        );
    }
}

#[tokio::test]
async fn times_are_formatted_and_subtracted_as_trino_does() {
    assert_eq!(
        one(
            "SELECT format('%s %s', TIME '10:30:00', TIMESTAMP '2024-01-01 10:30:00.5 Asia/Tokyo'), \
             TIME '12:34:55.1111111' - TIME '12:34:56.9999999'"
        )
        .await,
        "10:30 2024-01-01T10:30:00.500+09:00[Asia/Tokyo] | -0 00:00:01.889"
    );
}

#[tokio::test]
async fn the_distance_on_the_globe_is_in_kilometres() {
    assert_eq!(
        one("SELECT round(great_circle_distance(36.12, -86.67, 33.94, -118.40), 6)").await,
        "2886.448973"
    );
}

#[tokio::test]
async fn numbers_with_a_point_are_joined_by_keys_and_compared_as_sql_compares_them() {
    let sides = "(VALUES (1, nan()), (2, 0e0), (3, -0e0), (4, 1.5e0), (5, NULL)) a(i, x) JOIN \
                 (VALUES (1, nan()), (2, 0e0), (3, 1.5e0), (4, NULL)) b(j, y)";
    for condition in ["x = y", "CAST(x AS real) = CAST(y AS real)"] {
        let joined = format!("{sides} ON {condition}");
        assert_eq!(
            one(&format!("SELECT i, j FROM {joined} ORDER BY i")).await,
            "2 | 2\n3 | 2\n4 | 3"
        );
        assert_eq!(
            one(&format!(
                "SELECT i, j FROM {} ORDER BY i",
                joined.replace("JOIN", "LEFT JOIN")
            ))
            .await,
            "1 | NULL\n2 | 2\n3 | 2\n4 | 3\n5 | NULL"
        );
        let plan = one(&format!("EXPLAIN SELECT i, j FROM {joined}")).await;
        assert!(plan.contains("HashJoinExec"), "{plan}");
    }
    let where_of = one(&format!(
        "EXPLAIN SELECT i, j FROM {} WHERE j > 1 AND y = x",
        sides.replace("JOIN", "CROSS JOIN")
    ))
    .await;
    assert!(where_of.contains("HashJoinExec"), "{where_of}");
    let semi = "SELECT count(*) FROM (VALUES nan(), -0e0, 2e0) a(x) WHERE x IN \
                (SELECT y FROM (VALUES nan(), 0e0, NULL) b(y))";
    assert_eq!(one(semi).await, "1");
}

#[tokio::test]
async fn a_recursive_query_takes_ten_steps_and_no_more() {
    let up_to = |n: i64| {
        format!(
            "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < {n}) \
             SELECT count(*), max(n) FROM t"
        )
    };
    assert_eq!(one(&up_to(11)).await, "11 | 11");
    let too_deep = "NOT_SUPPORTED: Recursion depth limit exceeded (10). Use \
                    'max_recursion_depth' session property to modify the limit.";
    assert_eq!(one(&up_to(12)).await, too_deep);
    // Rows that were there before are no end: UNION makes them one afterwards.
    let cycle = "SELECT n % 3 + 1 FROM t";
    assert_eq!(
        one(&format!(
            "WITH RECURSIVE t(n) AS (SELECT 1 UNION {cycle}) SELECT n FROM t"
        ))
        .await,
        too_deep
    );
    assert_eq!(
        one(
            "WITH RECURSIVE t(n) AS (SELECT * FROM (VALUES 1, 1) UNION SELECT n + 1 FROM t \
             WHERE n < 3) SELECT n FROM t ORDER BY n"
        )
        .await,
        "1\n2\n3"
    );
    // Each use of a recursive query takes steps of its own.
    assert_eq!(
        one(
            "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 8) \
             SELECT count(*) FROM t a JOIN t b ON a.n = b.n"
        )
        .await,
        "8"
    );
}

#[tokio::test]
async fn a_recursive_query_is_refused_where_trino_refuses_it() {
    for (sql, expected) in [
        (
            "WITH RECURSIVE t AS (SELECT 1 n UNION ALL SELECT n + 1 FROM t) SELECT * FROM t",
            "MISSING_COLUMN_ALIASES: line 1:16: missing column aliases in recursive WITH query",
        ),
        (
            "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT a.n FROM t a, t b) SELECT * FROM t",
            "INVALID_RECURSIVE_REFERENCE: line 1:65: multiple recursive references in the step \
             relation of recursion",
        ),
        (
            "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t LIMIT 5) \
             SELECT * FROM t",
            "INVALID_LIMIT_CLAUSE: line 1:25: immediate FETCH FIRST / LIMIT clause in recursive \
             query",
        ),
    ] {
        assert_eq!(one(sql).await, expected);
    }
}

#[tokio::test]
async fn lead_and_lag_count_values_where_nulls_are_ignored() {
    for (call, expected) in [
        ("lead(v, 2) IGNORE NULLS", "30 40 60 70 70 - -"),
        ("lead(v) IGNORE NULLS", "20 30 40 60 60 70 -"),
        ("lead(v, 3, 0) IGNORE NULLS", "40 60 70 0 0 0 0"),
        ("lag(v, 2) IGNORE NULLS", "- - 10 20 30 30 40"),
        ("lag(v, 2, x) IGNORE NULLS", "1 2 10 20 30 30 40"),
        ("lag(v, 0) IGNORE NULLS", "10 20 30 40 - 60 70"),
        ("lead(v, 2)", "30 40 - 60 70 - -"),
        ("lag(v, NULL)", "- - - - - - -"),
        ("lag(v, NULL, 0)", "- - - - - - -"),
        ("lead(v, x)", "20 40 60 - - - -"),
        ("lead(v, x, -x)", "20 40 60 -4 -5 -6 -7"),
        ("lag(v, nullif(x - 1, 1))", "10 - 10 10 10 10 10"),
    ] {
        let sql = format!(
            "SELECT array_join(array_agg(y ORDER BY x), ' ', '-') FROM \
             (SELECT x, {call} OVER (ORDER BY x) y FROM \
             (VALUES (1, 10), (2, 20), (3, 30), (4, 40), (5, NULL), (6, 60), (7, 70)) t(x, v))"
        );
        assert_eq!(one(&sql).await, expected, "{call}");
    }
    assert_eq!(
        one(
            "SELECT k, x, lag(v, 1, -1) IGNORE NULLS OVER (PARTITION BY k ORDER BY x) FROM \
             (VALUES ('a', 1, 7), ('a', 2, NULL), ('a', 3, 8), ('b', 1, NULL), ('b', 2, 9)) \
             t(k, x, v) ORDER BY k, x"
        )
        .await,
        "a | 1 | -1\na | 2 | 7\na | 3 | 7\nb | 1 | -1\nb | 2 | -1"
    );
    assert_eq!(
        one("SELECT lag(x, x - 2) OVER (ORDER BY x) FROM (VALUES 1, 2) t(x)").await,
        "INVALID_FUNCTION_ARGUMENT: Offset must be at least 0"
    );
}

#[tokio::test]
async fn a_natural_join_is_refused_as_trino_refuses_it() {
    assert_eq!(
        one("SELECT * FROM (VALUES 1) a(x) NATURAL JOIN (VALUES 1) b(x)").await,
        "NOT_SUPPORTED: line 1:15: Natural join not supported"
    );
}

#[tokio::test]
async fn the_first_rows_come_with_those_that_are_equal_to_the_last() {
    for (sql, expected) in [
        (
            "SELECT * FROM (VALUES 2, 1, 3, 2, 1) a(x) ORDER BY x FETCH FIRST 3 ROWS WITH TIES",
            "1\n1\n2\n2",
        ),
        (
            "SELECT * FROM (VALUES 2, 1, 3, 2, 1) a(x) ORDER BY x DESC OFFSET 1 ROW \
             FETCH NEXT ROW WITH TIES",
            "2\n2",
        ),
        (
            "SELECT count(*) FROM (SELECT x FROM (VALUES (1, 'a'), (2, 'b'), (3, 'b')) t(x, k) \
             ORDER BY k DESC FETCH FIRST 1 ROW WITH TIES)",
            "2",
        ),
        (
            "SELECT 1 AS x UNION ALL SELECT 2 UNION ALL SELECT 1 ORDER BY x \
             FETCH FIRST ROW WITH TIES",
            "1\n1",
        ),
        (
            "SELECT a, x FROM (VALUES ARRAY[2, 1, 1], ARRAY[3]) t(a) INNER JOIN LATERAL \
             (SELECT * FROM UNNEST(a) u(x) ORDER BY x FETCH FIRST ROW WITH TIES) ON TRUE \
             ORDER BY x",
            "[2, 1, 1] | 1\n[2, 1, 1] | 1\n[3] | 3",
        ),
        (
            "SELECT * FROM (VALUES 1) FETCH FIRST 5 ROWS WITH TIES",
            "MISSING_ORDER_BY: line 1:26: FETCH FIRST WITH TIES clause requires ORDER BY",
        ),
        (
            "SELECT 1 FETCH FIRST 0 ROWS ONLY",
            "NUMERIC_VALUE_OUT_OF_RANGE: line 1:10: FETCH FIRST row count must be positive \
             (actual value: 0)",
        ),
    ] {
        assert_eq!(one(sql).await, expected, "{sql}");
    }
}

#[tokio::test]
async fn what_a_few_rows_decide_takes_the_memory_of_a_few_rows() {
    let engine = Engine::new(Limits {
        memory: 2 << 20,
        scan: None,
        parallelism: 1,
    });
    let sql = "SELECT max_by(x, y), min_by(x, y), max(y, 2), max_by(x, y, 2), arbitrary(1) FROM \
               (SELECT x, n * 10000 + x AS y FROM UNNEST(sequence(1, 10000)) t(x) \
               CROSS JOIN UNNEST(sequence(1, 20)) u(n))";
    let found = rows(&engine, sql).await.unwrap();
    let found: Vec<String> = found.into_iter().flatten().flatten().collect();
    assert_eq!(
        found,
        ["10000", "1", "[210000, 209999]", "[10000, 9999]", "1"]
    );
}

#[tokio::test]
async fn rows_that_are_dropped_make_no_difference() {
    assert_eq!(
        one(
            "SELECT x % 2, max_by(x, y), min_by(x, y), approx_distinct(x % 5), \
             min_by(x, y, 2), max_by(x, CAST(NULL AS bigint)), max_by(x, if(x < 0, x), 2) \
             FROM (SELECT x, (x * 7919) % 10007 AS y FROM UNNEST(sequence(1, 10000)) t(x)) \
             GROUP BY 1 ORDER BY 1"
        )
        .await,
        "0 | 1040 | 9614 | 5 | [9614, 8574] | NULL | []\n1 | 393 | 8967 | 5 | [8967, 7927] | NULL | []"
    );
    // A frame that moves takes rows back.
    assert_eq!(
        one("SELECT sum(y) FROM (SELECT max_by(x, -x) OVER (ORDER BY x \
             ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) y FROM UNNEST(sequence(1, 200)) t(x))")
        .await,
        "19901"
    );
}

#[tokio::test]
async fn what_trino_does_not_read_as_a_timestamp_or_a_type_is_refused_in_its_words() {
    for (sql, expected) in [
        (
            "SELECT CAST('2024-01-01T10:00:00' AS timestamp)",
            "INVALID_CAST_ARGUMENT: Value cannot be cast to timestamp: 2024-01-01T10:00:00",
        ),
        (
            "SELECT CAST('24-01-01 10:00:00' AS timestamp with time zone)",
            "INVALID_CAST_ARGUMENT: Value cannot be cast to timestamp: 24-01-01 10:00:00",
        ),
        (
            "SELECT TIMESTAMP '2024-01-01T10:00:00'",
            "INVALID_LITERAL: line 1:8: '2024-01-01T10:00:00' is not a valid timestamp literal",
        ),
        (
            "SELECT CAST(1 AS string)",
            "TYPE_NOT_FOUND: line 1:18: Unknown type: string",
        ),
        (
            "SELECT CAST(NULL AS array(String))",
            "TYPE_NOT_FOUND: line 1:27: Unknown type: string",
        ),
        (
            "SELECT CAST('2024-1-2 3:04' AS timestamp)",
            "2024-01-02 03:04:00.000",
        ),
    ] {
        assert_eq!(one(sql).await, expected, "{sql}");
    }
}

#[tokio::test]
async fn what_a_pattern_does_not_fit_is_named_as_trino_names_it() {
    for (text, expected) in [
        ("", "Invalid format: \"\""),
        ("x2024", "Invalid format: \"x2024\""),
        ("2024", "Invalid format: \"2024\" is too short"),
        (
            "2024/01/02",
            "Invalid format: \"2024/01/02\" is malformed at \"/01/02\"",
        ),
        (
            "2024-01-02 and more than the thirty-two characters",
            "Invalid format: \"2024-01-02 and more than the thirty-two ch...\" is malformed at \
             \" and more than the thirty-two ch...\"",
        ),
        (
            "2024-13-45",
            "Cannot parse \"2024-13-45\": Value 13 for monthOfYear must be in the range [1,12]",
        ),
        (
            "2024-02-30",
            "Cannot parse \"2024-02-30\": Value 30 for dayOfMonth must be in the range [1,29]",
        ),
    ] {
        assert_eq!(
            one(&format!("SELECT date_parse('{text}', '%Y-%m-%d')")).await,
            format!("INVALID_FUNCTION_ARGUMENT: {expected}")
        );
    }
}

#[tokio::test]
async fn a_subquery_of_columns_is_a_row_and_one_of_a_column_is_compared_with_a_row() {
    for (sql, expected) in [
        ("SELECT (SELECT 'a' AS x, 1)", "{x=a, field1=1}"),
        (
            "SELECT (SELECT 1 AS a, 2 WHERE false)",
            "{a=null, field1=null}",
        ),
        ("SELECT ROW(2) > ALL (VALUES ROW(0), ROW(1))", "true"),
        ("SELECT ROW(0) IN (VALUES ROW(1), NULL)", "NULL"),
        (
            "SELECT count(*) FROM (VALUES ROW(ROW(1)), ROW(ROW(3))) t(r) WHERE r IN (VALUES 1, 2)",
            "1",
        ),
    ] {
        assert_eq!(one(sql).await, expected, "{sql}");
    }
}

#[tokio::test]
async fn a_join_with_unnest_has_no_condition() {
    for kind in ["INNER", "LEFT", "RIGHT", "FULL"] {
        let sql = format!("SELECT * FROM (VALUES 1) a(x) {kind} JOIN UNNEST(ARRAY[2]) b(y) ON");
        let at = sql.len() + 4;
        assert_eq!(
            one(&format!("{sql} y = 1")).await,
            format!(
                "NOT_SUPPORTED: line 1:{at}: {kind} JOIN involving UNNEST is only supported with \
                 condition ON TRUE"
            )
        );
        assert_eq!(one(&format!("{sql} TRUE")).await, "1 | 2");
    }
}

#[tokio::test]
async fn casts_take_what_trino_takes() {
    assert_eq!(
        one(
            "SELECT CAST('aä' AS varbinary), CAST(chr(28) || ' 2013-02-02 ' || chr(31) AS date), \
             length(trim(chr(31) || chr(160) || 'x ')), CAST(JSON '-1e309' AS double)"
        )
        .await,
        "61 c3 a4 | 2013-02-02 | 2 | -Infinity"
    );
    assert_eq!(
        one("SELECT CAST(CAST('a' AS char(1)) AS varbinary)").await,
        "TYPE_MISMATCH: line 1:8: Cannot cast char(1) to varbinary"
    );
}

#[tokio::test]
async fn keys_of_json_are_one_where_their_values_are() {
    let cast = |to| format!("SELECT CAST(JSON '{{\"1\": 1, \"01\": 2}}' AS {to})");
    assert_eq!(one(&cast("map(varchar, integer)")).await, "{01=2, 1=1}");
    let error = one(&cast("map(bigint, integer)")).await;
    let expected = "INVALID_CAST_ARGUMENT: Cannot cast to map(bigint, integer). Duplicate keys are \
                    not allowed\n";
    assert!(error.starts_with(expected), "{error}");
}

#[tokio::test]
async fn a_lambda_gives_the_type_of_its_state() {
    let sums = |step| format!("SELECT reduce(ARRAY[BIGINT '5000000000', 1], 0, {step}, s -> s)");
    assert_eq!(one(&sums("(s, x) -> s + x")).await, "5000000001");
    let error = one(&sums("(s, x) -> CAST(s + x AS tinyint)")).await;
    assert!(error.starts_with("FUNCTION_NOT_FOUND: "), "{error}");
}

#[tokio::test]
async fn every_item_of_a_list_is_evaluated() {
    let failure = "DIVISION_BY_ZERO: Division by zero";
    assert_eq!(one("SELECT 3 IN (2, 4, 3, 5 / 0)").await, failure);
    for (list, expected) in [
        ("(x, 4 / (x - 2))", failure),
        ("(0, 4 / x, NULL)", "NULL\ntrue"),
        ("(0, 4 / x)", "false\ntrue"),
        ("(1, 4 / 2)", "true\ntrue"),
    ] {
        let sql = format!("SELECT x IN {list} FROM (VALUES 1, 2) t(x) ORDER BY x");
        assert_eq!(one(&sql).await, expected, "{sql}");
    }
}
