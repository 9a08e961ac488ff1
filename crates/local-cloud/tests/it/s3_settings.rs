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
async fn a_name_that_no_bucket_can_have_is_refused_with_a_message() {
    let world = World::new();
    let create = world.s3.create_bucket().bucket("A_B").send();
    let refused = create.await.unwrap_err();
    let error = refused.as_service_error().unwrap();
    assert_eq!(error.code(), Some("InvalidBucketName"));
    assert_eq!(error.message(), Some("The specified bucket is not valid."));
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

impl World {
    async fn versioned() -> Self {
        let world = Self::with_bucket(false).await;
        world.set_versioning(BucketVersioningStatus::Enabled).await;
        world
    }

    async fn set_versioning(&self, status: BucketVersioningStatus) {
        let versioning = VersioningConfiguration::builder().status(status).build();
        let put = self.s3.put_bucket_versioning().bucket("lake");
        let put = put.versioning_configuration(versioning);
        put.send().await.unwrap();
    }

    async fn delete(&self, key: &str, version: Option<String>) -> String {
        let delete = self.s3.delete_object().bucket("lake").key(key);
        let deleted = delete.set_version_id(version).send().await.unwrap();
        deleted.version_id.unwrap_or_default()
    }

    /// The key and the id of every version and delete marker, the latest first, and whether it is
    /// the latest.
    async fn versions(&self) -> Vec<(String, String, bool)> {
        let listing = self.s3.list_object_versions().bucket("lake").send();
        let listing = listing.await.unwrap();
        assert!(listing.delete_markers().is_empty());
        let versions = listing.versions.unwrap_or_default().into_iter();
        versions
            .map(|v| (v.key.unwrap(), v.version_id.unwrap(), v.is_latest.unwrap()))
            .collect()
    }
}

#[tokio::test]
async fn a_bucket_is_emptied_page_by_page() {
    let world = World::versioned().await;
    for key in ["a", "a", "a", "b", "b"] {
        world.put(key).await;
    }
    world.delete("a", None).await;
    let (mut deleted, mut markers) = (Vec::new(), (None, None));
    loop {
        let listing = world.s3.list_object_versions().bucket("lake").max_keys(2);
        let (key, version) = markers;
        let listing = listing.set_key_marker(key).set_version_id_marker(version);
        let page = listing.send().await.unwrap();
        let versions = page.versions.unwrap_or_default().into_iter();
        let versions = versions.map(|v| (v.key.unwrap(), v.version_id));
        let gone = page.delete_markers.unwrap_or_default().into_iter();
        let gone = gone.map(|m| (m.key.unwrap(), m.version_id));
        for (key, version) in versions.chain(gone) {
            world.delete(&key, version).await;
            deleted.push(key);
        }
        if page.is_truncated != Some(true) {
            break;
        }
        markers = (page.next_key_marker, page.next_version_id_marker);
    }
    deleted.sort();
    assert_eq!(deleted, ["a", "a", "a", "a", "b", "b"]);
    assert!(world.versions().await.is_empty());
}

#[tokio::test]
async fn behind_a_version_that_says_nothing_of_its_place_all_of_its_key_is_listed() {
    let world = World::with_bucket(false).await;
    world.put("a").await;
    world.set_versioning(BucketVersioningStatus::Enabled).await;
    let newer = world.put("a").await;
    let listing = |version: &str| {
        let listing = world.s3.list_object_versions().bucket("lake");
        listing.key_marker("a").version_id_marker(version).send()
    };
    let of_null = listing("null").await.unwrap();
    assert!(of_null.versions().is_empty());
    world.delete("a", Some("null".to_owned())).await;
    let of_null = listing("null").await.unwrap();
    assert_eq!(of_null.versions()[0].version_id(), Some(newer.as_str()));
}

#[tokio::test]
async fn one_version_is_the_latest_through_puts_deletes_and_suspended_versioning() {
    let world = World::versioned().await;
    let (one, two) = (world.put("k").await, world.put("k").await);
    let shown = |id: &str, latest: bool| ("k".to_owned(), id.to_owned(), latest);
    assert_eq!(
        world.versions().await,
        [shown(&two, true), shown(&one, false)]
    );
    world.delete("k", Some(two)).await;
    assert_eq!(world.versions().await, [shown(&one, true)]);
    let marker = world.delete("k", None).await;
    let get = world.s3.get_object().bucket("lake").key("k");
    assert_eq!(refusal(get.send().await).0, "NoSuchKey");
    world.delete("k", Some(marker)).await;
    assert_eq!(world.versions().await, [shown(&one, true)]);
    world
        .set_versioning(BucketVersioningStatus::Suspended)
        .await;
    for _ in 0..2 {
        world.put("k").await;
        assert_eq!(
            world.versions().await,
            [shown("null", true), shown(&one, false)]
        );
    }
    world.set_versioning(BucketVersioningStatus::Enabled).await;
    let last = world.put("k").await;
    world.delete("k", Some("null".to_owned())).await;
    assert_eq!(
        world.versions().await,
        [shown(&last, true), shown(&one, false)]
    );
}

#[tokio::test]
async fn uploads_are_aborted_page_by_page() {
    let world = World::with_bucket(false).await;
    for key in ["a", "a", "a", "b"] {
        let create = world.s3.create_multipart_upload().bucket("lake").key(key);
        create.send().await.unwrap();
    }
    let (mut aborted, mut markers) = (Vec::new(), (None, None));
    loop {
        let (key, id) = markers;
        let listing = world
            .s3
            .list_multipart_uploads()
            .bucket("lake")
            .max_uploads(1);
        let listing = listing.set_key_marker(key).set_upload_id_marker(id);
        let page = listing.send().await.unwrap();
        for upload in page.uploads.unwrap_or_default() {
            let abort = world.s3.abort_multipart_upload().bucket("lake");
            let abort = abort
                .set_key(upload.key.clone())
                .set_upload_id(upload.upload_id);
            abort.send().await.unwrap();
            aborted.push(upload.key.unwrap());
        }
        if page.is_truncated != Some(true) {
            break;
        }
        markers = (page.next_key_marker, page.next_upload_id_marker);
    }
    assert_eq!(aborted, ["a", "a", "a", "b"]);
    // One that is of another making says nothing of its place.
    let create = world.s3.create_multipart_upload().bucket("lake").key("a");
    let id = create.send().await.unwrap().upload_id;
    let listing = world
        .s3
        .list_multipart_uploads()
        .bucket("lake")
        .key_marker("a");
    let page = listing.upload_id_marker("gone").send().await.unwrap();
    assert_eq!(page.uploads()[0].upload_id, id);
}

#[tokio::test]
async fn a_cloud_that_was_called_ends_with_its_last_handle() {
    let World { s3, _dir: dir } = World::with_bucket(false).await;
    let leases = || {
        std::fs::read_dir(dir.path().join("leases"))
            .unwrap()
            .count()
    };
    assert_eq!(leases(), 1);
    drop(s3);
    assert_eq!(leases(), 0);
}
