//! Queries as a user writes them.

use crate::catalog::{engine, rows};

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
