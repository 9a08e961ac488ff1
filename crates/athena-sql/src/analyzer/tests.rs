//! What plans come of subqueries.

use std::sync::Arc;

use crate::test_lake::Lake;

/// A table of three partitions `d`, and one of two.
async fn lake() -> Arc<Lake> {
    let lake = Arc::new(Lake::default());
    lake.written(
        "CREATE TABLE many WITH (external_location = 's3://bucket/many/', \
         partitioned_by = ARRAY['d']) AS \
         SELECT * FROM (VALUES (1, 'a', 1), (2, 'b', 2), (3, 'c', 3)) t(k, v, d)",
    )
    .await;
    lake.written(
        "CREATE TABLE few WITH (external_location = 's3://bucket/few/', \
         partitioned_by = ARRAY['p']) AS \
         SELECT * FROM (VALUES (1, 'a', 1), (4, 'd', 2)) t(k, v, p)",
    )
    .await;
    lake
}

#[tokio::test]
async fn rows_around_a_subquery_are_read_once_and_of_their_partition_alone() {
    let lake = lake().await;
    for condition in [
        "k IN (SELECT k FROM few)",
        "k NOT IN (SELECT k FROM few)",
        "(k = ANY (SELECT k FROM few) OR v = 'x')",
        "k <> ALL (SELECT k FROM few)",
        "k IN (SELECT k FROM few WHERE few.v = many.v)",
        "k NOT IN (SELECT k FROM few WHERE few.v = many.v)",
        "EXISTS (SELECT 1 FROM few WHERE few.k = many.k)",
        "NOT EXISTS (SELECT 1 FROM few WHERE few.k = many.k)",
        "coalesce((SELECT max(few.k) FROM few WHERE few.k = many.k), 0) = 0",
    ] {
        // Conditions without a subquery come first, wherever they are written.
        for filter in [
            format!("d = 2 AND {condition}"),
            format!("{condition} AND d = 2"),
        ] {
            let sql = format!("EXPLAIN SELECT v FROM many WHERE {filter}");
            let plan = lake.rows(&sql).await.join("\n");
            assert!(plan.contains("HashJoinExec"), "{filter}: {plan}");
            let scans = |files: usize| plan.matches(&format!("files={files},")).count();
            assert_eq!((scans(1), scans(3)), (1, 0), "{filter}: {plan}");
        }
    }
}

#[tokio::test]
async fn an_order_asks_for_one_row_of_its_subquery() {
    let lake = lake().await;
    let sql = "EXPLAIN SELECT v FROM many WHERE d = 2 AND k > ALL (SELECT k FROM few)";
    let plan = lake.rows(sql).await.join("\n");
    assert_eq!(plan.matches("files=2,").count(), 1, "{plan}");
    assert_eq!(plan.matches("files=1,").count(), 1, "{plan}");
}

#[tokio::test]
async fn in_within_in_does_not_double_what_is_read_without_end() {
    let lake = lake().await;
    let mut query = "SELECT k FROM few".to_owned();
    for _ in 0..6 {
        query = format!("SELECT k FROM few WHERE k NOT IN ({query})");
    }
    let plan = lake.rows(&format!("EXPLAIN {query}")).await.join("\n");
    // Each level doubled, there were 127.
    assert!(plan.matches("files=2,").count() < 40, "{plan}");
}
