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
