//! MATCH_RECOGNIZE.

use crate::catalog::{engine, rows};

/// The rows of a query, their values with bars between them, or its error.
pub async fn answer(sql: &str) -> String {
    match rows(&engine(), sql).await {
        Ok(rows) => rows
            .into_iter()
            .map(|row| {
                row.into_iter()
                    .map(|value| value.unwrap_or_else(|| "NULL".to_owned()))
                    .collect::<Vec<_>>()
                    .join(" | ")
            })
            .collect::<Vec<_>>()
            .join("\n"),
        Err(error) => error.to_string(),
    }
}

/// The labels of each match over the rows 1, 2 and 3.
async fn labels(pattern: &str, definitions: &str) -> String {
    answer(&format!(
        "SELECT l FROM (VALUES 1, 2, 3) t(v) MATCH_RECOGNIZE (ORDER BY v \
         MEASURES array_agg(CLASSIFIER()) AS l, FIRST(v) AS f PATTERN ({pattern}) \
         DEFINE {definitions}) ORDER BY f"
    ))
    .await
}

#[tokio::test]
async fn each_partition_has_matches_of_its_own() {
    assert_eq!(
        answer(
            "SELECT * FROM (VALUES ('x', 1, 10), ('x', 2, 7), ('x', 3, 9), ('y', 1, 5), \
             ('y', 2, 6), ('z', 1, 4), ('z', 2, 2), ('z', 3, 3)) t(k, d, p) \
             MATCH_RECOGNIZE (PARTITION BY k ORDER BY d \
             MEASURES A.p AS top, LAST(DOWN.p) AS bottom, LAST(UP.p) AS ending, \
             MATCH_NUMBER() AS n, count(*) AS c \
             PATTERN (A DOWN+ UP+) DEFINE DOWN AS p < PREV(p), UP AS p > PREV(p)) ORDER BY k"
        )
        .await,
        "x | 10 | 7 | 9 | 1 | 3\nz | 4 | 2 | 3 | 1 | 3"
    );
}

#[tokio::test]
async fn all_rows_have_keys_then_measures_then_the_other_columns() {
    assert_eq!(
        answer(
            "SELECT * FROM (VALUES (1, 'a', true)) t(v, k, b) MATCH_RECOGNIZE (PARTITION BY k \
             ORDER BY v MEASURES CLASSIFIER() AS c ALL ROWS PER MATCH PATTERN (x \"y\"?) \
             DEFINE x AS true)"
        )
        .await,
        "a | 1 | X | true"
    );
}

#[tokio::test]
async fn rows_without_a_match_and_empty_matches_are_given_where_asked_for() {
    let sql = |mode: &str, pattern: &str| {
        format!(
            "SELECT v, n, c, k FROM (VALUES 1, 2, 3) t(v) MATCH_RECOGNIZE (ORDER BY v \
             MEASURES MATCH_NUMBER() AS n, CLASSIFIER() AS c, count(B.*) AS k \
             ALL ROWS PER MATCH {mode} PATTERN ({pattern}) DEFINE B AS v = 2) ORDER BY v"
        )
    };
    let empty_matches = "1 | 1 | NULL | 0\n2 | 2 | B | 1\n3 | 3 | NULL | 0";
    assert_eq!(answer(&sql("", "B*")).await, empty_matches);
    assert_eq!(
        answer(&sql("SHOW EMPTY MATCHES", "B*")).await,
        empty_matches
    );
    assert_eq!(
        answer(&sql("OMIT EMPTY MATCHES", "B*")).await,
        "2 | 2 | B | 1"
    );
    assert_eq!(
        answer(&sql("WITH UNMATCHED ROWS", "B+")).await,
        "1 | NULL | NULL | NULL\n2 | 1 | B | 1\n3 | NULL | NULL | NULL"
    );
}

#[tokio::test]
async fn the_next_match_begins_where_the_clause_says() {
    let sql = |skip: &str| {
        format!(
            "SELECT a, b FROM (VALUES 1, 2, 3, 4) t(v) MATCH_RECOGNIZE (ORDER BY v \
             MEASURES A.v AS a, B.v AS b AFTER MATCH SKIP {skip} PATTERN (A B C?) \
             DEFINE C AS false) ORDER BY a"
        )
    };
    let overlapping = "1 | 2\n2 | 3\n3 | 4";
    assert_eq!(answer(&sql("PAST LAST ROW")).await, "1 | 2\n3 | 4");
    assert_eq!(answer(&sql("TO NEXT ROW")).await, overlapping);
    assert_eq!(answer(&sql("TO LAST B")).await, overlapping);
    assert_eq!(answer(&sql("TO FIRST B")).await, overlapping);
    assert_eq!(answer(&sql("TO B")).await, overlapping);
    assert_eq!(
        answer(&sql("TO FIRST A")).await,
        "GENERIC_USER_ERROR: AFTER MATCH SKIP failed: cannot skip to first row of match"
    );
    assert_eq!(
        answer(&sql("TO C")).await,
        "GENERIC_USER_ERROR: AFTER MATCH SKIP failed: pattern variable is not present in match"
    );
}

#[tokio::test]
async fn of_several_matches_the_preferred_one_is_taken() {
    assert_eq!(labels("A* B", "A AS true").await, "[A, A, B]");
    assert_eq!(labels("A*? B", "A AS true").await, "[B]\n[B]\n[B]");
    assert_eq!(labels("A{2,} | B", "A AS true").await, "[A, A, A]");
    assert_eq!(labels("A{1,2}? B", "A AS true").await, "[A, B]");
    assert_eq!(labels("(A | B)+", "A AS v <> 2").await, "[A, B, A]");
    assert_eq!(
        labels("PERMUTE(A, B, C)", "A AS v = 3, B AS v = 1").await,
        "[B, C, A]"
    );
    assert_eq!(labels("^A $", "A AS true").await, "");
    assert_eq!(labels("^A B C$", "A AS true").await, "[A, B, C]");
    assert_eq!(labels("(() | A)* B", "A AS true").await, "[B]\n[B]\n[B]");
}

#[tokio::test]
async fn excluded_rows_belong_to_the_match_and_are_left_out() {
    assert_eq!(
        answer(
            "SELECT v, c, n FROM (VALUES 1, 2, 3) t(v) MATCH_RECOGNIZE (ORDER BY v \
             MEASURES CLASSIFIER() AS c, count(*) AS n ALL ROWS PER MATCH \
             PATTERN (A {- B -} C) DEFINE A AS true) ORDER BY v"
        )
        .await,
        "1 | A | 1\n3 | C | 3"
    );
}

#[tokio::test]
async fn measures_are_of_the_rows_up_to_theirs_or_of_the_whole_match() {
    assert_eq!(
        answer(
            "SELECT d, ra, fa, f, l, nx, p FROM (VALUES (1, 10), (2, 20), (3, 30)) t(d, v) \
             MATCH_RECOGNIZE (ORDER BY d MEASURES RUNNING sum(A.v) AS ra, FINAL sum(A.v) AS fa, \
             FIRST(A.v) AS f, LAST(U.v, 1) AS l, NEXT(v) AS nx, PREV(FINAL LAST(A.v), 2) AS p \
             ALL ROWS PER MATCH PATTERN (A B A) SUBSET U = (A, B) DEFINE A AS true) ORDER BY d"
        )
        .await,
        "1 | 10 | 40 | 10 | NULL | 20 | 10\n2 | 10 | 40 | 10 | 10 | 30 | 10\n\
         3 | 40 | 40 | 10 | 20 | NULL | 10"
    );
}

#[tokio::test]
async fn a_condition_sees_the_labels_before_it() {
    // Among all ways to label the rows, the first whose sums agree.
    assert_eq!(
        answer(
            "SELECT l FROM (VALUES 1, 2, 3) t(v) MATCH_RECOGNIZE (ORDER BY v \
             MEASURES array_agg(CLASSIFIER()) AS l PATTERN (^(A | B)+ C$) \
             DEFINE C AS sum(A.v) + 1 = sum(B.v))"
        )
        .await,
        "[A, B, C]"
    );
    assert_eq!(
        answer(
            "SELECT l FROM (VALUES 1, 2, 3) t(v) MATCH_RECOGNIZE (ORDER BY v \
             MEASURES array_agg(CLASSIFIER()) AS l PATTERN ((A | B)+ C) \
             DEFINE C AS PREV(CLASSIFIER()) = 'B' AND FIRST(CLASSIFIER()) = 'B')"
        )
        .await,
        "[B, B, C]"
    );
}

#[tokio::test]
async fn ways_that_lead_nowhere_are_gone_once() {
    for condition in ["v = 0", "A.v = 0", "PREV(CLASSIFIER()) = 'C'"] {
        let sql = format!(
            "SELECT * FROM UNNEST(sequence(1, 40)) t(v) MATCH_RECOGNIZE (ORDER BY v \
             MEASURES A.v AS a PATTERN ((A | B)+ C) DEFINE C AS {condition})"
        );
        assert_eq!(answer(&sql).await, "");
    }
}

#[tokio::test]
async fn only_rows_that_are_asked_for_may_fail() {
    assert_eq!(
        answer(
            "SELECT * FROM (VALUES (1, 5), (2, 0)) t(d, v) MATCH_RECOGNIZE (ORDER BY d \
             MEASURES A.v AS a PATTERN (^A) DEFINE A AS 10 / v > 0)"
        )
        .await,
        "5"
    );
}

#[tokio::test]
async fn subqueries_stand_in_expressions_of_patterns() {
    assert_eq!(
        answer(
            "SELECT v, a, b FROM (VALUES 1, 2) t(v) MATCH_RECOGNIZE (ORDER BY v \
             MEASURES v IN (SELECT 2) AS a, max(v) + (SELECT 10) AS b ALL ROWS PER MATCH \
             PATTERN (A+) DEFINE A AS EXISTS (SELECT 1)) ORDER BY v"
        )
        .await,
        "1 | false | 11\n2 | true | 12"
    );
}

#[tokio::test]
async fn what_trino_refuses_is_refused_in_its_words() {
    let cases = [
        (
            "MEASURES FIRST(LAST(a)) AS m PATTERN (A) DEFINE A AS true",
            "INVALID_NAVIGATION_NESTING",
            "Cannot nest last pattern navigation function inside first pattern navigation function",
        ),
        (
            "MEASURES PREV(1) AS m PATTERN (A) DEFINE A AS true",
            "INVALID_ARGUMENTS",
            "Pattern navigation function 'PREV' must contain at least one column reference or \
             CLASSIFIER()",
        ),
        (
            "MEASURES LAST(a, -1) AS m PATTERN (A) DEFINE A AS true",
            "NUMERIC_VALUE_OUT_OF_RANGE",
            "last pattern recognition navigation function requires a non-negative number as the \
             second argument (actual: -1)",
        ),
        (
            "MEASURES sum(A.a + B.a) AS m PATTERN (A B) DEFINE A AS true",
            "INVALID_ARGUMENTS",
            "All labels and classifiers inside the call to 'sum' must match",
        ),
        (
            "MEASURES sum(DISTINCT a) AS m PATTERN (A) DEFINE A AS true",
            "NOT_SUPPORTED",
            "Cannot use DISTINCT with sum aggregate function in pattern recognition context",
        ),
        (
            "MEASURES t.a AS m PATTERN (A) DEFINE A AS true",
            "COLUMN_NOT_FOUND",
            "Column 't.a' cannot be resolved or requester is not authorized to access requested \
             resources",
        ),
        (
            "MEASURES CLASSIFIER(x) AS m PATTERN (A) DEFINE A AS true",
            "INVALID_FUNCTION_ARGUMENT",
            "x is not a primary pattern variable or subset name",
        ),
        (
            "MEASURES a AS m PATTERN (A) SUBSET A = (A) DEFINE A AS true",
            "INVALID_LABEL",
            "union pattern variable name: A is a duplicate of primary pattern variable name",
        ),
        (
            "MEASURES a AS m PATTERN (A) DEFINE Z AS true",
            "INVALID_LABEL",
            "defined variable: Z is not a primary pattern variable",
        ),
        (
            "MEASURES a AS m PATTERN (A) DEFINE A AS FINAL LAST(a) > 1",
            "INVALID_PROCESSING_MODE",
            "FINAL semantics is not supported in DEFINE clause",
        ),
        (
            "MEASURES a AS m PATTERN (A) DEFINE A AS a",
            "TYPE_MISMATCH",
            "Expression defining a label must be boolean (actual type: integer)",
        ),
        (
            "MEASURES a AS m SEEK PATTERN (A) DEFINE A AS true",
            "NOT_SUPPORTED",
            "Pattern search modifier: SEEK is not allowed in MATCH_RECOGNIZE clause",
        ),
        (
            "ALL ROWS PER MATCH WITH UNMATCHED ROWS PATTERN ({- A -}) DEFINE A AS true",
            "INVALID_ROW_PATTERN",
            "Pattern exclusion syntax is not allowed when ALL ROWS PER MATCH WITH UNMATCHED ROWS \
             is specified",
        ),
        (
            "MEASURES row_number() OVER () AS m PATTERN (A) DEFINE A AS true",
            "NESTED_WINDOW",
            "Cannot nest window functions or row pattern measures inside pattern recognition \
             expressions",
        ),
        (
            "MEASURES (SELECT a) AS m PATTERN (A) DEFINE A AS true",
            "NOT_SUPPORTED",
            "Reference to column 'a' from outer scope not allowed in this context",
        ),
        (
            "PARTITION BY c MEASURES a AS m PATTERN (A) DEFINE A AS true",
            "COLUMN_NOT_FOUND",
            "Column c is not present in the input relation",
        ),
        (
            "PATTERN (A) DEFINE A AS true",
            "TABLE_HAS_NO_COLUMNS",
            "pattern recognition output table has no columns",
        ),
    ];
    for (clauses, code, message) in cases {
        let sql = format!("SELECT * FROM (VALUES (1, 2)) t(a, b) MATCH_RECOGNIZE ({clauses})");
        let refused = answer(&sql).await;
        assert!(
            refused.starts_with(&format!("{code}: line 1:")),
            "{refused}"
        );
        assert!(refused.ends_with(message), "{refused}");
    }
}

#[tokio::test]
async fn aggregates_go_on_from_row_to_row_of_a_match() {
    assert_eq!(
        answer(
            "SELECT x, a, m, s, p FROM (VALUES (1, 1.25), (2, 9.50), (3, NULL), (4, 2.26)) t(x, d) \
             MATCH_RECOGNIZE (ORDER BY x MEASURES RUNNING avg(d) AS a, RUNNING max_by(x, d) AS m, \
             RUNNING set_agg(x % 2) AS s, FINAL approx_percentile(x, 0.5) AS p \
             ALL ROWS PER MATCH PATTERN (A+) DEFINE A AS approx_distinct(x) < 5) ORDER BY x"
        )
        .await,
        "1 | 1.25 | 1 | [1] | 2\n2 | 5.38 | 2 | [1, 0] | 2\n\
         3 | 5.38 | 2 | [1, 0] | 2\n4 | 4.34 | 2 | [1, 0] | 2"
    );
}
