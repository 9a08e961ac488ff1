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
