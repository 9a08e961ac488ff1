"""Writes the tables of this folder: `orders` with delta-rs, the others by the protocol's words, as
delta-rs writes neither deletion vectors nor mapped columns.

    python make.py

Takes deltalake and pyarrow. Run again, it writes other names of files, and the tests stay as they are.
"""

import binascii
import datetime
import decimal
import json
import pathlib
import shutil
import struct
import uuid

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable, write_deltalake

HERE = pathlib.Path(__file__).parent
UTC = datetime.timezone.utc


def folder(name):
    path = HERE / name
    shutil.rmtree(path, ignore_errors=True)
    (path / "_delta_log").mkdir(parents=True)
    return path


def orders():
    """Partitioned, with rows deleted, a checkpoint without the commits before it, and one after it."""
    path = folder("orders")
    (path / "_delta_log").rmdir()
    schema = pa.schema([
        ("Country", pa.string()),
        ("id", pa.int64()),
        ("day", pa.date32()),
        ("amount", pa.decimal128(10, 2)),
        ("at", pa.timestamp("us", "UTC")),
        ("local", pa.timestamp("us")),
        ("tags", pa.list_(pa.string())),
        ("address", pa.struct([("City", pa.string()), ("zip", pa.int32())])),
    ])

    def rows(*rows):
        rows = [
            {
                "Country": country, "id": id, "day": datetime.date(2024, 2, day),
                "amount": decimal.Decimal(id) / 4,
                "at": datetime.datetime(2024, 2, day, 12, 30, 15, 123500, UTC),
                "local": datetime.datetime(2024, 2, day, 12, 30, 15, 123456),
                "tags": [f"t{id}", None], "address": {"City": f"Città {id}", "zip": id * 100},
            }
            for country, id, day in rows
        ]
        return pa.Table.from_pylist(rows, schema=schema)

    def append(table):
        write_deltalake(path, table, mode="append", partition_by=["Country", "day"])

    append(rows(("it", 1, 1), ("it", 2, 1), ("a b/ü%", 3, 1)))
    append(rows((None, 4, 2), ("it", 5, 2)))
    DeltaTable(path).delete("id = 2")
    table = DeltaTable(path)
    table.create_checkpoint()
    append(rows(("de", 6, 3)))
    for version in range(3):
        (path / "_delta_log" / f"{version:020}.json").unlink()
    # The file of the deleted row is still there, as nobody has vacuumed.


def log(path, version, *actions):
    lines = "".join(json.dumps(action) + "\n" for action in actions)
    (path / "_delta_log" / f"{version:020}.json").write_text(lines)


def field(name, kind, **metadata):
    metadata = {f"delta.columnMapping.{key}": value for key, value in metadata.items()}
    return {"name": name, "type": kind, "nullable": True, "metadata": metadata}


def metadata(fields, partition_columns=(), **configuration):
    return {"metaData": {
        "id": str(uuid.uuid4()), "format": {"provider": "parquet", "options": {}},
        "schemaString": json.dumps({"type": "struct", "fields": fields}),
        "partitionColumns": list(partition_columns), "configuration": configuration, "createdTime": 0,
    }}


def add(path, name, table, partition_values=None, **more):
    pq.write_table(table, path / name)
    return {"add": {
        "path": name, "partitionValues": partition_values or {}, "size": (path / name).stat().st_size,
        "modificationTime": 0, "dataChange": True, **more,
    }}


ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"


def z85(data):
    data += b"\0" * (-len(data) % 4)
    text = ""
    for at in range(0, len(data), 4):
        number = int.from_bytes(data[at:at + 4], "big")
        text += "".join(ALPHABET[number // 85**power % 85] for power in range(4, -1, -1))
    return text


def bitmap(places):
    """A 64-bit Roaring bitmap of places below 65,536, in one container that is an array."""
    container = struct.pack(f"<IIHHI{len(places)}H", 12346, 1, 0, len(places) - 1, 16, *places)
    return struct.pack("<IQI", 1681511377, 1, 0) + container


def deleted():
    """Rows deleted by a vector in a file, and by one in the log; the first was another at first."""
    path = folder("deleted")
    features = ["deletionVectors"]
    protocol = {"protocol": {
        "minReaderVersion": 3, "minWriterVersion": 7, "readerFeatures": features, "writerFeatures": features,
    }}
    numbers = pa.table({"id": list(range(10))})
    more = pa.table({"id": list(range(10, 15))})
    stats = json.dumps({
        "numRecords": 10, "minValues": {"id": 0}, "maxValues": {"id": 9}, "nullCount": {"id": 0}, "tightBounds": False,
    })

    name, blob = uuid.uuid5(uuid.NAMESPACE_URL, "vectors"), b"\1"
    vectors = []
    for places in ([1], [0, 1, 9]):
        data = bitmap(places)
        vectors.append({
            "storageType": "u", "pathOrInlineDv": "ab" + z85(name.bytes), "offset": len(blob),
            "sizeInBytes": len(data), "cardinality": len(places),
        })
        blob += struct.pack(">I", len(data)) + data + struct.pack(">I", binascii.crc32(data))
    (path / "ab").mkdir()
    (path / "ab" / f"deletion_vector_{name}.bin").write_bytes(blob)
    inline = bitmap([2])
    inline = {
        "storageType": "i", "pathOrInlineDv": z85(inline), "sizeInBytes": len(inline), "cardinality": 1,
    }
    first = add(path, "one.parquet", numbers, stats=stats, deletionVector=vectors[0])
    log(path, 0, protocol, metadata([field("id", "long")]), first)
    again = {"add": {**first["add"], "deletionVector": vectors[1]}}
    removed = {"remove": {
        "path": "one.parquet", "deletionVector": vectors[0], "deletionTimestamp": 0, "dataChange": True,
    }}
    log(path, 1, removed, again, add(path, "two.parquet", more, deletionVector=inline))


def mapped(mode):
    """Columns renamed, and one dropped and added again under its old name."""
    path = folder(f"mapped_by_{mode}")
    protocol = {"protocol": {"minReaderVersion": 2, "minWriterVersion": 5}}
    inner = {"type": "struct", "fields": [field("Street", "string", id=4, physicalName="col-d")]}
    fields = [
        field("Id", "long", id=1, physicalName="col-a"),
        field("country", "string", id=2, physicalName="col-b"),
        field("address", inner, id=3, physicalName="col-c"),
        field("note", "string", id=6, physicalName="col-f"),
    ]
    ids = {"col-a": 1, "col-c": 3, "col-d": 4, "note": 5}
    if mode == "id":
        # Found by their ids, whatever the file calls them.
        names = {"col-a": "x", "col-c": "y", "col-d": "z", "note": "col-f"}
    else:
        names = {name: name for name in ids}

    def typed(name, kind):
        return pa.field(names[name], kind, metadata={b"PARQUET:field_id": str(ids[name]).encode()})

    street = typed("col-d", pa.string())
    schema = pa.schema([typed("col-a", pa.int64()), typed("col-c", pa.struct([street])), typed("note", pa.string())])
    rows = pa.Table.from_arrays(
        [
            pa.array([1, 2], pa.int64()),
            pa.array([{names["col-d"]: "Via Roma"}, None], pa.struct([street])),
            pa.array(["dropped", "dropped"]),
        ],
        schema=schema,
    )
    configuration = {"delta.columnMapping.mode": mode, "delta.columnMapping.maxColumnId": "6"}
    log(
        path, 0, protocol, metadata(fields, ["country"], **configuration),
        add(path, "a%20b.parquet".replace("%20", " "), rows, {"col-b": "it"}),
    )
    # A path in the log is percent-encoded.
    text = (path / "_delta_log" / f"{0:020}.json").read_text()
    (path / "_delta_log" / f"{0:020}.json").write_text(text.replace("a b.parquet", "a%20b.parquet"))


orders()
deleted()
mapped("name")
mapped("id")
