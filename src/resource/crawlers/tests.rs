//! Crawlers in the embedded cloud.

use aws_sdk_glue::types::{
    Crawler, CrawlerTargets, RecrawlBehavior, RecrawlPolicy, S3Target, SchemaChangePolicy,
    UpdateBehavior,
};
use serde_json::{Value, json};

use super::keys::Keys;
use super::{fields, targets};
use crate::resource::world::{Field, Unset, World, try_fields};

const LAKE: &str = "[buckets.data]\nname = 'films-lake'\n[databases.lake]\nname = 'lake'\n[databases.other]\n[classifiers.semicolons]\ncsv = { delimiter = ';' }\n[classifiers.bars]\ncsv = { delimiter = '|' }\n";
const CRAWLER: &str = "[crawlers.songs]\n";
const HERE: &str = "database = '${databases.lake}'\npaths = ['s3://${buckets.data}/songs/']\n";

fn base(crawler: &str) -> String {
    format!("{LAKE}{CRAWLER}{crawler}# more\n")
}

fn field(path: &'static str, first: &'static str, then: &'static str, unset: Unset) -> Field {
    Field {
        unset,
        ..Field::update(path, first, then)
    }
}

#[tokio::test]
async fn every_field_is_set_changed_and_left_or_taken_away() {
    use Unset::{Goes, Stays};
    let fields = [
        field(
            "description",
            "description = 'a'",
            "description = 'b'",
            Stays,
        ),
        field(
            "description",
            "description = 'a'",
            "description = ''",
            Stays,
        ),
        field(
            "tags",
            "tags = { team = 'a' }",
            "tags = { team = 'b' }",
            Goes,
        ),
        field(
            "schedule",
            "schedule = 'cron(0 3 * * ? *)'",
            "schedule = 'cron(0 4 * * ? *)'",
            Goes,
        ),
        field(
            "table_prefix",
            "table_prefix = 'a_'",
            "table_prefix = ''",
            Stays,
        ),
        field(
            "classifiers",
            "classifiers = ['${classifiers.semicolons}']",
            "classifiers = ['${classifiers.bars}', '${classifiers.semicolons}']",
            Goes,
        ),
        field(
            "schema_change_policy.update_behavior",
            "on_change = 'LOG'",
            "on_change = 'UPDATE_IN_DATABASE'",
            Stays,
        ),
        field(
            "schema_change_policy.delete_behavior",
            "schema_change_policy.delete_behavior = 'LOG'",
            "on_delete = 'DELETE_FROM_DATABASE'",
            Stays,
        ),
        field(
            "recrawl_policy.recrawl_behavior",
            "on_change = 'LOG'\non_delete = 'LOG'\nrecrawl = 'CRAWL_NEW_FOLDERS_ONLY'",
            "on_change = 'LOG'\non_delete = 'LOG'\nrecrawl_policy.recrawl_behavior = 'CRAWL_EVERYTHING'",
            Stays,
        ),
        field(
            "lineage_configuration.crawler_lineage_settings",
            "lineage_configuration.crawler_lineage_settings = 'ENABLE'",
            "lineage_configuration.crawler_lineage_settings = 'DISABLE'",
            Stays,
        ),
        field(
            "lake_formation_configuration.account_id",
            "lake_formation_configuration = { use_lake_formation_credentials = false, account_id = '111122223333' }",
            "lake_formation_configuration = { account_id = '444455556666' }",
            Stays,
        ),
        field(
            "configuration",
            "configuration.CrawlerOutput.Partitions.AddOrUpdateBehavior = 'InheritFromTable'",
            "configuration.Grouping.TableLevelConfiguration = 2",
            Goes,
        ),
        field(
            "configuration",
            "configuration.CreatePartitionIndex = true",
            "configuration.CreatePartitionIndex = false",
            Stays,
        ),
    ];
    // The policy of a derived role is held to the prefix.
    let fields: Vec<Field> = fields.into_iter().collect();
    let with_role = format!("role = '${{roles.crawler}}'\n{HERE}");
    let base = base(&with_role).replace(
        CRAWLER,
        &format!("[roles.crawler]\ntrust = ['glue.amazonaws.com']\n{CRAWLER}"),
    );
    try_fields(&base, "crawlers.songs", &fields).await;
}

#[tokio::test]
async fn what_it_looks_at_is_what_the_file_says_under_either_name() {
    let world = World::new().await;
    let role = "[roles.crawler]\ntrust = ['glue.amazonaws.com']\n";
    let with = |lines: &str| {
        format!("{LAKE}{role}{CRAWLER}role = '${{roles.crawler}}'\ndatabase = 'lake'\n{lines}\n")
    };
    world.up(&with("paths = ['s3://films-lake/a/']")).await;
    for (lines, changed) in [
        ("s3_targets = [{ path = 's3://films-lake/a/' }]", None),
        (
            "paths = ['s3://films-lake/b/', 's3://films-lake/a/']",
            Some("paths"),
        ),
        ("paths = ['s3://films-lake/a/', 's3://films-lake/b/']", None),
        (
            "paths = ['s3://films-lake/a/']\nexclusions = ['**.tmp']",
            Some("paths"),
        ),
        (
            "s3_targets = [{ path = 's3://films-lake/a/', exclusions = ['**.tmp'] }]",
            None,
        ),
        (
            "s3_targets = [{ path = 's3://films-lake/a/', sample_size = 5 }]",
            Some("s3_targets"),
        ),
        ("paths = ['s3://films-lake/a/']\nsample_size = 5", None),
        ("paths = ['s3://films-lake/a/']", Some("paths")),
    ] {
        let changes = world.up(&with(lines)).await.lines();
        let expected: Vec<String> = changed
            .iter()
            .map(|field| format!("~ crawlers.songs {field}"))
            .collect();
        assert_eq!(changes, expected, "{lines}");
    }
}

#[tokio::test]
async fn a_role_by_name_and_by_arn_is_the_same() {
    let world = World::new().await;
    let with = |role: &str| {
        format!(
            "{LAKE}[roles.crawler]\ntrust = ['glue.amazonaws.com']\n{CRAWLER}{HERE}role = '${{roles.crawler{role}}}'\n"
        )
    };
    world.up(&with(".arn")).await;
    assert!(world.changes(&with("")).await.is_empty());
}

#[tokio::test]
async fn drift_is_put_right_and_defaults_that_nobody_set_are_none() {
    let world = World::new().await;
    let songs = format!(
        "{LAKE}{CRAWLER}{HERE}description = 'Songs'\non_change = 'LOG'\nschedule = 'cron(0 3 * * ? *)'\n"
    );
    world.up(&songs).await;
    let changes = SchemaChangePolicy::builder().update_behavior(UpdateBehavior::UpdateInDatabase);
    let recrawl = RecrawlPolicy::builder().recrawl_behavior(RecrawlBehavior::CrawlEverything);
    let elsewhere = S3Target::builder()
        .path("s3://films-lake/elsewhere/")
        .build();
    world
        .cloud
        .glue
        .update_crawler()
        .name("films-songs")
        .description("By hand")
        .schedule("")
        .schema_change_policy(changes.build())
        .recrawl_policy(recrawl.build())
        .targets(CrawlerTargets::builder().s3_targets(elsewhere).build())
        .configuration(r#"{"Version":1.0,"Grouping":{"TableLevelConfiguration":2}}"#)
        .classifiers("athglue/films/bars")
        .send()
        .await
        .expect("updated");
    let fields = [
        "classifiers",
        "configuration",
        "description",
        "paths",
        "schedule",
        "schema_change_policy.update_behavior",
    ];
    let changes = world.up(&songs).await.lines();
    assert_eq!(changes, fields.map(|f| format!("~ crawlers.songs {f}")));
}

#[tokio::test]
async fn a_running_crawl_holds_up_a_change_and_no_deletion() {
    let world = World::new().await;
    let songs = format!("{LAKE}{CRAWLER}{HERE}");
    world.up(&songs).await;
    let put = world
        .cloud
        .s3
        .put_object()
        .bucket("films-lake")
        .key("songs/1.csv");
    let body = b"id,title\n1,Blue\n2,Red\n".to_vec();
    put.body(body.into()).send().await.expect("put");
    let start = || world.cloud.glue.start_crawler().name("films-songs").send();
    start().await.expect("started");
    world.up(&format!("{songs}description = 'now'\n")).await;
    world.cloud.finish().await;
    start().await.expect("started");
    let delete = world.cloud.s3.delete_object().bucket("films-lake");
    delete.key("songs/1.csv").send().await.expect("deleted");
    let done = world.destroy(&songs).await.lines();
    assert!(done.contains(&"- crawlers.songs".to_owned()), "{done:?}");
    assert!(world.destroy(&songs).await.is_empty());
}

#[tokio::test]
async fn what_the_embedded_cloud_cannot_crawl_is_refused_by_name_before_anything_is_made() {
    let world = World::new().await;
    let role = "role = 'crawler'\ndatabase = 'lake'\n";
    for (lines, what) in [
        (
            "jdbc_targets = [{ connection_name = 'c', path = 'a/b/%' }]",
            "`jdbc_targets`",
        ),
        (
            "mongodb_targets = [{ connection_name = 'c', path = 'a/b' }]",
            "`mongodb_targets`",
        ),
        (
            "dynamodb_targets = [{ path = 'songs' }]",
            "`dynamodb_targets`",
        ),
        (
            "delta_targets = [{ delta_tables = ['s3://lake/a/'] }]",
            "`delta_targets`",
        ),
        (
            "iceberg_targets = [{ paths = ['s3://lake/a/'], connection_name = 'c' }]",
            "`connection_name`",
        ),
        (
            "s3_targets = [{ path = 's3://lake/', connection_name = 'c' }]",
            "`connection_name`",
        ),
        (
            "s3_targets = [{ path = 's3://lake/', event_queue_arn = 'arn:aws:sqs:eu-west-1:000000000000:q' }]",
            "`event_queue_arn`",
        ),
        (
            "paths = ['s3://lake/']\nlake_formation_configuration.use_lake_formation_credentials = true",
            "`use_lake_formation_credentials`",
        ),
        (
            "paths = ['s3://lake/']\ncrawler_security_configuration = 'x'",
            "`crawler_security_configuration`",
        ),
    ] {
        let tables = format!("{CRAWLER}{role}{lines}\n");
        let refused = world.refusal(&tables).await;
        assert!(refused.contains(what), "{refused}");
    }
}

#[tokio::test]
async fn mistakes_are_found_before_any_call() {
    let world = World::new().await;
    for (lines, said) in [
        ("database = 'lake'", "`paths` is missing"),
        ("paths = ['s3://lake/']", "`database` is missing"),
        (
            "database = 'lake'\npaths = ['s3://lake/']\ns3_targets = [{ path = 's3://lake/' }]",
            "say the same",
        ),
        (
            "database = 'lake'\ns3_targets = [{ path = 's3://lake/' }]\nexclusions = ['a']",
            "`exclusions` is of `paths`",
        ),
        (
            "database = 'lake'\npaths = ['s3://lake/']\non_change = 'LOG'\nschema_change_policy.update_behavior = 'LOG'",
            "say the same",
        ),
        (
            "database = 'lake'\npaths = ['s3://lake/']\nrecrawl = 'CRAWL_NEW_FOLDERS_ONLY'",
            "looks at new folders only",
        ),
        (
            "database = 'lake'\npaths = ['s3://lake/']\nrecrawl = 'CRAWL_EVENT_MODE'",
            "needs a queue",
        ),
        (
            "catalog_targets = [{ database_name = 'lake', tables = ['songs'] }]",
            "cannot deprecate them",
        ),
        (
            "database = 'lake'\ndynamodb_targets = [{ path = 'a' }]",
            "needs a `role`",
        ),
        (
            "database = 'lake'\npaths = ['s3://lake/']\nsample_size = 250",
            "too large",
        ),
    ] {
        let found = world
            .resolve(&format!("{CRAWLER}{lines}\n"))
            .expect_err(said);
        assert!(found.contains(said), "{found}");
    }
}

fn keys(lines: Value) -> Keys {
    serde_json::from_value(lines).expect("keys")
}

#[test]
fn every_target_and_setting_reads_back_as_it_was_written() {
    let written = keys(json!({
        "database": "lake",
        "role": "crawler",
        "s3_targets": [{
            "path": "s3://lake/a/", "exclusions": ["**.tmp"], "sample_size": 3,
            "connection_name": "c", "event_queue_arn": "arn:q", "dlq_event_queue_arn": "arn:d",
        }],
        "catalog_targets": [{
            "database_name": "lake", "tables": ["songs"], "connection_name": "c",
            "event_queue_arn": "arn:q", "dlq_event_queue_arn": "arn:d",
        }],
        "jdbc_targets": [{
            "connection_name": "c", "path": "a/%", "exclusions": ["b"],
            "enable_additional_metadata": ["COMMENTS", "RAWTYPES"],
        }],
        "mongodb_targets": [{ "connection_name": "c", "path": "a/b", "scan_all": false }],
        "dynamodb_targets": [{ "path": "t", "scan_all": false, "scan_rate": 0.5 }],
        "delta_targets": [{
            "delta_tables": ["s3://lake/d/"], "connection_name": "c", "write_manifest": true,
            "create_native_delta_table": true,
        }],
        "iceberg_targets": [{
            "paths": ["s3://lake/i/"], "connection_name": "c", "exclusions": ["x"],
            "maximum_traversal_depth": 3,
        }],
        "hudi_targets": [{
            "paths": ["s3://lake/h/"], "connection_name": "c", "exclusions": ["x"],
            "maximum_traversal_depth": 3,
        }],
        "on_change": "LOG",
        "on_delete": "LOG",
        "recrawl": "CRAWL_EVENT_MODE",
        "lake_formation_configuration": {
            "use_lake_formation_credentials": true, "account_id": "111122223333",
        },
        "lineage_configuration": { "crawler_lineage_settings": "ENABLE" },
        "crawler_security_configuration": "secure",
    }));
    let desired = fields::desired(&written).expect("fields");
    let crawler = Crawler::builder()
        .database_name("lake")
        .targets(targets::of_keys(&written).expect("targets"))
        .set_schema_change_policy(super::schema_change_policy(&written, None))
        .set_recrawl_policy(super::recrawl_policy(&written))
        .set_lineage_configuration(super::lineage_configuration(&written))
        .set_lake_formation_configuration(super::lake_formation_configuration(&written, None))
        .crawler_security_configuration("secure")
        .build();
    let live = fields::live(&crawler);
    for (field, value) in desired {
        assert!(
            fields::same(&field, &value, &live[&field], false),
            "{field}: {value} and {}",
            live[&field]
        );
        if targets::KINDS.contains(&field.as_str()) {
            assert!(!value.as_array().expect("a list").is_empty(), "{field}");
        }
    }
}

#[test]
fn defaults_that_aws_fills_in_are_no_difference() {
    let plain = keys(json!({
        "database": "lake", "role": "crawler",
        "mongodb_targets": [{ "connection_name": "c", "path": "a/b" }],
        "dynamodb_targets": [{ "path": "t" }],
        "delta_targets": [{ "delta_tables": ["s3://lake/d/"] }],
    }));
    let filled = keys(json!({
        "database": "lake", "role": "crawler",
        "mongodb_targets": [{ "connection_name": "c", "path": "a/b", "scan_all": true }],
        "dynamodb_targets": [{ "path": "t", "scan_all": true }],
        "delta_targets": [{
            "delta_tables": ["s3://lake/d/"], "write_manifest": false, "create_native_delta_table": false,
        }],
    }));
    let shown = |keys: &Keys| targets::shown(&targets::of_keys(keys).expect("targets"));
    assert_eq!(shown(&plain), shown(&filled));
}
