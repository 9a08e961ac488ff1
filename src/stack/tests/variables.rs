use super::*;

const FILMS: &str = r#"[stack]
name = "films"

[vars]
days = { type = "integer", default = 30, min = 1, max = 365, description = "kept so long" }
versions = false
stage = { values = ["dev", "prod"], default = "dev" }

[buckets.data]
versioning = "${vars.versions}"
expire_after_days = "${vars.days}"
tags = { stage = "${vars.stage}" }
"#;

fn given(assignments: &[&str]) -> Inputs {
    Inputs {
        given: assignments
            .iter()
            .map(|text| text.parse().expect("NAME=VALUE"))
            .collect(),
        ..Inputs::default()
    }
}

#[test]
fn the_command_line_wins_over_the_environment_and_that_over_the_file() {
    let mut inputs = given(&["days=90", "days=91", "stage=prod"]);
    inputs.environment = [("days", "60"), ("versions", "true"), ("others", "x")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
    let stack = load_with(FILMS, inputs).expect("a valid stack");
    assert_eq!(field(&stack, "buckets", "data", "expire_after_days"), 91);
    assert_eq!(field(&stack, "buckets", "data", "versioning"), "Enabled");
    assert_eq!(
        field(&stack, "buckets", "data", "tags"),
        serde_json::json!({"stage": "prod"})
    );
}

#[test]
fn what_is_given_has_to_fit_the_variable() {
    let wrong = |assignment: &str| load_with(FILMS, given(&[assignment])).expect_err(assignment);
    let lines: Vec<String> = [
        "days=soon",
        "days=0",
        "days=366",
        "versions=yes",
        "stage=pord",
        "dayz=1",
        "x=1",
    ]
    .into_iter()
    .map(wrong)
    .collect();
    insta::assert_snapshot!(lines.join("\n"), @r"
    5:1 `soon`, given by --var, is not an integer | the variable `days` is an integer | -
    5:1 `0`, given by --var, is out of the bounds of the variable `days` | at least 1 | -
    5:1 `366`, given by --var, is out of the bounds of the variable `days` | at most 365 | -
    6:1 `yes`, given by --var, is not true or false | the variable `versions` is true or false | -
    7:1 `pord`, given by --var, is no value of the variable `stage` | one of dev, prod | did you mean `prod`?
    --var dayz=…: there is no variable `dayz` in stack.toml
      help: did you mean `days`?
    --var x=…: there is no variable `x` in stack.toml
      help: [vars] has days, stage, versions
    ");
}

#[test]
fn a_variable_without_a_value_says_how_to_give_it() {
    let text = r#"[stack]
name = "films"

[vars]
days = { type = "integer" }

[buckets.data]
expire_after_days = "${vars.days}"
"#;
    assert_eq!(
        load_with(text, Inputs::default()).expect_err("no value"),
        "5:1 the variable `days` has no value | it has no default | give one: --var days=VALUE, ATHGLUE_VAR_days=VALUE in the environment, or `default` here or in an env"
    );
    let stack = load_with(text, given(&["days=5"])).expect("a valid stack");
    assert_eq!(field(&stack, "buckets", "data", "expire_after_days"), 5);
}

#[test]
fn a_declaration_is_checked_like_everything_else() {
    let text = r#"[stack]
name = "films"

[vars]
a = { type = "int", default = 1 }
b = { typ = "integer" }
c = { type = "integer", default = "x" }
d = { default = 5, max = 4 }
e = { default = "x", max = 4 }
f = [1]
g = { sensitive = true, type = "integer" }
h = { sensitive = true, default = "abc" }
i = "${vars.a}"
j = "${buckets.data}"
"k l" = 1
"#;
    insta::assert_snapshot!(load_with(text, Inputs::default()).expect_err("mistakes"), @r"
    5:14 `type` cannot be `int` | one of `string`, `integer`, `number`, `boolean` | did you mean `integer`?
    6:7 unknown key `typ` | the variable `b` has no such key | did you mean `type`?
    7:35 the variable `c` is an integer | not an integer | -
    8:17 `5` is out of the bounds of the variable `d` | at most 4 | -
    9:1 the variable `e` is no number | `min` and `max` are for numbers | -
    10:5 the variable `f` is a list | a variable is a text, a number, true or false | -
    11:1 the variable `g` is sensitive and no text | only a text can be kept secret | -
    12:35 the sensitive variable `h` is too short to be hidden | at least 4 characters are | -
    13:6 `vars.a` is not known in [vars] | a variable is not made of others | -
    14:6 `buckets.data` is not known in [vars] | only ${env.NAME}, ${stack.env}, ${aws.region} and ${aws.account_id} are | -
    15:1 `k l` is no name of a variable | a name is made of letters, digits, `_` and `-` | -
    ");
}

#[test]
fn a_secret_is_in_no_mistake() {
    let text = r#"[stack]
name = "films"

[vars]
token = { sensitive = true }

[buckets.data]
name = "x-${vars.token}"
"#;
    let mistakes = load_with(text, given(&["token=Hunter2"])).expect_err("mistakes");
    assert!(!mistakes.contains("Hunter2"), "{mistakes}");
    assert!(
        mistakes.contains("`x-(sensitive)` is not valid"),
        "{mistakes}"
    );
    let stack = load_with(text, given(&["token=hunter2"])).expect("a valid stack");
    assert_eq!(stack.secrets.hide("x-hunter2"), "x-(sensitive)");
    assert_eq!(
        format!("{:?}", given(&["token=hunter2"]).given),
        "[token=…]"
    );
}

#[test]
fn the_stack_may_be_named_after_a_variable_and_a_variable_after_the_stack() {
    let text = r#"[stack]
name = "films-${vars.stage}"
region = "eu-${vars.part}-1"
tags = { of = "${stack.name}" }

[vars]
stage = "dev"
part = "west"

[buckets.data]
"#;
    let stack = load_with(text, given(&["stage=prod"])).expect("a valid stack");
    assert_eq!(stack.name, "films-prod");
    assert_eq!(
        field(&stack, "buckets", "data", "tags"),
        serde_json::json!({"of": "films-prod"})
    );
    let document = parse(&folder(), text).expect("TOML");
    let document = document.with(given(&["part=central"])).expect("it is one");
    assert_eq!(document.region().as_deref(), Some("eu-central-1"));

    let both = "[stack]\nname = \"a-${vars.b}\"\n[vars]\nb = \"${stack.name}\"\n";
    insta::assert_snapshot!(load_with(both, Inputs::default()).expect_err("mistakes"), @r"
    4:6 `stack.name` is not known in [vars] | the stack's name is itself made of variables | -
    ");
    let itself = "[stack]\nname = \"a-${stack.name}\"\n";
    insta::assert_snapshot!(load_with(itself, Inputs::default()).expect_err("mistakes"), @r"
    2:11 `stack.name` is not known in [stack] | the name cannot be made of itself | -
    ");
}
