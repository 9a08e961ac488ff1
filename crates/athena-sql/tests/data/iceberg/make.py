"""Writes the tables of this folder with PyIceberg, through `athglue local serve`.

    athglue local serve --port 4566 &
    python make.py http://127.0.0.1:4566

Takes `pyiceberg[glue,pyarrow,pyiceberg-core]` and boto3. Each folder is a table below `s3://fixtures/`; the file
`CURRENT` in it has the URL of its metadata.
"""

import datetime
import pathlib
import sys

import boto3
import pyarrow as pa
import pyarrow.parquet as pq
from pyiceberg.catalog.glue import GlueCatalog
from pyiceberg.io.pyarrow import schema_to_pyarrow
from pyiceberg.manifest import (
    DataFile, DataFileContent, FileFormat, ManifestContent, ManifestEntry, ManifestEntryStatus, ManifestWriterV2,
    write_manifest_list,
)
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.table.snapshots import Operation, Snapshot, Summary
from pyiceberg.table.update import AddSnapshotUpdate, AssertRefSnapshotId, SetSnapshotRefUpdate
from pyiceberg.transforms import IdentityTransform
from pyiceberg.typedef import Record
from pyiceberg.types import LongType, NestedField, StringType, StructType

ENDPOINT, BUCKET = sys.argv[1], "fixtures"
KEYS = {"region_name": "us-east-1", "aws_access_key_id": "test", "aws_secret_access_key": "test"}
HERE = pathlib.Path(__file__).parent

s3 = boto3.client("s3", endpoint_url=ENDPOINT, **KEYS)
glue = boto3.client("glue", endpoint_url=ENDPOINT, **KEYS)
catalog = GlueCatalog(
    "glue",
    **{"glue.endpoint": ENDPOINT, "glue.region": "us-east-1", "glue.access-key-id": "test",
       "glue.secret-access-key": "test", "s3.endpoint": ENDPOINT, "s3.region": "us-east-1",
       "s3.access-key-id": "test", "s3.secret-access-key": "test"},
)


class DeleteManifest(ManifestWriterV2):
    """PyIceberg writes no delete files of its own."""

    def content(self):
        return ManifestContent.DELETES

    @property
    def _meta(self):
        return {**super()._meta, "content": "deletes"}


def commit_deletes(table, files):
    """Adds a snapshot with one manifest of delete files."""
    io, parent = table.io, table.current_snapshot()
    snapshot_id, sequence = table.metadata.new_snapshot_id(), table.metadata.next_sequence_number()
    name = f"{table.location()}/metadata/deletes-{sequence}"
    manifests = parent.manifests(io)
    for spec_id in {file.spec_id for file in files}:
        with DeleteManifest(
            table.specs()[spec_id], table.schema(), io.new_output(f"{name}-{spec_id}.avro"), snapshot_id, "deflate"
        ) as writer:
            for file in (file for file in files if file.spec_id == spec_id):
                writer.add_entry(
                    ManifestEntry.from_args(
                        status=ManifestEntryStatus.ADDED, snapshot_id=snapshot_id, sequence_number=None,
                        file_sequence_number=None, data_file=file,
                    )
                )
        manifests.append(writer.to_manifest_file())
    with write_manifest_list(
        2, io.new_output(f"{name}-list.avro"), snapshot_id, parent.snapshot_id, sequence, "deflate"
    ) as writer:
        writer.add_manifests(manifests)
    snapshot = Snapshot(
        snapshot_id=snapshot_id, parent_snapshot_id=parent.snapshot_id, sequence_number=sequence,
        timestamp_ms=int(datetime.datetime.now().timestamp() * 1000), manifest_list=f"{name}-list.avro",
        summary=Summary(Operation.DELETE), schema_id=table.schema().schema_id,
    )
    catalog.commit_table(
        table, (AssertRefSnapshotId(snapshot_id=parent.snapshot_id, ref="main"),),
        (AddSnapshotUpdate(snapshot=snapshot),
         SetSnapshotRefUpdate(ref_name="main", type="branch", snapshot_id=snapshot_id)),
    )
    return table.refresh()


def delete_file(table, name, columns, content, partition, spec_id=0, equality_ids=None):
    """Writes a delete file; `columns` are (id, name, values)."""
    fields = [pa.field(n, pa.array(v).type, metadata={"PARQUET:field_id": str(i)}) for i, n, v in columns]
    url = f"{table.location()}/data/{name}.parquet"
    rows = pa.Table.from_arrays([pa.array(v) for _, _, v in columns], schema=pa.schema(fields))
    with table.io.new_output(url).create(overwrite=True) as out:
        pq.write_table(rows, out)
    file = DataFile.from_args(
        content=content, file_path=url, file_format=FileFormat.PARQUET, partition=partition,
        record_count=len(rows), file_size_in_bytes=len(table.io.new_input(url)), equality_ids=equality_ids,
    )
    file.spec_id = spec_id
    return file


def keep(table):
    """Copies the table's objects into this folder."""
    folder = HERE / table.name()[1]
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=f"{table.name()[1]}/"):
        for item in page["Contents"]:
            target = HERE / item["Key"]
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(s3.get_object(Bucket=BUCKET, Key=item["Key"])["Body"].read())
    (folder / "CURRENT").write_text(table.metadata_location + "\n")


def create(name, schema, spec=PartitionSpec(), **properties):
    return catalog.create_table(("fixtures", name), schema, location=f"s3://{BUCKET}/{name}", partition_spec=spec,
                                properties=properties)


LETTERS = Schema(NestedField(1, "id", LongType()), NestedField(2, "letter", StringType()))


def letters(table, *rows):
    schema = schema_to_pyarrow(table.schema(), include_field_ids=False)
    return pa.Table.from_pylist([{"id": i, "letter": letter} for i, letter in rows], schema=schema)


def deleted():
    """Six rows in two partitions: deletes by position in the one and by equality in both, after
    which a row that equals a deleted one is added again."""
    table = create("deleted", LETTERS, PartitionSpec(PartitionField(2, 1000, IdentityTransform(), "letter")))
    table.append(letters(table, (1, "a"), (2, "a"), (3, "a"), (4, "b"), (5, "b"), (None, "b")))
    of_a = next(t.file.file_path for t in table.scan(row_filter="letter = 'a'").plan_files())
    position = delete_file(
        table, "positions", [(2147483546, "file_path", [of_a]), (2147483545, "pos", [0])],
        DataFileContent.POSITION_DELETES, Record("a"),
    )
    table = commit_deletes(table, [position])
    equality = [
        delete_file(table, f"equal-{letter}", [(1, "id", ids)], DataFileContent.EQUALITY_DELETES, Record(letter),
                    equality_ids=[1])
        for letter, ids in (("a", pa.array([3, 5], pa.int64())), ("b", pa.array([4, None], pa.int64())))
    ]
    table = commit_deletes(table, equality)
    table.append(letters(table, (4, "b")))
    keep(table)


def evolved():
    """A column that is renamed, one of its old name that is another, and a struct that grows."""
    table = create("evolved", Schema(
        NestedField(1, "id", LongType()), NestedField(2, "name", StringType()),
        NestedField(3, "at", StructType(NestedField(4, "x", LongType()), NestedField(5, "y", LongType()))),
    ))
    table.append(pa.Table.from_pylist([{"id": 1, "name": "old", "at": {"x": 1, "y": 2}}],
                                      schema=schema_to_pyarrow(table.schema(), include_field_ids=False)))
    with table.update_schema() as update:
        update.rename_column("name", "title")
        update.rename_column(("at", "y"), "z")
        update.delete_column(("at", "x"))
    with table.update_schema() as update:
        update.add_column("name", StringType())
    table.append(pa.Table.from_pylist([{"id": 2, "title": "t", "at": {"z": 4}, "name": "n"}],
                                      schema=schema_to_pyarrow(table.schema(), include_field_ids=False)))
    keep(table)


s3.create_bucket(Bucket=BUCKET)
glue.create_database(DatabaseInput={"Name": "fixtures"})
deleted()
evolved()
