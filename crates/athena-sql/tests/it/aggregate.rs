//! Aggregate functions.

use crate::catalog::{engine, rows};

/// The rows of a query, their values with bars between them, or its error.
async fn answer(sql: &str) -> String {
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

#[tokio::test]
async fn the_moments_of_a_column_are_given() {
    assert_eq!(
        answer(
            "SELECT round(skewness(x), 6), round(kurtosis(x), 6), skewness(x) FILTER (WHERE x < 3) \
             FROM (VALUES 1, 2, 3, 10, NULL) t(x)"
        )
        .await,
        "1.018234 | 3.228 | NULL"
    );
}

#[tokio::test]
async fn a_checksum_counts_values_and_nulls_in_any_order() {
    assert_eq!(
        answer("SELECT checksum(x), checksum(x) FILTER (WHERE x = 1) FROM (VALUES 2) t(x)").await,
        "d0 f7 0c eb d1 31 ec 61 | NULL"
    );
    assert_eq!(
        answer(
            "SELECT (SELECT checksum(x) FROM (VALUES 'a', NULL, 'b') t(x)) \
             = (SELECT checksum(x) FROM (VALUES 'b', 'a', NULL) t(x))"
        )
        .await,
        "true"
    );
    assert_eq!(
        answer("SELECT checksum(ARRAY[1])").await,
        "NOT_SUPPORTED: the embedded Athena does not have checksum of array(integer)"
    );
}

#[tokio::test]
async fn a_lambda_folds_a_group() {
    assert_eq!(
        answer(
            "SELECT k, reduce_agg(v, 1, (a, b) -> a * b, (a, b) -> a * b), \
             reduce_agg(v, 0, (a, b) -> a + b, (a, b) -> a + b) \
             FROM (VALUES ('a', 2), ('a', 3), ('a', NULL), ('b', 7)) t(k, v) GROUP BY k ORDER BY k"
        )
        .await,
        "a | 6 | 5\nb | 7 | 7"
    );
    assert_eq!(
        answer(
            "SELECT sum(v), reduce_agg(v, 0, (a, b) -> a + b + w, (a, b) -> a + b) \
             FROM (VALUES (1, 2)) t(v, w)"
        )
        .await,
        "NOT_SUPPORTED: line 1:16: the embedded Athena does not have columns within the lambdas \
         of reduce_agg"
    );
}

#[tokio::test]
async fn percentiles_come_one_by_one_or_several_at_once() {
    assert_eq!(
        answer(
            "SELECT approx_percentile(x, 0.5), approx_percentile(x, ARRAY[0.1, 0.5, 1.0]), \
             approx_percentile(x, w, 0.5), approx_percentile(x, w, ARRAY[0.5, 0.9]) \
             FROM (VALUES (1, 8), (2, 1), (3, 1), (4, 1)) t(x, w)"
        )
        .await,
        "2 | [1, 2, 4] | 1 | [1, 3]"
    );
    assert_eq!(
        answer("SELECT approx_percentile(x, ARRAY[0.5, 2]) FROM (VALUES 1) t(x)").await,
        "INVALID_FUNCTION_ARGUMENT: Percentile must be between 0 and 1"
    );
}

#[tokio::test]
async fn the_most_frequent_values_come_first() {
    assert_eq!(
        answer(
            "SELECT approx_most_frequent(2, x, 15), bitwise_xor_agg(length(x) + 4) \
             FROM (VALUES 'b', 'a', 'c', 'a', 'b', 'a', NULL) t(x)"
        )
        .await,
        "{a=3, b=2} | 0"
    );
}

#[tokio::test]
async fn booleans_are_told_of_every_kind_of_frame() {
    for frame in [
        "",
        "ROWS BETWEEN 2 PRECEDING AND CURRENT ROW",
        "ROWS BETWEEN 1 FOLLOWING AND 4 FOLLOWING",
        "ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING",
        "ROWS BETWEEN n PRECEDING AND n FOLLOWING",
        "RANGE BETWEEN 3 PRECEDING AND 1 PRECEDING",
        "RANGE BETWEEN n PRECEDING AND CURRENT ROW",
        "GROUPS BETWEEN 1 PRECEDING AND 1 FOLLOWING",
        "GROUPS BETWEEN 2 FOLLOWING AND 3 FOLLOWING",
    ] {
        let wrong = answer(&format!(
            "SELECT count(*), count_if(any_of IS NOT NULL) > 20, \
             count_if(any_of IS DISTINCT FROM if(cardinality(all_rows) > 0, \
             any_match(all_rows, v -> v))), \
             count_if(all_of IS DISTINCT FROM if(cardinality(all_rows) > 0, \
             all_match(all_rows, v -> v))), count_if(all_of IS DISTINCT FROM every_of) \
             FROM (SELECT bool_or(b) OVER w AS any_of, bool_and(b) OVER w AS all_of, \
             every(b) OVER w AS every_of, filter(array_agg(b) OVER w, v -> v IS NOT NULL) AS all_rows \
             FROM (SELECT x % 2 AS p, x / 4 AS x, x % 5 AS n, \
             if(x % 7 > 0, (x * x) % 5 = 1) AS b FROM UNNEST(sequence(1, 60)) t(x)) \
             WINDOW w AS (PARTITION BY p ORDER BY x {frame}))"
        ))
        .await;
        assert_eq!(wrong, "60 | true | 0 | 0 | 0", "{frame}");
    }
}

#[tokio::test]
async fn what_has_left_a_frame_leaves_nothing_behind() {
    assert_eq!(
        answer(
            "SELECT k, sum(x) OVER w, avg(x) OVER w, var_pop(x) OVER w, avg(d) OVER w, \
             max_by(k, d) OVER w, approx_percentile(k, 0.5) OVER w, approx_distinct(x) OVER w \
             FROM (VALUES (1, infinity(), 1.25), (2, 1e0, 9.50), (3, 2e0, NULL), (4, 4e0, 2.26)) \
             t(k, x, d) WINDOW w AS (ORDER BY k ROWS BETWEEN 2 PRECEDING AND 1 PRECEDING) \
             ORDER BY k"
        )
        .await,
        "1 | NULL | NULL | NULL | NULL | NULL | NULL | 0\n\
         2 | Infinity | Infinity | NaN | 1.25 | 1 | 1 | 1\n\
         3 | Infinity | Infinity | NaN | 5.38 | 2 | 1 | 2\n\
         4 | 3.0 | 1.5 | 0.25 | 9.50 | 2 | 2 | 2"
    );
}

#[tokio::test]
async fn a_lambda_folds_each_frame() {
    for frame in [
        "ROWS UNBOUNDED PRECEDING",
        "ROWS BETWEEN UNBOUNDED PRECEDING AND 2 PRECEDING",
        "ROWS BETWEEN 2 PRECEDING AND 1 FOLLOWING",
        "ROWS BETWEEN x PRECEDING AND 1 PRECEDING",
    ] {
        let wrong = answer(&format!(
            "SELECT count(*), count_if(folded IS DISTINCT FROM added + 100) FROM (SELECT \
             reduce_agg(v, 100, (a, b) -> a + b, (a, b) -> a + b) OVER w AS folded, \
             sum(v) OVER w AS added FROM (SELECT x, if(x % 3 > 0, x) AS v \
             FROM UNNEST(sequence(1, 20)) t(x)) WINDOW w AS (ORDER BY x {frame}))"
        ))
        .await;
        assert_eq!(wrong, "20 | 0", "{frame}");
    }
}

#[tokio::test]
async fn long_frames_that_move_are_summed_exactly() {
    assert_eq!(
        answer(
            "SELECT sum(r), max(m) FROM (SELECT avg(CAST(x AS decimal(10, 1))) OVER w AS r, \
             max_by(x, -x) OVER w AS m FROM UNNEST(sequence(1, 3000)) t(x) \
             WINDOW w AS (ORDER BY x ROWS BETWEEN 999 PRECEDING AND CURRENT ROW))"
        )
        .await,
        "3252750.0 | 2001"
    );
}

#[tokio::test]
async fn a_sum_of_intervals_that_is_too_large_is_an_error_in_groups_and_in_frames() {
    for (value, function) in [
        ("'100000000000' DAY", "sum(x)"),
        ("'2000000000' MONTH", "sum(x)"),
        ("'100000000000' DAY", "sum(x) OVER ()"),
    ] {
        let sql =
            format!("SELECT {function} FROM (VALUES INTERVAL {value}, INTERVAL {value}) t(x)");
        let error = rows(&engine(), &sql).await.unwrap_err().to_string();
        assert!(
            error.starts_with("NUMERIC_VALUE_OUT_OF_RANGE"),
            "{sql}: {error}"
        );
    }
    let average =
        "SELECT avg(x) FROM (VALUES INTERVAL '100000000000' DAY, INTERVAL '100000000000' DAY) t(x)";
    assert_eq!(answer(average).await, "100000000000 00:00:00.000");
}
