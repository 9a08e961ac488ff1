//! Texts that nobody would write: nothing panics, and nothing costs more than it may.
//!
//! Seeded: a failure comes again.

use std::time::{Duration, Instant};

use asl::{MachineType, StateMachine, jsonata::Expression, validate};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::{Value, json};

use crate::world::{Script, run, run_with};

/// How much may be spent on one thing that is made to cost much. Generous: the machine may be
/// busy, and what is not bounded takes hours.
const PATIENCE: Duration = Duration::from_secs(20);

fn within_patience<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = work();
    assert!(
        start.elapsed() < PATIENCE,
        "{what} took {:?}",
        start.elapsed()
    );
    result
}

/// A text with a few characters or pieces of others put in, taken away or doubled.
fn mutated(text: &str, other: &str, random: &mut StdRng) -> String {
    const ODD: [&str; 16] = [
        "(", ")", "[", "]", "{", "}", "\"", "'", "\\", "$", "..", "*", "?", "@", "\u{0}", "💥",
    ];
    let mut chars: Vec<char> = text.chars().collect();
    for _ in 0..random.random_range(1..4) {
        let at = random.random_range(0..=chars.len());
        match random.random_range(0..4) {
            0 => {
                let odd = ODD[random.random_range(0..ODD.len())];
                chars.splice(at..at, odd.chars());
            }
            1 if at < chars.len() => {
                chars.remove(at);
            }
            2 => {
                let end = (at + random.random_range(0..12)).min(chars.len());
                let piece: Vec<char> = chars[at..end].to_vec();
                chars.splice(at..at, piece);
            }
            _ => {
                let other: Vec<char> = other.chars().collect();
                let start = random.random_range(0..=other.len());
                let end = (start + random.random_range(0..20)).min(other.len());
                chars.splice(at..at, other[start..end].iter().copied());
            }
        }
    }
    chars.into_iter().collect()
}

fn pick<'a, T>(all: &'a [T], random: &mut StdRng) -> &'a T {
    &all[random.random_range(0..all.len())]
}

#[test]
fn no_expression_of_jsonata_makes_the_evaluator_panic() {
    let mut random = StdRng::seed_from_u64(7);
    let expressions: Vec<String> = include_str!("../data/jsonata/cases.jsonl")
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter_map(|case| case["expr"].as_str().map(str::to_owned))
        .filter(|text| text.len() < 300)
        .collect();
    let input = json!({"Account": {"Order": [{"Product": [{"Price": 1.5, "Name": "x"}]}]}, "a": [1, [2], {"b": null}]});
    let start = Instant::now();
    let (mut parsed, mut evaluated) = (0, 0);
    while parsed + evaluated < 4_000 && start.elapsed() < Duration::from_secs(3) {
        let text = mutated(
            pick::<String>(&expressions, &mut random),
            pick::<String>(&expressions, &mut random),
            &mut random,
        );
        parsed += 1;
        // Random text may loop: an hour of it is not what is tested here.
        if let Ok(expression) = Expression::parse(&text)
            && !text.contains("million")
        {
            let result = within_patience(&text, || expression.evaluate(Some(&input), &[].into()));
            evaluated += usize::from(result.is_ok());
        }
    }
    assert!(evaluated > 0);
}

#[tokio::test(start_paused = true)]
async fn no_path_makes_the_evaluator_panic() {
    let mut random = StdRng::seed_from_u64(11);
    let paths = [
        "$.a.b[0].c",
        "$['a']['b']",
        "$..c",
        "$.a.b[?(@.c > 1 && @.d == 'x')]",
        "$.a.b[1:3]",
        "$.a.b[-1:]",
        "$.a[*].b[0,1]",
        "$$.Execution.Input.a",
        "$variable.x[0]",
        "States.Format('{} is {}', $.a, States.ArrayLength($.b))",
        "States.ArrayPartition($.b, 2)",
        "States.JsonMerge($.a, $.a, false)",
        "States.StringToJson('[1,2]')",
        "$[?(@.x =~ /a.*b/)]",
    ];
    let input = json!({"a": {"b": [{"c": 1, "d": "x"}, {"c": 2}]}, "b": [1, 2, 3]});
    let mut ran = 0;
    for _ in 0..1_500 {
        let path = mutated(
            pick::<&str>(&paths, &mut random),
            pick::<&str>(&paths, &mut random),
            &mut random,
        );
        let definition = json!({"StartAt": "P", "States": {
            "P": {"Type": "Pass", "Parameters": {"v.$": path}, "End": true}}});
        if StateMachine::parse(&definition.to_string()).is_ok() {
            run(&definition, input.clone()).await;
            ran += 1;
        }
        let choice = json!({"StartAt": "C", "States": {
            "C": {"Type": "Choice", "Choices": [{"Variable": path, "StringMatches": path, "Next": "S"}], "Default": "S"},
            "S": {"Type": "Succeed", "OutputPath": path}}});
        if StateMachine::parse(&choice.to_string()).is_ok() {
            run(&choice, input.clone()).await;
        }
    }
    assert!(ran > 100, "{ran}");
}

/// A document with one value in it taken away, or another put in its place.
fn disturbed(document: &mut Value, random: &mut StdRng) {
    let odd = || {
        [
            json!(null),
            json!(""),
            json!(-1),
            json!(1e300),
            json!(u64::MAX),
            json!([]),
            json!({}),
            json!("$"),
            json!("{% $x %}"),
            json!(true),
            json!({"a.$": "$.."}),
        ]
    };
    match document {
        Value::Object(members) if !members.is_empty() && random.random_range(0..10) > 0 => {
            let name = members
                .keys()
                .nth(random.random_range(0..members.len()))
                .cloned()
                .unwrap();
            match random.random_range(0..12) {
                0 => {
                    members.remove(&name);
                }
                1 => {
                    let value = members.remove(&name).unwrap();
                    members.insert(format!("{name}x"), value);
                }
                _ => disturbed(&mut members[&name], random),
            }
        }
        Value::Array(items) if !items.is_empty() && random.random_range(0..10) > 0 => {
            let index = random.random_range(0..items.len());
            disturbed(&mut items[index], random);
        }
        other => *other = pick(&odd(), random).clone(),
    }
}

#[tokio::test(start_paused = true)]
async fn no_definition_makes_the_parser_or_the_interpreter_panic() {
    let mut random = StdRng::seed_from_u64(13);
    let cases: Vec<Value> = include_str!("../data/executions.jsonl")
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let definitions: Vec<Value> = cases
        .iter()
        .map(|case| match &case["definition"] {
            Value::String(text) => serde_json::from_str(text).unwrap(),
            other => other.clone(),
        })
        .collect();
    let (mut valid, mut invalid) = (0, 0);
    for round in 0..3_000 {
        let index = random.random_range(0..cases.len());
        let mut definition = definitions[index].clone();
        disturbed(&mut definition, &mut random);
        let text = if round % 4 == 0 {
            mutated(&definition.to_string(), "{}[]\",:", &mut random)
        } else {
            definition.to_string()
        };
        let found = validate(&text, MachineType::Standard);
        let document = serde_json::from_str(&text).unwrap_or_default();
        for finding in &found {
            finding.path(&document);
        }
        // A loop without end is cut at 25,000 events: right, and slow.
        let loops = text.matches("\"Next\"").count() > 3;
        if found.is_empty() && !text.contains("\"Task\"") && !loops {
            let definition: Value = serde_json::from_str(&text).unwrap();
            let input = cases[index]["input"].clone();
            let years = Duration::from_hours(100 * 366 * 24);
            let script = Script::default();
            let _ = tokio::time::timeout(years, run_with(&definition, input, &script)).await;
            valid += 1;
        } else {
            invalid += 1;
        }
    }
    assert!(valid > 200 && invalid > 200, "{valid} {invalid}");
}

#[test]
fn deep_nesting_is_refused_and_not_walked() {
    for open in ["[", "{\"a\":", "{\"States\":{\"A\":"] {
        let text = open.repeat(200_000);
        let found = within_patience(open, || validate(&text, MachineType::Standard));
        assert!(!found.is_empty());
    }
    for text in [
        "(".repeat(200_000),
        "[".repeat(200_000),
        "-".repeat(200_000),
        "a.".repeat(200_000),
        format!("{}1", "1+".repeat(200_000)),
        "function($x){".repeat(50_000),
    ] {
        let _ = within_patience(&text[..8], || Expression::parse(&text));
    }
}

#[test]
fn an_expression_that_would_cost_too_much_is_stopped() {
    let long = "a".repeat(40);
    for text in [
        "($f := function($n){$f($n + 1) + 1}; $f(0))".to_owned(),
        "$reduce([1..100000], function($a, $b){$a & 'xxxxxxxxxx'}, '')".to_owned(),
        "[1..100000000]".to_owned(),
        format!("$match('{long}b', /(a+)+$/)"),
        format!("$replace('{long}b', /(a|a)*c/, '')"),
        format!(
            "$contains('{}', /(.*)(.*)(.*)(.*)(.*)x$/)",
            "a".repeat(2_000)
        ),
        "$pad('', 1e15, 'x')".to_owned(),
        "$power(10, 1e9)".to_owned(),
        "$formatNumber(1e300, '#,##0.00')".to_owned(),
        "$join([1..10000].('xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'), 'yyyyyyyyyyyyyyyyyyyy')".to_owned(),
        "1e308 * 1e308".to_owned(),
        "$sort([1..2000], function($a, $b){true})".to_owned(),
    ] {
        if let Ok(expression) = Expression::parse(&text) {
            let _ = within_patience(&text, || expression.evaluate(None, &[].into()));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_path_or_a_pattern_that_would_cost_too_much_does_not() {
    let mut deep = json!(1);
    for _ in 0..60 {
        deep = json!({"a": deep, "b": [1, 2]});
    }
    let input = json!({"deep": deep, "text": "a".repeat(2_000)});
    for path in ["$..a..a..a", "$.deep..a..b[*]", "$..*..*"] {
        let definition = json!({"StartAt": "P", "States": {
            "P": {"Type": "Pass", "Parameters": {"n.$": format!("States.ArrayLength({path})")}, "End": true}}});
        let start = Instant::now();
        if StateMachine::parse(&definition.to_string()).is_ok() {
            run(&definition, input.clone()).await;
        }
        assert!(start.elapsed() < PATIENCE, "{path}");
    }
    let definition = json!({"StartAt": "C", "States": {
        "C": {"Type": "Choice", "Choices": [{"Variable": "$.text", "StringMatches": format!("{}b", "*a".repeat(40)), "Next": "S"}], "Default": "S"},
        "S": {"Type": "Succeed"}}});
    let start = Instant::now();
    run(&definition, input).await;
    assert!(start.elapsed() < PATIENCE);
}
