//! The JSONata of Step Functions, where it is not that of jsonata-js: its own functions, its
//! limits, and what it makes of numbers that JSON does not have.

use serde_json::{Value, json};

use crate::world::{Ran, run};

async fn ran(expression: &str) -> Ran {
    let definition = json!({"QueryLanguage": "JSONata", "StartAt": "P", "States": {
        "P": {"Type": "Pass", "Output": {"r": format!("{{% {expression} %}}")}, "End": true}}});
    run(&definition, json!({})).await
}

async fn give<const N: usize>(cases: [(&str, Value); N]) {
    for (expression, result) in cases {
        assert_eq!(ran(expression).await.output()["r"], result, "{expression}");
    }
}

/// What an expression fails with, from where its text ends.
async fn fail<const N: usize>(cases: [(&str, &str); N]) {
    for (expression, end) in cases {
        let ran = ran(expression).await;
        let (error, cause) = ran.failure();
        assert_eq!(error, "States.QueryEvaluationError", "{expression}");
        assert!(cause.ends_with(end), "{expression}: {cause}");
    }
}

const UNDEFINED: &str = "specified for the field 'Output/r' returned nothing (undefined).";
const MEMORY: &str = "threw an error during evaluation: Expression evaluation memory limit exceeded: Check for excessive memory usage";
const STACK: &str = "threw an error during evaluation: Stack overflow error: Check for non-terminating recursive function. Consider rewriting as tail-recursive.";

#[tokio::test(start_paused = true)]
async fn a_result_that_is_a_function_is_of_no_type_that_there_is() {
    let unsupported = "specified for the field 'Output/r' returned an unsupported result type.";
    fail([
        ("$fn := function($x){$x}", unsupported),
        ("$uppercase", unsupported),
        ("$states.input.nope", UNDEFINED),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn ranges_and_partitions_cut_fractions_off() {
    give([
        ("$range(-1.7, 2, 1)", json!([-1, 0, 1, 2])),
        ("$range(1.5, 3, 1)", json!([1, 2, 3])),
        ("$range(0, 6, 2)", json!([0, 2, 4, 6])),
        ("$range(3, 1, -1)", json!([3, 2, 1])),
        ("$range(5, 5, 1)", json!(5)),
        ("$count($range(1, 2000, 1))", json!(2000)),
        ("$count($range(1, 360145, 1))", json!(360_145)),
        (
            "$range(9223372036854775000, 9223372036854775807, 9223372036854775807)",
            json!(9.223_372_036_854_775e18),
        ),
        ("$partition([1, 2, 3], 1.9)", json!([[1], [2], [3]])),
        ("$partition([1, 2, 3], 2)", json!([[1, 2], [3]])),
        ("$partition([1, 2, 3])", json!([[1, 2, 3]])),
    ])
    .await;
    fail([
        ("$range(1, 360146, 1)", MEMORY),
        ("$range(-1e300, 1e300, 1)", MEMORY),
        ("$range(1, 5, 0.9)", UNDEFINED),
        ("$range(1, 5, -1)", UNDEFINED),
        ("$range(1, 5)", UNDEFINED),
        (
            "$range(1, 5, null)",
            "T0410: Argument 3 of function \"range\" does not match function signature",
        ),
        (
            "$range('a', 5, 1)",
            "T0410: Argument 1 of function \"range\" does not match function signature",
        ),
        (
            "$range(1, 5, 1, 9)",
            "T0410: Argument 4 of function \"range\" does not match function signature",
        ),
        ("$partition([1, 2, 3], 0.5)", UNDEFINED),
        ("$partition([1, 2, 3], -0.5)", UNDEFINED),
        ("$partition([], 2)", UNDEFINED),
        (
            "$partition([1, 2, 3], -1)",
            "D3137: Second argument must be zero or greater",
        ),
        (
            "$partition([1, 2, 3], '2')",
            "T0410: Argument 2 of function \"partition\" does not match function signature",
        ),
        (
            "$partition('a', 2)",
            "T0412: Argument 1 of function \"partition\" must be an array of undefined",
        ),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_seed_gives_the_number_that_it_gives_in_java() {
    give([
        ("$random(42)", json!(0.727_563_680_032_868_1)),
        ("$random(42.9)", json!(0.727_563_680_032_868_1)),
        ("$random() < 1", json!(true)),
    ])
    .await;
    fail([
        (
            "$random('seed')",
            "T0410: Argument 1 of function \"random\" does not match function signature",
        ),
        (
            "$random(1, 2)",
            "T0410: Argument 2 of function \"random\" does not match function signature",
        ),
        (
            "$uuid(1)",
            "T0410: Argument 1 of function \"uuid\" does not match function signature",
        ),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn hashes_and_documents_are_of_texts() {
    give([
        (
            "$hash('input', 'SHA-1')",
            json!("140f86aae51ab9e1cda9b4254fe98a74eb54c1a1"),
        ),
        ("$parse('{\"a\":1}').a", json!(1)),
        ("$map(['1', '[2]'], $parse)", json!([1, [2]])),
    ])
    .await;
    fail([
        (
            "$hash('a', 'SHA256')",
            "D3137: Hash algorithm 'SHA256' must be one of SHA-1, SHA-384, SHA-256, SHA-512, MD5",
        ),
        (
            "$hash(123, 'MD5')",
            "T0410: Argument 1 of function \"hash\" does not match function signature",
        ),
        ("$hash('a')", UNDEFINED),
        ("$parse('')", "D3137: Invalid JSON"),
        ("$parse('1e400')", "D3137: Invalid JSON"),
        ("$parse('{\"a\":1,\"a\":2}')", "D3137: Invalid JSON"),
        (
            "$parse(1)",
            "T0410: Argument 1 of function \"parse\" does not match function signature",
        ),
        ("$parse($nothing)", UNDEFINED),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_number_that_json_does_not_have_is_its_name() {
    give([
        ("1/0", json!("Infinity")),
        ("-1/0", json!("-Infinity")),
        ("0/0", json!("NaN")),
        ("1e308 * 10", json!("Infinity")),
        ("[1/0]", json!(["Infinity"])),
        ("{'k': 1/0}", json!({"k": "Infinity"})),
        ("1/0 > 5", json!(true)),
        ("$parseInteger('abc', '0')", json!("NaN")),
    ])
    .await;
    fail([
        (
            "1/0 + 1",
            "threw an error during evaluation. D1001: Number out of range: null",
        ),
        (
            "$range(1/0, 2, 1)",
            "T0410: Argument 1 of function \"range\" does not match function signature",
        ),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn an_array_or_a_text_that_is_too_large_ends_the_evaluation() {
    give([
        ("$sum([1..873782])", json!(381_747_928_653_u64)),
        ("[1..873782] ~> $count()", json!(873_782)),
        ("$length($pad('', 4194304))", json!(4_194_304)),
    ])
    .await;
    fail([
        ("$sum([1..873783])", MEMORY),
        ("[1..900000] ~> $count()", MEMORY),
        ("$count($append([1..873782], 1))", MEMORY),
        ("$length($pad('', 8388608))", MEMORY),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn an_evaluation_is_a_hundred_deep() {
    let terms = |count: usize| vec!["1"; count].join("+");
    let within = |count: usize| format!("{}1{}", "(".repeat(count), ")".repeat(count));
    let arrays = |count: usize| format!("$count({}1{})", "[".repeat(count), "]".repeat(count));
    let chain = |count: usize| format!("1{}", " ~> $abs".repeat(count));
    let recursion = |count: usize| {
        format!("($f := function($n) {{ $n = 0 ? 0 : 1 + $f($n - 1) }}; $f({count}))")
    };
    let tail = "($f := function($n) { $n = 0 ? 0 : $f($n - 1) }; $f(5000))";
    give([
        (terms(100).as_str(), json!(100)),
        (within(99).as_str(), json!(1)),
        (arrays(98).as_str(), json!(1)),
        (chain(99).as_str(), json!(1)),
        (recursion(31).as_str(), json!(31)),
        (tail, json!(0)),
    ])
    .await;
    fail([
        (terms(101).as_str(), STACK),
        (within(100).as_str(), STACK),
        (arrays(99).as_str(), STACK),
        (chain(100).as_str(), STACK),
        (recursion(32).as_str(), STACK),
        ("($f := function($n) { 1 + $f($n) }; $f(1))", STACK),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn base_64_is_of_utf_8_and_what_is_none_is_an_internal_error() {
    give([
        ("$base64encode('é')", json!("w6k=")),
        ("$base64decode('w6k=')", json!("é")),
        ("$base64decode('YWJ')", json!("ab")),
        ("'YWJj' ~> $base64decode", json!("abc")),
    ])
    .await;
    for text in ["!!!", "YW Jj", "Y"] {
        let expression = format!("$base64decode('{text}')");
        let ran = ran(&expression).await;
        let (error, cause) = ran.failure();
        assert_eq!(error, "States.QueryEvaluationError");
        let (before, number) = cause.rsplit_once(' ').unwrap();
        assert!(
            before.ends_with("'Output/r' threw an internal error during evaluation."),
            "{cause}"
        );
        assert!(uuid::Uuid::parse_str(number).is_ok(), "{cause}");
    }
}
