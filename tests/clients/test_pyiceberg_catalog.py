"""PyIceberg with Glue as its catalog: namespaces, tables, and commits that heed each other."""

import pyarrow
import pytest
from pyiceberg.catalog import load_catalog
from pyiceberg.exceptions import (
    CommitFailedException,
    NamespaceAlreadyExistsError,
    NamespaceNotEmptyError,
    NoSuchNamespaceError,
    NoSuchPropertyException,
    NoSuchTableError,
    TableAlreadyExistsError,
)
from pyiceberg.types import DoubleType

from served_cloud import CREDENTIALS, REGION

SCHEMA = pyarrow.schema([pyarrow.field("id", pyarrow.int64(), nullable=False), pyarrow.field("name", pyarrow.string())])
# PyIceberg tries a failed commit again by itself, unless told not to.
ONCE = {"commit.retry.num-retries": "0"}


def rows(*ids):
    return pyarrow.table({"id": list(ids), "name": [f"é{n}" for n in ids]}, schema=SCHEMA)


@pytest.fixture
def iceberg(cloud):
    keys = {
        f"{service}.{name}": value
        for service in ("glue", "s3")
        for name, value in {
            "endpoint": cloud.endpoint,
            "region": REGION,
            "access-key-id": CREDENTIALS["aws_access_key_id"],
            "secret-access-key": CREDENTIALS["aws_secret_access_key"],
        }.items()
    }
    return load_catalog("lake", type="glue", **keys)


@pytest.fixture
def namespace(iceberg, lake):
    name = f"{lake.name}_iceberg"
    iceberg.create_namespace(name, {"comment": "of tests", "location": f"s3://{lake.data}/{name}"})
    return name


def test_a_namespace_is_made_changed_and_dropped(iceberg, namespace):
    assert (namespace,) in iceberg.list_namespaces()
    with pytest.raises(NamespaceAlreadyExistsError):
        iceberg.create_namespace(namespace)
    iceberg.update_namespace_properties(namespace, removals={"comment"}, updates={"owner": "ann"})
    properties = iceberg.load_namespace_properties(namespace)
    assert properties["owner"] == "ann" and "comment" not in properties and properties["location"]
    iceberg.create_table(f"{namespace}.t", SCHEMA)
    with pytest.raises(NamespaceNotEmptyError):
        iceberg.drop_namespace(namespace)
    iceberg.drop_table(f"{namespace}.t")
    iceberg.drop_namespace(namespace)
    for call in (iceberg.drop_namespace, iceberg.load_namespace_properties, iceberg.list_tables):
        with pytest.raises(NoSuchNamespaceError):
            call(namespace)


def test_a_table_is_made_written_changed_renamed_and_dropped(iceberg, namespace, lake):
    name = f"{namespace}.events"
    table = iceberg.create_table(name, SCHEMA, properties={"of": "tests"})
    with pytest.raises(TableAlreadyExistsError):
        iceberg.create_table(name, SCHEMA)
    table.append(rows(1, 2))
    with table.update_schema() as update:
        update.add_column("price", DoubleType())
    assert iceberg.load_table(name).scan().to_arrow().sort_by("id").to_pylist() == [
        {"id": 1, "name": "é1", "price": None},
        {"id": 2, "name": "é2", "price": None},
    ]
    glue = lake.glue.get_table(DatabaseName=namespace, Name="events")["Table"]
    assert glue["Parameters"]["table_type"] == "ICEBERG" and glue["VersionId"] == "2"
    assert glue["Parameters"]["metadata_location"] == iceberg.load_table(name).metadata_location
    assert [c["Type"] for c in glue["StorageDescriptor"]["Columns"]] == ["bigint", "string", "double"]

    iceberg.rename_table(name, f"{namespace}.happened")
    assert iceberg.list_tables(namespace) == [(namespace, "happened")]
    assert iceberg.load_table(f"{namespace}.happened").scan().to_arrow().num_rows == 2
    with pytest.raises(NoSuchTableError):
        iceberg.load_table(name)
    iceberg.create_table(name, SCHEMA)
    with pytest.raises(TableAlreadyExistsError):
        iceberg.rename_table(f"{namespace}.happened", name)
    with pytest.raises(NoSuchNamespaceError):
        iceberg.rename_table(f"{namespace}.happened", f"{namespace}_none.t")

    where = iceberg.load_table(f"{namespace}.happened").metadata_location
    iceberg.drop_table(f"{namespace}.happened")
    assert iceberg.register_table(f"{namespace}.again", where).scan().to_arrow().num_rows == 2
    with pytest.raises(NoSuchTableError):
        iceberg.drop_table(f"{namespace}.happened")


def test_a_commit_on_what_has_changed_fails_and_leaves_the_table_as_it_is(iceberg, namespace):
    name = f"{namespace}.t"
    iceberg.create_table(name, SCHEMA, properties=ONCE)
    first, second = iceberg.load_table(name), iceberg.load_table(name)
    first.append(rows(1))
    with pytest.raises(CommitFailedException):
        second.append(rows(2))
    assert iceberg.load_table(name).scan().to_arrow()["id"].to_pylist() == [1]
    # Once it has looked again, it may.
    second.refresh().append(rows(2))
    assert sorted(iceberg.load_table(name).scan().to_arrow()["id"].to_pylist()) == [1, 2]


def test_a_commit_whose_version_is_overtaken_is_refused_by_glue(iceberg, namespace, lake):
    """What PyIceberg checks itself is left out: another one writes between its look and its update."""
    name = f"{namespace}.t"
    table = iceberg.create_table(name, SCHEMA, properties=ONCE)
    update = iceberg.glue.update_table

    def overtaken(**members):
        current = lake.glue.get_table(DatabaseName=namespace, Name="t")["Table"]
        keep = ("Name", "TableType", "Parameters", "StorageDescriptor")
        update(DatabaseName=namespace, TableInput={k: current[k] for k in keep}, SkipArchive=True)
        return update(**members)

    iceberg.glue.update_table = overtaken
    try:
        with pytest.raises(CommitFailedException):
            table.append(rows(1))
    finally:
        iceberg.glue.update_table = update
    assert iceberg.load_table(name).scan().to_arrow().num_rows == 0
    iceberg.load_table(name).append(rows(2))
    assert iceberg.load_table(name).scan().to_arrow()["id"].to_pylist() == [2]


def test_a_table_of_another_engine_is_no_table_of_iceberg(iceberg, namespace, lake):
    lake.glue.create_table(DatabaseName=namespace, TableInput={"Name": "plain", "Parameters": {"classification": "csv"}})
    assert iceberg.list_tables(namespace) == []
    with pytest.raises(NoSuchPropertyException):
        iceberg.load_table(f"{namespace}.plain")
