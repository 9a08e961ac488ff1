"""Every key that moto 5.2.5 keeps, with two values, of every kind that it has.

Table → key → its value, another one, and the paths that a plan of the change names, where they are
not the key alone. A key with one value stays as it is.

What moto does not keep, or does not give back, and is therefore not here:
- buckets: eventbridge, payer, transition_default_minimum_object_size
- tables: everything of Iceberg, which Athena makes
- crawlers: any change but of tags (no UpdateCrawler), classifiers
- workgroups: any change but of tags (no UpdateWorkGroup)
- state machines: tracing that is turned off (the SDK leaves `enabled` out when it is false, as the API
  model has it, and moto keeps what was before where AWS takes it for false)
- queries, prepared_statements: changes and deletion
"""

BUCKET_POLICY = (
    '{{ Version = "2012-10-17", Statement = [{{ Effect = "Deny", Principal = "*", Action = "{}", Resource = "/*" }}] }}'
)
# S3 asks for it of a bucket that gets the logs of another.
LOGS_POLICY = (
    '{ Version = "2012-10-17", Statement = [{ Effect = "Allow", '
    'Principal = { Service = "logging.s3.amazonaws.com" }, Action = "s3:PutObject", Resource = "/*" }] }'
)
POLICY = '{{ Version = "2012-10-17", Statement = [{{ Effect = "Allow", Action = "{}", Resource = "*" }}] }}'
MANAGED = "arn:aws:iam::aws:policy/"

FIELDS = {
    "buckets.logs": {"policy": (LOGS_POLICY,), "force_destroy": ("true",)},
    "buckets.data": {
        "tags": ('{ what = "films" }', '{ what = "series", at = "night" }'),
        "versioning": ("true", '"Suspended"'),
        "encryption": ('"AES256"', '"aws:kms"', "encryption.sse_algorithm"),
        "expire_after_days": ("30", "60"),
        "lifecycle_rules": (
            '[{ id = "cold", filter = { prefix = "old/" }, transitions = [{ days = 40, storage_class = "GLACIER" }] }]',
            '[{ id = "cold", status = "Disabled", filter = { prefix = "old/", tags = { a = "b" } }, '
            "expiration = { days = 90 }, noncurrent_version_expiration = { noncurrent_days = 9 } }, "
            '{ id = "parts", abort_incomplete_multipart_upload = { days_after_initiation = 3 } }]',
        ),
        "public_access_block": (
            "{ block_public_acls = true, block_public_policy = true, "
            "ignore_public_acls = true, restrict_public_buckets = false }",
            "true",
            "public_access_block.restrict_public_buckets",
        ),
        "object_ownership": ('"BucketOwnerPreferred"', '"BucketOwnerEnforced"'),
        "policy": (BUCKET_POLICY.format("s3:DeleteObject"), BUCKET_POLICY.format("s3:PutObject")),
        "cors_rules": (
            '[{ id = "web", allowed_methods = ["GET"], allowed_origins = ["https://films.example"], '
            'allowed_headers = ["*"], expose_headers = ["etag"], max_age_seconds = 60 }]',
            '[{ allowed_methods = ["GET", "PUT"], allowed_origins = ["*"] }]',
        ),
        "logging": (
            '{ target_bucket = "${buckets.logs}", target_prefix = "data/" }',
            '{ target_bucket = "${buckets.logs}", target_prefix = "other/" }',
        ),
        "accelerate": ("true", "false"),
    },
    "buckets.locked": {
        "object_lock_enabled": ("true",),
        "default_retention": ('{ mode = "GOVERNANCE", days = 1 }', '{ mode = "GOVERNANCE", years = 2 }'),
    },
    "databases.lake": {
        "description": ('"all of it"', '"some of it"'),
        "location_uri": ('"s3://${buckets.data}/lake/"', '"s3://${buckets.data}/pond/"'),
        "parameters": ('{ owner = "us" }', '{ owner = "them" }', "parameters.owner"),
        "tags": ('{ what = "films" }', '{ what = "series" }'),
    },
    "tables.people": {
        "database": ('"${databases.lake}"',),
        "description": ('"people"', '"persons"'),
        "owner": ('"us"', '"them"'),
        "retention": ("3", "4"),
        "location": ('"s3://${buckets.data}/people/"', '"s3://${buckets.data}/persons/"'),
        "format": (
            '"parquet"',
            '"orc"',
            "input_format",
            "output_format",
            "parameters.classification",
            "serde",
        ),
        "columns": (
            '[{ name = "id", type = "bigint", comment = "key" }, { name = "name", type = "string" }]',
            '[{ name = "id", type = "int", comment = "the key" }, { name = "born", type = "date" }]',
        ),
        "partition_keys": (
            '[{ name = "year", type = "int", comment = "of birth" }]',
            '[{ name = "year", type = "int", comment = "AD" }]',
            "partition_keys.comment",
        ),
        "bucket_columns": ('["id"]', '["name"]'),
        "number_of_buckets": ("4", "8"),
        "sort_columns": ('[{ column = "id" }]', '[{ column = "id", sort_order = "descending" }]'),
        "serde_parameters": ('{ a = "b" }', '{ a = "c" }', "serde_parameters.a"),
        "storage_parameters": ('{ c = "d" }', '{ c = "e" }', "storage_parameters.c"),
        "parameters": ('{ a = "b" }', '{ a = "c" }', "parameters.a"),
        "projection": (
            '{ year = { type = "integer", range = [2000, 2030] } }',
            '{ year = { type = "integer", range = [2000, 2040], digits = 4 } }',
        ),
        "storage_location_template": (
            '"s3://${buckets.data}/people/$${year}/"',
            '"s3://${buckets.data}/people/of/$${year}/"',
        ),
    },
    "policies.read": {
        "description": ('"reads"',),
        "document": (POLICY.format("s3:ListBucket"), POLICY.format("s3:GetObject")),
        "tags": ('{ what = "films" }', '{ what = "series" }'),
    },
    "roles.crawler": {
        "description": ('"crawls"', '"goes round"'),
        "trust": ('["glue.amazonaws.com"]', '["glue.amazonaws.com", "lambda.amazonaws.com"]', "trust_policy"),
        "managed": (f'["{MANAGED}service-role/AWSGlueServiceRole"]', f'["{MANAGED}AmazonS3ReadOnlyAccess"]'),
        "inline": (
            f"{{ data = {POLICY.format('s3:GetObject')} }}",
            f"{{ data = {POLICY.format('s3:PutObject')}, more = {POLICY.format('s3:ListBucket')} }}",
        ),
        "permissions_boundary": ('"${policies.read.arn}"', f'"{MANAGED}AmazonAthenaFullAccess"'),
        "max_session_duration": ("7200", "3600"),
        "tags": ('{ what = "films" }', '{ what = "series" }'),
    },
    "crawlers.people": {
        "description": ('"finds people"',),
        "database": ('"${databases.lake}"',),
        "role": ('"${roles.crawler}"',),
        "paths": ('["s3://${buckets.data}/people/"]',),
        "exclusions": ('["**.tmp"]',),
        "sample_size": ("3",),
        "schedule": ('"cron(0 3 * * ? *)"',),
        "table_prefix": ('"raw_"',),
        "on_change": ('"LOG"',),
        "on_delete": ('"LOG"',),
        "recrawl": ('"CRAWL_NEW_FOLDERS_ONLY"',),
        "lineage_configuration": ('{ crawler_lineage_settings = "DISABLE" }',),
        "configuration": ('{ CrawlerOutput = { Partitions = { AddOrUpdateBehavior = "InheritFromTable" } } }',),
        "tags": ('{ what = "films" }', '{ what = "series" }'),
    },
    "workgroups.main": {
        "description": ('"all"',),
        "results": ('"s3://${buckets.data}/athena/"',),
        "bytes_scanned_cutoff": ("10_000_000",),
        "encryption": ('"SSE_S3"',),
        "expected_bucket_owner": ('"${aws.account_id}"',),
        "enforce": ("true",),
        "publish_metrics": ("false",),
        "requester_pays": ("false",),
        "engine_version": ('"Athena engine version 3"',),
        "tags": ('{ what = "films" }', '{ what = "series" }'),
    },
    "state_machines.pass": {
        "definition": ('"pass.json"', '"other.json"'),
        "substitutions": ('{ Word = "done" }', '{ Word = "over" }', "definition"),
        "role": ('"${roles.machine}"',),
        "logging_configuration": (
            '{ level = "ALL", include_execution_data = true }',
            '{ level = "ERROR", include_execution_data = true }',
            "logging_configuration.level",
        ),
        "tracing_configuration": ("true",),
        "tags": ('{ what = "films" }', '{ what = "series" }'),
    },
    "roles.machine": {"trust": ('["states.amazonaws.com", "scheduler.amazonaws.com"]',)},
    "schedules.nightly": {
        "description": ('"each night"', '"every night"'),
        "schedule": ('"cron(0 5 * * ? *)"', '"rate(1 hour)"'),
        "timezone": ('"Europe/Berlin"', '"UTC"'),
        "start_date": ('"2130-01-01T00:00:00Z"', '"2130-01-02T00:00:00Z"'),
        "end_date": ('"2131-01-01T00:00:00Z"', '"2131-01-02T00:00:00Z"'),
        "state": ('"DISABLED"', '"ENABLED"'),
        "flexible_time_window": ("5", "6"),
        "action_after_completion": ('"DELETE"',),
        "state_machine": ('"${state_machines.pass}"',),
        "role": ('"${roles.machine}"',),
        "input": ("{ a = 1 }", "{ a = 2 }"),
        "retry_policy": (
            "{ maximum_event_age_in_seconds = 600, maximum_retry_attempts = 2 }",
            "{ maximum_event_age_in_seconds = 700, maximum_retry_attempts = 3 }",
            "retry_policy.maximum_event_age_in_seconds",
            "retry_policy.maximum_retry_attempts",
        ),
    },
}

PASS = '{"StartAt": "Done", "States": {"Done": {"Type": "Pass", "Result": "${Word}", "End": true}}}'
FILES = {"pass_json": PASS, "other_json": PASS.replace("Done", "Ready")}

CHANGEABLE = {table: [key for key, values in keys.items() if len(values) > 1] for table, keys in FIELDS.items()}


def text(other=()):
    """stack.toml, with the other value of some keys."""
    lines = []
    for table, keys in FIELDS.items():
        lines.append(f"[{table}]")
        lines += [f"{key} = {values[(table, key) in other]}" for key, values in keys.items()]
    return "\n".join(lines) + "\n"


def paths(table, key):
    """What a plan names when a key changes."""
    return FIELDS[table][key][2:] or (key,)
