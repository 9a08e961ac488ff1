"""A change of each field that is updated in place: planned as that field, done, and then no more."""

import pytest

from lake import FILES, LAKE

# Table, key, its new value, the field or fields of the plan if it is not the key.
CHANGES = [
    ("buckets.data", "tags", '{ what = "series" }', "tags"),
    ("buckets.data", "versioning", "true", None),
    ("buckets.results", "expire_after_days", "8", None),
    ("databases.lake", "description", '"some of it"', None),
    ("databases.lake", "parameters", '{ owner = "them" }', "parameters.owner"),
    ("tables.people", "description", '"people"', None),
    ("tables.people", "location", '"s3://${buckets.data}/persons/"', None),
    (
        "tables.people",
        "format",
        '"json"',
        ["parameters.classification", "serde", "serde_parameters.serialization.format"],
    ),
    ("tables.people", "parameters", '{ a = "b" }', "parameters.a"),
    (
        "tables.people",
        "columns",
        '[{ name = "id", type = "int" }, { name = "born", type = "date", comment = "day" }]',
        None,
    ),
    ("roles.crawler", "description", '"crawls"', None),
    ("roles.crawler", "max_session_duration", "7200", None),
    ("roles.crawler", "trust", '["glue.amazonaws.com", "lambda.amazonaws.com"]', "trust_policy"),
    ("roles.crawler", "managed", '["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"]', None),
    ("roles.crawler", "tags", '{ a = "b" }', None),
    (
        "policies.read",
        "document",
        '{ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "*" }] }',
        None,
    ),
    ("policies.read", "tags", '{ a = "b" }', None),
    ("state_machines.pass", "substitutions", '{ Word = "over" }', "definition"),
    ("state_machines.pass", "tags", '{ a = "b" }', None),
    ("crawlers.own", "tags", '{ a = "b" }', None),
    ("workgroups.main", "tags", '{ a = "b" }', None),
]

# What moto 5.2.5 cannot change, because it has no such operation.
MISSING = [
    ("crawlers.own", "description", '"own"', "UpdateCrawler"),
    ("crawlers.people", "schedule", '"cron(0 4 * * ? *)"', "UpdateCrawler"),
    ("workgroups.main", "description", '"all"', "UpdateWorkGroup"),
    ("workgroups.main", "bytes_scanned_cutoff", "20_000_000", "UpdateWorkGroup"),
]


@pytest.mark.parametrize(("table", "key", "value", "field"), CHANGES, ids=lambda v: str(v)[:24])
def test_a_change_is_planned_and_done(stack, table, key, value, field):
    stack.write(LAKE, **FILES)
    stack.up()
    stack.set(table, **{key: value})
    fields = field if isinstance(field, list) else [field or key]
    assert stack.plan() == {table: ("update", fields)}
    stack.up()
    assert stack.plan() == {}


@pytest.mark.parametrize(("table", "key", "value", "operation"), MISSING, ids=lambda v: str(v)[:24])
def test_what_moto_cannot_change_is_planned_and_said(stack, table, key, value, operation):
    stack.write(LAKE, **FILES)
    stack.up()
    stack.set(table, **{key: value})
    assert stack.plan() == {table: ("update", [key])}
    said = stack.run("up", "--yes", code=1)
    assert operation in said
    assert table in said
