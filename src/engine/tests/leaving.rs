//! The order in which what is no longer in `stack.toml` goes, beside what is.

use super::*;

/// A bucket whose policy names a role: what is of an earlier kind needs what is of a later one.
const SHARED: &str = r#"
[stack]
name = "films"

[buckets.data]
policy = { Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { AWS = "${roles.reader.arn}" }, Action = "s3:GetObject", Resource = "/*" }] }

[roles.reader]
trust = ["glue.amazonaws.com"]
"#;

#[tokio::test]
async fn a_destroy_with_orphans_takes_what_needs_another_kind_before_it() {
    let (folder, cloud) = cloud().await;
    let more = format!(
        "{SHARED}\n[buckets.old]\n\n[roles.old]\ntrust = [\"glue.amazonaws.com\"]\n\n\
         [policies.old]\ndocument = {{ Version = \"2012-10-17\", Statement = [{{ Effect = \"Allow\", Action = \"s3:ListBucket\", Resource = \"*\" }}] }}\n"
    );
    let outcome = go(&storage(folder.path(), &more), &cloud, &Goal::Up).await;
    assert!(outcome.is_complete(), "{outcome:?}");
    let stack = storage(folder.path(), SHARED);
    let planned = plan(&stack, &cloud, &Goal::Destroy).await.expect("a plan");
    assert_eq!(planned.summary.delete, 5);
    let outcome = apply(&planned, &cloud, 1, &(), &Stop::default()).await;
    assert!(outcome.is_complete(), "{outcome:?}");
    let done: Vec<String> = outcome.done.iter().map(|d| d.address.to_string()).collect();
    assert_eq!(done.len(), 5, "{done:?}");
    let at = |address: &str| done.iter().position(|done| done == address);
    assert!(at("buckets.data") < at("roles.reader"), "{done:?}");
    assert!(at("roles.old") < at("policies.old"), "{done:?}");
    let planned = plan(&stack, &cloud, &Goal::Destroy).await.expect("a plan");
    assert!(planned.is_empty(), "{:?}", actions(&planned));
}

/// An orphan of the last kind, and declared ones of kinds between it and the first.
#[tokio::test]
async fn all_that_an_orphan_may_have_needed_waits_for_it() {
    let (folder, cloud) = cloud().await;
    let kept = "[stack]\nname = \"films\"\n\n[buckets.data]\n\n[roles.reader]\ntrust = [\"glue.amazonaws.com\"]\n\n[databases.lake]\n";
    let more = format!(
        "{kept}\n[tables.films]\ndatabase = \"${{databases.lake}}\"\nlocation = \"s3://${{buckets.data}}/\"\nformat = \"csv\"\ncolumns = [{{ name = \"a\", type = \"int\" }}]\n"
    );
    let outcome = go(&storage(folder.path(), &more), &cloud, &Goal::Up).await;
    assert!(outcome.is_complete(), "{outcome:?}");
    let stack = storage(folder.path(), kept);
    let planned = plan(&stack, &cloud, &Goal::Destroy).await.expect("a plan");
    let outcome = apply(&planned, &cloud, 1, &(), &Stop::default()).await;
    assert!(outcome.is_complete(), "{outcome:?}");
    assert_eq!(outcome.done.len(), 4);
    assert_eq!(outcome.done[0].address.to_string(), "tables.films");
}

#[tokio::test]
async fn what_came_after_the_plan_was_made_is_not_lost() {
    let (folder, cloud) = cloud().await;
    let stack = storage(
        folder.path(),
        "[stack]\nname = \"films\"\n\n[databases.lake]\n",
    );
    assert!(go(&stack, &cloud, &Goal::Up).await.is_complete());
    let planned = plan(&stack, &cloud, &Goal::Destroy).await.expect("a plan");
    let table = aws_sdk_glue::types::TableInput::builder().name("mine");
    let create = cloud.glue.create_table().database_name("films_lake");
    let create = create.table_input(table.build().expect("a name"));
    create.send().await.expect("created");
    let outcome = apply(&planned, &cloud, 8, &(), &Stop::default()).await;
    insta::assert_snapshot!(outcome.failed[0].error, @"delete: it holds a table that is not of this stack: mine, which came after the plan was made");
    let get = cloud.glue.get_table().database_name("films_lake");
    get.name("mine").send().await.expect("it is there");
    // The next plan knows it.
    let planned = plan(&stack, &cloud, &Goal::Destroy).await.expect("a plan");
    assert_eq!(planned.changes[0].action, Action::Keep);
}

/// A database and a table in it.
const LAKE: &str = "[stack]\nname = \"films\"\n\n[databases.lake]\nname = \"lake\"\n\n[tables.films]\ndatabase = \"${databases.lake}\"\nlocation = \"s3://films/\"\nformat = \"csv\"\ncolumns = [{ name = \"a\", type = \"int\" }]\n";

#[tokio::test]
async fn what_gets_another_name_is_made_before_the_old_one_goes_with_what_is_in_it() {
    let (folder, cloud) = cloud().await;
    let outcome = go(&storage(folder.path(), LAKE), &cloud, &Goal::Up).await;
    assert!(outcome.is_complete(), "{outcome:?}");
    let renamed = LAKE.replace("\"lake\"", "\"pond\"");
    let stack = storage(folder.path(), &renamed);
    let planned = plan(&stack, &cloud, &Goal::Up).await.expect("a plan");
    assert_eq!(planned.summary.replace, 2);
    let former = |i: usize| planned.changes[i].former.as_ref().map(|f| f.key.as_str());
    assert_eq!([former(0), former(1)], [Some("lake"), Some("lake/films")]);
    let outcome = apply(&planned, &cloud, 1, &(), &Stop::default()).await;
    assert!(outcome.is_complete(), "{outcome:?}");
    let done: Vec<String> = outcome
        .done
        .iter()
        .map(|d| format!("{:?} {}", d.action, d.address))
        .collect();
    assert_eq!(
        done,
        [
            "Create databases.lake",
            "Create tables.films",
            "Delete tables.films",
            "Delete databases.lake"
        ]
    );
    let planned = plan(&stack, &cloud, &Goal::Up).await.expect("a plan");
    assert!(planned.is_empty(), "{:?}", actions(&planned));
}

#[tokio::test]
async fn what_an_interrupted_replacement_left_is_deleted_by_the_next_up() {
    let (folder, cloud) = cloud().await;
    go(&storage(folder.path(), LAKE), &cloud, &Goal::Up).await;
    let stack = storage(folder.path(), &LAKE.replace("\"lake\"", "\"pond\""));
    let kept = Terms {
        keep_orphans: true,
        ..Terms::default()
    };
    let half = super::super::plan(&stack, &cloud, Goal::Up, &kept).await;
    let half = half.expect("a plan");
    assert_eq!((half.summary.create, half.summary.keep), (2, 2));
    let outcome = apply(&half, &cloud, 8, &(), &Stop::default()).await;
    assert!(outcome.is_complete(), "{outcome:?}");
    let planned = plan(&stack, &cloud, &Goal::Up).await.expect("a plan");
    assert_eq!(planned.summary.delete, 2);
    let reasons: Vec<&str> = planned
        .changes
        .iter()
        .filter_map(|change| change.reason.as_deref())
        .collect();
    assert_eq!(
        reasons,
        [
            "stack.toml names it `pond` now",
            "stack.toml says database = `pond` now"
        ]
    );
    assert!(go(&stack, &cloud, &Goal::Up).await.is_complete());
}

#[tokio::test]
async fn what_holds_data_stays_beside_the_one_of_the_new_name() {
    let (folder, cloud) = cloud().await;
    let text = "[stack]\nname = \"films\"\n[buckets.data]\n";
    go(&storage(folder.path(), text), &cloud, &Goal::Up).await;
    let put = cloud.s3.put_object().bucket("films-data-000000000000");
    put.key("mine").send().await.expect("put");
    let stack = storage(folder.path(), &format!("{text}name = \"other-bucket\"\n"));
    let planned = plan(&stack, &cloud, &Goal::Up).await.expect("a plan");
    let told: Vec<(Action, &str)> = planned
        .changes
        .iter()
        .map(|change| (change.action, change.name.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (Action::Create, "other-bucket"),
            (Action::Keep, "films-data-000000000000")
        ]
    );
    assert!(go(&stack, &cloud, &Goal::Up).await.is_complete());
    let head = cloud.s3.head_object().bucket("films-data-000000000000");
    head.key("mine").send().await.expect("it is there");
}
