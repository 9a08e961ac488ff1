//! Every field of a managed policy: set, changed, taken away, and changed by hand.

use serde_json::json;

use crate::engine::{Goal, Stop, apply};
use crate::resource::world::{Case, World, lines};

const ARN: &str = "arn:aws:iam::000000000000:policy/athglue/films/films-p";

/// A policy that allows one action, and a role that has it.
fn tables(action: &str, more: &str) -> String {
    format!(
        r#"
[policies.p]
document = {{ Version = "2012-10-17", Statement = [{{ Effect = "Allow", Action = "{action}", Resource = "*" }}] }}
{more}
[roles.r]
trust = "glue.amazonaws.com"
managed = ["${{policies.p.arn}}"]
"#
    )
}

#[tokio::test]
async fn every_key_is_set_changed_and_taken_away() {
    every_key(&World::new().await).await;
}

#[tokio::test]
#[ignore = "needs a server at ATHGLUE_TEST_ENDPOINT"]
async fn every_key_of_a_policy_is_understood_at_the_server_that_athglue_test_endpoint_names() {
    every_key(&World::at_endpoint("trial-policies").await).await;
}

async fn every_key(world: &World) {
    let get = tables("s3:GetObject", "");
    let put = tables("s3:PutObject", "");
    let described = tables("s3:GetObject", "description = \"a\"");
    let otherwise = tables("s3:GetObject", "description = \"b\"");
    let tagged = tables("s3:GetObject", "tags = { a = \"1\" }");
    let retagged = tables("s3:GetObject", "tags = { b = \"1\" }");
    let elsewhere = tables("s3:GetObject", "path = \"/a/\"");
    let cases = [
        (&get, &put, "update policies.p document"),
        (&get, &described, "replace policies.p description"),
        (&described, &otherwise, "replace policies.p description"),
        (&described, &get, ""),
        (&get, &tagged, "update policies.p tags"),
        (&tagged, &retagged, "update policies.p tags"),
        (&tagged, &get, "update policies.p tags"),
        (
            &get,
            &elsewhere,
            "replace policies.p path\nupdate roles.r managed",
        ),
    ];
    for (from, to, changes) in cases {
        world
            .pass(&[Case {
                base: "",
                from,
                to,
                changes,
            }])
            .await;
    }
}

async fn versions(world: &World) -> Vec<String> {
    let listed = world.cloud.iam.list_policy_versions().policy_arn(ARN);
    let listed = listed.send().await.expect("listed").versions;
    let ids = listed.into_iter().flatten().filter_map(|v| v.version_id);
    ids.collect()
}

#[tokio::test]
async fn a_policy_changes_as_often_as_one_likes_though_iam_keeps_five_versions() {
    let world = World::new().await;
    for i in 1..=7 {
        world.up(&tables(&format!("s3:Action{i}"), "")).await;
    }
    assert_eq!(versions(&world).await, ["v7", "v6", "v5", "v4", "v3"]);
    // What a version says already needs no new one.
    world.up(&tables("s3:Action5", "")).await;
    assert_eq!(versions(&world).await, ["v7", "v6", "v5", "v4", "v3"]);
    world.clear(&tables("s3:Action5", "")).await;
}

#[tokio::test]
async fn what_was_changed_by_hand_is_put_right() {
    let world = World::new().await;
    let tables = tables("s3:GetObject", "");
    world.up(&tables).await;
    let foreign = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "*", "Resource": "*"}]});
    let iam = &world.cloud.iam;
    let create = iam.create_policy_version().policy_arn(ARN);
    let create = create.policy_document(foreign.to_string());
    create.set_as_default(true).send().await.expect("created");
    let detach = iam.detach_role_policy().role_name("films-r");
    detach.policy_arn(ARN).send().await.expect("detached");
    assert_eq!(
        world.changes(&tables).await,
        "update policies.p document\nupdate roles.r managed"
    );
    world.up(&tables).await;
    assert_eq!(versions(&world).await, ["v2", "v1"]);
}

#[tokio::test]
async fn a_policy_that_a_stranger_has_is_held() {
    let world = World::new().await;
    let both = tables("s3:GetObject", "");
    world.up(&both).await;
    let iam = &world.cloud.iam;
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
        "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}]});
    let create = iam.create_role().role_name("theirs");
    let create = create.assume_role_policy_document(trust.to_string());
    create.send().await.expect("created");
    let attach = iam.attach_role_policy().role_name("theirs");
    attach.policy_arn(ARN).send().await.expect("attached");
    let planned = world.plan("", Goal::Up).await;
    assert_eq!(lines(&planned), "keep policies.p\ndelete roles.r");
    let kept = planned
        .changes
        .iter()
        .find(|c| c.address.kind == "policies");
    let reason = kept.and_then(|c| c.reason.as_deref()).unwrap_or_default();
    assert!(
        reason.contains("the role `theirs` has it, which is not of this stack"),
        "{reason}"
    );
    world.clear(&both).await;
}

#[tokio::test]
async fn a_policy_is_the_boundary_of_a_role() {
    let world = World::new().await;
    let with = r#"
[policies.p]
document = { Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "*" }] }

[roles.r]
trust = "glue.amazonaws.com"
permissions_boundary = "${policies.p.arn}"
"#;
    world.up(with).await;
    world.clear(with).await;
}

#[tokio::test]
async fn a_create_whose_answer_was_lost_is_completed() {
    let world = World::new().await;
    let first = tables("s3:GetObject", "");
    let second = tables("s3:PutObject", "");
    let planned = world.plan(&second, Goal::Up).await;
    world.up(&first).await;
    let outcome = apply(&planned, &world.cloud, 8, &(), &Stop::default()).await;
    assert!(outcome.is_complete(), "{outcome:#?}");
    assert_eq!(world.changes(&second).await, "");
}

#[tokio::test]
async fn what_iam_would_refuse_is_refused_with_its_place() {
    let world = World::new().await;
    let resources = vec![format!("\"arn:aws:s3:::{}\"", "b".repeat(100)); 60].join(", ");
    let large = format!(
        "document = {{ Version = \"2012-10-17\", Statement = [{{ Effect = \"Allow\", Action = \"s3:GetObject\", Resource = [{resources}] }}] }}"
    );
    for (keys, says) in [
        (large.as_str(), "IAM takes 6144"),
        (
            "path = \"/a b/\"\ndocument = \"none.json\"",
            "a path is made of folders",
        ),
        (
            "document = { Version = \"2012-10-17\", Statement = [{ Sid = \"é–\", Effect = \"Allow\", Action = \"s3:Get*\", Resource = \"*\" }] }",
            "`–`: IAM takes no letters",
        ),
        ("document = \"none.json\"", "there is no such file"),
        (
            "document = { Version = \"2012-10-17\", Statement = [{ Effect = \"Allow\", Action = \"s3:GetObject\" }] }",
            "must contain resources",
        ),
        ("", "`document` is missing"),
    ] {
        let mistakes = world.mistakes(&format!("[policies.p]\n{keys}\n"));
        assert!(mistakes.contains(says), "{keys}\n{mistakes}");
    }
}
