"""Iceberg tables: made and filled by Athena and by PyIceberg, each reading what the other wrote."""

import datetime

import pyarrow as pa
import pytest
from pyiceberg.catalog.glue import GlueCatalog
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.transforms import BucketTransform, DayTransform, IdentityTransform
from pyiceberg.types import DoubleType, IntegerType, LongType, NestedField, StringType, TimestampType

from served_cloud import CREDENTIALS, REGION


@pytest.fixture
def catalog(cloud):
    """PyIceberg's Glue catalog over the embedded cloud."""
    return GlueCatalog(
        "glue",
        **{
            "glue.endpoint": cloud.endpoint,
            "glue.region": REGION,
            "glue.access-key-id": CREDENTIALS["aws_access_key_id"],
            "glue.secret-access-key": CREDENTIALS["aws_secret_access_key"],
            "s3.endpoint": cloud.endpoint,
            "s3.region": REGION,
            "s3.access-key-id": CREDENTIALS["aws_access_key_id"],
            "s3.secret-access-key": CREDENTIALS["aws_secret_access_key"],
        },
    )


SONGS = Schema(
    NestedField(1, "id", LongType()),
    NestedField(2, "title", StringType()),
    NestedField(3, "year", IntegerType()),
    NestedField(4, "seconds", DoubleType()),
    NestedField(5, "played", TimestampType()),
)


def songs(*rows):
    at = datetime.datetime(2024, 1, 2, 3, 4, 5, 678901)
    return pa.table(
        {
            "id": pa.array([row[0] for row in rows], pa.int64()),
            "title": pa.array([row[1] for row in rows], pa.string()),
            "year": pa.array([row[2] for row in rows], pa.int32()),
            "seconds": pa.array([row[0] * 1.5 for row in rows], pa.float64()),
            "played": pa.array([at + datetime.timedelta(days=row[0]) for row in rows], pa.timestamp("us")),
        }
    )


def create(catalog, lake, spec=None, **properties):
    return catalog.create_table(
        (lake.database, "songs"),
        SONGS,
        location=f"s3://{lake.data}/songs",
        properties=properties,
        **({"partition_spec": spec} if spec else {}),
    )


def test_athena_makes_a_table_that_pyiceberg_reads_and_writes(lake, catalog):
    lake.query(
        f"""CREATE TABLE songs (id bigint, title string COMMENT 'its name', tags array<string>, at struct<lat:double,on:date>)
        PARTITIONED BY (bucket(4, id), title)
        LOCATION 's3://{lake.data}/songs/'
        TBLPROPERTIES ('table_type'='ICEBERG', 'format'='parquet', 'write_compression'='zstd')"""
    )
    table = lake.glue.get_table(DatabaseName=lake.database, Name="songs")["Table"]
    assert table["TableType"] == "EXTERNAL_TABLE"
    assert table["Parameters"]["table_type"] == "ICEBERG"
    assert table["Parameters"]["metadata_location"].startswith(f"s3://{lake.data}/songs/metadata/00000-")
    assert lake.query("SELECT * FROM songs") == [["id", "title", "tags", "at"]]

    loaded = catalog.load_table((lake.database, "songs"))
    assert loaded.format_version == 2
    assert str(loaded.spec().fields[0].transform) == "bucket[4]"
    assert loaded.schema().find_field("title").doc == "its name"
    row = {"id": 1, "title": "Naima", "tags": ["a", None], "at": {"lat": 1.5, "on": datetime.date(2024, 2, 29)}}
    loaded.append(pa.Table.from_pylist([row], schema=loaded.schema().as_arrow()))
    assert lake.query("SELECT id, title, tags, at FROM songs") == [
        ["id", "title", "tags", "at"],
        ["1", "Naima", "[a, null]", "{lat=1.5, on=2024-02-29}"],
    ]


def test_an_insert_adds_a_snapshot_that_pyiceberg_reads(lake, catalog):
    lake.query(
        f"""CREATE TABLE songs (id bigint, title string, price decimal(9,2), day date, played timestamp, tags array<string>)
        PARTITIONED BY (day, hour(played), bucket(4, title), truncate(10, id))
        LOCATION 's3://{lake.data}/songs/' TBLPROPERTIES ('table_type'='ICEBERG')"""
    )
    query = lake.start(
        """INSERT INTO songs VALUES
        (1, 'Naima', 1.25, DATE '1960-02-03', TIMESTAMP '1960-02-03 04:05:06.789012', ARRAY['a', 'b']),
        (12, 'So What', -0.5, DATE '1959-03-02', TIMESTAMP '1970-01-01 00:00:00', NULL),
        (13, NULL, NULL, NULL, NULL, NULL)"""
    )
    execution = lake.finished(query)
    assert execution["Status"]["State"] == "SUCCEEDED", execution
    assert execution["Statistics"]["DataManifestLocation"].endswith(f"{query}-manifest.csv")
    assert lake.athena.get_query_results(QueryExecutionId=query)["UpdateCount"] == 3
    lake.query("INSERT INTO songs (title, id) SELECT 'Giant Steps', 2")

    table = catalog.load_table((lake.database, "songs"))
    rows = sorted(table.scan().to_arrow().to_pylist(), key=lambda row: row["id"])
    assert [row["title"] for row in rows] == ["Naima", "Giant Steps", "So What", None]
    assert str(rows[0]["price"]) == "1.25"
    assert rows[0]["played"] == datetime.datetime(1960, 2, 3, 4, 5, 6, 789012)
    assert rows[0]["tags"] == ["a", "b"]
    assert len(table.snapshots()) == 2
    assert table.current_snapshot().summary["total-records"] == "4"
    # PyIceberg leaves files out by the bounds and partitions that Athena has written.
    only = table.scan(row_filter="day = '1959-03-02' and id > 5").to_arrow().to_pylist()
    assert [row["id"] for row in only] == [12]
    assert lake.query("SELECT count(*), sum(id), max(played) FROM songs")[1] == ["4", "28", "1970-01-01 00:00:00.000000"]


def test_columns_are_found_by_their_ids(lake, catalog):
    table = create(catalog, lake)
    table.append(songs((1, "Naima", 1960)))
    with table.update_schema() as update:
        update.rename_column("title", "name")
    with table.update_schema() as update:
        update.add_column("title", StringType())
        update.delete_column("seconds")
        update.update_column("year", LongType())
    table.append(
        pa.table(
            {
                "id": pa.array([2], pa.int64()),
                "name": ["So What"],
                "year": pa.array([2**40], pa.int64()),
                "played": pa.array([None], pa.timestamp("us")),
                "title": ["new"],
            }
        )
    )
    assert lake.query("SELECT id, name, title, year FROM songs ORDER BY id") == [
        ["id", "name", "title", "year"],
        ["1", "Naima", None, "1960"],
        ["2", "So What", "new", str(2**40)],
    ]
    assert "COLUMN_NOT_FOUND" in lake.failed("SELECT seconds FROM songs")


def test_rows_that_are_deleted_are_not_read(lake, catalog):
    table = create(catalog, lake, **{"write.delete.mode": "copy-on-write"})
    table.append(songs(*((i, f"s{i}", 1960 + i) for i in range(10))))
    table.delete("id < 3")
    assert lake.query("SELECT count(*), min(id) FROM songs")[1] == ["7", "3"]
    table.overwrite(songs((100, "only", 2000)))
    assert lake.query("SELECT id, title FROM songs")[1:] == [["100", "only"]]


def test_a_query_travels_to_a_snapshot_or_a_time(lake, catalog):
    table = create(catalog, lake)
    table.append(songs((1, "one", 1960)))
    first = table.current_snapshot()
    table.append(songs((2, "two", 1961)))
    count = "SELECT count(*) FROM songs"
    assert lake.query(count)[1] == ["2"]
    assert lake.query(f"{count} FOR VERSION AS OF {first.snapshot_id}")[1] == ["1"]
    second = datetime.datetime.fromtimestamp(table.current_snapshot().timestamp_ms / 1000, datetime.timezone.utc)
    before = (second - datetime.timedelta(milliseconds=1)).strftime("%Y-%m-%d %H:%M:%S.%f")
    assert lake.query(f"{count} FOR TIMESTAMP AS OF TIMESTAMP '{before} UTC'")[1] == ["1"]
    assert lake.query(f"{count} FOR TIMESTAMP AS OF current_timestamp")[1] == ["2"]
    assert "Iceberg snapshot ID does not exists: 7" in lake.failed(f"{count} FOR VERSION AS OF 7")
    assert "No version history table" in lake.failed(f"{count} FOR TIMESTAMP AS OF TIMESTAMP '2000-01-01 00:00:00 UTC'")


def test_files_that_a_filter_cannot_keep_are_not_read(lake, catalog):
    spec = PartitionSpec(
        PartitionField(3, 1000, IdentityTransform(), "year"), PartitionField(5, 1001, DayTransform(), "played_day")
    )
    table = create(catalog, lake, spec)
    for year in (1960, 1961, 1962):
        table.append(songs(*((i, "x" * 1000, year) for i in range(year, year + 50))))

    def scanned(where):
        execution = lake.finished(lake.start(f"SELECT count(*), sum(seconds), max(title) FROM songs WHERE {where}"))
        assert execution["Status"]["State"] == "SUCCEEDED", execution
        return execution["Statistics"]["DataScannedInBytes"]

    everything = scanned("true")
    assert scanned("year = 1961") < everything / 2
    assert scanned("id = 1960") < everything / 50
    assert scanned("played > TIMESTAMP '2100-01-01 00:00:00'") == 0
    assert scanned("title = 'y'") == 0
    assert lake.query("SELECT count(*) FROM songs WHERE id = 1961")[1] == ["2"]


def test_writers_that_race_both_win(lake, catalog):
    lake.query(
        f"CREATE TABLE songs (id bigint) LOCATION 's3://{lake.data}/songs/' TBLPROPERTIES ('table_type'='ICEBERG')"
    )
    queries = [lake.start(f"INSERT INTO songs VALUES ({i})") for i in range(6)]
    states = [lake.finished(query)["Status"] for query in queries]
    assert [status["State"] for status in states] == ["SUCCEEDED"] * 6, states
    assert lake.query("SELECT count(*), sum(id) FROM songs")[1] == ["6", "15"]
    assert len(catalog.load_table((lake.database, "songs")).snapshots()) == 6


def test_dropping_the_table_takes_its_files_along(lake, catalog):
    table = create(catalog, lake, PartitionSpec(PartitionField(1, 1000, BucketTransform(2), "id_bucket")))
    table.append(songs((1, "one", 1960), (2, "two", 1961)))
    table.append(songs((3, "three", 1962)))
    lake.query("DROP TABLE songs")
    assert "Contents" not in lake.s3.list_objects_v2(Bucket=lake.data)


@pytest.mark.parametrize(
    ("sql", "what"),
    [
        ("DELETE FROM songs WHERE id = 1", "DELETE"),
        ("UPDATE songs SET id = 1", "UPDATE"),
        ("OPTIMIZE songs REWRITE DATA USING BIN_PACK", "OPTIMIZE"),
        ("VACUUM songs", "VACUUM"),
        ("ALTER TABLE songs ADD COLUMNS (a int)", "ALTER TABLE of Iceberg tables"),
    ],
)
def test_what_is_not_there_yet_is_refused_by_name(lake, sql, what):
    lake.query(
        f"CREATE TABLE songs (id bigint) LOCATION 's3://{lake.data}/songs/' TBLPROPERTIES ('table_type'='ICEBERG')"
    )
    reason = lake.failed(sql)
    assert reason.startswith("NOT_SUPPORTED") and what in reason, reason
