"""Delta Lake by delta-rs is crawled, queried, and holds what delta-rs reads."""

import datetime
import decimal

import botocore.exceptions
import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

from athena_text import said
from lake import Lake, wait_for

UTC = datetime.timezone.utc
EVENING = datetime.datetime(1969, 12, 31, 20, 0, 0, 20)
SCHEMA = pa.schema(
    [
        ("Country", pa.string()),
        ("day", pa.date32()),
        ("id", pa.int64()),
        ("price", pa.decimal128(12, 3)),
        ("moment", pa.timestamp("us", "UTC")),
        ("local", pa.timestamp("us")),
        ("small", pa.int8()),
        ("ratio", pa.float64()),
        ("flag", pa.bool_()),
        ("bytes", pa.binary()),
        ("tags", pa.list_(pa.string())),
        ("address", pa.struct([("City", pa.string()), ("zip", pa.int32())])),
    ]
)


def rows(ids, country):
    def row(n):
        return {
            "Country": country,
            "day": datetime.date(2024, 1, 1 + n % 3),
            "id": n,
            "price": decimal.Decimal(n * n) / 8,
            "moment": datetime.datetime(2024, 1, 1, n % 24, 0, 0, n * 1000, UTC),
            "local": datetime.datetime(1969, 12, 31, n % 24, 0, 0, n),
            "small": n % 100 - 50,
            "ratio": n / 7,
            "flag": None if n % 4 == 0 else n % 2 == 0,
            "bytes": bytes([n % 256]),
            "tags": [f"é{n}", None] if n % 2 else None,
            "address": {"City": f"c{n}", "zip": n} if n % 5 else None,
        }

    return pa.Table.from_pylist([row(n) for n in ids], schema=SCHEMA)


@pytest.fixture(scope="module")
def crawled(cloud):
    """A table of twelve versions, with a checkpoint in their midst."""
    lake = Lake(cloud, "delta")
    url = f"s3://{lake.data}/lake/orders"
    options = {name: value for name, value in cloud.environment().items() if name.startswith("AWS_")}
    options["AWS_ALLOW_HTTP"] = "true"

    def append(table):
        write_deltalake(url, table, mode="append", partition_by=["Country", "day"], storage_options=options)

    for n in range(8):
        append(rows(range(n * 10, n * 10 + 10), ["it", "de", "a b/%", None][n % 4]))
    table = DeltaTable(url, storage_options=options)
    table.delete("id % 7 = 3")
    table.update(updates={"ratio": "-1.5"}, predicate="id = 20")
    table.create_checkpoint()
    table.optimize.compact()
    append(rows(range(100, 105), "it"))
    lake.create_crawler(lake.crawler_role(), "lake/")
    assert lake.crawl()["Status"] == "SUCCEEDED"
    return lake, DeltaTable(url, storage_options=options)


def moment_said(value):
    """What Athena writes: a moment has its zone, a local time microseconds, a field a name in lower case."""
    if isinstance(value, datetime.datetime):
        if value.tzinfo:
            return f"{said(value.replace(tzinfo=None))} UTC"
        return f"{value:%Y-%m-%d %H:%M:%S.%f}"
    if isinstance(value, dict):
        return said({name.lower(): field for name, field in value.items()})
    return said(value)


def test_the_crawler_finds_one_table_with_the_logs_columns(crawled):
    lake, _ = crawled
    tables = lake.glue.get_tables(DatabaseName=lake.database)["TableList"]
    assert [table["Name"] for table in tables] == ["orders"]
    assert [key["Name"] for key in tables[0]["PartitionKeys"]] == ["country", "day"]


def test_rows_are_those_that_delta_rs_reads(crawled):
    lake, table = crawled
    expected = table.to_pyarrow_table().sort_by("id").to_pylist()
    columns, *answer = lake.query("SELECT * FROM orders ORDER BY id")
    assert len(answer) == len(expected) == 74
    for row, known in zip(answer, expected, strict=True):
        assert row == [moment_said(value) for value in known.values()], known
    assert columns == [name.lower() for name in expected[0]]


def test_filters_on_partitions_and_values_choose_the_same_rows(crawled):
    lake, table = crawled
    expected = table.to_pyarrow_table().to_pylist()
    for where, holds in [
        ("country = 'a b/%'", lambda row: row["Country"] == "a b/%"),
        ("country IS NULL", lambda row: row["Country"] is None),
        ("day > DATE '2024-01-01' AND id BETWEEN 15 AND 42", lambda row: row["day"].day > 1 and 15 <= row["id"] <= 42),
        ("ratio < 0", lambda row: row["ratio"] < 0),
        (f"local >= TIMESTAMP '{EVENING}'", lambda row: row["local"] >= EVENING),
    ]:
        _, *answer = lake.query(f"SELECT id FROM orders WHERE {where} ORDER BY id")
        ids = sorted(row["id"] for row in expected if holds(row))
        assert [int(row[0]) for row in answer] == ids, where


def test_a_new_version_is_read_without_a_crawl(crawled):
    lake, table = crawled
    _, before = lake.query("SELECT count(*) FROM orders")
    table.delete("id = 104")
    _, after = lake.query("SELECT count(*) FROM orders")
    assert int(after[0]) == int(before[0]) - 1


def test_a_target_of_delta_is_a_native_table(crawled):
    lake, _ = crawled
    target = {"DeltaTables": [f"s3://{lake.data}/lake/orders/"]}
    settings = {
        "Name": "delta-target",
        "Role": f"{lake.name}-crawler",
        "DatabaseName": lake.database,
        "TablePrefix": "native_",
    }
    with pytest.raises(botocore.exceptions.ClientError, match="which make symlink tables"):
        lake.glue.create_crawler(Targets={"DeltaTargets": [target]}, **settings)
    target["CreateNativeDeltaTable"] = True
    lake.glue.create_crawler(Targets={"DeltaTargets": [target]}, **settings)
    lake.glue.start_crawler(Name="delta-target")
    crawler = wait_for(
        lambda: lake.glue.get_crawler(Name="delta-target")["Crawler"], lambda crawler: crawler["State"] == "READY"
    )
    assert crawler["LastCrawl"]["Status"] == "SUCCEEDED"
    _, native = lake.query("SELECT count(*) FROM native_orders")
    _, orders = lake.query("SELECT count(*) FROM orders")
    assert native == orders
