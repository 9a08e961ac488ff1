//! The policies that are derived: enough for everything, and not a statement too many.

use std::collections::BTreeSet;
use std::future::Future;

use local_cloud::{Caller, Cloud};
use serde_json::{Value, json};

use crate::world::World;

/// A stack that stands, and the embedded cloud under it.
struct Lake {
    world: World,
    cloud: Cloud,
    root: Caller,
}

impl Lake {
    fn up(world: World) -> Self {
        world.run(&["up", "--yes"]).ok();
        let cloud = Cloud::open(&world.path().join(".athglue")).expect("the cloud opens");
        Self {
            world,
            cloud,
            root: Caller::root("eu-west-1"),
        }
    }

    async fn call(&self, service: &str, operation: &str, input: Value) -> Result<Value, String> {
        let answer = self
            .cloud
            .invoke(&self.root, service, operation, input)
            .await;
        answer.map_err(|error| error.to_string())
    }

    /// Runs the crawler over an empty database.
    async fn crawl(&self, crawler: &str, database: &str) -> Result<(), String> {
        let input = json!({ "DatabaseName": database });
        let tables = self.call("glue", "GetTables", input).await?;
        for table in tables["TableList"].as_array().into_iter().flatten() {
            let input = json!({"DatabaseName": database, "Name": table["Name"]});
            self.call("glue", "DeleteTable", input).await?;
        }
        let name = json!({ "Name": crawler });
        self.call("glue", "StartCrawler", name.clone()).await?;
        self.cloud.wait_idle().await;
        let last = self.call("glue", "GetCrawler", name).await?["Crawler"]["LastCrawl"].clone();
        match last["Status"].as_str() {
            Some("SUCCEEDED") => Ok(()),
            _ => Err(last.to_string()),
        }
    }

    /// Sets the state machine to its own definition, and runs it.
    async fn execute(&self, machine: &str) -> Result<(), String> {
        let arn = format!("arn:aws:states:eu-west-1:000000000000:stateMachine:{machine}");
        let described = self
            .call(
                "states",
                "DescribeStateMachine",
                json!({"stateMachineArn": arn}),
            )
            .await?;
        let same = json!({
            "stateMachineArn": arn,
            "definition": described["definition"],
            "roleArn": described["roleArn"],
        });
        self.call("states", "UpdateStateMachine", same).await?;
        let start = json!({"stateMachineArn": arn, "input": "{}"});
        let started = self.call("states", "StartExecution", start).await?;
        self.cloud.wait_idle().await;
        let which = json!({"executionArn": started["executionArn"]});
        let ended = self.call("states", "DescribeExecution", which).await?;
        match ended["status"].as_str() {
            Some("SUCCEEDED") => Ok(()),
            _ => Err(ended.to_string()),
        }
    }

    async fn put(&self, role: &str, statements: &[Value]) {
        let name = json!({"RoleName": role, "PolicyName": "derived"});
        let mut input = name.clone();
        input["PolicyDocument"] =
            json!(json!({"Version": "2012-10-17", "Statement": statements}).to_string());
        let done = if statements.is_empty() {
            self.call("iam", "DeleteRolePolicy", name).await
        } else {
            self.call("iam", "PutRolePolicy", input).await
        };
        done.expect("the policy is set");
    }

    /// Runs with the derived policy, and then without each of its statements in turn: the first has
    /// to succeed, all the others have to be refused. Gives the names of the statements.
    async fn every_statement_matters<'a, F: Future<Output = Result<(), String>>>(
        &'a self,
        address: &str,
        run: impl Fn(&'a Self) -> F,
    ) -> Vec<String> {
        let shown = self
            .world
            .run(&["policy", address, "--output", "json"])
            .json();
        let statements = shown["policy"]["Statement"].as_array().expect("statements");
        let role = shown["role"]
            .as_str()
            .and_then(|arn| arn.rsplit('/').next());
        let role = role.expect("a role");
        run(self)
            .await
            .unwrap_or_else(|error| panic!("{address} with its policy: {error}\n{shown:#}"));
        let mut needless = Vec::new();
        for (i, left_out) in statements.iter().enumerate() {
            let mut others = statements.clone();
            others.remove(i);
            self.put(role, &others).await;
            match run(self).await {
                Ok(()) if NOT_ASKED.contains(&sid(left_out)) => {}
                Err(error) if NOT_ASKED.contains(&sid(left_out)) => {
                    panic!("{address}: {left_out} is asked for, and is no exception: {error}")
                }
                Ok(()) => needless.push(left_out.to_string()),
                Err(error) => assert!(
                    ["not authorized", "Unable to verify/create output bucket"]
                        .iter()
                        .any(|w| error.contains(w)),
                    "{address} without {left_out} fails for another reason: {error}"
                ),
            }
        }
        self.put(role, statements).await;
        run(self).await.expect("all is as before");
        assert!(needless.is_empty(), "{address} does without {needless:#?}");
        statements.iter().map(|s| sid(s).to_owned()).collect()
    }
}

/// The statements that AWS asks of a role and the embedded cloud does not, as
/// `docs/differences.md` says: it gives a distributed Map its executions without asking.
const NOT_ASKED: &[&str] = &["StartItems", "FollowItems"];

fn sid(statement: &Value) -> &str {
    statement["Sid"].as_str().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_examples_roles_may_do_what_they_have_to_and_nothing_else() {
    let lake = Lake::up(World::with_example());
    let crawler = lake
        .every_statement_matters("crawlers.earth", |lake| {
            lake.crawl("earth-earth", "earth_lake")
        })
        .await;
    assert_eq!(
        crawler,
        [
            "LocateBuckets",
            "ListPaths",
            "ReadPaths",
            "ListTables",
            "WriteTables",
            "WriteLogs"
        ]
    );
    let machine = lake
        .every_statement_matters("state_machines.report", |lake| lake.execute("earth-report"))
        .await;
    assert_eq!(
        machine,
        [
            "RunQueries",
            "ReadCatalog",
            "ListData",
            "ReadData",
            "FindResults",
            "WriteResults"
        ]
    );
}

/// A lake whose crawler has a prefix and a folder of its own, and a state machine for every kind of
/// call.
fn with_machines(definitions: &[(&str, Value)]) -> World {
    let mut stack = r#"
[stack]
name = "calls"
region = "eu-west-1"

[buckets.data]
[buckets.results]

[uploads.songs]
from = "songs/"
to = "s3://${buckets.data}/raw/songs/"

[databases.lake]

[crawlers.raw]
database = "${databases.lake}"
paths = ["s3://${buckets.data}/raw/"]
table_prefix = "raw_"

[workgroups.main]
results = "s3://${buckets.results}/athena/"
"#
    .to_owned();
    let world = World::new();
    world.write("songs/1.csv", "id,title\n1,Blue\n2,Red\n");
    for (name, definition) in definitions {
        world.write(&format!("{name}.asl.json"), &definition.to_string());
        stack.push_str(&format!(
            "\n[state_machines.{name}]\ndefinition = \"{name}.asl.json\"\n"
        ));
    }
    world.write("stack.toml", &stack);
    world
}

const DATA: &str = "calls-data-000000000000";

/// A definition whose tasks come one after the other; a task is a resource and its parameters.
fn tasks(tasks: &[(&str, Value)]) -> Value {
    let mut states = serde_json::Map::new();
    for (i, (resource, parameters)) in tasks.iter().enumerate() {
        let mut state = json!({
            "Type": "Task",
            "Resource": format!("arn:aws:states:::{resource}"),
            "Parameters": parameters,
            "ResultPath": format!("$.r{i}"),
        });
        if i + 1 == tasks.len() {
            state["End"] = json!(true);
        } else {
            state["Next"] = json!(format!("S{}", i + 1));
        }
        states.insert(format!("S{i}"), state);
    }
    json!({"StartAt": "S0", "States": states})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crawler_of_a_folder_with_a_prefix_may_do_no_more_than_that() {
    let lake = Lake::up(with_machines(&[]));
    let statements = lake
        .every_statement_matters("crawlers.raw", |lake| lake.crawl("calls-raw", "calls_lake"))
        .await;
    assert_eq!(statements.len(), 6);
    let role = Caller::assumed(
        lake.root.account.as_str(),
        "eu-west-1",
        "calls-raw-crawler",
        "s",
    );
    let refused = |operation: &'static str, service: &'static str, input: Value| {
        let (cloud, role) = (lake.cloud.clone(), role.clone());
        async move {
            cloud
                .invoke(&role, service, operation, input)
                .await
                .unwrap_err()
                .to_string()
        }
    };
    let message = refused("listObjectsV2", "s3", json!({"Bucket": DATA})).await;
    assert!(message.contains("s3:ListBucket"), "{message}");
    let table = json!({"DatabaseName": "calls_lake", "TableInput": {"Name": "songs"}});
    let message = refused("CreateTable", "glue", table).await;
    assert!(message.contains("glue:CreateTable"), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_machines_role_may_call_what_its_definition_calls_and_nothing_else() {
    let objects = tasks(&[
        (
            "aws-sdk:s3:putObject",
            json!({"Bucket": DATA, "Key": "out/a", "Body": "x"}),
        ),
        (
            "aws-sdk:s3:getObject",
            json!({"Bucket": DATA, "Key": "out/a"}),
        ),
        (
            "aws-sdk:s3:listObjectsV2",
            json!({"Bucket": DATA, "Prefix": "out/"}),
        ),
        (
            "aws-sdk:s3:copyObject",
            json!({"Bucket": DATA, "Key": "copies/a", "CopySource": format!("{DATA}/raw/songs/1.csv")}),
        ),
        (
            "aws-sdk:s3:headObject",
            json!({"Bucket": DATA, "Key": "copies/a"}),
        ),
        (
            "aws-sdk:s3:deleteObject",
            json!({"Bucket": DATA, "Key": "out/a"}),
        ),
    ]);
    let catalog = tasks(&[
        ("aws-sdk:glue:getDatabase", json!({"Name": "calls_lake"})),
        (
            "aws-sdk:glue:getTable",
            json!({"DatabaseName": "calls_lake", "Name": "raw_songs"}),
        ),
        ("aws-sdk:glue:getCrawler", json!({"Name": "calls-raw"})),
        (
            "aws-sdk:athena:getWorkGroup",
            json!({"WorkGroup": "calls-main"}),
        ),
    ]);
    let inner = json!({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}});
    let inner_arn = "arn:aws:states:eu-west-1:000000000000:stateMachine:calls-inner";
    let nested = tasks(&[
        (
            "states:startExecution.sync:2",
            json!({"StateMachineArn": inner_arn}),
        ),
        (
            "aws-sdk:sfn:describeStateMachine",
            json!({"StateMachineArn": inner_arn}),
        ),
    ]);
    let made = "CREATE EXTERNAL TABLE IF NOT EXISTS made (id int) ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' LOCATION";
    let query = |sql: &str| json!({"QueryString": sql, "WorkGroup": "calls-main", "QueryExecutionContext": {"Database": "calls_lake"}});
    let queries = tasks(&[
        (
            "athena:startQueryExecution.sync",
            query("SELECT title FROM raw_songs"),
        ),
        (
            "athena:startQueryExecution.sync",
            query(&format!("{made} 's3://{DATA}/raw/made/'")),
        ),
        (
            "athena:startQueryExecution.sync",
            query("DROP TABLE calls_lake.made"),
        ),
    ]);
    let jsonata = json!({"QueryLanguage": "JSONata", "StartAt": "Write", "States": {"Write": {
        "Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:putObject", "End": true,
        "Arguments": {"Bucket": DATA, "Key": "{% 'out/' & 'b' %}", "Body": "x"}}}});
    let many = json!({"StartAt": "Each", "States": {"Each": {"Type": "Map", "End": true,
        "ItemReader": {"Resource": "arn:aws:states:::s3:getObject",
            "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"},
            "Parameters": {"Bucket": DATA, "Key": "raw/songs/1.csv"}},
        "ResultWriter": {"Resource": "arn:aws:states:::s3:putObject",
            "Parameters": {"Bucket": DATA, "Prefix": "runs"}},
        "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
            "StartAt": "Item", "States": {"Item": {"Type": "Pass", "End": true}}}}}});
    let lake = Lake::up(with_machines(&[
        ("objects", objects),
        ("catalog", catalog),
        ("inner", inner),
        ("nested", nested),
        ("queries", queries),
        ("jsonata", jsonata),
        ("many", many),
    ]));
    lake.crawl("calls-raw", "calls_lake")
        .await
        .expect("tables are there");
    let mut shown = BTreeSet::new();
    for name in ["objects", "catalog", "nested", "queries", "jsonata", "many"] {
        let machine = format!("calls-{name}");
        let statements = lake
            .every_statement_matters(&format!("state_machines.{name}"), |lake| {
                let machine = machine.clone();
                async move { lake.execute(&machine).await }
            })
            .await;
        shown.extend(statements);
    }
    let nothing = lake
        .world
        .run(&["policy", "state_machines.inner", "--output", "json"])
        .json();
    assert_eq!(nothing["policy"]["Statement"], json!([]));
    for sid in [
        "StartExecutions",
        "FollowExecutions",
        "HearOfEnds",
        "StartItems",
        "WriteMapResults",
    ] {
        assert!(shown.contains(sid), "{sid} is not in {shown:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_works_as_the_role_that_its_credentials_name() {
    let read = json!({"StartAt": "Read", "States": {"Read": {"Type": "Task", "End": true,
        "Resource": "arn:aws:states:::aws-sdk:s3:getObject",
        "Credentials": {"RoleArn": "arn:aws:iam::000000000000:role/athglue/calls/calls-reader"},
        "Parameters": {"Bucket": DATA, "Key": "raw/songs/1.csv"}}}});
    let world = with_machines(&[("other", read)]);
    let stack = std::fs::read_to_string(world.path().join("stack.toml")).expect("a stack");
    let reader = r#"
[roles.reader]
trust = ["arn:aws:iam::000000000000:root"]
[roles.reader.inline.read]
Version = "2012-10-17"
Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::${buckets.data}/raw/*" }]
"#;
    world.write("stack.toml", &format!("{stack}{reader}"));
    let lake = Lake::up(world);
    let statements = lake
        .every_statement_matters("state_machines.other", |lake| lake.execute("calls-other"))
        .await;
    assert_eq!(statements, ["TakeRoles"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_machine_that_logs_may_deliver_logs_and_gets_what_is_written_beside_that() {
    let nothing = json!({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}});
    let world = with_machines(&[("logged", nothing)]);
    let stack = std::fs::read_to_string(world.path().join("stack.toml")).expect("a stack");
    let logging = "logging_configuration = \"ALL\"\n";
    world.write("stack.toml", &format!("{stack}{logging}"));
    let lake = Lake::up(world);
    let statements = lake
        .every_statement_matters("state_machines.logged", |lake| lake.execute("calls-logged"))
        .await;
    assert_eq!(statements, ["DeliverLogs"]);
    let more = r#"extra_statements = [{ Sid = "Keys", Effect = "Allow", Action = "kms:Decrypt", Resource = "*" }]
"#;
    lake.world
        .write("stack.toml", &format!("{stack}{logging}{more}"));
    let shown = lake
        .world
        .run(&["policy", "state_machines.logged", "--output", "json"])
        .json();
    assert_eq!(shown["policy"]["Statement"][1]["Sid"], "Keys");
    lake.world.write(
        "stack.toml",
        &format!("{stack}{logging}{}", more.replace("kms:", "")),
    );
    let ran = lake.world.run(&["validate"]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.err.contains("must be prefaced by a vendor"),
        "{}",
        ran.err
    );
}

/// How many executions of the inner machine there were.
async fn executions(lake: &Lake) -> Result<usize, String> {
    let arn = "arn:aws:states:eu-west-1:000000000000:stateMachine:calls-inner";
    let which = json!({ "stateMachineArn": arn });
    let listed = lake.call("states", "ListExecutions", which).await?;
    Ok(listed["executions"].as_array().map_or(0, Vec::len))
}

/// How many crawls there were.
async fn crawls(lake: &Lake) -> Result<usize, String> {
    let which = json!({"CrawlerName": "calls-raw"});
    let listed = lake.call("glue", "ListCrawls", which).await?;
    Ok(listed["Crawls"].as_array().map_or(0, Vec::len))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schedules_role_may_start_its_target_and_nothing_else() {
    let nothing = json!({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}});
    let world = with_machines(&[("inner", nothing)]);
    let stack = std::fs::read_to_string(world.path().join("stack.toml")).expect("a stack");
    let schedules = r#"
[schedules.machine]
schedule = "rate(1 hour)"
state_machine = "${state_machines.inner}"

[schedules.crawler]
schedule = "rate(1 hour)"
crawler = "${crawlers.raw}"
"#;
    world.write("stack.toml", &format!("{stack}{schedules}"));
    let lake = Lake::up(world);
    let hours = std::sync::atomic::AtomicI64::new(1);
    let hour = || {
        let hours = hours.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        chrono::Utc::now() + chrono::Duration::hours(hours) + chrono::Duration::seconds(5)
    };
    // What a schedule may not call it does not call, and nobody is told.
    let started = |before: usize, after: usize| {
        if after > before {
            Ok(())
        } else {
            Err("nothing was started: not authorized".to_owned())
        }
    };
    let machine = lake
        .every_statement_matters("schedules.machine", |lake| async move {
            let before = executions(lake).await?;
            local_cloud::scheduler::tick(&lake.cloud, hour())
                .await
                .map_err(|e| e.to_string())?;
            lake.cloud.wait_idle().await;
            started(before, executions(lake).await?)
        })
        .await;
    assert_eq!(machine, ["CallTarget"]);
    let crawler = lake
        .every_statement_matters("schedules.crawler", |lake| async move {
            let before = crawls(lake).await?;
            local_cloud::scheduler::tick(&lake.cloud, hour())
                .await
                .map_err(|e| e.to_string())?;
            lake.cloud.wait_idle().await;
            started(before, crawls(lake).await?)
        })
        .await;
    assert_eq!(crawler, ["CallGlue"]);
}

/// A crawler whose role is written by hand, with one statement.
fn by_hand(statement: &str) -> World {
    World::with_stack(&format!(
        r#"
[stack]
name = "hand"
region = "eu-west-1"

[buckets.data]

[databases.lake]

[crawlers.raw]
database = "${{databases.lake}}"
paths = ["s3://${{buckets.data}}/raw/"]
role = "${{roles.crawler}}"

[roles.crawler]
trust = ["glue.amazonaws.com"]
[roles.crawler.inline.own]
Version = "2012-10-17"
Statement = [
  {{ Effect = "Allow", Action = ["glue:*", "logs:*", "s3:GetBucketLocation"], Resource = "*" }},
  {statement}
]
"#
    ))
}

#[test]
fn a_policy_is_shown_with_the_reason_of_every_statement() {
    let world = World::with_example();
    let shown = world.run(&["policy", "crawlers.earth"]).ok();
    insta::assert_snapshot!(shown, @r"
    LocateBuckets  asks in which region the buckets of its paths are
      Action    s3:GetBucketLocation
      Resource  arn:aws:s3:::earth-data-000000000000

    ListPaths  lists the objects below the crawler's paths
      Action    s3:ListBucket
      Resource  arn:aws:s3:::earth-data-000000000000

    ReadPaths  reads the objects to find their format and columns
      Action    s3:GetObject
      Resource  arn:aws:s3:::earth-data-000000000000/*

    ListTables  looks which tables `earth_lake` has; GetTables is about all of them
      Action    glue:GetDatabase
                glue:GetTables
      Resource  arn:aws:glue:eu-west-1:000000000000:catalog
                arn:aws:glue:eu-west-1:000000000000:database/earth_lake
                arn:aws:glue:eu-west-1:000000000000:table/earth_lake/*

    WriteTables  keeps the tables of `earth_lake` as it finds them
      Action    glue:BatchCreatePartition
                glue:BatchDeletePartition
                glue:BatchDeleteTable
                glue:BatchGetPartition
                glue:BatchUpdatePartition
                glue:CreatePartition
                glue:CreateTable
                glue:DeletePartition
                glue:DeleteTable
                glue:GetPartition
                glue:GetPartitions
                glue:GetTable
                glue:UpdatePartition
                glue:UpdateTable
      Resource  arn:aws:glue:eu-west-1:000000000000:catalog
                arn:aws:glue:eu-west-1:000000000000:database/earth_lake
                arn:aws:glue:eu-west-1:000000000000:table/earth_lake/*

    WriteLogs  writes what it did to /aws-glue/crawlers
      Action    logs:CreateLogGroup
                logs:CreateLogStream
                logs:PutLogEvents
      Resource  arn:aws:logs:eu-west-1:000000000000:log-group:/aws-glue/crawlers
                arn:aws:logs:eu-west-1:000000000000:log-group:/aws-glue/crawlers:*
    ");
}

#[test]
fn a_policy_is_found_by_an_id_or_a_name_as_well() {
    let world = World::with_stack(
        r#"
[stack]
name = "hand"
region = "eu-west-1"

[buckets.data]

[databases.lake]

[crawlers.raw]
database = "${databases.lake}"
paths = ["s3://${buckets.data}/raw/"]
role = "${roles.raw}"

[roles.raw]
trust = ["glue.amazonaws.com"]
"#,
    );
    let shown = |given: &str| world.run(&["policy", given]);
    let whole = shown("crawlers.raw").ok();
    assert_eq!(shown("raw").ok(), whole);
    for (given, told) in [
        ("raws", "did you mean `raw`?"),
        (
            "roles.raw",
            "`athglue policy check roles.raw` says what it lacks",
        ),
    ] {
        let ran = shown(given);
        assert_eq!(ran.code, 1, "{given}");
        assert!(ran.err.contains(told), "{}", ran.err);
    }
    let checked = world.run(&["policy", "check", "raw"]);
    let told = "which `raw`? write crawlers.raw or roles.raw";
    assert!(checked.err.contains(told), "{}", checked.err);
}

#[test]
fn a_role_written_by_hand_is_told_what_it_lacks_and_what_it_has_beyond_need() {
    let world = by_hand(
        r#"{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::${buckets.data}/*" },"#,
    );
    let ran = world.run(&["policy", "check"]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    insta::assert_snapshot!(ran.out, @r"
    arn:aws:iam::000000000000:role/athglue/hand/hand-crawler  (stack.toml), for crawlers.raw
      lacks   s3:ListBucket on arn:aws:s3:::hand-data-000000000000
              lists the objects below the crawler's paths; no policy allows it
      beyond  glue:* on *  (own)
              would do: glue:BatchCreatePartition, glue:BatchDeletePartition, glue:BatchDeleteTable, … (16 actions), as in `athglue policy crawlers.raw`
      beyond  logs:* on *  (own)
              would do: logs:CreateLogGroup, logs:CreateLogStream, logs:PutLogEvents, as in `athglue policy crawlers.raw`
      beyond  s3:GetBucketLocation on *  (own)
              would do: s3:GetBucketLocation on arn:aws:s3:::hand-data-000000000000
      beyond  s3:GetObject on arn:aws:s3:::hand-data-000000000000/*  (own)
              would do: s3:GetObject on arn:aws:s3:::hand-data-000000000000/raw/*
    ");
    let checked = world.run(&["policy", "check", "crawlers.raw", "--output", "json"]);
    assert_eq!(checked.code, 1);
    let checked: Value = serde_json::from_str(&checked.out).expect("JSON");
    assert_eq!(checked[0]["written_in"], "stack.toml");
    assert_eq!(checked[0]["lacks"][0]["action"], "s3:ListBucket");
}

#[test]
fn a_role_that_lacks_nothing_is_fine_and_a_live_one_is_looked_at_as_it_is() {
    let world = by_hand(
        r#"{ Effect = "Allow", Action = ["s3:GetObject", "s3:ListBucket"], Resource = "*" },"#,
    );
    for given in [
        "roles.crawler",
        "crawler",
        "hand-crawler",
        "raw",
        "hand-raw",
    ] {
        let ran = world.run(&["policy", "check", given]);
        assert_eq!(ran.code, 0, "{given}: {}", ran.err);
    }
    world.run(&["up", "--yes"]).ok();
    let stack = std::fs::read_to_string(world.path().join("stack.toml")).expect("a stack");
    let (before, _) = stack.split_once("[roles.crawler]").expect("a role");
    let live = before.replace("${roles.crawler}", "hand-crawler");
    world.write("stack.toml", &live);
    let ran = world.run(&["policy", "check", "--output", "json"]).json();
    assert_eq!(ran[0]["written_in"], "live");
    assert_eq!(ran[0]["lacks"], json!([]));
}
