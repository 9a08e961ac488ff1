//! Every field of a state machine: set, changed, unset, put right. The world that the tests of
//! schedules live in too.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use crate::cloud::{Cloud, Target};
use crate::engine::{Action, Goal, Plan, Stop, Terms, apply, plan};
use crate::resource::Address;
use crate::stack::{Document, Source, Stack};

/// An embedded cloud and a folder for files.
pub(in crate::resource) struct World {
    pub folder: tempfile::TempDir,
    pub cloud: Cloud,
}

/// What was planned for one resource: the action, and the fields with their new values.
type Planned = (Action, BTreeMap<String, Value>);

impl World {
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let target = Target::Local {
            data_dir: folder.path().join("cloud"),
        };
        let cloud = Cloud::connect(target, None, Some("eu-west-1"))
            .await
            .expect("it opens");
        Self { folder, cloud }
    }

    pub fn file(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join(name), text).expect("a file");
    }

    /// A stack `films` of these tables, or the mistakes in them.
    pub fn stack(&self, tables: &str) -> Result<Stack, String> {
        resolve(self.folder.path(), tables, &self.cloud)
    }

    pub async fn plan(&self, tables: &str, goal: Goal) -> Plan {
        let stack = self.stack(tables).unwrap_or_else(|wrong| panic!("{wrong}"));
        plan(&stack, &self.cloud, goal, &Terms::default())
            .await
            .expect("a plan")
    }

    async fn go(&self, tables: &str, goal: Goal) {
        let plan = self.plan(tables, goal).await;
        let outcome = apply(&plan, &self.cloud, 8, &(), &Stop::default()).await;
        assert!(outcome.is_complete(), "{tables}\n{outcome:#?}");
    }

    pub async fn up(&self, tables: &str) {
        self.go(tables, Goal::Up).await;
    }

    pub async fn destroy(&self, tables: &str) {
        self.go(tables, Goal::Destroy).await;
    }

    /// What `up` would do to one resource.
    pub async fn planned(&self, tables: &str, address: &str) -> Planned {
        let address: Address = address.parse().expect("an address");
        let plan = self.plan(tables, Goal::Up).await;
        let change = plan.changes.into_iter().find(|c| c.address == address);
        let change = change.expect("it is in the plan");
        let fields = change.fields.into_iter().map(|f| (f.path, f.new));
        (change.action, fields.collect())
    }

    pub async fn is_settled(&self, tables: &str) {
        let plan = self.plan(tables, Goal::Up).await;
        assert!(plan.is_empty(), "{tables}\n{:#?}", plan.changes);
    }
}

fn resolve(folder: &Path, tables: &str, cloud: &Cloud) -> Result<Stack, String> {
    let source = Source {
        display: "stack.toml".to_owned(),
        base_dir: folder.to_owned(),
        text: format!("[stack]\nname = \"films\"\n{tables}"),
    };
    let document = Document::parse(source).expect("TOML");
    document
        .resolve(cloud.account_id(), "eu-west-1")
        .map_err(|diagnostics| diagnostics.to_string())
}

/// One field of a kind: how it is set, how it is changed, and what that changes.
pub(in crate::resource) struct Field {
    pub path: &'static str,
    pub set: &'static str,
    pub changed: &'static str,
    pub new: fn() -> Value,
    pub action: Action,
    /// Whether the resource loses it when it is taken out of the file; else it stays as it is.
    pub goes: bool,
}

impl Field {
    pub const fn new(
        path: &'static str,
        set: &'static str,
        changed: &'static str,
        new: fn() -> Value,
    ) -> Self {
        Self {
            path,
            set,
            changed,
            new,
            action: Action::Update,
            goes: false,
        }
    }
}

/// Sets each field, changes it and takes it out again; after each `up` there is nothing to do.
pub(in crate::resource) async fn every_field(address: &str, base: &str, fields: &[Field]) {
    let world = World::new().await;
    world.up(base).await;
    world.is_settled(base).await;
    for field in fields {
        let with = |line: &str| base.replace("# more", line);
        let (set, changed) = (with(field.set), with(field.changed));
        world.up(&set).await;
        world.is_settled(&set).await;
        let (action, fields) = world.planned(&changed, address).await;
        assert_eq!(action, field.action, "{changed}\n{fields:#?}");
        let expected = BTreeMap::from([(field.path.to_owned(), (field.new)())]);
        assert_eq!(fields, expected, "{changed}");
        world.up(&changed).await;
        world.is_settled(&changed).await;
        let (action, fields) = world.planned(base, address).await;
        if field.goes {
            assert!(fields.contains_key(field.path), "{changed}\n{fields:#?}");
        } else {
            assert_eq!(action, Action::None, "{changed}\n{fields:#?}");
        }
        world.up(base).await;
        world.is_settled(base).await;
    }
    world.destroy(base).await;
    let plan = world.plan(base, Goal::Destroy).await;
    assert!(plan.is_empty(), "{:#?}", plan.changes);
}

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
    every_field(
        "state_machines.report",
        BASE,
        &[
            Field {
                goes: true,
                ..Field::new(
                    "tags",
                    "tags = { team = \"data\" }",
                    "tags = { team = \"films\" }",
                    || json!({"team": "films"}),
                )
            },
            Field::new(
                "tracing_configuration",
                "tracing_configuration = true",
                "tracing_configuration = { enabled = false }",
                || json!(false),
            ),
            Field::new(
                "encryption_configuration",
                "encryption_configuration = { type = \"CUSTOMER_MANAGED_KMS_KEY\", kms_key_id = \"alias/a\" }",
                "encryption_configuration = { type = \"AWS_OWNED_KEY\" }",
                || json!({"type": "AWS_OWNED_KEY"}),
            ),
            Field::new(
                "logging_configuration.level",
                "logging_configuration = \"ALL\"",
                "logging_configuration = \"ERROR\"",
                || json!("ERROR"),
            ),
            Field::new(
                "logging_configuration.include_execution_data",
                "logging_configuration = { level = \"ALL\", include_execution_data = true }",
                "logging_configuration = { level = \"ALL\", include_execution_data = false }",
                || json!(false),
            ),
            Field::new(
                "logging_configuration.retention_in_days",
                "logging_configuration = { level = \"ALL\", retention_in_days = 7 }",
                "logging_configuration = { level = \"ALL\", retention_in_days = 30 }",
                || json!(30),
            ),
            Field::new(
                "logging_configuration.log_group",
                "logging_configuration = { level = \"ALL\", log_group = \"/one\" }",
                "logging_configuration = { level = \"ALL\", log_group = \"/two\" }",
                || json!("/two"),
            ),
            Field {
                action: Action::Replace,
                ..Field::new(
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
    world.file("show.asl.json", PASS);
    world.file(
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
    let Err(told) = world.stack(&wrong) else {
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
