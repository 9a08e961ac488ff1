//! Comparisons with the rows of subqueries, wherever a condition may stand.

use std::collections::BTreeMap;

use athena_sql::Engine;

use crate::catalog::{engine, rows};

/// What is compared.
const VALUES: [Option<i64>; 4] = [None, Some(1), Some(2), Some(3)];
/// What subqueries give.
const SETS: [&[Option<i64>]; 8] = [
    &[],
    &[None],
    &[Some(1)],
    &[Some(2), Some(2)],
    &[Some(1), Some(3)],
    &[Some(2), None],
    &[Some(1), Some(2), Some(3)],
    &[None, Some(3), Some(1), None],
];
const OPERATORS: [&str; 6] = ["=", "<>", "<", "<=", ">", ">="];

/// A condition with `(…)` for the subquery, and what it is of each of its rows.
struct Condition {
    written: String,
    operator: &'static str,
    is_any: bool,
}

impl Condition {
    fn of(&self, subquery: &str) -> String {
        self.written.replace('…', subquery)
    }

    /// What SQL has it give of a value and of a subquery's rows.
    fn gives(&self, value: Option<i64>, set: &[Option<i64>]) -> Option<bool> {
        let each: Vec<Option<bool>> = set
            .iter()
            .map(|row| compared(self.operator, value, *row))
            .collect();
        if each.contains(&Some(self.is_any)) {
            return Some(self.is_any);
        }
        if each.contains(&None) {
            return None;
        }
        Some(!self.is_any)
    }
}

fn compared(operator: &str, a: Option<i64>, b: Option<i64>) -> Option<bool> {
    let (a, b) = (a?, b?);
    Some(match operator {
        "=" => a == b,
        "<>" => a != b,
        "<" => a < b,
        "<=" => a <= b,
        ">" => a > b,
        _ => a >= b,
    })
}

fn conditions() -> Vec<Condition> {
    let mut all = Vec::new();
    let condition = |written: String, operator, is_any| Condition {
        written,
        operator,
        is_any,
    };
    for operator in OPERATORS {
        all.push(condition(format!("x {operator} ANY (…)"), operator, true));
        all.push(condition(format!("x {operator} ALL (…)"), operator, false));
    }
    all.push(condition("x IN (…)".to_owned(), "=", true));
    all.push(condition("x NOT IN (…)".to_owned(), "<>", false));
    all
}

fn number(value: Option<i64>) -> String {
    value.map_or("NULL".to_owned(), |number| number.to_string())
}

/// Every set's number beside every value.
fn outer_rows() -> String {
    let row = |set: usize, value: Option<i64>| format!("({set}, {})", number(value));
    let all: Vec<String> = (0..SETS.len())
        .flat_map(|set| VALUES.map(|value| row(set, value)))
        .collect();
    format!("(VALUES {}) t(s, x)", all.join(", "))
}

/// The rows of all sets, each beside its set's number.
fn inner_rows() -> String {
    let all: Vec<String> = SETS
        .iter()
        .enumerate()
        .flat_map(|(set, rows)| rows.iter().map(move |row| (set, *row)))
        .map(|(set, row)| format!("({set}, {})", number(row)))
        .collect();
    format!("(VALUES {}) u(r, y)", all.join(", "))
}

async fn answers(engine: &Engine, sql: &str) -> Vec<Vec<String>> {
    let rows = rows(engine, sql)
        .await
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
    let text = |cell: Option<String>| cell.unwrap_or_else(|| "NULL".to_owned());
    rows.into_iter()
        .map(|row| row.into_iter().map(text).collect())
        .collect()
}

/// The answers by set and value: the first two columns of a query.
async fn by_row(engine: &Engine, sql: &str) -> BTreeMap<(String, String), Vec<String>> {
    let mut all = BTreeMap::new();
    for mut row in answers(engine, sql).await {
        let others = row.split_off(2);
        let key = (row[0].clone(), row[1].clone());
        assert!(all.insert(key, others).is_none(), "{sql}: {row:?} twice");
    }
    all
}

fn text(truth: Option<bool>) -> &'static str {
    match truth {
        Some(true) => "true",
        Some(false) => "false",
        None => "NULL",
    }
}

/// Checks a condition in the select list, in CASE and in WHERE, with one subquery for all sets.
async fn check(engine: &Engine, condition: &Condition, subquery: &str) {
    let condition_of = condition.of(subquery);
    let outer = outer_rows();
    let selected = format!(
        "SELECT s, x, {condition_of}, CASE WHEN {condition_of} THEN 'yes' ELSE 'no' END FROM {outer}"
    );
    let selected = by_row(engine, &selected).await;
    let kept = format!("SELECT s, x FROM {outer} WHERE s >= 0 AND {condition_of}");
    let kept = by_row(engine, &kept).await;
    let left = format!("SELECT s, x FROM {outer} WHERE NOT ({condition_of})");
    let left = by_row(engine, &left).await;
    for (set, rows) in SETS.iter().enumerate() {
        for value in VALUES {
            let truth = condition.gives(value, rows);
            let key = (set.to_string(), number(value));
            let what = format!("{condition_of} of {key:?}");
            let is_true = if truth == Some(true) { "yes" } else { "no" };
            assert_eq!(selected[&key], [text(truth), is_true], "{what}");
            assert_eq!(kept.contains_key(&key), truth == Some(true), "{what}");
            assert_eq!(left.contains_key(&key), truth == Some(false), "{what}");
        }
    }
}

#[tokio::test]
async fn a_subquery_that_depends_on_a_row_by_equality_is_compared_with_three_truths() {
    let engine = engine();
    let subquery = format!("SELECT y FROM {} WHERE r = s", inner_rows());
    for condition in conditions() {
        check(&engine, &condition, &subquery).await;
    }
}

#[tokio::test]
async fn a_subquery_that_depends_on_a_row_by_an_order_is_compared_with_three_truths() {
    let engine = engine();
    let subquery = format!("SELECT y FROM {} WHERE r <= s AND r >= s", inner_rows());
    for condition in conditions() {
        check(&engine, &condition, &subquery).await;
    }
}

#[tokio::test]
async fn a_subquery_of_its_own_is_compared_with_three_truths_in_every_clause() {
    let engine = engine();
    let values = VALUES
        .map(|value| format!("({})", number(value)))
        .join(", ");
    // Without rows, with NULL alone, with NULL and others, and without NULL.
    for set in [0, 1, 4, 5] {
        let rows_of_set = SETS[set];
        let subquery = format!("SELECT y FROM {} WHERE r = {set}", inner_rows());
        for condition in conditions() {
            let written = condition.of(&subquery);
            let of_group = written.replacen('x', "max(x)", 1);
            let selected = format!(
                "SELECT 'one', x, {written}, z FROM (VALUES {values}) t(x) LEFT JOIN \
                 (VALUES 'joined') v(z) ON {written}"
            );
            let selected = by_row(&engine, &selected).await;
            let kept = format!("SELECT 'one', x FROM (VALUES {values}) t(x) WHERE {written}");
            let kept = by_row(&engine, &kept).await;
            let groups = format!(
                "SELECT 'one', max(x) FROM (VALUES {values}) t(x) GROUP BY x HAVING {of_group}"
            );
            let groups = by_row(&engine, &groups).await;
            for value in VALUES {
                let truth = condition.gives(value, rows_of_set);
                let key = ("one".to_owned(), number(value));
                let what = format!("{written} of {}", key.1);
                let joined = if truth == Some(true) {
                    "joined"
                } else {
                    "NULL"
                };
                assert_eq!(selected[&key], [text(truth), joined], "{what}");
                assert_eq!(kept.contains_key(&key), truth == Some(true), "{what}");
                assert_eq!(groups.contains_key(&key), truth == Some(true), "{what}");
            }
        }
    }
}

/// The one row of a query of one row.
async fn row(sql: &str) -> String {
    answers(&engine(), sql).await.concat().join(" | ")
}

#[tokio::test]
async fn numbers_that_are_none_equal_nothing_in_a_subquery() {
    let condition =
        |condition: &str, rows: &str| format!("x {condition} (SELECT y FROM (VALUES {rows}) u(y))");
    for (written, rows, of_one, of_nan) in [
        ("IN", "nan(), 1e0", "true", "false"),
        ("NOT IN", "nan()", "true", "true"),
        ("NOT IN", "nan(), NULL", "NULL", "NULL"),
        ("< ALL", "2e0, nan()", "false", "false"),
        ("< ALL", "2e0, NULL", "NULL", "false"),
        ("< ANY", "2e0, nan()", "true", "false"),
        ("= ALL", "1e0, nan()", "false", "false"),
        ("<> ANY", "1e0, 1e0", "false", "true"),
        (">= ANY", "nan()", "false", "false"),
        ("> ALL", "nan(), NULL", "false", "false"),
    ] {
        let condition = condition(written, rows);
        assert_eq!(
            row(&format!(
                "SELECT max(b) FILTER (WHERE i = 1), max(b) FILTER (WHERE i = 2) FROM \
                 (SELECT i, CAST({condition} AS varchar) b FROM (VALUES (1, 1e0), (2, nan())) t(i, x))"
            ))
            .await,
            format!("{of_one} | {of_nan}"),
            "{condition}"
        );
    }
}

#[tokio::test]
async fn rows_and_instants_are_looked_for_in_subqueries() {
    assert_eq!(
        row(
            "SELECT (1, 'a') IN (SELECT 1, 'a'), (1, 'a') NOT IN (SELECT 2, NULL), \
             (1, 'a') IN (SELECT 1, NULL)"
        )
        .await,
        "true | true | NULL"
    );
    assert_eq!(
        row(
            "SELECT count(*), max(b) FROM (VALUES (1, 'a'), (2, 'b'), (NULL, 'c')) t(a, b) \
             WHERE (a, b) IN (SELECT * FROM (VALUES (1, 'a'), (2, 'c'), (NULL, 'c')) u(c, d))"
        )
        .await,
        "1 | a"
    );
    let instant = "TIMESTAMP '2024-01-01 09:00:00 Asia/Tokyo'";
    assert_eq!(
        row(&format!(
            "SELECT {instant} IN (SELECT TIMESTAMP '2024-01-01 00:00:00 UTC'), \
             {instant} > ALL (SELECT TIMESTAMP '2024-01-01 00:00:00 UTC'), \
             {instant} >= ANY (SELECT TIMESTAMP '2024-01-01 00:00:00 UTC')"
        ))
        .await,
        "true | false | true"
    );
}

#[tokio::test]
async fn a_value_is_looked_for_by_its_key_among_ten_thousand() {
    // A comparison of each with each would be a hundred millions of them.
    let numbers = |first: i64, name: &str| {
        format!(
            "(SELECT {name} FROM UNNEST(sequence({first}, {})) v({name}))",
            first + 9999
        )
    };
    let (ours, others) = (numbers(1, "n"), numbers(5001, "m"));
    for (condition, count) in [
        (format!("n NOT IN {others}"), "5000"),
        (format!("n = ANY {others} OR n = 1"), "5001"),
        (format!("n <> ALL {others} AND n > 10"), "4990"),
        (format!("CASE WHEN n IN {others} THEN n > 9000 END"), "1000"),
        (format!("n < ALL {others}"), "5000"),
        (
            format!("n NOT IN (SELECT m FROM {others} o WHERE m % 2 = n % 2 AND m = n)"),
            "5000",
        ),
    ] {
        assert_eq!(
            row(&format!("SELECT count(*) FROM {ours} WHERE {condition}")).await,
            count,
            "{condition}"
        );
    }
}

#[tokio::test]
async fn an_aggregate_over_no_rows_is_seen_by_rows_without_a_match() {
    let rows = "FROM (VALUES (1, 5), (1, 7), (3, 1), (3, 2)) u(j, v) WHERE j = k";
    for (subquery, expected) in [
        (format!("(SELECT count(*) {rows})"), "2 | 0 | 0"),
        (format!("(SELECT max(v) + 1 {rows})"), "8 | NULL | NULL"),
        (
            format!("(SELECT count(*) {rows} HAVING count(*) < 2)"),
            "NULL | 0 | 0",
        ),
        (
            format!("EXISTS (SELECT max(v) {rows})"),
            "true | true | true",
        ),
        (
            format!("EXISTS (SELECT v {rows} AND v > 5)"),
            "true | false | false",
        ),
        (
            format!("0 IN (SELECT count(*) {rows})"),
            "false | true | true",
        ),
        (format!("6 > ALL (SELECT v {rows})"), "false | true | true"),
    ] {
        assert_eq!(
            row(&format!(
                "SELECT {subquery} FROM (VALUES 1, 2, NULL) t(k) ORDER BY k"
            ))
            .await,
            expected,
            "{subquery}"
        );
    }
    // Keys that no row asks for may have several rows.
    assert_eq!(
        row(&format!("SELECT (SELECT v {rows}) FROM (VALUES 2, 4) t(k)")).await,
        "NULL | NULL"
    );
}

#[tokio::test]
async fn a_comparison_with_a_subquery_may_be_grouped_by() {
    let from = "FROM (VALUES 1, 2, 3, NULL) t(k) GROUP BY 1 ORDER BY 2, 1";
    assert_eq!(
        answers(
            &engine(),
            &format!("SELECT k IN (SELECT 1), count(*) {from}")
        )
        .await,
        [["true", "1"], ["NULL", "1"], ["false", "2"]]
    );
    assert_eq!(
        answers(
            &engine(),
            &format!("SELECT (SELECT max(j) FROM (VALUES 1, 2) u(j) WHERE j < k), count(*) {from}")
        )
        .await,
        [["1", "1"], ["2", "1"], ["NULL", "2"]]
    );
}

#[tokio::test]
async fn what_is_aggregated_or_of_a_window_is_looked_for_in_a_subquery() {
    let from = "FROM (VALUES (1, 2), (1, 3), (2, 7)) t(k, v)";
    assert_eq!(
        answers(
            &engine(),
            &format!(
                "SELECT k, sum(v) IN (SELECT 5), count(*) >= ALL (SELECT 2) {from} GROUP BY k \
                 HAVING sum(v) NOT IN (SELECT 6) ORDER BY k"
            )
        )
        .await,
        [["1", "true", "true"], ["2", "false", "false"]]
    );
    assert_eq!(
        answers(
            &engine(),
            &format!("SELECT v, row_number() OVER (ORDER BY v) IN (SELECT 2) {from} ORDER BY v")
        )
        .await,
        [["2", "false"], ["3", "true"], ["7", "false"]]
    );
}

#[tokio::test]
async fn a_step_of_a_recursive_query_may_be_looked_into() {
    for (condition, expected) in [
        ("1 IN (SELECT n FROM t)", "1 | 5"),
        ("m NOT IN (SELECT n FROM t)", "1 | 5"),
        ("m > ALL (SELECT n FROM t)", "1 | 5"),
        ("(SELECT count(*) FROM t WHERE n = m) = 0", "1 | 5"),
        ("EXISTS (SELECT n FROM t WHERE n = m)", "1"),
    ] {
        assert_eq!(
            row(&format!(
                "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT m FROM (VALUES 5) u(m) \
                 WHERE {condition}) SELECT n FROM t ORDER BY n"
            ))
            .await,
            expected,
            "{condition}"
        );
    }
}

#[tokio::test]
async fn a_subquery_may_be_looked_into_for_either_side_of_an_outer_join_and_not_for_both() {
    let join = |condition: &str| {
        format!(
            "SELECT * FROM (VALUES 1, 2) t(x) LEFT JOIN (VALUES 1, 3) u(y) ON {condition} \
             ORDER BY x, y"
        )
    };
    let sides = join("x < ALL (SELECT 2) AND y NOT IN (SELECT 3)");
    assert_eq!(
        answers(&engine(), &sides).await,
        [["1", "1"], ["2", "NULL"]]
    );
    for condition in ["x + y > ALL (SELECT 1)", "x + y IN (SELECT 2)"] {
        let refused = rows(&engine(), &join(condition)).await;
        let error = refused.expect_err("it is of both sides").to_string();
        assert!(
            error.contains("a subquery over both sides of an outer join's condition"),
            "{error}"
        );
    }
}

/// NULL is of no column, and goes below an aggregate that gives a row of no rows.
#[tokio::test]
async fn a_condition_that_is_never_true_has_no_rows_beside_whatever_else() {
    for condition in [
        "(SELECT max(a) FROM u) > CAST(NULL AS bigint) AND x NOT IN (SELECT b FROM u)",
        "(SELECT count(a) FROM u WHERE u.b = t.y) = CAST(NULL AS bigint) AND x > 0",
        "(SELECT count(*) FROM u) = CAST(NULL AS bigint) AND EXISTS (SELECT 1 FROM u WHERE b <= y)",
    ] {
        let sql = format!(
            "WITH t(x, y) AS (VALUES (1, 2), (3, 4)), u(a, b) AS (VALUES (1, 1), (5, 4)) \
             SELECT x FROM t WHERE {condition}"
        );
        assert!(answers(&engine(), &sql).await.is_empty(), "{condition}");
    }
    let having = "SELECT count(*) FROM (VALUES 1, 2) t(x) HAVING NULL AND count(*) >= 0";
    assert!(answers(&engine(), having).await.is_empty());
}
