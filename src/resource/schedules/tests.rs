//! Every field of a schedule: set, changed, unset, put right; and its group.

use serde_json::json;

use crate::engine::{Action, Goal};
use crate::resource::world::{Field, Unset, World, try_fields};

const BASE: &str = r#"
[state_machines.report]
definition = { StartAt = "Show", States = { Show = { Type = "Pass", End = true } } }

[state_machines.other]
definition = { StartAt = "Show", States = { Show = { Type = "Pass", End = true } } }

[roles.clock]
trust = ["scheduler.amazonaws.com"]

[schedules.nightly]
schedule = "cron(0 3 * * ? *)"
state_machine = "${state_machines.report}"
# more
"#;

#[tokio::test]
async fn every_field_of_a_schedule_is_set_changed_and_taken_out() {
    try_fields(
        BASE,
        "schedules.nightly",
        &[
            Field::to(
                "description",
                "description = \"one\"",
                "description = \"two\"",
                || json!("two"),
            ),
            Field::to(
                "timezone",
                "timezone = \"Europe/Berlin\"",
                "timezone = \"Asia/Tokyo\"",
                || json!("Asia/Tokyo"),
            ),
            Field::to(
                "start_date",
                "start_date = 2098-01-01T00:00:00Z",
                "start_date = \"2099-01-01T01:00:00+01:00\"",
                || json!("2099-01-01T00:00:00Z"),
            ),
            Field::to(
                "end_date",
                "end_date = 2198-01-01T00:00:00Z",
                "end_date = 2199-01-01T00:00:00Z",
                || json!("2199-01-01T00:00:00Z"),
            ),
            Field::to(
                "state",
                "state = \"DISABLED\"",
                "state = \"ENABLED\"",
                || json!("ENABLED"),
            ),
            Field::to(
                "flexible_time_window",
                "flexible_time_window = { mode = \"FLEXIBLE\", maximum_window_in_minutes = 5 }",
                "flexible_time_window = 15",
                || json!({"mode": "FLEXIBLE", "maximum_window_in_minutes": 15}),
            ),
            Field::to(
                "action_after_completion",
                "action_after_completion = \"DELETE\"",
                "action_after_completion = \"NONE\"",
                || json!("NONE"),
            ),
            Field::to(
                "kms_key_arn",
                "kms_key_arn = \"arn:aws:kms:eu-west-1:000000000000:key/a\"",
                "kms_key_arn = \"arn:aws:kms:eu-west-1:000000000000:key/b\"",
                || json!("arn:aws:kms:eu-west-1:000000000000:key/b"),
            ),
            Field {
                unset: Unset::Goes,
                ..Field::to(
                    "input",
                    "input = { year = 1979 }",
                    "input = '{\"year\": 1982}'",
                    || json!({"year": 1982}),
                )
            },
            Field::to(
                "dead_letter_queue",
                "dead_letter_queue = \"arn:aws:sqs:eu-west-1:000000000000:a\"",
                "dead_letter_queue = \"arn:aws:sqs:eu-west-1:000000000000:b\"",
                || json!("arn:aws:sqs:eu-west-1:000000000000:b"),
            ),
            Field::to(
                "retry_policy.maximum_retry_attempts",
                "retry_policy = { maximum_retry_attempts = 3 }",
                "retry_policy = { maximum_retry_attempts = 0 }",
                || json!(0),
            ),
            Field::to(
                "retry_policy.maximum_event_age_in_seconds",
                "retry_policy = { maximum_event_age_in_seconds = 60 }",
                "retry_policy = { maximum_event_age_in_seconds = 120 }",
                || json!(120),
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn the_schedule_and_its_target_change_in_place() {
    let world = World::new().await;
    world.up(BASE).await;
    let changed = BASE
        .replace("cron(0 3 * * ? *)", "rate(1 hour)")
        .replace("report}\"", "other}\"");
    let (action, fields) = world.planned(&changed, "schedules.nightly").await;
    assert_eq!(action, Action::Update);
    assert_eq!(fields["schedule"], json!("rate(1 hour)"));
    let other = "arn:aws:states:eu-west-1:000000000000:stateMachine:films-other";
    assert_eq!(fields["target.arn"], json!(other));
    world.up(&changed).await;
    world.is_settled(&changed).await;
    let own_role = changed.replace("# more", "role = \"${roles.clock}\"");
    let (action, fields) = world.planned(&own_role, "schedules.nightly").await;
    assert_eq!((action, fields.len()), (Action::Update, 1), "{fields:#?}");
    world.up(&own_role).await;
    world.is_settled(&own_role).await;
}

#[tokio::test]
async fn what_is_changed_by_hand_is_put_right_and_what_is_not_managed_stays() {
    let world = World::new().await;
    world.up(BASE).await;
    let scheduler = &world.cloud.scheduler;
    let get = || {
        scheduler
            .get_schedule()
            .group_name("films")
            .name("films-nightly")
    };
    let live = get().send().await.expect("it is there");
    let update = scheduler
        .update_schedule()
        .group_name("films")
        .name("films-nightly")
        .schedule_expression("rate(5 minutes)")
        .description("by hand")
        .state(aws_sdk_scheduler::types::ScheduleState::Disabled)
        .set_flexible_time_window(live.flexible_time_window)
        .set_target(live.target);
    update.send().await.expect("updated");
    let (_, fields) = world.planned(BASE, "schedules.nightly").await;
    assert_eq!(fields.len(), 1, "{fields:#?}");
    assert_eq!(fields["schedule"], json!("cron(0 3 * * ? *)"));
    world.up(BASE).await;
    world.is_settled(BASE).await;
    let live = get().send().await.expect("it is there");
    assert_eq!(live.description(), Some("by hand"));
    assert_eq!(
        live.state()
            .map(aws_sdk_scheduler::types::ScheduleState::as_str),
        Some("DISABLED")
    );
}

async fn groups(world: &World) -> Vec<String> {
    let listed = world.cloud.scheduler.list_schedule_groups().send().await;
    let groups = listed.expect("listed").schedule_groups.into_iter();
    groups.filter_map(|group| group.name).collect()
}

#[tokio::test]
async fn the_group_is_made_with_the_first_schedule_and_goes_with_the_last() {
    let world = World::new().await;
    let two = format!(
        "{BASE}\n[schedules.hourly]\nschedule = \"rate(1 hour)\"\nstate_machine = \"${{state_machines.other}}\"\n"
    );
    world.up(&two).await;
    world.is_settled(&two).await;
    assert_eq!(groups(&world).await, ["default", "films"]);
    // One leaves the file: it is found by the mark of its group.
    let plan = world.plan(BASE, Goal::Up).await;
    let orphan = plan
        .changes
        .iter()
        .find(|change| change.orphan && change.address.to_string() == "schedules.hourly");
    assert_eq!(
        orphan.map(|change| change.address.to_string()).as_deref(),
        Some("schedules.hourly")
    );
    world.up(BASE).await;
    world.is_settled(BASE).await;
    assert_eq!(groups(&world).await, ["default", "films"]);
    let (without, _) = BASE.split_once("[schedules.nightly]").expect("it is there");
    world.up(without).await;
    world.is_settled(without).await;
    assert_eq!(groups(&world).await, ["default"]);
}

#[tokio::test]
async fn the_group_stays_when_its_last_schedule_was_deleted_by_hand() {
    let world = World::new().await;
    world.up(BASE).await;
    let delete = world.cloud.scheduler.delete_schedule().group_name("films");
    let delete = delete.name("films-nightly").send().await;
    delete.expect("deleted");
    let plan = world.plan(BASE, Goal::Up).await;
    let actions = plan.changes.iter().filter(|c| c.action.changes_something());
    let actions: Vec<_> = actions.map(|c| (c.address.to_string(), c.action)).collect();
    assert_eq!(actions, [("schedules.nightly".to_owned(), Action::Create)]);
    // Toward nothing it goes.
    world.destroy(BASE).await;
    assert_eq!(groups(&world).await, ["default"]);
}

#[tokio::test]
async fn a_group_that_a_dead_run_left_empty_is_taken_away() {
    let world = World::new().await;
    let tag = |key: &str, value: &str| {
        let tag = aws_sdk_scheduler::types::Tag::builder();
        tag.key(key).value(value).build().expect("a tag")
    };
    let create = world.cloud.scheduler.create_schedule_group().name("films");
    let create = create.tags(tag("athglue:stack", "films"));
    create
        .tags(tag("athglue:id", "schedules"))
        .send()
        .await
        .expect("created");
    world.up("").await;
    assert_eq!(groups(&world).await, ["default"]);
}

#[tokio::test]
async fn a_group_that_is_not_the_stacks_is_refused() {
    let world = World::new().await;
    let create = world.cloud.scheduler.create_schedule_group().name("films");
    create.send().await.expect("created");
    let plan = world.plan(BASE, Goal::Up).await;
    let outcome =
        crate::engine::apply(&plan, &world.cloud, 8, &(), &crate::engine::Stop::default()).await;
    let failed = outcome
        .failed
        .iter()
        .find(|f| f.address.to_string() == "schedules.nightly");
    let error = &failed.expect("it failed").error;
    assert!(
        error.message.contains("`films` was not made by this stack"),
        "{error}"
    );
}

#[tokio::test]
async fn a_crawler_and_any_target_can_be_scheduled() {
    let world = World::new().await;
    let tables = r#"
[buckets.data]
[databases.lake]
[crawlers.films]
database = "${databases.lake}"
paths = ["s3://${buckets.data}/"]

[schedules.crawl]
schedule = "rate(1 day)"
crawler = "${crawlers.films}"

[schedules.stop]
schedule = "rate(1 day)"
role = "${schedules.crawl.role}"
target = { arn = "arn:aws:scheduler:::aws-sdk:glue:stopCrawler" }
input = { Name = "${crawlers.films}" }
"#;
    world.up(tables).await;
    world.is_settled(tables).await;
    let get = world.cloud.scheduler.get_schedule().group_name("films");
    let live = get.name("films-crawl").send().await.expect("it is there");
    let target = live.target.expect("a target");
    assert_eq!(target.arn, "arn:aws:scheduler:::aws-sdk:glue:startCrawler");
    assert_eq!(target.input.as_deref(), Some(r#"{"Name":"films-films"}"#));
    world.destroy(tables).await;
}

#[tokio::test]
async fn mistakes_are_shown_with_their_place() {
    let world = World::new().await;
    for (lines, expected) in [
        ("crawler = \"c\"", "a schedule calls one thing"),
        ("start_date = \"tomorrow\"", "`tomorrow` is no moment"),
        (
            "start_date = 2099-01-01T00:00:00Z\nend_date = 2098-01-01T00:00:00Z",
            "the end is not after the start",
        ),
        ("input = \"text\"", "a state machine's input is JSON"),
        ("group = \"default\"", "the group `default` is nobody's"),
        (
            "flexible_time_window = { mode = \"FLEXIBLE\" }",
            "needs maximum_window_in_minutes",
        ),
        (
            "retry_policy = { maximum_retry_attempts = 186 }",
            "at most 185",
        ),
    ] {
        let Err(told) = world.resolve(&BASE.replace("# more", lines)) else {
            panic!("{lines} was taken");
        };
        assert!(told.contains(expected), "{told}");
        assert!(told.contains("stack.toml:"), "{told}");
    }
}
