//! Texts that nobody would write: nothing panics, and nothing costs more than it may.
//!
//! Seeded: a failure comes again. `ATHGLUE_FUZZ_SECONDS=300 cargo test -p asl fuzz` goes on for so
//! long with what is random, each part, and from another seed every time, which it prints.

use std::time::{Duration, Instant};

use asl::{MachineType, StateMachine, jsonata::Expression, validate};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::{Value, json};

use crate::world::{Script, run, run_with};

/// How much may be spent on one thing that is made to cost much. Generous: the machine may be
/// busy, and what is not bounded takes hours.
const PATIENCE: Duration = Duration::from_secs(20);

/// For how long something random goes on, and where it starts from.
struct Rounds {
    random: StdRng,
    end: Instant,
    is_long: bool,
}

impl Rounds {
    /// A second and a fixed seed, unless the environment asks for more.
    fn new(seed: u64) -> Self {
        let asked = std::env::var("ATHGLUE_FUZZ_SECONDS").ok();
        let asked: Option<u64> = asked.and_then(|seconds| seconds.parse().ok());
        let seed = match asked {
            Some(_) => rand::rng().random(),
            None => seed,
        };
        if asked.is_some() {
            println!("seed {seed}");
        }
        Self {
            random: StdRng::seed_from_u64(seed),
            end: Instant::now() + Duration::from_secs(asked.unwrap_or(0)),
            is_long: asked.is_some(),
        }
    }

    /// Whether another round comes, where there are `least` without being asked for more.
    fn go_on(&self, done: usize, least: usize) -> bool {
        if self.is_long {
            Instant::now() < self.end
        } else {
            done < least
        }
    }
}

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
    let mut rounds = Rounds::new(7);
    let expressions: Vec<String> = include_str!("../data/jsonata/cases.jsonl")
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter_map(|case| case["expr"].as_str().map(str::to_owned))
        .filter(|text| text.len() < 300)
        .collect();
    let input = json!({"Account": {"Order": [{"Product": [{"Price": 1.5, "Name": "x"}]}]}, "a": [1, [2], {"b": null}]});
    let start = Instant::now();
    let (mut parsed, mut evaluated) = (0, 0);
    while rounds.go_on(parsed + evaluated, 4_000)
        && (rounds.is_long || start.elapsed() < Duration::from_secs(3))
    {
        let random = &mut rounds.random;
        let text = pick::<String>(&expressions, random);
        let other = pick::<String>(&expressions, random);
        let text = mutated(text, other, random);
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
    let mut rounds = Rounds::new(11);
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
    let (mut ran, mut round) = (0, 0);
    while rounds.go_on(round, 1_500) {
        round += 1;
        let random = &mut rounds.random;
        let path = pick::<&str>(&paths, random);
        let other = pick::<&str>(&paths, random);
        let path = mutated(path, other, random);
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
    let mut rounds = Rounds::new(13);
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
    while rounds.go_on(valid + invalid, 3_000) {
        let random = &mut rounds.random;
        let index = random.random_range(0..cases.len());
        let mut definition = definitions[index].clone();
        disturbed(&mut definition, random);
        let text = if (valid + invalid) % 4 == 0 {
            mutated(&definition.to_string(), "{}[]\",:", random)
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

#[tokio::test(start_paused = true)]
async fn what_a_path_passes_over_counts_as_what_it_selects_from() {
    let many = json!({"t": vec![0; 5_000]});
    let deep = (0..100).fold(many, |inner, _| json!({"a": inner}));
    let input = json!({"deep": deep});
    for path in ["$..a..a..['x','y']", "$..a..a..[?(@.x > 1)]"] {
        let read = json!({"Type": "Pass", "InputPath": path, "End": true});
        let definition = json!({"StartAt": "P", "States": {"P": read}});
        let start = Instant::now();
        let ran = run(&definition, input.clone()).await;
        assert!(start.elapsed() < PATIENCE, "{path}");
        let (_, cause) = ran.failure();
        assert!(
            cause.contains("The path selects more than can be looked at"),
            "{path}: {cause}"
        );
    }
}

/// A machine of one state.
fn one(state: Value) -> Value {
    json!({"StartAt": "P", "States": {"P": state, "S": {"Type": "Succeed"}}})
}

#[tokio::test(start_paused = true)]
async fn a_path_or_a_call_of_any_depth_and_size_is_refused_or_run_soon() {
    let long = 10_000;
    let input = json!({"a": [1, 2, 3], "b": "x"});
    for path in [
        format!("$.a{}", "[?(".repeat(long)),
        format!("$.a[?{}@{}]", "(".repeat(long), ")".repeat(long)),
        format!("$.a[?(@ > 0{})]", " && @ > 0".repeat(long)),
        format!("$.a[?({}@ > 0)]", "!".repeat(long)),
        format!("${}", "[0]".repeat(long)),
        format!("${}", "..a".repeat(long)),
        format!("${}", ".a".repeat(long)),
        format!("$.a[{}0]", "0,".repeat(long)),
        "$.a[99999999999999999999999999]".to_owned(),
        "$.a[-9223372036854775808:9223372036854775807]".to_owned(),
        "$.a[::9223372036854775807]".to_owned(),
        "$.a[0:3:0]".to_owned(),
        "$.a[?(@ > 1e999999999)]".to_owned(),
        format!("$.a[?(@ == {})]", "9".repeat(long)),
        format!(
            "States.Array({}1{})",
            "States.Array(".repeat(long),
            ")".repeat(long)
        ),
        format!("States.Array({}1)", "1,".repeat(long)),
        format!("States.Format('{}', $.a)", "{}".repeat(long)),
        format!("States.StringToJson('{}')", "[".repeat(long)),
        format!("States.Base64Decode('{}')", "=".repeat(long)),
        "States.ArrayRange(0, 9223372036854775807, 1)".to_owned(),
        "States.ArrayRange(-9223372036854775808, 9223372036854775807, 9223372036854775807)"
            .to_owned(),
        "States.ArrayPartition($.a, 9223372036854775807)".to_owned(),
        "States.ArrayGetItem($.a, 9223372036854775807)".to_owned(),
        "States.MathAdd(9223372036854775807, 9223372036854775807)".to_owned(),
        "States.MathRandom(-9223372036854775808, 9223372036854775807)".to_owned(),
    ] {
        let shown: String = path.chars().take(40).collect();
        let start = Instant::now();
        let states = [
            json!({"Type": "Pass", "Parameters": {"v.$": path}, "End": true}),
            json!({"Type": "Pass", "InputPath": path, "End": true}),
            json!({"Type": "Pass", "ResultPath": path, "End": true}),
            json!({"Type": "Choice", "Choices": [{"Variable": path, "IsPresent": true, "Next": "S"}], "Default": "S"}),
        ];
        for state in states {
            let mut definition = one(state.clone());
            if state["Type"] == "Pass" {
                definition["States"].as_object_mut().unwrap().remove("S");
            }
            if StateMachine::parse(&definition.to_string()).is_ok() {
                run(&definition, input.clone()).await;
            }
        }
        assert!(start.elapsed() < PATIENCE, "{shown}");
    }
}

#[tokio::test(start_paused = true)]
async fn numbers_of_any_size_are_refused_or_bounded() {
    let huge = [
        json!(u64::MAX),
        json!(i64::MIN),
        json!(1e308),
        json!(-1e308),
        json!(1e-308),
    ];
    let task = |field: &str, value: &Value| {
        let mut state =
            json!({"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": true});
        state[field] = value.clone();
        state
    };
    for number in &huge {
        let retrier = |field: &str| {
            let mut retrier = json!({"ErrorEquals": ["States.ALL"], "MaxAttempts": 3});
            retrier[field] = number.clone();
            task("Retry", &json!([retrier]))
        };
        let mut states = vec![
            task("TimeoutSeconds", number),
            task("HeartbeatSeconds", number),
            retrier("IntervalSeconds"),
            retrier("BackoffRate"),
            retrier("MaxDelaySeconds"),
            retrier("MaxAttempts"),
            json!({"Type": "Wait", "Seconds": number, "End": true}),
            json!({"Type": "Wait", "SecondsPath": "$.n", "End": true}),
        ];
        for time in [
            "9999-12-31T23:59:59.999999999Z",
            "+262143-01-01T00:00:00Z",
            "0000-01-01T00:00:00Z",
        ] {
            states.push(json!({"Type": "Wait", "Timestamp": time, "End": true}));
        }
        let map = json!({"Type": "Map", "MaxConcurrency": number, "End": true, "ItemsPath": "$.items",
            "ToleratedFailurePercentage": number, "ToleratedFailureCount": number,
            "ItemBatcher": {"MaxItemsPerBatch": number, "MaxInputBytesPerBatch": number},
            "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                "StartAt": "I", "States": {"I": {"Type": "Pass", "End": true}}}});
        states.push(map);
        for state in states {
            let mut definition = one(state);
            definition["States"].as_object_mut().unwrap().remove("S");
            if StateMachine::parse(&definition.to_string()).is_ok() {
                let script = Script::default();
                let input = json!({"n": number, "items": [1, 2]});
                let start = Instant::now();
                let years = Duration::from_hours(200 * 366 * 24);
                let _ = tokio::time::timeout(years, run_with(&definition, input, &script)).await;
                assert!(start.elapsed() < PATIENCE, "{definition}");
            }
        }
    }
    let text =
        r#"{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 1e400, "End": true}}}"#;
    assert!(!validate(text, MachineType::Standard).is_empty());
}

#[test]
fn functions_and_patterns_of_jsonata_are_bounded_whatever_they_are_given() {
    let long = 10_000;
    for text in [
        format!("$match('a', /{}a{}/)", "(".repeat(long), ")".repeat(long)),
        "$match('a', /((a{1000}){1000}){1000}/)".to_owned(),
        format!("$split('{}', /{}b/)", "a".repeat(5_000), "a?".repeat(5_000)),
        format!("$match('a', /{}/)", "[a-z]|".repeat(long)),
        "[1..1e18]".to_owned(),
        "1e99999".to_owned(),
        "9".repeat(long),
        "$formatInteger(1e300, 'w')".to_owned(),
        "$formatInteger(1e15, 'I')".to_owned(),
        format!("$formatInteger(1, '{}')", "#,".repeat(long)),
        format!("$formatNumber(1, '{}')", "0".repeat(long)),
        "$formatBase(1e300, 36)".to_owned(),
        "$fromMillis(1e300)".to_owned(),
        format!("$fromMillis(0, '{}')", "[Y]".repeat(long)),
        "$fromMillis(0, '[Y0001,*-999999999]')".to_owned(),
        format!("$toMillis('{}', '[Y]')", "9".repeat(long)),
        "$parseInteger('MMMMMMMMMMMMMMMMMM', 'I')".to_owned(),
        format!(
            "$replace('{}', 'a', '{}')",
            "a".repeat(5_000),
            "b".repeat(5_000)
        ),
        "$shuffle([1..1000000])".to_owned(),
        "$distinct([1..20000])".to_owned(),
        "$merge([1..10000].{$string($): $})".to_owned(),
        "$spread($merge([1..10000].{$string($): $}))".to_owned(),
        "$zip([1..100000], [1..100000], [1..100000])".to_owned(),
        "$each($merge([1..10000].{$string($): $}), function($v, $k){$k})".to_owned(),
        format!("$base64decode('{}')", "!".repeat(long)),
        format!("$decodeUrl('{}')", "%".repeat(long)),
        "a ~> |**|{'x': **}|".to_owned(),
        "**.**.**.**".to_owned(),
        "[1..300].([1..300].([1..300]))".to_owned(),
    ] {
        let shown: String = text.chars().take(40).collect();
        let mut input = json!(1);
        for _ in 0..200 {
            input = json!({"a": input, "b": [1, 2]});
        }
        let _ = within_patience(&shown, || {
            Expression::parse(&text)?.evaluate(Some(&input), &[].into())
        });
    }
}
