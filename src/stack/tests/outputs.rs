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
d = "x"
e.description = "x"
"#;
    insta::assert_snapshot!(load_with(text, Inputs::default()).expect_err("mistakes"), @r"
    10:10 there is no `buckets.dat` | refers to nothing | did you mean `buckets.data`?
    13:1 unknown key `valu` | [outputs.b] has no such key | did you mean `value`?
    15:10 the output `c` tells a sensitive variable | it would be printed | add sensitive = true
    19:1 [outputs.d] is table, not `x` | expected table | -
    20:1 `value` is missing | [outputs.e] needs it | What is told: a text with references, a number, a list, a table.
    ");
}
