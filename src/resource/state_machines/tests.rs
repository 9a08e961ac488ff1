//! Every field of a state machine: set, changed, unset, put right.

use serde_json::json;

use crate::engine::{Action, Goal, Stop, apply};
use crate::resource::world::{Field, Unset, World, try_fields};

const PASS: &str = r#"{"StartAt": "Show", "States": {"Show": {"Type": "Pass", "End": true}}}"#;

const BASE: &str = r#"
[roles.other]
trust = ["states.amazonaws.com"]
[roles.other.inline.logs]
Version = "2012-10-17"
Statement = [{ Effect = "Allow", Action = "logs:*", Resource = "*" }]

[state_machines.report]
definition = { StartAt = "Show", States = { Show = { Type = "Pass", End = true } } }
# more
"#;

const ARN: &str = "arn:aws:states:eu-west-1:000000000000:stateMachine:films-report";

#[tokio::test]
async fn every_field_of_a_state_machine_is_set_changed_and_taken_out() {
    try_fields(
        BASE,
        "state_machines.report",
        &[
            Field {
                unset: Unset::Goes,
                ..Field::to(
                    "tags",
                    "tags = { team = \"data\" }",
                    "tags = { team = \"films\" }",
                    || json!({"team": "films"}),
                )
            },
            Field::to(
                "tracing_configuration",
                "tracing_configuration = true",
                "tracing_configuration = { enabled = false }",
                || json!(false),
            ),
            Field::to(
                "encryption_configuration",
                "encryption_configuration = { type = \"CUSTOMER_MANAGED_KMS_KEY\", kms_key_id = \"alias/a\" }",
                "encryption_configuration = { type = \"AWS_OWNED_KEY\" }",
                || json!({"type": "AWS_OWNED_KEY"}),
            ),
            Field::to(
                "logging_configuration.level",
                "logging_configuration = \"ALL\"",
                "logging_configuration = \"ERROR\"",
                || json!("ERROR"),
            ),
            Field::to(
                "logging_configuration.include_execution_data",
                "logging_configuration = { level = \"ALL\", include_execution_data = true }",
                "logging_configuration = { level = \"ALL\", include_execution_data = false }",
                || json!(false),
            ),
            Field::to(
                "logging_configuration.retention_in_days",
                "logging_configuration = { level = \"ALL\", retention_in_days = 7 }",
                "logging_configuration = { level = \"ALL\", retention_in_days = 30 }",
                || json!(30),
            ),
            Field::to(
                "logging_configuration.log_group",
                "logging_configuration = { level = \"ALL\", log_group = \"/one\" }",
                "logging_configuration = { level = \"ALL\", log_group = \"/two\" }",
                || json!("/two"),
            ),
            Field {
                changed: Action::Replace,
                ..Field::to(
                    "type",
                    "type = \"EXPRESS\"",
                    "type = \"STANDARD\"",
                    || json!("STANDARD"),
                )
            },
        ],
    )
    .await;
}

#[tokio::test]
async fn a_role_and_a_definition_change_in_place() {
    let world = World::new().await;
    world.up(BASE).await;
    let other = BASE.replace("# more", "role = \"${roles.other}\"");
    let other = other.replace("End = true", "Comment = \"new\", End = true");
    let (action, fields) = world.planned(&other, "state_machines.report").await;
    assert_eq!(action, Action::Update);
    let changed: Vec<&String> = fields.keys().collect();
    assert_eq!(changed, ["definition", "role"]);
    world.up(&other).await;
    world.is_settled(&other).await;
}

#[tokio::test]
async fn a_change_is_published_as_a_version_with_its_description() {
    let world = World::new().await;
    let published = BASE.replace("# more", "publish = true\nversion_description = \"first\"");
    world.up(&published).await;
    world.is_settled(&published).await;
    let versions = async || {
        let request = world.cloud.sfn.list_state_machine_versions();
        let listed = request.state_machine_arn(ARN).send().await.expect("listed");
        listed.state_machine_versions.len()
    };
    assert_eq!(versions().await, 1);
    // Another description alone makes no version.
    world
        .is_settled(&published.replace("first", "second"))
        .await;
    let changed = published
        .replace("first", "second")
        .replace("End = true", "Comment = \"new\", End = true");
    world.up(&changed).await;
    world.is_settled(&changed).await;
    assert_eq!(versions().await, 2);
    // Somebody changes it by hand: the revision is put right, and published again.
    let request = world
        .cloud
        .sfn
        .update_state_machine()
        .state_machine_arn(ARN);
    request.definition(PASS).send().await.expect("updated");
    world.up(&changed).await;
    world.is_settled(&changed).await;
    assert_eq!(versions().await, 3);
}

#[tokio::test]
async fn a_log_group_that_is_made_again_publishes_nothing() {
    let world = World::new().await;
    let published = BASE.replace(
        "# more",
        "publish = true\nversion_description = \"first\"\nlogging_configuration = \"ALL\"",
    );
    world.up(&published).await;
    let group = "/aws/vendedlogs/states/films-report";
    let delete = world.cloud.logs.delete_log_group().log_group_name(group);
    delete.send().await.expect("deleted");
    let described = published.replace("first", "second");
    world.up(&described).await;
    world.is_settled(&described).await;
    let request = world.cloud.sfn.list_state_machine_versions();
    let listed = request.state_machine_arn(ARN).send().await.expect("listed");
    assert_eq!(listed.state_machine_versions.len(), 1);
}

#[tokio::test]
async fn what_is_changed_by_hand_is_put_right_and_what_is_not_managed_stays() {
    let world = World::new().await;
    let managed = BASE.replace(
        "# more",
        "logging_configuration = { level = \"ALL\", retention_in_days = 7 }",
    );
    world.up(&managed).await;
    let group = "/aws/vendedlogs/states/films-report";
    let sfn = &world.cloud.sfn;
    let tracing = aws_sdk_sfn::types::TracingConfiguration::builder();
    let by_hand = sfn
        .update_state_machine()
        .state_machine_arn(ARN)
        .definition(r#"{"StartAt": "Fail", "States": {"Fail": {"Type": "Fail"}}}"#)
        .tracing_configuration(tracing.enabled(true).build());
    by_hand.send().await.expect("updated");
    let logs = &world.cloud.logs;
    let delete = logs.delete_log_group().log_group_name(group);
    delete.send().await.expect("deleted");
    let (_, fields) = world.planned(&managed, "state_machines.report").await;
    let changed: Vec<&String> = fields.keys().collect();
    assert_eq!(
        changed,
        [
            "definition",
            "logging_configuration.log_group",
            "logging_configuration.retention_in_days"
        ]
    );
    world.up(&managed).await;
    world.is_settled(&managed).await;
    let described = sfn.describe_state_machine().state_machine_arn(ARN);
    let described = described.send().await.expect("described");
    assert!(described.tracing_configuration.is_some_and(|t| t.enabled));
}

#[tokio::test]
async fn its_log_group_carries_its_tags_and_goes_with_it_and_a_strangers_stays() {
    let world = World::new().await;
    let logs = &world.cloud.logs;
    let strangers = logs.create_log_group().log_group_name("/strangers");
    strangers.send().await.expect("created");
    let own = BASE.replace("# more", "logging_configuration = \"ALL\"");
    world.up(&own).await;
    let arn = "arn:aws:logs:eu-west-1:000000000000:log-group:/aws/vendedlogs/states/films-report";
    let tags = logs.list_tags_for_resource().resource_arn(arn);
    let tags = tags.send().await.expect("listed").tags.unwrap_or_default();
    assert_eq!(tags["athglue:id"], "state_machines.report");
    let arn = "arn:aws:logs:eu-west-1:000000000000:log-group:/strangers";
    let other = BASE.replace(
        "# more",
        &format!("logging_configuration = {{ level = \"ALL\", log_group = \"{arn}\" }}"),
    );
    world.up(&other).await;
    world.is_settled(&other).await;
    let groups = async || {
        let listed = logs.describe_log_groups().send().await.expect("listed");
        let groups = listed.log_groups.unwrap_or_default().into_iter();
        groups.filter_map(|g| g.log_group_name).collect::<Vec<_>>()
    };
    assert_eq!(groups().await, ["/strangers"]);
    world.destroy(&other).await;
    assert_eq!(groups().await, ["/strangers"]);
}

#[tokio::test]
async fn a_log_group_that_somebody_else_made_is_not_taken_by_name() {
    let world = World::new().await;
    let request = world
        .cloud
        .logs
        .create_log_group()
        .log_group_name("/theirs");
    request.send().await.expect("created");
    let tables = BASE.replace(
        "# more",
        "logging_configuration = { level = \"ALL\", log_group = \"/theirs\" }",
    );
    let plan = world.plan(&tables, Goal::Up).await;
    let outcome = apply(&plan, &world.cloud, 8, &(), &Stop::default()).await;
    let error = &outcome.failed[0].error;
    assert_eq!(
        error.code.as_deref(),
        Some("ResourceAlreadyExistsException")
    );
    let help = error.help.as_deref().unwrap_or_default();
    assert!(help.contains("log_group = \"arn:aws:logs:"), "{help}");
}

#[tokio::test]
async fn a_definition_is_a_file_of_json_or_yaml_or_a_text() {
    let world = World::new().await;
    world.write("show.asl.json", PASS);
    world.write(
        "show.asl.yaml",
        "# A comment\nStartAt: Show\nStates:\n  Show:\n    Type: Pass\n    End: true\n",
    );
    let base = BASE.replace(
        "definition = { StartAt = \"Show\", States = { Show = { Type = \"Pass\", End = true } } }",
        "definition = \"show.asl.json\"",
    );
    world.up(&base).await;
    world.is_settled(BASE).await;
    world.is_settled(&base.replace(".json", ".yaml")).await;
    let inline = format!("definition = '''{PASS}'''");
    world
        .is_settled(&base.replace("definition = \"show.asl.json\"", &inline))
        .await;
}

#[tokio::test]
async fn mistakes_are_shown_with_their_place() {
    let world = World::new().await;
    let wrong = BASE.replace(
        "# more",
        "publish = false\nversion_description = \"x\"\nsubstitutions = { Nowhere = \"1\" }\nlogging_configuration = { level = \"ALL\", retention_in_days = 8 }",
    );
    let Err(told) = world.resolve(&wrong) else {
        panic!("it was taken");
    };
    for expected in [
        "a version is described, and none is published",
        "`${Nowhere}` is nowhere in definition",
        "a log group cannot keep events for 8 days",
    ] {
        assert!(told.contains(expected), "{told}");
    }
}
