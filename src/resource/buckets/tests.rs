//! Every field of a bucket through its life: set, changed, drifted, unset.

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::*;
use futures::StreamExt;

use crate::engine::{Goal, Terms};
use crate::resource::Address;
use crate::resource::world::World;

const NAME: &str = "films-data-000000000000";

fn bucket(keys: &str) -> String {
    format!("[buckets.logs]\n[buckets.data]\n{keys}\n")
}

/// A field's life: a first value, a second, and what is planned for the change.
struct Life {
    first: &'static str,
    second: &'static str,
    change: &'static str,
}

const LIVES: &[Life] = &[
    Life {
        first: r#"tags = { team = "data" }"#,
        second: r#"tags = { team = "films", cost = "1" }"#,
        change: "tags",
    },
    Life {
        first: "versioning = true",
        second: "versioning = \"Suspended\"",
        change: "versioning",
    },
    Life {
        first: "versioning = false",
        second: "versioning = \"Enabled\"",
        change: "versioning",
    },
    Life {
        first: "encryption = \"AES256\"",
        second: r#"encryption = { sse_algorithm = "aws:kms", kms_master_key_id = "alias/films", bucket_key_enabled = true }"#,
        change: "encryption.bucket_key_enabled encryption.kms_master_key_id encryption.sse_algorithm",
    },
    Life {
        first: "expire_after_days = 30",
        second: "expire_after_days = 60",
        change: "expire_after_days",
    },
    Life {
        first: r#"lifecycle_rules = [{ expiration = { days = 3 }, filter = { prefix = "tmp/" } }]"#,
        second: r#"expire_after_days = 90
            transition_default_minimum_object_size = "varies_by_storage_class"
            lifecycle_rules = [
            { id = "old", filter = { tags = { kind = "raw" }, object_size_greater_than = 1024 }, transitions = [{ days = 30, storage_class = "STANDARD_IA" }, { days = 90, storage_class = "GLACIER" }] },
            { status = "Disabled", noncurrent_version_expiration = { noncurrent_days = 7, newer_noncurrent_versions = 2 }, abort_incomplete_multipart_upload = { days_after_initiation = 1 } },
            { expiration = { date = "2040-01-01" }, filter = { prefix = "trial/" } }]"#,
        change: "expire_after_days lifecycle_rules transition_default_minimum_object_size",
    },
    Life {
        first: "public_access_block = true",
        second: "public_access_block = { block_public_policy = false, restrict_public_buckets = false }",
        change: "public_access_block.block_public_policy public_access_block.restrict_public_buckets",
    },
    Life {
        first: "object_ownership = \"BucketOwnerEnforced\"",
        second: "object_ownership = \"BucketOwnerPreferred\"",
        change: "object_ownership",
    },
    Life {
        first: r#"policy = { Version = "2012-10-17", Statement = [{ Effect = "Deny", Principal = "*", Action = "s3:*", Resource = ["/", "/*"], Condition = { Bool = { "aws:SecureTransport" = "false" } } }] }"#,
        second: "policy = \"policy.json\"",
        change: "policy",
    },
    Life {
        first: r#"cors_rules = [{ allowed_methods = ["GET"], allowed_origins = ["*"] }]"#,
        second: r#"cors_rules = [{ id = "site", allowed_methods = ["GET", "PUT"], allowed_origins = ["https://films.example"], allowed_headers = ["*"], expose_headers = ["ETag"], max_age_seconds = 60 }]"#,
        change: "cors_rules",
    },
    Life {
        first: r#"logging = { target_bucket = "${buckets.logs}" }"#,
        second: r#"logging = { target_bucket = "${buckets.logs}", target_prefix = "films/", target_object_key_format = "EventTime" }"#,
        change: "logging",
    },
    Life {
        first: "eventbridge = true",
        second: "eventbridge = false",
        change: "eventbridge",
    },
    Life {
        first: "object_lock_enabled = true",
        second: r#"object_lock_enabled = true
            default_retention = { mode = "GOVERNANCE", days = 1 }"#,
        change: "default_retention",
    },
    Life {
        first: "accelerate = true",
        second: "accelerate = \"Suspended\"",
        change: "accelerate",
    },
    Life {
        first: "payer = \"Requester\"",
        second: "payer = \"BucketOwner\"",
        change: "payer",
    },
];

const POLICY: &str = r#"{"Statement": {"Effect": "Allow", "Principal": {"AWS": "000000000000"},
    "Action": "S3:getobject", "Resource": "/films/*"}}"#;

/// The fields that change, of one bucket.
fn fields(plan: &str) -> String {
    let lines = plan.lines().filter_map(|line| line.strip_prefix("  "));
    let paths = lines.filter_map(|line| line.split(": ").next());
    paths.collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn every_field_is_set_and_changed_and_then_nothing_is_left_to_do() {
    for Life {
        first,
        second,
        change,
    } in LIVES
    {
        let world = World::new().await;
        world.write("policy.json", POLICY);
        world.up(&bucket(first)).await;
        assert_eq!(
            world.changes(&bucket(first)).await.in_full(),
            "",
            "after {first}"
        );
        assert_eq!(
            fields(&world.changes(&bucket(second)).await.in_full()),
            *change
        );
        for keys in [second, first] {
            world.up(&bucket(keys)).await;
            assert_eq!(
                world.changes(&bucket(keys)).await.in_full(),
                "",
                "after {keys}"
            );
        }
    }
}

#[tokio::test]
async fn a_field_that_leaves_the_file_stays_as_it_is() {
    for Life { first, second, .. } in LIVES {
        if first.starts_with("tags") {
            continue;
        }
        let world = World::new().await;
        world.write("policy.json", POLICY);
        world.up(&bucket(second)).await;
        // The rule of `expire_after_days` is ours, and goes with its key.
        let expected = if second.contains("expire_after_days") {
            "expire_after_days"
        } else {
            ""
        };
        let without = bucket("");
        assert_eq!(
            fields(&world.changes(&without).await.in_full()),
            expected,
            "{second}"
        );
        world.up(&without).await;
        assert_eq!(world.changes(&without).await.in_full(), "");
    }
}

#[tokio::test]
async fn every_setting_can_be_taken_away_again() {
    let world = World::new().await;
    world.write("policy.json", POLICY);
    let all = r#"
        expire_after_days = 1
        lifecycle_rules = [{ id = "ID", expiration = { days = 3 }, filter = { prefix = "tmp/" } }]
        policy = "policy.json"
        cors_rules = [{ allowed_methods = ["GET"], allowed_origins = ["*"] }]
        logging = { target_bucket = "${buckets.logs}" }
        eventbridge = true
        default_retention = { mode = "COMPLIANCE", years = 1 }
    "#;
    world.up(&bucket(all)).await;
    let none = r"
        lifecycle_rules = []
        policy = false
        cors_rules = []
        logging = false
        eventbridge = false
        default_retention = false
        object_lock_enabled = true
    ";
    insta::assert_snapshot!(world.changes(&bucket(none)).await.in_full(), @r#"
    ~ buckets.data
      cors_rules: [{"allowed_methods":["GET"],"allowed_origins":["*"]}] -> []
      default_retention: {"mode":"COMPLIANCE","years":1} -> false
      eventbridge: true -> false
      expire_after_days: 1 -> null
      lifecycle_rules: [{"id":"ID","status":"Enabled","filter":{"prefix":"tmp/"},"expiration":{"days":3}}] -> []
      logging: {"target_bucket":"films-logs-000000000000","target_prefix":""} -> false
      policy: {"Statement":{"Effect":"Allow","Principal":{"AWS":"000000000000"},"Action":"S3:getobject","Resource":"arn:aws:s3:::films-data-000000000000/films/*"}} -> false
    "#);
    world.up(&bucket(none)).await;
    assert_eq!(world.changes(&bucket(none)).await.in_full(), "");
    let s3 = &world.cloud.s3;
    let lifecycle = s3.get_bucket_lifecycle_configuration().bucket(NAME).send();
    assert!(lifecycle.await.is_err());
    assert!(s3.get_bucket_policy().bucket(NAME).send().await.is_err());
}

const MANAGED: &str = r#"
    tags = { team = "data" }
    versioning = true
    encryption = { sse_algorithm = "aws:kms", bucket_key_enabled = true }
    expire_after_days = 30
    lifecycle_rules = [{ id = "tmp", expiration = { days = 3 }, filter = { prefix = "tmp/" } }]
    public_access_block = true
    object_ownership = "BucketOwnerEnforced"
    policy = "policy.json"
    cors_rules = [{ allowed_methods = ["GET"], allowed_origins = ["*"] }]
    logging = { target_bucket = "${buckets.logs}" }
    eventbridge = true
    accelerate = true
    payer = "Requester"
"#;

#[tokio::test]
async fn what_is_changed_by_hand_is_seen_in_every_field_and_put_right() {
    let world = World::new().await;
    world.write("policy.json", POLICY);
    let stack = bucket(MANAGED);
    world.up(&stack).await;
    assert_eq!(world.changes(&stack).await.in_full(), "");
    let s3 = &world.cloud.s3;
    let versioning = VersioningConfiguration::builder().status(BucketVersioningStatus::Suspended);
    s3.put_bucket_versioning()
        .bucket(NAME)
        .versioning_configuration(versioning.build())
        .send()
        .await
        .expect("put");
    s3.delete_bucket_encryption()
        .bucket(NAME)
        .send()
        .await
        .expect("deleted");
    s3.delete_bucket_lifecycle()
        .bucket(NAME)
        .send()
        .await
        .expect("deleted");
    s3.delete_public_access_block()
        .bucket(NAME)
        .send()
        .await
        .expect("deleted");
    s3.delete_bucket_ownership_controls()
        .bucket(NAME)
        .send()
        .await
        .expect("deleted");
    s3.delete_bucket_policy()
        .bucket(NAME)
        .send()
        .await
        .expect("deleted");
    s3.delete_bucket_cors()
        .bucket(NAME)
        .send()
        .await
        .expect("deleted");
    s3.put_bucket_logging()
        .bucket(NAME)
        .bucket_logging_status(BucketLoggingStatus::builder().build())
        .send()
        .await
        .expect("put");
    s3.put_bucket_notification_configuration()
        .bucket(NAME)
        .notification_configuration(NotificationConfiguration::builder().build())
        .send()
        .await
        .expect("put");
    let accelerate = AccelerateConfiguration::builder().status(BucketAccelerateStatus::Suspended);
    s3.put_bucket_accelerate_configuration()
        .bucket(NAME)
        .accelerate_configuration(accelerate.build())
        .send()
        .await
        .expect("put");
    let payer = RequestPaymentConfiguration::builder().payer(Payer::BucketOwner);
    s3.put_bucket_request_payment()
        .bucket(NAME)
        .request_payment_configuration(payer.build().expect("a payer"))
        .send()
        .await
        .expect("put");
    insta::assert_snapshot!(fields(&world.changes(&stack).await.in_full()), @"accelerate cors_rules encryption.bucket_key_enabled encryption.sse_algorithm eventbridge expire_after_days lifecycle_rules logging object_ownership payer policy public_access_block.block_public_acls public_access_block.block_public_policy public_access_block.ignore_public_acls public_access_block.restrict_public_buckets versioning");
    world.up(&stack).await;
    assert_eq!(world.changes(&stack).await.in_full(), "");
}

#[tokio::test]
async fn what_the_stack_does_not_set_is_left_alone_when_a_neighbour_is_put() {
    let world = World::new().await;
    world.up(&bucket("")).await;
    let s3 = &world.cloud.s3;
    let rule = LifecycleRule::builder()
        .id("hand")
        .status(ExpirationStatus::Enabled)
        .filter(LifecycleRuleFilter::builder().prefix("x/").build())
        .expiration(LifecycleExpiration::builder().days(9).build())
        .build()
        .expect("a rule");
    let rules = BucketLifecycleConfiguration::builder().rules(rule).build();
    s3.put_bucket_lifecycle_configuration()
        .bucket(NAME)
        .lifecycle_configuration(rules.expect("rules"))
        .send()
        .await
        .expect("put");
    let block = PublicAccessBlockConfiguration::builder().block_public_acls(false);
    s3.put_public_access_block()
        .bucket(NAME)
        .public_access_block_configuration(block.block_public_policy(true).build())
        .send()
        .await
        .expect("put");
    let stack =
        bucket("expire_after_days = 5\npublic_access_block = { ignore_public_acls = true }");
    world.up(&stack).await;
    assert_eq!(world.changes(&stack).await.in_full(), "");
    let lifecycle = s3.get_bucket_lifecycle_configuration().bucket(NAME).send();
    let ids: Vec<_> = lifecycle
        .await
        .expect("rules")
        .rules
        .into_iter()
        .flatten()
        .collect();
    let ids: Vec<_> = ids
        .iter()
        .map(|rule| rule.id().unwrap_or_default())
        .collect();
    assert_eq!(ids, ["hand", "athglue-expire"]);
    let block = s3
        .get_public_access_block()
        .bucket(NAME)
        .send()
        .await
        .expect("a block");
    let block = block.public_access_block_configuration.expect("a block");
    assert_eq!(block.block_public_policy, Some(true));
    assert_eq!(block.block_public_acls, Some(false));
    assert_eq!(block.ignore_public_acls, Some(true));
}

#[tokio::test]
async fn object_lock_is_enabled_in_place_and_disabled_by_a_new_bucket() {
    let world = World::new().await;
    // S3 locks no objects of which it keeps no versions.
    world.up(&bucket("")).await;
    let locked = bucket("object_lock_enabled = true");
    insta::assert_snapshot!(world.changes(&locked).await.in_full(), @r"
    ~ buckets.data
      object_lock_enabled: false -> true
    ");
    world.up(&locked).await;
    let unlocked = bucket("object_lock_enabled = false");
    insta::assert_snapshot!(world.changes(&unlocked).await.in_full(), @r"
    ∓ buckets.data
      object_lock_enabled: true -> false
    ");
    world.up(&unlocked).await;
    assert_eq!(world.changes(&unlocked).await.in_full(), "");
}

async fn put(world: &World, key: &str) {
    let put = world.cloud.s3.put_object().bucket(NAME).key(key);
    put.body(ByteStream::from_static(b"x"))
        .send()
        .await
        .expect("put");
}

#[tokio::test]
async fn a_forced_deletion_takes_versions_markers_locks_and_unfinished_uploads() {
    let world = World::new().await;
    let stack = bucket("default_retention = { mode = \"GOVERNANCE\", days = 1 }");
    world.up(&stack).await;
    for key in ["a", "a", "b"] {
        put(&world, key).await;
    }
    let s3 = &world.cloud.s3;
    s3.delete_object()
        .bucket(NAME)
        .key("a")
        .send()
        .await
        .expect("a marker");
    s3.create_multipart_upload()
        .bucket(NAME)
        .key("c")
        .send()
        .await
        .expect("begun");
    let planned = world.plan(&stack, Goal::Destroy).await;
    let kept = planned
        .changes
        .iter()
        .find(|c| c.name == NAME)
        .expect("there");
    let reason = kept.reason.as_deref().unwrap_or_default();
    assert!(
        reason.starts_with("it holds 4 versions of objects"),
        "{reason}"
    );
    let planned = world.forced(&stack, Address::new("buckets", "data")).await;
    world.apply(&planned).await;
    assert!(s3.head_bucket().bucket(NAME).send().await.is_err());
    assert!(world.plan(&stack, Goal::Destroy).await.is_empty());
}

#[tokio::test]
async fn more_objects_than_a_call_deletes_are_deleted() {
    let world = World::new().await;
    let stack = bucket("");
    world.up(&stack).await;
    let world = &world;
    let puts = (0..2100).map(|i| async move { put(world, &format!("k{i}")).await });
    let puts = futures::stream::iter(puts).buffer_unordered(16);
    puts.collect::<Vec<()>>().await;
    let planned = world.forced(&stack, Address::new("buckets", "data")).await;
    world.apply(&planned).await;
    assert!(world.plan(&stack, Goal::Destroy).await.is_empty());
}

#[tokio::test]
async fn a_bucket_is_marked_in_the_call_that_makes_it() {
    let world = World::new().await;
    world.up(&bucket("")).await;
    // A second bucket, made as if the process had died right after the call.
    let calls = world.cloud.calls().mutating();
    assert_eq!(calls.get("CreateBucket"), Some(&2));
    assert_eq!(calls.get("PutBucketTagging"), None);
    let s3 = &world.cloud.s3;
    let tags = s3
        .get_bucket_tagging()
        .bucket(NAME)
        .send()
        .await
        .expect("tags");
    assert!(
        tags.tag_set
            .iter()
            .any(|t| t.key == "athglue:stack" && t.value == "films")
    );
}

#[tokio::test]
async fn a_bucket_in_another_region_is_refused_with_that_region() {
    let world = World::new().await;
    let region = aws_sdk_s3::config::Region::new("us-west-2");
    let there = world.cloud.s3.config().to_builder().region(region).build();
    let configuration = CreateBucketConfiguration::builder()
        .location_constraint(BucketLocationConstraint::UsWest2)
        .build();
    aws_sdk_s3::Client::from_conf(there)
        .create_bucket()
        .bucket(NAME)
        .create_bucket_configuration(configuration)
        .send()
        .await
        .expect("created");
    let stack = world.stack(&bucket(""));
    let refused = crate::engine::plan(&stack, &world.cloud, Goal::Up, &Terms::default()).await;
    let refused = refused.expect_err("refused").to_string();
    assert!(
        refused.contains(
            "the bucket `films-data-000000000000` is in us-west-2, and this stack in eu-west-1"
        ),
        "{refused}"
    );
}

#[tokio::test]
async fn what_s3_would_refuse_is_found_in_the_file() {
    let world = World::new().await;
    world.write("policy.json", "{\"Statement\": [{\"Effect\": \"Maybe\"}]}");
    let wrong = |keys: &str| {
        let error = world.resolve(&bucket(keys)).expect_err(keys);
        error.lines().next().unwrap_or_default().to_owned()
    };
    let found = [
        "versioning = \"On\"",
        "versioning = false\nobject_lock_enabled = true",
        "encryption = { sse_algorithm = \"AES256\", kms_master_key_id = \"k\" }",
        "encryption = \"DES\"",
        "expire_after_days = 0",
        "lifecycle_rules = [{ id = \"a\", expiration = { days = 1 } }, { id = \"a\", expiration = { days = 2 } }]",
        "lifecycle_rules = [{ filter = { prefix = \"a\" } }]",
        "lifecycle_rules = [{ transitions = [{ days = 1, storage_class = \"TAPE\" }] }]",
        "public_access_block = { block_acls = true }",
        "object_ownership = \"Me\"",
        "policy = \"policy.json\"",
        "policy = { Statement = [{ Effect = \"Allow\", Action = \"s3:*\" }] }",
        "cors_rules = [{ allowed_methods = [\"PATCH\"], allowed_origins = [\"*\"] }]",
        "cors_rules = [{ allowed_methods = [\"GET\"], allowed_origins = [\"*.*\"] }]",
        "logging = true",
        "logging = { target_prefix = \"a\" }",
        "default_retention = { mode = \"GOVERNANCE\", days = 1, years = 1 }",
        "default_retention = { mode = \"FOREVER\", days = 1 }",
        "name = \"a.b.c\"\naccelerate = true",
        "payer = \"Nobody\"",
    ]
    .map(|keys| format!("{keys}\n    {}", wrong(keys)));
    insta::assert_snapshot!(found.join("\n"), @r#"
    versioning = "On"
        error: `versioning` cannot be `On`
    versioning = false
    object_lock_enabled = true
        error: a bucket that locks objects keeps their versions
    encryption = { sse_algorithm = "AES256", kms_master_key_id = "k" }
        error: AES256 encrypts with S3's own keys
    encryption = "DES"
        error: `encryption` cannot be `DES`
    expire_after_days = 0
        error: `expire_after_days` is too small
    lifecycle_rules = [{ id = "a", expiration = { days = 1 } }, { id = "a", expiration = { days = 2 } }]
        error: two rules are called `a`
    lifecycle_rules = [{ filter = { prefix = "a" } }]
        error: a lifecycle rule does nothing
    lifecycle_rules = [{ transitions = [{ days = 1, storage_class = "TAPE" }] }]
        error: `storage_class` cannot be `TAPE`
    public_access_block = { block_acls = true }
        error: unknown key `block_acls`
    object_ownership = "Me"
        error: `object_ownership` cannot be `Me`
    policy = "policy.json"
        error: this is no bucket policy
    policy = { Statement = [{ Effect = "Allow", Action = "s3:*" }] }
        error: this is no bucket policy
    cors_rules = [{ allowed_methods = ["PATCH"], allowed_origins = ["*"] }]
        error: `allowed_methods` cannot be `PATCH`
    cors_rules = [{ allowed_methods = ["GET"], allowed_origins = ["*.*"] }]
        error: an origin has more than one `*`
    logging = true
        error: logs go to a bucket
    logging = { target_prefix = "a" }
        error: `target_bucket` is missing
    default_retention = { mode = "GOVERNANCE", days = 1, years = 1 }
        error: a retention is of days or of years
    default_retention = { mode = "FOREVER", days = 1 }
        error: `mode` cannot be `FOREVER`
    name = "a.b.c"
    accelerate = true
        error: a bucket with a dot in its name cannot be accelerated
    payer = "Nobody"
        error: `payer` cannot be `Nobody`
    "#);
}
