//! Every field of a workgroup: set, changed, taken away, and changed by hand.

use aws_sdk_athena::types::{
    EncryptionConfiguration, EncryptionOption, ResultConfigurationUpdates,
    WorkGroupConfigurationUpdates, WorkGroupState,
};

use crate::engine::{Goal, Stop, apply};
use crate::resource::world::{Case, World, lines};

const BASE: &str = "[workgroups.w]\n";
const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

fn case<'a>(from: &'a str, to: &'a str, changes: &'a str) -> Case<'a> {
    Case {
        base: BASE,
        from,
        to,
        changes,
    }
}

#[tokio::test]
async fn every_short_key_is_set_changed_and_taken_away() {
    World::new()
        .await
        .pass(&[
            case("", "description = \"a\"", "update workgroups.w description"),
            case(
                "description = \"a\"",
                "description = \"b\"",
                "update workgroups.w description",
            ),
            case("description = \"a\"", "", ""),
            case("", "tags = { a = \"1\" }", "update workgroups.w tags"),
            case(
                "tags = { a = \"1\" }",
                "tags = { b = \"1\" }",
                "update workgroups.w tags",
            ),
            case("tags = { a = \"1\" }", "", "update workgroups.w tags"),
            case(
                "state = \"DISABLED\"",
                "state = \"ENABLED\"",
                "update workgroups.w state",
            ),
            case("state = \"DISABLED\"", "", ""),
            case(
                "results = \"s3://lake/a/\"",
                "results = \"s3://lake/b/\"",
                "update workgroups.w results",
            ),
            case(
                "results = \"s3://lake/a/\"",
                "",
                "update workgroups.w results",
            ),
            case(
                "encryption = \"SSE_S3\"",
                "",
                "update workgroups.w encryption.encryption_option",
            ),
            case(
                "expected_bucket_owner = \"111122223333\"",
                "expected_bucket_owner = \"444455556666\"",
                "update workgroups.w expected_bucket_owner",
            ),
            case(
                "expected_bucket_owner = \"111122223333\"",
                "",
                "update workgroups.w expected_bucket_owner",
            ),
            case(
                "enforce = false",
                "enforce = true",
                "update workgroups.w enforce",
            ),
            case("enforce = false", "", ""),
            case(
                "publish_metrics = true",
                "publish_metrics = false",
                "update workgroups.w publish_metrics",
            ),
            case("publish_metrics = true", "", ""),
            case(
                "bytes_scanned_cutoff = \"10 GB\"",
                "bytes_scanned_cutoff = 20000000",
                "update workgroups.w bytes_scanned_cutoff",
            ),
            case(
                "bytes_scanned_cutoff = \"10 GB\"",
                "bytes_scanned_cutoff = 10000000000",
                "",
            ),
            case(
                "bytes_scanned_cutoff = \"10 GB\"",
                "",
                "update workgroups.w bytes_scanned_cutoff",
            ),
            case(
                "requester_pays = true",
                "requester_pays = false",
                "update workgroups.w requester_pays",
            ),
            case("requester_pays = true", "", ""),
            case(
                "engine_version = \"AUTO\"",
                "engine_version = \"Athena engine version 3\"",
                "update workgroups.w engine_version",
            ),
            case("engine_version = \"Athena engine version 3\"", "", ""),
        ])
        .await;
}

#[tokio::test]
async fn every_key_under_the_apis_name_is_set_changed_and_taken_away() {
    let kms = format!("encryption = {{ encryption_option = \"SSE_KMS\", kms_key = \"{KEY}\" }}");
    let customer = format!("customer_content_encryption_configuration = {{ kms_key = \"{KEY}\" }}");
    let managed_key = format!(
        "managed_query_results_configuration = {{ enabled = false, encryption_configuration = {{ kms_key = \"{KEY}\" }} }}"
    );
    let s3_logs = format!(
        "[workgroups.w.monitoring_configuration.s3_logging_configuration]\nenabled = true\nlog_location = \"s3://logs/a/\"\nkms_key = \"{KEY}\""
    );
    World::new().await.pass(&[
        case("result_configuration = { output_location = \"s3://lake/a/\" }", "result_configuration = { output_location = \"s3://lake/b/\" }", "update workgroups.w result_configuration.output_location"),
        case("result_configuration = { output_location = \"s3://lake/a/\" }", "results = \"s3://lake/a/\"", ""),
        case("result_configuration = { acl_configuration = { s3_acl_option = \"BUCKET_OWNER_FULL_CONTROL\" } }", "", "update workgroups.w result_configuration.acl_configuration.s3_acl_option"),
        case("encryption = \"SSE_S3\"", &kms, "update workgroups.w encryption.encryption_option, encryption.kms_key"),
        case(&kms, "encryption = \"SSE_S3\"", "update workgroups.w encryption.encryption_option, encryption.kms_key"),
        case("encryption = { encryption_option = \"CSE_KMS\", kms_key = \"alias/results\" }", "", "update workgroups.w encryption.encryption_option, encryption.kms_key"),
        case("enforce_work_group_configuration = false", "enforce_work_group_configuration = true", "update workgroups.w enforce_work_group_configuration"),
        case("publish_cloud_watch_metrics_enabled = true", "publish_cloud_watch_metrics_enabled = false", "update workgroups.w publish_cloud_watch_metrics_enabled"),
        case("bytes_scanned_cutoff_per_query = 10000000", "bytes_scanned_cutoff_per_query = 20000000", "update workgroups.w bytes_scanned_cutoff_per_query"),
        case("requester_pays_enabled = true", "requester_pays_enabled = false", "update workgroups.w requester_pays_enabled"),
        case("engine_version = { selected_engine_version = \"AUTO\" }", "engine_version = \"AUTO\"", ""),
        case("additional_configuration = \"{}\"", "additional_configuration = \"{\\\"a\\\":1}\"", "update workgroups.w additional_configuration"),
        case("execution_role = \"arn:aws:iam::111122223333:role/a\"", "execution_role = \"arn:aws:iam::111122223333:role/b\"", "update workgroups.w execution_role"),
        case(&customer, "customer_content_encryption_configuration = { kms_key = \"alias/a\" }", "update workgroups.w customer_content_encryption_configuration.kms_key"),
        case(&customer, "", "update workgroups.w customer_content_encryption_configuration.kms_key"),
        case(&managed_key, "managed_query_results_configuration = { enabled = false }", "update workgroups.w managed_query_results_configuration.encryption_configuration.kms_key"),
        case("enable_minimum_encryption_configuration = true", "enable_minimum_encryption_configuration = false", "update workgroups.w enable_minimum_encryption_configuration"),
        case("identity_center_configuration = { enable_identity_center = false }", "", ""),
        case(
            "query_results_s3_access_grants_configuration = { enable_s3_access_grants = false, authentication_type = \"DIRECTORY_IDENTITY\" }",
            "query_results_s3_access_grants_configuration = { enable_s3_access_grants = false, create_user_level_prefix = true, authentication_type = \"DIRECTORY_IDENTITY\" }",
            "update workgroups.w query_results_s3_access_grants_configuration.create_user_level_prefix",
        ),
        case(
            &s3_logs,
            "[workgroups.w.monitoring_configuration.s3_logging_configuration]\nenabled = false",
            "update workgroups.w monitoring_configuration.s3_logging_configuration.enabled",
        ),
        case(
            "[workgroups.w.monitoring_configuration.cloud_watch_logging_configuration]\nenabled = true\nlog_group = \"a\"\nlog_stream_name_prefix = \"p\"\nlog_types = { SPARK_DRIVER = [\"STDOUT\"] }",
            "[workgroups.w.monitoring_configuration.cloud_watch_logging_configuration]\nenabled = true\nlog_group = \"b\"\nlog_stream_name_prefix = \"q\"\nlog_types = { SPARK_DRIVER = [\"STDERR\"] }",
            "update workgroups.w monitoring_configuration.cloud_watch_logging_configuration.log_group, monitoring_configuration.cloud_watch_logging_configuration.log_stream_name_prefix, monitoring_configuration.cloud_watch_logging_configuration.log_types",
        ),
        case(
            "[workgroups.w.monitoring_configuration.managed_logging_configuration]\nenabled = true",
            "[workgroups.w.monitoring_configuration.managed_logging_configuration]\nenabled = true\nkms_key = \"alias/a\"",
            "update workgroups.w monitoring_configuration.managed_logging_configuration.kms_key",
        ),
        case(
            "[workgroups.w.engine_configuration]\nmax_concurrent_dpus = 20\ncoordinator_dpu_size = 1\ndefault_executor_dpu_size = 1\nspark_properties = { \"spark.a.b\" = \"1\" }\nadditional_configs = { NotebookId = \"n\" }",
            "[workgroups.w.engine_configuration]\nmax_concurrent_dpus = 30\nspark_properties = { \"spark.a.b\" = \"2\" }\nadditional_configs = { NotebookId = \"m\" }",
            "update workgroups.w engine_configuration.additional_configs, engine_configuration.max_concurrent_dpus, engine_configuration.spark_properties",
        ),
        case(
            "[[workgroups.w.engine_configuration.classifications]]\nname = \"athena-query-engine-properties\"\nproperties = { max-dpu-count = \"24\" }",
            "[[workgroups.w.engine_configuration.classifications]]\nname = \"athena-query-engine-properties\"\nproperties = { max-dpu-count = \"48\" }",
            "update workgroups.w engine_configuration.classifications",
        ),
    ])
    .await;
}

#[tokio::test]
async fn what_was_changed_by_hand_is_put_right_and_what_is_not_managed_is_left() {
    let world = World::new().await;
    let tables =
        "[workgroups.w]\nresults = \"s3://lake/a/\"\nenforce = true\ndescription = \"Ours\"\n";
    world.up(tables).await;
    let encryption = EncryptionConfiguration::builder()
        .encryption_option(EncryptionOption::SseS3)
        .build()
        .expect("it is whole");
    let results = ResultConfigurationUpdates::builder()
        .output_location("s3://lake/elsewhere/")
        .encryption_configuration(encryption)
        .build();
    let updates = WorkGroupConfigurationUpdates::builder()
        .result_configuration_updates(results)
        .enforce_work_group_configuration(false)
        .bytes_scanned_cutoff_per_query(10_000_000)
        .requester_pays_enabled(true)
        .build();
    let request = world
        .cloud
        .athena
        .update_work_group()
        .work_group("films-w")
        .description("Theirs")
        .state(WorkGroupState::Disabled)
        .configuration_updates(updates);
    request.send().await.expect("updated");
    assert_eq!(
        world.changes(tables).await,
        "update workgroups.w bytes_scanned_cutoff, description, encryption.encryption_option, enforce, results"
    );
    world.up(tables).await;
    let live = world.cloud.athena.get_work_group().work_group("films-w");
    let live = live.send().await.expect("found").work_group.expect("it");
    assert_eq!(live.state(), Some(&WorkGroupState::Disabled));
    let configuration = live.configuration().expect("it has one");
    assert_eq!(configuration.requester_pays_enabled(), Some(true));
}

#[tokio::test]
async fn a_workgroup_that_was_deleted_by_hand_comes_back_and_hinders_no_destroy() {
    let world = World::new().await;
    let delete = || async {
        let request = world.cloud.athena.delete_work_group();
        request.work_group("films-w").send().await.expect("deleted");
    };
    world.up(BASE).await;
    delete().await;
    assert!(
        world
            .changes(BASE)
            .await
            .to_string()
            .starts_with("create workgroups.w")
    );
    world.up(BASE).await;
    delete().await;
    world.clear(BASE).await;
}

#[tokio::test]
async fn what_others_keep_in_a_workgroup_holds_it() {
    let world = World::new().await;
    world.up(BASE).await;
    let request = world.cloud.athena.create_named_query();
    let request = request
        .name("theirs")
        .database("d")
        .query_string("SELECT 1");
    let request = request.work_group("films-w").send();
    request.await.expect("created");
    let planned = world.plan(BASE, Goal::Destroy).await;
    assert_eq!(lines(&planned), "keep workgroups.w");
    let reason = planned.changes[0].reason.as_deref().unwrap_or_default();
    assert!(
        reason.starts_with("it holds the named query `theirs`, which is not of this stack"),
        "{reason}"
    );
    world.clear(BASE).await;
}

#[tokio::test]
async fn the_history_of_queries_holds_a_workgroup() {
    let world = World::new().await;
    let tables = "[buckets.b]\n[workgroups.w]\nresults = \"s3://${buckets.b}/a/\"\n";
    world.up(tables).await;
    let start = world.cloud.athena.start_query_execution();
    let start = start.query_string("SELECT 1").work_group("films-w");
    start.send().await.expect("started");
    world.cloud.finish().await;
    let orphaned = world.plan("[buckets.b]\n", Goal::Up).await;
    assert_eq!(lines(&orphaned), "keep workgroups.w");
    let reason = orphaned.changes.iter().find_map(|c| c.reason.as_deref());
    let reason = reason.unwrap_or_default();
    assert!(
        reason.contains("it holds the history of the queries that ran in it"),
        "{reason}"
    );
    world.clear(tables).await;
}

#[tokio::test]
async fn the_workgroup_of_every_account_can_be_had_and_is_never_deleted() {
    let world = World::new().await;
    let tables = "[workgroups.w]\nname = \"primary\"\nresults = \"s3://lake/a/\"\n";
    assert_eq!(
        world.adopt(tables, &["workgroups.w"]).await,
        "adopt workgroups.w results, athglue:id"
    );
    let planned = world.plan(tables, Goal::Destroy).await;
    assert_eq!(lines(&planned), "delete workgroups.w");
    let reason = planned.changes[0].reason.as_deref().unwrap_or_default();
    assert_eq!(
        reason,
        "it stays, as Athena does not delete it; only the stack's mark goes"
    );
    let outcome = apply(&planned, &world.cloud, 8, &(), &Stop::default()).await;
    assert!(outcome.is_complete(), "{outcome:#?}");
    let planned = world.plan(tables, Goal::Destroy).await;
    assert!(planned.is_empty(), "{}", lines(&planned));
    let live = world.cloud.athena.get_work_group().work_group("primary");
    assert!(live.send().await.expect("found").work_group.is_some());
}

#[tokio::test]
async fn a_create_whose_answer_was_lost_is_taken_and_a_strangers_is_not() {
    let world = World::new().await;
    let planned = world.plan(BASE, Goal::Up).await;
    // Somebody makes it between the plan and its application: first we, then others.
    world.up(BASE).await;
    let outcome = apply(&planned, &world.cloud, 8, &(), &Stop::default()).await;
    assert!(outcome.is_complete(), "{outcome:#?}");
    world.clear(BASE).await;
    let request = world.cloud.athena.create_work_group();
    request.name("films-w").send().await.expect("created");
    let outcome = apply(&planned, &world.cloud, 8, &(), &Stop::default()).await;
    let error = &outcome.failed[0].error;
    assert_eq!(error.operation, "CreateWorkGroup");
    assert!(error.message.contains("already created"), "{error}");
}

#[tokio::test]
async fn what_the_embedded_cloud_does_not_have_is_refused_before_anything_is_made() {
    let world = World::new().await;
    for (keys, says) in [
        (
            "managed_query_results_configuration = { enabled = true }",
            "the embedded cloud does not have managed query results",
        ),
        (
            "identity_center_configuration = { enable_identity_center = true }",
            "the embedded cloud does not have IAM Identity Center",
        ),
        (
            "query_results_s3_access_grants_configuration = { enable_s3_access_grants = true, authentication_type = \"DIRECTORY_IDENTITY\" }",
            "the embedded cloud does not have S3 Access Grants",
        ),
    ] {
        let refusal = world.refusal(&format!("{BASE}{keys}\n")).await;
        assert!(refusal.contains(says), "{refusal}");
    }
}

#[test]
fn what_athena_would_refuse_is_refused_with_its_place() {
    let runtime = tokio::runtime::Runtime::new().expect("it starts");
    let world = runtime.block_on(World::new());
    for (keys, says) in [
        ("encryption = \"SSE_KMS\"", "SSE_KMS needs a key"),
        ("encryption = \"SSE\"", "cannot be `SSE`"),
        (
            "encryption = { encryption_option = \"SSE_S3\", kms_key = \"alias/a\" }",
            "SSE_S3 takes no key",
        ),
        ("bytes_scanned_cutoff = \"1 MB\"", "at least 10 MB"),
        ("bytes_scanned_cutoff = 1000", "at least 10000000"),
        (
            "bytes_scanned_cutoff = \"ten\"",
            "an amount is written as 10 MB",
        ),
        (
            "enforce = true\nenforce_work_group_configuration = true",
            "both `enforce` and `enforce_work_group_configuration` are set",
        ),
        ("expected_bucket_owner = \"12\"", "does not match"),
        ("results = \"lake/a\"", "s3://BUCKET/PREFIX"),
        ("state = \"OFF\"", "cannot be `OFF`"),
        ("resluts = \"s3://lake/a/\"", "did you mean `results`?"),
        (
            "engine_configuration = { max_concurrent_dpus = 1 }",
            "at least 2",
        ),
    ] {
        let mistakes = world.mistakes(&format!("{BASE}{keys}\n"));
        assert!(mistakes.contains(says), "{keys}\n{mistakes}");
    }
}
