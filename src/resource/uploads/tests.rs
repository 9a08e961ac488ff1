//! Every key of an upload through its life: what is sent, what is not, what is put right.

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::ServerSideEncryption;

use crate::engine::Goal;
use crate::resource::world::World;

const BUCKET: &str = "films-data-000000000000";

fn upload(keys: &str) -> String {
    format!("[buckets.data]\n[uploads.sample]\nto = \"s3://${{buckets.data}}/films/\"\n{keys}\n")
}

async fn world() -> World {
    let world = World::new().await;
    world.write("data/a.csv", "title,year\nAlien,1979\n");
    world.write("data/b.csv", "title,year\nBrazil,1985\n");
    world
}

/// The bucket's keys.
async fn keys(world: &World) -> String {
    let listed = world.cloud.s3.list_objects_v2().bucket(BUCKET).send().await;
    let listed = listed.expect("listed").contents.unwrap_or_default();
    let keys: Vec<_> = listed.into_iter().filter_map(|object| object.key).collect();
    keys.join(" ")
}

fn count(world: &World, operation: &str) -> usize {
    let counts = world.cloud.calls().counts();
    counts.get(operation).copied().unwrap_or_default()
}

#[tokio::test]
async fn every_header_is_set_and_changed_and_then_nothing_is_left_to_do() {
    for (first, second, change) in [
        (
            "content_type = \"text/csv\"",
            "content_type = \"text/plain\"",
            "content_type",
        ),
        (
            "content_encoding = \"gzip\"",
            "content_encoding = \"br\"",
            "content_encoding",
        ),
        (
            "content_language = \"en\"",
            "content_language = \"de\"",
            "content_language",
        ),
        (
            "content_disposition = \"inline\"",
            "content_disposition = \"attachment\"",
            "content_disposition",
        ),
        (
            "cache_control = \"max-age=60\"",
            "cache_control = \"no-cache\"",
            "cache_control",
        ),
        (
            "metadata = { owner = \"data\" }",
            "metadata = { owner = \"films\", level = \"1\" }",
            "metadata",
        ),
        (
            "storage_class = \"STANDARD\"",
            "storage_class = \"STANDARD_IA\"",
            "storage_class",
        ),
    ] {
        let world = world().await;
        let stack = |keys: &str| upload(&format!("from = \"data/\"\n{keys}"));
        world.up(&stack(first)).await;
        assert_eq!(
            world.changes(&stack(first)).await.in_full(),
            "",
            "after {first}"
        );
        let planned = world.changes(&stack(second)).await.in_full();
        assert!(planned.contains(&format!("\n  {change}: ")), "{planned}");
        assert_eq!(planned.lines().count(), 2, "{planned}");
        world.up(&stack(second)).await;
        assert_eq!(
            world.changes(&stack(second)).await.in_full(),
            "",
            "after {second}"
        );
        // What is no longer set stays as it is.
        assert_eq!(world.changes(&stack("")).await.in_full(), "");
    }
}

#[tokio::test]
async fn a_header_that_was_changed_by_hand_is_put_right_on_that_object_alone() {
    let world = world().await;
    let stack = upload("from = \"data/\"\ncache_control = \"no-cache\"");
    world.up(&stack).await;
    let body = std::fs::read(world.path().join("data/a.csv")).expect("a file");
    let put = world
        .cloud
        .s3
        .put_object()
        .bucket(BUCKET)
        .key("films/a.csv");
    put.body(body.into()).send().await.expect("put");
    insta::assert_snapshot!(world.changes(&stack).await.in_full(), @r#"
    ~ uploads.sample
      cache_control: null -> "no-cache"
    "#);
    let before = count(&world, "PutObject");
    world.up(&stack).await;
    assert_eq!(count(&world, "PutObject"), before + 1);
    assert_eq!(world.changes(&stack).await.in_full(), "");
}

#[tokio::test]
async fn content_types_go_by_the_ending() {
    let world = world().await;
    world.write("data/c.parquet", "PAR1");
    world.up(&upload("from = \"data\"")).await;
    for (key, content_type) in [
        ("films/a.csv", "text/csv"),
        ("films/c.parquet", "application/vnd.apache.parquet"),
    ] {
        let head = world
            .cloud
            .s3
            .head_object()
            .bucket(BUCKET)
            .key(key)
            .send()
            .await;
        assert_eq!(head.expect("there").content_type(), Some(content_type));
    }
}

#[tokio::test]
async fn only_what_changed_is_sent_and_nothing_is_asked_for_what_did_not() {
    let world = world().await;
    for i in 0..1200 {
        world.write(&format!("data/part/{i}.txt"), format!("{i}"));
    }
    let stack = upload("from = \"data/\"");
    world.up(&stack).await;
    assert_eq!(count(&world, "PutObject"), 1202);
    world.write("data/part/7.txt", "seven");
    let lists = count(&world, "ListObjectsV2");
    insta::assert_snapshot!(world.changes(&stack).await.in_full(), @r#"
    ~ uploads.sample
      files.films/part/7.txt: "8f14e45fceea167a5a36dedd4bea2543" -> "bb3aec0fdcdbc2974890f805c585d432"
    "#);
    // Two pages of one listing.
    assert_eq!(count(&world, "ListObjectsV2"), lists + 2);
    world.up(&stack).await;
    assert_eq!(count(&world, "PutObject"), 1203);
    assert_eq!(count(&world, "HeadObject"), 0);
    assert_eq!(world.changes(&stack).await.in_full(), "");
}

#[tokio::test]
async fn a_large_file_goes_in_parts_and_is_known_again() {
    let world = world().await;
    let large: Vec<u8> = (0..20_u32 << 20).map(|i| (i % 251) as u8).collect();
    world.write("data/large.bin", &large);
    let stack = upload("from = \"data/\"");
    world.up(&stack).await;
    assert_eq!(count(&world, "UploadPart"), 3);
    assert_eq!(world.changes(&stack).await.in_full(), "");
    let got = world
        .cloud
        .s3
        .get_object()
        .bucket(BUCKET)
        .key("films/large.bin")
        .send()
        .await;
    let got = got
        .expect("there")
        .body
        .collect()
        .await
        .expect("read")
        .into_bytes();
    assert!(got == large, "the bytes are the same");
    let mut changed = large;
    changed[10 << 20] ^= 1;
    world.write("data/large.bin", &changed);
    assert!(
        world
            .changes(&stack)
            .await
            .in_full()
            .contains("files.films/large.bin")
    );
    assert_eq!(
        count(&world, "HeadObject"),
        1,
        "of one size, so it is asked"
    );
}

#[tokio::test]
async fn an_object_that_kms_encrypts_is_known_by_what_it_says_of_itself() {
    let world = world().await;
    let stack = "[buckets.data]\nencryption = \"aws:kms\"\n".to_owned()
        + upload("from = \"data/\"").trim_start_matches("[buckets.data]\n");
    world.up(&stack).await;
    let head = world
        .cloud
        .s3
        .head_object()
        .bucket(BUCKET)
        .key("films/a.csv")
        .send()
        .await;
    let head = head.expect("there");
    assert_eq!(
        head.server_side_encryption(),
        Some(&ServerSideEncryption::AwsKms)
    );
    assert_eq!(world.changes(&stack).await.in_full(), "");
}

#[tokio::test]
async fn extra_objects_stay_unless_they_are_to_be_deleted() {
    let world = world().await;
    let plain = upload("from = \"data/\"");
    world.up(&plain).await;
    for key in [
        "films/old.csv",
        "films/keep/x.tmp",
        "films/.hidden",
        "other/c.csv",
    ] {
        let put = world.cloud.s3.put_object().bucket(BUCKET).key(key);
        put.body(ByteStream::from_static(b"x"))
            .send()
            .await
            .expect("put");
    }
    assert_eq!(world.changes(&plain).await.in_full(), "");
    std::fs::remove_file(world.path().join("data/b.csv")).expect("removed");
    assert_eq!(world.changes(&plain).await.in_full(), "");
    let strict = upload("from = \"data/\"\ndelete_extra = true\nexclude = [\"*.tmp\"]");
    insta::assert_snapshot!(world.changes(&strict).await.in_full(), @r#"
    ~ uploads.sample
      extra_files: ["films/b.csv","films/old.csv"] -> []
    "#);
    world.up(&strict).await;
    assert_eq!(world.changes(&strict).await.in_full(), "");
    assert_eq!(
        keys(&world).await,
        "films/.hidden films/a.csv films/keep/x.tmp other/c.csv"
    );
}

#[tokio::test]
async fn an_object_that_came_after_the_plan_was_made_is_in_no_plan_and_stays() {
    let world = world().await;
    let strict = upload("from = \"data/\"\ndelete_extra = true");
    world.up(&strict).await;
    let put = async |key: &str| {
        let put = world.cloud.s3.put_object().bucket(BUCKET).key(key);
        put.send().await.expect("put");
    };
    put("films/old.csv").await;
    let planned = world.plan(&strict, Goal::Up).await;
    put("films/new.csv").await;
    world.apply(&planned).await;
    assert_eq!(keys(&world).await, "films/a.csv films/b.csv films/new.csv");
}

#[tokio::test]
async fn what_was_changed_or_deleted_by_hand_is_sent_again() {
    let world = world().await;
    let stack = upload("from = \"data/*.csv\"");
    world.up(&stack).await;
    let s3 = &world.cloud.s3;
    s3.delete_object()
        .bucket(BUCKET)
        .key("films/a.csv")
        .send()
        .await
        .expect("deleted");
    let put = s3.put_object().bucket(BUCKET).key("films/b.csv");
    put.body(ByteStream::from_static(b"mine"))
        .send()
        .await
        .expect("put");
    insta::assert_snapshot!(world.changes(&stack).await.in_full(), @r#"
    ~ uploads.sample
      files.films/a.csv: null -> "cf68073c3ef38c51ebdaecabaa2513f7"
      files.films/b.csv: "918b81db5e91d031548b963c93845e5b" -> "82a22f839fcb635d3fe7343564641827"
    "#);
    world.up(&stack).await;
    assert_eq!(world.changes(&stack).await.in_full(), "");
}

#[tokio::test]
async fn a_destroy_leaves_what_somebody_else_wrote_over_a_copy() {
    let world = world().await;
    let stack = upload("from = \"data/\"");
    world.up(&stack).await;
    let put = world
        .cloud
        .s3
        .put_object()
        .bucket(BUCKET)
        .key("films/b.csv");
    put.body(ByteStream::from_static(b"mine"))
        .send()
        .await
        .expect("put");
    let planned = world.plan(&stack, Goal::Destroy).await;
    let kept = planned.changes.iter().find(|c| c.address.kind == "buckets");
    let reason = kept.and_then(|kept| kept.reason.as_deref());
    let reason = reason.unwrap_or_default();
    assert!(
        reason.starts_with("it holds an object that is not of this stack"),
        "{reason}"
    );
    world.apply(&planned).await;
    assert_eq!(keys(&world).await, "films/b.csv");
}

#[tokio::test]
async fn a_single_file_may_be_given_its_key() {
    let world = world().await;
    let stack = "[buckets.data]\n[uploads.one]\nfrom = \"data/a.csv\"\nto = \"s3://${buckets.data}/films.csv\"\n";
    world.up(stack).await;
    assert_eq!(world.changes(stack).await.in_full(), "");
    assert_eq!(keys(&world).await, "films.csv");
}

#[tokio::test]
async fn what_cannot_be_sent_is_found_in_the_file() {
    let world = world().await;
    let wrong = |keys: &str| {
        let error = world.resolve(&upload(keys)).expect_err(keys);
        error.lines().next().unwrap_or_default().to_owned()
    };
    let found = [
        "from = \"none/\"",
        "from = \"data/*.parquet\"",
        "from = \"data/\"\nexclude = [\"**\"]",
        "from = \"data/\"\nexclude = [\"a**b\"]",
        "from = \"data/*.csv\"\ndelete_extra = true",
        "from = \"data/\"\nmetadata = { \"Größe\" = \"1\" }",
        "from = \"data/\"\nmetadata = { athglue-etag = \"1\" }",
        "from = \"data/\"\ncache_control = \"no\\ncache\"",
        "from = \"data/\"\nstorage_class = \"TAPE\"",
    ]
    .map(|keys| format!("{keys}\n    {}", wrong(keys)));
    insta::assert_snapshot!(found.join("\n"), @r#"
    from = "none/"
        error: cannot upload `none/`
    from = "data/*.parquet"
        error: there is nothing to upload in `data/*.parquet`
    from = "data/"
    exclude = ["**"]
        error: there is nothing to upload in `data/`
    from = "data/"
    exclude = ["a**b"]
        error: `a**b` is no glob
    from = "data/*.csv"
    delete_extra = true
        error: only a whole folder says what else is extra
    from = "data/"
    metadata = { "Größe" = "1" }
        error: `Größe` is no name of metadata
    from = "data/"
    metadata = { athglue-etag = "1" }
        error: `athglue-etag` is taken
    from = "data/"
    cache_control = "no\ncache"
        error: a header is of printable ASCII
    from = "data/"
    storage_class = "TAPE"
        error: `storage_class` cannot be `TAPE`
    "#);
    let folder = "[uploads.one]\nfrom = \"data\"\nto = \"s3://films-data/films\"\n";
    let error = world.resolve(folder).expect_err("one object");
    assert!(
        error.contains("a folder cannot go to one object"),
        "{error}"
    );
}
