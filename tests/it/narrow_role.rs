//! Somebody who may do some things and not look for others.

use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use serde_json::Value;

use crate::serve::{Served, serve};
use crate::world::{Ran, SMALL, World};

/// What a plan calls only to find what is no longer in stack.toml, of each kind that needs one of
/// its own.
const SEARCHES: &[(&str, &str)] = &[
    ("buckets", "s3:ListAllMyBuckets"),
    ("policies", "iam:ListPolicies"),
    ("roles", "iam:ListRoles"),
    ("databases", "glue:GetDatabases"),
    ("workgroups", "athena:ListWorkGroups"),
    ("classifiers", "glue:GetClassifiers"),
    ("crawlers", "glue:ListCrawlers"),
    ("state_machines", "states:ListStateMachines"),
    ("schedules", "scheduler:ListScheduleGroups"),
];

/// A served cloud, and who works on it.
struct Narrow {
    world: World,
    served: Served,
    /// Of a session of the role.
    credentials: aws_sdk_sts::types::Credentials,
}

impl Narrow {
    /// A role that may do everything but `denied`.
    async fn new(denied: &[&str]) -> Self {
        let world = World::with_stack(SMALL);
        let served = serve(&world);
        let denied: Vec<String> = denied.iter().map(|action| format!("{action:?}")).collect();
        let role = format!(
            r#"
[stack]
name = "people"
region = "eu-west-1"

[roles.narrow]
name = "narrow"
trust = "000000000000"

[roles.narrow.inline.p]
Version = "2012-10-17"
Statement = [
    {{ Effect = "Allow", Action = "*", Resource = "*" }},
    {{ Effect = "Deny", Action = [{}], Resource = "*" }},
]
"#,
            denied.join(", ")
        );
        world.write("people/stack.toml", &role);
        world
            .run(&["-C", "people", "--target", &served.1, "up", "--yes"])
            .ok();
        let config = aws_config::defaults(BehaviorVersion::latest())
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .region(Region::new("eu-west-1"))
            .endpoint_url(&served.1)
            .credentials_provider(Credentials::new("test", "test", None, None, "test"))
            .load()
            .await;
        let assumed = aws_sdk_sts::Client::new(&config)
            .assume_role()
            .role_arn("arn:aws:iam::000000000000:role/athglue/people/narrow")
            .role_session_name("ann")
            .send()
            .await
            .expect("the role is assumed");
        Self {
            credentials: assumed.credentials.expect("credentials"),
            world,
            served,
        }
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        let target = ["--target", &self.served.1];
        let mut command = self.world.command(&[&target, arguments].concat());
        command
            .env("AWS_ACCESS_KEY_ID", self.credentials.access_key_id())
            .env(
                "AWS_SECRET_ACCESS_KEY",
                self.credentials.secret_access_key(),
            )
            .env("AWS_SESSION_TOKEN", self.credentials.session_token());
        Ran::of(command.output().expect("the binary runs"))
    }
}

#[tokio::test]
async fn who_may_not_look_for_orphans_brings_up_what_is_in_the_file_and_is_told() {
    let denied: Vec<&str> = SEARCHES.iter().map(|(_, action)| *action).collect();
    let narrow = Narrow::new(&denied).await;
    let up = narrow.run(&["up", "--yes"]);
    for (kind, action) in SEARCHES {
        let (_, operation) = action.split_once(':').expect("SERVICE:OPERATION");
        let operation = operation.replace("ListAllMyBuckets", "ListBuckets");
        let told = up
            .err
            .lines()
            .find(|line| line.starts_with(&format!("warning: {kind} ")));
        assert!(
            told.is_some_and(|line| line.contains(&operation)),
            "{kind}: {}",
            up.err
        );
    }
    up.ok();
    // Once more it is as it should be.
    let plan = narrow
        .run(&["plan", "--detailed-exitcode", "--output", "json"])
        .json();
    let warnings = plan["warnings"].as_array().expect("a list");
    let kinds: Vec<&str> = warnings.iter().filter_map(|w| w["kind"].as_str()).collect();
    assert!(
        SEARCHES.iter().all(|(kind, _)| kinds.contains(kind)),
        "{kinds:?}"
    );
    insta::assert_snapshot!(serde_json::to_string_pretty(&warnings[0]).expect("JSON"), @r#"
    {
      "kind": "buckets",
      "operation": "ListBuckets",
      "code": "AccessDenied",
      "message": "buckets that this stack owns and stack.toml does not have are not looked for, and stay: ListBuckets is not allowed (AccessDenied)"
    }
    "#);
    // What left the file stays, and that it would is said.
    let (without, _) = SMALL.split_once("[queries.one]").expect("it is there");
    narrow.world.write("stack.toml", without);
    let plan = narrow.run(&["plan"]);
    assert!(
        plan.err.contains("queries that this stack owns"),
        "{}",
        plan.err
    );
    assert!(plan.ok().starts_with("No changes"));
    let unknown = narrow.run(&["plan", "--force", "queries.one"]);
    assert!(
        unknown.err.contains("ListWorkGroups is not allowed"),
        "{}",
        unknown.err
    );
    let destroyed = narrow.run(&["destroy", "--yes"]);
    assert!(
        destroyed
            .err
            .contains("warning: queries that this stack owns"),
        "{}",
        destroyed.err
    );
}

#[tokio::test]
async fn a_destroy_that_could_not_look_does_not_say_that_nothing_is_owned() {
    let narrow = Narrow::new(&["iam:ListRoles"]).await;
    let destroyed = narrow.run(&["destroy", "--yes"]);
    assert_eq!(
        destroyed.ok(),
        "Nothing to delete: of what could be looked for, the stack owns nothing.\n"
    );
    let report = narrow.run(&["destroy", "--yes", "--output", "json"]).json();
    assert_eq!(
        report["plan"]["warnings"][0]["operation"],
        Value::from("ListRoles")
    );
}

#[test]
fn another_failure_of_a_search_is_one() {
    let world = World::with_stack(SMALL);
    let rules = "[[rules]]\ncalls = \"glue:GetDatabases\"\nfault = \"fail\"\nstatus = 400\n";
    let mut command = world.command(&["plan"]);
    command.env("ATHGLUE_CHAOS", world.write("chaos.toml", rules));
    let ran = Ran::of(command.output().expect("the binary runs"));
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(ran.err.contains("GetDatabases failed"), "{}", ran.err);
}
