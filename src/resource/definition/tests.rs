use serde_json::json;

use super::*;
use crate::resource::Place;

const WAIT: &str = r#"{"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": ${Seconds}, "Comment": "${Why}", "End": true}}}"#;

fn load(given: impl Into<Value>, values: &[(&str, &str)]) -> Result<Definition, Vec<Problem>> {
    let values = values
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let scope = Scope::default();
    Definition::load(&scope, &given.into(), &values, MachineType::Standard)
}

fn messages(problems: Vec<Problem>) -> Vec<String> {
    problems
        .into_iter()
        .map(|problem| problem.message)
        .collect()
}

#[test]
fn json_yaml_and_a_table_say_the_same() {
    let values = [("Seconds", "5"), ("Why", "\"slow\" service")];
    let json = load(WAIT, &values).unwrap();
    let yaml = "
StartAt: A
States:
  A:
    Type: Wait
    Seconds: ${Seconds}
    Comment: \"${Why}\"
    End: true
";
    let yaml = load(yaml, &values).unwrap();
    let table = json!({"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 5, "Comment": "${Why}", "End": true}}});
    let table = load(table, &values[1..]).unwrap();
    for other in [&yaml, &table] {
        assert!(same_document(&json.value, &other.value), "{other:?}");
        let sent: Value = serde_json::from_str(&other.text).unwrap();
        assert_eq!(sent, other.value);
    }
}

#[test]
fn in_yaml_a_value_keeps_to_its_quotes() {
    let text = "
StartAt: A
States:
  A:
    Type: Pass
    Result:
      plain: ${Sql}
      inside: SELECT ${Name} FROM films
      single: 'it is ${Sql}'
      number: ${One}
      text: \"${One}\"
    End: true
";
    let values = [("Sql", "a: 'b' # c"), ("Name", "title"), ("One", "1")];
    let loaded = load(text, &values).unwrap();
    assert_eq!(
        loaded.value["States"]["A"]["Result"],
        json!({
            "plain": "a: 'b' # c",
            "inside": "SELECT title FROM films",
            "single": "it is a: 'b' # c",
            "number": 1,
            "text": "1",
        })
    );
}

#[test]
fn in_yaml_a_value_of_several_lines_stays_what_it_is() {
    let text = "
StartAt: A
States:
  A: # the ${Sql}
    Type: Pass
    Result:
      literal: |
        it's: ${Sql}
        end
      quoted: \"${Sql}\"
      alone: ${Sql} # as it is
    End: true
";
    let sql = "SELECT 'a: b'\n  FROM t";
    let loaded = load(text, &[("Sql", sql)]).unwrap();
    assert_eq!(
        loaded.value["States"]["A"]["Result"],
        json!({
            "literal": format!("it's: {sql}\nend\n"),
            "quoted": sql,
            "alone": sql,
        })
    );
}

#[test]
fn a_value_that_would_end_its_text_is_told_where_its_name_stands() {
    let text =
        "StartAt: A\nStates:\n  A:\n    Type: Pass\n    Comment: runs ${Sql} now\n    End: true\n";
    for value in ["SELECT 1\nFROM t", "a: b", "a # b"] {
        let problems = load(text, &[("Sql", value)]).unwrap_err();
        let [problem] = problems.as_slice() else {
            panic!("one: {problems:?}");
        };
        assert!(
            problem
                .message
                .starts_with("`${Sql}` cannot stand in a text without quotes"),
            "{problem:?}"
        );
        let Some(Place::Text(text, span)) = &problem.place else {
            panic!("a place: {problem:?}");
        };
        assert_eq!(&text[span.clone()], "${Sql}");
    }
    let loaded = load(text, &[("Sql", "SELECT 1\n")]).unwrap();
    assert_eq!(
        loaded.value["States"]["A"]["Comment"],
        json!("runs SELECT 1 now")
    );
}

/// What a definition has as the Result of its one state, which is written so in YAML.
fn result(lines: &str, values: &[(&str, &str)]) -> Result<Value, Vec<String>> {
    let text =
        format!("StartAt: A\nStates:\n  A:\n    Type: Pass\n    End: true\n    Result:\n{lines}\n");
    let mut loaded = load(text.as_str(), values).map_err(messages)?;
    Ok(loaded.value["States"]["A"]["Result"].take())
}

#[test]
fn in_brackets_a_value_does_not_become_several() {
    let list = "      list: [ ${CN}, z ]";
    let of = |value: &str| result(list, &[("CN", value)]);
    assert_eq!(of("x y").unwrap(), json!({"list": ["x y", "z"]}));
    for value in ["x, y", "x]", "{a", "\"x", "a: b", "a:"] {
        let told = of(value).unwrap_err();
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(
            told[0].starts_with("`${CN}` cannot stand in a text without quotes: its value "),
            "{told:?}"
        );
    }
    let quoted = result(
        "      list: [ \"${CN}\", z ]\n      map: {a: '${CN}',\n        b: ${One}}",
        &[("CN", "x, y"), ("One", "1")],
    );
    let expected = json!({"list": ["x, y", "z"], "map": {"a": "x, y", "b": 1}});
    assert_eq!(quoted.unwrap(), expected);
}

#[test]
fn without_quotes_a_value_that_begins_as_something_else_is_told() {
    for value in ["[1", "# b", "\"x", "&a", "- x"] {
        let told = result("      a: ${X} b", &[("X", value)]).unwrap_err();
        assert_eq!(told.len(), 1, "{told:?}");
    }
    let inside = result("      a: b-${X}", &[("X", "[1], *")]);
    assert_eq!(inside.unwrap(), json!({"a": "b-[1], *"}));
}

#[test]
fn where_yaml_joins_lines_a_value_of_several_is_told() {
    let sql = "SELECT 1 -- one\nFROM t";
    let single = result("      a: 'run ${X}'", &[("X", sql)]).unwrap_err();
    assert_eq!(
        single,
        [
            "`${X}` cannot stand in single quotes: its value has several lines, which YAML joins there"
        ]
    );
    let folded = "      a: >-\n        ${X}\n        more";
    let told = result(folded, &[("X", sql)]).unwrap_err();
    assert!(
        told[0].starts_with("`${X}` cannot stand in a text whose lines are joined"),
        "{told:?}"
    );
    let one = result(folded, &[("X", "SELECT 1")]);
    assert_eq!(one.unwrap(), json!({"a": "SELECT 1 more"}));
}

#[test]
fn a_text_that_says_how_far_from_the_left_it_is_keeps_a_value_of_several_lines() {
    let said = result(
        "      a: |2\n            ${X}\n        end",
        &[("X", "SELECT 1\nFROM t")],
    );
    assert_eq!(said.unwrap(), json!({"a": "    SELECT 1\nFROM t\nend\n"}));
    let blanks = [("X", "  SELECT 1\nFROM t")];
    let told = result("      a: |\n        ${X}", &blanks).unwrap_err();
    assert!(
        told[0].starts_with("`${X}` cannot stand in the first line"),
        "{told:?}"
    );
    let said = result("      a: |2\n        ${X}", &blanks);
    assert_eq!(said.unwrap(), json!({"a": "  SELECT 1\nFROM t\n"}));
}

#[test]
fn behind_a_value_of_several_lines_a_mistake_keeps_its_line() {
    let text = "StartAt: A\nComment: |\n  ${Sql}\nStates: {}\nStates: {}\n";
    let problems = load(text, &[("Sql", "SELECT 1\nFROM t\nLIMIT 1")]).unwrap_err();
    let Some(Place::Text(text, span)) = &problems[0].place else {
        panic!("a place: {problems:?}");
    };
    assert_eq!(text[..span.start].lines().count(), 4);
    assert_eq!(&text[span.clone()], "States");
}

#[test]
fn missing_and_unused_substitutions_are_both_mistakes() {
    let problems = load(WAIT, &[("Secs", "5")]).unwrap_err();
    assert_eq!(
        messages(problems),
        [
            "`${Seconds}` has no substitution",
            "`${Why}` has no substitution",
            "`${Secs}` is nowhere in definition",
        ]
    );
}

#[test]
fn a_reference_of_stack_toml_and_one_of_cloudformation_are_names_as_well() {
    let text = r#"{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true,
        "Comment": "${buckets.raw-data} ${AWS::Region} ${Queue.Arn} ${a b} ${a:b} ${a-b} ${.a} ${}"}}}"#;
    let problems = load(text, &[]).unwrap_err();
    let told: Vec<_> = problems
        .iter()
        .map(|problem| (problem.message.as_str(), problem.help.as_deref()))
        .collect();
    assert_eq!(
        told,
        [
            (
                "`${buckets.raw-data}` has no substitution",
                Some(r#"add "buckets.raw-data" = "${buckets.raw-data}" under substitutions"#)
            ),
            (
                "`${AWS::Region}` has no substitution",
                Some(r#"add "AWS::Region" = "${aws.region}" under substitutions"#)
            ),
            (
                "`${Queue.Arn}` has no substitution",
                Some(r#"add "Queue.Arn" = "…" under substitutions"#)
            ),
        ]
    );
    let values = [
        ("buckets.raw-data", "raw"),
        ("AWS::Region", "eu-west-1"),
        ("Queue.Arn", "arn"),
    ];
    let loaded = load(text, &values).unwrap();
    assert_eq!(
        loaded.value["States"]["A"]["Comment"],
        "raw eu-west-1 arn ${a b} ${a:b} ${a-b} ${.a} ${}"
    );
}

#[test]
fn what_else_is_wrong_is_told_beside_substitutions() {
    let text = r#"{"StartAt": "A", "States": {
            "A": {"Type": "Pass", "Nxt": "B", "Result": "${X}", "End": true},
            "W": {"Type": "Wait", "Seconds": ${S}, "Next": "${X}"}}}"#;
    let problems = load(text, &[("Unused", "1")]).unwrap_err();
    assert_eq!(
        messages(problems),
        [
            "`${X}` has no substitution",
            "`${S}` has no substitution",
            "`${X}` has no substitution",
            "`${Unused}` is nowhere in definition",
            "Field 'Nxt' is not supported",
        ]
    );
    let lost = r#"{"StartAt": "A", "States": {
            "A": {"Type": "Pass", "Result": "${X}", "End": true},
            "U": {"Type": "Pass", "End": true}}}"#;
    assert_eq!(
        messages(load(lost, &[]).unwrap_err()),
        [
            "`${X}` has no substitution",
            "State \"U\" is not reachable.",
        ]
    );
    // It is not known where A leads.
    let may_lead = lost.replacen("\"End\": true", "\"Next\": \"${X}\"", 1);
    let told = messages(load(may_lead.as_str(), &[]).unwrap_err());
    assert_eq!(told, ["`${X}` has no substitution"; 2]);
}

#[test]
fn a_form_that_is_wrong_is_told_but_where_a_name_may_be_its_fault() {
    let told = |text: &str| messages(load(text, &[]).unwrap_err());
    let elsewhere = told("{\"StartAt\": \"${X}\",\n\"States\" 1}");
    assert_eq!(elsewhere.len(), 2, "{elsewhere:?}");
    assert!(elsewhere[1].starts_with("definition: "), "{elsewhere:?}");
    let there = told("{\"StartAt\": 1${X},\n\"States\": {}}");
    assert_eq!(there, ["`${X}` has no substitution"]);
    let there = told("StartAt: A\nStates: {A: ${X}}\n");
    assert_eq!(there[0], "`${X}` has no substitution");
}

#[test]
fn a_definition_that_aws_would_refuse_is_refused_before() {
    let problems = load(
        json!({"StartAt": "B", "States": {"A": {"Type": "Succeed"}}}),
        &[],
    );
    assert!(!problems.unwrap_err().is_empty());
    let problems = load("StartAt: [\nStates: 1\n", &[]).unwrap_err();
    assert_eq!(problems[0].label, "not valid YAML");
}

#[test]
fn numbers_and_order_do_not_make_a_difference() {
    assert!(same_document(
        &json!({"a": 1, "b": [2.0]}),
        &json!({"b": [2], "a": 1.0})
    ));
    assert!(!same_document(&json!({"a": 1}), &json!({"a": "1"})));
    assert!(!same_document(
        &json!({"a": 1}),
        &json!({"a": 1, "b": null})
    ));
}
