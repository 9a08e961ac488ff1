//! What another value of each key leads to, held against what `docs/kinds.md` says of it.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::{Action, Terms, look};
use crate::resource::Address;
use crate::resource::world::World;
use crate::stack::{ANEW, ANOTHER, IN_PLACE, NONE, reference};

/// A resource whose keys are changed one after the other.
struct Subject {
    address: &'static str,
    /// What it needs, and the header of its table.
    before: &'static str,
    /// Keys that it has where a case does not set them.
    keys: &'static str,
    /// `KEY: LINES -> LINES`, one a line; `; ` stands between lines, and `#KEY` takes one of the keys
    /// away.
    cases: &'static str,
}

impl Subject {
    /// The tables with these lines in place of the keys of the same names.
    fn with(&self, lines: &str) -> String {
        let key = |line: &str| {
            let line = line.trim_start_matches('#');
            line.split(['=', '.', ' '])
                .next()
                .unwrap_or_default()
                .to_owned()
        };
        let lines: Vec<&str> = lines.split("; ").map(str::trim).collect();
        let set: BTreeSet<String> = lines.iter().map(|line| key(line)).collect();
        let kept = self.keys.lines().filter(|line| !set.contains(&key(line)));
        let lines = lines.iter().filter(|line| !line.starts_with('#'));
        let all: Vec<&str> = kept.chain(lines.copied()).collect();
        format!("{}\n{}\n", self.before, all.join("\n"))
    }

    /// Adds what each key leads to.
    async fn try_in(&self, world: &World, tried: &mut BTreeMap<String, BTreeSet<Action>>) {
        let address: Address = self.address.parse().expect("an address");
        for case in self
            .cases
            .lines()
            .map(str::trim)
            .filter(|case| !case.is_empty())
        {
            let (key, change) = case.split_once(": ").expect("KEY: FROM -> TO");
            let (from, to) = change.split_once(" -> ").expect("FROM -> TO");
            world.up(&self.with(from)).await;
            let stack = world.stack(&self.with(to));
            let planned = look(&stack, &world.cloud, &Terms::default()).await;
            let planned = planned.unwrap_or_else(|error| panic!("{case}\n{error}"));
            // The role that is derived for it is a part of it.
            let changes = planned
                .changes
                .iter()
                .filter(|c| c.address.whole() == address);
            // One that is no longer needed, as there is another, is no change of the resource.
            let changes = changes.filter(|c| c.address.part.is_none() || !c.orphan);
            let actions: BTreeSet<Action> = changes.map(|change| change.action).collect();
            let mut does = actions.iter().copied().filter(|a| a.changes_something());
            let led = tried.entry(key.to_owned()).or_default();
            led.insert(does.next_back().unwrap_or(Action::None));
        }
    }
}

/// The actions that the words of the table stand for.
fn actions(change: &str) -> BTreeSet<Action> {
    let action = |words: &str| match words {
        IN_PLACE => Action::Update,
        NONE => Action::None,
        words if words == ANOTHER || words.starts_with(ANEW) => Action::Replace,
        words => panic!("`{words}` is in no table"),
    };
    change.split("; ").map(action).collect()
}

async fn hold(subject: &Subject) {
    let world = World::new().await;
    world.write("one.sql", "SELECT 1");
    world.write("two.sql", "SELECT 2");
    for file in ["data/a.csv", "data/b.tmp", "more/a.csv", "more/c.csv"] {
        world.write(file, file);
    }
    let mut tried = BTreeMap::new();
    subject.try_in(&world, &mut tried).await;
    let (kind, _) = subject.address.split_once('.').expect("an address");
    hold_to_table(kind, tried);
}

/// Holds what was tried of a kind against its table.
fn hold_to_table(kind: &str, mut tried: BTreeMap<String, BTreeSet<Action>>) {
    let table = reference().into_iter().find(|table| table.name == kind);
    let mut lies = Vec::new();
    for key in table.expect("a kind").keys {
        let led = tried.remove(&key.path);
        // Of what is inside of another key, some are tried.
        if led.is_none() && key.path.contains(['.', '[']) {
            continue;
        }
        let mut said = actions(&key.change);
        if kind == "uploads" && key.path == "to" {
            // What was sent carries no mark, so that nobody knows what was sent before.
            said = BTreeSet::from([Action::Create]);
        }
        let led = led.unwrap_or_default();
        if led != said {
            lies.push(format!(
                "{kind}.{}: {} and led to {led:?}",
                key.path, key.change
            ));
        }
    }
    assert!(lies.is_empty(), "{}", lies.join("\n"));
    assert!(tried.is_empty(), "no such keys: {tried:?}");
}

#[tokio::test]
async fn what_the_table_says_of_buckets_is_so() {
    hold(&Subject {
        address: "buckets.data",
        before: "[buckets.logs]\n[buckets.data]",
        keys: "",
        cases: r#"
            name: # -> name = "films-other"
            tags: # -> tags = { team = "data" }
            versioning: # -> versioning = true
            encryption: # -> encryption = { sse_algorithm = "aws:kms", bucket_key_enabled = true }
            expire_after_days: # -> expire_after_days = 30
            lifecycle_rules: # -> lifecycle_rules = [{ expiration = { days = 3 } }]
            lifecycle_rules[].expiration.days: lifecycle_rules = [{ expiration = { days = 3 } }] -> lifecycle_rules = [{ expiration = { days = 4 } }]
            transition_default_minimum_object_size: lifecycle_rules = [{ expiration = { days = 3 } }] -> lifecycle_rules = [{ expiration = { days = 3 } }]; transition_default_minimum_object_size = "varies_by_storage_class"
            public_access_block: # -> public_access_block = false
            object_ownership: # -> object_ownership = "BucketOwnerPreferred"
            policy: # -> policy = { Version = "2012-10-17", Statement = [{ Effect = "Deny", Principal = "*", Action = "s3:*", Resource = ["/", "/*"] }] }
            cors_rules: # -> cors_rules = [{ allowed_methods = ["GET"], allowed_origins = ["*"] }]
            logging: # -> logging = { target_bucket = "${buckets.logs}" }
            eventbridge: # -> eventbridge = true
            accelerate: # -> accelerate = true
            payer: # -> payer = "Requester"
            object_lock_enabled: # -> object_lock_enabled = true
            object_lock_enabled: object_lock_enabled = true -> object_lock_enabled = false
            default_retention: object_lock_enabled = true -> object_lock_enabled = true; default_retention = { mode = "GOVERNANCE", days = 1 }
        "#,
    })
    .await;
}

#[tokio::test]
async fn what_the_table_says_of_policies_and_roles_is_so() {
    hold(&Subject {
        address: "policies.p",
        before: "[policies.p]",
        keys: r#"document = { Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "*" }] }"#,
        cases: r#"
            name: # -> name = "other"
            path: # -> path = "/a/"
            description: # -> description = "a"
            document: # -> document = { Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:PutObject", Resource = "*" }] }
            tags: # -> tags = { a = "1" }
        "#,
    })
    .await;
    hold(&Subject {
        address: "roles.r",
        before: "[roles.r]",
        keys: r#"trust = "glue.amazonaws.com""#,
        cases: r#"
            name: # -> name = "other"
            path: # -> path = "/a/"
            description: # -> description = "a"
            tags: # -> tags = { a = "1" }
            trust: # -> trust = "states.amazonaws.com"
            trust_policy: trust_policy = { Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "glue.amazonaws.com" }, Action = "sts:AssumeRole" }] }; #trust -> trust_policy = { Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "states.amazonaws.com" }, Action = "sts:AssumeRole" }] }; #trust
            inline: # -> inline = { p = { Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "*" }] } }
            managed: # -> managed = ["AWSGlueServiceRole"]
            permissions_boundary: # -> permissions_boundary = "PowerUserAccess"
            max_session_duration: # -> max_session_duration = 7200
        "#,
    })
    .await;
}

#[tokio::test]
async fn what_the_table_says_of_databases_is_so() {
    hold(&Subject {
        address: "databases.lake",
        before: "[databases.lake]",
        keys: "",
        cases: r#"
            name: # -> name = "other"
            description: # -> description = "a"
            location_uri: # -> location_uri = "s3://lake/a/"
            parameters: # -> parameters = { a = "1" }
            create_table_default_permissions: # -> create_table_default_permissions = [{ principal = "IAM_ALLOWED_PRINCIPALS", permissions = ["SELECT"] }]
            tags: # -> tags = { a = "1" }
            target_database: # -> target_database = { database_name = "a" }
            federated_database: # -> federated_database = { identifier = "a", connection_name = "b" }
        "#,
    })
    .await;
}

#[tokio::test]
async fn what_the_table_says_of_tables_is_so() {
    let (world, mut tried) = (World::new().await, BTreeMap::new());
    let songs = Subject {
        address: "tables.songs",
        before: "[databases.lake]\nname = 'lake'\n[databases.other]\nname = 'other'\n[tables.songs]",
        keys: "database = '${databases.lake}'\nlocation = 's3://lake/songs/'\nformat = 'parquet'",
        cases: r"
            name: # -> name = 'other'
            database: # -> database = '${databases.other}'
            description: # -> description = 'a'
            owner: # -> owner = 'ann'
            retention: # -> retention = 7
            table_type: # -> table_type = 'MANAGED_TABLE'
            location: # -> location = 's3://lake/other/'
            additional_locations: # -> additional_locations = ['s3://lake/a/']
            format: # -> format = 'csv'
            format: # -> format = 'iceberg'; columns = [{ name = 'id', type = 'int' }]
            serde: # -> serde = 'org.example.One'
            serde_name: # -> serde_name = 'one'
            serde_parameters: # -> serde_parameters = { x = '1' }
            input_format: # -> input_format = 'org.example.One'
            output_format: # -> output_format = 'org.example.One'
            columns: # -> columns = [{ name = 'id', type = 'int' }]
            columns[].comment: columns = [{ name = 'id', type = 'int' }] -> columns = [{ name = 'id', type = 'int', comment = 'a' }]
            columns[].parameters: columns = [{ name = 'id', type = 'int' }] -> columns = [{ name = 'id', type = 'int', parameters = { a = '1' } }]
            partition_keys: partition_keys = [{ name = 'year', type = 'int' }] -> partition_keys = [{ name = 'month', type = 'int' }]
            partition_keys[].name: partition_keys = [{ name = 'year', type = 'int' }] -> partition_keys = [{ name = 'month', type = 'int' }]
            partition_keys[].type: partition_keys = [{ name = 'year', type = 'int' }] -> partition_keys = [{ name = 'year', type = 'string' }]
            partition_keys[].comment: partition_keys = [{ name = 'year', type = 'int' }] -> partition_keys = [{ name = 'year', type = 'int', comment = 'a' }]
            partition_keys[].parameters: partition_keys = [{ name = 'year', type = 'int' }] -> partition_keys = [{ name = 'year', type = 'int', parameters = { a = '1' } }]
            compressed: # -> compressed = true
            bucket_columns: # -> bucket_columns = ['id']
            number_of_buckets: # -> number_of_buckets = 4
            sort_columns: # -> sort_columns = [{ column = 'id' }]
            stored_as_sub_directories: # -> stored_as_sub_directories = true
            skewed_info: # -> skewed_info = { skewed_column_names = ['id'], skewed_column_values = ['1'] }
            storage_parameters: # -> storage_parameters = { x = '1' }
            schema_reference: # -> schema_reference = { schema_name = 'a' }
            view_original_text: # -> view_original_text = 'SELECT 1'
            view_expanded_text: # -> view_expanded_text = 'SELECT 1'
            target_table: # -> target_table = { database_name = 'a', name = 'b' }
            parameters: # -> parameters = { owner = 'ann' }
            projection: partition_keys = [{ name = 'year', type = 'int' }] -> partition_keys = [{ name = 'year', type = 'int' }]; projection.year = { type = 'injected' }
            storage_location_template: partition_keys = [{ name = 'year', type = 'int' }] -> partition_keys = [{ name = 'year', type = 'int' }]; storage_location_template = 's3://lake/songs/$${year}/'
            skip_archive: # -> skip_archive = true
        ",
    };
    songs.try_in(&world, &mut tried).await;
    make_iceberg(&world).await;
    let ice = Subject {
        address: "tables.ice",
        before: "[databases.lake]\nname = 'lake'\n[workgroups.w]\n[tables.ice]",
        keys: "database = '${databases.lake}'\nlocation = 's3://lake/ice/'\nformat = 'iceberg'\ncolumns = [{ name = 'id', type = 'int' }]",
        cases: r"
            location: # -> location = 's3://lake/other/'
            partitioning: # -> partitioning = ['id']
            workgroup: # -> workgroup = '${workgroups.w}'
        ",
    };
    ice.try_in(&world, &mut tried).await;
    hold_to_table("tables", tried);
}

/// A table as Athena makes it, with the stack's mark.
async fn make_iceberg(world: &World) {
    use aws_sdk_glue::types::{StorageDescriptor, TableInput};

    let storage = StorageDescriptor::builder().location("s3://lake/ice");
    let input = TableInput::builder()
        .name("ice")
        .storage_descriptor(storage.build())
        .parameters("table_type", "ICEBERG")
        .parameters("athglue:stack", "films")
        .parameters("athglue:id", "tables.ice");
    let create = world.cloud.glue.create_table().database_name("lake");
    let input = input.build().expect("it has a name");
    create.table_input(input).send().await.expect("created");
}

#[tokio::test]
async fn what_the_table_says_of_workgroups_is_so() {
    hold(&Subject {
        address: "workgroups.w",
        before: "[workgroups.w]",
        keys: "",
        cases: r#"
            name: # -> name = "other"
            description: # -> description = "a"
            tags: # -> tags = { a = "1" }
            state: # -> state = "DISABLED"
            results: # -> results = "s3://lake/a/"
            encryption: # -> encryption = "SSE_S3"
            expected_bucket_owner: # -> expected_bucket_owner = "111122223333"
            enforce: enforce = true -> enforce = false
            publish_metrics: publish_metrics = true -> publish_metrics = false
            bytes_scanned_cutoff: # -> bytes_scanned_cutoff = "10 GB"
            requester_pays: # -> requester_pays = true
            result_configuration: # -> result_configuration = { output_location = "s3://lake/a/" }
            managed_query_results_configuration: # -> managed_query_results_configuration = { enabled = true }
            enforce_work_group_configuration: enforce = true -> enforce_work_group_configuration = false
            publish_cloud_watch_metrics_enabled: publish_metrics = true -> publish_cloud_watch_metrics_enabled = false
            bytes_scanned_cutoff_per_query: # -> bytes_scanned_cutoff_per_query = 10000000
            requester_pays_enabled: # -> requester_pays_enabled = true
            engine_version: engine_version = "AUTO" -> engine_version = "Athena engine version 3"
            additional_configuration: # -> additional_configuration = "{}"
            execution_role: # -> execution_role = "arn:aws:iam::111122223333:role/a"
            monitoring_configuration: # -> monitoring_configuration.managed_logging_configuration = { enabled = true }
            engine_configuration: # -> engine_configuration = { max_concurrent_dpus = 20 }
            customer_content_encryption_configuration: # -> customer_content_encryption_configuration = { kms_key = "alias/a" }
            enable_minimum_encryption_configuration: # -> enable_minimum_encryption_configuration = true
            identity_center_configuration: # -> identity_center_configuration = { enable_identity_center = true }
            query_results_s3_access_grants_configuration: # -> query_results_s3_access_grants_configuration = { enable_s3_access_grants = true, authentication_type = "DIRECTORY_IDENTITY" }
        "#,
    })
    .await;
}

#[tokio::test]
async fn what_the_table_says_of_uploads_is_so() {
    hold(&Subject {
        address: "uploads.sample",
        before: "[buckets.data]\n[uploads.sample]",
        keys: "from = 'data/'\nto = 's3://${buckets.data}/films/'",
        cases: r"
            exclude: exclude = ['*.tmp'] -> exclude = []
            from: # -> from = 'more/'
            to: # -> to = 's3://${buckets.data}/songs/'
            delete_extra: from = 'more/' -> delete_extra = true
            content_type: # -> content_type = 'text/plain'
            content_encoding: # -> content_encoding = 'br'
            content_language: # -> content_language = 'de'
            content_disposition: # -> content_disposition = 'attachment'
            cache_control: # -> cache_control = 'no-cache'
            metadata: # -> metadata = { owner = 'data' }
            storage_class: # -> storage_class = 'STANDARD_IA'
        ",
    })
    .await;
}

#[tokio::test]
async fn what_the_table_says_of_classifiers_is_so() {
    hold(&Subject {
        address: "classifiers.c",
        before: "[classifiers.c]",
        keys: "",
        cases: r"
            csv: csv = { delimiter = ';' } -> csv = { delimiter = '|' }
            csv: json = { json_path = '$.a' } -> csv = { delimiter = '|' }
            json: json = { json_path = '$.a' } -> json = { json_path = '$.b' }
            json: csv = { delimiter = ';' } -> json = { json_path = '$.a' }
            grok: grok = { classification = 'a', grok_pattern = '%{INT}' } -> grok = { classification = 'a', grok_pattern = '%{WORD}' }
            grok: csv = { delimiter = ';' } -> grok = { classification = 'a', grok_pattern = '%{INT}' }
            xml: xml = { classification = 'a', row_tag = 'b' } -> xml = { classification = 'a', row_tag = 'c' }
            xml: csv = { delimiter = ';' } -> xml = { classification = 'a', row_tag = 'b' }
        ",
    })
    .await;
}

#[tokio::test]
async fn what_the_table_says_of_crawlers_is_so() {
    hold(&Subject {
        address: "crawlers.songs",
        before: "[buckets.data]\n[databases.lake]\nname = 'lake'\n[databases.other]\n[classifiers.bars]\ncsv = { delimiter = '|' }\n[roles.crawler]\ntrust = ['glue.amazonaws.com']\n[crawlers.songs]",
        keys: "database = '${databases.lake}'\npaths = ['s3://${buckets.data}/songs/']",
        cases: r"
            name: # -> name = 'other'
            description: # -> description = 'a'
            tags: # -> tags = { a = '1' }
            database: # -> database = '${databases.other}'
            paths: # -> paths = ['s3://${buckets.data}/films/']
            exclusions: # -> exclusions = ['**.tmp']
            sample_size: # -> sample_size = 5
            s3_targets: # -> s3_targets = [{ path = 's3://${buckets.data}/films/' }]; #paths
            catalog_targets: # -> catalog_targets = [{ database_name = 'lake', tables = ['a'] }]; on_delete = 'LOG'; #paths; #database
            jdbc_targets: role = '${roles.crawler}' -> jdbc_targets = [{ connection_name = 'c', path = 'a/b/%' }]; role = '${roles.crawler}'
            mongodb_targets: role = '${roles.crawler}' -> mongodb_targets = [{ connection_name = 'c', path = 'a/b' }]; role = '${roles.crawler}'
            dynamodb_targets: role = '${roles.crawler}' -> dynamodb_targets = [{ path = 'songs' }]; role = '${roles.crawler}'
            delta_targets: # -> delta_targets = [{ delta_tables = ['s3://${buckets.data}/a/'], create_native_delta_table = true }]
            iceberg_targets: # -> iceberg_targets = [{ paths = ['s3://${buckets.data}/a/'] }]
            hudi_targets: # -> hudi_targets = [{ paths = ['s3://${buckets.data}/a/'] }]
            schedule: # -> schedule = 'cron(0 3 * * ? *)'
            role: # -> role = '${roles.crawler}'
            extra_statements: # -> extra_statements = [{ Effect = 'Allow', Action = 's3:ListAllMyBuckets', Resource = '*' }]
            classifiers: # -> classifiers = ['${classifiers.bars}']
            table_prefix: # -> table_prefix = 'a_'
            on_change: # -> on_change = 'LOG'
            on_delete: # -> on_delete = 'LOG'
            schema_change_policy: # -> schema_change_policy.update_behavior = 'LOG'
            recrawl: on_change = 'LOG'; on_delete = 'LOG' -> on_change = 'LOG'; on_delete = 'LOG'; recrawl = 'CRAWL_NEW_FOLDERS_ONLY'
            recrawl_policy: on_change = 'LOG'; on_delete = 'LOG' -> on_change = 'LOG'; on_delete = 'LOG'; recrawl_policy.recrawl_behavior = 'CRAWL_NEW_FOLDERS_ONLY'
            lineage_configuration: # -> lineage_configuration.crawler_lineage_settings = 'ENABLE'
            lake_formation_configuration: # -> lake_formation_configuration = { account_id = '444455556666' }
            configuration: # -> configuration.Grouping.TableLevelConfiguration = 2
            crawler_security_configuration: # -> crawler_security_configuration = 'a'
        ",
    })
    .await;
}

#[tokio::test]
async fn what_the_table_says_of_queries_and_prepared_statements_is_so() {
    hold(&Subject {
        address: "queries.q",
        before: "[workgroups.w]\n[queries.q]",
        keys: "database = 'd'\nsql = 'SELECT 1'",
        cases: r"
            name: # -> name = 'other'
            description: # -> description = 'a'
            database: # -> database = 'e'
            workgroup: # -> workgroup = '${workgroups.w}'
            sql: # -> sql = 'SELECT 2'
            file: file = 'one.sql'; #sql -> file = 'two.sql'; #sql
        ",
    })
    .await;
    hold(&Subject {
        address: "prepared_statements.s",
        before: "[workgroups.w]\n[prepared_statements.s]",
        keys: "sql = 'SELECT 1'",
        cases: r"
            name: # -> name = 'other'
            description: # -> description = 'a'
            workgroup: # -> workgroup = '${workgroups.w}'
            sql: # -> sql = 'SELECT 2'
            file: file = 'one.sql'; #sql -> file = 'two.sql'; #sql
        ",
    })
    .await;
}

#[tokio::test]
async fn what_the_table_says_of_state_machines_is_so() {
    hold(&Subject {
        address: "state_machines.m",
        before: "[roles.other]\ntrust = ['states.amazonaws.com']\n[state_machines.m]",
        keys: "definition = { StartAt = 'A', States = { A = { Type = 'Pass', End = true } } }",
        cases: r"
            name: # -> name = 'other'
            tags: # -> tags = { a = '1' }
            definition: # -> definition = { StartAt = 'B', States = { B = { Type = 'Pass', End = true } } }
            substitutions: definition = { StartAt = 'A', States = { A = { Type = 'Pass', Comment = '$${C}', End = true } } }; substitutions = { C = '1' } -> definition = { StartAt = 'A', States = { A = { Type = 'Pass', Comment = '$${C}', End = true } } }; substitutions = { C = '2' }
            role: # -> role = '${roles.other}'
            extra_statements: # -> extra_statements = [{ Effect = 'Allow', Action = 's3:ListAllMyBuckets', Resource = '*' }]
            type: # -> type = 'EXPRESS'
            logging_configuration: # -> logging_configuration = 'ALL'
            tracing_configuration: # -> tracing_configuration = true
            encryption_configuration: # -> encryption_configuration = { type = 'CUSTOMER_MANAGED_KMS_KEY', kms_key_id = 'alias/a' }
            publish: # -> publish = true
            version_description: publish = true -> publish = true; version_description = 'a'
        ",
    })
    .await;
}

#[tokio::test]
async fn what_the_table_says_of_schedules_is_so() {
    hold(&Subject {
        address: "schedules.s",
        before: "[state_machines.m]\ndefinition = { StartAt = 'A', States = { A = { Type = 'Pass', End = true } } }\n[state_machines.other]\ndefinition = { StartAt = 'A', States = { A = { Type = 'Pass', End = true } } }\n[roles.clock]\ntrust = ['scheduler.amazonaws.com']\n[schedules.s]",
        keys: "schedule = 'rate(1 day)'\nstate_machine = '${state_machines.m}'",
        cases: r"
            name: # -> name = 'films-other'
            group: # -> group = 'others'
            group: name = 'clock' -> name = 'clock'; group = 'others'
            description: # -> description = 'a'
            schedule: # -> schedule = 'rate(1 hour)'
            timezone: # -> timezone = 'Europe/Berlin'
            start_date: # -> start_date = 2098-01-01T00:00:00Z
            end_date: # -> end_date = 2198-01-01T00:00:00Z
            state: # -> state = 'DISABLED'
            flexible_time_window: # -> flexible_time_window = 15
            action_after_completion: # -> action_after_completion = 'DELETE'
            kms_key_arn: # -> kms_key_arn = 'arn:aws:kms:eu-west-1:000000000000:key/a'
            state_machine: # -> state_machine = '${state_machines.other}'
            crawler: # -> crawler = 'songs'; #state_machine
            target: # -> target = { arn = 'arn:aws:scheduler:::aws-sdk:glue:stopCrawler' }; input = { Name = 'songs' }; #state_machine
            input: # -> input = { year = 1979 }
            role: # -> role = '${roles.clock}'
            extra_statements: # -> extra_statements = [{ Effect = 'Allow', Action = 's3:ListAllMyBuckets', Resource = '*' }]
            retry_policy: # -> retry_policy = { maximum_retry_attempts = 3 }
            dead_letter_queue: # -> dead_letter_queue = 'arn:aws:sqs:eu-west-1:000000000000:a'
        ",
    })
    .await;
}
