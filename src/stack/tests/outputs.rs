use super::*;

#[test]
fn outputs_are_in_the_files_order_and_keep_their_types() {
    let text = r#"[stack]
name = "films"

[vars]
token = { sensitive = true, default = "hunter2" }

[buckets.data]

[outputs.where]
value = "${buckets.data.url}/films/"
description = "The films"

[outputs.all]
value = { name = "${buckets.data}", days = 3 }

[outputs.secret]
value = "${vars.token}"
sensitive = true
"#;
    let stack = load_with(text, Inputs::default()).expect("a valid stack");
    let told: Vec<String> = stack
        .outputs
        .iter()
        .map(|output| format!("{} {} {}", output.name, output.text(), output.sensitive))
        .collect();
    assert_eq!(
        told,
        [
            "where s3://films-data-111122223333/films/ false",
            r#"all {"days":3,"name":"films-data-111122223333"} false"#,
            "secret hunter2 true",
        ]
    );
}

#[test]
fn mistakes_of_outputs_have_their_places() {
    let text = r#"[stack]
name = "films"

[vars]
token = { sensitive = true, default = "hunter2" }

[buckets.data]

[outputs.a]
value = "${buckets.dat}"

[outputs.b]
valu = "x"

[outputs.c]
value = "is ${vars.token}"

[outputs]
d = "${buckets.dat}"
e.description = "x"
f = "is ${vars.token}"
g = { a = 1 }
"#;
    insta::assert_snapshot!(load_with(text, Inputs::default()).expect_err("mistakes"), @r"
    10:10 there is no `buckets.dat` | refers to nothing | did you mean `buckets.data`?
    13:1 unknown key `valu` | [outputs.b] has no such key | did you mean `value`?
    15:10 the output `c` tells a sensitive variable | it would be printed | add sensitive = true
    19:6 there is no `buckets.dat` | refers to nothing | did you mean `buckets.data`?
    20:1 `value` is missing | [outputs.e] needs it | What is told: a text with references, a number, a list, a table.
    21:1 the output `f` tells a sensitive variable | it would be printed | add sensitive = true
    22:1 `value` is missing | [outputs.g] needs it | What is told: a text with references, a number, a list, a table.
    22:7 unknown key `a` | [outputs.g] has no such key | it has value, description, sensitive
    ");
}

#[test]
fn an_output_that_is_only_a_value_is_written_in_short() {
    let text = r#"[stack]
name = "films"

[buckets.data]

[outputs]
where = "${buckets.data.url}/films/"
days = 3
all = ["${buckets.data}", true]

[env.prod.outputs]
days = 30
all.description = "Of prod"

[env.prod.outputs.where]
value = "elsewhere"
"#;
    let told = |inputs: Inputs| {
        let stack = load_with(text, inputs).expect("a valid stack");
        let told = stack.outputs.iter().map(|output| {
            let description = output.description.as_deref().unwrap_or("-");
            format!("{} {} {description}", output.name, output.text())
        });
        told.collect::<Vec<_>>()
    };
    assert_eq!(
        told(Inputs::default()),
        [
            "where s3://films-data-111122223333/films/ -",
            "days 3 -",
            r#"all ["films-data-111122223333",true] -"#,
        ]
    );
    let prod = Inputs {
        env: Some("prod".to_owned()),
        ..Inputs::default()
    };
    assert_eq!(
        told(prod),
        [
            "where elsewhere -",
            "days 30 -",
            r#"all ["films-data-111122223333",true] Of prod"#,
        ]
    );
}
