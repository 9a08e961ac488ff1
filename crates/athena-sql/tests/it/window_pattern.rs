//! Row patterns in windows.

use crate::match_recognize::answer;

/// What is asked over a window `w`, with its clauses, at the rows 1, 2, …, whose values these are.
async fn over(asked: &str, clauses: &str, values: &[i64]) -> String {
    let rows: Vec<String> = (1..)
        .zip(values)
        .map(|(id, v)| format!("({id}, {v})"))
        .collect();
    answer(&format!(
        "SELECT id, {asked} FROM (VALUES {}) t(id, v) WINDOW w AS (ORDER BY id {clauses}) \
         ORDER BY id",
        rows.join(", ")
    ))
    .await
}

#[tokio::test]
async fn a_row_that_no_match_has_skipped_has_the_match_that_begins_there() {
    let clauses = |skip: &str| {
        format!(
            "MEASURES LAST(v) AS l, CLASSIFIER() AS c \
             ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING AFTER MATCH SKIP {skip} \
             PATTERN (A B+) DEFINE B AS v < PREV(v)"
        )
    };
    let asked = "l OVER w, c OVER w, count(*) OVER w, array_agg(v) OVER w, row_number() OVER w";
    let values = [9, 7, 5, 6, 4];
    assert_eq!(
        over(asked, &clauses("PAST LAST ROW"), &values).await,
        "1 | 5 | B | 3 | [9, 7, 5] | 1\n2 | NULL | NULL | 0 | NULL | 2\n\
         3 | NULL | NULL | 0 | NULL | 3\n4 | 4 | B | 2 | [6, 4] | 4\n\
         5 | NULL | NULL | 0 | NULL | 5"
    );
    assert_eq!(
        over("array_agg(v) OVER w", &clauses("TO NEXT ROW"), &values).await,
        "1 | [9, 7, 5]\n2 | [7, 5]\n3 | NULL\n4 | [6, 4]\n5 | NULL"
    );
    assert_eq!(
        over("array_agg(v) OVER w", &clauses("TO LAST B"), &values).await,
        "1 | [9, 7, 5]\n2 | NULL\n3 | NULL\n4 | [6, 4]\n5 | NULL"
    );
    assert_eq!(
        over("l OVER w", &clauses("TO FIRST A"), &values).await,
        "GENERIC_USER_ERROR: AFTER MATCH SKIP failed: cannot skip to first row of match"
    );
}

#[tokio::test]
async fn seek_finds_a_match_further_on_in_the_frame() {
    let clauses = |mode: &str, skip: &str, end: &str| {
        format!(
            "ROWS BETWEEN CURRENT ROW AND {end} FOLLOWING AFTER MATCH SKIP {skip} {mode} \
             PATTERN (B) DEFINE B AS v = 8"
        )
    };
    let asked = "first_value(id) OVER w";
    let values = [1, 2, 8, 3];
    assert_eq!(
        over(asked, &clauses("INITIAL", "TO NEXT ROW", "1"), &values).await,
        "1 | NULL\n2 | NULL\n3 | 3\n4 | NULL"
    );
    assert_eq!(
        over(asked, &clauses("SEEK", "TO NEXT ROW", "1"), &values).await,
        "1 | NULL\n2 | 3\n3 | 3\n4 | NULL"
    );
    assert_eq!(
        over(
            asked,
            &clauses("SEEK", "PAST LAST ROW", "UNBOUNDED"),
            &values
        )
        .await,
        "1 | 3\n2 | NULL\n3 | NULL\n4 | NULL"
    );
}

#[tokio::test]
async fn nothing_is_matched_or_seen_beyond_the_frame() {
    let clauses = |end: &str, pattern: &str, condition: &str| {
        format!(
            "MEASURES PREV(v) AS p, NEXT(v) AS n ROWS BETWEEN CURRENT ROW AND {end} \
             AFTER MATCH SKIP TO NEXT ROW PATTERN ({pattern}) DEFINE A AS {condition}"
        )
    };
    let values = [1, 2, 3];
    let asked = "count(*) OVER w, p OVER w, n OVER w";
    assert_eq!(
        over(asked, &clauses("1 FOLLOWING", "A+", "true"), &values).await,
        "1 | 2 | 1 | NULL\n2 | 2 | 2 | NULL\n3 | 1 | NULL | NULL"
    );
    // In the partition, the first rows have a next one, and the last ones have one before.
    let next = clauses("CURRENT ROW", "A", "NEXT(v) IS NULL");
    assert_eq!(
        over("count(*) OVER w", &next, &values).await,
        "1 | 1\n2 | 1\n3 | 1"
    );
    let before = clauses("UNBOUNDED FOLLOWING", "A", "PREV(v) IS NULL");
    assert_eq!(
        over("count(*) OVER w", &before, &values).await,
        "1 | 1\n2 | 1\n3 | 1"
    );
    // What leads nowhere in one frame may lead on in the next.
    let varying = "ROWS BETWEEN CURRENT ROW AND v FOLLOWING AFTER MATCH SKIP TO NEXT ROW \
                   PATTERN (A{3}) DEFINE A AS true";
    assert_eq!(
        over("count(*) OVER w", varying, &[1, 2, 0, 9, 0, 0]).await,
        "1 | 0\n2 | 3\n3 | 0\n4 | 3\n5 | 0\n6 | 0"
    );
}

#[tokio::test]
async fn measures_are_as_at_the_last_row_and_know_empty_matches() {
    let clauses = "MEASURES 'matched' AS m, sum(U.v) AS s, FIRST(B.v) AS f \
                   ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING PATTERN ({- B -}* C?) \
                   SUBSET U = (B, C) DEFINE B AS v > 5, C AS count(*) > 1";
    assert_eq!(
        over(
            "m OVER w, s OVER w, f OVER w, max(v) OVER w",
            clauses,
            &[7, 8, 1, 2]
        )
        .await,
        "1 | matched | 16 | 7 | 8\n2 | NULL | NULL | NULL | NULL\n\
         3 | NULL | NULL | NULL | NULL\n4 | matched | NULL | NULL | NULL"
    );
}

#[tokio::test]
async fn partitions_orders_and_inherited_windows_go_with_patterns() {
    assert_eq!(
        answer(
            "SELECT k, id FROM (VALUES ('a', 2), ('a', 1), ('b', 1)) t(k, id) \
             WINDOW w AS (PARTITION BY k ORDER BY id) \
             ORDER BY c OVER (w MEASURES CLASSIFIER() AS c, count(*) AS n \
             ROWS BETWEEN CURRENT ROW AND CURRENT ROW PATTERN (A | B) DEFINE A AS id = 2), k"
        )
        .await,
        "a | 2\na | 1\nb | 1"
    );
    assert_eq!(
        answer(
            "SELECT k, n OVER w FROM (VALUES ('a', 2), ('a', 1), ('b', 1)) t(k, id) GROUP BY k \
             WINDOW w AS (ORDER BY k MEASURES count(*) + (SELECT 10) AS n \
             ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING PATTERN (A+) \
             DEFINE A AS k IN (SELECT 'a' UNION SELECT 'b')) ORDER BY k"
        )
        .await,
        "a | 12\nb | NULL"
    );
    assert_eq!(
        answer(
            "SELECT DISTINCT c OVER w FROM (VALUES 1, 2) t(id) WINDOW w AS (ORDER BY id \
             MEASURES CLASSIFIER() AS c ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING \
             PATTERN (A) DEFINE A AS true) ORDER BY c OVER w"
        )
        .await,
        "A"
    );
}

#[tokio::test]
async fn what_a_window_cannot_mean_is_refused() {
    let frame = "ROWS BETWEEN CURRENT ROW AND 5 FOLLOWING";
    let cases = [
        (
            "m",
            format!("MEASURES v AS m {frame} PATTERN (A)"),
            "MISSING_VARIABLE_DEFINITIONS",
            "Pattern recognition requires DEFINE clause",
        ),
        (
            "rank()",
            "RANGE BETWEEN CURRENT ROW AND 5 FOLLOWING PATTERN (A) DEFINE A AS true".to_owned(),
            "INVALID_WINDOW_FRAME",
            "Pattern recognition requires ROWS frame type",
        ),
        (
            "rank()",
            "ROWS BETWEEN 5 PRECEDING AND CURRENT ROW PATTERN (A) DEFINE A AS true".to_owned(),
            "INVALID_WINDOW_FRAME",
            "Pattern recognition requires frame specified as BETWEEN CURRENT ROW AND ...",
        ),
        (
            "rank()",
            format!("MEASURES v AS m {frame}"),
            "MISSING_ROW_PATTERN",
            "Row pattern measures require PATTERN clause",
        ),
        (
            "rank()",
            format!("{frame} AFTER MATCH SKIP TO NEXT ROW"),
            "MISSING_ROW_PATTERN",
            "AFTER MATCH SKIP clause requires PATTERN clause",
        ),
        (
            "rank()",
            format!("{frame} SEEK"),
            "MISSING_ROW_PATTERN",
            "SEEK modifier requires PATTERN clause",
        ),
        (
            "rank()",
            format!("{frame} SUBSET U = (A, B)"),
            "MISSING_ROW_PATTERN",
            "Union variable definitions require PATTERN clause",
        ),
        (
            "rank()",
            format!("{frame} DEFINE B AS false"),
            "MISSING_ROW_PATTERN",
            "Primary pattern variable definitions require PATTERN clause",
        ),
        (
            "rank()",
            format!("{frame} PATTERN (A B $) DEFINE A AS true"),
            "INVALID_ROW_PATTERN",
            "Anchor pattern syntax is not allowed in window",
        ),
        (
            "rank()",
            format!("{frame} PATTERN (A) DEFINE A AS MATCH_NUMBER() > 2"),
            "INVALID_PATTERN_RECOGNITION_FUNCTION",
            "MATCH_NUMBER function is not supported in window",
        ),
        (
            "m",
            format!("MEASURES v AS \"m\" {frame} PATTERN (A) DEFINE A AS true"),
            "INVALID_WINDOW_MEASURE",
            "Measure m is not defined in the corresponding window",
        ),
        (
            "m",
            format!("MEASURES v AS m, 1 AS M {frame} PATTERN (A) DEFINE A AS true"),
            "AMBIGUOUS_NAME",
            "Measure m is defined more than once",
        ),
        (
            "sum(m OVER w)",
            format!("MEASURES v AS m {frame} PATTERN (A) DEFINE A AS true"),
            "NESTED_WINDOW",
            "Cannot nest window functions or row pattern measures inside window function arguments",
        ),
    ];
    for (asked, clauses, code, message) in cases {
        let refused = over(&format!("{asked} OVER w"), &clauses, &[1]).await;
        assert!(
            refused.starts_with(&format!("{code}: line 1:")),
            "{refused}"
        );
        assert!(refused.ends_with(message), "{refused}");
    }
}
