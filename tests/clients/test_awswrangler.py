"""awswrangler: tables made in the catalog, data sets written with their tables, and read by Athena."""

import datetime
import decimal

import awswrangler
import boto3
import pandas
import pytest

from served_cloud import CREDENTIALS, REGION

DAYS = [datetime.date(2024, 1, 1), datetime.date(2024, 2, 29), None]


@pytest.fixture(scope="module", autouse=True)
def wrangler(cloud):
    """awswrangler, calling the served cloud and nothing else."""
    config = awswrangler.config
    for service in ("s3", "glue", "athena", "sts"):
        setattr(config, f"{service}_endpoint_url", cloud.endpoint)
    config.athena_query_wait_polling_delay = 0.05
    boto3.setup_default_session(**CREDENTIALS, region_name=REGION)
    yield
    config.reset()
    boto3.DEFAULT_SESSION = None


@pytest.fixture
def catalog():
    return awswrangler.catalog


def records(frame):
    """The rows of a frame, with one None for all the ways in which pandas has nothing."""
    return [{k: None if pandas.isna(v) else v for k, v in row.items()} for row in frame.to_dict("records")]


@pytest.fixture
def read(lake):
    """Runs a query and returns its rows as dictionaries."""

    def read(sql):
        return records(
            awswrangler.athena.read_sql_query(
                sql, database=lake.database, ctas_approach=False, s3_output=f"s3://{lake.results}/"
            )
        )

    return read


@pytest.fixture
def frame():
    return pandas.DataFrame(
        {
            "id": pandas.array([1, 2, 3], dtype="Int64"),
            "name": ["Ωmega", 'b,"q"', None],
            "price": [decimal.Decimal("1.50"), decimal.Decimal("-2.25"), None],
            "at": pandas.to_datetime(["2024-01-01 10:11:12.125", "1969-12-31 00:00:00.000", None]),
            "day": DAYS,
            "ok": pandas.array([True, None, False], dtype="boolean"),
            "part": ["a", "b", "a"],
        }
    )


def test_a_table_and_its_partitions_are_made_changed_and_taken_away(lake, catalog):
    table = {"database": lake.database, "table": "events"}
    catalog.create_parquet_table(
        **table,
        path=f"s3://{lake.data}/events/",
        columns_types={"id": "int", "name": "string"},
        partitions_types={"year": "int", "day": "date"},
        compression="snappy",
        description="what happened",
        parameters={"source": "tests"},
        columns_comments={"id": "of the event"},
    )
    assert catalog.get_table_types(**table) == {"id": "int", "name": "string", "year": "int", "day": "date"}
    assert catalog.get_columns_comments(**table)["id"] == "of the event"
    assert catalog.get_table_description(**table) == "what happened"
    assert catalog.get_table_location(**table) == f"s3://{lake.data}/events/"
    # More than a batch of them.
    places = {
        f"s3://{lake.data}/events/year={year}/day=2024-01-{day:02}/": [str(year), f"2024-01-{day:02}"]
        for year in range(2020, 2025)
        for day in range(1, 31)
    }
    catalog.add_parquet_partitions(**table, partitions_values=places)
    # Those that are there already are no error to it.
    catalog.add_parquet_partitions(**table, partitions_values=places)
    assert catalog.get_parquet_partitions(**table) == places
    late = catalog.get_partitions(**table, expression="year = 2021 AND day >= '2024-01-29'")
    assert sorted(late.values()) == [["2021", "2024-01-29"], ["2021", "2024-01-30"]]
    catalog.delete_partitions(**table, partitions_values=list(places.values())[:2])
    assert len(catalog.get_partitions(**table)) == 148
    assert len(catalog.delete_all_partitions(**table)) == 148
    assert catalog.get_partitions(**table) == {}

    catalog.add_column(**table, column_name="extra", column_type="double", column_comment="more")
    catalog.delete_column(**table, column_name="name")
    assert list(catalog.get_table_types(**table)) == ["id", "extra", "year", "day"]
    catalog.upsert_table_parameters({"k": "v"}, **table)
    assert catalog.get_table_parameters(**table)["k"] == "v"
    assert catalog.overwrite_table_parameters({"classification": "parquet"}, **table) == {"classification": "parquet"}
    assert catalog.does_table_exist(**table)
    assert catalog.delete_table_if_exists(**table) and not catalog.delete_table_if_exists(**table)


def test_tables_are_found_by_their_names_and_by_text(lake, catalog):
    columns = {"id": "bigint", "name": "string"}
    catalog.create_csv_table(
        database=lake.database, table="people_csv", path=f"s3://{lake.data}/c/", columns_types=columns, sep="|"
    )
    catalog.create_json_table(
        database=lake.database, table="people_json", path=f"s3://{lake.data}/j/", columns_types=columns
    )

    def names(**members):
        return sorted(t["Name"] for t in catalog.get_tables(database=lake.database, **members))

    assert names(name_prefix="people") == ["people_csv", "people_json"]
    assert names(name_suffix="json") == ["people_json"]
    assert names(name_contains="le_c") == ["people_csv"]
    assert lake.database in [d["Name"] for d in catalog.get_databases()]
    assert [t["Name"] for t in catalog.search_tables(f"{lake.data}/j/")] == ["people_json"]
    assert sorted(catalog.tables(database=lake.database)["Table"]) == ["people_csv", "people_json"]


def test_a_data_set_is_written_with_its_table_and_read_by_athena(lake, frame, read, catalog):
    table = {"database": lake.database, "table": "sales"}
    target = {"path": f"s3://{lake.data}/sales/", "dataset": True, **table, "partition_cols": ["part"]}
    types = {"price": "decimal(10,2)"}
    awswrangler.s3.to_parquet(frame, **target, mode="overwrite", dtype=types)
    assert read("SELECT * FROM sales ORDER BY id") == records(frame)

    # A column more, a partition more.
    more = frame.assign(extra=1.5, part="c")
    awswrangler.s3.to_parquet(more, **target, mode="append", dtype=types, catalog_versioning=True)
    assert catalog.get_table_number_of_versions(**table) == 2
    assert list(catalog.get_table_types(**table))[-2:] == ["extra", "part"]
    assert sorted(catalog.get_partitions(**table).values()) == [["a"], ["b"], ["c"]]
    awswrangler.s3.to_parquet(
        frame[frame.part == "a"].assign(extra=2.5), **target, mode="overwrite_partitions", dtype=types
    )
    assert read("SELECT part, count(*) AS n, sum(extra) AS extra FROM sales GROUP BY 1 ORDER BY 1")[0] == {
        "part": "a",
        "n": 2,
        "extra": 5.0,
    }
    assert read("SELECT count(*) AS n FROM sales WHERE part IN ('b', 'c')") == [{"n": 4}]

    # All of it anew: what the table was is gone.
    awswrangler.s3.to_parquet(frame, **target, mode="overwrite", dtype=types)
    assert "extra" not in catalog.get_table_types(**table)
    assert read("SELECT count(*) AS n FROM sales") == [{"n": 3}]


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_data_sets_of_text_are_read_as_they_were_written(lake, frame, read, kind):
    options = {"csv": {}, "json": {"orient": "records", "lines": True}}[kind]
    frame = frame[["id", "name", "part"]]
    getattr(awswrangler.s3, f"to_{kind}")(
        frame,
        path=f"s3://{lake.data}/{kind}/",
        dataset=True,
        database=lake.database,
        table=kind,
        partition_cols=["part"],
        mode="overwrite",
        index=False,
        **options,
    )
    [one, two, three] = read(f"SELECT * FROM {kind} ORDER BY id")
    assert (one["name"], two["name"], three["id"]) == ("Ωmega", 'b,"q"', 3)


def test_partitions_that_are_projected_are_in_no_catalog(lake, frame, read, catalog):
    awswrangler.s3.to_parquet(
        frame[["id", "part"]],
        path=f"s3://{lake.data}/projected/",
        dataset=True,
        database=lake.database,
        table="projected",
        partition_cols=["part"],
        glue_table_settings={"regular_partitions": False},
        athena_partition_projection_settings={
            "projection_types": {"part": "enum"},
            "projection_values": {"part": "a,b"},
        },
    )
    assert catalog.get_partitions(database=lake.database, table="projected") == {}
    assert read("SELECT part, count(*) AS n FROM projected GROUP BY 1 ORDER BY 1") == [
        {"part": "a", "n": 2},
        {"part": "b", "n": 1},
    ]


def test_a_table_is_made_from_the_metadata_of_files(lake, frame, read):
    path = f"s3://{lake.data}/files/"
    awswrangler.s3.to_parquet(frame[["id", "day", "part"]], path=path, dataset=True, partition_cols=["part"])
    columns, partitions, _ = awswrangler.s3.store_parquet_metadata(
        path=path, database=lake.database, table="files", dataset=True
    )
    assert (columns, partitions) == ({"id": "bigint", "day": "date"}, {"part": "string"})
    assert [row["day"] for row in read("SELECT day FROM files ORDER BY id")] == DAYS
