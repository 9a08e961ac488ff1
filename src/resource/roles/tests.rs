//! Every field of a role: set, changed, taken away, and changed by hand.

use serde_json::json;

use crate::engine::{Goal, Stop, apply};
use crate::resource::world::{Case, World};

const BASE: &str = "[roles.r]\n";
const GLUE: &str = "[roles.r]\ntrust = \"glue.amazonaws.com\"\n";
const READ: &str = r#"{ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "*" }] }"#;
const LIST: &str = r#"{ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:ListBucket", Resource = "*" }] }"#;

fn case<'a>(from: &'a str, to: &'a str, changes: &'a str) -> Case<'a> {
    Case {
        base: GLUE,
        from,
        to,
        changes,
    }
}

#[tokio::test]
async fn every_key_is_set_changed_and_taken_away() {
    every_key(&World::new().await).await;
}

#[tokio::test]
async fn who_may_take_a_role_is_said_in_short_or_in_full() {
    every_trust(&World::new().await).await;
}

#[tokio::test]
#[ignore = "needs a server at ATHGLUE_TEST_ENDPOINT"]
async fn every_key_of_a_role_is_understood_at_the_server_that_athglue_test_endpoint_names() {
    let world = World::at_endpoint("trial-roles").await;
    every_key(&world).await;
    every_trust(&world).await;
}

async fn every_key(world: &World) {
    let read = format!("inline = {{ p = {READ} }}");
    let list = format!("inline = {{ p = {LIST} }}");
    let other = format!("inline = {{ q = {READ} }}");
    world
        .pass(&[
            case("", "description = \"a\"", "update roles.r description"),
            case(
                "description = \"a\"",
                "description = \"b\"",
                "update roles.r description",
            ),
            case("description = \"a\"", "", ""),
            case("", "tags = { a = \"1\" }", "update roles.r tags"),
            case(
                "tags = { a = \"1\" }",
                "tags = { b = \"1\" }",
                "update roles.r tags",
            ),
            case("path = \"/a/\"", "path = \"/b/\"", "replace roles.r path"),
            case("path = \"/\"", "", "replace roles.r path"),
            case(&read, &list, "update roles.r inline"),
            case(&read, &other, "update roles.r inline"),
            case(&read, "", "update roles.r inline"),
            case(
                "managed = [\"AWSGlueServiceRole\"]",
                "managed = [\"AWSGlueServiceRole\", \"AmazonS3ReadOnlyAccess\"]",
                "update roles.r managed",
            ),
            case(
                "managed = [\"AWSGlueServiceRole\"]",
                "managed = [\"arn:aws:iam::aws:policy/service-role/AWSGlueServiceRole\"]",
                "",
            ),
            case(
                "managed = [\"AWSGlueServiceRole\"]",
                "",
                "update roles.r managed",
            ),
            case(
                "",
                "permissions_boundary = \"PowerUserAccess\"",
                "update roles.r permissions_boundary",
            ),
            case(
                "permissions_boundary = \"PowerUserAccess\"",
                "permissions_boundary = \"AmazonS3FullAccess\"",
                "update roles.r permissions_boundary",
            ),
            case(
                "permissions_boundary = \"PowerUserAccess\"",
                "",
                "update roles.r permissions_boundary",
            ),
            case(
                "max_session_duration = 7200",
                "max_session_duration = 3600",
                "update roles.r max_session_duration",
            ),
            case("max_session_duration = 7200", "", ""),
        ])
        .await;
}

async fn every_trust(world: &World) {
    let full = r#"trust = { Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "glue.amazonaws.com" }, Action = ["sts:AssumeRole"] }] }"#;
    let written = full.replacen("trust", "trust_policy", 1);
    let trusts = [
        (
            "trust = \"glue.amazonaws.com\"",
            "trust = [\"glue.amazonaws.com\"]",
            "",
        ),
        ("trust = \"glue.amazonaws.com\"", full, ""),
        (full, &written, ""),
        (
            "trust = \"111122223333\"",
            "trust = \"arn:aws:iam::111122223333:root\"",
            "",
        ),
        (
            "trust = \"glue.amazonaws.com\"",
            "trust = \"states.amazonaws.com\"",
            "update roles.r trust_policy",
        ),
        (
            "trust = [\"glue.amazonaws.com\", \"states.amazonaws.com\"]",
            "trust = [\"states.amazonaws.com\", \"glue.amazonaws.com\"]",
            "",
        ),
    ];
    let cases: Vec<Case> = trusts
        .iter()
        .map(|(from, to, changes)| Case {
            base: BASE,
            from,
            to,
            changes,
        })
        .collect();
    world.pass(&cases).await;
}

#[tokio::test]
async fn a_full_role_takes_other_policies_in_place_of_those_it_has() {
    let world = World::new().await;
    let resources = vec![format!("\"arn:aws:s3:::{}\"", "b".repeat(100)); 50].join(", ");
    let large = format!(
        r#"{{ Version = "2012-10-17", Statement = [{{ Effect = "Allow", Action = "s3:GetObject", Resource = [{resources}] }}] }}"#
    );
    let names = [
        "AWSGlueServiceRole",
        "AWSLambdaRole",
        "AWSStepFunctionsFullAccess",
        "AWSXRayDaemonWriteAccess",
        "AmazonAthenaFullAccess",
        "AmazonS3FullAccess",
        "AmazonS3ReadOnlyAccess",
        "CloudWatchLogsFullAccess",
        "IAMReadOnlyAccess",
        "PowerUserAccess",
        "AdministratorAccess",
    ];
    let managed = |names: &[&str]| {
        let quoted: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
        format!("managed = [{}]", quoted.join(", "))
    };
    let before = format!(
        "{GLUE}inline = {{ p = {large} }}\n{}\n",
        managed(&names[..10])
    );
    let after = format!(
        "{GLUE}inline = {{ q = {large} }}\n{}\n",
        managed(&names[1..])
    );
    world.up(&before).await;
    assert_eq!(world.up(&after).await, "update roles.r inline, managed");
}

#[tokio::test]
async fn a_policy_comes_from_a_file_as_well() {
    let world = World::new().await;
    let written = json!({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Action": ["S3:getobject"], "Resource": ["*"]}});
    world.write("read.json", written.to_string());
    let table = format!("{GLUE}inline = {{ p = {READ} }}\n");
    let file = format!("{GLUE}inline = {{ p = \"read.json\" }}\n");
    world.up(&table).await;
    assert_eq!(world.changes(&file).await, "");
    world.write("read.json", "{\n  \"Version\": }");
    let mistakes = world.mistakes(&file);
    assert!(mistakes.contains("read.json:2:14"), "{mistakes}");
}

#[tokio::test]
async fn what_was_changed_by_hand_is_put_right_and_what_is_not_managed_is_left() {
    let world = World::new().await;
    let tables = format!(
        "{GLUE}inline = {{ p = {READ} }}\nmanaged = [\"AWSGlueServiceRole\"]\ndescription = \"Ours\"\n"
    );
    world.up(&tables).await;
    let iam = &world.cloud.iam;
    let foreign = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]});
    let put = iam.put_role_policy().role_name("films-r").policy_name("q");
    put.policy_document(foreign.to_string())
        .send()
        .await
        .expect("put");
    let attach = iam.attach_role_policy().role_name("films-r");
    let arn = "arn:aws:iam::aws:policy/AdministratorAccess";
    attach.policy_arn(arn).send().await.expect("attached");
    let boundary = iam.put_role_permissions_boundary().role_name("films-r");
    boundary
        .permissions_boundary(arn)
        .send()
        .await
        .expect("put");
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
        "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]});
    let update = iam.update_assume_role_policy().role_name("films-r");
    let update = update.policy_document(trust.to_string());
    update.send().await.expect("updated");
    let update = iam.update_role().role_name("films-r");
    let update = update.description("Theirs").max_session_duration(7200);
    update.send().await.expect("updated");
    assert_eq!(
        world.changes(&tables).await,
        "update roles.r description, inline, managed, permissions_boundary, trust_policy"
    );
    world.up(&tables).await;
    let live = iam.get_role().role_name("films-r").send().await;
    let live = live.expect("found").role.expect("it");
    assert_eq!(live.max_session_duration(), Some(7200));
}

#[tokio::test]
async fn a_trusted_role_that_was_made_anew_by_hand_is_trusted_again() {
    let world = World::new().await;
    let tables = format!("{GLUE}[roles.caller]\ntrust = \"${{roles.r.arn}}\"\npath = \"/\"\n");
    world.up(&tables).await;
    let iam = &world.cloud.iam;
    let live = iam.get_role().role_name("films-r").send().await;
    let live = live.expect("found").role.expect("it");
    let delete = iam.delete_role().role_name("films-r");
    delete.send().await.expect("deleted");
    let create = iam.create_role().role_name("films-r").path(live.path());
    let trust = live.assume_role_policy_document().unwrap_or_default();
    let trust = crate::resource::policy_document::decoded(trust).to_string();
    let create = create.assume_role_policy_document(trust);
    let create = create.set_tags(Some(live.tags().to_vec()));
    create.send().await.expect("created");
    assert_eq!(
        world.changes(&tables).await,
        "update roles.caller trust_policy"
    );
    world.up(&tables).await;
}

#[tokio::test]
async fn a_role_that_somebody_made_is_taken_over_where_that_is_wanted() {
    let world = World::new().await;
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
        "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}]});
    let create = world.cloud.iam.create_role().role_name("films-r");
    let create = create.assume_role_policy_document(trust.to_string());
    create.send().await.expect("created");
    let tables = format!("{GLUE}path = \"/\"\nmanaged = [\"AWSGlueServiceRole\"]\n");
    let refusal = world.refusal(&tables).await;
    assert!(refusal.contains("was not made by this stack"), "{refusal}");
    let changes = world.adopt(&tables, &["roles.r"]).await;
    assert_eq!(changes, "adopt roles.r managed, athglue:id");
    world.clear(&tables).await;
}

#[tokio::test]
async fn a_role_with_a_path_of_its_own_is_found_again_once_it_left_the_file() {
    let world = World::new().await;
    let tables = format!("{GLUE}path = \"/service-role/\"\nmanaged = [\"AWSGlueServiceRole\"]\n");
    world.up(&tables).await;
    assert_eq!(world.changes("").await, "delete roles.r");
    world.up("").await;
}

#[tokio::test]
async fn a_create_whose_answer_was_lost_is_completed() {
    let world = World::new().await;
    let half = GLUE.to_owned();
    let whole = format!("{GLUE}inline = {{ p = {READ} }}\nmanaged = [\"AWSGlueServiceRole\"]\n");
    let planned = world.plan(&whole, Goal::Up).await;
    world.up(&half).await;
    let outcome = apply(&planned, &world.cloud, 8, &(), &Stop::default()).await;
    assert!(outcome.is_complete(), "{outcome:#?}");
    assert_eq!(world.changes(&whole).await, "");
}

#[tokio::test]
async fn what_iam_would_refuse_is_refused_with_its_place() {
    let world = World::new().await;
    let large = format!(
        "inline = {{ p = {{ Version = \"2012-10-17\", Statement = [{{ Effect = \"Allow\", Action = \"s3:GetObject\", Resource = [{}] }}] }} }}",
        vec![format!("\"arn:aws:s3:::{}\"", "b".repeat(100)); 100].join(", ")
    );
    let long = "a".repeat(1001);
    let description = format!("description = \"{long}\"");
    let name = format!("name = \"{}\"", "n".repeat(65));
    for (keys, says) in [
        (large.as_str(), "IAM takes 10240"),
        (&description, "1001 characters, and 1000 are allowed"),
        ("description = \"a – b\"", "beyond those of Latin-1"),
        (&name, "1 to 64"),
        ("path = \"a\"", "a path starts and ends with `/`"),
        ("max_session_duration = 60", "at least 3600"),
        (
            "managed = [\"no such/\"]",
            "a managed policy is given by its ARN",
        ),
        (
            "inline = { p = { Version = \"2012-10-17\", Statement = [{ Effect = \"Allow\", Action = \"s3\", Resource = \"*\" }] } }",
            "prefaced by a vendor",
        ),
        ("inline = { \"a b\" = \"x.json\" }", "no name for a policy"),
        (
            "trust_policy = { Version = \"2012-10-17\" }",
            "both `trust` and `trust_policy` are set",
        ),
    ] {
        let mistakes = world.mistakes(&format!("{GLUE}{keys}\n"));
        assert!(mistakes.contains(says), "{keys}\n{mistakes}");
    }
    let principals: Vec<String> = (0..100)
        .map(|i| format!("\"arn:aws:iam::111122223333:role/{i}\""))
        .collect();
    let mistakes = world.mistakes(&format!("{BASE}trust = [{}]\n", principals.join(", ")));
    assert!(mistakes.contains("IAM takes 2048"), "{mistakes}");
}
