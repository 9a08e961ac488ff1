//! The parser against statements of Trino's own tests.

use athena_sql::parser::parse_statement;
use serde_json::Value;

fn recorded() -> Vec<Value> {
    include_str!("../data/trino-statements.jsonl")
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line is a JSON object"))
        .collect()
}

#[test]
fn every_statement_that_trino_runs_is_parsed() {
    let refused: Vec<String> = recorded()
        .iter()
        .filter(|case| case["syntax_error"].is_null())
        .filter_map(|case| {
            let error = parse_statement(case["sql"].as_str()?).err()?;
            Some(format!("{}: {error}", case["id"]))
        })
        .collect();
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}

#[test]
fn every_statement_that_trino_refuses_for_its_syntax_is_refused() {
    let taken: Vec<String> = recorded()
        .iter()
        .filter(|case| !case["syntax_error"].is_null())
        .filter(|case| {
            case["sql"]
                .as_str()
                .is_some_and(|sql| parse_statement(sql).is_ok())
        })
        .map(|case| case["id"].to_string())
        .collect();
    assert!(taken.is_empty(), "{}", taken.join("\n"));
}
