//! Buckets and objects, as state machines and queries reach them.

use futures::TryStreamExt;
use local_cloud::s3::BucketStore;
use local_cloud::{Caller, Cloud, ServiceError};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutPayload};
use serde_json::{Value, json};

pub struct World {
    pub cloud: Cloud,
    pub root: Caller,
    _dir: tempfile::TempDir,
}

impl World {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self {
            cloud: Cloud::open(dir.path()).unwrap(),
            root: Caller::root("eu-west-1"),
            _dir: dir,
        }
    }

    pub async fn with_bucket(name: &str) -> Self {
        let world = Self::new();
        world
            .s3(
                "createBucket",
                json!({"Bucket": name, "CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"}}),
            )
            .await
            .unwrap();
        world
    }

    pub async fn s3(&self, operation: &str, input: Value) -> Result<Value, ServiceError> {
        self.cloud.invoke(&self.root, "s3", operation, input).await
    }

    pub fn store(&self, bucket: &str) -> BucketStore {
        BucketStore::new(self.cloud.clone(), self.root.clone(), bucket)
    }
}

#[tokio::test]
async fn what_is_put_is_got_and_listed() {
    let world = World::with_bucket("lake").await;
    let put = world
        .s3(
            "putObject",
            json!({"Bucket": "lake", "Key": "a/1", "Body": "hello", "ContentType": "text/plain"}),
        )
        .await
        .unwrap();
    assert_eq!(put["ETag"], "\"5d41402abc4b2a76b9719d911017c592\"");
    let got = world
        .s3("getObject", json!({"Bucket": "lake", "Key": "a/1"}))
        .await
        .unwrap();
    assert_eq!(got["Body"], "hello");
    assert_eq!(got["ContentType"], "text/plain");
    let listed = world
        .s3("listObjectsV2", json!({"Bucket": "lake", "Delimiter": "/"}))
        .await
        .unwrap();
    assert_eq!(listed["CommonPrefixes"], json!([{"Prefix": "a/"}]));
    assert_eq!(listed["KeyCount"], 1);
}

#[tokio::test]
async fn a_name_that_no_bucket_can_have_makes_none() {
    let world = World::new();
    for name in ["bd", "A_B", "ends-", "xn--lake"] {
        let create = world.s3("createBucket", json!({"Bucket": name}));
        assert_eq!(
            create.await.unwrap_err().to_string(),
            "InvalidBucketName: The specified bucket is not valid.",
            "{name}"
        );
    }
}

#[tokio::test]
async fn what_is_not_there_is_said_as_s3_says_it() {
    let world = World::with_bucket("lake").await;
    let error = world
        .s3("getObject", json!({"Bucket": "lake", "Key": "none"}))
        .await
        .unwrap_err();
    assert_eq!((error.code.as_str(), error.status), ("NoSuchKey", 404));
    let error = world
        .s3("listObjectsV2", json!({"Bucket": "sea"}))
        .await
        .unwrap_err();
    assert_eq!(error.code, "NoSuchBucket");
}

#[tokio::test]
async fn a_bucket_with_objects_is_not_deleted() {
    let world = World::with_bucket("lake").await;
    world
        .s3("putObject", json!({"Bucket": "lake", "Key": "k"}))
        .await
        .unwrap();
    let error = world
        .s3("deleteBucket", json!({"Bucket": "lake"}))
        .await
        .unwrap_err();
    assert_eq!((error.code.as_str(), error.status), ("BucketNotEmpty", 409));
    world
        .s3(
            "deleteObjects",
            json!({"Bucket": "lake", "Delete": {"Objects": [{"Key": "k"}]}}),
        )
        .await
        .unwrap();
    world
        .s3("deleteBucket", json!({"Bucket": "lake"}))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_large_object_is_read_in_ranges() {
    let world = World::with_bucket("lake").await;
    let store = world.store("lake");
    let path = Path::from("big.bin");
    let data: Vec<u8> = (0..3_000_000_u32).map(|i| (i % 251) as u8).collect();
    store
        .put(&path, PutPayload::from(data.clone()))
        .await
        .unwrap();
    assert_eq!(store.head(&path).await.unwrap().size, 3_000_000);
    let all = store.get(&path).await.unwrap().bytes().await.unwrap();
    assert_eq!(all, data);
    let ranges = store
        .get_ranges(&path, &[0..10, 2_999_990..3_000_000])
        .await
        .unwrap();
    assert_eq!(ranges[0], data[..10]);
    assert_eq!(ranges[1], data[2_999_990..]);
}

#[tokio::test]
async fn an_upload_in_parts_is_one_object() {
    let world = World::with_bucket("lake").await;
    let store = world.store("lake");
    let path = Path::from("out.csv");
    let mut upload = store.put_multipart(&path).await.unwrap();
    upload.put_part("a,b\n".into()).await.unwrap();
    upload.put_part("1,2\n".into()).await.unwrap();
    upload.complete().await.unwrap();
    let got = store.get(&path).await.unwrap().bytes().await.unwrap();
    assert_eq!(got, "a,b\n1,2\n");
}

#[tokio::test]
async fn a_listing_goes_over_many_pages_and_leaves_folders_markers_out() {
    let world = World::with_bucket("lake").await;
    let store = world.store("lake");
    for i in 0..1100 {
        store
            .put(&Path::from(format!("films/{i:04}")), "x".into())
            .await
            .unwrap();
    }
    for key in ["films/", "films-old/x"] {
        world
            .s3("putObject", json!({"Bucket": "lake", "Key": key}))
            .await
            .unwrap();
    }
    let films = Path::from("films");
    let listed: Vec<_> = store.list(Some(&films)).try_collect().await.unwrap();
    assert_eq!(listed.len(), 1100);
    let top = store.list_with_delimiter(None).await.unwrap();
    assert_eq!(
        top.common_prefixes,
        [Path::from("films-old"), Path::from("films")]
    );
}

#[tokio::test]
async fn keys_with_empty_names_are_listed_and_read_and_keys_that_are_no_paths_told() {
    let world = World::with_bucket("lake").await;
    for key in ["films//1", "films/", "films/1", "other/../x", "/y"] {
        world
            .s3(
                "putObject",
                json!({"Bucket": "lake", "Key": key, "Body": key}),
            )
            .await
            .unwrap();
    }
    let store = world.store("lake");
    let films = Path::from("films");
    let listed: Vec<_> = store.list(Some(&films)).try_collect().await.unwrap();
    let keys: Vec<&str> = listed.iter().map(|o| o.location.as_ref()).collect();
    assert_eq!(keys, ["films//1", "films/1"]);
    for object in &listed {
        let got = store.get(&object.location).await.unwrap();
        let bytes = got.bytes().await.unwrap();
        assert_eq!(bytes, object.location.as_ref().as_bytes());
    }
    let folders = store.list_with_delimiter(Some(&films)).await.unwrap();
    assert_eq!(folders.common_prefixes.len(), 1);
    assert_eq!(folders.common_prefixes[0].as_ref(), "films/");
    // The rest of a listing goes on behind an object that no path spells.
    let all = store.list(None).map_err(|error| error.to_string());
    let all: Vec<_> = futures::StreamExt::collect(all).await;
    let told: Vec<&String> = all.iter().filter_map(|o| o.as_ref().err()).collect();
    assert_eq!(all.len(), 4);
    assert!(told[0].contains("\"/y\""), "{}", told[0]);
    assert!(told[1].contains("other/../x"), "{}", told[1]);
}

#[tokio::test]
async fn two_processes_see_the_same_objects() {
    let dir = tempfile::tempdir().unwrap();
    let root = Caller::root("us-east-1");
    let one = Cloud::open(dir.path()).unwrap();
    let two = Cloud::open(dir.path()).unwrap();
    one.invoke(&root, "s3", "createBucket", json!({"Bucket": "lake"}))
        .await
        .unwrap();
    let (a, b) = (
        BucketStore::new(one, root.clone(), "lake"),
        BucketStore::new(two, root, "lake"),
    );
    let path = Path::from("k");
    // Bodies of this size are files, which each write replaces.
    let writes = async {
        for i in 0..50_u8 {
            a.put(&path, vec![i; 20_000].into()).await.unwrap();
        }
    };
    let reads = async {
        for _ in 0..50 {
            if let Ok(got) = b.get(&path).await {
                let bytes = got.bytes().await.unwrap();
                assert_eq!(bytes.len(), 20_000);
                assert!(bytes.iter().all(|x| *x == bytes[0]));
            }
        }
    };
    tokio::join!(writes, reads);
    assert_eq!(b.head(&path).await.unwrap().size, 20_000);
}

/// A call that has to succeed, of the object `k` in `lake`.
async fn on_k(world: &World, operation: &str, more: Value) -> Value {
    let mut input = json!({"Bucket": "lake", "Key": "k"});
    for (member, value) in more.as_object().unwrap() {
        input[member] = value.clone();
    }
    world.s3(operation, input).await.unwrap()
}

/// A call that has to succeed, of the bucket `lake`.
async fn on_lake(world: &World, operation: &str, more: Value) -> Value {
    let mut input = json!({"Bucket": "lake"});
    for (member, value) in more.as_object().unwrap() {
        input[member] = value.clone();
    }
    world.s3(operation, input).await.unwrap()
}

#[tokio::test]
async fn versions_are_listed_and_told_of() {
    let world = World::with_bucket("lake").await;
    let versioning = on_lake(&world, "getBucketVersioning", json!({})).await;
    assert_eq!(versioning, json!({}));
    let enabled = json!({"VersioningConfiguration": {"Status": "Enabled"}});
    on_lake(&world, "putBucketVersioning", enabled).await;
    let versioning = on_lake(&world, "getBucketVersioning", json!({})).await;
    assert_eq!(versioning, json!({"Status": "Enabled"}));
    let old = on_k(&world, "putObject", json!({"Body": "hello"})).await;
    on_k(&world, "putObject", json!({"Body": "new"})).await;
    on_k(&world, "deleteObject", json!({})).await;
    let listed = on_lake(&world, "listObjectVersions", json!({"Prefix": "k"})).await;
    assert_eq!(listed["DeleteMarkers"][0]["IsLatest"], true);
    assert_eq!(listed["Versions"].as_array().unwrap().len(), 2);
    assert_eq!(listed["Versions"][1]["VersionId"], old["VersionId"]);
    assert_eq!(listed["Versions"][1]["Size"], 5);
    let of_old = json!({"VersionId": old["VersionId"]});
    let asked = json!({"VersionId": old["VersionId"], "ObjectAttributes": ["ETag", "ObjectSize"]});
    let told = on_k(&world, "getObjectAttributes", asked).await;
    assert_eq!(told["ETag"], "5d41402abc4b2a76b9719d911017c592");
    assert_eq!(told["ObjectSize"], 5);
    let tags = json!([{"Key": "stage", "Value": "raw"}]);
    let tagging = json!({"VersionId": old["VersionId"], "Tagging": {"TagSet": tags}});
    on_k(&world, "putObjectTagging", tagging).await;
    let tagged = on_k(&world, "getObjectTagging", of_old.clone()).await;
    assert_eq!(tagged["TagSet"], tags);
    let untagged = on_k(&world, "deleteObjectTagging", of_old.clone()).await;
    assert_eq!(untagged["VersionId"], old["VersionId"]);
    let tagged = on_k(&world, "getObjectTagging", of_old).await;
    assert_eq!(tagged["TagSet"], json!([]));
}

#[tokio::test]
async fn tags_policy_and_public_access_of_a_bucket_are_put_got_and_deleted() {
    let world = World::with_bucket("lake").await;
    let tags = json!({"TagSet": [{"Key": "team", "Value": "films"}]});
    on_lake(&world, "putBucketTagging", json!({"Tagging": tags})).await;
    assert_eq!(on_lake(&world, "getBucketTagging", json!({})).await, tags);
    let statement = json!({"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteBucket", "Resource": "arn:aws:s3:::lake"});
    let policy = json!({"Version": "2012-10-17", "Statement": [statement]});
    on_lake(
        &world,
        "putBucketPolicy",
        json!({"Policy": policy.to_string()}),
    )
    .await;
    let got = on_lake(&world, "getBucketPolicy", json!({})).await;
    let text = got["Policy"].as_str().unwrap();
    assert_eq!(serde_json::from_str::<Value>(text).unwrap(), policy);
    let block = json!({"PublicAccessBlockConfiguration": {"BlockPublicAcls": true}});
    on_lake(&world, "putPublicAccessBlock", block).await;
    let got = on_lake(&world, "getPublicAccessBlock", json!({})).await;
    let got = &got["PublicAccessBlockConfiguration"];
    assert_eq!(got["BlockPublicAcls"], true);
    assert_eq!(got["RestrictPublicBuckets"], false);
    for (operation, unset) in [
        ("BucketTagging", "NoSuchTagSet"),
        ("BucketPolicy", "NoSuchBucketPolicy"),
        ("PublicAccessBlock", "NoSuchPublicAccessBlockConfiguration"),
    ] {
        on_lake(&world, &format!("delete{operation}"), json!({})).await;
        let input = json!({"Bucket": "lake"});
        let error = world.s3(&format!("get{operation}"), input).await;
        assert_eq!(error.unwrap_err().code, unset);
    }
}

#[tokio::test]
async fn an_object_is_uploaded_in_parts_or_given_up() {
    let world = World::with_bucket("lake").await;
    let upload = on_k(&world, "createMultipartUpload", json!({})).await;
    let id = &upload["UploadId"];
    let part = json!({"UploadId": id, "PartNumber": 1, "Body": "hello"});
    let part = on_k(&world, "uploadPart", part).await;
    let listed = on_k(&world, "listParts", json!({"UploadId": id})).await;
    assert_eq!(listed["Parts"][0]["ETag"], part["ETag"]);
    assert_eq!(listed["Parts"][0]["Size"], 5);
    let parts = json!([{"PartNumber": 1, "ETag": part["ETag"]}]);
    let complete = json!({"UploadId": id, "MultipartUpload": {"Parts": parts}});
    let completed = on_k(&world, "completeMultipartUpload", complete).await;
    assert_eq!(completed["Key"], "k");
    let got = on_k(&world, "getObject", json!({})).await;
    assert_eq!(got["Body"], "hello");
    let upload = on_k(&world, "createMultipartUpload", json!({})).await;
    let id = &upload["UploadId"];
    let copy = json!({"UploadId": id, "PartNumber": 1, "CopySource": "lake/k"});
    let copied = on_k(&world, "uploadPartCopy", copy).await;
    assert_eq!(copied["CopyPartResult"]["ETag"], part["ETag"]);
    let listed = on_lake(&world, "listMultipartUploads", json!({})).await;
    assert_eq!(&listed["Uploads"][0]["UploadId"], id);
    on_k(&world, "abortMultipartUpload", json!({"UploadId": id})).await;
    let listed = on_lake(&world, "listMultipartUploads", json!({})).await;
    assert_eq!(listed["Uploads"], json!([]));
    let input = json!({"Bucket": "lake", "Key": "k", "UploadId": id});
    let error = world.s3("listParts", input).await.unwrap_err();
    assert_eq!(error.code, "NoSuchUpload");
}

#[tokio::test]
async fn what_a_task_says_of_an_object_is_kept_and_told() {
    let world = World::with_bucket("lake").await;
    let headers = json!({
        "CacheControl": "no-store", "ContentDisposition": "attachment", "ContentLanguage": "de",
        "ContentEncoding": "gzip", "StorageClass": "STANDARD_IA", "WebsiteRedirectLocation": "/other",
    });
    let mut put = headers.clone();
    put["Expires"] = json!("2030-01-02T03:04:05Z");
    put["Metadata"] = json!({"pages": 5});
    on_k(&world, "putObject", put).await;
    for operation in ["getObject", "headObject"] {
        let told = on_k(&world, operation, json!({})).await;
        for (member, value) in headers.as_object().unwrap() {
            assert_eq!(&told[member], value, "{operation} {member}");
        }
        assert_eq!(told["Metadata"], json!({"pages": "5"}));
        let expires = told["Expires"].as_str().unwrap();
        assert!(expires.starts_with("2030-01-02T03:04:05"), "{expires}");
    }
    let since = json!({"Bucket": "lake", "Key": "k", "IfUnmodifiedSince": "2001-01-01T00:00:00Z"});
    let error = world.s3("getObject", since).await.unwrap_err();
    assert_eq!(error.code, "PreconditionFailed");
    let copy = json!({"CopySource": "lake/k", "Key": "copy", "TaggingDirective": "REPLACE",
        "Tagging": "stage=raw", "StorageClass": "GLACIER_IR"});
    on_k(&world, "copyObject", copy).await;
    let told = on_k(&world, "headObject", json!({"Key": "copy"})).await;
    assert_eq!(told["StorageClass"], "GLACIER_IR");
    let tags = on_k(&world, "getObjectTagging", json!({"Key": "copy"})).await;
    assert_eq!(tags["TagSet"], json!([{"Key": "stage", "Value": "raw"}]));
    let listed = on_lake(
        &world,
        "listObjectsV2",
        json!({"FetchOwner": true, "MaxKeys": "1"}),
    )
    .await;
    assert!(listed["Contents"][0]["Owner"]["Id"].is_string(), "{listed}");
    assert_eq!(listed["MaxKeys"], 1);
}

#[tokio::test]
async fn a_member_that_is_not_heeded_fails_the_task_and_changes_nothing() {
    let world = World::with_bucket("lake").await;
    let slip = json!({"Bucket": "lake", "Key": "k", "Bodyy": "lost"});
    let error = world.s3("putObject", slip).await.unwrap_err();
    assert_eq!(
        error.message,
        "The field \"Bodyy\" is not supported by Step Functions"
    );
    let stranger = json!({"Bucket": "lake", "Key": "k", "ExpectedBucketOwner": "111122223333"});
    let error = world.s3("putObject", stranger).await.unwrap_err();
    assert_eq!(error.code, "AccessDenied");
    let listed = on_lake(&world, "listObjectsV2", json!({})).await;
    assert_eq!(listed["KeyCount"], 0);
}

#[tokio::test]
async fn a_deletion_tells_of_its_marker() {
    let world = World::with_bucket("lake").await;
    let enabled = json!({"VersioningConfiguration": {"Status": "Enabled"}});
    on_lake(&world, "putBucketVersioning", enabled).await;
    on_k(&world, "putObject", json!({})).await;
    let delete = json!({"Delete": {"Objects": [{"Key": "k"}]}});
    let deleted = on_lake(&world, "deleteObjects", delete).await;
    assert_eq!(deleted["Deleted"][0]["DeleteMarker"], true);
    assert!(
        deleted["Deleted"][0]["DeleteMarkerVersionId"].is_string(),
        "{deleted}"
    );
}
