//! Stacks of S3 and IAM against the embedded cloud.

use super::*;

/// A stack of what S3 and IAM alone hold.
pub(super) fn storage(folder: &Path, text: &str) -> Stack {
    resolve_in(folder, text, "000000000000")
}

pub(super) fn resolve(folder: &Path, text: &str, cloud: &Cloud) -> Stack {
    resolve_in(folder, text, cloud.account_id())
}

fn resolve_in(folder: &Path, text: &str, account_id: &str) -> Stack {
    std::fs::create_dir_all(folder.join("data")).expect("a folder");
    std::fs::write(folder.join("data/a.csv"), "title,year\nAlien,1979\n").expect("a file");
    let source = Source {
        display: "stack.toml".to_owned(),
        base_dir: folder.to_owned(),
        text: text.to_owned(),
    };
    let document = Document::parse(source).expect("TOML");
    match document.resolve(account_id, "eu-west-1") {
        Ok(stack) => stack,
        Err(diagnostics) => panic!("{diagnostics}"),
    }
}

pub(super) const STORAGE: &str = r#"
[stack]
name = "films"
tags = { team = "data" }

[buckets.data]
versioning = false
expire_after_days = 30

[uploads.sample]
from = "data/"
to = "s3://${buckets.data}/films/"

[roles.reader]
trust = ["glue.amazonaws.com"]
[roles.reader.inline.read]
Version = "2012-10-17"
Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "${buckets.data.arn}/*" }]
"#;

pub(super) fn actions(plan: &Plan) -> BTreeMap<String, Action> {
    let changes = plan.changes.iter();
    changes.map(|c| (c.address.to_string(), c.action)).collect()
}

#[tokio::test]
async fn a_second_up_changes_nothing_and_makes_no_mutating_call() {
    let (folder, cloud) = cloud().await;
    let stack = storage(folder.path(), STORAGE);
    let outcome = go(&stack, &cloud, &Goal::Up).await;
    assert!(outcome.is_complete(), "{outcome:?}");
    let before = cloud.calls().mutating();
    assert!(before.contains_key("CreateBucket"));
    let planned = plan(&stack, &cloud, &Goal::Up).await.expect("a plan");
    assert!(planned.is_empty(), "{:#?}", planned.changes);
    assert!(go(&stack, &cloud, &Goal::Up).await.done.is_empty());
    assert_eq!(cloud.calls().mutating(), before);
}

#[tokio::test]
async fn what_was_changed_by_hand_is_put_right_and_what_is_not_managed_is_left() {
    let (folder, cloud) = cloud().await;
    let stack = storage(folder.path(), STORAGE);
    go(&stack, &cloud, &Goal::Up).await;
    let bucket = "films-data-000000000000";
    let delete = cloud.s3.delete_bucket_lifecycle().bucket(bucket);
    delete.send().await.expect("deleted");
    let put = cloud.s3.put_object().bucket(bucket).key("films/other.csv");
    put.send().await.expect("put");
    let planned = plan(&stack, &cloud, &Goal::Up).await.expect("a plan");
    assert_eq!(planned.summary.update, 1);
    assert_eq!(planned.changes[0].fields[0].path, "expire_after_days");
    assert!(go(&stack, &cloud, &Goal::Up).await.is_complete());
    let planned = plan(&stack, &cloud, &Goal::Up).await.expect("a plan");
    assert!(planned.is_empty());
}

#[tokio::test]
async fn only_the_file_that_changed_is_sent_again() {
    let (folder, cloud) = cloud().await;
    let stack = storage(folder.path(), STORAGE);
    std::fs::write(folder.path().join("data/b.csv"), "x").expect("a file");
    let stack = storage(folder.path(), &stack.source.text);
    let outcome = go(&stack, &cloud, &Goal::Up).await;
    assert!(outcome.is_complete(), "{outcome:?}");
    let puts = |cloud: &Cloud| cloud.calls().counts().get("PutObject").copied();
    assert_eq!(puts(&cloud), Some(2));
    std::fs::write(folder.path().join("data/b.csv"), "y").expect("a file");
    let stack = storage(folder.path(), STORAGE);
    go(&stack, &cloud, &Goal::Up).await;
    assert_eq!(puts(&cloud), Some(3));
}

#[tokio::test]
async fn what_left_the_file_is_found_by_its_mark_and_deleted() {
    let (folder, cloud) = cloud().await;
    go(&storage(folder.path(), STORAGE), &cloud, &Goal::Up).await;
    let smaller = storage(folder.path(), "[stack]\nname = \"films\"\n[buckets.data]\n");
    let planned = plan(&smaller, &cloud, &Goal::Up).await.expect("a plan");
    assert_eq!(actions(&planned)["roles.reader"], Action::Delete);
    assert!(planned.changes.iter().any(|change| change.orphan));
    assert!(go(&smaller, &cloud, &Goal::Up).await.is_complete());
    let planned = plan(&smaller, &cloud, &Goal::Up).await.expect("a plan");
    assert!(planned.is_empty());
}

#[tokio::test]
async fn a_strangers_bucket_of_the_wanted_name_is_refused_by_name() {
    let (folder, cloud) = cloud().await;
    let create = cloud.s3.create_bucket().bucket("films-data-000000000000");
    let configuration = aws_sdk_s3::types::CreateBucketConfiguration::builder()
        .location_constraint("eu-west-1".into())
        .build();
    let create = create.create_bucket_configuration(configuration);
    create.send().await.expect("created");
    let stack = storage(folder.path(), STORAGE);
    let error = plan(&stack, &cloud, &Goal::Up).await.expect_err("refused");
    insta::assert_snapshot!(error, @r"
    buckets.data: `films-data-000000000000` exists already and was not made by this stack
      help: give this one another `name`, or take the other over with `adopt = true` or --adopt buckets.data
    ");
}

#[tokio::test]
async fn a_bucket_with_objects_goes_only_by_force() {
    let (folder, cloud) = cloud().await;
    let stack = storage(folder.path(), STORAGE);
    go(&stack, &cloud, &Goal::Up).await;
    let put = cloud.s3.put_object().bucket("films-data-000000000000");
    put.key("mine").send().await.expect("put");
    let goal = Goal::Destroy;
    let planned = plan(&stack, &cloud, &goal).await.expect("a plan");
    let kept = &planned.changes[0];
    assert_eq!(kept.action, Action::Keep);
    insta::assert_snapshot!(kept.reason.as_deref().unwrap_or_default(), @"it holds an object that is not of this stack; --force buckets.data deletes it all the same");
    assert!(go(&stack, &cloud, &goal).await.is_complete());
    let forced = Terms {
        force: BTreeSet::from([Address::new("buckets", "data")]),
        ..Terms::default()
    };
    let planned = super::super::plan(&stack, &cloud, goal, &forced).await;
    let planned = planned.expect("a plan");
    insta::assert_snapshot!(planned.changes[0].reason.as_deref().unwrap_or_default(), @"it holds an object that is not of this stack; its data goes too");
    let outcome = apply(&planned, &cloud, 8, &(), &Stop::default()).await;
    assert!(outcome.is_complete(), "{outcome:?}");
    let planned = plan(&stack, &cloud, &goal).await.expect("a plan");
    assert!(planned.is_empty(), "{:?}", actions(&planned));
}

#[tokio::test]
async fn uploads_alone_do_not_hold_a_bucket() {
    let (folder, cloud) = cloud().await;
    let stack = storage(folder.path(), STORAGE);
    go(&stack, &cloud, &Goal::Up).await;
    let goal = Goal::Destroy;
    let outcome = go(&stack, &cloud, &goal).await;
    assert!(outcome.is_complete(), "{outcome:?}");
    assert!(
        plan(&stack, &cloud, &goal)
            .await
            .expect("a plan")
            .is_empty()
    );
}
