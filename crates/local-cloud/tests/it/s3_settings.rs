//! What a bucket is set to, and locks on objects, as AWS's SDK speaks of them.

use std::time::{Duration, SystemTime};

use aws_sdk_s3::Client;
use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::types::*;
use local_cloud::Cloud;

struct World {
    s3: Client,
    _dir: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let cloud = Cloud::open(dir.path()).unwrap();
        let config = aws_sdk_s3::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new("test", "test", None, None, "test"))
            .http_client(cloud.http_client())
            .force_path_style(true)
            .build();
        Self {
            s3: Client::from_conf(config),
            _dir: dir,
        }
    }

    async fn with_bucket(locks: bool) -> Self {
        let world = Self::new();
        let create = world.s3.create_bucket().bucket("lake");
        let create = create.object_lock_enabled_for_bucket(locks);
        create.send().await.unwrap();
        world
    }

    /// Puts an object and gives its version.
    async fn put(&self, key: &str) -> String {
        let put = self.s3.put_object().bucket("lake").key(key);
        put.send().await.unwrap().version_id.unwrap_or_default()
    }
}

/// The code of a refusal, and its status.
fn refusal<T: std::fmt::Debug, E: ProvideErrorMetadata>(
    answer: Result<T, SdkError<E>>,
) -> (String, u16) {
    let error = answer.expect_err("refused");
    let status = error.raw_response().map_or(0, |r| r.status().as_u16());
    let code = error.as_service_error().and_then(|e| e.code());
    (code.unwrap_or_default().to_owned(), status)
}

#[tokio::test]
async fn a_bucket_can_be_made_with_tags() {
    let world = World::new();
    let tag = Tag::builder().key("team").value("a&b").build().unwrap();
    let configuration = CreateBucketConfiguration::builder().tags(tag.clone());
    let create = || {
        let create = world.s3.create_bucket().bucket("lake");
        create.create_bucket_configuration(configuration.clone().build())
    };
    create().send().await.unwrap();
    let tags = world.s3.get_bucket_tagging().bucket("lake").send().await;
    assert_eq!(tags.unwrap().tag_set, [tag]);
    let wrong = Tag::builder().key("aws:x").value("").build().unwrap();
    let configuration = CreateBucketConfiguration::builder().tags(wrong).build();
    let create = world.s3.create_bucket().bucket("sea");
    let create = create.create_bucket_configuration(configuration);
    assert_eq!(refusal(create.send().await), ("InvalidTag".to_owned(), 400));
}

#[tokio::test]
async fn logging_needs_a_bucket_and_comes_back() {
    let world = World::with_bucket(false).await;
    let put = |target: &str| {
        let enabled = LoggingEnabled::builder()
            .target_bucket(target)
            .target_prefix("logs/")
            .build()
            .unwrap();
        let status = BucketLoggingStatus::builder().logging_enabled(enabled);
        let put = world.s3.put_bucket_logging().bucket("lake");
        put.bucket_logging_status(status.build()).send()
    };
    let (code, status) = refusal(put("sea").await);
    assert_eq!(
        (code.as_str(), status),
        ("InvalidTargetBucketForLogging", 400)
    );
    put("lake").await.unwrap();
    let got = world.s3.get_bucket_logging().bucket("lake").send().await;
    let enabled = got.unwrap().logging_enabled.unwrap();
    assert_eq!(enabled.target_bucket(), "lake");
    assert_eq!(enabled.target_prefix(), "logs/");
}

#[tokio::test]
async fn notifications_go_to_event_bridge_and_nowhere_else() {
    let world = World::with_bucket(false).await;
    let put = |configuration| {
        let put = world.s3.put_bucket_notification_configuration();
        put.bucket("lake")
            .notification_configuration(configuration)
            .send()
    };
    let to_bridge = NotificationConfiguration::builder()
        .event_bridge_configuration(EventBridgeConfiguration::builder().build())
        .build();
    put(to_bridge).await.unwrap();
    let got = world.s3.get_bucket_notification_configuration();
    let got = got.bucket("lake").send().await.unwrap();
    assert!(got.event_bridge_configuration.is_some());
    let queue = QueueConfiguration::builder()
        .queue_arn("arn:aws:sqs:us-east-1:000000000000:q")
        .events(Event::S3ObjectCreated)
        .build()
        .unwrap();
    let to_queue = NotificationConfiguration::builder().queue_configurations(queue);
    assert_eq!(
        refusal(put(to_queue.build()).await),
        ("NotImplemented".to_owned(), 501)
    );
}

#[tokio::test]
async fn a_lifecycle_comes_back_whole() {
    let world = World::with_bucket(false).await;
    let tag = Tag::builder().key("kind").value("raw").build().unwrap();
    let and = LifecycleRuleAndOperator::builder()
        .prefix("in/")
        .tags(tag)
        .object_size_greater_than(10)
        .build();
    let rule = LifecycleRule::builder()
        .id("old")
        .status(ExpirationStatus::Enabled)
        .filter(LifecycleRuleFilter::builder().and(and).build())
        .transitions(
            Transition::builder()
                .days(30)
                .storage_class(TransitionStorageClass::StandardIa)
                .build(),
        )
        .noncurrent_version_expiration(
            NoncurrentVersionExpiration::builder()
                .noncurrent_days(7)
                .newer_noncurrent_versions(2)
                .build(),
        )
        .abort_incomplete_multipart_upload(
            AbortIncompleteMultipartUpload::builder()
                .days_after_initiation(1)
                .build(),
        )
        .build()
        .unwrap();
    let put = |rules: Vec<LifecycleRule>| {
        let rules = BucketLifecycleConfiguration::builder().set_rules(Some(rules));
        let put = world.s3.put_bucket_lifecycle_configuration().bucket("lake");
        put.lifecycle_configuration(rules.build().unwrap())
            .transition_default_minimum_object_size(
                TransitionDefaultMinimumObjectSize::VariesByStorageClass,
            )
            .send()
    };
    put(vec![rule.clone()]).await.unwrap();
    let got = world.s3.get_bucket_lifecycle_configuration();
    let got = got.bucket("lake").send().await.unwrap();
    assert_eq!(got.rules(), std::slice::from_ref(&rule));
    assert_eq!(
        got.transition_default_minimum_object_size,
        Some(TransitionDefaultMinimumObjectSize::VariesByStorageClass)
    );
    let twice = put(vec![rule.clone(), rule]).await;
    assert_eq!(refusal(twice).0, "InvalidArgument");
}

#[tokio::test]
async fn a_cors_rule_of_no_method_of_http_is_refused() {
    let world = World::with_bucket(false).await;
    let rule = CorsRule::builder()
        .allowed_methods("PATCH")
        .allowed_origins("*")
        .build()
        .unwrap();
    let rules = CorsConfiguration::builder()
        .cors_rules(rule)
        .build()
        .unwrap();
    let put = world.s3.put_bucket_cors().bucket("lake");
    let answer = put.cors_configuration(rules).send().await;
    assert_eq!(refusal(answer).0, "InvalidRequest");
}

#[tokio::test]
async fn a_locked_version_is_not_deleted() {
    let world = World::with_bucket(true).await;
    let retention = DefaultRetention::builder()
        .mode(ObjectLockRetentionMode::Governance)
        .days(1)
        .build();
    let rule = ObjectLockRule::builder()
        .default_retention(retention)
        .build();
    let configuration = ObjectLockConfiguration::builder()
        .object_lock_enabled(ObjectLockEnabled::Enabled)
        .rule(rule)
        .build();
    let put = world.s3.put_object_lock_configuration().bucket("lake");
    put.object_lock_configuration(configuration)
        .send()
        .await
        .unwrap();
    let version = world.put("k").await;
    let head = world.s3.head_object().bucket("lake").key("k").send().await;
    assert_eq!(
        head.unwrap().object_lock_mode,
        Some(ObjectLockMode::Governance)
    );
    let delete = || {
        let delete = world.s3.delete_object().bucket("lake").key("k");
        delete.version_id(&version)
    };
    assert_eq!(
        refusal(delete().send().await),
        ("AccessDenied".to_owned(), 403)
    );
    // A marker hides it, and takes nothing away.
    let hide = world
        .s3
        .delete_object()
        .bucket("lake")
        .key("k")
        .send()
        .await;
    assert_eq!(hide.unwrap().delete_marker, Some(true));
    let both = [&version, "none"].map(|id| {
        let object = ObjectIdentifier::builder().key("k").version_id(id);
        object.build().unwrap()
    });
    let objects = Delete::builder()
        .set_objects(Some(both.to_vec()))
        .build()
        .unwrap();
    let answer = world
        .s3
        .delete_objects()
        .bucket("lake")
        .delete(objects)
        .send()
        .await;
    let answer = answer.unwrap();
    assert_eq!(answer.errors()[0].code(), Some("AccessDenied"));
    assert_eq!(answer.deleted().len(), 1);
    delete()
        .bypass_governance_retention(true)
        .send()
        .await
        .unwrap();
}

#[tokio::test]
async fn a_legal_hold_and_compliance_are_not_bypassed() {
    let world = World::with_bucket(true).await;
    let version = world.put("held").await;
    let hold = |status| {
        let hold = ObjectLockLegalHold::builder().status(status).build();
        let put = world.s3.put_object_legal_hold().bucket("lake").key("held");
        put.legal_hold(hold).send()
    };
    hold(ObjectLockLegalHoldStatus::On).await.unwrap();
    let delete = |key: &str, version: &str| {
        let delete = world.s3.delete_object().bucket("lake").key(key);
        delete
            .version_id(version)
            .bypass_governance_retention(true)
            .send()
    };
    assert_eq!(refusal(delete("held", &version).await).0, "AccessDenied");
    hold(ObjectLockLegalHoldStatus::Off).await.unwrap();
    delete("held", &version).await.unwrap();

    let until = SystemTime::now() + Duration::from_hours(24);
    let put = world.s3.put_object().bucket("lake").key("kept");
    let version = put
        .object_lock_mode(ObjectLockMode::Compliance)
        .object_lock_retain_until_date(until.into())
        .send()
        .await
        .unwrap()
        .version_id
        .unwrap();
    assert_eq!(refusal(delete("kept", &version).await).0, "AccessDenied");
    let shorter = ObjectLockRetention::builder()
        .mode(ObjectLockRetentionMode::Compliance)
        .retain_until_date((until - Duration::from_hours(1)).into())
        .build();
    let put = world.s3.put_object_retention().bucket("lake").key("kept");
    let answer = put
        .retention(shorter)
        .bypass_governance_retention(true)
        .send()
        .await;
    assert_eq!(refusal(answer).0, "AccessDenied");
    let got = world.s3.get_object_retention().bucket("lake").key("kept");
    let mode = got.send().await.unwrap().retention.unwrap().mode;
    assert_eq!(mode, Some(ObjectLockRetentionMode::Compliance));
}

#[tokio::test]
async fn what_locks_objects_keeps_their_versions() {
    let world = World::with_bucket(true).await;
    let suspended = VersioningConfiguration::builder()
        .status(BucketVersioningStatus::Suspended)
        .build();
    let put = world.s3.put_bucket_versioning().bucket("lake");
    let answer = put.versioning_configuration(suspended).send().await;
    assert_eq!(refusal(answer), ("InvalidBucketState".to_owned(), 409));
    let world = World::with_bucket(false).await;
    let configuration = ObjectLockConfiguration::builder()
        .object_lock_enabled(ObjectLockEnabled::Enabled)
        .build();
    let put = world.s3.put_object_lock_configuration().bucket("lake");
    let answer = put.object_lock_configuration(configuration).send().await;
    assert_eq!(refusal(answer), ("InvalidBucketState".to_owned(), 409));
    let (code, status) = refusal(
        world
            .s3
            .get_object_lock_configuration()
            .bucket("lake")
            .send()
            .await,
    );
    assert_eq!(
        (code.as_str(), status),
        ("ObjectLockConfigurationNotFoundError", 404)
    );
}

#[tokio::test]
async fn what_it_has_not_is_refused_by_name_and_does_nothing() {
    let world = World::with_bucket(false).await;
    let s3 = &world.s3;
    let rename = s3
        .rename_object()
        .bucket("lake")
        .key("b")
        .rename_source("/lake/a");
    assert_eq!(
        refusal(rename.send().await),
        ("NotImplemented".to_owned(), 501)
    );
    let abac = AbacStatus::builder()
        .status(BucketAbacStatus::Enabled)
        .build();
    let put = s3
        .put_bucket_abac()
        .bucket("sea")
        .abac_status(abac)
        .send()
        .await;
    assert_eq!(refusal(put), ("NotImplemented".to_owned(), 501));
    let buckets = s3.list_buckets().send().await.unwrap().buckets.unwrap();
    assert_eq!(buckets.len(), 1, "no bucket was made of it");
    let rule = ReplicationRule::builder()
        .status(ReplicationRuleStatus::Enabled)
        .destination(
            Destination::builder()
                .bucket("arn:aws:s3:::sea")
                .build()
                .unwrap(),
        )
        .build()
        .unwrap();
    let replication = ReplicationConfiguration::builder()
        .role("arn:aws:iam::000000000000:role/r")
        .rules(rule)
        .build()
        .unwrap();
    let put = s3.put_bucket_replication().bucket("lake");
    let answer = put.replication_configuration(replication).send().await;
    assert_eq!(refusal(answer), ("NotImplemented".to_owned(), 501));
    let website = WebsiteConfiguration::builder()
        .index_document(
            IndexDocument::builder()
                .suffix("index.html")
                .build()
                .unwrap(),
        )
        .build();
    let put = s3.put_bucket_website().bucket("lake");
    let answer = put.website_configuration(website).send().await;
    assert_eq!(refusal(answer), ("NotImplemented".to_owned(), 501));
}
