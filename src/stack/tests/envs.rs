use super::*;

const FILMS: &str = r#"[stack]
name = "films-${stack.env}"
region = "eu-west-1"

[vars]
days = 7
kept = { type = "integer", default = 1, max = 100 }

[buckets.data]
tags = { team = "data", tier = "low" }

[buckets.results]
expire_after_days = "${vars.days}"

[buckets.old]
expire_after_days = "${vars.kept}"

[crawlers.films]
database = "lake"
paths = ["s3://${buckets.data}/a/", "s3://${buckets.data}/b/"]

[env.dev]

[env.prod.vars]
days = 90
kept = 99

[env.prod.stack]
tags = { stage = "prod" }

[env.prod.buckets.data]
versioning = true
tags = { tier = "high" }
prevent_destroy = true

[env.prod.crawlers.films]
paths = ["s3://${buckets.data}/"]
"#;

#[test]
fn an_env_changes_keys_variables_and_the_stack() {
    let stack = load_with(FILMS, env("prod")).expect("a valid stack");
    assert_eq!(stack.name, "films-prod");
    assert_eq!(field(&stack, "buckets", "data", "versioning"), "Enabled");
    assert_eq!(
        field(&stack, "buckets", "data", "tags"),
        serde_json::json!({"stage": "prod", "team": "data", "tier": "high"}),
    );
    assert_eq!(field(&stack, "buckets", "results", "expire_after_days"), 90);
    assert_eq!(field(&stack, "buckets", "old", "expire_after_days"), 99);
    assert_eq!(
        field(&stack, "crawlers", "films", "paths"),
        serde_json::json!(["s3://films-prod-data-111122223333/"]),
        "a list takes the place of the list"
    );
    let data = stack
        .get(&Address::new("buckets", "data"))
        .expect("it is there");
    assert!(data.lifecycle.prevent_destroy);
}

#[test]
fn another_env_has_what_the_file_says() {
    let stack = load_with(FILMS, env("dev")).expect("a valid stack");
    assert_eq!(stack.name, "films-dev");
    assert_eq!(stack.env.as_deref(), Some("dev"));
    assert_eq!(field(&stack, "buckets", "results", "expire_after_days"), 7);
    let data = stack
        .get(&Address::new("buckets", "data"))
        .expect("it is there");
    assert!(!data.lifecycle.prevent_destroy);
}

#[test]
fn a_name_that_holds_the_env_needs_one() {
    assert_eq!(
        load_with(FILMS, Inputs::default()).expect_err("no env is chosen"),
        "2:15 no env is chosen | needs one | --env NAME chooses one: dev, prod"
    );
}

#[test]
fn an_env_that_is_not_there_lists_those_that_are() {
    let wrong = |name: &str| load_with(FILMS, env(name)).expect_err("no such env");
    assert_eq!(
        wrong("production"),
        "there is no env `production` in stack.toml\n  help: did you mean `prod`?"
    );
    assert_eq!(
        wrong("x"),
        "there is no env `x` in stack.toml\n  help: it has dev, prod"
    );
}

#[test]
fn mistakes_of_any_env_are_shown_in_the_env() {
    let text = r#"[stack]
name = "films"

[vars]
days = 7

[buckets.data]

[env.prod.vars]
dayz = 90

[env.prod.stack]
regoin = "eu-west-1"

[env.prod.buckets.dta]
versioning = true

[env.prod.buckets.data]
versionning = true

[env.prod.bukets.data]

[env.prod.databases.lake]
"#;
    insta::assert_snapshot!(load_with(text, Inputs::default()).expect_err("mistakes"), @r"
    10:1 there is no `vars.dayz` that an env could change | not in the file without the env | did you mean `vars.days`?
    13:1 unknown key `regoin` | [env.prod.stack] has no such key | did you mean `region`?
    15:19 there is no `buckets.dta` that an env could change | not in the file without the env | did you mean `buckets.data`?
    19:1 unknown key `versionning` | [buckets.data] has no such key | did you mean `versioning`?
    21:11 there is no kind `bukets` | unknown kind | did you mean `buckets`?
    23:21 there is no `databases.lake` that an env could change | not in the file without the env | add it under [databases.lake] first
    ");
}

#[test]
fn a_wrong_value_of_the_chosen_env_points_into_the_env() {
    let text = r#"[stack]
name = "films"

[buckets.data]
expire_after_days = 3

[env.prod.buckets.data]
expire_after_days = 0
name = "Data"
"#;
    insta::assert_snapshot!(load_with(text, env("prod")).expect_err("mistakes"), @r"
    8:21 `expire_after_days` is too small | at least 1 | -
    9:8 `name`: `Data` is not valid | a bucket's name is made of a-z, 0-9, `.` and `-`, and starts and ends with a letter or digit | -
    ");
    // Without choosing it, every env is looked at all the same.
    let document = parse(&folder(), text).expect("TOML");
    let mistakes = document.check_envs("111122223333", "eu-west-1");
    assert_eq!(mistakes.expect_err("mistakes").list.len(), 2);
}

#[test]
fn the_place_that_a_stack_lives_in_may_be_pinned_in_an_env() {
    let text = r#"[stack]
name = "films"

[env.prod.stack]
account = "123456789012"
region = "eu-central-1"
"#;
    let document = parse(&folder(), text).expect("TOML");
    assert!(
        document
            .check_home(Some("111122223333"), "us-east-1")
            .is_ok()
    );
    let document = document.with(env("prod")).expect("there is one");
    assert_eq!(document.region().as_deref(), Some("eu-central-1"));
    assert!(
        document
            .check_home(Some("123456789012"), "eu-central-1")
            .is_ok()
    );
    assert!(document.check_home(None, "eu-central-1").is_ok());
    let mistakes = document.check_home(Some("111122223333"), "us-east-1");
    insta::assert_snapshot!(in_lines(&mistakes.expect_err("another place")), @r"
    5:11 this is the account 111122223333, and the stack in the env `prod` lives in 123456789012 | nothing was done | use the credentials of that account: --profile NAME
    6:10 this is the region us-east-1, and the stack in the env `prod` lives in eu-central-1 | nothing was done | leave out --region, or change it here
    ");
}

#[test]
fn a_pinned_place_is_of_the_right_form() {
    let text = "[stack]\nname = \"films\"\naccount = \"1234\"\nregion = \"Frankfurt\"\n";
    insta::assert_snapshot!(load_with(text, Inputs::default()).expect_err("mistakes"), @r"
    3:11 `account`: `1234` is not valid | an account's number has 12 digits | -
    4:10 `region`: `Frankfurt` is not valid | a region is written as in eu-west-1 | -
    ");
}
