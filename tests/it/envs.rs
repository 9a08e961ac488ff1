//! What is said of a stack from outside: envs, variables; and what it tells: outputs.

use crate::world::World;

const FILMS: &str = r#"[stack]
name = "films-${stack.env}"
region = "eu-west-1"

[vars]
days = { type = "integer", default = 7 }
token = { sensitive = true, default = "hunter2" }

[buckets.data]
expire_after_days = "${vars.days}"
tags = { token = "${vars.token}" }

[outputs.bucket]
value = "${buckets.data}"
description = "Where the films are"

[outputs.token]
value = "${vars.token}"
sensitive = true

[env.dev]

[env.prod.vars]
days = 90
"#;

fn days(world: &World, arguments: &[&str], environment: &[(&str, &str)]) -> String {
    let mut command = world.command(&[&["plan", "--output", "json"], arguments].concat());
    let output = command
        .envs(environment.iter().copied())
        .output()
        .expect("the binary runs");
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{err}");
    let plan: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let fields = plan["changes"][0]["fields"].as_array().expect("fields");
    let field = fields.iter().find(|f| f["path"] == "expire_after_days");
    format!("{} {}", plan["stack"], field.expect("it is planned")["new"])
}

#[test]
fn an_env_and_variables_come_from_the_command_line_or_the_environment() {
    let world = World::with_stack(FILMS);
    let dev = ["--env", "dev"];
    assert_eq!(days(&world, &dev, &[]), "\"films-dev\" 7");
    assert_eq!(
        days(&world, &[], &[("ATHGLUE_ENV", "prod")]),
        "\"films-prod\" 90"
    );
    let sixty = [("ATHGLUE_VAR_days", "60")];
    assert_eq!(days(&world, &dev, &sixty), "\"films-dev\" 60");
    assert_eq!(
        days(&world, &["--env", "prod", "--var", "days=5"], &sixty),
        "\"films-prod\" 5"
    );
}

#[test]
fn an_env_or_a_variable_that_is_not_there_is_told_with_those_that_are() {
    let world = World::with_stack(FILMS);
    let ran = world.run(&["plan", "--env", "prd"]);
    assert_eq!(ran.code, 1);
    insta::assert_snapshot!(ran.err, @r"
    error: there is no env `prd` in stack.toml
      help: did you mean `prod`?
    ");
    let ran = world.run(&["plan", "--env", "dev", "--var", "dayz=3"]);
    insta::assert_snapshot!(ran.err, @r"
    error: --var dayz=…: there is no variable `dayz` in stack.toml
      help: did you mean `days`?
    ");
    assert_eq!(world.run(&["plan", "--var", "days"]).code, 2);
}

#[test]
fn validate_looks_at_every_env_and_tells_programs_the_places() {
    let world = World::with_stack(FILMS);
    insta::assert_snapshot!(
        world.run(&["validate"]).ok(),
        @"stack.toml is valid, in each of its envs: dev, prod."
    );
    insta::assert_snapshot!(
        world.run(&["validate", "--env", "prod"]).ok(),
        @"stack.toml is valid: the stack films-prod with 1 resource."
    );
    world.write("stack.toml", &FILMS.replace("days = 90", "days = \"long\""));
    let ran = world.run(&["validate", "--output", "json"]);
    assert_eq!(ran.code, 1);
    let told: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
    let mistake = &told["mistakes"][0];
    assert_eq!(told["valid"], false);
    assert_eq!(mistake["file"], "stack.toml");
    assert_eq!(
        (&mistake["line"], &mistake["column"]),
        (&24.into(), &8.into())
    );
}

#[test]
fn outputs_are_shown_after_up_and_one_of_them_is_bare_for_a_shell() {
    let world = World::with_stack(FILMS);
    let up = world.run(&["up", "--yes", "--env", "dev"]).ok();
    let outputs = up.split("Outputs:\n").nth(1).unwrap_or_default();
    insta::assert_snapshot!(outputs, @r"
      bucket = films-dev-data-000000000000
      token  = (sensitive)
    ");
    assert_eq!(
        world.run(&["outputs", "bucket", "--env", "dev"]).ok(),
        "films-dev-data-000000000000\n"
    );
    assert_eq!(
        world.run(&["outputs", "token", "--env", "dev"]).ok(),
        "hunter2\n"
    );
    insta::assert_snapshot!(world.run(&["outputs", "--env", "dev"]).ok(), @r"
    ┌────────┬─────────────────────────────┬─────────────────────┐
    │ output ┆ value                       ┆ description         │
    ╞════════╪═════════════════════════════╪═════════════════════╡
    │ bucket ┆ films-dev-data-000000000000 ┆ Where the films are │
    │ token  ┆ (sensitive)                 ┆                     │
    └────────┴─────────────────────────────┴─────────────────────┘
    ");
    let told = world
        .run(&["outputs", "--env", "dev", "--output", "json"])
        .json();
    assert_eq!(told["bucket"]["value"], "films-dev-data-000000000000");
    assert_eq!(told["token"]["value"], "(sensitive)");
    let ran = world.run(&["outputs", "buket", "--env", "dev"]);
    assert_eq!(ran.code, 1);
    insta::assert_snapshot!(ran.err, @r"
    error: there is no output `buket` in stack.toml
      help: did you mean `bucket`?
    ");
}

#[test]
fn a_secret_is_nowhere_in_what_is_printed() {
    let world = World::with_stack(FILMS);
    let env = ["--env", "dev"];
    for command in [
        &["plan"][..],
        &["plan", "--output", "json"],
        &["up", "--yes"],
        &["up", "--yes", "--output", "json"],
        &["status"],
        &["plan", "--var", "days=0"],
    ] {
        let ran = world.run(&[command, &env].concat());
        let whole = format!("{}{}", ran.out, ran.err);
        assert!(!whole.contains("hunter2"), "{command:?}:\n{whole}");
    }
    let plan = world.run(&["plan", "--env", "prod"]).ok();
    assert!(plan.contains("(sensitive)"), "{plan}");
}

/// Sensitive texts where they are sent in every protocol: XML, JSON, a form.
const SENT: &str = r#"[stack]
name = "films"
region = "eu-west-1"

[vars]
token = { sensitive = true }

[buckets.data]
tags = { token = "${vars.token}" }

[databases.lake]
description = "of ${vars.token}"

[workgroups.main]
description = "of ${vars.token}"
results = "s3://${buckets.data}/athena/"

[roles.reader]
trust = ["glue.amazonaws.com"]
description = "of ${vars.token}"
"#;

#[test]
fn a_secret_is_in_no_log_whatever_is_logged() {
    let world = World::with_stack(SENT);
    for secret in ["hunter2", "hun ter=2"] {
        let token = format!("token={secret}");
        for command in ["plan", "up", "status", "destroy"] {
            let ran = world.run(&[command, "--yes", "-vv", "--var", &token]);
            let whole = format!("{}{}", ran.out, ran.err);
            assert_eq!(ran.code, 0, "{whole}");
            let forms = [secret, "hun%20ter%3D2", "hun+ter%3D2"];
            for (line, form) in whole.lines().flat_map(|l| forms.map(|form| (l, form))) {
                assert!(!line.contains(form), "{command}: {form} in {line}");
            }
            assert!(ran.err.contains("DEBUG"), "nothing is logged: {}", ran.err);
        }
    }
}

#[test]
fn a_secret_is_in_no_line_that_is_shown_of_the_file() {
    let text = SENT
        .replace(
            "sensitive = true",
            "sensitive = true, default = \"hunter2\"",
        )
        .replace(
            "[workgroups.main]",
            "[databases.x]\nnme = \"hunter2\"\n[workgroups.main]",
        );
    let world = World::with_stack(&text);
    let ran = world.run(&["plan"]);
    assert_eq!(ran.code, 1);
    insta::assert_snapshot!(ran.err, @r#"
    error: unknown key `nme`
      --> stack.toml:15:1
       |
    15 | nme = "*******"
       | ^^^ [databases.x] has no such key
       |
    help: did you mean `name`?
    "#);
}

#[test]
fn the_secret_before_is_not_shown_when_there_is_another() {
    let world = World::with_stack(SENT);
    world.run(&["up", "--yes", "--var", "token=hunter1"]).ok();
    let now = ["--var", "token=tiger2"];
    for command in [
        &["plan"][..],
        &["status", "--all"],
        &["plan", "--output", "json"],
    ] {
        let ran = world.run(&[command, &now].concat());
        let whole = format!("{}{}", ran.out, ran.err);
        assert!(whole.contains("(sensitive)"), "{whole}");
        assert!(!whole.contains("hunter1"), "{command:?}:\n{whole}");
        assert!(!whole.contains("tiger2"), "{command:?}:\n{whole}");
    }
}

#[test]
fn a_saved_plan_holds_no_secret_and_can_be_carried_out() {
    let world = World::with_stack(FILMS);
    world
        .run(&["plan", "--env", "dev", "--save", "plan.json"])
        .ok();
    let saved = std::fs::read_to_string(world.path().join("plan.json")).expect("a saved plan");
    assert!(!saved.contains("hunter2"), "{saved}");
    assert!(saved.contains("(sensitive)"), "{saved}");
    world
        .run(&["up", "--yes", "--env", "dev", "plan.json"])
        .ok();
}

#[test]
fn a_stack_is_not_touched_in_a_region_that_it_does_not_live_in() {
    let world = World::with_stack(FILMS);
    let ran = world.run(&["up", "--yes", "--env", "dev", "--region", "us-east-1"]);
    assert_eq!(ran.code, 1);
    insta::assert_snapshot!(ran.err, @r#"
    error: this is the region us-east-1, and the stack in the env `dev` lives in eu-west-1
     --> stack.toml:3:10
      |
    3 | region = "eu-west-1"
      |          ^^^^^^^^^^^ nothing was done
      |
    help: leave out --region, or change it here
    "#);
    let plan = world.run(&["plan", "--env", "dev"]).ok();
    assert!(plan.contains("1 to create"), "{plan}");
}

#[test]
fn a_shell_completes_envs_variables_and_outputs() {
    let world = World::with_stack(FILMS);
    let offered = |words: &[&str]| {
        let line = [&["--", "athglue"], words].concat();
        let output = world
            .command(&line)
            .env("COMPLETE", "bash")
            .env("_CLAP_COMPLETE_INDEX", words.len().to_string())
            .env("_CLAP_COMPLETE_COMP_TYPE", "9")
            .env("_CLAP_COMPLETE_SPACE", "false")
            .output()
            .expect("the binary runs");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    assert_eq!(offered(&["plan", "--env", ""]), "dev\nprod");
    assert_eq!(offered(&["plan", "--var", "d"]), "days=");
    assert_eq!(offered(&["outputs", "b"]), "bucket");
}
